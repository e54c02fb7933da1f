//! The rule format: what a `rules/<category>/<rule-id>.toml` may say.

mod conditions;
mod parse;

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Deserialize;

use crate::finding::{Category, Severity};
use crate::language::Language;
use crate::prompt::HoleKind;

pub use conditions::{Conditions, OutputKind, RoleName, Signature, StructuredName, reply_kind};
pub use parse::parse_rule;

/// What kind of thing a rule recognises.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Deterministic work.
    Task,
    /// A machine-readable reply begged for in prose.
    Contract,
    /// A checkable limit on the reply.
    Constraint,
    /// A fixed literal reply for a stated condition.
    Sentinel,
    /// The reply is cleaned or parsed by hand.
    Scraping,
    /// Work that needs a model.
    Judgement,
    /// Asks for nothing.
    Neutral,
}

impl Kind {
    /// As rule files write it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Task => "task",
            Self::Contract => "contract",
            Self::Constraint => "constraint",
            Self::Sentinel => "sentinel",
            Self::Scraping => "scraping",
            Self::Judgement => "judgement",
            Self::Neutral => "neutral",
        }
    }
}

/// How much a match says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Strength {
    /// Judgement: only colours a unit that nothing else claims.
    Soft,
    /// Task: counts only with other evidence.
    Weak,
    /// Judgement: counts where no strong task claims the unit.
    Medium,
    /// Task: carries a verdict.
    Strong,
    /// Judgement: claims its unit even beside a task.
    Hard,
}

/// How often a match is right, by class: the base of a finding's confidence.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Precision {
    /// About six in ten.
    Low,
    /// About eight in ten.
    #[default]
    Medium,
    /// More than nine in ten.
    High,
}

impl Precision {
    /// The base of a confidence.
    #[must_use]
    pub const fn base(self) -> f64 {
        match self {
            Self::Low => 0.55,
            Self::Medium => 0.72,
            Self::High => 0.85,
        }
    }

    /// As rules write it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}

/// A replacement in one language. In `code` and `note`, `{input}` is the first interpolated
/// expression, `{inputs}` all of them, `{reply}` the variable that takes the reply.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SuggestionTemplate {
    /// Imports, one per line.
    #[serde(default)]
    pub imports: Vec<String>,
    /// The code.
    pub code: String,
    /// One sentence on what it does or what to watch.
    #[serde(default)]
    pub note: String,
}

/// A replacement for some of the words that a rule matches. Named groups of `when` may be used in its
/// code; `{strftime}` and `{date_pattern}` are a group `date` (`DD/MM/YYYY`) as format strings.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Variant {
    /// Regular expression that the words, else the unit around them, must match.
    pub when: String,
    /// Kinds of the first interpolated value; any where it is empty.
    #[serde(default)]
    pub input: Vec<HoleKind>,
    /// At least so many interpolated values.
    #[serde(default)]
    pub min_inputs: usize,
    /// In Python.
    pub python: Option<SuggestionTemplate>,
    /// In TypeScript and JavaScript.
    pub typescript: Option<SuggestionTemplate>,
    /// In Rust.
    pub rust: Option<SuggestionTemplate>,
}

impl Variant {
    /// The replacement in a language.
    #[must_use]
    pub const fn template(&self, language: Language) -> Option<&SuggestionTemplate> {
        match language {
            Language::Python => self.python.as_ref(),
            Language::TypeScript => self.typescript.as_ref(),
            Language::Rust => self.rust.as_ref(),
        }
    }
}

/// A prompt before and the code after, for the documentation.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Example {
    /// What the rule finds.
    pub bad: String,
    /// What to do instead.
    pub good: String,
}

/// A test case: a call in short.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Case {
    /// The user's message; `{name}` or `{name: type}` is a hole.
    pub prompt: String,
    /// A system message before it.
    pub system: Option<String>,
    /// The enclosing function.
    pub function: Option<String>,
    /// Uses of the reply: `json-parse`, or `compare: yes` with a literal.
    pub reply: Vec<String>,
    /// Schema fields, `name: type`; the call then passes a schema.
    pub schema: Vec<String>,
    /// Whether JSON mode is on.
    pub json_mode: bool,
    /// Number of tools.
    pub tools: usize,
    /// The expected verdict on the call: `replace`, `partial` or `keep`.
    pub verdict: Option<String>,
}

/// A rule.
#[derive(Debug, Clone)]
pub struct Rule {
    /// Id, which is the file's name.
    pub id: String,
    /// Category of its findings; `None` for judgement and neutral rules.
    pub category: Option<Category>,
    /// What it recognises.
    pub kind: Kind,
    /// How much a match says.
    pub strength: Strength,
    /// One line: what it finds.
    pub what: String,
    /// Why that is a problem.
    pub why: String,
    /// What to do instead.
    pub instead: String,
    /// Severity of its findings.
    pub severity: Severity,
    /// Whether it is on unless switched off.
    pub default: bool,
    /// How often it is right.
    pub precision: Precision,
    /// Free labels for selection and SARIF.
    pub tags: Vec<String>,
    /// One of these patterns must match a unit.
    pub any: Vec<String>,
    /// None of these may match it.
    pub not: Vec<String>,
    /// Conditions on the call.
    pub when: Conditions,
    /// A task recognised by types instead of words.
    pub signature: Option<Signature>,
    /// Replacements by language.
    pub suggest: BTreeMap<Language, SuggestionTemplate>,
    /// Replacements for some of the words that the rule matches; the first that fits is taken.
    pub variants: Vec<Variant>,
    /// For the documentation.
    pub example: Option<Example>,
    /// Further reading.
    pub references: Vec<String>,
    /// Prompts that must match.
    pub matches: Vec<Case>,
    /// Prompts that must not.
    pub no_matches: Vec<Case>,
    /// The file it was read from.
    pub path: PathBuf,
    /// 1-based lines of `any` and `not` in the file, for messages.
    pub(crate) pattern_lines: (Vec<usize>, Vec<usize>),
}
