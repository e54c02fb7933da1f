//! Storing below a path: a value with one part replaced, maps with fields added.

use std::rc::Rc;

use super::Evaluator;
use super::holes::is_texty;
use super::parts::place_of;
use crate::hir::{Name, Step};
use crate::resolve::request::last_name;
use crate::resolve::value::{ArgValue, ExprRef, Made, Map, MapField, Stored, Value};

impl Evaluator<'_> {
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
        let below =
            |part: &Value, new: Value, definite: bool| self.set_path(part, rest, new, at, definite);
        match (base, first) {
            (Value::Map(m), Step::Field(k)) => {
                let value = match m.fields.iter().find(|f| f.key == *k) {
                    Some(f) => below(&f.value, new, definite),
                    None => below(&Value::Null, new, true),
                };
                let field = MapField {
                    key: k.clone(),
                    value,
                    at: at.filter(|_| rest.is_empty()),
                };
                with_field(m, field)
            }
            // Under some key: any that is asked for may be it.
            (Value::Map(_) | Value::Null, Step::Key(_) | Step::Any) if rest.is_empty() => {
                if is_texty(&new) {
                    Self::put_pair(base, None, new)
                } else {
                    base.clone()
                }
            }
            (Value::Null, Step::Field(k)) => opened(k, below(&Value::Null, new, true), at),
            // `settings = load(path).copy()`, then `settings["prompts"] = PROMPTS`
            (Value::Made(m), Step::Field(k)) if is_data(m) => {
                opened(k, below(&Value::Null, new, true), at)
            }
            (Value::List(l), Step::Item(i)) => {
                let mut items = l.items.clone();
                let place = place_of(*i, items.len());
                if let Some(slot) = place.and_then(|n| items.get_mut(n)) {
                    *slot = below(slot, new, definite);
                }
                Value::list(items, l.open)
            }
            (Value::List(l), Step::Key(_) | Step::Any) => {
                let items = l.items.iter().map(|i| below(i, new.clone(), false));
                Value::list(items.collect(), l.open)
            }
            (Value::Instance(i), Step::Field(k)) => {
                let value = if rest.is_empty() {
                    new
                } else {
                    below(&self.member(base, k), new, definite)
                };
                Value::Instance(Rc::new(i.after(Stored::Attribute {
                    name: k.clone(),
                    value,
                    definite: definite || !rest.is_empty(),
                })))
            }
            // An attribute set from outside reads like a setter.
            (Value::Made(_), Step::Field(k)) if rest.is_empty() => Value::Made(Rc::new(Made {
                callee: Value::attr(base.clone(), k),
                args: vec![ArgValue::positional(new, at)],
                at: None,
            })),
            _ => base.clone(),
        }
    }
}

/// A map of which one field is known.
fn opened(key: &Name, value: Value, at: Option<ExprRef>) -> Value {
    let key = key.clone();
    Value::Map(Rc::new(Map {
        fields: vec![MapField { key, value, at }],
        open: true,
    }))
}

/// Whether what a call gives is plain data and no object.
fn is_data(made: &Made) -> bool {
    matches!(
        last_name(&made.callee).as_str(),
        "copy" | "deepcopy" | "dict" | "safe_load" | "loads" | "model_dump"
    )
}

/// A map with one field set.
fn with_field(m: &Map, field: MapField) -> Value {
    let mut fields = m.fields.clone();
    put(&mut fields, field);
    let open = m.open;
    Value::Map(Rc::new(Map { fields, open }))
}

/// Sets a field of a map; what stands under an unknown key is kept beside what is added there.
pub(super) fn put(fields: &mut Vec<MapField>, field: MapField) {
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
