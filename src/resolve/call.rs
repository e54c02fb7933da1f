//! Calls: functions of the project are evaluated with their arguments bound, well-known builtins
//! are evaluated, everything else is kept as [`Value::Made`] with callee and arguments.

mod arms;
mod binding;
mod functions;
mod mutation;
mod registered;

use std::rc::Rc;

use super::eval::Evaluator;
use super::value::{
    ArgValue, Env, ExprRef, External, FunctionValue, Instance, Made, Map, MapField, Value,
};
use crate::calls::GapReason;
use crate::hir::{Arg, CallKind, Expr, ExprId, Facts, How, Name};
use crate::language::Language;

pub(super) use self::mutation::updated;

impl<'p> Evaluator<'p> {
    /// The value of a call expression.
    pub(crate) fn call(&self, facts: &'p Facts, at: ExprRef, env: &Env) -> Value {
        let value = self.called(facts, at, env);
        self.of_called_type(facts, at, value)
    }

    fn called(&self, facts: &'p Facts, at: ExprRef, env: &Env) -> Value {
        let Expr::Call {
            callee, args, kind, ..
        } = facts.expr(at.expr)
        else {
            return Value::unknown(GapReason::Unsupported);
        };
        let here = ExprRef {
            file: at.file,
            expr: *callee,
        };
        if let Expr::Name(name) = facts.expr(*callee)
            && let Some(v) = self.named_call(facts, at, name, *kind, args, env)
        {
            return v;
        }
        if *kind == CallKind::Plain
            && let Expr::Member { base, name } = facts.expr(*callee)
        {
            let base_value = self.eval(
                ExprRef {
                    file: at.file,
                    expr: *base,
                },
                env,
            );
            let arg_values = self.args(at.file, args, env);
            if let Some(v) = self.method(&base_value, name, &arg_values, at, env) {
                return v;
            }
            let callee = match self.super_method(facts, at, *base, name, env) {
                Some(v) => v,
                None => self.called_member(facts, at, *base, &base_value, name, env),
            };
            return self.apply(&callee, arg_values, at, env);
        }
        let callee_value = self.eval(here, env);
        let arg_values = self.args(at.file, args, env);
        match kind {
            CallKind::Tagged if !matches!(callee_value, Value::Function(_)) => arg_values
                .into_iter()
                .next()
                .map_or(Value::Null, |a| a.value),
            CallKind::Struct if !matches!(callee_value, Value::Class(_)) => {
                Value::Made(Rc::new(Made {
                    callee: callee_value,
                    args: arg_values,
                    at: Some(at),
                }))
            }
            _ => self.apply(&callee_value, arg_values, at, env),
        }
    }

    /// `super().method` in Python, `super.method` in TypeScript: the method of a base class.
    pub(crate) fn super_method(
        &self,
        facts: &'p Facts,
        at: ExprRef,
        base: ExprId,
        name: &Name,
        env: &Env,
    ) -> Option<Value> {
        let root = match (facts.language, facts.expr(base)) {
            (Language::Rust, _) => return None,
            (_, Expr::Call { callee, .. }) => facts.expr(*callee),
            (_, root) => root,
        };
        if !matches!(root, Expr::Name(n) if n == "super") {
            return None;
        }
        let class = self.owner_class(facts, at.file, facts.node(at.expr).scope)?;
        self.base_member(class, name, self.receiver_of(facts, at, env))
    }

    /// The receiver in force at an expression.
    fn receiver_of(&self, facts: &'p Facts, at: ExprRef, env: &Env) -> Option<Value> {
        let node = facts.node(at.expr);
        let f = facts.function_of(node.scope)?;
        let mut frame = env.as_ref();
        while let Some(fr) = frame {
            if fr.function.file == at.file && fr.function.function == f && fr.receiver.is_some() {
                return fr.receiver.clone();
            }
            frame = fr.parent.as_ref();
        }
        self.owner_class(facts, at.file, node.scope)
            .map(|c| self.typed_instance(c))
    }

    /// Calls by bare name that are no functions of the project.
    fn named_call(
        &self,
        facts: &'p Facts,
        at: ExprRef,
        name: &Name,
        kind: CallKind,
        args: &[Arg],
        env: &Env,
    ) -> Option<Value> {
        if kind == CallKind::Macro {
            let values = self.args(at.file, args, env);
            return Some(match name.as_str() {
                "include_str" | "include_bytes" => {
                    self.read_file(at.file, &values.first()?.value)?
                }
                "indoc" | "formatdoc" | "concat" | "unindent" | "dedent" => {
                    values.into_iter().next()?.value
                }
                _ => Value::Made(Rc::new(Made {
                    callee: self.imported_macro(facts, at, name),
                    args: values,
                    at: Some(at),
                })),
            });
        }
        if name == "super" {
            return self.receiver_of(facts, at, env);
        }
        // `cls(..)` in a class method.
        if name == "cls"
            && facts.language == Language::Python
            && !is_variable(facts, at, name)
            && let Some(Value::Instance(i)) = self.receiver_of(facts, at, env)
        {
            return Some(Value::Instance(Rc::new(Instance {
                class: i.class,
                args: Some(self.args(at.file, args, env)),
                env: None,
                at: Some(at),
                state: None,
                given: None,
            })));
        }
        // `getattr(client, "create")`
        if name == "getattr"
            && facts.language == Language::Python
            && let [base, named, ..] = args
        {
            let here = |expr| ExprRef {
                file: at.file,
                expr,
            };
            let base = self.eval(here(base.value), env);
            let named = self.literal(&self.eval(here(named.value), env));
            return match named {
                Some(member) => Some(self.member(&base, &member)),
                None if facts.is_callee(at.expr) => self.any_method(&base),
                None => None,
            };
        }
        None
    }

    /// The macro of a known package, else just its name.
    fn imported_macro(&self, facts: &'p Facts, at: ExprRef, name: &Name) -> Value {
        let Expr::Call { callee, .. } = facts.expr(at.expr) else {
            return Value::external("", &[name]);
        };
        let here = ExprRef {
            file: at.file,
            expr: *callee,
        };
        match self.eval(here, &None) {
            Value::External(e) if self.catalog.is_known_package(&e.module, facts.language) => {
                Value::External(e)
            }
            _ => Value::external("", &[name]),
        }
    }

    /// Calls a value.
    pub(crate) fn apply(
        &self,
        callee: &Value,
        args: Vec<ArgValue>,
        at: ExprRef,
        env: &Env,
    ) -> Value {
        match callee {
            Value::Function(f) => self.call_function(f, &args, at),
            Value::Class(class) => Value::Instance(Rc::new(Instance {
                class: *class,
                args: Some(args),
                env: env.clone(),
                at: Some(at),
                state: None,
                given: None,
            })),
            // `#[derive(Default)]`
            Value::Attr(a) if a.name == "default" && args.is_empty() => match &a.base {
                Value::Class(class) => self.apply(&Value::Class(*class), args, at, env),
                _ => Value::Made(Rc::new(Made {
                    callee: callee.clone(),
                    args,
                    at: Some(at),
                })),
            },
            Value::Choice(c) => {
                let called = c.iter().take(MAX_CALLED);
                let mut given: Vec<Value> = called
                    .map(|v| self.apply(v, args.clone(), at, env))
                    .collect();
                if c.len() > MAX_CALLED {
                    given.push(Value::unknown(GapReason::Limit));
                }
                Value::choice(given)
            }
            Value::External(e) => {
                let dotted = e.dotted();
                let standard = e.module.is_empty() || is_standard(&e.module);
                standard
                    .then(|| self.builtin(&dotted, &args, at))
                    .flatten()
                    .or_else(|| self.kept_by_hook(e, &args, at))
                    .or_else(|| self.loaded_data(&dotted, &args, at.file))
                    .unwrap_or_else(|| {
                        Value::Made(Rc::new(Made {
                            callee: callee.clone(),
                            args,
                            at: Some(at),
                        }))
                    })
            }
            // `Cli::parse()`: the command line's defaults are the attributes of its fields.
            Value::Attr(a)
                if PARSES_COMMAND_LINE.contains(&a.name.as_str())
                    && self.project.language(at.file) == Language::Rust
                    && let Value::Class(class) = &a.base =>
            {
                self.typed_instance(*class)
            }
            // `Prompts::get("file.md")` of a folder that is embedded into the program.
            Value::Attr(a)
                if a.name == "get"
                    && let Value::Class(class) = &a.base
                    && let Some(text) = self.embedded(*class, args.first().map(|a| &a.value)) =>
            {
                text
            }
            Value::Attr(a) if let Some(entry) = self.handed_out(a, &args) => entry,
            // `Settings.model_validate(values)`
            Value::Attr(a)
                if READS_FIELDS.contains(&a.name.as_str())
                    && matches!(
                        (&a.base, args.first().map(|a| &a.value)),
                        (Value::Class(_), Some(Value::Map(_)))
                    ) =>
            {
                let args = args.into_iter().take(1);
                let args = args.map(|a| ArgValue { spread: true, ..a }).collect();
                self.apply(&a.base, opened(args), at, env)
            }
            // The same of values that are not known: what the class declares.
            Value::Attr(a)
                if let Value::Class(class) = &a.base
                    && (READS_FIELDS.contains(&a.name.as_str())
                        || READS_TEXT.contains(&a.name.as_str())) =>
            {
                self.typed_instance(*class)
            }
            Value::Instance(i) => match self.find_method(i.class, "__call__", 0) {
                Some(m) => {
                    let f = Rc::new(FunctionValue {
                        function: m,
                        receiver: Some(callee.clone()),
                        env: i.env.clone(),
                    });
                    self.call_function(&f, &args, at)
                }
                None => Value::Made(Rc::new(Made {
                    callee: callee.clone(),
                    args,
                    at: Some(at),
                })),
            },
            Value::Made(_) if let Some(text) = self.compiled(callee, &args) => text,
            Value::Made(m) if is_partial(&m.callee) => {
                let mut all = m.args.clone();
                if all.is_empty() {
                    return Value::unknown(GapReason::Dynamic);
                }
                let target = all.remove(0).value;
                all.extend(args);
                self.apply(&target, all, at, env)
            }
            _ => Value::Made(Rc::new(Made {
                callee: callee.clone(),
                args,
                at: Some(at),
            })),
        }
    }
}

impl Evaluator<'_> {
    /// What a React component keeps: `useMemo(() => client())`, `useRef(client)`. Text in a `ref` is a
    /// beginning that changes.
    fn kept_by_hook(&self, e: &External, args: &[ArgValue], at: ExprRef) -> Option<Value> {
        let hook = e.path.last().filter(|_| e.module == "react")?;
        let first = args.first()?;
        match (hook.as_str(), &first.value) {
            ("useMemo", f @ Value::Function(_)) => Some(self.apply(f, Vec::new(), at, &None)),
            ("useRef", Value::Made(_) | Value::Instance(_)) => Some(Value::Map(Rc::new(Map {
                fields: vec![MapField {
                    key: "current".into(),
                    value: first.value.clone(),
                    at: first.at,
                }],
                open: true,
            }))),
            _ => None,
        }
    }
}

/// Functions of which one is called that are followed.
const MAX_CALLED: usize = 4;

/// Functions of clap's derive that read the command line.
const PARSES_COMMAND_LINE: &[&str] = &["parse", "try_parse", "parse_from", "from_args"];

/// Class methods of data models that make an object from a map of its fields.
const READS_FIELDS: &[&str] = &[
    "model_validate",
    "parse_obj",
    "from_dict",
    "model_construct",
];

/// The same of text, or of a file.
const READS_TEXT: &[&str] = &[
    "model_validate_json",
    "model_validate_strings",
    "parse_raw",
    "parse_file",
    "from_json",
];

/// Spread maps as the named arguments that they are.
fn opened(args: Vec<ArgValue>) -> Vec<ArgValue> {
    args.into_iter()
        .flat_map(|a| match &a.value {
            Value::Map(m) if a.spread => m
                .fields
                .iter()
                .map(|f| ArgValue {
                    name: Some(f.key.clone()),
                    value: f.value.clone(),
                    spread: false,
                    at: f.at,
                })
                .collect(),
            _ => vec![a],
        })
        .collect()
}

/// Modules, mostly of the languages' standard libraries, whose functions [`Evaluator::builtin`] knows.
fn is_standard(module: &str) -> bool {
    let module = module.strip_prefix("node:").unwrap_or(module);
    module.starts_with("std::")
        || matches!(
            module,
            "json"
                | "textwrap"
                | "inspect"
                | "os"
                | "os.path"
                | "pathlib"
                | "fs"
                | "fs/promises"
                | "path"
                | "asyncio"
                | "random"
                | "secrets"
                | "numpy"
                | "numpy.random"
                | "lodash"
                | "copy"
                | "typing"
                | "std"
                | "std::fs"
                | "tokio"
                | "tokio::fs"
                | "anyhow"
                | "eyre"
                | "color_eyre::eyre"
                | "dedent"
                | "ts-dedent"
                | "outdent"
                | "common-tags"
                | "string"
                | "yaml"
                | "io"
                | "codecs"
                | "aiofiles"
                | "util"
                | "fs-extra"
                | "url"
                | "itertools"
                | "collections"
                | "builtins"
                | "glob"
                | "once_cell::sync"
                | "once_cell::unsync"
                | "once_cell"
                | "lazy_static"
                | "importlib"
                | "importlib.resources"
                | "importlib_resources"
                | "pkgutil"
                | "re"
        )
}

fn is_partial(callee: &Value) -> bool {
    match callee {
        Value::External(e) => e.path.last().is_some_and(|p| p == "partial"),
        Value::Attr(a) => a.name == "bind",
        _ => false,
    }
}

/// Whether a name is stored to in the function around an expression: it is no parameter then.
fn is_variable(facts: &Facts, at: ExprRef, name: &Name) -> bool {
    facts
        .function_of(facts.node(at.expr).scope)
        .is_some_and(|f| {
            let scope = facts.functions[f.index()].scope;
            let writes = facts.scopes[scope.index()].names.get(name);
            // `cls._instance = cls()` stores to the class, and not to its name.
            let renames = |w: &crate::hir::Write| w.how == How::Set && w.path.is_empty();
            writes.is_some_and(|w| w.iter().any(|w| renames(&facts.writes[w.index()])))
        })
}
