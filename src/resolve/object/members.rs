//! Members of objects: attributes and methods, what subclasses make of them, and what an object reads like.

use std::rc::Rc;

use crate::hir::{ClassId, Expr, ExprId, Returned};
use crate::language::Language;
use crate::resolve::eval::{Evaluator, is_texty};
use crate::resolve::value::{
    ArgValue, ClassRef, ExprRef, FunctionRef, FunctionValue, Instance, Made, Rope, Value,
};

/// Subclasses that are asked for what their base class leaves to them.
const MAX_SUBCLASSES: usize = 8;

impl Evaluator<'_> {
    /// `object.name`.
    pub(crate) fn instance_member(&self, i: &Rc<Instance>, name: &str) -> Option<Value> {
        self.memo.member(i, name, &self.limited, || {
            self.nested(|| self.instance_member_inner(i, name))
        })
    }

    fn instance_member_inner(&self, i: &Rc<Instance>, name: &str) -> Option<Value> {
        if let Some(v) = self.state_of(i, name) {
            return Some(v);
        }
        if let Some(v) = self.stored_attribute(i, name) {
            return Some(v);
        }
        if let Some(m) = self.find_method(i.class, name, 0) {
            return Some(self.bound_method(i, name, m));
        }
        self.dynamic_attribute(i, name)
            .or_else(|| self.lazy_module_member(i, name))
            .or_else(|| self.subclass_member(i, name))
            .or_else(|| self.inherited_from_package(i, name))
    }

    /// A method of the class as a member of the object: called at once where it is a property, and
    /// what subclasses make of it where it does nothing itself.
    fn bound_method(&self, i: &Rc<Instance>, name: &str, m: FunctionRef) -> Value {
        if self.function(m).is_some_and(|f| f.is_stub)
            && let Some(v) = self.implemented(i, name)
        {
            return v;
        }
        let f = Rc::new(FunctionValue {
            function: m,
            receiver: Some(Value::Instance(Rc::clone(i))),
            env: i.env.clone(),
        });
        if self.function(m).is_some_and(|f| f.is_property) {
            return self.call_function(&f, &[], m.unwritten_call());
        }
        self.decorated(m.file, m.function, Value::Function(f))
    }

    /// A base class of a package: the object is one of the package's. A Rust trait brings no fields.
    fn inherited_from_package(&self, i: &Rc<Instance>, name: &str) -> Option<Value> {
        if self.facts(i.class.file)?.language == Language::Rust {
            return None;
        }
        self.bases(i.class).into_iter().find_map(|b| match b {
            Value::External(e) if !e.module.is_empty() => Some(Value::attr(
                Value::Made(Rc::new(Made {
                    callee: Value::External(e),
                    args: i
                        .args
                        .clone()
                        .or_else(|| self.made_by_itself(i.class))
                        .unwrap_or_default(),
                    at: i.at,
                })),
                name,
            )),
            _ => None,
        })
    }

    /// What a class method of a class gives the object that it makes: `return cls(prompt=PROMPT, llm=llm)`.
    fn made_by_itself(&self, class: ClassRef) -> Option<Vec<ArgValue>> {
        let facts = self.facts(class.file)?;
        let methods = &facts.classes.get(class.class.index())?.methods;
        methods.iter().find_map(|m| {
            let makes = |r: &Returned| {
                matches!(facts.expr(r.value), Expr::Call { callee, .. }
                    if matches!(facts.expr(*callee), Expr::Name(n) if n == "cls"))
            };
            let function = facts.functions.get(m.index())?;
            let made = function.returns.iter().find(|r| makes(r))?;
            let at = ExprRef {
                file: class.file,
                expr: made.value,
            };
            match self.nested(|| Some(self.eval(at, &None)))? {
                Value::Instance(i) if i.class == class => i.args.clone(),
                _ => None,
            }
        })
    }

    /// What a base class leaves to its subclasses: seen from its own methods, the attribute is what
    /// a subclass beside it stores, or one elsewhere that keeps an SDK client.
    fn subclass_member(&self, i: &Rc<Instance>, name: &str) -> Option<Value> {
        if i.args.is_some() {
            return None;
        }
        let heirs = self.project.heirs(i.class).iter().copied();
        let mut found = (self.subclasses_beside(i.class).into_iter().chain(heirs))
            .take(MAX_SUBCLASSES)
            .filter_map(|class| self.member_of_subclass(i, class, name));
        let first = found.next()?;
        if !is_texty(&first) {
            return Some(first);
        }
        // Each has its own prompt.
        let texts = found.filter(is_texty);
        Some(Value::choice([first].into_iter().chain(texts).collect()))
    }

    /// What subclasses make of a method that the class only declares: of an object that is given,
    /// any of them.
    fn implemented(&self, i: &Rc<Instance>, name: &str) -> Option<Value> {
        if i.args.is_some() {
            return None;
        }
        let elsewhere = self.project.implementers(i.class).iter().copied();
        let mut classes = self.subclasses_beside(i.class);
        classes.extend(elsewhere.filter(|c| c.file != i.class.file));
        let found: Vec<Value> = (classes.into_iter())
            .take(MAX_SUBCLASSES)
            .filter_map(|class| self.member_of_subclass(i, class, name))
            .collect();
        (!found.is_empty()).then(|| Value::choice(found))
    }

    /// The classes of the same file that name a class as their base.
    fn subclasses_beside(&self, base: ClassRef) -> Vec<ClassRef> {
        let (Some(facts), Some(class)) = (self.facts(base.file), self.class(base)) else {
            return Vec::new();
        };
        let names = |b: &ExprId| matches!(facts.expr(*b), Expr::Name(n) if *n == class.name);
        (0..)
            .zip(&facts.classes)
            .filter(|(_, c)| c.bases.iter().any(names))
            .map(|(class, _)| ClassRef {
                file: base.file,
                class: ClassId(class),
            })
            .collect()
    }

    fn member_of_subclass(&self, i: &Rc<Instance>, class: ClassRef, name: &str) -> Option<Value> {
        match self.typed_instance(class) {
            Value::Instance(sub) if class != i.class => self.instance_member(&sub, name),
            _ => None,
        }
    }

    /// `for name, x in table.items(): setattr(self, name, C(x))` in the constructor: the attribute
    /// is `C` of the table's entry of that name.
    fn dynamic_attribute(&self, i: &Rc<Instance>, name: &str) -> Option<Value> {
        let ctor = self.constructor(i.class)?;
        let facts = self.facts(ctor.file)?;
        let scope = facts.functions.get(ctor.function.index())?.scope;
        let value = facts.exprs.iter().find_map(|e| match &e.kind {
            Expr::Call { callee, args, .. } if e.scope == scope && args.len() == 3 => {
                let setattr = matches!(facts.expr(*callee), Expr::Name(n) if n == "setattr");
                setattr.then(|| args[2].value)
            }
            _ => None,
        })?;
        let entry = i.args.iter().flatten().find_map(|a| match &a.value {
            Value::Map(m) => m
                .fields
                .iter()
                .find(|f| f.key == name)
                .map(|f| f.value.clone()),
            _ => None,
        })?;
        let Expr::Call { callee, .. } = facts.expr(value) else {
            return Some(entry);
        };
        let at = ExprRef {
            file: ctor.file,
            expr: *callee,
        };
        let callee = self.eval(at, &None);
        let arg = ArgValue::positional(entry, None);
        Some(self.apply(&callee, vec![arg], at, &None))
    }

    /// What an object reads like in text: `__str__`, `toString`, `Display`.
    pub(crate) fn instance_text(&self, i: &Rc<Instance>) -> Option<Rope> {
        self.nested(|| self.instance_text_inner(i))
    }

    fn instance_text_inner(&self, i: &Rc<Instance>) -> Option<Rope> {
        for name in ["__str__", "toString", "fmt", "__repr__"] {
            let Some(m) = self.find_method(i.class, name, 0) else {
                continue;
            };
            let f = Rc::new(FunctionValue {
                function: m,
                receiver: Some(Value::Instance(Rc::clone(i))),
                env: None,
            });
            if name == "fmt"
                && let Some(text) = self.displayed(&f)
            {
                return Some(text);
            }
            let v = self.call_function(&f, &[], m.unwritten_call());
            if is_texty(&v) {
                let mut rope = Rope::default();
                self.text_into(&mut rope, &v, None);
                return Some(rope);
            }
        }
        None
    }
}
