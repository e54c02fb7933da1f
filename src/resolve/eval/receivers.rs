//! Parameters, receivers and declared types: what is known of a value that comes from outside.

use std::rc::Rc;

use super::Evaluator;
use super::stores::{Reach, compatible, dominates};
use crate::calls::GapReason;
use crate::hir::{
    Expr, ExprId, Facts, GuardId, How, Name, ParamKind, Parent, ScopeId, ScopeKind, Step, TypeRef,
    Write, WriteId,
};
use crate::language::Language;
use crate::resolve::value::{
    ClassRef, Env, ExprRef, FunctionRef, FunctionValue, Instance, Made, Map, MapField, Param,
    Stored, Value,
};
use crate::source::FileId;

/// A point of a function's body.
#[derive(Clone, Copy)]
pub(super) struct Until {
    pub(super) scope: ScopeId,
    pub(super) guard: GuardId,
    pub(super) order: u32,
}

/// Stores to an object that are looked back through.
const MAX_STATES: usize = 8;

impl<'p> Evaluator<'p> {
    pub(super) fn param(
        &self,
        file: FileId,
        facts: &'p Facts,
        w: &'p Write,
        index: u16,
        env: &Env,
    ) -> Value {
        let Some(function) = facts.function_of(w.scope) else {
            return Value::unknown(GapReason::Dynamic);
        };
        let me = FunctionRef { file, function };
        let f = &facts.functions[function.index()];
        let Some(p) = f.params.get(usize::from(index)) else {
            return Value::unknown(GapReason::Dynamic);
        };
        let mut frame = env.as_ref();
        while let Some(fr) = frame {
            if fr.function == me {
                break;
            }
            frame = fr.parent.as_ref();
        }
        if p.kind == ParamKind::Receiver {
            if let Some(r) = frame.and_then(|f| f.receiver.clone()) {
                return r;
            }
            return self.owner_class(facts, file, w.scope).map_or_else(
                || Value::unknown(GapReason::Dynamic),
                |c| self.symbolic_receiver(c, me),
            );
        }
        let symbolic = || {
            Value::Param(Rc::new(Param {
                function: me,
                index,
                name: p.name.clone().unwrap_or_default(),
            }))
        };
        let value = match frame {
            Some(fr) => match fr.args.get(usize::from(index)).cloned().flatten() {
                Some(v) => match &p.ty {
                    Some(ty) => self.shaped(file, w.scope, ty, v),
                    None => v,
                },
                None => match p.default {
                    Some(d) => self.eval(ExprRef { file, expr: d }, env),
                    None => symbolic(),
                },
            },
            None => symbolic(),
        };
        self.project(&value, &w.from)
    }

    // ---------------------------------------------------------------- receivers and types

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
                    let mut frame = env.as_ref();
                    while let Some(fr) = frame {
                        if fr.function == me {
                            if let Some(r) = &fr.receiver {
                                return Some(r.clone());
                            }
                            break;
                        }
                        frame = fr.parent.as_ref();
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

    /// An object known by its class alone.
    pub(crate) fn typed_instance(&self, class: ClassRef) -> Value {
        // One object for all, so that what was found out about it is not found out again.
        let mut typed = self.typed.borrow_mut();
        let object = typed
            .entry(class)
            .or_insert_with(|| Rc::new(Instance::of_class(class, None)));
        Value::Instance(Rc::clone(object))
    }

    /// What an object of an annotated type is, where that leads to a class of the project or to an SDK.
    pub(crate) fn of_type(&self, file: FileId, scope: ScopeId, ty: &TypeRef) -> Option<Value> {
        self.nested(|| self.of_type_inner(file, scope, ty))
    }

    pub(super) fn of_type_inner(
        &self,
        file: FileId,
        scope: ScopeId,
        ty: &TypeRef,
    ) -> Option<Value> {
        for head in &ty.heads {
            let mut parts = head.split('.');
            let first = parts.next()?;
            let Some(mut v) = self.lookup(file, scope, None, first, &None).or_else(|| {
                // A type of a crate or file named by its full path.
                self.catalog
                    .is_known_package(first, Language::Rust)
                    .then(|| Value::external(first, &[]))
            }) else {
                continue;
            };
            for p in parts {
                v = self.member(&v, p);
            }
            match v {
                Value::Class(c) => return Some(self.typed_instance(c)),
                Value::External(e)
                    if self
                        .catalog
                        .is_known_package(&e.module, self.project.language(file)) =>
                {
                    return Some(Value::Made(Rc::new(Made {
                        callee: Value::External(e),
                        args: Vec::new(),
                        at: None,
                    })));
                }
                _ => {}
            }
        }
        None
    }

    /// The declared type of a symbolic parameter as a value.
    pub(crate) fn param_type(&self, p: &Param) -> Option<Value> {
        let facts = self.facts(p.function.file)?;
        let f = &facts.functions[p.function.function.index()];
        let ty = f.params.get(usize::from(p.index))?.ty.as_ref()?;
        self.of_type(p.function.file, f.scope, ty)
    }

    /// `self.x` where the function itself stored to it before.
    pub(super) fn receiver_store(
        &self,
        facts: &'p Facts,
        at: ExprRef,
        base: ExprId,
        name: &Name,
        env: &Env,
    ) -> Option<Value> {
        let Expr::Name(root) = facts.expr(base) else {
            return None;
        };
        if root != "self" && root != "this" {
            return None;
        }
        let node = facts.node(at.expr);
        let f = facts.function_of(node.scope)?;
        let scope = facts.functions[f.index()].scope;
        let until = Until {
            scope,
            guard: node.guard,
            order: at.expr.0,
        };
        self.stores_until(facts, at.file, until, (root, name), env)
    }

    /// What a function has stored to an attribute of `root` until some point.
    pub(super) fn stores_until(
        &self,
        facts: &'p Facts,
        file: FileId,
        until: Until,
        (root, name): (&Name, &Name),
        env: &Env,
    ) -> Option<Value> {
        let writes = facts.scopes[until.scope.index()].names.get(root)?;
        let mine: Vec<WriteId> = writes
            .iter()
            .copied()
            .filter(|w| {
                let w = &facts.writes[w.index()];
                w.path.first() == Some(&Step::Field(name.clone())) && w.order <= until.order
            })
            .collect();
        let first = mine.first()?;
        let first = &facts.writes[first.index()];
        let sets = first.path.len() == 1
            && matches!(first.how, How::Set)
            && dominates(facts, first.guard, until.guard);
        // Otherwise the function adds to what it was before.
        let mut value = if sets {
            None
        } else {
            match self.receiver(facts, file, until.scope, env)? {
                Value::Instance(i) => self
                    .state_of(&i, name)
                    .or_else(|| self.initial_attribute(&i, name)),
                _ => return None,
            }
        };
        for id in mine {
            let w = &facts.writes[id.index()];
            if !compatible(facts, w.guard, until.guard) {
                continue;
            }
            let mut reach = Reach::of(facts, w.guard, until.guard);
            if !reach.definite {
                match self.runs(file, facts, w.guard, until.guard, env) {
                    Some(true) => reach = Reach::SURE,
                    Some(false) => continue,
                    None => {}
                }
            }
            value = self.store_below(file, facts, id, value, reach, env);
        }
        value
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
        let (Expr::Name(root), Some(Value::Instance(i))) = (facts.expr(base), &f.receiver) else {
            return member;
        };
        if (root != "self" && root != "this") || !stores_to(facts, at, root) {
            return member;
        }
        let seen = i.after(Stored::Method {
            at,
            receiver: base,
            env: env.clone(),
        });
        Value::Function(Rc::new(FunctionValue {
            function: f.function,
            receiver: Some(Value::Instance(Rc::new(seen))),
            env: f.env.clone(),
        }))
    }

    /// `return self` of a fluent method: the object with what the method has stored to it.
    pub(crate) fn returned_receiver(&self, at: ExprRef, value: &Value, env: &Env) -> Option<Value> {
        let Value::Instance(i) = value else {
            return None;
        };
        let facts = self.facts(at.file)?;
        let Expr::Name(root) = facts.expr(at.expr) else {
            return None;
        };
        if (root != "self" && root != "this") || !stores_to(facts, at, root) {
            return None;
        }
        Some(Value::Instance(Rc::new(i.after(Stored::Method {
            at,
            receiver: at.expr,
            env: env.clone(),
        }))))
    }

    /// `x.name()` in Rust, where a field has the name of the method that reads it.
    fn method_beside_field(
        &self,
        facts: &Facts,
        at: ExprRef,
        base: &Value,
        name: &str,
    ) -> Option<Value> {
        let called = match (facts.expr(at.expr), facts.node(at.expr).parent) {
            (Expr::Call { .. }, _) => true,
            (_, Parent::Expr(p)) => {
                matches!(facts.expr(p), Expr::Call { callee, .. } if *callee == at.expr)
            }
            _ => false,
        };
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

    /// An attribute as the stores to the object since its construction left it.
    pub(crate) fn state_of(&self, i: &Instance, name: &str) -> Option<Value> {
        let mut perhaps = Vec::new();
        let mut sure = None;
        let mut state = i.state.as_ref();
        for _ in 0..MAX_STATES {
            let Some(s) = state else { break };
            match &s.last {
                Stored::Attribute {
                    name: n,
                    value,
                    definite,
                } if n == name => {
                    if *definite {
                        sure = Some(value.clone());
                        break;
                    }
                    perhaps.push(value.clone());
                }
                Stored::Attribute { .. } | Stored::Call { .. } => {}
                Stored::Method { at, receiver, env } => {
                    let facts = self.facts(at.file)?;
                    sure = self
                        .nested(|| self.receiver_store(facts, *at, *receiver, &name.into(), env));
                    if sure.is_some() {
                        break;
                    }
                }
            }
            if let Stored::Call { function, env } = &s.last {
                sure = self.nested(|| self.stored_by(*function, &name.into(), env));
                if sure.is_some() {
                    break;
                }
            }
            state = s.before.as_ref();
        }
        if perhaps.is_empty() {
            return sure;
        }
        let initial = || self.initial_attribute(i, name);
        let mut values: Vec<Value> = sure.or_else(initial).into_iter().collect();
        values.extend(perhaps.into_iter().rev());
        Some(Value::choice(values))
    }

    /// A store to `self.x…` applied to the value of `x`: the first step is dropped.
    pub(crate) fn store_below(
        &self,
        file: FileId,
        facts: &'p Facts,
        id: WriteId,
        before: Option<Value>,
        reach: Reach,
        env: &Env,
    ) -> Option<Value> {
        let w = &facts.writes[id.index()];
        let Some(Step::Field(field)) = w.path.first() else {
            return before;
        };
        let holder = before.map_or(
            Map {
                fields: Vec::new(),
                open: true,
            },
            |value| Map {
                fields: vec![MapField {
                    key: field.clone(),
                    value,
                    at: None,
                }],
                open: true,
            },
        );
        let after = self.store(
            file,
            facts,
            id,
            Some(Value::Map(Rc::new(holder))),
            reach,
            env,
        )?;
        match &after {
            Value::Map(m) => m
                .fields
                .iter()
                .find(|f| f.key == *field)
                .map(|f| f.value.clone()),
            _ => None,
        }
    }
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
