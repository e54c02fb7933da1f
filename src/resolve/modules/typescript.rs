//! TypeScript and JavaScript: relative paths, aliases and packages of the workspace.

use std::path::Path;

use serde::Deserialize;

use super::tsconfig::tsconfig;
use super::{ancestors, packages};
use crate::language::Language;
use crate::project::{Project, normalize};
use crate::source::FileId;

const SCRIPT_EXTENSIONS: [&str; 8] = ["ts", "tsx", "mts", "cts", "js", "jsx", "mjs", "cjs"];

/// Folders of sources that imports begin with; no packages bear these names.
const SOURCE_FOLDERS: [&str; 5] = ["src", "app", "server", "lib", "utils"];

/// A file, a file without its extension, or a directory with an index file.
fn script_file(project: &Project<'_>, path: &Path) -> Option<FileId> {
    if let Some(found) = project.find(path) {
        return Some(found);
    }
    let name = path.file_name()?.to_str()?;
    for e in SCRIPT_EXTENSIONS {
        if let Some(found) = project.find(&path.with_file_name(format!("{name}.{e}"))) {
            return Some(found);
        }
    }
    // `./x.js` that means `./x.ts`.
    if let Some(stem) = name
        .strip_suffix(".js")
        .or_else(|| name.strip_suffix(".jsx"))
        .or_else(|| name.strip_suffix(".mjs"))
        .or_else(|| name.strip_suffix(".cjs"))
    {
        for e in ["ts", "tsx", "mts", "cts"] {
            if let Some(found) = project.find(&path.with_file_name(format!("{stem}.{e}"))) {
                return Some(found);
            }
        }
    }
    SCRIPT_EXTENSIONS
        .iter()
        .find_map(|e| project.find(&path.join(format!("index.{e}"))))
}

/// The file that a module specifier means.
pub(super) fn look_up(project: &Project<'_>, from: FileId, module: &str) -> Option<FileId> {
    let module = module.split('?').next().unwrap_or(module);
    let file = project.path(from);
    let dir = file.parent()?;
    if module.starts_with('.') {
        return script_file(project, &normalize(&dir.join(module)));
    }
    if let Some(config) = tsconfig(project, dir) {
        for (pattern, targets) in &config.paths {
            let rest = match pattern.split_once('*') {
                Some((prefix, suffix)) => module
                    .strip_prefix(prefix)
                    .and_then(|m| m.strip_suffix(suffix)),
                None => (module == pattern).then_some(""),
            };
            if let Some(rest) = rest {
                for t in targets {
                    let path = normalize(&config.base.join(t.replacen('*', rest, 1)));
                    if let Some(found) = script_file(project, &path) {
                        return Some(found);
                    }
                }
            }
        }
        if let Some(found) = script_file(project, &normalize(&config.base.join(module))) {
            return Some(found);
        }
    }
    // `src/prompts/plan`, from the folder of the project, where the configuration does not say so.
    if SOURCE_FOLDERS.iter().any(|f| {
        module
            .strip_prefix(f)
            .is_some_and(|rest| rest.starts_with('/'))
    }) {
        let found = ancestors(project, file).find_map(|d| script_file(project, &d.join(module)));
        if found.is_some() {
            return found;
        }
    }
    // The usual aliases where the configuration cannot be read.
    if let Some(rest) = module
        .strip_prefix("@/")
        .or_else(|| module.strip_prefix("~/"))
        .or_else(|| module.strip_prefix("#/"))
    {
        for d in ancestors(project, file) {
            for base in [d.join("src"), d.to_path_buf(), d.join("app")] {
                if let Some(found) = script_file(project, &base.join(rest)) {
                    return Some(found);
                }
            }
        }
    }
    workspace_package(project, module)
}

fn workspace_package(project: &Project<'_>, module: &str) -> Option<FileId> {
    #[derive(Deserialize)]
    struct Manifest {
        name: Option<String>,
    }
    let packages = project.modules.packages.get_or_init(|| {
        packages(project, Language::TypeScript, "package.json", |text| {
            serde_json::from_str::<Manifest>(text).ok()?.name
        })
    });
    // The name is one segment, or two with a scope.
    let segments = if module.starts_with('@') { 2 } else { 1 };
    let split = module
        .match_indices('/')
        .nth(segments - 1)
        .map_or(module.len(), |(i, _)| i);
    let dir = packages.get(&module[..split])?;
    let rest = module[split..].trim_start_matches('/');
    if rest.is_empty() {
        return script_file(project, &dir.join("src"))
            .or_else(|| script_file(project, dir))
            .or_else(|| script_file(project, &dir.join("src/main")));
    }
    script_file(project, &dir.join("src").join(rest))
        .or_else(|| script_file(project, &dir.join(rest)))
}
