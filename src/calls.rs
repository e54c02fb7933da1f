//! LLM calls: what the resolver found out about each call that sends a prompt to a model.
//!
//! This module owns the data that later stages judge: messages with their text and holes, every
//! character mapped to its source, parameters, structured output, the uses of the reply, and what
//! could not be read.

mod items;

use crate::language::Language;
use crate::source::{FileId, Location, Span};

pub use self::items::{Access, Items};

/// A call that sends a prompt to a model: through an SDK, a framework, raw HTTP, a CLI, or a
/// project wrapper around one of those.
#[derive(Debug, Clone)]
pub struct LlmCall {
    /// Catalog entry, for example `openai/chat-completions`; for a wrapper, of the call it ends in.
    pub api: String,
    /// Language of the file that holds the call.
    pub language: Language,
    /// The call expression.
    pub location: Location,
    /// The callee as written, for example `client.chat.completions.create`.
    pub callee: String,
    /// The SDK call that a wrapper ends in; `None` where this call is it.
    pub sink: Option<Location>,
    /// Name of the function that holds the call.
    pub function: Option<String>,
    /// What is sent, in order.
    pub messages: Vec<Message>,
    /// Whether the call passes a schema.
    pub structured: Structured,
    /// Field names and types of the schema where it could be read (`name: str`).
    pub schema: Vec<SchemaField>,
    /// Number of tools passed.
    pub tools: usize,
    /// Whether what answers works on its own (drives a browser, edits a checkout, talks with a person)
    /// instead of giving the program an answer.
    pub acts: bool,
    /// Numeric and string parameters that are literals (`temperature`, `max_tokens`, …).
    pub parameters: Vec<(String, String)>,
    /// What the program does with the reply.
    pub reply_uses: Vec<ReplyUse>,
    /// The variable that takes the reply's text.
    pub reply_name: Option<String>,
    /// What could not be read.
    pub gaps: Vec<Gap>,
    /// Whether the prompt is only a parameter of the enclosing function (a wrapper's own SDK call):
    /// findings belong at the callers.
    pub pass_through: bool,
}

/// Parameters of requests that say how many tokens the reply may have.
pub const REPLY_LIMITS: &[&str] = &[
    "max_tokens",
    "maxTokens",
    "max_output_tokens",
    "maxOutputTokens",
    "max_completion_tokens",
    "maxCompletionTokens",
    "max_new_tokens",
    "num_predict",
];

/// Who speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// `system`, `developer`, instructions, preamble.
    System,
    /// `user`, a bare prompt.
    User,
    /// `assistant`, `model`: few-shot examples, prefill.
    Assistant,
    /// A tool's or function's message.
    Tool,
    /// A template whose role is not said.
    Template,
    /// A schema field's or tool's description.
    Description,
}

impl Role {
    /// As reports write it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::User => "user",
            Self::Assistant => "assistant",
            Self::Tool => "tool",
            Self::Template => "template",
            Self::Description => "description",
        }
    }
}

/// One message of a prompt.
#[derive(Debug, Clone)]
pub struct Message {
    /// Who speaks.
    pub role: Role,
    /// What is said.
    pub text: PromptText,
}

/// The text of a message in one line of bytes. Alternatives (branches) follow one another, each
/// after a [`PromptText::breaks`] offset. A hole reads `{expression}` in `text`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PromptText {
    /// The text.
    pub text: String,
    /// Where literal bytes of `text` stand in the source; sorted by `at`, non-overlapping. Bytes in no run (holes,
    /// separators) have no source.
    pub runs: Vec<TextRun>,
    /// Interpolated values; sorted by `at`.
    pub holes: Vec<Hole>,
    /// Offsets in `text` at which an alternative or a separately built section begins: no unit crosses them.
    pub breaks: Vec<usize>,
    /// The source ranges that make up the text, whole literals and builder expressions, sorted:
    /// what `deprompt calls` shows as `spans`.
    pub spans: Vec<Location>,
    /// Whether all of the text was read (holes that are data do not count against it).
    pub complete: bool,
}

/// A run of `len` bytes of text that stands byte for byte in a source file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TextRun {
    /// Offset in [`PromptText::text`].
    pub at: usize,
    /// Length in bytes.
    pub len: usize,
    /// The file.
    pub file: FileId,
    /// Offset in the file's analysed text.
    pub source: u32,
}

/// An interpolated value.
#[derive(Debug, Clone, PartialEq)]
pub struct Hole {
    /// Offset in [`PromptText::text`] of the opening brace.
    pub at: usize,
    /// Length in bytes, braces and all.
    pub len: usize,
    /// The expression as the source has it, at most 80 bytes; for a template placeholder its name.
    pub expression: String,
    /// The expression in the file (an interpolated expression, a placeholder in a template).
    pub location: Location,
    /// Declared or inferred type as written in the source (`int`, `Date`, `list[str]`, `number`), where known.
    pub ty: Option<String>,
    /// Where the value comes from.
    pub origin: Origin,
    /// The collection that it is an item of, or a part of an item, where its text is made once for each.
    pub items: Option<Items>,
}

/// Where an interpolated value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// A parameter of the function that builds the prompt (its name).
    Parameter(String),
    /// The result of a call (dotted callee): `json.dumps`, `datetime.now`, `len`, `input`.
    Call(String),
    /// A loop variable.
    Iteration,
    /// A number or boolean known in the program.
    Literal,
    /// A template placeholder that nothing was seen to fill.
    Placeholder,
    /// A part of a message that is no text: an image, a sound, a file.
    Media,
    /// Another expression.
    Other,
}

/// Whether a call passes a schema for its reply.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Structured {
    /// No.
    #[default]
    None,
    /// JSON syntax only (`json_object`, `format="json"`): the shape still stands in prose.
    JsonMode,
    /// A schema, a response model, a forced tool, a grammar.
    Schema,
}

/// A field of the schema that a call passes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchemaField {
    /// Name.
    pub name: String,
    /// Type as written.
    pub ty: String,
}

/// Something the program does with the reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplyUse {
    /// What.
    pub kind: ReplyUseKind,
    /// The expression that does it.
    pub location: Location,
    /// A literal involved: what is compared with, split at, stripped.
    pub detail: Option<String>,
    /// Where the use stands in a function that the reply is handed to: the call, beside the model's,
    /// that hands it over.
    pub via: Option<Location>,
    /// Whether the value was data already: parsed or cast before, by the program or by its wrapper.
    pub parsed: bool,
    /// Whether it is a parse in a `try` of its own: the program expects it to fail.
    pub tried: bool,
}

/// What is done with a reply. The names are those of the JSON output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ReplyUseKind {
    /// `json.loads`, `JSON.parse`, `serde_json::from_str`, `yaml.safe_load`, XML and CSV parsers.
    JsonParse,
    /// Validation into a type: `Model.model_validate_json`, `schema.parse`.
    TypedParse,
    /// `int(r)`, `float(r)`, `Number(r)`, `parseInt`, `.parse::<f64>()`, `Boolean(r)`.
    Cast,
    /// `==`, `!=`, `match`, `switch` against a literal.
    Compare,
    /// `"yes" in r`, `r.includes("…")`, `startswith`, `endswith`.
    Contains,
    /// Removing fences or other literal text: `.replace("```json", "")`, `.strip("`")`, `removeprefix`.
    Strip,
    /// `.split(",")`, `.splitlines()`, `.lines()`.
    Split,
    /// A regular expression on it.
    Regex,
    /// `find`, `indexOf` and slicing by position.
    IndexOf,
    /// `eval`, `exec`, `new Function`, run in a shell.
    Execute,
    /// A key of a closed map: `HANDLERS[r]`, `Enum(r)`, `if r in LABELS`.
    Lookup,
    /// Lower- or upper-cased, trimmed: normalised before another use.
    Normalize,
    /// Date and time parsers: `datetime.fromisoformat`, `new Date(r)`.
    DateParse,
    /// Printed, shown, logged.
    Print,
    /// Written to a file.
    WriteFile,
    /// Returned from the enclosing function.
    Return,
    /// Stored in an attribute, a record, a database.
    Store,
    /// Passed to a function whose effect was not followed.
    Pass,
}

impl ReplyUseKind {
    /// Whether it looks into the reply's text.
    #[must_use]
    pub const fn reads_text(self) -> bool {
        matches!(
            self,
            Self::JsonParse
                | Self::Compare
                | Self::Contains
                | Self::Strip
                | Self::Split
                | Self::Regex
                | Self::IndexOf
        )
    }

    /// As the JSON output writes it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::JsonParse => "json-parse",
            Self::TypedParse => "typed-parse",
            Self::Cast => "cast",
            Self::Compare => "compare",
            Self::Contains => "contains",
            Self::Strip => "strip",
            Self::Split => "split",
            Self::Regex => "regex",
            Self::IndexOf => "index-of",
            Self::Execute => "execute",
            Self::Lookup => "lookup",
            Self::Normalize => "normalize",
            Self::DateParse => "date-parse",
            Self::Print => "print",
            Self::WriteFile => "write-file",
            Self::Return => "return",
            Self::Store => "store",
            Self::Pass => "pass",
        }
    }
}

/// Something about a prompt that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    /// Why.
    pub reason: GapReason,
    /// Where reading stopped.
    pub location: Location,
    /// A word on it: the name, the callee, the file.
    pub detail: String,
}

/// Why a part of a prompt could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum GapReason {
    /// It is computed by code that is not evaluated.
    Dynamic,
    /// It lies outside the repository.
    Remote,
    /// A construct that is not modelled.
    Unsupported,
    /// Evaluation ran out of fuel.
    Limit,
}

impl GapReason {
    /// As the JSON output writes it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Dynamic => "dynamic",
            Self::Remote => "remote",
            Self::Unsupported => "unsupported",
            Self::Limit => "limit",
        }
    }
}

impl PromptText {
    /// Appends literal text that stands at `source` in `file`, byte for byte.
    pub fn push_run(&mut self, text: &str, file: FileId, source: u32) {
        if text.is_empty() {
            return;
        }
        let at = self.text.len();
        if let Some(last) = self.runs.last_mut()
            && last.file == file
            && last.at + last.len == at
            && last.source as usize + last.len == source as usize
        {
            last.len += text.len();
        } else {
            self.runs.push(TextRun {
                at,
                len: text.len(),
                file,
                source,
            });
        }
        self.text.push_str(text);
    }

    /// Appends text that stands nowhere in the source.
    pub fn push_unmapped(&mut self, text: &str) {
        self.text.push_str(text);
    }

    /// The source locations of a range of the text: one per file that it touches, in order of the
    /// text; runs of one file are covered by one span. Holes inside count with their own location.
    #[must_use]
    pub fn locate(&self, range: std::ops::Range<usize>) -> Vec<Location> {
        let mut out: Vec<Location> = Vec::new();
        for r in &self.runs {
            let start = r.at.max(range.start);
            let end = (r.at + r.len).min(range.end);
            if start < end {
                let first = r.source as usize + (start - r.at);
                cover_into(
                    &mut out,
                    Location {
                        file: r.file,
                        span: Span::new(first, first + (end - start)),
                    },
                );
            }
        }
        if out.is_empty() {
            for h in &self.holes {
                if h.at < range.end && range.start < h.at + h.len {
                    cover_into(&mut out, h.location);
                }
            }
        }
        out
    }
}

/// Adds a location, widening the one of the same file if there is one.
fn cover_into(out: &mut Vec<Location>, l: Location) {
    match out.iter_mut().find(|o| o.file == l.file) {
        Some(o) => o.span = o.span.cover(l.span),
        None => out.push(l),
    }
}
