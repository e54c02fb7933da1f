//! `deprompt test-rules`: rules tried on the examples in their own files.

use std::io::Write;
use std::path::{Path, PathBuf};

use super::project::Project;
use super::{Error, SettingsArgs, output};
use crate::discover::absolute;
use crate::exit::ExitStatus;
use crate::rules::cases::CaseReport;
use crate::rules::{self, RuleSet};

pub(super) fn run(path: Option<&Path>, settings: &SettingsArgs) -> Result<ExitStatus, Error> {
    let project = Project::open(&[PathBuf::from(".")], settings)?;
    let report = outcomes(path, &project)?;
    let mut out = output::stdout();
    for f in &report.failures {
        writeln!(out, "{}: {}: {:?}", f.rule, f.message, f.prompt)?;
    }
    let failed = report.failures.len();
    writeln!(out, "{} examples, {failed} failed", report.run)?;
    out.flush()?;
    Ok(if failed == 0 {
        ExitStatus::Clean
    } else {
        ExitStatus::Findings
    })
}

/// Runs the examples of the rules at `path`, or of all loaded rules.
fn outcomes(path: Option<&Path>, project: &Project) -> Result<CaseReport, Error> {
    let Some(path) = path else {
        return Ok(rules::cases::run(&project.rule_set));
    };
    let wrong = |source| Error::File {
        path: path.display().to_string(),
        source,
    };
    // Rules are known by absolute paths, however the path was written.
    let path = absolute(path, &project.base.working_directory);
    let single = std::fs::metadata(&path).map_err(wrong)?.is_file();
    let directory = if single {
        path.parent().unwrap_or(Path::new("."))
    } else {
        &path
    };
    let set = RuleSet::with_dirs(&[directory.to_owned()])?;
    let mut report = CaseReport::default();
    for rule in set.iter() {
        let wanted = if single {
            rule.path == path
        } else {
            rule.path.starts_with(&path)
        };
        if wanted {
            report.add(rules::cases::run_rule(&set, rule));
        }
    }
    Ok(report)
}
