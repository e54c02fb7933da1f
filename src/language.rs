//! The table of languages: which extension is read by which frontend.

pub mod notebook;
pub mod python;
pub mod rust;
pub mod typescript;

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::hir::Facts;
use crate::source::SourceFile;

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

impl Language {
    /// All languages, in the order of their declaration.
    pub const ALL: [Self; 3] = [Self::Python, Self::TypeScript, Self::Rust];
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

/// Reads a file in its dialect: the text that positions refer to, and its facts.
///
/// Invalid UTF-8 is replaced character by character, so that the rest of the file is still read.
///
/// # Errors
/// A message, where the file is no notebook though its name says so.
pub fn read(dialect: Dialect, path: &Path, bytes: &[u8]) -> Result<(SourceFile, Facts), String> {
    if dialect == Dialect::Notebook {
        let notebook = notebook::read(bytes).map_err(|e| e.to_string())?;
        let facts = notebook::lower(&notebook.text, &notebook.cells);
        return Ok((
            SourceFile::with_cells(path, notebook.text, notebook.cells),
            facts,
        ));
    }
    let text = String::from_utf8_lossy(bytes);
    let facts = match dialect {
        Dialect::Python | Dialect::Notebook => python::lower(&text),
        Dialect::TypeScript => typescript::lower(&text, false),
        Dialect::Tsx => typescript::lower(&text, true),
        Dialect::Rust => rust::lower(&text),
    };
    Ok((SourceFile::new(path, text.into_owned()), facts))
}
