//! Which files of a project bear a name. A program may put the folder of its prompts together in ways
//! that cannot be followed (settings, a list of folders that are tried, an object made elsewhere); the
//! name of the file is often literal all the same.

use std::path::{Path, PathBuf};

use rustc_hash::FxHashMap;

use crate::discover::is_foreign;
use crate::vfs::FileSystem;

/// Folders that are walked.
const MAX_FOLDERS: usize = 20_000;
/// Levels of folders.
const MAX_DEPTH: usize = 16;
/// Folders of what is made from the sources.
const BUILT: &[&str] = &["dist", "build", "target", "out", "coverage"];

/// Endings of files whose whole content a template engine or a model gets, the commonest first.
pub(crate) const TEMPLATES: [&str; 11] = [
    "j2",
    "jinja",
    "jinja2",
    "tera",
    "hbs",
    "handlebars",
    "mustache",
    "liquid",
    "njk",
    "prompt",
    "prompty",
];
/// Endings of text that is a prompt where its path, or who asks for it, says so.
pub(crate) const TEXTS: [&str; 7] = ["md", "mdx", "txt", "text", "xml", "tmpl", "tpl"];
/// Further files that hold prompts where their path says so.
const MIXED: &[&str] = &["yaml", "yml", "json", "toml", "template", "ejs", "html", ""];
/// Words of a path that say so.
const SAY_SO: &[&str] = &["prompt", "template", "instruction", "persona"];

/// The files of a project that may hold prompts, by name.
pub(super) struct Names(FxHashMap<String, Vec<PathBuf>>);

impl Names {
    /// The files below a folder; version control, caches, other people's code and builds left out.
    pub(super) fn below(root: &Path, fs: &dyn FileSystem) -> Self {
        let mut names: FxHashMap<String, Vec<PathBuf>> = FxHashMap::default();
        let mut open = vec![(root.to_path_buf(), 0)];
        let mut walked = 0;
        while let Some((folder, depth)) = open.pop() {
            walked += 1;
            if walked > MAX_FOLDERS {
                break;
            }
            for path in fs.list(&folder) {
                let inside = path.strip_prefix(root).unwrap_or(&path);
                if let Some(name) = path.file_name().and_then(|n| n.to_str())
                    && may_hold_prompts(inside)
                {
                    names.entry(name.to_owned()).or_default().push(path);
                }
            }
            if depth < MAX_DEPTH {
                let kept = fs.folders(&folder).into_iter().filter(|f| {
                    let name = f.file_name().and_then(|n| n.to_str()).unwrap_or_default();
                    !name.starts_with('.') && !BUILT.contains(&name) && !is_foreign(name)
                });
                open.extend(kept.map(|f| (f, depth + 1)));
            }
        }
        names.values_mut().for_each(|paths| paths.sort());
        Self(names)
    }

    /// The files of a name.
    pub(super) fn of(&self, name: &str) -> &[PathBuf] {
        self.0.get(name).map_or(&[], Vec::as_slice)
    }
}

/// Whether files of an ending are templates, wherever they stand.
pub(crate) fn is_template(extension: &str) -> bool {
    TEMPLATES.contains(&extension)
}

/// Whether a path or a name says that there are prompts behind it.
pub(crate) fn says_prompt(name: &str) -> bool {
    let name = name.to_lowercase();
    SAY_SO.iter().any(|word| name.contains(word))
}

fn may_hold_prompts(path: &Path) -> bool {
    let extension = path
        .extension()
        .and_then(|e| e.to_str())
        .unwrap_or_default();
    // A file without an extension by its name alone could be anything: its folder has to say so.
    is_template(extension)
        || (TEXTS.contains(&extension) || MIXED.contains(&extension))
            && says_prompt(&path.to_string_lossy())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Commits that change prompts only run the hook as well.
    #[test]
    fn the_pre_commit_hook_runs_for_every_file_that_may_hold_prompts() -> Result<(), regex::Error> {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(".pre-commit-hooks.yaml");
        // It is no part of the published crate.
        let text = std::fs::read_to_string(file).unwrap_or_default();
        let patterns = text
            .lines()
            .filter_map(|l| l.trim().strip_prefix("files: "));
        for pattern in patterns {
            let pattern = regex::Regex::new(pattern.trim_matches('\''))?;
            let sources = ["py", "ipynb", "ts", "mjs", "tsx", "rs"];
            let texts = TEXTS.iter().filter(|e| !e.is_empty());
            for extension in texts.chain(&TEMPLATES).chain(&sources) {
                let name = format!("prompts/sort.{extension}");
                assert!(pattern.is_match(&name), "{name}");
            }
            assert!(!pattern.is_match("logo.png"));
        }
        Ok(())
    }
}
