//! The reply in variables: what a store takes of it, and which names read it afterwards.

use std::rc::Rc;

use rustc_hash::FxHashMap;

use super::answer::takes_whole;
use super::envelope::is_metadata;
use super::{Flow, NameIndex, ReplyTracker, Walk};
use crate::calls::ReplyUseKind;
use crate::hir::{Expr, ExprId, Facts, How, Name, ScopeId, ScopeKind, Step, Write, WriteId};
use crate::resolve::value::ExprRef;
use crate::source::FileId;

impl<'e, 'p> ReplyTracker<'e, 'p> {
    /// A value is stored.
    pub(super) fn written(
        &self,
        facts: &'p Facts,
        file: FileId,
        id: WriteId,
        flow: Flow,
        w: &mut Walk,
    ) {
        let wr = &facts.writes[id.index()];
        if !flow.parsed && takes_metadata(wr) {
            return;
        }
        if !wr.path.is_empty() {
            let expr = wr.value.unwrap_or(ExprId(0));
            self.add(w, ReplyUseKind::Store, file, facts, expr, None, flow);
            self.place(facts, file, id, flow, w);
            return;
        }
        if takes_whole(&wr.how) {
            self.named(file, id, flow, w);
        }
        // Several names from one value: each is a write of its own with the same value.
        if let Some(v) = wr.value {
            for (i, other) in stores_of_value(facts, v) {
                if i != id
                    && matches!(other.how, How::Set | How::Iterate)
                    && !takes_metadata(other)
                    && other.path.is_empty()
                {
                    self.part(facts, file, i, flow, w);
                }
            }
        }
        self.part(facts, file, id, flow, w);
    }

    /// The uses of a variable that takes a value, or one part of a tuple.
    pub(super) fn part(
        &self,
        facts: &'p Facts,
        file: FileId,
        id: WriteId,
        flow: Flow,
        w: &mut Walk,
    ) {
        let first = facts.writes[id.index()].from.first();
        match (flow.item, first) {
            (Some(item), Some(Step::Item(n))) if item != *n => {}
            (Some(_), Some(_)) => self.variable(facts, file, id, Flow { item: None, ..flow }, w),
            _ => self.variable(facts, file, id, flow, w),
        }
    }

    /// The uses of a variable after a store, until it is overwritten.
    pub(super) fn variable(
        &self,
        facts: &'p Facts,
        file: FileId,
        id: WriteId,
        flow: Flow,
        w: &mut Walk,
    ) {
        let wr = &facts.writes[id.index()];
        let index = self.index(file, facts);
        let Some(names) = index.get(&wr.root) else {
            return;
        };
        let later: Vec<&Write> = facts.scopes[wr.scope.index()]
            .names
            .get(&wr.root)
            .into_iter()
            .flatten()
            .map(|o| &facts.writes[o.index()])
            .filter(|o| o.order > wr.order && o.path.is_empty() && o.how == How::Set)
            .collect();
        let overwritten = later
            .iter()
            .filter(|o| o.guard == wr.guard)
            .map(|o| o.order)
            .min()
            .unwrap_or(u32::MAX);
        for n in names {
            let node = facts.node(*n);
            if n.0 < wr.order || n.0 >= overwritten {
                continue;
            }
            // Another reply was stored before this use, in the arm in which it stands.
            if later
                .iter()
                .any(|o| o.order <= n.0 && facts.encloses(o.guard, node.guard))
            {
                continue;
            }
            let home = wr.scope;
            if self.resolves_to(facts, node.scope, &wr.root, home)
                || self.resolves_to(facts, scope_before(facts, *n, &wr.root), &wr.root, home)
            {
                w.push(ExprRef { file, expr: *n }, flow);
            }
        }
    }

    /// Whether a name seen from `scope` is the one that lives in `home`.
    pub(super) fn resolves_to(
        &self,
        facts: &Facts,
        scope: ScopeId,
        name: &str,
        home: ScopeId,
    ) -> bool {
        let mut at = Some(scope);
        while let Some(s) = at {
            if s == home {
                return true;
            }
            let sc = &facts.scopes[s.index()];
            if sc.names.contains_key(name) {
                return false;
            }
            at = sc.parent;
        }
        false
    }

    /// The names of a file.
    pub(super) fn index(&self, file: FileId, facts: &Facts) -> NameIndex {
        if let Some(i) = self.names.borrow().get(&file) {
            return Rc::clone(i);
        }
        let mut map: FxHashMap<Name, Vec<ExprId>> = FxHashMap::default();
        for (i, e) in (0..).map(ExprId).zip(&facts.exprs) {
            if let Expr::Name(n) = &e.kind {
                map.entry(n.clone()).or_default().push(i);
            }
        }
        let index = Rc::new(map);
        self.names.borrow_mut().insert(file, Rc::clone(&index));
        index
    }
}

/// The stores that take a value, whole or in part.
pub(super) fn stores_of_value(
    facts: &Facts,
    value: ExprId,
) -> impl Iterator<Item = (WriteId, &Write)> {
    let stores = (0..).map(WriteId).zip(&facts.writes);
    stores.filter(move |(_, w)| w.value == Some(value))
}

/// Whether a store takes a part of the reply that is about it, not of it.
pub(super) fn takes_metadata(w: &Write) -> bool {
    matches!(w.from.first(), Some(Step::Field(f)) if is_metadata(f))
}

/// The scope in which a name was looked up where the block around it declares it only afterwards:
/// `if let Some(content) = content`.
fn scope_before(facts: &Facts, name: ExprId, root: &str) -> ScopeId {
    let mut at = facts.node(name).scope;
    loop {
        let scope = &facts.scopes[at.index()];
        let later = |w: &WriteId| facts.writes[w.index()].order > name.0;
        match (scope.kind, scope.names.get(root), scope.parent) {
            (ScopeKind::Block, Some(stores), Some(parent)) if stores.iter().all(later) => {
                at = parent;
            }
            (ScopeKind::Block, None, Some(parent)) => at = parent,
            _ => return at,
        }
    }
}
