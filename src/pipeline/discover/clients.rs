//! SDK clients that a file makes for others: files that use them import no SDK themselves.

use std::rc::Rc;

use crate::catalog::Catalog;
use crate::hir::{Expr, FunctionId, How, MODULE};
use crate::language::Language;
use crate::project::Project;
use crate::resolve::eval::Evaluator;
use crate::resolve::request::chain_of;
use crate::resolve::value::{ExprRef, Value};
use crate::source::FileId;

/// Values that a function may return, or parts of a map, that are looked at for a client.
const MAX_RETURNS: usize = 4;

/// The names of a file's module variables, functions and classes that hold or give an SDK's client.
pub(super) fn client_names(project: &Project<'_>, catalog: &Catalog, file: FileId) -> Vec<String> {
    let ev = Evaluator::new(project, catalog);
    let Some(facts) = ev.facts(file) else {
        return Vec::new();
    };
    let mut out = Vec::new();
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
            out.push(w.root.to_string());
        }
    }
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
            out.push(class.name.to_string());
        }
    }
    out
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

/// Whether an SDK made a value, or a part of a map.
fn is_client(catalog: &Catalog, language: Language, value: &Value) -> bool {
    match value {
        Value::Made(m) => chain_of(&Value::Made(Rc::clone(m)))
            .root
            .is_some_and(|r| catalog.is_known_package(&r.module, language)),
        Value::Map(m) => {
            m.fields.iter().take(MAX_RETURNS).any(|f| {
                matches!(f.value, Value::Made(_)) && is_client(catalog, language, &f.value)
            })
        }
        _ => false,
    }
}
