//! What the attributes of a Rust field say that it holds where nothing is given:
//! `#[serde(default = "f")]`, `#[arg(default_value = "…")]`.

use super::Evaluator;
use crate::hir::{Expr, ExprId, Field, ScopeId};
use crate::project::{TEXTS, is_template};
use crate::resolve::data::Format;
use crate::resolve::modules;
use crate::resolve::value::{ClassRef, ExprRef, Value};

impl Evaluator<'_> {
    /// The default of a field that is declared in `scope` of a struct. Short texts are names of models and
    /// languages, which somebody will set.
    pub(in crate::resolve) fn attribute_default(
        &self,
        of: ClassRef,
        scope: ScopeId,
        field: &Field,
    ) -> Option<Value> {
        let facts = self.facts(of.file)?;
        field.attributes.iter().find_map(|a| {
            let Expr::Call { args, .. } = facts.expr(a.expr) else {
                return None;
            };
            args.iter().find_map(|arg| {
                let at = ExprRef {
                    file: of.file,
                    expr: arg.value,
                };
                let value = match (a.path.as_str(), arg.name.as_deref()?) {
                    ("serde", "default") => {
                        let path = self.literal(&self.eval(at, &None))?;
                        self.called_path(of, scope, &path)?
                    }
                    ("arg" | "clap" | "structopt", "default_value" | "default_value_t") => {
                        self.eval(at, &None)
                    }
                    _ => return None,
                };
                self.says_something(&value).then_some(value)
            })
        })
    }

    /// What the function with this path gives, as seen from a struct.
    fn called_path(&self, of: ClassRef, scope: ScopeId, path: &str) -> Option<Value> {
        let mut parts = path.split("::");
        let first = parts.next()?.trim();
        let root = match first {
            "Self" => Value::Class(of),
            _ => self
                .lookup(of.file, scope, None, first, &None)
                .or_else(|| modules::resolve(self.project, of.file, first).map(Value::Module))?,
        };
        match parts.fold(root, |v, name| self.member(&v, name.trim())) {
            Value::Function(f) => {
                let at = ExprRef {
                    file: f.function.file,
                    expr: ExprId(0),
                };
                self.nested(|| Some(self.call_function(&f, &[], at)))
            }
            _ => None,
        }
    }

    fn says_something(&self, v: &Value) -> bool {
        match v {
            Value::Text(t) => t.words() > 2 || t.as_literal().is_some_and(|t| is_prompt_file(&t)),
            Value::List(l) => !l.items.is_empty(),
            Value::Instance(_) | Value::Map(_) => true,
            // `PathBuf::from("prompts/task.md")`
            Value::Made(_) => self.path_text(v, 0).is_some_and(|t| is_prompt_file(&t)),
            _ => false,
        }
    }
}

fn is_prompt_file(path: &str) -> bool {
    let path = path.to_lowercase();
    let ending = path.rsplit_once('.').map(|(_, e)| e);
    ending.is_some_and(|e| is_template(e) || TEXTS.contains(&e)) || Format::of_path(&path).is_some()
}
