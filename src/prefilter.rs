//! Which files can matter: a search for SDK markers in the bytes, before anything is parsed.
//!
//! The markers are derived from the catalog, for each language those of the SDKs that exist in it:
//! packages in the shape of an import, distinctive member chains, hosts and programs of raw
//! requests. A file without any of them has nothing that the catalog could match.

mod alternatives;
mod bodies;

use regex::bytes::{Regex, RegexBuilder};

use self::alternatives::Alternatives;
use self::bodies::Bodies;
use crate::catalog::{CallSpec, Catalog, Evidence, Pattern, Sdk};
use crate::language::Language;

/// Between two names of a chain: a call of the first, line breaks, `?.`, `::`.
const LINK: &str = r"(?:\(\))?\s*\??[.:]+\s*";

/// Finds candidates.
#[derive(Debug)]
pub struct Prefilter {
    /// By language, in the order of [`Language::ALL`].
    markers: Vec<Regex>,
    bodies: Bodies,
}

impl Prefilter {
    /// The markers of a catalog.
    ///
    /// # Errors
    /// If the markers make no valid expression (a catalog with thousands of entries).
    pub fn new(catalog: &Catalog) -> Result<Self, regex::Error> {
        Ok(Self {
            markers: Language::ALL
                .iter()
                .map(|l| compile(&expression(catalog, *l)))
                .collect::<Result<_, _>>()?,
            bodies: Bodies::new(catalog)?,
        })
    }

    /// Whether a file of a language has a marker.
    #[must_use]
    pub fn is_candidate(&self, language: Language, bytes: &[u8]) -> bool {
        self.markers
            .get(language as usize)
            .is_some_and(|m| m.is_match(bytes))
            || self.bodies.is_match(bytes)
    }
}

fn compile(expression: &str) -> Result<Regex, regex::Error> {
    RegexBuilder::new(expression)
        .unicode(false)
        .size_limit(64 << 20)
        .dfa_size_limit(64 << 20)
        .build()
}

/// The markers of a language as one regular expression, which is read without Unicode classes.
#[must_use]
pub fn expression(catalog: &Catalog, language: Language) -> String {
    let exists = |s: usize| {
        catalog.sdks[s].languages.is_empty() || catalog.sdks[s].languages.contains(&language)
    };
    let mut parts = Vec::new();
    let sdks = catalog
        .sdks
        .iter()
        .enumerate()
        .filter(|(i, _)| exists(*i) && !is_known_by_arguments(catalog, *i))
        .map(|(_, s)| s);
    imports(sdks, language, &mut parts);
    let calls = || catalog.calls.iter().filter(|c| exists(c.sdk));
    if calls().any(|c| c.evidence == Evidence::Shape) {
        // Messages with roles, for calls known by their shape; in a notebook quotes are escaped.
        parts.push(r#"\brole\\?["']?\s*[:=]\s*\\?["'](?:system|user|developer)\b"#.to_owned());
    }
    let receivers = calls().filter(|c| c.evidence == Evidence::Shape && !c.receiver.is_empty());
    parts.extend(receivers.map(received));
    let mut names = Alternatives::default();
    let mut chains = Alternatives::default();
    let mut texts = Alternatives::default();
    let mut words = Alternatives::default();
    for c in calls() {
        for p in &c.chain {
            if p.segments.iter().any(|s| s.contains(['*', '('])) {
                continue;
            }
            // What follows may be called on a variable that keeps the beginning; the object may
            // come from a file that imports the package.
            match (p.segments.as_slice(), c.evidence) {
                ([name], Evidence::Chain) if c.contains.is_empty() && c.all.is_empty() => {
                    names.add(name, "");
                }
                ([first, second, ..], Evidence::Chain | Evidence::Import) if c.all.is_empty() => {
                    chains.add(first, &format!(r"{LINK}{}\b", regex::escape(second)));
                }
                _ => {}
            }
        }
        if matches!(c.evidence, Evidence::Import | Evidence::Receiver) {
            for name in c.receiver.iter().filter_map(|p| p.segments.last()) {
                let accessor = name.starts_with("get_") || name.starts_with("from_");
                if name.contains('_') && !accessor && !name.contains(['*', '(']) {
                    names.add(name, "");
                }
            }
        }
        if c.evidence == Evidence::Chain {
            for name in c.receiver.iter().filter_map(|p| p.segments.last()) {
                if !name.contains(['*', '(']) {
                    names.add(name, "");
                }
            }
        }
        for t in c
            .contains
            .iter()
            .flat_map(|(_, t)| t)
            .filter(|t| t.len() >= 4)
        {
            let word = t
                .chars()
                .all(|c| c.is_alphanumeric() || c == '_' || c == '-');
            match t.split_once(' ') {
                // A program and its first argument may stand in a list: `["ollama", "run", …]`.
                Some((program, rest)) if !rest.is_empty() => {
                    texts.add(
                        program,
                        &format!(r#"(?:\s+|\\?["']\s*,\s*\\?["']){}"#, regex::escape(rest)),
                    );
                }
                _ => if word { &mut words } else { &mut texts }.add(t, ""),
            }
        }
    }
    // A wrapper is imported from wherever the project keeps it; its name is all there is.
    let mut declared = Alternatives::default();
    for d in &catalog.declared {
        if let Some(name) = d.pattern.segments.last() {
            declared.add(name, "");
        }
    }
    // A name by itself may be a word of prose: it is called, taken from something, or imported.
    parts.extend(
        names
            .expression()
            .map(|n| format!(r"[.:{{,(]\s*{n}\b|\b{n}\s*[(<]|import\s+{n}\b")),
    );
    parts.extend(chains.expression().map(|c| format!(r"\b{c}")));
    parts.extend(declared.expression().map(|d| format!(r"\b{d}\b")));
    parts.extend(words.expression().map(|w| format!(r#"["'`]{w}\b"#)));
    parts.extend(texts.expression());
    parts.join("|")
}

/// A call known by the name of its receiver: `self.llm.invoke(`.
fn received(call: &CallSpec) -> String {
    let any = |patterns: &[Pattern]| {
        let names: Vec<String> = patterns
            .iter()
            .filter_map(|p| p.segments.last())
            .map(|s| regex::escape(s).replace(r"\*", r"\w*"))
            .collect();
        names.join("|")
    };
    let methods = any(&call.chain);
    if call.receiver.iter().all(|p| p.segments == ["*"]) {
        return format!(r"\b(?:{methods})\s*\(");
    }
    format!(
        r"\b(?:{})(?:\(\))?\s*\??\.\s*(?:{methods})\s*\(",
        any(&call.receiver)
    )
}

/// Whether all calls of an SDK are told by a host, a program or the fields among their arguments
/// (raw HTTP, subprocesses): that is their marker; the packages are the standard library's.
fn is_known_by_arguments(catalog: &Catalog, sdk: usize) -> bool {
    let mut calls = catalog.calls.iter().filter(|c| c.sdk == sdk).peekable();
    calls.peek().is_some() && calls.all(|c| !c.contains.is_empty() || !c.all.is_empty())
}

/// The packages of SDKs as the language imports them.
fn imports<'a>(sdks: impl Iterator<Item = &'a Sdk>, language: Language, parts: &mut Vec<String>) {
    let mut packages = Alternatives::default();
    let mut split = Alternatives::default();
    for p in sdks.flat_map(|s| &s.packages) {
        let (name, more) = match p.strip_suffix('*') {
            Some(prefix) => (prefix, r"[\w./-]*"),
            None => (p.as_str(), ""),
        };
        packages.add(name, more);
        // `from google import genai` imports `google.genai`.
        if let Some((package, module)) = name.rsplit_once('.') {
            split.add(
                package,
                &format!(r"\s+import\s+[\w, (]*{}", regex::escape(module)),
            );
        }
    }
    let Some(names) = packages.expression() else {
        return;
    };
    match language {
        Language::Python => {
            parts.push(format!(r"(?:from|import)\s+(?:[\w. ]+,\s*)*{names}\b"));
            parts.extend(split.expression().map(|s| format!(r"from\s+{s}")));
        }
        Language::TypeScript => {
            let comment = r"(?:/\*[^*]*\*/\s*)?";
            parts.push(format!(
                r#"(?:from|import|require)\s*\(?\s*{comment}["'](?:(?:npm|jsr|https):[^"'\s]*/|npm:|jsr:)?{names}["'/@?]"#
            ));
        }
        Language::Rust => {
            parts.push(format!(r"\b(?:use|crate)\s+(?:::)?{names}\b|\b{names}::"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Outcome = Result<(), Box<dyn std::error::Error>>;

    fn prefilter() -> Result<Prefilter, Box<dyn std::error::Error>> {
        Ok(Prefilter::new(&Catalog::builtin()?)?)
    }

    #[test]
    fn imports_calls_and_hosts_are_markers() -> Outcome {
        let p = prefilter()?;
        for (language, text) in [
            (Language::Python, "import os, openai"),
            (Language::Python, "from langchain_openai import ChatOpenAI"),
            (Language::Python, "from google import (genai)"),
            (
                Language::Python,
                "x = self.client.chat.completions.create(a)",
            ),
            (Language::Python, r#"\"role\": \"user\""#),
            (Language::Python, "pool.submit(client.invoke_model, body)"),
            (Language::Python, r#"URL = "https://api.openai.com/v1""#),
            (Language::Python, r#"run(["ollama", "run", "m"])"#),
            (Language::Python, "getoutput('ollama run m')"),
            (
                Language::TypeScript,
                r#"import { generateText } from "ai";"#,
            ),
            (Language::TypeScript, "const { OpenAI } = require('openai')"),
            (
                Language::TypeScript,
                "await import(/* lazy */ 'openai/index')",
            ),
            (
                Language::TypeScript,
                "client\n  .chat\n  ?.completions\n  .create({})",
            ),
            (
                Language::TypeScript,
                r#"import OpenAI from "https://esm.sh/openai@4";"#,
            ),
            (
                Language::TypeScript,
                r#"import Anthropic from "npm:@anthropic-ai/sdk@0.24";"#,
            ),
            (Language::Rust, "use async_openai::Client;"),
            (Language::Rust, "let c = ::async_openai::Client::new();"),
        ] {
            assert!(p.is_candidate(language, text.as_bytes()), "{text}");
        }
        Ok(())
    }

    #[test]
    fn words_data_and_other_languages_are_none() -> Outcome {
        let p = prefilter()?;
        for (language, text) in [
            (
                Language::Python,
                "from asyncio import create_subprocess_exec",
            ),
            (
                Language::Python,
                r#"TOPICS = ["openai", "langchain", "ai"]"#,
            ),
            (Language::Python, r#"{"vscode": {"languageId": "python"}}"#),
            (Language::Rust, "// The converse holds as well: see above."),
            (Language::Rust, r#"let letters = ["chi", "phi"];"#),
            (Language::Rust, "from openai import OpenAI"),
            (Language::TypeScript, "const kind = 'ai';"),
        ] {
            assert!(!p.is_candidate(language, text.as_bytes()), "{text}");
        }
        Ok(())
    }
}
