//! Findings about the words of a prompt.

use super::applies::{
    asks_for_a_check, contract_applies, reply_rule_applies, speaks_of_reply, worth_saying,
};
use super::coverage::{Claim, Coverage, rule};
use super::limits::{self, Limits};
use super::orders;
use super::place::{asks_beside_holes, inputs, limit_label, place, quote, reader_label};
use super::reply;
use super::verdict::{Decision, claim_evidence};
use crate::calls::{LlmCall, Structured};
use crate::finding::{CallRef, Category, Finding, Label, LabelKind, Severity, Verdict};
use crate::prompt::{HoleKind, Unit, UnitKind};
use crate::rules::{Kind, Rule, RuleSet, Strength};
use crate::source::Location;
use crate::suggest;

/// The tag of rules that bound how much is written.
const LENGTH: &str = "length";

/// All findings that the words of a call's prompt give.
pub(super) fn of_words(
    call: &LlmCall,
    rules: &RuleSet,
    cover: &Coverage,
    decision: &Decision,
) -> Vec<Finding> {
    match decision.verdict {
        Verdict::Replace => replace(call, rules, cover, decision),
        Verdict::Partial => partial(call, rules, cover, decision),
    }
}

/// One finding per category of work: the best unit, the others as labels.
fn replace(call: &LlmCall, rules: &RuleSet, cover: &Coverage, decision: &Decision) -> Vec<Finding> {
    // Fitted to how often a verdict of that score was right (docs/accuracy.md).
    let confidence = sigmoid(0.1 + 0.5 * decision.score);
    if let Some(rule) = decision.signature.and_then(|i| rules.get(i)) {
        return signature_finding(call, rule, rules, cover, decision)
            .into_iter()
            .collect();
    }
    let any_strong = cover.claims.iter().any(|c| c.strong);
    let mut out: Vec<Finding> = Vec::new();
    for (unit, claims) in cover.iter() {
        for claim in &claims.tasks {
            let Some(r) = rule(rules, claim) else {
                continue;
            };
            let Some(category) = r.category else { continue };
            if any_strong && r.strength != Strength::Strong {
                continue;
            }
            let Some(primary) = place(call, unit, claim) else {
                continue;
            };
            if let Some(f) = out.iter_mut().find(|f| f.category == category) {
                f.labels.push(Label {
                    location: primary,
                    message: "also asked for here".to_owned(),
                    kind: LabelKind::Other,
                });
                continue;
            }
            let mut f = finding(call, r, Verdict::Replace, primary, quote(call, unit, claim));
            f.confidence = confidence;
            f.labels.extend(inputs(call, cover));
            f.labels.extend(reader_label(call));
            f.evidence = claim_evidence(rules, unit, claims);
            f.evidence.extend(decision.evidence.iter().cloned());
            f.suggestion =
                suggest::for_task(&task(r, unit, claim, cover, Verdict::Replace), call, rules);
            out.push(f);
        }
    }
    out
}

/// A task that types or a name gave away: the place is the first instruction with a hole.
fn signature_finding(
    call: &LlmCall,
    rule: &Rule,
    rules: &RuleSet,
    cover: &Coverage,
    decision: &Decision,
) -> Option<Finding> {
    let instructions = || cover.units.iter().filter(|u| u.kind != UnitKind::Data);
    let unit = instructions()
        .find(|u| !u.holes.is_empty() && asks_beside_holes(call, u))
        .or_else(|| instructions().max_by_key(|u| u.range.len()))?;
    let all = Claim {
        rule: 0,
        range: 0..unit.text.text.len(),
    };
    let primary = place(call, unit, &all)?;
    let mut f = finding(
        call,
        rule,
        Verdict::Replace,
        primary,
        quote(call, unit, &all),
    );
    f.confidence = sigmoid(0.5 + 0.3 * decision.score).min(0.85);
    f.labels.extend(inputs(call, cover));
    f.labels.extend(reader_label(call));
    f.evidence.clone_from(&decision.evidence);
    f.suggestion = suggest::for_task(
        &task(rule, unit, &all, cover, Verdict::Replace),
        call,
        rules,
    );
    Some(f)
}

/// What a suggestion needs to know of a claim.
fn task<'a>(
    rule: &'a Rule,
    unit: &'a Unit,
    claim: &Claim,
    cover: &Coverage,
    verdict: Verdict,
) -> suggest::Task<'a> {
    suggest::Task {
        rule,
        unit: &unit.text.text,
        words: claim.range.clone(),
        holes: holes_of(rule, unit, cover, verdict),
        verdict,
    }
}

/// The interpolated values that the work of a unit may be on, most likely first: (message, hole).
/// Where the call stays, only those that stand in the unit, or the lists and numbers of the prompt
/// where the work is on such.
fn holes_of(rule: &Rule, unit: &Unit, cover: &Coverage, verdict: Verdict) -> Vec<(usize, usize)> {
    let own = |m: usize, h: usize| m == unit.message && unit.holes.contains(&h);
    let wanted = |k: HoleKind| match rule.category {
        Some(Category::Collection) => matches!(k, HoleKind::List | HoleKind::Structured),
        Some(Category::Compute) => {
            matches!(k, HoleKind::List | HoleKind::Number | HoleKind::Date)
        }
        _ => false,
    };
    let list = |k: HoleKind| rule.category == Some(Category::Collection) && wanted(k);
    let mut holes: Vec<&(usize, usize, HoleKind)> = cover.holes.iter().collect();
    holes.sort_by_key(|(m, h, k)| (!list(*k), !own(*m, *h), !k.is_data()));
    if verdict == Verdict::Partial {
        let has_own = !unit.holes.is_empty();
        holes.retain(|(m, h, k)| own(*m, *h) || !has_own && wanted(*k));
    }
    holes.into_iter().map(|(m, h, _)| (*m, *h)).collect()
}

fn partial(call: &LlmCall, rules: &RuleSet, cover: &Coverage, decision: &Decision) -> Vec<Finding> {
    let mut out: Vec<Finding> = Vec::new();
    let contract_on = contract_applies(call, rules, cover);
    let checks = asks_for_a_check(rules, cover);
    let mut limits = Limits::default();
    for (unit, claims) in cover.iter() {
        let mut seen: Vec<Category> = Vec::new();
        // "If there is none, answer NONE" is a sentinel, not a branch on a value.
        let sentinel = claims
            .replies
            .iter()
            .any(|c| rule(rules, c).is_some_and(|r| r.kind == Kind::Sentinel));
        let weak_branch = |c: &Claim| {
            rule(rules, c).is_some_and(|r| {
                r.category == Some(Category::Branch) && r.strength == Strength::Weak
            })
        };
        // "At most 4 lines" limits the reply: no branch on a number.
        let limited = |c: &Claim| {
            let same = |l: &Claim| l.range.start < c.range.end && c.range.start < l.range.end;
            rule(rules, c).is_some_and(|r| r.category == Some(Category::Branch))
                && claims.replies.iter().any(|l| {
                    same(l) && rule(rules, l).is_some_and(|r| r.tags.iter().any(|t| t == LENGTH))
                })
        };
        let work = claims
            .tasks
            .iter()
            .filter(|_| worth_saying(claims))
            .chain(&claims.asides)
            .filter(|c| !(sentinel && weak_branch(c) || limited(c)))
            .filter(|c| {
                rule(rules, c).is_some_and(|r| orders::asks(rules, r, unit, &c.range, claims))
            });
        for claim in work.chain(&claims.replies) {
            let Some(r) = rule(rules, claim) else {
                continue;
            };
            // What limits the value that is to be checked is one of the rules of the check.
            let r = match checks {
                Some(check) if r.kind == Kind::Constraint && !speaks_of_reply(&unit.text.text) => {
                    check
                }
                _ => r,
            };
            let Some(category) = r.category else { continue };
            // The further limits of a shape are labels of the first one.
            let again = seen.contains(&category)
                && !(unit.kind == UnitKind::Data && category == Category::Constraint);
            if again
                || !reply_rule_applies(call, r, unit, claims, rules, contract_on)
                || r.kind == Kind::Constraint && !limits::bounds(unit, &claim.range)
            {
                continue;
            }
            let Some(primary) = place(call, unit, claim) else {
                continue;
            };
            seen.push(category);
            if r.kind == Kind::Constraint
                && let Some((first, why)) = limits.known(unit, &claim.range, out.len())
                && let Some(f) = out.get_mut(first)
            {
                f.labels.push(limits::further(primary, why));
                continue;
            }
            let mut f = finding(call, r, Verdict::Partial, primary, quote(call, unit, claim));
            f.evidence = vec![format!(
                "\"{}\" matches {}",
                unit.text.text.get(claim.range.clone()).unwrap_or_default(),
                r.id
            )];
            f.confidence = confidence(call, r, unit, cover, &mut f.evidence);
            match r.kind {
                Kind::Contract => {
                    f.labels.extend(reader_label(call));
                    f.suggestion = Some(suggest::contract::for_contract(
                        call,
                        unit.message,
                        &unit.text.text,
                    ));
                    if let Some(p) = suggest::parameter::of(&call.api, call.language) {
                        f.primary_label = p.label();
                    }
                }
                Kind::Constraint => {
                    let has_schema = call.structured != Structured::None
                        || contract_on
                        || unit.kind == UnitKind::Data;
                    f.primary_label = limit_label(r, has_schema);
                }
                Kind::Sentinel => {
                    f.labels
                        .extend(reply::tester(call, &unit.text.text).map(|l| Label {
                            location: l,
                            message: "the reply is tested for it here".to_owned(),
                            kind: LabelKind::ReplyUse,
                        }));
                }
                Kind::Task => {
                    f.evidence.extend(decision.evidence.iter().cloned());
                    f.labels.extend(
                        inputs(call, cover)
                            .into_iter()
                            .filter(|_| !unit.holes.is_empty()),
                    );
                    f.suggestion = suggest::for_task(
                        &task(r, unit, claim, cover, Verdict::Partial),
                        call,
                        rules,
                    );
                }
                _ => {}
            }
            out.push(f);
        }
    }
    out
}

/// A prompt without any variable part, whose answer can be had once. What is random or asks for the
/// state of something is not constant.
pub(super) fn of_constant(
    call: &LlmCall,
    rules: &RuleSet,
    cover: &Coverage,
    decision: &Decision,
) -> Option<Finding> {
    let (_, r) = rules
        .of_kind(Kind::Task)
        .find(|(_, r)| r.signature.as_ref().is_some_and(|s| s.constant))?;
    let varies = cover.claims.iter().flat_map(|c| &c.matched).any(|i| {
        rules
            .get(*i)
            .is_some_and(|r| matches!(r.category, Some(Category::Generate | Category::Execute)))
    });
    let whole = call.gaps.is_empty() && call.messages.iter().all(|m| m.text.complete);
    if decision.verdict == Verdict::Replace
        || varies
        || !whole
        || call.tools > 0
        || !cover.holes.is_empty()
    {
        return None;
    }
    let mut f = finding(call, r, Verdict::Partial, call.location, String::new());
    f.confidence = r.precision.base();
    f.evidence = vec!["no value is interpolated".to_owned()];
    let whole = suggest::Task {
        rule: r,
        unit: "",
        words: 0..0,
        holes: Vec::new(),
        verdict: Verdict::Replace,
    };
    f.suggestion = suggest::for_task(&whole, call, rules);
    Some(f)
}

fn confidence(
    call: &LlmCall,
    r: &Rule,
    unit: &Unit,
    cover: &Coverage,
    evidence: &mut Vec<String>,
) -> f64 {
    let mut c = r.precision.base();
    match r.kind {
        Kind::Contract if reply::machine_use(call) => {
            c += 0.08;
            evidence.push("the program reads the reply as data".to_owned());
        }
        Kind::Sentinel if reply::compares_with(call, &unit.text.text) => {
            c += 0.15;
            evidence.push("the program compares the reply with that literal".to_owned());
        }
        Kind::Task => {
            if r.strength == Strength::Weak {
                c -= 0.15;
            }
            let own = |k: HoleKind| {
                cover
                    .holes
                    .iter()
                    .any(|(m, h, kind)| *m == unit.message && unit.holes.contains(h) && *kind == k)
            };
            if own(HoleKind::Prose) {
                c -= 0.1;
            }
        }
        _ => {}
    }
    c.clamp(0.05, 0.98)
}

/// A finding without evidence or suggestion.
pub(super) fn finding(
    call: &LlmCall,
    r: &Rule,
    verdict: Verdict,
    primary: Location,
    quoted: String,
) -> Finding {
    let mut labels = vec![Label {
        location: call.location,
        message: "the call".to_owned(),
        kind: LabelKind::Call,
    }];
    if let Some(sink) = call.sink {
        labels.push(Label {
            location: sink,
            message: "the model is called here".to_owned(),
            kind: LabelKind::Sink,
        });
    }
    let what = r.what.trim_end_matches('.');
    Finding {
        rule: r.id.clone(),
        category: r.category.unwrap_or(Category::Execute),
        verdict,
        severity: if verdict == Verdict::Replace {
            r.severity.max(Severity::Warning)
        } else {
            r.severity
        },
        confidence: r.precision.base(),
        message: if quoted.is_empty() {
            what.to_owned()
        } else {
            format!("{what}: \"{quoted}\"")
        },
        primary,
        primary_label: r.instead.lines().next().unwrap_or_default().to_owned(),
        labels,
        call: CallRef {
            location: call.location,
            api: call.api.clone(),
        },
        also: Vec::new(),
        suggestion: None,
        evidence: Vec::new(),
    }
}

fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}
