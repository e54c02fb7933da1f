//! Directories of the user's own rules.

use deprompt::rules::RuleSet;

type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

const RULE: &str = r#"
id = "compute-moon-phase"
category = "compute"
kind = "task"
what = "The phase of the moon"
any = ['\b{calc}\b.{0,20}\b{moon}\b']
"#;

#[test]
fn a_directory_adds_rules_and_words() -> Result {
    let dir = tempfile::tempdir()?;
    std::fs::create_dir_all(dir.path().join("vocabulary"))?;
    std::fs::create_dir_all(dir.path().join("compute"))?;
    std::fs::write(
        dir.path().join("vocabulary/sky.toml"),
        "[words]\nmoon = ['moon phase']\n",
    )?;
    std::fs::write(dir.path().join("compute/compute-moon-phase.toml"), RULE)?;
    let rules = RuleSet::with_dirs(&[dir.path().to_owned()])?;
    assert!(rules.rule("compute-moon-phase").is_some());
    assert!(rules.rule("compute-count").is_some());
    let sorted = rules.iter().map(|r| r.id.as_str()).is_sorted();
    assert!(sorted);
    Ok(())
}

#[test]
fn a_bad_pattern_is_named_with_its_line() -> Result {
    let dir = tempfile::tempdir()?;
    std::fs::write(dir.path().join("compute-moon-phase.toml"), RULE)?;
    let error = RuleSet::with_dirs(&[dir.path().to_owned()])
        .err()
        .ok_or("no error")?
        .to_string();
    assert!(error.contains("compute-moon-phase.toml:6"), "{error}");
    assert!(error.contains("no word list is called `{moon}`"), "{error}");
    Ok(())
}
