//! The messages that a value stands for, whatever its shape: text, lists, role maps, tuples, message
//! objects, templates that were filled, conversions of any of these.

mod media;
mod objects;
mod roles;

use std::rc::Rc;

use super::super::eval::{Evaluator, is_texty};
use super::super::value::{ExprRef, List, Map, Rope, Segment, Value};
use super::{Draft, Request};
use crate::calls::{GapReason, Role};
use crate::hir::Expr;
use crate::source::FileId;

pub(super) use self::roles::role_of;

/// Whether a list is the parts of one message rather than messages: bare texts and values.
fn is_parts(l: &List) -> bool {
    l.items.len() > 1
        && l.items.iter().any(|v| matches!(v, Value::Text(_)))
        && l.items.iter().all(|v| {
            matches!(
                v,
                Value::Text(_)
                    | Value::Number(_)
                    | Value::Param(_)
                    | Value::Attr(_)
                    | Value::External(_)
                    | Value::Unknown(_)
            )
        })
}

/// Adds messages as one, each part of it on its own; as they are where they differ in role.
fn join(messages: Vec<Draft>, role: Role, out: &mut Vec<Draft>) {
    if messages.len() < 2 || messages.iter().any(|m| m.role != role) {
        out.extend(messages);
        return;
    }
    let mut rope = Rope::default();
    for m in &messages {
        if !rope.segments.is_empty() {
            rope.segments.push(Segment::Break);
        }
        rope.push(&m.rope);
    }
    out.push(Draft { role, rope });
}

/// Messages of one request that are read.
const MAX_MESSAGES: usize = 64;

impl<'p> Evaluator<'p> {
    /// Adds the messages that a value stands for, whatever its shape.
    pub(crate) fn messages_of(
        &self,
        file: FileId,
        value: &Value,
        role: Role,
        at: Option<ExprRef>,
        r: &mut Request,
        depth: u32,
    ) {
        if depth > 10 || r.messages.len() > MAX_MESSAGES {
            r.gaps.push((GapReason::Limit, at, String::new()));
            return;
        }
        match value {
            Value::Null | Value::Number(_) | Value::Bool(_) => {}
            Value::Text(_) => {
                let mut rope = Rope::default();
                self.text_into(&mut rope, value, at);
                r.messages.push(Draft { role, rope });
            }
            Value::List(l) => {
                if let Some(m) = self.tuple_message(l, at) {
                    r.messages.push(m);
                    return;
                }
                let places = self.item_places(l, at);
                let mut own = Request {
                    vars: r.vars.clone(),
                    ..Request::default()
                };
                for (i, v) in l.items.iter().take(MAX_MESSAGES).enumerate() {
                    self.messages_of(
                        file,
                        v,
                        role,
                        places.get(i).copied().flatten(),
                        &mut own,
                        depth + 1,
                    );
                }
                r.gaps.append(&mut own.gaps);
                if l.items.len() > MAX_MESSAGES {
                    r.gaps.push((GapReason::Limit, at, String::new()));
                }
                if is_parts(l) {
                    join(own.messages, role, &mut r.messages);
                } else {
                    r.messages.append(&mut own.messages);
                }
            }
            Value::Map(m) => self.map_message(file, m, role, r, depth),
            Value::Choice(c) if self.is_reply_or_default(file, c) => {
                self.hole_message(value, role, at, r);
            }
            Value::Choice(c) => {
                if c.iter().any(is_texty)
                    && c.iter()
                        .all(|v| is_texty(v) || matches!(v, Value::Null | Value::Unknown(_)))
                {
                    let mut rope = Rope::default();
                    self.text_into(&mut rope, value, at);
                    r.messages.push(Draft { role, rope });
                } else {
                    for v in c.iter() {
                        self.messages_of(file, v, role, at, r, depth + 1);
                    }
                }
            }
            Value::Made(_) => {
                let before = (r.messages.len(), r.gaps.len());
                self.made_message(file, value, role, at, r, depth);
                // What came to nothing was there all the same.
                if (r.messages.len(), r.gaps.len()) == before {
                    self.hole_message(value, role, at, r);
                }
            }
            Value::Instance(i) => {
                if let Some(text) = self.instance_text(i) {
                    r.messages.push(Draft { role, rope: text });
                    return;
                }
                self.object_message(file, value, role, at, r, depth);
            }
            Value::Class(c) => self.class_message(file, *c, role, r, depth),
            Value::Function(f) => {
                // Instructions given as a function: what it returns.
                if let Some(at) = at {
                    let v = self.call_function(f, &[], at);
                    if is_texty(&v) || matches!(v, Value::List(_)) {
                        self.messages_of(file, &v, role, Some(at), r, depth + 1);
                    }
                }
            }
            Value::Unknown(u) if !u.ingredients.is_empty() => {
                let before = r.messages.len();
                for v in &u.ingredients {
                    if self.is_prompt_like(v, 0) {
                        self.messages_of(file, v, role, None, r, depth + 1);
                    }
                }
                r.gaps.push((u.reason, at, String::new()));
                if r.messages.len() == before {
                    self.hole_message(value, role, at, r);
                }
            }
            Value::Unknown(u) => {
                r.gaps.push((u.reason, at, String::new()));
                self.hole_message(value, role, at, r);
            }
            // `history.messages`
            Value::Attr(a)
                if a.name == "messages" && matches!(&a.base, Value::Made(h) if h.at.is_none()) =>
            {
                self.messages_of(file, &a.base, role, at, r, depth + 1);
            }
            Value::Attr(_) if let Some(text) = self.asked_file(value) => {
                self.messages_of(file, &text, role, at, r, depth + 1);
            }
            Value::Param(_) | Value::Attr(_) | Value::External(_) | Value::Module(_) => {
                self.hole_message(value, role, at, r);
            }
        }
    }

    fn hole_message(&self, value: &Value, role: Role, at: Option<ExprRef>, r: &mut Request) {
        r.messages.push(Draft {
            role,
            rope: Rope {
                segments: vec![self.hole(value, at)],
            },
        });
    }

    /// The expressions of a list's items, where the list is written out at `at`.
    fn item_places(&self, l: &List, at: Option<ExprRef>) -> Vec<Option<ExprRef>> {
        let Some(at) = at else { return Vec::new() };
        match self.facts(at.file).map(|f| f.expr(at.expr)) {
            Some(Expr::List { items })
                if items.len() == l.items.len() && !items.iter().any(|i| i.spread) =>
            {
                items
                    .iter()
                    .map(|i| {
                        Some(ExprRef {
                            file: at.file,
                            expr: i.value,
                        })
                    })
                    .collect()
            }
            _ => Vec::new(),
        }
    }

    /// `("system", "text")`.
    fn tuple_message(&self, l: &List, at: Option<ExprRef>) -> Option<Draft> {
        let [who, what] = l.items.as_slice() else {
            return None;
        };
        let role = self.tuple_role(who)?;
        let at = self.item_places(l, at).get(1).copied().flatten().or(at);
        let mut rope = Rope::default();
        self.text_into(&mut rope, what, at);
        Some(Draft { role, rope })
    }

    /// `{role, content}`, parts, or a map that holds messages.
    fn map_message(&self, file: FileId, m: &Rc<Map>, role: Role, r: &mut Request, depth: u32) {
        let get = |k: &str| m.fields.iter().rev().find(|f| f.key == k);
        let kind = get("type").and_then(|f| self.literal(&f.value));
        // What a tool was asked and gave, which nobody wrote into a prompt.
        if kind
            .as_ref()
            .is_some_and(|k| k.contains("tool_use") || k.contains("function_call"))
        {
            return;
        }
        if let Some(name) = media::part(m, kind.as_deref()) {
            r.messages.push(media::draft(name, role));
            return;
        }
        let said = get("role")
            .or_else(|| get("author"))
            .and_then(|f| self.role_value(&f.value));
        let role = said.unwrap_or(role);
        // Ollama's messages carry their pictures beside the text.
        if get("images").is_some_and(|f| !matches!(f.value, Value::Null)) {
            r.messages.push(media::draft("image".to_owned(), role));
        }
        for key in [
            "content",
            "parts",
            "text",
            "input_text",
            "input",
            "prompt",
            "message",
            "messages",
            "inputText",
            "value",
        ] {
            if let Some(f) = get(key) {
                self.content(file, &f.value, role, f.at, r, depth);
                return;
            }
        }
        for f in m.fields.iter().filter(|f| f.key == "...") {
            self.messages_of(file, &f.value, role, f.at, r, depth + 1);
        }
        if m.fields.iter().any(|f| f.key == "...") || said.is_some() {
            return;
        }
        // Variables of a template, a state, a structured input: its texts.
        for f in m.fields.iter().take(16) {
            if self.is_prompt_like(&f.value, 0) || f.value.root_param().is_some() {
                self.messages_of(file, &f.value, role, f.at, r, depth + 1);
            }
        }
    }

    /// The content of one message: text, or parts that are joined into one.
    fn content(
        &self,
        file: FileId,
        value: &Value,
        role: Role,
        at: Option<ExprRef>,
        r: &mut Request,
        depth: u32,
    ) {
        let mut own = Request {
            vars: r.vars.clone(),
            ..Request::default()
        };
        self.messages_of(file, value, role, at, &mut own, depth + 1);
        r.gaps.append(&mut own.gaps);
        if matches!(value, Value::List(_)) {
            join(own.messages, role, &mut r.messages);
        } else {
            r.messages.append(&mut own.messages);
        }
    }

    /// Whether text of a prompt may stand in a value.
    pub(crate) fn is_prompt_like(&self, v: &Value, depth: u32) -> bool {
        if depth > 3 {
            return false;
        }
        match v {
            Value::Text(t) => t.words() >= 3,
            Value::Choice(c) => c.iter().any(|v| self.is_prompt_like(v, depth)),
            Value::List(l) => l.items.iter().any(|v| self.is_prompt_like(v, depth + 1)),
            Value::Map(m) => m.fields.iter().any(|f| {
                matches!(
                    f.key.as_str(),
                    "role" | "content" | "text" | "parts" | "messages" | "prompt"
                ) && (f.key == "role" || self.is_prompt_like(&f.value, depth + 1))
            }),
            Value::Made(m) => m
                .args
                .iter()
                .any(|a| self.is_prompt_like(&a.value, depth + 1)),
            Value::Instance(i) => i
                .args
                .iter()
                .flatten()
                .any(|a| self.is_prompt_like(&a.value, depth + 1)),
            Value::Unknown(u) => u
                .ingredients
                .iter()
                .any(|v| self.is_prompt_like(v, depth + 1)),
            _ => false,
        }
    }
}
