//! Functions, classes, parameters, decorators.

use tree_sitter::Node;

use super::kinds::{GRAMMAR, Kind, kind};
use super::{Frame, Lowering, types};
use crate::hir::build::attribute;
use crate::hir::{
    Attribute, Class, ClassKind, Expr, ExprId, FunctionId, How, MODULE, Name, Param, ParamKind,
    TypeRef,
};
use crate::source::Span;

/// A parameter that has been evaluated but not yet bound, since defaults are evaluated outside
/// the function.
pub(super) struct Parameter<'t> {
    param: Param,
    span: Span,
    /// Python 2's `def f((a, b))`.
    pattern: Option<Node<'t>>,
}

impl<'t> Lowering<'t> {
    /// A function or class with its decorators.
    pub(super) fn decorated(&mut self, node: Node<'t>) {
        let mut attributes = Vec::new();
        for n in self.kids(node) {
            if kind(n) != Kind::Decorator {
                continue;
            }
            let inner = self.first_kid(n);
            let expr = self.part(inner, n);
            let facts = self.builder.facts();
            let callee = match facts.expr(expr) {
                Expr::Call { callee, .. } => *callee,
                _ => expr,
            };
            let path = facts.dotted(callee).unwrap_or_default();
            attributes.push(attribute(&path, expr, self.span(n)));
        }
        match node.child_by_field_id(GRAMMAR.fields.definition) {
            Some(n) if kind(n) == Kind::FunctionDefinition => {
                self.function_definition(n, attributes)
            }
            Some(n) if kind(n) == Kind::ClassDefinition => self.class_definition(n, attributes),
            Some(n) => self.statement(n),
            None => {}
        }
    }

    /// `def`, `async def`
    pub(super) fn function_definition(&mut self, node: Node<'t>, attributes: Vec<Attribute>) {
        let fields = &GRAMMAR.fields;
        let span = self.span(node);
        let name_node = node.child_by_field_id(fields.name);
        let name: Name = name_node
            .map(|n| self.text_of(n))
            .unwrap_or_default()
            .into();
        let name_span = name_node.map_or(span, |n| self.span(n));
        let owner = self.class();
        let has = |path: &str| attributes.iter().any(|a| a.path == path);
        let is_static = owner.is_some() && has("staticmethod");
        let is_property = attributes.iter().any(|a| {
            let last = a.path.rsplit('.').next().unwrap_or_default();
            matches!(
                last,
                "property" | "cached_property" | "hybrid_property" | "computed_field"
            )
        });
        let parameters = node.child_by_field_id(fields.parameters);
        let parameters = self.parameters(parameters, owner.is_some() && !is_static);
        let return_type = node
            .child_by_field_id(fields.return_type)
            .map(|n| self.ty(n));

        let open = self
            .builder
            .open_function(Some(name.clone()), span, name_span);
        let id = open.id();
        self.frames
            .push(Frame::new(Some(id), None, self.builder.scope()));
        self.bind_parameters(id, parameters);
        let body = node.child_by_field_id(fields.body);
        let (doc, is_stub) = match body {
            Some(body) => (self.body(body), self.is_stub(body)),
            None => (None, false),
        };
        self.frames.pop();
        let function = self.builder.function_mut(id);
        function.owner = owner;
        function.return_type = return_type;
        function.doc = doc;
        function.attributes = attributes;
        function.is_static = is_static;
        function.is_property = is_property;
        function.is_stub = is_stub;
        self.builder.close_function(open);
        if let Some(class) = owner {
            self.builder.class_mut(class).methods.push(id);
        }
        self.store_name(name, None, Vec::new(), How::Function(id), name_span);
    }

    /// `class`
    pub(super) fn class_definition(&mut self, node: Node<'t>, attributes: Vec<Attribute>) {
        let fields = &GRAMMAR.fields;
        let span = self.span(node);
        let name_node = node.child_by_field_id(fields.name);
        let name: Name = name_node
            .map(|n| self.text_of(n))
            .unwrap_or_default()
            .into();
        let name_span = name_node.map_or(span, |n| self.span(n));
        // `metaclass=M` and other keywords are lowered but are no bases.
        let bases: Vec<ExprId> = node
            .child_by_field_id(fields.superclasses)
            .map(|n| self.arguments(n))
            .unwrap_or_default()
            .into_iter()
            .filter(|a| a.name.is_none() && !a.spread)
            .map(|a| a.value)
            .collect();
        let kind = if bases.iter().any(|b| self.is_enum(*b)) {
            ClassKind::Enum
        } else {
            ClassKind::Class
        };
        let (id, outer) = self.builder.open_class(Class {
            name: name.clone(),
            kind,
            bases,
            fields: Vec::new(),
            methods: Vec::new(),
            doc: None,
            attributes,
            span,
            scope: MODULE,
        });
        self.frames
            .push(Frame::new(None, Some(id), self.builder.scope()));
        if let Some(body) = node.child_by_field_id(fields.body) {
            let doc = self.body(body);
            self.builder.class_mut(id).doc = doc;
        }
        self.frames.pop();
        self.builder.close_scope(outer);
        self.store_name(name, None, Vec::new(), How::Class(id), name_span);
    }

    fn is_enum(&self, base: ExprId) -> bool {
        let path = self.builder.facts().dotted(base).unwrap_or_default();
        let last = path.rsplit('.').next().unwrap_or_default();
        matches!(last, "Enum" | "StrEnum" | "IntEnum" | "Flag" | "IntFlag")
    }

    /// Evaluates defaults and reads types. `method` says that the first parameter is the receiver.
    pub(super) fn parameters(
        &mut self,
        node: Option<Node<'t>>,
        method: bool,
    ) -> Vec<Parameter<'t>> {
        let fields = &GRAMMAR.fields;
        let mut out = Vec::new();
        let mut plain = ParamKind::Positional;
        let Some(node) = node else { return out };
        for n in self.kids(node) {
            let span = self.span(n);
            let mut default = None;
            let mut ty = None;
            let target = match kind(n) {
                Kind::KeywordSeparator => {
                    plain = ParamKind::Keyword;
                    continue;
                }
                Kind::PositionalSeparator => continue,
                Kind::TypedParameter => {
                    ty = node_type(self, n);
                    self.first_kid(n)
                }
                Kind::DefaultParameter | Kind::TypedDefaultParameter => {
                    ty = node_type(self, n);
                    default = n
                        .child_by_field_id(fields.value)
                        .map(|v| self.expression(v));
                    n.child_by_field_id(fields.name)
                }
                _ => Some(n),
            };
            let Some(target) = target else { continue };
            let (name, kind, pattern) = match kind(target) {
                Kind::Identifier => (Some(target), plain, None),
                Kind::ListSplatPattern => {
                    let rest = (self.first_kid(target), ParamKind::Rest, None);
                    plain = ParamKind::Keyword;
                    rest
                }
                Kind::DictionarySplatPattern => {
                    (self.first_kid(target), ParamKind::KeywordRest, None)
                }
                Kind::TuplePattern => (None, plain, Some(target)),
                // Only after an error.
                _ => continue,
            };
            let kind = match kind {
                ParamKind::Positional if method && out.is_empty() => ParamKind::Receiver,
                kind => kind,
            };
            let name = name.map(|n| self.text_of(n).into());
            let param = Param {
                name,
                kind,
                default,
                ty,
            };
            out.push(Parameter {
                param,
                span,
                pattern,
            });
        }
        out
    }

    /// Binds evaluated parameters in the function that is open.
    pub(super) fn bind_parameters(&mut self, function: FunctionId, all: Vec<Parameter<'t>>) {
        for p in all {
            let index = self.builder.param(function, p.param, p.span);
            if let Some(pattern) = p.pattern {
                self.store(pattern, None, &[], &How::Param(index), true);
            }
        }
    }

    pub(super) fn ty(&self, node: Node<'t>) -> TypeRef {
        types::parse(self.text_of(node))
    }

    /// Lowers the body of a function or class; gives its docstring.
    fn body(&mut self, block: Node<'t>) -> Option<ExprId> {
        let first = self.first_kid(block);
        let docstring = first
            .filter(|s| kind(*s) == Kind::ExpressionStatement)
            .and_then(|s| self.first_kid(s))
            .filter(|e| matches!(kind(*e), Kind::String | Kind::ConcatenatedString))
            .map(|e| self.span(e));
        let before = self.builder.facts().exprs.len();
        self.block(block);
        // The docstring is the first expression that the body lowered, unless it held holes.
        let facts = self.builder.facts();
        let span = docstring?;
        (before..facts.exprs.len())
            .filter_map(|i| u32::try_from(i).ok().map(ExprId))
            .find(|e| matches!(facts.expr(*e), Expr::Text { .. }))
            .filter(|e| facts.span(*e) == span)
    }

    /// Whether a body does nothing but say so.
    fn is_stub(&mut self, block: Node<'t>) -> bool {
        for statement in self.kids(block) {
            let idle = match kind(statement) {
                Kind::Pass => true,
                Kind::ExpressionStatement => self.first_kid(statement).is_some_and(|e| {
                    matches!(
                        kind(e),
                        Kind::Ellipsis | Kind::String | Kind::ConcatenatedString
                    )
                }),
                Kind::Raise => self
                    .first_kid(statement)
                    .is_some_and(|e| self.text_of(e).starts_with("NotImplemented")),
                _ => false,
            };
            if !idle {
                return false;
            }
        }
        true
    }

    /// Records `name: ty = value` in a class body as a field of the class, and `self.name: ty` in
    /// a method as a field of the method's class (without a value: the store has that).
    pub(super) fn field_of(
        &mut self,
        target: Node<'t>,
        ty: Option<TypeRef>,
        value: Option<ExprId>,
    ) {
        let span = self.span(target);
        let (class, name, value) = match (kind(target), self.class()) {
            (Kind::Identifier, Some(class)) => (class, self.text_of(target), value),
            (Kind::Attribute, None) if ty.is_some() => {
                let fields = &GRAMMAR.fields;
                let function = self
                    .function()
                    .map(|f| &self.builder.facts().functions[f.index()]);
                let receiver = function
                    .and_then(|f| f.params.first())
                    .filter(|p| p.kind == ParamKind::Receiver)
                    .and_then(|p| p.name.as_deref());
                let object = target
                    .child_by_field_id(fields.object)
                    .map(|n| self.text_of(n));
                let owner = self.method_owner();
                match (owner, target.child_by_field_id(fields.attribute)) {
                    (Some(owner), Some(name)) if receiver.is_some() && receiver == object => {
                        (owner, self.text_of(name), None)
                    }
                    _ => return,
                }
            }
            _ => return,
        };
        let field = crate::hir::Field {
            name: name.into(),
            ty,
            value,
            attributes: Vec::new(),
            doc: None,
            span,
        };
        self.builder.class_mut(class).fields.push(field);
    }

    /// The class of the method whose body is being lowered.
    fn method_owner(&self) -> Option<crate::hir::ClassId> {
        match self.frames.as_slice() {
            [.., class, method] if method.function.is_some() => class.class,
            _ => None,
        }
    }

    /// Names a lambda after the variable that takes it.
    pub(super) fn name_lambda(&mut self, value: ExprId, target: Node<'t>) {
        if let (Expr::Function(f), Kind::Identifier) =
            (self.builder.facts().expr(value), kind(target))
        {
            let f = *f;
            let name = self.text_of(target).into();
            self.builder.function_mut(f).name = Some(name);
        }
    }
}

fn node_type<'t>(lowering: &Lowering<'t>, node: Node<'t>) -> Option<TypeRef> {
    node.child_by_field_id(GRAMMAR.fields.ty)
        .map(|n| lowering.ty(n))
}
