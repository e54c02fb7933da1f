//! The evaluator: names, stores, members. Bounded in steps, depth and breadth; a result that ran
//! into a bound is never remembered.

mod conditions;
mod defaults;
mod effects;
mod given;
mod holes;
mod imports;
mod items;
mod members;
mod memo;
mod names;
mod receivers;
mod serialized;
mod session;
mod stores;

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use rustc_hash::FxHashMap;

use self::members::put;
use crate::calls::GapReason;
use crate::catalog::Catalog;
use crate::hir::{Entry, Expr, ExprId, Facts, FunctionId, GuardId, Name, Op, Piece};
use crate::project::{Parsed, Project};
use crate::resolve::value::{
    ArgValue, ClassRef, Env, ExprRef, FunctionRef, FunctionValue, Instance, Made, Map, MapField,
    Rope, Segment, Value,
};
use crate::source::FileId;

pub(crate) use self::holes::{is_texty, shorten, type_text};
pub(crate) use self::items::zipped;
pub(crate) use self::members::merge;
pub(super) use self::memo::{Memo, Task};
pub(crate) use self::stores::Reach;

/// Steps per evaluated root.
const FUEL: u32 = 40_000;
/// Steps per callee looked at.
const CALLEE_FUEL: u32 = 3_000;
/// Steps for a callee that is a variable: a factory made it, of settings that cost what they cost.
const VARIABLE_FUEL: u32 = 20_000;
/// Steps for what is spread into a map: settings of the call as a rule, which must not cost its words.
const SPREAD_FUEL: u32 = 5_000;
/// Nested evaluations.
const MAX_DEPTH: u32 = 120;

/// Evaluates expressions of a project. One per thread.
pub(crate) struct Evaluator<'p> {
    pub(crate) project: &'p Project<'p>,
    pub(crate) catalog: &'p Catalog,
    fuel: Cell<u32>,
    depth: Cell<u32>,
    pub(super) limited: Cell<bool>,
    pub(super) memo: Memo,
    /// The last frame's number.
    pub(super) frames: Cell<u32>,
    /// Objects known by their class alone.
    typed: RefCell<FxHashMap<ClassRef, Rc<Instance>>>,
    /// What the loops of a file run over, once looked up.
    loops: RefCell<FxHashMap<FileId, Rc<FxHashMap<GuardId, ExprId>>>>,
    /// Names that star imports bring into a file, once looked up.
    stars: RefCell<FxHashMap<(FileId, Name), Option<Value>>>,
    /// See [`Self::star_targets`].
    star_targets: RefCell<FxHashMap<FileId, Rc<[FileId]>>>,
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
            memo: Memo::default(),
            frames: Cell::new(0),
            typed: RefCell::default(),
            loops: RefCell::default(),
            stars: RefCell::default(),
            star_targets: RefCell::default(),
        }
    }

    /// Runs one step of a recursion that does not pass through [`Self::eval`]; `None` where it is too deep.
    pub(crate) fn nested<T>(&self, f: impl FnOnce() -> Option<T>) -> Option<T> {
        let fuel = self.fuel.get();
        if fuel == 0 || self.depth.get() >= MAX_DEPTH {
            self.limited.set(true);
            return None;
        }
        self.fuel.set(fuel - 1);
        self.depth.set(self.depth.get() + 1);
        let v = f();
        self.depth.set(self.depth.get() - 1);
        v
    }

    /// Fills the tank: called before each root (one call site).
    pub(crate) fn refuel(&self) {
        self.memo.new_root();
        self.fuel.set(FUEL);
        self.limited.set(false);
    }

    /// Fills the tank for a callee, of which a file has thousands.
    pub(crate) fn refuel_for_callee(&self) {
        self.memo.new_root();
        self.fuel.set(CALLEE_FUEL);
        self.limited.set(false);
    }

    /// Evaluates with at most so many of the steps that are left.
    fn within<T>(&self, steps: u32, f: impl FnOnce() -> T) -> T {
        let all = self.fuel.get();
        let given = steps.min(all);
        self.fuel.set(given);
        let value = f();
        self.fuel.set(all - given + self.fuel.get());
        value
    }

    /// Evaluates one of several parts of something: no part costs the others their words.
    pub(crate) fn eval_part(&self, at: ExprRef, env: &Env) -> Value {
        self.within(self.fuel.get() / 2, || self.eval(at, env))
    }

    /// Fills the tank for a callee that could not be evaluated with the steps of any.
    pub(crate) fn refuel_for_variable(&self) {
        self.memo.new_root();
        self.fuel.set(VARIABLE_FUEL);
        self.limited.set(false);
    }

    /// Steps that are left.
    pub(crate) const fn fuel_left(&self) -> u32 {
        self.fuel.get()
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
        let frame = env.as_ref().map_or(0, |f| f.id);
        if let Some(known) = self.memo.get(frame, at) {
            return known;
        }
        let Some(facts) = self.facts(at.file) else {
            return Value::unknown(GapReason::Remote);
        };
        self.depth.set(self.depth.get() + 1);
        let value = self
            .memo
            .compute(frame, at, &self.limited, || self.eval_kind(facts, at, env));
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
                            let hole = ExprRef {
                                file: at.file,
                                expr: *expr,
                            };
                            let value = self.eval_part(hole, env);
                            self.text_into(&mut rope, &value, Some(hole));
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
                if let Some(v) = self.super_method(facts, at, *base, name, env) {
                    return v;
                }
                if let Some(v) = self.kept(facts, at, *base, name, env) {
                    return v;
                }
                let value = sub(*base);
                self.called_member(facts, at, *base, &value, name, env)
            }
            Expr::Index { base, key } => {
                if let Expr::Text { .. } = facts.expr(*key)
                    && let Some(name) = self.literal(&sub(*key))
                    && let Some(v) = self.kept(facts, at, *base, &name, env)
                {
                    return v;
                }
                let base = sub(*base);
                if let Expr::Opaque { what, kids } = facts.expr(*key)
                    && matches!(what.as_str(), "slice" | "range_expression")
                {
                    let key = ExprRef {
                        file: at.file,
                        expr: *key,
                    };
                    return self.part(facts, key, base, kids);
                }
                if let Expr::Unary { .. } = facts.expr(*key) {
                    let key = ExprRef {
                        file: at.file,
                        expr: *key,
                    };
                    if let Some(part) = self.last_part(key, &base) {
                        return part;
                    }
                }
                let key = sub(*key);
                if facts.is_callee(at.expr)
                    && self.literal(&key).is_none()
                    && let Some(methods) = self.any_method(&base)
                {
                    return methods;
                }
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
            Expr::Choice { test, arms } => {
                let guard = facts.node(at.expr).guard;
                let taken = match (test, arms.as_slice()) {
                    // Arms without a guard of their own: `a if test else b`.
                    (Some(test), [then, otherwise])
                        if facts.node(*then).guard == guard
                            && facts.node(*otherwise).guard == guard =>
                    {
                        self.decide(at.file, facts, *test, env)
                            .map(|holds| if holds { *then } else { *otherwise })
                    }
                    _ => None,
                };
                if let Some(taken) = taken {
                    return sub(taken);
                }
                let runs = |a: ExprId| {
                    self.runs(at.file, facts, facts.node(a).guard, guard, env) != Some(false)
                };
                Value::choice(arms.iter().filter(|a| runs(**a)).map(|a| sub(*a)).collect())
            }
            Expr::Each {
                over,
                body,
                condition,
            } => {
                let parts = (*over, *body, condition.is_some());
                if let Some(v) = self.comprehended(facts, at, parts, env) {
                    return v;
                }
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
                    merge(&mut map, self.within(SPREAD_FUEL, || sub(*v)));
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
            Op::Eq | Op::Ne | Op::Order | Op::In | Op::NotIn | Op::Is => {
                Value::unknown(GapReason::Dynamic)
            }
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

    /// The functions of a file by id.
    pub(crate) fn function(&self, f: FunctionRef) -> Option<&'p crate::hir::Function> {
        let FunctionId(_) = f.function;
        self.facts(f.file)?.functions.get(f.function.index())
    }
}
