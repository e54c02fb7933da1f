//! Who reads a reply: the callers of the functions in which calls were found.

use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};

use super::State;
use crate::hir::Expr;
use crate::resolve::eval::Evaluator;
use crate::resolve::sites::{SiteKind, calls};
use crate::resolve::value::{ExprRef, FunctionRef, Value};
use crate::source::FileId;

/// How far up the callers of a function that holds a call are looked for, as far as replies are
/// followed.
const MAX_READERS: usize = 2;

impl State<'_> {
    /// The callers of the functions in which calls were found, and the callers of those: they may
    /// read the reply.
    pub(super) fn follow_readers(&mut self, ids: &[FileId]) {
        let mut names: FxHashSet<String> = FxHashSet::default();
        for s in self.sites.values().filter(|s| s.reported) {
            names.extend(self.enclosing_name(s.at));
        }
        for _ in 0..MAX_READERS {
            let hits = self.search(ids, &names);
            self.relevant.extend(hits);
            let files: Vec<FileId> = self.relevant.iter().copied().collect();
            let outer: Vec<Vec<String>> = files
                .par_iter()
                .map(|f| {
                    let Some(p) = self.project.parsed(*f) else {
                        return Vec::new();
                    };
                    calls(&p.facts)
                        .filter(|(_, callee)| match p.facts.expr(*callee) {
                            Expr::Member { name, .. } | Expr::Name(name) => {
                                names.contains(name.as_str())
                            }
                            _ => false,
                        })
                        .filter_map(|(expr, _)| self.enclosing_name(ExprRef { file: *f, expr }))
                        .collect()
                })
                .collect();
            let outer: FxHashSet<String> = outer
                .into_iter()
                .flatten()
                .filter(|n| !names.contains(n))
                .collect();
            if outer.is_empty() {
                break;
            }
            names = outer;
        }
    }

    /// Calls of the parsed files by the last name of their callee.
    pub(super) fn callers(&self) -> FxHashMap<String, Vec<ExprRef>> {
        let mut out: FxHashMap<String, Vec<ExprRef>> = FxHashMap::default();
        for file in self.relevant.iter().copied() {
            let Some(p) = self.project.parsed(file) else {
                continue;
            };
            for (id, callee) in calls(&p.facts) {
                if let Expr::Member { name, .. } | Expr::Name(name) = p.facts.expr(callee) {
                    out.entry(name.to_string())
                        .or_default()
                        .push(ExprRef { file, expr: id });
                }
            }
        }
        out
    }

    /// The calls of one function of the project. `near` says that the reply comes from that function
    /// itself: then a call of a wrapper that is not reported is a reader like any other.
    pub(super) fn callers_of(
        &self,
        ev: &Evaluator<'_>,
        callers: &FxHashMap<String, Vec<ExprRef>>,
        f: FunctionRef,
        near: bool,
    ) -> Vec<ExprRef> {
        let Some(name) = super::names::function_name(self.project, f) else {
            return Vec::new();
        };
        let mut out = Vec::new();
        for at in callers.get(&name).into_iter().flatten().take(40) {
            let by_wrapper = self.sites.get(at).is_some_and(|s| {
                (s.reported || !near)
                    && !s.open
                    && matches!(&s.kind, SiteKind::Wrapper(w) if w.contains(&f))
            });
            if by_wrapper {
                // That call has uses of its own.
                continue;
            }
            let Some(facts) = ev.facts(at.file) else {
                continue;
            };
            let Expr::Call { callee, .. } = facts.expr(at.expr) else {
                continue;
            };
            ev.refuel();
            let v = ev.callee_value(at.file, *callee, &None);
            if matches!(&v, Value::Function(g) if g.function == f) {
                out.push(*at);
            }
        }
        out
    }
}
