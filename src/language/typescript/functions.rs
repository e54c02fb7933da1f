//! Functions, methods, arrow functions, signatures: parameters, body, returned values.

use tree_sitter::Node;

use crate::hir::build::Store;
use crate::hir::{ClassId, Expr, Field, FunctionId, How, Name, Param, ParamKind, Step};

use super::patterns::{Binding, Part};
use super::{Lowering, first, span};

impl<'t> Lowering<'t> {
    /// A function of any form. `name` is what it is bound to; else its own name counts.
    pub(super) fn function(
        &mut self,
        node: Node<'t>,
        name: Option<Name>,
        owner: Option<ClassId>,
        doc: Option<Node<'t>>,
    ) -> FunctionId {
        self.recover_inside(node);
        let doc = self.doc(doc);
        let name_node = node.child_by_field_id(self.fields.name);
        let name = name.or_else(|| name_node.map(|n| self.property_name(n)));
        let name_span = span(name_node.or_else(|| node.child(0)).unwrap_or(node));
        let is_generator = node.kind().starts_with("generator_") || self.has_token(node, &["*"]);
        let is_method = matches!(
            node.kind(),
            "method_definition" | "method_signature" | "abstract_method_signature"
        );
        let is_static = is_method && self.has_token(node, &["static"]);
        let is_property = is_method && self.has_token(node, &["get"]);
        let is_constructor = is_method && name.as_deref() == Some("constructor");
        let return_type = self.type_field(node, self.fields.return_type);
        let body = node.child_by_field_id(self.fields.body);
        let statements = match body {
            Some(b) if b.kind() == "statement_block" => Some(self.children(b)),
            _ => None,
        };
        let is_stub = match (&statements, body) {
            (Some(list), _) => does_nothing(list, is_constructor),
            (None, body) => body.is_none(),
        };

        let open = self.builder.open_function(name, span(node), name_span);
        let id = open.id();
        let scope = self.builder.scope();
        let function = self.builder.function_mut(id);
        function.owner = owner;
        function.doc = doc;
        function.return_type = return_type;
        function.is_static = is_static;
        function.is_property = is_property;
        function.is_stub = is_stub;
        function.is_generator = is_generator;
        self.functions.push(id);
        self.var_scopes.push(scope);

        let mut properties = Vec::new();
        if let Some(parameters) = node.child_by_field_id(self.fields.parameters) {
            for parameter in self.children(parameters) {
                if let Some(property) = self.parameter(id, parameter) {
                    properties.push((property, parameter));
                }
            }
        } else if let Some(only) = node.child_by_field_id(self.fields.parameter) {
            let param = Param {
                name: Some(self.name(only)),
                kind: ParamKind::Positional,
                default: None,
                ty: None,
            };
            self.builder.param(id, param, span(only));
        }
        if let (Some(class), true) = (owner, is_constructor) {
            for (name, parameter) in properties {
                self.parameter_property(class, name, parameter);
            }
        }
        match (statements, body) {
            (Some(list), _) => self.statements(&list),
            (None, Some(expression)) => {
                let value = self.expression(expression);
                self.builder.returned(id, value);
            }
            (None, None) => {}
        }
        self.var_scopes.pop();
        self.functions.pop();
        self.builder.close_function(open)
    }

    /// A parameter; its name if it is a parameter property (`private readonly x: T`).
    fn parameter(&mut self, function: FunctionId, node: Node<'t>) -> Option<Name> {
        if !matches!(node.kind(), "required_parameter" | "optional_parameter") {
            self.anything_but_names(node);
            return None;
        }
        self.recover_inside(node);
        let pattern = node.child_by_field_id(self.fields.pattern)?;
        if pattern.kind() == "this" {
            return None;
        }
        let mut is_property = self.has_token(node, &["readonly"]);
        for kid in self.children(node) {
            match kid.kind() {
                "decorator" => {
                    if let Some(inner) = first(kid) {
                        self.expression(inner);
                    }
                }
                "accessibility_modifier" | "override_modifier" => is_property = true,
                _ => {}
            }
        }
        let ty = self.type_field(node, self.fields.ty);
        let default = node
            .child_by_field_id(self.fields.value)
            .map(|v| self.expression(v));
        let (inner, kind) = match pattern.kind() {
            "rest_pattern" => (first(pattern).unwrap_or(pattern), ParamKind::Rest),
            _ => (pattern, ParamKind::Positional),
        };
        let name = (inner.kind() == "identifier").then(|| self.name(inner));
        let index = self.builder.param(
            function,
            Param {
                name: name.clone(),
                kind,
                default,
                ty,
            },
            span(node),
        );
        if name.is_none() {
            let mut part = Part::whole(None, How::Param(index), Binding::Block);
            part.default = default;
            self.bind(inner, part);
        }
        name.filter(|_| is_property)
    }

    /// Something unexpected among the parameters: only what is worth keeping is lowered.
    fn anything_but_names(&mut self, node: Node<'t>) {
        if node.is_error() {
            self.recover(node);
        }
    }

    /// A constructor's parameter that is a field as well.
    fn parameter_property(&mut self, class: ClassId, name: Name, node: Node<'t>) {
        let ty = self.type_field(node, self.fields.ty);
        let at = span(node);
        self.builder.class_mut(class).fields.push(Field {
            name: name.clone(),
            ty,
            value: None,
            attributes: Vec::new(),
            doc: None,
            span: at,
        });
        let value = self.builder.expr(Expr::Name(name.clone()), at);
        self.builder.write(Store {
            root: "this".into(),
            path: vec![Step::Field(name)],
            value: Some(value),
            from: Vec::new(),
            default: None,
            how: How::Set,
            declares: false,
            span: at,
        });
    }
}

/// Whether a body does nothing, or only throws. An empty constructor is no stub: its parameters may be fields.
fn does_nothing(statements: &[Node<'_>], is_constructor: bool) -> bool {
    let mut real = statements.iter().filter(|n| !n.is_extra());
    match (real.next(), real.next()) {
        (None, _) => !is_constructor,
        (Some(only), None) => only.kind() == "throw_statement",
        _ => false,
    }
}
