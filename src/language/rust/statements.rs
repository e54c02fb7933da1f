//! Blocks and statements: order, `let`, assignments, calls for their effect.

use tree_sitter::Node;

use super::attributes::Before;
use super::control::is_control;
use super::expressions::operator;
use super::patterns::Matched;
use super::{Lowerer, named};
use crate::hir::build::Store;
use crate::hir::{Expr, ExprId, GuardKind, How, Name, ScopeKind, Step};

/// Methods that hand out the receiver itself, or what it holds, to be changed.
const HANDLES: [&str; 12] = [
    "lock",
    "write",
    "read",
    "borrow",
    "borrow_mut",
    "as_mut",
    "as_ref",
    "get_mut",
    "by_ref",
    "try_lock",
    "blocking_lock",
    "deref_mut",
];

/// Functions whose type argument says what is made of their argument.
const TYPED: [&str; 13] = [
    "load",
    "load_path",
    "from_env",
    "try_deserialize",
    "from_str",
    "from_value",
    "from_slice",
    "from_reader",
    "parse",
    "json",
    "extract",
    "prompt_typed",
    "deserialize",
];

impl Lowerer<'_> {
    /// A block in a scope of its own. Its value, where it is wanted and there is one.
    pub(super) fn block(&mut self, node: Node<'_>, wanted: bool) -> Option<ExprId> {
        let outer = self.b.open_scope(ScopeKind::Block);
        let value = self.block_body(node, wanted);
        self.b.close_scope(outer);
        value
    }

    /// The statements of a block, in the current scope.
    pub(super) fn block_body(&mut self, node: Node<'_>, wanted: bool) -> Option<ExprId> {
        let span = self.span(node);
        self.nest(span, |l| {
            let mut cursor = node.walk();
            let all: Vec<_> = node
                .named_children(&mut cursor)
                .filter(|n| n.kind() != "label")
                .collect();
            let tail = all
                .iter()
                .rposition(|n| !n.is_extra())
                .filter(|i| wanted && is_tail(all[*i]));
            let mut before = Before::default();
            let mut value = None;
            for (i, n) in all.iter().enumerate() {
                if before.take(*n, l) {
                    continue;
                }
                let taken = std::mem::take(&mut before);
                if Some(i) == tail {
                    value = l.tail(*n);
                } else {
                    l.statement(*n, &taken);
                }
            }
            value
        })
        .flatten()
    }

    /// The value of an expression at the end of a block; `None` where control does not get there.
    pub(super) fn tail(&mut self, node: Node<'_>) -> Option<ExprId> {
        let node = match node.kind() {
            "expression_statement" => node.named_child(0)?,
            _ => node,
        };
        if is_control(node.kind()) {
            let span = self.span(node);
            return self.nest(span, |l| l.control(node, true)).flatten();
        }
        let value = self.expr(node);
        match node.kind() {
            "return_expression"
            | "break_expression"
            | "continue_expression"
            | "yield_expression"
            | "assignment_expression"
            | "compound_assignment_expr" => None,
            _ => Some(value),
        }
    }

    /// A statement.
    pub(super) fn statement(&mut self, node: Node<'_>, before: &Before<'_>) {
        match node.kind() {
            "expression_statement" => {
                for n in named(node) {
                    self.effect(n);
                }
            }
            "let_declaration" => self.let_declaration(node),
            "empty_statement" => {}
            "ERROR" => {
                let span = self.span(node);
                self.nest(span, |l| {
                    let mut before = Before::default();
                    let mut cursor = node.walk();
                    for n in node.named_children(&mut cursor) {
                        if !before.take(n, l) {
                            l.statement(n, &std::mem::take(&mut before));
                        }
                    }
                });
            }
            _ => {
                if !self.item(node, before) {
                    self.effect(node);
                }
            }
        }
    }

    /// An expression whose value nothing takes.
    pub(super) fn effect(&mut self, node: Node<'_>) {
        if is_control(node.kind()) {
            let span = self.span(node);
            self.nest(span, |l| l.control(node, false));
            return;
        }
        let value = self.expr(node);
        self.mutation(value);
    }

    /// Records what a call in statement position does to its receiver: `xs.push(e)`,
    /// `self.log.lock().unwrap().push(e)`, and every setter of `args.model(m).messages(ms)`.
    fn mutation(&mut self, call: ExprId) {
        self.read_into(call);
        let mut setters = Vec::new();
        let mut at = call;
        let (root, path) = loop {
            let Expr::Call { callee, args, .. } = self.b.facts().expr(at) else {
                return;
            };
            let Expr::Member { base, name } = self.b.facts().expr(*callee) else {
                return;
            };
            setters.push((at, name.clone(), args.is_empty()));
            let base = self.behind_handles(*base);
            if let Some(place) = self.b.place(base) {
                break place;
            }
            at = base;
        };
        let is_chain = setters.len() > 1;
        if is_chain && setters.iter().any(|(_, _, empty)| *empty) {
            return;
        }
        for (call, name, _) in setters.into_iter().rev() {
            let span = self.b.facts().span(call);
            self.b.write(Store {
                path: path.clone(),
                declares: false,
                ..Store::declare(root.clone(), Some(call), How::Mutate(name), span)
            });
        }
    }

    /// `file.read_to_string(&mut text)`: what is read is stored to the argument.
    fn read_into(&mut self, call: ExprId) {
        let facts = self.b.facts();
        let Expr::Call { callee, args, .. } = facts.expr(call) else {
            return;
        };
        let (Expr::Member { name, .. }, [into]) = (facts.expr(*callee), args.as_slice()) else {
            return;
        };
        if !matches!(name.as_str(), "read_to_string" | "read_to_end") {
            return;
        }
        let Some((root, path)) = self.b.place(into.value) else {
            return;
        };
        let span = facts.span(call);
        self.b.write(Store {
            path,
            declares: false,
            ..Store::declare(root, Some(call), How::Set, span)
        });
    }

    /// `x` of `x.lock()`, `x.borrow_mut()`.
    fn behind_handles(&self, mut at: ExprId) -> ExprId {
        let facts = self.b.facts();
        while let Expr::Call { callee, args, .. } = facts.expr(at)
            && args.is_empty()
            && let Expr::Member { base, name } = facts.expr(*callee)
            && HANDLES.contains(&name.as_str())
        {
            at = *base;
        }
        at
    }

    /// `let pattern: T = value else { … };`
    pub(super) fn let_declaration(&mut self, node: Node<'_>) {
        let pattern = node.child_by_field_name("pattern");
        let ty = node.child_by_field_name("type");
        let value = node.child_by_field_name("value");
        let value = value.map(|v| {
            if let Some(ty) = ty {
                self.expect(v, ty);
            }
            let value = self.expr(v);
            self.expected = None;
            if pattern.is_some_and(|p| self.str(p) == "_") {
                self.mutation(value);
            }
            if let (Expr::Function(f), Some(p)) = (self.b.facts().expr(value), pattern)
                && p.kind() == "identifier"
            {
                let f = *f;
                let name = self.name(p);
                self.b.function_mut(f).name = Some(name);
            }
            value
        });
        if let Some(alternative) = node.child_by_field_name("alternative") {
            let group = self.b.group();
            let outer = self.b.open_guard(GuardKind::Branch, group, 0, 0, None);
            self.block(alternative, false);
            self.b.close_guard(outer);
        }
        if let Some(pattern) = pattern {
            let how = How::Set;
            self.bind(pattern, &Matched { value, how });
        }
    }

    /// Remembers the declared type for the call that makes a value of it.
    fn expect(&mut self, value: Node<'_>, ty: Node<'_>) {
        let call = self.peel(value);
        let Some(function) = call.child_by_field_name("function") else {
            return;
        };
        let name = function
            .child_by_field_name("field")
            .or_else(|| function.child_by_field_name("name"))
            .unwrap_or(function);
        if call.kind() == "call_expression" && TYPED.contains(&self.str(name)) {
            let ty = self.type_ref(ty);
            if ty.heads.iter().all(|h| h != "_") {
                self.expected = Some((call.start_byte(), call.end_byte(), ty));
            }
        }
    }

    /// `place = value`, `place += value`, `(a, b) = value`.
    pub(super) fn assignment(&mut self, node: Node<'_>) {
        let (Some(left), Some(right)) = (
            node.child_by_field_name("left"),
            node.child_by_field_name("right"),
        ) else {
            return;
        };
        let span = self.span(node);
        let value = self.expr(right);
        let how = match node.child_by_field_name("operator") {
            Some(o) => How::Augment(operator(o.kind())),
            None => How::Set,
        };
        let target = self.expr(left);
        let targets: Vec<(ExprId, Vec<Step>)> = match self.b.facts().expr(target) {
            Expr::List { items } => items
                .iter()
                .zip(0..)
                .map(|(a, i)| (a.value, vec![Step::Item(i)]))
                .collect(),
            _ => vec![(target, Vec::new())],
        };
        for (target, from) in targets {
            let Some((root, path)) = self.b.place(target) else {
                continue;
            };
            if root == "_" {
                continue;
            }
            self.store(root, path, value, from, how.clone(), span);
        }
    }

    fn store(
        &mut self,
        root: Name,
        path: Vec<Step>,
        value: ExprId,
        from: Vec<Step>,
        how: How,
        span: crate::source::Span,
    ) {
        self.b.write(Store {
            path,
            from,
            declares: false,
            ..Store::declare(root, Some(value), how, span)
        });
    }
}

/// Whether the last node of a block is its value.
fn is_tail(node: Node<'_>) -> bool {
    match node.kind() {
        "expression_statement" => {
            let last = node.child_count().checked_sub(1);
            last.and_then(|i| node.child(i))
                .is_some_and(|n| n.kind() != ";")
        }
        "let_declaration" | "empty_statement" | "ERROR" | "associated_type" => false,
        "macro_invocation" => true,
        kind => {
            !kind.ends_with("_item")
                && !kind.ends_with("_declaration")
                && kind != "macro_definition"
        }
    }
}
