//! deprompt: a static linter that flags prompts where code should go.
//!
//! It finds the calls that send a prompt to a language model, puts the prompts together, and
//! reports deterministic work that is asked of the model. `ARCHITECTURE.md` describes the stages.
//!
//! # The front door
//!
//! [`pipeline::analyze`] runs all stages over some files, read through a [`vfs::FileSystem`] (the
//! disk, memory, or memory in front of the disk), with an API catalog and a set of rules. The
//! command line, standard input and the tests use nothing else.
//!
//! ```
//! use std::path::{Path, PathBuf};
//!
//! use deprompt::catalog::Catalog;
//! use deprompt::finding::Verdict;
//! use deprompt::pipeline::{self, Options};
//! use deprompt::rules::RuleSet;
//! use deprompt::vfs::Overlay;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let mut files = Overlay::in_memory();
//! files.insert(
//!     "/app/main.py",
//!     r#"
//! from openai import OpenAI
//! prices: list[float] = load()
//! OpenAI().responses.create(model="m", input=f"Sort these prices in ascending order: {prices}")
//! "#,
//! );
//! let paths = [PathBuf::from("/app/main.py")];
//! // Parsing and evaluating recurse to a bound that these threads have the stack for.
//! let pool = rayon::ThreadPoolBuilder::new()
//!     .stack_size(pipeline::STACK_BYTES)
//!     .build()?;
//! let (catalog, rules) = (Catalog::builtin()?, RuleSet::builtin()?);
//! let analysis = pool.install(|| {
//!     pipeline::analyze(Path::new("/app"), &paths, &files, &catalog, &rules, &Options::default())
//! });
//! let finding = analysis.findings.first().ok_or("nothing found")?;
//! assert_eq!(finding.verdict, Verdict::Replace);
//! assert_eq!(finding.rule, "collection-sort");
//! # Ok(())
//! # }
//! ```
//!
//! What comes out, an [`pipeline::Analysis`], holds every finding; [`select::filter`] leaves what
//! settings, the command line and suppression comments let through, and [`report`] writes it.

pub mod calls;
pub mod catalog;
pub mod check;
pub mod cli;
pub mod config;
pub mod discover;
pub mod exit;
pub mod finding;
pub mod hir;
pub mod language;
pub mod pipeline;
pub mod prefilter;
pub mod project;
pub mod prompt;
pub mod report;
pub mod resolve;
pub mod rules;
pub mod select;
pub mod source;
pub mod suggest;
pub mod suppress;
pub mod vfs;
