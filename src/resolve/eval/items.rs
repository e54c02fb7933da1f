//! Loops over collections that are known: each item in a frame of its own, so that what is made of
//! it keeps to it (`{p.stem: p.read_text() for p in folder.glob("*.md")}`, `cache[stage] = ..`).

use std::rc::Rc;

use rustc_hash::FxHashMap;

use super::Evaluator;
use crate::hir::{Entry, Expr, ExprId, Facts, FunctionId, GuardId, GuardKind, How, Step, Write};
use crate::resolve::value::{
    ArgValue, Env, ExprRef, Frame, FunctionRef, Item, List, Map, MapField, Rope, Value,
};
use crate::source::FileId;

/// Longer collections are not gone through item by item.
const MAX_ITEMS: usize = 48;
/// Lists of what is made of each item, beyond which one stands for all.
const MAX_LISTED: usize = 32;
/// Frames that may be open when another is opened for an item.
const MAX_FRAMES: u32 = 7;

impl<'p> Evaluator<'p> {
    /// What a comprehension makes of a collection that is known, item by item.
    pub(super) fn comprehended(
        &self,
        facts: &'p Facts,
        at: ExprRef,
        (over, body, filtered): (ExprId, ExprId, bool),
        env: &Env,
    ) -> Option<Value> {
        let over = ExprRef { expr: over, ..at };
        let items = self.known_items(facts, &self.eval(over, env))?;
        let inner = ExprRef { expr: body, ..at };
        let source = self.parsed(at.file)?.source.slice(facts.span(at.expr));
        let makes_map = source.starts_with('{')
            && matches!(facts.expr(body), Expr::Map { entries }
                if matches!(entries.as_slice(), [Entry::Computed { .. } | Entry::Pair { .. }]));
        if !makes_map && !(2..=MAX_LISTED).contains(&items.len()) {
            return None;
        }
        let values = items.into_iter().map(|item| {
            let env = self.with_item(over, item, env);
            env.map(|env| self.eval(inner, &env))
        });
        let values: Vec<Value> = values.collect::<Option<_>>()?;
        if !makes_map {
            return Some(Value::list(values, filtered));
        }
        let mut map = Map::default();
        for v in values {
            super::merge(&mut map, v);
        }
        Some(Value::Map(Rc::new(map)))
    }

    /// A store under a key that is computed, for every key that it may have. `new` gives what is
    /// stored.
    pub(super) fn keyed_store(
        &self,
        file: FileId,
        facts: &'p Facts,
        w: &'p Write,
        (before, key): (Value, ExprId),
        env: &Env,
        new: &dyn Fn(&Env) -> Value,
    ) -> Value {
        let key = ExprRef { file, expr: key };
        let frames = self
            .loop_frames(file, facts, w.guard, env)
            .unwrap_or_else(|| vec![env.clone()]);
        let mut base = before;
        for env in &frames {
            let step = match self.literal(&self.eval(key, env)) {
                Some(k) => Step::Field(k.as_str().into()),
                None => Step::Any,
            };
            let path: Vec<Step> = w
                .path
                .iter()
                .map(|s| match s {
                    Step::Key(_) => step.clone(),
                    s => s.clone(),
                })
                .collect();
            base = self.set_path(&base, &path, new(env), None, true);
        }
        base
    }

    /// A frame for every item of the loop around a guard, where what it runs over is known.
    pub(super) fn loop_frames(
        &self,
        file: FileId,
        facts: &'p Facts,
        guard: GuardId,
        env: &Env,
    ) -> Option<Vec<Env>> {
        let mut at = guard;
        loop {
            let g = facts.guards.get(at.index())?;
            match g.kind {
                GuardKind::Loop => break,
                GuardKind::Function | GuardKind::Root => return None,
                _ => at = g.parent?,
            }
        }
        let over = *self.loops(file, facts).get(&at)?;
        let over = ExprRef { file, expr: over };
        let items = self.known_items(facts, &self.eval(over, env))?;
        items
            .into_iter()
            .map(|item| self.with_item(over, item, env))
            .collect()
    }

    /// What each loop of a file runs over.
    fn loops(&self, file: FileId, facts: &Facts) -> Rc<FxHashMap<GuardId, ExprId>> {
        if let Some(known) = self.loops.borrow().get(&file) {
            return Rc::clone(known);
        }
        let mut loops = FxHashMap::default();
        for w in facts.writes.iter().filter(|w| w.how == How::Iterate) {
            if let Some(v) = w.value {
                loops.entry(w.guard).or_insert(v);
            }
        }
        let loops = Rc::new(loops);
        self.loops.borrow_mut().insert(file, Rc::clone(&loops));
        loops
    }

    /// The item that a loop or comprehension over an expression is at.
    pub(super) fn item_of(&self, over: ExprRef, env: &Env) -> Option<Value> {
        let mut frame = env.as_ref();
        while let Some(f) = frame {
            match &f.item {
                Some(item) if item.over == over => return Some(item.value.clone()),
                _ => frame = f.parent.as_ref(),
            }
        }
        None
    }

    fn with_item(&self, over: ExprRef, value: Value, env: &Env) -> Option<Env> {
        let depth = env.as_ref().map_or(0, |e| e.depth) + 1;
        if depth > MAX_FRAMES {
            return None;
        }
        let id = self.frames.get().wrapping_add(1);
        self.frames.set(id);
        Some(Some(Rc::new(Frame {
            id,
            function: FunctionRef {
                file: over.file,
                function: FunctionId(u32::MAX),
            },
            args: Vec::new(),
            receiver: None,
            parent: env.clone(),
            depth,
            item: Some(Item { over, value }),
        })))
    }

    fn known_items(&self, facts: &Facts, over: &Value) -> Option<Vec<Value>> {
        match over {
            Value::List(l) if !l.open && (1..=MAX_ITEMS).contains(&l.items.len()) => {
                Some(l.items.clone())
            }
            Value::Map(m)
                if !m.open
                    && facts.language == crate::language::Language::Python
                    && (1..=MAX_ITEMS).contains(&m.fields.len()) =>
            {
                let keys = m.fields.iter();
                Some(keys.map(|f| Value::text(Rope::unmapped(&f.key))).collect())
            }
            _ => None,
        }
    }

    /// `map.insert(key, value)`, `map.set(key, value)`.
    pub(in crate::resolve) fn put_pair(base: &Value, key: Option<String>, value: Value) -> Value {
        let (fields, open) = match base {
            Value::Map(m) => (m.fields.clone(), m.open),
            _ => (Vec::new(), true),
        };
        let mut map = Map { fields, open };
        map.open |= key.is_none();
        super::paths::put(
            &mut map.fields,
            MapField {
                key: key.unwrap_or_else(|| "[]".into()).as_str().into(),
                value,
                at: None,
            },
        );
        Value::Map(Rc::new(map))
    }

    /// A list of pairs as the map that is made of it.
    pub(in crate::resolve) fn map_of_pairs(&self, pairs: &List) -> Option<Value> {
        let mut map = Value::Map(Rc::default());
        for p in &pairs.items {
            let Value::List(pair) = p else { return None };
            let [key, value] = pair.items.as_slice() else {
                return None;
            };
            map = Self::put_pair(&map, self.literal(key), value.clone());
        }
        Some(map)
    }
}

/// Whether a frame stands for an item of a loop of a file.
pub(super) fn has_item(env: &Env, file: FileId) -> bool {
    let mut frame = env.as_ref();
    while let Some(f) = frame {
        if f.item.as_ref().is_some_and(|i| i.over.file == file) {
            return true;
        }
        frame = f.parent.as_ref();
    }
    false
}

/// The tuples of `zip`, as far as its collections are known.
pub(crate) fn zipped(args: &[ArgValue]) -> Option<Value> {
    let lists = args.iter().map(|a| match &a.value {
        Value::List(l) => Some(Rc::clone(l)),
        _ => None,
    });
    let lists: Vec<Option<_>> = lists.collect();
    let known = lists.iter().flatten();
    // An open list goes on with what it holds.
    let closed = known
        .clone()
        .filter(|l| !l.open)
        .map(|l| l.items.len())
        .min();
    let open = known.map(|l| l.items.len()).max();
    let length = closed.or(open)?;
    let nth = |n: usize| {
        let of = |(list, a): (&Option<Rc<List>>, &ArgValue)| match list {
            Some(l) => l
                .items
                .get(n)
                .or(l.items.last())
                .cloned()
                .unwrap_or(Value::Null),
            None => Value::attr(a.value.clone(), "[]"),
        };
        Value::list(lists.iter().zip(args).map(of).collect(), false)
    };
    let all_closed = lists.iter().all(|l| l.as_ref().is_some_and(|l| !l.open));
    Some(Value::list((0..length).map(nth).collect(), !all_closed))
}
