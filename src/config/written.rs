//! The settings file as written: its keys, their types, and where each value stands.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Deserialize;
use serde_spanned::Spanned;
use toml::de::{DeTable, DeValue};

use super::problem::Problem;
use crate::finding::Severity;
use crate::language::Language;
use crate::select::nearest;

/// A list of words with their places.
pub type Words = Vec<Spanned<String>>;

/// The whole file. Unknown keys were found before.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct SettingsFile {
    /// Replaces the default selection.
    pub select: Option<Words>,
    /// Adds to the selection.
    pub extend_select: Option<Words>,
    /// Takes from the selection.
    pub ignore: Option<Words>,
    /// Least severity shown.
    pub min_severity: Option<Severity>,
    /// Least confidence shown.
    pub min_confidence: Option<Spanned<f64>>,
    /// Least severity that fails, or `never`.
    pub fail_on: Option<FailOnWord>,
    /// Files left out.
    pub exclude: Option<Words>,
    /// Severity by rule id or category.
    pub severity: Option<Severities>,
    /// Per-file choices.
    pub overrides: Option<Vec<OverrideTable>>,
    /// Extra rule directories.
    pub rules: Option<Vec<Spanned<PathBuf>>>,
    /// Extra API catalogs.
    pub apis: Option<Vec<Spanned<PathBuf>>>,
    /// House wrappers.
    pub wrapper: Option<Vec<Spanned<WrapperTable>>>,
    /// Whether suppressions have to give a reason.
    pub require_suppression_reason: Option<bool>,
}

/// `fail-on`.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FailOnWord {
    /// From notes on.
    Note,
    /// From warnings on.
    Warning,
    /// Errors only.
    Error,
    /// Not at all.
    Never,
}

/// `[[overrides]]`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct OverrideTable {
    /// Globs.
    pub files: Words,
    /// Replaces the selection.
    pub select: Option<Words>,
    /// Adds to the selection.
    pub extend_select: Option<Words>,
    /// Takes from the selection.
    pub ignore: Option<Words>,
    /// Severity by rule id or category.
    pub severity: Option<Severities>,
}

/// `[severity]`.
pub type Severities = BTreeMap<Spanned<String>, SeverityWord>;

/// A severity, or `off`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SeverityWord {
    /// A note.
    Note,
    /// A warning.
    Warning,
    /// An error.
    Error,
    /// Not looked for, as if it were in `ignore`.
    Off,
}

impl SeverityWord {
    /// The severity; `None` for `off`.
    #[must_use]
    pub const fn severity(self) -> Option<Severity> {
        match self {
            Self::Note => Some(Severity::Note),
            Self::Warning => Some(Severity::Warning),
            Self::Error => Some(Severity::Error),
            Self::Off => None,
        }
    }
}

/// `[[wrapper]]`: `function` or `method` says what is called, the others where its prompt is, in
/// the paths of the API catalog (`arg:0|prompt`).
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct WrapperTable {
    /// A function: `ask`, `house.llm.ask`.
    pub function: Option<String>,
    /// A method: `complete`, `llm.complete`.
    pub method: Option<String>,
    /// Languages; all if left out.
    #[serde(default)]
    pub languages: Vec<Language>,
    /// Where the prompt is.
    pub prompt: String,
    /// Where the system prompt is.
    pub system: Option<String>,
    /// Arguments that mean structured output.
    #[serde(default)]
    pub structured: Vec<String>,
}

const KEYS: [&str; 13] = [
    "select",
    "extend-select",
    "ignore",
    "min-severity",
    "min-confidence",
    "fail-on",
    "exclude",
    "severity",
    "overrides",
    "rules",
    "apis",
    "wrapper",
    "require-suppression-reason",
];
const OVERRIDE_KEYS: [&str; 5] = ["files", "select", "extend-select", "ignore", "severity"];
const WRAPPER_KEYS: [&str; 6] = [
    "function",
    "method",
    "languages",
    "prompt",
    "system",
    "structured",
];

/// Reads a settings file's text.
///
/// # Errors
/// Everything that is wrong with its syntax, its keys, or its types.
pub fn read(text: &str) -> Result<SettingsFile, Vec<Problem>> {
    let from_toml = |e: toml::de::Error| {
        let span = e.span().unwrap_or(0..0);
        vec![Problem::new(span, e.message().to_owned())]
    };
    let table = DeTable::parse(text).map_err(from_toml)?;
    let mut problems = Vec::new();
    unknown_keys(table.get_ref(), &KEYS, &mut problems);
    for (key, known) in [
        ("overrides", &OVERRIDE_KEYS[..]),
        ("wrapper", &WRAPPER_KEYS),
    ] {
        if let Some(tables) = table.get_ref().get(key)
            && let DeValue::Array(tables) = tables.get_ref()
        {
            for t in tables {
                if let DeValue::Table(t) = t.get_ref() {
                    unknown_keys(t, known, &mut problems);
                }
            }
        }
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    toml::from_str(text).map_err(from_toml)
}

fn unknown_keys(table: &DeTable<'_>, known: &[&str], problems: &mut Vec<Problem>) {
    for (key, _) in table {
        let name: &str = key.get_ref();
        if !known.contains(&name) {
            let mut p = Problem::new(key.span(), format!("unknown key `{name}`"));
            p.label = match nearest(name, known.iter().copied()) {
                Some(n) => format!("did you mean `{n}`?"),
                None => "not a setting".to_owned(),
            };
            if nearest(name, known.iter().copied()).is_none() {
                p.notes
                    .push(format!("the keys here are: {}", known.join(", ")));
            }
            problems.push(p);
        }
    }
    problems.sort_by_key(|p| p.span.start);
}
