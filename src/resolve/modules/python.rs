//! Python: packages, relative imports, and the distribution that a file belongs to.

use std::path::{Path, PathBuf};

use super::ancestors;
use crate::project::Project;
use crate::source::FileId;

fn module_file(project: &Project<'_>, base: &Path, parts: &[&str]) -> Option<FileId> {
    let mut path = base.to_path_buf();
    path.extend(parts);
    if parts.is_empty() {
        return project.find(&path.join("__init__.py"));
    }
    project
        .find(&path.with_file_name(format!("{}.py", parts.last()?)))
        .or_else(|| project.find(&path.join("__init__.py")))
}

/// The file that a dotted name means, seen from a file.
pub(super) fn look_up(project: &Project<'_>, from: FileId, module: &str) -> Option<FileId> {
    let file = project.path(from);
    let name = module.trim_start_matches('.');
    let dots = module.len() - name.len();
    let parts: Vec<&str> = name.split('.').filter(|p| !p.is_empty()).collect();
    if dots > 0 {
        let base = file.ancestors().nth(dots)?;
        return module_file(project, base, &parts);
    }
    for dir in ancestors(project, file) {
        for base in [dir.to_path_buf(), dir.join("src")] {
            if let Some(found) = module_file(project, &base, &parts)
                && found != from
            {
                return Some(found);
            }
        }
    }
    // A root that is no ancestor (`backend/` run from elsewhere): the one file whose path ends so.
    if parts.len() < 2 {
        return None;
    }
    let suffix: PathBuf = parts.iter().collect();
    let by_suffix = |name: String, suffix: PathBuf| -> Option<FileId> {
        let mut hits = project
            .modules
            .by_name
            .get(&name)?
            .iter()
            .copied()
            .filter(|id| project.path(*id).ends_with(&suffix));
        let first = hits.next()?;
        hits.next().is_none().then_some(first)
    };
    by_suffix(format!("{}.py", parts.last()?), suffix.with_extension("py"))
        .or_else(|| by_suffix("__init__.py".into(), suffix.join("__init__.py")))
}

/// Whether a Python file belongs to a distribution of one of these names (`pyproject.toml`,
/// `setup.cfg` or `setup.py` above it).
pub(crate) fn is_distribution<'n>(
    project: &Project<'_>,
    file: FileId,
    names: impl Iterator<Item = &'n str>,
) -> bool {
    let names: Vec<String> = names.map(|n| n.replace('_', "-")).collect();
    for d in ancestors(project, project.path(file)) {
        for manifest in ["pyproject.toml", "setup.cfg", "setup.py"] {
            let Some(text) = project.manifest(&d.join(manifest)) else {
                continue;
            };
            let declared = text
                .lines()
                .filter_map(|l| l.trim().strip_prefix("name"))
                .filter_map(|l| l.trim_start().strip_prefix('='))
                .map(|v| {
                    v.trim()
                        .trim_matches(|c| matches!(c, '"' | '\'' | ','))
                        .replace('_', "-")
                })
                .next();
            if let Some(name) = declared {
                return names.contains(&name);
            }
        }
    }
    false
}
