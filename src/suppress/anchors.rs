//! Which lines a comment and a finding have in common.
//!
//! A comment silences a finding if the line that it belongs to is
//! * any line of the words that the finding points at,
//! * the first or last line of the literal or of the statement that holds these words,
//! * the first or last line of the call that sends the prompt, or
//! * for a comment behind code, the last line of a literal or a call that holds the words or the call.

use rustc_hash::FxHashSet;

use super::Context;
use crate::finding::Finding;
use crate::source::{FileId, Location, SourceFile, Span};

/// The line that a directive belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Target {
    /// 0-based line of the analysed text.
    line: usize,
    /// Whether the directive stands behind something on that line.
    trailing: bool,
}

/// The lines of a file that hold nothing to be silenced.
pub(super) struct Lines<'a> {
    source: &'a SourceFile,
    /// Those that hold nothing but comment.
    comments: FxHashSet<usize>,
}

impl<'a> Lines<'a> {
    /// Of a file with these comments.
    pub(super) fn of(source: &'a SourceFile, comments: &[Span]) -> Self {
        Self {
            source,
            comments: comment_lines(source, comments),
        }
    }

    /// The line that a directive belongs to: its own, or the next one that holds more than comment.
    pub(super) fn target(&self, directive: Span) -> Target {
        let own = self.source.line_index(directive.start);
        let trailing = !self.comments.contains(&own);
        let mut line = own;
        let count = self.source.line_starts().len();
        while !trailing && line < count && (self.comments.contains(&line) || self.is_blank(line)) {
            line += 1;
        }
        Target { line, trailing }
    }

    fn is_blank(&self, line: usize) -> bool {
        let start = self.source.line_starts().get(line);
        start.is_some_and(|s| self.source.line_at(*s).trim().is_empty())
    }
}

/// The 0-based lines that hold nothing but comment.
fn comment_lines(source: &SourceFile, comments: &[Span]) -> FxHashSet<usize> {
    let mut lines = FxHashSet::default();
    for &c in comments {
        let first = source.line_index(c.start);
        let start = source.line_starts().get(first).copied().unwrap_or(0);
        let before = Span {
            start,
            end: c.start,
        };
        if source.slice(before).trim().is_empty() {
            let last = source.line_index(c.end.saturating_sub(1).max(c.start));
            let end = source
                .line_starts()
                .get(last + 1)
                .copied()
                .unwrap_or(u32::try_from(source.text().len()).unwrap_or(u32::MAX));
            let after = source.slice(Span {
                start: c.end,
                end: end.max(c.end),
            });
            lines.extend(first..last + usize::from(after.trim().is_empty()));
        }
    }
    lines
}

/// The lines at which comments silence a finding.
#[derive(Debug, Default)]
pub(super) struct Anchors {
    /// For comments above a line and behind it.
    lines: Vec<(FileId, usize)>,
    /// For comments behind something only.
    closing: Vec<(FileId, usize)>,
}

impl Anchors {
    /// Of a finding.
    pub(super) fn of(finding: &Finding, context: &Context<'_>) -> Self {
        let ends = |l: Location| {
            let source = context.files.get(l.file);
            let first = source.line_index(l.span.start);
            let last = source.line_index(l.span.end.saturating_sub(1).max(l.span.start));
            (first, last)
        };
        let mut out = Self::default();
        let primary = finding.primary;
        let (first, last) = ends(primary);
        out.lines
            .extend((first..=last).map(|line| (primary.file, line)));
        let mut add = |l: Location| {
            let (first, last) = ends(l);
            out.lines.extend([(l.file, first), (l.file, last)]);
        };
        add(finding.call.location);
        let of_file = |file: FileId| context.comments.iter().filter(move |c| c.file == file);
        let holds = |l: &Location| l.file == primary.file && l.span.contains(primary.span);
        if !of_file(primary.file).any(|c| c.is_prompt_file) {
            for call in context.calls {
                if call.location == finding.call.location {
                    let spans = call.messages.iter().flat_map(|m| &m.text.spans);
                    spans.filter(|l| holds(l)).for_each(|&l| add(l));
                }
            }
        }
        // The innermost statement only: an assignment may be a whole object full of prompts.
        let innermost = of_file(primary.file)
            .flat_map(|c| &c.statements)
            .filter(|s| s.contains(primary.span))
            .min_by_key(|s| s.end - s.start);
        if let Some(&span) = innermost {
            add(Location {
                file: primary.file,
                span,
            });
        }
        for place in [primary, finding.call.location] {
            let around = of_file(place.file).flat_map(|c| &c.expressions);
            let around = around.filter(|e| e.contains(place.span)).map(|&span| {
                let file = place.file;
                (file, ends(Location { file, span }).1)
            });
            out.closing.extend(around);
        }
        out
    }

    /// Whether a comment that belongs to this line of a file silences the finding.
    pub(super) fn hold(&self, file: FileId, target: Target) -> bool {
        let at = (file, target.line);
        self.lines.contains(&at) || target.trailing && self.closing.contains(&at)
    }
}
