//! Linking where no value says what is called: by the type of a receiver, and by name where the
//! name's definitions in the project agree.

use std::rc::Rc;

use crate::hir::ClassKind;
use crate::language::Language;
use crate::resolve::eval::Evaluator;
use crate::resolve::sites::Wrappers;
use crate::resolve::sites::definitions::{Definition, Definitions};
use crate::resolve::value::{ArgValue, ClassRef, FunctionRef, FunctionValue, Value};
use crate::source::FileId;

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

/// What a name that is called alone may be.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Sort {
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

impl Evaluator<'_> {
    /// Linking by the type of the receiver: what is written to implement an abstract method, as far
    /// as it is known to end in a model.
    pub(super) fn by_type(
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

    /// Linking by name: every definition of the name that does something is a wrapper, and it takes
    /// as many arguments. What only delegates to the same name elsewhere abstains.
    #[expect(
        clippy::too_many_arguments,
        reason = "what is known of the call, and of the project"
    )]
    pub(super) fn by_name(
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
}

/// Whether a function is known to end in a model, whatever its callers say.
fn speaks(wrappers: &Wrappers, f: FunctionRef) -> bool {
    wrappers
        .get(&f)
        .is_some_and(|sinks| sinks.iter().any(|s| !s.open))
}
