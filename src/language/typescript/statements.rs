//! Statements: blocks with their hoisted definitions, declarations, branches, loops.

use tree_sitter::Node;

use crate::hir::build::Store;
use crate::hir::{Expr, GuardKind, How, Name, Op, ScopeKind};

use super::branches::Branch;
use super::expressions::transparent;
use super::patterns::{Binding, Part};
use super::{Lowering, first, span};

/// Whether a node kind stands where statements stand.
pub(super) fn is_statement(kind: &str) -> bool {
    kind.ends_with("_statement")
        || kind.ends_with("_declaration")
        || matches!(
            kind,
            "statement_block"
                | "variable_declarator"
                | "function_signature"
                | "internal_module"
                | "module"
                | "import_alias"
        )
}

impl<'t> Lowering<'t> {
    /// The statements of one block: definitions that are visible above themselves first.
    pub(super) fn statements(&mut self, list: &[Node<'t>]) {
        for statement in list {
            self.hoist(*statement);
        }
        let mut doc = None;
        for &statement in list {
            if statement.kind() == "comment" {
                doc = Some(statement);
            } else {
                let doc = doc.take();
                if is_statement(statement.kind()) {
                    self.statement(statement, doc);
                } else {
                    self.anything(statement);
                }
            }
        }
    }

    /// Writes the name of a function, interface or object type at the start of its block; what it
    /// defines is filled in when it is lowered, in its place.
    fn hoist(&mut self, node: Node<'t>) {
        let definition = match node.kind() {
            "export_statement" => node.child_by_field_id(self.fields.declaration),
            "ambient_declaration" => first(node),
            _ => Some(node),
        };
        let Some(node) = definition else { return };
        let hoisted = match node.kind() {
            "function_declaration"
            | "generator_function_declaration"
            | "function_signature"
            | "interface_declaration" => true,
            "type_alias_declaration" => self.is_object_alias(node),
            _ => false,
        };
        if hoisted && let Some(name) = node.child_by_field_id(self.fields.name) {
            let name = self.name(name);
            let store = Store::declare(name, None, How::Set, span(node));
            let write = self.builder.write(store);
            self.hoisted.insert(node.id(), write);
        }
    }

    /// Writes a definition, or completes the store that was hoisted.
    fn define(&mut self, node: Node<'t>, how: How) {
        if let Some(write) = self.hoisted.remove(&node.id()) {
            self.builder.write_mut(write).how = how;
        } else if let Some(name) = node.child_by_field_id(self.fields.name) {
            let name = self.name(name);
            self.builder
                .write(Store::declare(name, None, how, span(node)));
        }
    }

    /// Lowers a statement or declaration. `doc` is the comment before it.
    pub(super) fn statement(&mut self, node: Node<'t>, doc: Option<Node<'t>>) {
        if !self.builder.descend() {
            self.builder.broken(span(node));
            return;
        }
        self.statement_inner(node, doc);
        self.builder.ascend();
    }

    fn statement_inner(&mut self, node: Node<'t>, doc: Option<Node<'t>>) {
        match node.kind() {
            "expression_statement" => {
                self.recover_inside(node);
                if let Some(inner) = first(node) {
                    self.effect(inner);
                }
            }
            "lexical_declaration" | "variable_declaration" => self.variables(node, doc),
            "variable_declarator" => self.declarator(node, Binding::Block, doc),
            "statement_block" => self.block(node),
            "if_statement" => self.if_statement(node),
            "switch_statement" => self.switch_statement(node),
            "try_statement" => self.try_statement(node),
            "return_statement" => self.return_statement(node),
            "for_statement" => self.for_statement(node),
            "for_in_statement" => self.for_in_statement(node),
            "while_statement" | "do_statement" => self.while_statement(node),
            "import_statement" => self.import_statement(node),
            "import_alias" => self.import_alias(node),
            "export_statement" => self.export_statement(node, doc),
            "internal_module" | "module" => self.namespace(node),
            kind => self.declaration(node, kind, doc),
        }
    }

    fn declaration(&mut self, node: Node<'t>, kind: &str, doc: Option<Node<'t>>) {
        match kind {
            "function_declaration" | "generator_function_declaration" | "function_signature" => {
                let f = self.function(node, None, None, doc);
                self.define(node, How::Function(f));
            }
            "class_declaration" | "abstract_class_declaration" => {
                self.class_declaration(node, &[], doc);
            }
            "interface_declaration" | "enum_declaration" => {
                let c = self.class(node, None, &[], doc);
                self.define(node, How::Class(c));
            }
            "type_alias_declaration" => {
                if self.is_object_alias(node)
                    && let Some(c) = self.object_alias(node, doc)
                {
                    self.define(node, How::Class(c));
                }
            }
            // throw, labels, `with`, `declare …`, and whatever else: its parts.
            _ => {
                for kid in self.children(node) {
                    if is_statement(kid.kind()) {
                        self.statement(kid, doc);
                    } else if kid.kind() != "statement_identifier" {
                        self.anything(kid);
                    }
                }
            }
        }
    }

    /// A class with the store of its name.
    pub(super) fn class_declaration(
        &mut self,
        node: Node<'t>,
        decorators: &[Node<'t>],
        doc: Option<Node<'t>>,
    ) {
        let c = self.class(node, None, decorators, doc);
        self.define(node, How::Class(c));
    }

    /// An expression whose value nobody takes.
    pub(super) fn effect(&mut self, node: Node<'t>) {
        if !self.builder.descend() {
            self.too_deep(node);
            return;
        }
        let mut inner = transparent(node);
        while inner.kind() == "unary_expression" && self.slice(inner).starts_with("void") {
            let Some(argument) = super::last(inner) else {
                break;
            };
            inner = transparent(argument);
        }
        match inner.kind() {
            "sequence_expression" => {
                for kid in self.children(inner) {
                    if kid.is_error() {
                        self.recover(kid);
                    } else if !kid.is_extra() {
                        self.effect(kid);
                    }
                }
            }
            "binary_expression" => self.conditional_effect(inner),
            kind if is_statement(kind) => self.statement(inner, None),
            _ => {
                let value = self.expression(inner);
                self.builder.mutation(value);
            }
        }
        self.builder.ascend();
    }

    /// `ready && items.push(x)` is a branch.
    fn conditional_effect(&mut self, node: Node<'t>) {
        let fields = self.fields;
        let is_and = node
            .child_by_field_id(fields.operator)
            .is_some_and(|o| o.kind() == "&&");
        match (
            node.child_by_field_id(fields.left),
            node.child_by_field_id(fields.right),
        ) {
            (Some(left), Some(right)) if is_and => {
                let test = self.expression(left);
                let group = self.builder.group();
                let outer = self
                    .builder
                    .open_guard(GuardKind::Branch, group, 0, 0, Some(test));
                self.effect(right);
                self.builder.close_guard(outer);
            }
            _ => {
                self.expression(node);
            }
        }
    }

    /// `{ … }` with a scope of its own.
    pub(super) fn block(&mut self, node: Node<'t>) {
        let outer = self.builder.open_scope(ScopeKind::Block);
        let list = self.children(node);
        self.statements(&list);
        self.builder.close_scope(outer);
    }

    /// `namespace N { … }`, `declare module "m" { … }`.
    fn namespace(&mut self, node: Node<'t>) {
        let Some(body) = node.child_by_field_id(self.fields.body) else {
            return;
        };
        let outer = self.builder.open_scope(ScopeKind::Block);
        self.var_scopes.push(self.builder.scope());
        self.namespaces += 1;
        let list = self.children(body);
        self.statements(&list);
        self.namespaces -= 1;
        self.var_scopes.pop();
        self.builder.close_scope(outer);
    }

    /// `const a = 1, { b } = c`.
    fn variables(&mut self, node: Node<'t>, doc: Option<Node<'t>>) {
        let binding = if node.kind() == "variable_declaration" {
            Binding::Function
        } else {
            Binding::Block
        };
        for kid in self.children(node) {
            if kid.kind() == "variable_declarator" {
                self.declarator(kid, binding, doc);
            } else {
                self.anything(kid);
            }
        }
    }

    fn declarator(&mut self, node: Node<'t>, binding: Binding, doc: Option<Node<'t>>) {
        self.recover_inside(node);
        let Some(pattern) = node.child_by_field_id(self.fields.name) else {
            return;
        };
        let value = node.child_by_field_id(self.fields.value);
        if let Some(v) = value
            && self.import_declarator(node, v)
        {
            return;
        }
        let value = value.map(|v| {
            if pattern.kind() == "identifier" {
                let name: Name = self.name(pattern);
                self.named(v, &name, None, doc)
            } else {
                self.expression(v)
            }
        });
        self.bind(pattern, Part::whole(value, How::Set, binding));
    }

    fn return_statement(&mut self, node: Node<'t>) {
        self.recover_inside(node);
        if let Some(inner) = first(node) {
            let value = self.expression(inner);
            if let Some(&function) = self.functions.last() {
                self.builder.returned(function, value);
            }
        }
    }

    fn switch_statement(&mut self, node: Node<'t>) {
        self.recover_inside(node);
        let (Some(value), Some(body)) = (
            node.child_by_field_id(self.fields.value),
            node.child_by_field_id(self.fields.body),
        ) else {
            return;
        };
        let subject = self.expression(value);
        let scope = self.builder.open_scope(ScopeKind::Block);
        let mut branches: Vec<Branch<'t>> = Vec::new();
        let mut pending = None;
        let (mut has_default, mut compared) = (false, false);
        for case in self.children(body) {
            let is_default = case.kind() == "switch_default";
            if !is_default && case.kind() != "switch_case" {
                self.anything(case);
                continue;
            }
            self.recover_inside(case);
            has_default |= is_default;
            let label = case.child_by_field_id(self.fields.value);
            if let (false, Some(label)) = (is_default, label) {
                let right = self.expression(label);
                let at = span(label);
                let left = if compared {
                    self.copy_of(subject)
                } else {
                    subject
                };
                compared = true;
                let op = Op::Eq;
                let equal = self.builder.expr(Expr::Binary { op, left, right }, at);
                pending = Some(match pending {
                    None => equal,
                    Some(left) => {
                        let (op, right) = (Op::Or, equal);
                        self.builder.expr(Expr::Binary { op, left, right }, at)
                    }
                });
            }
            let mut list = self.children(case);
            list.retain(|n| Some(n.id()) != label.map(|l| l.id()));
            if list.iter().all(Node::is_extra) && !is_default {
                // Falls through to the next label.
                continue;
            }
            let test = if is_default { None } else { pending };
            pending = None;
            branches.push(Branch { test, body: list });
        }
        self.branches(&branches, has_default);
        self.builder.close_scope(scope);
    }
}
