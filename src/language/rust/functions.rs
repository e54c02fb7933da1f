//! Functions, methods, closures and their parameters.

use tree_sitter::Node;

use super::attributes::Before;
use super::control::is_control;
use super::patterns::Matched;
use super::{Lowerer, children, named};
use crate::hir::build::Store;
use crate::hir::{Expr, ExprId, FunctionId, How, Param, ParamKind};

/// Methods that change what they are called on, in a closure that is nothing but the call.
const MUTATORS: [&str; 7] = [
    "push",
    "push_str",
    "insert",
    "extend",
    "append",
    "write_str",
    "push_back",
];

impl Lowerer<'_> {
    /// `fn …`, with or without a body.
    pub(super) fn function_item(&mut self, node: Node<'_>, before: &Before<'_>) {
        let Some(name_node) = node.child_by_field_name("name") else {
            return;
        };
        let (attributes, doc) = self.before(before);
        let name = self.name(name_node);
        let (span, name_span) = (self.span(node), self.span(name_node));
        let return_type = node
            .child_by_field_name("return_type")
            .map(|t| self.type_ref(t));
        let is_unit = node
            .child_by_field_name("return_type")
            .is_none_or(|t| t.kind() == "unit_type");
        let owner = self.class.take();
        let body = node.child_by_field_name("body");
        let open = self.b.open_function(Some(name.clone()), span, name_span);
        let id = open.id();
        let has_receiver = node
            .child_by_field_name("parameters")
            .is_some_and(|p| self.parameters(id, p));
        let is_stub = body.is_none_or(|b| self.is_stub(b));
        let doc = match body {
            Some(body) if doc.is_none() && is_unit && !attributes.is_empty() => {
                self.doc_inside(body)
            }
            _ => doc,
        };
        {
            let function = self.b.function_mut(id);
            function.owner = owner;
            function.return_type = return_type;
            function.attributes = attributes;
            function.doc = doc;
            function.is_static = owner.is_some() && !has_receiver;
            function.is_stub = is_stub;
        }
        if let Some(body) = body {
            self.in_function(id, |l| {
                if let Some(value) = l.block_body(body, !is_unit) {
                    l.b.returned(id, value);
                }
            });
        }
        self.b.close_function(open);
        self.class = owner;
        if let Some(class) = owner {
            self.b.class_mut(class).methods.push(id);
        }
        self.b
            .write(Store::declare(name, None, How::Function(id), name_span));
    }

    fn in_function(&mut self, id: FunctionId, f: impl FnOnce(&mut Self)) {
        let function = self.function.replace(id);
        let breaks = std::mem::take(&mut self.breaks);
        f(self);
        self.breaks = breaks;
        self.function = function;
    }

    /// Whether a body is empty or says that there is nothing yet.
    fn is_stub(&self, body: Node<'_>) -> bool {
        match named(body).as_slice() {
            [] => true,
            [only] => {
                let text = self.str(*only);
                ["todo!", "unimplemented!", "unreachable!"]
                    .iter()
                    .any(|m| text.starts_with(m))
            }
            _ => false,
        }
    }

    /// Adds the parameters of a function that is open; whether one is a receiver.
    fn parameters(&mut self, id: FunctionId, node: Node<'_>) -> bool {
        let mut has_receiver = false;
        for n in named(node) {
            match n.kind() {
                "self_parameter" => {
                    has_receiver = true;
                    self.receiver(id, n);
                }
                "parameter" => {
                    let pattern = n.child_by_field_name("pattern");
                    if pattern.is_some_and(|p| p.kind() == "self") {
                        has_receiver = true;
                        self.receiver(id, n);
                    } else {
                        self.parameter(id, pattern, n.child_by_field_name("type"), n);
                    }
                }
                "mutable_specifier" | "visibility_modifier" => {}
                _ => self.parameter(id, None, Some(n), n),
            }
        }
        has_receiver
    }

    fn receiver(&mut self, id: FunctionId, node: Node<'_>) {
        let span = self.span(node);
        let param = Param {
            name: Some("self".into()),
            kind: ParamKind::Receiver,
            default: None,
            ty: None,
        };
        self.b.param(id, param, span);
    }

    fn parameter(
        &mut self,
        id: FunctionId,
        pattern: Option<Node<'_>>,
        ty: Option<Node<'_>>,
        node: Node<'_>,
    ) {
        let ty = ty.map(|t| self.type_ref(t));
        let plain = pattern.map(|p| match p.kind() {
            "mut_pattern" | "reference_pattern" | "ref_pattern" => named(p)
                .into_iter()
                .rfind(|n| n.kind() == "identifier")
                .unwrap_or(p),
            _ => p,
        });
        let name = plain
            .filter(|p| p.kind() == "identifier")
            .map(|p| self.name(p));
        let is_pattern = name.is_none();
        let span = self.span(plain.unwrap_or(node));
        let param = Param {
            name,
            kind: ParamKind::Positional,
            default: None,
            ty,
        };
        let index = self.b.param(id, param, span);
        if let Some(pattern) = pattern.filter(|_| is_pattern) {
            let how = How::Param(index);
            self.bind(pattern, &Matched { value: None, how });
        }
    }

    /// `|x| …`
    pub(super) fn closure(&mut self, node: Node<'_>) -> ExprId {
        let span = self.span(node);
        let name_span = node.child(0).map_or(span, |n| self.span(n));
        let return_type = node
            .child_by_field_name("return_type")
            .map(|t| self.type_ref(t));
        let class = self.class.take();
        let open = self.b.open_function(None, span, name_span);
        let id = open.id();
        self.b.function_mut(id).return_type = return_type;
        if let Some(list) = node.child_by_field_name("parameters") {
            for n in children(list) {
                match n.kind() {
                    "|" | "," => {}
                    "parameter" => self.parameter(
                        id,
                        n.child_by_field_name("pattern"),
                        n.child_by_field_name("type"),
                        n,
                    ),
                    _ => self.parameter(id, Some(n), None, n),
                }
            }
        }
        if let Some(body) = node.child_by_field_name("body") {
            self.in_function(id, |l| {
                let value = if body.kind() == "block" {
                    l.block_body(body, true)
                } else if is_control(body.kind()) {
                    l.control(body, true)
                } else {
                    l.tail(body)
                };
                if let Some(value) = value {
                    l.changed(value);
                    l.b.returned(id, value);
                }
            });
        }
        self.b.close_function(open);
        self.class = class;
        self.b.expr(Expr::Function(id), span)
    }

    /// A closure that is nothing but `out.push_str(x)` changes `out`.
    fn changed(&mut self, value: ExprId) {
        let facts = self.b.facts();
        if let Expr::Call { callee, .. } = facts.expr(value)
            && let Expr::Member { name, .. } = facts.expr(*callee)
            && MUTATORS.contains(&name.as_str())
        {
            self.b.mutation(value);
        }
    }
}
