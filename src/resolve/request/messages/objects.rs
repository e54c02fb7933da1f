//! Messages that are objects: made by a package's constructor, instances and classes of the project,
//! templates that were filled, conversions.

use super::role_of;
use crate::calls::{GapReason, Role};
use crate::catalog::AtRoot;
use crate::hir::ClassKind;
use crate::language::Language;
use crate::resolve::eval::{Evaluator, merge};
use crate::resolve::request::Request;
use crate::resolve::request::chain::{chain_of, last_name};
use crate::resolve::sites::is_prompt_name;
use crate::resolve::value::{ArgValue, ClassRef, ExprRef, Made, Map, MapField, Value};
use crate::source::FileId;

/// Whether what is called gives prompts, by its name.
fn makes_prompts(callee: &str) -> bool {
    let name = callee.rsplit('.').next().unwrap_or(callee);
    name == "render" || is_prompt_name(name)
}

/// Functions that ask a person: their arguments are labels.
const ASKS_PEOPLE: &[&str] = &[
    "input",
    "raw_input",
    "chat_input",
    "text_input",
    "text_area",
];

impl<'p> Evaluator<'p> {
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
        if let Some(text) = self.text_variant(file, made) {
            self.content(file, &text.value, role, text.at, r, depth);
            return;
        }
        if self.constructed_message(file, value, made, role, r, depth) {
            return;
        }
        if let Some((said, text)) = self.spoken(file, made) {
            self.content(file, &text.value, said, text.at, r, depth);
            return;
        }
        // What was called on it since for its effect is a link of its chain: `chat.add_user_message(..)`.
        if made.at.is_none() {
            let before = r.messages.len();
            let vars = r.vars.clone();
            for m in chain_of(value).mades.iter().rev() {
                if let Some(spec) = self.value_spec(file, m) {
                    self.spec_messages(file, spec, m, vars.as_deref(), r, depth);
                }
            }
            if r.messages.len() > before {
                return;
            }
        }
        // `MessagesPlaceholder("history")`: the variable of that name, where it is known.
        if last_name(&made.callee) == "MessagesPlaceholder"
            && let Some(name) = made.args.first().and_then(|a| self.literal(&a.value))
            && let Some(field) = r
                .vars
                .as_ref()
                .and_then(|v| v.fields.iter().find(|f| f.key == name.as_str()))
        {
            let (value, at) = (field.value.clone(), field.at);
            self.messages_of(file, &value, role, at, r, depth + 1);
            return;
        }
        // `history.getMessages()`
        if matches!(
            last_name(&made.callee).as_str(),
            "getMessages" | "get_messages" | "aget_messages"
        ) && let Some(history) = receiver_of(made)
            && matches!(history, Value::Made(h) if h.at.is_none())
        {
            self.messages_of(file, history, role, at, r, depth + 1);
            return;
        }
        if let Some(spec) = self.value_spec(file, made) {
            let vars = r.vars.clone();
            self.spec_messages(file, spec, made, vars.as_deref(), r, depth);
            return;
        }
        if let Some(template) = receiver_of(made)
            && !self.is_reply(file, value)
            && self.filled_template(file, template, &made.args, role, r, depth)
        {
            return;
        }
        if !self.is_reply(file, value)
            && let Some(text) = self.asked_file(value)
        {
            self.messages_of(file, &text, role, at, r, depth + 1);
            return;
        }
        // What a call was taken from has a prompt of its own, which is none of this.
        if self.is_reply(file, &made.callee) {
            self.hole_message(value, role, at, r);
            return;
        }
        if self.object_message(file, value, role, at, r, depth) {
            return;
        }
        if self.is_reply(file, value) {
            self.hole_message(value, role, at, r);
            return;
        }
        self.converted_message(file, value, role, at, r, depth);
    }

    /// A message of a Rust package of which nothing is known, by its constructor: `Message::user(text)`,
    /// `Message::new(Role::User, text)`, `ChatMessage::User { content }`.
    fn spoken<'m>(&self, file: FileId, made: &'m Made) -> Option<(Role, &'m ArgValue)> {
        // A variant of an enum of the project: `Message::User(text)`.
        if let (Value::Attr(a), [text]) = (&made.callee, made.args.as_slice())
            && let Value::Class(class) = &a.base
            && self
                .class(*class)
                .is_some_and(|c| c.kind == ClassKind::Enum)
            && text.name.is_none()
        {
            return Some((role_of(&a.name)?, text));
        }
        let Value::External(e) = &made.callee else {
            return None;
        };
        let [.., of, constructor] = e.path.as_slice() else {
            return None;
        };
        if self.project.language(file) != Language::Rust || !of.ends_with("Message") {
            return None;
        }
        let name = constructor
            .trim_start_matches("new_")
            .trim_end_matches("_message")
            .trim_end_matches("_text");
        match (role_of(name), made.args.as_slice()) {
            (Some(role), [text]) if text.name.is_none() => Some((role, text)),
            (None, [who, text]) if constructor == "new" && text.name.is_none() => {
                Some((self.tuple_role(&who.value)?, text))
            }
            _ => None,
        }
    }

    /// What stands in a variant for text, of whatever type: `Content::Text(text)` in Rust.
    fn text_variant<'m>(&self, file: FileId, made: &'m Made) -> Option<&'m ArgValue> {
        let variant = self.project.language(file) == Language::Rust
            && matches!(&made.callee, Value::External(e) if e.path.last().is_some_and(|n| n == "Text"));
        match made.args.as_slice() {
            [text] if variant && text.name.is_none() => Some(text),
            _ => None,
        }
    }

    /// A role constructor anywhere along a builder's chain; whether there is one that has a text.
    fn constructed_message(
        &self,
        file: FileId,
        value: &Value,
        made: &Made,
        whole: Role,
        r: &mut Request,
        depth: u32,
    ) -> bool {
        let language = self.project.language(file);
        let chain = chain_of(value);
        let mut path = chain.path();
        while !path.is_empty() {
            let mut specs: Vec<_> = self
                .catalog
                .messages
                .iter()
                .filter(|m| {
                    let sdk = &self.catalog.sdks[m.sdk];
                    (sdk.languages.is_empty() || sdk.languages.contains(&language))
                        && m.items.iter().any(|p| p.matches_end(&path))
                })
                .collect();
            // Several packages have a `SystemMessage`: the one it comes from knows where its text is.
            specs.sort_by_key(|m| {
                !chain
                    .root
                    .as_ref()
                    .is_some_and(|r| self.in_sdk(m.sdk, r, language))
            });
            for spec in specs {
                for at in &spec.text {
                    let args = chain.mades.last().map_or(&made.args, |m| &m.args);
                    let mut found = self.look(at, value, args);
                    if found.is_empty()
                        && let AtRoot::Named(n) = &at.root
                    {
                        found = self.on_receiver(value, n, 0);
                    }
                    if !found.is_empty() {
                        let role = self
                            .said_role(spec, at, args)
                            .or(spec.role)
                            .unwrap_or(whole);
                        for (v, e) in found {
                            self.content(file, &v, role, e, r, depth);
                        }
                        return true;
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
        false
    }

    /// A prompt value filled: `prompt.format_messages(x=1)`; whether it gave any message.
    fn filled_template(
        &self,
        file: FileId,
        template: &Value,
        args: &[ArgValue],
        role: Role,
        r: &mut Request,
        depth: u32,
    ) -> bool {
        let mut vars = Map::default();
        for a in args {
            match (&a.name, &a.value) {
                (Some(n), v) => vars.fields.push(MapField {
                    key: n.clone(),
                    value: v.clone(),
                    at: a.at,
                }),
                (None, v @ Value::Map(_)) => merge(&mut vars, v.clone()),
                _ => {}
            }
        }
        let before = r.messages.len();
        self.prompt_values(file, template, Some(&vars), r, depth + 1);
        // A template that was filled is text like any other.
        for m in r.messages[before..]
            .iter_mut()
            .filter(|m| m.role == Role::Template)
        {
            m.role = role;
        }
        r.messages.len() > before
    }

    /// A conversion: what it was given.
    fn converted_message(
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
        let receiver = receiver_of(made);
        let before = r.messages.len();
        // What a form asks is no part of what is typed into it.
        if ASKS_PEOPLE.contains(&last_name(&made.callee).as_str()) {
            self.hole_message(value, role, at, r);
            return;
        }
        let parts = receiver
            .into_iter()
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
            .into_iter()
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
}

/// What a value was made from by a method.
fn receiver_of(made: &Made) -> Option<&Value> {
    match &made.callee {
        Value::Attr(a) => Some(&a.base),
        _ => None,
    }
}
