//! The names by which callers speak of a function.

use crate::hir::{ExportKind, Expr, Facts, Function, Name, ScopeKind};
use crate::language::Language;
use crate::project::Project;
use crate::resolve::value::FunctionRef;
use crate::source::FileId;

/// The name of a function.
pub(super) fn function_name(project: &Project<'_>, f: FunctionRef) -> Option<String> {
    let facts = &project.parsed(f.file)?.facts;
    facts
        .functions
        .get(f.function.index())?
        .name
        .as_ref()
        .map(ToString::to_string)
}

/// The names by which the callers of a function speak of it: its own; that of its class, where
/// the object itself is called; those of the functions that may return it.
pub(super) fn sought_names(project: &Project<'_>, f: FunctionRef) -> Vec<String> {
    let Some(facts) = project.parsed(f.file).map(|p| &p.facts) else {
        return Vec::new();
    };
    let Some(function) = facts.functions.get(f.function.index()) else {
        return Vec::new();
    };
    let mut out: Vec<String> = function.name.iter().map(ToString::to_string).collect();
    if function.name.as_deref() == Some("__call__") {
        let class = function.owner.map(|c| &facts.classes[c.index()].name);
        out.extend(class.map(ToString::to_string));
    }
    if is_default_export(facts, function) {
        out.extend(module_name(project, f.file));
    }
    let mut scope = facts.scopes[function.scope.index()].parent;
    while let Some(s) = scope {
        let s = &facts.scopes[s.index()];
        if let ScopeKind::Function(outer) = s.kind {
            let name = &facts.functions[outer.index()].name;
            out.extend(name.iter().map(ToString::to_string));
        }
        scope = s.parent;
    }
    out
}

/// Whether a function is what its file exports: importers call it what they like.
fn is_default_export(facts: &Facts, function: &Function) -> bool {
    facts.language == Language::TypeScript
        && facts.exports.iter().any(|e| {
            let named = |n: &Name| function.name.as_ref() == Some(n);
            matches!(e.name.as_str(), "default" | "=")
                && match &e.kind {
                    ExportKind::Local(n) => named(n),
                    ExportKind::Expr(x) => match facts.expr(*x) {
                        Expr::Name(n) => named(n),
                        Expr::Function(f) => facts.functions[f.index()].span == function.span,
                        _ => false,
                    },
                    _ => false,
                }
        })
}

/// The word by which imports speak of a file: its stem, or its folder's name for an index.
fn module_name(project: &Project<'_>, file: FileId) -> Option<String> {
    let path = project.path(file);
    let stem = path.file_stem()?.to_str()?;
    let stem = match stem {
        "index" => path.parent()?.file_name()?.to_str()?,
        stem => stem.split('.').next()?,
    };
    Some(stem.to_owned())
}
