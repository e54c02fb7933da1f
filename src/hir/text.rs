//! Text as it was written: literal pieces with their escapes decoded, each character mapped to its
//! source byte, and the holes between them.

use super::{ExprId, Name};
use crate::source::Span;

/// A piece of text.
#[derive(Debug, Clone)]
pub enum Piece {
    /// Literal characters.
    Literal(Literal),
    /// An interpolated expression.
    Hole {
        /// The expression.
        expr: ExprId,
        /// A format specification as written (`:.2f`, `:?`).
        format: Option<Name>,
        /// The bytes of the interpolation, braces and all.
        span: Span,
    },
}

/// Decoded literal text and where its characters stand in the source.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Literal {
    /// The text with escapes decoded.
    pub text: String,
    /// Linear runs: the decoded text from byte `at` on stands at source byte `source` on, one to
    /// one, until the next run begins. An escape starts a run of its own. Sorted by `at`; the first has `at == 0`.
    pub runs: Vec<Run>,
    /// All source bytes of this piece, without quotes.
    pub span: Span,
}

/// See [`Literal::runs`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Run {
    /// Byte offset in the decoded text.
    pub at: u32,
    /// Byte offset in the file's analysed text.
    pub source: u32,
}

impl Literal {
    /// Text that stands in the source exactly as it reads.
    #[must_use]
    pub fn verbatim(text: &str, start: usize) -> Self {
        let span = Span::new(start, start + text.len());
        Self {
            text: text.to_owned(),
            runs: vec![Run {
                at: 0,
                source: span.start,
            }],
            span,
        }
    }

    /// Appends decoded characters that stand at source byte `source`; starts a run only where the
    /// last one does not simply go on.
    pub fn push(&mut self, decoded: &str, source: usize) {
        let at = u32::try_from(self.text.len()).unwrap_or(u32::MAX);
        let source = u32::try_from(source).unwrap_or(u32::MAX);
        let continues = self
            .runs
            .last()
            .is_some_and(|r| u64::from(r.source) + u64::from(at - r.at) == u64::from(source));
        if !continues {
            self.runs.push(Run { at, source });
        }
        self.text.push_str(decoded);
    }

    /// Source byte of a decoded byte offset.
    #[must_use]
    pub fn source_of(&self, at: u32) -> u32 {
        let i = self.runs.partition_point(|r| r.at <= at);
        match i.checked_sub(1).and_then(|i| self.runs.get(i)) {
            Some(r) => (r.source + (at - r.at)).min(self.span.end),
            None => self.span.start,
        }
    }
}
