//! Parameters and declared types: what is known of a value that comes from outside.

use std::rc::Rc;

use super::Evaluator;
use crate::calls::GapReason;
use crate::hir::{Facts, ParamKind, ScopeId, TypeRef, Write};
use crate::language::Language;
use crate::resolve::value::{
    ClassRef, Env, ExprRef, FunctionRef, Instance, Made, Param, Value, frame_of,
};
use crate::source::FileId;

impl<'p> Evaluator<'p> {
    /// A parameter: the argument that a caller gives, its default, or the parameter as such.
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
        let frame = frame_of(env, me);
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

    fn of_type_inner(&self, file: FileId, scope: ScopeId, ty: &TypeRef) -> Option<Value> {
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
}
