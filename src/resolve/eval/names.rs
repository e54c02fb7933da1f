//! Names: scopes, star imports, the store that a use sees.

use std::rc::Rc;

use rustc_hash::FxHashSet;

use super::items::has_item;
use super::{Evaluator, Point};
use crate::hir::{
    ALWAYS, ExportKind, Facts, GuardId, How, Name, ParamKind, ScopeId, ScopeKind, What, WriteId,
};
use crate::language::Language;
use crate::resolve::modules;
use crate::resolve::value::{Env, ExprRef, External, Rope, Value};
use crate::source::FileId;

impl<'p> Evaluator<'p> {
    // ---------------------------------------------------------------- names

    pub(super) fn name(&self, facts: &'p Facts, at: ExprRef, name: &Name, env: &Env) -> Value {
        let node = facts.node(at.expr);
        let point = Point {
            order: at.expr.0,
            guard: node.guard,
        };
        // What a method stores to its receiver is found when an attribute is read.
        if name == "this" || is_receiver(facts, node.scope, name) {
            return self
                .receiver(facts, at.file, node.scope, env)
                .unwrap_or_else(|| Value::external("", &[name]));
        }
        if let Some(v) = self.lookup(at.file, node.scope, Some(point), name, env) {
            return v;
        }
        match name.as_str() {
            "undefined" => return Value::Null,
            "__file__" | "__filename" => return self.path_value(self.project.path(at.file)),
            "__dirname" => {
                if let Some(d) = self.project.path(at.file).parent() {
                    return self.path_value(d);
                }
            }
            _ => {}
        }
        if facts.language == Language::Rust {
            if name == "Self" {
                return self
                    .owner_class(facts, at.file, node.scope)
                    .map_or_else(|| Value::external("", &["Self"]), Value::Class);
            }
            if matches!(name.as_str(), "crate" | "self" | "super")
                && let Some(f) = modules::resolve(self.project, at.file, name)
            {
                return Value::Module(f);
            }
            if let Some(f) = modules::resolve(self.project, at.file, name) {
                return Value::Module(f);
            }
            if self.catalog.is_known_package(name, Language::Rust) {
                return Value::external(name, &[]);
            }
        }
        Value::External(Rc::new(External {
            module: self.star_package(facts, name).unwrap_or_default(),
            path: vec![name.clone()],
        }))
    }

    /// The package that a name nobody declares comes from, where all names of one SDK are imported.
    pub(super) fn star_package(&self, facts: &Facts, name: &str) -> Option<Name> {
        let prelude = matches!(
            name,
            "String"
                | "Vec"
                | "Box"
                | "Some"
                | "None"
                | "Ok"
                | "Err"
                | "Self"
                | "Option"
                | "Result"
                | "Default"
                | "Into"
                | "From"
        );
        if prelude
            || !name.starts_with(char::is_uppercase)
            || name.ends_with("Error")
            || name.ends_with("Exception")
        {
            return None;
        }
        facts
            .imports
            .iter()
            .find(|i| {
                i.what == What::Star && self.catalog.is_known_package(&i.module, facts.language)
            })
            .map(|i| i.module.clone())
    }

    /// A path as text that stands nowhere in the source, from the root of the project on: no report
    /// tells where on the machine that is.
    pub(in crate::resolve) fn path_value(&self, path: &std::path::Path) -> Value {
        let path = path.strip_prefix(&self.project.root).unwrap_or(path);
        Value::text(Rope::unmapped(&path.to_string_lossy().replace('\\', "/")))
    }

    /// The value of a name seen from a scope; with a point, only what was stored before it.
    pub(super) fn lookup(
        &self,
        file: FileId,
        scope: ScopeId,
        point: Option<Point>,
        name: &str,
        env: &Env,
    ) -> Option<Value> {
        self.lookup_here(file, scope, point, name, env)
            .or_else(|| self.star_member(file, name))
    }

    /// [`Self::lookup`] without what star imports bring.
    pub(super) fn lookup_here(
        &self,
        file: FileId,
        scope: ScopeId,
        point: Option<Point>,
        name: &str,
        env: &Env,
    ) -> Option<Value> {
        let facts = self.facts(file)?;
        let user = facts.function_of(scope);
        let mut at = Some(scope);
        let mut crossed = false;
        while let Some(id) = at {
            let s = &facts.scopes[id.index()];
            let hidden = crossed && matches!(s.kind, ScopeKind::Class(_));
            if !hidden
                && let Some(writes) = s.names.get(name)
                && !is_only_called(facts, writes)
            {
                let same = facts.function_of(id) == user;
                let point = if same { point } else { None };
                let end = self.scope_end(facts, id);
                // What stands outside of every function depends on no frame but that of a loop.
                let env = if facts.function_of(id).is_some() || has_item(env, file) {
                    env
                } else {
                    &None
                };
                if let Some(v) = self.fold(file, facts, writes, point, end, env) {
                    return Some(v);
                }
            }
            crossed |= matches!(s.kind, ScopeKind::Function(_));
            at = s.parent;
        }
        None
    }

    /// A name that star imports and star exports bring into a file. Breadth first over the files
    /// they lead to, each looked into once: modules that import all of one another are ordinary.
    pub(super) fn star_member(&self, file: FileId, name: &str) -> Option<Value> {
        let mut seen: FxHashSet<FileId> = FxHashSet::default();
        seen.insert(file);
        let mut queue: std::collections::VecDeque<FileId> =
            self.star_targets(file).iter().copied().collect();
        if queue.is_empty() {
            return None;
        }
        let key = (file, Name::from(name));
        if let Some(known) = self.stars.borrow().get(&key) {
            return known.clone();
        }
        let before = self.limited.replace(false);
        let (found, whole) = self.memo.lasting(|| {
            while let Some(f) = queue.pop_front() {
                if !seen.insert(f) {
                    continue;
                }
                let found = self.nested(|| self.own_member(f, name));
                if found.is_some() {
                    return found;
                }
                queue.extend(self.star_targets(f).iter().copied());
            }
            None
        });
        if whole && !self.limited.get() {
            self.stars.borrow_mut().insert(key, found.clone());
        }
        self.limited.set(before || self.limited.get());
        found
    }

    /// The files of the project all of whose names a file imports or exports.
    pub(super) fn star_targets(&self, file: FileId) -> Rc<[FileId]> {
        if let Some(known) = self.star_targets.borrow().get(&file) {
            return Rc::clone(known);
        }
        let mut out: Vec<FileId> = Vec::new();
        if let Some(facts) = self.facts(file) {
            let exported = facts.exports.iter().filter_map(|e| match &e.kind {
                ExportKind::Star { module } if e.name.is_empty() => Some(module),
                _ => None,
            });
            let imported = facts
                .imports
                .iter()
                .filter(|i| i.what == What::Star)
                .map(|i| &i.module);
            for module in exported.chain(imported) {
                if let Some(t) = modules::resolve(self.project, file, module)
                    && t != file
                    && !out.contains(&t)
                {
                    out.push(t);
                }
            }
        }
        let out: Rc<[FileId]> = out.into();
        self.star_targets.borrow_mut().insert(file, Rc::clone(&out));
        out
    }

    /// The guard under which the end of a scope runs.
    pub(super) fn scope_end(&self, facts: &Facts, scope: ScopeId) -> GuardId {
        facts
            .function_of(scope)
            .map_or(ALWAYS, |f| facts.functions[f.index()].guard)
    }
}

/// Whether all that is known of a name are calls of its methods: a global that nothing declares here.
fn is_only_called(facts: &Facts, writes: &[WriteId]) -> bool {
    writes.iter().all(|w| {
        let w = &facts.writes[w.index()];
        matches!(w.how, How::Mutate(_)) && !w.declares
    })
}

/// Whether a name is the receiver of the method around a scope: `self`, `cls`.
fn is_receiver(facts: &Facts, scope: ScopeId, name: &str) -> bool {
    let mut at = Some(scope);
    while let Some(id) = at {
        let s = &facts.scopes[id.index()];
        if let ScopeKind::Function(f) = s.kind
            && s.names.contains_key(name)
        {
            let f = &facts.functions[f.index()];
            return f.owner.is_some()
                && f.params.first().is_some_and(|p| {
                    p.kind == ParamKind::Receiver && p.name.as_deref() == Some(name)
                });
        }
        at = s.parent;
    }
    false
}
