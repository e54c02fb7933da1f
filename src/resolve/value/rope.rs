//! Text as the evaluator puts it together: literal pieces with their source, holes, alternatives.

use std::rc::Rc;

use super::Value;
use crate::calls::{GapReason, Items, Origin};
use crate::hir::{Literal, Run};
use crate::source::{FileId, Location};

/// Segments of one text; a text that grows past this is a loop gone wrong or data.
const MAX_SEGMENTS: usize = 4096;
/// Nested alternatives and repetitions whose characters are collected, and how many bytes of them.
const MAX_NESTED: u32 = 16;
const MAX_COLLECTED: usize = 65_536;

/// Text as a sequence of pieces.
#[derive(Debug, Clone, Default)]
pub(crate) struct Rope {
    pub(crate) segments: Vec<Segment>,
}

/// A piece of text.
#[derive(Debug, Clone)]
pub(crate) enum Segment {
    /// Literal text; see [`crate::hir::Literal`].
    Literal {
        file: FileId,
        text: Rc<str>,
        runs: Rc<[Run]>,
    },
    /// An interpolated value.
    Hole(Rc<HoleSegment>),
    /// One of several texts.
    Alternatives(Rc<Vec<Rope>>),
    /// Any number of repetitions.
    Repeat(Rc<Rope>),
    /// Separately built sections meet here.
    Break,
}

/// An interpolated value.
#[derive(Debug)]
pub(crate) struct HoleSegment {
    pub(crate) expression: String,
    pub(crate) location: Option<Location>,
    pub(crate) ty: Option<String>,
    pub(crate) origin: Origin,
    pub(crate) value: Value,
    /// Set where instruction text, not data, may hide behind the hole.
    pub(crate) gap: Option<(GapReason, String)>,
    /// See [`crate::calls::Hole::items`].
    pub(crate) items: Option<Items>,
    /// Whether it is an item only where the text is repeated.
    pub(crate) if_repeated: bool,
}

impl Segment {
    /// What stands for text that is left out because there is too much of it.
    fn cut() -> Self {
        Self::Hole(Rc::new(HoleSegment {
            expression: "…".to_owned(),
            location: None,
            ty: None,
            origin: Origin::Other,
            value: Value::unknown(GapReason::Limit),
            gap: Some((GapReason::Limit, String::new())),
            items: None,
            if_repeated: false,
        }))
    }
}

impl Rope {
    /// Text that stands nowhere in a source.
    pub(crate) fn unmapped(text: &str) -> Self {
        Self {
            segments: vec![Segment::Literal {
                file: FileId(u32::MAX),
                text: text.into(),
                runs: Rc::new([]),
            }],
        }
    }

    pub(crate) fn push(&mut self, other: &Self) {
        if self.segments.len() < MAX_SEGMENTS {
            self.segments.extend(other.segments.iter().cloned());
        } else if !matches!(self.segments.last(), Some(Segment::Hole(h)) if h.gap.is_some()) {
            self.segments.push(Segment::cut());
        }
    }

    /// Whether two texts are literal throughout and stand at the same places.
    pub(super) fn same_places(&self, other: &Self) -> bool {
        let same = |(a, b): (&Segment, &Segment)| match (a, b) {
            (
                Segment::Literal { file, text, runs },
                Segment::Literal {
                    file: other_file,
                    text: other_text,
                    runs: other_runs,
                },
            ) => {
                let start = |runs: &Rc<[Run]>| runs.first().map(|r| r.source);
                file == other_file && start(runs) == start(other_runs) && text == other_text
            }
            _ => false,
        };
        self.segments.len() == other.segments.len()
            && self.segments.iter().zip(&other.segments).all(same)
    }

    /// The text if it is literal throughout.
    pub(crate) fn as_literal(&self) -> Option<String> {
        let mut out = String::new();
        for s in &self.segments {
            match s {
                Segment::Literal { text, .. } => out.push_str(text),
                Segment::Break => {}
                _ => return None,
            }
        }
        Some(out)
    }

    /// All literal characters, holes left out, in order.
    pub(crate) fn literal_text(&self) -> String {
        let mut out = String::new();
        self.collect_literal(&mut out, 0);
        out
    }

    fn collect_literal(&self, out: &mut String, depth: u32) {
        if depth > MAX_NESTED || out.len() > MAX_COLLECTED {
            return;
        }
        for s in &self.segments {
            match s {
                Segment::Literal { text, .. } => out.push_str(text),
                Segment::Hole(_) | Segment::Break => out.push(' '),
                Segment::Alternatives(a) => a.iter().for_each(|r| {
                    out.push(' ');
                    r.collect_literal(out, depth + 1);
                }),
                Segment::Repeat(r) => r.collect_literal(out, depth + 1),
            }
        }
    }

    /// Number of words of literal text; a run of CJK characters counts one word for two characters.
    pub(crate) fn words(&self) -> usize {
        count_words(&self.literal_text())
    }

    /// File, first source byte and text of every mapped literal piece.
    pub(crate) fn each_literal(&self, f: &mut dyn FnMut(FileId, u32, &str)) {
        for s in &self.segments {
            match s {
                Segment::Literal { file, text, runs } => {
                    if let Some(r) = runs.first() {
                        f(*file, r.source, text);
                    }
                }
                Segment::Alternatives(a) => a.iter().for_each(|r| r.each_literal(f)),
                Segment::Repeat(r) => r.each_literal(f),
                Segment::Hole(_) | Segment::Break => {}
            }
        }
    }

    /// Whether some of the text is one of several.
    pub(crate) fn has_alternatives(&self) -> bool {
        self.segments.iter().any(|s| match s {
            Segment::Alternatives(_) => true,
            Segment::Repeat(r) => r.has_alternatives(),
            Segment::Literal { .. } | Segment::Hole(_) | Segment::Break => false,
        })
    }

    /// All holes, nested ones too.
    pub(crate) fn each_hole(&self, f: &mut dyn FnMut(&Rc<HoleSegment>)) {
        for s in &self.segments {
            match s {
                Segment::Hole(h) => f(h),
                Segment::Alternatives(a) => a.iter().for_each(|r| r.each_hole(f)),
                Segment::Repeat(r) => r.each_hole(f),
                Segment::Literal { .. } | Segment::Break => {}
            }
        }
    }
}

/// See [`Rope::words`].
pub(crate) fn count_words(text: &str) -> usize {
    let wide = text
        .chars()
        .filter(|c| ('\u{2e80}'..'\u{e000}').contains(c))
        .count();
    text.split(|c: char| !c.is_alphanumeric() || ('\u{2e80}'..'\u{e000}').contains(&c))
        .filter(|w| !w.is_empty())
        .count()
        + wide.div_ceil(2)
}

impl Segment {
    pub(crate) fn literal(file: FileId, literal: &Literal) -> Self {
        Self::Literal {
            file,
            text: literal.text.as_str().into(),
            runs: literal.runs.as_slice().into(),
        }
    }

    /// Part of a literal segment by byte range; `None` for other segments.
    pub(crate) fn slice(&self, start: usize, end: usize) -> Option<Self> {
        let Self::Literal { file, text, runs } = self else {
            return None;
        };
        let part = text.get(start..end)?;
        let start32 = u32::try_from(start).ok()?;
        let mut cut: Vec<Run> = Vec::new();
        let first = runs.partition_point(|r| r.at <= start32);
        if let Some(r) = first.checked_sub(1).and_then(|i| runs.get(i)) {
            cut.push(Run {
                at: 0,
                source: r.source + (start32 - r.at),
            });
        }
        cut.extend(
            runs[first..]
                .iter()
                .take_while(|r| (r.at as usize) < end)
                .map(|r| Run {
                    at: r.at - start32,
                    source: r.source,
                }),
        );
        Some(Self::Literal {
            file: *file,
            text: part.into(),
            runs: cut.into(),
        })
    }
}
