//! Compiled patterns, each made when a text first has the words that it requires (`screen.rs`),
//! so that a run compiles only what its prompts need.

use std::ops::Range;
use std::sync::OnceLock;

use rayon::prelude::*;
use regex::bytes::{Captures, Regex};

use super::atoms::Atoms;
use super::compile::compile;
use super::error::RuleError;
use super::schema::Rule;
use super::screen::{Passed, Screen};
use super::vocabulary::Vocabulary;

/// The patterns of a set of rules, by index of the rule.
#[derive(Debug, Default)]
pub struct Matcher {
    rules: Vec<Slots>,
    screen: OnceLock<Screen>,
}

/// What a variant's condition captured: names and texts.
pub type Captured = Vec<(String, String)>;

/// A text and the patterns that it lets through: what rules are matched against.
#[derive(Debug)]
pub struct Screened<'t> {
    text: &'t str,
    passed: Passed,
}

/// A pattern, compiled when first needed; `None` inside where it does not compile, which is told
/// when rules are read.
type Slot = OnceLock<Option<Regex>>;

/// The patterns of one rule.
#[derive(Debug)]
struct Slots {
    any: Patterns,
    not: Patterns,
    /// The conditions of the variants of a suggestion.
    variants: Vec<Slot>,
    /// The condition on the literal of a reply use.
    detail: Slot,
    /// The condition on the function's name.
    function: Slot,
    /// The conditions on the call's parameters, in the order of their names.
    parameters: Vec<Slot>,
}

/// Patterns of which one has to match.
#[derive(Debug)]
struct Patterns {
    slots: Vec<Slot>,
    /// The number of the first one in the screen.
    first: usize,
}

impl Patterns {
    fn new(count: usize, first: usize) -> Self {
        Self {
            slots: (0..count).map(|_| OnceLock::new()).collect(),
            first,
        }
    }

    /// The patterns that a text lets through, with their numbers in the rule.
    fn passing<'a>(
        &'a self,
        sources: &'a [String],
        vocabulary: &'a Vocabulary,
        passed: &'a Passed,
    ) -> impl Iterator<Item = (usize, &'a Regex)> {
        (self.first..)
            .zip(&self.slots)
            .enumerate()
            .filter(|(_, (number, _))| passed.has(*number))
            .filter_map(|(i, (_, slot))| {
                let regex = slot.get_or_init(|| compile(sources.get(i)?, vocabulary).ok());
                Some((i, regex.as_ref()?))
            })
    }

    /// The leftmost match that begins at or after `from`; of those that begin together the one of
    /// the first pattern.
    fn find_at(
        &self,
        sources: &[String],
        vocabulary: &Vocabulary,
        text: &str,
        passed: &Passed,
        from: usize,
    ) -> Option<Range<usize>> {
        self.passing(sources, vocabulary, passed)
            .filter_map(|(_, r)| r.find_at(text.as_bytes(), from))
            // Expressions run over bytes, so that `.{1,9}` may end inside a character.
            .map(|m| text.floor_char_boundary(m.start())..text.ceil_char_boundary(m.end()))
            .reduce(|best, m| if m.start < best.start { m } else { best })
    }

    fn is_match(
        &self,
        sources: &[String],
        vocabulary: &Vocabulary,
        text: &[u8],
        passed: &Passed,
    ) -> bool {
        self.passing(sources, vocabulary, passed)
            .any(|(_, r)| r.is_match(text))
    }
}

impl Matcher {
    /// For these rules, nothing compiled.
    #[must_use]
    pub fn new(rules: &[Rule]) -> Self {
        let mut number = 0;
        let mut patterns = |count: usize| {
            number += count;
            Patterns::new(count, number - count)
        };
        Self {
            rules: rules
                .iter()
                .map(|r| Slots {
                    any: patterns(r.any.len()),
                    not: patterns(r.not.len()),
                    variants: r.variants.iter().map(|_| OnceLock::new()).collect(),
                    detail: OnceLock::new(),
                    function: OnceLock::new(),
                    parameters: r.when.parameters.iter().map(|_| OnceLock::new()).collect(),
                })
                .collect(),
            screen: OnceLock::new(),
        }
    }

    /// A text, ready to be matched.
    pub fn screen<'t>(
        &self,
        rules: &[Rule],
        vocabulary: &Vocabulary,
        text: &'t str,
    ) -> Screened<'t> {
        let screen = self.screen.get_or_init(|| {
            let atoms = Atoms::new(vocabulary);
            let required = |r: &Rule| {
                let both = r.any.iter().chain(&r.not);
                both.map(|p| atoms.required(p)).collect::<Vec<_>>()
            };
            Screen::new(rules.par_iter().flat_map_iter(required).collect())
        });
        Screened {
            text,
            passed: screen.pass(text.as_bytes()),
        }
    }

    /// Where a rule matches a text: the leftmost match, unless a veto matches as well.
    pub fn find(
        &self,
        index: usize,
        rule: &Rule,
        vocabulary: &Vocabulary,
        text: &Screened<'_>,
    ) -> Option<Range<usize>> {
        let slots = self.rules.get(index)?;
        let (bytes, passed) = (text.text.as_bytes(), &text.passed);
        let found = slots
            .any
            .find_at(&rule.any, vocabulary, text.text, passed, 0)?;
        (!slots.not.is_match(&rule.not, vocabulary, bytes, passed)).then_some(found)
    }

    /// Where a rule matches a text, one match after the other, at most `max`. A veto holds for the
    /// match whose words it fits, not for the others.
    pub fn find_each(
        &self,
        index: usize,
        rule: &Rule,
        vocabulary: &Vocabulary,
        text: &Screened<'_>,
        max: usize,
    ) -> Vec<Range<usize>> {
        let Some(slots) = self.rules.get(index) else {
            return Vec::new();
        };
        let (bytes, passed) = (text.text.as_bytes(), &text.passed);
        let mut out = Vec::new();
        let mut from = 0;
        while out.len() < max
            && let Some(found) = slots
                .any
                .find_at(&rule.any, vocabulary, text.text, passed, from)
        {
            from = found.end.max(from + 1);
            let words = bytes.get(found.clone()).unwrap_or_default();
            if !slots.not.is_match(&rule.not, vocabulary, words, passed) {
                out.push(found);
            }
            if from > bytes.len() {
                break;
            }
        }
        out
    }

    /// The numbers of the patterns of a rule that match a text by themselves; vetoes do not count.
    pub fn hits(
        &self,
        index: usize,
        rule: &Rule,
        vocabulary: &Vocabulary,
        text: &Screened<'_>,
    ) -> Vec<usize> {
        self.rules.get(index).map_or_else(Vec::new, |slots| {
            slots
                .any
                .passing(&rule.any, vocabulary, &text.passed)
                .filter(|(_, r)| r.is_match(text.text.as_bytes()))
                .map(|(i, _)| i)
                .collect()
        })
    }

    /// Where a variant's condition matches a text, with its named groups: the first match that
    /// touches `near`, else the first.
    pub fn variant(
        &self,
        index: usize,
        rule: &Rule,
        vocabulary: &Vocabulary,
        number: usize,
        text: &str,
        near: &Range<usize>,
    ) -> Option<(Range<usize>, Captured)> {
        let when = &rule.variants.get(number)?.when;
        let slot = self.rules.get(index)?.variants.get(number)?;
        let regex = one(slot, when, vocabulary)?;
        let matched = |c: &Captures<'_>| c.get(0).map_or(0..0, |m| m.range());
        let touches = |c: &Captures<'_>| {
            let m = matched(c);
            m.start < near.end && near.start < m.end
        };
        let captures = regex
            .captures_iter(text.as_bytes())
            .find(touches)
            .or_else(|| regex.captures(text.as_bytes()))?;
        let named = regex.capture_names().flatten().filter_map(|name| {
            let words = captures.name(name)?.as_bytes();
            Some((name.to_owned(), String::from_utf8_lossy(words).into_owned()))
        });
        Some((matched(&captures), named.collect()))
    }

    /// Whether a rule's condition on a reply use's literal holds (true where it has none).
    pub fn detail(
        &self,
        index: usize,
        rule: &Rule,
        vocabulary: &Vocabulary,
        literal: &str,
    ) -> bool {
        let slot = self.rules.get(index).map(|s| &s.detail);
        holds(slot, rule.when.detail.as_ref(), vocabulary, literal)
    }

    /// Whether a rule's condition on the function's name holds (true where it has none).
    pub fn function(
        &self,
        index: usize,
        rule: &Rule,
        vocabulary: &Vocabulary,
        words: &str,
    ) -> bool {
        let slot = self.rules.get(index).map(|s| &s.function);
        holds(slot, function(rule), vocabulary, words)
    }

    /// Whether a rule's conditions on the call's parameters hold, names and values as far as they are known, hold.
    pub fn parameters(
        &self,
        index: usize,
        rule: &Rule,
        vocabulary: &Vocabulary,
        parameters: &[(String, String)],
    ) -> bool {
        let slots = self.rules.get(index).map_or(&[][..], |s| &s.parameters);
        (rule.when.parameters.iter())
            .zip(slots)
            .all(|((name, source), slot)| {
                let mut known = parameters.iter().filter(|(k, _)| k == name);
                known.any(|(_, v)| {
                    one(slot, source, vocabulary).is_some_and(|r| r.is_match(v.as_bytes()))
                })
            })
    }
}

/// A rule's condition on the name of the function around the call.
fn function(rule: &Rule) -> Option<&String> {
    let by_type = rule.signature.as_ref();
    (rule.when.function.as_ref()).or_else(|| by_type.and_then(|s| s.function.as_ref()))
}

/// The expression of a pattern that stands alone.
fn one<'s>(slot: &'s Slot, source: &str, vocabulary: &Vocabulary) -> Option<&'s Regex> {
    slot.get_or_init(|| compile(source, vocabulary).ok())
        .as_ref()
}

/// Whether a condition holds for words; one that is not there does.
fn holds(
    slot: Option<&Slot>,
    condition: Option<&String>,
    vocabulary: &Vocabulary,
    words: &str,
) -> bool {
    condition.is_none_or(|source| {
        slot.and_then(|s| one(s, source, vocabulary))
            .is_some_and(|r| r.is_match(words.as_bytes()))
    })
}

/// Checks every pattern of a rule by itself, to name the one that is wrong.
///
/// # Errors
/// With the line of the first pattern that does not compile.
pub fn check(rule: &Rule, vocabulary: &Vocabulary) -> Result<(), RuleError> {
    let error = |line: Option<usize>, message: String| RuleError {
        path: rule.path.clone(),
        line,
        message,
    };
    let (any, not) = &rule.pattern_lines;
    for (patterns, lines) in [(&rule.any, any), (&rule.not, not)] {
        for (i, p) in patterns.iter().enumerate() {
            compile(p, vocabulary).map_err(|m| error(lines.get(i).copied(), m))?;
        }
    }
    let conditions = (rule.variants.iter().map(|v| &v.when))
        .chain(&rule.when.detail)
        .chain(rule.when.parameters.values())
        .chain(function(rule));
    for source in conditions {
        compile(source, vocabulary).map_err(|m| error(None, m))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The screen leaves out no pattern that matches: with all patterns run, every rule finds in
    /// every case of every rule the same.
    #[test]
    fn the_screen_loses_no_match() -> Result<(), RuleError> {
        let rules = crate::rules::RuleSet::builtin()?;
        let all: Vec<Rule> = rules.iter().cloned().collect();
        let matcher = Matcher::new(&all);
        let patterns = all.iter().map(|r| r.any.len() + r.not.len()).sum();
        let texts: Vec<&String> = all
            .iter()
            .flat_map(|r| r.matches.iter().chain(&r.no_matches))
            .map(|c| &c.prompt)
            .collect();
        assert!(texts.len() > 1000, "{} cases", texts.len());
        let passing: usize = texts
            .par_iter()
            .map(|text| {
                let screened = matcher.screen(&all, rules.vocabulary(), text);
                let unscreened = Screened {
                    text,
                    passed: Passed::all(patterns),
                };
                for (i, r) in all.iter().enumerate() {
                    let of = |t| matcher.find_each(i, r, rules.vocabulary(), t, 9);
                    assert_eq!(of(&screened), of(&unscreened), "{} in {text:?}", r.id);
                }
                (0..patterns).filter(|n| screened.passed.has(*n)).count()
            })
            .sum();
        let share = passing as f64 / (patterns * texts.len()) as f64;
        assert!(share < 0.1, "{share} of the patterns are run");
        Ok(())
    }
}
