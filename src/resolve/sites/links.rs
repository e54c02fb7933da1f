//! Which functions a call may mean: values, aliases, methods by name.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use rustc_hash::FxHashSet;

use super::wrapped::{hole_stands_alone, is_prompt_name};
use super::{Link, THIN_WORDS, Wrappers, calls, enclosing_functions};
use crate::hir::{ClassKind, Expr, ExprId, Facts, FunctionId, How, ParamKind, ScopeKind};
use crate::language::Language;
use crate::resolve::eval::Evaluator;
use crate::resolve::request::{Request, last_name};
use crate::resolve::value::{ArgValue, ClassRef, ExprRef, FunctionRef, FunctionValue, Value};
use crate::source::FileId;

/// Callees that call the function given as an argument, and the index of that argument.
pub(super) const CALL_THROUGH: &[(&str, usize)] = &[
    ("submit", 0),
    ("to_thread", 0),
    ("run_in_executor", 1),
    ("run_in_threadpool", 0),
    ("map", 0),
    ("run_sync", 0),
    ("retry", 0),
    ("withRetry", 0),
    ("apply_async", 0),
    ("Thread", 0),
];

/// Keyword arguments that take the function to call.
pub(super) const CALLED_KEYWORDS: &[&str] =
    &["func", "fn", "function", "target", "callable", "coro_func"];

/// A function of the project, as it is found by its name.
#[derive(Debug, Clone)]
pub(crate) struct Definition {
    pub(crate) function: FunctionRef,
    pub(crate) language: Language,
    /// It does nothing.
    pub(crate) stub: bool,
    /// Parameters, the receiver not counted.
    pub(crate) params: usize,
    /// Whether it takes any number of arguments.
    pub(crate) open: bool,
    /// Name of its class and of the classes it is written to derive from; empty for a function of
    /// a module.
    pub(crate) family: Vec<String>,
    /// Whether it calls a method of its own name on another object: what it does, that one does.
    pub(crate) delegates: bool,
}

impl Definition {
    /// Whether both belong to one family of classes.
    fn shares_base(&self, other: &Self) -> bool {
        self.family.iter().any(|f| other.family.contains(f))
    }
}

/// Functions of the project by name.
pub(crate) type Definitions = BTreeMap<String, Vec<Definition>>;

/// Bases that say nothing of what a class is for.
pub(super) const PLAIN_BASES: &[&str] = &[
    "ABC",
    "object",
    "BaseModel",
    "Protocol",
    "Generic",
    "Enum",
    "Default",
    "Clone",
];

/// Names that are everywhere: never linked without knowing the receiver.
pub(super) const COMMON_NAMES: &[&str] = &[
    "run",
    "get",
    "set",
    "call",
    "invoke",
    "execute",
    "create",
    "send",
    "query",
    "process",
    "handle",
    "post",
    "put",
    "update",
    "add",
    "new",
    "build",
    "start",
    "init",
    "main",
    "push",
    "append",
    "map",
    "filter",
    "then",
    "format",
    "parse",
    "forward",
    "__call__",
    "render",
    "log",
    "print",
    "write",
    "read",
    "load",
    "save",
    "find",
    "stream",
    "emit",
    "next",
    "open",
    "close",
    "connect",
    "search",
    "fetch",
    "insert",
    "delete",
    "test",
    "constructor",
    "__init__",
    "apply",
];

impl<'p> Evaluator<'p> {
    /// For `submit(f, x)`: `f` and the arguments it gets.
    pub(super) fn called_through(
        &self,
        facts: &Facts,
        callee: ExprId,
        value: &Value,
        args: &[ArgValue],
    ) -> Option<(Value, Vec<ArgValue>)> {
        let name = match facts.expr(callee) {
            Expr::Member { name, .. } | Expr::Name(name) => name,
            _ => return None,
        };
        let callable = |v: &Value| match v {
            Value::Choice(c) => c.iter().any(|v| matches!(v, Value::Function(_))),
            v => matches!(v, Value::Function(_) | Value::Attr(_) | Value::External(_)),
        };
        if let Some(i) = args.iter().position(|a| {
            a.name
                .as_deref()
                .is_some_and(|n| CALLED_KEYWORDS.contains(&n))
                && callable(&a.value)
        }) {
            let rest = args
                .iter()
                .enumerate()
                .filter(|(n, _)| *n != i)
                .map(|(_, a)| a.clone())
                .collect();
            return Some((args[i].value.clone(), rest));
        }
        let index = match CALL_THROUGH.iter().find(|(n, _)| n == name) {
            Some((_, i)) => *i,
            None => {
                let Value::Function(f) = value else {
                    return None;
                };
                if !args.iter().any(|a| a.name.is_none() && callable(&a.value)) {
                    return None;
                }
                self.called_param(f.function)?
            }
        };
        let positional: Vec<&ArgValue> = args.iter().filter(|a| a.name.is_none()).collect();
        let target = positional.get(index)?.value.clone();
        if !callable(&target) {
            return None;
        }
        let rest = positional[index + 1..]
            .iter()
            .copied()
            .chain(args.iter().filter(|a| a.name.is_some()))
            .cloned()
            .collect();
        Some((target, rest))
    }

    /// The parameter that a function calls, counted without the receiver: `retry(f, *args)`.
    fn called_param(&self, f: FunctionRef) -> Option<usize> {
        let facts = self.facts(f.file)?;
        let function = facts.functions.get(f.function.index())?;
        let params: Vec<&crate::hir::Param> = function
            .params
            .iter()
            .filter(|p| p.kind != ParamKind::Receiver)
            .collect();
        calls(facts).find_map(|(id, callee)| {
            let span = facts.span(id);
            if span.start < function.span.start || function.span.end < span.end {
                return None;
            }
            let Expr::Name(n) = facts.expr(callee) else {
                return None;
            };
            params
                .iter()
                .position(|p| p.name.as_ref() == Some(n) && p.kind == ParamKind::Positional)
        })
    }

    /// The functions whose parameters are prompts of a request: those that a caller has to supply.
    pub(super) fn flows(
        &self,
        facts: &Facts,
        at: ExprRef,
        request: &Request,
    ) -> BTreeSet<FunctionRef> {
        let mut out = BTreeSet::new();
        let enclosing = enclosing_functions(facts, at);
        let Some(innermost) = enclosing.first().copied() else {
            return out;
        };
        for m in &request.messages {
            let words = m.rope.words();
            m.rope.each_hole(&mut |h| {
                h.value.each_root_param(&mut |p| {
                    let thin = words < THIN_WORDS
                        || (words < 60 && is_prompt_name(&p.name))
                        || hole_stands_alone(m, h);
                    if !thin {
                        return;
                    }
                    if p.function.file == at.file && enclosing.contains(&p.function.function) {
                        let returned = p.function.function != innermost
                            && self.returns_function(facts, p.function.function, &enclosing);
                        out.insert(if returned {
                            FunctionRef {
                                file: at.file,
                                function: innermost,
                            }
                        } else {
                            p.function
                        });
                    } else if self.is_constructor_of_owner(facts, at, p.function) {
                        // State that the object's constructor was given.
                        let method = enclosing
                            .iter()
                            .copied()
                            .find(|f| facts.functions[f.index()].owner.is_some())
                            .unwrap_or(innermost);
                        out.insert(FunctionRef {
                            file: at.file,
                            function: method,
                        });
                    }
                });
            });
        }
        out
    }

    /// Whether `outer` is a factory: it returns one of the functions that enclose the site.
    pub(super) fn returns_function(
        &self,
        facts: &Facts,
        outer: FunctionId,
        enclosing: &[FunctionId],
    ) -> bool {
        facts.functions[outer.index()]
            .returns
            .iter()
            .any(|r| match facts.expr(r.value) {
                Expr::Function(f) => enclosing.contains(f),
                Expr::Name(n) => enclosing
                    .iter()
                    .any(|f| *f != outer && facts.functions[f.index()].name.as_ref() == Some(n)),
                Expr::Map { entries } => entries.iter().any(|e| match e {
                    crate::hir::Entry::Pair { value, .. } => match facts.expr(*value) {
                        Expr::Function(f) => enclosing.contains(f),
                        Expr::Name(n) => enclosing.iter().any(|f| {
                            *f != outer && facts.functions[f.index()].name.as_ref() == Some(n)
                        }),
                        _ => false,
                    },
                    _ => false,
                }),
                _ => false,
            })
    }

    pub(super) fn is_constructor_of_owner(
        &self,
        facts: &Facts,
        at: ExprRef,
        f: FunctionRef,
    ) -> bool {
        let Some(name) = self.function(f).and_then(|f| f.name.as_ref()) else {
            return false;
        };
        matches!(name.as_str(), "__init__" | "constructor" | "new")
            && self
                .owner_class(facts, at.file, facts.node(at.expr).scope)
                .is_some()
    }

    // ---------------------------------------------------------------- wrappers

    /// What the calls of a file lead to, for those whose callee may be one of `names` and that are
    /// not in `known`: evaluated once, asked in every round.
    pub(crate) fn links(
        &self,
        file: FileId,
        names: &FxHashSet<String>,
        known: &FxHashSet<ExprRef>,
    ) -> Vec<(ExprRef, Link)> {
        let Some(facts) = self.facts(file) else {
            return Vec::new();
        };
        let mut out = Vec::new();
        for (id, callee) in calls(facts) {
            let at = ExprRef { file, expr: id };
            if known.contains(&at) || !self.may_be_named(facts, id, callee, names) {
                continue;
            }
            self.refuel_for_callee();
            let mut value = self.callee_value(at.file, callee, &None);
            if is_call_through(facts, id) || passes(facts, id, &|n| names.contains(n)) {
                let all = self.site_args(at, &None);
                if let Some((inner, _)) = self.called_through(facts, callee, &value, &all) {
                    value = inner;
                }
            }
            out.push((at, self.link(file, &value)));
        }
        out
    }

    /// Whether a callee's name, the name it was imported under, or an argument that it calls is
    /// among the names; a variable that holds a function may be any.
    pub(super) fn may_be_named(
        &self,
        facts: &Facts,
        call: ExprId,
        callee: ExprId,
        names: &FxHashSet<String>,
    ) -> bool {
        let named = |e: ExprId| match facts.expr(e) {
            Expr::Member { name, .. } | Expr::Name(name) => names.contains(name.as_str()),
            _ => false,
        };
        if named(callee) {
            return true;
        }
        if passes(facts, call, &|n| names.contains(n)) {
            return true;
        }
        if facts.language == Language::Python && names.contains("__call__") {
            return true;
        }
        match facts.expr(callee) {
            Expr::Name(n) => self.alias_of(facts, callee, n, names),
            Expr::Call { callee, .. } => named(*callee),
            Expr::Member { .. } => false,
            _ => true,
        }
    }

    /// Whether a called name is bound to something that may bear one of the names.
    pub(super) fn alias_of(
        &self,
        facts: &Facts,
        callee: ExprId,
        name: &str,
        names: &FxHashSet<String>,
    ) -> bool {
        let mut scope = Some(facts.node(callee).scope);
        while let Some(s) = scope {
            let s = &facts.scopes[s.index()];
            if let Some(writes) = s.names.get(name) {
                return writes.iter().any(|w| {
                    let w = &facts.writes[w.index()];
                    match &w.how {
                        How::Import(i) => match &facts.imports[i.index()].what {
                            crate::hir::What::Name(n) => names.contains(n.as_str()),
                            crate::hir::What::Default => true,
                            _ => false,
                        },
                        How::Set => w.value.is_some_and(|v| {
                            matches!(
                                facts.expr(v),
                                Expr::Call { .. }
                                    | Expr::Member { .. }
                                    | Expr::Name(_)
                                    | Expr::Choice { .. }
                            )
                        }),
                        _ => false,
                    }
                });
            }
            scope = s.parent;
        }
        false
    }

    /// What a callee leads to.
    pub(super) fn link(&self, file: FileId, callee: &Value) -> Link {
        match callee {
            Value::Function(f) => match self.abstract_method(f.function) {
                Some(_) => Link::Abstract(f.function),
                None => Link::Function(f.function),
            },
            Value::Choice(c) => {
                let mut all: Vec<Link> = Vec::new();
                for v in c.iter() {
                    match self.link(file, v) {
                        Link::None => {}
                        l if all.contains(&l) => {}
                        l => all.push(l),
                    }
                }
                match all.len() {
                    0 => Link::None,
                    1 => all.swap_remove(0),
                    _ => Link::Any(all),
                }
            }
            Value::Made(m) if matches!(last_name(&m.callee).as_str(), "partial" | "bind") => m
                .args
                .first()
                .map_or(Link::None, |a| self.link(file, &a.value)),
            Value::Attr(a) if !self.is_foreign(file, &a.base) => Link::Named(a.name.to_string()),
            Value::External(e) => match undeclared(e) {
                Some(name) if self.project.language(file) == Language::Python => {
                    Link::Named(name.to_owned())
                }
                _ => Link::None,
            },
            _ => Link::None,
        }
    }

    /// The name and the class of a method without a body: a trait's, an interface's.
    fn abstract_method(&self, f: FunctionRef) -> Option<(&'p str, ClassRef)> {
        let function = self.function(f).filter(|x| x.is_stub)?;
        let class = ClassRef {
            file: f.file,
            class: function.owner?,
        };
        Some((function.name.as_deref()?, class))
    }

    /// Whether an object is known by a class alone in which the method has no body.
    pub(super) fn is_abstract(&self, object: &Value, method: &str) -> bool {
        matches!(object, Value::Instance(i) if self
            .find_method(i.class, method, 0)
            .is_some_and(|m| self.abstract_method(m).is_some()))
    }

    /// Whether a link may lead to a wrapper.
    pub(super) fn may_lead(
        &self,
        link: &Link,
        wrappers: &Wrappers,
        definitions: &Definitions,
    ) -> bool {
        match link {
            Link::Function(f) => wrappers.contains_key(f),
            Link::Abstract(f) => self
                .abstract_method(*f)
                .is_some_and(|(n, _)| definitions.contains_key(n)),
            Link::Named(n) => definitions.contains_key(n) && !COMMON_NAMES.contains(&n.as_str()),
            Link::Any(all) => all.iter().any(|l| self.may_lead(l, wrappers, definitions)),
            Link::None => false,
        }
    }

    /// Whether a value belongs to another package, or is text or a collection: its methods are
    /// never linked by name.
    pub(super) fn is_foreign(&self, file: FileId, base: &Value) -> bool {
        if matches!(base, Value::Text(_) | Value::List(_)) {
            return true;
        }
        let Some(root) = crate::resolve::request::chain_of(base).root else {
            return false;
        };
        if root.module.is_empty() {
            return matches!(
                root.path.first().map(|p| p.as_str()),
                Some(
                    "console"
                        | "JSON"
                        | "Math"
                        | "Object"
                        | "Promise"
                        | "window"
                        | "document"
                        | "process"
                )
            );
        }
        !matches!(base, Value::External(_))
            && self
                .catalog
                .is_known_package(&root.module, self.project.language(file))
    }

    /// The wrappers that a callee may be.
    pub(super) fn targets(
        &self,
        file: FileId,
        callee: &Value,
        wrappers: &Wrappers,
        definitions: &Definitions,
        args: &[ArgValue],
    ) -> Vec<Rc<FunctionValue>> {
        match callee {
            Value::Function(f) if wrappers.contains_key(&f.function) => vec![Rc::clone(f)],
            Value::Function(f) => match self.abstract_method(f.function) {
                Some((name, class)) => {
                    let typed = self.by_type(
                        file,
                        (name, class),
                        f.receiver.as_ref(),
                        wrappers,
                        definitions,
                        args,
                    );
                    if !typed.is_empty() {
                        return typed;
                    }
                    self.by_name(
                        file,
                        name,
                        Sort::Method,
                        f.receiver.as_ref(),
                        wrappers,
                        definitions,
                        args,
                    )
                }
                None => Vec::new(),
            },
            Value::Choice(c) => c
                .iter()
                .map(|v| self.targets(file, v, wrappers, definitions, args))
                .find(|t| !t.is_empty())
                .unwrap_or_default(),
            Value::Made(m) if matches!(last_name(&m.callee).as_str(), "partial" | "bind") => m
                .args
                .first()
                .map(|a| self.targets(file, &a.value, wrappers, definitions, args))
                .unwrap_or_default(),
            Value::Attr(a) if !self.is_foreign(file, &a.base) => self.by_name(
                file,
                &a.name,
                Sort::Method,
                None,
                wrappers,
                definitions,
                args,
            ),
            Value::External(e) => match undeclared(e) {
                Some(name) if self.project.language(file) == Language::Python => self.by_name(
                    file,
                    name,
                    Sort::Function,
                    None,
                    wrappers,
                    definitions,
                    args,
                ),
                _ => Vec::new(),
            },
            _ => Vec::new(),
        }
    }

    /// Linking by the type of the receiver: what is written to implement an abstract method, as far
    /// as it is known to end in a model.
    fn by_type(
        &self,
        file: FileId,
        (name, class): (&str, ClassRef),
        receiver: Option<&Value>,
        wrappers: &Wrappers,
        definitions: &Definitions,
        args: &[ArgValue],
    ) -> Vec<Rc<FunctionValue>> {
        let language = self.project.language(file);
        let Some(base) = self.class(class) else {
            return Vec::new();
        };
        let given = args.iter().filter(|a| !a.spread).count();
        let all: Vec<&Definition> = definitions
            .get(name)
            .into_iter()
            .flatten()
            .filter(|d| d.language == language && !d.stub && !d.family.is_empty())
            .collect();
        let written = |d: &Definition| d.family.iter().any(|f| *f == base.name);
        // A structural type is written nowhere.
        let structural = !all.iter().any(|d| written(d));
        all.into_iter()
            .filter(|d| {
                (given <= d.params || d.open)
                    && speaks(wrappers, d.function)
                    && (written(d) || structural && self.fits(d, class))
                    && !self.is_test(d.function.file)
            })
            .take(4)
            .map(|d| self.method_of(d, receiver.filter(|r| !self.is_abstract(r, name))))
            .collect()
    }

    /// Whether a definition's class has all methods of an interface or protocol.
    fn fits(&self, d: &Definition, interface: ClassRef) -> bool {
        let (Some(facts), Some(base)) = (self.facts(interface.file), self.class(interface)) else {
            return false;
        };
        let protocol = base.bases.iter().any(|b| {
            facts
                .dotted(*b)
                .is_some_and(|n| n.rsplit('.').next() == Some("Protocol"))
        });
        let Some(owner) = self.function(d.function).and_then(|f| f.owner) else {
            return false;
        };
        let class = ClassRef {
            file: d.function.file,
            class: owner,
        };
        (protocol || base.kind == ClassKind::Interface && facts.language == Language::TypeScript)
            && base.methods.iter().all(|m| {
                facts.functions[m.index()]
                    .name
                    .as_deref()
                    .is_some_and(|n| self.find_method(class, n, 0).is_some())
            })
    }

    /// A definition called on an object; on one of its class, if none is known.
    fn method_of(&self, d: &Definition, receiver: Option<&Value>) -> Rc<FunctionValue> {
        let receiver = receiver.cloned().or_else(|| {
            let class = self.function(d.function)?.owner?;
            Some(self.typed_instance(ClassRef {
                file: d.function.file,
                class,
            }))
        });
        Rc::new(FunctionValue {
            function: d.function,
            receiver,
            env: None,
        })
    }

    /// Linking by name: every definition of the name that does something is a wrapper, and it takes
    /// as many arguments. What only delegates to the same name elsewhere abstains.
    #[expect(
        clippy::too_many_arguments,
        reason = "what is known of the call, and of the project"
    )]
    fn by_name(
        &self,
        file: FileId,
        name: &str,
        sort: Sort,
        receiver: Option<&Value>,
        wrappers: &Wrappers,
        definitions: &Definitions,
        args: &[ArgValue],
    ) -> Vec<Rc<FunctionValue>> {
        if COMMON_NAMES.contains(&name) {
            return Vec::new();
        }
        let language = self.project.language(file);
        let Some(all) = definitions.get(name) else {
            return Vec::new();
        };
        let live: Vec<&Definition> = all
            .iter()
            .filter(|d| {
                d.language == language
                    && !d.stub
                    && sort.admits(d)
                    && !self.is_test(d.function.file)
            })
            .collect();
        let mut hits: Vec<&Definition> = live
            .iter()
            .copied()
            .filter(|d| speaks(wrappers, d.function))
            .collect();
        if hits.is_empty() {
            return Vec::new();
        }
        // Stubs and mocks abstain; implementations of an interface that a wrapper implements too are
        // taken to be models as well; all others must agree.
        let others = live
            .iter()
            .filter(|d| {
                !speaks(wrappers, d.function)
                    && !d.delegates
                    && !hits.iter().any(|h| h.shares_base(d))
            })
            .count();
        let given = args.iter().filter(|a| !a.spread).count();
        let speaks = args.iter().any(|a| self.is_prompt_like(&a.value, 0));
        let agreed = if speaks {
            others <= hits.len()
        } else {
            others * 4 <= hits.len()
        };
        if !agreed {
            return Vec::new();
        }
        hits.retain(|d| given <= d.params || d.open);
        hits.iter()
            .take(4)
            .map(|d| self.method_of(d, receiver))
            .collect()
    }
}

/// What a name that is called alone may be.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sort {
    /// A method.
    Method,
    /// A function of a module.
    Function,
}

impl Sort {
    const fn admits(self, d: &Definition) -> bool {
        match self {
            Self::Method => !d.family.is_empty(),
            Self::Function => d.family.is_empty(),
        }
    }
}

/// A name that nothing declares.
fn undeclared(e: &crate::resolve::value::External) -> Option<&str> {
    match e.path.as_slice() {
        [name] if e.module.is_empty() => Some(name),
        _ => None,
    }
}

/// Whether a function is known to end in a model, whatever its callers say.
fn speaks(wrappers: &Wrappers, f: FunctionRef) -> bool {
    wrappers
        .get(&f)
        .is_some_and(|sinks| sinks.iter().any(|s| !s.open))
}

/// Whether a call is given a function that has one of these names.
pub(super) fn passes(facts: &Facts, call: ExprId, named: &dyn Fn(&str) -> bool) -> bool {
    let Expr::Call { args, .. } = facts.expr(call) else {
        return false;
    };
    args.iter().any(|a| match facts.expr(a.value) {
        Expr::Member { name, .. } | Expr::Name(name) => named(name),
        _ => false,
    })
}

/// Whether a call is given a method that has one of these names: `retry(client.chat.create, …)`. A
/// bare name is mostly a variable (`show(prompt)`).
pub(super) fn passes_method(facts: &Facts, call: ExprId, named: &dyn Fn(&str) -> bool) -> bool {
    let Expr::Call { args, .. } = facts.expr(call) else {
        return false;
    };
    args.iter().any(|a| {
        matches!(facts.expr(a.value), Expr::Member { name, base } if named(name)
            && matches!(facts.expr(*base), Expr::Member { .. } | Expr::Name(_)))
    })
}

/// Whether a call calls the function it is given.
pub(super) fn is_call_through(facts: &Facts, call: ExprId) -> bool {
    let Expr::Call { callee, args, .. } = facts.expr(call) else {
        return false;
    };
    let by_name = match facts.expr(*callee) {
        Expr::Member { name, .. } | Expr::Name(name) => CALL_THROUGH.iter().any(|(n, _)| n == name),
        _ => false,
    };
    by_name
        || args.iter().any(|a| {
            a.name
                .as_deref()
                .is_some_and(|n| CALLED_KEYWORDS.contains(&n))
        })
}

/// The functions that a file defines, those inside of others left out.
pub(crate) fn definitions(file: FileId, facts: &Facts) -> Vec<(String, Definition)> {
    let mut out = Vec::new();
    let delegating = delegating(facts);
    for (i, f) in (0..).zip(&facts.functions) {
        let of_module = facts.language == Language::Python
            && facts.scopes[f.scope.index()].parent == Some(crate::hir::MODULE);
        if f.owner.is_none() && !of_module {
            continue;
        }
        let Some(name) = &f.name else { continue };
        let mut family: Vec<String> = Vec::new();
        if let Some(c) = f.owner.map(|c| &facts.classes[c.index()]) {
            family.push(c.name.to_string());
            family.extend(c.bases.iter().filter_map(|b| {
                let dotted = facts.dotted(*b)?;
                let last = dotted.rsplit('.').next()?.to_owned();
                (!PLAIN_BASES.contains(&last.as_str())).then_some(last)
            }));
        }
        out.push((
            name.to_string(),
            Definition {
                function: FunctionRef {
                    file,
                    function: FunctionId(i),
                },
                language: facts.language,
                stub: f.is_stub,
                params: f
                    .params
                    .iter()
                    .filter(|p| p.kind != ParamKind::Receiver)
                    .count(),
                open: f
                    .params
                    .iter()
                    .any(|p| matches!(p.kind, ParamKind::Rest | ParamKind::KeywordRest)),
                family,
                delegates: delegating.contains(&FunctionId(i)),
            },
        ));
    }
    out
}

/// The methods of a file that call a method of their own name on another object.
fn delegating(facts: &Facts) -> FxHashSet<FunctionId> {
    let mut out = FxHashSet::default();
    for (id, callee) in calls(facts) {
        let Expr::Member { base, name } = facts.expr(callee) else {
            continue;
        };
        if matches!(facts.expr(*base), Expr::Name(n) if matches!(n.as_str(), "self" | "this" | "super" | "Self" | "cls"))
        {
            continue;
        }
        let mut scope = Some(facts.node(id).scope);
        while let Some(s) = scope {
            let s = &facts.scopes[s.index()];
            if let ScopeKind::Function(f) = s.kind
                && let function = &facts.functions[f.index()]
                && function.owner.is_some()
            {
                if function.name.as_ref() == Some(name) {
                    out.insert(f);
                }
                break;
            }
            scope = s.parent;
        }
    }
    out
}
