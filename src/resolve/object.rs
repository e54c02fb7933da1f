//! Classes and their objects: attributes from constructors and class bodies, methods, bases, text.

use std::rc::Rc;

use super::eval::{Evaluator, Reach, Task, is_texty};
use super::value::{
    ClassRef, Env, ExprRef, FunctionRef, FunctionValue, Instance, Made, Rope, Value,
};
use crate::hir::{
    Class, ClassId, ClassKind, Expr, ExprId, Field, FunctionId, How, ParamKind, ScopeId, Step,
    WriteId,
};

/// How far a chain of base classes is followed.
const MAX_BASES: u32 = 6;
/// Subclasses that are asked for what their base class leaves to them.
const MAX_SUBCLASSES: usize = 8;

/// Whose stores make an attribute.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Methods {
    Constructor,
    All,
}

impl<'p> Evaluator<'p> {
    pub(crate) fn class(&self, c: ClassRef) -> Option<&'p Class> {
        self.facts(c.file)?.classes.get(c.class.index())
    }

    /// A class and the `impl` blocks of the same file that extend it.
    fn parts(&self, c: ClassRef) -> Vec<(ClassRef, &'p Class)> {
        let Some(facts) = self.facts(c.file) else {
            return Vec::new();
        };
        let Some(class) = facts.classes.get(c.class.index()) else {
            return Vec::new();
        };
        let mut out = vec![(c, class)];
        if facts.language == crate::language::Language::Rust {
            for (i, other) in (0..).zip(&facts.classes) {
                if other.name == class.name && i != c.class.0 {
                    out.push((
                        ClassRef {
                            file: c.file,
                            class: ClassId(i),
                        },
                        other,
                    ));
                }
            }
        }
        out
    }

    /// The parts of a class, and those of the struct in another file that an `impl` block extends.
    fn declarations(&self, c: ClassRef) -> Vec<(ClassRef, &'p Class)> {
        let mut out = self.parts(c);
        let extends = out.iter().all(|(_, class)| class.kind == ClassKind::Impl);
        if extends
            && let Some(class) = self.class(c)
            && let named = (crate::hir::TypeRef {
                heads: vec![class.name.clone()],
                ..Default::default()
            })
            && let Some(Value::Instance(other)) = self.of_type(c.file, crate::hir::MODULE, &named)
            && other.class.file != c.file
        {
            out.extend(self.parts(other.class));
        }
        out
    }

    /// The fields that a class declares, each with the class that does and the scope it stands in.
    pub(crate) fn declared_fields(&self, c: ClassRef) -> Vec<(ClassRef, ScopeId, &'p Field)> {
        self.declarations(c)
            .into_iter()
            .flat_map(|(part, class)| class.fields.iter().map(move |f| (part, class.scope, f)))
            .collect()
    }

    /// Whether a class itself, or the struct that an `impl` block extends, declares a field.
    pub(crate) fn declared_field(&self, c: ClassRef, name: &str) -> bool {
        self.declarations(c)
            .iter()
            .any(|(_, class)| class.fields.iter().any(|f| f.name == name))
    }

    /// The method of a class or of its bases.
    pub(crate) fn find_method(&self, c: ClassRef, name: &str, depth: u32) -> Option<FunctionRef> {
        for (part, class) in self.parts(c) {
            let facts = self.facts(part.file)?;
            let found = class
                .methods
                .iter()
                .rev()
                .find(|m| facts.functions[m.index()].name.as_deref() == Some(name));
            if let Some(m) = found {
                return Some(FunctionRef {
                    file: part.file,
                    function: *m,
                });
            }
        }
        if depth >= MAX_BASES {
            return None;
        }
        self.bases(c).into_iter().find_map(|b| match b {
            Value::Class(b) if b != c => self.find_method(b, name, depth + 1),
            _ => None,
        })
    }

    /// What `object[name](..)` may call where the name is not known: the methods of the object's class and
    /// of its bases, those for its own use left out.
    pub(crate) fn any_method(&self, object: &Value) -> Option<Value> {
        /// A class with more is no provider that is asked by the name of a method.
        const MAX_METHODS: usize = 16;
        let instances: Vec<&Rc<Instance>> = match object {
            Value::Instance(i) => vec![i],
            Value::Choice(c) => c
                .iter()
                .filter_map(|v| match v {
                    Value::Instance(i) => Some(i),
                    _ => None,
                })
                .collect(),
            _ => return None,
        };
        let mut out = Vec::new();
        for i in instances {
            let mut classes = vec![i.class];
            classes.extend(self.bases(i.class).into_iter().filter_map(|b| match b {
                Value::Class(b) => Some(b),
                _ => None,
            }));
            for (part, class) in classes.into_iter().flat_map(|c| self.parts(c)) {
                let facts = self.facts(part.file)?;
                for m in &class.methods {
                    let name = facts.functions[m.index()].name.as_deref().unwrap_or("_");
                    if name.starts_with('_') || name == "constructor" {
                        continue;
                    }
                    out.push(Value::Function(Rc::new(FunctionValue {
                        function: FunctionRef {
                            file: part.file,
                            function: *m,
                        },
                        receiver: Some(Value::Instance(Rc::clone(i))),
                        env: i.env.clone(),
                    })));
                }
            }
        }
        (1..=MAX_METHODS)
            .contains(&out.len())
            .then(|| Value::choice(out))
    }

    /// The values of a class's bases.
    pub(crate) fn bases(&self, c: ClassRef) -> Vec<Value> {
        self.nested(|| Some(self.bases_inner(c)))
            .unwrap_or_default()
    }

    fn bases_inner(&self, c: ClassRef) -> Vec<Value> {
        self.parts(c)
            .into_iter()
            .flat_map(|(part, class)| {
                class.bases.iter().map(move |b| {
                    self.eval(
                        ExprRef {
                            file: part.file,
                            expr: *b,
                        },
                        &None,
                    )
                })
            })
            .collect()
    }

    /// `Class.name`.
    pub(crate) fn class_member(&self, c: ClassRef, name: &str, depth: u32) -> Option<Value> {
        let class = self.class(c)?;
        if let Some(f) = class.fields.iter().find(|f| f.name == name)
            && let Some(v) = f.value
        {
            return Some(self.eval(
                ExprRef {
                    file: c.file,
                    expr: v,
                },
                &None,
            ));
        }
        if let Some(m) = self.find_method(c, name, 0) {
            let class_method = self.function(m).is_some_and(|f| {
                f.params
                    .first()
                    .is_some_and(|p| p.kind == ParamKind::Receiver)
            });
            return Some(Value::Function(Rc::new(FunctionValue {
                function: m,
                receiver: class_method.then_some(Value::Class(c)),
                env: None,
            })));
        }
        if class.kind == ClassKind::Enum && class.fields.iter().any(|f| f.name == name) {
            return Some(Value::attr(Value::Class(c), name));
        }
        if depth >= MAX_BASES {
            return None;
        }
        self.bases(c).into_iter().find_map(|b| match b {
            Value::Class(b) if b != c => self.class_member(b, name, depth + 1),
            _ => None,
        })
    }

    /// `super().name` for an object of class `c`.
    pub(crate) fn base_member(
        &self,
        c: ClassRef,
        name: &str,
        receiver: Option<Value>,
    ) -> Option<Value> {
        self.bases(c).into_iter().find_map(|b| match b {
            Value::Class(b) if b != c => {
                let m = self.find_method(b, name, 0)?;
                Some(Value::Function(Rc::new(FunctionValue {
                    function: m,
                    receiver: receiver.clone(),
                    env: None,
                })))
            }
            _ => None,
        })
    }

    /// `object.name`.
    pub(crate) fn instance_member(&self, i: &Rc<Instance>, name: &str) -> Option<Value> {
        self.memo.member(i, name, &self.limited, || {
            self.nested(|| self.instance_member_inner(i, name))
        })
    }

    fn instance_member_inner(&self, i: &Rc<Instance>, name: &str) -> Option<Value> {
        let me = Value::Instance(Rc::clone(i));
        if let Some(v) = self.state_of(i, name) {
            return Some(v);
        }
        // An attribute that is made from itself (a reply added to the messages that it answers) is
        // what its other stores say.
        let task = Task::Attribute(i.class, i.at, name.into());
        if let Some(v) = self
            .memo
            .run(task, || self.attribute(i, i.class, name, Methods::All, 0))
            .flatten()
        {
            return Some(v);
        }
        if let Some(m) = self.find_method(i.class, name, 0) {
            if self.function(m).is_some_and(|f| f.is_stub)
                && let Some(v) = self.implemented(i, name)
            {
                return Some(v);
            }
            let f = Rc::new(FunctionValue {
                function: m,
                receiver: Some(me),
                env: i.env.clone(),
            });
            if self.function(m).is_some_and(|f| f.is_property) {
                let at = ExprRef {
                    file: m.file,
                    expr: ExprId(0),
                };
                return Some(self.call_function(&f, &[], at));
            }
            return Some(self.decorated(m.file, m.function, Value::Function(f)));
        }
        if let Some(v) = self.dynamic_attribute(i, name) {
            return Some(v);
        }
        if let Some(v) = self
            .lazy_module_member(i, name)
            .or_else(|| self.subclass_member(i, name))
        {
            return Some(v);
        }
        // A base class of a package: the object is one of the package's. A Rust trait brings no
        // fields.
        if self.facts(i.class.file)?.language == crate::language::Language::Rust {
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
    fn made_by_itself(&self, class: ClassRef) -> Option<Vec<crate::resolve::value::ArgValue>> {
        let facts = self.facts(class.file)?;
        let methods = &facts.classes.get(class.class.index())?.methods;
        methods.iter().find_map(|m| {
            let makes = |r: &crate::hir::Returned| {
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
        let arg = super::value::ArgValue {
            name: None,
            value: entry,
            spread: false,
            at: None,
        };
        Some(self.apply(&callee, vec![arg], at, &None))
    }

    /// The constructor of a class.
    fn constructor(&self, c: ClassRef) -> Option<FunctionRef> {
        self.find_method(c, "__init__", 0)
            .or_else(|| self.find_method(c, "constructor", 0))
    }

    /// The environment in which an object's constructor ran.
    fn constructor_env(&self, i: &Instance, ctor: FunctionRef) -> Env {
        match &i.args {
            Some(args) => {
                let f = FunctionValue {
                    function: ctor,
                    receiver: Some(Value::Instance(Rc::new(i.constructed()))),
                    env: i.env.clone(),
                };
                if f.env.as_ref().is_some_and(|e| e.depth >= 8) {
                    return None;
                }
                self.bind(&f, args)
            }
            None => None,
        }
    }

    /// An attribute before any other method has stored to it.
    pub(super) fn initial_attribute(&self, i: &Instance, name: &str) -> Option<Value> {
        let task = Task::Attribute(i.class, i.at, name.into());
        self.memo
            .run(task, || {
                self.attribute(i, i.class, name, Methods::Constructor, 0)
            })
            .flatten()
    }

    /// An attribute: what the constructor stores, then what other methods store, then the class
    /// body, then the constructor's arguments by name (dataclasses, struct literals), then its type.
    fn attribute(
        &self,
        i: &Instance,
        c: ClassRef,
        name: &str,
        which: Methods,
        depth: u32,
    ) -> Option<Value> {
        let facts = self.facts(c.file)?;
        let ctor = self.constructor(c);
        // A struct literal says what its fields are; what other methods store comes after that.
        if ctor.is_none()
            && let Some(args) = &i.args
            && let Some(a) = args.iter().find(|a| a.name.as_deref() == Some(name))
            && !weak(&a.value)
            && !is_empty(&a.value)
        {
            return Some(a.value.clone());
        }
        let mut found: Option<Value> = None;
        let mut methods: Vec<FunctionId> = self
            .parts(c)
            .into_iter()
            .filter(|(p, _)| p.file == c.file)
            .flat_map(|(_, class)| class.methods.iter().copied())
            .collect();
        methods.sort_by_key(|m| ctor.map(|c| c.function) != Some(*m));
        let mut stores = 0;
        for m in methods {
            let f = &facts.functions[m.index()];
            let me = FunctionRef {
                file: c.file,
                function: m,
            };
            let is_ctor = ctor == Some(me);
            if !is_ctor && which == Methods::Constructor {
                break;
            }
            // A map that the constructor leaves empty is filled by a loader.
            let empty = |v: &Value| matches!(v, Value::Map(m) if m.fields.is_empty());
            let settled = |v: &Value| !weak(v) && !empty(v);
            if stores > 0 && !is_ctor && found.as_ref().is_some_and(settled) {
                break;
            }
            let root = if facts.language == crate::language::Language::TypeScript {
                "this"
            } else {
                f.params
                    .first()
                    .filter(|p| p.kind == ParamKind::Receiver)
                    .and_then(|p| p.name.as_deref())
                    .unwrap_or("self")
            };
            let env = if is_ctor {
                self.constructor_env(i, me)
            } else {
                None
            };
            let Some(writes) = facts.scopes[f.scope.index()].names.get(root) else {
                continue;
            };
            let mine: Vec<WriteId> = writes
                .iter()
                .copied()
                .filter(|w| {
                    let w = &facts.writes[w.index()];
                    w.path.first() == Some(&Step::Field(name.into()))
                        && !matches!(w.how, How::Param(_))
                })
                .take(12)
                .collect();
            let mut value = if is_ctor {
                None
            } else {
                found.clone().filter(|v| !weak(v))
            };
            for id in mine {
                let w = &facts.writes[id.index()];
                let definite = w.guard == f.guard && (is_ctor || value.is_none());
                let reach = Reach {
                    definite,
                    in_loop: false,
                };
                value = self.store_below(c.file, facts, id, value, reach, &env);
                stores += 1;
            }
            if value.is_some() {
                found = value;
            }
        }
        if let Some(v) = &found
            && !weak(v)
        {
            return found;
        }
        let class = self.class(c)?;
        // In Rust the fields stand with the struct, not with the `impl` that uses them.
        let declared = self.declarations(c).into_iter().find_map(|(part, class)| {
            let field = class.fields.iter().find(|f| f.name == name)?;
            Some((part, class.scope, field))
        });
        // A constructor argument of that name: dataclasses, models, struct literals.
        if let (Some(args), true) = (&i.args, ctor.is_none() || found.is_none()) {
            if let Some(a) = args.iter().find(|a| a.name.as_deref() == Some(name)) {
                return Some(a.value.clone());
            }
            if ctor.is_none()
                && let Some(n) = class.fields.iter().position(|f| f.name == name)
                && let Some(a) = args.iter().filter(|a| a.name.is_none() && !a.spread).nth(n)
            {
                return Some(a.value.clone());
            }
        }
        if let Some((part, _, v)) = declared.and_then(|(p, s, f)| Some((p, s, f.value?))) {
            let v = self.eval(
                ExprRef {
                    file: part.file,
                    expr: v,
                },
                &None,
            );
            let v = self.made_by_default(field_default(v));
            if !v.is_blank() {
                return Some(v);
            }
        }
        if let Some(v) = declared.and_then(|(p, s, f)| self.attribute_default(p, s, f)) {
            return Some(v);
        }
        if let Some((part, scope, ty)) = declared.and_then(|(p, s, f)| Some((p, s, f.ty.as_ref()?)))
            && let Some(v) = self.of_type(part.file, scope, ty)
        {
            return Some(v);
        }
        if found.is_some() {
            return found;
        }
        if depth >= MAX_BASES {
            return None;
        }
        self.bases(c).into_iter().find_map(|b| match b {
            Value::Class(b) if b != c => self.attribute(i, b, name, which, depth + 1),
            _ => None,
        })
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
            let at = ExprRef {
                file: m.file,
                expr: ExprId(0),
            };
            if name == "fmt"
                && let Some(text) = self.displayed(&f)
            {
                return Some(text);
            }
            let v = self.call_function(&f, &[], at);
            if is_texty(&v) {
                let mut rope = Rope::default();
                self.text_into(&mut rope, &v, None);
                return Some(rope);
            }
        }
        None
    }
}

impl Evaluator<'_> {
    /// What `Field(default_factory=Prompts)` makes: an object of the class, what the function returns.
    fn made_by_default(&self, v: Value) -> Value {
        let Value::Made(m) = &v else { return v };
        let factory = m
            .args
            .iter()
            .find(|a| a.name.as_deref() == Some("default_factory"))
            .map(|a| &a.value);
        match factory {
            Some(Value::Class(c)) => Value::Instance(Rc::new(Instance::of_class(*c, None))),
            Some(Value::Function(f)) => {
                let at = ExprRef {
                    file: f.function.file,
                    expr: ExprId(0),
                };
                self.call_function(f, &[], at)
            }
            _ => v,
        }
    }
}

/// What `Field(default, …)` of a model or `field(default=…)` of a dataclass gives; nothing, where
/// it only describes the field.
fn field_default(v: Value) -> Value {
    let Value::Made(m) = &v else { return v };
    let Value::External(callee) = &m.callee else {
        return v;
    };
    if !matches!(
        callee.path.last().map(|n| n.as_str()),
        Some("Field" | "field" | "PrivateAttr")
    ) {
        return v;
    }
    let named = |n: &str| m.args.iter().find(|a| a.name.as_deref() == Some(n));
    if named("default_factory").is_some() {
        return v;
    }
    named("default")
        .or_else(|| m.args.first().filter(|a| a.name.is_none() && !a.spread))
        .map(|a| a.value.clone())
        .filter(|v| !matches!(v, Value::External(_) | Value::Attr(_) | Value::Null))
        .unwrap_or_else(|| Value::unknown(crate::calls::GapReason::Dynamic))
}

/// Whether another source of the attribute is preferred.
fn weak(v: &Value) -> bool {
    matches!(v, Value::Null | Value::Unknown(_))
}

fn is_empty(v: &Value) -> bool {
    match v {
        Value::List(l) => l.items.is_empty(),
        Value::Map(m) => m.fields.is_empty(),
        _ => false,
    }
}
