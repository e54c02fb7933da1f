//! Literals: text with holes, lists, maps, and what is spread into them.

use std::rc::Rc;

use super::Evaluator;
use super::budget::SPREAD_FUEL;
use super::paths::{merge, put};
use crate::hir::{Arg, Entry, Piece};
use crate::resolve::value::{Env, ExprRef, Map, MapField, Rope, Segment, Value};

impl Evaluator<'_> {
    /// Text with what its holes hold.
    pub(super) fn text_literal(&self, at: ExprRef, pieces: &[Piece], env: &Env) -> Value {
        let mut rope = Rope::default();
        for p in pieces {
            match p {
                Piece::Literal(l) => rope.segments.push(Segment::literal(at.file, l)),
                Piece::Hole { expr, .. } => {
                    let hole = at.beside(*expr);
                    let value = self.eval_part(hole, env);
                    self.text_into(&mut rope, &value, Some(hole));
                }
            }
        }
        Value::text(rope)
    }

    /// A list; what is spread into it is taken apart where it is known.
    pub(super) fn list_literal(&self, at: ExprRef, items: &[Arg], env: &Env) -> Value {
        let mut out = Vec::new();
        let mut open = false;
        for i in items {
            let v = self.eval(at.beside(i.value), env);
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

    /// A map; a key that is not known makes it one of which more may be asked.
    pub(super) fn map_literal(&self, at: ExprRef, entries: &[Entry], env: &Env) -> Value {
        let mut map = Map::default();
        for e in entries {
            let (key, value) = match e {
                Entry::Pair { key, value } => (key.clone(), *value),
                Entry::Computed { key, value } => {
                    match self.literal(&self.eval(at.beside(*key), env)) {
                        Some(k) => (k.as_str().into(), *value),
                        None => {
                            map.open = true;
                            ("[]".into(), *value)
                        }
                    }
                }
                Entry::Spread(v) => {
                    let spread = self.within(SPREAD_FUEL, || self.eval(at.beside(*v), env));
                    merge(&mut map, spread);
                    continue;
                }
            };
            let value = at.beside(value);
            let field = MapField {
                key,
                value: self.eval(value, env),
                at: Some(value),
            };
            put(&mut map.fields, field);
        }
        Value::Map(Rc::new(map))
    }
}
