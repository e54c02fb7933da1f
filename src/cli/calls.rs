//! `deprompt calls`.

use super::input::{Input, Listing};
use super::project::Project;
use super::{CallsArgs, Error, ListFormat, Terminal, input, output};
use crate::check::pattern_hits;
use crate::exit::ExitStatus;
use crate::prefilter;
use crate::report::calls::{write_json, write_text, write_units};
use crate::report::statistics::{Reading, write_verbose};

pub(super) fn run(args: &CallsArgs, terminal: Terminal) -> Result<ExitStatus, Error> {
    if args.output.statistics && args.output_format == ListFormat::Json {
        return Err(Error::Usage(
            "--statistics is text; leave --output-format json out".to_owned(),
        ));
    }
    let project = Project::open(&input::anchors(&args.files), &args.settings)?;
    project.announce(terminal);
    if let Some(language) = args.show_markers {
        let markers = prefilter::expression(&project.catalog, language);
        output::to(args.output.output_file.as_deref(), terminal, |out| {
            writeln!(out, "{markers}")
        })?;
        return Ok(ExitStatus::Clean);
    }
    let listing = match args.output_format {
        ListFormat::Text => Listing::Text,
        ListFormat::Json => Listing::Json,
    };
    let analysis = match input::analyze(&args.files, &project, false, listing, terminal)? {
        Input::Analyzed(analysis) => analysis,
        Input::Listed(notices) => {
            output::notices(&notices, &project.base, terminal);
            return Ok(input::status(&notices));
        }
    };
    output::notices(&analysis.notices, &project.base, terminal);
    output::to(args.output.output_file.as_deref(), terminal, |out| {
        if args.units {
            return write_units(&analysis, &project.base, &project.rule_set, out);
        }
        if args.trace_patterns {
            for ((rule, pattern), n) in pattern_hits(&analysis.calls, &project.rule_set) {
                writeln!(out, "{rule}\t{pattern}\t{n}")?;
            }
            return Ok(());
        }
        if args.output.statistics {
            return Reading::of(&analysis.calls).write(out);
        }
        match args.output_format {
            ListFormat::Text => write_text(&analysis, &project.base, out),
            ListFormat::Json => write_json(&analysis, &project.base, out),
        }
    })?;
    if terminal.verbose {
        // A closed standard error is no reason to stop.
        let _ = write_verbose(&analysis, &mut anstream::stderr().lock());
    }
    Ok(input::status(&analysis.notices))
}
