//! Coverage shown: which rules claim which unit of a call's prompt.

use super::coverage::{Coverage, rule};
use super::verdict;
use crate::calls::{LlmCall, Role};
use crate::prompt::UnitKind;
use crate::rules::RuleSet;

/// A unit and the rules that claim it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnitReport {
    /// Who speaks.
    pub role: Role,
    /// What the unit is.
    pub kind: UnitKind,
    /// The unit as patterns see it, on one line; a hole reads `▢its words▢`.
    pub text: String,
    /// Ids of the rules that match it, sorted.
    pub rules: Vec<String>,
}

/// The units of a call's prompt with what claims them, and one line per piece of evidence for the
/// verdict on the call, the verdict first.
#[must_use]
pub fn units(call: &LlmCall, rules: &RuleSet) -> (Vec<UnitReport>, Vec<String>) {
    let cover = Coverage::new(call, rules);
    let decision = verdict::decide(call, rules, &cover);
    let units = cover
        .iter()
        .map(|(u, c)| {
            let claims = [&c.replies, &c.judgements, &c.neutral];
            let mut ids: Vec<String> = claims
                .into_iter()
                .flatten()
                .filter_map(|c| rule(rules, c))
                .chain(c.matched.iter().filter_map(|i| rules.get(*i)))
                .map(|r| r.id.clone())
                .collect();
            ids.sort_unstable();
            ids.dedup();
            UnitReport {
                role: u.role,
                kind: u.kind,
                text: u.text.text.clone(),
                rules: ids,
            }
        })
        .collect();
    let mut evidence = vec![format!("score {:.2}", decision.score)];
    for (m, h, kind) in &cover.holes {
        if let Some(hole) = call.messages.get(*m).and_then(|m| m.text.holes.get(*h)) {
            let expression: String = hole
                .expression
                .split_whitespace()
                .collect::<Vec<_>>()
                .join(" ");
            evidence.push(format!("{{{expression}}} is {}", kind.as_str()));
        }
    }
    evidence.extend(decision.evidence);
    (units, evidence)
}
