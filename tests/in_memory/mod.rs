//! Projects of a few files that exist in memory only, for the tests that compare what is read of them.

use std::path::{Path, PathBuf};

use deprompt::catalog::Catalog;
use deprompt::language::Dialect;
use deprompt::pipeline::{Analysis, Options, STACK_BYTES, analyze};
use deprompt::rules::RuleSet;
use deprompt::vfs::Overlay;

/// What a test of such a project gives.
pub(crate) type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

/// Where the files of a project stand.
pub(crate) fn root() -> &'static Path {
    Path::new("/project")
}

/// Runs on a pool whose threads have the stack that the pipeline wants.
///
/// # Errors
/// Where no threads can be made.
pub(crate) fn on_a_pool<T: Send>(run: impl FnOnce() -> T + Send) -> Result<T> {
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(1)
        .stack_size(STACK_BYTES)
        .build()?;
    Ok(pool.install(run))
}

/// The analysis of a project's files, each by its name below the root. Only files of a language are
/// sources; the others lie beside them. To be run on a pool.
pub(crate) fn analysis<N: AsRef<str>, T: AsRef<str>>(
    catalog: &Catalog,
    rules: &RuleSet,
    files: &[(N, T)],
) -> Analysis {
    let mut fs = Overlay::in_memory();
    let mut paths: Vec<PathBuf> = Vec::new();
    for (name, text) in files {
        let path = root().join(name.as_ref());
        fs.insert(path.clone(), text.as_ref().as_bytes());
        if Dialect::of(&path).is_some() {
            paths.push(path);
        }
    }
    paths.sort();
    analyze(root(), &paths, &fs, catalog, rules, &Options::default())
}

/// The messages of all calls of a project, each as its role and its text, in the order of the calls.
///
/// # Errors
/// Where the built-in rules or catalog cannot be read, or no threads can be made.
#[allow(dead_code, reason = "not every test file compares messages")]
pub(crate) fn messages<N: AsRef<str> + Sync, T: AsRef<str> + Sync>(
    files: &[(N, T)],
) -> Result<Vec<(&'static str, String)>> {
    let (catalog, rules) = (Catalog::builtin()?, RuleSet::builtin()?);
    let analysis = on_a_pool(|| analysis(&catalog, &rules, files))?;
    let messages = analysis.calls.iter().flat_map(|c| &c.messages);
    Ok(messages
        .map(|m| (m.role.as_str(), m.text.text.clone()))
        .collect())
}
