//! Statements: stores, control flow and the guards it makes.

use tree_sitter::Node;

use super::Lowering;
use super::expressions::operator;
use super::kinds::{GRAMMAR, Kind, kind};
use crate::hir::{Expr, ExprId, GuardKind, How, Name, Op};

impl<'t> Lowering<'t> {
    /// The statements of a module, a block, or a place with errors.
    pub(super) fn statements(&mut self, node: Node<'t>) {
        for n in self.kids(node) {
            self.statement(n);
        }
    }

    /// A nested block.
    pub(super) fn block(&mut self, node: Node<'t>) {
        if self.builder.descend() {
            self.statements(node);
            self.builder.ascend();
        } else {
            let span = self.span(node);
            self.builder.broken(span);
        }
    }

    fn block_of(&mut self, node: Option<Node<'t>>) {
        if let Some(n) = node {
            self.block(n);
        }
    }

    pub(super) fn statement(&mut self, node: Node<'t>) {
        let fields = &GRAMMAR.fields;
        match kind(node) {
            Kind::ExpressionStatement => {
                for n in self.kids(node) {
                    self.expression_statement(n);
                }
            }
            Kind::Assignment | Kind::AugmentedAssignment => self.expression_statement(node),
            Kind::Import => self.import(node),
            Kind::ImportFrom | Kind::FutureImport => self.import_from(node),
            Kind::Return => {
                if let Some(n) = self.first_kid(node) {
                    let value = self.expression(n);
                    if let Some(f) = self.function() {
                        self.builder.returned(f, value);
                    }
                }
            }
            Kind::Raise | Kind::Assert => {
                self.expressions(node);
            }
            Kind::Delete
            | Kind::Pass
            | Kind::Break
            | Kind::Continue
            | Kind::TypeAlias
            | Kind::Comment => {}
            Kind::Global | Kind::Nonlocal => {
                let names: Vec<Name> = self
                    .kids(node)
                    .iter()
                    .map(|n| self.text_of(*n).into())
                    .collect();
                let global = kind(node) == Kind::Global;
                if let Some(frame) = self.frame() {
                    if global {
                        frame.globals.extend(names);
                    } else {
                        frame.nonlocals.extend(names);
                    }
                }
            }
            Kind::Print | Kind::Exec => {
                let span = self.span(node);
                let name = if kind(node) == Kind::Print {
                    "print"
                } else {
                    "exec"
                };
                let keyword =
                    crate::source::Span::new(span.start as usize, span.start as usize + name.len());
                let callee = self.builder.expr(Expr::Name(name.into()), keyword);
                let args = self.arguments(node);
                self.call(callee, args, span);
            }
            Kind::If => self.if_statement(node),
            Kind::For => self.for_statement(node),
            Kind::While => {
                let test = self.part(node.child_by_field_id(fields.condition), node);
                let group = self.builder.group();
                let outer = self
                    .builder
                    .open_guard(GuardKind::Loop, group, 0, 0, Some(test));
                self.block_of(node.child_by_field_id(fields.body));
                self.builder.close_guard(outer);
                self.loop_else(node);
            }
            Kind::Try => self.try_statement(node),
            Kind::With => {
                for clause in self.kids(node) {
                    if kind(clause) == Kind::WithClause {
                        for item in self.kids(clause) {
                            let value = item.child_by_field_id(fields.value).unwrap_or(item);
                            self.context(value);
                        }
                    }
                }
                self.block_of(node.child_by_field_id(fields.body));
            }
            Kind::Match => self.match_statement(node),
            Kind::FunctionDefinition => self.function_definition(node, Vec::new()),
            Kind::ClassDefinition => self.class_definition(node, Vec::new()),
            Kind::Decorated => self.decorated(node),
            // What is inside an error, and clauses that lost their statement.
            Kind::Block | Kind::Error => self.block(node),
            Kind::Elif | Kind::Else | Kind::Except | Kind::Finally | Kind::Case => self.block(node),
            Kind::StringStart | Kind::StringEnd => {}
            _ => self.expression_statement(node),
        }
    }

    fn expression_statement(&mut self, node: Node<'t>) {
        match kind(node) {
            Kind::Assignment => self.assignment(node),
            Kind::AugmentedAssignment => self.augmented(node),
            _ => {
                let value = self.expression(node);
                self.builder.mutation(value);
            }
        }
    }

    /// `a = b = value`, `a: T = value`, `a: T`
    fn assignment(&mut self, node: Node<'t>) {
        let fields = &GRAMMAR.fields;
        let mut targets = Vec::new();
        let mut at = node;
        // A chain nests to the right.
        let right = loop {
            let ty = at.child_by_field_id(fields.ty).map(|n| self.ty(n));
            if let Some(left) = at.child_by_field_id(fields.left) {
                targets.push((left, ty));
            }
            match at.child_by_field_id(fields.right) {
                Some(r) if kind(r) == Kind::Assignment => at = r,
                other => break other,
            }
        };
        let value = match right {
            Some(r) if kind(r) == Kind::AugmentedAssignment => {
                self.augmented(r);
                None
            }
            Some(r) => Some(self.expression(r)),
            None => None,
        };
        for (target, ty) in targets {
            if let Some(value) = value {
                self.name_lambda(value, target);
                self.store(target, Some(value), &[], &How::Set, false);
            }
            self.field_of(target, ty, value);
        }
    }

    fn augmented(&mut self, node: Node<'t>) {
        let fields = &GRAMMAR.fields;
        let value = self.part(node.child_by_field_id(fields.right), node);
        let op = node
            .child_by_field_id(fields.operator)
            .map_or(Op::Other, |n| operator(n.kind()));
        if let Some(target) = node.child_by_field_id(fields.left) {
            self.store(target, Some(value), &[], &How::Augment(op), false);
        }
    }

    fn if_statement(&mut self, node: Node<'t>) {
        let fields = &GRAMMAR.fields;
        let alternatives = self.fields(node, fields.alternative);
        let covers = alternatives.last().is_some_and(|n| kind(*n) == Kind::Else);
        let arms = u16::try_from(alternatives.len() + 1).unwrap_or(u16::MAX);
        let exhaustive = if covers { arms } else { 0 };
        let group = self.builder.group();
        let mut arm = 0u16;
        for part in std::iter::once(node).chain(alternatives) {
            let test = match kind(part) {
                Kind::Else => None,
                _ => Some(self.part(part.child_by_field_id(fields.condition), part)),
            };
            let outer = self
                .builder
                .open_guard(GuardKind::Branch, group, arm, exhaustive, test);
            let body = part
                .child_by_field_id(fields.consequence)
                .or_else(|| part.child_by_field_id(fields.body));
            self.block_of(body);
            self.builder.close_guard(outer);
            arm = arm.saturating_add(1);
        }
    }

    fn for_statement(&mut self, node: Node<'t>) {
        let fields = &GRAMMAR.fields;
        let over = self.part(node.child_by_field_id(fields.right), node);
        let group = self.builder.group();
        let outer = self.builder.open_guard(GuardKind::Loop, group, 0, 0, None);
        if let Some(target) = node.child_by_field_id(fields.left) {
            self.store(target, Some(over), &[], &How::Iterate, false);
        }
        self.block_of(node.child_by_field_id(fields.body));
        self.builder.close_guard(outer);
        self.loop_else(node);
    }

    /// `else` after a loop: it sees what the loop stored, so it has a group of its own.
    fn loop_else(&mut self, node: Node<'t>) {
        let fields = &GRAMMAR.fields;
        if let Some(clause) = node.child_by_field_id(fields.alternative) {
            let group = self.builder.group();
            let outer = self
                .builder
                .open_guard(GuardKind::Branch, group, 0, 0, None);
            self.block_of(clause.child_by_field_id(fields.body));
            self.builder.close_guard(outer);
        }
    }

    fn try_statement(&mut self, node: Node<'t>) {
        let fields = &GRAMMAR.fields;
        let group = self.builder.group();
        let outer = self.builder.open_guard(GuardKind::Try, group, 0, 0, None);
        let tried = self.builder.guard();
        self.block_of(node.child_by_field_id(fields.body));
        let mut arm = 0u16;
        for clause in self.kids(node) {
            self.builder.close_guard(outer);
            match kind(clause) {
                Kind::Except => {
                    arm = arm.saturating_add(1);
                    self.except(clause, group, arm);
                }
                Kind::Else => {
                    // It goes on where the `try` body ended, and sees what that stored.
                    self.builder.close_guard(tried);
                    self.block_of(clause.child_by_field_id(fields.body));
                }
                Kind::Finally => self.inner_block(clause),
                _ => {}
            }
        }
        self.builder.close_guard(outer);
    }

    fn except(&mut self, clause: Node<'t>, group: u32, arm: u16) {
        let fields = &GRAMMAR.fields;
        let values = self.fields(clause, fields.value);
        let outer = self
            .builder
            .open_guard(GuardKind::Catch, group, arm, 0, None);
        let mut class = None;
        for value in values {
            class = Some(match kind(value) {
                Kind::AsPattern => self.as_pattern(value, How::Catch),
                _ => self.expression(value),
            });
        }
        if let Some(alias) = clause.child_by_field_id(fields.alias) {
            self.store(alias, class, &[], &How::Catch, false);
        }
        self.inner_block(clause);
        self.builder.close_guard(outer);
    }

    fn inner_block(&mut self, clause: Node<'t>) {
        for n in self.kids(clause) {
            if kind(n) == Kind::Block {
                self.block(n);
            }
        }
    }

    /// An item of `with`: `e`, `e as x`, or several in parentheses.
    fn context(&mut self, node: Node<'t>) {
        let several = |k| matches!(k, Kind::Tuple | Kind::Parenthesized);
        match kind(node) {
            Kind::AsPattern => {
                self.as_pattern(node, How::Context);
            }
            k if several(k) && self.text_of(node).contains(" as ") => {
                for n in self.kids(node) {
                    if kind(n) == Kind::AsPattern {
                        self.as_pattern(n, How::Context);
                    } else {
                        self.expression(n);
                    }
                }
            }
            _ => {
                self.expression(node);
            }
        }
    }

    fn match_statement(&mut self, node: Node<'t>) {
        let fields = &GRAMMAR.fields;
        let subjects = self.fields(node, fields.subject);
        let subject = match subjects.as_slice() {
            [one] => self.expression(*one),
            [] => self.part(None, node),
            [first, .., last] => {
                let span = self.span(*first).cover(self.span(*last));
                let items = self.items(&subjects);
                self.builder.expr(Expr::List { items }, span)
            }
        };
        let Some(body) = node.child_by_field_id(fields.body) else {
            return;
        };
        let cases: Vec<_> = self
            .kids(body)
            .into_iter()
            .filter(|n| kind(*n) == Kind::Case)
            .collect();
        let covers = match cases.last() {
            Some(last) => self.always_matches(*last),
            None => false,
        };
        let arms = u16::try_from(cases.len()).unwrap_or(u16::MAX);
        let exhaustive = if covers { arms } else { 0 };
        let group = self.builder.group();
        let mut arm = 0u16;
        for case in cases {
            // The names that a pattern binds are bound only if it matches: first the guard (whose
            // condition is not known yet), then the pattern.
            let outer = self
                .builder
                .open_guard(GuardKind::Branch, group, arm, exhaustive, None);
            let inner = self.builder.guard();
            let test = self.case_test(case, subject);
            self.builder.set_test(inner, test);
            self.block_of(case.child_by_field_id(fields.consequence));
            self.builder.close_guard(outer);
            arm = arm.saturating_add(1);
        }
    }

    /// Lowers the patterns and the `if` of a case; gives its condition where it is known.
    fn case_test(&mut self, case: Node<'t>, subject: ExprId) -> Option<ExprId> {
        let fields = &GRAMMAR.fields;
        let patterns: Vec<_> = self
            .kids(case)
            .into_iter()
            .filter(|n| kind(*n) == Kind::CasePattern)
            .collect();
        let test = match patterns.as_slice() {
            [one] => match self.case_pattern(*one, subject, &[]) {
                Ok(test) => test,
                Err(_) => {
                    let span = self.span(*one);
                    Some(self.builder.opaque("pattern", vec![subject], span))
                }
            },
            several => {
                self.sequence(several, subject, &[]);
                let span = self.span(case);
                Some(self.builder.opaque("pattern", vec![subject], span))
            }
        };
        let condition = case
            .child_by_field_id(fields.guard)
            .and_then(|g| self.first_kid(g))
            .map(|n| self.expression(n));
        match (test, condition) {
            (Some(left), Some(right)) => {
                let span = self.builder.facts().span(left);
                let span = span.cover(self.builder.facts().span(right));
                let op = Op::And;
                Some(self.builder.expr(Expr::Binary { op, left, right }, span))
            }
            (test, condition) => test.or(condition),
        }
    }

    /// Whether a case is `_` or a bare name, without an `if`.
    fn always_matches(&mut self, case: Node<'t>) -> bool {
        if case.child_by_field_id(GRAMMAR.fields.guard).is_some() {
            return false;
        }
        let Some(pattern) = self.first_kid(case) else {
            return false;
        };
        let text = self.text_of(pattern);
        kind(pattern) == Kind::CasePattern
            && !matches!(text, "True" | "False" | "None")
            && text.chars().all(|c| c.is_alphanumeric() || c == '_')
            && !text.starts_with(|c: char| c.is_ascii_digit())
    }
}
