//! Argument paths: the values that stand at a path of the catalog among a call's arguments, or
//! on its receiver.

use super::super::eval::Evaluator;
use super::super::value::{ArgValue, ClassRef, ExprRef, Param, Value};
use super::chain::{COMPOSING, chain_of, chain_root, last_name};
use crate::catalog::{At, AtRoot};

/// `system_prompt` and `systemPrompt` are the same setter.
pub(super) fn same_name(a: &str, b: &str) -> bool {
    let plain = |s: &str| s.replace('_', "").to_lowercase();
    plain(a) == plain(b)
}

/// Callees that hand on what they are given in another form.
const TRANSPARENT: &[&str] = &[
    "dumps",
    "stringify",
    "to_string",
    "to_vec",
    "json",
    "from",
    "new",
    "to_value",
    "Some",
    "encode",
];

/// Whether a value is the method of an HTTP request.
fn is_http_method(v: &Value) -> bool {
    let is = |n: &str| matches!(n, "POST" | "post" | "PUT" | "GET" | "get");
    match v {
        Value::Text(t) => t.as_literal().is_some_and(|t| is(&t)),
        Value::External(e) => e.path.last().is_some_and(|n| is(n)),
        _ => false,
    }
}

/// A parameter that carries named options.
pub(super) fn is_options(name: &str) -> bool {
    matches!(
        name,
        "options"
            | "opts"
            | "params"
            | "kwargs"
            | "args"
            | "request"
            | "req"
            | "body"
            | "payload"
            | "config"
            | "input"
            | "data"
            | "props"
            | "json"
            | "json_data"
            | "json_body"
            | "jsonBody"
            | "request_body"
            | "requestBody"
            | "chat_request"
            | "chatRequest"
    )
}

impl<'p> Evaluator<'p> {
    /// The values at a path.
    pub(crate) fn look(
        &self,
        at: &At,
        callee: &Value,
        args: &[ArgValue],
    ) -> Vec<(Value, Option<ExprRef>)> {
        let found: Vec<(Value, Option<ExprRef>)> = match &at.root {
            AtRoot::Positional(n) => args
                .iter()
                .filter(|a| a.name.is_none())
                .nth(*n)
                .map(|a| (a.value.clone(), a.at))
                .into_iter()
                .collect(),
            AtRoot::All => args
                .iter()
                .filter(|a| a.name.is_none())
                .map(|a| (a.value.clone(), a.at))
                .collect(),
            AtRoot::Named(name) => self.named(args, name),
            AtRoot::Receiver => {
                let Some((first, rest)) = at.fields.split_first() else {
                    return Vec::new();
                };
                let mut found = self.on_receiver(callee, first, 0);
                found.extend(self.set_by_decorator(callee, first));
                return self.fields(found, rest);
            }
        };
        self.fields(found, &at.fields)
    }

    pub(super) fn fields(
        &self,
        found: Vec<(Value, Option<ExprRef>)>,
        fields: &[String],
    ) -> Vec<(Value, Option<ExprRef>)> {
        let mut found = found;
        for f in fields {
            found = found
                .iter()
                .flat_map(|(v, _)| self.field(v, f, 0))
                .collect();
        }
        found.retain(|(v, _)| !matches!(v, Value::Null));
        found
    }

    /// A named argument, or a field of an options object or request among the positional ones.
    pub(super) fn named(&self, args: &[ArgValue], name: &str) -> Vec<(Value, Option<ExprRef>)> {
        if let Some(a) = args.iter().find(|a| a.name.as_deref() == Some(name)) {
            return vec![(a.value.clone(), a.at)];
        }
        if let Some(s) = args.iter().find(|a| a.spread) {
            return match &s.value {
                v if v.root_param().is_some() => vec![(Value::attr(v.clone(), name), s.at)],
                v => self.field(v, name, 0),
            };
        }
        if matches!(name, "docstring" | "return") {
            return args
                .iter()
                .find_map(|a| self.of_definition(&a.value, name))
                .into_iter()
                .collect();
        }
        args.iter()
            .filter(|a| a.name.is_none())
            .take(3)
            .map(|a| self.field(&a.value, name, 0))
            .find(|f| !f.is_empty())
            .unwrap_or_default()
    }

    /// A field of a value: map key, keyword or setter of the calls that made it, attribute of an object.
    pub(crate) fn field(
        &self,
        value: &Value,
        name: &str,
        depth: u32,
    ) -> Vec<(Value, Option<ExprRef>)> {
        if depth > 6 {
            return Vec::new();
        }
        match value {
            Value::Map(m) => {
                if let Some(f) = m.fields.iter().rev().find(|f| f.key == name) {
                    return vec![(f.value.clone(), f.at)];
                }
                m.fields
                    .iter()
                    .filter(|f| f.key == "...")
                    .filter(|f| f.value.root_param().is_some())
                    .map(|f| (Value::attr(f.value.clone(), name), f.at))
                    .collect()
            }
            Value::Made(_) => self.on_receiver(value, name, depth + 1),
            Value::Attr(a) => self
                .configured_field(a, name)
                .filter(|v| {
                    matches!(
                        v,
                        Value::Text(_) | Value::List(_) | Value::Map(_) | Value::Made(_)
                    )
                })
                .map(|v| (v, None))
                .into_iter()
                .collect(),
            Value::Instance(i) if i.given.is_some() => match self.member(value, name) {
                Value::Function(_) => Vec::new(),
                Value::Attr(_) if !self.class_declares(i.class, name) => Vec::new(),
                v => vec![(v, None)],
            },
            Value::Instance(i) => match self.instance_member(i, name) {
                Some(Value::Function(_)) | None => Vec::new(),
                Some(v) => vec![(v, None)],
            },
            Value::Class(c) => self
                .class_member(*c, name, 0)
                .filter(|v| !matches!(v, Value::Function(_)))
                .map(|v| (v, None))
                .into_iter()
                .collect(),
            Value::Choice(c) => c
                .iter()
                .flat_map(|v| self.field(v, name, depth + 1))
                .collect(),
            Value::Unknown(u) => u
                .ingredients
                .iter()
                .flat_map(|v| self.field(v, name, depth + 1))
                .collect(),
            Value::Param(p) if is_options(&p.name) || self.declares(p, name) => {
                vec![(Value::attr(value.clone(), name), None)]
            }
            _ => Vec::new(),
        }
    }

    /// Whether the declared type of a parameter is a class of the project with a field of that name.
    fn declares(&self, p: &Param, name: &str) -> bool {
        matches!(self.param_type(p), Some(Value::Instance(i)) if self.class_declares(i.class, name))
    }

    /// Whether a class of the project, or one it derives from, has a field of that name.
    fn class_declares(&self, class: ClassRef, name: &str) -> bool {
        let mut open = vec![class];
        for _ in 0..8 {
            let Some(class) = open.pop() else { break };
            if self.declared_field(class, name) {
                return true;
            }
            open.extend(self.bases(class).into_iter().filter_map(|b| match b {
                Value::Class(c) => Some(c),
                _ => None,
            }));
        }
        false
    }

    /// Whether something is known to stand at a path: a parameter of which nothing is known but that
    /// it is a body may have any field, and has none for sure.
    pub(super) fn is_given(&self, at: &At, callee: &Value, args: &[ArgValue]) -> bool {
        let Some((last, fields)) = at.fields.split_last() else {
            return !self.look(at, callee, args).is_empty();
        };
        let parent = At {
            root: at.root.clone(),
            fields: fields.to_vec(),
        };
        if at.root == AtRoot::Receiver && fields.is_empty() {
            return !self.look(at, callee, args).is_empty();
        }
        self.look(&parent, callee, args)
            .iter()
            .any(|(v, _)| self.has_field(v, last, 0))
    }

    fn has_field(&self, value: &Value, name: &str, depth: u32) -> bool {
        if depth > 6 {
            return false;
        }
        match value {
            Value::Map(m) => m.fields.iter().any(|f| {
                f.key == name || (f.key == "..." && self.has_field(&f.value, name, depth + 1))
            }),
            Value::Param(p) => self.declares(p, name),
            Value::Choice(c) => c.iter().any(|v| self.has_field(v, name, depth + 1)),
            Value::Unknown(u) => u
                .ingredients
                .iter()
                .any(|v| self.has_field(v, name, depth + 1)),
            Value::Made(m)
                if TRANSPARENT.contains(&last_name(&m.callee).as_str()) && !m.args.is_empty() =>
            {
                m.args
                    .iter()
                    .take(3)
                    .any(|a| self.has_field(&a.value, name, depth + 1))
                    || m.args.iter().any(|a| a.name.as_deref() == Some(name))
            }
            // `json.dumps(payload).encode()`
            Value::Made(m)
                if TRANSPARENT.contains(&last_name(&m.callee).as_str())
                    && let Value::Attr(method) = &m.callee =>
            {
                self.has_field(&method.base, name, depth + 1)
            }
            _ => !self.field(value, name, depth + 1).is_empty(),
        }
    }

    /// What was set under a name anywhere along a receiver's chain.
    pub(super) fn on_receiver(
        &self,
        callee: &Value,
        name: &str,
        depth: u32,
    ) -> Vec<(Value, Option<ExprRef>)> {
        if depth > 6 {
            return Vec::new();
        }
        let mut out = Vec::new();
        let chain = chain_of(callee);
        for m in &chain.mades {
            let setter = last_name(&m.callee);
            let sets = setter == name
                || ["with_", "set_", "add_", "append_", "with", "set"]
                    .iter()
                    .any(|p| setter.strip_prefix(p).is_some_and(|s| same_name(s, name)));
            if sets {
                match m.args.as_slice() {
                    // `add_message(Role::System, "…")`
                    [who, what] if self.tuple_role(&who.value).is_some() => {
                        out.push((
                            Value::list(vec![who.value.clone(), what.value.clone()], false),
                            what.at,
                        ));
                    }
                    // `request(Method::POST, url)`, `open("POST", url)`
                    [method, url, ..] if is_http_method(&method.value) => {
                        out.push((url.value.clone(), url.at));
                    }
                    [a, ..] => out.push((a.value.clone(), a.at)),
                    [] => out.push((Value::Bool(true), None)),
                }
                continue;
            }
            let transparent = TRANSPARENT.contains(&setter.as_str());
            let composing = COMPOSING.contains(&setter.as_str());
            let found: Vec<_> = m
                .args
                .iter()
                .filter(|a| a.name.as_deref() == Some(name))
                .map(|a| (a.value.clone(), a.at))
                .collect();
            if !found.is_empty() {
                out.extend(found);
                continue;
            }
            for a in m.args.iter().filter(|a| a.name.is_none()).take(3) {
                match &a.value {
                    Value::Map(_) => out.extend(self.field(&a.value, name, depth + 1)),
                    Value::Made(_) | Value::Instance(_) | Value::Choice(_) | Value::Param(_)
                        if transparent || composing =>
                    {
                        out.extend(self.field(&a.value, name, depth + 1));
                    }
                    Value::List(l) if composing => {
                        out.extend(
                            l.items
                                .iter()
                                .take(16)
                                .flat_map(|v| self.field(v, name, depth + 1)),
                        );
                    }
                    _ => {}
                }
            }
        }
        if out.is_empty()
            && let Some(root) = chain_root(callee)
        {
            match &root {
                Value::Instance(_) | Value::Map(_) | Value::Choice(_) => {
                    return self.field(&root, name, depth + 1);
                }
                _ => {}
            }
        }
        // Setters are met from the last to the first.
        out.reverse();
        out
    }
}
