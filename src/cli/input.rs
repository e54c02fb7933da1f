//! From file arguments to an analysis: standard input or discovery, threads, and the one call of
//! the pipeline.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use super::project::Project;
use super::{Error, FileArgs, output};
use crate::discover::{self, Discovered, absolute, discover};
use crate::exit::ExitStatus;
use crate::language::Dialect;
use crate::pipeline::{self, Analysis, Notice, NoticeLevel};
use crate::vfs::Overlay;

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
pub(super) fn analyze(args: &FileArgs, project: &Project, check: bool) -> Result<Input, Error> {
    let mut fs = Overlay::over_disk();
    let cwd = &project.base.working_directory;
    let found = if is_stdin(args) || args.stdin_filename.is_some() {
        stdin(args, project, &mut fs)?
    } else {
        discover(&args.paths, cwd, &rules(args, project))?
    };
    if args.show_files {
        let mut out = output::stdout();
        for path in &found.paths {
            writeln!(out, "{}", crate::report::path::relative(path, cwd))?;
        }
        out.flush()?;
        return Ok(Input::Listed(found.notices));
    }
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(args.threads)
        .stack_size(pipeline::STACK_BYTES)
        .build()?;
    let options = pipeline::Options {
        prefilter: !args.no_prefilter,
        max_file_size: args.max_file_size,
        check,
    };
    let mut analysis = pool.install(|| {
        pipeline::analyze(
            &project.base.root,
            &found.paths,
            &fs,
            &project.catalog,
            &project.rule_set,
            &options,
        )
    });
    analysis.notices.extend(found.notices);
    analysis.notices.sort();
    Ok(Input::Analyzed(analysis))
}

fn rules(args: &FileArgs, project: &Project) -> discover::Rules {
    let settings = &project.settings;
    let mut exclude = vec![(project.base.working_directory.clone(), args.exclude.clone())];
    if let Some(directory) = &settings.directory {
        exclude.push((directory.clone(), settings.exclude.clone()));
    }
    discover::Rules {
        exclude,
        force_exclude: args.force_exclude,
        no_ignore: args.no_ignore,
        threads: args.threads,
    }
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
    if args.force_exclude && discover::is_excluded(&path, &rules(args, project))? {
        return Ok(Discovered::default());
    }
    fs.insert(&path, bytes);
    Ok(Discovered {
        paths: vec![path],
        notices: Vec::new(),
    })
}
