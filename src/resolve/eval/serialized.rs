//! Constants that are written out as JSON: `json.dumps(SCHEMA)` in a prompt is text that stands in the
//! program.

use super::Evaluator;
use crate::resolve::request::last_name;
use crate::resolve::value::{Rope, Value};

/// Values in one constant, beyond which it is data.
const MAX_VALUES: usize = 160;

impl Evaluator<'_> {
    /// The text of a serialized map or list all of whose values are written in the program.
    pub(super) fn serialized(&self, value: &Value) -> Option<Rope> {
        let Value::Made(m) = value else {
            return None;
        };
        if !matches!(last_name(&m.callee).as_str(), "dumps" | "stringify") {
            return None;
        }
        let constant = &m.args.first()?.value;
        if !matches!(constant, Value::Map(_) | Value::List(_)) {
            return None;
        }
        let mut rope = Rope::default();
        let mut values = 0;
        written(constant, 0, &mut rope, &mut values)?;
        (rope.words() > 0).then_some(rope)
    }
}

/// Writes a constant with an indent of two spaces, one field a line, so that each keeps to its line.
fn written(value: &Value, depth: usize, rope: &mut Rope, values: &mut usize) -> Option<()> {
    *values += 1;
    if *values > MAX_VALUES || depth > 12 {
        return None;
    }
    let mut push = |s: &str| rope.push(&Rope::unmapped(s));
    match value {
        Value::Text(t) => {
            t.as_literal()?;
            push("\"");
            rope.push(t);
            rope.push(&Rope::unmapped("\""));
        }
        Value::Number(n) => push(n),
        Value::Bool(b) => push(if *b { "true" } else { "false" }),
        Value::Null => push("null"),
        Value::Map(m) if !m.open => {
            push("{");
            for (n, f) in m.fields.iter().enumerate() {
                let comma = if n == 0 { "" } else { "," };
                let indent = "  ".repeat(depth + 1);
                rope.push(&Rope::unmapped(&format!(
                    "{comma}\n{indent}\"{}\": ",
                    f.key
                )));
                written(&f.value, depth + 1, rope, values)?;
            }
            rope.push(&Rope::unmapped(&format!("\n{}}}", "  ".repeat(depth))));
        }
        Value::List(l) if !l.open => {
            push("[");
            for (n, item) in l.items.iter().enumerate() {
                if n > 0 {
                    rope.push(&Rope::unmapped(", "));
                }
                written(item, depth + 1, rope, values)?;
            }
            rope.push(&Rope::unmapped("]"));
        }
        _ => return None,
    }
    Some(())
}
