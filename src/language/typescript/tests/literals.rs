//! Literals: what is decoded, and where it stands.

use proptest::prelude::*;

use crate::hir::{Expr, Facts, Literal, Piece};
use crate::language::typescript::lower;

/// The literal pieces of a file, in order.
fn literals(facts: &Facts) -> Vec<&Literal> {
    facts
        .exprs
        .iter()
        .filter_map(|e| match &e.kind {
            Expr::Text { pieces, .. } => Some(pieces),
            _ => None,
        })
        .flatten()
        .filter_map(|p| match p {
            Piece::Literal(l) => Some(l),
            Piece::Hole { .. } => None,
        })
        .collect()
}

fn decoded(source: &str) -> String {
    let facts = lower(&format!("const x = {source};"), false);
    literals(&facts).iter().map(|l| l.text.as_str()).collect()
}

#[test]
fn escapes_are_decoded() {
    assert_eq!(
        decoded(r#""a\n\t\r\b\f\v\0b""#),
        "a\n\t\r\u{8}\u{c}\u{b}\0b"
    );
    assert_eq!(decoded(r#""\x41\u00e9\u{1F600}""#), "Aé😀");
    assert_eq!(
        decoded(r#""\uD83D\uDE00|\uD83D|\u{D800}""#),
        "😀|\u{FFFD}|\u{FFFD}"
    );
    assert_eq!(decoded(r#"'\'\"\\\q\é\/'"#), "'\"\\qé/");
    assert_eq!(decoded("'a\\\nb\\\r\nc'"), "abc");
    assert_eq!(decoded(r"'\101\7z'"), "A\u{7}z");
    assert_eq!(decoded("`a\r\nb\\`\\${c}`"), "a\nb`${c}");
    assert_eq!(decoded(r"String.raw`\n\u`"), r"\n\u");
    assert_eq!(decoded("''"), "");
}

#[test]
fn malformed_escapes_stand_for_themselves() {
    for source in [
        r"'\xZ'",
        r"'\u12'",
        r"'\u{}'",
        r"'\u{110000000000}'",
        r"`\u`",
        "'\\",
        "'",
    ] {
        assert!(literals(&lower(source, false)).len() < 2);
    }
}

#[test]
fn escapes_point_at_their_source() {
    let facts = lower(r"x = 'ab\n\u00e9c\'d'", false);
    let all = literals(&facts);
    let places: Vec<_> = all
        .first()
        .map(|l| {
            l.text
                .char_indices()
                .map(|(i, c)| (c, l.source_of(u32::try_from(i).unwrap_or(0))))
                .collect()
        })
        .unwrap_or_default();
    assert_eq!(
        places,
        [
            ('a', 5),
            ('b', 6),
            ('\n', 7),
            ('é', 9),
            ('c', 15),
            ('\'', 17),
            ('d', 18)
        ]
    );
}

/// A source form for a text, with the escapes that `style` picks.
fn encode(text: &str, style: &[u8]) -> String {
    let mut out = String::from("\"");
    for (i, c) in text.chars().enumerate() {
        let style = style.get(i % style.len().max(1)).copied().unwrap_or(0);
        let code = u32::from(c);
        match (style, c) {
            (_, '\n') => out.push_str("\\n"),
            (_, '\r') => out.push_str("\\r"),
            (_, '\u{2028}' | '\u{2029}') | (1, _) => out.push_str(&format!("\\u{{{code:x}}}")),
            (2, _) => {
                let mut units = [0; 2];
                for unit in c.encode_utf16(&mut units) {
                    out.push_str(&format!("\\u{unit:04X}"));
                }
            }
            (3, _) if code < 256 => out.push_str(&format!("\\x{code:02x}")),
            (_, '"' | '\\') => {
                out.push('\\');
                out.push(c);
            }
            _ => out.push(c),
        }
        if style == 4 {
            out.push_str("\\\n");
        }
    }
    out.push('"');
    out
}

/// Checks that decoded bytes stand in the source, run by run, except those of escapes.
fn check_runs(source: &str, literal: &Literal) -> Result<(), TestCaseError> {
    for (i, run) in literal.runs.iter().enumerate() {
        let end = literal
            .runs
            .get(i + 1)
            .map_or(literal.text.len(), |r| r.at as usize);
        let decoded = &literal.text.as_bytes()[run.at as usize..end];
        let there = &source.as_bytes()[run.source as usize..];
        if matches!(there.first(), Some(b'\\' | b'\r')) && !there.starts_with(decoded) {
            let text = std::str::from_utf8(decoded).unwrap_or_default();
            prop_assert_eq!(text.chars().count(), 1);
        } else {
            prop_assert!(there.starts_with(decoded), "{run:?} of {source:?}");
        }
    }
    Ok(())
}

proptest! {
    #[test]
    fn decoding_undoes_encoding(text in any::<String>(), style in prop::collection::vec(0..5u8, 1..8)) {
        let source = format!("x = {};", encode(&text, &style));
        // NUL ends a file for the grammar's lexer.
        prop_assume!(!source.contains('\0'));
        let facts = lower(&source, false);
        let all = literals(&facts);
        prop_assert_eq!(all.iter().map(|l| l.text.as_str()).collect::<String>(), text);
        for literal in all {
            check_runs(&source, literal)?;
        }
    }

    #[test]
    fn template_runs_stand_in_the_source(body in "[a-z\\\\`${}é\r\nxu0-9]{0,30}") {
        let source = format!("x = `{body}`");
        let facts = lower(&source, false);
        for literal in literals(&facts) {
            check_runs(&source, literal)?;
        }
    }
}
