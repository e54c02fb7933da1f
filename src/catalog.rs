//! The catalog of LLM APIs: facts about SDKs as data (`rules/apis/*.toml`, and a user's own files).
//!
//! The catalog knows which values come from an SDK, which calls send a prompt, where the prompt
//! stands among the arguments, and which arguments mean structured output. It knows nothing of
//! how values are found: [`crate::resolve`] asks it about callees and hands it paths to look up.

pub mod cases;
mod house;
mod http;
mod pattern;
mod schema;

pub use house::{Declared, HouseCallee, HouseWrapper};
pub use http::{RawClient, RawEndpoint};
pub use pattern::{At, AtRoot, Pattern};
pub use schema::{
    CatalogError, Evidence, ExampleCall, HttpSpec, RawApis, RawCall, RawExample, RawSdk,
};

use crate::calls::Role;
use crate::language::Language;

/// A position in an argument list that carries prompt text.
#[derive(Debug, Clone)]
pub struct Source {
    /// Where to look; the first that is present counts.
    pub at: Vec<At>,
    /// The role of bare text found there.
    pub role: Role,
    /// What is found there is the name of a prompt file with this extension.
    pub extension: Option<String>,
}

/// A call that sends a prompt.
#[derive(Debug)]
pub struct CallSpec {
    /// Index of its SDK.
    pub sdk: usize,
    /// Name in reports, `openai/chat-completions`.
    pub api: String,
    /// Member chains, matched against the end of the callee's chain.
    pub chain: Vec<Pattern>,
    /// Functions, matched against the end of an imported path.
    pub functions: Vec<Pattern>,
    /// Constructors the receiver must come from; empty for any value of the SDK.
    pub receiver: Vec<Pattern>,
    /// What is needed beside the chain.
    pub evidence: Evidence,
    /// Arguments of which one must be present.
    pub needs: Vec<At>,
    /// Arguments that must all be present, each at one of its paths.
    pub all: Vec<Vec<At>>,
    /// Arguments of which none may be present.
    pub without: Vec<At>,
    /// Argument and texts that it must not begin with (the program's own routes); `*text` must stand
    /// nowhere in it, `=text` must neither be it nor one of its items.
    pub not_starting: Vec<(At, Vec<String>)>,
    /// Whether what begins with `/` is a path below an address that the client was made with, and no route
    /// of the program's own: of its own are those that its tests call.
    pub relative: bool,
    /// Argument and text that it must contain (URLs of raw HTTP, programs of a CLI).
    pub contains: Vec<(At, Vec<String>)>,
    /// Where the prompt is.
    pub prompt: Vec<Source>,
    /// The map whose keys fill a template's placeholders.
    pub vars: Vec<At>,
    /// Arguments that mean structured output.
    pub structured: Vec<At>,
    /// Method names that mean structured output.
    pub structured_methods: Vec<String>,
    /// Whether the reply is always structured.
    pub always_structured: bool,
    /// Whether it only defines what is run elsewhere: reported where no call of the project sends its text.
    pub definition: bool,
    /// Whether what answers works on its own, in a browser, a checkout, a conversation.
    pub acts: bool,
    /// Whether what comes back is the body of a response around the reply, for the program to read.
    pub body: bool,
    /// Paths to the tools.
    pub tools: Vec<At>,
}

/// A value that carries a prompt and is run elsewhere: template, chain, agent, signature.
#[derive(Debug)]
pub struct ValueSpec {
    /// Index of its SDK.
    pub sdk: usize,
    /// Constructors and factories.
    pub items: Vec<Pattern>,
    /// Where its text is.
    pub text: Vec<Source>,
    /// Arguments that mean structured output for every call made with it.
    pub structured: Vec<At>,
    /// Whether its text has placeholders in braces that a call fills.
    pub template: bool,
    /// Whether its name is distinctive, wherever it comes from.
    pub anywhere: bool,
    /// Whether running it alone sends nothing, it only formats its text: a prompt template that is
    /// a call only as part of a composition.
    pub format_only: bool,
}

/// A constructor of a message with a role.
#[derive(Debug)]
pub struct MessageSpec {
    /// Index of its SDK.
    pub sdk: usize,
    /// The role; `None` for a part of a message, which has the role of the whole.
    pub role: Option<Role>,
    /// Constructors.
    pub items: Vec<Pattern>,
    /// Where the text is.
    pub text: Vec<At>,
}

/// An SDK.
#[derive(Debug)]
pub struct Sdk {
    /// Short name.
    pub id: String,
    /// Packages, crates or modules; a trailing `*` matches any continuation.
    pub packages: Vec<String>,
    /// The languages it exists in; empty for all.
    pub languages: Vec<Language>,
    /// Code that must and must not match.
    pub examples: Vec<RawExample>,
    /// The file that it stands in, as it was added; empty for what the settings declare.
    pub path: String,
}

/// All APIs.
#[derive(Debug, Default)]
pub struct Catalog {
    /// SDKs.
    pub sdks: Vec<Sdk>,
    /// Calls, in order of the files.
    pub calls: Vec<CallSpec>,
    /// Prompt-carrying values.
    pub values: Vec<ValueSpec>,
    /// Role constructors.
    pub messages: Vec<MessageSpec>,
    /// House wrappers of the settings.
    pub declared: Vec<Declared>,
    /// HTTP clients and endpoints, as read.
    http: http::Http,
}

/// The catalog files built into the binary.
const BUILTIN: &[(&str, &str)] = &[
    (
        "rules/apis/python.toml",
        include_str!("../rules/apis/python.toml"),
    ),
    (
        "rules/apis/typescript.toml",
        include_str!("../rules/apis/typescript.toml"),
    ),
    (
        "rules/apis/rust.toml",
        include_str!("../rules/apis/rust.toml"),
    ),
    (
        "rules/apis/http.toml",
        include_str!("../rules/apis/http.toml"),
    ),
    (
        "rules/apis/shape.toml",
        include_str!("../rules/apis/shape.toml"),
    ),
];

impl Catalog {
    /// The built-in catalog.
    ///
    /// # Errors
    /// If a built-in file is not valid: a defect, and a test fails.
    pub fn builtin() -> Result<Self, CatalogError> {
        let mut catalog = Self::default();
        for (path, text) in BUILTIN {
            catalog.add(path, text)?;
        }
        Ok(catalog)
    }

    /// Adds the SDKs of one TOML text; `path` is for messages.
    ///
    /// # Errors
    /// If the text is no TOML, has unknown keys, or a pattern that cannot be read.
    pub fn add(&mut self, path: &str, text: &str) -> Result<(), CatalogError> {
        let raw: RawApis = toml::from_str(text).map_err(|e| CatalogError::new(path, text, &e))?;
        let first = self.sdks.len();
        for sdk in raw.sdk {
            self.add_sdk(sdk)
                .map_err(|message| CatalogError::plain(path, message))?;
        }
        self.add_http(raw.client, raw.endpoint)
            .map_err(|message| CatalogError::plain(path, message))?;
        for sdk in self.sdks.iter_mut().skip(first) {
            path.clone_into(&mut sdk.path);
        }
        Ok(())
    }

    /// Whether a TOML text is a catalog file, right or wrong, rather than anything else.
    #[must_use]
    pub fn is_catalog(text: &str) -> bool {
        let table: Option<toml::Table> = toml::from_str(text).ok();
        table.is_some_and(|t| {
            ["sdk", "client", "endpoint"]
                .iter()
                .any(|k| t.contains_key(*k))
        })
    }

    /// Whether a module or package as imported belongs to an SDK.
    #[must_use]
    pub fn is_package_of(&self, sdk: usize, module: &str, language: Language) -> bool {
        let sdk = &self.sdks[sdk];
        (sdk.languages.is_empty() || sdk.languages.contains(&language))
            && sdk.packages.iter().any(|p| package_matches(p, module))
    }

    /// Whether a module belongs to any SDK.
    #[must_use]
    pub fn is_known_package(&self, module: &str, language: Language) -> bool {
        (0..self.sdks.len()).any(|s| self.is_package_of(s, module, language))
    }
}

/// Whether a module is the package or something inside it.
fn package_matches(package: &str, module: &str) -> bool {
    // Asked of all packages for every import; most differ in their first letter.
    let first = package.bytes().next();
    if first.is_some_and(|f| f != b'*') && first != module.bytes().next() {
        return false;
    }
    if let Some(prefix) = package.strip_suffix('*') {
        return module.starts_with(prefix);
    }
    module.strip_prefix(package).is_some_and(|rest| {
        rest.is_empty() || rest.starts_with(['.', '/']) || rest.starts_with("::")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_match_at_separators_only() {
        assert!(package_matches("openai", "openai"));
        assert!(package_matches("openai", "openai.types"));
        assert!(package_matches("@ai-sdk/openai", "@ai-sdk/openai/edge"));
        assert!(package_matches("async_openai", "async_openai::types"));
        assert!(package_matches(
            "langchain*",
            "langchain_openai.chat_models"
        ));
        assert!(!package_matches("ai", "ai21"));
        assert!(!package_matches("openai", "openai_helpers"));
    }

    #[test]
    fn the_builtin_catalog_is_valid() -> Result<(), CatalogError> {
        let catalog = Catalog::builtin()?;
        assert!(!catalog.calls.is_empty());
        Ok(())
    }

    #[test]
    fn every_sdk_has_examples_of_its_own_calls() -> Result<(), CatalogError> {
        let catalog = Catalog::builtin()?;
        for (i, sdk) in catalog.sdks.iter().enumerate() {
            assert!(!sdk.examples.is_empty(), "{} has no example", sdk.id);
            for example in &sdk.examples {
                assert!(
                    sdk.languages.is_empty() || sdk.languages.contains(&example.language),
                    "{}: an example in another language",
                    sdk.id
                );
                for call in &example.calls {
                    assert!(
                        catalog
                            .calls
                            .iter()
                            .any(|c| c.sdk == i && c.api == call.api),
                        "{}: no call `{}`",
                        sdk.id,
                        call.api
                    );
                    assert!(
                        matches!(
                            call.structured.as_deref(),
                            None | Some("none" | "json-mode" | "schema")
                        ),
                        "{}: {:?}",
                        sdk.id,
                        call.structured
                    );
                }
            }
        }
        Ok(())
    }
}
