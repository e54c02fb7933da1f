//! Strings and templates: escapes decoded, every character mapped to its source byte.

use tree_sitter::Node;

use crate::hir::{Expr, ExprId, Literal, Piece, Run};
use crate::source::Span;

use super::{Lowering, first, span};

impl<'t> Lowering<'t> {
    /// `'…'`, `"…"`.
    pub(super) fn string(&mut self, node: Node<'t>) -> ExprId {
        let (start, end) = inner(self.slice(node), node.start_byte());
        self.plain_text(decode(self.text, start, end), span(node))
    }

    /// Text of one literal piece.
    pub(super) fn plain_text(&mut self, literal: Literal, span: Span) -> ExprId {
        let pieces = if literal.text.is_empty() {
            Vec::new()
        } else {
            vec![Piece::Literal(literal)]
        };
        self.builder.expr(Expr::Text { pieces, raw: true }, span)
    }

    /// The value of a string node that stands for a name: a module, a key.
    pub(super) fn string_value(&self, node: Node<'t>) -> String {
        let (start, end) = inner(self.slice(node), node.start_byte());
        decode(self.text, start, end).text
    }

    /// `` `…${x}…` ``; `cooked` is false for `String.raw`. `whole` is the span of the expression.
    pub(super) fn template(&mut self, node: Node<'t>, cooked: bool, whole: Span) -> ExprId {
        let (mut at, end) = inner(self.slice(node), node.start_byte());
        let mut pieces = Vec::new();
        let mut raw = true;
        for kid in self.children(node) {
            if kid.kind() != "template_substitution" {
                continue;
            }
            raw = false;
            self.template_literal(at, kid.start_byte(), cooked, &mut pieces);
            self.recover_inside(kid);
            let expr = match first(kid) {
                Some(e) => self.expression(e),
                None => self
                    .builder
                    .opaque("template_substitution", Vec::new(), span(kid)),
            };
            pieces.push(Piece::Hole {
                expr,
                format: None,
                span: span(kid),
            });
            at = kid.end_byte();
        }
        self.template_literal(at, end, cooked, &mut pieces);
        self.builder.expr(Expr::Text { pieces, raw }, whole)
    }

    fn template_literal(&self, start: usize, end: usize, cooked: bool, pieces: &mut Vec<Piece>) {
        let end = end.max(start);
        let literal = if cooked {
            decode(self.text, start, end)
        } else {
            Literal::verbatim(self.text.get(start..end).unwrap_or_default(), start)
        };
        if !literal.text.is_empty() {
            pieces.push(Piece::Literal(literal));
        }
    }

    /// A JSDoc comment as text, without its stars.
    pub(super) fn doc(&mut self, comment: Option<Node<'t>>) -> Option<ExprId> {
        let comment = comment?;
        let source = self.slice(comment);
        let body = source.strip_prefix("/**")?;
        let body = body.strip_suffix("*/").unwrap_or(body);
        let mut literal = Literal {
            span: span(comment),
            ..Literal::default()
        };
        let mut at = comment.start_byte() + 3;
        for line in body.split_inclusive('\n') {
            let trimmed = line.trim_start_matches([' ', '\t']);
            let text = trimmed.strip_prefix('*').unwrap_or(trimmed);
            let text = text.strip_prefix(' ').unwrap_or(text);
            literal.push(text, at + line.len() - text.len());
            at += line.len();
        }
        let pieces = vec![Piece::Literal(literal)];
        Some(
            self.builder
                .expr(Expr::Text { pieces, raw: false }, span(comment)),
        )
    }
}

/// The bytes between the quotes of a literal that starts at `start`; the closing one may be missing.
pub(super) fn inner(source: &str, start: usize) -> (usize, usize) {
    let end = start + source.len();
    match source.chars().next() {
        Some(q @ ('"' | '\'' | '`')) => {
            let closed = source.len() > 1 && source.ends_with(q);
            (start + 1, end - usize::from(closed))
        }
        _ => (start, end),
    }
}

/// Decodes the escapes of `text[start..end]`.
pub(super) fn decode(text: &str, start: usize, end: usize) -> Literal {
    let body = text.get(start..end).unwrap_or_default();
    let mut literal = Literal {
        span: Span::new(start, start + body.len()),
        ..Literal::default()
    };
    let mut at = 0;
    while let Some(rest) = body.get(at..)
        && let Some(plain) = rest.find(['\\', '\r'])
    {
        if plain > 0 {
            literal.push(&rest[..plain], start + at);
        }
        at += plain;
        let rest = &rest[plain..];
        let (decoded, len) = if rest.starts_with('\r') {
            // A template reads `\r\n` as `\n`.
            match rest.as_bytes().get(1) {
                Some(b'\n') => (Some('\n'), 2),
                _ => (Some('\r'), 1),
            }
        } else {
            escape(&rest[1..])
        };
        if let Some(c) = decoded {
            let mut buffer = [0; 4];
            let c: &str = c.encode_utf8(&mut buffer);
            if rest.get(len - c.len()..).is_some_and(|r| r.starts_with(c)) && len <= 1 + c.len() {
                // `\"`: the character stands in the source as it is.
                literal.push(c, start + at + len - c.len());
            } else {
                push_escape(&mut literal, c, start + at);
            }
        }
        at += len;
    }
    if let Some(rest) = body.get(at..)
        && !rest.is_empty()
    {
        literal.push(rest, start + at);
    }
    literal
}

/// Appends a character that the source writes otherwise, in a run of its own.
fn push_escape(literal: &mut Literal, decoded: &str, source: usize) {
    literal.runs.push(Run {
        at: u32::try_from(literal.text.len()).unwrap_or(u32::MAX),
        source: u32::try_from(source).unwrap_or(u32::MAX),
    });
    literal.text.push_str(decoded);
}

/// What the escape that goes on with `rest` (after the backslash) stands for, and its length in
/// bytes with the backslash. A malformed one stands for its own letter, as a sloppy reader has it.
fn escape(rest: &str) -> (Option<char>, usize) {
    let Some(c) = rest.chars().next() else {
        return (None, 1);
    };
    let plain = (Some(c), 1 + c.len_utf8());
    match c {
        'n' => (Some('\n'), 2),
        't' => (Some('\t'), 2),
        'r' => (Some('\r'), 2),
        'b' => (Some('\u{8}'), 2),
        'f' => (Some('\u{c}'), 2),
        'v' => (Some('\u{b}'), 2),
        '0'..='7' => {
            let limit = if c <= '3' { 3 } else { 2 };
            let len = rest
                .bytes()
                .take(limit)
                .take_while(|b| matches!(b, b'0'..=b'7'))
                .count();
            let code = u32::from_str_radix(&rest[..len], 8).ok();
            (code.and_then(char::from_u32), 1 + len)
        }
        'x' => match hex(rest, 1, 2) {
            Some(code) => (char::from_u32(code), 4),
            None => plain,
        },
        'u' => unicode(rest).unwrap_or(plain),
        // Line continuations.
        '\r' => (None, if rest.starts_with("\r\n") { 3 } else { 2 }),
        '\n' | '\u{2028}' | '\u{2029}' => (None, 1 + c.len_utf8()),
        _ => plain,
    }
}

/// `u{…}`, `uXXXX`, a surrogate pair. A lone surrogate is no character: the replacement character.
fn unicode(rest: &str) -> Option<(Option<char>, usize)> {
    let whole = |code| Some(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
    if let Some(braced) = rest.strip_prefix("u{") {
        let len = braced.find('}')?;
        let digits = &braced[..len];
        if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
            return None;
        }
        let code = u32::from_str_radix(digits, 16).unwrap_or(u32::MAX);
        return Some((whole(code), 4 + len));
    }
    let high = hex(rest, 1, 4)?;
    if (0xD800..0xDC00).contains(&high)
        && rest.get(5..7) == Some("\\u")
        && let Some(low) = hex(rest, 7, 4)
        && (0xDC00..0xE000).contains(&low)
    {
        let code = 0x1_0000 + ((high - 0xD800) << 10) + (low - 0xDC00);
        return Some((whole(code), 12));
    }
    Some((whole(high), 6))
}

/// Exactly `len` hexadecimal digits.
fn hex(text: &str, at: usize, len: usize) -> Option<u32> {
    let digits = text.get(at..at + len)?;
    digits
        .bytes()
        .all(|b| b.is_ascii_hexdigit())
        .then(|| u32::from_str_radix(digits, 16).ok())
        .flatten()
}
