//! Macros with a syntax of their own: lists, `matches!`, `select!`.

use tree_sitter::Node;

use super::super::tokens::{delimiter, inside, literals};
use super::super::{Dialect, Lowerer, named};
use super::arguments::positional;
use crate::hir::{Expr, ExprId, GuardKind, Op, ScopeKind};
use crate::source::Span;

impl Lowerer<'_> {
    /// `vec![a, b]`, `vec![x; n]`
    pub(super) fn macro_list(&mut self, tree: Node<'_>, span: Span) -> Option<ExprId> {
        let tokens = inside(tree);
        let items = match self.simple_args(&tokens) {
            Some(args) => args,
            None => {
                let body = self.inside_span(tree);
                self.reparse("[", body, "]", Dialect::Rust, |l, block| {
                    let list = named(block).first().copied()?;
                    let length = list.child_by_field_name("length").map(|n| n.id());
                    (list.kind() == "array_expression").then(|| {
                        named(list)
                            .into_iter()
                            .filter(|n| Some(n.id()) != length)
                            .map(|n| positional(l.expr(n)))
                            .collect::<Vec<_>>()
                    })
                })
                .flatten()?
            }
        };
        Some(self.b.expr(Expr::List { items }, span))
    }

    /// `matches!(x, "a" | "b")` compares; with other patterns it only looks at `x`.
    pub(super) fn matches(&mut self, tree: Node<'_>, span: Span) -> ExprId {
        let tokens = inside(tree);
        let comma = tokens
            .iter()
            .position(|t| t.kind() == ",")
            .unwrap_or(tokens.len());
        let value = self.tokens_or_texts(&tokens[..comma]);
        let pattern = tokens.get(comma + 1..).unwrap_or_default();
        let mut test = None;

        for token in literals(pattern) {
            let right = self.expr(token);
            let equal = Expr::Binary {
                op: Op::Eq,
                left: value,
                right,
            };
            let equal = self.b.expr(equal, span);
            test = Some(match test {
                Some(left) => {
                    let either = Expr::Binary {
                        op: Op::Or,
                        left,
                        right: equal,
                    };
                    self.b.expr(either, span)
                }
                None => equal,
            });
        }
        match test {
            Some(test) => test,
            None => self.b.opaque("matches", vec![value], span),
        }
    }

    /// `select! { pattern = future => handler, … }`
    pub(super) fn select(&mut self, tree: Node<'_>, span: Span) -> ExprId {
        let tokens = inside(tree);
        let group = self.b.group();
        let mut rest = tokens.as_slice();
        let mut arm: u16 = 0;
        while let Some(arrow) = rest.iter().position(|t| t.kind() == "=>") {
            let head = &rest[..arrow];
            rest = &rest[arrow + 1..];
            let end = match rest.first() {
                Some(t) if t.kind() == "token_tree" && delimiter(*t) == "{" => 1,
                _ => rest
                    .iter()
                    .position(|t| t.kind() == ",")
                    .unwrap_or(rest.len()),
            };
            let handler = &rest[..end];
            rest = &rest[end..];
            if rest.first().is_some_and(|t| t.kind() == ",") {
                rest = &rest[1..];
            }
            let scope = self.b.open_scope(ScopeKind::Block);
            let guard = self.b.open_guard(GuardKind::Branch, group, arm, 0, None);
            self.select_head(head);
            let body = self.tokens_span(handler);
            self.reparse("", body, "", Dialect::Rust, |l, block| {
                l.block(block, false)
            });
            self.b.close_guard(guard);
            self.b.close_scope(scope);
            arm = arm.saturating_add(1);
        }
        self.b.opaque("select", Vec::new(), span)
    }

    fn select_head(&mut self, head: &[Node<'_>]) {
        // `biased;` and a `, if condition` are no part of the binding.
        let start = head
            .iter()
            .rposition(|t| t.kind() == ";")
            .map_or(0, |i| i + 1);
        let head = head.get(start..).unwrap_or_default();
        let end = head
            .iter()
            .position(|t| t.kind() == ",")
            .unwrap_or(head.len());
        let span = self.tokens_span(&head[..end]);
        self.reparse("let ", span, ";", Dialect::Rust, |l, block| {
            if let Some(n) = named(block).first()
                && n.kind() == "let_declaration"
            {
                l.let_declaration(*n);
            }
        });
    }
}
