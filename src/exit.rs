//! Exit codes: what a run tells the shell.

use std::process::ExitCode;

/// The outcome of a run. It never depends on the output format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ExitStatus {
    /// Nothing at or above the `fail-on` level.
    Clean,
    /// A finding at or above the `fail-on` level.
    Findings,
    /// Wrong usage or settings, or a file that could not be read. Findings of the other files are still printed.
    Error,
}

impl ExitStatus {
    /// 0, 1 or 2.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Clean => 0,
            Self::Findings => 1,
            Self::Error => 2,
        }
    }
}

impl From<ExitStatus> for ExitCode {
    fn from(status: ExitStatus) -> Self {
        Self::from(status.code())
    }
}
