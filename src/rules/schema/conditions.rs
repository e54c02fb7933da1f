//! What a rule demands of the call besides the words of a unit.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::calls::ReplyUseKind;
use crate::prompt::HoleKind;

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
