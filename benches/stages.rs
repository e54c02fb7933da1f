//! How long the stages take on the programs of `examples/`: `cargo bench`.
//!
//! Nothing is asserted about time. For a whole tree see `scripts/bench-tree.sh`.

use std::error::Error;
use std::path::{Path, PathBuf};

use deprompt::catalog::Catalog;
use deprompt::language::{self, Dialect};
use deprompt::pipeline::{self, Analysis, Options};
use deprompt::prefilter::Prefilter;
use deprompt::rules::RuleSet;
use deprompt::vfs::Overlay;
use divan::Bencher;

type Outcome<T> = Result<T, Box<dyn Error>>;

/// The example programs in memory, and what they are checked with.
struct Examples {
    files: Vec<(PathBuf, Vec<u8>)>,
    fs: Overlay,
    catalog: Catalog,
    rules: RuleSet,
    pool: rayon::ThreadPool,
}

impl Examples {
    fn load() -> Outcome<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
        let mut files = Vec::new();
        for directory in std::fs::read_dir(root)? {
            for file in std::fs::read_dir(directory?.path())? {
                let path = file?.path();
                files.push((path.clone(), std::fs::read(path)?));
            }
        }
        files.sort();
        let mut fs = Overlay::in_memory();
        for (path, bytes) in &files {
            fs.insert(path, bytes.clone());
        }
        Ok(Self {
            files,
            fs,
            catalog: Catalog::builtin()?,
            rules: RuleSet::builtin()?,
            pool: rayon::ThreadPoolBuilder::new()
                .num_threads(1)
                .stack_size(pipeline::STACK_BYTES)
                .build()?,
        })
    }

    fn analyze(&self, check: bool) -> Analysis {
        let paths: Vec<PathBuf> = self.files.iter().map(|(p, _)| p.clone()).collect();
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let options = Options {
            check,
            ..Options::default()
        };
        self.pool.install(|| {
            pipeline::analyze(root, &paths, &self.fs, &self.catalog, &self.rules, &options)
        })
    }
}

/// Benches with the examples; without them there is nothing to measure, and divan says so.
fn with_examples(bencher: Bencher<'_, '_>, bench: impl FnOnce(Bencher<'_, '_>, &Examples)) {
    if let Ok(examples) = Examples::load() {
        bench(bencher, &examples);
    }
}

/// Reading the built-in catalog and rules: what every run begins with.
#[divan::bench]
fn load(bencher: Bencher<'_, '_>) {
    bencher.bench_local(|| (Catalog::builtin().ok(), RuleSet::builtin().ok()));
}

/// Making the expressions that files are sifted with.
#[divan::bench]
fn markers(bencher: Bencher<'_, '_>) {
    with_examples(bencher, |b, x| {
        b.bench_local(|| Prefilter::new(&x.catalog).ok());
    });
}

/// Parsing and lowering.
#[divan::bench]
fn parse(bencher: Bencher<'_, '_>) {
    with_examples(bencher, |b, x| {
        b.bench_local(|| {
            for (path, bytes) in &x.files {
                if let Some(dialect) = Dialect::of(path) {
                    divan::black_box_drop(language::read(dialect, path, bytes));
                }
            }
        });
    });
}

/// Parsing, and resolving calls and their prompts.
#[divan::bench]
fn resolve(bencher: Bencher<'_, '_>) {
    with_examples(bencher, |b, x| {
        b.bench_local(|| x.analyze(false).calls.len());
    });
}

/// Judging the calls.
#[divan::bench]
fn judge(bencher: Bencher<'_, '_>) {
    with_examples(bencher, |b, x| {
        let analysis = x.analyze(false);
        b.bench_local(|| {
            x.pool
                .install(|| deprompt::check::check_all(&analysis.calls, &analysis.files, &x.rules))
        });
    });
}

/// All stages.
#[divan::bench]
fn check(bencher: Bencher<'_, '_>) {
    with_examples(bencher, |b, x| {
        b.bench_local(|| x.analyze(true).findings.len());
    });
}

fn main() {
    divan::main();
}
