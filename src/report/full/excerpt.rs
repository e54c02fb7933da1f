//! Excerpts: the lines of a file (or of a notebook's cell) that a diagnostic shows.
//!
//! A prompt is often one line of some thousand characters; such a line is cut to a window around
//! its labels, and places and columns are mapped accordingly.

use std::ops::Range;

use codespan_reporting::files::{self, Files};

use crate::report::Base;
use crate::report::path::shown;
use crate::source::{Location, SourceFile, Span};

/// Lines with more bytes are cut.
const LONG: usize = 200;
/// What is kept on both sides of the labels of a cut line, in bytes.
const MARGIN: usize = 50;
/// What stands for what was cut.
const CUT: &str = "…";

/// Lines of one file.
struct Excerpt<'a> {
    file: &'a SourceFile,
    /// Position among the file's cells.
    cell: Option<usize>,
    name: String,
    /// The labels' places in the file.
    places: Vec<Span>,
    /// 0-based, of the file's analysed text.
    first_line: usize,
    text: String,
    lines: Vec<Line>,
}

/// A line of an excerpt.
struct Line {
    /// Where it starts in the excerpt.
    at: usize,
    /// Bytes of [`CUT`] in front.
    lead: usize,
    /// What is kept of it, in the file.
    kept: Range<usize>,
}

/// The excerpts of one diagnostic; their ids are indices.
#[derive(Default)]
pub(super) struct Excerpts<'a>(Vec<Excerpt<'a>>);

impl<'a> Excerpts<'a> {
    /// Adds a place and gives the id of its excerpt.
    pub(super) fn add(&mut self, file: &'a SourceFile, location: Location, base: &Base) -> usize {
        let cell = file
            .cells()
            .partition_point(|c| c.span.start <= location.span.start)
            .checked_sub(1);
        let bounds = match cell.and_then(|i| file.cells().get(i)) {
            Some(c) => c.span,
            None => Span::new(0, file.text().len()),
        };
        let start = location.span.start.clamp(bounds.start, bounds.end);
        let place = Span {
            start,
            end: location.span.end.clamp(start, bounds.end),
        };
        let same = |e: &Excerpt<'_>| std::ptr::eq(e.file, file) && e.cell == cell;
        if let Some(id) = self.0.iter().position(same) {
            self.0[id].places.push(place);
            return id;
        }
        let path = shown(file.path(), &base.working_directory);
        self.0.push(Excerpt {
            file,
            cell,
            name: match cell.and_then(|i| file.cells().get(i)) {
                Some(cell) => format!("{path}:cell {}", cell.index),
                None => path,
            },
            places: vec![place],
            first_line: 0,
            text: String::new(),
            lines: Vec::new(),
        });
        self.0.len() - 1
    }

    /// Takes the lines out, when all places are known.
    pub(super) fn finish(&mut self) {
        self.0.iter_mut().for_each(Excerpt::fill);
    }

    /// Where a place of the file stands in its excerpt.
    pub(super) fn range(&self, id: usize, span: Span) -> Range<usize> {
        self.0.get(id).map_or(0..0, |e| {
            let start = e.map(span.start);
            start..e.map(span.end).max(start)
        })
    }

    fn line(&self, id: usize, line: usize) -> Result<(&Excerpt<'a>, &Line), files::Error> {
        let excerpt = self.0.get(id).ok_or(files::Error::FileMissing)?;
        let max = excerpt.lines.len();
        let error = files::Error::LineTooLarge { given: line, max };
        Ok((excerpt, excerpt.lines.get(line).ok_or(error)?))
    }
}

impl Excerpt<'_> {
    fn fill(&mut self) {
        let line_of = |offset: u32| self.file.line_index(offset);
        let first = self.places.iter().map(|p| line_of(p.start)).min();
        let last = self.places.iter().map(|p| line_of(p.end)).max();
        let (Some(first), Some(last)) = (first, last) else {
            return;
        };
        self.first_line = first;
        let text = self.file.text();
        let starts = self.file.line_starts();
        for n in first..=last {
            let start = starts.get(n).map_or(text.len(), |&s| s as usize);
            let end = starts.get(n + 1).map_or(text.len(), |&s| s as usize);
            let body = text.get(start..end).unwrap_or_default();
            let body = body.trim_end_matches(['\r', '\n']);
            let line = start..start + body.len();
            let kept = self.window(&line);
            let lead = if kept.start > line.start { CUT } else { "" };
            let tail = if kept.end < line.end { CUT } else { "" };
            self.lines.push(Line {
                at: self.text.len(),
                lead: lead.len(),
                kept: kept.clone(),
            });
            for part in [lead, text.get(kept).unwrap_or_default(), tail, "\n"] {
                self.text.push_str(part);
            }
        }
    }

    /// What is kept of a line.
    fn window(&self, line: &Range<usize>) -> Range<usize> {
        if line.len() <= LONG {
            return line.clone();
        }
        // Where labels begin or end on this line.
        let ends = self
            .places
            .iter()
            .flat_map(|p| [p.start as usize, p.end as usize])
            .filter(|n| (line.start..=line.end).contains(n));
        let from = ends.clone().min().unwrap_or(line.start);
        let to = ends.max().unwrap_or(line.start);
        let from = from.saturating_sub(MARGIN).max(line.start);
        let to = (to + MARGIN).min(from + LONG).min(line.end);
        let text = self.file.text();
        boundary(text, from)..boundary(text, to)
    }

    /// Where a byte of the file stands in the excerpt.
    fn map(&self, offset: u32) -> usize {
        let index = self.file.line_index(offset).saturating_sub(self.first_line);
        let Some(line) = self.lines.get(index) else {
            return self.text.len();
        };
        let offset = boundary(self.file.text(), offset as usize);
        let inside = offset.clamp(line.kept.start, line.kept.end) - line.kept.start;
        line.at + line.lead + inside
    }
}

/// The start of the character that a byte belongs to.
fn boundary(text: &str, byte: usize) -> usize {
    let mut at = byte.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

impl<'a> Files<'a> for Excerpts<'_> {
    type FileId = usize;
    type Name = &'a str;
    type Source = &'a str;

    fn name(&'a self, id: usize) -> Result<&'a str, files::Error> {
        let excerpt = self.0.get(id).ok_or(files::Error::FileMissing)?;
        Ok(&excerpt.name)
    }

    fn source(&'a self, id: usize) -> Result<&'a str, files::Error> {
        let excerpt = self.0.get(id).ok_or(files::Error::FileMissing)?;
        Ok(&excerpt.text)
    }

    fn line_index(&'a self, id: usize, byte: usize) -> Result<usize, files::Error> {
        let excerpt = self.0.get(id).ok_or(files::Error::FileMissing)?;
        Ok(excerpt.lines.partition_point(|l| l.at <= byte).max(1) - 1)
    }

    fn line_number(&'a self, id: usize, line: usize) -> Result<usize, files::Error> {
        let (excerpt, line) = self.line(id, line)?;
        let start = Span::new(line.kept.start, line.kept.start).start;
        Ok(excerpt.file.position(start).1.line as usize)
    }

    /// UTF-16 units of the file's own line, as in every other format.
    fn column_number(&'a self, id: usize, line: usize, byte: usize) -> Result<usize, files::Error> {
        let (excerpt, line) = self.line(id, line)?;
        let inside = byte.saturating_sub(line.at + line.lead);
        let offset = (line.kept.start + inside).min(line.kept.end);
        Ok(excerpt
            .file
            .position(Span::new(offset, offset).start)
            .1
            .column as usize)
    }

    fn line_range(&'a self, id: usize, line: usize) -> Result<Range<usize>, files::Error> {
        let (excerpt, this) = self.line(id, line)?;
        let end = excerpt
            .lines
            .get(line + 1)
            .map_or(excerpt.text.len(), |l| l.at);
        Ok(this.at..end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileId;

    #[test]
    fn a_long_line_is_cut_around_its_labels() {
        let text = format!(
            "x = 1\ny = '{}é count the words {}'\n",
            "a".repeat(500),
            "b".repeat(500)
        );
        let file = SourceFile::new("a.py", text.as_str());
        let at = text.find("count").unwrap_or_default();
        let span = Span::new(at, at + "count the words".len());
        let mut excerpts = Excerpts::default();
        let place = Location {
            file: FileId(0),
            span,
        };
        let id = excerpts.add(&file, place, &Base::default());
        excerpts.finish();
        let source = excerpts.source(id).unwrap_or_default();
        let range = excerpts.range(id, span);
        assert_eq!(&source[range.clone()], "count the words");
        assert!(source.starts_with("…a") && source.ends_with("b…\n") && source.len() < LONG);
        let found = excerpts.location(id, range.start).ok();
        assert_eq!(
            found.map(|l| (l.line_number, l.column_number)),
            Some((2, 508))
        );
    }

    #[test]
    fn a_long_label_is_cut_too() {
        let text = format!("y = '{}'\n", "word ".repeat(100));
        let file = SourceFile::new("a.py", text.as_str());
        let span = Span::new(5, 505);
        let mut excerpts = Excerpts::default();
        let id = excerpts.add(
            &file,
            Location {
                file: FileId(0),
                span,
            },
            &Base::default(),
        );
        excerpts.finish();
        assert!(excerpts.range(id, span).len() <= LONG);
    }
}
