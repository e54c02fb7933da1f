//! Calls: functions of the project are evaluated with their arguments bound, well-known builtins
//! are evaluated, everything else is kept as [`Value::Made`] with callee and arguments.

use std::rc::Rc;

use super::eval::{Evaluator, is_texty, merge};
use super::value::{
    ArgValue, Env, ExprRef, Frame, FunctionValue, Instance, Made, Map, MapField, Rope, Value,
};
use crate::calls::GapReason;
use crate::hir::{Arg, CallKind, Expr, Facts, How, Name, ParamKind, Step};
use crate::language::Language;
use crate::source::FileId;

/// Frames that may be open at once.
const MAX_FRAMES: u32 = 8;

impl<'p> Evaluator<'p> {
    /// The arguments of a call; known spreads are opened.
    pub(crate) fn args(&self, file: FileId, args: &[Arg], env: &Env) -> Vec<ArgValue> {
        let mut out = Vec::with_capacity(args.len());
        for a in args.iter().take(64) {
            let at = ExprRef {
                file,
                expr: a.value,
            };
            let value = self.eval(at, env);
            if !a.spread {
                out.push(ArgValue {
                    name: a.name.clone(),
                    value,
                    spread: false,
                    at: Some(at),
                });
                continue;
            }
            match &value {
                Value::Map(m) => {
                    for f in &m.fields {
                        out.push(ArgValue {
                            name: Some(f.key.clone()),
                            value: f.value.clone(),
                            spread: f.key == "...",
                            at: f.at.or(Some(at)),
                        });
                    }
                }
                Value::List(l) => out.extend(l.items.iter().map(|v| ArgValue {
                    name: None,
                    value: v.clone(),
                    spread: false,
                    at: Some(at),
                })),
                _ => out.push(ArgValue {
                    name: a.name.clone(),
                    value,
                    spread: true,
                    at: Some(at),
                }),
            }
        }
        out
    }

    /// The value of a call expression.
    pub(crate) fn call(&self, facts: &'p Facts, at: ExprRef, env: &Env) -> Value {
        let Expr::Call {
            callee, args, kind, ..
        } = facts.expr(at.expr)
        else {
            return Value::unknown(GapReason::Unsupported);
        };
        let here = ExprRef {
            file: at.file,
            expr: *callee,
        };
        if let Expr::Name(name) = facts.expr(*callee)
            && let Some(v) = self.named_call(facts, at, name, *kind, args, env)
        {
            return v;
        }
        if *kind == CallKind::Plain
            && let Expr::Member { base, name } = facts.expr(*callee)
        {
            let base_value = self.eval(
                ExprRef {
                    file: at.file,
                    expr: *base,
                },
                env,
            );
            let arg_values = self.args(at.file, args, env);
            if let Some(v) = self.method(&base_value, name, &arg_values, at, env) {
                return v;
            }
            let callee = match self.super_method(facts, at, *base, name, env) {
                Some(v) => v,
                None => self.called_member(facts, at, *base, &base_value, name, env),
            };
            return self.apply(&callee, arg_values, at, env);
        }
        let callee_value = self.eval(here, env);
        let arg_values = self.args(at.file, args, env);
        match kind {
            CallKind::Tagged if !matches!(callee_value, Value::Function(_)) => arg_values
                .into_iter()
                .next()
                .map_or(Value::Null, |a| a.value),
            CallKind::Struct if !matches!(callee_value, Value::Class(_)) => {
                Value::Made(Rc::new(Made {
                    callee: callee_value,
                    args: arg_values,
                    at: Some(at),
                }))
            }
            _ => self.apply(&callee_value, arg_values, at, env),
        }
    }

    /// `super().method` in Python, `super.method` in TypeScript: the method of a base class.
    pub(crate) fn super_method(
        &self,
        facts: &'p Facts,
        at: ExprRef,
        base: crate::hir::ExprId,
        name: &Name,
        env: &Env,
    ) -> Option<Value> {
        let root = match (facts.language, facts.expr(base)) {
            (Language::Rust, _) => return None,
            (_, Expr::Call { callee, .. }) => facts.expr(*callee),
            (_, root) => root,
        };
        if !matches!(root, Expr::Name(n) if n == "super") {
            return None;
        }
        let class = self.owner_class(facts, at.file, facts.node(at.expr).scope)?;
        self.base_member(class, name, self.receiver_of(facts, at, env))
    }

    /// The receiver in force at an expression.
    fn receiver_of(&self, facts: &'p Facts, at: ExprRef, env: &Env) -> Option<Value> {
        let node = facts.node(at.expr);
        let f = facts.function_of(node.scope)?;
        let mut frame = env.as_ref();
        while let Some(fr) = frame {
            if fr.function.file == at.file && fr.function.function == f && fr.receiver.is_some() {
                return fr.receiver.clone();
            }
            frame = fr.parent.as_ref();
        }
        self.owner_class(facts, at.file, node.scope)
            .map(|c| self.typed_instance(c))
    }

    /// Calls by bare name that are no functions of the project.
    fn named_call(
        &self,
        facts: &'p Facts,
        at: ExprRef,
        name: &Name,
        kind: CallKind,
        args: &[Arg],
        env: &Env,
    ) -> Option<Value> {
        if kind == CallKind::Macro {
            let values = self.args(at.file, args, env);
            return Some(match name.as_str() {
                "include_str" | "include_bytes" => {
                    self.read_file(at.file, &values.first()?.value)?
                }
                "indoc" | "formatdoc" | "concat" | "unindent" | "dedent" => {
                    values.into_iter().next()?.value
                }
                _ => Value::Made(Rc::new(Made {
                    callee: self.imported_macro(facts, at, name),
                    args: values,
                    at: Some(at),
                })),
            });
        }
        if name == "super" {
            return self.receiver_of(facts, at, env);
        }
        // `cls(..)` in a class method.
        if name == "cls"
            && facts.language == Language::Python
            && !is_variable(facts, at, name)
            && let Some(Value::Instance(i)) = self.receiver_of(facts, at, env)
        {
            return Some(Value::Instance(Rc::new(Instance {
                class: i.class,
                args: Some(self.args(at.file, args, env)),
                env: None,
                at: Some(at),
                state: None,
                given: None,
            })));
        }
        // `getattr(client, "create")`
        if name == "getattr"
            && facts.language == Language::Python
            && let [base, named, ..] = args
            && let Expr::Text { .. } = facts.expr(named.value)
        {
            let here = |expr| ExprRef {
                file: at.file,
                expr,
            };
            if let Value::Text(t) = self.eval(here(named.value), env)
                && let Some(member) = t.as_literal()
            {
                let base = self.eval(here(base.value), env);
                return Some(self.member(&base, &member));
            }
        }
        None
    }

    /// The macro of a known package, else just its name.
    fn imported_macro(&self, facts: &'p Facts, at: ExprRef, name: &Name) -> Value {
        let Expr::Call { callee, .. } = facts.expr(at.expr) else {
            return Value::external("", &[name]);
        };
        let here = ExprRef {
            file: at.file,
            expr: *callee,
        };
        match self.eval(here, &None) {
            Value::External(e) if self.catalog.is_known_package(&e.module, facts.language) => {
                Value::External(e)
            }
            _ => Value::external("", &[name]),
        }
    }

    /// Calls a value.
    pub(crate) fn apply(
        &self,
        callee: &Value,
        args: Vec<ArgValue>,
        at: ExprRef,
        env: &Env,
    ) -> Value {
        match callee {
            Value::Function(f) => self.call_function(f, &args, at),
            Value::Class(class) => Value::Instance(Rc::new(Instance {
                class: *class,
                args: Some(args),
                env: env.clone(),
                at: Some(at),
                state: None,
                given: None,
            })),
            // `#[derive(Default)]`
            Value::Attr(a) if a.name == "default" && args.is_empty() => match &a.base {
                Value::Class(class) => self.apply(&Value::Class(*class), args, at, env),
                _ => Value::Made(Rc::new(Made {
                    callee: callee.clone(),
                    args,
                    at: Some(at),
                })),
            },
            Value::Choice(c) => Value::choice(
                c.iter()
                    .take(4)
                    .map(|v| self.apply(v, args.clone(), at, env))
                    .collect(),
            ),
            Value::External(e) if e.module.is_empty() || is_standard(&e.module) => {
                let dotted = e.dotted();
                self.builtin(&dotted, &args, at).unwrap_or_else(|| {
                    Value::Made(Rc::new(Made {
                        callee: callee.clone(),
                        args,
                        at: Some(at),
                    }))
                })
            }
            Value::Instance(i) => match self.find_method(i.class, "__call__", 0) {
                Some(m) => {
                    let f = Rc::new(FunctionValue {
                        function: m,
                        receiver: Some(callee.clone()),
                        env: i.env.clone(),
                    });
                    self.call_function(&f, &args, at)
                }
                None => Value::Made(Rc::new(Made {
                    callee: callee.clone(),
                    args,
                    at: Some(at),
                })),
            },
            Value::Made(m) if is_partial(&m.callee) => {
                let mut all = m.args.clone();
                if all.is_empty() {
                    return Value::unknown(GapReason::Dynamic);
                }
                let target = all.remove(0).value;
                all.extend(args);
                self.apply(&target, all, at, env)
            }
            _ => Value::Made(Rc::new(Made {
                callee: callee.clone(),
                args,
                at: Some(at),
            })),
        }
    }

    /// A function of the project with its arguments bound.
    pub(crate) fn call_function(
        &self,
        f: &Rc<FunctionValue>,
        args: &[ArgValue],
        at: ExprRef,
    ) -> Value {
        let kept = || {
            Value::Made(Rc::new(Made {
                callee: Value::Function(Rc::clone(f)),
                args: args.to_vec(),
                at: Some(at),
            }))
        };
        let Some(function) = self.function(f.function) else {
            return kept();
        };
        let depth = f.env.as_ref().map_or(0, |e| e.depth);
        if function.is_stub || depth >= MAX_FRAMES {
            return kept();
        }
        let env = self.bind(f, args);
        let returned = || {
            let mut values = Vec::new();
            let file = f.function.file;
            for r in &function.returns {
                let runs = self
                    .facts(file)
                    .and_then(|facts| self.runs(file, facts, r.guard, function.guard, &env));
                if runs == Some(false) {
                    continue;
                }
                let at = ExprRef {
                    file,
                    expr: r.value,
                };
                let value = self.eval(at, &env);
                values.push(self.returned_receiver(at, &value, &env).unwrap_or(value));
                if (runs == Some(true) && r.guard != function.guard) || values.len() == 8 {
                    break;
                }
            }
            values
        };
        let mut values = self
            .nested(|| self.memo.call(f.function, returned))
            .unwrap_or_default();
        if values.len() > 1 {
            values.retain(|v| !is_failure(v));
        }
        if values.is_empty() {
            return kept();
        }
        let texty = values.iter().any(is_texty);
        let value = if texty {
            // A builder that gives up with `None` or `""` in some branch still builds.
            Value::choice(
                values
                    .into_iter()
                    .filter(|v| !matches!(v, Value::Null))
                    .collect(),
            )
        } else {
            Value::choice(values)
        };
        if value.is_blank() {
            return kept();
        }
        if !texty && self.loses_text(&value, args) {
            // A conversion that was followed only in part: what it was given is in it somewhere.
            let given = args.iter().map(|a| a.value.clone()).collect();
            return Value::choice(vec![
                value,
                Value::from_ingredients(GapReason::Dynamic, given),
            ]);
        }
        value
    }

    /// Whether messages came back from a function without the prompt text that it was given.
    fn loses_text(&self, value: &Value, args: &[ArgValue]) -> bool {
        if !matches!(value, Value::List(_)) {
            return false;
        }
        let mut have = Vec::new();
        self.literal_places(value, &mut have, 0);
        let mut given = Vec::new();
        for a in args {
            if matches!(&a.value, Value::Text(t) if t.words() >= 3) {
                self.literal_places(&a.value, &mut given, 0);
            }
        }
        !given.is_empty() && !given.iter().any(|g| have.contains(g))
    }

    /// Where the literal text in a value stands: file and first byte of each piece.
    fn literal_places(&self, value: &Value, out: &mut Vec<(FileId, u32)>, depth: u32) {
        if depth > 4 || out.len() > 256 {
            return;
        }
        match value {
            Value::Text(t) => t.each_literal(&mut |file, source| out.push((file, source))),
            Value::List(l) => l
                .items
                .iter()
                .for_each(|v| self.literal_places(v, out, depth + 1)),
            Value::Map(m) => m
                .fields
                .iter()
                .for_each(|f| self.literal_places(&f.value, out, depth + 1)),
            Value::Choice(c) => c
                .iter()
                .for_each(|v| self.literal_places(v, out, depth + 1)),
            Value::Made(m) => m
                .args
                .iter()
                .for_each(|a| self.literal_places(&a.value, out, depth + 1)),
            Value::Instance(i) => i
                .args
                .iter()
                .flatten()
                .for_each(|a| self.literal_places(&a.value, out, depth + 1)),
            _ => {}
        }
    }

    /// The environment in which a function's body runs for these arguments.
    pub(crate) fn bind(&self, f: &FunctionValue, args: &[ArgValue]) -> Env {
        let params = self
            .function(f.function)
            .map_or(&[][..], |x| x.params.as_slice());
        let mut bound: Vec<Option<Value>> = vec![None; params.len()];
        let mut positional = args.iter().filter(|a| a.name.is_none() && !a.spread);
        let mut rest = Vec::new();
        for (i, p) in params.iter().enumerate() {
            match p.kind {
                ParamKind::Positional => bound[i] = positional.next().map(|a| a.value.clone()),
                ParamKind::Rest => {
                    rest.extend(positional.by_ref().map(|a| a.value.clone()));
                    bound[i] = Some(Value::list(std::mem::take(&mut rest), false));
                }
                ParamKind::Keyword | ParamKind::KeywordRest | ParamKind::Receiver => {}
            }
        }
        let mut leftover = Map::default();
        for a in args {
            let Some(name) = &a.name else { continue };
            match params
                .iter()
                .position(|p| p.name.as_ref() == Some(name) && p.kind != ParamKind::KeywordRest)
            {
                Some(i) => bound[i] = Some(a.value.clone()),
                None => leftover.fields.push(MapField {
                    key: name.clone(),
                    value: a.value.clone(),
                    at: a.at,
                }),
            }
        }
        // `f(**kwargs)` where the caller's own `kwargs` are not known: each parameter may be in it.
        if let Some(s) = args.iter().find(|a| a.spread) {
            for (slot, p) in bound.iter_mut().zip(params) {
                if slot.is_none()
                    && let (Some(n), ParamKind::Positional | ParamKind::Keyword) = (&p.name, p.kind)
                    && p.default.is_none()
                {
                    *slot = Some(Value::attr(s.value.clone(), n));
                }
            }
            leftover.open = true;
            merge(&mut leftover, s.value.clone());
        }
        if let Some(i) = params.iter().position(|p| p.kind == ParamKind::KeywordRest) {
            bound[i] = Some(Value::Map(Rc::new(leftover)));
        }
        let depth = f.env.as_ref().map_or(0, |e| e.depth) + 1;
        let id = self.frames.get().wrapping_add(1);
        self.frames.set(id);
        Some(Rc::new(Frame {
            id,
            function: f.function,
            args: bound,
            receiver: f.receiver.clone(),
            parent: f.env.clone(),
            depth,
        }))
    }

    /// What a statement `base.method(args)` leaves in `base`'s place.
    pub(crate) fn mutate(
        &self,
        base: &Value,
        path: &[Step],
        method: &str,
        args: &[ArgValue],
        in_loop: bool,
    ) -> Value {
        if !path.is_empty() {
            let old = self.project(base, path);
            let new = self.mutate(&old, &[], method, args, in_loop);
            return self.set_path(base, path, new, None, true);
        }
        let values = || args.iter().map(|a| a.value.clone());
        match method {
            "append" | "push" | "add" | "unshift" | "insert" | "push_back" | "appendleft"
            | "extend" | "push_front"
                if matches!(
                    base,
                    Value::List(_)
                        | Value::Unknown(_)
                        | Value::Param(_)
                        | Value::Attr(_)
                        | Value::Null
                ) || matches!(base, Value::Choice(c) if c.iter().any(|v| matches!(v, Value::List(_)))) =>
            {
                let empty = super::value::List::default();
                let (list, unknown_head) = match base {
                    Value::List(l) => (l.as_ref(), None),
                    Value::Choice(c) => (
                        c.iter()
                            .find_map(|v| match v {
                                Value::List(l) => Some(l.as_ref()),
                                _ => None,
                            })
                            .unwrap_or(&empty),
                        None,
                    ),
                    Value::Null => (&empty, None),
                    other => (&empty, Some(Value::attr(other.clone(), "[]"))),
                };
                let mut more: Vec<Value> = unknown_head.into_iter().collect();
                if method == "extend" {
                    match values().next() {
                        Some(Value::List(l)) => more.extend(l.items.iter().cloned()),
                        Some(other) => more.push(Value::attr(other, "[]")),
                        None => {}
                    }
                } else if method == "insert" {
                    more.extend(values().next_back());
                } else {
                    more.extend(values());
                }
                list.with(more, in_loop)
            }
            "push_str" | "append" | "write_str" | "write" | "push" | "writeln" | "add"
                if is_texty(base) || matches!(method, "push_str" | "write_str") =>
            {
                let mut rope = Rope::default();
                self.text_into(&mut rope, base, None);
                let mut more = Rope::default();
                for a in args {
                    if is_texty(&a.value) || method == "push_str" {
                        self.text_into(&mut more, &a.value, a.at);
                    }
                }
                if in_loop {
                    rope.segments
                        .push(super::value::Segment::Repeat(Rc::new(more)));
                } else {
                    rope.push(&more);
                }
                Value::text(rope)
            }
            "update" | "assign" if matches!(base, Value::Map(_)) => {
                let mut map = Map::default();
                merge(&mut map, base.clone());
                for a in args {
                    match &a.name {
                        Some(n) => map.fields.push(MapField {
                            key: n.clone(),
                            value: a.value.clone(),
                            at: a.at,
                        }),
                        None => merge(&mut map, a.value.clone()),
                    }
                }
                Value::Map(Rc::new(map))
            }
            "pop" | "sort" | "reverse" | "clear" | "shift" | "remove" | "splice" | "lock"
            | "await"
                if matches!(base, Value::List(_) | Value::Map(_)) =>
            {
                base.clone()
            }
            // A setter: kept as a link of the receiver's chain.
            _ => match base {
                Value::Instance(_) | Value::Param(_)
                    if let Some(after) = self.after_call(base, method, args) =>
                {
                    after
                }
                Value::Made(_) | Value::Instance(_) => Value::Made(Rc::new(Made {
                    callee: Value::attr(base.clone(), method),
                    args: args.to_vec(),
                    at: None,
                })),
                _ => base.clone(),
            },
        }
    }
}

/// Modules of the languages' standard libraries whose functions [`Evaluator::builtin`] knows.
fn is_standard(module: &str) -> bool {
    let module = module.strip_prefix("node:").unwrap_or(module);
    module.starts_with("std::")
        || matches!(
            module,
            "json"
                | "textwrap"
                | "inspect"
                | "os"
                | "os.path"
                | "pathlib"
                | "fs"
                | "fs/promises"
                | "path"
                | "asyncio"
                | "copy"
                | "typing"
                | "std"
                | "std::fs"
                | "tokio"
                | "tokio::fs"
                | "dedent"
                | "ts-dedent"
                | "outdent"
                | "common-tags"
                | "string"
                | "yaml"
                | "io"
                | "codecs"
                | "aiofiles"
                | "util"
                | "fs-extra"
                | "url"
                | "itertools"
                | "collections"
                | "builtins"
        )
}

fn is_partial(callee: &Value) -> bool {
    match callee {
        Value::External(e) => e.path.last().is_some_and(|p| p == "partial"),
        Value::Attr(a) => a.name == "bind",
        _ => false,
    }
}

/// `Err(..)`: what a function returns instead of its result.
fn is_failure(v: &Value) -> bool {
    matches!(v, Value::Made(m)
        if matches!(&m.callee, Value::External(e) if e.module.is_empty() && e.path.len() == 1 && e.path[0] == "Err"))
}

/// Whether a name is stored to in the function around an expression: it is no parameter then.
fn is_variable(facts: &Facts, at: ExprRef, name: &Name) -> bool {
    facts
        .function_of(facts.node(at.expr).scope)
        .is_some_and(|f| {
            let scope = facts.functions[f.index()].scope;
            let writes = facts.scopes[scope.index()].names.get(name);
            writes.is_some_and(|w| w.iter().any(|w| facts.writes[w.index()].how == How::Set))
        })
}
