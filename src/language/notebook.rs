//! Jupyter notebooks: the code cells of the JSON file as one Python text whose cells keep their
//! own places, and its facts. A cell that cannot be parsed loses only itself.

use serde::Deserialize;
use thiserror::Error;

use super::{Language, python};
use crate::hir::Facts;
use crate::hir::build::Builder;
use crate::source::{Cell, Span};

mod magics;

/// The code of a notebook.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Notebook {
    /// The code cells, joined by newlines.
    pub text: String,
    /// Where each cell stands in the text, and its index among all cells of the notebook.
    pub cells: Vec<Cell>,
    /// The language of its kernel, where that is another than Python: its cells are not read.
    pub foreign: Option<String>,
}

/// Why a notebook could not be read.
#[derive(Debug, Error)]
pub enum NotebookError {
    /// The file is no JSON, or not of a notebook's shape.
    #[error("not a notebook: {message}")]
    Format {
        /// 1-based line in the JSON file, where it is known.
        line: Option<u32>,
        /// What was wrong.
        message: String,
    },
}

impl NotebookError {
    /// 1-based line in the JSON file, where it is known.
    #[must_use]
    pub const fn line(&self) -> Option<u32> {
        match self {
            Self::Format { line, .. } => *line,
        }
    }
}

impl From<serde_json::Error> for NotebookError {
    fn from(error: serde_json::Error) -> Self {
        Self::Format {
            line: u32::try_from(error.line()).ok().filter(|l| *l > 0),
            message: error.to_string(),
        }
    }
}

#[derive(Deserialize)]
struct File {
    #[serde(default)]
    cells: Option<Vec<RawCell>>,
    /// Notebooks of format 3 hold their cells here.
    #[serde(default)]
    worksheets: Option<Vec<Worksheet>>,
    #[serde(default)]
    metadata: Option<Metadata>,
}

#[derive(Deserialize)]
struct Worksheet {
    #[serde(default)]
    cells: Vec<RawCell>,
}

#[derive(Deserialize)]
struct RawCell {
    #[serde(default)]
    cell_type: String,
    #[serde(default, alias = "input")]
    source: Option<Text>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Text {
    Whole(String),
    Lines(Vec<String>),
}

#[derive(Deserialize)]
struct Metadata {
    #[serde(default)]
    kernelspec: Option<Kernel>,
    #[serde(default)]
    language_info: Option<LanguageInfo>,
}

#[derive(Deserialize)]
struct Kernel {
    #[serde(default)]
    language: Option<String>,
}

#[derive(Deserialize)]
struct LanguageInfo {
    #[serde(default)]
    name: Option<String>,
}

impl Metadata {
    /// The kernel's language, if it is not Python; a notebook that names none is taken for Python.
    fn foreign(&self) -> Option<String> {
        let kernel = self.kernelspec.as_ref().and_then(|k| k.language.as_deref());
        let info = self.language_info.as_ref().and_then(|l| l.name.as_deref());
        let name = kernel.or(info)?;
        let lower = name.to_ascii_lowercase();
        let python = lower.is_empty() || lower.starts_with("python") || lower == "ipython";
        (!python).then(|| name.to_owned())
    }
}

/// Reads the code cells of a notebook. A notebook for another language than Python has none.
///
/// # Errors
/// If the bytes are no JSON of a notebook's shape.
pub fn read(bytes: &[u8]) -> Result<Notebook, NotebookError> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    // A struct would be read from a list as well.
    if bytes.trim_ascii_start().starts_with(b"[") {
        return Err(NotebookError::Format {
            line: None,
            message: "a JSON object is needed".to_owned(),
        });
    }
    let file: File = serde_json::from_slice(bytes)?;
    let mut out = Notebook {
        foreign: file.metadata.as_ref().and_then(Metadata::foreign),
        ..Notebook::default()
    };
    if out.foreign.is_some() {
        return Ok(out);
    }
    let sheets = file.worksheets.unwrap_or_default();
    let cells = file.cells.unwrap_or_default();
    let all = cells
        .into_iter()
        .chain(sheets.into_iter().flat_map(|s| s.cells));
    for (index, cell) in (0..).zip(all) {
        if cell.cell_type != "code" {
            continue;
        }
        if !out.cells.is_empty() {
            out.text.push('\n');
        }
        let start = out.text.len();
        match cell.source {
            Some(Text::Whole(text)) => out.text.push_str(&text),
            Some(Text::Lines(lines)) => lines.iter().for_each(|l| out.text.push_str(l)),
            None => {}
        }
        out.cells.push(Cell {
            index,
            span: Span::new(start, out.text.len()),
        });
    }
    Ok(out)
}

/// Lowers the joined cells of a notebook as one module. Magics and shell lines are left out; a
/// cell with a syntax error is left out whole and listed in [`Facts::broken`].
#[must_use]
pub fn lower(text: &str, cells: &[Cell]) -> Facts {
    let mut builder = Builder::new(Language::Python);
    for cell in cells {
        let Some(source) = text.get(cell.span.range()) else {
            continue;
        };
        // Masking keeps every byte offset, so the masked copy may stand for the source.
        let masked = magics::mask(source);
        builder = match python::parse(&masked) {
            Some(tree) if !tree.root_node().has_error() => {
                python::lower_tree(&tree, &masked, cell.span.start as usize, builder)
            }
            _ => python::unread(builder, cell.span),
        };
    }
    builder.finish()
}

#[cfg(test)]
mod tests;
