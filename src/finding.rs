//! Findings: what the linter reports, independent of any output format.

use serde::{Deserialize, Serialize};

use crate::language::Language;
use crate::source::Location;

/// What is done about it, from least to most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing.
    Note,
    /// Should be changed.
    Warning,
    /// Must be changed.
    Error,
}

impl Severity {
    /// As reports write it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// What kind of work the words ask for. The first twelve are kinds of deterministic work, the
/// last four demands on the reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Category {
    /// Text of a known grammar into fields.
    Parse,
    /// Tokens that a pattern matches.
    Extract,
    /// Known values rendered.
    Format,
    /// Between formats, units, encodings, naming styles.
    Convert,
    /// Syntax or stated rules checked.
    Validate,
    /// Arithmetic, counting, dates.
    Compute,
    /// Sort, filter, dedupe, group, merge, join.
    Collection,
    /// Trim, replace, change case, truncate, strip.
    TextEdit,
    /// A closed set to a closed set.
    Lookup,
    /// Fixed if/else on testable criteria.
    Branch,
    /// A given command, query, tool, request.
    Execute,
    /// Random values, ids, fixture data.
    Generate,
    /// A machine-readable reply begged for in prose.
    OutputContract,
    /// The reply is cleaned or parsed by hand.
    OutputScraping,
    /// A checkable rule on the output stated in prose.
    Constraint,
    /// A fixed literal reply for a stated condition.
    Sentinel,
}

impl Category {
    /// All, in the order of the guide.
    pub const ALL: [Self; 16] = [
        Self::Parse,
        Self::Extract,
        Self::Format,
        Self::Convert,
        Self::Validate,
        Self::Compute,
        Self::Collection,
        Self::TextEdit,
        Self::Lookup,
        Self::Branch,
        Self::Execute,
        Self::Generate,
        Self::OutputContract,
        Self::OutputScraping,
        Self::Constraint,
        Self::Sentinel,
    ];

    /// As reports and settings write it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Parse => "parse",
            Self::Extract => "extract",
            Self::Format => "format",
            Self::Convert => "convert",
            Self::Validate => "validate",
            Self::Compute => "compute",
            Self::Collection => "collection",
            Self::TextEdit => "text-edit",
            Self::Lookup => "lookup",
            Self::Branch => "branch",
            Self::Execute => "execute",
            Self::Generate => "generate",
            Self::OutputContract => "output-contract",
            Self::OutputScraping => "output-scraping",
            Self::Constraint => "constraint",
            Self::Sentinel => "sentinel",
        }
    }

    /// Whether it is a demand on the reply (the last four) and not a kind of work.
    #[must_use]
    pub const fn is_reply(self) -> bool {
        matches!(
            self,
            Self::OutputContract | Self::OutputScraping | Self::Constraint | Self::Sentinel
        )
    }

    /// By its name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|c| c.as_str() == name)
    }
}

/// Whether the whole call should be code or a part of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// The call needs a model; this part of it should be code.
    Partial,
    /// Everything the call asks for is deterministic.
    Replace,
}

impl Verdict {
    /// As reports write it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Partial => "partial",
            Self::Replace => "replace",
        }
    }
}

/// Something reported.
#[derive(Debug, Clone)]
pub struct Finding {
    /// Id of the rule.
    pub rule: String,
    /// Kind of work.
    pub category: Category,
    /// Whole call or part of it.
    pub verdict: Verdict,
    /// How bad.
    pub severity: Severity,
    /// Estimated probability that it is right, 0 to 1.
    pub confidence: f64,
    /// One line, with the program's own words in it.
    pub message: String,
    /// The words in the prompt that ask for the work (or the code that scrapes the reply).
    pub primary: Location,
    /// What the primary span is, for the label under it.
    pub primary_label: String,
    /// Other places that belong to it: the call, the hole, the scraping line.
    pub labels: Vec<Label>,
    /// The call it is about.
    pub call: CallRef,
    /// Further calls that send the same words.
    pub also: Vec<CallRef>,
    /// The replacement.
    pub suggestion: Option<Suggestion>,
    /// Why: one line per piece of evidence.
    pub evidence: Vec<String>,
}

/// A secondary place of a finding.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Label {
    /// Where.
    pub location: Location,
    /// What is there.
    pub message: String,
    /// Its part in the story.
    pub kind: LabelKind,
}

/// The part a secondary place plays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum LabelKind {
    /// The call that sends the prompt.
    Call,
    /// The SDK call that a wrapper ends in.
    Sink,
    /// An interpolated value.
    Input,
    /// Code that handles the reply.
    ReplyUse,
    /// Anything else.
    Other,
}

/// The call that a finding is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallRef {
    /// The call expression.
    pub location: Location,
    /// Catalog entry.
    pub api: String,
}

/// A replacement in the file's own language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suggestion {
    /// The language of `code`.
    pub language: Language,
    /// Imports it needs, one per line.
    pub imports: Vec<String>,
    /// The code, with the program's own expressions filled in.
    pub code: String,
    /// One sentence on what it does or what to watch.
    pub note: String,
}
