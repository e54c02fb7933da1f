//! `deprompt test-rules`: rules and APIs tried on the examples in their own files.

use std::io::Write;
use std::path::{Path, PathBuf};

use super::project::Project;
use super::{Error, SettingsArgs, output};
use crate::catalog::Catalog;
use crate::catalog::cases::{self, ExampleReport};
use crate::discover::absolute;
use crate::exit::ExitStatus;
use crate::pipeline::STACK_BYTES;
use crate::rules::cases::CaseReport;
use crate::rules::{self, RuleSet};

/// What became of the examples.
#[derive(Default)]
struct Outcome {
    rules: CaseReport,
    apis: ExampleReport,
}

pub(super) fn run(path: Option<&Path>, settings: &SettingsArgs) -> Result<ExitStatus, Error> {
    let mut project = Project::open(&[PathBuf::from(".")], settings)?;
    let outcome = outcome(path, &mut project)?;
    let mut out = output::stdout();
    for f in &outcome.rules.failures {
        writeln!(out, "{}: {}: {:?}", f.rule, f.message, f.prompt)?;
    }
    for f in &outcome.apis.failures {
        writeln!(out, "{}, example {}:", f.sdk, f.number)?;
        for line in f.message.lines() {
            writeln!(out, "    {line}")?;
        }
    }
    let run = outcome.rules.run + outcome.apis.run;
    let failed = outcome.rules.failures.len() + outcome.apis.failures.len();
    writeln!(out, "{run} examples, {failed} failed")?;
    out.flush()?;
    Ok(if failed == 0 {
        ExitStatus::Clean
    } else {
        ExitStatus::Findings
    })
}

/// Runs the examples at `path`, or of all loaded rules and of the APIs of the settings.
fn outcome(path: Option<&Path>, project: &mut Project) -> Result<Outcome, Error> {
    let Some(path) = path else {
        return Ok(Outcome {
            rules: rules::cases::run(&project.rule_set),
            apis: examples(project, &project.api_files)?,
        });
    };
    let wrong = |source| Error::File {
        path: path.display().to_string(),
        source,
    };
    // Rules are known by absolute paths, however the path was written.
    let path = absolute(path, &project.base.working_directory);
    let single = std::fs::metadata(&path).map_err(wrong)?.is_file();
    if single {
        let name = path.display().to_string();
        let text = std::fs::read_to_string(&path).map_err(wrong)?;
        if Catalog::is_catalog(&text) {
            if !project.api_files.contains(&name) {
                project.catalog.add(&name, &text)?;
            }
            return Ok(Outcome {
                apis: examples(project, &[name])?,
                ..Outcome::default()
            });
        }
    }
    Ok(Outcome {
        rules: cases_below(&path, single)?,
        ..Outcome::default()
    })
}

/// Runs the examples of the APIs of these files.
fn examples(project: &Project, files: &[String]) -> Result<ExampleReport, Error> {
    if files.is_empty() {
        return Ok(ExampleReport::default());
    }
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(1)
        .stack_size(STACK_BYTES)
        .build()?;
    Ok(pool.install(|| {
        cases::run(&project.catalog, &project.rule_set, |sdk| {
            files.contains(&sdk.path)
        })
    }))
}

/// Runs the examples of the rules in a file or below a directory.
fn cases_below(path: &Path, single: bool) -> Result<CaseReport, Error> {
    let directory = if single {
        path.parent().unwrap_or(Path::new("."))
    } else {
        path
    };
    let set = RuleSet::with_dirs(&[directory.to_owned()])?;
    let mut report = CaseReport::default();
    for rule in set.iter() {
        let wanted = if single {
            rule.path == path
        } else {
            rule.path.starts_with(path)
        };
        if wanted {
            report.add(rules::cases::run_rule(&set, rule));
        }
    }
    Ok(report)
}
