//! Finding the calls: SDK calls by the catalog, then wrappers to a fixpoint.
//!
//! A function whose parameter (or whose object's state) reaches a prompt is itself an LLM call for
//! its callers. What a wrapper sends is not summarised into a structure of its own: at each caller
//! the wrapper's calls are evaluated again with the caller's arguments bound, so that fixed text,
//! schemas and conversions come along by themselves.

mod call_through;
mod definitions;
mod flows;
mod given;
mod lazy;
mod links;
mod open;
mod piped;
mod selectors;
mod wrapped;

pub(in crate::resolve) use self::wrapped::is_prompt_name;

use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::FxHashSet;

use self::call_through::{CALL_THROUGH, is_call_through, passes_method};
use crate::hir::{Expr, ExprId, Facts, How, Name, ScopeKind, Step};
use crate::language::Language;
use crate::resolve::eval::Evaluator;
use crate::resolve::request::{Request, last_name};
use crate::resolve::value::{ArgValue, Env, ExprRef, FunctionRef, Value};
use crate::source::FileId;

pub(crate) use self::definitions::{Definitions, definitions};

/// A message with fewer literal words than this around a parameter is that parameter's prompt.
const THIN_WORDS: usize = 12;

/// How a call is known to end in a model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum SiteKind {
    /// Catalog entry, by index.
    Catalog(usize),
    /// Wrappers, any of which may be meant.
    Wrapper(Vec<FunctionRef>),
    /// A request whose URL and body the enclosing function is given: an LLM call or not, as its
    /// callers say.
    Open,
}

/// A call that ends in a model.
#[derive(Debug, Clone)]
pub(crate) struct Site {
    pub(crate) at: ExprRef,
    pub(crate) kind: SiteKind,
    /// Functions whose parameters reach the prompt.
    pub(crate) flows: BTreeSet<FunctionRef>,
    /// Whether the call itself says something, or hands on what its own caller says.
    pub(crate) reported: bool,
    /// Whether all of the prompt is the enclosing function's parameters.
    pub(crate) pass_through: bool,
    /// Whether nothing says yet that it ends in a model: only a caller's arguments can.
    pub(crate) open: bool,
    /// What it ends in, where that followed from the arguments alone.
    pub(crate) spec: Option<usize>,
}

/// What a call leads to, as far as that does not depend on what is known of wrappers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Link {
    /// A function of the project.
    Function(FunctionRef),
    /// A method of a class that does not say what it does: a trait's, an interface's.
    Abstract(FunctionRef),
    /// A method known by name alone, or a function that nothing declares here.
    Named(String),
    /// One of several.
    Any(Vec<Self>),
    /// Neither.
    None,
}

/// The calls inside a wrapper.
pub(crate) type Wrappers = BTreeMap<FunctionRef, Vec<Site>>;

impl<'p> Evaluator<'p> {
    /// The SDK calls of a file.
    pub(crate) fn sdk_sites(&self, file: FileId, names: &CallNames) -> Vec<Site> {
        let Some(facts) = self.facts(file).filter(|_| !self.is_mocked(file)) else {
            return Vec::new();
        };
        let direct = self.may_call_values(file);
        let attributes = stored_attributes(facts);
        let mut out = Vec::new();
        for (id, callee) in calls(facts) {
            let name = match facts.expr(callee) {
                Expr::Member { name, .. } => Some(name),
                Expr::Name(n) => Some(n),
                _ => None,
            };
            let wanted = match (name, facts.expr(callee)) {
                (Some(n), _) if names.contains(n) => true,
                _ if is_call_through(facts, id)
                    || passes_method(facts, id, &|n| names.contains(n)) =>
                {
                    true
                }
                (Some(n), Expr::Name(_)) => self.bound_to_value(facts, callee, n),
                (Some(n), Expr::Member { base, .. })
                    if attributes.contains(n) && is_own_receiver(facts, *base) =>
                {
                    true
                }
                (Some(_), _) => direct,
                (None, _) => direct,
            };
            if !wanted {
                continue;
            }
            self.refuel_for_callee();
            let at = ExprRef { file, expr: id };
            let mut callee_value = self.callee_value(at.file, callee, &None);
            let declared = self.declared_call(facts, callee, &callee_value);
            // A method that stands in for `fetch` (retries, proxies, headers) is called like it.
            if facts.language == Language::TypeScript
                && matches!((facts.expr(callee), &callee_value),
                    (Expr::Member { name, .. }, Value::Function(_)) if name == "fetch")
            {
                callee_value = Value::external("", &["fetch"]);
            }
            if let Value::Function(f) = &callee_value
                && let Some(stub) = self
                    .function(f.function)
                    .filter(|x| x.is_stub && x.owner.is_some())
                && let (Some(receiver), Some(n)) = (&f.receiver, &stub.name)
            {
                // A method without a body (a trait's, an interface's) is known by its name.
                callee_value = Value::attr(receiver.clone(), n);
            }
            let own = declared.is_none()
                && matches!(
                    callee_value,
                    Value::Function(_) | Value::Class(_) | Value::Null
                );
            if own && self.takes_request(&callee_value) {
                self.refuel();
                out.extend(self.handed_request(facts, at));
                continue;
            }
            if own && !passes_method(facts, id, &|n| names.contains(n)) {
                continue;
            }
            // The arguments of calls that no entry can match (a test's assertions are thousands) are
            // not worth evaluating.
            if declared.is_none()
                && !own
                && !matches!(callee_value, Value::Made(_))
                && !is_call_through(facts, id)
                && !passes_method(facts, id, &|n| names.contains(n))
                && !self.may_match(file, &callee_value)
            {
                continue;
            }
            self.refuel();
            let args = self.site_args(at, &None);
            let (callee_value, args) = self.unpartial(callee_value, args);
            if own {
                if let Some((inner, rest)) =
                    self.called_through(facts, callee, &callee_value, &args)
                    && let Some(spec) = self.match_call(file, &inner, &rest)
                {
                    let request = self.request(file, &self.catalog.calls[spec], &inner, &rest);
                    out.push(self.site(facts, at, SiteKind::Catalog(spec), &request, true));
                }
                continue;
            }
            if let Some(spec) = declared.or_else(|| self.match_call(file, &callee_value, &args)) {
                let request = self.catalog_request(at, spec, &callee_value, &args, &None);
                let mut site = self.site(facts, at, SiteKind::Catalog(spec), &request, true);
                if self.catalog.calls[spec].definition {
                    // What makes such an object is no call: running it is.
                    site.flows.clear();
                }
                out.push(site);
                continue;
            }
            // `executor.submit(client.create, …)`
            if let Some((inner, rest)) = self.called_through(facts, callee, &callee_value, &args)
                && let Some(spec) = self.match_call(file, &inner, &rest)
            {
                let request = self.request(file, &self.catalog.calls[spec], &inner, &rest);
                out.push(self.site(facts, at, SiteKind::Catalog(spec), &request, true));
                continue;
            }
            if self.is_http(file, &callee_value) {
                out.extend(self.open_site(facts, at, SiteKind::Open, &callee_value, &args));
            }
        }
        out
    }

    /// The calls of a file that are known by their shape alone, those in `known` left out.
    pub(crate) fn shape_sites(
        &self,
        file: FileId,
        names: &CallNames,
        known: &FxHashSet<ExprRef>,
    ) -> Vec<Site> {
        let Some(facts) = self.facts(file).filter(|_| !self.is_mocked(file)) else {
            return Vec::new();
        };
        let mut out = Vec::new();
        for (id, callee) in calls(facts) {
            let at = ExprRef { file, expr: id };
            if known.contains(&at) {
                continue;
            }
            if passes_method(facts, id, &|n| names.contains(n))
                && let Some(site) = self.shape_through(facts, at, callee, names)
            {
                out.push(site);
                continue;
            }
            let named = match facts.expr(callee) {
                Expr::Member { name, .. } | Expr::Name(name) => names.contains(name),
                _ => false,
            };
            if !named {
                continue;
            }
            let (name, said) = match facts.expr(callee) {
                Expr::Member { base, name } => (name.as_str(), said(facts, *base)),
                Expr::Name(name) => (name.as_str(), Some("")),
                _ => ("", Some("")),
            };
            if !self.may_have_shape(name, said) {
                continue;
            }
            self.refuel_for_callee();
            let value = self.callee_value(at.file, callee, &None);
            self.refuel();
            let args = self.site_args(at, &None);
            let value = match &value {
                Value::Function(f) => match self.function(f.function) {
                    Some(x) if x.is_stub && x.owner.is_some() => Value::attr(
                        Value::unknown(crate::calls::GapReason::Dynamic),
                        x.name.as_deref().unwrap_or_default(),
                    ),
                    _ => continue,
                },
                _ => value,
            };
            if let Some(spec) = self.match_shape(file, &value, (name, said), &args) {
                let request = self.request(file, &self.catalog.calls[spec], &value, &args);
                out.push(self.site(facts, at, SiteKind::Catalog(spec), &request, true));
            }
        }
        out
    }

    /// `to_thread(chain.invoke, inputs)`: what a call that calls what it is given calls, by its shape.
    fn shape_through(
        &self,
        facts: &Facts,
        at: ExprRef,
        callee: ExprId,
        names: &CallNames,
    ) -> Option<Site> {
        let Expr::Call { args, .. } = facts.expr(at.expr) else {
            return None;
        };
        let (name, said) = args.iter().find_map(|a| match facts.expr(a.value) {
            Expr::Member { base, name } if names.contains(name) => {
                Some((name.as_str(), said(facts, *base)))
            }
            _ => None,
        })?;
        if !self.may_have_shape(name, said) {
            return None;
        }
        self.refuel_for_callee();
        let value = self.callee_value(at.file, callee, &None);
        self.refuel();
        let args = self.site_args(at, &None);
        let (inner, rest) = self.called_through(facts, callee, &value, &args)?;
        let spec = self.match_shape(at.file, &inner, (name, said), &rest)?;
        let request = self.request(at.file, &self.catalog.calls[spec], &inner, &rest);
        Some(self.site(facts, at, SiteKind::Catalog(spec), &request, true))
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

    /// The value called: with the receiver's own methods resolved, without calling them.
    pub(crate) fn callee_value(&self, file: FileId, callee: ExprId, env: &Env) -> Value {
        let value = self.eval(ExprRef { file, expr: callee }, env);
        self.called_object(&value)
            .or_else(|| self.loaded_on_call(&value))
            .unwrap_or(value)
    }

    /// What calling an object calls: `__call__` of its class.
    fn called_object(&self, value: &Value) -> Option<Value> {
        match value {
            Value::Instance(i) => match self.instance_member(i, "__call__")? {
                Value::Function(f) => Some(Value::Function(f)),
                _ => None,
            },
            Value::Param(p) => self
                .param_type(p)
                .filter(|v| matches!(v, Value::Instance(_)))
                .and_then(|v| self.called_object(&v)),
            Value::Choice(c) => c.iter().find_map(|v| match v {
                Value::Instance(_) => self.called_object(v),
                _ => None,
            }),
            _ => None,
        }
    }

    /// `partial(f, a, b=c)` or `promisify(f)` called: `f`, and the arguments it has already before the others.
    pub(crate) fn unpartial(&self, value: Value, args: Vec<ArgValue>) -> (Value, Vec<ArgValue>) {
        if let Value::Made(m) = &value
            && matches!(last_name(&m.callee).as_str(), "partial" | "promisify")
            && let Some((first, rest)) = m.args.split_first()
        {
            let inner = first.value.clone();
            return (inner, rest.iter().cloned().chain(args).collect());
        }
        (value, args)
    }

    fn site(
        &self,
        facts: &Facts,
        at: ExprRef,
        kind: SiteKind,
        request: &Request,
        reported: bool,
    ) -> Site {
        let flows = self.flows(facts, at, request);
        let words: usize = request.messages.iter().map(|m| m.rope.words()).sum();
        Site {
            at,
            kind,
            pass_through: !flows.is_empty() && words < 3,
            flows,
            reported,
            open: false,
            spec: request.spec,
        }
    }
}

/// Last names of the catalog's calls.
pub(crate) struct CallNames {
    exact: FxHashSet<String>,
    prefixes: Vec<String>,
}

impl CallNames {
    pub(crate) fn new(catalog: &crate::catalog::Catalog) -> Self {
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

    fn contains(&self, name: &str) -> bool {
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

fn is_own_receiver(facts: &Facts, base: ExprId) -> bool {
    matches!(facts.expr(base), Expr::Name(n) if n == "self" || n == "this")
}

/// The name by which code speaks of a value: `llm` in `self.llm`, `get_llm` in `get_llm()`.
fn said(facts: &Facts, e: ExprId) -> Option<&str> {
    match facts.expr(e) {
        Expr::Name(n) | Expr::Member { name: n, .. } => Some(n),
        Expr::Call { callee, .. } => match facts.expr(*callee) {
            Expr::Name(n) | Expr::Member { name: n, .. } => Some(n),
            _ => None,
        },
        _ => None,
    }
}

/// Every call of a file with its callee, in source order.
pub(crate) fn calls(facts: &Facts) -> impl Iterator<Item = (ExprId, ExprId)> + '_ {
    (0..)
        .map(ExprId)
        .zip(&facts.exprs)
        .filter_map(|(id, e)| match &e.kind {
            Expr::Call { callee, .. } => Some((id, *callee)),
            _ => None,
        })
}

/// The functions that enclose an expression, innermost first.
pub(crate) fn enclosing_functions(facts: &Facts, at: ExprRef) -> Vec<crate::hir::FunctionId> {
    let mut out = Vec::new();
    let mut scope = Some(facts.node(at.expr).scope);
    while let Some(s) = scope {
        let s = &facts.scopes[s.index()];
        if let ScopeKind::Function(f) = s.kind {
            out.push(f);
        }
        scope = s.parent;
    }
    out
}

/// Whether a callee picks a method by a name that is a value: `client[method](..)`,
/// `getattr(client, method)(..)`.
fn picks_method(facts: &Facts, callee: ExprId) -> bool {
    match facts.expr(callee) {
        Expr::Index { .. } => true,
        Expr::Call { callee, .. } => {
            matches!(facts.expr(*callee), Expr::Name(n) if n == "getattr")
        }
        _ => false,
    }
}
