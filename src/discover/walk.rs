//! Walking directories: which files below one are the project's own sources.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use ignore::{DirEntry, WalkBuilder, WalkState};

use super::{Discovered, Exclude, Rules, cause};
use crate::language::Dialect;
use crate::pipeline::{Notice, NoticeLevel};

/// Directories of other people's code and of tools' caches and builds, skipped wherever the walk meets them.
pub const VENDORED: [&str; 28] = [
    "node_modules",
    "bower_components",
    "third_party",
    "third-party",
    "dist",
    "venv",
    "site-packages",
    "__pycache__",
    "__pypackages__",
    ".terraform",
    ".venv",
    ".tox",
    ".nox",
    ".eggs",
    ".mypy_cache",
    ".pytest_cache",
    ".ruff_cache",
    ".ipynb_checkpoints",
    ".cache",
    ".next",
    ".nuxt",
    ".svelte-kit",
    ".output",
    ".turbo",
    ".yarn",
    ".pnpm-store",
    ".vercel",
    ".cargo",
];
/// Directories that are such as well where a manifest stands beside them, and where they are no package
/// themselves: elsewhere a program may well have a module of its own of that name.
pub const BESIDE_MANIFEST: [&str; 3] = ["vendor", "build", "target"];
/// What says that a directory is the root of a package that is built.
const MANIFESTS: [&str; 12] = [
    ".git",
    "package.json",
    "Cargo.toml",
    "pyproject.toml",
    "setup.py",
    "setup.cfg",
    "requirements.txt",
    "go.mod",
    "composer.json",
    "Gemfile",
    "pom.xml",
    "CMakeLists.txt",
];
/// What says that a directory is a module of its program.
const OWN_MODULE: [&str; 2] = ["__init__.py", "mod.rs"];
/// Directories of version control, never walked.
const VERSION_CONTROL: [&str; 4] = [".git", ".hg", ".svn", ".jj"];

/// Whether a folder of this name holds nothing of the project's own.
#[must_use]
pub fn is_foreign(name: &str) -> bool {
    VENDORED.contains(&name) || VERSION_CONTROL.contains(&name)
}

/// Whether a directory is left out by the built-in lists.
fn is_left_out(name: &str, directory: &Path, no_ignore: bool) -> bool {
    if VERSION_CONTROL.contains(&name) {
        return true;
    }
    let built = || {
        let beside = |m: &&str| directory.with_file_name(m).exists();
        let inside = |m: &&str| directory.join(m).exists();
        BESIDE_MANIFEST.contains(&name)
            && MANIFESTS.iter().any(beside)
            && !OWN_MODULE.iter().any(inside)
    };
    !no_ignore && (VENDORED.contains(&name) || built())
}

impl Discovered {
    /// Says what became of a path that is not checked.
    pub(super) fn note(&mut self, path: PathBuf, level: NoticeLevel, message: &str) {
        self.notices.push(Notice {
            path,
            line: None,
            level,
            message: message.to_owned(),
        });
    }

    /// Leaves each file once, though it was reached through two arguments, by its first path.
    pub(super) fn unite(&mut self) {
        let mut seen: BTreeMap<PathBuf, PathBuf> = BTreeMap::new();
        for path in std::mem::take(&mut self.paths) {
            let key = path.canonicalize().unwrap_or_else(|_| path.clone());
            let first = seen.entry(key).or_insert_with(|| path.clone());
            if path < *first {
                *first = path;
            }
        }
        self.paths = seen.into_values().collect();
    }

    /// Takes a file that was named outright.
    pub(super) fn take_named(&mut self, path: PathBuf) {
        if Dialect::of(&path).is_some() {
            self.paths.push(path);
        } else {
            self.note(
                path,
                NoticeLevel::Warning,
                "not checked: no language of deprompt has this extension",
            );
        }
    }

    /// Takes what a walk from `root` met, and says whether to go into it.
    fn take(
        &mut self,
        entry: Result<DirEntry, ignore::Error>,
        root: &Path,
        exclude: &Exclude,
        no_ignore: bool,
    ) -> WalkState {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                self.fail(&error, root);
                return WalkState::Continue;
            }
        };
        let path = entry.path();
        let is_dir = entry.file_type().is_some_and(|t| t.is_dir());
        let is_source = Dialect::of(path).is_some();
        if !is_dir && !is_source {
            return WalkState::Continue;
        }
        if exclude.covers(path, is_dir) {
            return WalkState::Skip;
        }
        if entry.path_is_symlink() && is_source && !path.exists() {
            self.note(
                path.to_owned(),
                NoticeLevel::Warning,
                "not checked: a symbolic link to nothing",
            );
        }
        let is_file = entry.file_type().is_some_and(|t| t.is_file());
        if is_file && is_source && (no_ignore || !minified(path)) {
            self.paths.push(entry.into_path());
        }
        WalkState::Continue
    }

    fn fail(&mut self, error: &ignore::Error, under: &Path) {
        if error
            .io_error()
            .is_some_and(|e| e.kind() == io::ErrorKind::NotFound)
        {
            return; // vanished during the walk, or a broken link
        }
        let (path, cause) = innermost(error, under);
        self.note(
            path,
            NoticeLevel::Error,
            &format!("cannot be read: {cause}"),
        );
    }
}

/// The path an error is about and its cause without the path.
fn innermost(error: &ignore::Error, under: &Path) -> (PathBuf, String) {
    match error {
        ignore::Error::WithPath { path, err } => (path.clone(), innermost(err, under).1),
        ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => {
            innermost(err, under)
        }
        ignore::Error::Io(e) => (under.to_owned(), cause(e)),
        other => (under.to_owned(), other.to_string()),
    }
}

/// Takes the sources below a directory.
pub(super) fn walk(root: &Path, exclude: &Exclude, rules: &Rules, found: &mut Discovered) {
    if exclude.covers(root, true) {
        return;
    }
    let no_ignore = rules.no_ignore;
    let walker = WalkBuilder::new(root)
        .standard_filters(!no_ignore)
        // Scripts of a workflow, an agent, a dotfiles repository are code like any other.
        .hidden(false)
        .follow_links(false)
        .threads(rules.threads)
        .filter_entry(move |e| {
            let name = e.file_name().to_str().unwrap_or_default();
            let dir = e.file_type().is_some_and(|t| t.is_dir());
            // What is named outright is walked, whatever it is called.
            e.depth() == 0 || !dir || !is_left_out(name, e.path(), no_ignore)
        })
        .build_parallel();
    let parts: Mutex<Vec<Discovered>> = Mutex::default();
    walker.run(|| {
        let mut part = Part {
            found: Discovered::default(),
            all: &parts,
        };
        Box::new(move |entry| part.found.take(entry, root, exclude, no_ignore))
    });
    for part in parts.into_inner().unwrap_or_else(PoisonError::into_inner) {
        found.paths.extend(part.paths);
        found.notices.extend(part.notices);
    }
}

/// What one thread of a walk finds; it joins the others' when the thread is done.
struct Part<'a> {
    found: Discovered,
    all: &'a Mutex<Vec<Discovered>>,
}

impl Drop for Part<'_> {
    fn drop(&mut self) {
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        all.push(std::mem::take(&mut self.found));
    }
}

/// `app.min.js`: built, not written.
fn minified(path: &Path) -> bool {
    path.file_stem()
        .and_then(|s| s.to_str())
        .is_some_and(|s| s.ends_with(".min"))
}
