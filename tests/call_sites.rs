//! The shapes in which programs call models: every line marked `CALL` starts a call or holds it, and
//! no other call is found; every line marked `SCRAPED` bears a finding on the reply, and no other
//! line does. Each case of `tests/call_sites/*.txt` is a project of one or more files.

mod in_memory;

use std::fmt::Write as _;
use std::path::PathBuf;

use deprompt::catalog::Catalog;
use deprompt::check::check_all;
use deprompt::finding::Category;
use deprompt::rules::RuleSet;

use in_memory::{Result, analysis, on_a_pool, root};

/// A case: its name, and the files of its project.
type Case<'t> = (&'t str, Vec<(String, String)>);

/// The parts of a text that follow lines beginning with a mark, with what those lines say.
fn parts<'t>(text: &'t str, mark: &str) -> Vec<(&'t str, String)> {
    let mut out: Vec<(&str, String)> = Vec::new();
    for line in text.lines() {
        match (line.strip_prefix(mark), out.last_mut()) {
            (Some(name), _) => out.push((name.trim(), String::new())),
            (None, Some((_, body))) => {
                body.push_str(line);
                body.push('\n');
            }
            (None, None) => {}
        }
    }
    out
}

fn cases(text: &str) -> Vec<Case<'_>> {
    parts(text, "=== ")
        .into_iter()
        .map(|(name, body)| {
            let extension = name.rsplit_once('.').map_or("", |(_, e)| e);
            let mut files: Vec<(String, String)> = parts(&body, "--- ")
                .into_iter()
                .map(|(path, code)| (path.to_owned(), code))
                .collect();
            if files.is_empty() {
                files.push((format!("main.{extension}"), body));
            }
            (name, files)
        })
        .collect()
}

/// What is wrong with a case: lines without their call, calls without a line.
fn wrong_calls(catalog: &Catalog, rules: &RuleSet, files: &[(String, String)]) -> Vec<String> {
    let mut wanted: Vec<(PathBuf, usize)> = Vec::new();
    for (name, code) in files {
        wanted.extend(
            code.lines()
                .enumerate()
                .filter(|(_, l)| l.contains("// CALL") || l.contains("# CALL"))
                .map(|(i, _)| (root().join(name), i)),
        );
    }
    let analysis = analysis(catalog, rules, files);
    let mut out = Vec::new();
    for call in &analysis.calls {
        let file = analysis.files.get(call.location.file);
        let first = file.line_index(call.location.span.start);
        let last = file.line_index(call.location.span.end);
        let mut at = wanted
            .iter()
            .position(|(p, l)| p == file.path() && *l == first);
        if at.is_none() {
            at = wanted
                .iter()
                .position(|(p, l)| p == file.path() && (first..=last).contains(l));
        }
        match at {
            Some(i) => {
                wanted.remove(i);
            }
            None => out.push(format!(
                "no call: {}:{} {}",
                file.path().display(),
                first + 1,
                call.api
            )),
        }
    }
    out.extend(
        wanted
            .iter()
            .map(|(p, l)| format!("not found: {}:{}", p.display(), l + 1)),
    );
    out
}

/// The lines of a case that bear a finding on the reply and should not, or the other way round.
fn wrong_replies(catalog: &Catalog, rules: &RuleSet, files: &[(String, String)]) -> Vec<String> {
    let analysis = analysis(catalog, rules, files);
    let found: Vec<(PathBuf, usize, String)> = check_all(&analysis.calls, &analysis.files, rules)
        .into_iter()
        .filter(|f| f.category == Category::OutputScraping)
        .map(|f| {
            let file = analysis.files.get(f.primary.file);
            let line = file.line_index(f.primary.span.start);
            (file.path().to_owned(), line, f.rule)
        })
        .collect();
    let mut out = Vec::new();
    for (name, code) in files {
        let path = root().join(name);
        for (i, line) in code.lines().enumerate() {
            let got: Vec<&str> = found
                .iter()
                .filter(|(p, l, _)| *p == path && *l == i)
                .map(|(_, _, r)| r.as_str())
                .collect();
            if line.contains("SCRAPED") == got.is_empty() {
                out.push(format!("{name}:{}: {line} {got:?}", i + 1));
            }
        }
    }
    out
}

/// What is wrong with the files of a case.
type Judge = fn(&Catalog, &RuleSet, &[(String, String)]) -> Vec<String>;

fn check(text: &str, wrong: Judge) -> Result {
    let (catalog, rules) = (Catalog::builtin()?, RuleSet::builtin()?);
    let mut report = String::new();
    for (name, files) in cases(text) {
        for line in on_a_pool(|| wrong(&catalog, &rules, &files))? {
            writeln!(report, "{name}: {line}")?;
        }
    }
    assert!(report.is_empty(), "\n{report}");
    Ok(())
}

#[test]
fn calls_in_python() -> Result {
    check(include_str!("call_sites/python.txt"), wrong_calls)
}

#[test]
fn calls_in_typescript() -> Result {
    check(include_str!("call_sites/typescript.txt"), wrong_calls)
}

#[test]
fn calls_in_rust() -> Result {
    check(include_str!("call_sites/rust.txt"), wrong_calls)
}

#[test]
fn readers_of_replies() -> Result {
    check(include_str!("call_sites/replies.txt"), wrong_replies)
}
