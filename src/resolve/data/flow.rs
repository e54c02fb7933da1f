//! Collections in braces and brackets: JSON with comments and trailing commas, and the flow style of
//! YAML, which adds bare words and single quotes.

use std::rc::Rc;

use super::{MAX_DEPTH, Scalar, bare, list};
use crate::resolve::value::{Map, MapField, Value};
use crate::source::FileId;

/// Reads a JSON text that begins at `source` in `file`; `None` where it is no collection.
pub(super) fn parse(file: FileId, text: &str, source: u32) -> Option<Value> {
    let mut reader = Reader {
        file,
        text,
        source,
        at: 0,
    };
    reader.blank();
    matches!(reader.peek(), Some('{' | '[')).then(|| reader.value(0))?
}

/// Reads the collection that begins at `at` of a text, and says where it ends.
pub(super) fn parse_at(file: FileId, text: &str, at: usize, source: u32) -> Option<(Value, usize)> {
    let mut reader = Reader {
        file,
        text,
        source,
        at,
    };
    let value = reader.value(0)?;
    Some((value, reader.at))
}

struct Reader<'t> {
    file: FileId,
    text: &'t str,
    source: u32,
    at: usize,
}

impl<'t> Reader<'t> {
    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    /// Skips blanks and comments.
    fn blank(&mut self) {
        loop {
            let rest = self.rest();
            let trimmed = rest.trim_start_matches(['\u{feff}', ' ', '\t', '\r', '\n']);
            self.at += rest.len() - trimmed.len();
            let end = if trimmed.starts_with("//") || trimmed.starts_with('#') {
                trimmed.find('\n')
            } else if trimmed.starts_with("/*") {
                trimmed.find("*/").map(|i| i + 2)
            } else {
                return;
            };
            self.at += end.unwrap_or(trimmed.len());
        }
    }

    fn take(&mut self, wanted: char) -> bool {
        let found = self.peek() == Some(wanted);
        if found {
            self.at += wanted.len_utf8();
        }
        found
    }

    fn value(&mut self, depth: u32) -> Option<Value> {
        if depth > MAX_DEPTH {
            return None;
        }
        self.blank();
        match self.peek()? {
            '{' => self.map(depth),
            '[' => self.list(depth),
            quote @ ('"' | '\'') => Some(self.quoted(quote)?.value(self.file, self.source)),
            _ => {
                let (at, word) = self.word(false)?;
                bare(word).or_else(|| {
                    let mut scalar = Scalar::default();
                    scalar.push(at, word);
                    Some(scalar.value(self.file, self.source))
                })
            }
        }
    }

    fn map(&mut self, depth: u32) -> Option<Value> {
        self.at += 1;
        let mut map = Map::default();
        loop {
            self.blank();
            if self.take('}') {
                return Some(Value::Map(Rc::new(map)));
            }
            let key = match self.peek()? {
                quote @ ('"' | '\'') => self.quoted(quote)?.text,
                _ => self.word(true)?.1.to_owned(),
            };
            self.blank();
            if !self.take(':') {
                return None;
            }
            let value = self.value(depth + 1)?;
            map.fields.push(MapField {
                key: key.as_str().into(),
                value,
                at: None,
            });
            self.blank();
            self.take(',');
        }
    }

    fn list(&mut self, depth: u32) -> Option<Value> {
        self.at += 1;
        let mut items = Vec::new();
        loop {
            self.blank();
            if self.take(']') {
                return Some(list(items));
            }
            items.push(self.value(depth + 1)?);
            self.blank();
            self.take(',');
        }
    }

    fn quoted(&mut self, quote: char) -> Option<Scalar> {
        self.at += 1;
        let rest = self.rest();
        let mut escaped = false;
        let end = rest.find(|c: char| {
            let ends = c == quote && !escaped;
            escaped = c == '\\' && !escaped;
            ends
        })?;
        let mut out = Scalar::default();
        out.push_escaped(self.at, &rest[..end]);
        self.at += end + 1;
        Some(out)
    }

    /// A bare word and where it begins; `None` if there is none.
    fn word(&mut self, key: bool) -> Option<(usize, &'t str)> {
        let rest = self.rest();
        let end = rest
            .find(|c: char| matches!(c, ',' | '}' | ']' | '\n') || (key && c == ':'))
            .unwrap_or(rest.len());
        let word = rest[..end].trim();
        let at = self.at;
        self.at += end;
        (!word.is_empty()).then_some((at, word))
    }
}
