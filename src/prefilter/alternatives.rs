//! Many words as one expression that shares their beginnings: `o(?:llama|penai)`.
//!
//! A search automaton follows every alternative that may begin at a byte. With hundreds of words
//! side by side that is what building it costs; sharing the beginnings leaves some thirty.

use std::collections::{BTreeMap, BTreeSet};

/// Of a longer word its beginning counts.
const MAX_LENGTH: usize = 100;

/// Words, each with an expression that has to follow it.
#[derive(Debug, Default)]
pub(super) struct Alternatives {
    next: BTreeMap<char, Self>,
    /// What follows the words that end here.
    tails: BTreeSet<String>,
}

impl Alternatives {
    /// Adds a word, and the expression that has to follow it.
    pub(super) fn add(&mut self, word: &str, tail: &str) {
        let mut at = self;
        for c in word.chars().take(MAX_LENGTH) {
            at = at.next.entry(c).or_default();
        }
        let whole = word.chars().nth(MAX_LENGTH).is_none();
        at.tails
            .insert(if whole { tail } else { r"\S*" }.to_owned());
    }

    /// The expression, as one unit; `None` without words.
    pub(super) fn expression(&self) -> Option<String> {
        if self.next.is_empty() && self.tails.is_empty() {
            return None;
        }
        let mut out = String::new();
        self.write(&mut out);
        Some(format!("(?:{out})"))
    }

    fn write(&self, out: &mut String) {
        let mut buffer = [0; 4];
        let mut parts: Vec<String> = self
            .next
            .iter()
            .map(|(c, rest)| {
                let mut part = regex::escape(c.encode_utf8(&mut buffer));
                rest.write(&mut part);
                part
            })
            .collect();
        // Longer words first; where a word ends nothing may have to follow.
        parts.extend(self.tails.iter().rev().cloned());
        match parts.as_slice() {
            [one] => out.push_str(one),
            _ => {
                out.push_str("(?:");
                out.push_str(&parts.join("|"));
                out.push(')');
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Alternatives;

    #[test]
    fn beginnings_are_shared() {
        let mut a = Alternatives::default();
        assert_eq!(a.expression(), None);
        for (word, tail) in [("openai", ""), ("ollama", ""), ("open", r"\d"), ("o.", "")] {
            a.add(word, tail);
        }
        assert_eq!(
            a.expression().as_deref(),
            Some(r"(?:o(?:\.|llama|pen(?:ai|\d)))")
        );
    }
}
