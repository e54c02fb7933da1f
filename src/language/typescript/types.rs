//! Types to [`TypeRef`], and type names to expressions (base classes).

use tree_sitter::Node;

use crate::hir::{Expr, ExprId, Name, TypeRef};

use super::{Lowering, first, span};

/// Longest source of a type that is kept as its head when it has no better one, in bytes.
const HEAD_BYTES: usize = 60;

/// Whether a node kind stands where types stand.
pub(super) fn is_type(kind: &str) -> bool {
    kind.starts_with("type_") && kind != "type_alias_declaration"
        || kind.ends_with("_type")
        || matches!(
            kind,
            "asserts_annotation" | "accessibility_modifier" | "override_modifier"
        )
}

/// A type with one head.
fn named(name: impl Into<Name>) -> TypeRef {
    TypeRef {
        heads: vec![name.into()],
        ..TypeRef::default()
    }
}

impl<'t> Lowering<'t> {
    /// The type in a field of a node.
    pub(super) fn type_field(&mut self, node: Node<'t>, field: u16) -> Option<TypeRef> {
        let ty = node.child_by_field_id(field)?;
        Some(self.type_of(ty))
    }

    /// The types of `<A, B>`.
    pub(super) fn type_arguments(&mut self, node: Option<Node<'t>>) -> Vec<TypeRef> {
        let Some(node) = node else {
            return Vec::new();
        };
        self.children(node)
            .into_iter()
            .filter(|n| !n.is_extra() && !n.is_error())
            .map(|n| self.type_of(n))
            .collect()
    }

    /// A type or a type annotation.
    pub(super) fn type_of(&mut self, node: Node<'t>) -> TypeRef {
        if !self.builder.descend() {
            return TypeRef::default();
        }
        let ty = self.type_inner(node);
        self.builder.ascend();
        ty
    }

    fn type_inner(&mut self, node: Node<'t>) -> TypeRef {
        match node.kind() {
            "type_annotation"
            | "parenthesized_type"
            | "readonly_type"
            | "optional_type"
            | "rest_type"
            | "flow_maybe_type"
            | "omitting_type_annotation"
            | "adding_type_annotation"
            | "opting_type_annotation" => {
                first(node).map_or_else(TypeRef::default, |n| self.type_of(n))
            }
            "type_predicate_annotation" | "type_predicate" => named("boolean"),
            "asserts_annotation" | "asserts" => named("void"),
            "generic_type" => self.generic(node),
            "array_type" => TypeRef {
                heads: vec!["Array".into()],
                args: first(node).map(|n| self.type_of(n)).into_iter().collect(),
                literals: Vec::new(),
            },
            "tuple_type" => TypeRef {
                heads: vec!["tuple".into()],
                args: self.type_arguments(Some(node)),
                literals: Vec::new(),
            },
            "required_parameter" | "optional_parameter" => {
                self.type_field(node, self.fields.ty).unwrap_or_default()
            }
            "union_type" | "intersection_type" => self.union(node),
            "literal_type" => self.literal_type(node),
            "template_literal_type" => named("string"),
            "object_type" => named("object"),
            "function_type" | "constructor_type" => named("function"),
            "type_query" => {
                let of = first(node)
                    .map(|n| self.dotted_source(n))
                    .unwrap_or_default();
                named(format!("typeof {of}"))
            }
            "undefined" | "null" => TypeRef::default(),
            kind => {
                let source = self.dotted_source(node);
                if source.len() <= HEAD_BYTES {
                    named(source)
                } else {
                    named(kind)
                }
            }
        }
    }

    fn generic(&mut self, node: Node<'t>) -> TypeRef {
        let name = node
            .child_by_field_id(self.fields.name)
            .map(|n| self.dotted_source(n))
            .unwrap_or_default();
        let args = self.type_arguments(node.child_by_field_id(self.fields.type_arguments));
        let transparent = matches!(
            name.as_str(),
            "Promise"
                | "PromiseLike"
                | "Readonly"
                | "Partial"
                | "Required"
                | "Awaited"
                | "NonNullable"
        );
        if transparent && let Some(inner) = args.first() {
            return inner.clone();
        }
        let name = if name == "ReadonlyArray" {
            "Array".into()
        } else {
            name
        };
        TypeRef {
            heads: vec![name.into()],
            args,
            literals: Vec::new(),
        }
    }

    /// `A | B | C` is nested to the left: its members, in order.
    pub(super) fn members(&mut self, node: Node<'t>) -> Vec<Node<'t>> {
        let mut out = Vec::new();
        let mut at = node;
        while matches!(at.kind(), "union_type" | "intersection_type") {
            let mut parts = self.children(at);
            parts.retain(|n| !n.is_extra() && !n.is_error());
            let Some(right) = parts.pop() else { break };
            let Some(left) = parts.pop() else {
                // A leading `|`.
                at = right;
                continue;
            };
            out.push(right);
            at = left;
        }
        out.push(at);
        out.reverse();
        out
    }

    fn union(&mut self, node: Node<'t>) -> TypeRef {
        let mut union = TypeRef::default();
        for member in self.members(node) {
            let ty = self.type_of(member);
            if union.heads.is_empty() {
                union.args = ty.args;
            }
            for head in ty.heads {
                if !union.heads.contains(&head) {
                    union.heads.push(head);
                }
            }
            union.literals.extend(ty.literals);
        }
        union
    }

    fn literal_type(&mut self, node: Node<'t>) -> TypeRef {
        let Some(literal) = first(node) else {
            return TypeRef::default();
        };
        match literal.kind() {
            "string" => TypeRef {
                literals: vec![self.string_value(literal).into()],
                ..TypeRef::default()
            },
            "number" | "unary_expression" => named("number"),
            "true" | "false" => named("boolean"),
            _ => TypeRef::default(),
        }
    }

    /// The source of a dotted name without white space.
    pub(super) fn dotted_source(&self, node: Node<'t>) -> String {
        self.slice(node).split_whitespace().collect()
    }

    /// The name of a type as an expression: what a class implements, what an interface extends.
    pub(super) fn type_name(&mut self, node: Node<'t>) -> ExprId {
        let name = match node.kind() {
            "generic_type" => node.child_by_field_id(self.fields.name).unwrap_or(node),
            _ => node,
        };
        let mut value = None;
        for part in self.dotted_source(name).split('.') {
            let kind = match value {
                None => Expr::Name(part.into()),
                Some(base) => Expr::Member {
                    base,
                    name: part.into(),
                },
            };
            value = Some(self.builder.expr(kind, span(name)));
        }
        value.unwrap_or_else(|| self.builder.opaque("type", Vec::new(), span(node)))
    }
}
