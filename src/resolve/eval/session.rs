//! What a page keeps between its runs: `st.session_state.messages`, `session["history"]`. A package owns the
//! object; the program's own stores under a name of it, in whatever function, make up its value.

use super::Evaluator;
use super::memo::Task;
use super::stores::{function_guard, under_loop};
use crate::hir::{Expr, ExprId, Facts, How, Name, Op, Step, Write, WriteId};
use crate::language::Language;
use crate::resolve::value::{Env, ExprRef, Value};

/// Objects that live from run to run: the package and the object's name.
const SESSIONS: &[(&str, &str)] = &[("streamlit", "session_state"), ("flask", "session")];

/// Stores under one name that are looked at.
const MAX_STORES: usize = 32;

impl<'p> Evaluator<'p> {
    /// What `base` keeps under `key`, where `base` is such an object and the file stores to it.
    pub(super) fn kept(
        &self,
        facts: &'p Facts,
        at: ExprRef,
        base: ExprId,
        key: &str,
        env: &Env,
    ) -> Option<Value> {
        if facts.language != Language::Python {
            return None;
        }
        let known = |n: &Name| SESSIONS.iter().any(|(_, object)| object == n);
        let (root, prefix) = match facts.expr(base) {
            Expr::Name(n) if known(n) => (n, 0),
            Expr::Member { base, name } if known(name) => match facts.expr(*base) {
                Expr::Name(n) => (n, 1),
                _ => return None,
            },
            _ => return None,
        };
        let object = ExprRef {
            file: at.file,
            expr: base,
        };
        let Value::External(e) = self.eval(object, &None) else {
            return None;
        };
        if !SESSIONS
            .iter()
            .any(|(m, o)| e.module == *m && e.path.last().is_some_and(|p| p == o))
        {
            return None;
        }
        let node = facts.node(at.expr);
        let here = function_guard(facts, node.guard);
        let under = |w: &'p Write| match w.path.get(prefix) {
            Some(Step::Field(n)) if n == key => w.path.get(prefix + 1..),
            _ => None,
        };
        // In the function of the use what comes after it is not there yet; elsewhere it was a run before.
        let stores: Vec<(WriteId, &'p Write, &'p [Step])> = facts
            .stores_of(root, node.scope)
            .iter()
            .map(|id| (*id, &facts.writes[id.index()]))
            .filter(|(_, w)| function_guard(facts, w.guard) != here || w.order <= at.expr.0)
            .filter_map(|(id, w)| Some((id, w, under(w)?)))
            .take(MAX_STORES)
            .collect();
        let begins = |(_, w, rest): &&(WriteId, &Write, &[Step])| {
            rest.is_empty() && matches!(w.how, How::Set)
        };
        let mut value: Option<Value> = None;
        for (id, w, _) in stores.iter().filter(begins) {
            let task = Task::Store(at.file, id.0, env.as_ref().map_or(0, |e| e.depth));
            let new = self
                .memo
                .run(task, || self.stored(at.file, facts, w, env))?;
            value = Some(match value {
                None => new,
                // Emptied by a button: what it begins with stays.
                Some(old) if matches!(&new, Value::List(l) if l.items.is_empty()) => old,
                Some(Value::List(l)) if l.items.is_empty() => new,
                Some(old) => Value::choice(vec![old, new]),
            });
        }
        for (id, w, rest) in stores.iter().filter(|s| !begins(s)) {
            let task = Task::Store(at.file, id.0, env.as_ref().map_or(0, |e| e.depth));
            let before = value.clone();
            let after = self.memo.run(task, || {
                let base = before.unwrap_or_else(|| Value::list(Vec::new(), true));
                let place = |expr| ExprRef {
                    file: at.file,
                    expr,
                };
                match &w.how {
                    How::Mutate(method) => {
                        let Expr::Call { args, .. } = facts.expr(w.value?) else {
                            return None;
                        };
                        let args = self.args(at.file, args, env);
                        let again = under_loop(facts, w.guard, node.guard);
                        Some(self.mutate(&base, rest, method, &args, again))
                    }
                    How::Augment(Op::Add) if rest.is_empty() => {
                        let new = self.eval(place(w.value?), env);
                        Some(self.add(&base, None, &new, w.value.map(place)))
                    }
                    How::Set => {
                        let new = self.stored(at.file, facts, w, env);
                        Some(self.set_path(&base, rest, new, w.value.map(place), false))
                    }
                    _ => None,
                }
            });
            value = after.flatten().or(value);
        }
        value
    }
}
