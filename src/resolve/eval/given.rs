//! Objects that a caller gives: parameters of a declared class, and `self`. What the class fixes is the
//! class's, what may be stored to one object is its caller's.

use std::rc::Rc;

use super::Evaluator;
use crate::resolve::value::{ClassRef, FunctionRef, FunctionValue, Instance, Param, Value};

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
        match self.member(&typed, name) {
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
            v if is_state(&v) => part(),
            v => v,
        }
    }

    /// A member of `self`: what the class says, but that a collection it fills only from outside is
    /// its caller's.
    fn receiver_member(&self, given: &Value, class: ClassRef, name: &str) -> Value {
        let me = Rc::new(Instance::of_class(class, Some(given.clone())));
        match self.instance_member(&me, name) {
            Some(v) if !gathers(&v) => v,
            _ => Value::attr(Value::Instance(me), name),
        }
    }
}

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
