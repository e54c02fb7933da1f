//! Workflow commands that GitHub Actions shows as annotations in a pull request.
//!
//! Paths are relative to the project's root. A notebook's cell has no line that GitHub could show,
//! so its annotation stands on the first line and says the cell and line in its title.

use std::borrow::Cow;
use std::io;

use super::Report;
use super::path::{relative, slashes};
use super::place::Place;
use crate::finding::Severity;

/// Writes the report.
///
/// # Errors
/// If writing fails.
pub fn write(report: &Report<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    for e in report.entries() {
        let place = Place::of(e.primary, &report.analysis.files, &report.base);
        let path = report.analysis.files.get(e.primary.file).path();
        let file = if path.starts_with(&report.base.root) {
            relative(path, &report.base.root)
        } else {
            slashes(path)
        };
        let command = match e.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "notice",
        };
        write!(out, "::{command} file={}", property(&file))?;
        let title = if let Some(cell) = place.cell {
            write!(out, ",line=1")?;
            format!("{} (cell {cell}, line {})", e.rule, place.start.line)
        } else {
            let (start, end) = (place.start, place.end);
            write!(out, ",line={},endLine={}", start.line, end.line)?;
            // Columns are only shown, and only allowed, within one line.
            if start.line == end.line {
                write!(out, ",col={},endColumn={}", start.column, end.column)?;
            }
            e.rule.to_owned()
        };
        writeln!(out, ",title={}::{}", property(&title), data(e.message))?;
    }
    Ok(())
}

/// Escapes a command's message.
fn data(text: &str) -> Cow<'_, str> {
    if text.contains(['%', '\r', '\n']) {
        let text = text.replace('%', "%25");
        Cow::Owned(text.replace('\r', "%0D").replace('\n', "%0A"))
    } else {
        Cow::Borrowed(text)
    }
}

/// Escapes a property's value.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes() {
        assert_eq!(data("50%\r\nnext: a, b"), "50%25%0D%0Anext: a, b");
        assert_eq!(property("a:b,c%"), "a%3Ab%2Cc%25");
    }
}
