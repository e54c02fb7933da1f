//! The functions of a project by name, for calls whose receiver is not known.

use std::collections::BTreeMap;

use rustc_hash::FxHashSet;

use super::calls;
use crate::hir::{Expr, Facts, FunctionId, MODULE, ParamKind, ScopeKind};
use crate::language::Language;
use crate::resolve::value::FunctionRef;
use crate::source::FileId;

/// Bases that say nothing of what a class is for.
const PLAIN_BASES: &[&str] = &[
    "ABC",
    "object",
    "BaseModel",
    "Protocol",
    "Generic",
    "Enum",
    "Default",
    "Clone",
];

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
    pub(super) fn shares_base(&self, other: &Self) -> bool {
        self.family.iter().any(|f| other.family.contains(f))
    }
}

/// Functions of the project by name.
pub(crate) type Definitions = BTreeMap<String, Vec<Definition>>;

/// The functions that a file defines, those inside of others left out.
pub(crate) fn definitions(file: FileId, facts: &Facts) -> Vec<(String, Definition)> {
    let mut out = Vec::new();
    let delegating = delegating(facts);
    for (i, f) in (0..).zip(&facts.functions) {
        let of_module = facts.language == Language::Python
            && facts.scopes[f.scope.index()].parent == Some(MODULE);
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
