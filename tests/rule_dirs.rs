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

#[test]
fn a_word_that_is_no_pattern_is_named_with_its_list() -> Result {
    let dir = tempfile::tempdir()?;
    let file = dir.path().join("vocabulary/own.toml");
    std::fs::create_dir_all(dir.path().join("vocabulary"))?;
    // What the embedded rules use: they would say nothing any more.
    std::fs::write(&file, "[words]\nreply = [\n  'letter',\n  '(',\n]\n")?;
    let error = RuleSet::with_dirs(&[dir.path().to_owned()])
        .err()
        .ok_or("no error")?
        .to_string();
    assert!(error.contains("own.toml:4"), "{error}");
    assert!(error.contains("`(` in the list `reply`"), "{error}");
    std::fs::write(&file, "[words]\nreply = ['letter']\n")?;
    RuleSet::with_dirs(&[dir.path().to_owned()])?.check_patterns()?;
    Ok(())
}

#[test]
fn a_condition_on_a_parameter_that_is_no_pattern_is_an_error() -> Result {
    let dir = tempfile::tempdir()?;
    let file = dir.path().join("compute-moon-phase.toml");
    let rule = |model: &str| {
        let words = RULE.replace("{moon}", "moon");
        format!("{words}\n[when.parameters]\nmodel = '{model}'\n")
    };
    std::fs::write(&file, rule("(m"))?;
    assert!(RuleSet::with_dirs(&[dir.path().to_owned()]).is_err());
    std::fs::write(&file, rule("^m"))?;
    RuleSet::with_dirs(&[dir.path().to_owned()])?;
    Ok(())
}

#[test]
fn two_rules_of_ones_own_with_one_id_are_an_error() -> Result {
    let dir = tempfile::tempdir()?;
    let rule = RULE.replace("{moon}", "moon");
    for folder in ["first", "second"] {
        let folder = dir.path().join(folder);
        std::fs::create_dir_all(&folder)?;
        std::fs::write(folder.join("compute-moon-phase.toml"), &rule)?;
    }
    let error = RuleSet::with_dirs(&[dir.path().to_owned()])
        .err()
        .ok_or("no error")?
        .to_string();
    assert!(error.contains("is also defined in"), "{error}");
    Ok(())
}
