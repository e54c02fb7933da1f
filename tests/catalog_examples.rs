//! Every example of the built-in API catalog gives exactly the calls that it lists.

mod in_memory;

use deprompt::catalog::{Catalog, cases};
use deprompt::rules::RuleSet;

use in_memory::{Result, on_a_pool};

#[test]
fn every_example_gives_the_calls_it_lists() -> Result {
    let catalog = Catalog::builtin()?;
    let rules = RuleSet::builtin()?;
    // For work on one SDK: its id.
    let only = std::env::var("DEPROMPT_SDK").ok();
    let wanted = |id: &str| only.as_ref().is_none_or(|o| o == id);
    let report = on_a_pool(|| cases::run(&catalog, &rules, |sdk| wanted(&sdk.id)))?;
    let failures: Vec<String> = report
        .failures
        .iter()
        .map(|f| {
            let code = f.code.trim_end();
            format!(
                "{} ({:?}), example {}\n{code}\n{}",
                f.sdk, f.language, f.number, f.message
            )
        })
        .collect();
    assert!(
        failures.is_empty(),
        "of {} examples, {} of them pending:\n{}",
        report.run,
        report.pending,
        failures.join("\n")
    );
    Ok(())
}
