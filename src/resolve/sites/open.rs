//! Requests whose URL and body come from the enclosing function's parameters: `post(path, body)` of a
//! house HTTP client. Whether one is an LLM call follows from the arguments of each caller.

use std::collections::BTreeSet;

use super::{Site, SiteKind, enclosing_functions};
use crate::hir::Facts;
use crate::resolve::eval::Evaluator;
use crate::resolve::request::chain_of;
use crate::resolve::value::{ArgValue, ExprRef, FunctionRef, Value};

/// Arguments and parts of them that are looked at.
const MAX_PARTS: usize = 32;

impl Evaluator<'_> {
    /// The site of a request that a caller may make an LLM call of, if the enclosing functions'
    /// parameters are in it.
    pub(super) fn open_site(
        &self,
        facts: &Facts,
        at: ExprRef,
        kind: SiteKind,
        callee: &Value,
        args: &[ArgValue],
    ) -> Option<Site> {
        if self.is_test(at.file) {
            return None;
        }
        let enclosing = enclosing_functions(facts, at);
        if enclosing.is_empty() {
            return None;
        }
        let mut given = BTreeSet::new();
        let mut parts: Vec<Value> = args.iter().map(|a| a.value.clone()).collect();
        for m in chain_of(callee).mades {
            parts.extend(m.args.iter().map(|a| a.value.clone()));
        }
        let mut seen = 0;
        while let Some(v) = parts.pop() {
            seen += 1;
            if seen > MAX_PARTS {
                break;
            }
            if let Some(p) = v.root_param() {
                given.insert(p.function);
                continue;
            }
            match &v {
                Value::Text(t) => t.each_hole(&mut |h| {
                    if let Some(p) = h.value.root_param() {
                        given.insert(p.function);
                    }
                }),
                Value::Map(m) => parts.extend(m.fields.iter().map(|f| f.value.clone())),
                Value::Made(m) => parts.extend(m.args.iter().map(|a| a.value.clone())),
                Value::Unknown(u) => parts.extend(u.ingredients.iter().cloned()),
                Value::Choice(c) => parts.extend(c.iter().cloned()),
                _ => {}
            }
        }
        let flows: BTreeSet<FunctionRef> = given
            .into_iter()
            .filter(|f| f.file == at.file && enclosing.contains(&f.function))
            .collect();
        (!flows.is_empty()).then_some(Site {
            at,
            kind,
            flows,
            reported: false,
            pass_through: false,
            open: true,
            spec: None,
        })
    }
}
