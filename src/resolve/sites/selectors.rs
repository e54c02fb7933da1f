//! Parameters that pick a prompt instead of being part of one: `PROMPTS[kind]`, `get_prompt(kind)`.

use std::rc::Rc;

use super::wrapped::is_prompt_name;
use crate::hir::{ClassKind, Expr, ExprId, Facts, FunctionId};
use crate::language::Language;
use crate::resolve::eval::Evaluator;
use crate::resolve::value::{FunctionRef, FunctionValue, Value};
use crate::source::FileId;

/// Whether a parameter of a function is the key of a lookup, or is handed to something that is named
/// for prompts.
fn selects(facts: &Facts, function: FunctionId) -> bool {
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
    /// Whether a function has a parameter that picks its prompt: a key, or a variant of an enum.
    pub(super) fn picks(&self, f: FunctionRef) -> bool {
        self.facts(f.file).is_some_and(|facts| {
            selects(facts, f.function) || self.takes_variant(f.file, facts, f.function)
        })
    }

    /// Whether one of these functions has a parameter that picks its prompt.
    pub(super) fn any_selects(&self, targets: &[Rc<FunctionValue>]) -> bool {
        targets.iter().any(|t| self.picks(t.function))
    }

    /// Whether a parameter of a Rust function is a variant of an enum of the project.
    fn takes_variant(&self, file: FileId, facts: &Facts, function: FunctionId) -> bool {
        let f = &facts.functions[function.index()];
        facts.language == Language::Rust
            && f.params.iter().filter_map(|p| p.ty.as_ref()).any(|ty| {
                matches!(self.of_type(file, f.scope, ty), Some(Value::Instance(i))
                    if self.class(i.class).is_some_and(|c| c.kind == ClassKind::Enum))
            })
    }
}
