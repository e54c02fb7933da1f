//! The text that patterns see: white space collapsed, Markdown's emphasis gone, each hole as
//! `▢words of its expression▢`, every byte mapped back to the message.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use crate::calls::Hole;

/// The mark on both sides of a hole's words.
pub(super) const HOLE_MARK: char = '▢';

/// A unit's text as patterns see it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct MatchText {
    /// The text.
    pub text: String,
    /// For each byte of `text` the offset in the message it stands for.
    offsets: Vec<u32>,
    /// One past the last byte in the message.
    end: usize,
}

impl MatchText {
    /// The matching text of `range` of a message.
    #[must_use]
    pub fn new(message: &str, holes: &[Hole], range: Range<usize>) -> Self {
        let mut out = Self {
            text: String::with_capacity(range.len()),
            offsets: Vec::with_capacity(range.len()),
            end: range.end,
        };
        let mut at = range.start;
        let mut next = holes.partition_point(|h| h.at < at);
        while at < range.end {
            if let Some(h) = holes.get(next)
                && h.at == at
            {
                out.push(HOLE_MARK, at);
                for c in words_of(&h.expression).join(" ").chars() {
                    out.push(c, at);
                }
                out.push(HOLE_MARK, at);
                at += h.len.max(1);
                next += 1;
                continue;
            }
            let Some(c) = message.get(at..).and_then(|s| s.chars().next()) else {
                break;
            };
            if c == '*' {
                let stars = emphasis(
                    message.get(range.start..range.end).unwrap_or_default(),
                    at - range.start,
                );
                if stars > 0 {
                    at += stars;
                    continue;
                }
            }
            match c {
                c if c.is_whitespace() => {
                    if !out.text.ends_with(' ') && !out.text.is_empty() {
                        out.push(' ', at);
                    }
                }
                '’' | '‘' => out.push('\'', at),
                '“' | '”' => out.push('"', at),
                c => out.push(c, at),
            }
            at += c.len_utf8();
        }
        out
    }

    fn push(&mut self, c: char, at: usize) {
        self.text.push(c);
        let at = u32::try_from(at).unwrap_or(u32::MAX);
        self.offsets.extend(std::iter::repeat_n(at, c.len_utf8()));
    }

    /// The bytes of the message that a range of the matching text stands for.
    #[must_use]
    pub fn source(&self, range: Range<usize>) -> Range<usize> {
        let start = self
            .offsets
            .get(range.start)
            .map_or(self.end, |&o| o as usize);
        let end = self
            .offsets
            .get(range.end)
            .map_or(self.end, |&o| o as usize);
        start..end.max(start)
    }

    /// The text with negated clauses, URLs, `code` and long quotations cut: what judgement is
    /// looked for in.
    #[must_use]
    pub fn affirmative(&self) -> Affirmative {
        static CUT: LazyLock<Option<Regex>> = LazyLock::new(|| {
            Regex::new(concat!(
                r"(?i)https?://\S+|`[^`]{0,200}`",
                r#"|"[^"]{12,300}"|'[^' ][^']{14,200}'"#,
                r"|\b(?:do not|don't|dont|does not|doesn't|never|no need to|without|avoid|cannot|must not|should not|shouldn't|not to|instead of|rather than|no|not)\b[^.;,:!?。]{0,120}",
                r"|(?:不要|请勿|不得|勿)[^。，；,.;]{0,60}",
            ))
            .ok()
        });
        let mut out = Affirmative::default();
        let mut from = 0;
        for cut in CUT.iter().flat_map(|r| r.find_iter(&self.text)) {
            out.text
                .push_str(self.text.get(from..cut.start()).unwrap_or_default());
            out.text.push(' ');
            from = cut.end();
            out.resumes.push((out.text.len(), from));
        }
        out.text.push_str(self.text.get(from..).unwrap_or_default());
        out
    }
}

/// A text of which parts were cut out.
#[derive(Debug, Default)]
pub struct Affirmative {
    /// What is left, a blank for each part.
    pub text: String,
    /// Behind each part: the byte in what is left, and in the whole text.
    resumes: Vec<(usize, usize)>,
}

impl Affirmative {
    /// The byte of the whole text that a byte of what is left comes from.
    #[must_use]
    pub fn original(&self, at: usize) -> usize {
        let behind = self.resumes.iter().rev().find(|(left, _)| *left <= at);
        behind.map_or(at, |(left, whole)| whole + (at - left))
    }
}

/// The length of a run of stars at `at` that begins or ends emphasis (`**only** a number`); zero
/// where it is something else: a bullet, a product, a power, a wildcard.
fn emphasis(text: &str, at: usize) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    let run = rest.bytes().take_while(|b| *b == b'*').count();
    let before = text.get(..at).and_then(|s| s.chars().next_back());
    let after = rest.get(run..).and_then(|s| s.chars().next());
    let wordy = |c: Option<char>| {
        c.is_some_and(|c| c.is_alphanumeric() || matches!(c, '"' | '\'' | '`' | '<' | '>'))
    };
    let closes = before.is_some_and(|c| matches!(c, '.' | ':' | '!' | '?' | ')' | ',' | '%'));
    let apart = |c: Option<char>| c.is_none_or(|c| c.is_whitespace() || c.is_ascii_punctuation());
    let begins = wordy(after) && apart(before) && !wordy(before);
    let ends = (wordy(before) || closes) && apart(after) && !wordy(after);
    if matches!(run, 2 | 3) && (begins || ends) {
        run
    } else {
        0
    }
}

/// The words of an identifier or expression, in lower case: `self.userName` gives `user name`.
#[must_use]
pub fn words_of(expression: &str) -> Vec<String> {
    const MAX: usize = 8;
    let mut words: Vec<String> = Vec::new();
    let mut word = String::new();
    let mut previous_lower = false;
    for c in expression.chars() {
        if c.is_alphanumeric() {
            if c.is_uppercase() && previous_lower {
                words.push(std::mem::take(&mut word));
            }
            previous_lower = c.is_lowercase() || c.is_numeric();
            word.extend(c.to_lowercase());
        } else {
            previous_lower = false;
            if !word.is_empty() {
                words.push(std::mem::take(&mut word));
            }
        }
        if words.len() >= MAX {
            break;
        }
    }
    if !word.is_empty() && words.len() < MAX {
        words.push(word);
    }
    words.retain(|w| {
        !matches!(
            w.as_str(),
            "self" | "this" | "await" | "str" | "string" | "to" | "f"
        )
    });
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(message: &str) -> String {
        MatchText::new(message, &[], 0..message.len()).text
    }

    #[test]
    fn emphasis_is_gone_and_the_rest_keeps_its_place() {
        assert_eq!(text("Return **only a number**."), "Return only a number.");
        assert_eq!(text("**Length:** ***two*** lines"), "Length: two lines");
        let m = MatchText::new("say **yes** now", &[], 0..15);
        assert_eq!(m.source(4..6), 6..8);
    }

    #[test]
    fn other_stars_stay() {
        for kept in ["2**3", "2 ** 3", "* item", "src/**/*.rs", "a * b", "****"] {
            assert_eq!(text(kept), kept);
        }
    }
}
