//! `match(value).with(pattern, handler)….otherwise(handler)` of `ts-pattern`: what the handlers give.

use super::super::eval::Evaluator;
use super::super::value::{ArgValue, Env, ExprRef, Made, Value};
use crate::resolve::request::last_name;

/// Arms that are looked at.
const MAX_ARMS: usize = 16;

impl Evaluator<'_> {
    /// What a chain of arms gives at its end: one of what the handlers return; for a known value the arm that names it.
    pub(crate) fn arms(
        &self,
        made: &Made,
        name: &str,
        args: &[ArgValue],
        at: ExprRef,
        env: &Env,
    ) -> Option<Value> {
        if !matches!(name, "run" | "exhaustive" | "otherwise") {
            return None;
        }
        let mut handlers: Vec<(&[ArgValue], &ArgValue)> = Vec::new();
        let mut link = made;
        let matched = loop {
            match &link.callee {
                Value::Attr(a) => {
                    let Value::Made(before) = &a.base else {
                        return None;
                    };
                    if matches!(a.name.as_str(), "with" | "when")
                        && let Some((handler, patterns)) = link.args.split_last()
                        && handlers.len() < MAX_ARMS
                    {
                        handlers.push((patterns, handler));
                    }
                    link = before;
                }
                Value::External(e) if e.module == "ts-pattern" => {
                    if last_name(&link.callee) != "match" {
                        return None;
                    }
                    break link.args.first()?;
                }
                _ => return None,
            }
        };
        handlers.reverse();
        if let Some(known) = self.literal(&matched.value) {
            let names = |p: &ArgValue| self.literal(&p.value).is_some_and(|l| l == known);
            if let Some(one) = handlers.iter().position(|(p, _)| p.iter().any(names)) {
                handlers = vec![handlers.swap_remove(one)];
            }
        }
        if name == "otherwise"
            && let Some(rest) = args.first()
        {
            handlers.push((&[], rest));
        }
        let given = || {
            vec![ArgValue {
                spread: false,
                ..matched.clone()
            }]
        };
        let values = handlers
            .into_iter()
            .map(|(_, h)| self.apply(&h.value, given(), h.at.unwrap_or(at), env))
            .collect();
        Some(Value::choice(values))
    }
}
