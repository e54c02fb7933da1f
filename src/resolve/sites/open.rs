//! Requests whose URL and body come from the enclosing function's parameters: `post(path, body)` of a
//! house HTTP client. Whether one is an LLM call follows from the arguments of each caller.

use std::collections::BTreeSet;

use super::{Site, SiteKind, enclosing_functions};
use crate::hir::{Expr, Facts, How, TypeRef};
use crate::language::Language;
use crate::resolve::eval::Evaluator;
use crate::resolve::request::chain_of;
use crate::resolve::value::{ArgValue, ExprRef, FunctionRef, Value};
use crate::source::FileId;

/// Arguments and parts of them that are looked at.
const MAX_PARTS: usize = 32;

/// Whether a declared type is an HTTP request that is still to be sent.
fn is_request(ty: &TypeRef) -> bool {
    ty.heads.iter().any(|h| {
        let name = h.rsplit('.').next().unwrap_or_default();
        matches!(name, "RequestBuilder" | "Request")
    })
}

impl Evaluator<'_> {
    /// Whether a function of the project is given a request to send: `send_with_retry(request)`.
    pub(super) fn takes_request(&self, callee: &Value) -> bool {
        let Value::Function(f) = callee else {
            return false;
        };
        self.project.language(f.function.file) == Language::Rust
            && self.function(f.function).is_some_and(|f| {
                let types = f.params.iter().filter_map(|p| p.ty.as_ref());
                types.into_iter().any(is_request)
            })
    }

    /// The site of a call that is given a request to send, if that is an LLM call: whatever the
    /// function does besides, it sends it.
    pub(super) fn handed_request(&self, facts: &Facts, at: ExprRef) -> Option<Site> {
        let (spec, sent) = self.request_among(at.file, &self.site_args(at, &None))?;
        Some(self.catalog_site(facts, at, spec, &sent, &[]))
    }

    /// The request among arguments that is an LLM call once it is sent: the catalog's entry, and the
    /// method that sends it.
    pub(super) fn request_among(&self, file: FileId, args: &[ArgValue]) -> Option<(usize, Value)> {
        args.iter().find_map(|a| {
            let sent = Value::attr(a.value.clone(), "send");
            Some((self.match_call(file, &sent, &[])?, sent))
        })
    }

    /// `request.send()`, where the whole request is a parameter: the function whose it is.
    fn given_request(&self, facts: &Facts, at: ExprRef) -> Option<FunctionRef> {
        let Expr::Call { callee, .. } = facts.expr(at.expr) else {
            return None;
        };
        let mut root = *callee;
        while let Expr::Member { base, .. } | Expr::Call { callee: base, .. } = facts.expr(root) {
            root = *base;
        }
        let Expr::Name(name) = facts.expr(root) else {
            return None;
        };
        let stores = facts.stores_of(name, facts.node(root).scope);
        stores.iter().find_map(|w| {
            let w = &facts.writes[w.index()];
            let How::Param(i) = w.how else { return None };
            let function = facts.function_of(w.scope)?;
            let f = &facts.functions[function.index()];
            let ty = f.params.get(usize::from(i))?.ty.as_ref()?;
            is_request(ty).then_some(FunctionRef {
                file: at.file,
                function,
            })
        })
    }

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
        given.extend(self.given_request(facts, at));
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
