//! Calls of wrappers: which calls lead to one and say something that the wrapper does not.

mod request;
mod supplied;

use super::call_through::is_call_through;
use super::definitions::Definitions;
use super::{Link, Site, SiteKind, Wrappers, enclosing_functions};
use crate::hir::{Expr, ExprId, Facts};
use crate::resolve::eval::Evaluator;
use crate::resolve::value::{ArgValue, Env, ExprRef, FunctionRef, Value};
use crate::source::FileId;

pub(in crate::resolve) use self::supplied::is_prompt_name;

impl<'p> Evaluator<'p> {
    /// The calls among `links` that lead to wrappers.
    pub(crate) fn wrapper_sites(
        &self,
        file: FileId,
        wrappers: &Wrappers,
        definitions: &Definitions,
        links: &[(ExprRef, &Link)],
    ) -> Vec<Site> {
        let Some(facts) = self.facts(file).filter(|_| !self.is_mocked(file)) else {
            return Vec::new();
        };
        links
            .iter()
            .filter(|(_, link)| self.may_lead(link, wrappers, definitions))
            .filter_map(|(at, _)| self.wrapper_site(facts, *at, wrappers, definitions))
            .collect()
    }

    /// A call as one of a wrapper, if it is one and is worth looking at.
    fn wrapper_site(
        &self,
        facts: &'p Facts,
        at: ExprRef,
        wrappers: &Wrappers,
        definitions: &Definitions,
    ) -> Option<Site> {
        let Expr::Call { callee, .. } = facts.expr(at.expr) else {
            return None;
        };
        self.refuel();
        let (mut value, mut args) = self.callee_and_args(at, *callee, &None);
        // A wrapper that calls a function it is given is meant itself only if that is none.
        let mut targets = self.targets(at.file, &value, wrappers, definitions, &args);
        if (targets.is_empty() || is_call_through(facts, at.expr))
            && let Some((inner, rest)) = self.called_through(facts, *callee, &value, &args)
        {
            value = inner;
            args = rest;
            targets = self.targets(at.file, &value, wrappers, definitions, &args);
        }
        if targets.is_empty() {
            return None;
        }
        let functions: Vec<FunctionRef> = targets.iter().map(|t| t.function).collect();
        // A function that calls itself says nothing new.
        let calls_itself = enclosing_functions(facts, at).into_iter().any(|function| {
            let file = at.file;
            functions.contains(&FunctionRef { file, function })
        });
        if calls_itself {
            return None;
        }
        let request = self.wrapped_request(&targets, &args, wrappers, 0);
        let mut sinks = functions.iter().filter_map(|f| wrappers.get(f)).flatten();
        let open = sinks.clone().all(|s| s.open);
        if open && request.spec.is_none() {
            // A house client and what is built on it; no further.
            return if sinks.any(|s| s.kind == SiteKind::Open) {
                self.open_site(facts, at, SiteKind::Wrapper(functions), &value, &args)
            } else {
                None
            };
        }
        // What a house client sends, its caller says.
        let supplied = open || self.supplies(&targets, &args, &request, wrappers);
        let site = self.site(facts, at, SiteKind::Wrapper(functions), &request, supplied);
        (site.reported || !site.flows.is_empty()).then_some(site)
    }

    /// What a call calls and with what, partial applications resolved.
    fn callee_and_args(&self, at: ExprRef, callee: ExprId, env: &Env) -> (Value, Vec<ArgValue>) {
        let value = self.callee_value(at.file, callee, env);
        self.unpartial(value, self.site_args(at, env))
    }
}
