//! Which file of the project an import means.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock, PoisonError};

use rustc_hash::FxHashMap;
use serde::Deserialize;

use crate::language::Language;
use crate::project::{Project, normalize};
use crate::source::FileId;

/// Answers of [`resolve`] by importing file and module; the outer vector is indexed by file.
type Answers = Vec<Mutex<FxHashMap<String, Option<FileId>>>>;

/// Facts about the project's modules that are looked up again and again.
#[derive(Default)]
pub struct ModuleIndex {
    answers: Answers,
    /// Source files by file name, for imports whose root is not on the importing file's path.
    by_name: FxHashMap<String, Vec<FileId>>,
    /// `compilerOptions` of the `tsconfig.json` in force for a directory.
    tsconfigs: Mutex<FxHashMap<PathBuf, Option<std::sync::Arc<TsConfig>>>>,
    /// Directories of workspace packages by name (`package.json`), built when first needed.
    packages: OnceLock<FxHashMap<String, PathBuf>>,
    /// Directories of workspace crates by name with `_`, built when first needed.
    crates: OnceLock<FxHashMap<String, PathBuf>>,
}

#[derive(Debug)]
struct TsConfig {
    base: PathBuf,
    paths: Vec<(String, Vec<String>)>,
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
        Language::Python => python(project, from, module),
        Language::TypeScript => typescript(project, from, module),
        Language::Rust => rust(project, from, module),
    }
}

/// The directories from a file's own up to the project root.
fn ancestors<'p>(project: &'p Project<'_>, file: &'p Path) -> impl Iterator<Item = &'p Path> {
    let root = &project.root;
    file.ancestors().skip(1).take_while(move |d| {
        root.as_os_str().is_empty() || d.starts_with(root) || root.as_path() == Path::new(".")
    })
}

fn python_file(project: &Project<'_>, base: &Path, parts: &[&str]) -> Option<FileId> {
    let mut path = base.to_path_buf();
    path.extend(parts);
    if parts.is_empty() {
        return project.find(&path.join("__init__.py"));
    }
    project
        .find(&path.with_file_name(format!("{}.py", parts.last()?)))
        .or_else(|| project.find(&path.join("__init__.py")))
}

fn python(project: &Project<'_>, from: FileId, module: &str) -> Option<FileId> {
    let file = project.path(from);
    let name = module.trim_start_matches('.');
    let dots = module.len() - name.len();
    let parts: Vec<&str> = name.split('.').filter(|p| !p.is_empty()).collect();
    if dots > 0 {
        let base = file.ancestors().nth(dots)?;
        return python_file(project, base, &parts);
    }
    for dir in ancestors(project, file) {
        for base in [dir.to_path_buf(), dir.join("src")] {
            if let Some(found) = python_file(project, &base, &parts)
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

const SCRIPT_EXTENSIONS: [&str; 8] = ["ts", "tsx", "mts", "cts", "js", "jsx", "mjs", "cjs"];

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

fn typescript(project: &Project<'_>, from: FileId, module: &str) -> Option<FileId> {
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

#[derive(Deserialize)]
struct RawTsConfig {
    extends: Option<serde_json::Value>,
    #[serde(rename = "compilerOptions")]
    compiler_options: Option<RawCompilerOptions>,
}

#[derive(Deserialize)]
struct RawCompilerOptions {
    #[serde(rename = "baseUrl")]
    base_url: Option<String>,
    paths: Option<std::collections::BTreeMap<String, Vec<String>>>,
}

/// The configuration in force for a directory: the nearest `tsconfig.json` or `jsconfig.json`
/// with paths, following `extends` to files of the project.
fn tsconfig(project: &Project<'_>, dir: &Path) -> Option<std::sync::Arc<TsConfig>> {
    if let Some(known) = project
        .modules
        .tsconfigs
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .get(dir)
    {
        return known.clone();
    }
    let mut found = None;
    let probe = dir.join("x");
    for d in ancestors(project, &probe) {
        for name in ["tsconfig.json", "jsconfig.json"] {
            found = read_tsconfig(project, &d.join(name), 0);
            if found.is_some() {
                break;
            }
        }
        if found.is_some() {
            break;
        }
    }
    let found = found.map(std::sync::Arc::new);
    project
        .modules
        .tsconfigs
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .insert(dir.to_path_buf(), found.clone());
    found
}

fn read_tsconfig(project: &Project<'_>, path: &Path, depth: u32) -> Option<TsConfig> {
    if depth > 4 {
        return None;
    }
    let text = strip_json_comments(&project.manifest(path)?);
    let raw: RawTsConfig = serde_json::from_str(&text).ok()?;
    let dir = path.parent()?;
    if let Some(o) = &raw.compiler_options
        && (o.paths.is_some() || o.base_url.is_some())
    {
        let base = normalize(&dir.join(o.base_url.as_deref().unwrap_or(".")));
        return Some(TsConfig {
            base,
            paths: o.paths.clone().unwrap_or_default().into_iter().collect(),
        });
    }
    let extends = match raw.extends? {
        serde_json::Value::String(s) => vec![s],
        serde_json::Value::Array(a) => a
            .into_iter()
            .filter_map(|v| v.as_str().map(str::to_owned))
            .collect(),
        _ => return None,
    };
    extends.iter().filter(|e| e.starts_with('.')).find_map(|e| {
        let mut target = normalize(&dir.join(e));
        if target.extension().is_none() {
            target.set_extension("json");
        }
        read_tsconfig(project, &target, depth + 1)
    })
}

/// JSON with `//` and `/* */` comments and trailing commas, as TypeScript's configuration allows,
/// as plain JSON.
fn strip_json_comments(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.trim_start_matches('\u{feff}').chars().peekable();
    let mut in_string = false;
    while let Some(c) = chars.next() {
        if in_string {
            out.push(c);
            match c {
                '\\' => out.extend(chars.next()),
                '"' => in_string = false,
                _ => {}
            }
            continue;
        }
        match (c, chars.peek()) {
            ('/', Some('/')) => {
                for c in chars.by_ref() {
                    if c == '\n' {
                        break;
                    }
                }
            }
            ('/', Some('*')) => {
                chars.next();
                let mut last = ' ';
                for c in chars.by_ref() {
                    if last == '*' && c == '/' {
                        break;
                    }
                    last = c;
                }
            }
            ('}' | ']', _) => {
                let kept = out.trim_end().len();
                if out[..kept].ends_with(',') {
                    out.truncate(kept - 1);
                }
                out.push(c);
            }
            _ => {
                in_string = c == '"';
                out.push(c);
            }
        }
    }
    out
}

/// Every directory that holds a source file of a language, and their parents inside the root.
fn directories(project: &Project<'_>, language: Language) -> std::collections::BTreeSet<PathBuf> {
    let mut out = std::collections::BTreeSet::new();
    for id in project.ids().filter(|id| project.language(*id) == language) {
        for d in ancestors(project, project.path(id)) {
            if !out.insert(d.to_path_buf()) {
                break;
            }
        }
    }
    out
}

fn workspace_package(project: &Project<'_>, module: &str) -> Option<FileId> {
    #[derive(Deserialize)]
    struct Manifest {
        name: Option<String>,
    }
    let packages = project.modules.packages.get_or_init(|| {
        let mut out = FxHashMap::default();
        for d in directories(project, Language::TypeScript) {
            if let Some(name) = project
                .manifest(&d.join("package.json"))
                .and_then(|t| serde_json::from_str::<Manifest>(&t).ok())
                .and_then(|m| m.name)
            {
                out.entry(name).or_insert(d);
            }
        }
        out
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

fn rust(project: &Project<'_>, from: FileId, module: &str) -> Option<FileId> {
    let file = project.path(from);
    let module = module.replace("::", ".");
    let mut parts = module.split('.').filter(|p| !p.is_empty());
    let first = parts.next()?;
    let rest: Vec<&str> = parts.collect();
    let own = rust_module_dir(file)?;
    match first {
        "self" => rust_path(project, from, own, &rest),
        "super" => {
            let mut dir = own;
            let mut rest = rest.as_slice();
            dir = dir.parent()?.to_path_buf();
            while let Some(("super", more)) = rest.split_first().map(|(a, b)| (*a, b)) {
                dir = dir.parent()?.to_path_buf();
                rest = more;
            }
            let home = rust_file_of_dir(project, &dir)?;
            rust_path(project, home, dir, rest)
        }
        "crate" => {
            let (root, dir) = rust_crate_root(project, file)?;
            rust_path(project, root, dir, &rest)
        }
        name => {
            // A module beside this one (2015 paths and `mod x;` uses), or a crate of the workspace.
            if rust_child(project, &own, name).is_some() {
                let mut all = vec![name];
                all.extend(&rest);
                return rust_path(project, from, own, &all);
            }
            let dir = workspace_crate(project, name)?;
            let src = dir.join("src");
            let root = project
                .find(&src.join("lib.rs"))
                .or_else(|| project.find(&src.join("main.rs")))?;
            rust_path(project, root, src, &rest)
        }
    }
}

/// The directory in which the child modules of a file stand.
fn rust_module_dir(file: &Path) -> Option<PathBuf> {
    let dir = file.parent()?;
    Some(match file.file_stem()?.to_str()? {
        "mod" | "lib" | "main" => dir.to_path_buf(),
        stem => dir.join(stem),
    })
}

fn rust_child(project: &Project<'_>, dir: &Path, name: &str) -> Option<FileId> {
    project
        .find(&dir.join(format!("{name}.rs")))
        .or_else(|| project.find(&dir.join(name).join("mod.rs")))
}

/// The file whose child modules stand in `dir`.
fn rust_file_of_dir(project: &Project<'_>, dir: &Path) -> Option<FileId> {
    ["mod.rs", "lib.rs", "main.rs"]
        .iter()
        .find_map(|n| project.find(&dir.join(n)))
        .or_else(|| project.find(&dir.with_extension("rs")))
}

/// Follows modules from a file; stops at the last that is a file (what is left names items in it).
fn rust_path(
    project: &Project<'_>,
    mut at: FileId,
    mut dir: PathBuf,
    parts: &[&str],
) -> Option<FileId> {
    for p in parts {
        match rust_child(project, &dir, p) {
            Some(next) => {
                at = next;
                dir.push(p);
            }
            None => break,
        }
    }
    Some(at)
}

fn rust_crate_root(project: &Project<'_>, file: &Path) -> Option<(FileId, PathBuf)> {
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
            let mut out = FxHashMap::default();
            for d in directories(project, Language::Rust) {
                if let Some(name) = project
                    .manifest(&d.join("Cargo.toml"))
                    .and_then(|t| toml::from_str::<Manifest>(&t).ok())
                    .and_then(|m| m.package)
                    .and_then(|p| p.name)
                {
                    out.entry(name.replace('-', "_")).or_insert(d);
                }
            }
            out
        })
        .get(name)
}

#[cfg(test)]
mod tests {
    use super::strip_json_comments;

    #[test]
    fn comments_and_trailing_commas_go_strings_stay() {
        let text = "{ // a\n \"u\": \"http://x/*y*/\", /* b */ \"v\": [1, 2, ], }";
        let plain = strip_json_comments(text);
        let value: Result<serde_json::Value, _> = serde_json::from_str(&plain);
        assert!(value.is_ok_and(|v| v["u"] == "http://x/*y*/" && v["v"][1] == 2));
    }
}
