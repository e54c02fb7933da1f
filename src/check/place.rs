//! Where a finding stands, and the places that belong to it.

use std::ops::Range;

use super::coverage::{Claim, Coverage};
use super::reply;
use crate::calls::LlmCall;
use crate::finding::{Label, LabelKind};
use crate::prompt::{HoleKind, Unit};
use crate::rules::Rule;
use crate::source::Location;

/// Bytes of the prompt that a finding shows: all of a unit that is no longer, else a clause of it.
const SHOWN: usize = 110;

/// Words beside an interpolated value that ask for something.
const MIN_WORDS: usize = 2;

/// The place of a claim in the source: what [`quote`] says of it.
pub(super) fn place(call: &LlmCall, unit: &Unit, claim: &Claim) -> Option<Location> {
    let text = &call.messages.get(unit.message)?.text;
    let mut found = text.locate(shown(&text.text, unit, claim));
    if found.is_empty() {
        found = text.locate(unit.range.clone());
    }
    found.first().copied().or(Some(call.location))
}

/// The words of the prompt that a claim is about, for a message.
pub(super) fn quote(call: &LlmCall, unit: &Unit, claim: &Claim) -> String {
    let Some(m) = call.messages.get(unit.message) else {
        return String::new();
    };
    let range = shown(&m.text.text, unit, claim);
    let text = m.text.text.get(range).unwrap_or_default();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The bytes of a message that show a claim: the whole unit where it is short, else the clause
/// around the words. Half a sentence may say the opposite of the whole.
fn shown(message: &str, unit: &Unit, claim: &Claim) -> Range<usize> {
    let whole = trimmed(message, unit.range.clone());
    let fits = |r: &Range<usize>| r.len() <= SHOWN;
    let one_line = |r: &Range<usize>| message.get(r.clone()).is_some_and(|s| !s.contains('\n'));
    if fits(&whole) && one_line(&whole) {
        return whole;
    }
    let words = unit.text.source(claim.range.clone());
    let words = words.start.max(whole.start)..words.end.min(whole.end);
    [CLAUSE, PART, " \t\n"]
        .into_iter()
        .map(|ends| trimmed(message, widened(message, &whole, &words, ends)))
        .find(|r| fits(r) && (one_line(r) || !one_line(&words)))
        .unwrap_or_else(|| cut(message, trimmed(message, words)))
}

/// What ends a clause, and what ends a part of one.
const CLAUSE: &str = ".;!?\n。；！？";
const PART: &str = ".,:;!?()\n。，：；！？";

/// Words with what stands around them up to the characters that end a clause.
fn widened(message: &str, whole: &Range<usize>, words: &Range<usize>, ends: &str) -> Range<usize> {
    // A point inside a number or a name ends nothing.
    let ends_at = |at: usize, c: char| {
        let next = message
            .get(at + c.len_utf8()..)
            .and_then(|s| s.chars().next());
        ends.contains(c) && (!c.is_ascii_punctuation() || next.is_none_or(char::is_whitespace))
    };
    let before = message.get(whole.start..words.start).unwrap_or_default();
    let start = (before.char_indices().rev())
        .find(|(i, c)| ends_at(whole.start + i, *c))
        .map_or(whole.start, |(i, c)| whole.start + i + c.len_utf8());
    let after = message.get(words.end..whole.end).unwrap_or_default();
    let end = (after.char_indices())
        .find(|(i, c)| ends_at(words.end + i, *c))
        .map_or(whole.end, |(i, c)| match c {
            '.' | '!' | '?' | '。' | '！' | '？' => words.end + i + c.len_utf8(),
            _ => words.end + i,
        });
    start..end.max(start)
}

/// Without white space at the ends, and without the comma before the next field.
fn trimmed(message: &str, range: Range<usize>) -> Range<usize> {
    let text = message.get(range.clone()).unwrap_or_default();
    let start = range.start + (text.len() - text.trim_start().len());
    start..start + text.trim().trim_end_matches(',').len()
}

/// Cut at a word, where it is too long to be shown.
fn cut(message: &str, range: Range<usize>) -> Range<usize> {
    let text = message.get(range.clone()).unwrap_or_default();
    if text.len() <= SHOWN {
        return range;
    }
    let within = |(i, c): (usize, char)| (i <= SHOWN && c.is_whitespace()).then_some(i);
    let at = text.char_indices().filter_map(within).next_back();
    let at = at
        .filter(|i| *i > 0)
        .or_else(|| text.char_indices().map(|(i, _)| i).rfind(|i| *i <= SHOWN));
    trimmed(message, range.start..range.start + at.unwrap_or(text.len()))
}

/// What is to be done about a limit: a schema keeps it only where the reply is one that has a schema.
pub(super) fn limit_label(r: &Rule, has_schema: bool) -> String {
    let said = r.instead.lines().next().unwrap_or_default();
    if has_schema || !said.contains("schema") {
        said.to_owned()
    } else {
        "Check it in code after the reply.".to_owned()
    }
}

/// Whether a unit has words of its own beside what it interpolates.
pub(super) fn asks_beside_holes(call: &LlmCall, unit: &Unit) -> bool {
    let Some(text) = call.messages.get(unit.message).map(|m| &m.text) else {
        return false;
    };
    let mut said = text
        .text
        .get(unit.range.clone())
        .unwrap_or_default()
        .to_owned();
    for h in unit.holes.iter().filter_map(|h| text.holes.get(*h)) {
        said = said.replace(&format!("{{{}}}", h.expression), " ");
    }
    let has_letter = |w: &&str| w.chars().any(char::is_alphabetic);
    said.split_whitespace().filter(has_letter).count() >= MIN_WORDS
}

/// A label for the code that reads the reply.
pub(super) fn reader_label(call: &LlmCall) -> Option<Label> {
    reply::reader(call).map(|(location, what)| Label {
        location,
        message: what.to_owned(),
        kind: LabelKind::ReplyUse,
    })
}

/// Labels for the interpolated data.
pub(super) fn inputs(call: &LlmCall, cover: &Coverage) -> Vec<Label> {
    let mut out: Vec<Label> = Vec::new();
    for (m, h, kind) in &cover.holes {
        let Some(hole) = call.messages.get(*m).and_then(|m| m.text.holes.get(*h)) else {
            continue;
        };
        // What no expression of the program stands for (a picture among the parts) has no place.
        if hole.location == Location::default() {
            continue;
        }
        let message = match kind {
            HoleKind::Unknown => "the input".to_owned(),
            k => format!("the input ({})", k.as_str()),
        };
        if out.len() < 4 && out.iter().all(|l| l.location != hole.location) {
            out.push(Label {
                location: hole.location,
                message,
                kind: LabelKind::Input,
            });
        }
    }
    out
}
