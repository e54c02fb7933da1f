//! What a wrapper sends: the requests of the calls inside it, read for a caller's arguments.

use std::rc::Rc;

use crate::hir::{Expr, ParamKind};
use crate::resolve::eval::Evaluator;
use crate::resolve::request::{Draft, Request};
use crate::resolve::sites::{Site, SiteKind, Wrappers, picks_method};
use crate::resolve::value::{ArgValue, ClassRef, Env, FunctionRef, FunctionValue, Param, Value};

/// Wrappers nested deeper than this are not followed.
const MAX_WRAPPER_DEPTH: u32 = 5;
/// Calls inside one wrapper that are evaluated for its callers.
const MAX_SINKS: usize = 3;

impl Evaluator<'_> {
    /// What wrappers send for these arguments.
    pub(super) fn wrapped_request(
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
        for (n, t) in targets.iter().enumerate() {
            let Some(sinks) = wrappers.get(&t.function) else {
                continue;
            };
            let env = self.bind(t, args);
            let mut structured = None;
            let known = sinks.iter().filter(|s| !s.open);
            let open = sinks.iter().filter(|s| s.open);
            // The bound is on what is sent: a wrapper for many models branches more often.
            let sent = known.chain(open).filter(|s| {
                self.site_runs(t.function, s, &env) != Some(false)
                    && !self.picks_another(s, &env, wrappers)
            });
            for s in sent.take(MAX_SINKS) {
                let request = self.site_request(s, &env, wrappers, depth);
                structured = structured.max(Some(request.structured));
                join(&mut out, request, n > 0);
            }
            // A schema is sure where every implementation passes one.
            if let Some(s) = structured {
                out.structured = if n == 0 { s } else { out.structured.min(s) };
            }
        }
        self.say_what_is_given(&mut out, targets, args);
        out
    }

    /// What wrappers send whoever calls them, their parameters left open.
    pub(super) fn unbound_request(
        &self,
        targets: &[Rc<FunctionValue>],
        wrappers: &Wrappers,
    ) -> Request {
        let mut out = Request::default();
        for t in targets {
            // What a subclass adds to an inherited wrapper (`self.system_messages`) is its own.
            let declared = self.function(t.function).and_then(|f| f.owner);
            let receiver = t.receiver.as_ref().map(|r| match (r, declared) {
                (Value::Instance(i), Some(class)) if i.args.is_none() => {
                    self.typed_instance(ClassRef {
                        file: t.function.file,
                        class,
                    })
                }
                (Value::Instance(i), _) => self.typed_instance(i.class),
                (other, _) => other.clone(),
            });
            let anybody = Rc::new(FunctionValue {
                function: t.function,
                receiver,
                env: t.env.clone(),
            });
            let params = self
                .function(t.function)
                .map_or(&[][..], |f| f.params.as_slice());
            let open: Vec<ArgValue> = (0..)
                .zip(params)
                .filter(|(_, p)| matches!(p.kind, ParamKind::Positional | ParamKind::Keyword))
                .filter_map(|(index, p)| {
                    let name = p.name.clone()?;
                    Some(ArgValue {
                        name: Some(name.clone()),
                        value: Value::Param(Rc::new(Param {
                            function: t.function,
                            index,
                            name,
                        })),
                        spread: false,
                        at: None,
                    })
                })
                .collect();
            let r = self.wrapped_request(&[anybody], &open, wrappers, 0);
            out.messages.extend(r.messages);
        }
        out
    }

    /// Whether a site inside a function runs for the arguments of an environment.
    fn site_runs(&self, function: FunctionRef, site: &Site, env: &Env) -> Option<bool> {
        let facts = self.facts(site.at.file)?;
        if function.file != site.at.file {
            return None;
        }
        let body = self.function(function)?.guard;
        self.runs(
            site.at.file,
            facts,
            facts.node(site.at.expr).guard,
            body,
            env,
        )
    }

    /// Whether a site that calls a method by the name it is given calls one, for these arguments, that
    /// sends nothing.
    fn picks_another(&self, site: &Site, env: &Env, wrappers: &Wrappers) -> bool {
        let Some(facts) = self.facts(site.at.file) else {
            return false;
        };
        let Expr::Call { callee, .. } = facts.expr(site.at.expr) else {
            return false;
        };
        picks_method(facts, *callee)
            && matches!(self.callee_value(site.at.file, *callee, env),
                Value::Function(f) if !wrappers.contains_key(&f.function))
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
        let (mut value, mut args) = self.callee_and_args(site.at, *callee, env);
        // As when the site was found: a wrapper that is given a function is meant itself.
        let itself = matches!((&site.kind, &value), (SiteKind::Wrapper(w), Value::Function(f)) if w.contains(&f.function));
        if !itself && let Some((inner, rest)) = self.called_through(facts, *callee, &value, &args) {
            value = inner;
            args = rest;
        }
        if matches!(site.kind, SiteKind::Catalog(_))
            && self.takes_request(&value)
            && let Some((_, sent)) = self.request_among(site.at.file, &args)
        {
            value = sent;
            args.clear();
        }
        match &site.kind {
            SiteKind::Catalog(spec) => self.catalog_request(site.at, *spec, &value, &args, env),
            SiteKind::Open => match self.match_call(site.at.file, &value, &args) {
                Some(spec) => {
                    let mut r =
                        self.request(site.at.file, &self.catalog.calls[spec], &value, &args);
                    r.spec = Some(spec);
                    r
                }
                None => Request::default(),
            },
            SiteKind::Wrapper(functions) => {
                let targets = match &value {
                    Value::Function(f) if wrappers.contains_key(&f.function) => vec![Rc::clone(f)],
                    other => functions.iter().map(|f| self.meant(*f, other)).collect(),
                };
                self.wrapped_request(&targets, &args, wrappers, depth + 1)
            }
        }
    }

    /// A wrapper of the project as it is meant by a callee of another value.
    fn meant(&self, function: FunctionRef, callee: &Value) -> Rc<FunctionValue> {
        let receiver = match callee {
            Value::Function(v) => v.receiver.clone(),
            Value::Attr(a) if matches!(a.base, Value::Instance(_)) => Some(a.base.clone()),
            _ => None,
        };
        // An object known by the interface alone is one of what implements it.
        let name = self.function(function).and_then(|f| f.name.as_deref());
        let receiver = receiver.filter(|r| !name.is_some_and(|n| self.is_abstract(r, n)));
        let receiver = receiver.or_else(|| {
            let class = self.function(function)?.owner?;
            let file = function.file;
            Some(self.typed_instance(ClassRef { file, class }))
        });
        let env = match callee {
            Value::Made(m) => m.args.first().and_then(|a| match &a.value {
                Value::Function(v) => v.env.clone(),
                _ => None,
            }),
            _ => None,
        };
        Rc::new(FunctionValue {
            function,
            receiver,
            env,
        })
    }
}

/// Adds what one call inside a wrapper sends; `or_else` where it is another implementation's.
fn join(out: &mut Request, r: Request, or_else: bool) {
    out.spec = out.spec.or(r.spec);
    if out.schema.is_empty() {
        out.schema = r.schema;
    }
    if out.descriptions.is_empty() {
        out.descriptions = r.descriptions;
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
        if or_else && m.rope.words() > 0 && out.messages.iter().any(|o| o.role == m.role) {
            continue;
        }
        if !out.messages.iter().any(|o| same_message(o, &m)) {
            out.messages.push(m);
        }
    }
}

/// Whether two messages are the same text of the same place with the same holes.
fn same_message(a: &Draft, b: &Draft) -> bool {
    if a.role != b.role {
        return false;
    }
    let key = |d: &Draft| {
        let mut out = Vec::new();
        let mut names = Vec::new();
        d.rope.each_literal(&mut |f, s, _| out.push((f, s)));
        d.rope.each_hole(&mut |h| names.push(h.expression.clone()));
        (out, names)
    };
    key(a) == key(b)
}
