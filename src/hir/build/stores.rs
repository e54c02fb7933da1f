//! Stores as frontends report them, and the places that expressions denote.

use super::{Builder, id};
use crate::hir::{Expr, ExprId, How, Name, Piece, ScopeId, Step, Write, WriteId};
use crate::source::Span;

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

impl Builder {
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
                [Piece::Literal(l)] => Step::Field(l.text.as_str().into()),
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
}
