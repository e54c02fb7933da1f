//! Every example of the built-in API catalog gives exactly the calls that it lists, through the
//! library's front door: one file, analysed as a project of its own.

mod in_memory;

use std::fmt::Write as _;

use deprompt::calls::{LlmCall, Structured};
use deprompt::catalog::{Catalog, ExampleCall, RawExample};
use deprompt::language::Language;
use deprompt::rules::RuleSet;

use in_memory::{Result, on_a_pool};

/// A call in the form in which examples and outcomes are compared.
#[derive(PartialEq, Eq)]
struct Shape {
    api: String,
    messages: Vec<String>,
    structured: String,
}

impl Shape {
    fn of_call(call: &LlmCall) -> Self {
        Self {
            api: call.api.clone(),
            messages: call
                .messages
                .iter()
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
        Self {
            api: call.api.clone(),
            messages: call.messages.clone(),
            structured: call
                .structured
                .clone()
                .or_else(|| found.map(|f| f.structured.clone()))
                .unwrap_or_default(),
        }
    }
}

fn extension(language: Language) -> &'static str {
    match language {
        Language::Python => "py",
        Language::TypeScript => "tsx",
        Language::Rust => "rs",
    }
}

/// What an example's code gives, found and expected.
fn outcome(catalog: &Catalog, rules: &RuleSet, example: &RawExample) -> (Vec<Shape>, Vec<Shape>) {
    // TypeScript examples with casts in angle brackets or generics are no TSX, and JSX is no TypeScript.
    let name = match extension(example.language) {
        "tsx" if !example.code.contains("</") => "example.ts".to_owned(),
        e => format!("example.{e}"),
    };
    let analysis = in_memory::analysis(catalog, rules, &[(name, &example.code)]);
    let found: Vec<Shape> = analysis.calls.iter().map(Shape::of_call).collect();
    let expected = example
        .calls
        .iter()
        .enumerate()
        .map(|(i, c)| Shape::of_example(c, found.get(i)))
        .collect();
    (found, expected)
}

fn describe(out: &mut String, title: &str, shapes: &[Shape]) -> std::fmt::Result {
    for s in shapes {
        writeln!(out, "  {title} {} [{}]", s.api, s.structured)?;
        for m in &s.messages {
            writeln!(out, "      {m:?}")?;
        }
    }
    if shapes.is_empty() {
        writeln!(out, "  {title} nothing")?;
    }
    Ok(())
}

#[test]
fn every_example_gives_the_calls_it_lists() -> Result {
    let catalog = Catalog::builtin()?;
    let rules = RuleSet::builtin()?;
    // For work on one SDK: its id.
    let only = std::env::var("DEPROMPT_SDK").ok();
    let mut report = String::new();
    let (mut wrong, mut pending, mut all) = (0, 0, 0);
    for sdk in &catalog.sdks {
        if only.as_ref().is_some_and(|o| *o != sdk.id) {
            continue;
        }
        for (n, example) in sdk.examples.iter().enumerate() {
            let (found, expected) = on_a_pool(|| outcome(&catalog, &rules, example))?;
            all += 1;
            let equal = found == expected;
            if let Some(reason) = &example.pending {
                pending += 1;
                if equal {
                    wrong += 1;
                    writeln!(
                        report,
                        "\n{} ({:?}), example {}: passes, and is marked pending: {reason}",
                        sdk.id,
                        example.language,
                        n + 1
                    )?;
                }
            } else if !equal {
                wrong += 1;
                writeln!(
                    report,
                    "\n{} ({:?}), example {}",
                    sdk.id,
                    example.language,
                    n + 1
                )?;
                writeln!(report, "{}", example.code.trim_end())?;
                describe(&mut report, "expected", &expected)?;
                describe(&mut report, "found   ", &found)?;
            }
        }
    }
    assert_eq!(
        wrong, 0,
        "of {all} examples, {pending} of them pending:\n{report}"
    );
    Ok(())
}
