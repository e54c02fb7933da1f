//! Compiled patterns, made when first needed, so that a run without LLM calls compiles none.
//!
//! The alternatives of a rule are one regular expression on bytes without Unicode classes (`\w` and
//! `\b` are ASCII, which keeps it small and lets it run as an automaton over any text). Patterns that
//! cannot be written so (a character class with letters beyond ASCII) are a second one, with Unicode:
//! its word boundaries are slow on text beyond ASCII, and every text with a hole is that.

use std::ops::Range;
use std::sync::OnceLock;

use regex::bytes::{Captures, Regex, RegexBuilder};

use super::error::RuleError;
use super::schema::Rule;
use super::vocabulary::Vocabulary;

/// Compiled size that a rule may have.
const SIZE_LIMIT: usize = 32 << 20;

/// The compiled patterns of a set of rules, by index of the rule.
#[derive(Debug, Default)]
pub struct Matcher {
    slots: Vec<OnceLock<Option<Compiled>>>,
    /// The patterns one by one, for [`Matcher::hits`].
    single: Vec<OnceLock<Vec<Option<Regex>>>>,
    /// The conditions of the variants of a suggestion.
    variants: Vec<OnceLock<Vec<Option<Regex>>>>,
}

/// What a variant's condition captured: names and texts.
pub type Captured = Vec<(String, String)>;

#[derive(Debug)]
struct Compiled {
    any: Alternatives,
    /// The vetoes, made when something first matches: for most rules of a run nothing does.
    not: OnceLock<Alternatives>,
    detail: Alternatives,
    function: Alternatives,
}

/// Patterns of which one has to match.
#[derive(Debug, Default)]
struct Alternatives {
    /// Those that do without Unicode classes.
    bytes: Option<Regex>,
    /// The others.
    wide: Option<Regex>,
}

impl Alternatives {
    /// # Errors
    /// With the message of the pattern that does not compile.
    fn new(patterns: &[String], vocabulary: &Vocabulary) -> Result<Self, String> {
        let sources = patterns
            .iter()
            .map(|p| Ok(format!("(?:{})", vocabulary.expand(p)?)))
            .collect::<Result<Vec<_>, String>>()?;
        // Whether a pattern needs Unicode is seen when it is parsed, which is quick.
        let plain: Vec<bool> = sources.iter().map(|s| parses_as_bytes(s)).collect();
        let all_plain = plain.iter().all(|p| *p);
        let mut bytes = Vec::new();
        let mut wide = Vec::new();
        for ((source, pattern), plain) in sources.into_iter().zip(patterns).zip(plain) {
            // Beside patterns with Unicode, one in another script counts letters, not bytes, too.
            let plain = plain && (all_plain || pattern.is_ascii());
            if plain { &mut bytes } else { &mut wide }.push(source);
        }
        Ok(Self {
            bytes: build(&bytes, false)?,
            wide: build(&wide, true)?,
        })
    }

    /// The leftmost match.
    fn find(&self, text: &[u8]) -> Option<Range<usize>> {
        self.find_at(text, 0)
    }

    /// The leftmost match that begins at or after `from`.
    fn find_at(&self, text: &[u8], from: usize) -> Option<Range<usize>> {
        let of = |r: &Option<Regex>| r.as_ref()?.find_at(text, from).map(|m| m.range());
        match (of(&self.bytes), of(&self.wide)) {
            (Some(a), Some(b)) => Some(if b.start < a.start { b } else { a }),
            (a, b) => a.or(b),
        }
    }

    fn is_match(&self, text: &[u8]) -> bool {
        [&self.bytes, &self.wide]
            .into_iter()
            .flatten()
            .any(|r| r.is_match(text))
    }

    /// The expression of a single pattern.
    fn one(pattern: &str, vocabulary: &Vocabulary) -> Option<Regex> {
        let a = Self::new(&[pattern.to_owned()], vocabulary).ok()?;
        a.bytes.or(a.wide)
    }
}

impl Matcher {
    /// For this many rules, none compiled.
    #[must_use]
    pub fn new(rules: usize) -> Self {
        Self {
            slots: (0..rules).map(|_| OnceLock::new()).collect(),
            single: (0..rules).map(|_| OnceLock::new()).collect(),
            variants: (0..rules).map(|_| OnceLock::new()).collect(),
        }
    }

    fn get(&self, index: usize, rule: &Rule, vocabulary: &Vocabulary) -> Option<&Compiled> {
        self.slots
            .get(index)?
            .get_or_init(|| Compiled::new(rule, vocabulary).ok())
            .as_ref()
    }

    /// Compiles a rule now.
    pub fn compile(&self, index: usize, rule: &Rule, vocabulary: &Vocabulary) {
        self.get(index, rule, vocabulary);
    }

    /// Where a rule matches a text: the leftmost match, unless a veto matches as well.
    pub fn find(
        &self,
        index: usize,
        rule: &Rule,
        vocabulary: &Vocabulary,
        text: &str,
    ) -> Option<Range<usize>> {
        let c = self.get(index, rule, vocabulary)?;
        let found = c.any.find(text.as_bytes())?;
        (!c.not(rule, vocabulary).is_match(text.as_bytes())).then_some(found)
    }

    /// Where a rule matches a text, one match after the other, at most `max`. A veto holds for the
    /// match whose words it fits, not for the others.
    pub fn find_each(
        &self,
        index: usize,
        rule: &Rule,
        vocabulary: &Vocabulary,
        text: &str,
        max: usize,
    ) -> Vec<Range<usize>> {
        let Some(c) = self.get(index, rule, vocabulary) else {
            return Vec::new();
        };
        let mut out = Vec::new();
        let mut from = 0;
        while out.len() < max
            && let Some(found) = c.any.find_at(text.as_bytes(), from)
        {
            from = found.end.max(from + 1);
            let words = text.as_bytes().get(found.clone()).unwrap_or_default();
            if !c.not(rule, vocabulary).is_match(words) {
                out.push(found);
            }
            if from > text.len() {
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
        text: &str,
    ) -> Vec<usize> {
        let any = self.get(index, rule, vocabulary).map(|c| &c.any);
        if !any.is_some_and(|r| r.is_match(text.as_bytes())) {
            return Vec::new();
        }
        let Some(slot) = self.single.get(index) else {
            return Vec::new();
        };
        let patterns = slot.get_or_init(|| {
            rule.any
                .iter()
                .map(|p| Alternatives::one(p, vocabulary))
                .collect()
        });
        patterns
            .iter()
            .enumerate()
            .filter(|(_, p)| p.as_ref().is_some_and(|r| r.is_match(text.as_bytes())))
            .map(|(i, _)| i)
            .collect()
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
        let conditions = self.variants.get(index)?.get_or_init(|| {
            rule.variants
                .iter()
                .map(|v| Alternatives::one(&v.when, vocabulary))
                .collect()
        });
        let regex = conditions.get(number)?.as_ref()?;
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
        rule.when.detail.is_none()
            || self
                .get(index, rule, vocabulary)
                .is_some_and(|c| c.detail.is_match(literal.as_bytes()))
    }

    /// Whether a rule's condition on the function's name holds (true where it has none).
    pub fn function(
        &self,
        index: usize,
        rule: &Rule,
        vocabulary: &Vocabulary,
        words: &str,
    ) -> bool {
        (rule.when.function.is_none()
            && rule.signature.as_ref().is_none_or(|s| s.function.is_none()))
            || self
                .get(index, rule, vocabulary)
                .is_some_and(|c| c.function.is_match(words.as_bytes()))
    }
}

impl Compiled {
    /// The vetoes; those of an embedded rule compile (the tests see to it), others were checked when
    /// they were read.
    fn not(&self, rule: &Rule, vocabulary: &Vocabulary) -> &Alternatives {
        self.not
            .get_or_init(|| Alternatives::new(&rule.not, vocabulary).unwrap_or_default())
    }

    fn new(rule: &Rule, vocabulary: &Vocabulary) -> Result<Self, RuleError> {
        let compile = |patterns: &[String]| {
            Alternatives::new(patterns, vocabulary).map_err(|m| error(rule, None, m))
        };
        let optional = |p: Option<&String>| compile(p.map_or(&[], std::slice::from_ref));
        Ok(Self {
            any: compile(&rule.any)?,
            not: OnceLock::new(),
            detail: optional(rule.when.detail.as_ref())?,
            function: optional(
                rule.when
                    .function
                    .as_ref()
                    .or_else(|| rule.signature.as_ref().and_then(|s| s.function.as_ref())),
            )?,
        })
    }
}

fn error(rule: &Rule, line: Option<usize>, message: String) -> RuleError {
    RuleError {
        path: rule.path.clone(),
        line,
        message,
    }
}

/// Checks every pattern of a rule by itself, to name the one that is wrong.
///
/// # Errors
/// With the line of the first pattern that does not compile.
pub fn check(rule: &Rule, vocabulary: &Vocabulary) -> Result<(), RuleError> {
    let (any, not) = &rule.pattern_lines;
    for (patterns, lines) in [(&rule.any, any), (&rule.not, not)] {
        for (i, p) in patterns.iter().enumerate() {
            Alternatives::new(std::slice::from_ref(p), vocabulary)
                .map_err(|m| error(rule, lines.get(i).copied(), m))?;
        }
    }
    for v in &rule.variants {
        Alternatives::new(std::slice::from_ref(&v.when), vocabulary)
            .map_err(|m| error(rule, None, m))?;
    }
    let whole = |patterns| Alternatives::new(patterns, vocabulary).map(|_| ());
    whole(&rule.not).map_err(|m| error(rule, None, m))?;
    Compiled::new(rule, vocabulary).map(|_| ())
}

fn parses_as_bytes(source: &str) -> bool {
    regex_syntax::ParserBuilder::new()
        .case_insensitive(true)
        .unicode(false)
        .utf8(false)
        .build()
        .parse(source)
        .is_ok()
}

/// Alternatives as one expression; `None` where there are none.
fn build(sources: &[String], unicode: bool) -> Result<Option<Regex>, String> {
    if sources.is_empty() {
        return Ok(None);
    }
    RegexBuilder::new(&sources.join("|"))
        .case_insensitive(true)
        .unicode(unicode)
        .size_limit(SIZE_LIMIT)
        .build()
        .map(Some)
        .map_err(|e| e.to_string())
}
