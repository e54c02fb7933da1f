//! Assignments as expressions: the store, and the right side as the value.

use tree_sitter::Node;

use crate::hir::build::Store;
use crate::hir::{ExprId, How, Name, Op, Step};

use super::expressions::{operator, transparent};
use super::patterns::{Binding, Part};
use super::{Lowering, span};

impl<'t> Lowering<'t> {
    /// `a = b`, `a.b = c`, `[a, b] = c`: stores; its value is the right side.
    pub(super) fn assignment(&mut self, node: Node<'t>) -> ExprId {
        self.recover_inside(node);
        let (Some(left), Some(right)) = (
            node.child_by_field_id(self.fields.left),
            node.child_by_field_id(self.fields.right),
        ) else {
            return self.builder.opaque(node.kind(), Vec::new(), span(node));
        };
        let target = transparent(left);
        let name = match target.kind() {
            "identifier" => Some(self.name(target)),
            "member_expression" => target
                .child_by_field_id(self.fields.property)
                .map(|p| self.name(p)),
            _ => None,
        };
        let value = match &name {
            Some(name) => self.named(right, name, None, None),
            None => self.expression(right),
        };
        match target.kind() {
            "object_pattern" | "array_pattern" => {
                self.bind(target, Part::whole(Some(value), How::Set, Binding::None));
            }
            "identifier" => {
                let root = self.name(target);
                self.assign(root, Vec::new(), value, How::Set, node);
            }
            _ => {
                let place = self.expression(target);
                if let Some((root, path)) = self.builder.place(place) {
                    self.common_js_export(&root, &path, value);
                    self.assign(root, path, value, How::Set, node);
                }
            }
        }
        value
    }

    /// `a += b`, `a ??= b`.
    pub(super) fn augmented(&mut self, node: Node<'t>) -> ExprId {
        self.recover_inside(node);
        let (Some(left), Some(right)) = (
            node.child_by_field_id(self.fields.left),
            node.child_by_field_id(self.fields.right),
        ) else {
            return self.builder.opaque(node.kind(), Vec::new(), span(node));
        };
        let op = node
            .child_by_field_id(self.fields.operator)
            .and_then(|o| o.kind().strip_suffix('='))
            .map_or(Op::Other, operator);
        let value = self.expression(right);
        let target = transparent(left);
        let place = if target.kind() == "identifier" {
            Some((self.name(target), Vec::new()))
        } else {
            let place = self.expression(target);
            self.builder.place(place)
        };
        if let Some((root, path)) = place {
            self.assign(root, path, value, How::Augment(op), node);
        }
        value
    }

    fn assign(&mut self, root: Name, path: Vec<Step>, value: ExprId, how: How, node: Node<'t>) {
        self.builder.write(Store {
            root,
            path,
            value: Some(value),
            from: Vec::new(),
            default: None,
            how,
            declares: false,
            span: span(node),
        });
    }
}
