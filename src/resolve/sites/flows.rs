//! Which functions hand on their parameters as prompts: the wrappers around a request.

use std::collections::BTreeSet;
use std::rc::Rc;

use super::call_through::is_call_through;
use super::wrapped::is_prompt_name;
use super::{THIN_WORDS, enclosing_functions};
use crate::hir::{Entry, Expr, ExprId, Facts, FunctionId, How};
use crate::resolve::eval::Evaluator;
use crate::resolve::request::{Draft, Request};
use crate::resolve::value::{ExprRef, FunctionRef, HoleSegment, Param, Segment, Value};

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
                    if thin {
                        out.extend(self.flow_of(facts, at, p, &enclosing, innermost));
                    }
                });
                // What a function gives that a caller passes is text of the caller's, however much
                // stands around it.
                if let Value::Made(made) = &h.value
                    && let Value::Param(p) = &made.callee
                {
                    out.extend(self.flow_of(facts, at, p, &enclosing, innermost));
                }
            });
        }
        // `chain.run(text=t)` of a chain that a caller hands in: its template is the caller's.
        if request.messages.is_empty() {
            out.extend(self.giver_of_receiver(facts, at, &enclosing));
        }
        let picks = request.messages.iter().any(|m| m.rope.has_alternatives());
        let here = FunctionRef {
            file: at.file,
            function: innermost,
        };
        if picks && self.picks(here) {
            out.insert(here);
        }
        out
    }

    /// The function whose parameter a call is a method of.
    fn giver_of_receiver(
        &self,
        facts: &Facts,
        at: ExprRef,
        enclosing: &[FunctionId],
    ) -> Option<FunctionRef> {
        let Expr::Call { callee, args, .. } = facts.expr(at.expr) else {
            return None;
        };
        let receiver = |e: ExprId| match facts.expr(e) {
            Expr::Member { base, .. } => match facts.expr(*base) {
                Expr::Name(name) if name != "self" && name != "this" => Some(name),
                _ => None,
            },
            _ => None,
        };
        // `to_thread(chain.invoke, inputs)`: the method is handed on.
        let handed = || args.iter().find_map(|a| receiver(a.value));
        let name = if is_call_through(facts, at.expr) {
            handed()?
        } else {
            receiver(*callee)?
        };
        let [store] = facts.stores_of(name, facts.node(at.expr).scope) else {
            return None;
        };
        let store = &facts.writes[store.index()];
        let function = facts.function_of(store.scope)?;
        (matches!(store.how, How::Param(_)) && enclosing.contains(&function)).then_some(
            FunctionRef {
                file: at.file,
                function,
            },
        )
    }

    /// The function whose callers supply a parameter that is in a prompt.
    fn flow_of(
        &self,
        facts: &Facts,
        at: ExprRef,
        p: &Param,
        enclosing: &[FunctionId],
        innermost: FunctionId,
    ) -> Option<FunctionRef> {
        let here = |function| FunctionRef {
            file: at.file,
            function,
        };
        if p.function.file == at.file && enclosing.contains(&p.function.function) {
            let returned = p.function.function != innermost
                && self.returns_function(facts, p.function.function, enclosing);
            return Some(if returned {
                here(innermost)
            } else {
                p.function
            });
        }
        // State that the object's constructor was given.
        self.is_constructor_of_owner(facts, at, p.function)
            .then(|| {
                enclosing
                    .iter()
                    .copied()
                    .find(|f| facts.functions[f.index()].owner.is_some())
                    .unwrap_or(innermost)
            })
            .map(here)
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

/// Whether nothing but the hole stands in its part of the message.
fn hole_stands_alone(m: &Draft, hole: &Rc<HoleSegment>) -> bool {
    let mut alone = true;
    let mut found = false;
    for s in &m.rope.segments {
        match s {
            Segment::Break => {
                if found {
                    break;
                }
                alone = true;
            }
            Segment::Hole(h) if Rc::ptr_eq(h, hole) => found = true,
            Segment::Literal { text, .. } if text.chars().any(char::is_alphanumeric) => {
                alone = false
            }
            _ => {}
        }
    }
    found && alone
}
