//! Attributes and doc comments.

use tree_sitter::Node;

use super::tokens::{delimiter, inside, segments};
use super::{Lowerer, children};
use crate::hir::build::attribute;
use crate::hir::{Arg, Attribute, CallKind, Expr, ExprId, Literal, Name, Piece, Run};
use crate::source::Span;

/// What stands before an item: its attributes and doc comments.
#[derive(Default)]
pub(super) struct Before<'t> {
    attributes: Vec<Node<'t>>,
    docs: Vec<Node<'t>>,
}

impl<'t> Before<'t> {
    /// Takes a node in, if it is an attribute or a comment.
    pub(super) fn take(&mut self, node: Node<'t>, l: &Lowerer<'_>) -> bool {
        match node.kind() {
            "attribute_item" => {
                match attribute_of(node) {
                    Some(a) if l.attribute_path(a) == "doc" => self.docs.push(node),
                    _ => self.attributes.push(node),
                }
                true
            }
            "line_comment" | "block_comment" => {
                if node.child_by_field_name("outer").is_some() {
                    self.docs.push(node);
                }
                true
            }
            _ => false,
        }
    }

    /// Whether the item is compiled for tests only.
    pub(super) fn is_test(&self, l: &Lowerer<'_>) -> bool {
        self.attributes.iter().any(|a| {
            let text: String = l.str(*a).split_whitespace().collect();
            text.starts_with("#[cfg(test")
                || text.starts_with("#[cfg(all(test,")
                || text.starts_with("#[cfg(any(test,")
        })
    }
}

fn attribute_of(item: Node<'_>) -> Option<Node<'_>> {
    children(item).into_iter().find(|n| n.kind() == "attribute")
}

impl Lowerer<'_> {
    /// The attributes and the doc text before an item.
    pub(super) fn before(&mut self, before: &Before<'_>) -> (Vec<Attribute>, Option<ExprId>) {
        let attributes = before
            .attributes
            .iter()
            .filter_map(|n| self.attribute(*n))
            .collect();
        (attributes, self.doc(&before.docs))
    }

    /// The doc comments that a body begins with. The compiler ignores them; an attribute macro may
    /// make a prompt of them.
    pub(super) fn doc_inside(&mut self, body: Node<'_>) -> Option<ExprId> {
        let mut cursor = body.walk();
        let docs: Vec<Node<'_>> = body
            .named_children(&mut cursor)
            .take_while(|n| matches!(n.kind(), "line_comment" | "block_comment"))
            .filter(|n| n.child_by_field_name("outer").is_some())
            .collect();
        self.doc(&docs)
    }

    fn attribute_path(&self, node: Node<'_>) -> Name {
        node.named_child(0)
            .map(|n| self.type_path(n))
            .unwrap_or_default()
    }

    fn attribute(&mut self, item: Node<'_>) -> Option<Attribute> {
        let node = attribute_of(item)?;
        let path = self.attribute_path(node);
        let span = self.span(item);
        let callee_span = node.named_child(0).map_or(span, |n| self.span(n));
        let callee = self.path_expr(&path, callee_span);
        let args = if let Some(value) = node.child_by_field_name("value") {
            vec![Arg {
                name: None,
                value: self.expr(value),
                spread: false,
            }]
        } else if let Some(tree) = node.child_by_field_name("arguments") {
            self.attribute_args(&inside(tree))
        } else {
            return Some(attribute(&path, callee, span));
        };
        let call = self.b.expr(call(callee, args), span);
        Some(attribute(&path, call, span))
    }

    /// `a, b = "x", c(d = 1)`
    fn attribute_args(&mut self, tokens: &[Node<'_>]) -> Vec<Arg> {
        let span = self.tokens_span(tokens);
        self.nest(span, |l| {
            segments(tokens)
                .into_iter()
                .filter(|s| !s.is_empty())
                .map(|s| l.attribute_arg(s))
                .collect()
        })
        .unwrap_or_default()
    }

    fn attribute_arg(&mut self, tokens: &[Node<'_>]) -> Arg {
        let span = self.tokens_span(tokens);
        let positional = |value| Arg {
            name: None,
            value,
            spread: false,
        };
        if let Some(eq) = tokens.iter().position(|t| t.kind() == "=")
            && eq > 0
        {
            let key = self.tokens_span(&tokens[..eq]);
            return Arg {
                name: Some(self.slice(key).replace("::", ".").into()),
                value: self.tokens_or_texts(&tokens[eq + 1..]),
                spread: false,
            };
        }
        match tokens {
            [path @ .., tree]
                if !path.is_empty()
                    && tree.kind() == "token_tree"
                    && delimiter(*tree) == "("
                    && path
                        .iter()
                        .all(|t| matches!(t.kind(), "identifier" | "::" | "crate" | "self")) =>
            {
                let path = self.tokens_span(path);
                let callee = self.path_expr(self.slice(path), path);
                let args = self.attribute_args(&inside(*tree));
                positional(self.b.expr(call(callee, args), span))
            }
            _ => positional(self.tokens_or_texts(tokens)),
        }
    }

    /// Doc comments and `#[doc]` attributes as one text.
    fn doc(&mut self, docs: &[Node<'_>]) -> Option<ExprId> {
        let first = docs.first()?;
        let span = docs
            .iter()
            .fold(self.span(*first), |s, n| s.cover(self.span(*n)));
        let mut pieces = Vec::new();
        let mut lines = Literal::default();
        for doc in docs {
            if doc.kind() == "attribute_item" {
                let Some(value) = attribute_of(*doc).and_then(|a| a.child_by_field_name("value"))
                else {
                    continue;
                };
                let value_span = self.span(value);
                if super::text::is_text(value) {
                    line_end(&mut lines);
                    let literal =
                        super::text::decode(self.slice(value_span), value_span.start as usize);
                    super::text::append(&mut lines, &literal, 0, literal.text.len());
                    lines.span = lines.span.cover(literal.span);
                } else {
                    if !lines.text.is_empty() {
                        pieces.push(Piece::Literal(std::mem::take(&mut lines)));
                    }
                    let expr = self.expr(value);
                    pieces.push(Piece::Hole {
                        expr,
                        format: None,
                        span: value_span,
                    });
                }
                continue;
            }
            self.doc_comment(*doc, &mut lines);
        }
        if !lines.text.is_empty() {
            pieces.push(Piece::Literal(lines));
        }
        Some(self.b.expr(Expr::Text { pieces, raw: true }, span))
    }

    fn doc_comment(&self, node: Node<'_>, out: &mut Literal) {
        let span = self.span(node);
        let text = self.slice(span);
        let is_block = text.starts_with("/*");
        let body = text.get(3..).unwrap_or_default();
        let body = if is_block {
            body.strip_suffix("*/").unwrap_or(body)
        } else {
            body
        };
        let mut at = span.start as usize + 3;
        for (i, line) in body.trim_end().split('\n').enumerate() {
            let mut content = line;
            if is_block && i > 0 {
                content = content.trim_start();
                content = content.strip_prefix('*').unwrap_or(content);
            }
            content = content.strip_prefix(' ').unwrap_or(content);
            let start = at + (line.len() - content.len());
            let content = content.trim_end();
            if !(is_block && i == 0 && content.is_empty()) {
                line_end(out);
                if !content.is_empty() {
                    out.push(content, start);
                }
                let piece = Span::new(start, start + content.len());
                out.span = if out.span.is_empty() {
                    piece
                } else {
                    out.span.cover(piece)
                };
            }
            at += line.len() + 1;
        }
    }
}

/// The line end between two lines of a doc text stands where the line before ends.
fn line_end(out: &mut Literal) {
    if out.runs.is_empty() {
        return;
    }
    let at = u32::try_from(out.text.len()).unwrap_or(u32::MAX);
    out.runs.push(Run {
        at,
        source: out.span.end,
    });
    out.text.push('\n');
}

fn call(callee: ExprId, args: Vec<Arg>) -> Expr {
    Expr::Call {
        callee,
        args,
        types: Vec::new(),
        kind: CallKind::Plain,
    }
}
