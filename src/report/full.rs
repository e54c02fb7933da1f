//! Excerpts for people: the words, the call, the reply's uses, and the replacement.

use std::collections::BTreeSet;
use std::io;
use std::ops::Range;

use codespan_reporting::diagnostic::{self, Diagnostic};
use codespan_reporting::files::{self, Files};
use codespan_reporting::term::{self, Styles, StylesWriter, termcolor::Ansi};

use super::concise::one_line;
use super::path::relative;
use super::place::count;
use super::{Base, Entry, Report};
use crate::finding::{LabelKind, Severity, Suggestion, Verdict};
use crate::pipeline::{FileTable, NoticeLevel};
use crate::source::{FileId, Location, Span};

/// Writes the report, with ANSI colours.
///
/// # Errors
/// If writing fails.
pub fn write(report: &Report<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    let config = term::Config {
        start_context_lines: 2,
        end_context_lines: 1,
        ..term::Config::default()
    };
    let styles = Styles::default();
    let sources = Sources {
        files: &report.analysis.files,
        base: &report.base,
    };
    let entries = report.entries();
    for e in &entries {
        let mut writer = StylesWriter::new(Ansi::new(&mut *out), &styles);
        let shown = diagnostic(e, &sources);
        match term::emit_to_write_style(&mut writer, &config, &sources, &shown) {
            Ok(()) => {}
            Err(files::Error::Io(error)) => return Err(error),
            // A place off its file cannot be excerpted; the message still counts.
            Err(_) => writeln!(out, "{}[{}]: {}", e.severity.as_str(), e.rule, e.message)?,
        }
    }
    summary(report, &entries, out)
}

/// `Found N findings (…) in M files`, and how many are not shown.
pub(super) fn summary(
    report: &Report<'_>,
    entries: &[Entry<'_>],
    out: &mut dyn io::Write,
) -> io::Result<()> {
    if report.quiet {
        return Ok(());
    }
    let unread = report
        .analysis
        .notices
        .iter()
        .filter(|n| n.level == NoticeLevel::Error)
        .count();
    if entries.is_empty() {
        if report.analysis.scanned == 0 && unread == 0 {
            write!(out, "No source files found")?;
        } else {
            write!(
                out,
                "No findings in {}",
                count(report.analysis.scanned, "file")
            )?;
        }
    } else {
        let of = |s: Severity| entries.iter().filter(|e| e.severity == s).count();
        let kinds: Vec<String> = [Severity::Error, Severity::Warning, Severity::Note]
            .into_iter()
            .filter(|&s| of(s) > 0)
            .map(|s| count(of(s), s.as_str()))
            .collect();
        let files: BTreeSet<FileId> = entries.iter().map(|e| e.primary.file).collect();
        write!(
            out,
            "Found {} ({}) in {}",
            count(entries.len(), "finding"),
            kinds.join(", "),
            count(files.len(), "file")
        )?;
    }
    let hidden = report.hidden;
    let reasons: Vec<String> = [
        (hidden.suppressed, "suppressed"),
        (hidden.severity, "below the severity asked for"),
        (hidden.confidence, "below the confidence asked for"),
    ]
    .into_iter()
    .filter(|(n, _)| *n > 0)
    .map(|(n, why)| format!("{n} {why}"))
    .collect();
    if !reasons.is_empty() {
        write!(out, "; not shown: {}", reasons.join(", "))?;
    }
    if unread > 0 {
        write!(out, "; {} could not be read", count(unread, "file"))?;
    }
    writeln!(out)
}

/// A stretch of source that codespan treats as a file: a file, or one cell of a notebook.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Part {
    file: FileId,
    /// Position in [`crate::source::SourceFile::cells`].
    cell: Option<usize>,
}

struct Sources<'a> {
    files: &'a FileTable,
    base: &'a Base,
}

impl Sources<'_> {
    /// The part that holds a location, and the location's bytes in it.
    fn part(&self, location: Location) -> (Part, Range<usize>) {
        let file = self.files.get(location.file);
        let start = location.span.start;
        let cell = file
            .cells()
            .partition_point(|c| c.span.start <= start)
            .checked_sub(1);
        let part = Part {
            file: location.file,
            cell,
        };
        let bounds = self.bounds(part);
        let clip = |n: u32| n.clamp(bounds.start, bounds.end) - bounds.start;
        let (from, to) = (clip(start) as usize, clip(location.span.end) as usize);
        let text = file.slice(bounds);
        let floor = |mut n: usize| {
            while !text.is_char_boundary(n) {
                n -= 1;
            }
            n
        };
        (part, floor(from)..floor(to.max(from)))
    }

    fn bounds(&self, part: Part) -> Span {
        let file = self.files.get(part.file);
        match part.cell.and_then(|i| file.cells().get(i)) {
            Some(c) => c.span,
            None => Span::new(0, file.text().len()),
        }
    }

    /// Only the first line of a place: a secondary label points, it does not quote.
    fn first_line(&self, location: Location) -> Location {
        let text = self.files.get(location.file).slice(location.span);
        let length = text.find(['\n', '\r']).unwrap_or(text.len());
        let start = location.span.start as usize;
        Location {
            file: location.file,
            span: Span::new(start, start + text[..length].trim_end().len()),
        }
    }
}

impl<'a> Files<'a> for Sources<'_> {
    type FileId = Part;
    type Name = String;
    type Source = &'a str;

    fn name(&'a self, id: Part) -> Result<String, files::Error> {
        let file = self.files.get(id.file);
        let path = relative(file.path(), &self.base.working_directory);
        Ok(match id.cell.and_then(|i| file.cells().get(i)) {
            Some(cell) => format!("{path}:cell {}", cell.index),
            None => path,
        })
    }

    fn source(&'a self, id: Part) -> Result<&'a str, files::Error> {
        Ok(self.files.get(id.file).slice(self.bounds(id)))
    }

    fn line_index(&'a self, id: Part, byte: usize) -> Result<usize, files::Error> {
        let file = self.files.get(id.file);
        let first = self.bounds(id).start;
        let at = first.saturating_add(u32::try_from(byte).unwrap_or(u32::MAX));
        Ok(file.line_index(at) - file.line_index(first))
    }

    /// UTF-16 units, as in every other format.
    fn column_number(&'a self, id: Part, _: usize, byte: usize) -> Result<usize, files::Error> {
        let first = self.bounds(id).start;
        let at = first.saturating_add(u32::try_from(byte).unwrap_or(u32::MAX));
        Ok(self.files.get(id.file).position(at).1.column as usize)
    }

    fn line_range(&'a self, id: Part, line: usize) -> Result<Range<usize>, files::Error> {
        let file = self.files.get(id.file);
        let bounds = self.bounds(id);
        let index = file.line_index(bounds.start) + line;
        let starts = file.line_starts();
        let Some(&start) = starts.get(index).filter(|s| **s <= bounds.end) else {
            return Err(files::Error::LineTooLarge {
                given: line,
                max: file.line_index(bounds.end) - file.line_index(bounds.start),
            });
        };
        let end = starts.get(index + 1).copied().unwrap_or(bounds.end);
        Ok((start - bounds.start) as usize..(end.min(bounds.end) - bounds.start) as usize)
    }
}

fn diagnostic(e: &Entry<'_>, sources: &Sources<'_>) -> Diagnostic<Part> {
    let severity = match e.severity {
        Severity::Error => diagnostic::Severity::Error,
        Severity::Warning => diagnostic::Severity::Warning,
        Severity::Note => diagnostic::Severity::Note,
    };
    let (part, range) = sources.part(e.primary);
    let mut labels = vec![diagnostic::Label::primary(part, range).with_message(e.primary_label)];
    for label in e.labels {
        // What the primary label covers already would only draw over it.
        if label.location == e.primary {
            continue;
        }
        let place = match label.kind {
            LabelKind::Input => label.location,
            _ => sources.first_line(label.location),
        };
        let (part, range) = sources.part(place);
        labels.push(diagnostic::Label::secondary(part, range).with_message(&label.message));
    }
    let mut notes = Vec::new();
    if e.verdict == Some(Verdict::Replace) {
        notes.push("nothing in this prompt needs a model".to_owned());
    }
    notes.extend(e.suggestion.map(suggestion));
    Diagnostic::new(severity)
        .with_code(e.rule)
        .with_message(one_line(e.message))
        .with_labels(labels)
        .with_notes(notes)
}

fn suggestion(s: &Suggestion) -> String {
    let mut out = format!("instead: {}", one_line(&s.note));
    let mut line = |text: &str| {
        out.push('\n');
        if !text.is_empty() {
            out.push_str("    ");
            out.push_str(text.trim_end());
        }
    };
    s.imports.iter().for_each(|i| line(i));
    if !s.imports.is_empty() && !s.code.is_empty() {
        line("");
    }
    s.code.trim_end().lines().for_each(line);
    out
}
