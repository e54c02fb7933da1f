//! Members of values: `value.name`, `value[key]`, and what steps into a value lead to.

use std::path::Path;
use std::rc::Rc;

use super::Evaluator;
use super::holes::is_texty;
use crate::calls::GapReason;
use crate::hir::{ClassKind, Step};
use crate::resolve::value::{
    ArgValue, ClassRef, External, FunctionValue, Instance, MAX_CHOICE, Map, MapField, Rope, Value,
};

/// Methods of a map, which are no fields of it.
const MAP_METHODS: &[&str] = &[
    "get",
    "items",
    "values",
    "keys",
    "update",
    "copy",
    "pop",
    "setdefault",
];

impl Evaluator<'_> {
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
            Value::Map(m) => match field_of(m, name) {
                // `{ get chat() { … } }`
                Some(MapField {
                    value: Value::Function(f),
                    ..
                }) if self.function(f.function).is_some_and(|f| f.is_property) => {
                    self.call_function(f, &[], f.function.unwritten_call())
                }
                Some(f) => f.value.clone(),
                None if m.open || MAP_METHODS.contains(&name) => Value::attr(value.clone(), name),
                None => Value::Null,
            },
            Value::Text(t) if let Some(part) = part_of_path(t, name) => part,
            // The bytes of an embedded file.
            Value::Text(_) if name == "data" => value.clone(),
            Value::Module(f) => self
                .module_member(*f, name)
                .or_else(|| self.submodule_of(*f, name).map(Value::Module))
                .unwrap_or_else(|| Value::attr(value.clone(), name)),
            Value::External(e) => {
                let mut path = e.path.clone();
                path.push(name.into());
                Value::External(Rc::new(External {
                    module: e.module.clone(),
                    path,
                }))
            }
            Value::Class(c) => match self.class_member(*c, name, 0) {
                // `_instance = None`, until a method makes the one object there is.
                Some(Value::Null) => self
                    .stored_attribute(&Instance::of_class(*c, None), name)
                    .unwrap_or(Value::Null),
                known => known.unwrap_or_else(|| Value::attr(value.clone(), name)),
            },
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
            Value::Map(_) | Value::List(_) => self.entry(value, key),
            // A slice of text is still that text.
            Value::Text(_) => value.clone(),
            Value::Choice(c) => Value::choice(c.iter().map(|v| self.index(v, key)).collect()),
            _ => Value::attr(value.clone(), "[]"),
        }
    }

    /// `object["name"]`, where the object's class says what that means: a folder of files, a registry.
    fn looked_up(&self, i: &Rc<Instance>, key: &Value) -> Option<Value> {
        let function = self.find_method(i.class, "__getitem__", 0)?;
        let f = Rc::new(FunctionValue {
            function,
            receiver: Some(Value::Instance(Rc::clone(i))),
            env: i.env.clone(),
        });
        let arg = ArgValue::positional(key.clone(), None);
        let call = || self.call_function(&f, &[arg], function.unwritten_call());
        let value = self.nested(|| Some(call()))?;
        is_texty(&value).then_some(value)
    }
}

/// `path.stem`, `path.name`, `path.suffix` of text that is a path.
fn part_of_path(text: &Rope, name: &str) -> Option<Value> {
    if !matches!(name, "stem" | "name" | "suffix") {
        return None;
    }
    let path = text.as_literal()?;
    if path.contains(char::is_whitespace) {
        return None;
    }
    let path = Path::new(&path);
    let part = match name {
        "stem" => path.file_stem(),
        "name" => path.file_name(),
        _ => path.extension(),
    };
    let part = part.and_then(|p| p.to_str()).unwrap_or_default();
    let dot = if name == "suffix" { "." } else { "" };
    Some(Value::text(Rope::unmapped(&format!("{dot}{part}"))))
}

/// What a map holds under a key that is not known, where that is text.
fn some_field(m: &Map) -> Option<Value> {
    let fields = m.fields.iter().filter(|f| f.key == "[]");
    let texts: Vec<Value> = fields
        .map(|f| f.value.clone())
        .filter(is_texty)
        .take(MAX_CHOICE + 1)
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
