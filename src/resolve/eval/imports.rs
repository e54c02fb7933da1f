//! Imports and the members of modules.

use std::rc::Rc;

use super::Evaluator;
use super::memo::Task;
use crate::calls::GapReason;
use crate::hir::{ExportKind, Import, MODULE, Name, Scope, ScopeId, ScopeKind, What};
use crate::language::Language;
use crate::resolve::modules;
use crate::resolve::value::{ExprRef, External, Value};
use crate::source::FileId;

impl<'p> Evaluator<'p> {
    // ---------------------------------------------------------------- modules

    pub(super) fn import(&self, file: FileId, i: &Import) -> Value {
        let rust = self.project.language(file) == Language::Rust;
        if let Some(target) = modules::resolve(self.project, file, &i.module)
            && !self.is_sdk_itself(file, &i.module, target)
        {
            match &i.what {
                What::Module => {
                    return self.exported_whole(target).unwrap_or(Value::Module(target));
                }
                What::Star | What::SideEffect => return Value::Module(target),
                What::Default => {
                    return self
                        .module_member(target, "default")
                        .or_else(|| self.module_member(target, "="))
                        .unwrap_or(Value::Module(target));
                }
                What::Name(n) => {
                    if target != file
                        && let Some(v) = self.module_member(target, n)
                    {
                        return v;
                    }
                    if let Some(sub) = self.submodule(file, &i.module, n) {
                        return Value::Module(sub);
                    }
                    if target == file {
                        return self
                            .lookup(file, MODULE, None, n, &None)
                            .unwrap_or_else(|| Value::unknown(GapReason::Remote));
                    }
                    if !rust {
                        return Value::unknown(GapReason::Remote);
                    }
                    // A Rust path may end inside an item (`use crate::Role::User`).
                    return Value::attr(Value::Module(target), n);
                }
            }
        }
        if let What::Name(n) = &i.what
            && let Some(sub) = self.submodule(file, &i.module, n)
            && !self.is_sdk_itself(file, &format!("{}.{n}", i.module), sub)
        {
            return Value::Module(sub);
        }
        if self.project.language(file) == Language::TypeScript
            && let Some(v) = self.imported_file(&i.module, file)
        {
            return match &i.what {
                What::Name(n) => self.member(&v, n),
                _ => v,
            };
        }
        if i.module.starts_with('.') {
            return Value::unknown(GapReason::Remote);
        }
        let path = match &i.what {
            What::Name(n) => vec![n.clone()],
            What::Default => vec!["default".into()],
            _ => Vec::new(),
        };
        Value::External(Rc::new(External {
            module: i.module.clone(),
            path,
        }))
    }

    /// Whether an import that leads to a file of the project means an SDK whose own source the
    /// project is: seen from its examples and tests it is the package, not a wrapper to look into.
    pub(super) fn is_sdk_itself(&self, file: FileId, module: &str, target: FileId) -> bool {
        let language = self.project.language(file);
        if module.starts_with('.') || !self.catalog.is_known_package(module, language) {
            return false;
        }
        match language {
            Language::TypeScript => true,
            Language::Rust => {
                let name = module.split("::").next().unwrap_or(module);
                modules::is_workspace_crate(self.project, name)
            }
            Language::Python => {
                let first = module.split('.').next().unwrap_or(module);
                let names = self
                    .catalog
                    .sdks
                    .iter()
                    .filter(|s| {
                        s.packages
                            .iter()
                            .any(|p| p.split(['.', '*']).next() == Some(first))
                    })
                    .flat_map(|s| [s.id.as_str(), first]);
                modules::is_distribution(self.project, target, names)
            }
        }
    }

    /// `from package import module`.
    pub(super) fn submodule(&self, file: FileId, module: &str, name: &str) -> Option<FileId> {
        let separator = match self.project.language(file) {
            Language::Python if module.ends_with('.') => "",
            Language::Python => ".",
            Language::Rust => "::",
            Language::TypeScript => return None,
        };
        let target = modules::resolve(self.project, file, &format!("{module}{separator}{name}"))?;
        // In Rust what is left of a path names an item of the file.
        let whole = self.project.language(file) != Language::Rust
            || self.project.path(target).to_str().is_some_and(|p| {
                p.ends_with(&format!("{name}.rs")) || p.ends_with(&format!("{name}/mod.rs"))
            });
        whole.then_some(target)
    }

    /// An exported name of a file.
    pub(crate) fn module_member(&self, file: FileId, name: &str) -> Option<Value> {
        self.nested(|| self.module_member_inner(file, name))
    }

    pub(super) fn module_member_inner(&self, file: FileId, name: &str) -> Option<Value> {
        self.own_member(file, name)
            .or_else(|| self.star_member(file, name))
    }

    /// `module.exports = f` of a file that exports nothing else: what `require` of it is. A map is
    /// looked into like a module.
    fn exported_whole(&self, file: FileId) -> Option<Value> {
        let facts = self.facts(file)?;
        if facts.language != Language::TypeScript || !facts.exports.iter().any(|e| e.name == "=") {
            return None;
        }
        let alone = facts.exports.iter().all(|e| e.name == "=");
        self.own_member(file, "=").filter(|v| {
            matches!(
                v,
                Value::Function(_)
                    | Value::Class(_)
                    | Value::Instance(_)
                    | Value::Made(_)
                    | Value::Text(_)
            ) && alone
        })
    }

    /// An exported name of a file that it declares, re-exports or imports by name.
    pub(super) fn own_member(&self, file: FileId, name: &str) -> Option<Value> {
        // A re-export that leads back to itself is nothing.
        self.memo
            .run(Task::Member(file, Name::from(name)), || {
                self.own_member_inner(file, name)
            })
            .flatten()
    }

    pub(super) fn own_member_inner(&self, file: FileId, name: &str) -> Option<Value> {
        let facts = self.facts(file)?;
        for e in facts.exports.iter().filter(|e| e.name == name) {
            let v = match &e.kind {
                ExportKind::Local(n) => self.lookup(file, MODULE, None, n, &None),
                ExportKind::Expr(x) => Some(self.eval(ExprRef { file, expr: *x }, &None)),
                ExportKind::From { module, name } => modules::resolve(self.project, file, module)
                    .filter(|t| *t != file)
                    .and_then(|t| self.module_member(t, name)),
                ExportKind::Star { module } => {
                    modules::resolve(self.project, file, module).map(Value::Module)
                }
            };
            if v.is_some() {
                return v;
            }
        }
        if let Some(v) = self.lookup_here(file, MODULE, None, name, &None) {
            return Some(v);
        }
        if facts.language == Language::Rust
            && let Some(v) = self.inline_module_member(file, name)
        {
            return Some(v);
        }
        // CommonJS: `module.exports = { name }`.
        facts
            .exports
            .iter()
            .filter(|e| e.name == "=")
            .find_map(|e| match &e.kind {
                ExportKind::Expr(x) => {
                    let v = self.eval(ExprRef { file, expr: *x }, &None);
                    match &v {
                        Value::Map(m) => m
                            .fields
                            .iter()
                            .find(|f| f.key == name)
                            .map(|f| f.value.clone()),
                        _ => None,
                    }
                }
                _ => None,
            })
    }

    /// `mod name { .. }` of a Rust file, which is the file for those who look into it, and what
    /// such a module declares.
    fn inline_module_member(&self, file: FileId, name: &str) -> Option<Value> {
        let facts = self.facts(file)?;
        let here = |s: &&Scope| s.parent == Some(MODULE) && s.kind == ScopeKind::Block;
        if facts.scopes.iter().filter(here).count() == 0 {
            return None;
        }
        let text = self.parsed(file)?.source.text();
        if text.contains(&format!("mod {name} {{")) {
            return Some(Value::Module(file));
        }
        let scopes = (0..).zip(&facts.scopes).filter(|(_, s)| here(s));
        scopes
            .filter(|(_, s)| s.names.contains_key(name))
            .find_map(|(id, _)| self.lookup_here(file, ScopeId(id), None, name, &None))
    }

    pub(super) fn submodule_of(&self, file: FileId, name: &str) -> Option<FileId> {
        let module = match self.project.language(file) {
            Language::Python => format!(".{name}"),
            Language::Rust => format!("self::{name}"),
            Language::TypeScript => return None,
        };
        modules::resolve(self.project, file, &module).filter(|f| *f != file)
    }
}
