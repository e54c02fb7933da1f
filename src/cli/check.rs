//! `deprompt check`.

use super::input::{Input, Listing};
use super::project::Project;
use super::{CheckArgs, Error, Terminal, input, output};
use crate::exit::ExitStatus;
use crate::finding::Severity;
use crate::report::{self, Format, Report, statistics};
use crate::select::filter::Filter;
use crate::select::{FailOn, Layer, Selector};

pub(super) fn run(args: &CheckArgs, terminal: Terminal) -> Result<ExitStatus, Error> {
    if args.output.statistics && !matches!(args.output_format, Format::Full | Format::Concise) {
        return Err(Error::Usage(
            "--statistics is text; for counts in JSON read `summary` of --output-format json"
                .to_owned(),
        ));
    }
    let project = Project::open(&input::anchors(&args.files), &args.settings)?;
    project.announce(terminal);
    let command_line = command_line(args, &project)?;
    let listing = match args.output_format {
        Format::Full | Format::Concise => Listing::Text,
        Format::Json => Listing::Json,
        Format::Sarif | Format::Github => Listing::None,
    };
    let analysis = match input::analyze(&args.files, &project, true, listing, terminal)? {
        Input::Analyzed(analysis) => analysis,
        Input::Listed(notices) => {
            output::notices(&notices, &project.base, terminal);
            return Ok(input::status(&notices));
        }
    };
    let settings = &project.settings;
    let least = least_confidence(&command_line, &settings.layer);
    let filter = Filter {
        rules: &project.rules,
        settings,
        command_line,
        min_severity: args
            .min_severity
            .or(settings.min_severity)
            .unwrap_or(Severity::Note),
        min_confidence: args
            .min_confidence
            .or(settings.min_confidence)
            .unwrap_or(least),
    };
    let filtered = filter.apply(&analysis);
    let report = Report {
        analysis: &analysis,
        findings: filtered.findings,
        remarks: filtered.remarks,
        hidden: filtered.hidden,
        rules: &project.rules,
        base: project.base,
        quiet: terminal.quiet,
    };
    output::notices(&analysis.notices, &report.base, terminal);
    if terminal.verbose {
        // A closed standard error is no reason to stop.
        let _ = statistics::write_verbose(&analysis, &mut anstream::stderr().lock());
    }
    output::to(args.output.output_file.as_deref(), terminal, |out| {
        if args.output.statistics {
            statistics::write_rules(&report, out)
        } else {
            report::write(&report, args.output_format, out)
        }
    })?;
    let fail_on = if args.exit_zero {
        FailOn::Never
    } else {
        args.fail_on.or(settings.fail_on).unwrap_or_default()
    };
    Ok(status(&report, fail_on))
}

/// How the run ends. A file that was not read weighs more than findings, and `--exit-zero` does not forgive it.
fn status(report: &Report<'_>, fail_on: FailOn) -> ExitStatus {
    match input::status(&report.analysis.notices) {
        ExitStatus::Clean if report.worst().is_some_and(|s| fail_on.fails(s)) => {
            ExitStatus::Findings
        }
        other => other,
    }
}

/// Findings below this were right in less than half of the cases on prompts that no rule was written from; see `docs/accuracy.md`.
const LEAST_CONFIDENCE: f64 = 0.6;

/// The least confidence shown where none is given: whoever selects rules wants all that they find.
const fn least_confidence(command_line: &Layer, settings: &Layer) -> f64 {
    if command_line.select.is_some() || settings.select.is_some() {
        0.0
    } else {
        LEAST_CONFIDENCE
    }
}

fn command_line(args: &CheckArgs, project: &Project) -> Result<Layer, Error> {
    let parse = |flag: &str, names: &[String]| -> Result<Vec<Selector>, Error> {
        names
            .iter()
            .map(|name| {
                Selector::parse(name.trim(), &project.rules)
                    .map_err(|e| Error::Usage(format!("{flag}: {e}")))
            })
            .collect()
    };
    Ok(Layer {
        select: match &args.select {
            Some(names) => Some(parse("--select", names)?),
            None => None,
        },
        extend_select: parse("--extend-select", &args.extend_select)?,
        ignore: parse("--ignore", &args.ignore)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn exit_codes() {
        let mut sample = sample::sample();
        let from = |s| FailOn::Severity(s);
        assert_eq!(status(&sample.report(), FailOn::Never), ExitStatus::Error);
        sample.analysis.notices.clear();
        assert_eq!(
            status(&sample.report(), from(Severity::Error)),
            ExitStatus::Findings
        );
        assert_eq!(status(&sample.report(), FailOn::Never), ExitStatus::Clean);
        sample.findings.clear();
        assert_eq!(
            status(&sample.report(), FailOn::default()),
            ExitStatus::Clean
        );
        assert_eq!(
            status(&sample.report(), from(Severity::Note)),
            ExitStatus::Findings
        );
        assert_eq!(
            status(&sample.empty(), from(Severity::Note)),
            ExitStatus::Clean
        );
    }
}
