//! Suggestions: the replacement in the call's own language, with the program's expressions filled in.

pub mod contract;
pub mod date;
pub mod input;
pub mod parameter;

use std::ops::Range;

use crate::calls::LlmCall;
use crate::finding::{Suggestion, Verdict};
use crate::prompt::holes::classify_in;
use crate::rules::{Rule, RuleSet};

/// What a task finding is about.
#[derive(Debug, Clone)]
pub struct Task<'a> {
    /// The rule.
    pub rule: &'a Rule,
    /// The unit that asks for the work, as patterns see it.
    pub unit: &'a str,
    /// Bytes of the unit that the rule matched.
    pub words: Range<usize>,
    /// Interpolated values that the work is on, most important first: (message, hole).
    pub holes: Vec<(usize, usize)>,
    /// Whether the whole call goes.
    pub verdict: Verdict,
}

/// Name of the input where the prompt interpolates none.
const INPUT: &str = "value";
/// Name of a second one.
const INPUT2: &str = "other";
/// Name of the result where the reply's variable goes on holding the reply.
const RESULT: &str = "result";

/// The suggestion of a task rule for a call: the first variant that fits the words, else the first
/// that fits the unit around them, else what the rule says in general.
#[must_use]
pub fn for_task(task: &Task<'_>, call: &LlmCall, rules: &RuleSet) -> Option<Suggestion> {
    let mut inputs: Vec<String> = Vec::new();
    let mut kind = None;
    for &(m, h) in &task.holes {
        let Some(text) = call.messages.get(m).map(|m| &m.text) else {
            continue;
        };
        let Some(hole) = text.holes.get(h) else {
            continue;
        };
        if let Some(e) = input::bare(&hole.expression)
            && !inputs.contains(&e)
        {
            kind = kind.or_else(|| Some(classify_in(text, hole)));
            inputs.push(e);
        }
    }
    let variants = || {
        task.rule.variants.iter().enumerate().filter_map(|(i, v)| {
            let fits = inputs.len() >= v.min_inputs
                && (v.input.is_empty() || kind.is_some_and(|k| v.input.contains(&k)));
            let template = v.template(call.language).filter(|_| fits)?;
            let (at, captured) = rules.variant(&task.rule.id, i, task.unit, &task.words)?;
            Some((template, at, captured))
        })
    };
    let variant = variants()
        .find(|(_, at, _)| at.start < task.words.end && task.words.start < at.end)
        .or_else(|| variants().next())
        .map(|(template, _, captured)| (template, captured));
    let known = variant.is_some() || !inputs.is_empty() || task.verdict == Verdict::Replace;
    let (template, captured) =
        variant.or_else(|| Some((task.rule.suggest.get(&call.language)?, Vec::new())))?;

    let first = inputs.first().map_or(INPUT, String::as_str);
    let second = inputs.get(1).map_or(INPUT2, String::as_str);
    let all = if inputs.is_empty() {
        INPUT.to_owned()
    } else {
        inputs.join(", ")
    };
    let reply = match task.verdict {
        Verdict::Replace => call.reply_name.as_deref().unwrap_or(RESULT),
        Verdict::Partial => RESULT,
    };
    let fill = |s: &str| {
        let mut out = s.to_owned();
        for (name, text) in &captured {
            if name == "date" {
                out = out
                    .replace("{strftime}", &date::strftime(text))
                    .replace("{date_pattern}", &date::unicode(text));
            }
            let text = text.replace(['"', '\\', '\n'], "");
            out = out.replace(&format!("{{{name}}}"), &text);
        }
        out.replace("{inputs}", &all)
            .replace("{input2}", second)
            .replace("{input}", first)
            .replace("{reply}", reply)
    };
    let note = fill(template.note.trim());
    if !known {
        // Code of which neither the operation nor the value is known says nothing.
        return (!note.is_empty()).then_some(Suggestion {
            language: call.language,
            imports: Vec::new(),
            code: String::new(),
            note,
        });
    }
    Some(Suggestion {
        language: call.language,
        imports: template.imports.clone(),
        code: fill(template.code.trim()),
        note,
    })
}
