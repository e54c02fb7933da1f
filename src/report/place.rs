//! Places as reports show them: path, notebook cell, lines and UTF-16 columns.

use serde::Serialize;

use super::Base;
use super::path::{relative, visible};
use crate::pipeline::FileTable;
use crate::source::{Location, Position};

/// A place for a person or a JSON consumer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Place {
    /// Relative to the working directory, with `/`.
    pub path: String,
    /// 0-based index among all cells of a notebook.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cell: Option<u32>,
    /// Where it starts.
    pub start: Position,
    /// Where it ends (exclusive).
    pub end: Position,
}

impl Place {
    /// Looks a location up.
    #[must_use]
    pub fn of(location: Location, files: &FileTable, base: &Base) -> Self {
        let file = files.get(location.file);
        let (cell, start) = file.position(location.span.start);
        let (end_cell, end) = file.position(location.span.end);
        // A span that ends with its cell has its end at the start of the next one.
        let end = if end_cell == cell { end } else { start };
        Self {
            path: relative(file.path(), &base.working_directory),
            cell,
            start,
            end,
        }
    }

    /// `path:line:column`, or `path:cell N:line:column`.
    #[must_use]
    pub fn head(&self) -> String {
        let Position { line, column, .. } = self.start;
        let path = visible(&self.path);
        match self.cell {
            Some(cell) => format!("{path}:cell {cell}:{line}:{column}"),
            None => format!("{path}:{line}:{column}"),
        }
    }
}

/// `n thing` or `n things`.
pub(super) fn count(n: usize, thing: &str) -> String {
    format!("{n} {thing}{}", if n == 1 { "" } else { "s" })
}
