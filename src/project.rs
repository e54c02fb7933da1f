//! The files of a run: read and parsed at most once, on demand, from any thread.
//!
//! Every discovered source file has its [`FileId`] from the start (its index in the sorted list);
//! prompt files read while evaluating get theirs when they are first read. Parsing happens when
//! something first asks for a file's facts, so that a run touches only what its calls refer to.

mod classes;
mod constructions;
mod names;

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use rustc_hash::FxHashMap;

pub(crate) use self::names::{TEMPLATES, TEXTS, is_template, says_prompt};
use crate::hir::Facts;
use crate::language::{self, Dialect, Language};
use crate::pipeline::{FileTable, Notice, NoticeLevel};
use crate::resolve::value::ClassRef;
use crate::source::{FileId, SourceFile};
use crate::vfs::FileSystem;

/// A source file once it is parsed.
#[derive(Debug)]
pub struct Parsed {
    /// Its text.
    pub source: SourceFile,
    /// Its facts.
    pub facts: Facts,
}

struct Entry {
    path: PathBuf,
    dialect: Option<Dialect>,
    parsed: OnceLock<Option<Box<Parsed>>>,
    /// Why it could not be read.
    unread: OnceLock<Notice>,
    /// What of it could not be understood.
    misread: OnceLock<Notice>,
}

/// A prompt file read as text.
struct TextEntry {
    source: Arc<SourceFile>,
    id: FileId,
}

/// The files of a run.
pub struct Project<'f> {
    /// The directory that module resolution and prompt files are confined to.
    pub root: PathBuf,
    fs: &'f dyn FileSystem,
    files: Vec<Entry>,
    by_path: FxHashMap<PathBuf, FileId>,
    max_file_size: u64,
    texts: Mutex<FxHashMap<PathBuf, Option<TextEntry>>>,
    /// See [`Self::named`].
    names: OnceLock<names::Names>,
    /// See [`Self::constructing`].
    constructions: OnceLock<constructions::Constructions>,
    /// See [`Self::heirs`].
    heirs: OnceLock<FxHashMap<ClassRef, Vec<ClassRef>>>,
    /// See [`Self::implementers`].
    implementers: OnceLock<FxHashMap<ClassRef, Vec<ClassRef>>>,
    /// Facts about modules that resolution looks up again and again.
    pub(crate) modules: crate::resolve::modules::ModuleIndex,
}

/// Files larger than this are prompts for nobody.
const MAX_PROMPT_FILE: u64 = 1 << 20;

impl<'f> Project<'f> {
    /// A project of these source files, sorted.
    #[must_use]
    pub fn new(root: &Path, paths: &[PathBuf], fs: &'f dyn FileSystem, max_file_size: u64) -> Self {
        let files: Vec<Entry> = paths
            .iter()
            .map(|p| Entry {
                path: p.clone(),
                dialect: Dialect::of(p),
                parsed: OnceLock::new(),
                unread: OnceLock::new(),
                misread: OnceLock::new(),
            })
            .collect();
        let by_path = (0..)
            .map(FileId)
            .zip(&files)
            .map(|(id, f)| (normalize(&f.path), id))
            .collect();
        Self {
            root: root.to_path_buf(),
            fs,
            files,
            by_path,
            max_file_size,
            texts: Mutex::default(),
            names: OnceLock::new(),
            constructions: OnceLock::new(),
            heirs: OnceLock::new(),
            implementers: OnceLock::new(),
            modules: crate::resolve::modules::ModuleIndex::new(paths),
        }
    }

    /// All source files.
    pub fn ids(&self) -> impl Iterator<Item = FileId> + use<> {
        (0..u32::try_from(self.files.len()).unwrap_or(u32::MAX)).map(FileId)
    }

    /// The file at a path, if it is one of the source files.
    #[must_use]
    pub fn find(&self, path: &Path) -> Option<FileId> {
        let plain = !path
            .components()
            .any(|c| matches!(c, Component::CurDir | Component::ParentDir));
        if plain {
            return self.by_path.get(path).copied();
        }
        self.by_path.get(&normalize(path)).copied()
    }

    /// Path of a source file.
    #[must_use]
    pub fn path(&self, id: FileId) -> &Path {
        self.files
            .get(id.0 as usize)
            .map_or(Path::new(""), |f| &f.path)
    }

    /// Language of a source file.
    #[must_use]
    pub fn language(&self, id: FileId) -> Language {
        self.files
            .get(id.0 as usize)
            .and_then(|f| f.dialect)
            .map_or(Language::Python, Dialect::language)
    }

    /// The bytes of a source file; `None` (and a notice) where it cannot be read or is too large.
    #[must_use]
    pub fn bytes(&self, id: FileId) -> Option<Vec<u8>> {
        let mut bytes = Vec::new();
        self.bytes_into(id, &mut bytes).then_some(bytes)
    }

    /// The bytes of a source file, into a buffer that is used again for the next; `false` (and a
    /// notice) where it cannot be read or is too large.
    #[must_use]
    pub fn bytes_into(&self, id: FileId, buffer: &mut Vec<u8>) -> bool {
        let Some(entry) = self.files.get(id.0 as usize) else {
            return false;
        };
        match self.fs.read_into(&entry.path, self.max_file_size, buffer) {
            Ok(()) if is_utf16(buffer) => {
                self.fail(
                    entry,
                    NoticeLevel::Warning,
                    None,
                    "not checked: UTF-16; only UTF-8 is read".to_owned(),
                );
                false
            }
            Ok(()) if buffer.len() as u64 <= self.max_file_size => true,
            Ok(()) => {
                let size = self.fs.size(&entry.path).unwrap_or(buffer.len() as u64);
                self.fail(
                    entry,
                    NoticeLevel::Warning,
                    None,
                    format!(
                        "not checked: {size} bytes, more than the limit of {}; raise it with --max-file-size",
                        self.max_file_size
                    ),
                );
                false
            }
            Err(e) => {
                self.fail(
                    entry,
                    NoticeLevel::Error,
                    None,
                    format!("cannot be read: {}", crate::discover::cause(&e)),
                );
                false
            }
        }
    }

    fn fail(&self, entry: &Entry, level: NoticeLevel, line: Option<u32>, message: String) {
        entry.unread.get_or_init(|| Notice {
            path: entry.path.clone(),
            line,
            level,
            message,
        });
    }

    /// A parsed source file, parsing it if nothing has yet; `None` where it cannot be read.
    #[must_use]
    pub fn parsed(&self, id: FileId) -> Option<&Parsed> {
        let entry = self.files.get(id.0 as usize)?;
        entry
            .parsed
            .get_or_init(|| self.parse(entry, id).map(Box::new))
            .as_deref()
    }

    fn parse(&self, entry: &Entry, id: FileId) -> Option<Parsed> {
        let bytes = self.bytes(id)?;
        let dialect = entry.dialect?;
        // A panic in a frontend is a defect; it must cost one file, not the run.
        let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            language::read(dialect, &entry.path, &bytes)
        }));
        let fail = |level, line, message: String| {
            entry.misread.get_or_init(|| Notice {
                path: entry.path.clone(),
                line,
                level,
                message,
            });
        };
        match outcome {
            Ok(Ok((source, facts))) => {
                if let Err(e) = std::str::from_utf8(&bytes) {
                    let before = bytes.get(..e.valid_up_to()).unwrap_or_default();
                    let line = before.iter().filter(|b| **b == b'\n').count() + 1;
                    fail(
                        NoticeLevel::Warning,
                        u32::try_from(line).ok(),
                        "not UTF-8; the bytes that are not were read as U+FFFD".to_owned(),
                    );
                }
                if let Some(first) = facts.broken.first() {
                    let (cell, at) = source.position(first.start);
                    let place = cell.map_or(String::new(), |c| format!(" in cell {c}"));
                    fail(
                        NoticeLevel::Warning,
                        Some(at.line),
                        format!("syntax error{place}; the rest of the file was checked"),
                    );
                }
                Some(Parsed { source, facts })
            }
            Ok(Err(message)) => {
                fail(NoticeLevel::Error, None, message);
                None
            }
            Err(_) => {
                fail(
                    NoticeLevel::Error,
                    None,
                    "not checked: deprompt failed on this file; please report it".to_owned(),
                );
                None
            }
        }
    }

    /// Source text of a span of a parsed file.
    #[must_use]
    pub fn slice(&self, id: FileId, span: crate::source::Span) -> &str {
        self.parsed(id).map_or("", |p| p.source.slice(span))
    }

    /// Whether a path, as it is written, lies below the root: what a program reads from elsewhere is
    /// none of the project's text, and may be private.
    fn encloses(&self, path: &Path) -> bool {
        path.strip_prefix(normalize(&self.root))
            .is_ok_and(|below| below.components().all(|c| c != Component::ParentDir))
    }

    /// Text of a prompt file inside the root, and its id.
    #[must_use]
    pub fn text_file(&self, path: &Path) -> Option<(FileId, Arc<SourceFile>)> {
        let path = normalize(path);
        if !self.encloses(&path) {
            return None;
        }
        let mut texts = self.texts.lock().unwrap_or_else(PoisonError::into_inner);
        let next = self.files.len() + texts.values().filter(|t| t.is_some()).count();
        let entry = texts.entry(path.clone()).or_insert_with(|| {
            if !self.fs.is_file(&path)
                || self.fs.leads_out(&path, &self.root)
                || self.fs.size(&path).ok()? > MAX_PROMPT_FILE
            {
                return None;
            }
            let text = String::from_utf8(self.fs.read(&path).ok()?).ok()?;
            Some(TextEntry {
                source: Arc::new(SourceFile::new(path, text)),
                id: FileId(u32::try_from(next).ok()?),
            })
        });
        entry.as_ref().map(|e| (e.id, Arc::clone(&e.source)))
    }

    /// Path of a prompt file that was read.
    pub(crate) fn text_path(&self, id: FileId) -> Option<PathBuf> {
        let texts = self.texts.lock().unwrap_or_else(PoisonError::into_inner);
        let mut read = texts.values().flatten();
        let source = read.find(|t| t.id == id).map(|t| &t.source)?;
        Some(source.path().to_path_buf())
    }

    /// The files of a folder inside the root, sorted.
    #[must_use]
    pub fn folder(&self, path: &Path) -> Vec<PathBuf> {
        let path = normalize(path);
        if !self.encloses(&path) || self.fs.leads_out(&path, &self.root) {
            return Vec::new();
        }
        self.fs.list(&path)
    }

    /// The files that may hold prompts and bear this name, wherever in the project they stand, sorted.
    pub(crate) fn named(&self, name: &str) -> &[PathBuf] {
        let names = self
            .names
            .get_or_init(|| names::Names::below(&self.root, self.fs));
        names.of(name)
    }

    /// Whether a regular file stands at a path.
    #[must_use]
    pub fn is_file(&self, path: &Path) -> bool {
        self.fs.is_file(path)
    }

    /// The text of a small file, outside the table of prompt files (package manifests).
    #[must_use]
    pub fn manifest(&self, path: &Path) -> Option<String> {
        if !self.fs.is_file(path) || self.fs.size(path).ok()? > MAX_PROMPT_FILE {
            return None;
        }
        String::from_utf8(self.fs.read(path).ok()?).ok()
    }

    /// Everything that was parsed or read as a prompt, in a table whose order depends on the paths
    /// alone, with the map from this project's ids to the table's; and the notices, sorted. What
    /// could not be understood is told of the relevant files only: which others were parsed on the
    /// way is nobody's business.
    #[must_use]
    pub fn finish(
        self,
        relevant: &BTreeSet<FileId>,
    ) -> (FileTable, FxHashMap<FileId, FileId>, Vec<Notice>) {
        let mut notices = Vec::new();
        let mut all: Vec<(FileId, SourceFile)> = Vec::new();
        for (id, f) in (0..).map(FileId).zip(self.files) {
            notices.extend(f.unread.into_inner());
            if relevant.contains(&id) {
                notices.extend(f.misread.into_inner());
            }
            if let Some(Some(p)) = f.parsed.into_inner() {
                all.push((id, p.source));
            }
        }
        let texts = self
            .texts
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner);
        for t in texts.into_values().flatten() {
            all.push((t.id, (*t.source).clone()));
        }
        all.sort_by(|a, b| a.1.path().cmp(b.1.path()).then(a.0.cmp(&b.0)));
        let ids = (0..)
            .map(FileId)
            .zip(&all)
            .map(|(new, (old, _))| (*old, new))
            .collect();
        notices.sort();
        (
            FileTable::new(all.into_iter().map(|(_, f)| f).collect()),
            ids,
            notices,
        )
    }
}

/// Whether a text begins with the byte order mark of UTF-16 (or UTF-32).
fn is_utf16(bytes: &[u8]) -> bool {
    bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff")
}

/// A path without `.` and `..`, as far as that is possible without asking the disk.
#[must_use]
pub fn normalize(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for c in path.components() {
        match c {
            Component::CurDir => {}
            Component::ParentDir => {
                let last = out.components().next_back();
                if matches!(last, Some(Component::Normal(_))) {
                    out.pop();
                } else {
                    out.push("..");
                }
            }
            other => out.push(other),
        }
    }
    out
}
