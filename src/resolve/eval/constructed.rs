//! Classes that the program constructs in one place: what that gives the constructor holds for every object;
//! and records that it constructs in a few, each with a prompt of its own.

use std::rc::Rc;

use super::{Evaluator, Task};
use crate::hir::{Expr, Facts};
use crate::language::Language;
use crate::project::says_prompt;
use crate::resolve::sites::{calls, enclosing_functions};
use crate::resolve::value::{ClassRef, ExprRef, Value};
use crate::source::FileId;

/// Constructions of one class that are looked at.
const MAX_CONSTRUCTIONS: usize = 8;
/// Folders whose programs use a class in their own way.
const BESIDE: &[&str] = &[
    "example",
    "examples",
    "sample",
    "samples",
    "demo",
    "demos",
    "docs",
    "benchmarks",
    "evals",
];

impl Evaluator<'_> {
    /// What an attribute is that its object was made with, `open` as the class leaves it: what the only place
    /// that makes such an object says, be it words or an object. A declared type says what object it is.
    pub(super) fn settled(&self, open: &Value, class: ClassRef, name: &str) -> Option<Value> {
        let typed = match open {
            Value::Param(p) => self.param_type(p).is_some(),
            Value::Attr(_) => false,
            _ => return None,
        };
        let made = self.constructions_of(class);
        // Records with a prompt each: any of them may be the one.
        let of_records = made.len() > 1 && says_prompt(name) && self.is_record(class);
        if made.len() != 1 && !of_records {
            return None;
        }
        let task = Task::Constructed(class, name.into());
        let value = self.memo.run(task, || {
            self.nested(|| {
                let given = |at: &ExprRef| match self.eval(*at, &None) {
                    Value::Instance(i) if i.class == class => self.instance_member(&i, name),
                    _ => None,
                };
                if let [only] = &made[..] {
                    return given(only);
                }
                let texts: Vec<Value> = made.iter().filter_map(given).collect();
                // None of them may give the field: that is no value, not a choice of nothing.
                let known = !texts.is_empty() && texts.iter().all(|t| matches!(t, Value::Text(_)));
                known.then(|| Value::choice(texts))
            })
        });
        value.flatten().filter(|v| self.says(v, typed))
    }

    /// The calls of the program that make objects of a class; none where there are more than a few.
    fn constructions_of(&self, class: ClassRef) -> Rc<[ExprRef]> {
        if let Some(known) = self.constructions.borrow().get(&class) {
            return Rc::clone(known);
        }
        let none: Rc<[ExprRef]> = Rc::default();
        // Asked again while they are looked for, they are not known.
        self.constructions
            .borrow_mut()
            .insert(class, Rc::clone(&none));
        let found: Rc<[ExprRef]> = self.find_constructions(class).unwrap_or_default().into();
        if self.limited.get() {
            self.constructions.borrow_mut().remove(&class);
            return none;
        }
        self.constructions
            .borrow_mut()
            .insert(class, Rc::clone(&found));
        found
    }

    fn find_constructions(&self, class: ClassRef) -> Option<Vec<ExprRef>> {
        let name = &self.class(class)?.name;
        if self.project.language(class.file) == Language::Rust {
            return None;
        }
        let mut found = Vec::new();
        let mut files = self.project.constructing(name).to_vec();
        if !files.contains(&class.file) {
            files.push(class.file);
        }
        for file in files {
            if self.is_beside(file) && !self.is_beside(class.file) {
                continue;
            }
            let Some(facts) = self.facts(file) else {
                continue;
            };
            for (id, callee) in calls(facts) {
                let at = ExprRef { file, expr: id };
                let makes = match facts.expr(callee) {
                    Expr::Name(n) if n == "cls" => self.is_class_of(facts, at, class),
                    Expr::Name(n) | Expr::Member { name: n, .. } if n == name => matches!(
                        self.callee_value(file, callee, &None),
                        Value::Class(c) if c == class
                    ),
                    _ => false,
                };
                if makes && found.len() == MAX_CONSTRUCTIONS {
                    return None;
                }
                if makes {
                    found.push(at);
                }
            }
        }
        Some(found)
    }

    /// Whether `cls` at a place is a class: in a method of it.
    fn is_class_of(&self, facts: &Facts, at: ExprRef, class: ClassRef) -> bool {
        at.file == class.file
            && enclosing_functions(facts, at)
                .iter()
                .any(|f| facts.functions[f.index()].owner == Some(class.class))
    }

    /// Whether a file is a test, a notebook, or stands among the examples.
    fn is_beside(&self, file: FileId) -> bool {
        let path = self.project.path(file);
        let path = path.strip_prefix(&self.project.root).unwrap_or(path);
        self.is_test(file)
            || path.extension().is_some_and(|e| e == "ipynb")
            || path
                .iter()
                .filter_map(|p| p.to_str())
                .any(|p| BESIDE.contains(&p))
    }

    /// Whether a value says more than that it was given: text (a prompt, the path of one), a collection of
    /// such, and, where objects count, a client of a package or a record. Of an object with methods of its own the
    /// name by which it is spoken of says more: `self.llm.invoke(messages)`.
    fn says(&self, v: &Value, only_words: bool) -> bool {
        match v {
            Value::Text(t) => t.words() > 0,
            Value::List(l) => l.items.iter().any(|v| self.says(v, only_words)),
            Value::Choice(c) => {
                c.iter().any(|v| self.says(v, true)) || c.iter().all(|v| self.says(v, only_words))
            }
            Value::Map(m) => !only_words && m.fields.iter().any(|f| self.says(&f.value, true)),
            Value::Instance(i) => !only_words && i.args.is_some() && self.is_record(i.class),
            Value::Made(_) => !only_words || self.path_text(v, 0).is_some(),
            _ => false,
        }
    }

    /// Whether objects of a class hold values and do nothing: it has constructors and properties only.
    fn is_record(&self, class: ClassRef) -> bool {
        let Some(facts) = self.facts(class.file) else {
            return false;
        };
        let methods = self.class(class).map_or(&[][..], |c| c.methods.as_slice());
        methods.iter().all(|m| {
            let function = &facts.functions[m.index()];
            let name = function.name.as_deref().unwrap_or_default();
            let of_class = |p: &crate::hir::Param| p.name.as_deref() == Some("cls");
            name.starts_with("__")
                || name == "constructor"
                || function.is_property
                || function.params.first().is_some_and(of_class)
        })
    }
}
