//! `json!` and macros like it: objects and lists whose values are JSON or Rust.

use tree_sitter::Node;

use super::Lowerer;
use super::text::is_text;
use super::tokens::{delimiter, inside, segments};
use crate::hir::{Arg, Entry, Expr, ExprId, Piece};

/// Which token stands between a key and its value.
const SEPARATORS: [&str; 3] = [":", "=>", "="];

impl Lowerer<'_> {
    /// The value that JSON tokens denote. `literal_names`: an unquoted key is that word, not the
    /// variable of that name.
    pub(super) fn json(&mut self, tokens: &[Node<'_>], literal_names: bool) -> ExprId {
        let span = self.tokens_span(tokens);
        self.nest(span, |l| l.json_inner(tokens, literal_names))
            .unwrap_or_else(|| self.b.opaque("too deep", Vec::new(), span))
    }

    fn json_inner(&mut self, tokens: &[Node<'_>], literal_names: bool) -> ExprId {
        let span = self.tokens_span(tokens);
        match tokens {
            [] => self.b.expr(Expr::Null, span),
            [one] if one.kind() == "token_tree" && delimiter(*one) == "{" => {
                let inner = inside(*one);
                match self.entries(&inner, literal_names) {
                    Some(entries) => {
                        let span = self.span(*one);
                        self.b.expr(Expr::Map { entries }, span)
                    }
                    None => self.tokens_or_texts(tokens),
                }
            }
            [one] if one.kind() == "token_tree" && delimiter(*one) == "[" => {
                let inner = inside(*one);
                let items = segments(&inner)
                    .into_iter()
                    .map(|s| Arg {
                        name: None,
                        value: self.json(s, literal_names),
                        spread: false,
                    })
                    .collect();
                let span = self.span(*one);
                self.b.expr(Expr::List { items }, span)
            }
            [one] if self.str(*one) == "null" => self.b.expr(Expr::Null, span),
            _ => self.tokens_or_texts(tokens),
        }
    }

    /// `key: value` pairs; `None` if the tokens are no such list.
    pub(super) fn entries(
        &mut self,
        tokens: &[Node<'_>],
        literal_names: bool,
    ) -> Option<Vec<Entry>> {
        let segments = pairs(tokens);
        if segments
            .iter()
            .any(|s| s.iter().all(|t| !SEPARATORS.contains(&t.kind())))
        {
            return None;
        }
        let mut entries = Vec::with_capacity(segments.len());
        for segment in segments {
            let at = segment
                .iter()
                .position(|t| SEPARATORS.contains(&t.kind()))?;
            let (key, value) = (&segment[..at], &segment[at + 1..]);
            if key.is_empty() {
                return None;
            }
            entries.push(self.entry(key, value, literal_names));
        }
        Some(entries)
    }

    fn entry(&mut self, key: &[Node<'_>], value: &[Node<'_>], literal_names: bool) -> Entry {
        if let [one] = key {
            if is_text(*one) {
                let e = self.literal_text(*one);
                let key = self.plain_text(e).unwrap_or_default();
                let value = self.json(value, literal_names);
                return Entry::Pair {
                    key: key.into(),
                    value,
                };
            }
            if literal_names && one.kind() == "identifier" {
                let key = self.name(*one);
                let value = self.json(value, literal_names);
                return Entry::Pair { key, value };
            }
        }
        let key = self.tokens_or_texts(key);
        let value = self.json(value, literal_names);
        Entry::Computed { key, value }
    }

    /// The text of a literal without holes.
    pub(super) fn plain_text(&self, e: ExprId) -> Option<String> {
        match self.b.facts().expr(e) {
            Expr::Text { pieces, .. } => pieces
                .iter()
                .map(|p| match p {
                    Piece::Literal(l) => Some(l.text.as_str()),
                    Piece::Hole { .. } => None,
                })
                .collect(),
            _ => None,
        }
    }
}

/// Tokens between commas, where a comma only counts if a pair begins after it: `k: f::<A, B>(x)`
/// and closures have commas of their own.
fn pairs<'s, 't>(tokens: &'s [Node<'t>]) -> Vec<&'s [Node<'t>]> {
    let mut out = Vec::new();
    let mut start = 0;
    let starts_pair = |from: usize| {
        tokens.get(from).is_none()
            || tokens[from..]
                .iter()
                .take_while(|t| t.kind() != ",")
                .any(|t| SEPARATORS.contains(&t.kind()))
    };
    for (i, t) in tokens.iter().enumerate() {
        if t.kind() == "," && starts_pair(i + 1) {
            out.push(&tokens[start..i]);
            start = i + 1;
        }
    }
    if start < tokens.len() {
        out.push(&tokens[start..]);
    }
    out
}
