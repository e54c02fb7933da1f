//! Objects that a caller gives: parameters of a declared class, and `self`. What the class fixes is the
//! class's, what may be stored to one object is its caller's.

use std::rc::Rc;

use super::Evaluator;
use crate::hir::{ExprId, How, Step};
use crate::language::Language;
use crate::resolve::value::{
    ClassRef, ExprRef, FunctionRef, FunctionValue, Instance, Param, Value,
};

impl Evaluator<'_> {
    /// The object of a method whose caller is not known: a parameter like any other.
    pub(crate) fn symbolic_receiver(&self, class: ClassRef, method: FunctionRef) -> Value {
        Value::Instance(Rc::new(Instance::of_class(
            class,
            Some(Value::Param(Rc::new(Param {
                function: method,
                index: RECEIVER,
                name: "self".into(),
            }))),
        )))
    }

    /// A member of an object that a caller gives, known by its declared type: methods and what the
    /// class fixes are the class's, what may be stored to an object is a part of what is given.
    pub(crate) fn given_member(&self, given: &Value, class: ClassRef, name: &str) -> Value {
        if let Value::Param(p) = given
            && p.index == RECEIVER
        {
            return self.receiver_member(given, class, name);
        }
        let typed = self.typed_instance(class);
        if depth_of(given) >= MAX_GIVEN {
            return self.member(&typed, name);
        }
        let part = || Value::attr(given.clone(), name);
        let fixed = match &typed {
            Value::Instance(i) => self.instance_member(i, name),
            _ => None,
        };
        match fixed.unwrap_or_else(part) {
            Value::Function(f) if matches!(&f.receiver, Some(Value::Instance(i)) if i.at.is_none() && i.class == class) => {
                Value::Function(Rc::new(FunctionValue {
                    function: f.function,
                    receiver: Some(Value::Instance(Rc::new(Instance::of_class(
                        class,
                        Some(given.clone()),
                    )))),
                    env: f.env.clone(),
                }))
            }
            Value::Instance(i) if i.args.is_none() && i.state.is_none() => {
                Value::Instance(Rc::new(Instance {
                    given: Some(part()),
                    ..i.constructed()
                }))
            }
            v if is_state(&v) => self.settled(&v, class, name).unwrap_or_else(part),
            v => v,
        }
    }

    /// A member of `self`: what the class says, but that a collection it fills only from outside is
    /// its caller's.
    fn receiver_member(&self, given: &Value, class: ClassRef, name: &str) -> Value {
        let own = self.seen_from_inside(given, class, name);
        self.settled(&own, class, name).unwrap_or(own)
    }

    /// See [`Self::receiver_member`]: as far as the class itself says.
    fn seen_from_inside(&self, given: &Value, class: ClassRef, name: &str) -> Value {
        let me = Rc::new(Instance::of_class(class, Some(given.clone())));
        match self.known_member(&me, name) {
            // What it began with, and what its methods have added since.
            Some(Value::List(l))
                if !gathers(&Value::List(Rc::clone(&l))) && self.grows(class, name) =>
            {
                let mut items = l.items.clone();
                items.push(Value::attr(Value::Instance(me), name));
                Value::list(items, l.open)
            }
            Some(v) if !gathers(&v) => v,
            _ => Value::attr(Value::Instance(me), name),
        }
    }

    /// Whether methods of a class add to a list that it keeps.
    fn grows(&self, class: ClassRef, name: &str) -> bool {
        let Some(facts) = self.facts(class.file) else {
            return false;
        };
        let Some(c) = facts.classes.get(class.class.index()) else {
            return false;
        };
        let constructors = |f: &crate::hir::FunctionId| {
            let name = facts.functions[f.index()].name.as_deref();
            !matches!(name, Some("__init__" | "constructor" | "new"))
        };
        c.methods.iter().filter(|f| constructors(f)).any(|f| {
            let span = facts.functions[f.index()].span;
            facts.writes.iter().any(|w| {
                matches!(w.root.as_str(), "self" | "this")
                    && matches!(w.path.as_slice(), [Step::Field(n)] if n == name)
                    && matches!(w.how, How::Mutate(_) | How::Augment(_))
                    && span.contains(w.span)
            })
        })
    }

    /// A member of an object; of one that is known by its type alone, what its struct fills it with
    /// by default rather than what its field's type says.
    pub(super) fn known_member(&self, i: &Rc<Instance>, name: &str) -> Option<Value> {
        let known = self.instance_member(i, name);
        let by_type = match &known {
            None => true,
            Some(Value::Instance(o)) => o.args.is_none() && o.state.is_none(),
            Some(_) => false,
        };
        if !by_type || i.args.is_some() {
            return known;
        }
        let typed = self.typed_instance(i.class);
        let Value::Instance(key) = &typed else {
            return known;
        };
        let name_by_default = format!("{name} by default");
        let default = self.memo.member(key, &name_by_default, &self.limited, || {
            self.default_field(i, name)
        });
        default.or(known)
    }

    /// A field of a Rust struct known by its type alone: what the struct's own constructor without
    /// arguments, or the settings file that it reads, fills it with.
    pub(super) fn default_field(&self, i: &Instance, name: &str) -> Option<Value> {
        let facts = self.facts(i.class.file)?;
        if facts.language != Language::Rust
            || i.args.is_some()
            || !self.declared_field(i.class, name)
        {
            return None;
        }
        self.nested(|| {
            CONSTRUCTORS.iter().find_map(|c| {
                let function = self.find_method(i.class, c, 0)?;
                let f = Rc::new(FunctionValue {
                    function,
                    receiver: None,
                    env: None,
                });
                let at = ExprRef {
                    file: function.file,
                    expr: ExprId(0),
                };
                let object = self.call_function(&f, &[], at);
                let value = match &object {
                    Value::Instance(o) if o.args.is_some() => self.instance_member(o, name)?,
                    Value::Map(_) => self.member(&object, name),
                    _ => return None,
                };
                let says = match &value {
                    Value::Text(t) => t.words() > 2,
                    Value::Instance(o) => o.args.is_some(),
                    v => matches!(v, Value::Map(_)),
                };
                says.then_some(value)
            })
        })
    }
}

/// Functions of a Rust struct that make one of what the program itself has.
const CONSTRUCTORS: &[&str] = &["default", "new", "load", "from_env"];

/// The index of a receiver among the parameters of its method.
const RECEIVER: u16 = u16::MAX;

/// Whether an attribute's value is what one object was given or has gathered: nothing, a part of a
/// parameter of its class's methods, a collection of these.
fn is_state(v: &Value) -> bool {
    match v {
        Value::Attr(_) | Value::Param(_) | Value::Null | Value::Unknown(_) => true,
        Value::Choice(c) => c.iter().all(is_state),
        v => gathers(v),
    }
}

/// Whether a value is a collection that is empty, or holds parameters and no words of its own.
fn gathers(v: &Value) -> bool {
    let empty = match v {
        Value::List(l) => l.items.is_empty(),
        Value::Map(m) => m.fields.is_empty(),
        _ => return false,
    };
    let mut given = false;
    v.each_root_param(&mut |_| given = true);
    empty || given && !has_words(v, 0)
}

/// Whether literal words stand in a value.
fn has_words(v: &Value, depth: u32) -> bool {
    depth < 4
        && match v {
            Value::Text(t) => t.words() > 1,
            Value::List(l) => l.items.iter().any(|v| has_words(v, depth + 1)),
            Value::Map(m) => m.fields.iter().any(|f| has_words(&f.value, depth + 1)),
            Value::Choice(c) => c.iter().any(|v| has_words(v, depth + 1)),
            Value::Made(m) => m.args.iter().any(|a| has_words(&a.value, depth + 1)),
            Value::Instance(i) => {
                let mut given = i.args.iter().flatten();
                given.any(|a| has_words(&a.value, depth + 1))
            }
            _ => false,
        }
}

/// How far below a parameter an object still counts as given: a context that holds everything is no prompt.
const MAX_GIVEN: usize = 3;

/// How many members below a parameter a value stands.
fn depth_of(v: &Value) -> usize {
    let mut depth = 0;
    let mut at = v;
    while let Value::Attr(a) = at {
        depth += 1;
        at = &a.base;
    }
    depth
}
