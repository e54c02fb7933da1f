//! The `deprompt` command: arguments in, exit code out.

use std::process::ExitCode;

fn main() -> ExitCode {
    deprompt::cli::main(std::env::args_os()).into()
}
