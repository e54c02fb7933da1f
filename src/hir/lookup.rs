//! Lookups in the facts of one file: expressions, the functions and stores that a scope sees, guards.

use super::{
    Expr, ExprId, ExprNode, Facts, FunctionId, GuardId, GuardKind, Parent, ScopeId, ScopeKind,
    WriteId,
};
use crate::source::Span;

impl Facts {
    /// The expression's kind.
    #[must_use]
    pub fn expr(&self, id: ExprId) -> &Expr {
        &self.node(id).kind
    }

    /// The expression with its place.
    #[must_use]
    pub fn node(&self, id: ExprId) -> &ExprNode {
        &self.exprs[id.index()]
    }

    /// Whether an expression is what a call calls.
    #[must_use]
    pub fn is_callee(&self, id: ExprId) -> bool {
        matches!(self.node(id).parent, Parent::Expr(p)
            if matches!(self.expr(p), Expr::Call { callee, .. } if *callee == id))
    }

    /// The expression's bytes.
    #[must_use]
    pub fn span(&self, id: ExprId) -> Span {
        self.node(id).span
    }

    /// The innermost function whose scope holds `scope`.
    #[must_use]
    pub fn function_of(&self, scope: ScopeId) -> Option<FunctionId> {
        let mut at = Some(scope);
        while let Some(s) = at {
            let scope = &self.scopes[s.index()];
            if let ScopeKind::Function(f) = scope.kind {
                return Some(f);
            }
            at = scope.parent;
        }
        None
    }

    /// The dotted path of a chain of names and members (`client.chat.completions.create`), or
    /// `None` where another kind of expression is in the way.
    #[must_use]
    pub fn dotted(&self, id: ExprId) -> Option<String> {
        let mut parts = Vec::new();
        let mut at = id;
        loop {
            match self.expr(at) {
                Expr::Name(n) => {
                    parts.push(n.as_str());
                    break;
                }
                Expr::Member { base, name } => {
                    parts.push(name.as_str());
                    at = *base;
                }
                _ => return None,
            }
        }
        parts.reverse();
        Some(parts.join("."))
    }

    /// The stores to a name as it is seen from a scope: those of the innermost scope that has it;
    /// none if no scope of the file does.
    #[must_use]
    pub fn stores_of(&self, name: &str, from: ScopeId) -> &[WriteId] {
        let mut at = Some(from);
        while let Some(s) = at {
            let scope = &self.scopes[s.index()];
            if let Some(stores) = scope.names.get(name) {
                return stores;
            }
            at = scope.parent;
        }
        &[]
    }

    /// The innermost `try` around code under a guard, within its function.
    #[must_use]
    pub fn enclosing_try(&self, guard: GuardId) -> Option<GuardId> {
        let mut at = Some(guard);
        while let Some(g) = at {
            let guard = &self.guards[g.index()];
            match guard.kind {
                GuardKind::Try => return Some(g),
                GuardKind::Function => return None,
                _ => at = guard.parent,
            }
        }
        None
    }

    /// Whether a guard is another one or stands under it.
    #[must_use]
    pub fn encloses(&self, outer: GuardId, inner: GuardId) -> bool {
        let mut at = Some(inner);
        while let Some(g) = at {
            if g == outer {
                return true;
            }
            at = self.guards[g.index()].parent;
        }
        false
    }
}
