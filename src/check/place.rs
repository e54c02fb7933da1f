//! Where a finding stands, and the places that belong to it.

use super::coverage::{Claim, Coverage};
use super::reply;
use crate::calls::LlmCall;
use crate::finding::{Label, LabelKind};
use crate::prompt::{HoleKind, Unit};
use crate::source::Location;

/// Bytes of a unit up to which all of it is shown instead of the matched words.
const WHOLE_UNIT: usize = 110;
/// Characters of the prompt that a message quotes.
const QUOTED: usize = 70;

/// The place of a claim in the source: the unit where it is short and stands in one piece, else the
/// matched words.
pub(super) fn place(call: &LlmCall, unit: &Unit, claim: &Claim) -> Option<Location> {
    let text = &call.messages.get(unit.message)?.text;
    let words = unit.text.source(claim.range.clone());
    let short = unit.range.len() <= WHOLE_UNIT
        && text
            .text
            .get(unit.range.clone())
            .is_some_and(|s| !s.contains('\n'));
    let range = if short { unit.range.clone() } else { words };
    let mut found = text.locate(range);
    if found.is_empty() {
        found = text.locate(unit.range.clone());
    }
    found.first().copied().or(Some(call.location))
}

/// The words of the prompt, short enough for a message.
pub(super) fn quote(call: &LlmCall, unit: &Unit, claim: &Claim) -> String {
    let text = call
        .messages
        .get(unit.message)
        .and_then(|m| {
            let range = if unit.range.len() <= QUOTED {
                unit.range.clone()
            } else {
                unit.text.source(claim.range.clone())
            };
            m.text.text.get(range)
        })
        .unwrap_or_default();
    let mut out: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if let Some((i, _)) = out.char_indices().nth(QUOTED) {
        out.truncate(i);
        out.push('…');
    }
    out
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
