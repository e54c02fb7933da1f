//! What an object hands out by the name under which it was made:
//! `new Mastra({ agents: { planner } }).getAgent("planner")`.

use crate::resolve::eval::Evaluator;
use crate::resolve::value::{ArgValue, Attr, Value};

impl Evaluator<'_> {
    /// The entry that `get<Kind>(name)` finds in the map of that kind which the object of another
    /// package was made with.
    pub(super) fn handed_out(&self, method: &Attr, args: &[ArgValue]) -> Option<Value> {
        let kind = method.name.strip_prefix("get").filter(|k| !k.is_empty())?;
        let kind = kind.strip_suffix("ById").unwrap_or(kind);
        let Value::Made(registry) = &method.base else {
            return None;
        };
        let Value::Map(options) = &registry.args.first()?.value else {
            return None;
        };
        let entries = options.fields.iter().find(|f| {
            f.key
                .strip_suffix('s')
                .is_some_and(|k| k.eq_ignore_ascii_case(kind))
        })?;
        let name = self.literal(&args.first()?.value)?;
        match &entries.value {
            Value::Map(m) => m.fields.iter().find(|f| f.key == name.as_str()),
            _ => None,
        }
        .map(|f| f.value.clone())
    }
}
