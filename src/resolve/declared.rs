//! House wrappers that the project itself defines: the settings say that a call of the function
//! sends a prompt, whatever its body shows.

use super::eval::Evaluator;
use super::value::{FunctionRef, Value};
use crate::hir::{Expr, ExprId, Facts};

impl Evaluator<'_> {
    /// The catalog entry declared for what is called: the function that it evaluates to, or a
    /// method by its name.
    pub(crate) fn declared_call(
        &self,
        facts: &Facts,
        callee: ExprId,
        value: &Value,
    ) -> Option<usize> {
        if self.catalog.declared.is_empty() {
            return None;
        }
        self.declared_value(value).or_else(|| {
            let mut path = Vec::new();
            let mut at = callee;
            while let Expr::Member { base, name, .. } = facts.expr(at) {
                path.push(name.to_string());
                at = *base;
            }
            if path.is_empty() {
                return None;
            }
            if let Expr::Name(name) = facts.expr(at) {
                path.push(name.to_string());
            }
            path.reverse();
            self.catalog.declared_method(&path, facts.language)
        })
    }

    fn declared_value(&self, value: &Value) -> Option<usize> {
        match value {
            Value::Function(f) => self.declared_function(f.function),
            Value::Choice(c) => c.iter().find_map(|v| self.declared_value(v)),
            _ => None,
        }
    }

    fn declared_function(&self, f: FunctionRef) -> Option<usize> {
        let facts = self.facts(f.file)?;
        let function = facts.functions.get(f.function.index())?;
        let mut path: Vec<String> = self
            .project
            .path(f.file)
            .with_extension("")
            .components()
            .map(|c| c.as_os_str().to_string_lossy().into_owned())
            .collect();
        // The files that stand for their directory.
        if path
            .last()
            .is_some_and(|l| matches!(l.as_str(), "__init__" | "index" | "mod" | "lib"))
        {
            path.pop();
        }
        if let Some(class) = function.owner.and_then(|c| facts.classes.get(c.index())) {
            path.push(class.name.to_string());
        }
        path.push(function.name.as_ref()?.to_string());
        self.catalog.declared_call(&path, facts.language)
    }
}
