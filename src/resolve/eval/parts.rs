//! Items of lists: by their place, by a range, any of them.

use super::Evaluator;
use crate::calls::GapReason;
use crate::hir::{Expr, ExprId, Facts};
use crate::resolve::value::{ExprRef, MAX_CHOICE, Param, Segment, Value};

impl Evaluator<'_> {
    /// `value[a:b]`: which of its items are left out is not asked.
    pub(super) fn part(
        &self,
        facts: &Facts,
        key: ExprRef,
        value: Value,
        bounds: &[ExprId],
    ) -> Value {
        match &value {
            // Which parts of a name that was split are left out says which file is meant; which messages
            // are, what is sent.
            Value::List(l)
                if !l.open
                    && let Some((from, to)) = range_of(
                        self.project.slice(key.file, facts.span(key.expr)),
                        l.items.len(),
                    ) =>
            {
                Value::list(l.items[from..to].to_vec(), false)
            }
            Value::List(l) => {
                let backward = bounds.get(2).is_some_and(|step| {
                    matches!(facts.expr(*step), Expr::Unary { not: false, .. })
                        || matches!(facts.expr(*step), Expr::Number(n) if n.starts_with('-'))
                });
                if backward {
                    return Value::list(l.items.iter().rev().cloned().collect(), l.open);
                }
                value
            }
            Value::Text(_) | Value::Choice(_) | Value::Null | Value::Unknown(_) => value,
            // A part of a parameter is of its type.
            Value::Param(_) | Value::Attr(_) => value,
            _ => Value::attr(value, "[]"),
        }
    }

    /// `name.split(".")[-1]`
    pub(super) fn last_part(&self, key: ExprRef, value: &Value) -> Option<Value> {
        let Value::List(l) = value else { return None };
        if l.open || !l.items.iter().all(is_name_part) {
            return None;
        }
        let facts = self.facts(key.file)?;
        let back: usize = self
            .project
            .slice(key.file, facts.span(key.expr))
            .strip_prefix('-')?
            .parse()
            .ok()?;
        l.items.get(l.items.len().checked_sub(back)?).cloned()
    }

    /// The item at a place.
    pub(super) fn item(&self, value: &Value, i: i32) -> Value {
        match value {
            Value::List(l) => {
                let item = place_of(i, l.items.len()).and_then(|n| l.items.get(n).cloned());
                item.unwrap_or_else(|| Value::unknown(GapReason::Dynamic))
            }
            Value::Choice(c) => Value::choice(c.iter().map(|v| self.item(v, i)).collect()),
            Value::Text(_) => value.clone(),
            Value::Null => Value::Null,
            _ => Value::attr(value.clone(), "[]"),
        }
    }

    /// What a parameter is where a caller gives nothing.
    pub(in crate::resolve) fn param_default(&self, p: &Param) -> Option<Value> {
        let f = self.function(p.function)?;
        let expr = f.params.get(usize::from(p.index))?.default?;
        let file = p.function.file;
        Some(self.eval(ExprRef { file, expr }, &None))
    }

    /// The entry of a map under a key that a caller gives: of more entries than are looked at the one
    /// that the parameter's default names.
    pub(super) fn entry(&self, value: &Value, key: &Value) -> Value {
        let (Value::Map(m), Value::Param(p)) = (value, key) else {
            return self.element(value);
        };
        let default = || {
            let key = self.literal(&self.param_default(p)?)?;
            let field = m.fields.iter().find(|f| f.key == key)?;
            Some(field.value.clone())
        };
        (m.fields.len() > MAX_CHOICE)
            .then(default)
            .flatten()
            .unwrap_or_else(|| self.element(value))
    }

    /// Some item of a collection.
    pub(crate) fn element(&self, value: &Value) -> Value {
        match value {
            Value::List(l) if !l.items.is_empty() => {
                Value::choice(l.items.iter().take(MAX_CHOICE + 1).cloned().collect())
            }
            Value::Map(m) if !m.fields.is_empty() => Value::choice(
                m.fields
                    .iter()
                    .take(MAX_CHOICE + 1)
                    .map(|f| f.value.clone())
                    .collect(),
            ),
            Value::Choice(c) => Value::choice(c.iter().map(|v| self.element(v)).collect()),
            Value::Class(_) => value.clone(),
            Value::Null => Value::unknown(GapReason::Dynamic),
            _ => Value::attr(value.clone(), "[]"),
        }
    }
}

/// The place that an index means in a list of so many items, from the end where it is negative.
pub(super) fn place_of(index: i32, len: usize) -> Option<usize> {
    match usize::try_from(index) {
        Ok(place) => Some(place),
        Err(_) => len.checked_sub(usize::try_from(index.unsigned_abs()).ok()?),
    }
}

/// The bounds that `a:b` of literal numbers sets in a list of so many items.
fn range_of(text: &str, len: usize) -> Option<(usize, usize)> {
    let (from, to) = text.split_once(':')?;
    let bound = |text: &str, open: usize| {
        let text = text.trim();
        if text.is_empty() {
            return Some(open);
        }
        let at: isize = text.parse().ok()?;
        Some(match usize::try_from(at) {
            Ok(at) => at.min(len),
            Err(_) => len.saturating_sub(at.unsigned_abs()),
        })
    };
    let (from, to) = (bound(from, 0)?, bound(to, len)?);
    (from <= to).then_some((from, to))
}

/// Whether a value is a word that stands nowhere in a source: a part of a name that was split.
fn is_name_part(value: &Value) -> bool {
    matches!(value, Value::Text(t) if matches!(t.segments.as_slice(),
        [Segment::Literal { runs, .. }] if runs.is_empty()))
}
