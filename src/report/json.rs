//! One JSON document, version 1.
//!
//! Lines and columns are 1-based, columns count UTF-16 code units, offsets are bytes; an end is
//! exclusive. In a notebook lines and offsets count from the cell's start and `cell` is the 0-based
//! index among all cells. A prompt that several calls send is one `partial` finding, with those calls
//! among `related`; `replace` is a verdict on a call, and is written once for each. New fields may be
//! added within version 1; none is removed or changes its meaning.

use std::collections::BTreeMap;
use std::io;

use serde::Serialize;

use super::path::relative;
use super::place::Place;
use super::{Entry, Report};
use crate::finding::{CallRef, LabelKind, Suggestion, Verdict};
use crate::pipeline::{Notice, NoticeLevel};

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    findings: Vec<JsonFinding<'a>>,
    notices: Vec<JsonNotice<'a>>,
    summary: Summary<'a>,
}

#[derive(Serialize)]
struct JsonFinding<'a> {
    rule: &'a str,
    category: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    verdict: Option<&'static str>,
    severity: &'static str,
    confidence: f64,
    message: &'a str,
    #[serde(flatten)]
    place: Place,
    label: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    call: Option<JsonCall<'a>>,
    related: Vec<Related<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    suggestion: Option<JsonSuggestion<'a>>,
    evidence: &'a [String],
}

#[derive(Serialize)]
struct JsonCall<'a> {
    #[serde(flatten)]
    place: Place,
    api: &'a str,
}

#[derive(Serialize)]
struct Related<'a> {
    kind: &'static str,
    message: &'a str,
    #[serde(flatten)]
    place: Place,
}

#[derive(Serialize)]
struct JsonSuggestion<'a> {
    language: crate::language::Language,
    imports: &'a [String],
    code: &'a str,
    note: &'a str,
}

/// A notice as the JSON formats of `check` and `calls` show it.
#[derive(Serialize)]
pub(super) struct JsonNotice<'a> {
    path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u32>,
    level: &'static str,
    message: &'a str,
}

#[derive(Serialize)]
struct Summary<'a> {
    files_scanned: usize,
    files_parsed: usize,
    calls: usize,
    suppressed: usize,
    below_min_severity: usize,
    below_min_confidence: usize,
    by_rule: BTreeMap<&'a str, usize>,
}

/// Writes the report.
///
/// # Errors
/// If writing fails.
pub fn write(report: &Report<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    let entries = report.entries();
    let mut by_rule = BTreeMap::new();
    for e in &entries {
        *by_rule.entry(e.rule).or_default() += 1;
    }
    let document = Document {
        version: 1,
        findings: entries
            .iter()
            .flat_map(|e| {
                let further = match e.verdict {
                    Some(Verdict::Replace) => e.also,
                    _ => &[],
                };
                std::iter::once(e.call)
                    .chain(further.iter().map(Some))
                    .map(|call| finding(e, call, report))
            })
            .collect(),
        notices: notices(&report.analysis.notices, &report.base),
        summary: Summary {
            files_scanned: report.analysis.scanned,
            files_parsed: report.analysis.parsed,
            calls: report.analysis.calls.len(),
            suppressed: report.hidden.suppressed,
            below_min_severity: report.hidden.severity,
            below_min_confidence: report.hidden.confidence,
            by_rule,
        },
    };
    serde_json::to_writer_pretty(&mut *out, &document)?;
    writeln!(out)
}

pub(super) fn notices<'a>(notices: &'a [Notice], base: &super::Base) -> Vec<JsonNotice<'a>> {
    let one = |n: &'a Notice| JsonNotice {
        path: relative(&n.path, &base.working_directory),
        line: n.line,
        level: match n.level {
            NoticeLevel::Warning => "warning",
            NoticeLevel::Error => "error",
        },
        message: &n.message,
    };
    notices.iter().map(one).collect()
}

fn finding<'a>(e: &Entry<'a>, call: Option<&'a CallRef>, report: &Report<'_>) -> JsonFinding<'a> {
    let place = |l| Place::of(l, &report.analysis.files, &report.base);
    JsonFinding {
        rule: e.rule,
        category: e.category,
        verdict: e.verdict.map(Verdict::as_str),
        severity: e.severity.as_str(),
        confidence: (e.confidence * 1000.0).round() / 1000.0,
        message: e.message,
        place: place(e.primary),
        label: e.primary_label,
        call: call.map(|c| JsonCall {
            place: place(c.location),
            api: &c.api,
        }),
        related: e
            .labels
            .iter()
            .map(|l| Related {
                kind: kind(l.kind),
                message: &l.message,
                place: place(l.location),
            })
            .collect(),
        suggestion: e.suggestion.map(|s: &Suggestion| JsonSuggestion {
            language: s.language,
            imports: &s.imports,
            code: &s.code,
            note: &s.note,
        }),
        evidence: e.evidence,
    }
}

const fn kind(kind: LabelKind) -> &'static str {
    match kind {
        LabelKind::Call => "call",
        LabelKind::Sink => "sink",
        LabelKind::Input => "input",
        LabelKind::ReplyUse => "reply-use",
        LabelKind::Other => "other",
    }
}
