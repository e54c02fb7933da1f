//! Prompt units: a prompt cut into the pieces that rules judge one by one.
//!
//! This module owns [`Unit`] and the text in which patterns are looked for. A unit is a sentence, a
//! bullet, a heading or a line of a message; data (examples, JSON shapes, fences, bare
//! interpolations) is told apart from instructions. Each unit keeps its byte range in the message,
//! so that whatever is found in it can be shown in the source.

mod folded;
pub mod holes;
mod introduced;
mod lines;
mod matching;
mod sentences;
pub mod shape;
mod units;

use std::ops::Range;

use crate::calls::{LlmCall, Role};

pub use holes::HoleKind;
pub use matching::{Affirmative, MatchText, words_of};

/// What a unit is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum UnitKind {
    /// Something that may ask for work.
    Instruction,
    /// A title over what follows (`## Rules`, `Output:`).
    Heading,
    /// Data: an example, a fence, a JSON or table line, a sample turn, a bare interpolation.
    Data,
}

/// A piece of a prompt.
#[derive(Debug, Clone, PartialEq)]
pub struct Unit {
    /// Index of the message in [`LlmCall::messages`].
    pub message: usize,
    /// Who speaks.
    pub role: Role,
    /// What it is.
    pub kind: UnitKind,
    /// Bytes of the message text.
    pub range: Range<usize>,
    /// Indices of the holes of the message that lie inside.
    pub holes: Vec<usize>,
    /// Index (among all units of the prompt) of the header that governs it.
    pub header: Option<usize>,
    /// Whether it is a bullet or a numbered point.
    pub bullet: bool,
    /// What patterns are matched against; of data, rules that look at samples of the reply.
    pub text: MatchText,
}

/// Cuts all messages of a call into units, in order.
///
/// Within a message the units are disjoint, in order, and hold every character that is not white
/// space; none crosses a [`crate::calls::PromptText::breaks`] offset.
#[must_use]
pub fn units(call: &LlmCall) -> Vec<Unit> {
    let mut out = Vec::new();
    for (i, m) in call.messages.iter().enumerate() {
        units::cut(i, m, &mut out);
    }
    out
}
