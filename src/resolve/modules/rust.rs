//! Rust: `mod`, `use`, and the crates of the workspace.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::{ancestors, packages};
use crate::language::Language;
use crate::project::Project;
use crate::source::FileId;

/// The file that a path of modules means: the last module of it that is a file.
pub(super) fn look_up(project: &Project<'_>, from: FileId, module: &str) -> Option<FileId> {
    let file = project.path(from);
    let module = module.replace("::", ".");
    let mut parts = module.split('.').filter(|p| !p.is_empty());
    let first = parts.next()?;
    let rest: Vec<&str> = parts.collect();
    let own = module_dir(file)?;
    match first {
        "self" => follow(project, from, own, &rest),
        "super" => {
            let mut dir = own;
            let mut rest = rest.as_slice();
            dir = dir.parent()?.to_path_buf();
            while let Some(("super", more)) = rest.split_first().map(|(a, b)| (*a, b)) {
                dir = dir.parent()?.to_path_buf();
                rest = more;
            }
            let home = file_of_dir(project, &dir)?;
            follow(project, home, dir, rest)
        }
        "crate" => {
            let (root, dir) = crate_root(project, file)?;
            follow(project, root, dir, &rest)
        }
        name => {
            // A module beside this one (2015 paths and `mod x;` uses), or a crate of the workspace.
            if child(project, &own, name).is_some() {
                let mut all = vec![name];
                all.extend(&rest);
                return follow(project, from, own, &all);
            }
            let dir = workspace_crate(project, name)?;
            let src = dir.join("src");
            let root = project
                .find(&src.join("lib.rs"))
                .or_else(|| project.find(&src.join("main.rs")))?;
            follow(project, root, src, &rest)
        }
    }
}

/// The directory in which the child modules of a file stand.
fn module_dir(file: &Path) -> Option<PathBuf> {
    let dir = file.parent()?;
    Some(match file.file_stem()?.to_str()? {
        "mod" | "lib" | "main" => dir.to_path_buf(),
        stem => dir.join(stem),
    })
}

fn child(project: &Project<'_>, dir: &Path, name: &str) -> Option<FileId> {
    project
        .find(&dir.join(format!("{name}.rs")))
        .or_else(|| project.find(&dir.join(name).join("mod.rs")))
}

/// The file whose child modules stand in `dir`.
fn file_of_dir(project: &Project<'_>, dir: &Path) -> Option<FileId> {
    ["mod.rs", "lib.rs", "main.rs"]
        .iter()
        .find_map(|n| project.find(&dir.join(n)))
        .or_else(|| project.find(&dir.with_extension("rs")))
}

/// Follows modules from a file; stops at the last that is a file (what is left names items in it).
fn follow(
    project: &Project<'_>,
    mut at: FileId,
    mut dir: PathBuf,
    parts: &[&str],
) -> Option<FileId> {
    for p in parts {
        match child(project, &dir, p) {
            Some(next) => {
                at = next;
                dir.push(p);
            }
            None => break,
        }
    }
    Some(at)
}

fn crate_root(project: &Project<'_>, file: &Path) -> Option<(FileId, PathBuf)> {
    for d in ancestors(project, file) {
        for name in ["lib.rs", "main.rs"] {
            if let Some(root) = project.find(&d.join(name)) {
                return Some((root, d.to_path_buf()));
            }
        }
    }
    None
}

/// Whether a crate of that name is a member of the workspace.
pub(crate) fn is_workspace_crate(project: &Project<'_>, name: &str) -> bool {
    workspace_crate(project, name).is_some()
}

fn workspace_crate<'p>(project: &'p Project<'_>, name: &str) -> Option<&'p PathBuf> {
    #[derive(Deserialize)]
    struct Manifest {
        package: Option<Package>,
    }
    #[derive(Deserialize)]
    struct Package {
        name: Option<String>,
    }
    project
        .modules
        .crates
        .get_or_init(|| {
            packages(project, Language::Rust, "Cargo.toml", |text| {
                let manifest = toml::from_str::<Manifest>(text).ok()?;
                Some(manifest.package?.name?.replace('-', "_"))
            })
        })
        .get(name)
}
