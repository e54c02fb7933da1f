//! The verdict: whether everything that a call asks for is deterministic.
//!
//! Three ways lead to `replace`, and all of them are closed by judgement: words (task rules against
//! judgement and unclaimed instructions), types (data goes in, a scalar comes out), and the name of
//! the function around the call.

use super::coverage::{CLAIMS, Coverage, UnitClaims, rule};
use super::reply;
use crate::calls::{LlmCall, REPLY_LIMITS, Role};
use crate::finding::Verdict;
use crate::prompt::{HoleKind, Unit, UnitKind, holes, words_of};
use crate::rules::schema::OutputKind;
use crate::rules::{Kind, Rule, RuleSet};

/// Score from which words carry a `replace`.
const THRESHOLD: f64 = 0.8;
/// What strong tasks gain where no unit asks for judgement: whatever else such a prompt says, it was
/// deterministic in nine of ten calls of 260 repositories (docs/accuracy.md).
const CALM: f64 = 1.6;
/// Judgement of a unit that hard words claim and no task softens.
const HARD: f64 = 1.6;
/// What such a unit takes from the score besides its judgement.
const OPEN_UNIT: f64 = 1.0;
/// Units that a prompt recognised by types may have.
const MAX_TYPED_UNITS: usize = 12;

/// What was decided about a call and why.
#[derive(Debug)]
pub(super) struct Decision {
    /// `Replace`, or `Partial` for whatever else is found.
    pub(super) verdict: Verdict,
    /// Sum of the evidence; `THRESHOLD` decides.
    pub(super) score: f64,
    /// The rule that recognised the task by types or name.
    pub(super) signature: Option<usize>,
    /// One line per piece of evidence.
    pub(super) evidence: Vec<String>,
}

/// Sums over the units of some roles.
#[derive(Debug, Default)]
struct Sums {
    strong: usize,
    weak: usize,
    judgement: f64,
    hard_units: usize,
    /// Units that ask for judgement and for nothing else.
    open_units: usize,
    /// Units that ask for judgement less plainly, and that no task claims.
    reading_units: usize,
    unclaimed: f64,
    /// Unclaimed units that open with a verb.
    orders: usize,
    units: usize,
}

fn sums<'a>(units: impl Iterator<Item = (&'a Unit, &'a UnitClaims)>) -> Sums {
    let mut s = Sums::default();
    for (u, c) in units {
        if u.kind == UnitKind::Data
            || matches!(u.role, Role::Assistant | Role::Tool | Role::Description)
        {
            continue;
        }
        if u.kind == UnitKind::Instruction {
            s.units += 1;
        }
        let judged = c.judgement >= CLAIMS;
        s.judgement += c.judgement;
        s.hard_units += usize::from(judged);
        s.open_units += usize::from(c.judgement >= HARD && !c.strong);
        s.reading_units += usize::from(judged && c.judgement < HARD && c.tasks.is_empty());
        if !judged || c.strong {
            s.strong += usize::from(c.strong);
            s.weak += usize::from(!c.strong && !c.tasks.is_empty());
        }
        s.unclaimed += c.unclaimed;
        s.orders += usize::from(c.unclaimed >= 1.0);
    }
    s
}

/// Decides about a call.
pub(super) fn decide(call: &LlmCall, rules: &RuleSet, cover: &Coverage) -> Decision {
    let mut evidence = Vec::new();
    let is_system = |u: &Unit| u.role == Role::System;
    let system = sums(cover.iter().filter(|(u, _)| is_system(u)));
    let user = sums(cover.iter().filter(|(u, _)| !is_system(u)));
    let mut all = sums(cover.iter());
    // A user turn that is a complete task of its own outvotes what the system prompt says about manner.
    let outvoted = user.strong > 0
        && user.judgement < 0.5
        && user.unclaimed < 0.5
        && !has_kind(cover, HoleKind::Prose, Some(call))
        && system.open_units <= 1
        && system.judgement > 0.0;
    if outvoted {
        evidence.push("the user's message is a complete task by itself".to_owned());
        all.judgement = user.judgement;
        all.unclaimed = user.unclaimed;
        all.orders = user.orders;
        all.hard_units = user.hard_units;
        all.open_units = user.open_units;
        all.reading_units = user.reading_units;
    }
    let count = |k: fn(HoleKind) -> bool| cover.holes.iter().filter(|(_, _, h)| k(*h)).count();
    let data = count(HoleKind::is_data);
    let prose = count(|k| k == HoleKind::Prose);
    let other = count(|k| matches!(k, HoleKind::Unknown | HoleKind::Code));
    let output = reply::output(call);
    let incomplete = call
        .messages
        .iter()
        .filter(|m| m.role != Role::Description)
        .any(|m| !m.text.complete || m.text.holes.iter().any(|h| brings_orders(&h.expression)));

    // With text that people wrote, an order that nothing claims is more likely to need reading.
    let orders = if prose > 0 {
        0.5 * small(all.orders) + OPEN_UNIT * small(all.reading_units)
    } else {
        0.0
    };
    let mut score =
        -all.judgement - 0.5 * all.unclaimed - orders - OPEN_UNIT * small(all.open_units);
    score -= 0.04 * small(all.units.saturating_sub(12));
    if all.strong > 0 {
        score += 2.0 + 0.5 * small((all.strong - 1).min(6));
    }
    if all.weak > 0 {
        score += 0.7;
    }
    if data > 0 {
        score += 0.7;
    }
    let reading = if takes_any_text(rules, cover) {
        0.3
    } else {
        0.9
    };
    score -= reading * small(prose.min(2));
    score -= 0.1 * small(other.min(2));
    match output {
        OutputKind::Number => score += 0.7,
        OutputKind::Boolean | OutputKind::Date => score += 0.4,
        OutputKind::Enum | OutputKind::Record | OutputKind::List => score += 0.2,
        OutputKind::Text => {}
    }
    if parameter(call, REPLY_LIMITS).is_some_and(|n| n <= 20.0) {
        score += 0.8;
        evidence.push("the reply may have at most 20 tokens".to_owned());
    }
    if parameter(call, &["temperature"]).is_some_and(|t| t <= 0.0) {
        score += 0.2;
    }
    if incomplete {
        score -= 0.7;
        evidence.push("part of the prompt could not be read".to_owned());
    }
    let named = name_rule(rules, cover);
    if named.is_some() && all.judgement < CLAIMS {
        score += 0.6;
    }

    // With text that people wrote, an order that nothing claims may be the judgement.
    let open = prose > 0 && all.orders > 0;
    if all.strong > 0 && all.judgement == 0.0 && !open {
        score += CALM;
    }
    // What is in a picture, a model has to look at.
    let looks = has_kind(cover, HoleKind::Media, None);
    if looks {
        evidence.push("an image, a sound or a file is to be looked at".to_owned());
    }
    let words = (all.strong > 0 || all.weak > 0) && score >= THRESHOLD && !looks;
    let calm = all.judgement < 0.3 && prose == 0 && !incomplete && !looks;
    let typed = if words
        || !calm
        || data == 0
        || all.units == 0
        || all.units > MAX_TYPED_UNITS
        || all.unclaimed > 2.0
    {
        None
    } else {
        signature(call, rules, cover, output, other, all.units)
    };
    let by_name = named.filter(|_| {
        !words
            && typed.is_none()
            && calm
            && (all.units > 0 || data > 0)
            && all.unclaimed <= 1.0
            && other + data > 0
    });
    describe(&mut evidence, cover, &all, output, data, prose);
    let picked = if words { None } else { typed.or(by_name) };
    let verdict = if words || picked.is_some() {
        Verdict::Replace
    } else {
        Verdict::Partial
    };
    if let Some(r) = picked.and_then(|i| rules.get(i)) {
        evidence.push(format!("{}: inputs, output and name fit", r.id));
        score = score.max(THRESHOLD);
    }
    Decision {
        verdict,
        score,
        signature: picked,
        evidence,
    }
}

/// Whether an interpolated expression is named for a part of the prompt that was written elsewhere:
/// `self.base_prompt`, `extra_instructions`. What a user typed is that user's text.
fn brings_orders(expression: &str) -> bool {
    let name = expression.rsplit(['.', '[']).next().unwrap_or_default();
    let words = words_of(name);
    let says = |w: &str| words.iter().any(|x| x == w);
    !says("user")
        && (says("prompt") && words.len() > 1 || says("instructions") || says("guidelines"))
}

/// Tag of tasks that are done to text without reading it: counting its words, upper case, the e-mail
/// addresses in it.
const ANY_TEXT: &str = "any-text";

/// Whether all tasks are such, so that it does not matter who wrote their input.
fn takes_any_text(rules: &RuleSet, cover: &Coverage) -> bool {
    let mut tasks = cover.iter().flat_map(|(_, c)| &c.tasks).peekable();
    tasks.peek().is_some()
        && tasks.all(|t| rule(rules, t).is_some_and(|r| r.tags.iter().any(|t| t == ANY_TEXT)))
}

#[expect(clippy::cast_precision_loss, reason = "counts of units are small")]
const fn small(n: usize) -> f64 {
    n as f64
}

fn parameter(call: &LlmCall, names: &[&str]) -> Option<f64> {
    call.parameters
        .iter()
        .find(|(k, _)| names.contains(&k.as_str()))
        .and_then(|(_, v)| v.parse().ok())
}

/// Whether some hole (of a user's message, where a call is given) is of a kind.
fn has_kind(cover: &Coverage, kind: HoleKind, user_of: Option<&LlmCall>) -> bool {
    cover.holes.iter().any(|(m, _, k)| {
        *k == kind
            && user_of.is_none_or(|c| c.messages.get(*m).is_some_and(|m| m.role != Role::System))
    })
}

fn signature_rules(rules: &RuleSet) -> impl Iterator<Item = (usize, &Rule)> {
    rules
        .of_kind(Kind::Task)
        .filter(|(_, r)| r.signature.is_some())
}

/// The first rule whose types fit: every hole is of its kinds, and its output is wanted.
fn signature(
    call: &LlmCall,
    rules: &RuleSet,
    cover: &Coverage,
    output: OutputKind,
    unknown: usize,
    units: usize,
) -> Option<usize> {
    if unknown > 0 || !cover.holes.iter().all(|h| is_known(call, h)) {
        return None;
    }
    signature_rules(rules)
        .find(|(i, r)| {
            r.signature.as_ref().is_some_and(|s| {
                !s.inputs.is_empty()
                    && cover.holes.len() >= s.min_inputs
                    && cover.holes.iter().all(|(_, _, k)| s.inputs.contains(k))
                    && s.max_units.is_none_or(|n| units <= n)
                    && (s.output.is_empty() || s.output.contains(&output))
                    && cover.holds_somewhere(call, rules, *i, &r.when)
                    && (s.function.is_none() || rules.function(*i, &cover.function))
            })
        })
        .map(|(i, _)| i)
}

/// Whether what fills a hole is certain: a value that is only called like a number (`a`, `left`) may be
/// two poems.
fn is_known(call: &LlmCall, (message, hole, kind): &(usize, usize, HoleKind)) -> bool {
    let by_name_too = !matches!(kind, HoleKind::Number | HoleKind::Date | HoleKind::Boolean);
    by_name_too
        || (call.messages.get(*message))
            .and_then(|m| m.text.holes.get(*hole))
            .is_some_and(|h| h.ty.is_some() || holes::by_program(h).is_some())
}

/// The first rule that the function's name alone fits.
fn name_rule(rules: &RuleSet, cover: &Coverage) -> Option<usize> {
    if cover.function.is_empty() {
        return None;
    }
    signature_rules(rules)
        .find(|(i, r)| {
            r.signature
                .as_ref()
                .is_some_and(|s| s.inputs.is_empty() && s.function.is_some())
                && rules.function(*i, &cover.function)
        })
        .map(|(i, _)| i)
}

fn describe(
    evidence: &mut Vec<String>,
    cover: &Coverage,
    all: &Sums,
    output: OutputKind,
    data: usize,
    prose: usize,
) {
    if data > 0 {
        let mut kinds: Vec<&str> = cover
            .holes
            .iter()
            .filter(|(_, _, k)| k.is_data())
            .map(|(_, _, k)| k.as_str())
            .collect();
        kinds.sort_unstable();
        kinds.dedup();
        evidence.push(format!("interpolates data: {}", kinds.join(", ")));
    }
    if prose > 0 {
        evidence.push("interpolates text written by people".to_owned());
    }
    match output {
        OutputKind::Number => evidence.push("the reply becomes a number".to_owned()),
        OutputKind::Boolean => evidence.push("the reply becomes yes or no".to_owned()),
        OutputKind::Date => evidence.push("the reply becomes a date".to_owned()),
        _ => {}
    }
    if all.hard_units > 0 {
        evidence.push(format!("{} instruction(s) need judgement", all.hard_units));
    } else if all.units > 0 {
        evidence.push("no instruction needs judgement".to_owned());
    }
}

/// Evidence lines for the claims of a unit.
pub(super) fn claim_evidence(rules: &RuleSet, unit: &Unit, c: &UnitClaims) -> Vec<String> {
    c.tasks
        .iter()
        .filter_map(|t| {
            let text = unit.text.text.get(t.range.clone())?;
            Some(format!("\"{text}\" matches {}", rule(rules, t)?.id))
        })
        .collect()
}
