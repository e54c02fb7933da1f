//! Branches, loops, blocks as expressions, and jumps out of them.

use tree_sitter::Node;

use super::expressions::first_value;
use super::patterns::Matched;
use super::{Lowerer, named};
use crate::hir::{Expr, ExprId, GuardKind, How, Op, ScopeKind};

/// Whether a kind of node is lowered by [`Lowerer::control`].
pub(super) fn is_control(kind: &str) -> bool {
    matches!(
        kind,
        "if_expression"
            | "match_expression"
            | "while_expression"
            | "loop_expression"
            | "for_expression"
            | "block"
            | "unsafe_block"
            | "async_block"
            | "gen_block"
            | "try_block"
            | "const_block"
    )
}

/// A condition that has been lowered.
struct Condition<'t> {
    test: Option<ExprId>,
    /// What is bound where it holds.
    binds: Option<(Node<'t>, ExprId)>,
}

impl Lowerer<'_> {
    /// An expression with statements inside. Its value, where it is wanted and there is one.
    pub(super) fn control(&mut self, node: Node<'_>, wanted: bool) -> Option<ExprId> {
        match node.kind() {
            "if_expression" => self.if_expression(node, wanted),
            "match_expression" => self.match_expression(node, wanted),
            "while_expression" => {
                self.while_loop(node);
                None
            }
            "for_expression" => {
                self.for_loop(node);
                None
            }
            "loop_expression" => self.endless_loop(node, wanted),
            "block" => self.block(node, wanted),
            _ => {
                let inner = named(node).into_iter().find(|n| n.kind() == "block")?;
                self.block(inner, wanted)
            }
        }
    }

    fn if_expression(&mut self, node: Node<'_>, wanted: bool) -> Option<ExprId> {
        let span = self.span(node);
        let exhaustive = count_arms(node);
        let group = self.b.group();
        let mut arms = Vec::new();
        let mut first_test = None;
        let mut arm: u16 = 0;
        let mut at = Some(node);
        while let Some(n) = at {
            let scope = self.b.open_scope(ScopeKind::Block);
            let (test, binds, body, next) = if n.kind() == "if_expression" {
                let condition = match n.child_by_field_name("condition") {
                    Some(c) => self.condition(c),
                    None => Condition {
                        test: None,
                        binds: None,
                    },
                };
                let next = n
                    .child_by_field_name("alternative")
                    .and_then(|e| named(e).into_iter().next());
                let body = n.child_by_field_name("consequence");
                (condition.test, condition.binds, body, next)
            } else {
                (None, None, Some(n), None)
            };
            first_test = first_test.or(test);
            let guard = self
                .b
                .open_guard(GuardKind::Branch, group, arm, exhaustive, test);
            if let Some((pattern, value)) = binds {
                self.bind_set(pattern, value);
            }
            if let Some(body) = body {
                arms.extend(self.block_body(body, wanted));
            }
            self.b.close_guard(guard);
            self.b.close_scope(scope);
            arm = arm.saturating_add(1);
            at = next;
        }
        wanted.then(|| {
            let kind = Expr::Choice {
                test: first_test,
                arms,
            };
            self.b.expr(kind, span)
        })
    }

    fn bind_set(&mut self, pattern: Node<'_>, value: ExprId) {
        let matched = Matched {
            value: Some(value),
            how: How::Set,
        };
        self.bind(pattern, &matched);
    }

    /// A condition. Only the names of a lone `let` are left for the caller to bind, those of a
    /// chain are needed by its later parts.
    fn condition<'t>(&mut self, node: Node<'t>) -> Condition<'t> {
        match node.kind() {
            "let_condition" => match let_parts(node) {
                Some((pattern, value)) => {
                    let value = self.expr(value);
                    Condition {
                        test: Some(self.comparison(pattern, value).unwrap_or(value)),
                        binds: Some((pattern, value)),
                    }
                }
                None => Condition {
                    test: None,
                    binds: None,
                },
            },
            "let_chain" => {
                let mut test = None;
                for part in named(node) {
                    let condition = self.condition(part);
                    if let Some((pattern, value)) = condition.binds {
                        self.bind_set(pattern, value);
                    }
                    test = self.both(test, condition.test, node);
                }
                Condition { test, binds: None }
            }
            _ => Condition {
                test: Some(self.expr(node)),
                binds: None,
            },
        }
    }

    /// A condition in a place where only an expression is expected.
    pub(super) fn condition_value(&mut self, node: Node<'_>) -> ExprId {
        let condition = self.condition(node);
        if let Some((pattern, value)) = condition.binds {
            self.bind_set(pattern, value);
        }
        match condition.test {
            Some(test) => test,
            None => {
                let span = self.span(node);
                self.b.opaque(node.kind(), Vec::new(), span)
            }
        }
    }

    fn both(
        &mut self,
        left: Option<ExprId>,
        right: Option<ExprId>,
        node: Node<'_>,
    ) -> Option<ExprId> {
        match (left, right) {
            (Some(left), Some(right)) => {
                let span = self.span(node);
                let op = Op::And;
                Some(self.b.expr(Expr::Binary { op, left, right }, span))
            }
            (left, right) => left.or(right),
        }
    }

    fn match_expression(&mut self, node: Node<'_>, wanted: bool) -> Option<ExprId> {
        let span = self.span(node);
        let matched = self.peel(node.child_by_field_name("value")?);
        let place =
            matches!(matched.kind(), "identifier" | "self" | "field_expression").then_some(matched);
        let value = self.expr(matched);
        let arms: Vec<_> = node
            .child_by_field_name("body")
            .map(named)
            .unwrap_or_default()
            .into_iter()
            .filter(|n| n.kind() == "match_arm")
            .collect();
        let exhaustive = u16::try_from(arms.len()).unwrap_or(0);
        let group = self.b.group();
        let mut values = Vec::new();
        let mut compared = None;
        for (i, arm) in arms.into_iter().enumerate() {
            let index = u16::try_from(i).unwrap_or(u16::MAX);
            let scope = self.b.open_scope(ScopeKind::Block);
            let matcher = arm.child_by_field_name("pattern");
            let pattern = matcher.and_then(first_pattern);
            let condition = matcher.and_then(|p| p.child_by_field_name("condition"));
            let mut test = pattern.and_then(|p| self.comparison(p, value));
            compared = compared.or(test);
            if let (None, Some(pattern), Some(place)) = (test, pattern, place) {
                test = self.variant_test(pattern, place);
            }
            if let (Some(pattern), Some(condition)) = (pattern, condition) {
                self.bind_set(pattern, value);
                let condition = self.condition_value(condition);
                test = self.both(test, Some(condition), arm);
            }
            let guard = self
                .b
                .open_guard(GuardKind::Branch, group, index, exhaustive, test);
            if let (Some(pattern), None) = (pattern, condition) {
                self.bind_set(pattern, value);
            }
            if let Some(body) = arm.child_by_field_name("value") {
                if wanted {
                    values.extend(self.tail(body));
                } else {
                    self.effect(body);
                }
            }
            self.b.close_guard(guard);
            self.b.close_scope(scope);
        }
        wanted.then(|| {
            let kind = Expr::Choice {
                // Where literals are compared, the comparison is what is tested.
                test: Some(compared.unwrap_or(value)),
                arms: values,
            };
            self.b.expr(kind, span)
        })
    }

    fn while_loop(&mut self, node: Node<'_>) {
        let scope = self.b.open_scope(ScopeKind::Block);
        let condition = node
            .child_by_field_name("condition")
            .map(|c| self.condition(c));
        let (test, binds) = condition.map_or((None, None), |c| (c.test, c.binds));
        let group = self.b.group();
        let guard = self.b.open_guard(GuardKind::Loop, group, 0, 0, test);
        if let Some((pattern, value)) = binds {
            self.bind_set(pattern, value);
        }
        self.loop_body(node);
        self.b.close_guard(guard);
        self.b.close_scope(scope);
    }

    fn for_loop(&mut self, node: Node<'_>) {
        let value = node.child_by_field_name("value").map(|v| self.expr(v));
        let scope = self.b.open_scope(ScopeKind::Block);
        let group = self.b.group();
        let guard = self.b.open_guard(GuardKind::Loop, group, 0, 0, None);
        if let Some(pattern) = node.child_by_field_name("pattern") {
            let how = How::Iterate;
            self.bind(pattern, &Matched { value, how });
        }
        self.loop_body(node);
        self.b.close_guard(guard);
        self.b.close_scope(scope);
    }

    fn loop_body(&mut self, node: Node<'_>) {
        if let Some(body) = node.child_by_field_name("body") {
            self.breaks.push(Vec::new());
            self.block_body(body, false);
            self.breaks.pop();
        }
    }

    /// `loop`, whose value is what its `break`s give.
    fn endless_loop(&mut self, node: Node<'_>, wanted: bool) -> Option<ExprId> {
        let body = node.child_by_field_name("body")?;
        let group = self.b.group();
        let guard = self.b.open_guard(GuardKind::Loop, group, 0, 0, None);
        self.breaks.push(Vec::new());
        self.block(body, false);
        let values = self.breaks.pop().unwrap_or_default();
        self.b.close_guard(guard);
        match values.as_slice() {
            [] => None,
            [only] => Some(*only),
            _ => wanted.then(|| {
                let span = self.span(node);
                let kind = Expr::Choice {
                    test: None,
                    arms: values,
                };
                self.b.expr(kind, span)
            }),
        }
    }

    /// `return`, `break`, `continue`, `yield`.
    pub(super) fn jump(&mut self, node: Node<'_>) -> ExprId {
        let value = first_value(node).map(|n| self.expr(n));
        match node.kind() {
            "return_expression" | "yield_expression" => {
                if let Some(f) = self.function {
                    if let Some(value) = value {
                        self.b.returned(f, value);
                    }
                    if node.kind() == "yield_expression" {
                        self.b.function_mut(f).is_generator = true;
                    }
                }
            }
            _ => {
                if let (Some(value), Some(breaks)) = (value, self.breaks.last_mut()) {
                    breaks.push(value);
                }
            }
        }
        let span = self.span(node);
        self.b.opaque(node.kind(), Vec::new(), span)
    }
}

/// The number of arms of an `if` with a final `else`, else 0.
fn count_arms(node: Node<'_>) -> u16 {
    let mut arms = 1;
    let mut at = node;
    loop {
        let Some(next) = at
            .child_by_field_name("alternative")
            .and_then(|e| named(e).into_iter().next())
        else {
            return 0;
        };
        arms += 1;
        if next.kind() != "if_expression" {
            return u16::try_from(arms).unwrap_or(0);
        }
        at = next;
    }
}

fn let_parts<'t>(node: Node<'t>) -> Option<(Node<'t>, Node<'t>)> {
    Some((
        node.child_by_field_name("pattern")?,
        node.child_by_field_name("value")?,
    ))
}

/// The pattern of a match arm; `_` is no named node.
fn first_pattern<'t>(matcher: Node<'t>) -> Option<Node<'t>> {
    let condition = matcher.child_by_field_name("condition").map(|n| n.id());
    named(matcher)
        .into_iter()
        .next()
        .filter(|n| Some(n.id()) != condition)
}
