//! Who speaks: roles as SDKs name them, alone, in a tuple, or said by a constructor's argument.

use crate::calls::Role;
use crate::catalog::{At, AtRoot, MessageSpec};
use crate::resolve::eval::Evaluator;
use crate::resolve::request::chain::last_name;
use crate::resolve::value::{ArgValue, Value};

/// A role as SDKs name it.
pub(in crate::resolve::request) fn role_of(name: &str) -> Option<Role> {
    Some(match name.to_lowercase().as_str() {
        "system" | "developer" => Role::System,
        "user" | "human" => Role::User,
        "assistant" | "model" | "ai" => Role::Assistant,
        "tool" | "function" => Role::Tool,
        _ => return None,
    })
}

impl Evaluator<'_> {
    /// The role that a value names.
    pub(in crate::resolve::request) fn role_value(&self, v: &Value) -> Option<Role> {
        match v {
            Value::Text(t) => role_of(&t.as_literal()?),
            Value::External(e) => role_of(e.path.last()?),
            Value::Attr(a) => role_of(&a.name),
            Value::Choice(c) => c.iter().find_map(|v| self.role_value(v)),
            Value::Made(m) => role_of(&last_name(&m.callee)),
            _ => None,
        }
    }

    /// A role on its own, no message that has one.
    pub(in crate::resolve::request) fn tuple_role(&self, v: &Value) -> Option<Role> {
        match v {
            Value::Made(m) if !m.args.is_empty() => None,
            Value::Choice(c) => c
                .iter()
                .map(|v| self.tuple_role(v))
                .reduce(|all, role| all.filter(|a| role == Some(*a)))
                .flatten(),
            v => self.role_value(v),
        }
    }

    /// The role that a message constructor of no fixed role is given.
    pub(super) fn said_role(
        &self,
        spec: &MessageSpec,
        text: &At,
        args: &[ArgValue],
    ) -> Option<Role> {
        if spec.role.is_some_and(|r| r != Role::User) {
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
}
