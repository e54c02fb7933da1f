//! Calls that call the function they are given: `submit(f, x)`, `retry(client.chat.create, …)`.

use super::calls;
use crate::hir::{Expr, ExprId, Facts, Param, ParamKind};
use crate::language::Language;
use crate::resolve::eval::Evaluator;
use crate::resolve::value::{ArgValue, FunctionRef, Value};

/// Callees that call the function given as an argument, and the index of that argument.
pub(super) const CALL_THROUGH: &[(&str, usize)] = &[
    ("submit", 0),
    ("to_thread", 0),
    ("run_in_executor", 1),
    ("run_in_threadpool", 0),
    ("map", 0),
    ("run_sync", 0),
    ("retry", 0),
    ("withRetry", 0),
    ("apply_async", 0),
    ("Thread", 0),
];

/// Methods that workers and job queues (Modal, Ray, Celery, Prefect, Dramatiq) give to a function: they call it.
const RUN_ELSEWHERE: &[&str] = &[
    "call",
    "remote",
    "remote_gen",
    "local",
    "spawn",
    "delay",
    "submit",
    "send",
    "kiq",
];

/// Keyword arguments that take the function to call.
const CALLED_KEYWORDS: &[&str] = &["func", "fn", "function", "target", "callable", "coro_func"];

impl Evaluator<'_> {
    /// For `submit(f, x)`: `f` and the arguments it gets.
    pub(super) fn called_through(
        &self,
        facts: &Facts,
        callee: ExprId,
        value: &Value,
        args: &[ArgValue],
    ) -> Option<(Value, Vec<ArgValue>)> {
        let name = match facts.expr(callee) {
            Expr::Member { name, .. } | Expr::Name(name) => name,
            _ => return None,
        };
        let callable = |v: &Value| match v {
            Value::Choice(c) => c.iter().any(|v| matches!(v, Value::Function(_))),
            v => matches!(v, Value::Function(_) | Value::Attr(_) | Value::External(_)),
        };
        // `f.remote(x)`, `f.delay(x)`: the function runs somewhere else.
        if runs_elsewhere(facts, callee)
            && let Value::Attr(a) = value
            && matches!(a.base, Value::Function(_))
        {
            return Some((a.base.clone(), args.to_vec()));
        }
        if let Some(i) = args.iter().position(|a| {
            a.name
                .as_deref()
                .is_some_and(|n| CALLED_KEYWORDS.contains(&n))
                && callable(&a.value)
        }) {
            let rest = args
                .iter()
                .enumerate()
                .filter(|(n, _)| *n != i)
                .map(|(_, a)| a.clone())
                .collect();
            return Some((args[i].value.clone(), rest));
        }
        let index = match CALL_THROUGH.iter().find(|(n, _)| n == name) {
            Some((_, i)) => *i,
            None => {
                let Value::Function(f) = value else {
                    return None;
                };
                if !args.iter().any(|a| a.name.is_none() && callable(&a.value)) {
                    return None;
                }
                self.called_param(f.function)?
            }
        };
        let positional: Vec<&ArgValue> = args.iter().filter(|a| a.name.is_none()).collect();
        let target = positional.get(index)?.value.clone();
        if !callable(&target) {
            return None;
        }
        let rest = positional[index + 1..]
            .iter()
            .copied()
            .chain(args.iter().filter(|a| a.name.is_some()))
            .cloned()
            .collect();
        Some((target, rest))
    }

    /// The parameter that a function calls, counted without the receiver: `retry(f, *args)`.
    fn called_param(&self, f: FunctionRef) -> Option<usize> {
        let facts = self.facts(f.file)?;
        let function = facts.functions.get(f.function.index())?;
        let params: Vec<&Param> = function
            .params
            .iter()
            .filter(|p| p.kind != ParamKind::Receiver)
            .collect();
        calls(facts).find_map(|(id, callee)| {
            let span = facts.span(id);
            if span.start < function.span.start || function.span.end < span.end {
                return None;
            }
            let Expr::Name(n) = facts.expr(callee) else {
                return None;
            };
            params
                .iter()
                .position(|p| p.name.as_ref() == Some(n) && p.kind == ParamKind::Positional)
        })
    }
}

/// Whether a call is given a function that has one of these names.
pub(super) fn passes(facts: &Facts, call: ExprId, named: &dyn Fn(&str) -> bool) -> bool {
    let Expr::Call { args, .. } = facts.expr(call) else {
        return false;
    };
    args.iter().any(|a| match facts.expr(a.value) {
        Expr::Member { name, .. } | Expr::Name(name) => named(name),
        _ => false,
    })
}

/// Whether a call is given a method that has one of these names: `retry(client.chat.create, …)`. A
/// bare name is mostly a variable (`show(prompt)`).
pub(super) fn passes_method(facts: &Facts, call: ExprId, named: &dyn Fn(&str) -> bool) -> bool {
    let Expr::Call { args, .. } = facts.expr(call) else {
        return false;
    };
    args.iter().any(|a| {
        matches!(facts.expr(a.value), Expr::Member { name, base } if named(name)
            && matches!(facts.expr(*base), Expr::Member { .. } | Expr::Name(_)))
    })
}

/// Whether a callee is a method by which a worker or a queue calls the function it is a method of.
pub(super) fn runs_elsewhere(facts: &Facts, callee: ExprId) -> bool {
    facts.language == Language::Python
        && matches!(facts.expr(callee), Expr::Member { name, .. } if RUN_ELSEWHERE.contains(&name.as_str()))
}

/// Whether a call calls the function it is given.
pub(super) fn is_call_through(facts: &Facts, call: ExprId) -> bool {
    let Expr::Call { callee, args, .. } = facts.expr(call) else {
        return false;
    };
    let by_name = runs_elsewhere(facts, *callee)
        || match facts.expr(*callee) {
            Expr::Member { name, .. } | Expr::Name(name) => {
                CALL_THROUGH.iter().any(|(n, _)| n == name)
            }
            _ => false,
        };
    by_name
        || args.iter().any(|a| {
            a.name
                .as_deref()
                .is_some_and(|n| CALLED_KEYWORDS.contains(&n))
        })
}
