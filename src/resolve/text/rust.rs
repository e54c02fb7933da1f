//! What Rust's own collections and derives do: lookups in tables of pairs, folds, templates that a struct
//! is declared with.

use std::rc::Rc;

use super::Engine;
use crate::hir::{Expr, ExprId};
use crate::language::Language;
use crate::resolve::eval::{Evaluator, is_texty};
use crate::resolve::value::{ArgValue, Env, ExprRef, FunctionValue, Instance, Value};

/// Items of a table that a predicate is asked about.
const MAX_ASKED: usize = 48;

impl Evaluator<'_> {
    /// Methods of lists and cells of Rust's standard library that take a closure.
    pub(super) fn rust_method(
        &self,
        base: &Value,
        name: &str,
        args: &[ArgValue],
        at: ExprRef,
        env: &Env,
    ) -> Option<Value> {
        if self.project.language(at.file) != Language::Rust {
            return None;
        }
        match (name, base, args) {
            // `PROMPTS.iter().find(|(k, _)| *k == name)`
            ("find", Value::List(l), [test]) => {
                let Value::Function(test) = &test.value else {
                    return None;
                };
                let asked = l.items.iter().take(MAX_ASKED);
                let mut perhaps = Vec::new();
                for item in asked {
                    match self.passes(test, item) {
                        Some(true) if perhaps.is_empty() => return Some(item.clone()),
                        Some(false) => {}
                        _ => perhaps.push(item.clone()),
                    }
                }
                (!perhaps.is_empty()).then(|| Value::choice(perhaps))
            }
            // `CELL.get_or_init(|| …)`
            ("get_or_init" | "get_or_try_init" | "get_or_insert_with", _, [make]) => {
                match &make.value {
                    f @ Value::Function(_) => self.call_back(f, Vec::new(), at, env),
                    _ => None,
                }
            }
            ("fold", base, [start, step]) if is_texty(&start.value) => {
                let item = match base {
                    Value::List(l) if l.items.len() == 1 && !l.open => l.items[0].clone(),
                    base => Value::attr(base.clone(), "[]"),
                };
                let given = vec![start.value.clone(), item];
                self.call_back(&step.value, given, at, env).filter(is_texty)
            }
            _ => None,
        }
    }

    /// Whether a predicate holds for an item.
    fn passes(&self, test: &Rc<FunctionValue>, item: &Value) -> Option<bool> {
        let arg = ArgValue {
            name: None,
            value: item.clone(),
            spread: false,
            at: None,
        };
        let env = self.bind(test, &[arg]);
        let facts = self.facts(test.function.file)?;
        match self.function(test.function)?.returns.as_slice() {
            [only] => self.decide(test.function.file, facts, only.value, &env),
            _ => None,
        }
    }

    /// The text of a struct that is declared as a template, filled with its fields:
    /// `#[derive(Template)] #[template(path = "review.txt")]`.
    pub(crate) fn derived_template(&self, i: &Instance) -> Option<Value> {
        let facts = self.facts(i.class.file)?;
        let class = self.class(i.class)?;
        let text = class
            .attributes
            .iter()
            .filter(|a| a.path == "template")
            .find_map(|a| {
                let Expr::Call { args, .. } = facts.expr(a.expr) else {
                    return None;
                };
                let value = |expr: ExprId| {
                    let file = i.class.file;
                    self.eval(ExprRef { file, expr }, &None)
                };
                args.iter().find_map(|arg| match arg.name.as_deref()? {
                    "source" => Some(value(arg.value)),
                    "path" => self.read_file(i.class.file, &value(arg.value)),
                    _ => None,
                })
            })?;
        let fields = i.args.as_deref().unwrap_or_default();
        Some(self.fill(&text, fields, Engine::Braces))
    }
}
