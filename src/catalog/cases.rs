//! The examples that SDKs carry: code, and the calls that it must give. `deprompt test-rules` and the crate's
//! own tests run them, each through the library's front door, as a project of one file.

use std::fmt::Write as _;
use std::path::Path;

use super::{Catalog, ExampleCall, RawExample, Sdk};
use crate::calls::{LlmCall, Structured};
use crate::language::Language;
use crate::pipeline::{self, Options};
use crate::rules::RuleSet;
use crate::vfs::Overlay;

/// What became of the examples.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ExampleReport {
    /// Number of examples run.
    pub run: usize,
    /// Number of them that say that their calls are not found yet.
    pub pending: usize,
    /// Those that did not give what they list, and pending ones that did.
    pub failures: Vec<ExampleFailure>,
}

/// An example that did not give what it lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExampleFailure {
    /// The SDK's name.
    pub sdk: String,
    /// Number of the example in its SDK, from 1.
    pub number: usize,
    /// Its language.
    pub language: Language,
    /// Its code.
    pub code: String,
    /// What was expected and what came, one line each.
    pub message: String,
}

/// Runs the examples of the wanted SDKs. Must be called on a pool whose threads have
/// [`pipeline::STACK_BYTES`] of stack.
#[must_use]
pub fn run(catalog: &Catalog, rules: &RuleSet, wanted: impl Fn(&Sdk) -> bool) -> ExampleReport {
    let mut report = ExampleReport::default();
    for sdk in catalog.sdks.iter().filter(|s| wanted(s)) {
        for (number, example) in (1..).zip(&sdk.examples) {
            report.run += 1;
            report.pending += usize::from(example.pending.is_some());
            if let Err(message) = holds(catalog, rules, example) {
                report.failures.push(ExampleFailure {
                    sdk: sdk.id.clone(),
                    number,
                    language: example.language,
                    code: example.code.clone(),
                    message,
                });
            }
        }
    }
    report
}

fn holds(catalog: &Catalog, rules: &RuleSet, example: &RawExample) -> Result<(), String> {
    let (found, expected) = outcome(catalog, rules, example);
    match &example.pending {
        Some(reason) if found == expected => {
            Err(format!("passes, and is marked pending: {reason}\n"))
        }
        None if found != expected => {
            let mut message = String::new();
            describe(&mut message, "expected", &expected);
            describe(&mut message, "found   ", &found);
            Err(message)
        }
        _ => Ok(()),
    }
}

/// A call in the form in which examples and outcomes are compared.
#[derive(PartialEq, Eq)]
struct Shape {
    api: String,
    messages: Vec<String>,
    structured: String,
}

impl Shape {
    fn of_call(call: &LlmCall) -> Self {
        let messages = call.messages.iter();
        Self {
            api: call.api.clone(),
            messages: messages
                .map(|m| format!("{}: {}", m.role.as_str(), m.text.text))
                .collect(),
            structured: match call.structured {
                Structured::None => "none",
                Structured::JsonMode => "json-mode",
                Structured::Schema => "schema",
            }
            .to_owned(),
        }
    }

    /// What an example says; where it leaves `structured` out, what was found counts.
    fn of_example(call: &ExampleCall, found: Option<&Self>) -> Self {
        let structured = call.structured.clone();
        Self {
            api: call.api.clone(),
            messages: call.messages.clone(),
            structured: structured
                .or_else(|| found.map(|f| f.structured.clone()))
                .unwrap_or_default(),
        }
    }
}

/// What an example's code gives, found and expected.
fn outcome(catalog: &Catalog, rules: &RuleSet, example: &RawExample) -> (Vec<Shape>, Vec<Shape>) {
    let extension = match example.language {
        Language::Python => "py",
        // Examples with casts in angle brackets or generics are no TSX, and JSX is no TypeScript.
        Language::TypeScript if example.code.contains("</") => "tsx",
        Language::TypeScript => "ts",
        Language::Rust => "rs",
    };
    let root = Path::new("/project");
    let path = root.join(format!("example.{extension}"));
    let mut fs = Overlay::in_memory();
    fs.insert(path.clone(), example.code.as_bytes());
    let options = Options {
        check: false,
        ..Options::default()
    };
    let analysis = pipeline::analyze(root, &[path], &fs, catalog, rules, &options);
    let found: Vec<Shape> = analysis.calls.iter().map(Shape::of_call).collect();
    let expected = example.calls.iter().enumerate();
    let expected = expected
        .map(|(i, c)| Shape::of_example(c, found.get(i)))
        .collect();
    (found, expected)
}

fn describe(out: &mut String, title: &str, shapes: &[Shape]) {
    // Writing to a string cannot fail.
    for s in shapes {
        let _ = writeln!(out, "{title} {} [{}]", s.api, s.structured);
        for m in &s.messages {
            let _ = writeln!(out, "    {m:?}");
        }
    }
    if shapes.is_empty() {
        let _ = writeln!(out, "{title} nothing");
    }
}
