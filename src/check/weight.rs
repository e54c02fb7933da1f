//! How much of a unit asks for judgement, and how much of it no rule claims.

use super::clauses::{has_purpose, is_main_order, is_role_line, opens_with_verb};
use super::coverage::{Coverage, UnitClaims, rule};
use crate::prompt::{Affirmative, Unit};
use crate::rules::{RuleSet, Strength};

/// Weight of an unclaimed order that says what the whole call is for.
const MAIN_ORDER: f64 = 2.0;
/// Weight of a thing on a list.
const LISTED: f64 = 0.2;
/// Words that name a thing on a list; longer points say something.
const LISTED_WORDS: usize = 7;

/// The judgement weight of a unit: hard words count most, those of a line that only says who the model
/// is least.
pub(super) fn weigh(rules: &RuleSet, unit: &Unit, c: &UnitClaims) -> f64 {
    let has = |s: Strength| {
        c.judgements
            .iter()
            .any(|j| rule(rules, j).is_some_and(|r| r.strength == s))
    };
    let text = &unit.text.text;
    let role_line = is_role_line(text);
    // "You are a friendly support assistant." asks for nothing; "… that summarises …" does.
    if role_line && !has_purpose(text) && !c.strong {
        return if has(Strength::Hard) { 0.4 } else { 0.0 };
    }
    let marker = c
        .neutral
        .iter()
        .any(|n| rule(rules, n).is_some_and(|r| r.tags.iter().any(|t| t == "input-marker")));
    if marker && !c.strong {
        return 0.0;
    }
    let mut weight: f64 = 0.0;
    if has(Strength::Hard) {
        weight = if c.strong { 1.2 } else { 1.6 };
        if role_line {
            weight *= 0.5;
        }
    }
    if has(Strength::Medium) && !c.strong {
        let medium = match () {
            () if role_line => 0.4,
            () if !c.replies.is_empty() => 0.5,
            () => 1.0,
        };
        weight = weight.max(medium);
    }
    weight
}

/// Whether an open verb at the head of the unit governs the task: "explain how to convert …".
pub(super) fn governed(rules: &RuleSet, affirmative: &Affirmative, c: &UnitClaims) -> bool {
    let Some(first_task) = c.tasks.iter().map(|t| t.range.start).min() else {
        return false;
    };
    c.judgements.iter().any(|j| {
        let lead = affirmative.text.get(..j.range.start).unwrap_or_default();
        rule(rules, j)
            .is_some_and(|r| r.strength == Strength::Hard && r.tags.iter().any(|t| t == "verbs"))
            && lead.split_whitespace().count() <= 3
            && affirmative.original(j.range.start) < first_task
    })
}

impl Coverage {
    /// The weight of an instruction that nothing claims, 0 where something does.
    pub(super) fn unclaimed(&self, unit: &Unit, c: &UnitClaims) -> f64 {
        if !c.tasks.is_empty()
            || !c.replies.is_empty()
            || !c.neutral.is_empty()
            || c.judgement > 0.0
        {
            return 0.0;
        }
        // A bullet is governed by its header.
        if unit.bullet
            && unit
                .header
                .and_then(|h| self.claims.get(h))
                .is_some_and(|h| !h.tasks.is_empty() || !h.replies.is_empty() || h.judgement > 0.0)
        {
            return 0.0;
        }
        let text = &unit.text.text;
        // Scripts without blanks have a word in two characters.
        let wide = text
            .chars()
            .filter(|c| ('\u{2e80}'..'\u{e000}').contains(c));
        let words = text.split_whitespace().count() + wide.count() / 2;
        if opens_with_verb(text) {
            if is_main_order(text) { MAIN_ORDER } else { 1.0 }
        } else if unit.bullet && unit.header.is_some() && words <= LISTED_WORDS {
            // A thing on a list: what is done with it is said above the list.
            LISTED
        } else if words <= 3 || (!unit.holes.is_empty() && words <= 8) {
            0.0
        } else {
            0.5
        }
    }
}
