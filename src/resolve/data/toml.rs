//! TOML: tables, arrays, strings in all four styles.

use std::rc::Rc;

use ::toml::de::{DeTable, DeValue};
use serde_spanned::Spanned;

use super::{MAX_DEPTH, Scalar, list};
use crate::resolve::value::{Map, MapField, Value};
use crate::source::FileId;

/// Reads a text that begins at `source` in `file`.
pub(super) fn parse(file: FileId, text: &str, source: u32) -> Option<Value> {
    let document = DeTable::parse(text).ok()?;
    Some(table(document.get_ref(), (file, text, source), 0))
}

/// File, text, and where the text begins in the file.
type Place<'t> = (FileId, &'t str, u32);

fn table(t: &DeTable<'_>, place: Place<'_>, depth: u32) -> Value {
    let mut map = Map::default();
    for (key, v) in t {
        map.fields.push(MapField {
            key: key.get_ref().as_ref().into(),
            value: value(v, place, depth + 1),
            at: None,
        });
    }
    Value::Map(Rc::new(map))
}

fn value(v: &Spanned<DeValue<'_>>, place: Place<'_>, depth: u32) -> Value {
    if depth > MAX_DEPTH {
        return Value::Null;
    }
    match v.get_ref() {
        DeValue::String(_) => {
            let (file, text, source) = place;
            let raw = text.get(v.span()).unwrap_or_default();
            string(raw, v.span().start).value(file, source)
        }
        DeValue::Boolean(b) => Value::Bool(*b),
        DeValue::Array(items) => list(items.iter().map(|i| value(i, place, depth + 1)).collect()),
        DeValue::Table(t) => table(t, place, depth),
        _ => Value::Number(place.1.get(v.span()).unwrap_or_default().into()),
    }
}

/// A string as it is written, quotes included.
fn string(raw: &str, at: usize) -> Scalar {
    let mut out = Scalar::default();
    let quotes = if raw.starts_with("\"\"\"") || raw.starts_with("'''") {
        3
    } else {
        1
    };
    let Some(mut inner) = raw.get(quotes..raw.len().saturating_sub(quotes)) else {
        return out;
    };
    let mut at = at + quotes;
    if quotes == 3 {
        let begin = inner
            .strip_prefix("\r\n")
            .or_else(|| inner.strip_prefix('\n'));
        if let Some(begin) = begin {
            at += inner.len() - begin.len();
            inner = begin;
        }
    }
    if raw.starts_with('"') {
        out.push_escaped(at, inner);
    } else {
        out.push(at, inner);
    }
    out
}
