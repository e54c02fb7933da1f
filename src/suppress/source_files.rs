//! What suppressions need to know of a source file.

use super::{FileComments, mentioned_in};
use crate::hir::{Expr, Facts};
use crate::source::{FileId, SourceFile, Span};

impl FileComments {
    /// Of a source file that was parsed.
    pub(crate) fn of_source(file: FileId, source: &SourceFile, facts: &Facts) -> Self {
        // Most files have no directive, and need to keep nothing but what says so.
        let own = |c: &Span| mentioned_in(source.slice(*c).as_bytes());
        let expressions = if facts.comments.iter().any(own) {
            expressions(source, facts)
        } else {
            Vec::new()
        };
        Self {
            file,
            comments: facts.comments.clone(),
            statements: facts.writes.iter().map(|w| w.span).collect(),
            expressions,
            is_prompt_file: false,
        }
    }
}

/// The literals, collections and calls of several lines; twice where parentheses around them close on a
/// line of their own.
fn expressions(source: &SourceFile, facts: &Facts) -> Vec<Span> {
    let mut out = Vec::new();
    for e in &facts.exprs {
        let counts = matches!(
            e.kind,
            Expr::Text { .. } | Expr::Call { .. } | Expr::List { .. } | Expr::Map { .. }
        );
        if !counts {
            continue;
        }
        let closed = Span {
            start: e.span.start,
            end: closed(source, e.span.end),
        };
        for span in [e.span, closed] {
            if source.slice(span).contains('\n') {
                out.push(span);
            }
        }
    }
    out.dedup();
    out
}

/// Where the last of the parentheses ends that close behind an offset, blanks between them.
fn closed(source: &SourceFile, end: u32) -> u32 {
    let rest = source.text().get(end as usize..).unwrap_or_default();
    let blank_or_closing = |c: char| c.is_ascii_whitespace() || c == ')';
    let run = &rest[..rest.find(|c| !blank_or_closing(c)).unwrap_or(rest.len())];
    end + u32::try_from(run.rfind(')').map_or(0, |i| i + 1)).unwrap_or(0)
}
