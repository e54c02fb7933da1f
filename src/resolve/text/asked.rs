//! Calls that cannot be evaluated, but name the prompt file whose text they give: a package's or the
//! program's own loader, asked for `"prompts/task.j2"`, or for `"task"` where its name says that it
//! gives prompts. Looked at only where the value is (part of) a prompt.

use std::path::Path;

use super::Engine;
use super::engines::endings;
use super::found::Found;
use crate::project::{TEXTS, is_template, says_prompt};
use crate::resolve::eval::Evaluator;
use crate::resolve::prompt::open_placeholders;
use crate::resolve::value::{ArgValue, Made, Value};
use crate::source::FileId;

/// Calls on calls that are looked through: `load("task.md").strip().format(..)`.
const MAX_LINKS: usize = 6;
/// Arguments of a call that are looked at.
const MAX_ARGUMENTS: usize = 4;
/// Longest name of a file.
const MAX_NAME: usize = 160;
/// Files that one name may mean.
const MAX_FILES: usize = 2;
/// Attributes of what a loader gives that are its text.
const TEXT_OF: &[&str] = &["content", "text", "template", "body", "prompt", "value"];

impl Evaluator<'_> {
    /// The text of the file that was asked for somewhere along a chain of calls, filled with what
    /// they were given.
    pub(crate) fn asked_file(&self, value: &Value) -> Option<Value> {
        // A path is no text, and stands in a prompt as what it is.
        if !matches!(value, Value::Made(_) | Value::Attr(_)) || self.path_text(value, 0).is_some() {
            return None;
        }
        let mut at = value;
        let mut given: Vec<ArgValue> = Vec::new();
        for _ in 0..MAX_LINKS {
            match at {
                Value::Made(made) => {
                    given.extend(made.args.iter().filter(|a| a.name.is_some()).cloned());
                    if let Some(text) = self.asked_by(made) {
                        return Some(opened(self.fill(&text, &given, Engine::Braces)));
                    }
                    at = &made.callee;
                }
                Value::Attr(a)
                    if !matches!(a.base, Value::Made(_) | Value::Attr(_))
                        || std::ptr::eq(at, value) && !TEXT_OF.contains(&a.name.as_str()) =>
                {
                    return None;
                }
                Value::Attr(a) => at = &a.base,
                _ => return None,
            }
        }
        None
    }

    fn asked_by(&self, made: &Made) -> Option<Value> {
        let from = made.at?.file;
        self.asked_for(&self.callee_name(&made.callee), &made.args, from)
    }

    /// The text of the one file that the arguments of a call name.
    pub(crate) fn asked_for(&self, callee: &str, args: &[ArgValue], from: FileId) -> Option<Value> {
        let says = says_prompt(callee);
        // `prompt("sum")` is as often the question itself.
        let gives = says && !matches!(callee.rsplit('.').next(), Some("prompt" | "instruction"));
        let names = args.iter().take(MAX_ARGUMENTS);
        let names = names.filter_map(|a| self.asked_name(&a.value));
        for name in names {
            let found = match Path::new(&name).extension().and_then(|e| e.to_str()) {
                Some(ending) if is_template(ending) => {
                    self.find_file(self.project.path(from), &name)
                }
                Some(ending) if TEXTS.contains(&ending) => {
                    let mut found = self.find_file(self.project.path(from), &name);
                    found.retain(|(_, s)| says || self.path_says(s.path()));
                    found
                }
                None if gives => self.without_ending(&name, from),
                _ => continue,
            };
            if (1..=MAX_FILES).contains(&found.len()) {
                let texts = found.iter().map(|f| self.assembled(f));
                return Some(Value::choice(texts.collect()));
            }
        }
        None
    }

    /// An argument that may be the name of a file.
    fn asked_name(&self, value: &Value) -> Option<String> {
        if !matches!(value, Value::Text(_) | Value::Made(_)) {
            return None;
        }
        let name = self.path_text(value, 0)?;
        let plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '/' | '.' | '*');
        let fits = (3..=MAX_NAME).contains(&name.len()) && name.chars().all(plain);
        fits.then_some(name)
    }

    /// The files of a name to which the loader gives the ending.
    fn without_ending(&self, name: &str, from: FileId) -> Vec<Found> {
        let from = self.project.path(from);
        let found = endings().map(|ending| {
            let mut found = self.find_file(from, &format!("{name}.{ending}"));
            found.retain(|(_, s)| self.path_says(s.path()));
            found
        });
        found
            .into_iter()
            .find(|f| !f.is_empty())
            .unwrap_or_default()
    }

    /// Whether the path of a file, inside the project, says that it holds prompts.
    fn path_says(&self, path: &Path) -> bool {
        let inside = path.strip_prefix(&self.project.root).unwrap_or(path);
        says_prompt(&inside.to_string_lossy())
    }
}

/// A template with the placeholders that nothing fills as holes.
fn opened(value: Value) -> Value {
    match value {
        Value::Text(t) => Value::text(open_placeholders(&t)),
        Value::Choice(c) => Value::choice(c.iter().cloned().map(opened).collect()),
        other => other,
    }
}
