//! The catalog as it is written: `rules/apis/*.toml`, and how it becomes a [`Catalog`].

use serde::Deserialize;

use super::http::{RawClient, RawEndpoint};
use super::pattern::paths;
use super::{At, CallSpec, Catalog, MessageSpec, Pattern, Sdk, Source, ValueSpec};
use crate::calls::Role;
use crate::language::Language;

/// A catalog file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawApis {
    /// `[[sdk]]`
    #[serde(default)]
    pub sdk: Vec<RawSdk>,
    /// `[[client]]`
    #[serde(default)]
    pub client: Vec<RawClient>,
    /// `[[endpoint]]`
    #[serde(default)]
    pub endpoint: Vec<RawEndpoint>,
}

/// `[[sdk]]`: one SDK.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawSdk {
    /// Short name, for messages.
    pub id: String,
    /// Packages, crates or modules as imported (`openai`, `@anthropic-ai/sdk`, `async_openai`); a trailing `*` matches any continuation.
    #[serde(default)]
    pub packages: Vec<String>,
    /// Languages it exists in; all if left out.
    #[serde(default)]
    pub languages: Vec<Language>,
    /// `[[sdk.call]]`
    #[serde(default)]
    pub call: Vec<RawCall>,
    /// `[[sdk.value]]`
    #[serde(default)]
    pub value: Vec<RawValue>,
    /// `[[sdk.message]]`
    #[serde(default)]
    pub message: Vec<RawMessage>,
    /// `[[sdk.example]]`
    #[serde(default)]
    pub example: Vec<RawExample>,
}

/// What is needed, beside the chain of names, to take a call for an LLM call.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Evidence {
    /// The chain is distinctive enough by itself.
    Chain,
    /// The file imports the SDK, or the receiver comes from it.
    Import,
    /// The receiver is known to come from the SDK.
    #[default]
    Receiver,
    /// Nothing is known of the receiver, and an argument is a list of messages with roles. Asked
    /// only where nothing else explains the call.
    Shape,
}

/// `[[sdk.call]]`: a call that sends a prompt.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawCall {
    /// Name in reports.
    pub api: String,
    /// Member chains (`chat.completions.{create,parse}`), matched against the end of the callee; calls between
    /// the names do not matter (`chat().create` is `chat.create`). `()` is the value called directly.
    #[serde(default)]
    pub chain: Vec<String>,
    /// Imported functions (`generateText`, `ChatCompletion.create`), matched against the end of the imported path.
    #[serde(default)]
    pub functions: Vec<String>,
    /// Constructors or factories the receiver must come from.
    #[serde(default)]
    pub receiver: Vec<String>,
    /// What is needed beside the chain.
    #[serde(default)]
    pub evidence: Evidence,
    /// Paths of which one must be present.
    #[serde(default)]
    pub needs: Vec<String>,
    /// Paths of which none may be present.
    #[serde(default)]
    pub without: Vec<String>,
    /// Paths and texts: for one of the paths, its value must contain one of the texts.
    #[serde(default)]
    pub contains: Vec<HttpSpec>,
    /// Paths and texts: none of the values may begin with one of the texts (the empty text: may be a
    /// text at all); `*text` must stand nowhere in it, `=text` must neither be it nor one of its items.
    #[serde(default)]
    pub not: Vec<HttpSpec>,
    /// Where the prompt is.
    #[serde(default)]
    pub prompt: Vec<RawSource>,
    /// The map whose keys fill a template's placeholders.
    #[serde(default)]
    pub vars: Option<String>,
    /// Paths that mean structured output when present. The strength follows from the value: a text or map that says `json_object` or just `json` is JSON mode.
    #[serde(default)]
    pub structured: Vec<String>,
    /// Method names (the last of the chain) that mean structured output.
    #[serde(default)]
    pub structured_methods: Vec<String>,
    /// The reply is always structured.
    #[serde(default)]
    pub always_structured: bool,
    /// It only defines what is run elsewhere, by a server or a graph: it is a call where no call of the project sends its text.
    #[serde(default)]
    pub definition: bool,
    /// What answers works on its own: it drives a browser, edits a checkout, goes on talking with a person. It is asked for more than an answer, so no code does instead.
    #[serde(default)]
    pub acts: bool,
    /// The call gives the body of a response, JSON around the reply; reading it is no scraping.
    #[serde(default)]
    pub body: bool,
    /// Paths to the tools.
    #[serde(default)]
    pub tools: Vec<String>,
}

/// `contains = [{ at = "arg:0", any = ["api.openai.com"] }]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HttpSpec {
    /// Path.
    pub at: String,
    /// Texts.
    pub any: Vec<String>,
}

/// `{ at = "system|arg:1", role = "system" }`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawSource {
    /// Paths; the first that is present counts.
    pub at: String,
    /// Role of bare text: `system`, `user` (default), `assistant`, `template`, `description`.
    #[serde(default)]
    pub role: Option<String>,
    /// The text is the name of a prompt file (settings between `---`, then a template) with this extension.
    #[serde(default)]
    pub extension: Option<String>,
}

/// `[[sdk.value]]`: a value that carries a prompt and is run elsewhere.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawValue {
    /// Constructors and factories, matched against the end of the path or chain.
    pub items: Vec<String>,
    /// Where its text is.
    #[serde(default)]
    pub text: Vec<RawSource>,
    /// Paths that mean structured output for every call made with it.
    #[serde(default)]
    pub structured: Vec<String>,
    /// Whether its text has placeholders in braces that a call fills.
    #[serde(default)]
    pub template: bool,
    /// Whether its name is distinctive, wherever it comes from.
    #[serde(default)]
    pub anywhere: bool,
    /// Whether running it alone sends nothing (`PromptTemplate(…).invoke(…)` only formats): it makes
    /// a call only as part of a composition.
    #[serde(default)]
    pub format_only: bool,
}

/// `[[sdk.message]]`: a constructor of a message with a role.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawMessage {
    /// The role; left out for a part of a message, which has the role of the whole.
    #[serde(default)]
    pub role: Option<String>,
    /// Constructors.
    pub items: Vec<String>,
    /// Where the text is.
    pub text: Vec<String>,
}

/// `[[sdk.example]]`: code that must give exactly these calls.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawExample {
    /// Its language.
    pub language: Language,
    /// The code.
    pub code: String,
    /// The calls in order of the code; empty where it must give none.
    #[serde(default)]
    pub calls: Vec<ExampleCall>,
    /// Why the calls are not found yet; the tests fail once they are.
    #[serde(default)]
    pub pending: Option<String>,
}

/// A call that an example must give.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExampleCall {
    /// The api.
    pub api: String,
    /// `role: text` of each message, whole.
    #[serde(default)]
    pub messages: Vec<String>,
    /// `none`, `json-mode` or `schema`.
    #[serde(default)]
    pub structured: Option<String>,
}

/// A catalog file that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{path}{}: {message}", line.map(|l| format!(":{l}")).unwrap_or_default())]
pub struct CatalogError {
    /// The file.
    pub path: String,
    /// 1-based line, where known.
    pub line: Option<usize>,
    /// What is wrong.
    pub message: String,
}

impl CatalogError {
    pub(super) fn new(path: &str, text: &str, error: &toml::de::Error) -> Self {
        let line = error.span().map(|s| {
            text.as_bytes()[..s.start.min(text.len())]
                .iter()
                .filter(|b| **b == b'\n')
                .count()
                + 1
        });
        Self {
            path: path.to_owned(),
            line,
            message: error.message().to_owned(),
        }
    }

    pub(super) fn plain(path: &str, message: String) -> Self {
        Self {
            path: path.to_owned(),
            line: None,
            message,
        }
    }
}

pub(super) fn patterns(texts: &[String]) -> Result<Vec<Pattern>, String> {
    let mut out = Vec::new();
    for t in texts {
        out.extend(Pattern::expand(t)?);
    }
    Ok(out)
}

/// Each of the paths with its texts.
fn texts_at(specs: &[HttpSpec]) -> Result<Vec<(At, Vec<String>)>, String> {
    let mut out = Vec::new();
    for h in specs {
        for at in paths(&h.at)? {
            out.push((at, h.any.clone()));
        }
    }
    Ok(out)
}

fn all_paths(texts: &[String]) -> Result<Vec<At>, String> {
    let mut out = Vec::new();
    for t in texts {
        out.extend(paths(t)?);
    }
    Ok(out)
}

pub(super) fn role(name: &str) -> Result<Role, String> {
    Ok(match name {
        "system" => Role::System,
        "user" => Role::User,
        "assistant" => Role::Assistant,
        "template" => Role::Template,
        "description" => Role::Description,
        "tool" => Role::Tool,
        _ => return Err(format!("unknown role `{name}`")),
    })
}

fn sources(raw: &[RawSource], default: Role) -> Result<Vec<Source>, String> {
    raw.iter()
        .map(|s| {
            Ok(Source {
                at: paths(&s.at)?,
                role: s.role.as_deref().map_or(Ok(default), role)?,
                extension: s.extension.clone(),
            })
        })
        .collect()
}

impl Catalog {
    pub(super) fn add_sdk(&mut self, raw: RawSdk) -> Result<(), String> {
        let sdk = self.sdks.len();
        let context = |e: String| format!("sdk `{}`: {e}", raw.id);
        for c in &raw.call {
            self.calls.push(CallSpec {
                sdk,
                api: c.api.clone(),
                chain: patterns(&c.chain).map_err(context)?,
                functions: patterns(&c.functions).map_err(context)?,
                receiver: patterns(&c.receiver).map_err(context)?,
                evidence: c.evidence,
                needs: all_paths(&c.needs).map_err(context)?,
                all: Vec::new(),
                without: all_paths(&c.without).map_err(context)?,
                not_starting: texts_at(&c.not).map_err(context)?,
                relative: false,
                contains: texts_at(&c.contains).map_err(context)?,
                prompt: sources(&c.prompt, Role::User).map_err(context)?,
                vars: c
                    .vars
                    .as_deref()
                    .map_or(Ok(Vec::new()), paths)
                    .map_err(context)?,
                structured: all_paths(&c.structured).map_err(context)?,
                structured_methods: c.structured_methods.clone(),
                always_structured: c.always_structured,
                definition: c.definition,
                acts: c.acts,
                body: c.body,
                tools: all_paths(&c.tools).map_err(context)?,
            });
        }
        for v in &raw.value {
            self.values.push(ValueSpec {
                sdk,
                items: patterns(&v.items).map_err(context)?,
                text: sources(&v.text, Role::Template).map_err(context)?,
                structured: all_paths(&v.structured).map_err(context)?,
                template: v.template,
                anywhere: v.anywhere,
                format_only: v.format_only,
            });
        }
        for m in &raw.message {
            self.messages.push(MessageSpec {
                sdk,
                role: m.role.as_deref().map(role).transpose().map_err(context)?,
                items: patterns(&m.items).map_err(context)?,
                text: all_paths(&m.text).map_err(context)?,
            });
        }
        self.sdks.push(Sdk {
            id: raw.id,
            packages: raw.packages,
            languages: raw.languages,
            examples: raw.example,
            path: String::new(),
        });
        Ok(())
    }
}
