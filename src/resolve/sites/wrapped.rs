//! Calls of wrappers: the request that a call through them ends in.

use std::rc::Rc;

use rustc_hash::FxHashSet;

use super::call_through::is_call_through;
use super::definitions::Definitions;
use super::given::literals;
use super::{
    Link, MAX_SINKS, MAX_WRAPPER_DEPTH, Site, SiteKind, THIN_WORDS, Wrappers, enclosing_functions,
    picks_method,
};
use crate::hir::{Expr, ParamKind};
use crate::resolve::eval::Evaluator;
use crate::resolve::request::{Draft, Request};
use crate::resolve::value::{
    ArgValue, Env, ExprRef, FunctionRef, FunctionValue, Param, Segment, Value,
};
use crate::source::FileId;

impl<'p> Evaluator<'p> {
    /// The calls among `links` that lead to wrappers.
    pub(crate) fn wrapper_sites(
        &self,
        file: FileId,
        wrappers: &Wrappers,
        definitions: &Definitions,
        links: &[(ExprRef, &Link)],
    ) -> Vec<Site> {
        let Some(facts) = self.facts(file).filter(|_| !self.is_mocked(file)) else {
            return Vec::new();
        };
        let mut out = Vec::new();
        for (at, link) in links {
            let at = *at;
            let Expr::Call { callee, .. } = facts.expr(at.expr) else {
                continue;
            };
            if !self.may_lead(link, wrappers, definitions) {
                continue;
            }
            self.refuel();
            let value = self.callee_value(at.file, *callee, &None);
            let (mut value, mut args) = self.unpartial(value, self.site_args(at, &None));
            // A wrapper that calls a function it is given is meant itself only if that is none.
            let direct = self.targets(file, &value, wrappers, definitions, &args);
            if (direct.is_empty() || is_call_through(facts, at.expr))
                && let Some((inner, rest)) = self.called_through(facts, *callee, &value, &args)
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
            let open = targets
                .iter()
                .filter_map(|t| wrappers.get(&t.function))
                .all(|sinks| sinks.iter().all(|s| s.open));
            if open && request.spec.is_none() {
                // A house client and what is built on it; no further.
                let client = targets
                    .iter()
                    .filter_map(|t| wrappers.get(&t.function))
                    .flatten()
                    .any(|s| s.kind == SiteKind::Open);
                if !client {
                    continue;
                }
                out.extend(self.open_site(facts, at, SiteKind::Wrapper(functions), &value, &args));
                continue;
            }
            // What a house client sends, its caller says.
            let supplied = open || self.supplies(&targets, &args, &request, wrappers);
            let site = self.site(facts, at, SiteKind::Wrapper(functions), &request, supplied);
            if !site.reported && site.flows.is_empty() {
                continue;
            }
            out.push(site);
        }
        out
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
            let mut structured = None;
            let known = sinks.iter().filter(|s| !s.open);
            let open = sinks.iter().filter(|s| s.open);
            // The bound is on what is sent: a wrapper for many models branches more often.
            let sent = known.chain(open).filter(|s| {
                self.site_runs(t.function, s, &env) != Some(false)
                    && !self.picks_another(s, &env, wrappers)
            });
            for s in sent.take(MAX_SINKS) {
                let r = self.site_request(s, &env, wrappers, depth);
                out.spec = out.spec.or(r.spec);
                structured = structured.max(Some(r.structured));
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
            // A schema is sure where every implementation passes one.
            if let Some(s) = structured {
                out.structured = if n == 0 { s } else { out.structured.min(s) };
            }
        }
        self.say_what_is_given(&mut out, targets, args);
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
        let value = self.callee_value(site.at.file, *callee, env);
        let (mut value, mut args) = self.unpartial(value, self.site_args(site.at, env));
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
                            // An object known by the interface alone is one of what implements it.
                            let name = self.function(*f).and_then(|f| f.name.as_deref());
                            let receiver =
                                receiver.filter(|r| !name.is_some_and(|n| self.is_abstract(r, n)));
                            let receiver = receiver.or_else(|| {
                                let class = self.function(*f)?.owner?;
                                Some(self.typed_instance(crate::resolve::value::ClassRef {
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

    /// Whether a call to a wrapper brings prompt text of its own: words that the wrapper does not
    /// send anyway, whole messages, or anything at all where the wrapper has no prompt itself. A
    /// wrapper with a prompt of its own, called with data, is no new call.
    pub(super) fn supplies(
        &self,
        targets: &[Rc<FunctionValue>],
        args: &[ArgValue],
        request: &Request,
        wrappers: &Wrappers,
    ) -> bool {
        if args.iter().any(|a| self.has_roles(&a.value, 0)) {
            return true;
        }
        let unbound = self.unbound_request(targets, wrappers);
        if unbound.messages.is_empty() && !request.messages.is_empty() {
            // Where the bounds let only a part through, the arguments tell.
            return !self.ran_out()
                || args.iter().any(|a| {
                    self.is_prompt_like(&a.value, 0)
                        || matches!(a.value.root_param(), Some(p) if is_prompt_name(&p.name))
                });
        }
        let mut own = FxHashSet::default();
        let mut own_words = 0;
        for m in &unbound.messages {
            count_words_by(&m.rope.segments, &mut |file, source, words| {
                if own.insert((file, source)) {
                    own_words += words;
                }
            });
        }
        // What the object was made of counts as far as its maker wrote it.
        let made: Vec<&Value> = targets.iter().filter_map(|t| t.receiver.as_ref()).collect();
        let constructed = made
            .iter()
            .any(|r| matches!(r, Value::Instance(i) if i.args.is_some()));
        let mut of_object = FxHashSet::default();
        let mut written = FxHashSet::default();
        if constructed {
            for m in &self.wrapped_request(targets, &[], wrappers, 0).messages {
                count_words_by(&m.rope.segments, &mut |file, source, _| {
                    of_object.insert((file, source));
                });
            }
            for r in made {
                literals(r, 0, &mut written);
            }
        }
        let mut brought = 0;
        let mut sent = 0;
        for m in &request.messages {
            count_words_by(&m.rope.segments, &mut |file, source, words| {
                let key = (file, source);
                sent += words;
                if !own.contains(&key) && (!of_object.contains(&key) || written.contains(&key)) {
                    brought += words;
                }
            });
        }
        // What is handed on word for word says nothing, however the wrapper reads it.
        let silent = made_by_nobody(targets) && args.iter().all(|a| is_silent(&a.value));
        if brought >= OWN_WORDS && !silent {
            return true;
        }
        // The arguments pick one of several prompts.
        if sent >= OWN_WORDS
            && own_words >= sent + OWN_WORDS
            && !silent
            && self.any_selects(targets)
        {
            return true;
        }
        // A wrapper that sends what it is given. What it makes of that by means that cannot be
        // followed is a prompt given only if it is said to be one.
        let said = args.iter().any(|a| self.is_prompt_like(&a.value, 0));
        // A message that is a prompt handed on as it is: whatever else the wrapper says.
        let handed_on = args
            .iter()
            .any(|a| matches!(a.value.root_param(), Some(p) if is_whole_prompt(&p.name)));
        let mut passes = false;
        let mut whole = false;
        for m in &unbound.messages {
            let bare = m.rope.words() == 0;
            m.rope.each_hole(&mut |h| {
                let direct = is_given(&h.value, 0);
                h.value.each_root_param(&mut |p| {
                    let own = targets.iter().any(|t| t.function == p.function);
                    passes |= own && (direct || said || is_prompt_name(&p.name));
                    whole |= own && bare && direct && is_whole_prompt(&p.name);
                });
            });
        }
        passes && !args.is_empty() && (own_words < THIN_WORDS || whole && handed_on)
    }
}

impl<'p> Evaluator<'p> {
    /// What wrappers send whoever calls them, their parameters left open.
    fn unbound_request(&self, targets: &[Rc<FunctionValue>], wrappers: &Wrappers) -> Request {
        let mut out = Request::default();
        for t in targets {
            // What a subclass adds to an inherited wrapper (`self.system_messages`) is its own.
            let declared = self.function(t.function).and_then(|f| f.owner);
            let receiver = t.receiver.as_ref().map(|r| match (r, declared) {
                (Value::Instance(i), Some(class)) if i.args.is_none() => {
                    self.typed_instance(crate::resolve::value::ClassRef {
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
}

/// Words that make a prompt one's own.
const OWN_WORDS: usize = 3;

/// Whether the functions belong to no object, or to one of which nothing is known.
fn made_by_nobody(targets: &[Rc<FunctionValue>]) -> bool {
    targets.iter().all(|t| match &t.receiver {
        Some(Value::Instance(i)) => i.args.is_none() && i.state.is_none(),
        _ => true,
    })
}

/// Whether no words can be in an argument: a parameter or a part of one, a number, a flag.
fn is_silent(v: &Value) -> bool {
    v.root_param().is_some() || matches!(v, Value::Number(_) | Value::Bool(_) | Value::Null)
}

/// Whether a value is a parameter or part of one, perhaps converted.
fn is_given(v: &Value, depth: u32) -> bool {
    if depth > 3 {
        return false;
    }
    v.root_param().is_some()
        || match v {
            Value::Choice(c) => c.iter().any(|v| is_given(v, depth + 1)),
            Value::Unknown(u) => matches!(u.ingredients.as_slice(), [v] if is_given(v, depth + 1)),
            Value::Made(m) => match (&m.callee, m.args.as_slice()) {
                (Value::Attr(a), _) => is_given(&a.base, depth + 1),
                (_, [a]) => is_given(&a.value, depth + 1),
                _ => false,
            },
            _ => false,
        }
}

/// How deep the parts of an object are looked at.
pub(super) const MAX_PARTS_DEPTH: u32 = 4;

/// Whether a parameter's name says that it is a prompt.
pub(in crate::resolve) fn is_prompt_name(name: &str) -> bool {
    let n = name.to_lowercase();
    ["prompt", "instruction", "message", "template", "system"]
        .iter()
        .any(|w| n.contains(w))
}

/// Whether a parameter is named for a whole prompt, not for what somebody says in it.
fn is_whole_prompt(name: &str) -> bool {
    let n = name.to_lowercase();
    n.contains("prompt") || n.contains("template")
}

/// Whether nothing but the hole stands in its part of the message.
pub(super) fn hole_stands_alone(m: &Draft, hole: &Rc<crate::resolve::value::HoleSegment>) -> bool {
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

pub(super) fn same_message(a: &Draft, b: &Draft) -> bool {
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

pub(super) fn count_words_by(segments: &[Segment], f: &mut dyn FnMut(FileId, u32, usize)) {
    for s in segments {
        match s {
            Segment::Literal { file, text, runs } => {
                if let Some(r) = runs.first() {
                    f(*file, r.source, crate::resolve::value::count_words(text));
                }
            }
            Segment::Alternatives(a) => a.iter().for_each(|r| count_words_by(&r.segments, f)),
            Segment::Repeat(r) => count_words_by(&r.segments, f),
            Segment::Hole(_) | Segment::Break => {}
        }
    }
}
