//! Lists and maps: their methods, and the builtins of the three languages that make or map them.

use std::rc::Rc;

use super::MethodCall;
use crate::hir::Expr;
use crate::resolve::call::updated;
use crate::resolve::eval::{Evaluator, merge, zipped};
use crate::resolve::value::{ArgValue, ExprRef, List, Map, Rope, Value};

/// Items of a list that are mapped one by one; of a longer one the rest is unknown.
const MAX_MAPPED: usize = 24;

/// Words of an item that says something.
const SENTENCE: usize = 3;
/// Functions that give one item of the list that they are given.
const ONE_OF: &[&str] = &[
    "next",
    "random.choice",
    "secrets.choice",
    "numpy.random.choice",
    "lodash.sample",
    "lodash.default.sample",
    "lodash.head",
    "lodash.first",
    "lodash.last",
    "_.sample",
    "_.head",
    "_.first",
    "_.last",
    "faker.helpers.arrayElement",
];
/// Functions that give items of a list by chance: any of them may stand at any place.
const BY_CHANCE: &[&str] = &[
    "random.choices",
    "random.sample",
    "lodash.shuffle",
    "lodash.default.shuffle",
    "lodash.sampleSize",
    "_.shuffle",
    "_.sampleSize",
];
/// Functions that give the list that they are given, or a part of it.
const SAME_LIST: &[&str] = &[
    "iter",
    "itertools.cycle",
    "itertools.islice",
    "collections.deque",
];

impl Evaluator<'_> {
    /// A method of a list.
    pub(super) fn list_method(&self, base: &Value, l: &List, call: MethodCall) -> Option<Value> {
        match call.name {
            "join" => {
                let separator =
                    (call.first()).map_or_else(|| Value::text(Rope::unmapped(",")), Value::clone);
                Some(self.join(&separator, base, self.expression_of_receiver(call.at)))
            }
            "concat" | "chain" => Some(self.added(base, call.args)),
            "map" | "flatMap" | "filter_map" | "flat_map" => {
                let mut items = Vec::new();
                for i in l.items.iter().take(MAX_MAPPED) {
                    items.push(self.call_back(
                        call.first()?,
                        vec![i.clone()],
                        call.at,
                        call.env,
                    )?);
                }
                if items.is_empty() && l.open {
                    items.push(self.for_any_item(base, call)?);
                }
                Some(Value::list(items, l.open || l.items.len() > MAX_MAPPED))
            }
            "filter" | "slice" | "reverse" | "sort" | "flat" | "iter" | "into_iter" | "collect"
            | "to_vec" | "clone" | "cloned" | "copied" | "toReversed" | "toSorted" | "copy"
            | "unique" | "as_slice" | "into" | "rev" | "to_owned" | "as_ref"
            | "into_boxed_slice" | "take" | "skip" | "peekable" => Some(base.clone()),
            "pop" | "at" | "shift" | "first" | "last" => Some(self.element(base)),
            "get" | "nth" | "next" | "choose" | "swap_remove" if has_sentences(base) => {
                Some(self.element(base))
            }
            "choose_multiple" if has_sentences(base) => {
                Some(Value::list(vec![self.element(base)], true))
            }
            _ => None,
        }
    }

    /// The expression whose method is called.
    fn expression_of_receiver(&self, call: ExprRef) -> Option<ExprRef> {
        let facts = self.facts(call.file)?;
        let Expr::Call { callee, .. } = facts.expr(call.expr) else {
            return None;
        };
        match facts.expr(*callee) {
            Expr::Member { base, .. } => Some(call.beside(*base)),
            _ => None,
        }
    }

    /// A method of a map.
    pub(super) fn map_method(&self, base: &Value, m: &Map, call: MethodCall) -> Option<Value> {
        match call.name {
            "get" | "pop" | "setdefault" => {
                let key = call.first()?;
                let v = (self.below(base, m, key)).unwrap_or_else(|| self.index(base, key));
                // Which of several it is cannot be known: it may be none of them.
                let any = matches!(v, Value::Choice(_)) && self.literal(key).is_none();
                match (v, call.args.get(1)) {
                    (Value::Null | Value::Unknown(_), Some(d)) => Some(d.value.clone()),
                    (v, Some(d)) if any && says_something(&d.value) => {
                        Some(Value::choice(vec![v, d.value.clone()]))
                    }
                    (Value::Attr(_), Some(d)) if m.open => {
                        Some(Value::choice(vec![self.index(base, key), d.value.clone()]))
                    }
                    (v, _) => Some(v),
                }
            }
            "values" => Some(values_of(m)),
            "items" | "iter" => {
                let pair = |key: &str, value: &Value| {
                    let key = Value::text(Rope::unmapped(key));
                    Value::list(vec![key, value.clone()], false)
                };
                let pairs = m.fields.iter().map(|f| pair(&f.key, &f.value));
                Some(Value::list(pairs.collect(), m.open))
            }
            "copy" | "clone" | "build" | "into" | "to_owned" | "to_string" => Some(base.clone()),
            _ => None,
        }
    }

    /// `settings.get("section.key")`: the key of a table in a table.
    fn below(&self, base: &Value, m: &Map, key: &Value) -> Option<Value> {
        let path = self.literal(key)?;
        if !path.contains('.') || m.fields.iter().any(|f| f.key == path) {
            return None;
        }
        let value = path
            .split('.')
            .fold(base.clone(), |v, k| self.member(&v, k));
        matches!(value, Value::Text(_) | Value::Map(_)).then_some(value)
    }

    /// Builtins that make a list or a map, by dotted name.
    pub(super) fn collection_builtin(
        &self,
        dotted: &str,
        args: &[ArgValue],
        at: ExprRef,
    ) -> Option<Value> {
        let first = args.first().map(|a| &a.value);
        match dotted {
            // Collections of pairs.
            _ if is_new_map(dotted) => Some(Value::Map(Rc::default())),
            _ if dotted.ends_with("Map.from") || dotted.ends_with("Map.from_iter") => {
                match first? {
                    Value::List(pairs) => self.map_of_pairs(pairs),
                    _ => None,
                }
            }
            "Map" if args.is_empty() => Some(Value::Map(Rc::default())),
            "Map" | "Object.fromEntries" | "dict"
                if args.len() == 1
                    && args[0].name.is_none()
                    && let Some(Value::List(pairs)) = first =>
            {
                self.map_of_pairs(pairs)
            }
            "dict" => Some(updated(&Value::Null, args)),
            "Object.assign" => {
                let mut map = Map::default();
                for a in args {
                    merge(&mut map, a.value.clone());
                }
                Some(Value::Map(Rc::new(map)))
            }
            "Object.values" => match first? {
                Value::Map(m) => Some(values_of(m)),
                _ => None,
            },
            "filter" => Some(args.get(1)?.value.clone()),
            "map" => {
                let Value::List(l) = &args.get(1)?.value else {
                    return None;
                };
                let items = l.items.iter().take(MAX_MAPPED);
                let items: Option<Vec<Value>> = items
                    .map(|i| self.call_back(first?, vec![i.clone()], at, &None))
                    .collect();
                Some(Value::list(items?, l.open || l.items.len() > MAX_MAPPED))
            }
            "enumerate" => match first? {
                Value::List(l) => {
                    let pair = |(i, v): (usize, &Value)| {
                        let number = Value::Number(i.to_string().as_str().into());
                        Value::list(vec![number, v.clone()], false)
                    };
                    let pairs = l.items.iter().enumerate().map(pair).collect();
                    Some(Value::list(pairs, l.open))
                }
                _ => None,
            },
            "zip" if args.len() > 1 => zipped(args),
            "itertools.chain" => {
                let (Value::List(_), rest) = (first?, args.get(1..)?) else {
                    return None;
                };
                Some(rest.iter().fold(first?.clone(), |all, a| {
                    self.added(&all, std::slice::from_ref(a))
                }))
            }
            _ if ONE_OF.contains(&dotted) && has_sentences(first?) => Some(self.element(first?)),
            _ if BY_CHANCE.contains(&dotted) && has_sentences(first?) => {
                Some(Value::list(vec![self.element(first?)], true))
            }
            _ if SAME_LIST.contains(&dotted) && matches!(first, Some(Value::List(_))) => {
                first.cloned()
            }
            "Vec.new" | "Vec.with_capacity" => Some(Value::list(Vec::new(), false)),
            "Array" if args.is_empty() => Some(Value::list(Vec::new(), false)),
            "std.iter.once" | "std::iter.once" | "iter.once" | "std::iter.iter.once" => {
                Some(Value::list(vec![first?.clone()], false))
            }
            "std.iter.empty" | "std::iter.empty" | "iter.empty" => {
                Some(Value::list(Vec::new(), false))
            }
            "asyncio.gather" | "Promise.all" | "Promise.allSettled" => {
                if let Some(Value::List(_)) = first {
                    return first.cloned();
                }
                Some(Value::list(
                    args.iter().map(|a| a.value.clone()).collect(),
                    false,
                ))
            }
            _ => None,
        }
    }
}

/// Whether a list holds something that a prompt says. Names and words that one is drawn from are data.
fn has_sentences(value: &Value) -> bool {
    matches!(value, Value::List(l) if l.items.iter().any(says_something))
}

/// Whether a value is a text of a few words.
fn says_something(value: &Value) -> bool {
    matches!(value, Value::Text(t) if t.words() >= SENTENCE)
}

/// The values of a map as a list.
fn values_of(m: &Map) -> Value {
    let values = m.fields.iter().map(|f| f.value.clone());
    Value::list(values.collect(), m.open)
}

/// Whether a constructor of Rust's makes an empty map.
fn is_new_map(dotted: &str) -> bool {
    [".new", ".with_capacity", ".default"].iter().any(|f| {
        dotted.strip_suffix(f).is_some_and(|ty| {
            ty.ends_with("HashMap")
                || ty.ends_with("BTreeMap")
                || ty.ends_with("IndexMap")
                || ty.ends_with("serde_json::Map")
                || ty.ends_with("serde_json.Map")
        })
    })
}
