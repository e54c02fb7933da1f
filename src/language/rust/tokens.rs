//! Token trees: what the grammar leaves of a macro's or an attribute's arguments.

use tree_sitter::Node;

use super::text::is_text;
use super::{Dialect, Lowerer, children};
use crate::hir::{Expr, ExprId};
use crate::source::Span;

/// The tokens between a token tree's delimiters.
pub(super) fn inside<'t>(tree: Node<'t>) -> Vec<Node<'t>> {
    let mut tokens = children(tree);
    if tokens
        .last()
        .is_some_and(|t| matches!(t.kind(), ")" | "]" | "}"))
    {
        tokens.pop();
    }
    if tokens
        .first()
        .is_some_and(|t| matches!(t.kind(), "(" | "[" | "{"))
    {
        tokens.remove(0);
    }
    tokens
}

/// Tokens between commas; an empty last one is left out.
pub(super) fn segments<'s, 't>(tokens: &'s [Node<'t>]) -> Vec<&'s [Node<'t>]> {
    let mut out: Vec<_> = tokens.split(|t| t.kind() == ",").collect();
    if out.last().is_some_and(|s| s.is_empty()) {
        out.pop();
    }
    out
}

/// What opens a token tree.
pub(super) fn delimiter<'t>(tree: Node<'t>) -> &'t str {
    tree.child(0).map_or("", |n| n.kind())
}

impl Lowerer<'_> {
    /// The bytes of some tokens.
    pub(super) fn tokens_span(&self, tokens: &[Node<'_>]) -> Span {
        match (tokens.first(), tokens.last()) {
            (Some(first), Some(last)) => self.span(*first).cover(self.span(*last)),
            _ => Span::default(),
        }
    }

    /// The bytes between a token tree's delimiters.
    pub(super) fn inside_span(&self, tree: Node<'_>) -> Span {
        let span = self.span(tree);
        let text = self.slice(span);
        let start = span.start as usize + usize::from(text.starts_with(['(', '[', '{']));
        let end = span.end as usize - usize::from(text.ends_with([')', ']', '}']));
        Span::new(start, end.max(start))
    }

    /// A token that is an expression by itself.
    pub(super) fn token_expr(&mut self, token: Node<'_>) -> Option<ExprId> {
        match token.kind() {
            "identifier" | "self" | "crate" | "super" | "string_literal" | "raw_string_literal"
            | "char_literal" | "boolean_literal" | "integer_literal" | "float_literal" => {
                Some(self.expr(token))
            }
            _ => None,
        }
    }

    /// Tokens as one expression; `None` if they are none.
    pub(super) fn tokens_expr(&mut self, tokens: &[Node<'_>]) -> Option<ExprId> {
        if let [one] = tokens
            && let Some(e) = self.token_expr(*one)
        {
            return Some(e);
        }
        if tokens.is_empty() {
            return None;
        }
        let span = self.tokens_span(tokens);
        // In parentheses, or what begins with a block would be read as a statement.
        self.reparse("(", span, ")", Dialect::Rust, |l, block| {
            let inner = super::named(block).first().copied()?;
            let inner = match inner.kind() {
                "expression_statement" => inner.named_child(0)?,
                _ => inner,
            };
            Some(l.expr(inner))
        })
        .flatten()
    }

    /// Tokens as an expression, or as a bag of the texts in them.
    pub(super) fn tokens_or_texts(&mut self, tokens: &[Node<'_>]) -> ExprId {
        if let Some(e) = self.tokens_expr(tokens) {
            return e;
        }
        let kids = self.texts(tokens);
        let span = self.tokens_span(tokens);
        self.b.opaque("tokens", kids, span)
    }

    /// All literals of text among tokens, at any depth.
    pub(super) fn texts(&mut self, tokens: &[Node<'_>]) -> Vec<ExprId> {
        let mut out = Vec::new();
        for token in tokens {
            if is_text(*token) {
                out.push(self.literal_text(*token));
                continue;
            }
            let mut cursor = token.walk();
            let mut depth = 0_u32;
            'tree: while token.kind() == "token_tree" {
                let node = cursor.node();
                if is_text(node) {
                    out.push(self.literal_text(node));
                } else if cursor.goto_first_child() {
                    depth += 1;
                    continue;
                }
                while !cursor.goto_next_sibling() {
                    if depth <= 1 || !cursor.goto_parent() {
                        break 'tree;
                    }
                    depth -= 1;
                }
                if depth == 0 {
                    break;
                }
            }
        }
        out
    }

    /// An expression that is nothing but the texts among some tokens.
    pub(super) fn opaque_tokens(&mut self, what: &str, tree: Node<'_>, span: Span) -> ExprId {
        let kids = self.texts(&inside(tree));
        self.b.expr(
            Expr::Opaque {
                what: what.into(),
                kids,
            },
            span,
        )
    }
}

/// The literals in a pattern of literals, `"a" | Some("b")`; none where it is of another kind.
pub(super) fn literals<'t>(pattern: &[Node<'t>]) -> Vec<Node<'t>> {
    let mut out = Vec::new();
    for alternative in pattern.split(|t| t.kind() == "|") {
        let alternative: Vec<_> = match alternative {
            [name, tree] if name.kind() == "identifier" && tree.kind() == "token_tree" => {
                inside(*tree)
            }
            _ => alternative.to_vec(),
        };
        match alternative.as_slice() {
            [one] if super::patterns::is_literal(*one) => out.push(*one),
            _ => return Vec::new(),
        }
    }
    out
}
