//! What the program does with the reply, as evidence: machine use, and the kind of value wanted.

use crate::calls::{LlmCall, ReplyUse, ReplyUseKind};
use crate::prompt::HoleKind;
use crate::prompt::holes::by_type;
use crate::rules::schema::OutputKind;
use crate::source::Location;

/// Whether the program reads the reply as data rather than showing it.
#[must_use]
pub(super) fn machine_use(call: &LlmCall) -> bool {
    call.reply_uses.iter().any(|u| {
        u.kind.reads_text()
            || matches!(
                u.kind,
                ReplyUseKind::TypedParse
                    | ReplyUseKind::Cast
                    | ReplyUseKind::Execute
                    | ReplyUseKind::Lookup
                    | ReplyUseKind::DateParse
                    | ReplyUseKind::WriteFile
                    | ReplyUseKind::Store
            )
    })
}

/// Where the program reads the reply, for a secondary label: the use that says most about what it
/// wants, parsing before cleaning before testing; `None` where it is only shown or passed on.
#[must_use]
pub(super) fn reader(call: &LlmCall) -> Option<(Location, &'static str)> {
    call.reply_uses
        .iter()
        .filter_map(|u| {
            let (rank, what) = reading(u.kind)?;
            Some((rank, u.via.unwrap_or(u.location), what))
        })
        .min()
        .map(|(_, place, what)| (place, what))
}

const fn reading(kind: ReplyUseKind) -> Option<(u8, &'static str)> {
    Some(match kind {
        ReplyUseKind::JsonParse | ReplyUseKind::TypedParse => (0, "the reply is parsed here"),
        ReplyUseKind::Cast => (0, "the reply is cast here"),
        ReplyUseKind::DateParse => (0, "the reply is read as a date here"),
        ReplyUseKind::Execute => (0, "the reply is executed here"),
        ReplyUseKind::Regex => (1, "the reply is searched here"),
        ReplyUseKind::Split => (1, "the reply is split here"),
        ReplyUseKind::Strip => (1, "the reply is cleaned here"),
        ReplyUseKind::IndexOf => (1, "the reply is cut here"),
        ReplyUseKind::Compare | ReplyUseKind::Contains => (2, "the reply is tested here"),
        ReplyUseKind::Lookup => (2, "the reply is looked up here"),
        _ => return None,
    })
}

/// Where the program tests the reply for a word of this text.
#[must_use]
pub(super) fn tester(call: &LlmCall, text: &str) -> Option<Location> {
    let text = text.to_lowercase();
    call.reply_uses
        .iter()
        .find(|u| tests(u, &text))
        .map(|u| u.via.unwrap_or(u.location))
}

/// Whether all that is done with the reply is to show it.
#[must_use]
pub(super) fn only_shown(call: &LlmCall) -> bool {
    !call.reply_uses.is_empty()
        && call
            .reply_uses
            .iter()
            .all(|u| matches!(u.kind, ReplyUseKind::Print | ReplyUseKind::Normalize))
}

/// Whether a use of the reply compares it with this literal, in any case.
#[must_use]
pub(super) fn compares_with(call: &LlmCall, text: &str) -> bool {
    let text = text.to_lowercase();
    call.reply_uses.iter().any(|u| tests(u, &text))
}

/// Whether a use tests the reply for a word of a text in lower case.
fn tests(u: &ReplyUse, text: &str) -> bool {
    matches!(
        u.kind,
        ReplyUseKind::Compare | ReplyUseKind::Contains | ReplyUseKind::Lookup
    ) && u.detail.as_deref().is_some_and(|d| {
        let d = d.trim().to_lowercase();
        d.len() >= 2
            && text
                .split(|c: char| !c.is_alphanumeric() && c != '_' && c != '-')
                .any(|w| w == d)
            || d.len() >= 6 && text.contains(&d)
    })
}

/// The kind of value that the program wants, from schema, reply uses and parameters.
#[must_use]
pub(super) fn output(call: &LlmCall) -> OutputKind {
    if !call.schema.is_empty() {
        return schema_output(call);
    }
    for u in &call.reply_uses {
        let detail = u.detail.as_deref().unwrap_or_default().to_lowercase();
        match u.kind {
            ReplyUseKind::Cast => {
                return if detail.contains("bool") {
                    OutputKind::Boolean
                } else {
                    OutputKind::Number
                };
            }
            ReplyUseKind::Compare | ReplyUseKind::Contains
                if matches!(
                    detail.trim_matches(['"', '\'', '.', ' ']),
                    "yes" | "no" | "true" | "false" | "valid" | "invalid" | "y" | "n" | "1" | "0"
                ) =>
            {
                return OutputKind::Boolean;
            }
            ReplyUseKind::Compare | ReplyUseKind::Lookup => return OutputKind::Enum,
            ReplyUseKind::DateParse => return OutputKind::Date,
            ReplyUseKind::Split => return OutputKind::List,
            _ => {}
        }
    }
    OutputKind::Text
}

fn schema_output(call: &LlmCall) -> OutputKind {
    let kinds: Vec<Option<HoleKind>> = call.schema.iter().map(|f| by_type(&f.ty)).collect();
    let strings = kinds.iter().filter(|k| k.is_none()).count();
    match kinds.as_slice() {
        [Some(HoleKind::Number)] => OutputKind::Number,
        [Some(HoleKind::Boolean)] => OutputKind::Boolean,
        [Some(HoleKind::Enum)] => OutputKind::Enum,
        [Some(HoleKind::Date)] => OutputKind::Date,
        [Some(HoleKind::List)] => OutputKind::List,
        // A flag with a word on why not is still a check.
        _ if strings <= 1 && kinds.contains(&Some(HoleKind::Boolean)) => OutputKind::Boolean,
        _ if strings == 0 => OutputKind::Record,
        _ => OutputKind::Text,
    }
}
