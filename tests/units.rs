//! Units tile a message, stay inside it, and never cross a break.

use deprompt::prompt::{UnitKind, units};
use deprompt::rules::cases::call_of;
use deprompt::rules::schema::Case;
use proptest::prelude::*;

fn cut(prompt: &str) -> Result<Vec<(UnitKind, String, Option<usize>)>, String> {
    let (call, _) = call_of(&Case {
        prompt: prompt.to_owned(),
        ..Case::default()
    })?;
    Ok(units(&call)
        .into_iter()
        .map(|u| (u.kind, u.text.text, u.header))
        .collect())
}

#[test]
fn sentences_bullets_and_headers() -> Result<(), String> {
    let got = cut(
        "You are a clerk. Sort the rows, e.g. by date.\n\nRules:\n- keep the header\n- drop empty\n  lines\n\n## Output\nReturn the rows.",
    )?;
    let shown: Vec<String> = got
        .iter()
        .map(|(k, t, h)| format!("{k:?} {t} {h:?}"))
        .collect();
    insta::assert_snapshot!(shown.join("\n"), @r"
    Instruction You are a clerk. None
    Instruction Sort the rows, e.g. by date. None
    Heading Rules: None
    Instruction - keep the header Some(2)
    Instruction - drop empty lines Some(2)
    Heading ## Output None
    Instruction Return the rows. Some(5)
    ");
    Ok(())
}

#[test]
fn data_is_set_apart() -> Result<(), String> {
    let got = cut(
        "Name the town.\n\nExample:\nInput: a long walk\nOutput: Rome\n\n```\nsort the list\n```\n{\n  \"town\": \"count the words\"\n}\n{letter_text}\n用一句话总结。不要解释。",
    )?;
    let instructions: Vec<&str> = got
        .iter()
        .filter(|(k, _, _)| *k == UnitKind::Instruction)
        .map(|(_, t, _)| t.as_str())
        .collect();
    assert_eq!(
        instructions,
        ["Name the town.", "用一句话总结。", "不要解释。"]
    );
    Ok(())
}

#[test]
fn a_hole_reads_as_the_words_of_its_expression() -> Result<(), String> {
    let got = cut("Add {user.firstNumber: int} to it.")?;
    assert_eq!(
        got.first().map(|(_, t, _)| t.as_str()),
        Some("Add ▢user first number▢ to it.")
    );
    Ok(())
}

proptest! {
    #[test]
    fn units_tile_the_text(parts in prop::collection::vec("[a-zA-Z0-9 .:!?\\-*#`{}\\[\\]\"'<>|\n。é]{0,30}|\\{name: int\\}|Example:\n|\n\n- |```\n", 0..20), at in prop::collection::vec(0usize..400, 0..4)) {
        let prompt: String = parts.concat();
        let (mut call, _) = call_of(&Case { prompt, ..Case::default() })
            .map_err(TestCaseError::fail)?;
        let message = call.messages.first_mut().ok_or_else(|| TestCaseError::fail("no message"))?;
        let length = message.text.text.len();
        message.text.breaks = at.into_iter().filter(|a| *a <= length).collect();
        message.text.breaks.sort_unstable();
        let message = message.clone();
        let text = &message.text.text;
        let units = units(&call);
        let mut end = 0;
        for u in &units {
            prop_assert!(u.range.start >= end && u.range.end <= text.len() && u.range.start < u.range.end);
            let gap = text.get(end..u.range.start);
            prop_assert!(gap.is_some_and(|g| g.trim().is_empty()), "gap {gap:?}");
            prop_assert!(text.get(u.range.clone()).is_some());
            for b in &message.text.breaks {
                let in_hole = message.text.holes.iter().any(|h| h.at < *b && *b < h.at + h.len);
                if text.is_char_boundary(*b) && !in_hole {
                    prop_assert!(*b <= u.range.start || *b >= u.range.end);
                }
            }
            let whole = u.text.source(0..u.text.text.len());
            prop_assert!(whole.start >= u.range.start && whole.end <= u.range.end);
            end = u.range.end;
        }
        prop_assert!(text.get(end..).is_some_and(|g| g.trim().is_empty()));
    }
}
