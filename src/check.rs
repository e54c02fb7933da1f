//! The check: coverage of a prompt's units, the verdict on a call, and the findings.
//!
//! This module owns the order of judging one call; `check/coverage.rs` says which rule claims what,
//! `check/verdict.rs` weighs it, `check/findings.rs` writes it down, `check/fold.rs` says each thing
//! once.

mod applies;
mod claims;
mod clauses;
mod conditions;
mod context;
mod coverage;
mod explain;
mod findings;
mod fold;
mod limits;
mod orders;
mod place;
mod reply;
mod scraping;
mod verdict;
mod weight;

use rayon::prelude::*;

use crate::calls::LlmCall;
use crate::finding::Finding;
use crate::pipeline::FileTable;
use crate::rules::RuleSet;

use coverage::Coverage;

pub use explain::{UnitReport, units};

/// The findings of one call, in order of their place. A call whose prompt is only a parameter gets
/// none for its words: they belong to its callers. A word or two around it count where they are work:
/// `Sort alphabetically: {names}`.
#[must_use]
pub fn check_call(call: &LlmCall, files: &FileTable, rules: &RuleSet) -> Vec<Finding> {
    let mut out = Vec::new();
    let says = call.messages.iter().any(|m| !m.text.text.trim().is_empty());
    let cover = says
        .then(|| Coverage::new(call, rules))
        .filter(|c| !call.pass_through || c.claims.iter().any(|c| c.strong));
    let Some(cover) = cover else {
        out.extend(scraping::findings(call, files, rules));
        fold::sort(&mut out);
        return out;
    };
    let decision = verdict::decide(call, rules, &cover);
    out.extend(findings::of_words(call, rules, &cover, &decision));
    out.extend(findings::of_constant(call, rules, &cover, &decision));
    // A call that is to go takes the cleaning of its reply with it.
    if decision.verdict == crate::finding::Verdict::Partial {
        out.extend(scraping::findings(call, files, rules));
    }
    fold::sort(&mut out);
    out
}

/// The findings of all calls, sorted, each said once. Calls are judged on the current rayon pool.
#[must_use]
pub fn check_all(calls: &[LlmCall], files: &FileTable, rules: &RuleSet) -> Vec<Finding> {
    if calls.is_empty() {
        return Vec::new();
    }
    let all = calls
        .par_iter()
        .flat_map_iter(|c| check_call(c, files, rules))
        .collect();
    fold::fold(all, files)
}

/// How often each pattern of a rule matches a unit of the prompts, by the rule's id and the number
/// of the pattern in its `any`. What a rule author measures with: a pattern that matches in one
/// repository only is fitted to it.
#[must_use]
pub fn pattern_hits<'a>(
    calls: &[LlmCall],
    rules: &'a RuleSet,
) -> std::collections::BTreeMap<(&'a str, usize), usize> {
    let mut out = std::collections::BTreeMap::new();
    for unit in calls.iter().flat_map(crate::prompt::units) {
        for (rule, pattern) in rules.pattern_hits(&unit.text.text) {
            *out.entry((rule, pattern)).or_default() += 1;
        }
    }
    out
}

/// Ids of the rules that claim any unit of a call's prompt, whatever the verdict; sorted. For tests
/// of rules and for `explain`.
#[must_use]
pub fn claiming_rules<'a>(call: &LlmCall, rules: &'a RuleSet) -> Vec<&'a str> {
    let cover = Coverage::new(call, rules);
    let mut ids: Vec<&str> = cover
        .claims
        .iter()
        .flat_map(|c| {
            [&c.replies, &c.judgements, &c.neutral]
                .into_iter()
                .flatten()
                .map(|c| c.rule)
                .chain(c.matched.iter().copied())
        })
        .filter_map(|i| rules.get(i))
        .map(|r| r.id.as_str())
        .collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}
