//! What is said of the code that reads a reply: every line marked `SCRAPED` bears such a finding, and
//! no other line does. Each case of `tests/call_sites/replies.txt` is a file.

use std::fmt::Write as _;
use std::path::Path;

use deprompt::catalog::Catalog;
use deprompt::check::check_all;
use deprompt::finding::Category;
use deprompt::pipeline::{Options, STACK_BYTES, analyze};
use deprompt::rules::RuleSet;
use deprompt::vfs::Overlay;

type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

/// The lines of a file that bear a finding and should not, or the other way round.
fn wrong(catalog: &Catalog, rules: &RuleSet, name: &str, code: &str) -> Vec<String> {
    let root = Path::new("/project");
    let path = root.join(name);
    let mut fs = Overlay::in_memory();
    fs.insert(path.clone(), code.as_bytes());
    let analysis = analyze(root, &[path], &fs, catalog, rules, &Options::default());
    let found: Vec<(usize, String)> = check_all(&analysis.calls, &analysis.files, rules)
        .into_iter()
        .filter(|f| f.category == Category::OutputScraping)
        .map(|f| {
            let file = analysis.files.get(f.primary.file);
            (file.line_index(f.primary.span.start), f.rule)
        })
        .collect();
    let mut out = Vec::new();
    for (i, line) in code.lines().enumerate() {
        let want = line.contains("SCRAPED");
        let got: Vec<&str> = found
            .iter()
            .filter(|(l, _)| *l == i)
            .map(|(_, r)| r.as_str())
            .collect();
        if want == got.is_empty() {
            out.push(format!("{name}:{}: {line} {got:?}", i + 1));
        }
    }
    out
}

#[test]
fn readers_of_replies() -> Result {
    let (catalog, rules) = (Catalog::builtin()?, RuleSet::builtin()?);
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(2)
        .stack_size(STACK_BYTES)
        .build()?;
    let mut report = String::new();
    for case in include_str!("call_sites/replies.txt").split("=== ").skip(1) {
        let Some((name, code)) = case.split_once('\n') else {
            continue;
        };
        for line in pool.install(|| wrong(&catalog, &rules, name.trim(), code)) {
            writeln!(report, "{line}")?;
        }
    }
    assert!(report.is_empty(), "\n{report}");
    Ok(())
}
