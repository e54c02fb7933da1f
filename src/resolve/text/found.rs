//! The file that a path means, and its text: by the path from where it is asked for, or by its name.

use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

use super::files::spelled_out;
use crate::hir::Run;
use crate::resolve::eval::Evaluator;
use crate::resolve::value::{Made, Rope, Segment, Value};
use crate::source::{FileId, SourceFile};

/// Files of the same name that a path may mean.
const MAX_OF_A_NAME: usize = 2;
/// Calls around a path that are looked through: `open(Path(path))`.
const MAX_WRAPPED: u32 = 3;

/// A file that was found.
pub(super) type Found = (FileId, Arc<SourceFile>);

impl Evaluator<'_> {
    /// The text of a prompt file named by a value, or of each of several that it may name; a template
    /// with the files that it includes.
    pub(crate) fn read_file(&self, from: FileId, path: &Value) -> Option<Value> {
        let texts = self.files_of(from, path).into_iter();
        let texts: Vec<Value> = texts.map(|f| self.assembled(&f)).collect();
        (!texts.is_empty()).then(|| Value::choice(texts))
    }

    /// The same as the file is written, in one piece: for what takes it apart.
    pub(crate) fn read_written(&self, from: FileId, path: &Value) -> Option<Value> {
        let texts = self.files_of(from, path).into_iter();
        let texts: Vec<Value> = texts.map(|(id, source)| file_text(id, &source)).collect();
        (!texts.is_empty()).then(|| Value::choice(texts))
    }

    fn files_of(&self, from: FileId, path: &Value) -> Vec<Found> {
        // `path.open()`
        if let Value::Made(m) = path
            && let Value::Attr(a) = &m.callee
            && a.name == "open"
            && self.path_text(&a.base, 0).is_some()
        {
            return self.files_of(from, &a.base);
        }
        if let Some(path) = self.defaulted(path, 0) {
            return self.files_of(from, &path);
        }
        let several = match path {
            // `open(path)` of one path or another
            Value::Made(m) => m.args.first().map(|a| spelled_out(&a.value)),
            _ => Some(spelled_out(path)),
        };
        match several.filter(|s| s.len() > 1) {
            Some(several) => (several.iter())
                .flat_map(|p| self.files_of(from, p))
                .collect(),
            None => (self.path_text(path, 0))
                .map(|text| self.find_file(self.project.path(from), &text))
                .unwrap_or_default(),
        }
    }

    /// A path with the default of a parameter that names a file in the parameter's place:
    /// `def load(path="prompts/system.md")`.
    fn defaulted(&self, path: &Value, depth: u32) -> Option<Value> {
        match path {
            Value::Param(p) => self.param_default(p).filter(|v| {
                let text = self.path_text(v, 0).unwrap_or_default();
                !text.contains('*') && Path::new(&text).extension().is_some()
            }),
            Value::Made(m) if depth < MAX_WRAPPED => {
                let nth = (m.args.iter())
                    .position(|a| matches!(a.value, Value::Param(_) | Value::Made(_)))?;
                let value = self.defaulted(&m.args.get(nth)?.value, depth + 1)?;
                let mut args = m.args.clone();
                args.get_mut(nth)?.value = value;
                Some(Value::Made(Rc::new(Made {
                    callee: m.callee.clone(),
                    args,
                    at: m.at,
                })))
            }
            _ => None,
        }
    }

    /// Whether a value stands in a file of settings or prompts, or holds something that does.
    pub(super) fn is_of_file(&self, value: &Value) -> bool {
        match value {
            Value::Text(t) => {
                let mut of_file = false;
                t.each_literal(&mut |file, _, _| {
                    of_file = of_file || self.project.text_path(file).is_some();
                });
                of_file
            }
            Value::Map(m) => m.fields.iter().any(|f| self.is_of_file(&f.value)),
            _ => false,
        }
    }

    /// The files that one path may mean, relative to a file, its ancestors, or the root.
    pub(super) fn find_file(&self, from: &Path, text: &str) -> Vec<Found> {
        // What stands after the last unknown piece.
        let tail = text
            .rsplit("*/")
            .next()
            .unwrap_or(text)
            .trim_start_matches("./")
            .trim_start_matches("file://")
            .trim_start_matches("$CARGO_MANIFEST_DIR/");
        if tail.is_empty() || tail.contains('*') || tail.len() > 256 || is_about_project(tail) {
            return Vec::new();
        }
        let tail = Path::new(tail.trim_start_matches('/'));
        let root = &self.project.root;
        // A path that is known from its root on.
        if Path::new(text).is_absolute()
            && !text.contains('*')
            && let Some(found) = self.project.text_file(Path::new(text))
        {
            return vec![found];
        }
        let inside =
            |d: &Path| root.as_os_str().is_empty() || root == Path::new(".") || d.starts_with(root);
        let mut candidates: Vec<PathBuf> = Vec::new();
        for d in from.ancestors().skip(1).take_while(|d| inside(d)).take(12) {
            candidates.push(d.join(tail));
            for sub in ["prompts", "templates", "src", "prompt"] {
                candidates.push(d.join(sub).join(tail));
            }
        }
        candidates.push(root.join(tail));
        match candidates.iter().find_map(|c| self.project.text_file(c)) {
            Some(found) => vec![found],
            None => self.file_by_name(from, text, tail),
        }
    }

    /// The file whose folder is not known, but whose name is: the one that bears it, or the few that
    /// do. What is known of the folder, and of what stands in front of it, has to be true of the file.
    fn file_by_name(&self, from: &Path, text: &str, tail: &Path) -> Vec<Found> {
        let Some(name) = tail.file_name().and_then(|n| n.to_str()) else {
            return Vec::new();
        };
        let mut paths: Vec<&PathBuf> = self.project.named(name).iter().collect();
        paths.retain(|p| p.ends_with(tail));
        let known = text.split(['/', '*']).filter(|part| part.len() > 2);
        let fits = |p: &&PathBuf| {
            let mut known = known.clone().filter(|part| !matches!(*part, "src" | "app"));
            known.all(|part| p.components().any(|c| c.as_os_str() == part))
        };
        if paths.iter().any(fits) {
            paths.retain(fits);
        }
        // In a repository of several programs the one that is asking means its own.
        let near = |p: &Path| {
            let (mut a, mut b) = (p.components(), from.components());
            std::iter::from_fn(|| (a.next()? == b.next()?).then_some(())).count()
        };
        if paths.len() > MAX_OF_A_NAME {
            let nearest = paths.iter().map(|p| near(p)).max();
            paths.retain(|p| Some(near(p)) == nearest);
        }
        if paths.len() > MAX_OF_A_NAME {
            return Vec::new();
        }
        let files = paths.into_iter();
        files.filter_map(|p| self.project.text_file(p)).collect()
    }
}

/// The whole text of a file, mapped.
pub(super) fn file_text(id: FileId, source: &SourceFile) -> Value {
    Value::text(Rope {
        segments: vec![written(id, source)],
    })
}

/// The same as a piece of text.
pub(super) fn written(id: FileId, source: &SourceFile) -> Segment {
    Segment::Literal {
        file: id,
        text: source.text().into(),
        runs: Rc::new([Run { at: 0, source: 0 }]),
    }
}

/// Whether a file tells about the project itself: what a prompt quotes of it is material, no order.
fn is_about_project(path: &str) -> bool {
    const DOCUMENTS: [&str; 8] = [
        "readme",
        "changelog",
        "contributing",
        "license",
        "code_of_conduct",
        "security",
        "history",
        "authors",
    ];
    const MANIFESTS: [&str; 6] = [
        "package.json",
        "cargo.toml",
        "pyproject.toml",
        "tsconfig.json",
        "requirements.txt",
        "go.mod",
    ];
    let name = path
        .rsplit(['/', '\\'])
        .next()
        .unwrap_or(path)
        .to_lowercase();
    let stem = name
        .strip_suffix(".md")
        .or_else(|| name.strip_suffix(".rst"))
        .unwrap_or(&name);
    DOCUMENTS.contains(&stem) || MANIFESTS.contains(&name.as_str())
}
