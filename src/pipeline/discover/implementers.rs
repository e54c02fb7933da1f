//! Classes that implement what the class around a call only declares.

use std::collections::BTreeSet;

use super::clients::ancestors;
use crate::catalog::Catalog;
use crate::hir::{Class, ClassId, Facts};
use crate::language::Language;
use crate::project::Project;
use crate::resolve::eval::Evaluator;
use crate::resolve::sites::enclosing_functions;
use crate::resolve::value::{ClassRef, ExprRef};
use crate::source::FileId;

/// The class whose method a call stands in, if it leaves methods to its subclasses. Rust's traits
/// are known by their implementations.
pub(super) fn declaring_class(project: &Project<'_>, at: ExprRef) -> Option<ClassRef> {
    let facts = &project.parsed(at.file)?.facts;
    if facts.language == Language::Rust {
        return None;
    }
    let class = enclosing_functions(facts, at)
        .into_iter()
        .find_map(|f| facts.functions.get(f.index())?.owner)?;
    let declares = declared(facts, facts.classes.get(class.index())?)
        .next()
        .is_some();
    declares.then_some(ClassRef {
        file: at.file,
        class,
    })
}

/// The names of the methods that a class declares without a body.
fn declared<'f>(facts: &'f Facts, class: &'f Class) -> impl Iterator<Item = &'f str> {
    class
        .methods
        .iter()
        .filter_map(|m| facts.functions.get(m.index()))
        .filter(|f| f.is_stub)
        .filter_map(|f| f.name.as_deref())
        .filter(|n| !n.starts_with("__"))
}

/// The name of a class, if it can be searched for.
pub(super) fn class_name(project: &Project<'_>, class: ClassRef) -> Option<String> {
    let facts = &project.parsed(class.file)?.facts;
    let name = &facts.classes.get(class.class.index())?.name;
    (name.len() >= 3).then(|| name.to_string())
}

/// The classes of a file that implement a method which one of these classes declares, behind it.
pub(super) fn implementers_of(
    project: &Project<'_>,
    catalog: &Catalog,
    file: FileId,
    declaring: &BTreeSet<ClassRef>,
) -> Vec<(ClassRef, ClassRef)> {
    let Some(parsed) = project.parsed(file).filter(|_| !declaring.is_empty()) else {
        return Vec::new();
    };
    let facts = &parsed.facts;
    let ev = Evaluator::new(project, catalog);
    let mut out = Vec::new();
    for (class, number) in facts.classes.iter().zip(0..) {
        if class.bases.is_empty() {
            continue;
        }
        let own = ClassRef {
            file,
            class: ClassId(number),
        };
        ev.refuel_for_callee();
        for base in ancestors(&ev, own) {
            let implements = |name: &str| {
                class.methods.iter().any(|m| {
                    facts
                        .functions
                        .get(m.index())
                        .is_some_and(|f| !f.is_stub && f.name.as_deref() == Some(name))
                })
            };
            let fits = declaring.contains(&base)
                && project.parsed(base.file).is_some_and(|p| {
                    p.facts
                        .classes
                        .get(base.class.index())
                        .is_some_and(|c| declared(&p.facts, c).any(implements))
                });
            if fits {
                out.push((base, own));
            }
        }
    }
    out
}
