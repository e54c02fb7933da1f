//! Excerpts for people: the words, the call, the reply's uses, and the replacement.

mod excerpt;

use std::collections::BTreeSet;
use std::io;

use codespan_reporting::diagnostic::{self, Diagnostic, Label, LabelStyle};
use codespan_reporting::files;
use codespan_reporting::term::{self, Styles, StylesWriter, termcolor::Ansi};

use self::excerpt::Excerpts;
use super::concise::one_line;
use super::place::count;
use super::{Entry, Report};
use crate::finding::{LabelKind, Severity, Suggestion, Verdict};
use crate::pipeline::{FileTable, NoticeLevel};
use crate::source::{FileId, Location, Span};

/// Calls that an excerpt shows of those that send the same words.
const MAX_CALLS: usize = 3;

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
    let entries = report.entries();
    for e in &entries {
        let mut text = Vec::new();
        let mut writer = StylesWriter::new(Ansi::new(&mut text), &styles);
        let (shown, excerpts) = diagnostic(e, report);
        match term::emit_to_write_style(&mut writer, &config, &excerpts, &shown) {
            // Lines that only carry labels end in blanks.
            Ok(()) => text.split_inclusive(|b| *b == b'\n').try_for_each(|line| {
                writeln!(out, "{}", String::from_utf8_lossy(line).trim_end())
            })?,
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

/// Only the first line of a place: a secondary label points, it does not quote.
fn first_line(location: Location, files: &FileTable) -> Location {
    let text = files.get(location.file).slice(location.span);
    let line = text.lines().next().unwrap_or_default().trim_end();
    let start = location.span.start as usize;
    Location {
        file: location.file,
        span: Span::new(start, start + line.len()),
    }
}

/// A diagnostic and the excerpts that it refers to.
fn diagnostic<'a>(e: &Entry<'_>, report: &'a Report<'_>) -> (Diagnostic<usize>, Excerpts<'a>) {
    let files = &report.analysis.files;
    let mut excerpts = Excerpts::default();
    let mut places = vec![(e.primary, e.primary_label)];
    let mut calls = 0;
    for label in e.labels {
        // One prompt may be sent from everywhere: a few places show it.
        calls += usize::from(label.kind == LabelKind::Call);
        if label.kind == LabelKind::Call && calls > MAX_CALLS {
            continue;
        }
        // What the primary label covers already would only be drawn over it.
        if label.location != e.primary {
            let place = match label.kind {
                LabelKind::Input => label.location,
                _ => first_line(label.location, files),
            };
            places.push((place, &label.message));
        }
    }
    let ids: Vec<usize> = places
        .iter()
        .map(|(l, _)| excerpts.add(files.get(l.file), *l, &report.base))
        .collect();
    excerpts.finish();
    let labels = ids.into_iter().zip(places).enumerate();
    let labels = labels.map(|(n, (id, (place, message)))| {
        let style = if n == 0 {
            LabelStyle::Primary
        } else {
            LabelStyle::Secondary
        };
        Label::new(style, id, excerpts.range(id, place.span)).with_message(message)
    });
    let mut shown = Diagnostic::new(match e.severity {
        Severity::Error => diagnostic::Severity::Error,
        Severity::Warning => diagnostic::Severity::Warning,
        Severity::Note => diagnostic::Severity::Note,
    })
    .with_code(e.rule)
    .with_message(one_line(e.message))
    .with_labels(labels.collect());
    if e.verdict == Some(Verdict::Replace) {
        shown
            .notes
            .push("nothing in this prompt needs a model".to_owned());
    }
    if calls > MAX_CALLS {
        shown.notes.push(format!(
            "also sent by {}",
            count(calls - MAX_CALLS, "further call")
        ));
    }
    shown.notes.extend(e.suggestion.map(suggestion));
    (shown, excerpts)
}

fn suggestion(s: &Suggestion) -> String {
    let mut out = format!("instead: {}", one_line(&s.note))
        .trim_end()
        .to_owned();
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
