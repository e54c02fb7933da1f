//! Building [`Facts`]: what every frontend shares. A frontend walks its syntax tree in evaluation
//! order and reports expressions, stores, scopes and guards; [`Builder::finish`] links parents and
//! attributes stores to the scopes that declare their names.

mod definitions;
mod link;
mod stores;

use super::{
    ALWAYS, Export, Expr, ExprId, ExprNode, Facts, Guard, GuardId, GuardKind, How, Import,
    ImportId, MODULE, Parent, Scope, ScopeId, ScopeKind,
};
use crate::language::Language;
use crate::source::Span;

pub use self::definitions::{OpenFunction, attribute};
pub use self::stores::Store;

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
}
