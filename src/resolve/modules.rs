//! Which file of the project an import means.
//!
//! This module owns the index of a project's modules and the answers given so far; the submodules
//! own the rules of one language each.

mod python;
mod rust;
mod tsconfig;
mod typescript;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use rustc_hash::FxHashMap;

use crate::language::Language;
use crate::project::Project;
use crate::source::FileId;
use tsconfig::TsConfig;

pub(crate) use python::is_distribution;
pub(crate) use rust::is_workspace_crate;

/// Answers of [`resolve`] by importing file and module; the outer vector is indexed by file.
type Answers = Vec<Mutex<FxHashMap<String, Option<FileId>>>>;

/// Facts about the project's modules that are looked up again and again.
#[derive(Default)]
pub struct ModuleIndex {
    answers: Answers,
    /// Source files by file name, for imports whose root is not on the importing file's path.
    by_name: FxHashMap<String, Vec<FileId>>,
    /// `compilerOptions` of the `tsconfig.json` in force for a directory.
    tsconfigs: Mutex<FxHashMap<PathBuf, Option<Arc<TsConfig>>>>,
    /// Directories of workspace packages by name (`package.json`), built when first needed.
    packages: OnceLock<FxHashMap<String, PathBuf>>,
    /// Directories of workspace crates by name with `_`, built when first needed.
    crates: OnceLock<FxHashMap<String, PathBuf>>,
}

impl ModuleIndex {
    /// An index of these files.
    #[must_use]
    pub fn new(paths: &[PathBuf]) -> Self {
        let mut by_name: FxHashMap<String, Vec<FileId>> = FxHashMap::default();
        for (id, p) in (0..).map(FileId).zip(paths) {
            if let Some(n) = p.file_name().and_then(|n| n.to_str()) {
                by_name.entry(n.to_owned()).or_default().push(id);
            }
        }
        Self {
            by_name,
            answers: paths.iter().map(|_| Mutex::default()).collect(),
            ..Self::default()
        }
    }
}

/// The file that `module`, as written in an import of `from`, means; `None` for one outside the project.
#[must_use]
pub fn resolve(project: &Project<'_>, from: FileId, module: &str) -> Option<FileId> {
    let answers = project.modules.answers.get(from.0 as usize)?;
    if let Some(known) = answers
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .get(module)
    {
        return *known;
    }
    let answer = look_up(project, from, module);
    answers
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .insert(module.to_owned(), answer);
    answer
}

fn look_up(project: &Project<'_>, from: FileId, module: &str) -> Option<FileId> {
    match project.language(from) {
        Language::Python => python::look_up(project, from, module),
        Language::TypeScript => typescript::look_up(project, from, module),
        Language::Rust => rust::look_up(project, from, module),
    }
}

/// The directories from a file's own up to the project root.
fn ancestors<'p>(project: &'p Project<'_>, file: &'p Path) -> impl Iterator<Item = &'p Path> {
    let root = &project.root;
    file.ancestors().skip(1).take_while(move |d| {
        root.as_os_str().is_empty() || d.starts_with(root) || root.as_path() == Path::new(".")
    })
}

/// Every directory that holds a source file of a language, and their parents inside the root.
fn directories(project: &Project<'_>, language: Language) -> BTreeSet<PathBuf> {
    let mut out = BTreeSet::new();
    for id in project.ids().filter(|id| project.language(*id) == language) {
        for d in ancestors(project, project.path(id)) {
            if !out.insert(d.to_path_buf()) {
                break;
            }
        }
    }
    out
}

/// The directories of a workspace's packages by name; `name` reads it from the text of a manifest.
fn packages(
    project: &Project<'_>,
    language: Language,
    manifest: &str,
    name: impl Fn(&str) -> Option<String>,
) -> FxHashMap<String, PathBuf> {
    let mut out = FxHashMap::default();
    for d in directories(project, language) {
        if let Some(name) = project.manifest(&d.join(manifest)).and_then(|t| name(&t)) {
            out.entry(name).or_insert(d);
        }
    }
    out
}
