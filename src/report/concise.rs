//! `path:line:column: severity[rule] message`, one line per finding: what editors' problem matchers read.

use std::io;

use super::place::Place;
use super::{Report, full};

/// Writes the report.
///
/// # Errors
/// If writing fails.
pub fn write(report: &Report<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    let entries = report.entries();
    for e in &entries {
        let place = Place::of(e.primary, &report.analysis.files, &report.base);
        writeln!(
            out,
            "{}: {}[{}] {}",
            place.head(),
            e.severity.as_str(),
            e.rule,
            one_line(e.message)
        )?;
    }
    full::summary(report, &entries, out)
}

/// A message without line breaks.
pub(super) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
