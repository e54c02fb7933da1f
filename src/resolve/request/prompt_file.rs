//! Prompts in files of their own that an SDK runs by path: `.prompty`, a header of settings between
//! `---` and messages, each begun by a line with its role; or by name: `.prompt`, the same with a template.

use std::rc::Rc;

use super::super::eval::Evaluator;
use super::super::text::Engine;
use super::super::value::{Rope, Segment, Value};
use super::chain::last_name;
use super::messages::role_of;
use super::{Draft, Request};
use crate::calls::{Role, Structured};
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
        Some(match self.read_written(from, path) {
            Some(file) => self.file_messages(&file, messages, vars),
            None => Vec::new(),
        })
    }

    /// Appends the messages of the prompt file that a value names; `false` where there is none.
    pub(super) fn named_prompt(
        &self,
        from: FileId,
        name: &Value,
        extension: &str,
        r: &mut Request,
    ) -> bool {
        let Value::Text(t) = name else { return false };
        let Some(name) = t.as_literal() else {
            return false;
        };
        let path = Value::text(Rope::unmapped(&format!("{name}.{extension}")));
        let Some(file) = self.read_written(from, &path) else {
            return false;
        };
        if let Value::Text(whole) = &file
            && let [Segment::Literal { text, .. }] = whole.segments.as_slice()
            && asks_for_schema(&text[..header(text)])
        {
            r.structured = Structured::Schema;
        }
        let found = self.file_messages(&file, dotprompt_messages, r.vars.as_deref());
        r.messages.extend(found);
        true
    }

    /// The messages of a file's text, their placeholders filled.
    fn file_messages(
        &self,
        file: &Value,
        cut: fn(&str) -> Vec<(Role, usize, usize)>,
        vars: Option<&Map>,
    ) -> Vec<Draft> {
        let Value::Text(whole) = file else {
            return Vec::new();
        };
        let [Segment::Literal { file, text, .. }] = whole.segments.as_slice() else {
            return Vec::new();
        };
        let none = Map::default();
        let messages = cut(text).into_iter().filter_map(|(role, start, end)| {
            let part = Value::text(self.with_includes(&Rope {
                segments: vec![Segment::Literal {
                    file: *file,
                    text: text[start..end].into(),
                    runs: Rc::new([Run {
                        at: 0,
                        source: u32::try_from(start).ok()?,
                    }]),
                }],
            }));
            match self.fill_map(&part, vars.unwrap_or(&none), &[], Engine::Braces) {
                Value::Text(rope) => Some(Draft {
                    role,
                    rope: rope.as_ref().clone(),
                }),
                _ => None,
            }
        });
        messages.collect()
    }
}

/// Whether the settings of a dotprompt file ask for a reply of a schema:
/// <https://google.github.io/dotprompt/reference/frontmatter/>.
fn asks_for_schema(settings: &str) -> bool {
    let output = settings
        .split_inclusive('\n')
        .skip_while(|l| !l.starts_with("output:"));
    output
        .skip(1)
        .take_while(|l| l.starts_with([' ', '\t']))
        .any(|l| l.trim_start().starts_with("schema:"))
}

/// Role, first and last byte of every message of a dotprompt file; a message begins at `{{role "model"}}`.
fn dotprompt_messages(text: &str) -> Vec<(Role, usize, usize)> {
    const MARK: &str = "{{role";
    let mut out = Vec::new();
    let mut current = (Role::User, header(text));
    while let Some(at) = text[current.1..].find(MARK).map(|n| current.1 + n) {
        let Some(end) = text[at..].find("}}").map(|n| at + n + 2) else {
            break;
        };
        let name = text[at + MARK.len()..end - 2].trim_matches([' ', '"', '\'']);
        out.push((current.0, current.1, at));
        current = (role_of(name).unwrap_or(Role::User), end);
    }
    out.push((current.0, current.1, text.len()));
    out.retain(|(_, start, end)| !text[*start..*end].trim().is_empty());
    out
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
    use super::{asks_for_schema, dotprompt_messages, messages};
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

    #[test]
    fn a_dotprompt_file_has_roles_in_its_template() {
        let text = "---\nmodel: m\noutput:\n  schema:\n    berth: string\n---\n{{role \"system\"}}\nBe brief.\n{{role 'user'}}Which berth?\n";
        let found: Vec<(Role, &str)> = dotprompt_messages(text)
            .into_iter()
            .map(|(role, start, end)| (role, text[start..end].trim()))
            .collect();
        assert_eq!(
            found,
            [(Role::System, "Be brief."), (Role::User, "Which berth?")]
        );
        assert!(asks_for_schema(text));
        assert!(!asks_for_schema(
            "---\noutput:\n  format: text\ninput:\n  schema: X\n---\n"
        ));
    }
}
