//! Stores: which of a variable's stores reach a use, and what they add up to.

use std::rc::Rc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::memo::Task;
use super::{Evaluator, Point};
use crate::calls::GapReason;
use crate::hir::{
    CallKind, Expr, ExprId, Facts, GuardId, GuardKind, How, Op, Piece, Step, Write, WriteId,
};
use crate::resolve::value::{
    ClassRef, Env, ExprRef, FunctionRef, FunctionValue, Rope, Segment, Value,
};
use crate::source::FileId;

/// How a store reaches a use.
#[derive(Clone, Copy)]
pub(crate) struct Reach {
    /// It has happened for sure.
    pub(crate) definite: bool,
    /// It may have happened any number of times.
    pub(crate) in_loop: bool,
}

impl Reach {
    /// It has happened, once.
    pub(super) const SURE: Self = Self {
        definite: true,
        in_loop: false,
    };

    pub(super) fn of(facts: &Facts, store: GuardId, guard: GuardId) -> Self {
        let definite = dominates(facts, store, guard);
        Self {
            definite,
            in_loop: !definite && under_loop(facts, store, guard),
        }
    }
}

impl<'p> Evaluator<'p> {
    /// Folds the stores to one name, in order, into the value it has at a point.
    pub(super) fn fold(
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
        let runs = |w: &Write| self.runs(file, facts, w.guard, guard, env);
        let start = reaching_start(facts, visible, guard, &runs);
        let mut value: Option<Value> = None;
        for id in &visible[start..] {
            let w = &facts.writes[id.index()];
            if !compatible(facts, w.guard, guard) {
                continue;
            }
            let mut reach = Reach::of(facts, w.guard, guard);
            if !reach.definite {
                match runs(w) {
                    Some(true) => reach = Reach::SURE,
                    Some(false) => continue,
                    None => {}
                }
            }
            // A method called on a shared object in some other function says nothing about this use.
            if matches!(w.how, How::Mutate(_)) {
                let there = function_guard(facts, w.guard);
                if there != function_guard(facts, guard) && there != function_guard(facts, end) {
                    continue;
                }
            }
            value = self.store(file, facts, *id, value, reach, env);
        }
        value
    }

    /// The value after one store.
    pub(super) fn store(
        &self,
        file: FileId,
        facts: &'p Facts,
        id: WriteId,
        before: Option<Value>,
        reach: Reach,
        env: &Env,
    ) -> Option<Value> {
        let task = Task::Store(file, id.0, env.as_ref().map_or(0, |e| e.depth));
        // A store that depends on itself (a loop, a reply added to what it answers) adds nothing.
        self.memo
            .run(task, || {
                let w = &facts.writes[id.index()];
                self.store_unguarded(file, facts, w, before.clone(), reach, env)
            })
            .unwrap_or(before)
    }

    pub(super) fn store_unguarded(
        &self,
        file: FileId,
        facts: &'p Facts,
        w: &'p Write,
        before: Option<Value>,
        reach: Reach,
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
                let Expr::Call { args, kind, .. } = facts.expr(call) else {
                    return before;
                };
                // `write!(out, "…")`: what it writes to is no part of what is written.
                let args = match (kind, args.split_first()) {
                    (CallKind::Macro, Some((_, rest))) => rest,
                    _ => args,
                };
                let base = before.unwrap_or_else(|| Value::unknown(GapReason::Dynamic));
                if let ("insert" | "set", [key, _]) = (method.as_str(), args)
                    && key.name.is_none()
                    && matches!(self.project(&base, &w.path), Value::Map(_))
                {
                    let frames = self.loop_frames(file, facts, w.guard, env);
                    let frames = frames.unwrap_or_else(|| vec![env.clone()]);
                    return Some(frames.iter().fold(base, |base, env| {
                        let args = self.args(file, args, env);
                        self.mutate(&base, &w.path, method, &args, reach.in_loop)
                    }));
                }
                let args = self.args(file, args, env);
                Some(self.mutate(&base, &w.path, method, &args, reach.in_loop))
            }
            How::Augment(op) => {
                let new = self.eval(here(w.value?), env);
                let base = before.unwrap_or(Value::Null);
                if *op != Op::Add {
                    return Some(base);
                }
                if !w.path.is_empty() {
                    let old = self.project(&base, &w.path);
                    let sum = self.append(&old, &new, here(w.value?), reach);
                    return Some(self.set_path(&base, &w.path, sum, Some(here(w.value?)), true));
                }
                Some(self.append(&base, &new, here(w.value?), reach))
            }
            How::Set
                if let Some(Step::Key(key)) = w.path.last()
                    && w.path.len() <= 2 =>
            {
                let base = before.unwrap_or_else(|| Value::unknown(GapReason::Dynamic));
                let new = |env: &Env| self.stored(file, facts, w, env);
                Some(self.keyed_store(file, facts, w, (base, *key), env, &new))
            }
            How::Set
                if !reach.definite
                    && let Some(added) = added(facts, w) =>
            {
                let base = before.unwrap_or(Value::Null);
                Some(added.iter().fold(base, |base, more| {
                    let (new, at) = match more {
                        Added::Value(e) => (self.eval(here(*e), env), here(*e)),
                        Added::Rest(e, pieces) => {
                            (self.text_literal(here(*e), pieces, env), here(*e))
                        }
                    };
                    self.append(&base, &new, at, reach)
                }))
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
                    return Some(self.set_path(&base, &w.path, new, at, reach.definite));
                }
                Some(match before {
                    Some(old) if !reach.definite => Value::choice(vec![old, new]),
                    _ => new,
                })
            }
        }
    }

    /// Text appended to text, possibly only in some branch or any number of times.
    pub(super) fn append(&self, base: &Value, new: &Value, at: ExprRef, reach: Reach) -> Value {
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
        if reach.in_loop {
            rope.segments.push(Segment::Repeat(Rc::new(more)));
        } else if reach.definite {
            rope.push(&more);
        } else {
            rope.segments.push(Segment::Break);
            rope.push(&more);
            rope.segments.push(Segment::Break);
        }
        Value::text(rope)
    }

    /// What a plain store puts into its place.
    pub(super) fn stored(&self, file: FileId, facts: &'p Facts, w: &'p Write, env: &Env) -> Value {
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
                let over = w.value.map(|expr| ExprRef { file, expr });
                match over.and_then(|over| self.item_of(over, env)) {
                    Some(item) => item,
                    None => {
                        let over = over.map_or(Value::Null, |over| self.eval(over, env));
                        self.element(&over)
                    }
                }
            }
            _ => match w.value {
                Some(v) => self.eval(ExprRef { file, expr: v }, env),
                None => return Value::Null,
            },
        };
        self.project(&value, &w.from)
    }
}

/// What is put behind the old text of a name.
enum Added<'p> {
    Value(ExprId),
    /// The pieces of a text after its first.
    Rest(ExprId, &'p [Piece]),
}

/// What a store adds to what its name held: `x = x + a + b`, `` x = `${x} more` ``. Taken as two
/// values, one of which repeats the other, a dozen such stores would make thousands.
fn added<'p>(facts: &'p Facts, w: &Write) -> Option<Vec<Added<'p>>> {
    if !w.path.is_empty() || !w.from.is_empty() {
        return None;
    }
    let itself = |e: ExprId| matches!(facts.expr(e), Expr::Name(n) if *n == w.root);
    let mut at = w.value?;
    if let Expr::Text { pieces, .. } = facts.expr(at) {
        let (Piece::Hole { expr, .. }, rest) = pieces.split_first()? else {
            return None;
        };
        return (itself(*expr) && !rest.is_empty()).then(|| vec![Added::Rest(at, rest)]);
    }
    let mut more = Vec::new();
    while let Expr::Binary {
        op: Op::Add,
        left,
        right,
    } = facts.expr(at)
    {
        more.push(Added::Value(*right));
        at = *left;
    }
    more.reverse();
    (itself(at) && !more.is_empty()).then_some(more)
}

/// Index of the first store that may still reach a use under `guard`.
fn reaching_start(
    facts: &Facts,
    writes: &[WriteId],
    guard: GuardId,
    runs: &dyn Fn(&Write) -> Option<bool>,
) -> usize {
    let mut arms: FxHashMap<u32, FxHashSet<u16>> = FxHashMap::default();
    for (i, id) in writes.iter().enumerate().rev() {
        let w = &facts.writes[id.index()];
        let adds = !w.path.is_empty() || matches!(w.how, How::Augment(_) | How::Mutate(_));
        if adds || !compatible(facts, w.guard, guard) {
            continue;
        }
        if dominates(facts, w.guard, guard) || runs(w) == Some(true) {
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

/// Whether code under `guard` runs only after code under `store` has run; a `try` body counts as run.
pub(super) fn dominates(facts: &Facts, store: GuardId, guard: GuardId) -> bool {
    let mut store = store;
    while facts.guards[store.index()].kind == GuardKind::Try {
        match facts.guards[store.index()].parent {
            Some(p) => store = p,
            None => break,
        }
    }
    facts.encloses(store, guard)
}

/// Whether code under both guards can run in one execution.
pub(super) fn compatible(facts: &Facts, store: GuardId, guard: GuardId) -> bool {
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
pub(super) fn function_guard(facts: &Facts, guard: GuardId) -> GuardId {
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
pub(super) fn under_loop(facts: &Facts, store: GuardId, guard: GuardId) -> bool {
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
pub(super) fn first_of_group(facts: &Facts, writes: &[WriteId], from: usize, group: u32) -> usize {
    writes[..=from]
        .iter()
        .position(|w| {
            let w = &facts.writes[w.index()];
            facts.guards[w.guard.index()].group == group
        })
        .unwrap_or(from)
}
