//! Source text and places in it: files, byte spans, lines, UTF-16 columns, notebook cells.
//!
//! Every other module speaks of a place as a [`Location`] (a file and a byte [`Span`]); only
//! reports turn it into lines and columns, through [`SourceFile::position`].

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Serialize;

/// A range of bytes, half open, in the analysed text of one file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// A span from byte offsets; offsets beyond 4 GiB are clamped (such files are not read).
    #[must_use]
    pub fn new(start: usize, end: usize) -> Self {
        let clamp = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Self {
            start: clamp(start),
            end: clamp(end.max(start)),
        }
    }

    /// The smallest span that holds both.
    #[must_use]
    pub fn cover(self, other: Self) -> Self {
        Self {
            start: self.start.min(other.start),
            end: self.end.max(other.end),
        }
    }

    /// Whether `other` lies wholly inside.
    #[must_use]
    pub const fn contains(self, other: Self) -> bool {
        self.start <= other.start && other.end <= self.end
    }

    /// As a range for slicing.
    #[must_use]
    pub const fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }

    /// Whether it covers no byte.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.start >= self.end
    }
}

/// A file of the run, by its index in the run's table of files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub u32);

/// A place in one file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Location {
    /// The file.
    pub file: FileId,
    /// The bytes of its analysed text.
    pub span: Span,
}

/// A point as reports show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Position {
    /// 1-based line; in a notebook, of the cell.
    pub line: u32,
    /// 1-based column in UTF-16 code units.
    pub column: u32,
    /// 0-based byte offset; in a notebook, of the cell.
    pub offset: u32,
}

/// One code cell of a notebook inside the joined text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cell {
    /// 0-based index among all cells of the notebook.
    pub index: u32,
    /// Its bytes in the joined text.
    pub span: Span,
}

/// The text that was analysed, and how to show places in it.
///
/// For a notebook the text is its code cells joined by newlines; `cells` says which bytes belong
/// to which cell.
#[derive(Clone, Debug)]
pub struct SourceFile {
    path: PathBuf,
    text: Arc<str>,
    line_starts: Vec<u32>,
    cells: Vec<Cell>,
}

impl SourceFile {
    /// A plain file.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>, text: impl Into<Arc<str>>) -> Self {
        Self::with_cells(path, text, Vec::new())
    }

    /// A notebook: `text` is the joined code cells.
    #[must_use]
    pub fn with_cells(
        path: impl Into<PathBuf>,
        text: impl Into<Arc<str>>,
        cells: Vec<Cell>,
    ) -> Self {
        let text: Arc<str> = text.into();
        let mut line_starts = vec![0];
        for (i, b) in text.bytes().enumerate() {
            if b == b'\n' {
                line_starts.push(u32::try_from(i + 1).unwrap_or(u32::MAX));
            }
        }
        Self {
            path: path.into(),
            text,
            line_starts,
            cells,
        }
    }

    /// The path as it was given or found, relative to the working directory where possible.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The analysed text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The text, shared.
    #[must_use]
    pub fn shared_text(&self) -> Arc<str> {
        Arc::clone(&self.text)
    }

    /// The notebook cells, empty for a plain file.
    #[must_use]
    pub fn cells(&self) -> &[Cell] {
        &self.cells
    }

    /// Byte offsets at which the lines of the analysed text start.
    #[must_use]
    pub fn line_starts(&self) -> &[u32] {
        &self.line_starts
    }

    /// The source text of a span; empty where the span does not fall on character boundaries.
    #[must_use]
    pub fn slice(&self, span: Span) -> &str {
        self.text.get(span.range()).unwrap_or_default()
    }

    /// The cell that holds a byte of a notebook.
    #[must_use]
    pub fn cell_at(&self, offset: u32) -> Option<&Cell> {
        let i = self.cells.partition_point(|c| c.span.start <= offset);
        i.checked_sub(1).and_then(|i| self.cells.get(i))
    }

    /// 0-based line of the analysed text that holds a byte.
    #[must_use]
    pub fn line_index(&self, offset: u32) -> usize {
        self.line_starts
            .partition_point(|&s| s <= offset)
            .saturating_sub(1)
    }

    /// The text of the line that holds an offset, with its line break.
    #[must_use]
    pub fn line_at(&self, offset: u32) -> &str {
        let line = self.line_index(offset);
        let start = self.line_starts.get(line).map_or(0, |s| *s as usize);
        let end = (self.line_starts.get(line + 1)).map_or(self.text.len(), |s| *s as usize);
        self.text.get(start..end).unwrap_or_default()
    }

    /// Line, UTF-16 column and offset of a byte, and the notebook cell it lies in.
    #[must_use]
    pub fn position(&self, offset: u32) -> (Option<u32>, Position) {
        let offset = offset.min(u32::try_from(self.text.len()).unwrap_or(u32::MAX));
        let line = self.line_index(offset);
        let start = self.line_starts.get(line).copied().unwrap_or(0);
        // A byte inside a character is shown at that character.
        let mut end = offset as usize;
        while !self.text.is_char_boundary(end) {
            end -= 1;
        }
        let column: usize = self
            .text
            .get(start as usize..end)
            .unwrap_or_default()
            .chars()
            .map(char::len_utf16)
            .sum();
        let (cell, first_line, first_byte) = match self.cell_at(offset) {
            Some(c) => (Some(c.index), self.line_index(c.span.start), c.span.start),
            None => (None, 0, 0),
        };
        let narrow = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        (
            cell,
            Position {
                line: narrow(line.saturating_sub(first_line) + 1),
                column: narrow(column + 1),
                offset: offset.saturating_sub(first_byte),
            },
        )
    }
}
