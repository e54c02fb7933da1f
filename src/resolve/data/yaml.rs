//! YAML files of prompts as values: nested maps, lists, scalars in every style, each line of text
//! mapped to its source. Aliases and directives are not read.

use std::rc::Rc;

use super::{MAX_DEPTH, Scalar, flow, list};
use crate::resolve::value::{Map, MapField, Value};
use crate::source::FileId;

/// A line that holds more than blanks.
#[derive(Clone, Copy)]
struct Line<'t> {
    /// Number of the line in the text.
    number: usize,
    indent: usize,
    /// Offset of the first byte after the indent.
    at: usize,
    text: &'t str,
}

/// Reads a text that begins at `source` in `file`; `None` where it is no map.
pub(super) fn parse(file: FileId, text: &str, source: u32) -> Option<Value> {
    let mut lines = Vec::new();
    let mut at = 0;
    let whole = text;
    for (number, raw) in text.split_inclusive('\n').enumerate() {
        let body = raw.trim_end();
        let text = body.trim_start_matches(' ');
        if !text.is_empty() && text != "---" {
            let indent = body.len() - text.len();
            lines.push(Line {
                number,
                indent,
                at: at + indent,
                text,
            });
        }
        at += raw.len();
    }
    let mut reader = Reader {
        file,
        text: whole,
        source,
        lines,
        next: 0,
    };
    let indent = reader.peek()?.indent;
    match reader.block(indent, 0)? {
        v @ Value::Map(_) => Some(v),
        _ => None,
    }
}

struct Reader<'t> {
    file: FileId,
    text: &'t str,
    source: u32,
    lines: Vec<Line<'t>>,
    next: usize,
}

impl<'t> Reader<'t> {
    /// The next line that is no comment.
    fn peek(&mut self) -> Option<Line<'t>> {
        while self
            .lines
            .get(self.next)
            .is_some_and(|l| l.text.starts_with('#'))
        {
            self.next += 1;
        }
        self.lines.get(self.next).copied()
    }

    /// A map or a list whose lines stand at `indent`.
    fn block(&mut self, indent: usize, depth: u32) -> Option<Value> {
        if depth > MAX_DEPTH {
            return None;
        }
        let mut map = Map::default();
        let mut items = Vec::new();
        while let Some(line) = self.peek() {
            if line.indent != indent {
                if line.indent < indent {
                    break;
                }
                // Deeper than anything that was announced: left out.
                self.next += 1;
                continue;
            }
            self.next += 1;
            if let Some(rest) = line.text.strip_prefix("- ") {
                let rest = rest.trim_start();
                let skipped = line.text.len() - rest.len();
                if !rest.starts_with(['"', '\'', '{', '[']) && key_of(rest).is_some() {
                    // A map that begins on the line of its dash.
                    self.next -= 1;
                    self.lines[self.next] = Line {
                        indent: indent + skipped,
                        at: line.at + skipped,
                        text: rest,
                        ..line
                    };
                    items.push(self.block(indent + skipped, depth + 1)?);
                } else {
                    items.push(self.scalar(rest, line.at + skipped, line)?);
                }
                continue;
            }
            let Some((key, rest)) = key_of(line.text) else {
                continue;
            };
            let at = line.at + line.text.len() - rest.len();
            let value = if rest.is_empty() {
                match self.peek() {
                    Some(l)
                        if l.indent > indent
                            || (l.indent == indent && l.text.starts_with("- ")) =>
                    {
                        self.block(l.indent, depth + 1)?
                    }
                    _ => Value::Null,
                }
            } else {
                self.scalar(rest, at, line)?
            };
            map.fields.push(MapField {
                key: key.into(),
                value,
                at: None,
            });
        }
        if items.is_empty() {
            Some(Value::Map(Rc::new(map)))
        } else {
            Some(list(items))
        }
    }

    /// A scalar that begins with `text` at `at` on `line` and may go on below.
    fn scalar(&mut self, text: &'t str, at: usize, line: Line<'t>) -> Option<Value> {
        let (text, at) = without_tag(text, at);
        let mut out = Scalar::default();
        let style = text.chars().next()?;
        if matches!(style, '{' | '[')
            && let Some((value, end)) = flow::parse_at(self.file, self.text, at, self.source)
        {
            while self.lines.get(self.next).is_some_and(|l| l.at < end) {
                self.next += 1;
            }
            return Some(value);
        }
        if matches!(style, '|' | '>') && without_comment(text).len() <= 3 {
            let mut dedent = None;
            let mut last = line.number;
            while let Some(l) = self.lines.get(self.next).copied() {
                if l.indent <= line.indent {
                    break;
                }
                self.next += 1;
                let dedent = *dedent.get_or_insert(l.indent);
                let extra = l.indent.saturating_sub(dedent);
                let blank = l.number - last - 1;
                let folds = style == '>' && extra == 0 && blank == 0;
                out.separate(if last == line.number {
                    ""
                } else if folds {
                    " "
                } else if blank > 0 {
                    "\n\n"
                } else {
                    "\n"
                });
                let indented = l.at - extra;
                out.push(indented, &" ".repeat(extra));
                out.push(l.at, l.text);
                last = l.number;
            }
            return Some(self.value(out));
        }
        let quote = Some(style).filter(|c| matches!(c, '"' | '\''));
        let (mut piece, mut at) = (text, at);
        if quote.is_some() {
            piece = &text[1..];
            at += 1;
        }
        loop {
            if let Some(q) = quote
                && let Some(end) = closing(piece, q)
            {
                quoted(&mut out, at, &piece[..end], q);
                break;
            }
            match quote {
                Some(q) => quoted(&mut out, at, piece, q),
                None => out.push(at, without_comment(piece)),
            }
            let Some(l) = self.lines.get(self.next).copied() else {
                break;
            };
            if l.indent <= line.indent && quote.is_none() {
                break;
            }
            self.next += 1;
            out.separate(" ");
            (piece, at) = (l.text, l.at);
        }
        Some(self.value(out))
    }

    fn value(&self, s: Scalar) -> Value {
        s.value(self.file, self.source)
    }
}

/// A piece of a quoted text.
fn quoted(out: &mut Scalar, at: usize, piece: &str, quote: char) {
    if quote == '"' {
        out.push_escaped(at, piece);
    } else {
        out.push(at, piece);
    }
}

/// A value without the tag and the anchor before it.
fn without_tag(text: &str, at: usize) -> (&str, usize) {
    match text.split_once(' ') {
        Some((mark, rest)) if mark.starts_with(['!', '&']) && !rest.trim_start().is_empty() => {
            let rest = rest.trim_start();
            (rest, at + text.len() - rest.len())
        }
        _ => (text, at),
    }
}

/// `key: rest`, `"key": rest`, `key:`.
fn key_of(line: &str) -> Option<(&str, &str)> {
    let colon = line
        .match_indices(':')
        .map(|(i, _)| i)
        .find(|i| line[i + 1..].is_empty() || line[i + 1..].starts_with(' '))?;
    let key = line[..colon].trim().trim_matches(['"', '\'']);
    let rest = line[colon + 1..].trim_start();
    let rest = if rest.starts_with('#') { "" } else { rest };
    (!key.is_empty()).then_some((key, rest))
}

/// Where a quoted piece ends.
fn closing(piece: &str, quote: char) -> Option<usize> {
    let mut escaped = false;
    for (i, c) in piece.char_indices() {
        if escaped {
            escaped = false;
        } else if c == '\\' && quote == '"' {
            escaped = true;
        } else if c == quote {
            return Some(i);
        }
    }
    None
}

fn without_comment(text: &str) -> &str {
    text.find(" #").map_or(text, |i| text[..i].trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resolve::prompt::flatten;

    fn text_at(v: &Value, path: &[&str]) -> Option<String> {
        match (v, path.split_first()) {
            (Value::Text(t), None) => Some(flatten(t).text),
            (Value::Map(m), Some((k, rest))) => {
                text_at(&m.fields.iter().find(|f| f.key == *k)?.value, rest)
            }
            (Value::List(l), Some((k, rest))) => {
                text_at(l.items.get(k.parse::<usize>().ok()?)?, rest)
            }
            _ => None,
        }
    }

    const FILE: &str = "# tasks\nreview:\n  description: >\n    Read the file\n    {name}.\n\n    Then stop.\n  output: |\n    a\n      b\n  agent: editor # who\n  note: \"One: two\n    three\"\n  steps:\n    - first\n    - 'second'\nother:\n  description: plain\n    goes on\n";

    #[test]
    fn scalars_of_every_style() {
        let v = parse(FileId(0), FILE, 0).unwrap_or(Value::Null);
        let at = |p: &[&str]| text_at(&v, p);
        assert_eq!(
            at(&["review", "description"]).as_deref(),
            Some("Read the file {name}.\n\nThen stop.")
        );
        assert_eq!(at(&["review", "output"]).as_deref(), Some("a\n  b"));
        assert_eq!(at(&["review", "agent"]).as_deref(), Some("editor"));
        assert_eq!(at(&["review", "note"]).as_deref(), Some("One: two three"));
        assert_eq!(at(&["review", "steps", "1"]).as_deref(), Some("second"));
        assert_eq!(
            at(&["other", "description"]).as_deref(),
            Some("plain goes on")
        );
    }

    #[test]
    fn text_keeps_its_place() {
        let v = parse(FileId(0), FILE, 0).unwrap_or(Value::Null);
        let Value::Map(m) = &v else {
            return assert!(matches!(v, Value::Map(_)));
        };
        let Value::Map(review) = &m.fields[0].value else {
            return;
        };
        let Value::Text(t) = &review.fields[0].value else {
            return;
        };
        let flat = flatten(t);
        let word = flat.text.find("Then").unwrap_or(0);
        let place = flat.locate(word..word + 4);
        assert_eq!(
            place
                .first()
                .map(|l| &FILE[l.span.start as usize..l.span.end as usize]),
            Some("Then")
        );
    }

    #[test]
    fn what_is_no_map_is_nothing() {
        for text in [
            "",
            "---",
            "- a\n- b",
            "just text",
            "key: |",
            ": :",
            "\"",
            "a:\n  b:\n c: '",
        ] {
            let _ = parse(FileId(0), text, 0);
        }
        assert!(parse(FileId(0), "- a", 0).is_none());
    }
}
