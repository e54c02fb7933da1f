//! Format strings (`format!("{x} {0} {name} {}", …)`) as text with holes.

use super::Lowerer;
use super::text::{append, source_range};
use crate::hir::{Arg, Expr, ExprId, Literal, Name, Piece};
use crate::source::Span;

impl Lowerer<'_> {
    /// Text of these bytes from a format string, where `format` is one, and the arguments that
    /// follow it.
    pub(super) fn formatted(&mut self, format: ExprId, args: &[Arg], span: Span) -> ExprId {
        let literals: Vec<Literal> = match self.b.facts().expr(format) {
            Expr::Text { pieces, .. } => {
                let literals: Vec<_> = pieces
                    .iter()
                    .filter_map(|p| match p {
                        Piece::Literal(l) => Some(l.clone()),
                        Piece::Hole { .. } => None,
                    })
                    .collect();
                if literals.len() < pieces.len() {
                    return format;
                }
                literals
            }
            _ => return format,
        };
        let mut next = 0;
        let mut pieces = Vec::new();
        for literal in &literals {
            self.format_literal(literal, args, &mut next, &mut pieces);
        }
        self.b.expr(Expr::Text { pieces, raw: false }, span)
    }

    fn format_literal(
        &mut self,
        literal: &Literal,
        args: &[Arg],
        next: &mut usize,
        pieces: &mut Vec<Piece>,
    ) {
        let text = literal.text.as_str();
        let mut piece = Literal::default();
        let mut at = 0;
        while let Some(found) = text[at..].find(['{', '}']) {
            let brace = at + found;
            let open = text.as_bytes()[brace] == b'{';
            append(&mut piece, literal, at, brace);
            let doubled = text.as_bytes().get(brace + 1) == Some(&text.as_bytes()[brace]);
            let close = text[brace..].find('}').map(|n| brace + n);
            match close {
                _ if doubled => {
                    append(&mut piece, literal, brace, brace + 1);
                    at = brace + 2;
                    continue;
                }
                Some(close) if open => {
                    if !piece.text.is_empty() {
                        pieces.push(Piece::Literal(std::mem::take(&mut piece)));
                    }
                    if let Some(hole) = self.hole(literal, brace, close, args, next) {
                        pieces.push(hole);
                    }
                    at = close + 1;
                }
                _ => {
                    // The compiler would not take it; as written.
                    append(&mut piece, literal, brace, brace + 1);
                    at = brace + 1;
                }
            }
        }
        append(&mut piece, literal, at, text.len());
        if !piece.text.is_empty() {
            pieces.push(Piece::Literal(piece));
        }
    }

    /// The interpolation between the braces at `open` and `close`.
    fn hole(
        &mut self,
        literal: &Literal,
        open: usize,
        close: usize,
        args: &[Arg],
        next: &mut usize,
    ) -> Option<Piece> {
        let inside = literal.text.get(open + 1..close)?;
        let (selector, format) = match inside.split_once(':') {
            Some((selector, format)) => (selector, Some(format)),
            None => (inside, None),
        };
        let lead = selector.len() - selector.trim_start().len();
        let selector = selector.trim();
        if format.is_some_and(|f| f.contains(".*")) {
            // The precision comes first.
            *next += 1;
        }
        let positional = |n: usize| {
            args.iter()
                .filter(|a| a.name.is_none())
                .nth(n)
                .map(|a| a.value)
        };
        let from = open + 1 + lead;
        let name_span = source_range(literal, from, from + selector.len());
        let expr = if selector.is_empty() {
            *next += 1;
            positional(*next - 1)
        } else if let Ok(n) = selector.parse() {
            positional(n)
        } else {
            let name: Name = super::identifier(selector);
            Some(match args.iter().find(|a| a.name.as_ref() == Some(&name)) {
                Some(arg) => arg.value,
                None => self.b.expr(Expr::Name(name), name_span),
            })
        };
        let span = source_range(literal, open, close + 1);
        let expr = match expr {
            Some(e) => e,
            None => self.b.opaque("missing argument", Vec::new(), span),
        };
        Some(Piece::Hole {
            expr,
            format: format.filter(|f| !f.is_empty()).map(Name::from),
            span,
        })
    }

    /// `concat!`: the texts of all arguments in one.
    pub(super) fn concatenated(&mut self, args: &[Arg], span: Span) -> ExprId {
        let mut pieces = Vec::new();
        for arg in args {
            match self.b.facts().expr(arg.value) {
                Expr::Text { pieces: parts, .. } => pieces.extend(parts.iter().cloned()),
                _ => pieces.push(Piece::Hole {
                    expr: arg.value,
                    format: None,
                    span: self.b.facts().span(arg.value),
                }),
            }
        }
        self.b.expr(Expr::Text { pieces, raw: true }, span)
    }
}
