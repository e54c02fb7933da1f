//! Cutting one message into units.

use std::ops::Range;

use super::lines::{Line, LineKind, in_hole, is_own_comment, lines};
use super::matching::MatchText;
use super::{Unit, UnitKind, sentences};
use crate::calls::Message;

/// Lines of JSON that are followed while its brackets are open.
const MAX_JSON_LINES: usize = 200;

/// Appends the units of message number `index`.
pub(super) fn cut(index: usize, message: &Message, out: &mut Vec<Unit>) {
    let text = &message.text;
    let mut bounds: Vec<usize> = text
        .breaks
        .iter()
        .copied()
        .filter(|&b| {
            text.text.is_char_boundary(b)
                && !text.holes.iter().any(|h| h.at < b && b < h.at + h.len)
        })
        .collect();
    bounds.push(0);
    bounds.push(text.text.len());
    bounds.sort_unstable();
    bounds.dedup();
    let mut cutter = Cutter {
        index,
        message,
        out,
        header: None,
    };
    for w in bounds.windows(2) {
        if let [a, b] = *w {
            cutter.section(a..b);
        }
    }
}

struct Cutter<'a> {
    index: usize,
    message: &'a Message,
    out: &'a mut Vec<Unit>,
    header: Option<usize>,
}

impl Cutter<'_> {
    fn section(&mut self, range: Range<usize>) {
        self.header = None;
        let lines = lines(&self.message.text.text, &self.message.text.holes, range);
        let mut i = 0;
        while let Some(line) = lines.get(i) {
            i = match line.kind {
                LineKind::Blank => {
                    // A header survives a blank line only where a bullet follows.
                    if !matches!(lines.get(i + 1).map(|l| l.kind), Some(LineKind::Bullet)) {
                        self.header = None;
                    }
                    i + 1
                }
                LineKind::Fence => self.data(&lines, i, fence_end(&lines, i)),
                LineKind::Data => self.data(&lines, i, json_end(&lines, i)),
                LineKind::ExampleHead => {
                    let end = example_end(&lines, i);
                    self.heading(line);
                    if end > i + 1 {
                        self.data(&lines, i + 1, end);
                    }
                    end
                }
                LineKind::Heading => {
                    self.heading(line);
                    i + 1
                }
                LineKind::Bullet | LineKind::Label | LineKind::Plain => self.block(&lines, i),
            };
        }
    }

    /// Lines `from..to` as one piece of data.
    fn data(&mut self, lines: &[Line], from: usize, to: usize) -> usize {
        if let (Some(a), Some(b)) = (lines.get(from), lines.get(to.saturating_sub(1))) {
            self.push(UnitKind::Data, a.start..b.range.end, false);
        }
        to.max(from + 1)
    }

    fn heading(&mut self, line: &Line) {
        self.header = None;
        if self.push(UnitKind::Heading, line.start..line.range.end, false) {
            self.header = Some(self.out.len() - 1);
        }
    }

    /// A bullet or a paragraph with the lines that continue it, cut into sentences.
    fn block(&mut self, lines: &[Line], from: usize) -> usize {
        let Some(first) = lines.get(from) else {
            return from + 1;
        };
        let mut to = from + 1;
        while let (Some(prev), Some(line)) = (lines.get(to - 1), lines.get(to))
            && line.kind == LineKind::Plain
            && continues(prev, line)
        {
            to += 1;
        }
        let end = lines.get(to - 1).map_or(first.range.end, |l| l.range.end);
        let start = first.start;
        let text = self.message.text.text.get(start..end).unwrap_or_default();
        let holes = &self.message.text.holes;
        let opaque = |i: usize| in_hole(holes, start + i);
        let mut at = start;
        let cuts = sentences::starts(text, &opaque);
        for next in cuts.iter().map(|c| start + c).chain([end]) {
            let sentence = self.message.text.text.get(at..next).unwrap_or_default();
            let kind = if is_own_comment(sentence.trim()) {
                UnitKind::Data
            } else {
                UnitKind::Instruction
            };
            self.push(kind, at..next, first.kind == LineKind::Bullet);
            at = next;
        }
        // What ends in a colon governs the bullets under it.
        if lines
            .get(to - 1)
            .is_some_and(|l| l.masked.ends_with([':', '：']))
            && first.kind != LineKind::Bullet
        {
            self.header = self.out.len().checked_sub(1);
        }
        to
    }

    /// Adds a unit, trimmed; `false` where nothing is left.
    fn push(&mut self, kind: UnitKind, range: Range<usize>, bullet: bool) -> bool {
        let text = &self.message.text;
        let s = text.text.get(range.clone()).unwrap_or_default();
        let start = range.start + (s.len() - s.trim_start().len());
        let end = range.start + s.trim_end().len();
        if start >= end {
            return false;
        }
        let holes: Vec<usize> = text
            .holes
            .iter()
            .enumerate()
            .filter(|(_, h)| start <= h.at && h.at < end)
            .map(|(i, _)| i)
            .collect();
        let range = start..end;
        self.out.push(Unit {
            message: self.index,
            role: self.message.role,
            kind,
            text: MatchText::new(&text.text, &text.holes, range.clone()),
            range,
            holes,
            header: self.header,
            bullet,
        });
        true
    }
}

/// Whether `line` is the hard-wrapped rest of `prev`.
fn continues(prev: &Line, line: &Line) -> bool {
    let closed = prev
        .masked
        .ends_with(['.', '!', '?', ':', ';', '。', '！', '？', '：']);
    let lower = line
        .masked
        .chars()
        .next()
        .is_some_and(|c| c.is_lowercase() || c == '(');
    lower && !prev.masked.ends_with([':', '：']) || !closed && prev.masked.chars().count() > 60
}

/// One past the line that closes a fence; the line itself where none does.
fn fence_end(lines: &[Line], from: usize) -> usize {
    lines
        .iter()
        .enumerate()
        .skip(from + 1)
        .find(|(_, l)| l.kind == LineKind::Fence)
        .map_or(from + 1, |(i, _)| i + 1)
}

/// One past the line at which the brackets opened at `from` are closed.
fn json_end(lines: &[Line], from: usize) -> usize {
    let mut depth = 0i32;
    for (i, l) in lines.iter().enumerate().skip(from).take(MAX_JSON_LINES) {
        for c in l.masked.chars() {
            match c {
                '{' | '[' => depth += 1,
                '}' | ']' => depth -= 1,
                _ => {}
            }
        }
        if depth <= 0 {
            return i + 1;
        }
    }
    from + 1
}

/// One past the last line of an example: up to a blank line or a heading; JSON goes on to its end.
fn example_end(lines: &[Line], from: usize) -> usize {
    let mut i = from + 1;
    // An example may begin after one blank line.
    if lines.get(i).is_some_and(|l| l.kind == LineKind::Blank)
        && lines
            .get(i + 1)
            .is_some_and(|l| matches!(l.kind, LineKind::Data | LineKind::Fence))
    {
        i += 1;
    }
    while let Some(l) = lines.get(i) {
        i = match l.kind {
            LineKind::Blank | LineKind::Heading | LineKind::ExampleHead => break,
            LineKind::Fence => fence_end(lines, i),
            LineKind::Data => json_end(lines, i),
            _ => i + 1,
        };
    }
    i
}
