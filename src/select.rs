//! Which rules run where: selectors (`ALL`, a category, a rule id), their layers, and the filter
//! that a run's findings pass through.
//!
//! A *layer* is one place where rules are chosen: the rules' defaults, the settings file, a
//! `[[overrides]]` table, the command line. Within a layer the more specific selector wins (rule
//! over category over `ALL`), and `ignore` wins a tie; a later layer adds to the earlier ones,
//! unless it has a `select`, which starts afresh. A rule that is off by default asks something
//! else than the others of its category: only its own id switches it on.

pub mod filter;

use std::collections::BTreeMap;
use std::fmt;

use crate::finding::{Category, Severity};
use crate::report::RuleDoc;

/// What a selector names.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Selector {
    /// Every rule but those that are off by default, which are named one by one.
    All,
    /// Every rule of a category; the checks of suppression comments are one, too.
    Category(&'static str),
    /// One rule.
    Rule(String),
}

impl Selector {
    /// Reads a selector.
    ///
    /// # Errors
    /// If no rule, category or `ALL` has that name.
    pub fn parse(text: &str, rules: &[RuleDoc]) -> Result<Self, UnknownRule> {
        if text == "ALL" || text == "all" {
            return Ok(Self::All);
        }
        if rules.iter().any(|r| r.id == text) {
            return Ok(Self::Rule(text.to_owned()));
        }
        if let Some(category) = categories().find(|c| *c == text) {
            return Ok(Self::Category(category));
        }
        Err(UnknownRule {
            name: text.to_owned(),
            nearest: nearest(
                text,
                rules.iter().map(|r| r.id.as_str()).chain(categories()),
            ),
        })
    }

    const fn specificity(&self) -> u8 {
        match self {
            Self::All => 0,
            Self::Category(_) => 1,
            Self::Rule(_) => 2,
        }
    }

    /// Whether it names this rule.
    #[must_use]
    pub fn matches(&self, rule: &str, category: &str) -> bool {
        match self {
            Self::All => true,
            Self::Category(c) => *c == category,
            Self::Rule(id) => id == rule,
        }
    }
}

/// The names of all categories.
fn categories<'a>() -> impl Iterator<Item = &'a str> {
    let of_findings = Category::ALL.iter().map(|c| c.as_str());
    of_findings.chain([crate::suppress::CATEGORY])
}

/// A name that is neither a rule nor a category.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownRule {
    /// The name.
    pub name: String,
    /// The known name most like it.
    pub nearest: Option<String>,
}

impl fmt::Display for UnknownRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "unknown rule or category `{}`", self.name)?;
        if let Some(nearest) = &self.nearest {
            write!(f, "; did you mean `{nearest}`?")?;
        }
        Ok(())
    }
}

impl std::error::Error for UnknownRule {}

/// The candidate most like `name`, if one is alike enough to be what was meant.
#[must_use]
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let mut best: Option<(f64, &str)> = None;
    for candidate in candidates {
        let score = strsim::jaro_winkler(name, candidate);
        if score > 0.8 && best.is_none_or(|(s, _)| score > s) {
            best = Some((score, candidate));
        }
    }
    best.map(|(_, c)| c.to_owned())
}

/// One place where rules are chosen.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Layer {
    /// Start afresh with these.
    pub select: Option<Vec<Selector>>,
    /// Add these.
    pub extend_select: Vec<Selector>,
    /// Take these away.
    pub ignore: Vec<Selector>,
}

impl Layer {
    /// Whether the rule is on after this layer, `before` being whether it was on before it.
    fn decide(&self, rule: &RuleDoc, before: bool) -> bool {
        let mut on = before && self.select.is_none();
        for specificity in 0..=2 {
            let hit = |list: &[Selector]| {
                list.iter()
                    .any(|s| s.specificity() == specificity && s.matches(&rule.id, rule.category))
            };
            // A rule that is off by default is switched on by its own name only.
            let may_start = rule.default_on || specificity == 2;
            let selected =
                hit(self.select.as_deref().unwrap_or_default()) || hit(&self.extend_select);
            if may_start && selected {
                on = true;
            }
            if hit(&self.ignore) {
                on = false;
            }
        }
        on
    }
}

/// The rules that are on.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// By rule id: whether it is on.
    on: BTreeMap<String, bool>,
}

impl Selection {
    /// The rules that are on after these layers, in order, over the rules' defaults.
    #[must_use]
    pub fn new(rules: &[RuleDoc], layers: &[&Layer]) -> Self {
        let on = rules
            .iter()
            .map(|rule| {
                let on = layers
                    .iter()
                    .fold(rule.default_on, |on, layer| layer.decide(rule, on));
                (rule.id.clone(), on)
            })
            .collect();
        Self { on }
    }

    /// Whether a rule is on. A rule that was not loaded is off.
    #[must_use]
    pub fn contains(&self, rule: &str) -> bool {
        self.on.get(rule).copied().unwrap_or(false)
    }

    /// The rules that are on, sorted.
    pub fn rules(&self) -> impl Iterator<Item = &str> {
        self.on
            .iter()
            .filter(|(_, on)| **on)
            .map(|(id, _)| id.as_str())
    }
}

/// The lowest severity that makes a run fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailOn {
    /// This severity and higher.
    Severity(Severity),
    /// Findings never make a run fail.
    Never,
}

impl Default for FailOn {
    fn default() -> Self {
        Self::Severity(Severity::Warning)
    }
}

impl FailOn {
    /// Whether a finding of this severity makes the run fail.
    #[must_use]
    pub fn fails(self, severity: Severity) -> bool {
        match self {
            Self::Severity(least) => severity >= least,
            Self::Never => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(id: &str, category: &'static str, default_on: bool) -> RuleDoc {
        RuleDoc {
            default_on,
            ..RuleDoc::new(id, category)
        }
    }

    fn rules() -> Vec<RuleDoc> {
        vec![
            rule("extract-email", "extract", true),
            rule("extract-url", "extract", false),
            rule("count-words", "compute", true),
        ]
    }

    fn layer(select: Option<&[&str]>, extend: &[&str], ignore: &[&str]) -> Layer {
        let parse = |names: &[&str]| -> Vec<Selector> {
            names
                .iter()
                .filter_map(|n| Selector::parse(n, &rules()).ok())
                .collect()
        };
        Layer {
            select: select.map(parse),
            extend_select: parse(extend),
            ignore: parse(ignore),
        }
    }

    fn on(layers: &[&Layer]) -> Vec<String> {
        Selection::new(&rules(), layers)
            .rules()
            .map(str::to_owned)
            .collect()
    }

    #[test]
    fn defaults_hold_without_layers() {
        assert_eq!(on(&[]), ["count-words", "extract-email"]);
    }

    #[test]
    fn the_more_specific_selector_wins_within_a_layer() {
        assert_eq!(
            on(&[&layer(Some(&["extract-url"]), &[], &["extract"])]),
            ["extract-url"]
        );
        assert_eq!(
            on(&[&layer(Some(&["ALL"]), &[], &["extract-email"])]),
            ["count-words"]
        );
        assert_eq!(
            on(&[&layer(Some(&["extract"]), &[], &["extract"])]),
            Vec::<String>::new()
        );
    }

    #[test]
    fn select_starts_afresh_and_extend_select_adds() {
        let file = layer(None, &[], &["extract-email"]);
        assert_eq!(on(&[&file]), ["count-words"]);
        assert_eq!(
            on(&[&file, &layer(None, &["extract-url"], &[])]),
            ["count-words", "extract-url"]
        );
        assert_eq!(
            on(&[&file, &layer(Some(&["ALL"]), &[], &[])]),
            ["count-words", "extract-email"]
        );
    }

    #[test]
    fn the_checks_of_suppressions_are_a_category() {
        let category = Selector::parse("suppression", &rules());
        assert_eq!(category, Ok(Selector::Category("suppression")));
    }

    #[test]
    fn an_unknown_name_brings_the_nearest_one() {
        assert_eq!(
            Selector::parse("extract-emial", &rules())
                .map_err(|e| e.to_string())
                .err()
                .as_deref(),
            Some("unknown rule or category `extract-emial`; did you mean `extract-email`?")
        );
        assert_eq!(
            Selector::parse("zzz", &rules()).map_err(|e| e.nearest),
            Err(None)
        );
    }
}
