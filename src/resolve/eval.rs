//! The evaluator: names, stores, members. Bounded in steps, depth and breadth; a result that ran
//! into a bound is never remembered.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::modules;
use super::value::{
    ArgValue, ClassRef, Env, ExprRef, External, FunctionRef, FunctionValue, HoleSegment, Instance,
    List, Made, Map, MapField, Param, Rope, Segment, Value,
};
use crate::calls::{GapReason, Origin};
use crate::catalog::Catalog;
use crate::hir::{
    ALWAYS, Entry, ExportKind, Expr, ExprId, Facts, FunctionId, GuardId, GuardKind, How, Import,
    MODULE, Name, Op, ParamKind, Piece, ScopeId, ScopeKind, Step, TypeRef, What, Write, WriteId,
};
use crate::language::Language;
use crate::project::{Parsed, Project};
use crate::source::{FileId, Location};

/// Steps per evaluated root.
const FUEL: u32 = 20_000;
/// Steps per callee looked at.
const CALLEE_FUEL: u32 = 3_000;
/// Nested evaluations.
const MAX_DEPTH: u32 = 120;

/// Evaluates expressions of a project. One per thread.
pub(crate) struct Evaluator<'p> {
    pub(crate) project: &'p Project<'p>,
    pub(crate) catalog: &'p Catalog,
    fuel: Cell<u32>,
    depth: Cell<u32>,
    limited: Cell<bool>,
    memo: RefCell<FxHashMap<ExprRef, Value>>,
    busy: RefCell<FxHashSet<(FileId, u32, u32)>>,
}

/// Where a name is used: only stores before it count, and only those of compatible branches.
#[derive(Clone, Copy)]
struct Point {
    order: u32,
    guard: GuardId,
}

impl<'p> Evaluator<'p> {
    pub(crate) fn new(project: &'p Project<'p>, catalog: &'p Catalog) -> Self {
        Self {
            project,
            catalog,
            fuel: Cell::new(FUEL),
            depth: Cell::new(0),
            limited: Cell::new(false),
            memo: RefCell::default(),
            busy: RefCell::default(),
        }
    }

    /// Runs one step of a recursion that does not pass through [`Self::eval`]; `None` where it is too deep.
    pub(crate) fn nested<T>(&self, f: impl FnOnce() -> Option<T>) -> Option<T> {
        if self.depth.get() >= MAX_DEPTH {
            self.limited.set(true);
            return None;
        }
        self.depth.set(self.depth.get() + 1);
        let v = f();
        self.depth.set(self.depth.get() - 1);
        v
    }

    /// Fills the tank: called before each root (one call site).
    pub(crate) fn refuel(&self) {
        self.fuel.set(FUEL);
        self.limited.set(false);
    }

    /// Fills the tank for a callee, of which a file has thousands.
    pub(crate) fn refuel_for_callee(&self) {
        self.fuel.set(CALLEE_FUEL);
        self.limited.set(false);
    }

    /// Whether something ran into a bound since [`Self::refuel`].
    pub(crate) const fn ran_out(&self) -> bool {
        self.limited.get()
    }

    pub(crate) fn parsed(&self, file: FileId) -> Option<&'p Parsed> {
        self.project.parsed(file)
    }

    pub(crate) fn facts(&self, file: FileId) -> Option<&'p Facts> {
        self.parsed(file).map(|p| &p.facts)
    }

    /// The value of an expression.
    pub(crate) fn eval(&self, at: ExprRef, env: &Env) -> Value {
        let fuel = self.fuel.get();
        if fuel == 0 || self.depth.get() >= MAX_DEPTH {
            self.limited.set(true);
            return Value::unknown(GapReason::Limit);
        }
        self.fuel.set(fuel - 1);
        if env.is_none()
            && let Some(known) = self.memo.borrow().get(&at)
        {
            return known.clone();
        }
        let Some(facts) = self.facts(at.file) else {
            return Value::unknown(GapReason::Remote);
        };
        self.depth.set(self.depth.get() + 1);
        let before = self.limited.replace(false);
        let value = self.eval_kind(facts, at, env);
        if env.is_none() && !self.limited.get() {
            self.memo.borrow_mut().insert(at, value.clone());
        }
        self.limited.set(before || self.limited.get());
        self.depth.set(self.depth.get() - 1);
        value
    }

    fn eval_kind(&self, facts: &'p Facts, at: ExprRef, env: &Env) -> Value {
        let sub = |e: ExprId| {
            self.eval(
                ExprRef {
                    file: at.file,
                    expr: e,
                },
                env,
            )
        };
        match facts.expr(at.expr) {
            Expr::Text { pieces, .. } => {
                let mut rope = Rope::default();
                for p in pieces {
                    match p {
                        Piece::Literal(l) => rope.segments.push(Segment::literal(at.file, l)),
                        Piece::Hole { expr, .. } => {
                            let value = sub(*expr);
                            self.text_into(
                                &mut rope,
                                &value,
                                Some(ExprRef {
                                    file: at.file,
                                    expr: *expr,
                                }),
                            );
                        }
                    }
                }
                Value::text(rope)
            }
            Expr::Number(n) => Value::Number(n.clone()),
            Expr::Bool(b) => Value::Bool(*b),
            Expr::Null => Value::Null,
            Expr::Name(name) => self.name(facts, at, name, env),
            Expr::Member { base, name } => {
                if let Some(v) = self.receiver_store(facts, at, *base, name, env) {
                    return v;
                }
                let base = sub(*base);
                self.member(&base, name)
            }
            Expr::Index { base, key } => {
                let base = sub(*base);
                let key = sub(*key);
                self.index(&base, &key)
            }
            Expr::Call { .. } => self.call(facts, at, env),
            Expr::List { items } => {
                let mut out = Vec::new();
                let mut open = false;
                for i in items {
                    let v = sub(i.value);
                    if !i.spread {
                        out.push(v);
                        continue;
                    }
                    match v {
                        Value::List(l) => {
                            out.extend(l.items.iter().cloned());
                            open |= l.open;
                        }
                        Value::Choice(c) => {
                            // `...(cond ? [x] : [])`
                            for v in c.iter() {
                                if let Value::List(l) = v {
                                    out.extend(l.items.iter().cloned());
                                }
                            }
                            open = true;
                        }
                        Value::Null => {}
                        other => {
                            out.push(Value::attr(other, "[]"));
                            open = true;
                        }
                    }
                }
                Value::list(out, open)
            }
            Expr::Map { entries } => self.map(at, entries, &sub),
            Expr::Binary { op, left, right } => self.binary(facts, at, *op, *left, *right, env),
            Expr::Unary { .. } => Value::unknown(GapReason::Dynamic),
            Expr::Choice { arms, .. } => Value::choice(arms.iter().map(|a| sub(*a)).collect()),
            Expr::Each { over, body, .. } => {
                let over = sub(*over);
                let items = vec![sub(*body)];
                let known = matches!(&over, Value::List(l) if !l.open && l.items.len() <= 1);
                Value::list(items, !known)
            }
            Expr::Function(f) => Value::Function(Rc::new(FunctionValue {
                function: FunctionRef {
                    file: at.file,
                    function: *f,
                },
                receiver: None,
                env: env.clone(),
            })),
            Expr::Class(c) => Value::Class(ClassRef {
                file: at.file,
                class: *c,
            }),
            Expr::Opaque { kids, .. } => Value::from_ingredients(
                GapReason::Unsupported,
                kids.iter().take(16).map(|k| sub(*k)).collect(),
            ),
        }
    }

    fn map(&self, at: ExprRef, entries: &[Entry], sub: &dyn Fn(ExprId) -> Value) -> Value {
        let mut map = Map::default();
        for e in entries {
            let (key, value) = match e {
                Entry::Pair { key, value } => (key.clone(), *value),
                Entry::Computed { key, value } => match self.literal(&sub(*key)) {
                    Some(k) => (k.as_str().into(), *value),
                    None => {
                        map.open = true;
                        ("[]".into(), *value)
                    }
                },
                Entry::Spread(v) => {
                    merge(&mut map, sub(*v));
                    continue;
                }
            };
            let field = MapField {
                key,
                value: sub(value),
                at: Some(ExprRef {
                    file: at.file,
                    expr: value,
                }),
            };
            put(&mut map.fields, field);
        }
        Value::Map(Rc::new(map))
    }

    fn binary(
        &self,
        facts: &'p Facts,
        at: ExprRef,
        op: Op,
        left: ExprId,
        right: ExprId,
        env: &Env,
    ) -> Value {
        let here = |e: ExprId| ExprRef {
            file: at.file,
            expr: e,
        };
        match op {
            Op::Add => {
                // A long chain is walked down its left side, not recursed into.
                let mut operands = vec![right];
                let mut at_left = left;
                while let Expr::Binary {
                    op: Op::Add,
                    left,
                    right,
                } = facts.expr(at_left)
                {
                    operands.push(*right);
                    at_left = *left;
                    if operands.len() > 4096 {
                        self.limited.set(true);
                        break;
                    }
                }
                operands.push(at_left);
                operands.reverse();
                let mut total: Option<(Value, ExprRef)> = None;
                for o in operands {
                    let v = self.eval(here(o), env);
                    total = Some(match total {
                        None => (v, here(o)),
                        Some((sum, sum_at)) => {
                            (self.add(&sum, Some(sum_at), &v, Some(here(o))), at)
                        }
                    });
                }
                total.map_or(Value::Null, |t| t.0)
            }
            Op::Mod => {
                let l = self.eval(here(left), env);
                if matches!(l, Value::Text(_)) {
                    let args = match facts.expr(right) {
                        Expr::List { items } => items
                            .iter()
                            .map(|i| (self.eval(here(i.value), env), Some(here(i.value))))
                            .collect(),
                        _ => vec![(self.eval(here(right), env), Some(here(right)))],
                    };
                    return self.percent(&l, &args);
                }
                Value::unknown(GapReason::Dynamic)
            }
            Op::Pipe => {
                let parts = vec![self.eval(here(left), env), self.eval(here(right), env)];
                if let (Value::Map(a), Value::Map(_)) = (&parts[0], &parts[1]) {
                    let mut map = Map {
                        fields: a.fields.clone(),
                        open: a.open,
                    };
                    merge(&mut map, parts[1].clone());
                    return Value::Map(Rc::new(map));
                }
                let args = parts
                    .into_iter()
                    .zip([left, right])
                    .map(|(value, e)| ArgValue {
                        name: None,
                        value,
                        spread: false,
                        at: Some(here(e)),
                    })
                    .collect();
                Value::Made(Rc::new(Made {
                    callee: Value::external("", &["|"]),
                    args,
                    at: Some(at),
                }))
            }
            Op::Or | Op::Coalesce => {
                let l = self.eval(here(left), env);
                match l {
                    Value::Null => self.eval(here(right), env),
                    Value::Map(_) | Value::List(_) | Value::Instance(_) | Value::Function(_) => l,
                    Value::Text(ref t) if t.as_literal().is_some_and(|t| !t.is_empty()) => l,
                    l => Value::choice(vec![l, self.eval(here(right), env)]),
                }
            }
            Op::And => self.eval(here(right), env),
            Op::Eq | Op::Ne | Op::Order | Op::In | Op::NotIn => Value::unknown(GapReason::Dynamic),
            Op::Other => {
                // `Path(..) / "x"`
                let l = self.eval(here(left), env);
                let r = self.eval(here(right), env);
                self.join_path(&[l, r])
                    .unwrap_or_else(|| Value::unknown(GapReason::Dynamic))
            }
        }
    }

    /// `a + b`.
    pub(crate) fn add(
        &self,
        a: &Value,
        a_at: Option<ExprRef>,
        b: &Value,
        b_at: Option<ExprRef>,
    ) -> Value {
        match (a, b) {
            (Value::List(x), Value::List(y)) => {
                let mut items = x.items.clone();
                items.extend(y.items.iter().cloned());
                Value::list(items, x.open || y.open)
            }
            (Value::List(x), _) => {
                let mut items = x.items.clone();
                items.push(Value::attr(b.clone(), "[]"));
                Value::list(items, true)
            }
            (_, Value::List(y)) => {
                let mut items = vec![Value::attr(a.clone(), "[]")];
                items.extend(y.items.iter().cloned());
                Value::list(items, true)
            }
            _ if is_texty(a) || is_texty(b) => {
                let mut rope = Rope::default();
                self.text_into(&mut rope, a, a_at);
                self.text_into(&mut rope, b, b_at);
                Value::text(rope)
            }
            _ => Value::from_ingredients(GapReason::Dynamic, vec![a.clone(), b.clone()]),
        }
    }

    // ---------------------------------------------------------------- names

    fn name(&self, facts: &'p Facts, at: ExprRef, name: &Name, env: &Env) -> Value {
        let node = facts.node(at.expr);
        let point = Point {
            order: at.expr.0,
            guard: node.guard,
        };
        if name == "this" {
            return self
                .receiver(facts, at.file, node.scope, env)
                .unwrap_or_else(|| Value::external("", &["this"]));
        }
        if let Some(v) = self.lookup(at.file, node.scope, Some(point), name, env) {
            return v;
        }
        match name.as_str() {
            "undefined" => return Value::Null,
            "__file__" | "__filename" => return self.path_value(self.project.path(at.file)),
            "__dirname" => {
                if let Some(d) = self.project.path(at.file).parent() {
                    return self.path_value(d);
                }
            }
            _ => {}
        }
        if facts.language == Language::Rust {
            if name == "Self" {
                return self
                    .owner_class(facts, at.file, node.scope)
                    .map_or_else(|| Value::external("", &["Self"]), Value::Class);
            }
            if matches!(name.as_str(), "crate" | "self" | "super")
                && let Some(f) = modules::resolve(self.project, at.file, name)
            {
                return Value::Module(f);
            }
            if let Some(f) = modules::resolve(self.project, at.file, name) {
                return Value::Module(f);
            }
            if self.catalog.is_known_package(name, Language::Rust) {
                return Value::external(name, &[]);
            }
        }
        Value::External(Rc::new(External {
            module: self.star_package(facts, name).unwrap_or_default(),
            path: vec![name.clone()],
        }))
    }

    /// The package that a name nobody declares comes from, where all names of one SDK are imported.
    fn star_package(&self, facts: &Facts, name: &str) -> Option<Name> {
        let prelude = matches!(
            name,
            "String"
                | "Vec"
                | "Box"
                | "Some"
                | "None"
                | "Ok"
                | "Err"
                | "Self"
                | "Option"
                | "Result"
                | "Default"
                | "Into"
                | "From"
        );
        if prelude
            || !name.starts_with(char::is_uppercase)
            || name.ends_with("Error")
            || name.ends_with("Exception")
        {
            return None;
        }
        facts
            .imports
            .iter()
            .find(|i| {
                i.what == What::Star && self.catalog.is_known_package(&i.module, facts.language)
            })
            .map(|i| i.module.clone())
    }

    /// A path as text that stands nowhere in the source.
    fn path_value(&self, path: &std::path::Path) -> Value {
        Value::text(Rope::unmapped(&path.to_string_lossy().replace('\\', "/")))
    }

    /// The value of a name seen from a scope; with a point, only what was stored before it.
    fn lookup(
        &self,
        file: FileId,
        scope: ScopeId,
        point: Option<Point>,
        name: &str,
        env: &Env,
    ) -> Option<Value> {
        let facts = self.facts(file)?;
        let user = facts.function_of(scope);
        let mut at = Some(scope);
        let mut crossed = false;
        while let Some(id) = at {
            let s = &facts.scopes[id.index()];
            let hidden = crossed && matches!(s.kind, ScopeKind::Class(_));
            if !hidden && let Some(writes) = s.names.get(name) {
                let same = facts.function_of(id) == user;
                let point = if same { point } else { None };
                let end = self.scope_end(facts, id);
                if let Some(v) = self.fold(file, facts, writes, point, end, env) {
                    return Some(v);
                }
            }
            crossed |= matches!(s.kind, ScopeKind::Function(_));
            at = s.parent;
        }
        for i in facts.imports.iter().filter(|i| i.what == What::Star) {
            if let Some(target) = modules::resolve(self.project, file, &i.module)
                && target != file
                && let Some(v) = self.module_member(target, name)
            {
                return Some(v);
            }
        }
        None
    }

    /// The guard under which the end of a scope runs.
    fn scope_end(&self, facts: &Facts, scope: ScopeId) -> GuardId {
        facts
            .function_of(scope)
            .map_or(ALWAYS, |f| facts.functions[f.index()].guard)
    }

    /// Folds the stores to one name, in order, into the value it has at a point.
    fn fold(
        &self,
        file: FileId,
        facts: &'p Facts,
        writes: &[WriteId],
        point: Option<Point>,
        end: GuardId,
        env: &Env,
    ) -> Option<Value> {
        let guard = point.map_or(end, |p| p.guard);
        let before = point.map_or(writes.len(), |p| {
            writes.partition_point(|w| facts.writes[w.index()].order <= p.order)
        });
        // Nothing before the use: a loop or a hoisted definition; everything may reach it.
        let visible = if before == 0 {
            writes
        } else {
            &writes[..before]
        };
        let start = self.reaching_start(facts, visible, guard);
        let mut value: Option<Value> = None;
        for id in &visible[start..] {
            let w = &facts.writes[id.index()];
            if !compatible(facts, w.guard, guard) {
                continue;
            }
            // A method called on a shared object in some other function says nothing about this use.
            if matches!(w.how, How::Mutate(_)) {
                let there = function_guard(facts, w.guard);
                if there != function_guard(facts, guard) && there != function_guard(facts, end) {
                    continue;
                }
            }
            let definite = dominates(facts, w.guard, guard);
            let in_loop = !definite && under_loop(facts, w.guard, guard);
            value = self.store(file, facts, *id, w, value, definite, in_loop, env);
        }
        value
    }

    /// Index of the first store that may still reach a use under `guard`.
    fn reaching_start(&self, facts: &Facts, writes: &[WriteId], guard: GuardId) -> usize {
        let mut arms: FxHashMap<u32, FxHashSet<u16>> = FxHashMap::default();
        for (i, id) in writes.iter().enumerate().rev() {
            let w = &facts.writes[id.index()];
            let sets = !w.path.is_empty() || matches!(w.how, How::Augment(_) | How::Mutate(_));
            if sets || !compatible(facts, w.guard, guard) {
                continue;
            }
            if dominates(facts, w.guard, guard) {
                return i;
            }
            let g = &facts.guards[w.guard.index()];
            let parent_holds = g.parent.is_some_and(|p| dominates(facts, p, guard));
            if g.exhaustive > 0 && parent_holds {
                let seen = arms.entry(g.group).or_default();
                seen.insert(g.arm);
                if seen.len() >= usize::from(g.exhaustive) {
                    return first_of_group(facts, writes, i, g.group);
                }
            }
        }
        0
    }

    /// The value after one store.
    fn store(
        &self,
        file: FileId,
        facts: &'p Facts,
        id: WriteId,
        w: &'p Write,
        before: Option<Value>,
        definite: bool,
        in_loop: bool,
        env: &Env,
    ) -> Option<Value> {
        let key = (file, id.0, env.as_ref().map_or(0, |e| e.depth));
        if !self.busy.borrow_mut().insert(key) {
            // The store depends on itself (a loop, a cycle of modules).
            self.limited.set(true);
            return before;
        }
        let after = self.store_unguarded(file, facts, w, before, definite, in_loop, env);
        self.busy.borrow_mut().remove(&key);
        after
    }

    fn store_unguarded(
        &self,
        file: FileId,
        facts: &'p Facts,
        w: &'p Write,
        before: Option<Value>,
        definite: bool,
        in_loop: bool,
        env: &Env,
    ) -> Option<Value> {
        let here = |e: ExprId| ExprRef { file, expr: e };
        // What is called on a package or stored in it does not change it; a script that shows
        // everything through one module does so hundreds of times.
        let inside = !w.path.is_empty() || matches!(w.how, How::Mutate(_));
        if inside && matches!(before, Some(Value::External(_) | Value::Module(_))) {
            return before;
        }
        match &w.how {
            How::Mutate(method) => {
                let call = w.value?;
                let Expr::Call { args, .. } = facts.expr(call) else {
                    return before;
                };
                let base = before.unwrap_or_else(|| Value::unknown(GapReason::Dynamic));
                let args = self.args(file, args, env);
                Some(self.mutate(&base, &w.path, method, &args, here(call), in_loop))
            }
            How::Augment(op) => {
                let new = self.eval(here(w.value?), env);
                let base = before.unwrap_or(Value::Null);
                if *op != Op::Add {
                    return Some(base);
                }
                if !w.path.is_empty() {
                    let old = self.project(&base, &w.path);
                    let sum = self.append(&old, &new, here(w.value?), definite, in_loop);
                    return Some(self.set_path(&base, &w.path, sum, Some(here(w.value?)), true));
                }
                Some(self.append(&base, &new, here(w.value?), definite, in_loop))
            }
            _ => {
                let mut new = self.stored(file, facts, w, env);
                if let Some(d) = w.default
                    && matches!(new, Value::Null | Value::Unknown(_))
                {
                    new = self.eval(here(d), env);
                }
                let at = w.value.filter(|_| w.from.is_empty()).map(here);
                if !w.path.is_empty() {
                    let base = before.unwrap_or_else(|| Value::unknown(GapReason::Dynamic));
                    return Some(self.set_path(&base, &w.path, new, at, definite));
                }
                Some(match before {
                    Some(old) if !definite => Value::choice(vec![old, new]),
                    _ => new,
                })
            }
        }
    }

    /// Text appended to text, possibly only in some branch or any number of times.
    fn append(
        &self,
        base: &Value,
        new: &Value,
        at: ExprRef,
        definite: bool,
        in_loop: bool,
    ) -> Value {
        if matches!(base, Value::List(_)) || matches!(new, Value::List(_)) {
            return self.add(base, None, new, Some(at));
        }
        if matches!(base, Value::Number(_)) {
            return Value::unknown(GapReason::Dynamic);
        }
        let mut rope = Rope::default();
        self.text_into(&mut rope, base, None);
        let mut more = Rope::default();
        self.text_into(&mut more, new, Some(at));
        if in_loop {
            rope.segments.push(Segment::Repeat(Rc::new(more)));
        } else if definite {
            rope.push(&more);
        } else {
            rope.segments.push(Segment::Break);
            rope.push(&more);
            rope.segments.push(Segment::Break);
        }
        Value::text(rope)
    }

    /// What a plain store puts into its place.
    fn stored(&self, file: FileId, facts: &'p Facts, w: &'p Write, env: &Env) -> Value {
        let value = match &w.how {
            How::Param(i) => return self.param(file, facts, w, *i, env),
            How::Import(i) => self.import(file, &facts.imports[i.index()]),
            How::Function(f) => {
                let function = Value::Function(Rc::new(FunctionValue {
                    function: FunctionRef { file, function: *f },
                    receiver: None,
                    env: env.clone(),
                }));
                self.decorated(file, *f, function)
            }
            How::Class(c) => Value::Class(ClassRef { file, class: *c }),
            How::Catch => return Value::unknown(GapReason::Dynamic),
            How::Iterate => {
                let over = w
                    .value
                    .map_or(Value::Null, |v| self.eval(ExprRef { file, expr: v }, env));
                self.element(&over)
            }
            _ => match w.value {
                Some(v) => self.eval(ExprRef { file, expr: v }, env),
                None => return Value::Null,
            },
        };
        self.project(&value, &w.from)
    }

    fn param(&self, file: FileId, facts: &'p Facts, w: &'p Write, index: u16, env: &Env) -> Value {
        let Some(function) = facts.function_of(w.scope) else {
            return Value::unknown(GapReason::Dynamic);
        };
        let me = FunctionRef { file, function };
        let f = &facts.functions[function.index()];
        let Some(p) = f.params.get(usize::from(index)) else {
            return Value::unknown(GapReason::Dynamic);
        };
        let mut frame = env.as_ref();
        while let Some(fr) = frame {
            if fr.function == me {
                break;
            }
            frame = fr.parent.as_ref();
        }
        if p.kind == ParamKind::Receiver {
            if let Some(r) = frame.and_then(|f| f.receiver.clone()) {
                return r;
            }
            return self.owner_class(facts, file, w.scope).map_or_else(
                || Value::unknown(GapReason::Dynamic),
                |c| self.typed_instance(c),
            );
        }
        let symbolic = || {
            Value::Param(Rc::new(Param {
                function: me,
                index,
                name: p.name.clone().unwrap_or_default(),
            }))
        };
        let value = match frame {
            Some(fr) => match fr.args.get(usize::from(index)).cloned().flatten() {
                Some(v) => v,
                None => match p.default {
                    Some(d) => self.eval(ExprRef { file, expr: d }, env),
                    None => symbolic(),
                },
            },
            None => symbolic(),
        };
        self.project(&value, &w.from)
    }

    // ---------------------------------------------------------------- receivers and types

    /// `this` seen from a scope.
    fn receiver(&self, facts: &'p Facts, file: FileId, scope: ScopeId, env: &Env) -> Option<Value> {
        let mut at = Some(scope);
        while let Some(id) = at {
            let s = &facts.scopes[id.index()];
            match s.kind {
                ScopeKind::Function(f) if facts.functions[f.index()].owner.is_some() => {
                    let me = FunctionRef { file, function: f };
                    let mut frame = env.as_ref();
                    while let Some(fr) = frame {
                        if fr.function == me {
                            if let Some(r) = &fr.receiver {
                                return Some(r.clone());
                            }
                            break;
                        }
                        frame = fr.parent.as_ref();
                    }
                    let class = facts.functions[f.index()].owner?;
                    return Some(self.typed_instance(ClassRef { file, class }));
                }
                ScopeKind::Class(class) => {
                    return Some(self.typed_instance(ClassRef { file, class }));
                }
                _ => at = s.parent,
            }
        }
        None
    }

    /// The class whose method encloses a scope.
    pub(crate) fn owner_class(
        &self,
        facts: &Facts,
        file: FileId,
        scope: ScopeId,
    ) -> Option<ClassRef> {
        let mut at = Some(scope);
        while let Some(id) = at {
            let s = &facts.scopes[id.index()];
            if let ScopeKind::Function(f) = s.kind
                && let Some(class) = facts.functions[f.index()].owner
            {
                return Some(ClassRef { file, class });
            }
            at = s.parent;
        }
        None
    }

    /// An object known by its class alone.
    pub(crate) fn typed_instance(&self, class: ClassRef) -> Value {
        Value::Instance(Rc::new(Instance {
            class,
            args: None,
            env: None,
            at: None,
        }))
    }

    /// What an object of an annotated type is, where that leads to a class of the project or to an SDK.
    pub(crate) fn of_type(&self, file: FileId, scope: ScopeId, ty: &TypeRef) -> Option<Value> {
        self.nested(|| self.of_type_inner(file, scope, ty))
    }

    fn of_type_inner(&self, file: FileId, scope: ScopeId, ty: &TypeRef) -> Option<Value> {
        for head in &ty.heads {
            let mut parts = head.split('.');
            let first = parts.next()?;
            let Some(mut v) = self.lookup(file, scope, None, first, &None).or_else(|| {
                // A type of a crate or file named by its full path.
                self.catalog
                    .is_known_package(first, Language::Rust)
                    .then(|| Value::external(first, &[]))
            }) else {
                continue;
            };
            for p in parts {
                v = self.member(&v, p);
            }
            match v {
                Value::Class(c) => return Some(self.typed_instance(c)),
                Value::External(e)
                    if self
                        .catalog
                        .is_known_package(&e.module, self.project.language(file)) =>
                {
                    return Some(Value::Made(Rc::new(Made {
                        callee: Value::External(e),
                        args: Vec::new(),
                        at: None,
                    })));
                }
                _ => {}
            }
        }
        None
    }

    /// The declared type of a symbolic parameter as a value.
    pub(crate) fn param_type(&self, p: &Param) -> Option<Value> {
        let facts = self.facts(p.function.file)?;
        let f = &facts.functions[p.function.function.index()];
        let ty = f.params.get(usize::from(p.index))?.ty.as_ref()?;
        self.of_type(p.function.file, f.scope, ty)
    }

    /// `self.x` where the function itself stored to it before.
    fn receiver_store(
        &self,
        facts: &'p Facts,
        at: ExprRef,
        base: ExprId,
        name: &Name,
        env: &Env,
    ) -> Option<Value> {
        let Expr::Name(root) = facts.expr(base) else {
            return None;
        };
        if root != "self" && root != "this" {
            return None;
        }
        let node = facts.node(at.expr);
        let f = facts.function_of(node.scope)?;
        let scope = facts.functions[f.index()].scope;
        let writes = facts.scopes[scope.index()].names.get(root)?;
        let mine: Vec<WriteId> = writes
            .iter()
            .copied()
            .filter(|w| {
                let w = &facts.writes[w.index()];
                w.path.first() == Some(&Step::Field(name.clone())) && w.order <= at.expr.0
            })
            .collect();
        let first = mine.first()?;
        let first = &facts.writes[first.index()];
        // Only if the function sets it for sure; else the class as a whole decides.
        if first.path.len() != 1
            || !matches!(first.how, How::Set)
            || !dominates(facts, first.guard, node.guard)
        {
            return None;
        }
        let mut value = None;
        for id in mine {
            let w = &facts.writes[id.index()];
            if !compatible(facts, w.guard, node.guard) {
                continue;
            }
            let definite = dominates(facts, w.guard, node.guard);
            let in_loop = !definite && under_loop(facts, w.guard, node.guard);
            value = self.store_below(at.file, facts, id, w, value, definite, in_loop, env);
        }
        value
    }

    /// A store to `self.x…` applied to the value of `x`: the first step is dropped.
    pub(crate) fn store_below(
        &self,
        file: FileId,
        facts: &'p Facts,
        id: WriteId,
        w: &'p Write,
        before: Option<Value>,
        definite: bool,
        in_loop: bool,
        env: &Env,
    ) -> Option<Value> {
        let Some(Step::Field(field)) = w.path.first() else {
            return before;
        };
        let holder = before.map_or(
            Map {
                fields: Vec::new(),
                open: true,
            },
            |value| Map {
                fields: vec![MapField {
                    key: field.clone(),
                    value,
                    at: None,
                }],
                open: true,
            },
        );
        let after = self.store(
            file,
            facts,
            id,
            w,
            Some(Value::Map(Rc::new(holder))),
            definite,
            in_loop,
            env,
        )?;
        match &after {
            Value::Map(m) => m
                .fields
                .iter()
                .find(|f| f.key == *field)
                .map(|f| f.value.clone()),
            _ => None,
        }
    }

    // ---------------------------------------------------------------- modules

    fn import(&self, file: FileId, i: &Import) -> Value {
        let rust = self.project.language(file) == Language::Rust;
        if let Some(target) = modules::resolve(self.project, file, &i.module)
            && !self.is_sdk_itself(file, &i.module, target)
        {
            match &i.what {
                What::Module | What::Star | What::SideEffect => return Value::Module(target),
                What::Default => {
                    return self
                        .module_member(target, "default")
                        .or_else(|| self.module_member(target, "="))
                        .unwrap_or(Value::Module(target));
                }
                What::Name(n) => {
                    if target != file
                        && let Some(v) = self.module_member(target, n)
                    {
                        return v;
                    }
                    if let Some(sub) = self.submodule(file, &i.module, n) {
                        return Value::Module(sub);
                    }
                    if target == file {
                        return self
                            .lookup(file, MODULE, None, n, &None)
                            .unwrap_or_else(|| Value::unknown(GapReason::Remote));
                    }
                    if !rust {
                        return Value::unknown(GapReason::Remote);
                    }
                    // A Rust path may end inside an item (`use crate::Role::User`).
                    return Value::attr(Value::Module(target), n);
                }
            }
        }
        if let What::Name(n) = &i.what
            && let Some(sub) = self.submodule(file, &i.module, n)
            && !self.is_sdk_itself(file, &format!("{}.{n}", i.module), sub)
        {
            return Value::Module(sub);
        }
        if i.module.starts_with('.') {
            return Value::unknown(GapReason::Remote);
        }
        let path = match &i.what {
            What::Name(n) => vec![n.clone()],
            What::Default => vec!["default".into()],
            _ => Vec::new(),
        };
        Value::External(Rc::new(External {
            module: i.module.clone(),
            path,
        }))
    }

    /// Whether an import that leads to a file of the project means an SDK whose own source the
    /// project is: seen from its examples and tests it is the package, not a wrapper to look into.
    fn is_sdk_itself(&self, file: FileId, module: &str, target: FileId) -> bool {
        let language = self.project.language(file);
        if module.starts_with('.') || !self.catalog.is_known_package(module, language) {
            return false;
        }
        match language {
            Language::TypeScript => true,
            Language::Rust => {
                let name = module.split("::").next().unwrap_or(module);
                modules::is_workspace_crate(self.project, name)
            }
            Language::Python => {
                let first = module.split('.').next().unwrap_or(module);
                let names = self
                    .catalog
                    .sdks
                    .iter()
                    .filter(|s| {
                        s.packages
                            .iter()
                            .any(|p| p.split(['.', '*']).next() == Some(first))
                    })
                    .flat_map(|s| [s.id.as_str(), first]);
                modules::is_distribution(self.project, target, names)
            }
        }
    }

    /// `from package import module`.
    fn submodule(&self, file: FileId, module: &str, name: &str) -> Option<FileId> {
        let separator = match self.project.language(file) {
            Language::Python if module.ends_with('.') => "",
            Language::Python => ".",
            Language::Rust => "::",
            Language::TypeScript => return None,
        };
        let target = modules::resolve(self.project, file, &format!("{module}{separator}{name}"))?;
        // In Rust what is left of a path names an item of the file.
        let whole = self.project.language(file) != Language::Rust
            || self.project.path(target).to_str().is_some_and(|p| {
                p.ends_with(&format!("{name}.rs")) || p.ends_with(&format!("{name}/mod.rs"))
            });
        whole.then_some(target)
    }

    /// An exported name of a file.
    pub(crate) fn module_member(&self, file: FileId, name: &str) -> Option<Value> {
        self.nested(|| self.module_member_inner(file, name))
    }

    fn module_member_inner(&self, file: FileId, name: &str) -> Option<Value> {
        let facts = self.facts(file)?;
        for e in &facts.exports {
            if e.name != name && !matches!(&e.kind, ExportKind::Star { .. }) {
                continue;
            }
            let v = match &e.kind {
                ExportKind::Local(n) => self.lookup(file, MODULE, None, n, &None),
                ExportKind::Expr(x) => Some(self.eval(ExprRef { file, expr: *x }, &None)),
                ExportKind::From { module, name } => modules::resolve(self.project, file, module)
                    .filter(|t| *t != file)
                    .and_then(|t| self.module_member(t, name)),
                ExportKind::Star { module } if e.name.is_empty() => {
                    modules::resolve(self.project, file, module)
                        .filter(|t| *t != file)
                        .and_then(|t| self.module_member(t, name))
                }
                ExportKind::Star { module } if e.name == name => {
                    modules::resolve(self.project, file, module).map(Value::Module)
                }
                ExportKind::Star { .. } => None,
            };
            if v.is_some() {
                return v;
            }
        }
        if let Some(v) = self.lookup(file, MODULE, None, name, &None) {
            return Some(v);
        }
        // CommonJS: `module.exports = { name }`.
        facts
            .exports
            .iter()
            .filter(|e| e.name == "=")
            .find_map(|e| match &e.kind {
                ExportKind::Expr(x) => {
                    let v = self.eval(ExprRef { file, expr: *x }, &None);
                    match &v {
                        Value::Map(m) => m
                            .fields
                            .iter()
                            .find(|f| f.key == name)
                            .map(|f| f.value.clone()),
                        _ => None,
                    }
                }
                _ => None,
            })
    }

    // ---------------------------------------------------------------- members

    /// Follows steps into a value.
    pub(crate) fn project(&self, value: &Value, steps: &[Step]) -> Value {
        let mut v = value.clone();
        for s in steps {
            v = match s {
                Step::Field(n) => self.member(&v, n),
                Step::Item(i) => self.item(&v, *i),
                Step::Key(_) | Step::Any => self.element(&v),
                Step::Rest => v,
            };
        }
        v
    }

    /// `value.name`.
    pub(crate) fn member(&self, value: &Value, name: &str) -> Value {
        self.nested(|| Some(self.member_inner(value, name)))
            .unwrap_or_else(|| Value::unknown(GapReason::Limit))
    }

    fn member_inner(&self, value: &Value, name: &str) -> Value {
        match value {
            Value::Map(m) => match m.fields.iter().rev().find(|f| f.key == name) {
                Some(f) => f.value.clone(),
                None if m.open => Value::attr(value.clone(), name),
                None => match name {
                    "get" | "items" | "values" | "keys" | "update" | "copy" | "pop"
                    | "setdefault" => Value::attr(value.clone(), name),
                    _ => Value::Null,
                },
            },
            Value::Module(f) => self
                .module_member(*f, name)
                .or_else(|| {
                    let stem = self.submodule_of(*f, name)?;
                    Some(Value::Module(stem))
                })
                .unwrap_or_else(|| Value::attr(value.clone(), name)),
            Value::External(e) => {
                let mut path = e.path.clone();
                path.push(name.into());
                Value::External(Rc::new(External {
                    module: e.module.clone(),
                    path,
                }))
            }
            Value::Class(c) => self
                .class_member(*c, name, 0)
                .unwrap_or_else(|| Value::attr(value.clone(), name)),
            Value::Instance(i) => self
                .instance_member(i, name)
                .unwrap_or_else(|| Value::attr(value.clone(), name)),
            Value::Choice(c) => {
                let known: Vec<Value> = c
                    .iter()
                    .filter(|v| !matches!(v, Value::Null))
                    .map(|v| self.member(v, name))
                    .collect();
                Value::choice(known)
            }
            Value::Param(p) => {
                if let Some(typed) = self.param_type(p) {
                    match self.member(&typed, name) {
                        Value::Attr(_) if matches!(typed, Value::Instance(_)) => {}
                        v => return v,
                    }
                }
                Value::attr(value.clone(), name)
            }
            _ => Value::attr(value.clone(), name),
        }
    }

    fn submodule_of(&self, file: FileId, name: &str) -> Option<FileId> {
        let module = match self.project.language(file) {
            Language::Python => format!(".{name}"),
            Language::Rust => format!("self::{name}"),
            Language::TypeScript => return None,
        };
        modules::resolve(self.project, file, &module).filter(|f| *f != file)
    }

    /// `value[key]`.
    pub(crate) fn index(&self, value: &Value, key: &Value) -> Value {
        if let Some(k) = self.literal(key) {
            return match value {
                Value::Map(_) | Value::Instance(_) => self.member(value, &k),
                Value::Class(_) => self.member(value, &k),
                Value::Choice(c) => Value::choice(c.iter().map(|v| self.index(v, key)).collect()),
                _ => Value::attr(value.clone(), &k),
            };
        }
        if let Value::Number(n) = key {
            return match n.parse::<i32>() {
                Ok(i) => self.item(value, i),
                Err(_) => self.element(value),
            };
        }
        match value {
            Value::Map(_) | Value::List(_) => self.element(value),
            // A slice of text is still that text.
            Value::Text(_) => value.clone(),
            Value::Choice(c) => Value::choice(c.iter().map(|v| self.index(v, key)).collect()),
            _ => Value::attr(value.clone(), "[]"),
        }
    }

    fn item(&self, value: &Value, i: i32) -> Value {
        match value {
            Value::List(l) => {
                let at = if i < 0 {
                    usize::try_from(-i)
                        .ok()
                        .and_then(|n| l.items.len().checked_sub(n))
                } else {
                    usize::try_from(i).ok()
                };
                at.and_then(|n| l.items.get(n).cloned())
                    .unwrap_or_else(|| Value::unknown(GapReason::Dynamic))
            }
            Value::Choice(c) => Value::choice(c.iter().map(|v| self.item(v, i)).collect()),
            Value::Text(_) => value.clone(),
            Value::Null => Value::Null,
            _ => Value::attr(value.clone(), "[]"),
        }
    }

    /// Some item of a collection.
    pub(crate) fn element(&self, value: &Value) -> Value {
        match value {
            Value::List(l) if !l.items.is_empty() => {
                Value::choice(l.items.iter().take(8).cloned().collect())
            }
            Value::Map(m) if !m.fields.is_empty() => {
                Value::choice(m.fields.iter().take(8).map(|f| f.value.clone()).collect())
            }
            Value::Choice(c) => Value::choice(c.iter().map(|v| self.element(v)).collect()),
            Value::Class(_) => value.clone(),
            Value::Null => Value::unknown(GapReason::Dynamic),
            _ => Value::attr(value.clone(), "[]"),
        }
    }

    /// A value with one part replaced.
    pub(crate) fn set_path(
        &self,
        base: &Value,
        path: &[Step],
        new: Value,
        at: Option<ExprRef>,
        definite: bool,
    ) -> Value {
        let Some((first, rest)) = path.split_first() else {
            return if definite {
                new
            } else {
                Value::choice(vec![base.clone(), new])
            };
        };
        match (base, first) {
            (Value::Map(m), Step::Field(k)) => {
                let old = m.fields.iter().find(|f| f.key == *k);
                let value = match old {
                    Some(f) => self.set_path(&f.value, rest, new, at, definite),
                    None => self.set_path(&Value::Null, rest, new, at, true),
                };
                let mut fields = m.fields.clone();
                put(
                    &mut fields,
                    MapField {
                        key: k.clone(),
                        value,
                        at: if rest.is_empty() { at } else { None },
                    },
                );
                Value::Map(Rc::new(Map {
                    fields,
                    open: m.open,
                }))
            }
            (Value::Null, Step::Field(k)) => {
                let value = self.set_path(&Value::Null, rest, new, at, true);
                Value::Map(Rc::new(Map {
                    fields: vec![MapField {
                        key: k.clone(),
                        value,
                        at,
                    }],
                    open: true,
                }))
            }
            (Value::List(l), Step::Item(i)) => {
                let n = if *i < 0 {
                    usize::try_from(-i)
                        .ok()
                        .and_then(|n| l.items.len().checked_sub(n))
                } else {
                    usize::try_from(*i).ok()
                };
                let mut items = l.items.clone();
                if let Some(slot) = n.and_then(|n| items.get_mut(n)) {
                    *slot = self.set_path(slot, rest, new, at, definite);
                }
                Value::list(items, l.open)
            }
            (Value::List(l), Step::Key(_) | Step::Any) => {
                let items = l
                    .items
                    .iter()
                    .map(|i| self.set_path(i, rest, new.clone(), at, false))
                    .collect();
                Value::list(items, l.open)
            }
            (Value::Instance(_) | Value::Made(_), Step::Field(k)) if rest.is_empty() => {
                // An attribute set from outside reads like a setter.
                Value::Made(Rc::new(Made {
                    callee: Value::attr(base.clone(), k),
                    args: vec![ArgValue {
                        name: None,
                        value: new,
                        spread: false,
                        at,
                    }],
                    at: None,
                }))
            }
            _ => base.clone(),
        }
    }

    // ---------------------------------------------------------------- holes

    /// Appends a value to a text the way the languages' interpolation does.
    pub(crate) fn text_into(&self, rope: &mut Rope, value: &Value, at: Option<ExprRef>) {
        match value {
            Value::Text(t) => rope.push(t),
            Value::Null => {}
            Value::Number(n) => rope.push(&Rope::unmapped(n)),
            Value::Choice(c) if c.iter().any(is_texty) => {
                let texts: Vec<Rope> = c
                    .iter()
                    .filter(|v| !matches!(v, Value::Null))
                    .map(|v| {
                        let mut r = Rope::default();
                        self.text_into(&mut r, v, at);
                        r
                    })
                    .filter(|r| !r.segments.is_empty())
                    .collect();
                match texts.len() {
                    0 => {}
                    1 => rope.push(&texts[0]),
                    _ => rope.segments.push(Segment::Alternatives(Rc::new(texts))),
                }
            }
            Value::Instance(i) => match self.instance_text(i) {
                Some(t) => rope.push(&t),
                None => rope.segments.push(self.hole(value, at)),
            },
            _ => {
                if let Some(path) = self.known_path(value) {
                    rope.push(&Rope::unmapped(&path));
                    return;
                }
                rope.segments.push(self.hole(value, at));
                for t in self.hidden_text(value, 0) {
                    rope.segments.push(Segment::Break);
                    rope.push(&t);
                    rope.segments.push(Segment::Break);
                }
            }
        }
    }

    /// Text behind a conversion that is not evaluated: the ingredients of an unknown value, the
    /// arguments of a plain function.
    fn hidden_text(&self, value: &Value, depth: u32) -> Vec<Rc<Rope>> {
        if depth > 3 {
            return Vec::new();
        }
        let prompt_like = |v: &Value| -> Vec<Rc<Rope>> {
            match v {
                Value::Text(t) if t.words() >= 3 => vec![Rc::clone(t)],
                Value::Choice(c) => c
                    .iter()
                    .filter_map(|v| match v {
                        Value::Text(t) if t.words() >= 3 => Some(Rc::clone(t)),
                        _ => None,
                    })
                    .collect(),
                v => self.hidden_text(v, depth + 1),
            }
        };
        match value {
            Value::Unknown(u) => u.ingredients.iter().flat_map(prompt_like).take(8).collect(),
            Value::Made(m) => match &m.callee {
                Value::External(e) if e.module.is_empty() && e.path.len() == 1 => m
                    .args
                    .iter()
                    .flat_map(|a| prompt_like(&a.value))
                    .take(8)
                    .collect(),
                _ => Vec::new(),
            },
            _ => Vec::new(),
        }
    }

    /// The hole that an interpolated expression leaves.
    pub(crate) fn hole(&self, value: &Value, at: Option<ExprRef>) -> Segment {
        let mut expression = String::new();
        let mut location = None;
        let mut ty = None;
        if let Some(at) = at
            && let Some(p) = self.parsed(at.file)
        {
            let span = p.facts.span(at.expr);
            location = Some(Location {
                file: at.file,
                span,
            });
            expression = shorten(p.source.slice(span), 80);
            ty = self.type_text(&p.facts, at);
        }
        if ty.is_none()
            && let Some(p) = value.root_param()
            && matches!(value, Value::Param(_))
            && let Some(facts) = self.facts(p.function.file)
        {
            ty = facts.functions[p.function.function.index()]
                .params
                .get(usize::from(p.index))
                .and_then(|p| p.ty.as_ref())
                .map(type_text);
        }
        if expression.is_empty() {
            expression = match value {
                Value::Param(p) => p.name.to_string(),
                Value::Attr(a) => a.name.to_string(),
                _ => "value".to_owned(),
            };
        }
        Segment::Hole(Rc::new(HoleSegment {
            expression,
            location,
            ty,
            origin: self.origin(value),
            value: value.clone(),
            gap: match value {
                Value::Unknown(u) if matches!(u.reason, GapReason::Limit | GapReason::Remote) => {
                    Some((u.reason, String::new()))
                }
                _ => None,
            },
        }))
    }

    /// The annotation of the variable that an expression names.
    fn type_text(&self, facts: &Facts, at: ExprRef) -> Option<String> {
        let Expr::Name(name) = facts.expr(at.expr) else {
            return None;
        };
        let mut scope = Some(facts.node(at.expr).scope);
        while let Some(s) = scope {
            let s = &facts.scopes[s.index()];
            if let Some(writes) = s.names.get(name) {
                return writes.iter().find_map(|w| {
                    let w = &facts.writes[w.index()];
                    let How::Param(i) = w.how else { return None };
                    let f = facts.function_of(w.scope)?;
                    let ty = facts.functions[f.index()]
                        .params
                        .get(usize::from(i))?
                        .ty
                        .as_ref()?;
                    if w.from.is_empty() {
                        Some(type_text(ty))
                    } else {
                        None
                    }
                });
            }
            scope = s.parent;
        }
        None
    }

    fn origin(&self, value: &Value) -> Origin {
        match value {
            Value::Param(p) => Origin::Parameter(p.name.to_string()),
            Value::Made(m) => Origin::Call(self.callee_name(&m.callee)),
            Value::Number(_) | Value::Bool(_) => Origin::Literal,
            Value::Attr(a) if a.name == "[]" => Origin::Iteration,
            Value::Attr(_) => match value.root_param() {
                Some(p) => Origin::Parameter(p.name.to_string()),
                None => Origin::Other,
            },
            _ => Origin::Other,
        }
    }

    /// A callee as a dotted name, for messages.
    pub(crate) fn callee_name(&self, callee: &Value) -> String {
        match callee {
            Value::External(e) => e.dotted(),
            Value::Attr(a) => {
                let base = self.callee_name(&a.base);
                if base.is_empty() {
                    a.name.to_string()
                } else {
                    format!("{base}.{}", a.name)
                }
            }
            Value::Made(m) => self.callee_name(&m.callee),
            Value::Param(p) => p.name.to_string(),
            Value::Function(f) => self
                .facts(f.function.file)
                .and_then(|x| x.functions[f.function.function.index()].name.clone())
                .unwrap_or_default()
                .to_string(),
            _ => String::new(),
        }
    }

    /// The literal text of a value.
    pub(crate) fn literal(&self, value: &Value) -> Option<String> {
        match value {
            Value::Text(t) => t.as_literal(),
            _ => None,
        }
    }

    /// The functions of a file by id.
    pub(crate) fn function(&self, f: FunctionRef) -> Option<&'p crate::hir::Function> {
        let FunctionId(_) = f.function;
        self.facts(f.file)?.functions.get(f.function.index())
    }
}

/// Whether a value is text, or one of several of which one is.
pub(crate) fn is_texty(v: &Value) -> bool {
    match v {
        Value::Text(_) => true,
        Value::Choice(c) => c.iter().any(is_texty),
        _ => false,
    }
}

/// A type as its heads.
pub(crate) fn type_text(ty: &TypeRef) -> String {
    let mut out = ty.heads.join(" | ");
    if !ty.args.is_empty() {
        let args: Vec<String> = ty.args.iter().map(type_text).collect();
        out = format!("{out}[{}]", args.join(", "));
    }
    if !ty.literals.is_empty() {
        out = format!("Literal[{}]", ty.literals.join(", "));
    }
    out
}

/// At most `max` bytes of a text on one line.
pub(crate) fn shorten(text: &str, max: usize) -> String {
    let flat: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if flat.len() <= max {
        return flat;
    }
    let mut end = max;
    while !flat.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}…", &flat[..end])
}

fn put(fields: &mut Vec<MapField>, field: MapField) {
    match fields
        .iter_mut()
        .find(|f| f.key == field.key && f.key != "[]")
    {
        Some(f) => *f = field,
        None => fields.push(field),
    }
}

/// Adds the fields of a spread value to a map.
pub(crate) fn merge(map: &mut Map, value: Value) {
    match value {
        Value::Map(m) => {
            for f in &m.fields {
                put(&mut map.fields, f.clone());
            }
            map.open |= m.open;
        }
        Value::Choice(c) => {
            for v in c.iter() {
                if let Value::Map(m) = v {
                    for f in &m.fields {
                        put(&mut map.fields, f.clone());
                    }
                }
            }
            map.open = true;
        }
        Value::Null => {}
        other => {
            map.open = true;
            map.fields.push(MapField {
                key: "...".into(),
                value: other,
                at: None,
            });
        }
    }
}

/// Whether code under `guard` runs only after code under `store` has run; a `try` body counts as run.
fn dominates(facts: &Facts, store: GuardId, guard: GuardId) -> bool {
    let mut store = store;
    while facts.guards[store.index()].kind == GuardKind::Try {
        match facts.guards[store.index()].parent {
            Some(p) => store = p,
            None => break,
        }
    }
    let mut at = Some(guard);
    while let Some(g) = at {
        if g == store {
            return true;
        }
        at = facts.guards[g.index()].parent;
    }
    false
}

/// Whether code under both guards can run in one execution.
fn compatible(facts: &Facts, store: GuardId, guard: GuardId) -> bool {
    let mut at = Some(store);
    while let Some(s) = at {
        let sg = &facts.guards[s.index()];
        if sg.group != 0 && matches!(sg.kind, GuardKind::Branch) {
            let mut other = Some(guard);
            while let Some(o) = other {
                let og = &facts.guards[o.index()];
                if og.group == sg.group && og.arm != sg.arm {
                    return false;
                }
                other = og.parent;
            }
        }
        at = sg.parent;
    }
    true
}

/// The guard of the innermost function that a guard lies in.
fn function_guard(facts: &Facts, guard: GuardId) -> GuardId {
    let mut at = guard;
    loop {
        let g = &facts.guards[at.index()];
        match (g.kind, g.parent) {
            (GuardKind::Function | GuardKind::Root, _) | (_, None) => return at,
            (_, Some(p)) => at = p,
        }
    }
}

/// Whether a loop stands between the store's guard and the first guard it shares with the use.
fn under_loop(facts: &Facts, store: GuardId, guard: GuardId) -> bool {
    let mut at = Some(store);
    while let Some(s) = at {
        if dominates(facts, s, guard) && facts.guards[s.index()].kind != GuardKind::Try {
            return false;
        }
        let g = &facts.guards[s.index()];
        if g.kind == GuardKind::Loop {
            return true;
        }
        at = g.parent;
    }
    false
}

/// Index of the first store in any arm of a group, at or before `from`.
fn first_of_group(facts: &Facts, writes: &[WriteId], from: usize, group: u32) -> usize {
    writes[..=from]
        .iter()
        .position(|w| {
            let w = &facts.writes[w.index()];
            facts.guards[w.guard.index()].group == group
        })
        .unwrap_or(from)
}

/// Items of a list that a `List` builder needs elsewhere.
impl List {
    pub(crate) fn with(&self, more: impl IntoIterator<Item = Value>, open: bool) -> Value {
        let mut items = self.items.clone();
        items.extend(more);
        Value::list(items, self.open || open)
    }
}
