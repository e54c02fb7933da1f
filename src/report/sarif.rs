//! SARIF 2.1.0, for code hosts and editors.
//!
//! What consumers read decides what is written: all loaded rules with their help, UTF-16 columns,
//! URIs relative to `%SRCROOT%`, fingerprints that outlive moved lines, related places linked from
//! the message, the way of the prompt as a code flow. There are no byte offsets (an editor takes them
//! for a binary region), no timestamps, and no suppressed results (a code host opens them).
//!
//! # Fingerprints
//! `partialFingerprints["deprompt/v1"]` is the 64-bit FNV-1a hash, in 16 hex digits, of these parts with a zero
//! byte after each: the rule's id; the file's URI; the words the finding points at, with every run of white space
//! made one space; the occurrence, a decimal number counting from 0 the results of this run that
//! agree in all the former.

pub mod fingerprint;
mod model;

use std::io;
use std::path::Path;

use rustc_hash::FxHashMap;

use self::fingerprint::Fingerprints;
use self::model::{
    ArtifactLocation, AutomationDetails, CodeFlow, Driver, Invocation, Level, Log, LogicalLocation,
    Message, Multiformat, Notification, PhysicalLocation, Region, ReportingConfiguration,
    ReportingDescriptor, ResultItem, Rule, RuleProperties, Run, ThreadFlow, ThreadFlowLocation,
    Tool, UriBases,
};
use super::path::{file_uri, relative_uri};
use super::{Entry, Report, RuleDoc};
use crate::finding::{LabelKind, Severity};
use crate::pipeline::{Notice, NoticeLevel};
use crate::source::Location;

/// Characters that a code host shows of a description.
const DESCRIPTION_LIMIT: usize = 1024;

/// Writes the report.
///
/// # Errors
/// If writing fails.
pub fn write(report: &Report<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, &log(report))?;
    writeln!(out)
}

fn log(report: &Report<'_>) -> Log {
    let index: FxHashMap<&str, usize> = report
        .rules
        .iter()
        .enumerate()
        .map(|(i, r)| (r.id.as_str(), i))
        .collect();
    let mut fingerprints = Fingerprints::default();
    let entries = report.entries();
    let results = entries
        .iter()
        .map(|e| result(e, report, index.get(e.rule).copied(), &mut fingerprints))
        .collect();
    let notices = &report.analysis.notices;
    let root = file_uri(&report.base.root);
    Log {
        schema: "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        version: "2.1.0",
        runs: [Run {
            tool: Tool {
                driver: Driver {
                    name: "deprompt",
                    version: env!("CARGO_PKG_VERSION"),
                    semantic_version: env!("CARGO_PKG_VERSION"),
                    information_uri: env!("CARGO_PKG_REPOSITORY"),
                    rules: report.rules.iter().map(rule).collect(),
                },
            },
            invocations: [Invocation {
                execution_successful: notices.iter().all(|n| n.level != NoticeLevel::Error),
                tool_execution_notifications: notices
                    .iter()
                    .map(|n| notification(n, &report.base.root))
                    .collect(),
            }],
            automation_details: AutomationDetails { id: "deprompt/" },
            original_uri_base_ids: UriBases {
                srcroot: ArtifactLocation {
                    // A base has to end in a slash, or its last part is dropped on resolving.
                    uri: if root.ends_with('/') {
                        root
                    } else {
                        root + "/"
                    },
                    uri_base_id: None,
                },
            },
            column_kind: "utf16CodeUnits",
            results,
        }],
    }
}

fn rule(doc: &RuleDoc) -> Rule {
    let short = if doc.short.is_empty() {
        &doc.id
    } else {
        &doc.short
    };
    let text = if doc.help_text.is_empty() {
        short
    } else {
        &doc.help_text
    };
    let markdown = if doc.help_markdown.is_empty() {
        text
    } else {
        &doc.help_markdown
    };
    Rule {
        id: doc.id.clone(),
        name: pascal(&doc.id),
        short_description: Message::plain(limit(short)),
        full_description: Message::plain(limit(text)),
        help: Multiformat {
            text: text.clone(),
            markdown: markdown.clone(),
        },
        default_configuration: ReportingConfiguration {
            enabled: doc.default_on,
            level: level(doc.severity),
        },
        properties: RuleProperties {
            precision: doc.precision.clone(),
            problem_severity: match doc.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
                Severity::Note => "recommendation",
            },
            tags: std::iter::once(doc.category.to_owned())
                .chain(doc.tags.iter().filter(|t| *t != doc.category).cloned())
                .collect(),
        },
    }
}

/// At most as many characters as a code host shows.
fn limit(text: &str) -> String {
    if text.chars().count() <= DESCRIPTION_LIMIT {
        return text.to_owned();
    }
    let mut out: String = text.chars().take(DESCRIPTION_LIMIT - 1).collect();
    out.push('…');
    out
}

fn pascal(id: &str) -> String {
    id.split('-')
        .flat_map(|word| {
            let mut chars = word.chars();
            let first = chars.next().map(|c| c.to_ascii_uppercase());
            first.into_iter().chain(chars)
        })
        .collect()
}

const fn level(severity: Severity) -> Level {
    match severity {
        Severity::Error => Level::Error,
        Severity::Warning => Level::Warning,
        Severity::Note => Level::Note,
    }
}

fn artifact(path: &Path, root: &Path) -> ArtifactLocation {
    match relative_uri(path, root) {
        Some(uri) => ArtifactLocation {
            uri,
            uri_base_id: Some("%SRCROOT%"),
        },
        None => ArtifactLocation {
            uri: file_uri(path),
            uri_base_id: None,
        },
    }
}

fn location(place: Location, report: &Report<'_>) -> model::Location {
    let file = report.analysis.files.get(place.file);
    let (cell, start) = file.position(place.span.start);
    let (_, end) = file.position(place.span.end);
    let (region, logical_locations) = match cell {
        // The lines of a cell are not lines of the artifact, which is JSON: the region is a
        // fallback, the logical location says where.
        Some(cell) => (
            Region {
                start_line: 1,
                start_column: None,
                end_line: None,
                end_column: None,
            },
            vec![LogicalLocation {
                name: format!("cell {cell}"),
                fully_qualified_name: format!("cell {cell}, line {}", start.line),
            }],
        ),
        None => (
            Region {
                start_line: start.line,
                start_column: Some(start.column),
                end_line: Some(end.line),
                end_column: Some(end.column),
            },
            Vec::new(),
        ),
    };
    model::Location {
        id: None,
        physical_location: PhysicalLocation {
            artifact_location: artifact(file.path(), &report.base.root),
            region: Some(region),
        },
        logical_locations,
        message: None,
    }
}

fn result(
    e: &Entry<'_>,
    report: &Report<'_>,
    rule_index: Option<usize>,
    fingerprints: &mut Fingerprints,
) -> ResultItem {
    let file = report.analysis.files.get(e.primary.file);
    let primary = location(e.primary, report);
    let mut related = Vec::new();
    let mut links = Vec::new();
    for (label, id) in e.labels.iter().zip(1u32..) {
        links.push(format!("[{}]({id})", link_text(&label.message)));
        related.push(model::Location {
            id: Some(id),
            message: Some(Message::plain(label.message.clone())),
            ..location(label.location, report)
        });
    }
    let mut text = escape_links(e.message);
    if let Some(place) = primary.logical_locations.first() {
        text.push_str(&format!(" ({})", place.fully_qualified_name));
    }
    if !links.is_empty() {
        text.push_str(&format!(" (see {})", links.join(", ")));
    }
    let mut markdown = text.clone();
    if let Some(s) = e.suggestion {
        let lines: Vec<&str> = s
            .imports
            .iter()
            .map(String::as_str)
            .chain(s.code.lines())
            .collect();
        if !s.note.is_empty() {
            markdown.push_str(&format!("\n\n{}", s.note));
        }
        if !lines.is_empty() {
            let language = match s.language {
                crate::language::Language::Python => "python",
                crate::language::Language::TypeScript => "typescript",
                crate::language::Language::Rust => "rust",
            };
            markdown.push_str(&format!("\n\n```{language}\n{}\n```", lines.join("\n")));
        }
    }
    let fingerprint = fingerprints.of(
        e.rule,
        &primary.physical_location.artifact_location.uri,
        file.slice(e.primary.span),
    );
    ResultItem {
        rule_id: e.rule.to_owned(),
        rule_index,
        level: level(e.severity),
        message: Multiformat { text, markdown },
        locations: [primary],
        related_locations: related,
        code_flows: code_flow(e, report).into_iter().collect(),
        partial_fingerprints: model::PartialFingerprints { v1: fingerprint },
        properties: model::ResultProperties {
            category: e.category,
            verdict: e.verdict.map(crate::finding::Verdict::as_str),
            confidence: (e.confidence * 1000.0).round() / 1000.0,
        },
    }
}

/// Text of a link: brackets would end it early.
fn link_text(text: &str) -> String {
    text.replace('\\', "\\\\")
        .replace('[', "\\[")
        .replace(']', "\\]")
}

/// A message in which nothing reads as a link by accident.
fn escape_links(text: &str) -> String {
    text.replace("](", "] (")
}

/// The prompt's way: the words, what is interpolated, the call, the SDK's call, the reply's uses.
fn code_flow(e: &Entry<'_>, report: &Report<'_>) -> Option<CodeFlow> {
    e.call?;
    let step = |place: Location, text: &str| ThreadFlowLocation {
        location: model::Location {
            message: Some(Message::plain(text.to_owned())),
            ..location(place, report)
        },
    };
    let asks = if e.primary_label.is_empty() {
        "the prompt asks for this"
    } else {
        e.primary_label
    };
    let mut steps = Vec::new();
    let of = |kind: LabelKind| e.labels.iter().filter(move |l| l.kind == kind);
    // Where the primary span is code that handles the reply, it comes last in the way.
    let scrapes = e.category == "output-scraping";
    if !scrapes {
        steps.push(step(e.primary, asks));
    }
    steps.extend(of(LabelKind::Input).map(|l| step(l.location, &l.message)));
    let calls: Vec<_> = of(LabelKind::Call).collect();
    match (calls.is_empty(), e.call) {
        (true, Some(call)) => steps.push(step(call.location, "the call that sends it")),
        _ => steps.extend(calls.into_iter().map(|l| step(l.location, &l.message))),
    }
    steps.extend(of(LabelKind::Sink).map(|l| step(l.location, &l.message)));
    steps.extend(of(LabelKind::ReplyUse).map(|l| step(l.location, &l.message)));
    if scrapes {
        steps.push(step(e.primary, asks));
    }
    Some(CodeFlow {
        thread_flows: [ThreadFlow { locations: steps }],
    })
}

fn notification(notice: &Notice, root: &Path) -> Notification {
    Notification {
        level: match notice.level {
            NoticeLevel::Error => Level::Error,
            NoticeLevel::Warning => Level::Warning,
        },
        message: Message::plain(notice.message.clone()),
        descriptor: ReportingDescriptor {
            id: match notice.level {
                NoticeLevel::Error => "not-read",
                NoticeLevel::Warning => "partly-read",
            },
        },
        locations: [model::Location {
            id: None,
            physical_location: PhysicalLocation {
                artifact_location: artifact(&notice.path, root),
                region: notice.line.map(|line| Region {
                    start_line: line,
                    start_column: None,
                    end_line: None,
                    end_column: None,
                }),
            },
            logical_locations: Vec::new(),
            message: None,
        }],
    }
}

#[cfg(test)]
mod tests;
