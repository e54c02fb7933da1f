//! Findings about the code that cleans or parses the reply.

use std::sync::LazyLock;

use regex::Regex;

use super::conditions::structured_is;
use super::findings::finding;
use crate::calls::{LlmCall, ReplyUse, ReplyUseKind, Structured};
use crate::finding::{Finding, Label, LabelKind, Verdict};
use crate::pipeline::FileTable;
use crate::rules::{Kind, RuleSet};
use crate::source::Location;

/// Lines within which uses of one rule are one finding.
const NEAR: usize = 2;

/// One finding per rule and place.
pub(super) fn findings(call: &LlmCall, files: &FileTable, rules: &RuleSet) -> Vec<Finding> {
    let mut out: Vec<Finding> = Vec::new();
    let mut scraping: Vec<_> = rules.of_kind(Kind::Scraping).collect();
    scraping.sort_by_key(|(_, r)| weight(&r.id));
    for (index, rule) in scraping {
        let fits = rule.when.structured.is_empty()
            || (rule.when.structured.iter()).any(|s| structured_is(*s, call.structured));
        if !fits {
            continue;
        }
        // The place that was last added to, and its finding.
        let mut last: Option<(Location, usize)> = None;
        let mut uses: Vec<_> = call
            .reply_uses
            .iter()
            .filter(|u| rule.when.reply.iter().any(|r| r == u.kind.as_str()))
            .filter(|u| rules.detail(index, u.detail.as_deref().unwrap_or_default()))
            .filter(|u| !is_envelope(files, u) && !compares_nothing(u))
            .filter(|u| !asks_for_a_key(u) && !lays_out(u) && !is_logged(files, u))
            .filter(|u| call.structured != Structured::Schema || !takes_first(u))
            // JSON mode gives JSON; a program that is ready for other text gets along without it.
            .filter(|u| {
                u.kind != ReplyUseKind::JsonParse
                    || call.structured != Structured::JsonMode
                    || u.tried
            })
            .filter(|u| !u.parsed || cleans_field(u) || rule.tags.iter().any(|t| t == "parsed"))
            .collect();
        uses.sort_by_key(|u| place(u));
        for u in uses {
            let at = place(u);
            if let Some((l, number)) = last
                && near(files, l, at)
                && let Some(f) = out.get_mut(number)
            {
                if f.primary != u.location && f.labels.iter().all(|l| l.location != u.location) {
                    f.labels.push(Label {
                        location: u.location,
                        message: "and here".to_owned(),
                        kind: LabelKind::ReplyUse,
                    });
                }
                last = Some((at, number));
                continue;
            }
            let detail = u.detail.clone().unwrap_or_default();
            // A helper that cleans in several ways is one finding, the one that says most; one that
            // parses as well is another.
            if u.via.is_some()
                && let Some((number, o)) = out
                    .iter_mut()
                    .enumerate()
                    .find(|(_, o)| o.primary == at && family(&o.rule) == family(&rule.id))
            {
                o.labels.push(Label {
                    location: u.location,
                    message: "in this function".to_owned(),
                    kind: LabelKind::ReplyUse,
                });
                last = Some((at, number));
                continue;
            }
            let mut f = finding(call, rule, Verdict::Partial, at, detail);
            f.evidence = vec![format!("the reply goes through {}", u.kind.as_str())];
            if u.via.is_some() {
                f.labels.push(Label {
                    location: u.location,
                    message: "in this function".to_owned(),
                    kind: LabelKind::ReplyUse,
                });
            }
            last = Some((at, out.len()));
            out.push(f);
        }
    }
    out
}

/// What rules say together of one helper: that it cleans, parses, or runs the reply.
fn family(rule: &str) -> u8 {
    match rule {
        "scrape-execute" => 0,
        "scrape-cast" | "scrape-date" | "scrape-json" => 1,
        _ => 2,
    }
}

/// The order in which rules of a family say most of a helper.
fn weight(rule: &str) -> usize {
    const ORDER: [&str; 7] = [
        "scrape-json",
        "scrape-regex",
        "scrape-fences",
        "scrape-position",
        "scrape-split",
        "scrape-contains",
        "scrape-compare",
    ];
    ORDER.iter().position(|r| *r == rule).unwrap_or(ORDER.len())
}

/// Where the finding stands: in the code beside the model's call.
fn place(u: &ReplyUse) -> Location {
    u.via.unwrap_or(u.location)
}

/// A field of parsed data is not scraped by comparing or reading it, but a code fence inside it is
/// text that the prompt should not have asked for.
fn cleans_field(u: &ReplyUse) -> bool {
    matches!(
        u.kind,
        ReplyUseKind::Strip | ReplyUseKind::Regex | ReplyUseKind::Contains | ReplyUseKind::Split
    ) && u.detail.as_deref().is_some_and(|d| d.contains("```"))
}

/// Whether a test reads what the SDK says about the reply (its type, why it stopped, how the process
/// ended) and not the words of the model.
fn is_envelope(files: &FileTable, u: &ReplyUse) -> bool {
    static ENVELOPE: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r"(?:\.|\[[\x22'])(?:type|subtype|role|finish_?[rR]eason|stop_?[rR]eason|is_?[eE]rror|status_?[cC]ode|tool_?[nN]ame)(?:[\x22']\])?\s*(?:===?|!==?|\bin\b|\bnot in\b)|\b(?:exit_?[cC]ode|return_?code)\s*(?:===?|!==?)").ok()
    });
    matches!(u.kind, ReplyUseKind::Compare | ReplyUseKind::Contains)
        && ENVELOPE.as_ref().is_some_and(|r| {
            files
                .find(u.location.file)
                .is_some_and(|f| r.is_match(f.slice(u.location.span)))
        })
}

/// Whether a comparison has no literal, so that it may be of anything with anything, or one that
/// names why the reply ended.
fn compares_nothing(u: &ReplyUse) -> bool {
    const ENDS: [&str; 9] = [
        "",
        "content_filter",
        "end_turn",
        "length",
        "max_output_tokens",
        "max_tokens",
        "stop",
        "tool_calls",
        "tool_use",
    ];
    u.kind == ReplyUseKind::Compare && ENDS.contains(&u.detail.as_deref().unwrap_or_default())
}

/// `"tool_output" in result`: whether an object has a key. No text is searched for such a word; nor
/// is the program's own word for a failure the model's.
fn asks_for_a_key(u: &ReplyUse) -> bool {
    static KEY: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"^(?:[a-z]+(?:_[a-z]+)+|[\[(]?(?i:error)s?[:\])]? ?)$").ok());
    u.kind == ReplyUseKind::Contains
        && KEY
            .as_ref()
            .is_some_and(|k| u.detail.as_deref().is_some_and(|d| k.is_match(d)))
}

/// `reply.replace("\n", " ")`: the layout of a line, for a log or a table.
fn lays_out(u: &ReplyUse) -> bool {
    u.kind == ReplyUseKind::Strip
        && u.detail
            .as_deref()
            .is_some_and(|d| !d.is_empty() && d.trim().is_empty())
}

/// Whether a use stands in a line that only reports: `log.debug(reply[:200])`.
fn is_logged(files: &FileTable, u: &ReplyUse) -> bool {
    static LOG: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r"^\s*(?:(?:self|this|tracing|log)\s*[.:]+\s*)?_?(?:logger|logging|log|console|print|println|eprintln|pprint|debug|info|warn|warning|error|trace)!?\s*[.(]").ok()
    });
    let Some(file) = files.find(u.location.file) else {
        return false;
    };
    LOG.as_ref()
        .is_some_and(|l| l.is_match(file.line_at(u.location.span.start)))
}

/// `items.slice(0, 3)`: with a schema, the head of a list and no search in text.
fn takes_first(u: &ReplyUse) -> bool {
    u.kind == ReplyUseKind::IndexOf
        && u.detail
            .as_deref()
            .is_none_or(|d| d.bytes().all(|b| b.is_ascii_digit()))
}

fn near(files: &FileTable, a: Location, b: Location) -> bool {
    if a.file != b.file {
        return false;
    }
    let Some(file) = files.find(a.file) else {
        return a == b;
    };
    file.line_index(a.span.start)
        .abs_diff(file.line_index(b.span.start))
        <= NEAR
}
