//! The table of languages: which extension is read by which frontend.

pub mod typescript;

use std::path::Path;

use serde::{Deserialize, Serialize};

/// A language that deprompt reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// Python, and the code cells of notebooks.
    Python,
    /// TypeScript and JavaScript, with or without JSX.
    TypeScript,
    /// Rust.
    Rust,
}

/// How a file is read: its language and the grammar variant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// `.py`, `.pyi`, `.pyw`
    Python,
    /// `.ipynb`
    Notebook,
    /// `.ts`, `.mts`, `.cts`
    TypeScript,
    /// `.tsx`, `.jsx`, `.js`, `.mjs`, `.cjs`: the TSX grammar reads JavaScript too.
    Tsx,
    /// `.rs`
    Rust,
}

impl Dialect {
    /// By file extension; `None` for a file that is not source code.
    #[must_use]
    pub fn of(path: &Path) -> Option<Self> {
        Some(match path.extension()?.to_str()? {
            "py" | "pyi" | "pyw" => Self::Python,
            "ipynb" => Self::Notebook,
            "ts" | "mts" | "cts" => Self::TypeScript,
            "tsx" | "jsx" | "js" | "mjs" | "cjs" => Self::Tsx,
            "rs" => Self::Rust,
            _ => return None,
        })
    }

    /// The language.
    #[must_use]
    pub const fn language(self) -> Language {
        match self {
            Self::Python | Self::Notebook => Language::Python,
            Self::TypeScript | Self::Tsx => Language::TypeScript,
            Self::Rust => Language::Rust,
        }
    }
}
