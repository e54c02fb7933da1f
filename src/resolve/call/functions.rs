//! What a function of the project returns for its arguments.

use std::rc::Rc;

use crate::calls::GapReason;
use crate::hir::{Expr, Facts, Field, Function, ScopeId, TypeRef};
use crate::language::Language;
use crate::project::says_prompt;
use crate::resolve::eval::{Evaluator, is_texty};
use crate::resolve::request::chain_of;
use crate::resolve::text::Engine;
use crate::resolve::value::{
    ArgValue, ClassRef, ExprRef, FunctionValue, Instance, MAX_CHOICE, Made, Rope, Value,
};
use crate::source::FileId;

/// Frames that may be open at once.
const MAX_FRAMES: u32 = 8;

impl Evaluator<'_> {
    /// A function of the project with its arguments bound.
    pub(crate) fn call_function(
        &self,
        f: &Rc<FunctionValue>,
        args: &[ArgValue],
        at: ExprRef,
    ) -> Value {
        let kept = || {
            Value::Made(Rc::new(Made {
                callee: Value::Function(Rc::clone(f)),
                args: args.to_vec(),
                at: Some(at),
            }))
        };
        let Some(function) = self.function(f.function) else {
            return kept();
        };
        let depth = f.env.as_ref().map_or(0, |e| e.depth);
        if function.is_stub || depth >= MAX_FRAMES {
            return self.declared_client(f, function).unwrap_or_else(kept);
        }
        if let Some(doc) = self.made_of_doc(f, function) {
            return doc;
        }
        let env = self.bind(f, args);
        let returned = || {
            let mut values = Vec::new();
            let file = f.function.file;
            for r in &function.returns {
                let runs = self
                    .facts(file)
                    .and_then(|facts| self.runs(file, facts, r.guard, function.guard, &env));
                if runs == Some(false) {
                    continue;
                }
                let at = ExprRef {
                    file,
                    expr: r.value,
                };
                let value = self.eval(at, &env);
                values.push(self.returned_receiver(at, &value, &env).unwrap_or(value));
                // What stands in a `try` may fail before it returns.
                let last = runs == Some(true)
                    && r.guard != function.guard
                    && self
                        .facts(file)
                        .is_none_or(|f| f.enclosing_try(r.guard).is_none());
                if last || values.len() > MAX_CHOICE {
                    break;
                }
            }
            values
        };
        let mut values = self
            .nested(|| self.memo.call(f.function, returned))
            .unwrap_or_default();
        if values.len() > 1 {
            values.retain(|v| !is_failure(v));
        }
        if values.is_empty() {
            return kept();
        }
        let texty = values.iter().any(is_texty);
        let value = if texty {
            // A builder that gives up with `None` or `""` in some branch still builds.
            Value::choice(
                values
                    .into_iter()
                    .filter(|v| !matches!(v, Value::Null))
                    .collect(),
            )
        } else {
            Value::choice(values)
        };
        if value.is_blank() {
            return kept();
        }
        // A loader whose prompts come from where they cannot be read (a database, a service) often has
        // the files that they were before.
        if says_nothing(&value)
            && let Some(name) = function.name.as_deref()
            && says_prompt(name)
            && let Some(text) = self.asked_for(name, args, at.file)
        {
            return text;
        }
        if let Some(object) = self.declared_object(f, function, &value) {
            return object;
        }
        if let Some(filled) = self.filled_by_method(f, function.name.as_deref(), args, &value) {
            return filled;
        }
        let value = match &function.return_type {
            Some(ty) => self.shaped(f.function.file, function.scope, ty, value),
            None => value,
        };
        if !texty && self.loses_text(&value, args) {
            // A conversion that was followed only in part: what it was given is in it somewhere.
            let given = args.iter().map(|a| a.value.clone()).collect();
            return Value::choice(vec![
                value,
                Value::from_ingredients(GapReason::Dynamic, given),
            ]);
        }
        value
    }

    /// The object that a function is declared to give, where what it returns says nothing.
    fn declared_object(
        &self,
        f: &FunctionValue,
        function: &Function,
        value: &Value,
    ) -> Option<Value> {
        let says_nothing = match value {
            Value::Unknown(u) => u.ingredients.is_empty(),
            Value::Attr(_) => chain_of(value).root.is_none(),
            _ => false,
        };
        let ty = function.return_type.as_ref().filter(|_| says_nothing)?;
        self.of_type(f.function.file, function.scope, ty)
    }

    /// What a method without a body gives, where its return type is a client of another package:
    /// whatever subclass makes it.
    fn declared_client(&self, f: &FunctionValue, function: &Function) -> Option<Value> {
        let ty = function.return_type.as_ref().filter(|_| function.is_stub)?;
        self.of_type(f.function.file, function.scope, ty)
            .filter(|v| matches!(v, Value::Made(_)))
    }

    /// What a method of a template class of the project gives, where following it (through a parser
    /// of placeholders, mostly) lost the template's words: the template, filled.
    fn filled_by_method(
        &self,
        f: &FunctionValue,
        name: Option<&str>,
        args: &[ArgValue],
        followed: &Value,
    ) -> Option<Value> {
        const FILLS: [&str; 8] = [
            "populate",
            "format",
            "fill",
            "render",
            "format_prompt",
            "substitute",
            "compile",
            "build",
        ];
        let (Some(Value::Instance(i)), true) = (&f.receiver, FILLS.contains(&name?)) else {
            return None;
        };
        let class = &self.class(i.class)?.name;
        if !class.ends_with("Template") && !class.ends_with("Prompt") {
            return None;
        }
        let words = |v: &Value| match v {
            Value::Text(t) => t.words(),
            Value::Choice(c) => c
                .iter()
                .map(|v| if let Value::Text(t) = v { t.words() } else { 0 })
                .max()
                .unwrap_or(0),
            _ => 0,
        };
        let mut given = i.args.iter().flatten().map(|a| &a.value);
        let template = given.find(|v| words(v) >= 3)?;
        (words(followed) < words(template) / 2).then(|| self.fill(template, args, Engine::Braces))
    }

    /// Settings that were read from a file, as the Rust struct that they are declared to be.
    pub(crate) fn shaped(&self, file: FileId, scope: ScopeId, ty: &TypeRef, value: Value) -> Value {
        let Value::Map(m) = &value else {
            return value;
        };
        if self.project.language(file) != Language::Rust {
            return value;
        }
        let Some(Value::Instance(of)) = self.of_type(file, scope, ty) else {
            return value;
        };
        let args = self
            .declared_fields(of.class)
            .into_iter()
            .filter_map(|(part, scope, f)| {
                let renamed = self.serde_name(part.file, f);
                let key = renamed.as_deref().unwrap_or(&f.name);
                let v = match self.member(&value, key) {
                    Value::Null => return None,
                    v => v,
                };
                let v = match &f.ty {
                    Some(ty) => self.nested(|| Some(self.shaped(part.file, scope, ty, v)))?,
                    None => v,
                };
                Some(ArgValue {
                    name: Some(f.name.clone()),
                    value: v,
                    spread: false,
                    at: m.fields.iter().find_map(|f| f.at),
                })
            });
        let args: Vec<ArgValue> = args.collect();
        if args.is_empty() {
            return value;
        }
        Value::Instance(Rc::new(Instance {
            args: Some(args),
            ..Instance::of_class(of.class, None)
        }))
    }

    /// What a call gives that says the Rust struct it makes: `let s: Settings = toml::from_str(text)?`. Of
    /// settings that cannot be read the defaults that the struct's fields declare are known.
    pub(super) fn of_called_type(&self, facts: &Facts, at: ExprRef, value: Value) -> Value {
        let Expr::Call { types, .. } = facts.expr(at.expr) else {
            return value;
        };
        let ([ty], Language::Rust) = (types.as_slice(), facts.language) else {
            return value;
        };
        let scope = facts.node(at.expr).scope;
        match &value {
            Value::Map(_) => self.shaped(at.file, scope, ty, value),
            Value::Made(_) => match self.of_type(at.file, scope, ty) {
                Some(Value::Instance(of)) if self.has_defaults(of.class) => {
                    self.typed_instance(of.class)
                }
                _ => value,
            },
            _ => value,
        }
    }

    fn has_defaults(&self, class: ClassRef) -> bool {
        let fields = self.declared_fields(class);
        let mut fields = fields.into_iter();
        fields.any(|(part, scope, f)| self.attribute_default(part, scope, f).is_some())
    }

    /// `#[serde(rename = "..")]`
    fn serde_name(&self, file: FileId, field: &Field) -> Option<String> {
        let source = &self.parsed(file)?.source;
        field.attributes.iter().find_map(|a| {
            let text = source.slice(a.span);
            let name = text.split_once("rename")?.1.trim_start();
            let name = name.strip_prefix('=')?.trim_start().strip_prefix('"')?;
            Some(name.split_once('"')?.0.to_owned())
        })
    }

    /// A Rust function that gives nothing back by itself, and is documented where only an attribute
    /// macro looks: the macro makes it give that text.
    fn made_of_doc(&self, f: &FunctionValue, function: &Function) -> Option<Value> {
        let facts = self.facts(f.function.file)?;
        let silent = facts.language == Language::Rust
            && function.returns.is_empty()
            && function.return_type.is_none()
            && !function.attributes.is_empty();
        let doc = function.doc.filter(|_| silent)?;
        let body = facts.functions.get(f.function.function.index())?.span;
        // Ordinary documentation stands before the function.
        let inside = facts.span(doc).start > body.start;
        inside.then(|| {
            let at = ExprRef {
                file: f.function.file,
                expr: doc,
            };
            self.eval(at, &None)
        })
    }

    /// Whether messages came back from a function without the prompt text that it was given.
    fn loses_text(&self, value: &Value, args: &[ArgValue]) -> bool {
        if !matches!(value, Value::List(_)) {
            return false;
        }
        let mut have = Vec::new();
        self.literal_places(value, &mut have, 0);
        let mut given = Vec::new();
        for a in args {
            // The name of a file is no sentence.
            let sentence = |t: &Rope| t.words() >= 3 && t.literal_text().trim().contains(' ');
            if matches!(&a.value, Value::Text(t) if sentence(t)) {
                self.literal_places(&a.value, &mut given, 0);
            }
        }
        !given.is_empty() && !given.iter().any(|g| have.contains(g))
    }

    /// Where the literal text in a value stands: file and first byte of each piece.
    fn literal_places(&self, value: &Value, out: &mut Vec<(FileId, u32)>, depth: u32) {
        if depth > 4 || out.len() > 256 {
            return;
        }
        match value {
            Value::Text(t) => t.each_literal(&mut |file, source, _| out.push((file, source))),
            Value::List(l) => l
                .items
                .iter()
                .for_each(|v| self.literal_places(v, out, depth + 1)),
            Value::Map(m) => m
                .fields
                .iter()
                .for_each(|f| self.literal_places(&f.value, out, depth + 1)),
            Value::Choice(c) => c
                .iter()
                .for_each(|v| self.literal_places(v, out, depth + 1)),
            Value::Made(m) => m
                .args
                .iter()
                .for_each(|a| self.literal_places(&a.value, out, depth + 1)),
            Value::Instance(i) => i
                .args
                .iter()
                .flatten()
                .for_each(|a| self.literal_places(&a.value, out, depth + 1)),
            _ => {}
        }
    }
}

/// Whether all that is known of a value is where it comes from.
fn says_nothing(v: &Value) -> bool {
    match v {
        Value::Choice(c) => c.iter().all(says_nothing),
        Value::Attr(_) | Value::Param(_) => true,
        Value::Unknown(u) => u.ingredients.is_empty(),
        _ => false,
    }
}

/// `Err(..)`: what a function returns instead of its result.
fn is_failure(v: &Value) -> bool {
    matches!(v, Value::Made(m)
        if matches!(&m.callee, Value::External(e) if e.module.is_empty() && e.path.len() == 1 && e.path[0] == "Err"))
}
