//! The command line: its definition, and the way from arguments to a command's outcome.

mod calls;
mod check;
mod explain;
mod init;
mod input;
mod output;
mod project;
mod rules;
mod terminal;
mod test_rules;
mod value;

use std::ffi::OsString;
use std::io::{self, Write};
use std::path::PathBuf;

use terminal::{Color, Terminal};

use clap::{Args, CommandFactory, Parser, Subcommand};

use crate::exit::ExitStatus;
use crate::finding::Severity;
use crate::language::Language;
use crate::report::Format;
use crate::select::FailOn;
use crate::{config, discover};

/// Finds prompts that ask a language model for work that ordinary code does.
///
/// Reads Python, TypeScript, JavaScript, Rust and notebooks, finds the calls that send a prompt to a
/// model, and reports deterministic work among what they ask for. Calls no model, opens no connection.
#[derive(Debug, Parser)]
#[command(
    name = "deprompt",
    version,
    max_term_width = 100,
    after_help = "Exit codes: 0 clean, 1 findings at or above --fail-on, 2 wrong usage or settings, or a file that cannot be read."
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    terminal: Terminal,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Check files: report prompts where code should go.
    Check(Box<CheckArgs>),
    /// List the calls that send a prompt to a model, with what could be read of the prompt.
    Calls(CallsArgs),
    /// List the rules.
    Rules(RulesArgs),
    /// Explain a rule, or list the rules of a category.
    Explain {
        /// Id of the rule, or a category.
        #[arg(value_name = "RULE")]
        rule: String,
        #[command(flatten)]
        settings: SettingsArgs,
    },
    /// Try the rules and APIs on the examples in their own files.
    TestRules {
        /// A rule file, a directory of rule files, or an API file [default: the built-in rules, and the
        /// rules and APIs of the settings].
        path: Option<PathBuf>,
        #[command(flatten)]
        settings: SettingsArgs,
    },
    /// Write a commented settings file, `deprompt.toml`.
    Init,
    /// Print a shell's completion script.
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
}

/// Where settings come from.
#[derive(Debug, Args)]
struct SettingsArgs {
    /// Settings file to use [default: the closest deprompt.toml or .deprompt.toml upward].
    #[arg(long, value_name = "FILE", help_heading = "Settings")]
    config: Option<PathBuf>,
    /// Use no settings file.
    #[arg(
        long,
        visible_alias = "isolated",
        conflicts_with = "config",
        help_heading = "Settings"
    )]
    no_config: bool,
}

/// Which files are read, and how.
#[derive(Debug, Args)]
struct FileArgs {
    /// Files and directories; `-` is standard input.
    #[arg(default_value = ".", value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// The name under which standard input is checked; says its language.
    #[arg(long, value_name = "NAME", help_heading = "Files")]
    stdin_filename: Option<PathBuf>,
    /// Leave files and directories out; .gitignore syntax.
    #[arg(long, value_name = "GLOB", help_heading = "Files")]
    exclude: Vec<String>,
    /// Leave excluded files out even if they are named outright.
    #[arg(long, help_heading = "Files")]
    force_exclude: bool,
    /// Disregard ignore files and the built-in list of vendored directories.
    #[arg(long, help_heading = "Files", long_help = left_out())]
    no_ignore: bool,
    /// Do not read larger files; bytes, or with K, M, G.
    #[arg(long, value_name = "SIZE", value_parser = value::size, default_value = "8M", help_heading = "Files")]
    max_file_size: u64,
    /// Number of threads, no more than 64 or 8 per core; 0 is one per core.
    #[arg(
        short = 'j',
        long,
        value_name = "N",
        default_value_t = 0,
        help_heading = "Files"
    )]
    threads: usize,
    /// List the files that would be read, and stop.
    #[arg(long, help_heading = "Files")]
    show_files: bool,
    /// Parse every file, whether or not it can matter.
    #[arg(long, hide = true)]
    no_prefilter: bool,
}

/// What is left out of directories, for `--help`.
fn left_out() -> String {
    format!(
        "Disregard ignore files and the built-in list of vendored directories, caches and builds.\n\n\
         Left out are: what `.gitignore` and `.ignore` files say; minified scripts (`*.min.js`); directories called {}; \
         and those called {} beside a package's manifest (package.json, Cargo.toml, pyproject.toml, …) that are no \
         module of the program. What is named on the command line is read all the same.",
        discover::VENDORED.join(", "),
        discover::BESIDE_MANIFEST.join(", ")
    )
}

/// Where the output goes.
#[derive(Debug, Args)]
struct OutputArgs {
    /// Write the output to a file.
    #[arg(short, long, value_name = "FILE", help_heading = "Output")]
    output_file: Option<PathBuf>,
    /// Print counts instead.
    #[arg(long, help_heading = "Output")]
    statistics: bool,
}

#[derive(Debug, Args)]
struct CheckArgs {
    #[command(flatten)]
    files: FileArgs,
    /// Format of the findings.
    #[arg(
        long,
        value_name = "FORMAT",
        default_value = "full",
        help_heading = "Output"
    )]
    output_format: Format,
    #[command(flatten)]
    output: OutputArgs,
    /// Run these rules only: ids, categories, ALL; comma-separated.
    #[arg(
        long,
        value_name = "RULE",
        value_delimiter = ',',
        help_heading = "Rules"
    )]
    select: Option<Vec<String>>,
    /// Run these, too.
    #[arg(
        long,
        value_name = "RULE",
        value_delimiter = ',',
        help_heading = "Rules"
    )]
    extend_select: Vec<String>,
    /// Do not run these.
    #[arg(
        long,
        value_name = "RULE",
        value_delimiter = ',',
        help_heading = "Rules"
    )]
    ignore: Vec<String>,
    /// Show no findings below this severity.
    #[arg(long, value_name = "LEVEL", value_parser = value::severity(), help_heading = "Rules")]
    min_severity: Option<Severity>,
    /// Show no findings below this confidence, 0 to 1 [default: 0.6, or 0 where rules are selected].
    #[arg(long, value_name = "P", value_parser = value::confidence, help_heading = "Rules")]
    min_confidence: Option<f64>,
    /// Least severity for exit code 1 [default: warning].
    #[arg(long, value_name = "LEVEL", value_parser = value::fail_on(), help_heading = "Exit code")]
    fail_on: Option<FailOn>,
    /// Exit with 0 even if there are findings.
    #[arg(long, conflicts_with = "fail_on", help_heading = "Exit code")]
    exit_zero: bool,
    #[command(flatten)]
    settings: SettingsArgs,
}

#[derive(Debug, Args)]
struct CallsArgs {
    #[command(flatten)]
    files: FileArgs,
    /// Show the units of every prompt with the rules that claim them; for authors of rules.
    #[arg(long, conflicts_with = "output_format", help_heading = "Output")]
    units: bool,
    /// Format of the list.
    #[arg(
        long,
        value_name = "FORMAT",
        default_value = "text",
        help_heading = "Output"
    )]
    output_format: ListFormat,
    /// Instead of the calls, print each pattern that matches a prompt: rule, number, matches.
    #[arg(long, hide = true)]
    trace_patterns: bool,
    /// Instead of the calls, print the expression that files of a language are sifted with.
    #[arg(long, hide = true, value_name = "LANGUAGE", value_parser = value::language())]
    show_markers: Option<Language>,
    #[command(flatten)]
    output: OutputArgs,
    #[command(flatten)]
    settings: SettingsArgs,
}

#[derive(Debug, Args)]
struct RulesArgs {
    /// Format of the list.
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    output_format: RulesFormat,
    #[command(flatten)]
    settings: SettingsArgs,
}

/// A format of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum ListFormat {
    /// One line each.
    Text,
    /// One JSON document, versioned.
    Json,
}

/// A format of the list of rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum RulesFormat {
    /// One line each.
    Text,
    /// One JSON document, versioned.
    Json,
    /// One Markdown document with the help of every rule.
    Markdown,
}

/// Why a command stops.
#[derive(Debug, thiserror::Error)]
enum Error {
    /// Arguments that do not go together.
    #[error("{0}")]
    Usage(String),
    /// Settings.
    #[error(transparent)]
    Config(#[from] config::Error),
    /// A rule file.
    #[error(transparent)]
    Rule(#[from] crate::rules::RuleError),
    /// An API catalog.
    #[error(transparent)]
    Catalog(#[from] crate::catalog::CatalogError),
    /// Paths.
    #[error(transparent)]
    Discover(#[from] discover::Error),
    /// A file that cannot be written or read.
    #[error("{path}: {}", discover::cause(source))]
    File {
        /// The file.
        path: String,
        /// The operating system's answer.
        source: io::Error,
    },
    /// The output.
    #[error("cannot write the output: {0}")]
    Output(#[from] io::Error),
    /// Threads.
    #[error("cannot start threads: {0}")]
    Threads(#[from] rayon::ThreadPoolBuildError),
}

impl Error {
    /// Whether whoever read the output has stopped reading: `deprompt check | head`.
    fn is_broken_pipe(&self) -> bool {
        matches!(self, Self::Output(e) if e.kind() == io::ErrorKind::BrokenPipe)
    }
}

/// Runs the command line and says how it ended. Prints to standard output and standard error.
pub fn main(args: impl IntoIterator<Item = OsString>) -> ExitStatus {
    let cli = match Cli::try_parse_from(args) {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are no errors; a closed pipe while printing them is none either.
            let _ = error.print();
            return if error.use_stderr() {
                ExitStatus::Error
            } else {
                ExitStatus::Clean
            };
        }
    };
    cli.terminal.choose_colours();
    match run(&cli) {
        Ok(status) => status,
        Err(error) if error.is_broken_pipe() => ExitStatus::Clean,
        Err(error) => {
            report_error(&error);
            ExitStatus::Error
        }
    }
}

fn run(cli: &Cli) -> Result<ExitStatus, Error> {
    match &cli.command {
        Command::Check(args) => check::run(args, cli.terminal),
        Command::Calls(args) => calls::run(args, cli.terminal),
        Command::Rules(args) => rules::run(args),
        Command::Explain { rule, settings } => explain::run(rule, settings),
        Command::TestRules { path, settings } => test_rules::run(path.as_deref(), settings),
        Command::Init => init::run(),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(*shell, &mut Cli::command(), "deprompt", &mut script);
            let mut out = output::stdout();
            out.write_all(&script)?;
            out.flush()?;
            Ok(ExitStatus::Clean)
        }
    }
}

/// Prints why a command stopped. Nothing can be done if that fails, too.
fn report_error(error: &Error) {
    let mut err = anstream::stderr().lock();
    let cwd = std::env::current_dir().unwrap_or_default();
    let _ = match error {
        Error::Config(config::Error::Invalid(problems)) => {
            write!(err, "{}", problems.render(&cwd))
        }
        Error::Usage(message) => {
            writeln!(
                err,
                "error: {message}\n\nFor more information, try '--help'."
            )
        }
        other => writeln!(err, "error: {other}"),
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_definition_is_sound() {
        Cli::command().debug_assert();
    }
}
