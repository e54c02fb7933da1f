//! Comments and keys of YAML, TOML and JSON, line by line: where they stand, not what they mean.

use super::Data;
use crate::source::Span;

/// What was found.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) comments: Vec<Span>,
    /// The keys that have values of several lines, with these values.
    pub(super) values: Vec<Span>,
}

/// Reads a text.
pub(super) fn read(data: Data, text: &str) -> Found {
    match data {
        Data::Yaml => yaml(text),
        Data::Toml => toml(text),
        Data::Json => json(text),
    }
}

/// The lines of a text, each with its offset, without line breaks.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut at = 0;
    text.split_inclusive('\n').map(move |raw| {
        let start = at;
        at += raw.len();
        (start, raw.trim_end())
    })
}

/// Where a comment begins in a line: a sign at its start or behind a blank, outside of quotes.
fn comment(line: &str, sign: &str) -> Option<usize> {
    let mut quote: Option<char> = None;
    let mut before = ' ';
    let mut escaped = false;
    for (at, c) in line.char_indices() {
        match quote {
            Some(_) if escaped => escaped = false,
            Some('"') if c == '\\' => escaped = true,
            Some(q) if c == q => quote = None,
            Some(_) => {}
            None if before.is_whitespace() && line[at..].starts_with(sign) => return Some(at),
            // An apostrophe inside a word begins nothing.
            None if matches!(c, '"' | '\'') && !before.is_alphanumeric() => quote = Some(c),
            None => {}
        }
        before = c;
    }
    None
}

/// A key that waits for the end of its value.
struct Open {
    /// Column of the key, or of the dash of an item without one.
    indent: usize,
    start: usize,
    /// Whether what stands deeper is text, whatever it looks like.
    text: bool,
}

fn yaml(text: &str) -> Found {
    let mut out = Found::default();
    let mut open: Vec<Open> = Vec::new();
    let mut end = 0;
    for (start, line) in lines(text) {
        let body = line.trim_start_matches(' ');
        let indent = line.len() - body.len();
        let inside_text = open.last().is_some_and(|o| o.text && indent > o.indent);
        if body.is_empty() {
            continue;
        }
        if !inside_text && body.starts_with('#') {
            out.comments
                .push(Span::new(start + indent, start + line.len()));
            continue;
        }
        if inside_text {
            end = start + line.len();
            continue;
        }
        while let Some(o) = open.pop_if(|o| o.indent >= indent) {
            close(&mut out, o.start, end, text);
        }
        let code = match comment(line, "#") {
            Some(at) => {
                out.comments.push(Span::new(start + at, start + line.len()));
                line[..at].trim_end()
            }
            None => line,
        };
        end = start + line.len();
        open_keys(&mut open, start, code, indent);
    }
    while let Some(o) = open.pop() {
        close(&mut out, o.start, end, text);
    }
    out
}

/// Opens the items and the key that a line begins.
fn open_keys(open: &mut Vec<Open>, start: usize, code: &str, mut indent: usize) {
    loop {
        let rest = &code[indent.min(code.len())..];
        let item = rest.strip_prefix("- ").or_else(|| rest.strip_prefix('-'));
        let Some(inside) =
            item.filter(|i| rest.len() == 1 || rest.as_bytes()[1] == b' ' || i.is_empty())
        else {
            break;
        };
        open.push(Open {
            indent,
            start: start + indent,
            text: is_text(inside) && key_end(inside.trim_start()).is_none(),
        });
        let inner = inside.trim_start();
        if inner.is_empty() || key_end(inner).is_none() && !inner.starts_with("- ") {
            return;
        }
        indent += rest.len() - inner.len();
    }
    if let Some(colon) = key_end(&code[indent.min(code.len())..]) {
        open.push(Open {
            indent,
            start: start + indent,
            text: is_text(&code[indent + colon + 1..]),
        });
    }
}

/// Where the colon behind a key stands.
fn key_end(line: &str) -> Option<usize> {
    line.match_indices(':')
        .map(|(i, _)| i)
        .find(|i| line[i + 1..].is_empty() || line[i + 1..].starts_with(' '))
}

/// Whether what stands behind a key is a scalar or its sign, so that deeper lines go on with it.
fn is_text(value: &str) -> bool {
    let value = value.trim();
    // A tag or an anchor alone may stand before a map.
    !value.is_empty() && (!value.starts_with(['!', '&']) || value.contains(' '))
}

fn toml(text: &str) -> Found {
    let mut out = Found::default();
    // Where the key began, and what closes its value.
    let mut inside: Option<(usize, &str)> = None;
    for (start, line) in lines(text) {
        let mut from = 0;
        if let Some((key, quotes)) = inside {
            let Some(at) = line.find(quotes) else {
                continue;
            };
            from = at + quotes.len();
            close(&mut out, key, start + from, text);
            inside = None;
        }
        let rest = &line[from..];
        let opened = ["\"\"\"", "'''"]
            .into_iter()
            .filter_map(|q| Some((rest.find(q)?, q)))
            .min();
        let note = comment(rest, "#");
        if let Some((at, quotes)) = opened
            && note.is_none_or(|n| at < n)
        {
            let behind = &rest[at + quotes.len()..];
            match behind.find(quotes) {
                None => {
                    let key = start + (line.len() - line.trim_start().len());
                    inside = Some((key, quotes));
                }
                Some(end) => {
                    let after = from + at + quotes.len() + end + quotes.len();
                    let note = comment(&line[after..], "#");
                    out.comments
                        .extend(note.map(|n| Span::new(start + after + n, start + line.len())));
                }
            }
            continue;
        }
        out.comments
            .extend(note.map(|n| Span::new(start + from + n, start + line.len())));
    }
    out
}

fn json(text: &str) -> Found {
    let comments = lines(text).filter_map(|(start, line)| {
        let at = comment(line, "//")?;
        Some(Span::new(start + at, start + line.len()))
    });
    Found {
        comments: comments.collect(),
        values: Vec::new(),
    }
}

/// Takes a value of several lines.
fn close(out: &mut Found, start: usize, end: usize, text: &str) {
    let several = text.get(start..end).is_some_and(|t| t.contains('\n'));
    if several {
        out.values.push(Span::new(start, end));
    }
}
