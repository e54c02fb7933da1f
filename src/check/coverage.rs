//! Coverage: which rule claims which unit.

use std::ops::Range;

use super::claims::Claiming;
use super::context;
use crate::calls::{LlmCall, Role};
use crate::prompt::{self, HoleKind, Unit, holes, words_of};
use crate::rules::{Rule, RuleSet};

/// A rule that claims a unit.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Claim {
    /// Index of the rule in the set.
    pub(super) rule: usize,
    /// Bytes of the unit's matching text.
    pub(super) range: Range<usize>,
}

/// What the rules make of one unit.
#[derive(Debug, Default)]
pub(super) struct UnitClaims {
    /// Deterministic work, strong rules first, without overlaps.
    pub(super) tasks: Vec<Claim>,
    /// Deterministic work in a clause of its own, seen only with the unit cut into clauses; evidence
    /// for a partial finding, not for a verdict.
    pub(super) asides: Vec<Claim>,
    /// Contract, constraint and sentinel rules.
    pub(super) replies: Vec<Claim>,
    /// Judgement rules.
    pub(super) judgements: Vec<Claim>,
    /// Weight of the judgement, 0 where there is none.
    pub(super) judgement: f64,
    /// Whether a strong task is among `tasks`.
    pub(super) strong: bool,
    /// Neutral rules.
    pub(super) neutral: Vec<Claim>,
    /// Indices of all task rules that match, also those that a better match covers.
    pub(super) matched: Vec<usize>,
    /// Weight of an instruction that nothing claims, 0 where something does.
    pub(super) unclaimed: f64,
}

/// A call's prompt, cut and claimed.
#[derive(Debug)]
pub(super) struct Coverage {
    /// The units.
    pub(super) units: Vec<Unit>,
    /// What claims them, one for each.
    pub(super) claims: Vec<UnitClaims>,
    /// The kinds of the holes: (message, hole, kind).
    pub(super) holes: Vec<(usize, usize, HoleKind)>,
    /// The words of the function's name.
    pub(super) function: String,
    /// Messages of a user that only show what the model is to answer.
    shown: Vec<usize>,
    /// Units that are points of a rubric.
    rubric: Vec<usize>,
}

/// Judgement weight from which a unit counts as claimed by it.
pub(super) const CLAIMS: f64 = 1.0;

impl Coverage {
    /// Cuts the prompt of a call and lets the rules claim its units.
    pub(super) fn new(call: &LlmCall, rules: &RuleSet) -> Self {
        let units = prompt::units(call);
        let holes: Vec<_> = call
            .messages
            .iter()
            .enumerate()
            // What a schema's description interpolates is no input of the task.
            .filter(|(_, msg)| msg.role != Role::Description)
            .flat_map(|(m, msg)| {
                msg.text
                    .holes
                    .iter()
                    .enumerate()
                    .map(move |(h, hole)| (m, h, holes::classify_in(&msg.text, hole)))
            })
            .collect();
        let function = call
            .function
            .as_deref()
            .map(|f| words_of(f).join(" "))
            .unwrap_or_default();
        let mut out = Self {
            claims: Vec::with_capacity(units.len()),
            rubric: context::rubric(&units),
            units,
            holes,
            function,
            shown: context::shown(call),
        };
        for i in 0..out.units.len() {
            let claims = out.claim(call, rules, i);
            out.claims.push(claims);
        }
        out
    }

    /// What the rules make of a unit whose forerunners are claimed.
    fn claim(&self, call: &LlmCall, rules: &RuleSet, at: usize) -> UnitClaims {
        let said = |u: &&Unit| {
            !matches!(u.role, Role::Assistant | Role::Tool) && !self.shown.contains(&u.message)
        };
        let Some(unit) = self.units.get(at).filter(said) else {
            return UnitClaims::default();
        };
        Claiming {
            cover: self,
            call,
            rules,
            unit,
            in_rubric: self.rubric.contains(&at),
        }
        .claims()
    }

    /// The claims with their units, in order.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&Unit, &UnitClaims)> {
        self.units.iter().zip(&self.claims)
    }
}

/// The rule behind a claim.
pub(super) fn rule<'a>(rules: &'a RuleSet, claim: &Claim) -> Option<&'a Rule> {
    rules.get(claim.rule)
}
