//! Placeholders: `format`, `%`, `replace`, template engines.

use std::rc::Rc;

use crate::resolve::eval::Evaluator;
use crate::resolve::request::{chain_of, last_name};
use crate::resolve::value::{ArgValue, ExprRef, Map, MapField, Rope, Segment, Value};

/// How a template marks its placeholders.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Engine {
    /// `{name}`, `{}`, `{0}`; doubled braces are literal.
    Format,
    /// `{name}`, `{{name}}`, `{{ name }}`, `{{{name}}}`, `<%= name %>`.
    Braces,
    /// `$name`, `${name}`.
    Dollar,
}

/// What goes into a placeholder, and where it is written.
type Filled = (Value, Option<ExprRef>);

/// A placeholder in a text.
pub(super) struct Slot {
    start: usize,
    end: usize,
    name: Option<String>,
}

impl Slot {
    /// A placeholder that is itself the name.
    pub(super) const fn unnamed(start: usize, end: usize) -> Self {
        Self {
            start,
            end,
            name: None,
        }
    }
}

impl<'p> Evaluator<'p> {
    /// `text.format(..)`.
    pub(super) fn format(&self, base: &Value, args: &[ArgValue]) -> Value {
        self.fill(base, args, Engine::Format)
    }

    /// `text % args`.
    pub(crate) fn percent(&self, base: &Value, args: &[(Value, Option<ExprRef>)]) -> Value {
        self.each_text(base, |rope| {
            let mut next = args.iter();
            self.substitute(rope, &mut |text| find_percent(text), &mut |slot| {
                if let Some(key) = slot {
                    let (Value::Map(m), _) = args.first()? else {
                        return None;
                    };
                    let f = m.fields.iter().find(|f| f.key == key)?;
                    return Some((f.value.clone(), f.at));
                }
                next.next().cloned()
            })
        })
    }

    /// `text.replace(from, to)`: a placeholder replaced by a value leaves the text around it mapped.
    pub(super) fn replace(&self, base: &Value, args: &[ArgValue]) -> Value {
        let Some(from) = self.literal(&args[0].value).filter(|f| !f.is_empty()) else {
            return base.clone();
        };
        let to = &args[1];
        self.each_text(base, |rope| {
            self.substitute(
                rope,
                &mut |text| {
                    let start = text.find(&from)?;
                    Some(Slot::unnamed(start, start + from.len()))
                },
                &mut |_| Some((to.value.clone(), to.at)),
            )
        })
    }

    /// Fills the placeholders of a template with named values; unfilled ones stay as they are.
    pub(crate) fn fill(&self, base: &Value, args: &[ArgValue], engine: Engine) -> Value {
        let mut named: Vec<MapField> = Vec::new();
        let mut positional: Vec<(Value, Option<ExprRef>)> = Vec::new();
        for a in args {
            match (&a.name, &a.value) {
                (Some(n), v) => named.push(MapField {
                    key: n.clone(),
                    value: v.clone(),
                    at: a.at,
                }),
                (None, Value::Map(m)) => named.extend(m.fields.iter().cloned()),
                (None, v @ Value::Made(_)) if !self.inserted(v).is_empty() => {
                    named.extend(self.inserted(v));
                }
                (None, v) => positional.push((v.clone(), a.at)),
            }
        }
        let vars = Map {
            fields: named,
            open: args.iter().any(|a| a.spread),
        };
        self.fill_map(base, &vars, &positional, engine)
    }

    /// What was put into a context object one by one: `context.insert("name", value)`.
    fn inserted(&self, context: &Value) -> Vec<MapField> {
        let mades = chain_of(context).mades;
        let mut out: Vec<MapField> = Vec::new();
        for m in &mades {
            if let ("insert", [key, value]) = (last_name(&m.callee).as_str(), m.args.as_slice())
                && let Some(key) = self.literal(&key.value)
            {
                out.push(MapField {
                    key: key.as_str().into(),
                    value: value.value.clone(),
                    at: value.at,
                });
            }
        }
        out
    }

    /// See [`Self::fill`].
    pub(crate) fn fill_map(
        &self,
        base: &Value,
        vars: &Map,
        positional: &[(Value, Option<ExprRef>)],
        engine: Engine,
    ) -> Value {
        self.each_text(base, |rope| {
            let mut next = positional.iter();
            self.substitute(
                rope,
                &mut |text| match engine {
                    Engine::Format => find_braces(text, false),
                    Engine::Braces => find_braces(text, true),
                    Engine::Dollar => find_dollar(text),
                },
                &mut |slot| {
                    let name = slot?;
                    if name.is_empty() {
                        return next.next().cloned();
                    }
                    if let Ok(i) = name.parse::<usize>() {
                        return positional.get(i).cloned();
                    }
                    let root = name.split(['.', '[']).next().unwrap_or(name);
                    let f = vars.fields.iter().find(|f| f.key == root)?;
                    if root.len() < name.len() {
                        return Some((Value::attr(f.value.clone(), name), None));
                    }
                    Some((f.value.clone(), f.at))
                },
            )
        })
    }

    /// Applies an operation to each text of a value.
    pub(super) fn each_text(&self, base: &Value, mut f: impl FnMut(&Rope) -> Rope) -> Value {
        match base {
            Value::Text(t) => Value::text(f(t)),
            Value::Choice(c) => Value::choice(
                c.iter()
                    .map(|v| match v {
                        Value::Text(t) => Value::text(f(t)),
                        other => other.clone(),
                    })
                    .collect(),
            ),
            other => other.clone(),
        }
    }

    /// Replaces slots in the literal segments of a rope.
    pub(super) fn substitute(
        &self,
        rope: &Rope,
        find: &mut dyn FnMut(&str) -> Option<Slot>,
        value_of: &mut dyn FnMut(Option<&str>) -> Option<Filled>,
    ) -> Rope {
        let mut out = Rope::default();
        for s in &rope.segments {
            match s {
                Segment::Literal { text, .. } => {
                    let mut from = 0;
                    let mut steps = 0;
                    let mut kept = 0;
                    while let Some(slot) = text.get(from..).and_then(&mut *find) {
                        steps += 1;
                        if steps > 512 || slot.end == 0 {
                            break;
                        }
                        let (start, end) = (from + slot.start, from + slot.end);
                        if let Some((value, at)) = value_of(slot.name.as_deref()) {
                            out.segments.extend(s.slice(kept, start));
                            self.text_into(&mut out, &value, at);
                            kept = end;
                        }
                        from = end;
                    }
                    out.segments.extend(s.slice(kept, text.len()));
                }
                Segment::Alternatives(a) => {
                    let inner: Vec<Rope> = a
                        .iter()
                        .map(|r| self.substitute(r, find, value_of))
                        .collect();
                    out.segments.push(Segment::Alternatives(Rc::new(inner)));
                }
                Segment::Repeat(r) => {
                    let inner = self.substitute(r, find, value_of);
                    out.segments.push(Segment::Repeat(Rc::new(inner)));
                }
                other => out.segments.push(other.clone()),
            }
        }
        out
    }
}

pub(super) fn is_slot_name(name: &str) -> bool {
    name.len() <= 60
        && !name.starts_with(['"', '\''])
        && name
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '_' | '.' | '[' | ']' | '\'' | '"' | '-'))
}

/// The next placeholder in braces; `doubled` if doubled braces are placeholders too.
pub(super) fn find_braces(text: &str, doubled: bool) -> Option<Slot> {
    let mut from = 0;
    while let Some(open) = text[from..].find('{').map(|i| from + i) {
        let depth = text[open..].bytes().take_while(|b| *b == b'{').count();
        if depth >= 2 && !doubled {
            from = open + depth - depth % 2;
            if depth % 2 == 0 {
                continue;
            }
            // `{{{name}}}`: literal brace, placeholder, literal brace.
            let at = from;
            let end = at + text[at..].find('}')?;
            let name = text[at + 1..end]
                .split([':', '!'])
                .next()
                .unwrap_or_default()
                .trim();
            if is_slot_name(name) {
                return Some(Slot {
                    start: at,
                    end: end + 1,
                    name: Some(name.to_owned()),
                });
            }
            from = end;
            continue;
        }
        let inner = open + depth;
        let close = text[inner..].find('}').map(|i| inner + i)?;
        let name = text[inner..close]
            .trim_matches(|c: char| c.is_whitespace() || c == '$')
            .split([':', '!', '|'])
            .next()
            .unwrap_or_default()
            .trim();
        let closing = text[close..]
            .bytes()
            .take_while(|b| *b == b'}')
            .count()
            .min(depth);
        let fits = is_slot_name(name) && (depth == 1 || !name.is_empty());
        if fits && closing == depth {
            return Some(Slot {
                start: open,
                end: close + closing,
                name: Some(name.to_owned()),
            });
        }
        from = inner;
    }
    None
}

pub(super) fn find_dollar(text: &str) -> Option<Slot> {
    let mut from = 0;
    while let Some(at) = text[from..].find('$').map(|i| from + i) {
        let rest = &text[at + 1..];
        let (name, len) = if let Some(r) = rest.strip_prefix('{') {
            let end = r.find('}')?;
            (&r[..end], end + 2)
        } else {
            let end = rest
                .find(|c: char| !c.is_alphanumeric() && c != '_')
                .unwrap_or(rest.len());
            (&rest[..end], end)
        };
        if !name.is_empty() && is_slot_name(name) && !name.starts_with(|c: char| c.is_ascii_digit())
        {
            return Some(Slot {
                start: at,
                end: at + 1 + len,
                name: Some(name.to_owned()),
            });
        }
        from = at + 1;
    }
    None
}

pub(super) fn find_percent(text: &str) -> Option<Slot> {
    let bytes = text.as_bytes();
    let mut from = 0;
    while let Some(at) = text[from..].find('%').map(|i| from + i) {
        let rest = &text[at + 1..];
        if rest.starts_with('%') {
            from = at + 2;
            continue;
        }
        let (name, skip) = if let Some(r) = rest.strip_prefix('(') {
            let end = r.find(')')?;
            (Some(r[..end].to_owned()), end + 2)
        } else {
            (None, 0)
        };
        let spec = rest[skip..]
            .bytes()
            .take_while(|b| matches!(b, b'0'..=b'9' | b'.' | b'-' | b'+' | b' ' | b'#'))
            .count();
        let end = at + 1 + skip + spec;
        if bytes
            .get(end)
            .is_some_and(|b| matches!(b, b's' | b'd' | b'f' | b'r' | b'i' | b'g' | b'x'))
        {
            return Some(Slot {
                start: at,
                end: end + 1,
                name,
            });
        }
        from = at + 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::{find_braces, find_dollar, find_percent};

    fn named(text: &str, s: Option<super::Slot>) -> Option<(String, Option<String>)> {
        s.map(|s| (text[s.start..s.end].to_owned(), s.name))
    }

    #[test]
    fn placeholders_of_each_engine_are_found() {
        let t = "{{\"a\": 1}} sort {items!r:>3} now";
        assert_eq!(
            named(t, find_braces(t, false)),
            Some(("{items!r:>3}".into(), Some("items".into())))
        );
        let t = "sort {{ items }}";
        assert_eq!(
            named(t, find_braces(t, true)),
            Some(("{{ items }}".into(), Some("items".into())))
        );
        let t = "costs $5, sort $items now";
        assert_eq!(
            named(t, find_dollar(t)),
            Some(("$items".into(), Some("items".into())))
        );
        let t = "100 %% of %(n)d";
        assert_eq!(
            named(t, find_percent(t)),
            Some(("%(n)d".into(), Some("n".into())))
        );
        assert!(find_braces("{\"json\": 1}", false).is_none());
        assert!(find_braces("é{", true).is_none());
    }
}
