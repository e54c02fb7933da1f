//! What the rules make of one unit: which tasks, contracts, limits and judgements its words are.

use std::ops::Range;

use super::clauses::{
    clauses, condition, hole_names, is_role_line, negated, samples, shape_inside,
};
use super::coverage::{CLAIMS, Claim, Coverage, UnitClaims, rule};
use super::weight;
use crate::calls::{LlmCall, Role};
use crate::finding::Category;
use crate::prompt::{Unit, UnitKind};
use crate::rules::matcher::Screened;
use crate::rules::{Kind, RuleSet, Strength};

/// Tag of contract rules that look at data: the form of a reply shown by samples.
const DATA: &str = "data";
/// Tag of task rules that count where no other task is found in a unit.
const FALLBACK: &str = "fallback";
/// Bytes of a piece of data that those look at.
const DATA_HEAD: usize = 4096;
/// Limits that are read of a piece of data: each field may state its own.
const DATA_LIMITS: usize = 8;
/// Words that the name of a value has; more are an expression.
const NAME_WORDS: usize = 2;

/// A unit that is being claimed.
pub(super) struct Claiming<'a> {
    /// The prompt, its units before this one claimed.
    pub(super) cover: &'a Coverage,
    /// The call.
    pub(super) call: &'a LlmCall,
    /// The rules.
    pub(super) rules: &'a RuleSet,
    /// The unit.
    pub(super) unit: &'a Unit,
    /// Whether it is a point of a rubric.
    pub(super) in_rubric: bool,
}

/// Parts of a unit whose words are no orders.
struct Apart {
    negated: Vec<Range<usize>>,
    /// The words of holes.
    named: Vec<Range<usize>>,
    samples: Vec<Range<usize>>,
}

impl Apart {
    fn of(text: &str) -> Self {
        Self {
            negated: negated(text),
            named: hole_names(text),
            samples: samples(text),
        }
    }

    /// Whether a byte stands in what is forbidden or shown.
    fn unordered(&self, at: usize) -> bool {
        let mut parts = self.negated.iter().chain(&self.samples);
        parts.any(|n| n.contains(&at))
    }
}

impl Claiming<'_> {
    /// The claims of the unit.
    pub(super) fn claims(&self) -> UnitClaims {
        let mut out = UnitClaims::default();
        let text = &self.unit.text.text;
        if self.unit.kind == UnitKind::Data {
            out.replies = self.of_data();
            return out;
        }
        let whole = self.rules.screen(text);
        if self.unit.role == Role::Description {
            // What stands for a missing value is the schema's to say.
            out.replies = self.matching(Kind::Constraint, &whole);
            return out;
        }
        let apart = Apart::of(text);
        self.add_tasks(&whole, &apart, &mut out);
        for kind in [Kind::Contract, Kind::Constraint, Kind::Sentinel] {
            out.replies.extend(self.matching(kind, &whole));
        }
        // What a name such as `word_count` says limits nothing.
        out.replies.retain(|c| {
            let inside = |n: &Range<usize>| n.start <= c.range.start && c.range.end <= n.end;
            self.kind(c) != Some(Kind::Constraint) || !apart.named.iter().any(inside)
        });
        out.neutral = self.matching(Kind::Neutral, &whole);
        // Headings colour nothing: what they name is asked for below them.
        if self.unit.kind == UnitKind::Instruction {
            self.add_judgement(&apart, &mut out);
            out.unclaimed = self.cover.unclaimed(self.unit, &out);
        }
        out
    }

    /// The rules of a kind that match words of the unit.
    fn matching(&self, kind: Kind, text: &Screened<'_>) -> Vec<Claim> {
        self.rules
            .of_kind(kind)
            .filter(|(_, r)| r.signature.is_none() && !r.tags.iter().any(|t| t == DATA))
            .filter_map(|(rule, r)| {
                let range = self.rules.find(rule, text)?;
                self.cover
                    .holds(self.call, self.rules, rule, &r.when, self.unit)
                    .then_some(Claim { rule, range })
            })
            .collect()
    }

    fn kind(&self, c: &Claim) -> Option<Kind> {
        rule(self.rules, c).map(|r| r.kind)
    }

    fn is_branch(&self, c: &Claim) -> bool {
        rule(self.rules, c).is_some_and(|r| r.category == Some(Category::Branch))
    }

    fn strength(&self, c: &Claim) -> Strength {
        rule(self.rules, c).map_or(Strength::Weak, |r| r.strength)
    }

    /// The contracts and limits that a piece of data shows: a sample of the reply.
    fn of_data(&self) -> Vec<Claim> {
        let text = &self.unit.text.text;
        let head = self
            .rules
            .screen(&text[..text.floor_char_boundary(DATA_HEAD)]);
        let mut out = Vec::new();
        for (kind, most) in [(Kind::Contract, 1), (Kind::Constraint, DATA_LIMITS)] {
            let of_data = self.rules.of_kind(kind).filter(|(i, r)| {
                r.tags.iter().any(|t| t == DATA)
                    && self
                        .cover
                        .holds(self.call, self.rules, *i, &r.when, self.unit)
            });
            for (rule, _) in of_data {
                let found = self.rules.find_each(rule, &head, most);
                out.extend(found.into_iter().map(|range| Claim { rule, range }));
            }
        }
        out
    }

    /// The tasks that the words of the unit are, strong ones first, without overlaps.
    fn add_tasks(&self, whole: &Screened<'_>, apart: &Apart, out: &mut UnitClaims) {
        let text = &self.unit.text.text;
        let mut tasks = self.matching(Kind::Task, whole);
        // The words of an expression are no instruction, nor are those of a sample.
        tasks.retain(|c| {
            let inside = |n: &Range<usize>| n.contains(&c.range.start);
            // A name (`{csv}`) may complete an order; a longer expression computes something itself.
            let ends_inside = |n: &Range<usize>| {
                let words = text.get(n.clone()).unwrap_or_default();
                n.start < c.range.end
                    && c.range.end <= n.end
                    && words.split_whitespace().count() > NAME_WORDS
            };
            let mut named = apart.named.iter();
            !apart.unordered(c.range.start) && !named.any(|n| inside(n) || ends_inside(n))
        });
        // What a rubric's points describe is judged; no value is compared with their bounds.
        if self.in_rubric {
            tasks.retain(|c| !self.is_branch(c));
        }
        // What only names an operand tells nothing beside words that say what is done to it.
        let fallback =
            |c: &Claim| rule(self.rules, c).is_some_and(|r| r.tags.iter().any(|t| t == FALLBACK));
        if !tasks.iter().all(fallback) {
            tasks.retain(|c| !fallback(c));
        }
        out.matched = tasks.iter().map(|t| t.rule).collect();
        tasks.sort_by(|a, b| {
            (self.strength(b).cmp(&self.strength(a)))
                .then_with(|| b.range.len().cmp(&a.range.len()))
                .then_with(|| a.rule.cmp(&b.rule))
        });
        for t in tasks {
            let mut others = out.tasks.iter();
            if others.all(|o| o.range.end <= t.range.start || t.range.end <= o.range.start) {
                out.tasks.push(t);
            }
        }
        // The form of a field in a shape spelled out is no task of its own.
        let shape = shape_inside(text);
        let in_shape = |c: &Claim| shape.as_ref().is_some_and(|s| s.contains(&c.range.start));
        out.strong =
            (out.tasks.iter()).any(|c| self.strength(c) == Strength::Strong && !in_shape(c));
    }

    /// How much of the unit is judgement, and the tasks that only one of its clauses asks for.
    fn add_judgement(&self, apart: &Apart, out: &mut UnitClaims) {
        let text = &self.unit.text.text;
        let affirmative = self.unit.text.affirmative();
        out.judgements = self.matching(Kind::Judgement, &self.rules.screen(&affirmative.text));
        // A condition is a test whatever is asked for where it holds.
        if let Some(condition) = condition(text) {
            let words = self.rules.screen(text.get(condition).unwrap_or_default());
            out.asides = self.matching(Kind::Task, &words);
            out.asides.retain(|c| self.is_branch(c));
        }
        let open = self.add_clauses(apart, out);
        if weight::governed(self.rules, &affirmative, out) || open {
            out.strong = false;
        }
        out.judgement = weight::weigh(self.rules, self.unit, out);
        if open && !is_role_line(text) {
            out.judgement = out.judgement.max(CLAIMS);
        }
    }

    /// The tasks of the unit's clauses, each read by itself; whether one of them asks for judgement.
    fn add_clauses(&self, apart: &Apart, out: &mut UnitClaims) -> bool {
        let text = &self.unit.text.text;
        let clauses = clauses(text);
        if clauses.len() < 2 {
            return false;
        }
        let mut open = false;
        for clause in clauses {
            let words = self
                .rules
                .screen(text.get(clause.clone()).unwrap_or_default());
            let judgements = self.matching(Kind::Judgement, &words);
            let judged = judgements.iter().map(|j| self.strength(j)).max();
            let tasks = self.matching(Kind::Task, &words);
            if judged == Some(Strength::Hard)
                || judged == Some(Strength::Medium) && tasks.is_empty()
            {
                open = true;
                continue;
            }
            let moved = tasks.into_iter().map(|t| Claim {
                rule: t.rule,
                range: t.range.start + clause.start..t.range.end + clause.start,
            });
            out.asides
                .extend(moved.filter(|t| !apart.unordered(t.range.start)));
        }
        out.asides
            .sort_by_key(|c| std::cmp::Reverse(self.strength(c)));
        out.matched.extend(out.asides.iter().map(|t| t.rule));
        open
    }
}
