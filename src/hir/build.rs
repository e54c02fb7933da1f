//! Building [`Facts`]: what every frontend shares. A frontend walks its syntax tree in evaluation
//! order and reports expressions, stores, scopes and guards; [`Builder::finish`] links parents and
//! attributes stores to the scopes that declare their names.

use super::{
    ALWAYS, Attribute, Class, ClassId, Export, Expr, ExprId, ExprNode, Facts, Function, FunctionId,
    Guard, GuardId, GuardKind, How, Import, ImportId, MODULE, Name, Param, Parent, Returned, Scope,
    ScopeId, ScopeKind, Step, TypeRef, Write, WriteId,
};
use crate::language::Language;
use crate::source::Span;

/// How deeply nested a syntax tree may be before the rest of a branch becomes [`Expr::Opaque`].
/// Frontends recurse at most this far, on threads with [`crate::pipeline::STACK_BYTES`] of stack.
pub const MAX_DEPTH: u32 = 500;

/// Collects the facts of one file.
#[derive(Debug)]
pub struct Builder {
    facts: Facts,
    scope: ScopeId,
    guard: GuardId,
    groups: u32,
    depth: u32,
}

fn id(len: usize) -> u32 {
    u32::try_from(len).unwrap_or(u32::MAX)
}

/// A store, as frontends describe it; see [`Builder::write`].
#[derive(Debug)]
pub struct Store {
    /// See [`Write::root`].
    pub root: Name,
    /// See [`Write::path`].
    pub path: Vec<Step>,
    /// See [`Write::value`].
    pub value: Option<ExprId>,
    /// See [`Write::from`].
    pub from: Vec<Step>,
    /// See [`Write::default`].
    pub default: Option<ExprId>,
    /// See [`Write::how`].
    pub how: How,
    /// See [`Write::declares`].
    pub declares: bool,
    /// See [`Write::span`].
    pub span: Span,
}

impl Store {
    /// `root = value`, declaring `root`.
    #[must_use]
    pub fn declare(root: impl Into<Name>, value: Option<ExprId>, how: How, span: Span) -> Self {
        Self {
            root: root.into(),
            path: Vec::new(),
            value,
            from: Vec::new(),
            default: None,
            how,
            declares: true,
            span,
        }
    }
}

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
    /// An empty file.
    #[must_use]
    pub fn new(language: Language) -> Self {
        Self {
            facts: Facts {
                language,
                exprs: Vec::new(),
                writes: Vec::new(),
                scopes: vec![Scope {
                    parent: None,
                    kind: ScopeKind::Module,
                    names: rustc_hash::FxHashMap::default(),
                }],
                guards: vec![Guard {
                    parent: None,
                    kind: GuardKind::Root,
                    group: 0,
                    arm: 0,
                    exhaustive: 0,
                    test: None,
                }],
                functions: Vec::new(),
                classes: Vec::new(),
                imports: Vec::new(),
                exports: Vec::new(),
                comments: Vec::new(),
                broken: Vec::new(),
            },
            scope: MODULE,
            guard: ALWAYS,
            groups: 0,
            depth: 0,
        }
    }

    /// Enters one level of nesting; `false` (and nothing entered) beyond [`MAX_DEPTH`].
    pub fn descend(&mut self) -> bool {
        if self.depth >= MAX_DEPTH {
            return false;
        }
        self.depth += 1;
        true
    }

    /// Leaves a level entered with [`Self::descend`].
    pub fn ascend(&mut self) {
        self.depth = self.depth.saturating_sub(1);
    }

    /// What has been built so far.
    #[must_use]
    pub const fn facts(&self) -> &Facts {
        &self.facts
    }

    /// The current scope.
    #[must_use]
    pub const fn scope(&self) -> ScopeId {
        self.scope
    }

    /// The current guard.
    #[must_use]
    pub const fn guard(&self) -> GuardId {
        self.guard
    }

    /// Adds an expression in the current scope, under the current guard.
    pub fn expr(&mut self, kind: Expr, span: Span) -> ExprId {
        let at = ExprId(id(self.facts.exprs.len()));
        self.facts.exprs.push(ExprNode {
            kind,
            span,
            scope: self.scope,
            guard: self.guard,
            parent: Parent::None,
        });
        at
    }

    /// Adds an expression that makes no text.
    pub fn opaque(&mut self, what: &str, kids: Vec<ExprId>, span: Span) -> ExprId {
        self.expr(
            Expr::Opaque {
                what: what.into(),
                kids,
            },
            span,
        )
    }

    /// Adds a store in the current scope, under the current guard. Call it after the value has
    /// been lowered.
    pub fn write(&mut self, store: Store) -> WriteId {
        let at = WriteId(id(self.facts.writes.len()));
        self.facts.writes.push(Write {
            root: store.root,
            path: store.path,
            value: store.value,
            from: store.from,
            default: store.default,
            how: store.how,
            declares: store.declares,
            scope: self.scope,
            guard: self.guard,
            order: id(self.facts.exprs.len()),
            span: store.span,
        });
        at
    }

    /// Adds a store that declares its name in a scope other than the current one (Python's
    /// `global`, JavaScript's `var`).
    pub fn write_in(&mut self, scope: ScopeId, store: Store) -> WriteId {
        let at = self.write(store);
        self.facts.writes[at.index()].scope = scope;
        at
    }

    /// A store under construction: a hoisted definition is written at the start of its block, before
    /// the function or class it defines has an id.
    pub fn write_mut(&mut self, at: WriteId) -> &mut Write {
        &mut self.facts.writes[at.index()]
    }

    /// Opens a scope inside the current one; returns the outer scope for [`Self::close_scope`].
    pub fn open_scope(&mut self, kind: ScopeKind) -> ScopeId {
        let outer = self.scope;
        let at = ScopeId(id(self.facts.scopes.len()));
        self.facts.scopes.push(Scope {
            parent: Some(outer),
            kind,
            names: rustc_hash::FxHashMap::default(),
        });
        self.scope = at;
        outer
    }

    /// Goes back to the scope that [`Self::open_scope`] returned.
    pub fn close_scope(&mut self, outer: ScopeId) {
        self.scope = outer;
    }

    /// A new group for the arms of one statement.
    pub fn group(&mut self) -> u32 {
        self.groups += 1;
        self.groups
    }

    /// Opens a guard inside the current one; returns the outer guard for [`Self::close_guard`].
    /// `exhaustive` is the number of arms if together they cover every case, else 0 (it may be set
    /// later with [`Self::set_exhaustive`]).
    pub fn open_guard(
        &mut self,
        kind: GuardKind,
        group: u32,
        arm: u16,
        exhaustive: u16,
        test: Option<ExprId>,
    ) -> GuardId {
        let outer = self.guard;
        let at = GuardId(id(self.facts.guards.len()));
        self.facts.guards.push(Guard {
            parent: Some(outer),
            kind,
            group,
            arm,
            exhaustive,
            test,
        });
        self.guard = at;
        outer
    }

    /// Goes back to the guard that [`Self::open_guard`] returned.
    pub fn close_guard(&mut self, outer: GuardId) {
        self.guard = outer;
    }

    /// Sets the condition of a guard that had to be opened before its condition was lowered (a
    /// pattern binds its names only where it matches).
    pub fn set_test(&mut self, guard: GuardId, test: Option<ExprId>) {
        self.facts.guards[guard.index()].test = test;
    }

    /// Says that the arms of a group cover every case, once their number is known.
    pub fn set_exhaustive(&mut self, group: u32, arms: u16) {
        for g in self.facts.guards.iter_mut().rev() {
            if g.group == group {
                g.exhaustive = arms;
            }
        }
    }

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

    /// Adds an import, and the store that binds it (none where it binds no name).
    pub fn import(&mut self, import: Import) -> ImportId {
        let at = ImportId(id(self.facts.imports.len()));
        if !import.local.is_empty() {
            self.write(Store::declare(
                import.local.clone(),
                None,
                How::Import(at),
                import.span,
            ));
        }
        self.facts.imports.push(import);
        at
    }

    /// Adds an export.
    pub fn export(&mut self, export: Export) {
        self.facts.exports.push(export);
    }

    /// Adds a comment's span.
    pub fn comment(&mut self, span: Span) {
        self.facts.comments.push(span);
    }

    /// Adds a span that could not be read.
    pub fn broken(&mut self, span: Span) {
        self.facts.broken.push(span);
    }

    /// The place that an expression denotes (`x`, `self.a.b`, `d["k"]`, `xs[0]`), or `None`.
    #[must_use]
    pub fn place(&self, expr: ExprId) -> Option<(Name, Vec<Step>)> {
        let mut path = Vec::new();
        let mut at = expr;
        loop {
            match self.facts.expr(at) {
                Expr::Name(n) => {
                    path.reverse();
                    return Some((n.clone(), path));
                }
                Expr::Member { base, name } => {
                    path.push(Step::Field(name.clone()));
                    at = *base;
                }
                Expr::Index { base, key } => {
                    path.push(self.step(*key));
                    at = *base;
                }
                _ => return None,
            }
        }
    }

    /// The step that an index key denotes.
    #[must_use]
    pub fn step(&self, key: ExprId) -> Step {
        match self.facts.expr(key) {
            Expr::Text { pieces, .. } => match pieces.as_slice() {
                [super::Piece::Literal(l)] => Step::Field(l.text.as_str().into()),
                [] => Step::Field(Name::default()),
                _ => Step::Key(key),
            },
            Expr::Number(n) => n.parse().map_or(Step::Key(key), Step::Item),
            Expr::Unary {
                not: false,
                operand,
            } => match self.facts.expr(*operand) {
                Expr::Number(n) => n.parse::<i32>().map_or(Step::Key(key), |n| Step::Item(-n)),
                _ => Step::Key(key),
            },
            _ => Step::Key(key),
        }
    }

    /// Records `call` (a call expression in statement position) as a mutation of its receiver,
    /// where the receiver is a place: `xs.append(e)` mutates `xs`.
    pub fn mutation(&mut self, call: ExprId) {
        let Expr::Call { callee, .. } = self.facts.expr(call) else {
            return;
        };
        let Expr::Member { base, name } = self.facts.expr(*callee) else {
            return;
        };
        let (base, name) = (*base, name.clone());
        let Some((root, path)) = self.place(base) else {
            return;
        };
        let span = self.facts.span(call);
        self.write(Store {
            root,
            path,
            value: Some(call),
            from: Vec::new(),
            default: None,
            how: How::Mutate(name),
            declares: false,
            span,
        });
    }

    /// Sorts, links parents, attributes stores to scopes.
    #[must_use]
    pub fn finish(mut self) -> Facts {
        self.resolve_scopes();
        self.link_parents();
        self.facts.comments.sort_unstable();
        self.facts.broken.sort_unstable();
        self.facts
    }

    fn resolve_scopes(&mut self) {
        let Facts { writes, scopes, .. } = &mut self.facts;
        for (i, w) in writes.iter().enumerate().filter(|(_, w)| w.declares) {
            scopes[w.scope.index()]
                .names
                .entry(w.root.clone())
                .or_default()
                .push(WriteId(id(i)));
        }
        for (i, w) in writes.iter_mut().enumerate().filter(|(_, w)| !w.declares) {
            let mut at = Some(w.scope);
            while let Some(s) = at {
                let scope = &scopes[s.index()];
                if scope.names.contains_key(&w.root) {
                    break;
                }
                at = scope.parent;
            }
            let home = at.unwrap_or(match w.root.as_str() {
                // Stores to the receiver stay with the function that makes them.
                "self" | "this" => w.scope,
                _ => MODULE,
            });
            w.scope = home;
            scopes[home.index()]
                .names
                .entry(w.root.clone())
                .or_default()
                .push(WriteId(id(i)));
        }
        for s in scopes.iter_mut() {
            // Every list is sorted, whatever the order of the map.
            #[expect(
                clippy::iter_over_hash_type,
                reason = "each value is sorted on its own"
            )]
            for list in s.names.values_mut() {
                list.sort_unstable();
            }
        }
    }

    fn link_parents(&mut self) {
        let mut parents = vec![Parent::None; self.facts.exprs.len()];
        for (i, g) in self.facts.guards.iter().enumerate() {
            if let Some(t) = g.test {
                parents[t.index()] = Parent::Test(GuardId(id(i)));
            }
        }
        for (i, w) in self.facts.writes.iter().enumerate() {
            // A mutation's value is a call in statement position: nothing takes it.
            if let (Some(v), false) = (w.value, matches!(w.how, How::Mutate(_))) {
                parents[v.index()] = Parent::Write(WriteId(id(i)));
            }
        }
        for (i, f) in self.facts.functions.iter().enumerate() {
            for r in &f.returns {
                parents[r.value.index()] = Parent::Return(FunctionId(id(i)));
            }
        }
        for (i, e) in self.facts.exprs.iter().enumerate() {
            e.kind
                .each_kid(|k| parents[k.index()] = Parent::Expr(ExprId(id(i))));
        }
        for (e, p) in self.facts.exprs.iter_mut().zip(parents) {
            e.parent = p;
        }
    }
}

/// A type with one head.
#[must_use]
pub fn type_named(name: &str) -> TypeRef {
    TypeRef {
        heads: vec![name.into()],
        ..TypeRef::default()
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
