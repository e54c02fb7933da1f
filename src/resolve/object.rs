//! Classes of the project: their parts, fields, methods and bases.

mod attributes;
mod members;

use std::rc::Rc;

use super::eval::Evaluator;
use super::value::{ClassRef, ExprRef, FunctionRef, FunctionValue, Instance, Value};
use crate::hir::{Class, ClassId, ClassKind, Field, MODULE, ParamKind, ScopeId, TypeRef};
use crate::language::Language;

/// How far a chain of base classes is followed.
const MAX_BASES: u32 = 6;

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
        if facts.language == Language::Rust {
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
            && let named = TypeRef::named(&class.name)
            && let Some(Value::Instance(other)) = self.of_type(c.file, MODULE, &named)
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
        self.base_classes(c)
            .find_map(|b| self.find_method(b, name, depth + 1))
    }

    /// What `object[name](..)` may call where the name is not known: the methods of the object's class and
    /// of its bases, those for its own use left out.
    pub(crate) fn any_method(&self, object: &Value) -> Option<Value> {
        /// A class with more is no provider that is asked by the name of a method.
        const MAX_METHODS: usize = 16;
        let mut out = Vec::new();
        for i in instances(object) {
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

    /// The bases of a class that are classes of the project.
    fn base_classes(&self, c: ClassRef) -> impl Iterator<Item = ClassRef> {
        self.bases(c).into_iter().filter_map(move |b| match b {
            Value::Class(b) if b != c => Some(b),
            _ => None,
        })
    }

    /// The constructor of a class.
    fn constructor(&self, c: ClassRef) -> Option<FunctionRef> {
        self.find_method(c, "__init__", 0)
            .or_else(|| self.find_method(c, "constructor", 0))
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
        self.base_classes(c)
            .find_map(|b| self.class_member(b, name, depth + 1))
    }

    /// `super().name` for an object of class `c`.
    pub(crate) fn base_member(
        &self,
        c: ClassRef,
        name: &str,
        receiver: Option<Value>,
    ) -> Option<Value> {
        let function = self
            .base_classes(c)
            .find_map(|b| self.find_method(b, name, 0))?;
        Some(Value::Function(Rc::new(FunctionValue {
            function,
            receiver,
            env: None,
        })))
    }
}

/// The objects that a value may be.
fn instances(value: &Value) -> impl Iterator<Item = &Rc<Instance>> {
    let all = match value {
        Value::Choice(c) => c.as_slice(),
        v => std::slice::from_ref(v),
    };
    all.iter().filter_map(|v| match v {
        Value::Instance(i) => Some(i),
        _ => None,
    })
}
