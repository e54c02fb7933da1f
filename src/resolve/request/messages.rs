//! The messages that a value stands for, whatever its shape: text, lists, role maps, tuples, message
//! objects, templates that were filled, conversions of any of these.

use std::rc::Rc;

use super::super::eval::{Evaluator, is_texty};
use super::super::sites::is_prompt_name;
use super::super::value::{
    ArgValue, ClassRef, ExprRef, List, Made, Map, MapField, Rope, Segment, Value,
};
use super::chain::{chain_of, last_name};
use super::{Draft, Request};
use crate::calls::{GapReason, Role};
use crate::catalog::{At, AtRoot, MessageSpec};
use crate::hir::Expr;
use crate::source::FileId;

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

/// Whether what is called gives prompts, by its name.
fn makes_prompts(callee: &str) -> bool {
    let name = callee.rsplit('.').next().unwrap_or(callee);
    name == "render" || is_prompt_name(name)
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

/// A role as SDKs name it.
pub(super) fn role_of(name: &str) -> Option<Role> {
    Some(match name.to_lowercase().as_str() {
        "system" | "developer" => Role::System,
        "user" | "human" => Role::User,
        "assistant" | "model" | "ai" => Role::Assistant,
        "tool" | "function" => Role::Tool,
        _ => return None,
    })
}

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
        if depth > 10 || r.messages.len() > 64 {
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
                for (i, v) in l.items.iter().take(64).enumerate() {
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
                if is_parts(l) {
                    join(own.messages, role, &mut r.messages);
                } else {
                    r.messages.append(&mut own.messages);
                }
            }
            Value::Map(m) => self.map_message(file, m, role, r, depth),
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
            Value::Made(_) => self.made_message(file, value, role, at, r, depth),
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
            Value::Param(_) | Value::Attr(_) | Value::External(_) | Value::Module(_) => {
                self.hole_message(value, role, at, r);
            }
        }
    }

    pub(super) fn hole_message(
        &self,
        value: &Value,
        role: Role,
        at: Option<ExprRef>,
        r: &mut Request,
    ) {
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

    /// The role that a message constructor of no fixed role is given.
    fn said_role(&self, spec: &MessageSpec, text: &At, args: &[ArgValue]) -> Option<Role> {
        if spec.role != Role::User {
            return None;
        }
        let named = args.iter().find(|a| a.name.as_deref() == Some("role"));
        let first = || {
            args.first()
                .filter(|a| a.name.is_none() && text.root != AtRoot::Positional(0))
        };
        named
            .and_then(|a| self.role_value(&a.value))
            .or_else(|| first().and_then(|a| self.tuple_role(&a.value)))
    }

    /// `("system", "text")`.
    pub(super) fn tuple_message(&self, l: &List, at: Option<ExprRef>) -> Option<Draft> {
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
    pub(super) fn map_message(
        &self,
        file: FileId,
        m: &Rc<Map>,
        role: Role,
        r: &mut Request,
        depth: u32,
    ) {
        let get = |k: &str| m.fields.iter().rev().find(|f| f.key == k);
        if let Some(kind) = get("type").and_then(|f| self.literal(&f.value))
            && (kind.contains("image")
                || kind.contains("audio")
                || kind == "file"
                || kind.contains("tool_use"))
        {
            return;
        }
        let said = get("role")
            .or_else(|| get("author"))
            .and_then(|f| self.role_value(&f.value));
        let role = said.unwrap_or(role);
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
    pub(super) fn content(
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

    /// A role on its own, no message that has one.
    pub(super) fn tuple_role(&self, v: &Value) -> Option<Role> {
        match v {
            Value::Made(m) if !m.args.is_empty() => None,
            v => self.role_value(v),
        }
    }

    pub(super) fn role_value(&self, v: &Value) -> Option<Role> {
        match v {
            Value::Text(t) => role_of(&t.as_literal()?),
            Value::External(e) => role_of(e.path.last()?),
            Value::Attr(a) => role_of(&a.name),
            Value::Choice(c) => c.iter().find_map(|v| self.role_value(v)),
            Value::Made(m) => role_of(&last_name(&m.callee)),
            _ => None,
        }
    }

    /// A message object, a prompt value, a conversion of either.
    pub(super) fn made_message(
        &self,
        file: FileId,
        value: &Value,
        role: Role,
        at: Option<ExprRef>,
        r: &mut Request,
        depth: u32,
    ) {
        let Value::Made(made) = value else {
            return;
        };
        let language = self.project.language(file);
        let chain = chain_of(value);
        // A role constructor anywhere along a builder's chain.
        let mut path = chain.path();
        while !path.is_empty() {
            let spec = self.catalog.messages.iter().find(|m| {
                let sdk = &self.catalog.sdks[m.sdk];
                (sdk.languages.is_empty() || sdk.languages.contains(&language))
                    && m.items.iter().any(|p| p.matches_end(&path))
            });
            if let Some(spec) = spec {
                for at in &spec.text {
                    let args = chain.mades.last().map_or(&made.args, |m| &m.args);
                    let mut found = self.look(at, value, args);
                    if found.is_empty()
                        && let AtRoot::Named(n) = &at.root
                    {
                        found = self.on_receiver(value, n, 0);
                    }
                    if !found.is_empty() {
                        let role = self.said_role(spec, at, args).unwrap_or(spec.role);
                        for (v, e) in found {
                            self.content(file, &v, role, e, r, depth);
                        }
                        return;
                    }
                }
            }
            path.pop();
            if path.len()
                < chain
                    .root
                    .as_ref()
                    .map_or(0, |r| r.path.len().saturating_sub(1))
            {
                break;
            }
        }
        if let Some(spec) = self.value_spec(file, made) {
            let vars = r.vars.clone();
            self.spec_messages(file, spec, made, vars.as_deref(), r, depth);
            return;
        }
        // A prompt value filled: `prompt.format_messages(x=1)`.
        let receiver = match &made.callee {
            Value::Attr(a) => Some(a.base.clone()),
            _ => None,
        };
        if let Some(receiver) = &receiver {
            let before = r.messages.len();
            let mut vars = Map::default();
            for a in &made.args {
                match (&a.name, &a.value) {
                    (Some(n), v) => vars.fields.push(MapField {
                        key: n.clone(),
                        value: v.clone(),
                        at: a.at,
                    }),
                    (None, v @ Value::Map(_)) => super::super::eval::merge(&mut vars, v.clone()),
                    _ => {}
                }
            }
            if !self.ends_in_model(file, made) {
                self.prompt_values(file, receiver, Some(&vars), r, depth + 1);
            }
            if r.messages.len() > before {
                // A template that was filled is text like any other.
                for m in r.messages[before..]
                    .iter_mut()
                    .filter(|m| m.role == Role::Template)
                {
                    m.role = role;
                }
                return;
            }
        }
        if self.object_message(file, value, role, at, r, depth) {
            return;
        }
        if self.ends_in_model(file, made) {
            self.hole_message(value, role, at, r);
            return;
        }
        // A conversion: what it was given.
        let before = r.messages.len();
        let parts = receiver
            .iter()
            .chain(made.args.iter().map(|a| &a.value))
            .filter(|v| self.is_prompt_like(v, 0))
            .cloned()
            .collect::<Vec<_>>();
        for v in parts.iter().take(8) {
            self.messages_of(file, v, role, None, r, depth + 1);
        }
        if r.messages.len() > before {
            r.gaps
                .push((GapReason::Dynamic, at, self.callee_name(&made.callee)));
        } else if let Some((v, e)) = receiver
            .iter()
            .map(|v| (v, at))
            .chain(made.args.iter().map(|a| (&a.value, a.at)))
            .find(|(v, _)| v.root_param().is_some())
        {
            // A parameter through a conversion is still that parameter's text.
            self.hole_message(v, role, e, r);
        } else {
            // A prompt that comes from where it cannot be read is not a prompt without words.
            let maker = self.callee_name(&made.callee);
            if makes_prompts(&maker) {
                r.gaps.push((GapReason::Dynamic, at, maker));
            }
            self.hole_message(value, role, at, r);
        }
    }

    /// Whether a made value is the reply of a model call, whose arguments are another prompt.
    pub(super) fn ends_in_model(&self, file: FileId, made: &Rc<Made>) -> bool {
        self.match_call(file, &made.callee, &made.args).is_some()
    }

    /// An object with a role and a content, or with a text of its own.
    pub(super) fn object_message(
        &self,
        file: FileId,
        value: &Value,
        role: Role,
        at: Option<ExprRef>,
        r: &mut Request,
        depth: u32,
    ) -> bool {
        let said = self
            .field(value, "role", 0)
            .into_iter()
            .find_map(|(v, _)| self.role_value(&v));
        for key in ["content", "text", "parts", "messages", "prompt", "template"] {
            let found = self.field(value, key, 0);
            if found.is_empty() {
                continue;
            }
            for (v, e) in found {
                self.content(file, &v, said.unwrap_or(role), e.or(at), r, depth);
            }
            return true;
        }
        if let Value::Instance(i) = value {
            // Any text among its arguments.
            let before = r.messages.len();
            for a in i.args.iter().flatten() {
                if self.is_prompt_like(&a.value, 0) {
                    self.messages_of(file, &a.value, role, a.at, r, depth + 1);
                }
            }
            if r.messages.len() == before {
                self.hole_message(value, role, at, r);
            }
            return true;
        }
        false
    }

    /// A class that is itself the prompt (a signature): its documentation and its fields' descriptions.
    pub(super) fn class_message(
        &self,
        file: FileId,
        c: ClassRef,
        role: Role,
        r: &mut Request,
        depth: u32,
    ) {
        let Some(class) = self.class(c) else { return };
        if let Some(doc) = class.doc {
            let at = ExprRef {
                file: c.file,
                expr: doc,
            };
            let v = self.eval(at, &None);
            let role = if role == Role::User {
                Role::Template
            } else {
                role
            };
            self.messages_of(file, &v, role, Some(at), r, depth + 1);
        }
        for f in &class.fields {
            let Some(value) = f.value else { continue };
            let v = self.eval(
                ExprRef {
                    file: c.file,
                    expr: value,
                },
                &None,
            );
            for key in ["desc", "description", "prefix"] {
                for (text, e) in self.field(&v, key, 0) {
                    self.messages_of(file, &text, Role::Description, e, r, depth + 1);
                }
            }
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
