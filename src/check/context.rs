//! What the rest of a prompt says about one of its parts: messages that are samples, points of a
//! rubric.

use std::sync::LazyLock;

use regex::Regex;

use crate::calls::{LlmCall, Role};
use crate::prompt::Unit;

/// Bands in a row that make a rubric or a table.
const MIN_BANDS: usize = 3;
/// Words that an outcome has on average in a table of labels; a rubric describes.
const LABEL_WORDS: usize = 2;
/// Sentences that a point of a rubric may go on for.
const MAX_GAP: usize = 4;

/// The user's messages that are samples: an answer is given with them, and another message of the
/// user follows. The first message counts as the order where no system message gives one.
pub(super) fn shown(call: &LlmCall) -> Vec<usize> {
    let roles: Vec<Role> = call.messages.iter().map(|m| m.role).collect();
    let last = roles.iter().rposition(|r| *r == Role::User);
    let ordered = roles.contains(&Role::System);
    let first = roles.iter().position(|r| *r == Role::User);
    let answered = |i: usize| {
        call.messages
            .get(i + 1)
            .is_some_and(|m| m.role == Role::Assistant && m.text.holes.is_empty())
    };
    (0..roles.len())
        .filter(|i| {
            roles.get(*i) == Some(&Role::User)
                && Some(*i) < last
                && (ordered || Some(*i) != first)
                && answered(*i)
        })
        .collect()
}

/// The units that are points of a rubric: bands in a row (`- 5–6: some evidence, few results`) whose
/// outcomes describe what the model is to judge by. Outcomes that are labels make a table, which is
/// work for code; where a score is asked for, two words may describe.
pub(super) fn rubric(units: &[Unit]) -> Vec<usize> {
    let mut out = Vec::new();
    let mut run: Vec<(usize, usize)> = Vec::new();
    for (i, unit) in units.iter().enumerate() {
        if let Some(words) = outcome_words(&unit.text.text) {
            run.push((i, words));
        } else if unit.bullet || run.last().is_none_or(|(last, _)| i > last + MAX_GAP) {
            // A point may go on for some sentences; another point or a paragraph ends the row.
            out.extend(described(units, &run));
            run.clear();
        }
    }
    out.extend(described(units, &run));
    out
}

/// The units of a row of bands, if it describes and does not label.
fn described(units: &[Unit], run: &[(usize, usize)]) -> impl Iterator<Item = usize> {
    let words: usize = run.iter().map(|(_, w)| w).sum();
    let scored = run.first().is_some_and(|(first, _)| {
        (first.saturating_sub(1)..=*first)
            .filter_map(|i| units.get(i))
            .any(|u| speaks_of_score(&u.text.text))
    });
    let most = if scored { 1 } else { LABEL_WORDS };
    let rubric = run.len() >= MIN_BANDS && words > run.len() * most;
    run.iter().filter(move |_| rubric).map(|(i, _)| *i)
}

/// Whether a text names what a model gives points for.
fn speaks_of_score(text: &str) -> bool {
    static SCORE: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r"(?i)\b(?:how (?:well|good|clear|much|strong|relevant|confident|likely)|scor(?:e|es|ing)|rat(?:e|ing|ings)|scale|confidence|quality|criteri(?:a|on)|rubric|importance|relevance|severity|difficulty|schwierigkeit|dificultad|dificuldade|difficulté|moeilijkheid|difficoltà)\b").ok()
    });
    SCORE.as_ref().is_some_and(|r| r.is_match(text))
}

/// How many words follow a band at the head of a unit (`80-100:`, `below 50:`, `Level 1-3:`);
/// `None` where there is no band.
fn outcome_words(text: &str) -> Option<usize> {
    static BAND: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r"(?i)^[\W_]*(?:\p{L}+ ){0,2}(?:\d+(?:\.\d+)? ?(?:-|–|—|to) ?\d+(?:\.\d+)?|(?:below|under|above|over|less than|more than|[<>]=?|[≥≤]) ?\d+(?:\.\d+)?|\d+ ?\+)(?: ?(?:points?|pts|%))?[\W_]*[:=–—-]\s*(?P<outcome>.*)$").ok()
    });
    let outcome = BAND.as_ref()?.captures(text)?.name("outcome")?;
    Some(outcome.as_str().split_whitespace().count())
}

#[cfg(test)]
mod tests {
    use super::outcome_words;

    #[test]
    fn bands_are_told_from_other_numbers() {
        assert_eq!(outcome_words("- 5–6: Some evidence, few results."), Some(4));
        assert_eq!(outcome_words("**80-100**: HIGH"), Some(1));
        assert_eq!(outcome_words("3-5 sentences: no more"), None);
        assert_eq!(outcome_words("12: all of it"), None);
        assert_eq!(outcome_words("- Below 50: minor news"), Some(2));
        assert_eq!(outcome_words("- Level 1-3: simple words"), Some(2));
    }
}
