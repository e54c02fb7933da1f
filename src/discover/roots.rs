//! Directories of a run: paths made absolute, what is common to several, the root of the project.

use std::path::{Component, Path, PathBuf};

/// Names of settings files, in order of preference.
pub const SETTINGS_FILES: [&str; 2] = ["deprompt.toml", ".deprompt.toml"];

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
/// file; `None` where nothing marks one.
#[must_use]
pub fn project_root(directory: &Path) -> Option<PathBuf> {
    let is_root = |d: &&Path| {
        d.join(".git").exists() || SETTINGS_FILES.iter().any(|name| d.join(name).is_file())
    };
    directory.ancestors().find(is_root).map(Path::to_owned)
}
