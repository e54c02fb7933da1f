//! Parameters that pick a prompt instead of being part of one: `PROMPTS[kind]`, `get_prompt(kind)`.

use std::rc::Rc;

use super::wrapped::is_prompt_name;
use crate::hir::{Expr, ExprId, Facts, FunctionId};
use crate::resolve::eval::Evaluator;
use crate::resolve::value::{FunctionRef, FunctionValue};

/// Whether a parameter of a function is the key of a lookup, or is handed to something that is named
/// for prompts.
pub(super) fn selects(facts: &Facts, function: FunctionId) -> bool {
    let f = &facts.functions[function.index()];
    let is_param = |e: ExprId| match facts.expr(e) {
        Expr::Name(n) => f.params.iter().any(|p| p.name.as_ref() == Some(n)),
        _ => false,
    };
    facts
        .exprs
        .iter()
        .filter(|n| f.span.start <= n.span.start && n.span.end <= f.span.end)
        .any(|n| match &n.kind {
            Expr::Index { key, .. } => is_param(*key),
            Expr::Call { callee, args, .. } => {
                let name = match facts.expr(*callee) {
                    Expr::Name(name) => name,
                    Expr::Member { name, .. } => name,
                    _ => return false,
                };
                (name == "get" || is_prompt_name(name))
                    && args.first().is_some_and(|a| is_param(a.value))
            }
            _ => false,
        })
}

impl Evaluator<'_> {
    /// Whether one of these functions has a parameter that picks its prompt.
    pub(super) fn any_selects(&self, targets: &[Rc<FunctionValue>]) -> bool {
        targets.iter().any(|t| {
            let FunctionRef { file, function } = t.function;
            self.facts(file)
                .is_some_and(|facts| selects(facts, function))
        })
    }
}
