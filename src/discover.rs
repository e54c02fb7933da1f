//! Discovery: from paths on the command line to the source files of a run.
//!
//! Directories are walked with `.gitignore` in force and without following symbolic links; a file
//! that is named outright is taken whatever the ignore rules say. Every path that comes out is
//! absolute, so that later stages need no working directory.

mod roots;
#[cfg(test)]
mod tests;
mod walk;

use std::io;
use std::path::{Path, PathBuf};

use ignore::gitignore::{Gitignore, GitignoreBuilder};

use crate::pipeline::{Notice, NoticeLevel};

pub use self::roots::{SETTINGS_FILES, absolute, common_directory, project_root};
pub use self::walk::{BESIDE_MANIFEST, VENDORED, is_foreign};

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

/// A pattern in `.gitignore` syntax as the matcher takes it: `./x` is `/x`, the one in this directory.
///
/// # Errors
/// What is wrong with it. The matcher alone would take an unclosed bracket for a letter, as git does.
pub fn exclude_pattern(written: &str) -> Result<String, String> {
    let (sign, path) = match written.strip_prefix('!') {
        Some(path) => ("!", path),
        None => ("", written),
    };
    let path = path
        .strip_prefix('.')
        .filter(|p| p.starts_with('/'))
        .unwrap_or(path);
    let pattern = format!("{sign}{path}");
    let mut builder = GitignoreBuilder::new("");
    builder.allow_unclosed_class(false);
    match builder.add_line(None, &pattern) {
        Ok(_) => Ok(pattern),
        Err(ignore::Error::Glob { err, .. }) => Err(err),
        Err(e) => Err(e.to_string()),
    }
}

/// Finds the source files under these paths.
///
/// # Errors
/// If the only path does not exist, or an exclude pattern is invalid. What cannot be read below a
/// directory or among other paths is a notice.
pub fn discover(paths: &[PathBuf], cwd: &Path, rules: &Rules) -> Result<Discovered, Error> {
    let exclude = Exclude::new(rules)?;
    let mut found = Discovered::default();
    for path in paths {
        let absolute = absolute(path, cwd);
        let metadata = match std::fs::metadata(&absolute) {
            Ok(metadata) => metadata,
            // One wrong path among others does not keep the others from being checked.
            Err(source) if paths.len() > 1 => {
                found.note(absolute, NoticeLevel::Error, &cause(&source));
                continue;
            }
            Err(source) => {
                return Err(Error::NoSuchPath {
                    path: path.display().to_string(),
                    source,
                });
            }
        };
        if !metadata.is_dir() && !metadata.is_file() {
            // Reading a pipe or a device may wait for ever.
            found.note(
                absolute,
                NoticeLevel::Error,
                "not checked: neither a regular file nor a directory",
            );
        } else if metadata.is_dir() {
            walk::walk(&absolute, &exclude, rules, &mut found);
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
    Ok(found)
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
