//! What a method that is called for its effect leaves in the place of its receiver.

use std::rc::Rc;

use crate::hir::Step;
use crate::resolve::eval::{Evaluator, is_texty, merge};
use crate::resolve::value::{ArgValue, List, Made, Map, MapField, Rope, Segment, Value};

/// Methods that send what they are given, and leave their receiver as it was.
const RUNS: &[&str] = &[
    "invoke",
    "ainvoke",
    "predict",
    "generate",
    "generate_content",
    "llm_response",
    "run",
    "arun",
    "run_sync",
    "print_response",
    "kickoff",
    "batch",
];

impl Evaluator<'_> {
    /// What a statement `base.method(args)` leaves in `base`'s place.
    pub(crate) fn mutate(
        &self,
        base: &Value,
        path: &[Step],
        method: &str,
        args: &[ArgValue],
        in_loop: bool,
    ) -> Value {
        if !path.is_empty() {
            let old = self.project(base, path);
            let new = self.mutate(&old, &[], method, args, in_loop);
            return self.set_path(base, path, new, None, true);
        }
        match method {
            "append" | "push" | "add" | "unshift" | "insert" | "push_back" | "appendleft"
            | "extend" | "push_front"
                if may_be_list(base) =>
            {
                extended(base, method, args, in_loop)
            }
            "push_str" | "append" | "write_str" | "write" | "push" | "writeln" | "add"
                if is_texty(base) || matches!(method, "push_str" | "write_str") =>
            {
                self.appended(base, method, args, in_loop)
            }
            "update" | "assign" if matches!(base, Value::Map(_)) => updated(base, args),
            "insert" | "set" if matches!(base, Value::Map(_)) && args.len() == 2 => {
                Self::put_pair(base, self.literal(&args[0].value), args[1].value.clone())
            }
            "pop" | "sort" | "reverse" | "clear" | "shift" | "remove" | "splice" | "lock"
            | "await"
                if matches!(base, Value::List(_) | Value::Map(_)) =>
            {
                base.clone()
            }
            // A run: what was asked once is no part of what is asked next.
            _ if matches!(base, Value::Made(_)) && !args.is_empty() && RUNS.contains(&method) => {
                base.clone()
            }
            // A setter: kept as a link of the receiver's chain.
            _ => match base {
                Value::Instance(_) | Value::Param(_)
                    if let Some(after) = self.after_call(base, method, args) =>
                {
                    after
                }
                Value::Made(_) | Value::Instance(_) => Value::Made(Rc::new(Made {
                    callee: Value::attr(base.clone(), method),
                    args: args.to_vec(),
                    at: None,
                })),
                _ => base.clone(),
            },
        }
    }

    /// A text with what was written to its end.
    fn appended(&self, base: &Value, method: &str, args: &[ArgValue], in_loop: bool) -> Value {
        let mut rope = Rope::default();
        self.text_into(&mut rope, base, None);
        let mut more = Rope::default();
        for a in args {
            if is_texty(&a.value) || method == "push_str" {
                self.text_into(&mut more, &a.value, a.at);
            }
        }
        if in_loop {
            rope.segments.push(Segment::Repeat(Rc::new(more)));
        } else {
            rope.push(&more);
        }
        Value::text(rope)
    }
}

/// Whether a value is a list, or nothing says that it is none.
fn may_be_list(v: &Value) -> bool {
    match v {
        Value::List(_) | Value::Unknown(_) | Value::Param(_) | Value::Attr(_) | Value::Null => true,
        Value::Choice(c) => c.iter().any(|v| matches!(v, Value::List(_))),
        _ => false,
    }
}

/// A list with what was put into it; items of what is not known stand before it.
fn extended(base: &Value, method: &str, args: &[ArgValue], in_loop: bool) -> Value {
    let (list, unknown_head) = match base {
        Value::List(l) => (Rc::clone(l), None),
        Value::Choice(c) => (Rc::new(union(c)), None),
        Value::Null => (Rc::default(), None),
        other => (Rc::default(), Some(Value::attr(other.clone(), "[]"))),
    };
    let mut values = args.iter().map(|a| a.value.clone());
    let mut more: Vec<Value> = unknown_head.into_iter().collect();
    match method {
        "extend" => match values.next() {
            Some(Value::List(l)) => more.extend(l.items.iter().cloned()),
            Some(other) => more.push(Value::attr(other, "[]")),
            None => {}
        },
        "insert" => more.extend(values.next_back()),
        _ => more.extend(values),
    }
    list.with(more, in_loop)
}

/// A map with what was merged into it.
pub(in crate::resolve) fn updated(base: &Value, args: &[ArgValue]) -> Value {
    let mut map = Map::default();
    merge(&mut map, base.clone());
    for a in args {
        match &a.name {
            Some(n) => map.fields.push(MapField {
                key: n.clone(),
                value: a.value.clone(),
                at: a.at,
            }),
            None => merge(&mut map, a.value.clone()),
        }
    }
    Value::Map(Rc::new(map))
}

/// The lists among several values as one: any of their items may be there.
fn union(values: &[Value]) -> List {
    let mut lists = values.iter().filter_map(|v| match v {
        Value::List(l) => Some(l.as_ref()),
        _ => None,
    });
    let mut all = List::default();
    if let Some(first) = lists.next() {
        all.items.clone_from(&first.items);
        all.open = first.open;
    }
    for l in lists {
        for item in &l.items {
            if !all.items.iter().any(|v| v.same(item)) {
                all.items.push(item.clone());
            }
        }
        all.open |= l.open;
    }
    all
}
