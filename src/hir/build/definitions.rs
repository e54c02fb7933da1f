//! Functions and classes under construction.

use super::{Builder, Store, id};
use crate::hir::{
    Attribute, Class, ClassId, ExprId, Function, FunctionId, GuardId, GuardKind, How, Name, Param,
    Returned, ScopeId, ScopeKind,
};
use crate::source::Span;

/// What [`Builder::open_function`] returns and [`Builder::close_function`] takes back.
#[derive(Debug)]
pub struct OpenFunction {
    id: FunctionId,
    outer_scope: ScopeId,
    outer_guard: GuardId,
}

impl OpenFunction {
    /// The function being built.
    #[must_use]
    pub const fn id(&self) -> FunctionId {
        self.id
    }
}

impl Builder {
    /// Opens a function: its scope and guard become current. Fill in the rest through
    /// [`Self::function_mut`].
    pub fn open_function(
        &mut self,
        name: Option<Name>,
        span: Span,
        name_span: Span,
    ) -> OpenFunction {
        let at = FunctionId(id(self.facts.functions.len()));
        let outer_scope = self.open_scope(ScopeKind::Function(at));
        let group = self.group();
        let outer_guard = self.open_guard(GuardKind::Function, group, 0, 0, None);
        self.facts.functions.push(Function {
            name,
            owner: None,
            params: Vec::new(),
            returns: Vec::new(),
            return_type: None,
            doc: None,
            attributes: Vec::new(),
            span,
            name_span,
            scope: self.scope,
            guard: self.guard,
            is_static: false,
            is_property: false,
            is_stub: false,
            is_generator: false,
        });
        OpenFunction {
            id: at,
            outer_scope,
            outer_guard,
        }
    }

    /// Goes back to where the function was opened.
    pub fn close_function(&mut self, open: OpenFunction) -> FunctionId {
        self.scope = open.outer_scope;
        self.guard = open.outer_guard;
        open.id
    }

    /// A function under construction.
    pub fn function_mut(&mut self, at: FunctionId) -> &mut Function {
        &mut self.facts.functions[at.index()]
    }

    /// Adds a plain parameter to a function that is open, and the store that binds it.
    pub fn param(&mut self, at: FunctionId, param: Param, span: Span) -> u16 {
        let index =
            u16::try_from(self.facts.functions[at.index()].params.len()).unwrap_or(u16::MAX);
        if let Some(name) = param.name.clone() {
            self.write(Store::declare(name, None, How::Param(index), span));
        }
        self.facts.functions[at.index()].params.push(param);
        index
    }

    /// Records a returned or yielded value of a function.
    pub fn returned(&mut self, at: FunctionId, value: ExprId) {
        let guard = self.guard;
        self.facts.functions[at.index()]
            .returns
            .push(Returned { value, guard });
    }

    /// Adds a class; its scope becomes current. Returns the outer scope for [`Self::close_scope`].
    pub fn open_class(&mut self, class: Class) -> (ClassId, ScopeId) {
        let at = ClassId(id(self.facts.classes.len()));
        let outer = self.open_scope(ScopeKind::Class(at));
        self.facts.classes.push(Class {
            scope: self.scope,
            ..class
        });
        (at, outer)
    }

    /// A class under construction.
    pub fn class_mut(&mut self, at: ClassId) -> &mut Class {
        &mut self.facts.classes[at.index()]
    }
}

/// An attribute from its parts.
#[must_use]
pub fn attribute(path: &str, expr: ExprId, span: Span) -> Attribute {
    Attribute {
        path: path.into(),
        expr,
        span,
    }
}
