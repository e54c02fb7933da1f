//! Classes, interfaces, object types, enums, decorators.

use tree_sitter::Node;

use crate::hir::build::{Store, attribute};
use crate::hir::{Attribute, Class, ClassId, ClassKind, Expr, ExprId, Field, How, MODULE, Name};

use super::{Lowering, first, span};

impl<'t> Lowering<'t> {
    /// A class of any form. `decorators` are those that stand before it (`@x export class`).
    pub(super) fn class(
        &mut self,
        node: Node<'t>,
        name: Option<Name>,
        decorators: &[Node<'t>],
        doc: Option<Node<'t>>,
    ) -> ClassId {
        self.recover_inside(node);
        let doc = self.doc(doc);
        let own = node
            .child_by_field_id(self.fields.name)
            .map(|n| self.name(n));
        let kids = self.children(node);
        let mut attributes = self.attributes(decorators);
        let own_decorators: Vec<_> = kids
            .iter()
            .copied()
            .filter(|k| k.kind() == "decorator")
            .collect();
        attributes.extend(self.attributes(&own_decorators));
        let mut bases = Vec::new();
        for kid in &kids {
            match kid.kind() {
                "class_heritage" => {
                    for clause in self.children(*kid) {
                        self.heritage(clause, &mut bases);
                    }
                }
                "extends_type_clause" => self.heritage(*kid, &mut bases),
                _ => {}
            }
        }
        let kind = match node.kind() {
            "interface_declaration" => ClassKind::Interface,
            "enum_declaration" => ClassKind::Enum,
            _ => ClassKind::Class,
        };
        let name = own.or(name).unwrap_or_default();
        let (id, outer) = self.builder.open_class(Class {
            name,
            kind,
            bases,
            fields: Vec::new(),
            methods: Vec::new(),
            doc,
            attributes,
            span: span(node),
            scope: MODULE,
        });
        if let Some(body) = node.child_by_field_id(self.fields.body) {
            self.members_of(id, body);
        }
        self.builder.close_scope(outer);
        id
    }

    /// A type alias of an object type, or of an intersection with one.
    pub(super) fn object_alias(
        &mut self,
        node: Node<'t>,
        doc: Option<Node<'t>>,
    ) -> Option<ClassId> {
        let value = node.child_by_field_id(self.fields.value)?;
        let name = self.name(node.child_by_field_id(self.fields.name)?);
        let doc = self.doc(doc);
        let (bodies, others): (Vec<_>, Vec<_>) = self
            .members(value)
            .into_iter()
            .partition(|m| m.kind() == "object_type");
        let bases = others
            .into_iter()
            .filter(|m| {
                matches!(
                    m.kind(),
                    "type_identifier" | "nested_type_identifier" | "generic_type"
                )
            })
            .map(|m| self.type_name(m))
            .collect();
        let (id, outer) = self.builder.open_class(Class {
            name,
            kind: ClassKind::Interface,
            bases,
            fields: Vec::new(),
            methods: Vec::new(),
            doc,
            attributes: Vec::new(),
            span: span(node),
            scope: MODULE,
        });
        for body in bodies {
            self.members_of(id, body);
        }
        self.builder.close_scope(outer);
        Some(id)
    }

    /// Whether a type alias is lowered as a class.
    pub(super) fn is_object_alias(&mut self, node: Node<'t>) -> bool {
        match node.child_by_field_id(self.fields.value) {
            Some(v) if v.kind() == "object_type" => true,
            Some(v) if v.kind() == "intersection_type" => {
                self.members(v).iter().any(|m| m.kind() == "object_type")
            }
            _ => false,
        }
    }

    fn heritage(&mut self, clause: Node<'t>, bases: &mut Vec<ExprId>) {
        let is_extends = clause.kind() == "extends_clause";
        for base in self.children(clause) {
            if base.is_extra() || base.is_error() || base.kind() == "type_arguments" {
                continue;
            }
            bases.push(if is_extends {
                self.expression(base)
            } else {
                self.type_name(base)
            });
        }
    }

    fn members_of(&mut self, class: ClassId, body: Node<'t>) {
        let mut doc = None;
        let mut decorators = Vec::new();
        for member in self.children(body) {
            match member.kind() {
                "comment" => {
                    doc = Some(member);
                    continue;
                }
                "decorator" => {
                    decorators.push(member);
                    continue;
                }
                "method_definition" | "method_signature" | "abstract_method_signature" => {
                    let attributes = self.attributes(&decorators);
                    let id = self.function(member, None, Some(class), doc);
                    self.builder.function_mut(id).attributes = attributes;
                    self.builder.class_mut(class).methods.push(id);
                }
                "public_field_definition" | "property_signature" | "enum_assignment" => {
                    self.member_field(class, member, doc);
                }
                "class_static_block" => {
                    if let Some(block) = member.child_by_field_id(self.fields.body) {
                        self.statement(block, None);
                    }
                }
                // Enum members without a value.
                "property_identifier" | "string" => {
                    let name = self.property_name(member);
                    self.push_field(class, name, member, None, Vec::new(), None);
                }
                _ if member.is_error() => self.recover(member),
                _ => {}
            }
            doc = None;
            decorators.clear();
        }
    }

    fn member_field(&mut self, class: ClassId, node: Node<'t>, doc: Option<Node<'t>>) {
        self.recover_inside(node);
        let Some(name) = node.child_by_field_id(self.fields.name) else {
            return;
        };
        let name = self.property_name(name);
        let decorators: Vec<_> = self
            .children(node)
            .into_iter()
            .filter(|k| k.kind() == "decorator")
            .collect();
        let attributes = self.attributes(&decorators);
        let doc = self.doc(doc);
        let value = node
            .child_by_field_id(self.fields.value)
            .map(|v| self.named(v, &name, Some(class), None));
        // A field that holds a function is called like a method.
        if let Some(v) = value
            && let Expr::Function(f) = *self.builder.facts().expr(v)
        {
            self.builder.class_mut(class).methods.push(f);
        }
        if let Some(value) = value {
            self.builder.write(Store::declare(
                name.clone(),
                Some(value),
                How::Set,
                span(node),
            ));
        }
        self.push_field(class, name, node, value, attributes, doc);
    }

    fn push_field(
        &mut self,
        class: ClassId,
        name: Name,
        node: Node<'t>,
        value: Option<ExprId>,
        attributes: Vec<Attribute>,
        doc: Option<ExprId>,
    ) {
        let ty = self.type_field(node, self.fields.ty);
        self.builder.class_mut(class).fields.push(Field {
            name,
            ty,
            value,
            attributes,
            doc,
            span: span(node),
        });
    }

    /// Decorators as attributes.
    pub(super) fn attributes(&mut self, decorators: &[Node<'t>]) -> Vec<Attribute> {
        let mut out = Vec::new();
        for decorator in decorators {
            let Some(inner) = first(*decorator) else {
                continue;
            };
            let expr = self.expression(inner);
            let facts = self.builder.facts();
            let named = match facts.expr(expr) {
                Expr::Call { callee, .. } => *callee,
                _ => expr,
            };
            let path = facts.dotted(named).unwrap_or_default();
            out.push(attribute(&path, expr, span(*decorator)));
        }
        out
    }

    /// The name of a property, method or key: quotes of a string and brackets of a computed
    /// literal are left out.
    pub(super) fn property_name(&self, node: Node<'t>) -> Name {
        match node.kind() {
            "string" => self.string_value(node).into(),
            "computed_property_name" => match first(node) {
                Some(inner) if inner.kind() == "string" => self.string_value(inner).into(),
                _ => self.name(node),
            },
            _ => self.name(node),
        }
    }
}
