//! What is wrong with the files of a rule set, and where.

use std::path::{Path, PathBuf};

/// What is wrong with a rule, a word list, or a directory of them.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}{}: {message}", path.display(), line.map(|l| format!(":{l}")).unwrap_or_default())]
pub struct RuleError {
    /// The file.
    pub path: PathBuf,
    /// 1-based line, where there is one.
    pub line: Option<usize>,
    /// What is wrong and what is allowed.
    pub message: String,
}

/// 1-based line of a byte offset.
pub(super) fn line_of(text: &str, offset: usize) -> usize {
    text.bytes().take(offset).filter(|&b| b == b'\n').count() + 1
}

/// An error from the TOML reader, with its line.
pub(super) fn toml_error(path: &Path, text: &str, e: &toml::de::Error) -> RuleError {
    RuleError {
        path: path.to_owned(),
        line: e.span().map(|s| line_of(text, s.start)),
        message: e.message().to_owned(),
    }
}
