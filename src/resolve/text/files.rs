//! Paths and the files they name, `import.meta`.

use std::path::{Path, PathBuf};

use crate::resolve::eval::Evaluator;
use crate::resolve::value::{Rope, Segment, Value};
use crate::source::FileId;

/// Files of a folder that are looked at.
const MAX_LISTED: usize = 24;
/// Paths that one value may mean.
const MAX_PATHS: usize = 8;

impl<'p> Evaluator<'p> {
    /// Path pieces as one text; unknown pieces leave a hole in front of what is known.
    pub(crate) fn join_path(&self, parts: &[Value]) -> Option<Value> {
        let mut paths = vec![String::new()];
        for (n, part) in parts.iter().enumerate() {
            let texts: Vec<Option<String>> = (spelled_out(part).iter())
                .map(|v| self.path_text(v, 0))
                .collect();
            // At least the last piece must be known for the whole to mean anything.
            if n + 1 == parts.len() && texts.iter().all(Option::is_none) {
                return None;
            }
            let sep = if n == 0 { "" } else { "/" };
            paths = longer(&paths, &texts, |path, t| {
                format!("{path}{sep}{}", t.as_deref().unwrap_or("*"))
            });
        }
        let paths = paths.iter().map(|p| Value::text(Rope::unmapped(p)));
        (!parts.is_empty()).then(|| Value::choice(paths.collect()))
    }

    /// A path as text, with `*` for directories that are not known.
    pub(crate) fn path_text(&self, value: &Value, depth: u32) -> Option<String> {
        if depth > 8 {
            return None;
        }
        match value {
            Value::Attr(a) if a.name == "parent" => {
                let inner = self.path_text(&a.base, depth + 1)?;
                Some(
                    inner
                        .rsplit_once('/')
                        .map_or_else(|| "*".to_owned(), |(d, _)| d.to_owned()),
                )
            }
            Value::Attr(a)
                if matches!(a.name.as_str(), "url" | "filename") && is_import_meta(&a.base) =>
            {
                None
            }
            // `new URL("./task.md", import.meta.url).pathname`
            Value::Attr(a) if matches!(a.name.as_str(), "pathname" | "href") => {
                self.path_text(&a.base, depth + 1)
            }
            Value::Made(m)
                if matches!(
                    crate::resolve::request::last_name(&m.callee).as_str(),
                    "dirname"
                ) =>
            {
                let inner = self.path_text(&m.args.first()?.value, depth + 1)?;
                Some(
                    inner
                        .rsplit_once('/')
                        .map_or_else(|| "*".to_owned(), |(d, _)| d.to_owned()),
                )
            }
            Value::Made(m)
                if matches!(
                    crate::resolve::request::last_name(&m.callee).as_str(),
                    "abspath" | "realpath" | "normpath" | "expanduser"
                ) =>
            {
                self.path_text(&m.args.first()?.value, depth + 1)
            }
            Value::Made(m)
                if m.args.is_empty()
                    && matches!(&m.callee, Value::Attr(a) if matches!(a.name.as_str(), "resolve" | "absolute" | "as_posix" | "expanduser")) =>
            {
                match &m.callee {
                    Value::Attr(a) => self.path_text(&a.base, depth + 1),
                    _ => None,
                }
            }
            Value::Made(m) if matches!(&m.callee, Value::Attr(a) if a.name == "joinpath") => {
                let Value::Attr(a) = &m.callee else {
                    return None;
                };
                let mut out = self
                    .path_text(&a.base, depth + 1)
                    .unwrap_or_else(|| "*".to_owned());
                for p in &m.args {
                    out.push('/');
                    out.push_str(
                        &self
                            .path_text(&p.value, depth + 1)
                            .unwrap_or_else(|| "*".to_owned()),
                    );
                }
                Some(out)
            }
            Value::Text(t) => {
                let mut out = String::new();
                for s in &t.segments {
                    match s {
                        Segment::Literal { text, .. } => out.push_str(text),
                        _ => out.push('*'),
                    }
                }
                Some(out)
            }
            Value::Made(m) => {
                let name = self.callee_name(&m.callee);
                let last = name.rsplit('.').next().unwrap_or_default();
                match last {
                    "Path" | "PathBuf" | "open" | "from" | "new" | "resolve" | "absolute"
                    | "URL" | "file" | "fileURLToPath" | "as_posix" | "str" | "joinpath"
                    | "join" => {
                        let parts: Vec<String> = m
                            .args
                            .iter()
                            .filter(|a| a.name.is_none())
                            .take(if matches!(last, "open" | "URL") { 1 } else { 8 })
                            .map(|a| {
                                self.path_text(&a.value, depth + 1)
                                    .unwrap_or_else(|| "*".into())
                            })
                            .collect();
                        if parts.is_empty() {
                            None
                        } else {
                            Some(parts.join("/"))
                        }
                    }
                    _ => None,
                }
            }
            Value::Choice(c) => c.iter().find_map(|v| self.path_text(v, depth + 1)),
            _ => None,
        }
    }

    /// A path object all of whose parts are known.
    pub(crate) fn known_path(&self, value: &Value) -> Option<String> {
        let is_path = match value {
            Value::Attr(a) => a.name == "parent",
            Value::Made(m) => matches!(
                crate::resolve::request::last_name(&m.callee).as_str(),
                "Path"
                    | "resolve"
                    | "absolute"
                    | "dirname"
                    | "abspath"
                    | "realpath"
                    | "fileURLToPath"
                    | "joinpath"
            ),
            _ => false,
        };
        if !is_path {
            return None;
        }
        self.path_text(value, 0).filter(|p| !p.contains('*'))
    }

    /// The folder of a Python package, named or imported.
    pub(super) fn package_folder(&self, package: &Value, from: FileId) -> Option<Value> {
        match package {
            Value::Text(t) => {
                let path = t.as_literal()?.replace('.', "/");
                Some(Value::text(Rope::unmapped(&path)))
            }
            Value::Module(f) => Some(self.path_value(self.project.path(*f).parent()?)),
            // `__package__`, `__name__`
            Value::External(_) => Some(self.path_value(self.project.path(from).parent()?)),
            _ => None,
        }
    }

    /// The files of a folder whose names fit a pattern (`*.md`), as paths.
    pub(super) fn listing(
        &self,
        folder: &Value,
        pattern: Option<&str>,
        from: FileId,
    ) -> Option<Value> {
        let names = self.folder(folder, from)?;
        let pattern = pattern.unwrap_or("*").trim_start_matches("**/");
        let (begin, end) = pattern.split_once('*')?;
        let fits = |p: &&PathBuf| {
            let name = p.file_name().and_then(|n| n.to_str()).unwrap_or_default();
            name.starts_with(begin) && name.ends_with(end) && !name.starts_with('.')
        };
        let paths = names.iter().filter(fits).take(MAX_LISTED);
        let paths = paths.map(|p| self.path_value(p)).collect();
        Some(Value::list(paths, false))
    }

    /// `os.listdir(folder)`, `readdirSync(folder)`: names; `glob.glob(pattern)`: paths.
    pub(super) fn listed(&self, function: &str, arg: &Value, from: FileId) -> Option<Value> {
        if function == "glob.glob" {
            let path = self.path_text(arg, 0)?;
            let (folder, pattern) = path.rsplit_once('/')?;
            let folder = Value::text(Rope::unmapped(folder));
            return self.listing(&folder, Some(pattern), from);
        }
        let names = self.folder(arg, from)?;
        let names = names.iter().take(MAX_LISTED).filter_map(|p| {
            let name = p.file_name()?.to_str()?;
            Some(Value::text(Rope::unmapped(name)))
        });
        Some(Value::list(names.collect(), false))
    }

    /// The files of a folder, found as [`Self::read_file`] finds files.
    fn folder(&self, folder: &Value, from: FileId) -> Option<Vec<PathBuf>> {
        let text = self.path_text(folder, 0)?;
        let tail = text
            .rsplit("*/")
            .next()
            .unwrap_or(&text)
            .trim_start_matches("./")
            .trim_start_matches('/');
        if tail.is_empty() || tail.contains('*') || tail.len() > 256 {
            return None;
        }
        let root = &self.project.root;
        let inside =
            |d: &Path| root.as_os_str().is_empty() || root == Path::new(".") || d.starts_with(root);
        let file = self.project.path(from);
        let above = file.ancestors().skip(1).take_while(|d| inside(d)).take(12);
        above
            .chain([root.as_path()])
            .map(|d| self.project.folder(&d.join(tail)))
            .find(|files| !files.is_empty())
    }
}

/// `import.meta`, as the frontend leaves it.
pub(super) fn is_import_meta(v: &Value) -> bool {
    matches!(v, Value::External(e) if e.path.last().is_some_and(|p| p == "meta"))
}

/// The paths that a value may be: each of a choice, text with each of its alternatives.
pub(super) fn spelled_out(value: &Value) -> Vec<Value> {
    match value {
        Value::Choice(c) => c.iter().flat_map(spelled_out).take(MAX_PATHS).collect(),
        Value::Text(t)
            if t.segments
                .iter()
                .any(|s| matches!(s, Segment::Alternatives(_))) =>
        {
            let mut paths = vec![Rope::default()];
            for s in &t.segments {
                let pieces = match s {
                    Segment::Alternatives(several) => several.as_ref().clone(),
                    other => vec![Rope {
                        segments: vec![other.clone()],
                    }],
                };
                paths = longer(&paths, &pieces, |path, piece| {
                    let mut path = path.clone();
                    path.push(piece);
                    path
                });
            }
            paths.into_iter().map(Value::text).collect()
        }
        _ => vec![value.clone()],
    }
}

/// Every path with every piece behind it.
fn longer<T, P>(paths: &[T], pieces: &[P], join: impl Fn(&T, &P) -> T) -> Vec<T> {
    let pairs = paths
        .iter()
        .flat_map(|path| pieces.iter().map(move |p| (path, p)));
    pairs
        .take(MAX_PATHS)
        .map(|(path, p)| join(path, p))
        .collect()
}
