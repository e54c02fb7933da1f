//! What objects keep: attributes as the stores since their construction left them.

use std::rc::Rc;

use super::Evaluator;
use super::receivers::own_receiver;
use super::stores::{Reach, compatible, dominates};
use crate::calls::GapReason;
use crate::hir::{ExprId, Facts, GuardId, How, Name, ScopeId, Step, WriteId};
use crate::resolve::value::{Env, ExprRef, Instance, Map, MapField, Stored, Value};
use crate::source::FileId;

/// A point of a function's body.
#[derive(Clone, Copy)]
pub(super) struct Until {
    pub(super) scope: ScopeId,
    pub(super) guard: GuardId,
    pub(super) order: u32,
}

/// Stores to an object, as far as they may concern an attribute, that are looked back through.
const MAX_STATES: usize = 8;

impl<'p> Evaluator<'p> {
    /// An attribute as the stores to the object since its construction left it.
    pub(crate) fn state_of(&self, i: &Instance, name: &str) -> Option<Value> {
        let mut perhaps = Vec::new();
        let mut sure = None;
        let mut state = i.state.as_ref();
        let mut looked_at = 0;
        while let Some(s) = state {
            let other = matches!(&s.last, Stored::Attribute { name: n, .. } if n != name);
            looked_at += usize::from(!other);
            if looked_at > MAX_STATES {
                perhaps.push(Value::unknown(GapReason::Limit));
                break;
            }
            match &s.last {
                Stored::Attribute {
                    name: n,
                    value,
                    definite,
                } if n == name => {
                    if *definite {
                        sure = Some(value.clone());
                    } else {
                        perhaps.push(value.clone());
                    }
                }
                Stored::Attribute { .. } => {}
                Stored::Method { at, receiver, env } => {
                    let facts = self.facts(at.file)?;
                    sure = self
                        .nested(|| self.receiver_store(facts, *at, *receiver, &name.into(), env));
                }
                Stored::Call { function, env } => {
                    sure = self.nested(|| self.stored_by(*function, &name.into(), env));
                }
            }
            if sure.is_some() {
                break;
            }
            state = s.before.as_ref();
        }
        if perhaps.is_empty() {
            return sure;
        }
        let initial = || self.initial_attribute(i, name);
        let mut values: Vec<Value> = sure.or_else(initial).into_iter().collect();
        values.extend(perhaps.into_iter().rev());
        Some(Value::choice(values))
    }

    /// `self.x` where the function itself stored to it before.
    pub(super) fn receiver_store(
        &self,
        facts: &'p Facts,
        at: ExprRef,
        base: ExprId,
        name: &Name,
        env: &Env,
    ) -> Option<Value> {
        let root = own_receiver(facts, base)?;
        let node = facts.node(at.expr);
        let f = facts.function_of(node.scope)?;
        let scope = facts.functions[f.index()].scope;
        let until = Until {
            scope,
            guard: node.guard,
            order: at.expr.0,
        };
        self.stores_until(facts, at.file, until, (root, name), env)
    }

    /// What a function has stored to an attribute of `root` until some point.
    pub(super) fn stores_until(
        &self,
        facts: &'p Facts,
        file: FileId,
        until: Until,
        (root, name): (&Name, &Name),
        env: &Env,
    ) -> Option<Value> {
        let writes = facts.scopes[until.scope.index()].names.get(root)?;
        let mine: Vec<WriteId> = writes
            .iter()
            .copied()
            .filter(|w| {
                let w = &facts.writes[w.index()];
                w.path.first() == Some(&Step::Field(name.clone())) && w.order <= until.order
            })
            .collect();
        let first = mine.first()?;
        let first = &facts.writes[first.index()];
        let sets = first.path.len() == 1
            && matches!(first.how, How::Set)
            && dominates(facts, first.guard, until.guard);
        // Otherwise the function adds to what it was before.
        let mut value = if sets {
            None
        } else {
            match self.receiver(facts, file, until.scope, env)? {
                Value::Instance(i) => self
                    .state_of(&i, name)
                    .or_else(|| self.initial_attribute(&i, name)),
                _ => return None,
            }
        };
        for id in mine {
            let w = &facts.writes[id.index()];
            if !compatible(facts, w.guard, until.guard) {
                continue;
            }
            let mut reach = Reach::of(facts, w.guard, until.guard);
            if !reach.definite {
                match self.runs(file, facts, w.guard, until.guard, env) {
                    Some(true) => reach = Reach::SURE,
                    Some(false) => continue,
                    None => {}
                }
            }
            value = self.store_below(file, facts, id, value, reach, env);
        }
        value
    }

    /// A store to `self.x…` applied to the value of `x`: the first step is dropped.
    pub(crate) fn store_below(
        &self,
        file: FileId,
        facts: &'p Facts,
        id: WriteId,
        before: Option<Value>,
        reach: Reach,
        env: &Env,
    ) -> Option<Value> {
        let w = &facts.writes[id.index()];
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
            Some(Value::Map(Rc::new(holder))),
            reach,
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
}
