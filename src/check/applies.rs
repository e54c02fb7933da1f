//! Whether what a rule claims is worth a finding where the call stays.

use std::sync::LazyLock;

use regex::Regex;

use super::coverage::{CLAIMS, Coverage, UnitClaims, rule};
use super::reply;
use crate::calls::{LlmCall, Structured};
use crate::finding::Category;
use crate::prompt::Unit;
use crate::rules::{Kind, Rule, RuleSet, Strength};

/// A weak task in a sentence that is mostly judgement is not worth a finding.
pub(super) fn worth_saying(claims: &UnitClaims) -> bool {
    claims.strong || claims.judgement < 1.0
}

/// Whether a text quotes a word: "Unknown", 'N/A'.
fn names_word(text: &str) -> bool {
    let mut previous = ' ';
    text.chars().any(|c| {
        let opens = matches!(previous, '"' | '\'' | '`');
        let before = previous;
        previous = c;
        opens && c.is_uppercase() && before != c
    })
}

/// The rule of validation that claims the first work asked for, where that is to check a value.
pub(super) fn asks_for_a_check<'r>(rules: &'r RuleSet, cover: &Coverage) -> Option<&'r Rule> {
    let works = |c: &&UnitClaims| !c.tasks.is_empty() || c.judgement >= CLAIMS;
    let first = cover.claims.iter().find(works).filter(|c| c.strong)?;
    first
        .tasks
        .iter()
        .filter_map(|t| rule(rules, t))
        .find(|r| r.category == Some(Category::Validate))
}

/// Whether a sentence is about what the model is to write.
pub(super) fn speaks_of_reply(text: &str) -> bool {
    static REPLY: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(
            r"(?i)\b(?:answer|repl(?:y|ies)|respon[ds]\w*|return|output|write|written|say|your|explain|explanation|summary|message|reasons?|score|rating|suggest\w*|generate|json|format|list)\b",
        )
        .ok()
    });
    REPLY.as_ref().is_none_or(|r| r.is_match(text))
}

/// Whether a rule about the reply (contract, sentinel, constraint) that claims a unit of a kept call is worth
/// a finding. `contract_on` says whether contracts are reported for this call at all.
pub(super) fn reply_rule_applies(
    call: &LlmCall,
    r: &Rule,
    unit: &Unit,
    claims: &UnitClaims,
    rules: &RuleSet,
    contract_on: bool,
) -> bool {
    match r.kind {
        Kind::Contract => contract_on,
        Kind::Sentinel => {
            // A schema says by itself that a field may be null or empty; a word it does not know.
            let known = call.structured == Structured::Schema && !names_word(&unit.text.text);
            reply::compares_with(call, &unit.text.text) || r.strength == Strength::Strong && !known
        }
        // Numbers that belong to the work itself limit nothing.
        Kind::Constraint => !claims.tasks.iter().any(|t| {
            rule(rules, t).is_some_and(|t| {
                t.strength == Strength::Strong
                    && matches!(t.category, Some(Category::Compute | Category::Generate))
            })
        }),
        _ => true,
    }
}

/// Whether a contract in prose is one that a schema would keep: no schema is passed, and the reply
/// has machine shape or is read by a machine.
pub(super) fn contract_applies(call: &LlmCall, rules: &RuleSet, cover: &Coverage) -> bool {
    if call.structured == Structured::Schema {
        return false;
    }
    let mut contracts: Vec<&Rule> = cover
        .claims
        .iter()
        .flat_map(|c| &c.replies)
        .filter_map(|c| rule(rules, c))
        .filter(|r| r.kind == Kind::Contract)
        .collect();
    contracts.sort_by_key(|r| &r.id);
    contracts.dedup_by_key(|r| &r.id);
    let strong = contracts.iter().any(|r| r.strength == Strength::Strong);
    reply::machine_use(call) || strong || contracts.len() > 1 && !reply::only_shown(call)
}
