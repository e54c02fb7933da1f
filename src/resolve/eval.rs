//! The evaluator: what each kind of expression stands for. Bounded in steps, depth and breadth.

mod budget;
mod collection;
mod conditions;
mod constructed;
mod defaults;
mod effects;
mod given;
mod holes;
mod imports;
mod items;
mod literals;
mod members;
mod memo;
mod names;
mod operators;
mod params;
mod parts;
mod paths;
mod receivers;
mod serialized;
mod session;
mod state;
mod stores;

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use rustc_hash::FxHashMap;

use self::budget::FUEL;
use crate::calls::GapReason;
use crate::catalog::Catalog;
use crate::hir::{Expr, ExprId, Facts, GuardId, Name};
use crate::project::{Parsed, Project};
use crate::resolve::value::{ClassRef, Env, ExprRef, FunctionRef, FunctionValue, Instance, Value};
use crate::source::FileId;

pub(crate) use self::holes::{is_texty, shorten, type_text};
pub(crate) use self::items::zipped;
pub(super) use self::memo::{Memo, Task};
pub(crate) use self::paths::merge;
pub(super) use self::receivers::own_receiver;
pub(crate) use self::stores::Reach;

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
    /// The places that make objects of a class, where they are few, once looked up.
    constructions: RefCell<FxHashMap<ClassRef, Rc<[ExprRef]>>>,
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
            constructions: RefCell::default(),
            loops: RefCell::default(),
            stars: RefCell::default(),
            star_targets: RefCell::default(),
        }
    }

    pub(crate) fn parsed(&self, file: FileId) -> Option<&'p Parsed> {
        self.project.parsed(file)
    }

    pub(crate) fn facts(&self, file: FileId) -> Option<&'p Facts> {
        self.parsed(file).map(|p| &p.facts)
    }

    /// The functions of a file by id.
    pub(crate) fn function(&self, f: FunctionRef) -> Option<&'p crate::hir::Function> {
        self.facts(f.file)?.functions.get(f.function.index())
    }

    /// The value of an expression.
    pub(crate) fn eval(&self, at: ExprRef, env: &Env) -> Value {
        if !self.spend() {
            return Value::unknown(GapReason::Limit);
        }
        let frame = env.as_ref().map_or(0, |f| f.id);
        if let Some(known) = self.memo.get(frame, at) {
            return known;
        }
        let Some(facts) = self.facts(at.file) else {
            return Value::unknown(GapReason::Remote);
        };
        self.deeper(|| {
            self.memo
                .compute(frame, at, &self.limited, || self.eval_kind(facts, at, env))
        })
    }

    fn eval_kind(&self, facts: &'p Facts, at: ExprRef, env: &Env) -> Value {
        match facts.expr(at.expr) {
            Expr::Text { pieces, .. } => self.text_literal(at, pieces, env),
            Expr::Number(n) => Value::Number(n.clone()),
            Expr::Bool(b) => Value::Bool(*b),
            Expr::Null => Value::Null,
            Expr::Name(name) => self.name(facts, at, name, env),
            Expr::Member { base, name } => self.member_read(facts, at, (*base, name), env),
            Expr::Index { base, key } => self.item_read(facts, at, (*base, *key), env),
            Expr::Call { .. } => self.call(facts, at, env),
            Expr::List { items } => self.list_literal(at, items, env),
            Expr::Map { entries } => self.map_literal(at, entries, env),
            Expr::Binary { op, left, right } => self.binary(facts, at, *op, (*left, *right), env),
            Expr::Unary { .. } => Value::unknown(GapReason::Dynamic),
            Expr::Choice { test, arms } => self.chosen(facts, at, (*test, arms), env),
            Expr::Each {
                over,
                body,
                condition,
            } => {
                let parts = (*over, *body, condition.is_some());
                if let Some(v) = self.comprehended(facts, at, parts, env) {
                    return v;
                }
                let over = self.eval(at.beside(*over), env);
                let items = vec![self.eval(at.beside(*body), env)];
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
            Expr::Opaque { kids, .. } => {
                let kids = kids.iter().take(16);
                let values = kids.map(|k| self.eval(at.beside(*k), env)).collect();
                Value::from_ingredients(GapReason::Unsupported, values)
            }
        }
    }

    /// `base.name`
    fn member_read(
        &self,
        facts: &'p Facts,
        at: ExprRef,
        (base, name): (ExprId, &Name),
        env: &Env,
    ) -> Value {
        self.receiver_store(facts, at, base, name, env)
            .or_else(|| self.super_method(facts, at, base, name, env))
            .or_else(|| self.kept(facts, at, base, name, env))
            .unwrap_or_else(|| {
                let value = self.eval(at.beside(base), env);
                self.called_member(facts, at, base, &value, name, env)
            })
    }

    /// `base[key]`
    fn item_read(
        &self,
        facts: &'p Facts,
        at: ExprRef,
        (base, key): (ExprId, ExprId),
        env: &Env,
    ) -> Value {
        let key_at = at.beside(key);
        if let Expr::Text { .. } = facts.expr(key)
            && let Some(name) = self.literal(&self.eval(key_at, env))
            && let Some(v) = self.kept(facts, at, base, &name, env)
        {
            return v;
        }
        let base = self.eval(at.beside(base), env);
        match facts.expr(key) {
            Expr::Opaque { what, kids }
                if matches!(what.as_str(), "slice" | "range_expression") =>
            {
                return self.part(facts, key_at, base, kids);
            }
            Expr::Unary { .. } if let Some(part) = self.last_part(key_at, &base) => return part,
            _ => {}
        }
        let key = self.eval(key_at, env);
        if facts.is_callee(at.expr)
            && self.literal(&key).is_none()
            && let Some(methods) = self.any_method(&base)
        {
            return methods;
        }
        self.index(&base, &key)
    }

    /// One of several values: what is tested may say which.
    fn chosen(
        &self,
        facts: &'p Facts,
        at: ExprRef,
        (test, arms): (Option<ExprId>, &[ExprId]),
        env: &Env,
    ) -> Value {
        let guard = facts.node(at.expr).guard;
        // Arms without a guard of their own: `a if test else b`.
        if let (Some(test), [then, otherwise]) = (test, arms)
            && facts.node(*then).guard == guard
            && facts.node(*otherwise).guard == guard
            && let Some(holds) = self.decide(at.file, facts, test, env)
        {
            let taken = if holds { *then } else { *otherwise };
            return self.eval(at.beside(taken), env);
        }
        let runs =
            |a: ExprId| self.runs(at.file, facts, facts.node(a).guard, guard, env) != Some(false);
        let arms = arms.iter().filter(|a| runs(**a));
        Value::choice(arms.map(|a| self.eval(at.beside(*a), env)).collect())
    }
}
