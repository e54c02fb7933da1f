//! The rule format: what a `rules/<category>/<rule-id>.toml` may say.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_spanned::Spanned;

use crate::calls::ReplyUseKind;
use crate::finding::{Category, Severity};
use crate::language::Language;
use crate::prompt::HoleKind;

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

/// Who speaks, as conditions name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RoleName {
    /// `system`, `developer`, instructions.
    System,
    /// `user` and bare prompts.
    User,
    /// A schema field's or tool's description.
    Description,
}

/// Whether a schema is passed, as conditions name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StructuredName {
    /// No schema, no JSON mode.
    None,
    /// JSON syntax only.
    JsonMode,
    /// A schema.
    Schema,
}

/// Conditions on the call; all that are given must hold.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Conditions {
    /// The unit's role is one of these.
    pub roles: Vec<RoleName>,
    /// The prompt has a hole of one of these kinds.
    pub holes: Vec<HoleKind>,
    /// The prompt has no hole of these kinds.
    pub no_holes: Vec<HoleKind>,
    /// The reply is used in one of these ways (names of the JSON output: `json-parse`, `cast`, …).
    pub reply: Vec<String>,
    /// The literal involved in the reply use matches this regular expression.
    pub detail: Option<String>,
    /// The call's structured output is one of these.
    pub structured: Vec<StructuredName>,
    /// Parameters whose value matches a regular expression.
    pub parameters: BTreeMap<String, String>,
    /// The enclosing function's name, cut into words (`is valid email`), matches this.
    pub function: Option<String>,
    /// At least this many tools are passed.
    pub min_tools: Option<usize>,
    /// The unit has a table of at least three lines `A -> B` (or `A = B`) below it.
    pub table: bool,
    /// At most this many tools are passed.
    pub max_tools: Option<usize>,
}

/// A task recognised by what goes in and what comes out, without any words.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Signature {
    /// Every hole is of one of these kinds (at least one hole).
    pub inputs: Vec<HoleKind>,
    /// At least so many holes (one, where it is not said).
    pub min_inputs: usize,
    /// The prompt has no variable part.
    pub constant: bool,
    /// At most so many instructions.
    pub max_units: Option<usize>,
    /// The reply is one of these.
    pub output: Vec<OutputKind>,
    /// The enclosing function's name, cut into words, matches this.
    pub function: Option<String>,
}

/// What a reply is turned into.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OutputKind {
    /// A number.
    Number,
    /// Yes or no.
    Boolean,
    /// One of a closed set.
    Enum,
    /// A list.
    List,
    /// A date.
    Date,
    /// A record of scalars.
    Record,
    /// Text, or nothing is known.
    Text,
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

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    id: Spanned<String>,
    #[serde(default)]
    category: Option<Category>,
    kind: Spanned<Kind>,
    #[serde(default)]
    strength: Option<Strength>,
    what: String,
    #[serde(default)]
    why: String,
    #[serde(default)]
    instead: String,
    #[serde(default)]
    severity: Option<Severity>,
    #[serde(default = "yes")]
    default: bool,
    #[serde(default)]
    precision: Precision,
    #[serde(default)]
    tags: Vec<String>,
    #[serde(default)]
    any: Vec<Spanned<String>>,
    #[serde(default)]
    not: Vec<Spanned<String>>,
    #[serde(default)]
    when: Conditions,
    #[serde(default)]
    signature: Option<Signature>,
    #[serde(default)]
    suggest: BTreeMap<Language, SuggestionTemplate>,
    #[serde(default, rename = "variant")]
    variants: Vec<Variant>,
    #[serde(default)]
    example: Option<Example>,
    #[serde(default)]
    references: Vec<String>,
    #[serde(default, rename = "match")]
    matches: Vec<Case>,
    #[serde(default, rename = "no_match")]
    no_matches: Vec<Case>,
}

const fn yes() -> bool {
    true
}

/// What is wrong with a rule, a word list, or a directory of them.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}{}: {message}", path.display(), line.map(|l| format!(":{l}")).unwrap_or_default())]
pub struct RuleError {
    /// The file.
    pub path: PathBuf,
    /// 1-based line, where there is one.
    pub line: Option<usize>,
    /// What is wrong and what is allowed.
    pub message: String,
}

/// 1-based line of a byte offset.
pub(super) fn line_of(text: &str, offset: usize) -> usize {
    text.bytes().take(offset).filter(|&b| b == b'\n').count() + 1
}

/// An error from the TOML reader, with its line.
pub(super) fn toml_error(path: &Path, text: &str, e: &toml::de::Error) -> RuleError {
    RuleError {
        path: path.to_owned(),
        line: e.span().map(|s| line_of(text, s.start)),
        message: e.message().to_owned(),
    }
}

/// Reads one rule.
///
/// # Errors
/// Where the text is no TOML, has a key that the format does not know, or leaves out what its kind
/// needs.
pub fn parse_rule(path: &Path, text: &str) -> Result<Rule, RuleError> {
    let raw: Raw = toml::from_str(text).map_err(|e| toml_error(path, text, &e))?;
    let error = |at: usize, message: String| RuleError {
        path: path.to_owned(),
        line: Some(line_of(text, at)),
        message,
    };
    let id_at = raw.id.span().start;
    let id = raw.id.into_inner();
    if id.is_empty()
        || !id
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    {
        return Err(error(
            id_at,
            format!("id `{id}` must be lower-case words joined by hyphens"),
        ));
    }
    if path.file_stem().is_some_and(|s| s.to_string_lossy() != id) {
        return Err(error(
            id_at,
            format!("id `{id}` must be the name of the file"),
        ));
    }
    let kind_at = raw.kind.span().start;
    let kind = raw.kind.into_inner();
    let category = match (kind, raw.category) {
        (Kind::Judgement | Kind::Neutral, None) => None,
        (Kind::Judgement | Kind::Neutral, Some(_)) => {
            return Err(error(
                kind_at,
                "a judgement or neutral rule has no category".to_owned(),
            ));
        }
        (Kind::Contract, None | Some(Category::OutputContract)) => Some(Category::OutputContract),
        (Kind::Constraint, None | Some(Category::Constraint)) => Some(Category::Constraint),
        (Kind::Sentinel, None | Some(Category::Sentinel)) => Some(Category::Sentinel),
        (Kind::Scraping, None | Some(Category::OutputScraping)) => Some(Category::OutputScraping),
        (Kind::Task, Some(c)) if !c.is_reply() => Some(c),
        (Kind::Task, _) => {
            return Err(error(
                kind_at,
                "a task rule needs a category: parse, extract, format, convert, validate, compute, collection, text-edit, lookup, branch, execute or generate".to_owned(),
            ));
        }
        (_, Some(c)) => {
            return Err(error(
                kind_at,
                format!("category `{}` does not go with this kind", c.as_str()),
            ));
        }
    };
    let strength = match (kind, raw.strength) {
        (Kind::Judgement, Some(s @ (Strength::Hard | Strength::Medium | Strength::Soft))) => s,
        (Kind::Judgement, _) => {
            return Err(error(
                kind_at,
                "a judgement rule needs strength: hard, medium or soft".to_owned(),
            ));
        }
        (_, None) => Strength::Strong,
        (_, Some(s @ (Strength::Strong | Strength::Weak))) => s,
        (_, Some(_)) => {
            return Err(error(kind_at, "strength must be strong or weak".to_owned()));
        }
    };
    if kind == Kind::Scraping {
        if let Some(bad) = raw.when.reply.iter().find(|r| reply_kind(r).is_none()) {
            return Err(error(kind_at, format!("unknown reply use `{bad}`")));
        }
        if raw.when.reply.is_empty() {
            return Err(error(
                kind_at,
                "a scraping rule needs `when.reply`".to_owned(),
            ));
        }
    } else if raw.any.is_empty() && raw.signature.is_none() {
        return Err(error(
            id_at,
            "a rule needs patterns (`any`) or a `[signature]`".to_owned(),
        ));
    }
    let lines = |v: &[Spanned<String>]| v.iter().map(|s| line_of(text, s.span().start)).collect();
    let pattern_lines = (lines(&raw.any), lines(&raw.not));
    let severity = raw.severity.unwrap_or(match kind {
        Kind::Constraint | Kind::Sentinel => Severity::Note,
        _ => Severity::Warning,
    });
    Ok(Rule {
        id,
        category,
        kind,
        strength,
        what: raw.what,
        why: raw.why,
        instead: raw.instead,
        severity,
        default: raw.default,
        precision: raw.precision,
        tags: raw.tags,
        any: raw.any.into_iter().map(Spanned::into_inner).collect(),
        not: raw.not.into_iter().map(Spanned::into_inner).collect(),
        when: raw.when,
        signature: raw.signature,
        suggest: raw.suggest,
        variants: raw.variants,
        example: raw.example,
        references: raw.references,
        matches: raw.matches,
        no_matches: raw.no_matches,
        path: path.to_owned(),
        pattern_lines,
    })
}

/// A reply use by the name of the JSON output.
#[must_use]
pub fn reply_kind(name: &str) -> Option<ReplyUseKind> {
    use ReplyUseKind as U;
    [
        U::JsonParse,
        U::TypedParse,
        U::Cast,
        U::Compare,
        U::Contains,
        U::Strip,
        U::Split,
        U::Regex,
        U::IndexOf,
        U::Execute,
        U::Lookup,
        U::Normalize,
        U::DateParse,
        U::Print,
        U::WriteFile,
        U::Return,
        U::Store,
        U::Pass,
    ]
    .into_iter()
    .find(|k| k.as_str() == name)
}

impl Rule {
    /// Markdown with everything a reader of a finding wants to know.
    #[must_use]
    pub fn help_markdown(&self) -> String {
        use std::fmt::Write as _;
        let mut out = String::new();
        let _ = writeln!(out, "# {}\n\n{}", self.id, self.what);
        if !self.why.is_empty() {
            let _ = writeln!(out, "\n## Why\n\n{}", self.why.trim());
        }
        if !self.instead.is_empty() {
            let _ = writeln!(out, "\n## Instead\n\n{}", self.instead.trim());
        }
        if let Some(e) = &self.example {
            let _ = writeln!(
                out,
                "\n## Example\n\n```\n{}\n```\n\nbecomes\n\n```\n{}\n```",
                e.bad.trim(),
                e.good.trim()
            );
        }
        for (language, s) in &self.suggest {
            let name = match language {
                Language::Python => "python",
                Language::TypeScript => "typescript",
                Language::Rust => "rust",
            };
            let imports = s.imports.join("\n");
            let gap = if imports.is_empty() { "" } else { "\n\n" };
            let _ = writeln!(out, "\n```{name}\n{imports}{gap}{}\n```", s.code.trim());
        }
        if !self.references.is_empty() {
            let _ = writeln!(out, "\n## References\n");
            for r in &self.references {
                let _ = writeln!(out, "- <{r}>");
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(text: &str) -> String {
        parse_rule(Path::new("rules/eat-figs.toml"), text).map_or_else(|e| e.to_string(), |r| r.id)
    }

    #[test]
    fn errors_name_line_and_remedy() {
        let head = "id = \"eat-figs\"\n";
        assert!(
            message(&format!("{head}kind = \"task\"\nwhat = \"x\"\nany = ['a']"))
                .contains(":2: a task rule needs a category")
        );
        assert!(
            message(&format!("{head}kind = \"contract\"\nwhat = \"x\""))
                .contains(":1: a rule needs patterns")
        );
        assert!(
            message(&format!(
                "{head}kind = \"judgement\"\nwhat = \"x\"\nany = ['a']"
            ))
            .contains("hard, medium or soft")
        );
        assert!(
            message(&format!(
                "{head}kind = \"neutral\"\nwhat = \"x\"\nanny = ['a']"
            ))
            .contains(":4: unknown field `anny`")
        );
        assert!(
            message("id = \"Eat\"\nkind = \"neutral\"\nwhat = \"x\"\nany = ['a']")
                .contains("lower-case")
        );
        assert_eq!(
            message(&format!(
                "{head}kind = \"neutral\"\nwhat = \"x\"\nany = ['a']"
            )),
            "eat-figs"
        );
    }
}
