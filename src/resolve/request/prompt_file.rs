//! Prompts in files of their own that an SDK runs by path: `.prompty`, a header of settings between
//! `---` and messages, each begun by a line with its role.

use std::rc::Rc;

use super::super::eval::Evaluator;
use super::super::text::Engine;
use super::super::value::{Rope, Segment, Value};
use super::Draft;
use super::chain::last_name;
use super::messages::role_of;
use crate::calls::Role;
use crate::hir::Run;
use crate::resolve::value::Map;
use crate::source::FileId;

impl Evaluator<'_> {
    /// The messages of a prompt file that a value is the path of, or was loaded from; `None` where it
    /// is no such path, none where the file cannot be read.
    pub(super) fn prompt_file(
        &self,
        from: FileId,
        value: &Value,
        vars: Option<&Map>,
    ) -> Option<Vec<Draft>> {
        let path = match value {
            Value::Made(m) if last_name(&m.callee).starts_with("load") => &m.args.first()?.value,
            v => v,
        };
        let Value::Text(t) = path else { return None };
        if !t.as_literal()?.ends_with(".prompty") {
            return None;
        }
        let Some(Value::Text(whole)) = self.read_file(from, path) else {
            return Some(Vec::new());
        };
        let [Segment::Literal { file, text, .. }] = whole.segments.as_slice() else {
            return Some(Vec::new());
        };
        let none = Map::default();
        let messages = messages(text).into_iter().filter_map(|(role, start, end)| {
            let part = Value::text(Rope {
                segments: vec![Segment::Literal {
                    file: *file,
                    text: text[start..end].into(),
                    runs: Rc::new([Run {
                        at: 0,
                        source: u32::try_from(start).ok()?,
                    }]),
                }],
            });
            match self.fill_map(&part, vars.unwrap_or(&none), &[], Engine::Braces) {
                Value::Text(rope) => Some(Draft {
                    role,
                    rope: rope.as_ref().clone(),
                }),
                _ => None,
            }
        });
        Some(messages.collect())
    }
}

/// Role, first and last byte of every message; what stands before the first role is the system's.
fn messages(text: &str) -> Vec<(Role, usize, usize)> {
    let mut out = Vec::new();
    let mut at = header(text);
    let mut current = (Role::System, at);
    for line in text[at..].split_inclusive('\n') {
        let name = line.trim().trim_start_matches('#').trim();
        if let Some(role) = name.strip_suffix(':').and_then(role_of) {
            out.push((current.0, current.1, at));
            current = (role, at + line.len());
        }
        at += line.len();
    }
    out.push((current.0, current.1, at));
    out.retain(|(_, start, end)| !text[*start..*end].trim().is_empty());
    out
}

/// Where the settings between `---` end.
fn header(text: &str) -> usize {
    let mut at = 0;
    for (n, line) in text.split_inclusive('\n').enumerate() {
        let rule = line.trim_end() == "---";
        at += line.len();
        match (n, rule) {
            (0, false) => return 0,
            (0, true) | (_, false) => {}
            (_, true) => return at,
        }
    }
    0
}

#[cfg(test)]
mod tests {
    use super::messages;
    use crate::calls::Role;

    #[test]
    fn messages_begin_with_their_role() {
        let text = "---\nname: x\n---\nsystem:\nBe brief.\n\nuser:\nHello {{name}}: well?\n";
        let found: Vec<(Role, &str)> = messages(text)
            .into_iter()
            .map(|(role, start, end)| (role, text[start..end].trim()))
            .collect();
        assert_eq!(
            found,
            [
                (Role::System, "Be brief."),
                (Role::User, "Hello {{name}}: well?")
            ]
        );
        assert_eq!(messages("Only text.\n").len(), 1);
        assert!(messages("---\nname: x\n---\n").is_empty());
    }
}
