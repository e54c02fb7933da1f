//! SDK clients that a file makes for others: files that use them import no SDK themselves.

use std::collections::BTreeSet;
use std::rc::Rc;

use crate::catalog::Catalog;
use crate::hir::{ClassId, Expr, ExprId, Facts, FunctionId, How, MODULE, Step};
use crate::language::Language;
use crate::project::Project;
use crate::resolve::eval::Evaluator;
use crate::resolve::request::chain_of;
use crate::resolve::value::{ClassRef, ExprRef, Value};
use crate::source::FileId;

/// Values that a function may return, or parts of a map, that are looked at for a client.
const MAX_RETURNS: usize = 4;

/// Base classes that are followed upward.
const MAX_ANCESTORS: usize = 8;

/// The clients that a file makes.
#[derive(Debug, Default)]
pub(super) struct Clients {
    /// The names of its module variables, functions and classes that hold or give one, and of these
    /// classes' base classes.
    pub(super) names: Vec<String>,
    /// Base classes with the class of this file that keeps a client in what it inherits.
    pub(super) heirs: Vec<(ClassRef, ClassRef)>,
}

/// The clients that a file makes.
pub(super) fn clients_of(project: &Project<'_>, catalog: &Catalog, file: FileId) -> Clients {
    let ev = Evaluator::new(project, catalog);
    let Clients {
        mut names,
        mut heirs,
    } = Clients::default();
    let Some(facts) = ev.facts(file) else {
        return Clients { names, heirs };
    };
    for w in &facts.writes {
        if w.scope != MODULE || !w.path.is_empty() || w.root.len() < 3 {
            continue;
        }
        let holds = match (&w.how, w.value) {
            (How::Function(f), _) => {
                // A decorator of an SDK makes a call of every call of the function.
                ev.refuel();
                matches!(ev.decorated(file, *f, Value::Null), Value::Made(_))
                    || gives_client(&ev, catalog, file, *f)
            }
            (How::Set, Some(v)) => match facts.expr(v) {
                Expr::Call { .. } | Expr::Map { .. } => {
                    ev.refuel();
                    is_client(
                        catalog,
                        facts.language,
                        &ev.eval(ExprRef { file, expr: v }, &None),
                    )
                }
                Expr::Function(f) => gives_client(&ev, catalog, file, *f),
                _ => false,
            },
            _ => false,
        };
        if holds {
            names.push(w.root.to_string());
        }
    }
    for class in keepers(&ev, catalog, file) {
        let keeper = ClassRef { file, class };
        let name = |c: ClassRef| Some(ev.class(c)?.name.to_string());
        let bases = ancestors(&ev, keeper);
        names.extend(bases.iter().chain([&keeper]).filter_map(|c| name(*c)));
        heirs.extend(bases.into_iter().map(|base| (base, keeper)));
    }
    names.retain(|n| n.len() >= 3);
    // Clients that a class keeps or makes.
    for class in facts.classes.iter().filter(|c| c.name.len() >= 3) {
        let kept = class.fields.iter().filter_map(|f| f.value).any(|v| {
            matches!(facts.expr(v), Expr::Call { .. }) && {
                ev.refuel_for_callee();
                match ev.eval(ExprRef { file, expr: v }, &None) {
                    Value::Function(f) => gives_client(&ev, catalog, file, f.function.function),
                    v => is_client(catalog, facts.language, &v),
                }
            }
        });
        if kept
            || class
                .methods
                .iter()
                .any(|m| gives_client(&ev, catalog, file, *m))
        {
            names.push(class.name.to_string());
        }
    }
    Clients { names, heirs }
}

/// The classes whose methods store a client in the object (`self.client = OpenAI().chat.completions`): what
/// their bases and their subclasses do with it may stand in files that import no SDK.
fn keepers(ev: &Evaluator<'_>, catalog: &Catalog, file: FileId) -> BTreeSet<ClassId> {
    let mut out = BTreeSet::new();
    let Some(facts) = ev.facts(file) else {
        return out;
    };
    for w in &facts.writes {
        let (How::Set, [Step::Field(_)], Some(v)) = (&w.how, &w.path[..], w.value) else {
            continue;
        };
        if !matches!(w.root.as_str(), "self" | "this") {
            continue;
        }
        let Some(owner) = ev.owner_class(facts, file, w.scope) else {
            continue;
        };
        if out.contains(&owner.class) || !calls_something(facts, v) {
            continue;
        }
        ev.refuel_for_callee();
        let kept = ev.eval(ExprRef { file, expr: v }, &None);
        if is_client(catalog, facts.language, &kept) {
            out.insert(owner.class);
        }
    }
    out
}

/// The base classes of a class in the project, and theirs.
pub(super) fn ancestors(ev: &Evaluator<'_>, class: ClassRef) -> Vec<ClassRef> {
    let mut out: Vec<ClassRef> = Vec::new();
    let mut next = vec![class];
    while let Some(c) = next.pop() {
        for base in ev.bases(c) {
            if let Value::Class(b) = base
                && b != class
                && out.len() < MAX_ANCESTORS
                && !out.contains(&b)
            {
                out.push(b);
                next.push(b);
            }
        }
    }
    out
}

/// Whether a value is a call, a part of what a call gives, or a choice of such.
fn calls_something(facts: &Facts, value: ExprId) -> bool {
    match facts.expr(value) {
        Expr::Call { .. } | Expr::Choice { .. } => true,
        Expr::Member { base, .. } => calls_something(facts, *base),
        _ => false,
    }
}

/// Whether what a function of a file returns is an SDK's: a client, a model, an agent.
fn gives_client(ev: &Evaluator<'_>, catalog: &Catalog, file: FileId, function: FunctionId) -> bool {
    let Some(facts) = ev.facts(file) else {
        return false;
    };
    let returns = facts.functions.get(function.index()).map(|f| &f.returns);
    returns.into_iter().flatten().take(MAX_RETURNS).any(|r| {
        matches!(facts.expr(r.value), Expr::Call { .. } | Expr::Name(_)) && {
            let at = ExprRef {
                file,
                expr: r.value,
            };
            ev.refuel_for_callee();
            is_client(catalog, facts.language, &ev.eval(at, &None))
        }
    })
}

/// Whether an SDK made a value or what it is a part of, one of a choice, or a part of a map.
fn is_client(catalog: &Catalog, language: Language, value: &Value) -> bool {
    match value {
        Value::Made(m) => chain_of(&Value::Made(Rc::clone(m)))
            .root
            .is_some_and(|r| catalog.is_known_package(&r.module, language)),
        Value::Attr(part) => is_client(catalog, language, &part.base),
        Value::Choice(arms) => arms
            .iter()
            .take(MAX_RETURNS)
            .any(|a| is_client(catalog, language, a)),
        Value::Map(m) => {
            m.fields.iter().take(MAX_RETURNS).any(|f| {
                matches!(f.value, Value::Made(_)) && is_client(catalog, language, &f.value)
            })
        }
        _ => false,
    }
}
