//! Nesting and length without limit, and text that is no program.

use proptest::prelude::*;

use crate::hir::{Expr, Facts, Piece};
use crate::language::typescript::lower;
use crate::pipeline::STACK_BYTES;
use crate::source::Span;

/// Lowers on a thread with the stack that the pipeline gives.
fn on_pipeline_stack(text: String) -> Facts {
    let thread = std::thread::Builder::new()
        .stack_size(STACK_BYTES)
        .spawn(move || lower(&text, true));
    match thread.map(std::thread::JoinHandle::join) {
        Ok(Ok(facts)) => facts,
        other => unreachable!("{:?}", other.map(|_| ())),
    }
}

const MANY: usize = 100_000;

#[test]
fn long_chains_are_lowered_whole() {
    let sum = format!("const x = {}'z';", "'a' + ".repeat(MANY));
    let facts = on_pipeline_stack(sum);
    assert!(facts.broken.is_empty());
    let sums = facts
        .exprs
        .iter()
        .filter(|e| matches!(e.kind, Expr::Binary { .. }));
    assert_eq!(sums.count(), MANY);

    let calls = format!("const x = a{};", ".b(c)".repeat(20_000));
    assert!(on_pipeline_stack(calls).broken.is_empty());
    let ternaries = format!("const x = {} 1;", "a ? b : ".repeat(5_000));
    assert!(on_pipeline_stack(ternaries).broken.is_empty());
    let branches = format!("if (a) b(); {}", "else if (a) b(); ".repeat(5_000));
    let facts = on_pipeline_stack(branches);
    assert!(facts.broken.is_empty());
    assert_eq!(facts.guards.len(), 5_002);
}

#[test]
fn deep_nesting_ends() {
    for (open, close) in [
        ("[", "]"),
        ("(", ")"),
        ("{", "}"),
        ("f(", ")"),
        ("x={a:", "}"),
    ] {
        let text = format!("x = {}{}", open.repeat(MANY), close.repeat(MANY));
        let facts = on_pipeline_stack(text);
        assert!(facts.exprs.len() < 4 * MANY, "{open}");
    }
    on_pipeline_stack("[".repeat(MANY));
    on_pipeline_stack("`${".repeat(5_000));
}

#[test]
fn parentheses_are_seen_through_at_any_depth() {
    let facts = on_pipeline_stack(format!("x = {}'a'{};", "(".repeat(MANY), ")".repeat(MANY)));
    assert_eq!(facts.writes.len(), 1);
    assert_eq!(facts.exprs.len(), 1);
    assert!(facts.broken.is_empty());
}

/// Every span of the facts.
fn spans(facts: &Facts) -> Vec<Span> {
    let mut out: Vec<Span> = facts.exprs.iter().map(|e| e.span).collect();
    for e in &facts.exprs {
        if let Expr::Text { pieces, .. } = &e.kind {
            out.extend(pieces.iter().map(|p| match p {
                Piece::Literal(l) => l.span,
                Piece::Hole { span, .. } => *span,
            }));
        }
    }
    out.extend(facts.writes.iter().map(|w| w.span));
    out.extend(facts.functions.iter().flat_map(|f| [f.span, f.name_span]));
    out.extend(facts.classes.iter().map(|c| c.span));
    out.extend(
        facts
            .classes
            .iter()
            .flat_map(|c| c.fields.iter().map(|f| f.span)),
    );
    out.extend(facts.imports.iter().map(|i| i.span));
    out.extend(&facts.comments);
    out.extend(&facts.broken);
    out
}

/// Bits of programs, put together at random.
fn scraps() -> impl Strategy<Value = String> {
    let scrap = prop::sample::select(vec![
        "const ",
        "let x",
        " = ",
        "{",
        "}",
        "(",
        ")",
        "[",
        "]",
        "=>",
        "async ",
        "await ",
        "function f",
        "class A ",
        "extends ",
        "`a${",
        "}`",
        "'s'",
        "\"\\u{1F600}\"",
        "\\",
        "é",
        "😀",
        "\r\n",
        "\n",
        "// c\n",
        "/* d */",
        "import ",
        "from 'm'",
        "export default ",
        "export ",
        "* ",
        ", ",
        ";",
        "...",
        ".",
        "?.",
        "? ",
        ": ",
        "a",
        "this",
        "new ",
        "if (a) ",
        "else ",
        "switch (a) { case 1: ",
        "for (const [a, b] of c) ",
        "return ",
        "<div>",
        "</div>",
        "<",
        ">",
        "&&",
        "??=",
        "@dec ",
        "interface I ",
        "type T = ",
        "| \"a\"",
        "constructor(private x: T)",
        "\0",
        "\u{feff}",
    ]);
    prop::collection::vec(scrap, 0..40).prop_map(|v| v.concat())
}

fn check(text: &str) -> Result<(), TestCaseError> {
    for tsx in [false, true] {
        let facts = lower(text, tsx);
        for span in spans(&facts) {
            prop_assert!(text.get(span.range()).is_some(), "{span:?} of {text:?}");
        }
        for (i, e) in facts.exprs.iter().enumerate() {
            let mut in_order = true;
            e.kind.each_kid(|k| in_order &= k.index() < i);
            prop_assert!(in_order, "a part after its whole in {text:?}");
        }
        prop_assert_eq!(facts.exprs.len(), lower(text, tsx).exprs.len());
    }
    Ok(())
}

proptest! {
    #[test]
    fn arbitrary_text_is_lowered(text in any::<String>()) {
        check(&text)?;
    }

    #[test]
    fn arbitrary_scraps_are_lowered(text in scraps()) {
        check(&text)?;
    }
}
