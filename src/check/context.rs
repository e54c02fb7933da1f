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
/// work for code.
pub(super) fn rubric(units: &[Unit]) -> Vec<usize> {
    let outcomes: Vec<Option<usize>> = units.iter().map(|u| outcome_words(&u.text.text)).collect();
    let mut out = Vec::new();
    let mut start = 0;
    while start < units.len() {
        let run = outcomes
            .iter()
            .skip(start)
            .take_while(|w| w.is_some())
            .count();
        let words: usize = outcomes.iter().skip(start).take(run).flatten().sum();
        if run >= MIN_BANDS && words > run * LABEL_WORDS {
            out.extend(start..start + run);
        }
        start += run + 1;
    }
    out
}

/// How many words follow a band at the head of a unit; `None` where there is no band.
fn outcome_words(text: &str) -> Option<usize> {
    static BAND: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r"^[\W_]*\d+(?:\.\d+)? ?(?:-|–|—|to) ?\d+(?:\.\d+)?(?: ?(?:points?|pts|%))?[\W_]*[:=–—-]\s*(?P<outcome>.*)$").ok()
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
    }
}
