//! Receivers: what `self` and `this` are, and the methods that are called on them.

use std::rc::Rc;

use super::Evaluator;
use crate::hir::{Expr, ExprId, Facts, Name, ScopeId, ScopeKind, Step};
use crate::language::Language;
use crate::resolve::value::{
    ClassRef, Env, ExprRef, FunctionRef, FunctionValue, Instance, Stored, Value, frame_of,
};
use crate::source::FileId;

impl<'p> Evaluator<'p> {
    /// `this` seen from a scope.
    pub(super) fn receiver(
        &self,
        facts: &'p Facts,
        file: FileId,
        scope: ScopeId,
        env: &Env,
    ) -> Option<Value> {
        let mut at = Some(scope);
        while let Some(id) = at {
            let s = &facts.scopes[id.index()];
            match s.kind {
                ScopeKind::Function(f) if facts.functions[f.index()].owner.is_some() => {
                    let me = FunctionRef { file, function: f };
                    if let Some(r) = frame_of(env, me).and_then(|f| f.receiver.clone()) {
                        return Some(r);
                    }
                    let class = facts.functions[f.index()].owner?;
                    return Some(self.symbolic_receiver(ClassRef { file, class }, me));
                }
                ScopeKind::Class(class) => {
                    return Some(self.typed_instance(ClassRef { file, class }));
                }
                _ => at = s.parent,
            }
        }
        None
    }

    /// The class whose method encloses a scope.
    pub(crate) fn owner_class(
        &self,
        facts: &Facts,
        file: FileId,
        scope: ScopeId,
    ) -> Option<ClassRef> {
        let mut at = Some(scope);
        while let Some(id) = at {
            let s = &facts.scopes[id.index()];
            if let ScopeKind::Function(f) = s.kind
                && let Some(class) = facts.functions[f.index()].owner
            {
                return Some(ClassRef { file, class });
            }
            at = s.parent;
        }
        None
    }

    /// `base.name` as the callee of a call or as a value passed on: a method of `self` sees what the
    /// method that names it has stored before.
    pub(crate) fn called_member(
        &self,
        facts: &Facts,
        at: ExprRef,
        base: ExprId,
        base_value: &Value,
        name: &Name,
        env: &Env,
    ) -> Value {
        let member = self
            .method_beside_field(facts, at, base_value, name)
            .unwrap_or_else(|| self.member(base_value, name));
        let Value::Function(f) = &member else {
            return member;
        };
        let (Some(root), Some(Value::Instance(i))) = (own_receiver(facts, base), &f.receiver)
        else {
            return member;
        };
        if !stores_to(facts, at, root) {
            return member;
        }
        Value::Function(Rc::new(FunctionValue {
            function: f.function,
            receiver: Some(seen_at(i, at, base, env)),
            env: f.env.clone(),
        }))
    }

    /// `return self` of a fluent method: the object with what the method has stored to it.
    pub(crate) fn returned_receiver(&self, at: ExprRef, value: &Value, env: &Env) -> Option<Value> {
        let Value::Instance(i) = value else {
            return None;
        };
        let facts = self.facts(at.file)?;
        let root = own_receiver(facts, at.expr)?;
        stores_to(facts, at, root).then(|| seen_at(i, at, at.expr, env))
    }

    /// `x.name()` in Rust, where a field has the name of the method that reads it.
    fn method_beside_field(
        &self,
        facts: &Facts,
        at: ExprRef,
        base: &Value,
        name: &str,
    ) -> Option<Value> {
        let called = matches!(facts.expr(at.expr), Expr::Call { .. }) || facts.is_callee(at.expr);
        if facts.language != Language::Rust || !called {
            return None;
        }
        let receiver = match base {
            Value::Instance(_) => base.clone(),
            Value::Param(p) => match self.param_type(p)? {
                Value::Instance(i) => Value::Instance(Rc::new(Instance {
                    given: Some(base.clone()),
                    ..i.constructed()
                })),
                _ => return None,
            },
            _ => return None,
        };
        let Value::Instance(i) = &receiver else {
            return None;
        };
        if !self.declared_field(i.class, name) {
            return None;
        }
        Some(Value::Function(Rc::new(FunctionValue {
            function: self.find_method(i.class, name, 0)?,
            env: i.env.clone(),
            receiver: Some(receiver),
        })))
    }
}

/// The name of the function's own object, if an expression is that.
pub(in crate::resolve) fn own_receiver(facts: &Facts, e: ExprId) -> Option<&Name> {
    match facts.expr(e) {
        Expr::Name(n) if n == "self" || n == "this" => Some(n),
        _ => None,
    }
}

/// An object as one of its methods left it at some point.
fn seen_at(i: &Instance, at: ExprRef, receiver: ExprId, env: &Env) -> Value {
    Value::Instance(Rc::new(i.after(Stored::Method {
        at,
        receiver,
        env: env.clone(),
    })))
}

/// Whether the function around `at` stores to an attribute of `root` before.
fn stores_to(facts: &Facts, at: ExprRef, root: &Name) -> bool {
    let Some(f) = facts.function_of(facts.node(at.expr).scope) else {
        return false;
    };
    let scope = facts.functions[f.index()].scope;
    facts.scopes[scope.index()]
        .names
        .get(root)
        .is_some_and(|writes| {
            writes.iter().any(|w| {
                let w = &facts.writes[w.index()];
                matches!(w.path.first(), Some(Step::Field(_))) && w.order <= at.expr.0
            })
        })
}
