//! Names that a program takes apart to find a file: `"recipes.parse".split(".")`, the parts of a path.

use std::path::Path;

use crate::resolve::eval::Evaluator;
use crate::resolve::value::{ArgValue, Rope, Value};

/// Longest name that is taken apart.
const MAX_NAME: usize = 256;

impl Evaluator<'_> {
    /// The parts of a name; nothing for other text, which is worth more in one piece.
    pub(super) fn split(&self, base: &Value, args: &[ArgValue]) -> Option<Value> {
        let [separator] = args else {
            return None;
        };
        let (name, separator) = (self.name_text(base)?, self.literal(&separator.value)?);
        if separator.is_empty() {
            return None;
        }
        let parts = name.split(separator.as_str());
        let parts = parts.map(|p| Value::text(Rope::unmapped(p))).collect();
        Some(Value::list(parts, false))
    }

    /// `os.path.basename(path)`, `path.dirname(path)` of a path that is known.
    pub(super) fn part_of_path(&self, function: &str, path: &Value) -> Option<Value> {
        let text = self.name_text(path)?;
        let path = Path::new(&text);
        let part = match function {
            "basename" => path.file_name()?.to_str()?,
            "dirname" => path.parent()?.to_str()?,
            _ => return None,
        };
        // A name alone stands in no folder; a program that asks for its folder looks elsewhere then.
        if part.is_empty() {
            return None;
        }
        Some(Value::text(Rope::unmapped(part)))
    }

    fn name_text(&self, value: &Value) -> Option<String> {
        let text = self.literal(value)?;
        (text.len() <= MAX_NAME && !text.contains(char::is_whitespace)).then_some(text)
    }
}
