//! SDK calls: the calls of a file that the catalog knows by what they call.

use rustc_hash::FxHashSet;

use super::call_through::{CALL_THROUGH, is_call_through, passes_method};
use super::{Site, SiteKind, calls};
use crate::catalog::Catalog;
use crate::hir::{Expr, ExprId, Facts, How, Name, Step};
use crate::language::Language;
use crate::resolve::eval::{Evaluator, own_receiver};
use crate::resolve::value::{ArgValue, ExprRef, Value};
use crate::source::FileId;

impl<'p> Evaluator<'p> {
    /// The SDK calls of a file.
    pub(crate) fn sdk_sites(&self, file: FileId, names: &CallNames) -> Vec<Site> {
        let Some(facts) = self.facts(file).filter(|_| !self.is_mocked(file)) else {
            return Vec::new();
        };
        let direct = self.may_call_values(file);
        let attributes = stored_attributes(facts);
        calls(facts)
            .filter(|(id, callee)| {
                self.may_be_sdk_call(facts, (*id, *callee), names, direct, &attributes)
            })
            .filter_map(|(expr, callee)| {
                self.sdk_site(facts, ExprRef { file, expr }, callee, names)
            })
            .collect()
    }

    /// Whether a call is worth evaluating, by how its callee is written; `direct` if values of this
    /// file may be called.
    fn may_be_sdk_call(
        &self,
        facts: &Facts,
        (call, callee): (ExprId, ExprId),
        names: &CallNames,
        direct: bool,
        attributes: &FxHashSet<&Name>,
    ) -> bool {
        let callee_expr = facts.expr(callee);
        if let Expr::Member { name, .. } | Expr::Name(name) = callee_expr
            && names.contains(name)
        {
            return true;
        }
        if is_call_through(facts, call) || passes_method(facts, call, &|n| names.contains(n)) {
            return true;
        }
        match callee_expr {
            Expr::Name(name) => self.bound_to_value(facts, callee, name),
            Expr::Member { base, name } => {
                direct || attributes.contains(name) && own_receiver(facts, *base).is_some()
            }
            _ => direct,
        }
    }

    /// A call as one of an SDK, if it is one.
    fn sdk_site(
        &self,
        facts: &'p Facts,
        at: ExprRef,
        callee: ExprId,
        names: &CallNames,
    ) -> Option<Site> {
        self.refuel_for_callee();
        let value = self.callee_value(at.file, callee, &None);
        let declared = self.declared_call(facts, callee, &value);
        let value = self.stood_in_for(facts, callee, value);
        let own = declared.is_none()
            && matches!(value, Value::Function(_) | Value::Class(_) | Value::Null);
        if own && self.takes_request(&value) {
            self.refuel();
            return self.handed_request(facts, at);
        }
        let passes = passes_method(facts, at.expr, &|n| names.contains(n));
        if own && !passes {
            return None;
        }
        // The arguments of calls that no entry can match (a test's assertions are thousands) are
        // not worth evaluating.
        if declared.is_none()
            && !own
            && !matches!(value, Value::Made(_))
            && !is_call_through(facts, at.expr)
            && !passes
            && !self.may_match(at.file, &value)
        {
            return None;
        }
        self.refuel();
        let (value, args) = self.unpartial(value, self.site_args(at, &None));
        if own {
            return self.sdk_site_through(facts, at, callee, &value, &args);
        }
        if let Some(spec) = declared.or_else(|| self.match_call(at.file, &value, &args)) {
            let request = self.catalog_request(at, spec, &value, &args, &None);
            let mut site = self.site(facts, at, SiteKind::Catalog(spec), &request, true);
            if self.catalog.calls[spec].definition {
                // What makes such an object is no call: running it is.
                site.flows.clear();
            }
            return Some(site);
        }
        if let Some(site) = self.sdk_site_through(facts, at, callee, &value, &args) {
            return Some(site);
        }
        if !self.is_http(at.file, &value) {
            return None;
        }
        self.open_site(facts, at, SiteKind::Open, &value, &args)
    }

    /// `executor.submit(client.create, …)`
    fn sdk_site_through(
        &self,
        facts: &Facts,
        at: ExprRef,
        callee: ExprId,
        value: &Value,
        args: &[ArgValue],
    ) -> Option<Site> {
        let (inner, rest) = self.called_through(facts, callee, value, args)?;
        let spec = self.match_call(at.file, &inner, &rest)?;
        Some(self.catalog_site(facts, at, spec, &inner, &rest))
    }

    /// A callee that is known by its name alone as what that name means.
    fn stood_in_for(&self, facts: &Facts, callee: ExprId, value: Value) -> Value {
        // A method that stands in for `fetch` (retries, proxies, headers) is called like it.
        if facts.language == Language::TypeScript
            && matches!((facts.expr(callee), &value),
                (Expr::Member { name, .. }, Value::Function(_)) if name == "fetch")
        {
            return Value::external("", &["fetch"]);
        }
        // A method without a body (a trait's, an interface's) is known by its name.
        if let Value::Function(f) = &value
            && let Some(stub) = self
                .function(f.function)
                .filter(|x| x.is_stub && x.owner.is_some())
            && let (Some(receiver), Some(n)) = (&f.receiver, &stub.name)
        {
            return Value::attr(receiver.clone(), n);
        }
        value
    }

    /// Whether calling a value may be an LLM call in this file: it imports a package whose values
    /// are called directly.
    fn may_call_values(&self, file: FileId) -> bool {
        let language = self.project.language(file);
        self.facts(file).is_some_and(|f| {
            f.imports.iter().any(|i| {
                self.catalog.calls.iter().any(|c| {
                    c.chain
                        .iter()
                        .any(|p| p.segments.len() == 1 && p.segments[0] == "()")
                        && self.catalog.is_package_of(c.sdk, &i.module, language)
                })
            })
        })
    }

    /// Whether a called name is a variable, parameter or import (not a function or class of the
    /// file, unless a decorator made something else of it).
    fn bound_to_value(&self, facts: &Facts, callee: ExprId, name: &str) -> bool {
        facts
            .stores_of(name, facts.node(callee).scope)
            .iter()
            .any(|w| match facts.writes[w.index()].how {
                How::Function(f) => !facts.functions[f.index()].attributes.is_empty(),
                How::Class(_) => false,
                _ => true,
            })
    }
}

/// Last names of the catalog's calls.
pub(crate) struct CallNames {
    exact: FxHashSet<String>,
    prefixes: Vec<String>,
}

impl CallNames {
    pub(crate) fn new(catalog: &Catalog) -> Self {
        let mut exact = FxHashSet::default();
        let mut prefixes = Vec::new();
        for c in &catalog.calls {
            for p in c.chain.iter().chain(&c.functions) {
                let Some(last) = p.segments.last() else {
                    continue;
                };
                match last.split_once('*') {
                    Some((prefix, _)) => prefixes.push(prefix.to_owned()),
                    None => {
                        exact.insert(last.clone());
                    }
                }
            }
        }
        for (n, _) in CALL_THROUGH {
            exact.insert((*n).to_owned());
        }
        Self { exact, prefixes }
    }

    pub(super) fn contains(&self, name: &str) -> bool {
        self.exact.contains(name) || self.prefixes.iter().any(|p| name.starts_with(p.as_str()))
    }
}

/// Attributes that methods store to their object: a function may be kept in one.
fn stored_attributes(facts: &Facts) -> FxHashSet<&Name> {
    let stores = facts.writes.iter().filter(|w| w.how == How::Set);
    stores
        .filter(|w| matches!(w.root.as_str(), "self" | "this"))
        .filter_map(|w| match w.path.as_slice() {
            [Step::Field(name)] => Some(name),
            _ => None,
        })
        .collect()
}
