//! The screen: which patterns of all rules can match a text at all.
//!
//! One automaton searches a text for the words that patterns require ([`super::atoms`]). Of some
//! thousands of patterns a sentence leaves a few dozen, so that the others need be neither run nor,
//! where no prompt of a run has their words, compiled.

use aho_corasick::AhoCorasick;
use rustc_hash::FxHashMap;

use super::atoms::Required;

/// Finds the patterns whose required words a text has.
#[derive(Debug, Default)]
pub(super) struct Screen {
    /// `None` where no pattern requires a word.
    automaton: Option<AhoCorasick>,
    /// For each word of the automaton the patterns that it lets through.
    patterns: Vec<Vec<u32>>,
    /// Patterns that require nothing.
    always: Passed,
}

/// Numbers of the patterns that a text lets through: a bit for each.
#[derive(Debug, Default, Clone)]
pub(super) struct Passed(Vec<u64>);

impl Passed {
    fn none(patterns: usize) -> Self {
        Self(vec![0; patterns.div_ceil(64)])
    }

    fn set(&mut self, number: usize) {
        if let Some(bits) = self.0.get_mut(number / 64) {
            *bits |= 1 << (number % 64);
        }
    }

    /// All that there are: what nothing has screened.
    #[cfg(test)]
    pub(super) fn all(patterns: usize) -> Self {
        Self(vec![u64::MAX; patterns.div_ceil(64)])
    }

    /// Whether a pattern may match.
    pub(super) fn has(&self, number: usize) -> bool {
        self.0
            .get(number / 64)
            .is_some_and(|bits| bits & (1 << (number % 64)) != 0)
    }
}

impl Screen {
    /// A screen for patterns that are numbered in this order.
    pub(super) fn new(required: Vec<Required>) -> Self {
        let mut always = Passed::none(required.len());
        let mut patterns: Vec<Vec<u32>> = Vec::new();
        let mut words: Vec<String> = Vec::new();
        let mut known: FxHashMap<String, usize> = FxHashMap::default();
        for (number, words_of) in required.into_iter().enumerate() {
            let (Some(words_of), Ok(n)) = (words_of, u32::try_from(number)) else {
                always.set(number);
                continue;
            };
            for word in words_of {
                let at = *known.entry(word).or_insert_with_key(|word| {
                    words.push(word.clone());
                    patterns.push(Vec::new());
                    words.len() - 1
                });
                if let Some(p) = patterns.get_mut(at) {
                    p.push(n);
                }
            }
        }
        let automaton = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .build(&words)
            .ok()
            .filter(|_| !words.is_empty());
        if automaton.is_none() {
            // Too many words for an automaton: every pattern is run.
            patterns
                .iter()
                .flatten()
                .for_each(|n| always.set(*n as usize));
        }
        Self {
            automaton,
            patterns,
            always,
        }
    }

    /// The patterns that a text lets through.
    pub(super) fn pass(&self, text: &[u8]) -> Passed {
        let mut out = self.always.clone();
        let Some(automaton) = &self.automaton else {
            return out;
        };
        let mut seen = Passed::none(self.patterns.len());
        for found in automaton.find_overlapping_iter(text) {
            let word = found.pattern().as_usize();
            if !seen.has(word) {
                seen.set(word);
                let patterns = self.patterns.get(word).into_iter().flatten();
                patterns.for_each(|n| out.set(*n as usize));
            }
        }
        out
    }
}
