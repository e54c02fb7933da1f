//! Items: modules, structs, enums, traits, `impl` blocks, constants.

use tree_sitter::Node;

use super::attributes::Before;
use super::{Lowerer, named};
use crate::hir::build::Store;
use crate::hir::{
    Attribute, Class, ClassKind, ExprId, Field, How, Name, ScopeId, ScopeKind, TypeRef,
};

impl Lowerer<'_> {
    /// The items of a file, or of a list in braces, in the current scope.
    pub(super) fn items(&mut self, node: Node<'_>) {
        let span = self.span(node);
        self.nest(span, |l| {
            let mut before = Before::default();
            let mut cursor = node.walk();
            for n in node.named_children(&mut cursor) {
                if before.take(n, l) {
                    continue;
                }
                let before = std::mem::take(&mut before);
                if n.kind() == "macro_invocation" {
                    l.macro_item(n);
                } else if n.kind() == "expression_statement" && l.macro_statement(n) {
                } else {
                    l.statement(n, &before);
                }
            }
        });
    }

    /// `lazy_static! { … };`, which the grammar takes for an expression.
    fn macro_statement(&mut self, node: Node<'_>) -> bool {
        match named(node).as_slice() {
            [only] if only.kind() == "macro_invocation" => {
                self.macro_item(*only);
                true
            }
            _ => false,
        }
    }

    /// An item; `false` if the node is none.
    pub(super) fn item(&mut self, node: Node<'_>, before: &Before<'_>) -> bool {
        let is_item = matches!(
            node.kind(),
            "function_item"
                | "function_signature_item"
                | "impl_item"
                | "trait_item"
                | "struct_item"
                | "union_item"
                | "enum_item"
                | "const_item"
                | "static_item"
                | "type_item"
                | "associated_type"
                | "mod_item"
                | "foreign_mod_item"
                | "use_declaration"
                | "extern_crate_declaration"
                | "macro_definition"
                | "inner_attribute_item"
        );
        if is_item && !before.is_test(self) {
            let span = self.span(node);
            self.nest(span, |l| l.item_inner(node, before));
        }
        is_item
    }

    fn item_inner(&mut self, node: Node<'_>, before: &Before<'_>) {
        match node.kind() {
            "function_item" | "function_signature_item" => self.function_item(node, before),
            "impl_item" => self.class(node, ClassKind::Impl, before),
            "trait_item" => self.class(node, ClassKind::Interface, before),
            "struct_item" | "union_item" => self.class(node, ClassKind::Struct, before),
            "enum_item" => self.class(node, ClassKind::Enum, before),
            "const_item" | "static_item" => self.constant(node, before),
            "type_item" => self.type_alias(node),
            "mod_item" => match node.child_by_field_name("body") {
                Some(body) => {
                    let outer = self.b.open_scope(ScopeKind::Block);
                    self.items(body);
                    self.b.close_scope(outer);
                }
                None => self.module_file(node),
            },
            "foreign_mod_item" => {
                if let Some(body) = node.child_by_field_name("body") {
                    self.items(body);
                }
            }
            "use_declaration" => self.use_declaration(node),
            "extern_crate_declaration" => self.extern_crate(node),
            _ => {}
        }
    }

    fn class(&mut self, node: Node<'_>, kind: ClassKind, before: &Before<'_>) {
        let (attributes, doc) = self.before(before);
        let span = self.span(node);
        let name_node = match kind {
            ClassKind::Impl => node.child_by_field_name("type"),
            _ => node.child_by_field_name("name"),
        };
        let Some(name_node) = name_node else {
            return;
        };
        let name: Name = match kind {
            ClassKind::Impl => {
                let ty = self.type_ref(name_node);
                let head = ty.heads.first().cloned().unwrap_or_default();
                head.rsplit('.').next().unwrap_or_default().into()
            }
            _ => self.name(name_node),
        };
        let name_span = self.span(name_node);
        let mut bases: Vec<ExprId> = Vec::new();
        if let Some(t) = node.child_by_field_name("trait") {
            let base = self.type_expr(t);
            bases.push(base);
        }
        if let Some(bounds) = node.child_by_field_name("bounds") {
            for t in named(bounds) {
                if t.kind() != "lifetime" {
                    let base = self.type_expr(t);
                    bases.push(base);
                }
            }
        }
        let (id, outer) = self.b.open_class(Class {
            name: name.clone(),
            kind,
            bases,
            fields: Vec::new(),
            methods: Vec::new(),
            doc,
            attributes,
            span,
            scope: ScopeId(0),
        });
        let enclosing = self.class.replace(id);
        if let Some(body) = node.child_by_field_name("body") {
            match body.kind() {
                "declaration_list" => self.items(body),
                "ordered_field_declaration_list" => self.tuple_fields(body),
                _ => self.fields(body),
            }
        }
        self.class = enclosing;
        self.b.close_scope(outer);
        if kind != ClassKind::Impl {
            self.b
                .write(Store::declare(name, None, How::Class(id), name_span));
        }
    }

    /// A type's path as an expression.
    fn type_expr(&mut self, node: Node<'_>) -> ExprId {
        let path = self.type_path(node);
        let span = self.span(node);
        self.path_expr(&path, span)
    }

    fn field(&mut self, field: Field) {
        if let Some(class) = self.class {
            self.b.class_mut(class).fields.push(field);
        }
    }

    /// The fields of a struct, the variants of an enum.
    fn fields(&mut self, list: Node<'_>) {
        let mut before = Before::default();
        let mut cursor = list.walk();
        for n in list.named_children(&mut cursor) {
            if before.take(n, self) {
                continue;
            }
            let before = std::mem::take(&mut before);
            let Some(name) = n.child_by_field_name("name") else {
                continue;
            };
            let (attributes, doc) = self.before(&before);
            let ty = match n.child_by_field_name("type") {
                Some(t) => Some(self.type_ref(t)),
                None => n.child_by_field_name("body").and_then(|b| self.payload(b)),
            };
            let value = n.child_by_field_name("value").map(|v| self.expr(v));
            let field = Field {
                name: self.name(name),
                ty,
                value,
                attributes,
                doc,
                span: self.span(n),
            };
            self.field(field);
        }
    }

    /// The type of a variant that holds one value.
    fn payload(&mut self, body: Node<'_>) -> Option<TypeRef> {
        if body.kind() != "ordered_field_declaration_list" {
            return None;
        }
        let mut cursor = body.walk();
        let types: Vec<_> = body.children_by_field_name("type", &mut cursor).collect();
        match types.as_slice() {
            [only] => Some(self.type_ref(*only)),
            _ => None,
        }
    }

    /// The fields of a tuple struct, named by their index.
    fn tuple_fields(&mut self, list: Node<'_>) {
        let mut before = Before::default();
        let mut cursor = list.walk();
        let mut index = 0_u32;
        for n in list.named_children(&mut cursor) {
            if before.take(n, self) || n.kind() == "visibility_modifier" {
                continue;
            }
            let (attributes, doc): (Vec<Attribute>, _) = self.before(&std::mem::take(&mut before));
            let ty = Some(self.type_ref(n));
            let field = Field {
                name: index.to_string().into(),
                ty,
                value: None,
                attributes,
                doc,
                span: self.span(n),
            };
            self.field(field);
            index += 1;
        }
    }

    /// `const X: T = e;`, `static X: T = e;`
    fn constant(&mut self, node: Node<'_>, before: &Before<'_>) {
        let Some(name_node) = node.child_by_field_name("name") else {
            return;
        };
        let name = self.name(name_node);
        let value = node.child_by_field_name("value").map(|v| self.expr(v));
        if self.class.is_some() {
            let (attributes, doc) = self.before(before);
            let ty = node.child_by_field_name("type").map(|t| self.type_ref(t));
            let field = Field {
                name: name.clone(),
                ty,
                value,
                attributes,
                doc,
                span: self.span(node),
            };
            self.field(field);
        }
        let span = self.span(name_node);
        self.b.write(Store::declare(name, value, How::Set, span));
    }

    /// `type X = Y;` makes `X` stand for what `Y` does.
    fn type_alias(&mut self, node: Node<'_>) {
        let (Some(name), Some(ty)) = (
            node.child_by_field_name("name"),
            node.child_by_field_name("type"),
        ) else {
            return;
        };
        let ty_span = self.span(ty);
        let head = self.type_ref(ty).heads.into_iter().next();
        let Some(head) = head.filter(|h| h.starts_with(|c: char| c.is_alphabetic() || c == '_'))
        else {
            return;
        };
        let value = self.path_expr(&head, ty_span);
        let span = self.span(name);
        let name = self.name(name);
        self.b
            .write(Store::declare(name, Some(value), How::Set, span));
    }
}
