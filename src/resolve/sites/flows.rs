//! Which functions hand on their parameters as prompts: the wrappers around a request.

use std::collections::BTreeSet;

use super::wrapped::{hole_stands_alone, is_prompt_name};
use super::{THIN_WORDS, enclosing_functions};
use crate::hir::{Entry, Expr, ExprId, Facts, FunctionId};
use crate::resolve::eval::Evaluator;
use crate::resolve::request::Request;
use crate::resolve::value::{ExprRef, FunctionRef};

impl Evaluator<'_> {
    /// The functions whose parameters are prompts of a request: those that a caller has to supply.
    pub(super) fn flows(
        &self,
        facts: &Facts,
        at: ExprRef,
        request: &Request,
    ) -> BTreeSet<FunctionRef> {
        let mut out = BTreeSet::new();
        let enclosing = enclosing_functions(facts, at);
        let Some(innermost) = enclosing.first().copied() else {
            return out;
        };
        for m in &request.messages {
            let words = m.rope.words();
            m.rope.each_hole(&mut |h| {
                h.value.each_root_param(&mut |p| {
                    let thin = words < THIN_WORDS
                        || (words < 60 && is_prompt_name(&p.name))
                        || hole_stands_alone(m, h);
                    if !thin {
                        return;
                    }
                    if p.function.file == at.file && enclosing.contains(&p.function.function) {
                        let returned = p.function.function != innermost
                            && self.returns_function(facts, p.function.function, &enclosing);
                        out.insert(if returned {
                            FunctionRef {
                                file: at.file,
                                function: innermost,
                            }
                        } else {
                            p.function
                        });
                    } else if self.is_constructor_of_owner(facts, at, p.function) {
                        // State that the object's constructor was given.
                        let method = enclosing
                            .iter()
                            .copied()
                            .find(|f| facts.functions[f.index()].owner.is_some())
                            .unwrap_or(innermost);
                        out.insert(FunctionRef {
                            file: at.file,
                            function: method,
                        });
                    }
                });
            });
        }
        out
    }

    /// Whether `outer` is a factory: it returns one of the functions that enclose the site.
    fn returns_function(&self, facts: &Facts, outer: FunctionId, enclosing: &[FunctionId]) -> bool {
        let is_inner = |e: ExprId| match facts.expr(e) {
            Expr::Function(f) => enclosing.contains(f),
            Expr::Name(n) => enclosing
                .iter()
                .any(|f| *f != outer && facts.functions[f.index()].name.as_ref() == Some(n)),
            _ => false,
        };
        facts.functions[outer.index()]
            .returns
            .iter()
            .any(|r| match facts.expr(r.value) {
                Expr::Map { entries } => entries
                    .iter()
                    .any(|e| matches!(e, Entry::Pair { value, .. } if is_inner(*value))),
                _ => is_inner(r.value),
            })
    }

    /// Whether a function constructs the objects of the class that a call stands in.
    fn is_constructor_of_owner(&self, facts: &Facts, at: ExprRef, f: FunctionRef) -> bool {
        let Some(name) = self.function(f).and_then(|f| f.name.as_ref()) else {
            return false;
        };
        matches!(name.as_str(), "__init__" | "constructor" | "new")
            && self
                .owner_class(facts, at.file, facts.node(at.expr).scope)
                .is_some()
    }
}
