//! Suggestions: the replacement in the call's own language, with the program's expressions filled in.

pub mod contract;

use crate::calls::LlmCall;
use crate::finding::Suggestion;
use crate::rules::Rule;

/// The suggestion of a task rule for a call. `holes` are (message, hole) in order of importance.
#[must_use]
pub fn for_task(rule: &Rule, call: &LlmCall, holes: Vec<(usize, usize)>) -> Option<Suggestion> {
    let template = rule.suggest.get(&call.language)?;
    let mut inputs: Vec<&str> = Vec::new();
    for (m, h) in holes {
        if let Some(hole) = call.messages.get(m).and_then(|m| m.text.holes.get(h)) {
            let e = hole.expression.trim();
            if !e.is_empty() && !e.contains('\n') && !inputs.contains(&e) {
                inputs.push(e);
            }
        }
    }
    let first = inputs.first().copied().unwrap_or("value");
    let second = inputs.get(1).copied().unwrap_or("other");
    let all = if inputs.is_empty() {
        "value".to_owned()
    } else {
        inputs.join(", ")
    };
    let reply = call.reply_name.as_deref().unwrap_or("result");
    let fill = |s: &str| {
        s.replace("{inputs}", &all)
            .replace("{input2}", second)
            .replace("{input}", first)
            .replace("{reply}", reply)
    };
    Some(Suggestion {
        language: call.language,
        imports: template.imports.clone(),
        code: fill(template.code.trim()),
        note: fill(template.note.trim()),
    })
}
