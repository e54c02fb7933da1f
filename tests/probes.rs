//! Sentences by category, written for the rules and not taken from any program: what is
//! deterministic must be seen as such, what only sounds so must not.
//!
//! `mixed.txt` was written after the rules, as a sample of what they do not know.
//!
//! One a line in `probes/<category>.txt`: `+` the whole call is deterministic, `~` a model is needed
//! and the category's work stands beside, `-` nothing of the category; `?` before it: a known miss.
//! `*` and `/` are `~` and `-` for one sentence that stands in the prompt of an application
//! (`BESIDE`): the words of such prompts are what the rules have to know most.
//! `\n` is a line break, `{name: type}` a hole, `|| tools=1` a number of tools.

use std::path::Path;

use deprompt::check;
use deprompt::finding::Verdict;
use deprompt::rules::schema::Case;
use deprompt::rules::{RuleSet, cases};

/// The work that a sentence marked `*` or `/` stands beside.
const BESIDE: (&str, &str) = (
    "Write a thoughtful reply to the customer.\n\n",
    "\n\n{message}",
);

type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

/// Why a probe does not hold; `None` where it does.
fn failure(rules: &RuleSet, category: &str, sign: char, text: &str) -> Result<Option<String>> {
    let (prompt, tools) = match text.split_once(" || tools=") {
        Some((p, n)) => (p, n.trim().parse()?),
        None => (text, 0),
    };
    let prompt = prompt.replace("\\n", "\n");
    let beside = matches!(sign, '*' | '/');
    let case = Case {
        prompt: if beside {
            [BESIDE.0, &prompt, BESIDE.1].concat()
        } else {
            prompt
        },
        // A weak contract counts only if the program reads the reply.
        reply: if category == "output-contract" {
            vec!["split: ,".to_owned()]
        } else {
            Vec::new()
        },
        tools,
        ..Case::default()
    };
    let (call, files) = cases::call_of(&case)?;
    let mut findings = check::check_all(std::slice::from_ref(&call), &files, rules);
    findings.retain(|f| rules.rule(&f.rule).is_none_or(|r| r.default));
    let found = findings.iter().any(|f| f.category.as_str() == category);
    let replace = findings.iter().any(|f| f.verdict == Verdict::Replace);
    let wrong = match sign {
        '+' => !replace,
        '~' | '*' => !found || replace,
        _ => found || replace,
    };
    if !wrong {
        return Ok(None);
    }
    let what: Vec<String> = findings
        .iter()
        .map(|f| format!("{} {}", f.verdict.as_str(), f.rule))
        .collect();
    Ok(Some(format!(
        "{category} {sign} {text}\n      found: {}; claims: {}",
        what.join(", "),
        check::claiming_rules(&call, rules).join(", ")
    )))
}

#[test]
fn probes_hold() -> Result {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let rules = RuleSet::with_dirs(&[root.join("rules")])?;
    let mut paths: Vec<_> = std::fs::read_dir(root.join("tests/probes"))?
        .map(|e| e.map(|e| e.path()))
        .collect::<std::result::Result<_, _>>()?;
    paths.sort();
    let mut wrong = Vec::new();
    let mut table = String::new();
    for path in paths {
        let category = path
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let (mut all, mut missed, mut known) = (0, 0, 0);
        for line in std::fs::read_to_string(&path)?.lines() {
            let (is_known, line) = line.strip_prefix('?').map_or((false, line), |l| (true, l));
            let Some(sign) = line.chars().next() else {
                continue;
            };
            let text = line.get(1..).unwrap_or_default().trim();
            all += 1;
            let failed = failure(&rules, &category, sign, text)?;
            known += usize::from(is_known && failed.is_some());
            match failed {
                Some(f) if !is_known => {
                    missed += 1;
                    wrong.push(f);
                }
                None if is_known => wrong.push(format!("{category} holds now: {line}")),
                _ => {}
            }
        }
        table += &format!("{category:12} {all:3} probes, {missed:3} wrong, {known} known misses\n");
    }
    assert!(wrong.is_empty(), "{}\n{table}", wrong.join("\n"));
    Ok(())
}
