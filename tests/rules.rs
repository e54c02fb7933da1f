//! The embedded rules: complete, well-formed, and true to their own cases.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use deprompt::rules::{Kind, RuleSet, builtin, cases};

type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

fn toml_files(dir: &Path, out: &mut Vec<PathBuf>) -> Result {
    for entry in std::fs::read_dir(dir)? {
        let path = entry?.path();
        if path.is_dir() {
            toml_files(&path, out)?;
        } else if path.extension().is_some_and(|e| e == "toml") {
            out.push(path);
        }
    }
    Ok(())
}

#[test]
fn every_rule_file_is_embedded() -> Result {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("rules");
    let mut files = Vec::new();
    toml_files(&root, &mut files)?;
    let on_disk: BTreeSet<String> = files
        .iter()
        .filter_map(|f| f.strip_prefix(&root).ok())
        .map(|f| f.to_string_lossy().replace('\\', "/"))
        .filter(|f| !f.starts_with("apis/"))
        .collect();
    let embedded: BTreeSet<String> = builtin::RULES
        .iter()
        .chain(builtin::VOCABULARY)
        .map(|(p, _)| (*p).to_owned())
        .collect();
    assert_eq!(on_disk, embedded);
    Ok(())
}

#[test]
fn every_pattern_compiles() -> Result {
    RuleSet::builtin()?.check_patterns()?;
    Ok(())
}

#[test]
fn every_case_holds() -> Result {
    let report = cases::run(&RuleSet::builtin()?);
    let failures: Vec<String> = report
        .failures
        .iter()
        .map(|f| format!("{}: {:?}: {}", f.rule, f.prompt, f.message))
        .collect();
    assert!(
        failures.is_empty(),
        "{} of {}:\n{}",
        failures.len(),
        report.run,
        failures.join("\n")
    );
    Ok(())
}

#[test]
fn every_rule_says_what_and_why_and_has_cases() -> Result {
    let rules = RuleSet::builtin()?;
    for r in rules.iter() {
        assert!(!r.what.is_empty() && !r.why.is_empty(), "{}", r.id);
        assert!(
            !r.matches.is_empty() && !r.no_matches.is_empty(),
            "{}",
            r.id
        );
        if r.category.is_some() {
            assert!(!r.instead.is_empty(), "{}", r.id);
        }
        if r.kind == Kind::Task {
            assert_eq!(r.suggest.len(), 3, "{}", r.id);
        }
    }
    Ok(())
}

#[test]
fn the_document_of_the_rules_is_current() -> Result {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/rules.md");
    let document = deprompt::rules::markdown::document(&RuleSet::builtin()?);
    assert!(
        std::fs::read_to_string(path)?.replace("\r\n", "\n") == document,
        "docs/rules.md is old: deprompt rules --no-config --output-format markdown > docs/rules.md"
    );
    Ok(())
}
