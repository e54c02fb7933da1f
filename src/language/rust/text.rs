//! Literals of text: what they say, and where each character of it stands.

use tree_sitter::Node;

use super::Lowerer;
use crate::hir::{Expr, ExprId, Literal, Piece, Run};
use crate::source::Span;

impl Lowerer<'_> {
    /// A string, raw string, byte string or character literal.
    pub(super) fn literal_text(&mut self, node: Node<'_>) -> ExprId {
        let span = self.span(node);
        let literal = decode(self.slice(span), span.start as usize);
        self.b.expr(plain(literal), span)
    }
}

/// A text expression of one literal piece.
pub(super) fn plain(literal: Literal) -> Expr {
    let pieces = if literal.text.is_empty() {
        Vec::new()
    } else {
        vec![Piece::Literal(literal)]
    };
    Expr::Text { pieces, raw: true }
}

/// Whether a node is a literal that [`decode`] reads.
pub(super) fn is_text(node: Node<'_>) -> bool {
    matches!(
        node.kind(),
        "string_literal" | "raw_string_literal" | "char_literal"
    )
}

/// Decodes a literal as written, quotes and prefix included, that begins at byte `start`.
pub(super) fn decode(token: &str, start: usize) -> Literal {
    let unprefixed = token.trim_start_matches(['b', 'c', 'r']);
    let is_raw = token
        .get(..token.len() - unprefixed.len())
        .is_some_and(|p| p.contains('r'));
    let hashes = if is_raw {
        unprefixed.bytes().take_while(|b| *b == b'#').count()
    } else {
        0
    };
    let prefix = token.len() - unprefixed.len() + hashes;
    let quoted = token.get(prefix..).unwrap_or_default();
    let Some(quote) = quoted.chars().next().filter(|c| matches!(c, '"' | '\'')) else {
        return Literal::verbatim("", start);
    };
    let body = &quoted[1..];
    // What ends the literal may be missing where the file does.
    let end = token.get(token.len().saturating_sub(hashes)..);
    let body = match end {
        Some(tail) if is_raw && tail.bytes().all(|b| b == b'#') => {
            body.get(..body.len().saturating_sub(hashes)).unwrap_or("")
        }
        _ => body,
    };
    let body = body.strip_suffix(quote).unwrap_or(body);
    decode_body(body, start + prefix + 1, !is_raw)
}

/// Decodes what stands between the quotes, which begins at byte `start`.
pub(super) fn decode_body(body: &str, start: usize, escapes: bool) -> Literal {
    let mut out = Literal {
        text: String::with_capacity(body.len()),
        runs: Vec::new(),
        span: Span::new(start, start + body.len()),
    };
    let mut at = 0;
    while at < body.len() {
        let rest = &body[at..];
        let plain = rest
            .find(|c| c == '\r' || (escapes && c == '\\'))
            .unwrap_or(rest.len());
        if plain > 0 {
            out.push(&rest[..plain], start + at);
            at += plain;
            continue;
        }
        if rest.starts_with("\r\n") {
            // The compiler reads every line end as one character.
            at += 1;
            out.push("\n", start + at);
            at += 1;
            continue;
        }
        if rest.starts_with('\r') {
            out.push("\r", start + at);
            at += 1;
            continue;
        }
        let (decoded, length) = escape(rest);
        match decoded {
            Some(c) => push_escape(&mut out, c, start + at),
            None if length == 0 => {
                // No escape that Rust knows: as written.
                out.push("\\", start + at);
                at += 1;
            }
            None => {}
        }
        at += length;
    }
    if out.runs.is_empty() {
        out.runs.push(Run {
            at: 0,
            source: out.span.start,
        });
    }
    out
}

/// An escape's character stands for other bytes than its own, so it has a run of its own.
fn push_escape(out: &mut Literal, c: char, source: usize) {
    let at = u32::try_from(out.text.len()).unwrap_or(u32::MAX);
    let source = u32::try_from(source).unwrap_or(u32::MAX);
    out.runs.push(Run { at, source });
    out.text.push(c);
}

/// The character that an escape stands for and the escape's length; `(None, n)` for a line that
/// goes on, `(None, 0)` for no escape.
fn escape(text: &str) -> (Option<char>, usize) {
    let Some(c) = text[1..].chars().next() else {
        return (None, 0);
    };
    let simple = |c| (Some(c), 2);
    match c {
        'n' => simple('\n'),
        'r' => simple('\r'),
        't' => simple('\t'),
        '0' => simple('\0'),
        '\\' | '\'' | '"' => simple(c),
        '\n' | '\r' => {
            let rest = &text[1..];
            let blank = rest.len() - rest.trim_start_matches([' ', '\t', '\n', '\r']).len();
            (None, 1 + blank)
        }
        'x' => match text.get(2..4).map(|h| u8::from_str_radix(h, 16)) {
            Some(Ok(b)) => (Some(char::from(b)), 4),
            _ => (None, 0),
        },
        'u' => {
            let digits = text[2..]
                .strip_prefix('{')
                .and_then(|r| r.split_once('}'))
                .map(|(d, _)| d);
            match digits {
                Some(d) => match u32::from_str_radix(&d.replace('_', ""), 16)
                    .ok()
                    .and_then(char::from_u32)
                {
                    Some(c) => (Some(c), d.len() + 4),
                    None => (None, 0),
                },
                None => (None, 0),
            }
        }
        _ => (None, 0),
    }
}

/// Appends bytes `from..to` of a literal's text to another, with their places.
pub(super) fn append(out: &mut Literal, literal: &Literal, from: usize, to: usize) {
    let Some(text) = literal.text.get(from..to).filter(|t| !t.is_empty()) else {
        return;
    };
    let (from32, to32) = (
        u32::try_from(from).unwrap_or(u32::MAX),
        u32::try_from(to).unwrap_or(u32::MAX),
    );
    let base = u32::try_from(out.text.len()).unwrap_or(u32::MAX);
    let first = literal
        .runs
        .partition_point(|r| r.at <= from32)
        .saturating_sub(1);
    for run in literal.runs[first.min(literal.runs.len())..]
        .iter()
        .take_while(|r| r.at < to32)
    {
        let at = run.at.max(from32);
        out.runs.push(Run {
            at: base + (at - from32),
            source: run.source + (at - run.at),
        });
    }
    let span = source_range(literal, from, to);
    out.span = if out.text.is_empty() {
        span
    } else {
        out.span.cover(span)
    };
    out.text.push_str(text);
}

/// The source bytes of bytes `from..to` of a literal's text.
pub(super) fn source_range(literal: &Literal, from: usize, to: usize) -> Span {
    let at = |n: usize| literal.source_of(u32::try_from(n).unwrap_or(u32::MAX));
    let end = if to >= literal.text.len() {
        literal.span.end
    } else {
        at(to)
    };
    Span {
        start: at(from),
        end: end.max(at(from)),
    }
}
