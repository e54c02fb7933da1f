//! Finishing a file: stores go to the scopes that declare their names, expressions learn what takes
//! their values.

use super::{Builder, id};
use crate::hir::{
    ExprId, Facts, FunctionId, GuardId, How, MODULE, Parent, Scope, ScopeId, Write, WriteId,
};

impl Builder {
    /// Sorts, links parents, attributes stores to scopes.
    #[must_use]
    pub fn finish(mut self) -> Facts {
        self.resolve_scopes();
        self.link_parents();
        self.facts.comments.sort_unstable();
        self.facts.broken.sort_unstable();
        self.facts
    }

    /// Lists every store in the scope in which its name lives.
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
            let home = home_of(scopes, w);
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

    /// Records what takes the value of each expression.
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

/// The scope in which the name of a store that does not declare it lives.
fn home_of(scopes: &[Scope], w: &Write) -> ScopeId {
    let mut at = Some(w.scope);
    while let Some(s) = at {
        let scope = &scopes[s.index()];
        if scope.names.contains_key(&w.root) {
            return s;
        }
        at = scope.parent;
    }
    match w.root.as_str() {
        // Stores to the receiver stay with the function that makes them.
        "self" | "this" => w.scope,
        _ => MODULE,
    }
}
