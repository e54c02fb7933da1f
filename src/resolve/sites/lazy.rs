//! Packages that are loaded when they are first used: functions
//! (`const fetch = (...args) => import("node-fetch").then((m) => m.default(...args))`) and objects
//! that stand for a module (`litellm = LazyModule("litellm")`).

use std::rc::Rc;

use super::calls;
use crate::hir::{Arg, Expr, ExprId, Facts, FunctionId};
use crate::resolve::eval::Evaluator;
use crate::resolve::value::{ArgValue, ExprRef, FunctionRef, FunctionValue, Instance, Value};

impl Evaluator<'_> {
    /// The function of a package that a function of the project only loads and calls with what it is given.
    pub(super) fn loaded_on_call(&self, value: &Value) -> Option<Value> {
        let Value::Function(outer) = value else {
            return None;
        };
        let file = outer.function.file;
        let facts = self.facts(file)?;
        let (callee, args) = only_call(facts, outer.function.function)?;
        let Expr::Member { base, name } = facts.expr(callee) else {
            return None;
        };
        // A name with a space is an `import(…)` expression.
        let loads = matches!(facts.expr(*base), Expr::Name(n) if n.starts_with("import "));
        let [inner] = args else { return None };
        let Expr::Function(inner) = facts.expr(inner.value) else {
            return None;
        };
        if name != "then" || !loads {
            return None;
        }
        let (called, handed) = only_call(facts, *inner)?;
        let own = &facts.functions.get(outer.function.function.index())?.params;
        let hands_on = handed.first().is_some_and(|a| {
            matches!(facts.expr(a.value), Expr::Name(n) if own.first().is_some_and(|p| p.name.as_ref() == Some(n)))
        });
        if !hands_on {
            return None;
        }
        let package = self.eval(ExprRef { file, expr: *base }, &outer.env);
        let loaded = Rc::new(FunctionValue {
            function: FunctionRef {
                file,
                function: *inner,
            },
            receiver: None,
            env: outer.env.clone(),
        });
        let given = ArgValue {
            name: None,
            value: package,
            spread: false,
            at: None,
        };
        let env = self.bind(&loaded, &[given]);
        match self.eval(ExprRef { file, expr: called }, &env) {
            Value::External(e) => Some(Value::External(e)),
            _ => None,
        }
    }
}

impl Evaluator<'_> {
    /// A member of an object that stands for a module: its class looks up what it has not in the
    /// module that it imports by name.
    pub(in crate::resolve) fn lazy_module_member(
        &self,
        i: &Rc<Instance>,
        name: &str,
    ) -> Option<Value> {
        self.find_method(i.class, "__getattr__", 0)?;
        let facts = self.facts(i.class.file)?;
        let class = self.class(i.class)?.span;
        let named = calls(facts).find_map(|(call, callee)| {
            let span = facts.span(call);
            let imports = match facts.expr(callee) {
                Expr::Member { name, .. } | Expr::Name(name) => {
                    matches!(name.as_str(), "import_module" | "__import__")
                }
                _ => false,
            };
            let inside = class.start <= span.start && span.end <= class.end;
            match facts.expr(call) {
                Expr::Call { args, .. } if imports && inside => Some(args.first()?.value),
                _ => None,
            }
        })?;
        let module = match facts.expr(named) {
            Expr::Member { base, name: field } if matches!(facts.expr(*base), Expr::Name(n) if n == "self") => {
                self.instance_member(i, field)?
            }
            _ => self.eval(
                ExprRef {
                    file: i.class.file,
                    expr: named,
                },
                &None,
            ),
        };
        let module = self.literal(&module)?;
        Some(Value::external(&module, &[name]))
    }
}

/// The call that is all that a function does: its callee and its arguments.
fn only_call(facts: &Facts, function: FunctionId) -> Option<(ExprId, &[Arg])> {
    let f = facts.functions.get(function.index())?;
    let [returned] = f.returns.as_slice() else {
        return None;
    };
    match facts.expr(returned.value) {
        Expr::Call { callee, args, .. } => Some((*callee, args)),
        _ => None,
    }
}
