//! Calls that are known by their shape alone: what they are called on and what they are given.

use rustc_hash::FxHashSet;

use super::call_through::passes_method;
use super::{CallNames, Site, calls};
use crate::calls::GapReason;
use crate::hir::{Expr, ExprId, Facts};
use crate::resolve::eval::Evaluator;
use crate::resolve::value::{ExprRef, Value};
use crate::source::FileId;

impl Evaluator<'_> {
    /// The calls of a file that are known by their shape alone, those in `known` left out.
    pub(crate) fn shape_sites(
        &self,
        file: FileId,
        names: &CallNames,
        known: &FxHashSet<ExprRef>,
    ) -> Vec<Site> {
        let Some(facts) = self.facts(file).filter(|_| !self.is_mocked(file)) else {
            return Vec::new();
        };
        let mut out = Vec::new();
        for (id, callee) in calls(facts) {
            let at = ExprRef { file, expr: id };
            if known.contains(&at) {
                continue;
            }
            if passes_method(facts, id, &|n| names.contains(n))
                && let Some(site) = self.shape_through(facts, at, callee, names)
            {
                out.push(site);
                continue;
            }
            out.extend(self.shape_site(facts, at, callee, names));
        }
        out
    }

    /// A call as one that is known by its shape, if it is one.
    fn shape_site(
        &self,
        facts: &Facts,
        at: ExprRef,
        callee: ExprId,
        names: &CallNames,
    ) -> Option<Site> {
        let (name, said) = match facts.expr(callee) {
            Expr::Member { base, name } => (name.as_str(), said(facts, *base)),
            Expr::Name(name) => (name.as_str(), Some("")),
            _ => return None,
        };
        if !names.contains(name) || !self.may_have_shape(name, said) {
            return None;
        }
        self.refuel_for_callee();
        let value = self.callee_value(at.file, callee, &None);
        self.refuel();
        let args = self.site_args(at, &None);
        let value = match &value {
            Value::Function(f) => match self.function(f.function) {
                Some(x) if x.is_stub && x.owner.is_some() => Value::attr(
                    Value::unknown(GapReason::Dynamic),
                    x.name.as_deref().unwrap_or_default(),
                ),
                _ => return None,
            },
            _ => value,
        };
        let spec = self.match_shape(at.file, &value, (name, said), &args)?;
        Some(self.catalog_site(facts, at, spec, &value, &args))
    }

    /// `to_thread(chain.invoke, inputs)`: what a call that calls what it is given calls, by its shape.
    fn shape_through(
        &self,
        facts: &Facts,
        at: ExprRef,
        callee: ExprId,
        names: &CallNames,
    ) -> Option<Site> {
        let Expr::Call { args, .. } = facts.expr(at.expr) else {
            return None;
        };
        let (name, said) = args.iter().find_map(|a| match facts.expr(a.value) {
            Expr::Member { base, name } if names.contains(name) => {
                Some((name.as_str(), said(facts, *base)))
            }
            _ => None,
        })?;
        if !self.may_have_shape(name, said) {
            return None;
        }
        self.refuel_for_callee();
        let value = self.callee_value(at.file, callee, &None);
        self.refuel();
        let args = self.site_args(at, &None);
        let (inner, rest) = self.called_through(facts, callee, &value, &args)?;
        let spec = self.match_shape(at.file, &inner, (name, said), &rest)?;
        Some(self.catalog_site(facts, at, spec, &inner, &rest))
    }
}

/// The name by which code speaks of a value: `llm` in `self.llm`, `get_llm` in `get_llm()`.
fn said(facts: &Facts, e: ExprId) -> Option<&str> {
    match facts.expr(e) {
        Expr::Name(n) | Expr::Member { name: n, .. } => Some(n),
        Expr::Call { callee, .. } => match facts.expr(*callee) {
            Expr::Name(n) | Expr::Member { name: n, .. } => Some(n),
            _ => None,
        },
        _ => None,
    }
}
