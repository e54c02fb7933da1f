//! Branches and loops: what runs under a condition.

use tree_sitter::Node;

use crate::hir::{Expr, ExprId, GuardKind, How, ScopeKind};

use super::patterns::{Binding, Part};
use super::{Lowering, first, span};

/// An arm of `switch`.
pub(super) struct Branch<'t> {
    /// Its condition.
    pub(super) test: Option<ExprId>,
    /// Its statements.
    pub(super) body: Vec<Node<'t>>,
}

fn narrow(n: usize) -> u16 {
    u16::try_from(n).unwrap_or(u16::MAX)
}

impl<'t> Lowering<'t> {
    /// The arms of a `switch`, each under a guard of its own.
    pub(super) fn branches(&mut self, branches: &[Branch<'t>], exhaustive: bool) {
        let group = self.builder.group();
        let arms = if exhaustive {
            narrow(branches.len())
        } else {
            0
        };
        for (i, branch) in branches.iter().enumerate() {
            let outer =
                self.builder
                    .open_guard(GuardKind::Branch, group, narrow(i), arms, branch.test);
            self.statements(&branch.body);
            self.builder.close_guard(outer);
        }
    }

    /// `if … else if … else`, a chain of any length.
    pub(super) fn if_statement(&mut self, node: Node<'t>) {
        // The chain as a list: conditions and bodies, then the last `else`.
        let mut chain = Vec::new();
        let mut last = None;
        let mut at = Some(node);
        while let Some(branch) = at.take() {
            if branch.kind() != "if_statement" {
                last = Some(branch);
                break;
            }
            chain.push(branch);
            if let Some(clause) = branch.child_by_field_id(self.fields.alternative) {
                at = first(clause);
            }
        }
        let arms = match last {
            Some(_) => narrow(chain.len() + 1),
            None => 0,
        };
        let group = self.builder.group();
        let mut arm = 0u16;
        for branch in chain {
            self.recover_inside(branch);
            let test = branch
                .child_by_field_id(self.fields.condition)
                .map(|c| self.expression(c));
            let outer = self
                .builder
                .open_guard(GuardKind::Branch, group, arm, arms, test);
            if let Some(body) = branch.child_by_field_id(self.fields.consequence) {
                self.statement(body, None);
            }
            self.builder.close_guard(outer);
            arm = arm.saturating_add(1);
        }
        if let Some(body) = last {
            let outer = self
                .builder
                .open_guard(GuardKind::Branch, group, arm, arms, None);
            self.statement(body, None);
            self.builder.close_guard(outer);
        }
    }

    /// Another expression with the same value, where one is cheap: a name, a chain of members.
    /// Each comparison of a `switch` gets its own, so that every one is seen as a use.
    pub(super) fn copy_of(&mut self, expr: ExprId) -> ExprId {
        let mut chain = Vec::new();
        let mut at = expr;
        let root = loop {
            match self.builder.facts().expr(at) {
                Expr::Name(n) => break n.clone(),
                Expr::Member { base, name } if chain.len() < 8 => {
                    chain.push((name.clone(), self.builder.facts().span(at)));
                    at = *base;
                }
                _ => return expr,
            }
        };
        let root_span = self.builder.facts().span(at);
        let mut value = self.builder.expr(Expr::Name(root), root_span);
        while let Some((name, span)) = chain.pop() {
            let base = value;
            value = self.builder.expr(Expr::Member { base, name }, span);
        }
        value
    }

    /// `try … catch … finally`.
    pub(super) fn try_statement(&mut self, node: Node<'t>) {
        self.recover_inside(node);
        if let Some(body) = node.child_by_field_id(self.fields.body) {
            let group = self.builder.group();
            let outer = self.builder.open_guard(GuardKind::Try, group, 0, 0, None);
            self.block(body);
            self.builder.close_guard(outer);
        }
        if let Some(handler) = node.child_by_field_id(self.fields.handler) {
            self.recover_inside(handler);
            // A group of its own: what the body stored before it failed is seen here.
            let group = self.builder.group();
            let outer = self.builder.open_guard(GuardKind::Catch, group, 0, 0, None);
            let scope = self.builder.open_scope(ScopeKind::Block);
            if let Some(parameter) = handler.child_by_field_id(self.fields.parameter) {
                self.bind(parameter, Part::whole(None, How::Catch, Binding::Block));
            }
            if let Some(body) = handler.child_by_field_id(self.fields.body) {
                let list = self.children(body);
                self.statements(&list);
            }
            self.builder.close_scope(scope);
            self.builder.close_guard(outer);
        }
        if let Some(finalizer) = node.child_by_field_id(self.fields.finalizer)
            && let Some(body) = finalizer.child_by_field_id(self.fields.body)
        {
            self.block(body);
        }
    }

    /// `while`, `do … while`.
    pub(super) fn while_statement(&mut self, node: Node<'t>) {
        self.recover_inside(node);
        let condition = node.child_by_field_id(self.fields.condition);
        let is_do = node.kind() == "do_statement";
        let test = match condition {
            Some(c) if !is_do => Some(self.expression(c)),
            _ => None,
        };
        self.loop_body(node, test, None);
        if let (true, Some(condition)) = (is_do, condition) {
            self.expression(condition);
        }
    }

    /// `for (a; b; c)`.
    pub(super) fn for_statement(&mut self, node: Node<'t>) {
        self.recover_inside(node);
        let scope = self.builder.open_scope(ScopeKind::Block);
        if let Some(initializer) = node.child_by_field_id(self.fields.initializer) {
            self.for_part(initializer);
        }
        let test = node
            .child_by_field_id(self.fields.condition)
            .filter(|c| c.is_named() && c.kind() != "empty_statement")
            .map(|c| self.expression(c));
        let increment = node.child_by_field_id(self.fields.increment);
        self.loop_body(node, test, increment);
        self.builder.close_scope(scope);
    }

    fn for_part(&mut self, node: Node<'t>) {
        if super::statements::is_statement(node.kind()) {
            self.statement(node, None);
        } else if node.is_named() {
            self.effect(node);
        }
    }

    fn loop_body(&mut self, node: Node<'t>, test: Option<ExprId>, increment: Option<Node<'t>>) {
        let group = self.builder.group();
        let outer = self.builder.open_guard(GuardKind::Loop, group, 0, 0, test);
        if let Some(body) = node.child_by_field_id(self.fields.body) {
            self.statement(body, None);
        }
        if let Some(increment) = increment {
            self.effect(increment);
        }
        self.builder.close_guard(outer);
    }

    /// `for (const x of xs)`, `for await`, `for (const key in object)`.
    pub(super) fn for_in_statement(&mut self, node: Node<'t>) {
        self.recover_inside(node);
        let Some(right) = node.child_by_field_id(self.fields.right) else {
            return;
        };
        let mut over = self.expression(right);
        let is_in = node
            .child_by_field_id(self.fields.operator)
            .is_some_and(|o| o.kind() == "in");
        if is_in {
            // The keys, not the values.
            over = self.builder.opaque("keys", vec![over], span(right));
        }
        let binding = match node.child_by_field_id(self.fields.kind).map(|k| k.kind()) {
            Some("var") => Binding::Function,
            Some(_) => Binding::Block,
            None => Binding::None,
        };
        let group = self.builder.group();
        let outer = self.builder.open_guard(GuardKind::Loop, group, 0, 0, None);
        let scope = self.builder.open_scope(ScopeKind::Block);
        if let Some(left) = node.child_by_field_id(self.fields.left) {
            self.bind(left, Part::whole(Some(over), How::Iterate, binding));
        }
        if let Some(body) = node.child_by_field_id(self.fields.body) {
            self.statement(body, None);
        }
        self.builder.close_scope(scope);
        self.builder.close_guard(outer);
    }
}
