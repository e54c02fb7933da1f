//! Members and items: reading them, and storing below a path.

use std::rc::Rc;

use super::Evaluator;
use super::holes::is_texty;
use crate::calls::GapReason;
use crate::hir::{ClassKind, Expr, ExprId, Facts, Step};
use crate::resolve::value::{
    ArgValue, ClassRef, ExprRef, External, FunctionValue, Instance, List, Made, Map, MapField,
    Rope, Segment, Stored, Value,
};

/// Items of a list that a `List` builder needs elsewhere.
impl List {
    pub(crate) fn with(&self, more: impl IntoIterator<Item = Value>, open: bool) -> Value {
        let mut items = self.items.clone();
        items.extend(more);
        Value::list(items, self.open || open)
    }
}

impl<'p> Evaluator<'p> {
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

    pub(super) fn member_inner(&self, value: &Value, name: &str) -> Value {
        match value {
            Value::Map(m) => match field_of(m, name) {
                Some(f) => f.value.clone(),
                None if m.open => Value::attr(value.clone(), name),
                None => match name {
                    "get" | "items" | "values" | "keys" | "update" | "copy" | "pop"
                    | "setdefault" => Value::attr(value.clone(), name),
                    _ => Value::Null,
                },
            },
            Value::Text(t)
                if matches!(name, "stem" | "name" | "suffix")
                    && let Some(path) = t.as_literal()
                    && !path.contains(char::is_whitespace) =>
            {
                let path = std::path::Path::new(&path);
                let part = match name {
                    "stem" => path.file_stem(),
                    "name" => path.file_name(),
                    _ => path.extension(),
                };
                let part = part.and_then(|p| p.to_str()).unwrap_or_default();
                let dot = if name == "suffix" { "." } else { "" };
                Value::text(Rope::unmapped(&format!("{dot}{part}")))
            }
            // The bytes of an embedded file.
            Value::Text(_) if name == "data" => value.clone(),
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
            Value::Instance(i) => match &i.given {
                Some(given) if i.args.is_none() => self
                    .state_of(i, name)
                    .unwrap_or_else(|| self.given_member(given, i.class, name)),
                _ => self
                    .known_member(i, name)
                    .unwrap_or_else(|| Value::attr(value.clone(), name)),
            },
            Value::Choice(c) => {
                let known: Vec<Value> = c
                    .iter()
                    .filter(|v| !matches!(v, Value::Null))
                    .map(|v| self.member(v, name))
                    .collect();
                Value::choice(known)
            }
            Value::Attr(_) | Value::Made(_) if let Some(f) = self.variant_method(value, name) => f,
            Value::Param(p) => match self.param_type(p) {
                Some(Value::Instance(i)) => self.given_member(value, i.class, name),
                Some(typed) => self.member(&typed, name),
                None => Value::attr(value.clone(), name),
            },
            _ => Value::attr(value.clone(), name),
        }
    }

    /// A method of an enum of the project, of one of its variants.
    fn variant_method(&self, value: &Value, name: &str) -> Option<Value> {
        let class = self.variant_of(value)?;
        let function = self.find_method(class, name, 0)?;
        Some(Value::Function(Rc::new(FunctionValue {
            function,
            receiver: Some(value.clone()),
            env: None,
        })))
    }

    /// The enum that a value is a variant of: `Mode::Brief`, `Mode::Upto(3)`.
    pub(in crate::resolve) fn variant_of(&self, value: &Value) -> Option<ClassRef> {
        let variant = match value {
            Value::Made(m) => &m.callee,
            v => v,
        };
        let Value::Attr(a) = variant else { return None };
        let Value::Class(class) = &a.base else {
            return None;
        };
        let of = self.class(*class)?;
        let is = of.kind == ClassKind::Enum && of.fields.iter().any(|f| f.name == a.name);
        is.then_some(*class)
    }

    /// `value[key]`.
    pub(crate) fn index(&self, value: &Value, key: &Value) -> Value {
        if let Some(k) = self.literal(key) {
            if let Value::Instance(i) = value
                && let Some(v) = self.looked_up(i, key)
            {
                return v;
            }
            return match value {
                Value::Map(m) if m.open && field_of(m, &k).is_none() => {
                    some_field(m).unwrap_or_else(|| self.member(value, &k))
                }
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

    /// `object["name"]`, where the object's class says what that means: a folder of files, a registry.
    fn looked_up(&self, i: &Rc<Instance>, key: &Value) -> Option<Value> {
        let function = self.find_method(i.class, "__getitem__", 0)?;
        let at = ExprRef {
            file: function.file,
            expr: ExprId(0),
        };
        let f = Rc::new(FunctionValue {
            function,
            receiver: Some(Value::Instance(Rc::clone(i))),
            env: i.env.clone(),
        });
        let arg = ArgValue {
            name: None,
            value: key.clone(),
            spread: false,
            at: None,
        };
        let value = self.nested(|| Some(self.call_function(&f, &[arg], at)))?;
        is_texty(&value).then_some(value)
    }

    /// `value[a:b]`: which of its items are left out is not asked.
    pub(super) fn part(
        &self,
        facts: &Facts,
        key: ExprRef,
        value: Value,
        bounds: &[ExprId],
    ) -> Value {
        match &value {
            // The parts of a name that was split: which of them are left out says which file is meant.
            Value::List(l) if !l.open && l.items.iter().all(is_name_part) => {
                let text = self.project.slice(key.file, facts.span(key.expr));
                Self::bounds(text, l.items.len()).map_or(value.clone(), |(from, to)| {
                    Value::list(l.items[from..to].to_vec(), false)
                })
            }
            Value::List(l) => {
                let backward = bounds.get(2).is_some_and(|step| {
                    matches!(facts.expr(*step), Expr::Unary { not: false, .. })
                        || matches!(facts.expr(*step), Expr::Number(n) if n.starts_with('-'))
                });
                if backward {
                    return Value::list(l.items.iter().rev().cloned().collect(), l.open);
                }
                value
            }
            Value::Text(_) | Value::Choice(_) | Value::Null | Value::Unknown(_) => value,
            // A part of a parameter is of its type.
            Value::Param(_) | Value::Attr(_) => value,
            _ => Value::attr(value, "[]"),
        }
    }

    /// `name.split(".")[-1]`
    pub(super) fn last_part(&self, key: ExprRef, value: &Value) -> Option<Value> {
        let Value::List(l) = value else { return None };
        if l.open || !l.items.iter().all(is_name_part) {
            return None;
        }
        let facts = self.facts(key.file)?;
        let back: usize = self
            .project
            .slice(key.file, facts.span(key.expr))
            .strip_prefix('-')?
            .parse()
            .ok()?;
        l.items.get(l.items.len().checked_sub(back)?).cloned()
    }

    /// The bounds that `a:b` of literal numbers sets in a list of so many items.
    fn bounds(text: &str, len: usize) -> Option<(usize, usize)> {
        let (from, to) = text.split_once(':')?;
        let bound = |text: &str, open: usize| {
            let text = text.trim();
            if text.is_empty() {
                return Some(open);
            }
            let at: isize = text.parse().ok()?;
            Some(match usize::try_from(at) {
                Ok(at) => at.min(len),
                Err(_) => len.saturating_sub(at.unsigned_abs()),
            })
        };
        let (from, to) = (bound(from, 0)?, bound(to, len)?);
        (from <= to).then_some((from, to))
    }

    pub(super) fn item(&self, value: &Value, i: i32) -> Value {
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
            // Under some key: any that is asked for may be it.
            (Value::Map(_) | Value::Null, Step::Key(_) | Step::Any) if rest.is_empty() => {
                if is_texty(&new) {
                    Self::put_pair(base, None, new)
                } else {
                    base.clone()
                }
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
            (Value::Instance(i), Step::Field(k)) => {
                let value = if rest.is_empty() {
                    new
                } else {
                    self.set_path(&self.member(base, k), rest, new, at, definite)
                };
                Value::Instance(Rc::new(i.after(Stored::Attribute {
                    name: k.clone(),
                    value,
                    definite: definite || !rest.is_empty(),
                })))
            }
            (Value::Made(_), Step::Field(k)) if rest.is_empty() => {
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
}

/// Whether a value is a word that stands nowhere in a source: a part of a name that was split.
fn is_name_part(value: &Value) -> bool {
    matches!(value, Value::Text(t) if matches!(t.segments.as_slice(),
        [Segment::Literal { runs, .. }] if runs.is_empty()))
}

/// What a map holds under a key that is not known, where that is text.
fn some_field(m: &Map) -> Option<Value> {
    let fields = m.fields.iter().filter(|f| f.key == "[]");
    let texts: Vec<Value> = fields
        .map(|f| f.value.clone())
        .filter(is_texty)
        .take(8)
        .collect();
    (!texts.is_empty()).then(|| Value::choice(texts))
}

/// The field of a name, or of the same words put together differently: a settings file writes
/// `system-prompt` for the field `system_prompt`.
fn field_of<'m>(m: &'m Map, name: &str) -> Option<&'m MapField> {
    fn letters(s: &str) -> impl Iterator<Item = char> {
        s.chars()
            .filter(|c| !matches!(c, '_' | '-'))
            .map(|c| c.to_ascii_lowercase())
    }
    let same = |f: &&MapField| f.at.is_none() && letters(&f.key).eq(letters(name));
    let mut fields = m.fields.iter().rev();
    fields
        .find(|f| f.key == name)
        .or_else(|| m.fields.iter().rev().find(same))
}

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
