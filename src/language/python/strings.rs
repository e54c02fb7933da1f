//! String nodes: implicit concatenation and f-string interpolations become one text.

use tree_sitter::Node;

use super::Lowering;
use super::kinds::{GRAMMAR, Kind, kind};
use super::text::{Prefix, decode};
use crate::hir::{Expr, ExprId, Name, Piece};
use crate::source::Span;

impl<'t> Lowering<'t> {
    /// The text of a single string without interpolation.
    pub(super) fn plain_string(&mut self, node: Node<'t>) -> Option<Name> {
        if kind(node) != Kind::String {
            return None;
        }
        let (prefix, content) = self.string_parts(node);
        if prefix.format {
            return None;
        }
        let source = self.text.get(content.range())?;
        Some(decode(source, content.start as usize, prefix).text.into())
    }

    /// The prefix of a string and the bytes between its quotes, in the parsed text.
    fn string_parts(&self, node: Node<'t>) -> (Prefix, Span) {
        let first = node.child(0).filter(|n| kind(*n) == Kind::StringStart);
        let last = node
            .child_count()
            .checked_sub(1)
            .and_then(|i| node.child(i))
            .filter(|n| kind(*n) == Kind::StringEnd);
        let start = first.map_or(node.start_byte(), |n| n.end_byte());
        let end = last.map_or(node.end_byte(), |n| n.start_byte());
        let prefix = first.map_or(Prefix::default(), |n| Prefix::of(self.text_of(n)));
        (prefix, Span::new(start, end))
    }

    /// One text from the strings of an implicit concatenation.
    pub(super) fn string(&mut self, parts: &[Node<'t>], span: Span) -> ExprId {
        let mut pieces = Vec::new();
        let mut raw = true;
        for part in parts {
            if kind(*part) != Kind::String {
                continue;
            }
            let (prefix, content) = self.string_parts(*part);
            let mut at = content.start as usize;
            let end = content.end as usize;
            if prefix.format {
                raw = false;
                for hole in self.kids(*part) {
                    if kind(hole) == Kind::Interpolation {
                        self.literal(at, hole.start_byte(), prefix, &mut pieces);
                        self.interpolation(hole, &mut pieces);
                        at = hole.end_byte();
                    }
                }
            }
            self.literal(at, end, prefix, &mut pieces);
        }
        self.builder.expr(Expr::Text { pieces, raw }, span)
    }

    fn literal(&self, from: usize, to: usize, prefix: Prefix, pieces: &mut Vec<Piece>) {
        if let Some(content) = self.text.get(from..to).filter(|c| !c.is_empty()) {
            pieces.push(Piece::Literal(decode(content, self.base + from, prefix)));
        }
    }

    fn interpolation(&mut self, node: Node<'t>, pieces: &mut Vec<Piece>) {
        let fields = &GRAMMAR.fields;
        let expression = node.child_by_field_id(fields.expression);
        let conversion = node.child_by_field_id(fields.type_conversion);
        let specifier = node.child_by_field_id(fields.format_specifier);
        let format_start = conversion.or(specifier).map(|n| n.start_byte());
        if let Some(e) = expression {
            // `{x=}` writes the expression's source and the sign too.
            let end = format_start.unwrap_or(node.end_byte().saturating_sub(1));
            let tail = self.text.get(e.end_byte()..end).unwrap_or_default();
            if tail.trim_end().ends_with('=') {
                let raw = Prefix {
                    raw: true,
                    ..Prefix::default()
                };
                self.literal(e.start_byte(), end, raw, pieces);
            }
        }
        let expr = self.part(expression, node);
        let format = format_start
            .and_then(|from| {
                let to = specifier.or(conversion).map(|n| n.end_byte())?;
                self.text.get(from..to)
            })
            .map(Name::from);
        if let Some(specifier) = specifier {
            for nested in self.kids(specifier) {
                if let Some(inner) = nested.child_by_field_id(fields.expression) {
                    self.expression(inner);
                }
            }
        }
        pieces.push(Piece::Hole {
            expr,
            format,
            span: self.span(node),
        });
    }
}
