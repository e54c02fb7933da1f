//! Calls: arguments, `new`, tagged templates.

use tree_sitter::Node;

use crate::hir::{Arg, CallKind, Expr, ExprId};

use super::{Lowering, first, span};

impl<'t> Lowering<'t> {
    /// A call whose callee has been lowered.
    pub(super) fn call(&mut self, node: Node<'t>, callee: ExprId) -> ExprId {
        let types = self.type_arguments(node.child_by_field_id(self.fields.type_arguments));
        let (args, kind) = match node.child_by_field_id(self.fields.arguments) {
            Some(text) if text.kind() == "template_string" => {
                let value = self.template(text, true, span(text));
                let arg = Arg {
                    name: None,
                    value,
                    spread: false,
                };
                (vec![arg], CallKind::Tagged)
            }
            Some(list) => (self.arguments(list), CallKind::Plain),
            None => (Vec::new(), CallKind::Plain),
        };
        self.builder.expr(
            Expr::Call {
                callee,
                args,
                types,
                kind,
            },
            span(node),
        )
    }

    /// `new C(x)`.
    pub(super) fn new_expression(&mut self, node: Node<'t>) -> ExprId {
        self.recover_inside(node);
        let callee = match node.child_by_field_id(self.fields.constructor) {
            Some(c) => self.expression(c),
            None => self.builder.opaque("missing", Vec::new(), span(node)),
        };
        let types = self.type_arguments(node.child_by_field_id(self.fields.type_arguments));
        let args = match node.child_by_field_id(self.fields.arguments) {
            Some(list) => self.arguments(list),
            None => Vec::new(),
        };
        self.builder.expr(
            Expr::Call {
                callee,
                args,
                types,
                kind: CallKind::New,
            },
            span(node),
        )
    }

    /// Arguments of a call, items of an array.
    pub(super) fn arguments(&mut self, list: Node<'t>) -> Vec<Arg> {
        let mut args = Vec::new();
        for kid in self.children(list) {
            let spread = kid.kind() == "spread_element";
            let value = if spread {
                first(kid).map(|inner| self.expression(inner))
            } else {
                self.anything(kid)
            };
            args.extend(value.map(|value| Arg {
                name: None,
                value,
                spread,
            }));
        }
        args
    }

    /// Whether a call is `` String.raw`…` ``.
    pub(super) fn is_string_raw(&self, call: Node<'t>) -> bool {
        call.child_by_field_id(self.fields.arguments)
            .is_some_and(|a| a.kind() == "template_string")
            && call
                .child_by_field_id(self.fields.function)
                .is_some_and(|f| self.slice(f) == "String.raw")
    }

    /// `` String.raw`…` `` is text.
    pub(super) fn string_raw(&mut self, call: Node<'t>) -> ExprId {
        match call.child_by_field_id(self.fields.arguments) {
            Some(template) => self.template(template, false, span(call)),
            None => self.builder.opaque("missing", Vec::new(), span(call)),
        }
    }
}
