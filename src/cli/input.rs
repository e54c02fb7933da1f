//! From file arguments to an analysis: standard input or discovery, threads, and the one call of
//! the pipeline.

use std::io::{Read, Write};
use std::num::NonZero;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::project::Project;
use super::{Error, FileArgs, Terminal, output};
use crate::discover::{self, Discovered, absolute, discover};
use crate::exit::ExitStatus;
use crate::language::{Dialect, notebook};
use crate::pipeline::{self, Analysis, Notice, NoticeLevel};
use crate::report::path::{relative, shown};
use crate::vfs::{FileSystem, Overlay};

/// How a run ends that gave these notices and has nothing else to answer for.
pub(super) fn status(notices: &[Notice]) -> ExitStatus {
    if notices.iter().any(|n| n.level == NoticeLevel::Error) {
        ExitStatus::Error
    } else {
        ExitStatus::Clean
    }
}

/// The paths that settings and root are looked for from.
pub(super) fn anchors(args: &FileArgs) -> Vec<PathBuf> {
    match &args.stdin_filename {
        Some(name) => vec![name.clone()],
        None if is_stdin(args) => vec![PathBuf::from(".")],
        None => args.paths.clone(),
    }
}

fn is_stdin(args: &FileArgs) -> bool {
    args.paths.iter().any(|p| p == Path::new("-"))
}

/// What became of the input.
pub(super) enum Input {
    /// It was read.
    Analyzed(Analysis),
    /// Only the list of files was asked for, and printed; these could not be listed.
    Listed(Vec<Notice>),
}

/// Reads and analyses what the arguments name; `check` says whether the calls are judged.
pub(super) fn analyze(
    args: &FileArgs,
    project: &Project,
    check: bool,
    listing: Listing,
    terminal: Terminal,
) -> Result<Input, Error> {
    let mut fs = Overlay::over_disk();
    let cwd = &project.base.working_directory;
    let found = if is_stdin(args) || args.stdin_filename.is_some() {
        stdin(args, project, &mut fs)?
    } else {
        discover(&args.paths, cwd, &rules(args, project)?)?
    };
    if args.show_files {
        let mut out = output::stdout();
        list(&found.paths, cwd, listing, &mut out)?;
        out.flush()?;
        return Ok(Input::Listed(found.notices));
    }
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads(args))
        .stack_size(pipeline::STACK_BYTES)
        .build()?;
    let options = pipeline::Options {
        prefilter: !args.no_prefilter,
        max_file_size: args.max_file_size,
        check,
    };
    let mut analysis = pool.install(|| {
        pipeline::analyze(
            &project.root,
            &found.paths,
            &fs,
            &project.catalog,
            &project.rule_set,
            &options,
        )
    });
    let notices = unread_notebooks(args, &found.paths, &fs, cwd, terminal);
    analysis.notices.extend(found.notices);
    for notice in notices {
        if !analysis.notices.iter().any(|n| n.path == notice.path) {
            analysis.notices.push(notice);
        }
    }
    analysis.notices.sort();
    Ok(Input::Analyzed(analysis))
}

/// How a list of files is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Listing {
    /// One path a line.
    Text,
    /// One JSON document, versioned.
    Json,
    /// Not at all: the format has no such list.
    None,
}

#[derive(Serialize)]
struct Files {
    version: u32,
    files: Vec<String>,
}

fn list(paths: &[PathBuf], cwd: &Path, how: Listing, out: &mut impl Write) -> Result<(), Error> {
    match how {
        Listing::Text => {
            for path in paths {
                writeln!(out, "{}", shown(path, cwd))?;
            }
        }
        Listing::Json => {
            let files = paths.iter().map(|p| relative(p, cwd)).collect();
            let document = Files { version: 1, files };
            serde_json::to_writer_pretty(&mut *out, &document).map_err(std::io::Error::from)?;
            writeln!(out)?;
        }
        Listing::None => {
            return Err(Error::Usage(
                "--show-files is text or JSON; choose another --output-format".to_owned(),
            ));
        }
    }
    Ok(())
}

/// What there is to say of notebooks whose cells are not read: of those that are named outright, and
/// under `-v` of all. Most of them have no marker, so that nothing else looks into them.
fn unread_notebooks(
    args: &FileArgs,
    found: &[PathBuf],
    fs: &Overlay,
    cwd: &Path,
    terminal: Terminal,
) -> Vec<Notice> {
    let named: Vec<PathBuf> = args.paths.iter().map(|p| absolute(p, cwd)).collect();
    let is_named = |p: &PathBuf| args.stdin_filename.is_some() || named.contains(p);
    let wanted = |p: &&PathBuf| {
        Dialect::of(p) == Some(Dialect::Notebook) && (terminal.verbose || is_named(p))
    };
    let notice = |path: &PathBuf| {
        let bytes = fs.read(path).ok()?;
        let (level, message) = match notebook::read(&bytes) {
            Err(e) if is_named(path) => (NoticeLevel::Error, e.to_string()),
            // What is said decides nothing about how a run ends.
            Err(e) => (NoticeLevel::Warning, e.to_string()),
            Ok(n) => (
                NoticeLevel::Warning,
                format!(
                    "not checked: a notebook in {}; only Python's are read",
                    n.foreign?
                ),
            ),
        };
        Some(Notice {
            path: path.clone(),
            line: None,
            level,
            message,
        })
    };
    let small = |p: &&PathBuf| fs.size(p).is_ok_and(|n| n <= args.max_file_size);
    found
        .iter()
        .filter(wanted)
        .filter(small)
        .filter_map(notice)
        .collect()
}

fn rules(args: &FileArgs, project: &Project) -> Result<discover::Rules, Error> {
    let settings = &project.settings;
    let mut patterns = Vec::new();
    for written in &args.exclude {
        patterns.push(
            discover::exclude_pattern(written).map_err(|e| {
                Error::Usage(format!("--exclude: invalid pattern `{written}`: {e}"))
            })?,
        );
    }
    let mut exclude = vec![(project.base.working_directory.clone(), patterns)];
    if let Some(directory) = &settings.directory {
        exclude.push((directory.clone(), settings.exclude.clone()));
    }
    Ok(discover::Rules {
        exclude,
        force_exclude: args.force_exclude,
        no_ignore: args.no_ignore,
        threads: threads(args),
    })
}

/// The number of threads asked for, as far as that many do any good: each reserves a stack of
/// [`pipeline::STACK_BYTES`].
fn threads(args: &FileArgs) -> usize {
    let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
    args.threads.min((cores * 8).max(64))
}

/// Puts standard input into memory under its name.
fn stdin(args: &FileArgs, project: &Project, fs: &mut Overlay) -> Result<Discovered, Error> {
    let only_stdin = args.paths.len() == 1 && (is_stdin(args) || args.paths == [Path::new(".")]);
    if !only_stdin {
        return Err(Error::Usage(
            "standard input cannot be checked together with files; run deprompt twice".to_owned(),
        ));
    }
    let Some(name) = &args.stdin_filename else {
        return Err(Error::Usage(
            "standard input needs --stdin-filename NAME, which says the language".to_owned(),
        ));
    };
    if Dialect::of(name).is_none() {
        return Err(Error::Usage(format!(
            "--stdin-filename {}: no language of deprompt has this extension (.py, .ipynb, .ts, .tsx, .js, .rs, …)",
            name.display()
        )));
    }
    let path = absolute(name, &project.base.working_directory);
    let mut bytes = Vec::new();
    let read = std::io::stdin().lock().read_to_end(&mut bytes);
    read.map_err(|source| Error::File {
        path: "standard input".to_owned(),
        source,
    })?;
    if args.force_exclude && discover::is_excluded(&path, &rules(args, project)?)? {
        return Ok(Discovered::default());
    }
    fs.insert(&path, bytes);
    Ok(Discovered {
        paths: vec![path],
        notices: Vec::new(),
    })
}
