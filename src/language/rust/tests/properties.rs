//! What holds for any input.

use proptest::prelude::*;

use super::super::lower;
use super::super::text::{decode, decode_body};
use crate::hir::{Expr, Facts, Literal, Piece};
use crate::pipeline::STACK_BYTES;

fn check_spans(text: &str, facts: &Facts) {
    let spans = facts
        .exprs
        .iter()
        .map(|e| e.span)
        .chain(facts.writes.iter().map(|w| w.span))
        .chain(facts.functions.iter().flat_map(|f| [f.span, f.name_span]))
        .chain(facts.classes.iter().map(|c| c.span))
        .chain(facts.imports.iter().map(|i| i.span))
        .chain(facts.comments.iter().copied())
        .chain(facts.broken.iter().copied());
    for s in spans {
        assert!(text.get(s.range()).is_some(), "{s:?} in {text:?}");
    }
    for e in &facts.exprs {
        if let Expr::Text { pieces, .. } = &e.kind {
            for p in pieces {
                match p {
                    Piece::Literal(l) => check_runs(text, l),
                    Piece::Hole { span, .. } => assert!(text.get(span.range()).is_some()),
                }
            }
        }
    }
}

/// Each run stands in the source byte for byte, or is one escape, or a doc text's line end.
fn check_runs(text: &str, literal: &Literal) {
    for (i, run) in literal.runs.iter().enumerate() {
        let end = literal
            .runs
            .get(i + 1)
            .map_or(literal.text.len(), |r| r.at as usize);
        let decoded = &literal.text[run.at as usize..end];
        let source = text.get(run.source as usize..).unwrap_or_default();
        assert!(
            source.starts_with(decoded)
                || (source.starts_with('\\') && decoded.chars().count() == 1)
                || decoded == "\n",
            "{decoded:?} at {run:?} of {text:?}"
        );
    }
}

fn encode(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\n' => "\\n".to_owned(),
            '\r' => "\\r".to_owned(),
            '"' => "\\\"".to_owned(),
            '\\' => "\\\\".to_owned(),
            '\0' => "\\0".to_owned(),
            c if c.is_control() => format!("\\u{{{:x}}}", u32::from(c)),
            c => c.to_string(),
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn decoding_undoes_encoding(text in any::<String>()) {
        let source = format!("\"{}\"", encode(&text));
        let literal = decode(&source, 0);
        prop_assert_eq!(&literal.text, &text);
        check_runs(&source, &literal);
    }

    #[test]
    fn raw_strings_read_as_written(text in "[^\r\"]*", hashes in 0_usize..3) {
        let hashes = "#".repeat(hashes);
        let source = format!("br{hashes}\"{text}\"{hashes}");
        prop_assert_eq!(decode(&source, 0).text, text);
    }

    #[test]
    fn any_body_decodes(body in r#"([a-zé]|\\[ntxu0"\\\n]|\r\n|\{|\}|[0-9])*"#) {
        check_runs(&body, &decode_body(&body, 0, true));
    }

    #[test]
    fn arbitrary_text_lowers(text in any::<String>()) {
        check_spans(&text, &lower(&text));
    }

    #[test]
    fn arbitrary_tokens_lower(words in prop::collection::vec(prop::sample::select(vec![
        "fn", "f", "(", ")", "{", "}", "[", "]", "let", "x", "=", ";", "\"a{x}\\n\"", "format!", "json!",
        "vec!", ",", ":", "::", "<", ">", "|", "match", "=>", "if", "else", "é", "'a'", "r#\"q\"#", "impl",
        "struct", "#[doc = \"d\"]", "/// doc\n", "// c\n", "use", "select!", "write!", "?", ".", "await", "&&",
        "return", "lazy_static!", "static", "quote!", "#", "matches!", "..", "1", "b\"", "enum", "for", "in",
    ]), 0..60)) {
        let text = words.join(" ");
        check_spans(&text, &lower(&text));
    }
}

/// Lowers on a thread with the stack that the pipeline gives.
fn deep(text: String) -> usize {
    std::thread::Builder::new()
        .stack_size(STACK_BYTES)
        .spawn(move || lower(&text).exprs.len())
        .ok()
        .and_then(|t| t.join().ok())
        .unwrap_or(0)
}

#[test]
fn long_chains_are_whole() {
    let n = 100_000;
    let sum = vec!["a"; n].join(" + ");
    assert!(deep(format!("fn f() {{ let x = {sum}; }}")) >= 2 * n - 1);
    let chain = ".m()".repeat(n);
    assert!(deep(format!("fn f() {{ let x = a{chain}; }}")) > 2 * n);
}

#[test]
fn long_else_if_chains_are_whole() {
    let n = 20_000;
    let arms = vec!["if a { b(); }"; n].join(" else ");
    assert!(deep(format!("fn f() {{ {arms} }}")) > 2 * n);
}

#[test]
fn deep_nesting_ends() {
    let n = 100_000;
    let (open, close) = ("(".repeat(n), ")".repeat(n));
    assert!(deep(format!("fn f() {{ let x = {open}a{close}; }}")) >= 1);
    for (open, close) in [("f(", ")"), ("[", "]"), ("{", "}"), ("|| ", ""), ("!", "")] {
        let (open, close) = (open.repeat(20_000), close.repeat(20_000));
        assert!(deep(format!("fn f() {{ let x = {open}a{close}; }}")) >= 1);
    }
    let (open, close) = ("vec![".repeat(5_000), "]".repeat(5_000));
    assert!(deep(format!("fn f() {{ let x = {open}a{close}; }}")) >= 1);
    let (open, close) = ("[".repeat(20_000), "]".repeat(20_000));
    assert!(deep(format!("fn f() {{ let x = json!({open}a{close}); }}")) >= 1);
}
