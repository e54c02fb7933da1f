//! String literals: prefixes, escapes, f-string braces, and where every decoded character stands.

use crate::hir::{Literal, Run};
use crate::source::Span;

/// What the prefix of a literal says about its contents.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Prefix {
    /// `r`: backslashes stand for themselves.
    pub(super) raw: bool,
    /// `f` or `t`: braces interpolate.
    pub(super) format: bool,
    /// `b`: no Unicode escapes.
    pub(super) bytes: bool,
}

impl Prefix {
    /// Reads the letters before the quote (`rf"""` gives raw and format).
    pub(super) fn of(start: &str) -> Self {
        let mut prefix = Self::default();
        for b in start.bytes() {
            match b {
                b'r' | b'R' => prefix.raw = true,
                b'f' | b'F' | b't' | b'T' => prefix.format = true,
                b'b' | b'B' => prefix.bytes = true,
                _ => {}
            }
        }
        prefix
    }
}

/// Decodes the source text `content` of a literal (or of the stretch between two interpolations),
/// which begins at source byte `start`.
pub(super) fn decode(content: &str, start: usize, prefix: Prefix) -> Literal {
    let mut out = Literal {
        text: String::with_capacity(content.len()),
        runs: Vec::new(),
        span: Span::new(start, start + content.len()),
    };
    let bytes = content.as_bytes();
    // `done` is how far the source has been copied; everything special ends a verbatim stretch.
    let (mut done, mut at) = (0, 0);
    while let Some(&b) = bytes.get(at) {
        let special = match b {
            b'\\' => !prefix.raw,
            b'{' | b'}' => prefix.format && bytes.get(at + 1) == Some(&b),
            // Python reads every line end as `\n`.
            b'\r' => bytes.get(at + 1) == Some(&b'\n'),
            _ => false,
        };
        if !special {
            at += 1;
            continue;
        }
        verbatim(&mut out, content, done, at, start);
        if b == b'\\' {
            let (decoded, length) = escape(content.get(at..).unwrap_or_default(), prefix.bytes);
            match decoded {
                Decoded::Nothing => {}
                Decoded::Char(c) => {
                    // Pushed by hand: an escape has a run of its own even where it would go on.
                    out.runs.push(Run {
                        at: narrow(out.text.len()),
                        source: narrow(start + at),
                    });
                    out.text.push(c);
                }
                Decoded::Verbatim => verbatim(&mut out, content, at, at + length, start),
            }
            at += length;
        } else if b == b'\r' {
            at += 1;
        } else {
            verbatim(&mut out, content, at, at + 1, start);
            at += 2;
        }
        done = at;
    }
    verbatim(&mut out, content, done, bytes.len(), start);
    if out.runs.is_empty() {
        out.runs.push(Run {
            at: 0,
            source: narrow(start),
        });
    }
    out
}

fn narrow(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

fn verbatim(out: &mut Literal, content: &str, from: usize, to: usize, start: usize) {
    match content.get(from..to) {
        Some(part) if !part.is_empty() => out.push(part, start + from),
        _ => {}
    }
}

enum Decoded {
    /// A line continuation.
    Nothing,
    Char(char),
    /// No escape after all: the backslash stands for itself.
    Verbatim,
}

/// Decodes the escape at the start of `rest`; the length is in bytes.
fn escape(rest: &str, bytes: bool) -> (Decoded, usize) {
    let simple = |c| (Decoded::Char(c), 2);
    match rest.as_bytes().get(1).copied() {
        Some(b'\n') => (Decoded::Nothing, 2),
        Some(b'\r') if rest.as_bytes().get(2) == Some(&b'\n') => (Decoded::Nothing, 3),
        Some(b'\r') => (Decoded::Nothing, 2),
        Some(b'\\') => simple('\\'),
        Some(b'\'') => simple('\''),
        Some(b'"') => simple('"'),
        Some(b'a') => simple('\x07'),
        Some(b'b') => simple('\x08'),
        Some(b'f') => simple('\x0c'),
        Some(b'n') => simple('\n'),
        Some(b'r') => simple('\r'),
        Some(b't') => simple('\t'),
        Some(b'v') => simple('\x0b'),
        Some(b'0'..=b'7') => {
            let digits = rest
                .bytes()
                .skip(1)
                .take(3)
                .take_while(|b| matches!(b, b'0'..=b'7'))
                .count();
            number(rest, 1, digits, 8)
        }
        Some(b'x') => number(rest, 2, 2, 16),
        Some(b'u') if !bytes => number(rest, 2, 4, 16),
        Some(b'U') if !bytes => number(rest, 2, 8, 16),
        Some(b'N') if !bytes => named(rest),
        _ => (Decoded::Verbatim, 1),
    }
}

fn number(rest: &str, from: usize, digits: usize, radix: u32) -> (Decoded, usize) {
    let text = rest.get(from..from + digits).unwrap_or_default();
    if text.is_empty() || !text.bytes().all(|b| char::from(b).is_digit(radix)) {
        return (Decoded::Verbatim, 1);
    }
    // A lone surrogate is no character.
    let c = u32::from_str_radix(text, radix)
        .ok()
        .and_then(char::from_u32)
        .unwrap_or(char::REPLACEMENT_CHARACTER);
    (Decoded::Char(c), from + digits)
}

fn named(rest: &str) -> (Decoded, usize) {
    let Some(name) = rest
        .strip_prefix("\\N{")
        .and_then(|r| r.split_once('}'))
        .map(|(name, _)| name)
        .filter(|name| name.len() < 100)
    else {
        return (Decoded::Verbatim, 1);
    };
    let c = unicode_names2::character(name).unwrap_or(char::REPLACEMENT_CHARACTER);
    (Decoded::Char(c), name.len() + 4)
}
