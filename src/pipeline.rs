//! The order of the stages, threads, panics of a frontend contained per file.

use std::path::{Path, PathBuf};

mod discover;
mod renumber;

use rustc_hash::FxHashSet;

use crate::calls::LlmCall;
use crate::catalog::Catalog;
use crate::finding::Finding;
use crate::project::Project;
use crate::rules::RuleSet;
use crate::source::{FileId, SourceFile};
use crate::suppress::{self, FileComments};
use crate::vfs::FileSystem;

/// Stack of the threads that parse and evaluate, in bytes.
pub const STACK_BYTES: usize = 32 << 20;

/// The files of a run whose text is needed to show places: those parsed, and the prompt files read.
#[derive(Debug, Default)]
pub struct FileTable {
    files: Vec<SourceFile>,
}

impl FileTable {
    /// A table of these files; [`FileId`]s are indices into it.
    #[must_use]
    pub const fn new(files: Vec<SourceFile>) -> Self {
        Self { files }
    }

    /// A file of the table.
    ///
    /// # Panics
    /// If the id is of another table.
    #[must_use]
    pub fn get(&self, id: FileId) -> &SourceFile {
        &self.files[id.0 as usize]
    }

    /// A file, if it is of the table.
    #[must_use]
    pub fn find(&self, id: FileId) -> Option<&SourceFile> {
        self.files.get(id.0 as usize)
    }

    /// All files with their ids.
    pub fn iter(&self) -> impl Iterator<Item = (FileId, &SourceFile)> {
        (0..).map(FileId).zip(&self.files)
    }
}

/// How serious a [`Notice`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum NoticeLevel {
    /// The file was read, but not all of it (a syntax error).
    Warning,
    /// The file was not read: exit code 2.
    Error,
}

/// Something about a file that the user has to know because it was not, or not wholly, checked.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Notice {
    /// The file.
    pub path: PathBuf,
    /// 1-based line, where there is one.
    pub line: Option<u32>,
    /// How serious.
    pub level: NoticeLevel,
    /// What happened and the way out.
    pub message: String,
}

/// What an analysis gives.
#[derive(Debug, Default)]
pub struct Analysis {
    /// The files that locations refer to.
    pub files: FileTable,
    /// All LLM calls, sorted by path and span.
    pub calls: Vec<LlmCall>,
    /// All findings, before any filter, sorted by path and span.
    pub findings: Vec<Finding>,
    /// The comments of the files, for suppressions; of prompt files those that hold one.
    pub comments: Vec<FileComments>,
    /// What could not be read, sorted.
    pub notices: Vec<Notice>,
    /// Number of source files considered.
    pub scanned: usize,
    /// Number of them that were looked into: those with a marker, and those that what was found
    /// there leads to.
    pub parsed: usize,
}

/// What an analysis is run with, beyond the files.
#[derive(Debug, Clone)]
pub struct Options {
    /// Whether files without any SDK marker are left unparsed until something refers to them.
    pub prefilter: bool,
    /// Files larger than this many bytes are not read (a notice says so).
    pub max_file_size: u64,
    /// Whether the calls are judged; otherwise there are no findings.
    pub check: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            prefilter: true,
            max_file_size: 8 << 20,
            check: true,
        }
    }
}

/// Analyses source files as one project. `paths` are what discovery found, sorted; `root` is the
/// directory that module resolution and prompt files are confined to. Runs on the current rayon
/// pool, whose threads must have [`STACK_BYTES`] of stack.
#[must_use]
pub fn analyze(
    root: &Path,
    paths: &[PathBuf],
    fs: &dyn FileSystem,
    catalog: &Catalog,
    rules: &RuleSet,
    options: &Options,
) -> Analysis {
    let project = Project::new(root, paths, fs, options.max_file_size);
    let found = discover::discover(&project, catalog, options);
    let mut calls = found.calls;
    let parsed = found.relevant.len();
    let comments = found.comments;
    let (files, ids, notices) = project.finish(&found.relevant);
    for c in &mut calls {
        renumber::call(c, &ids);
    }
    calls.sort_by(|a, b| a.location.cmp(&b.location).then_with(|| a.api.cmp(&b.api)));
    let mut comments: Vec<FileComments> = comments
        .into_iter()
        .filter_map(|c| {
            Some(FileComments {
                file: *ids.get(&c.file)?,
                ..c
            })
        })
        .collect();
    // Source files had their ids before any prompt file was read.
    let is_source: FxHashSet<FileId> = ids
        .iter()
        .filter(|(old, _)| (old.0 as usize) < paths.len())
        .map(|(_, new)| *new)
        .collect();
    comments.extend(suppress::prompt_files::comments_of(&calls, &files, |f| {
        is_source.contains(&f)
    }));
    comments.sort_by_key(|c| c.file);
    let findings = if options.check {
        crate::check::check_all(&calls, &files, rules)
    } else {
        Vec::new()
    };
    Analysis {
        files,
        calls,
        findings,
        notices,
        comments,
        scanned: paths.len(),
        parsed,
    }
}
