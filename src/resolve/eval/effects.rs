//! What calling an object's method leaves in the object: `conversation.add(text)` as a statement.

use std::rc::Rc;

use super::Evaluator;
use super::state::Until;
use crate::hir::{Expr, Facts, FunctionId, Name, ParamKind, Step};
use crate::resolve::sites::calls;
use crate::resolve::value::{
    ArgValue, Env, ExprRef, FunctionRef, FunctionValue, Instance, Rope, Stored, Value,
};

/// Methods that call methods that store.
const MAX_EFFECTS: u32 = 3;

impl Evaluator<'_> {
    /// The object after a call of a method of its class; `None` if that stores nothing.
    pub(crate) fn after_call(
        &self,
        object: &Value,
        method: &str,
        args: &[ArgValue],
    ) -> Option<Value> {
        let object = match object {
            Value::Instance(i) => Rc::clone(i),
            Value::Param(p) => match self.param_type(p)? {
                Value::Instance(i) => Rc::new(Instance {
                    given: Some(object.clone()),
                    ..i.constructed()
                }),
                _ => return None,
            },
            _ => return None,
        };
        self.nested(|| self.effect(&object, method, args, 0))
            .map(Value::Instance)
    }

    fn effect(
        &self,
        object: &Rc<Instance>,
        method: &str,
        args: &[ArgValue],
        depth: u32,
    ) -> Option<Rc<Instance>> {
        let function = self.find_method(object.class, method, 0)?;
        let facts = self.facts(function.file)?;
        let root = receiver_name(facts, function.function)?;
        let called = FunctionValue {
            function,
            receiver: Some(Value::Instance(Rc::clone(object))),
            env: object.env.clone(),
        };
        if called.env.as_ref().is_some_and(|e| e.depth >= 8) {
            return None;
        }
        let env = self.bind(&called, args);
        let scope = facts.functions[function.function.index()].scope;
        let stores = facts.scopes[scope.index()].names.get(&root);
        let stores = stores
            .into_iter()
            .flatten()
            .any(|w| matches!(facts.writes[w.index()].path.first(), Some(Step::Field(_))));
        if stores {
            return Some(Rc::new(object.after(Stored::Call { function, env })));
        }
        if depth >= MAX_EFFECTS {
            return None;
        }
        let mut after: Option<Rc<Instance>> = None;
        for (call, callee) in calls(facts) {
            let Expr::Member { base, name } = facts.expr(callee) else {
                continue;
            };
            if facts.node(call).scope != scope
                || !matches!(facts.expr(*base), Expr::Name(n) if *n == root)
            {
                continue;
            }
            let at = ExprRef {
                file: function.file,
                expr: call,
            };
            let args = self.site_args(at, &env);
            let now = after.as_ref().unwrap_or(object);
            if let Some(next) = self.effect(now, name, &args, depth + 1) {
                after = Some(next);
            }
        }
        after
    }

    /// What `fmt` of Rust's `Display` writes to the formatter that it is given.
    pub(in crate::resolve) fn displayed(&self, fmt: &FunctionValue) -> Option<Rope> {
        let file = fmt.function.file;
        let facts = self.facts(file)?;
        let f = facts.functions.get(fmt.function.function.index())?;
        let formatter = match f.params.as_slice() {
            [_, formatter] => formatter.name.as_ref()?,
            _ => return None,
        };
        let nothing = ArgValue {
            name: None,
            value: Value::text(Rope::default()),
            spread: false,
            at: None,
        };
        let env = self.bind(fmt, &[nothing]);
        match self.lookup_here(file, f.scope, None, formatter, &env)? {
            Value::Text(t) if t.words() > 0 => Some(t.as_ref().clone()),
            _ => None,
        }
    }

    /// What a call of a method stored to an attribute.
    pub(super) fn stored_by(&self, f: FunctionRef, name: &Name, env: &Env) -> Option<Value> {
        let facts = self.facts(f.file)?;
        let function = facts.functions.get(f.function.index())?;
        let root = receiver_name(facts, f.function)?;
        let until = Until {
            scope: function.scope,
            guard: function.guard,
            order: u32::MAX,
        };
        self.stores_until(facts, f.file, until, (&root, name), env)
    }
}

/// How a method names its object.
fn receiver_name(facts: &Facts, f: FunctionId) -> Option<Name> {
    let f = facts.functions.get(f.index())?;
    match f.params.first() {
        Some(p) if p.kind == ParamKind::Receiver => p.name.clone(),
        _ => Some("this".into()),
    }
}
