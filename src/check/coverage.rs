//! Coverage: which rule claims which unit.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::clauses::{
    clauses, condition, has_purpose, hole_names, is_main_order, is_role_line, negated,
    opens_with_verb, samples, shape_inside,
};
use super::context;
use crate::calls::{LlmCall, Role};
use crate::finding::Category;
use crate::prompt::{self, HoleKind, Unit, UnitKind, holes, words_of};
use crate::rules::matcher::Screened;
use crate::rules::schema::{Conditions, RoleName, StructuredName};
use crate::rules::{Kind, Rule, RuleSet, Strength};

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

/// Tag of contract rules that look at data: the form of a reply shown by samples.
const DATA: &str = "data";
/// Tag of task rules that count where no other task is found in a unit.
const FALLBACK: &str = "fallback";
/// Bytes of a piece of data that those look at.
const DATA_HEAD: usize = 4096;

/// Words that the name of a value has; more are an expression.
const NAME_WORDS: usize = 2;
/// Limits that are read of a piece of data: each field may state its own.
const DATA_LIMITS: usize = 8;

/// Weight of an unclaimed order that says what the whole call is for.
const MAIN_ORDER: f64 = 2.0;
/// Weight of a thing on a list.
const LISTED: f64 = 0.2;
/// Words that name a thing on a list; longer points say something.
const LISTED_WORDS: usize = 7;

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

    /// Whether the conditions on the call hold for some unit.
    pub(super) fn holds_somewhere(
        &self,
        call: &LlmCall,
        rules: &RuleSet,
        index: usize,
        when: &Conditions,
    ) -> bool {
        self.units
            .iter()
            .any(|u| self.holds(call, rules, index, when, u))
    }

    /// Whether the conditions on the call hold for a unit.
    fn holds(
        &self,
        call: &LlmCall,
        rules: &RuleSet,
        index: usize,
        when: &Conditions,
        unit: &Unit,
    ) -> bool {
        // Who works on its own is told what to do, not asked for what code would do instead.
        let asked = !call.acts || rules.get(index).is_none_or(|r| r.kind != Kind::Task);
        asked
            && (when.roles.is_empty() || when.roles.iter().any(|r| role_is(*r, unit.role)))
            && (when.holes.is_empty() || self.holes.iter().any(|(_, _, k)| when.holes.contains(k)))
            && !self.holes.iter().any(|(_, _, k)| when.no_holes.contains(k))
            && (when.reply.is_empty()
                || call
                    .reply_uses
                    .iter()
                    .any(|u| when.reply.iter().any(|r| r == u.kind.as_str())))
            && (when.structured.is_empty()
                || when
                    .structured
                    .iter()
                    .any(|s| structured_is(*s, call.structured)))
            && when.min_tools.is_none_or(|n| call.tools >= n)
            && (!when.table || self.has_table_below(call, unit))
            && when.max_tools.is_none_or(|n| call.tools <= n)
            && (when.parameters.is_empty() || rules.parameters(index, &call.parameters))
            && (when.function.is_none() || rules.function(index, &self.function))
    }

    /// Whether lines of the form `A -> B` follow the unit.
    fn has_table_below(&self, call: &LlmCall, unit: &Unit) -> bool {
        static PAIR: LazyLock<Option<Regex>> = LazyLock::new(|| {
            Regex::new(r#"^[-*•\s]*["'`]?[\p{L}\p{N}][\p{L}\p{N} ._/+-]{0,30}["'`]?\s*(?:->|→|=>|=|⇒)\s*["'`]?[\p{L}\p{N}][\p{L}\p{N} ._/+()-]{0,45}["'`]?(?:\s+(?:or|and)\s+["'`]?[\p{L}\p{N}][\p{L}\p{N} ._/+()-]{0,45}["'`]?)?[,;.]?$"#).ok()
        });
        let Some(pair) = PAIR.as_ref() else {
            return false;
        };
        call.messages
            .get(unit.message)
            .and_then(|m| m.text.text.get(unit.range.end..))
            .is_some_and(|below| {
                below
                    .lines()
                    .skip_while(|l| l.trim().is_empty())
                    .take_while(|l| pair.is_match(l))
                    .take(3)
                    .count()
                    == 3
            })
    }

    fn claim(&self, call: &LlmCall, rules: &RuleSet, at: usize) -> UnitClaims {
        let mut out = UnitClaims::default();
        let Some(unit) = self.units.get(at) else {
            return out;
        };
        if matches!(unit.role, Role::Assistant | Role::Tool) || self.shown.contains(&unit.message) {
            return out;
        }
        if unit.kind == UnitKind::Data {
            let head = unit.text.text.get(..DATA_HEAD).unwrap_or(&unit.text.text);
            let head = rules.screen(head);
            for (kind, most) in [(Kind::Contract, 1), (Kind::Constraint, DATA_LIMITS)] {
                let data = rules.of_kind(kind).filter(|(i, r)| {
                    r.tags.iter().any(|t| t == DATA) && self.holds(call, rules, *i, &r.when, unit)
                });
                for (rule, _) in data {
                    let found = rules.find_each(rule, &head, most);
                    out.replies
                        .extend(found.into_iter().map(|range| Claim { rule, range }));
                }
            }
            return out;
        }
        let text = &unit.text.text;
        let negated = negated(text);
        let matching = |kind: Kind, text: &Screened<'_>| -> Vec<Claim> {
            rules
                .of_kind(kind)
                .filter(|(_, r)| r.signature.is_none() && !r.tags.iter().any(|t| t == DATA))
                .filter_map(|(rule, r)| {
                    Some((
                        r,
                        rules.find(rule, text).map(|range| Claim { rule, range })?,
                    ))
                })
                .filter(|(r, c)| self.holds(call, rules, c.rule, &r.when, unit))
                .map(|(_, claim)| claim)
                .collect()
        };
        let whole = rules.screen(text);
        if unit.role == Role::Description {
            // What stands for a missing value is the schema's to say.
            out.replies.extend(matching(Kind::Constraint, &whole));
            return out;
        }
        let strength = |c: &Claim| rule(rules, c).map_or(Strength::Weak, |r| r.strength);
        let mut tasks = matching(Kind::Task, &whole);
        let named = hole_names(text);
        let samples = samples(text);
        // The words of an expression are no instruction, nor are those of a sample.
        tasks.retain(|c| {
            let begins_inside = [&negated, &named, &samples]
                .into_iter()
                .flatten()
                .any(|n| n.contains(&c.range.start));
            // A name (`{csv}`) may complete an order; a longer expression computes something itself.
            let ends_inside = |n: &Range<usize>| {
                let inner = n.start - 1 + '▢'.len_utf8();
                inner < c.range.end
                    && c.range.end <= n.end
                    && text
                        .get(inner..n.end)
                        .is_some_and(|e| e.split_whitespace().count() > NAME_WORDS)
            };
            !begins_inside && !named.iter().any(ends_inside)
        });
        // What a rubric's points describe is judged; no value is compared with their bounds.
        if self.rubric.contains(&at) {
            tasks.retain(|c| rule(rules, c).is_none_or(|r| r.category != Some(Category::Branch)));
        }
        // What only names an operand tells nothing beside words that say what is done to it.
        let fallback =
            |c: &Claim| rule(rules, c).is_some_and(|r| r.tags.iter().any(|t| t == FALLBACK));
        if !tasks.iter().all(fallback) {
            tasks.retain(|c| !fallback(c));
        }
        out.matched = tasks.iter().map(|t| t.rule).collect();
        tasks.sort_by(|a, b| {
            strength(b)
                .cmp(&strength(a))
                .then_with(|| b.range.len().cmp(&a.range.len()))
                .then_with(|| a.rule.cmp(&b.rule))
        });
        for t in tasks {
            let apart = out
                .tasks
                .iter()
                .all(|o| o.range.end <= t.range.start || t.range.end <= o.range.start);
            if apart {
                out.tasks.push(t);
            }
        }
        // The form of a field in a shape spelled out is no task of its own.
        let shape = shape_inside(text);
        out.strong = out.tasks.iter().any(|c| {
            strength(c) == Strength::Strong
                && !shape.as_ref().is_some_and(|s| s.contains(&c.range.start))
        });
        for kind in [Kind::Contract, Kind::Constraint, Kind::Sentinel] {
            out.replies.extend(matching(kind, &whole));
        }
        // What a name such as `word_count` says limits nothing.
        out.replies.retain(|c| {
            let inside = |n: &Range<usize>| n.start <= c.range.start && c.range.end <= n.end;
            rule(rules, c).is_none_or(|r| r.kind != Kind::Constraint) || !named.iter().any(inside)
        });
        out.neutral = matching(Kind::Neutral, &whole);
        // Headings colour nothing: what they name is asked for below them.
        if unit.kind == UnitKind::Instruction {
            let affirmative = unit.text.affirmative();
            out.judgements = matching(Kind::Judgement, &rules.screen(&affirmative));
            // A condition is a test whatever is asked for where it holds.
            if let Some(condition) = condition(text) {
                let words = rules.screen(text.get(condition).unwrap_or_default());
                out.asides = matching(Kind::Task, &words);
                out.asides.retain(|c| {
                    rule(rules, c).is_some_and(|r| r.category == Some(Category::Branch))
                });
            }
            let clauses = clauses(text);
            let mut open: f64 = 0.0;
            if clauses.len() > 1 {
                for clause in clauses {
                    let words = rules.screen(text.get(clause.clone()).unwrap_or_default());
                    let judged = matching(Kind::Judgement, &words)
                        .iter()
                        .filter_map(|j| rule(rules, j))
                        .map(|r| r.strength)
                        .max();
                    let tasks = matching(Kind::Task, &words);
                    if judged == Some(Strength::Hard)
                        || judged == Some(Strength::Medium) && tasks.is_empty()
                    {
                        open = CLAIMS;
                        continue;
                    }
                    out.asides.extend(
                        tasks
                            .into_iter()
                            .map(|t| Claim {
                                rule: t.rule,
                                range: t.range.start + clause.start..t.range.end + clause.start,
                            })
                            .filter(|t| {
                                !negated
                                    .iter()
                                    .chain(&samples)
                                    .any(|n| n.contains(&t.range.start))
                            }),
                    );
                }
                out.asides.sort_by_key(|c| std::cmp::Reverse(strength(c)));
                out.matched.extend(out.asides.iter().map(|t| t.rule));
            }
            if self.governed(rules, &affirmative, &out) || open > 0.0 {
                out.strong = false;
            }
            out.judgement = self.weigh(rules, unit, &out);
            if !is_role_line(text) {
                out.judgement = out.judgement.max(open);
            }
            out.unclaimed = self.unclaimed(unit, &out);
        }
        out
    }

    /// The judgement weight of a unit: see ARCHITECTURE.md, units and coverage.
    fn weigh(&self, rules: &RuleSet, unit: &Unit, c: &UnitClaims) -> f64 {
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
    fn governed(&self, rules: &RuleSet, affirmative: &str, c: &UnitClaims) -> bool {
        let Some(first_task) = c.tasks.iter().map(|t| t.range.start).min() else {
            return false;
        };
        c.judgements.iter().any(|j| {
            let lead = affirmative.get(..j.range.start).unwrap_or_default();
            rule(rules, j).is_some_and(|r| {
                r.strength == Strength::Hard && r.tags.iter().any(|t| t == "verbs")
            }) && lead.split_whitespace().count() <= 3
                && j.range.start < first_task
        })
    }

    fn unclaimed(&self, unit: &Unit, c: &UnitClaims) -> f64 {
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
        let words = text.split_whitespace().count();
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

    /// The claims with their units, in order.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&Unit, &UnitClaims)> {
        self.units.iter().zip(&self.claims)
    }
}

/// The rule behind a claim.
pub(super) fn rule<'a>(rules: &'a RuleSet, claim: &Claim) -> Option<&'a Rule> {
    rules.get(claim.rule)
}

const fn role_is(name: RoleName, role: Role) -> bool {
    matches!(
        (name, role),
        (RoleName::System, Role::System)
            | (RoleName::User, Role::User | Role::Template)
            | (RoleName::Description, Role::Description)
    )
}

const fn structured_is(name: StructuredName, s: crate::calls::Structured) -> bool {
    use crate::calls::Structured as S;
    matches!(
        (name, s),
        (StructuredName::None, S::None)
            | (StructuredName::JsonMode, S::JsonMode)
            | (StructuredName::Schema, S::Schema)
    )
}
