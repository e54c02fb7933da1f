//! Finding the calls: SDK calls by the catalog, then wrappers to a fixpoint.
//!
//! A function whose parameter (or whose object's state) reaches a prompt is itself an LLM call for
//! its callers. What a wrapper sends is not summarised into a structure of its own: at each caller
//! the wrapper's calls are evaluated again with the caller's arguments bound, so that fixed text,
//! schemas and conversions come along by themselves.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use rustc_hash::FxHashSet;

use super::eval::Evaluator;
use super::request::{Draft, Request, last_name};
use super::value::{ArgValue, Env, ExprRef, FunctionRef, FunctionValue, Segment, Value};
use crate::hir::{Expr, ExprId, Facts, How, ParamKind, ScopeKind};
use crate::language::Language;
use crate::source::FileId;

/// Wrappers nested deeper than this are not followed.
const MAX_WRAPPER_DEPTH: u32 = 5;
/// Calls inside one wrapper that are evaluated for its callers.
const MAX_SINKS: usize = 3;
/// A message with fewer literal words than this around a parameter is that parameter's prompt.
const THIN_WORDS: usize = 12;

/// How a call is known to end in a model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum SiteKind {
    /// Catalog entry, by index.
    Catalog(usize),
    /// Wrappers, any of which may be meant.
    Wrapper(Vec<FunctionRef>),
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
}

/// What a call leads to, as far as that does not depend on what is known of wrappers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Link {
    /// A function of the project.
    Function(FunctionRef),
    /// A method known by name alone, or abstract.
    Named(String),
    /// Neither.
    None,
}

/// Whether a call calls the function it is given.
fn is_call_through(facts: &Facts, call: ExprId) -> bool {
    let Expr::Call { callee, args, .. } = facts.expr(call) else {
        return false;
    };
    let by_name = match facts.expr(*callee) {
        Expr::Member { name, .. } | Expr::Name(name) => CALL_THROUGH.iter().any(|(n, _)| n == name),
        _ => false,
    };
    by_name
        || args.iter().any(|a| {
            a.name
                .as_deref()
                .is_some_and(|n| CALLED_KEYWORDS.contains(&n))
        })
}

/// The calls inside a wrapper.
pub(crate) type Wrappers = BTreeMap<FunctionRef, Vec<Site>>;

/// Callees that call the function given as an argument, and the index of that argument.
const CALL_THROUGH: &[(&str, usize)] = &[
    ("submit", 0),
    ("to_thread", 0),
    ("run_in_executor", 1),
    ("run_in_threadpool", 0),
    ("map", 0),
    ("run_sync", 0),
    ("retry", 0),
    ("withRetry", 0),
    ("apply_async", 0),
    ("Thread", 0),
];

/// Keyword arguments that take the function to call.
const CALLED_KEYWORDS: &[&str] = &["func", "fn", "function", "target", "callable", "coro_func"];

impl<'p> Evaluator<'p> {
    /// The SDK calls of a file.
    pub(crate) fn sdk_sites(&self, file: FileId, names: &CallNames) -> Vec<Site> {
        let Some(facts) = self.facts(file) else {
            return Vec::new();
        };
        let direct = self.may_call_values(file);
        let mut out = Vec::new();
        for (id, callee) in calls(facts) {
            let name = match facts.expr(callee) {
                Expr::Member { name, .. } => Some(name),
                Expr::Name(n) => Some(n),
                _ => None,
            };
            let wanted = match (name, facts.expr(callee)) {
                (Some(n), _) if names.contains(n) => true,
                _ if is_call_through(facts, id) => true,
                (Some(n), Expr::Name(_)) => self.bound_to_value(facts, callee, n),
                (Some(_), _) => direct,
                (None, _) => direct,
            };
            if !wanted {
                continue;
            }
            self.refuel_for_callee();
            let at = ExprRef { file, expr: id };
            let mut callee_value = self.callee_value(facts, at, callee, &None);
            let declared = self.declared_call(facts, callee, &callee_value);
            if let Value::Function(f) = &callee_value
                && let Some(stub) = self
                    .function(f.function)
                    .filter(|x| x.is_stub && x.owner.is_some())
                && let (Some(receiver), Some(n)) = (&f.receiver, &stub.name)
            {
                // A method without a body (a trait's, an interface's) is known by its name.
                callee_value = Value::attr(receiver.clone(), n);
            }
            if declared.is_none()
                && matches!(
                    callee_value,
                    Value::Function(_) | Value::Class(_) | Value::Null
                )
            {
                continue;
            }
            self.refuel();
            let args = self.site_args(at, &None);
            if let Some(spec) = declared.or_else(|| self.match_call(file, &callee_value, &args)) {
                let request = self.request(file, &self.catalog.calls[spec], &callee_value, &args);
                out.push(self.site(facts, at, SiteKind::Catalog(spec), &request, true));
                continue;
            }
            // `executor.submit(client.create, …)`
            if let Some((inner, rest)) = self.called_through(facts, callee, &args)
                && let Some(spec) = self.match_call(file, &inner, &rest)
            {
                let request = self.request(file, &self.catalog.calls[spec], &inner, &rest);
                out.push(self.site(facts, at, SiteKind::Catalog(spec), &request, true));
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
        let Some(facts) = self.facts(file) else {
            return Vec::new();
        };
        let mut out = Vec::new();
        for (id, callee) in calls(facts) {
            let at = ExprRef { file, expr: id };
            let named = match facts.expr(callee) {
                Expr::Member { name, .. } | Expr::Name(name) => names.contains(name),
                _ => false,
            };
            if !named || known.contains(&at) {
                continue;
            }
            self.refuel_for_callee();
            let value = self.callee_value(facts, at, callee, &None);
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
            if let Some(spec) = self.match_shape(&value, &args) {
                let request = self.request(file, &self.catalog.calls[spec], &value, &args);
                out.push(self.site(facts, at, SiteKind::Catalog(spec), &request, true));
            }
        }
        out
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
        let mut scope = Some(facts.node(callee).scope);
        while let Some(s) = scope {
            let s = &facts.scopes[s.index()];
            if let Some(w) = s.names.get(name) {
                return w.iter().any(|w| match facts.writes[w.index()].how {
                    How::Function(f) => !facts.functions[f.index()].attributes.is_empty(),
                    How::Class(_) => false,
                    _ => true,
                });
            }
            scope = s.parent;
        }
        false
    }

    /// The value called: with the receiver's own methods resolved, without calling them.
    pub(crate) fn callee_value(
        &self,
        facts: &'p Facts,
        _at: ExprRef,
        callee: ExprId,
        env: &Env,
    ) -> Value {
        let _ = facts;
        self.eval(
            ExprRef {
                file: _at.file,
                expr: callee,
            },
            env,
        )
    }

    /// For `submit(f, x)`: `f` and the arguments it gets.
    fn called_through(
        &self,
        facts: &Facts,
        callee: ExprId,
        args: &[ArgValue],
    ) -> Option<(Value, Vec<ArgValue>)> {
        let name = match facts.expr(callee) {
            Expr::Member { name, .. } | Expr::Name(name) => name,
            _ => return None,
        };
        let callable =
            |v: &Value| matches!(v, Value::Function(_) | Value::Attr(_) | Value::External(_));
        if let Some(i) = args.iter().position(|a| {
            a.name
                .as_deref()
                .is_some_and(|n| CALLED_KEYWORDS.contains(&n))
                && callable(&a.value)
        }) {
            let rest = args
                .iter()
                .enumerate()
                .filter(|(n, _)| *n != i)
                .map(|(_, a)| a.clone())
                .collect();
            return Some((args[i].value.clone(), rest));
        }
        let index = CALL_THROUGH.iter().find(|(n, _)| n == name)?.1;
        let positional: Vec<&ArgValue> = args.iter().filter(|a| a.name.is_none()).collect();
        let target = positional.get(index)?.value.clone();
        if !callable(&target) {
            return None;
        }
        let rest = positional[index + 1..]
            .iter()
            .copied()
            .chain(args.iter().filter(|a| a.name.is_some()))
            .cloned()
            .collect();
        Some((target, rest))
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
        }
    }

    /// The functions whose parameters are prompts of a request: those that a caller has to supply.
    fn flows(&self, facts: &Facts, at: ExprRef, request: &Request) -> BTreeSet<FunctionRef> {
        let mut out = BTreeSet::new();
        let enclosing = enclosing_functions(facts, at);
        let Some(innermost) = enclosing.first().copied() else {
            return out;
        };
        for m in &request.messages {
            let words = m.rope.words();
            m.rope.each_hole(&mut |h| {
                let Some(p) = h.value.root_param() else {
                    return;
                };
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
        }
        out
    }

    /// Whether `outer` is a factory: it returns one of the functions that enclose the site.
    fn returns_function(
        &self,
        facts: &Facts,
        outer: crate::hir::FunctionId,
        enclosing: &[crate::hir::FunctionId],
    ) -> bool {
        facts.functions[outer.index()]
            .returns
            .iter()
            .any(|r| match facts.expr(r.value) {
                Expr::Function(f) => enclosing.contains(f),
                Expr::Name(n) => enclosing
                    .iter()
                    .any(|f| *f != outer && facts.functions[f.index()].name.as_ref() == Some(n)),
                Expr::Map { entries } => entries.iter().any(|e| match e {
                    crate::hir::Entry::Pair { value, .. } => match facts.expr(*value) {
                        Expr::Function(f) => enclosing.contains(f),
                        Expr::Name(n) => enclosing.iter().any(|f| {
                            *f != outer && facts.functions[f.index()].name.as_ref() == Some(n)
                        }),
                        _ => false,
                    },
                    _ => false,
                }),
                _ => false,
            })
    }

    fn is_constructor_of_owner(&self, facts: &Facts, at: ExprRef, f: FunctionRef) -> bool {
        let Some(name) = self.function(f).and_then(|f| f.name.as_ref()) else {
            return false;
        };
        matches!(name.as_str(), "__init__" | "constructor" | "new")
            && self
                .owner_class(facts, at.file, facts.node(at.expr).scope)
                .is_some()
    }

    // ---------------------------------------------------------------- wrappers

    /// What the calls of a file lead to, for those whose callee may be one of `names` and that are
    /// not in `known`: evaluated once, asked in every round.
    pub(crate) fn links(
        &self,
        file: FileId,
        names: &FxHashSet<String>,
        known: &FxHashSet<ExprRef>,
    ) -> Vec<(ExprRef, Link)> {
        let Some(facts) = self.facts(file) else {
            return Vec::new();
        };
        let mut out = Vec::new();
        for (id, callee) in calls(facts) {
            let at = ExprRef { file, expr: id };
            if known.contains(&at) || !self.may_be_named(facts, id, callee, names) {
                continue;
            }
            self.refuel_for_callee();
            let mut value = self.callee_value(facts, at, callee, &None);
            if is_call_through(facts, id) {
                let all = self.site_args(at, &None);
                if let Some((inner, _)) = self.called_through(facts, callee, &all) {
                    value = inner;
                }
            }
            out.push((at, self.link(file, &value)));
        }
        out
    }

    /// Whether a callee's name, the name it was imported under, or an argument that it calls is
    /// among the names; a variable that holds a function may be any.
    fn may_be_named(
        &self,
        facts: &Facts,
        call: ExprId,
        callee: ExprId,
        names: &FxHashSet<String>,
    ) -> bool {
        let named = |e: ExprId| match facts.expr(e) {
            Expr::Member { name, .. } | Expr::Name(name) => names.contains(name.as_str()),
            _ => false,
        };
        if named(callee) {
            return true;
        }
        if is_call_through(facts, call)
            && let Expr::Call { args, .. } = facts.expr(call)
            && args.iter().any(|a| named(a.value))
        {
            return true;
        }
        match facts.expr(callee) {
            Expr::Name(n) => self.alias_of(facts, callee, n, names),
            Expr::Call { callee, .. } => named(*callee),
            Expr::Member { .. } => false,
            _ => true,
        }
    }

    /// Whether a called name is bound to something that may bear one of the names.
    fn alias_of(
        &self,
        facts: &Facts,
        callee: ExprId,
        name: &str,
        names: &FxHashSet<String>,
    ) -> bool {
        let mut scope = Some(facts.node(callee).scope);
        while let Some(s) = scope {
            let s = &facts.scopes[s.index()];
            if let Some(writes) = s.names.get(name) {
                return writes.iter().any(|w| {
                    let w = &facts.writes[w.index()];
                    match &w.how {
                        How::Import(i) => match &facts.imports[i.index()].what {
                            crate::hir::What::Name(n) => names.contains(n.as_str()),
                            crate::hir::What::Default => true,
                            _ => false,
                        },
                        How::Set => w.value.is_some_and(|v| {
                            matches!(
                                facts.expr(v),
                                Expr::Call { .. }
                                    | Expr::Member { .. }
                                    | Expr::Name(_)
                                    | Expr::Choice { .. }
                            )
                        }),
                        _ => false,
                    }
                });
            }
            scope = s.parent;
        }
        false
    }

    /// What a callee leads to.
    fn link(&self, file: FileId, callee: &Value) -> Link {
        match callee {
            Value::Function(f) => {
                let stub = self
                    .function(f.function)
                    .filter(|x| x.is_stub && x.owner.is_some());
                match stub.and_then(|x| x.name.clone()) {
                    Some(name) => Link::Named(name.to_string()),
                    None => Link::Function(f.function),
                }
            }
            Value::Choice(c) => c
                .iter()
                .map(|v| self.link(file, v))
                .find(|l| *l != Link::None)
                .unwrap_or(Link::None),
            Value::Made(m) if matches!(last_name(&m.callee).as_str(), "partial" | "bind") => m
                .args
                .first()
                .map_or(Link::None, |a| self.link(file, &a.value)),
            Value::Attr(a) if !self.is_foreign(file, &a.base) => Link::Named(a.name.to_string()),
            _ => Link::None,
        }
    }

    /// Whether a value belongs to another package, or is text or a collection: its methods are
    /// never linked by name.
    fn is_foreign(&self, file: FileId, base: &Value) -> bool {
        if matches!(base, Value::Text(_) | Value::List(_)) {
            return true;
        }
        let Some(root) = super::request::chain_of(base).root else {
            return false;
        };
        if root.module.is_empty() {
            return matches!(
                root.path.first().map(|p| p.as_str()),
                Some(
                    "console"
                        | "JSON"
                        | "Math"
                        | "Object"
                        | "Promise"
                        | "window"
                        | "document"
                        | "process"
                )
            );
        }
        !matches!(base, Value::External(_))
            && self
                .catalog
                .is_known_package(&root.module, self.project.language(file))
    }

    /// The calls among `links` that lead to wrappers.
    pub(crate) fn wrapper_sites(
        &self,
        file: FileId,
        wrappers: &Wrappers,
        definitions: &Definitions,
        links: &[(ExprRef, &Link)],
    ) -> Vec<Site> {
        let Some(facts) = self.facts(file) else {
            return Vec::new();
        };
        let mut out = Vec::new();
        for (at, link) in links {
            let at = *at;
            let possible = match link {
                Link::Function(f) => wrappers.contains_key(f),
                Link::Named(n) => {
                    definitions.contains_key(n) && !COMMON_NAMES.contains(&n.as_str())
                }
                Link::None => false,
            };
            let Expr::Call { callee, .. } = facts.expr(at.expr) else {
                continue;
            };
            if !possible {
                continue;
            }
            self.refuel();
            let mut value = self.callee_value(facts, at, *callee, &None);
            let mut args = self.site_args(at, &None);
            if is_call_through(facts, at.expr)
                && let Some((inner, rest)) = self.called_through(facts, *callee, &args)
            {
                value = inner;
                args = rest;
            }
            let targets = self.targets(file, &value, wrappers, definitions, &args);
            if targets.is_empty() {
                continue;
            }
            let functions: Vec<FunctionRef> = targets.iter().map(|t| t.function).collect();
            // A function that calls itself says nothing new.
            if enclosing_functions(facts, at)
                .iter()
                .any(|f| functions.contains(&FunctionRef { file, function: *f }))
            {
                continue;
            }
            let request = self.wrapped_request(&targets, &args, wrappers, 0);
            let supplied = self.supplies(&targets, &args, &request);
            let mut site = self.site(facts, at, SiteKind::Wrapper(functions), &request, supplied);
            if !site.reported && site.flows.is_empty() {
                continue;
            }
            site.reported |= site.pass_through;
            out.push(site);
        }
        out
    }

    /// The wrappers that a callee may be.
    fn targets(
        &self,
        file: FileId,
        callee: &Value,
        wrappers: &Wrappers,
        definitions: &Definitions,
        args: &[ArgValue],
    ) -> Vec<Rc<FunctionValue>> {
        match callee {
            Value::Function(f) if wrappers.contains_key(&f.function) => vec![Rc::clone(f)],
            Value::Function(f) => match self.function(f.function) {
                // An abstract method: its implementations.
                Some(x) if x.is_stub && x.owner.is_some() => {
                    let name = x.name.clone().unwrap_or_default();
                    self.by_name(
                        file,
                        &name,
                        f.receiver.as_ref(),
                        wrappers,
                        definitions,
                        args,
                    )
                }
                _ => Vec::new(),
            },
            Value::Choice(c) => c
                .iter()
                .map(|v| self.targets(file, v, wrappers, definitions, args))
                .find(|t| !t.is_empty())
                .unwrap_or_default(),
            Value::Made(m) if matches!(last_name(&m.callee).as_str(), "partial" | "bind") => m
                .args
                .first()
                .map(|a| self.targets(file, &a.value, wrappers, definitions, args))
                .unwrap_or_default(),
            Value::Attr(a) if !self.is_foreign(file, &a.base) => {
                self.by_name(file, &a.name, None, wrappers, definitions, args)
            }
            _ => Vec::new(),
        }
    }

    /// Linking by name: every definition of the method that does something is a wrapper, and it
    /// takes as many arguments.
    fn by_name(
        &self,
        file: FileId,
        name: &str,
        receiver: Option<&Value>,
        wrappers: &Wrappers,
        definitions: &Definitions,
        args: &[ArgValue],
    ) -> Vec<Rc<FunctionValue>> {
        if COMMON_NAMES.contains(&name) {
            return Vec::new();
        }
        let language = self.project.language(file);
        let Some(all) = definitions.get(name) else {
            return Vec::new();
        };
        let live: Vec<&Definition> = all
            .iter()
            .filter(|d| d.language == language && !d.stub && !d.in_test)
            .collect();
        let mut hits: Vec<&Definition> = live
            .iter()
            .copied()
            .filter(|d| wrappers.contains_key(&d.function))
            .collect();
        if hits.is_empty() {
            return Vec::new();
        }
        // Stubs and mocks abstain; implementations of an interface that a wrapper implements too are
        // taken to be models as well; all others must agree.
        let others = live
            .iter()
            .filter(|d| {
                !wrappers.contains_key(&d.function) && !hits.iter().any(|h| h.shares_base(d))
            })
            .count();
        let given = args.iter().filter(|a| !a.spread).count();
        let speaks = args.iter().any(|a| self.is_prompt_like(&a.value, 0));
        let agreed = if speaks {
            others <= hits.len()
        } else {
            others * 4 <= hits.len()
        };
        if !agreed {
            return Vec::new();
        }
        hits.retain(|d| given <= d.params || d.open);
        hits.iter()
            .take(4)
            .map(|d| {
                let receiver = receiver.cloned().or_else(|| {
                    let f = self.function(d.function)?;
                    Some(self.typed_instance(super::value::ClassRef {
                        file: d.function.file,
                        class: f.owner?,
                    }))
                });
                Rc::new(FunctionValue {
                    function: d.function,
                    receiver,
                    env: None,
                })
            })
            .collect()
    }

    /// What wrappers send for these arguments.
    pub(crate) fn wrapped_request(
        &self,
        targets: &[Rc<FunctionValue>],
        args: &[ArgValue],
        wrappers: &Wrappers,
        depth: u32,
    ) -> Request {
        let mut out = Request::default();
        if depth > MAX_WRAPPER_DEPTH {
            return out;
        }
        let several = targets.len() > 1;
        for (n, t) in targets.iter().enumerate() {
            let Some(sinks) = wrappers.get(&t.function) else {
                continue;
            };
            let env = self.bind(t, args);
            for s in sinks.iter().take(MAX_SINKS) {
                let r = self.site_request(s, &env, wrappers, depth);
                out.structured = out.structured.max(r.structured);
                if out.schema.is_empty() {
                    out.schema = r.schema;
                }
                out.tools = out.tools.max(r.tools);
                if out.parameters.is_empty() {
                    out.parameters = r.parameters;
                }
                for g in r.gaps {
                    if !out.gaps.contains(&g) {
                        out.gaps.push(g);
                    }
                }
                for m in r.messages {
                    // Of several implementations only what the caller supplies is certain.
                    if several
                        && n > 0
                        && m.rope.words() > 0
                        && out.messages.iter().any(|o| o.role == m.role)
                    {
                        continue;
                    }
                    if !out.messages.iter().any(|o| same_message(o, &m)) {
                        out.messages.push(m);
                    }
                }
            }
        }
        out
    }

    /// What a site sends under an environment.
    pub(crate) fn site_request(
        &self,
        site: &Site,
        env: &Env,
        wrappers: &Wrappers,
        depth: u32,
    ) -> Request {
        let Some(facts) = self.facts(site.at.file) else {
            return Request::default();
        };
        let Expr::Call { callee, .. } = facts.expr(site.at.expr) else {
            return Request::default();
        };
        let mut value = self.callee_value(facts, site.at, *callee, env);
        let mut args = self.site_args(site.at, env);
        if let Some((inner, rest)) = self.called_through(facts, *callee, &args) {
            value = inner;
            args = rest;
        }
        match &site.kind {
            SiteKind::Catalog(spec) => {
                self.request(site.at.file, &self.catalog.calls[*spec], &value, &args)
            }
            SiteKind::Wrapper(functions) => {
                let targets: Vec<Rc<FunctionValue>> = match &value {
                    Value::Function(f) if wrappers.contains_key(&f.function) => vec![Rc::clone(f)],
                    other => functions
                        .iter()
                        .map(|f| {
                            let receiver = match other {
                                Value::Function(v) => v.receiver.clone(),
                                Value::Attr(a) if matches!(a.base, Value::Instance(_)) => {
                                    Some(a.base.clone())
                                }
                                _ => None,
                            };
                            let receiver = receiver.or_else(|| {
                                let class = self.function(*f)?.owner?;
                                Some(self.typed_instance(super::value::ClassRef {
                                    file: f.file,
                                    class,
                                }))
                            });
                            let env = match other {
                                Value::Made(m) => m.args.first().and_then(|a| match &a.value {
                                    Value::Function(v) => v.env.clone(),
                                    _ => None,
                                }),
                                _ => None,
                            };
                            Rc::new(FunctionValue {
                                function: *f,
                                receiver,
                                env,
                            })
                        })
                        .collect(),
                };
                self.wrapped_request(&targets, &args, wrappers, depth + 1)
            }
        }
    }

    /// Whether a call to a wrapper brings prompt text of its own: literal text, or a whole prompt
    /// that it got itself; a wrapper with a prompt of its own, called with data, is no new call.
    fn supplies(
        &self,
        targets: &[Rc<FunctionValue>],
        args: &[ArgValue],
        request: &Request,
    ) -> bool {
        let inside = |file: FileId, source: u32| {
            targets.iter().any(|t| {
                t.function.file == file
                    && self
                        .function(t.function)
                        .is_some_and(|f| f.span.start <= source && source < f.span.end)
            })
        };
        let mut own_words = 0;
        let mut outside_words = 0;
        for m in &request.messages {
            count_words_by(&m.rope.segments, &mut |file, source, words| {
                if inside(file, source) {
                    own_words += words;
                } else {
                    outside_words += words;
                }
            });
        }
        let literal_arg = args.iter().any(|a| {
            self.is_prompt_like(&a.value, 0)
                || matches!(&a.value, Value::Text(t) if t.words() >= 1 && outside_words > 0)
        });
        let receiver_supplies = targets.iter().any(|t| {
            matches!(&t.receiver, Some(Value::Instance(i))
                if i.args.iter().flatten().any(|a| self.is_prompt_like(&a.value, 0)))
        });
        if literal_arg || receiver_supplies {
            return true;
        }
        // Something built elsewhere, or data handed to a thin wrapper.
        own_words < THIN_WORDS
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

/// A function that bears a method's name.
#[derive(Debug, Clone)]
pub(crate) struct Definition {
    pub(crate) function: FunctionRef,
    pub(crate) language: Language,
    /// It does nothing.
    pub(crate) stub: bool,
    /// Parameters, the receiver not counted.
    pub(crate) params: usize,
    /// Whether it takes any number of arguments.
    pub(crate) open: bool,
    /// Whether it stands in a test.
    pub(crate) in_test: bool,
    /// Name of its class and of the classes it is written to derive from, sorted.
    pub(crate) family: Vec<String>,
}

impl Definition {
    /// Whether both belong to one family of classes.
    fn shares_base(&self, other: &Self) -> bool {
        self.family.iter().any(|f| other.family.contains(f))
    }
}

/// Methods of the project by name.
pub(crate) type Definitions = BTreeMap<String, Vec<Definition>>;

/// Bases that say nothing of what a class is for.
const PLAIN_BASES: &[&str] = &[
    "ABC",
    "object",
    "BaseModel",
    "Protocol",
    "Generic",
    "Enum",
    "Default",
    "Clone",
];

/// Whether a path is that of a test.
fn is_test_path(path: &std::path::Path) -> bool {
    path.iter().filter_map(|p| p.to_str()).any(|p| {
        matches!(
            p,
            "test" | "tests" | "__tests__" | "__mocks__" | "mocks" | "testing"
        ) || p.starts_with("test_")
            || p.contains(".test.")
            || p.contains(".spec.")
            || p.ends_with("_test.py")
            || p.contains(".vitest.")
    })
}

/// The methods that a file defines.
pub(crate) fn definitions(
    file: FileId,
    path: &std::path::Path,
    facts: &Facts,
) -> Vec<(String, Definition)> {
    let mut out = Vec::new();
    let in_test = is_test_path(path);
    for (i, f) in (0..).zip(&facts.functions) {
        if f.owner.is_none() {
            continue;
        }
        let Some(name) = &f.name else { continue };
        let mut family: Vec<String> = Vec::new();
        if let Some(c) = f.owner.map(|c| &facts.classes[c.index()]) {
            family.push(c.name.to_string());
            family.extend(c.bases.iter().filter_map(|b| {
                let dotted = facts.dotted(*b)?;
                let last = dotted.rsplit('.').next()?.to_owned();
                (!PLAIN_BASES.contains(&last.as_str())).then_some(last)
            }));
        }
        out.push((
            name.to_string(),
            Definition {
                function: FunctionRef {
                    file,
                    function: crate::hir::FunctionId(i),
                },
                language: facts.language,
                stub: f.is_stub,
                params: f
                    .params
                    .iter()
                    .filter(|p| p.kind != ParamKind::Receiver)
                    .count(),
                open: f
                    .params
                    .iter()
                    .any(|p| matches!(p.kind, ParamKind::Rest | ParamKind::KeywordRest)),
                in_test,
                family,
            },
        ));
    }
    out
}

/// Names that are everywhere: never linked without knowing the receiver.
const COMMON_NAMES: &[&str] = &[
    "run",
    "get",
    "set",
    "call",
    "invoke",
    "execute",
    "create",
    "send",
    "query",
    "process",
    "handle",
    "post",
    "put",
    "update",
    "add",
    "new",
    "build",
    "start",
    "init",
    "main",
    "push",
    "append",
    "map",
    "filter",
    "then",
    "format",
    "parse",
    "forward",
    "__call__",
    "render",
    "log",
    "print",
    "write",
    "read",
    "load",
    "save",
    "find",
    "stream",
    "emit",
    "next",
    "open",
    "close",
    "connect",
    "search",
    "fetch",
    "insert",
    "delete",
    "test",
    "constructor",
    "__init__",
    "apply",
];

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

/// Whether a parameter's name says that it is a prompt.
fn is_prompt_name(name: &str) -> bool {
    let n = name.to_lowercase();
    ["prompt", "instruction", "message", "template", "system"]
        .iter()
        .any(|w| n.contains(w))
}

/// Whether nothing but the hole stands in its part of the message.
fn hole_stands_alone(m: &Draft, hole: &Rc<super::value::HoleSegment>) -> bool {
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

fn same_message(a: &Draft, b: &Draft) -> bool {
    if a.role != b.role {
        return false;
    }
    let key = |d: &Draft| {
        let mut out = Vec::new();
        let mut names = Vec::new();
        count_words_by(&d.rope.segments, &mut |f, s, _| out.push((f, s)));
        d.rope.each_hole(&mut |h| names.push(h.expression.clone()));
        (out, names)
    };
    key(a) == key(b)
}

fn count_words_by(segments: &[Segment], f: &mut dyn FnMut(FileId, u32, usize)) {
    for s in segments {
        match s {
            Segment::Literal { file, text, runs } => {
                if let Some(r) = runs.first() {
                    f(*file, r.source, super::value::count_words(text));
                }
            }
            Segment::Alternatives(a) => a.iter().for_each(|r| count_words_by(&r.segments, f)),
            Segment::Repeat(r) => count_words_by(&r.segments, f),
            Segment::Hole(_) | Segment::Break => {}
        }
    }
}
