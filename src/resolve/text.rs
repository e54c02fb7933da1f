//! Operations on text and files that evaluation follows: methods of strings and lists, formatting,
//! builtins of the three languages, prompt files.

mod asked;
mod builtins;
mod collections;
mod engines;
mod files;
mod fill;
mod found;
mod includes;
mod loaders;
mod methods;
mod names;
mod opened;
mod rust;
mod tags;

use std::rc::Rc;

use self::methods::{GIVES_INSIDE, KEEPS_PARAMETER};
use crate::language::Language;
use crate::resolve::eval::{Evaluator, is_texty};
use crate::resolve::value::{ArgValue, Env, ExprRef, Instance, Rope, Segment, Value};

pub(crate) use self::fill::Engine;

/// A method that is called, whatever it is called on.
#[derive(Clone, Copy)]
struct MethodCall<'a> {
    name: &'a str,
    args: &'a [ArgValue],
    /// The call.
    at: ExprRef,
    env: &'a Env,
}

impl<'a> MethodCall<'a> {
    /// The value of the first argument.
    fn first(&self) -> Option<&'a Value> {
        self.args.first().map(|a| &a.value)
    }
}

impl<'p> Evaluator<'p> {
    /// A method of a known value; `None` where the value has no such method that we follow.
    pub(crate) fn method(
        &self,
        base: &Value,
        name: &str,
        args: &[ArgValue],
        at: ExprRef,
        env: &Env,
    ) -> Option<Value> {
        let call = MethodCall {
            name,
            args,
            at,
            env,
        };
        if is_texty(base) {
            return self.text_method(base, call);
        }
        if GIVES_INSIDE.contains(&name)
            && self.project.language(at.file) == Language::Rust
            && matches!(base, Value::Map(_) | Value::List(_) | Value::Instance(_))
            && !matches!(base, Value::Instance(i) if self.find_method(i.class, name, 0).is_some())
        {
            return Some(base.clone());
        }
        if let Some(v) = self.rust_method(base, name, args, at, env) {
            return Some(v);
        }
        // `text.replace(/[^a-z]/g, "")`: cleaned, and still the same text.
        if matches!(name, "replace" | "replaceAll")
            && args.len() == 2
            && self.literal(&args[0].value).is_none()
            && !matches!(base, Value::Map(_) | Value::List(_) | Value::Instance(_))
        {
            return Some(base.clone());
        }
        match base {
            Value::Made(m) if name == "format" => self.formatted(at.file, m, args),
            Value::List(l) => self.list_method(base, l, call),
            Value::Map(m) => self.map_method(base, m, call),
            Value::Param(_) | Value::Attr(_) if KEEPS_PARAMETER.contains(&name) => {
                Some(base.clone())
            }
            Value::Param(_) | Value::Attr(_)
                if matches!(name, "map" | "flatMap") && args.len() == 1 =>
            {
                let item = self.for_any_item(base, call)?;
                Some(Value::list(vec![item], true))
            }
            // A range, or what is not known: one of its items stands for all.
            Value::Unknown(_)
                if name == "map" && matches!(call.first(), Some(Value::Function(_))) =>
            {
                let item = self.for_any_item(base, call)?;
                is_texty(&item).then(|| Value::list(vec![item], true))
            }
            Value::Instance(i) => self.instance_method(base, i, name),
            Value::Made(m) => self
                .made_method(m, base, call)
                .or_else(|| self.arms(m, name, args, at, env))
                .or_else(|| self.or_default(base, name, args.first())),
            Value::Unknown(_) | Value::Attr(_) => self.or_default(base, name, args.first()),
            // `import("./prompts").then((m) => m.SYSTEM)`
            Value::Module(_) | Value::External(_) if name == "then" => {
                self.call_back(call.first()?, vec![base.clone()], at, env)
            }
            // `chevron.render(text, context)`, `Mustache.render(..)`, `nunjucks.renderString(..)`
            Value::External(_) if matches!(name, "render" | "renderString") => {
                self.rendered_once(args)
            }
            Value::Choice(_) if name == "render" => self.rendered(base, args, at.file),
            // Settings that a request may bring with it, and those of a file otherwise.
            Value::Choice(c) if name == "get" && c.iter().any(|v| matches!(v, Value::Map(_))) => {
                let kept = c.iter().filter_map(|v| self.method(v, name, args, at, env));
                let kept: Vec<Value> = kept.filter(|v| self.is_of_file(v)).collect();
                if kept.is_empty() {
                    return self.in_every_case(c, call);
                }
                Some(Value::choice(kept))
            }
            // The same in every case, where it is known in every case.
            Value::Choice(c) => self.in_every_case(c, call),
            _ => None,
        }
    }

    fn in_every_case(&self, cases: &[Value], call: MethodCall) -> Option<Value> {
        let values = cases
            .iter()
            .map(|v| self.method(v, call.name, call.args, call.at, call.env));
        values.collect::<Option<Vec<Value>>>().map(Value::choice)
    }

    /// Methods of an object that its class need not declare: copies, what it reads like.
    fn instance_method(&self, base: &Value, i: &Rc<Instance>, name: &str) -> Option<Value> {
        match name {
            "to_owned" | "clone" | "into" | "as_ref" => Some(base.clone()),
            "render" | "to_string" if let Some(text) = self.derived_template(i) => Some(text),
            "to_string" | "toString" => self.instance_text(i).map(Value::text),
            _ => None,
        }
    }

    /// What the first argument gives for some item of a collection whose items are not known.
    fn for_any_item(&self, base: &Value, call: MethodCall) -> Option<Value> {
        let item = Value::attr(base.clone(), "[]");
        self.call_back(call.first()?, vec![item], call.at, call.env)
    }

    /// What a function that is given as an argument gives for these values.
    fn call_back(&self, f: &Value, args: Vec<Value>, at: ExprRef, env: &Env) -> Option<Value> {
        let args: Vec<ArgValue> = args
            .into_iter()
            .map(|value| ArgValue::positional(value, None))
            .collect();
        match f {
            Value::Function(f) => Some(self.call_function(f, &args, at)),
            Value::External(_) | Value::Class(_) | Value::Choice(_) => {
                Some(self.apply(f, args, at, env))
            }
            _ => None,
        }
    }

    /// Items joined by a separator; `at` is the expression of the list.
    fn join(&self, separator: &Value, list: &Value, at: Option<ExprRef>) -> Value {
        let mut rope = Rope::default();
        match list {
            Value::List(l) => {
                for (i, v) in l.items.iter().enumerate() {
                    if i > 0 {
                        self.text_into(&mut rope, separator, None);
                    }
                    if l.items.len() == 1 && l.open {
                        let mut one = Rope::default();
                        self.text_into(&mut one, v, None);
                        let one = self.with_collection(one, at);
                        rope.segments.push(Segment::Repeat(Rc::new(one)));
                    } else {
                        self.text_into(&mut rope, v, None);
                    }
                }
            }
            Value::Choice(c) => {
                return Value::choice(c.iter().map(|v| self.join(separator, v, at)).collect());
            }
            other => {
                self.text_into(&mut rope, other, None);
                rope = self.with_collection(rope, at);
            }
        }
        Value::text(rope)
    }
}
