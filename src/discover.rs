//! Discovery: from paths on the command line to the source files of a run.
//!
//! Directories are walked with `.gitignore` in force and without following symbolic links; a file
//! that is named outright is taken whatever the ignore rules say. Every path that comes out is
//! absolute, so that later stages need no working directory.

use std::collections::BTreeMap;
use std::io;
use std::path::{Component, Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use ignore::gitignore::{Gitignore, GitignoreBuilder};
use ignore::{DirEntry, WalkBuilder, WalkState};

use crate::language::Dialect;
use crate::pipeline::{Notice, NoticeLevel};

/// Names of settings files, in order of preference.
pub const SETTINGS_FILES: [&str; 2] = ["deprompt.toml", ".deprompt.toml"];

/// Directories of other people's code and of tools' caches and builds, skipped wherever the walk meets them.
const VENDORED: [&str; 21] = [
    "node_modules",
    "venv",
    "site-packages",
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
/// Directories of version control, never walked.
const VERSION_CONTROL: [&str; 4] = [".git", ".hg", ".svn", ".jj"];

/// Whether a folder of this name holds nothing of the project's own.
#[must_use]
pub fn is_foreign(name: &str) -> bool {
    VENDORED.contains(&name) || VERSION_CONTROL.contains(&name)
}

/// What to leave out of a walk.
#[derive(Debug, Default)]
pub struct Rules {
    /// Patterns in `.gitignore` syntax with the directory they are relative to.
    pub exclude: Vec<(PathBuf, Vec<String>)>,
    /// Whether files named outright are left out, too, if `exclude` says so.
    pub force_exclude: bool,
    /// Whether ignore files and the built-in list of vendored directories are disregarded.
    pub no_ignore: bool,
    /// Number of threads that walk; 0 leaves it to the machine.
    pub threads: usize,
}

/// What a walk found.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Discovered {
    /// Source files, absolute, sorted, each once.
    pub paths: Vec<PathBuf>,
    /// What could not be read.
    pub notices: Vec<Notice>,
}

/// The operating system's answer without its number, the same on every system where it is common.
#[must_use]
pub fn cause(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "no such file or directory".to_owned(),
        io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        _ => error.to_string(),
    }
}

/// Why discovery stops.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A path of the command line is not there.
    #[error("{path}: {}", cause(source))]
    NoSuchPath {
        /// The path as given.
        path: String,
        /// The operating system's answer.
        source: io::Error,
    },
    /// A pattern cannot be read.
    #[error("invalid exclude pattern: {0}")]
    Pattern(#[from] ignore::Error),
}

/// Finds the source files under these paths.
///
/// # Errors
/// If the only path does not exist, or an exclude pattern is invalid. What cannot be read below a
/// directory or among other paths is a notice.
pub fn discover(paths: &[PathBuf], cwd: &Path, rules: &Rules) -> Result<Discovered, Error> {
    let exclude = Exclude::new(rules)?;
    let mut found = Found::default();
    for path in paths {
        let absolute = absolute(path, cwd);
        let metadata = match std::fs::metadata(&absolute) {
            Ok(metadata) => metadata,
            // One wrong path among others does not keep the others from being checked.
            Err(source) if paths.len() > 1 => {
                found.notices.push(Notice {
                    path: absolute,
                    line: None,
                    level: NoticeLevel::Error,
                    message: cause(&source),
                });
                continue;
            }
            Err(source) => {
                return Err(Error::NoSuchPath {
                    path: path.display().to_string(),
                    source,
                });
            }
        };
        if metadata.is_dir() {
            walk(&absolute, &exclude, rules, &mut found);
        } else if !(rules.force_exclude && exclude.covers(&absolute, false)) {
            found.take_named(absolute);
        }
    }
    if paths.len() > 1 {
        found.unite();
    }
    found.paths.sort_by_cached_key(|p| order(p));
    found.paths.dedup();
    found.notices.sort();
    found.notices.dedup();
    Ok(Discovered {
        paths: found.paths,
        notices: found.notices,
    })
}

/// A key that sorts absolute paths as their components do, without taking them apart each time.
fn order(path: &Path) -> Vec<u8> {
    let separator = |b: &u8| std::path::is_separator(char::from(*b));
    let bytes = path.as_os_str().as_encoded_bytes().iter();
    bytes.map(|b| if separator(b) { 0 } else { *b }).collect()
}

/// Whether the exclude patterns cover a file (absolute path).
///
/// # Errors
/// If a pattern is invalid.
pub fn is_excluded(path: &Path, rules: &Rules) -> Result<bool, Error> {
    Ok(Exclude::new(rules)?.covers(path, false))
}

/// A path made absolute by its letters: `.` is dropped and `..` takes the name before it away.
#[must_use]
pub fn absolute(path: &Path, cwd: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in cwd.join(path).components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                out.pop();
            }
            other => out.push(other),
        }
    }
    out
}

/// The directory that holds all these absolute paths (a directory holds itself).
#[must_use]
pub fn common_directory(paths: &[PathBuf]) -> Option<PathBuf> {
    let mut directories = paths.iter().map(|p| {
        if p.is_dir() {
            p.as_path()
        } else {
            p.parent().unwrap_or(p)
        }
    });
    let mut common = directories.next()?.to_owned();
    for d in directories {
        while !d.starts_with(&common) {
            if !common.pop() {
                return None;
            }
        }
    }
    Some(common)
}

/// The project's root: the nearest directory from `directory` upward with a `.git` or a settings
/// file, else `directory` itself.
#[must_use]
pub fn project_root(directory: &Path) -> PathBuf {
    let is_root = |d: &&Path| {
        d.join(".git").exists() || SETTINGS_FILES.iter().any(|name| d.join(name).is_file())
    };
    directory
        .ancestors()
        .find(is_root)
        .unwrap_or(directory)
        .to_owned()
}

/// The exclude patterns, compiled.
struct Exclude(Vec<Gitignore>);

impl Exclude {
    fn new(rules: &Rules) -> Result<Self, Error> {
        let mut sets = Vec::new();
        for (directory, patterns) in &rules.exclude {
            let mut builder = GitignoreBuilder::new(directory);
            for pattern in patterns {
                builder.add_line(None, pattern)?;
            }
            sets.push(builder.build()?);
        }
        Ok(Self(sets))
    }

    /// Whether a path or a directory above it is excluded.
    fn covers(&self, path: &Path, is_dir: bool) -> bool {
        self.0.iter().any(|set| {
            path.strip_prefix(set.path())
                .is_ok_and(|inside| set.matched_path_or_any_parents(inside, is_dir).is_ignore())
        })
    }
}

#[derive(Default)]
struct Found {
    paths: Vec<PathBuf>,
    notices: Vec<Notice>,
}

impl Found {
    /// Leaves each file once, though it was reached through two arguments, by its first path.
    fn unite(&mut self) {
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

    fn take_named(&mut self, path: PathBuf) {
        if Dialect::of(&path).is_some() {
            self.paths.push(path);
        } else {
            self.notices.push(Notice {
                path,
                line: None,
                level: NoticeLevel::Warning,
                message: "not checked: no language of deprompt has this extension".to_owned(),
            });
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
            self.notices.push(Notice {
                path: path.to_owned(),
                line: None,
                level: NoticeLevel::Warning,
                message: "not checked: a symbolic link to nothing".to_owned(),
            });
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
        self.notices.push(Notice {
            path,
            line: None,
            level: NoticeLevel::Error,
            message: format!("cannot be read: {cause}"),
        });
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

fn walk(root: &Path, exclude: &Exclude, rules: &Rules, found: &mut Found) {
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
            e.depth() == 0
                || !dir
                || !VERSION_CONTROL.contains(&name) && (no_ignore || !VENDORED.contains(&name))
        })
        .build_parallel();
    let parts: Mutex<Vec<Found>> = Mutex::default();
    walker.run(|| {
        let mut part = Part {
            found: Found::default(),
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
    found: Found,
    all: &'a Mutex<Vec<Found>>,
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

#[cfg(test)]
mod tests {
    use super::*;

    type Outcome = Result<(), Box<dyn std::error::Error>>;

    fn tree(files: &[&str]) -> io::Result<tempfile::TempDir> {
        let dir = tempfile::tempdir()?;
        for f in files {
            let path = dir.path().join(f);
            if let Some(parent) = path.parent() {
                std::fs::create_dir_all(parent)?;
            }
            std::fs::write(path, "")?;
        }
        Ok(dir)
    }

    fn found(dir: &Path, args: &[&str], rules: &Rules) -> Result<Vec<String>, Error> {
        let paths: Vec<PathBuf> = args.iter().map(PathBuf::from).collect();
        Ok(discover(&paths, dir, rules)?
            .paths
            .iter()
            .map(|p| crate::report::path::relative(p, dir))
            .collect())
    }

    #[test]
    fn source_files_sorted_without_other_peoples_code() -> Outcome {
        let dir = tree(&[
            "b.py",
            "a.ts",
            "README.md",
            "node_modules/x/index.js",
            "pkg/venv/lib/y.py",
            "web/app.min.js",
            ".github/scripts/z.py",
            ".git/hooks/h.py",
            ".next/server/page.js",
            "build/out.js",
            "src/n.ipynb",
        ])?;
        assert_eq!(
            found(dir.path(), &["."], &Rules::default())?,
            [
                ".github/scripts/z.py",
                "a.ts",
                "b.py",
                "build/out.js",
                "src/n.ipynb"
            ]
        );
        let all = Rules {
            no_ignore: true,
            ..Rules::default()
        };
        assert!(found(dir.path(), &["."], &all)?.contains(&"node_modules/x/index.js".to_owned()));
        Ok(())
    }

    #[test]
    fn gitignore_holds_for_walks_and_not_for_files_named_outright() -> Outcome {
        let dir = tree(&["a.py", "dist/b.py"])?;
        std::fs::create_dir(dir.path().join(".git"))?;
        std::fs::write(dir.path().join(".gitignore"), "dist/\n")?;
        assert_eq!(found(dir.path(), &["."], &Rules::default())?, ["a.py"]);
        assert_eq!(
            found(
                dir.path(),
                &["dist/b.py", "./a.py", "a.py"],
                &Rules::default()
            )?,
            ["a.py", "dist/b.py"]
        );
        Ok(())
    }

    #[test]
    fn exclude_and_force_exclude() -> Outcome {
        let dir = tree(&["a.py", "tests/deep/b.py", "gen/c.py"])?;
        let mut rules = Rules {
            exclude: vec![(
                dir.path().to_owned(),
                vec!["tests/".into(), "gen/*.py".into()],
            )],
            ..Rules::default()
        };
        assert_eq!(found(dir.path(), &["."], &rules)?, ["a.py"]);
        assert_eq!(
            found(dir.path(), &["tests/deep"], &rules)?,
            Vec::<String>::new()
        );
        assert_eq!(found(dir.path(), &["gen/c.py"], &rules)?, ["gen/c.py"]);
        rules.force_exclude = true;
        assert_eq!(
            found(dir.path(), &["gen/c.py"], &rules)?,
            Vec::<String>::new()
        );
        Ok(())
    }

    #[test]
    fn a_missing_path_is_an_error() -> Outcome {
        let dir = tree(&[])?;
        let error = found(dir.path(), &["nope.py"], &Rules::default()).err();
        assert!(error.is_some_and(|e| e.to_string().starts_with("nope.py: ")));
        Ok(())
    }

    #[cfg(unix)]
    #[test]
    fn symbolic_links_are_not_followed_and_broken_ones_only_matter_if_named() -> Outcome {
        let dir = tree(&["real/a.py"])?;
        std::os::unix::fs::symlink("nowhere.py", dir.path().join("broken.py"))?;
        std::os::unix::fs::symlink("real", dir.path().join("linked"))?;
        assert_eq!(found(dir.path(), &["."], &Rules::default())?, ["real/a.py"]);
        assert!(found(dir.path(), &["broken.py"], &Rules::default()).is_err());
        Ok(())
    }

    #[test]
    fn a_file_in_no_known_language_is_noticed() -> Outcome {
        let dir = tree(&["x.txt"])?;
        let d = discover(&["x.txt".into()], dir.path(), &Rules::default())?;
        assert_eq!((d.paths.len(), d.notices.len()), (0, 1));
        Ok(())
    }

    #[test]
    fn the_root_is_the_nearest_marked_directory() -> Outcome {
        let dir = tree(&["repo/pkg/a.py", "repo/deprompt.toml", "loose/b.py"])?;
        let pkg = dir.path().join("repo/pkg");
        assert_eq!(project_root(&pkg), dir.path().join("repo"));
        let both = [dir.path().join("repo/pkg/a.py"), dir.path().join("loose")];
        assert_eq!(common_directory(&both), Some(dir.path().to_owned()));
        Ok(())
    }
}
