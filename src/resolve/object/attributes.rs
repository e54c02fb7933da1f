//! Attributes of objects: what constructors and other methods store, what a class body or a declared
//! type says, and what the constructor was given.

use std::rc::Rc;

use super::MAX_BASES;
use crate::calls::GapReason;
use crate::hir::{
    Class, Facts, Field, Function, FunctionId, How, ParamKind, ScopeId, Step, WriteId,
};
use crate::language::Language;
use crate::resolve::eval::{Evaluator, Reach, Task};
use crate::resolve::value::{
    ArgValue, ClassRef, Env, ExprRef, FunctionRef, FunctionValue, Instance, Value,
};
use crate::source::FileId;

/// Stores of one method to an attribute that are followed.
const MAX_STORES: usize = 12;
/// Frames below a constructor that is still followed.
const MAX_CONSTRUCTOR_DEPTH: u32 = 8;

/// Whose stores make an attribute.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Methods {
    Constructor,
    All,
}

/// A field as a class declares it: the class that does, the scope it stands in.
type Declared<'p> = (ClassRef, ScopeId, &'p Field);

impl<'p> Evaluator<'p> {
    /// An attribute, whichever method stored it. One that is made from itself (a reply added to the
    /// messages that it answers) is what its other stores say.
    pub(in crate::resolve) fn stored_attribute(&self, i: &Instance, name: &str) -> Option<Value> {
        self.attribute_once(i, name, Methods::All)
    }

    /// An attribute before any other method has stored to it.
    pub(in crate::resolve) fn initial_attribute(&self, i: &Instance, name: &str) -> Option<Value> {
        self.attribute_once(i, name, Methods::Constructor)
    }

    fn attribute_once(&self, i: &Instance, name: &str, which: Methods) -> Option<Value> {
        let task = Task::Attribute(i.class, i.at, name.into());
        self.memo
            .run(task, || self.attribute(i, i.class, name, which, 0))
            .flatten()
    }

    /// An attribute: what the constructor stores, then what other methods store, then the class
    /// body, then the constructor's arguments by name (dataclasses, struct literals), then its type.
    fn attribute(
        &self,
        i: &Instance,
        c: ClassRef,
        name: &str,
        which: Methods,
        depth: u32,
    ) -> Option<Value> {
        let facts = self.facts(c.file)?;
        let ctor = self.constructor(c);
        // A struct literal says what its fields are; what other methods store comes after that.
        if ctor.is_none()
            && let Some(a) = named_argument(i, name)
            && !weak(&a.value)
            && !is_empty(&a.value)
        {
            return Some(a.value.clone());
        }
        let found = self.stored_by_methods(facts, i, c, name, (ctor, which));
        if let Some(v) = &found
            && !weak(v)
        {
            return found;
        }
        let class = self.class(c)?;
        // In Rust the fields stand with the struct, not with the `impl` that uses them.
        let declared = self.declarations(c).into_iter().find_map(|(part, class)| {
            let field = class.fields.iter().find(|f| f.name == name)?;
            Some((part, class.scope, field))
        });
        // A constructor argument of that name: dataclasses, models, struct literals.
        if ctor.is_none() || found.is_none() {
            let by_position = || positional_argument(i, class, name).filter(|_| ctor.is_none());
            if let Some(a) = named_argument(i, name).or_else(by_position) {
                return Some(a.value.clone());
            }
        }
        if let Some(v) = declared.and_then(|d| self.declared_attribute(d)) {
            return Some(v);
        }
        if found.is_some() {
            return found;
        }
        if depth >= MAX_BASES {
            return None;
        }
        self.base_classes(c)
            .find_map(|b| self.attribute(i, b, name, which, depth + 1))
    }

    /// What the methods of a class store to an attribute, the constructor first; of the others the
    /// first one that settles it.
    fn stored_by_methods(
        &self,
        facts: &'p Facts,
        i: &Instance,
        c: ClassRef,
        name: &str,
        (ctor, which): (Option<FunctionRef>, Methods),
    ) -> Option<Value> {
        let mut found: Option<Value> = None;
        let mut methods: Vec<FunctionId> = self
            .parts(c)
            .into_iter()
            .filter(|(p, _)| p.file == c.file)
            .flat_map(|(_, class)| class.methods.iter().copied())
            .collect();
        methods.sort_by_key(|m| ctor.map(|c| c.function) != Some(*m));
        let mut stored = false;
        let of_class = self
            .class(c)
            .filter(|class| class.fields.iter().any(|f| f.name == name))
            .map(|class| class.name.as_str());
        for m in methods {
            let f = &facts.functions[m.index()];
            let me = FunctionRef {
                file: c.file,
                function: m,
            };
            let is_ctor = ctor == Some(me);
            if !is_ctor && which == Methods::Constructor {
                break;
            }
            // A map that the constructor leaves empty is filled by a loader.
            let empty = |v: &Value| matches!(v, Value::Map(m) if m.fields.is_empty());
            let settled = |v: &Value| !weak(v) && !empty(v);
            if stored && !is_ctor && found.as_ref().is_some_and(settled) {
                break;
            }
            let (env, before) = if is_ctor {
                (self.constructor_env(i, me), None)
            } else {
                (None, found.clone().filter(|v| !weak(v)))
            };
            let stores = stores_to_attribute(facts, of_class, f, name);
            stored |= !stores.is_empty();
            let value = self.after_stores((c.file, facts), f, &stores, before, is_ctor, &env);
            if value.is_some() {
                found = value;
            }
        }
        found
    }

    /// Whether no method but the constructor stores to an attribute of a class.
    pub(in crate::resolve) fn only_constructed(
        &self,
        facts: &Facts,
        c: ClassRef,
        name: &str,
    ) -> bool {
        self.class(c).is_some_and(|class| {
            class.methods.iter().all(|m| {
                let f = &facts.functions[m.index()];
                matches!(f.name.as_deref(), Some("__init__" | "constructor"))
                    || stores_to_attribute(facts, None, f, name).is_empty()
            })
        })
    }

    /// An attribute after the stores of one method.
    fn after_stores(
        &self,
        (file, facts): (FileId, &'p Facts),
        method: &Function,
        stores: &[WriteId],
        before: Option<Value>,
        is_ctor: bool,
        env: &Env,
    ) -> Option<Value> {
        let mut value = before;
        for id in stores {
            let w = &facts.writes[id.index()];
            let definite = w.guard == method.guard && (is_ctor || value.is_none());
            let reach = Reach {
                definite,
                in_loop: false,
            };
            value = self.store_below(file, facts, *id, value, reach, env);
        }
        value
    }

    /// What the declaration of a field says: its value, its attributes, its type.
    fn declared_attribute(&self, (part, scope, field): Declared<'p>) -> Option<Value> {
        if let Some(expr) = field.value {
            let file = part.file;
            let v = self.eval(ExprRef { file, expr }, &None);
            let v = self.made_by_default(field_default(v));
            if !v.is_blank() {
                return Some(v);
            }
        }
        self.attribute_default(part, scope, field)
            .or_else(|| self.of_type(part.file, scope, field.ty.as_ref()?))
    }

    /// The environment in which an object's constructor ran.
    fn constructor_env(&self, i: &Instance, ctor: FunctionRef) -> Env {
        let args = i.args.as_ref()?;
        let f = FunctionValue {
            function: ctor,
            receiver: Some(Value::Instance(Rc::new(i.constructed()))),
            env: i.env.clone(),
        };
        if (f.env.as_ref()).is_some_and(|e| e.depth >= MAX_CONSTRUCTOR_DEPTH) {
            return None;
        }
        self.bind(&f, args)
    }

    /// What `Field(default_factory=Prompts)` makes: an object of the class, what the function returns.
    fn made_by_default(&self, v: Value) -> Value {
        let Value::Made(m) = &v else { return v };
        let factory = m
            .args
            .iter()
            .find(|a| a.name.as_deref() == Some("default_factory"))
            .map(|a| &a.value);
        match factory {
            Some(Value::Class(c)) => Value::Instance(Rc::new(Instance::of_class(*c, None))),
            Some(Value::Function(f)) => self.call_function(f, &[], f.function.unwritten_call()),
            _ => v,
        }
    }
}

/// The constructor's argument of a name.
fn named_argument<'i>(i: &'i Instance, name: &str) -> Option<&'i ArgValue> {
    let args = i.args.as_ref()?;
    args.iter().find(|a| a.name.as_deref() == Some(name))
}

/// The constructor's argument at the place of the field of that name.
fn positional_argument<'i>(i: &'i Instance, class: &Class, name: &str) -> Option<&'i ArgValue> {
    let n = class.fields.iter().position(|f| f.name == name)?;
    let args = i.args.as_ref()?;
    args.iter().filter(|a| a.name.is_none() && !a.spread).nth(n)
}

/// The stores of a method to an attribute of its object.
fn stores_to_attribute(
    facts: &Facts,
    class: Option<&str>,
    method: &Function,
    name: &str,
) -> Vec<WriteId> {
    let receiver = if facts.language == Language::TypeScript {
        "this"
    } else {
        method
            .params
            .first()
            .filter(|p| p.kind == ParamKind::Receiver)
            .and_then(|p| p.name.as_deref())
            .unwrap_or("self")
    };
    let to_attribute = |w: &WriteId| {
        let w = &facts.writes[w.index()];
        w.path.first() == Some(&Step::Field(name.into())) && !matches!(w.how, How::Param(_))
    };
    // `Desk._instance = Desk()`, which lives where the class does.
    let of_class = || {
        let all = (0..).map(WriteId).zip(&facts.writes);
        let here = all.filter(|(_, w)| w.scope == method.scope && Some(w.root.as_str()) == class);
        here.map(|(id, _)| id)
    };
    let names = &facts.scopes[method.scope.index()].names;
    let stores = names.get(receiver).into_iter().flatten().copied();
    let stores = stores.filter(to_attribute).take(MAX_STORES);
    let mut stores: Vec<WriteId> = stores.collect();
    if stores.is_empty() && class.is_some() {
        stores.extend(of_class().filter(to_attribute).take(MAX_STORES));
    }
    stores
}

/// What `Field(default, …)` of a model or `field(default=…)` of a dataclass gives; nothing, where
/// it only describes the field.
fn field_default(v: Value) -> Value {
    let Value::Made(m) = &v else { return v };
    let Value::External(callee) = &m.callee else {
        return v;
    };
    if !matches!(
        callee.path.last().map(|n| n.as_str()),
        Some("Field" | "field" | "PrivateAttr")
    ) {
        return v;
    }
    let named = |n: &str| m.args.iter().find(|a| a.name.as_deref() == Some(n));
    if named("default_factory").is_some() {
        return v;
    }
    named("default")
        .or_else(|| m.args.first().filter(|a| a.name.is_none() && !a.spread))
        .map(|a| a.value.clone())
        .filter(|v| !matches!(v, Value::External(_) | Value::Attr(_) | Value::Null))
        .unwrap_or_else(|| Value::unknown(GapReason::Dynamic))
}

/// Whether another source of the attribute is preferred.
fn weak(v: &Value) -> bool {
    matches!(v, Value::Null | Value::Unknown(_))
}

fn is_empty(v: &Value) -> bool {
    match v {
        Value::List(l) => l.items.is_empty(),
        Value::Map(m) => m.fields.is_empty(),
        _ => false,
    }
}
