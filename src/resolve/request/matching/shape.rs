//! Calls of receivers that nothing is known of, told by their names and the shape of their arguments.

use crate::catalog::{AtRoot, Evidence};
use crate::resolve::eval::Evaluator;
use crate::resolve::request::chain::{chain_of, last_name};
use crate::resolve::value::{ArgValue, Value};
use crate::source::FileId;

impl Evaluator<'_> {
    /// The catalog entry that a call of an unknown receiver matches by the shape of its arguments.
    ///
    /// `said` is the name that the receiver has in the code.
    pub(crate) fn match_shape(
        &self,
        file: FileId,
        callee: &Value,
        (name, said): (&str, Option<&str>),
        args: &[ArgValue],
    ) -> Option<usize> {
        let language = self.project.language(file);
        let chain = chain_of(callee);
        let known = chain.root.as_ref().is_some_and(|r| {
            !r.module.is_empty()
                && (0..self.catalog.sdks.len()).any(|s| self.in_sdk(s, r, language))
        });
        if known || matches!(callee, Value::Function(_) | Value::Class(_)) {
            return None;
        }
        let name = match callee {
            Value::Param(p) => p.name.clone(),
            Value::Attr(a) => a.name.clone(),
            Value::External(e) if !e.module.is_empty() => e.path.last()?.clone(),
            // An object that is called.
            Value::Made(_) => name.into(),
            _ => return None,
        };
        let rooted = chain.root.as_ref().is_some_and(|r| !r.module.is_empty());
        self.catalog.calls.iter().position(|c| {
            let named = c.evidence == Evidence::Shape
                && c.chain
                    .iter()
                    .any(|p| p.matches_end(std::slice::from_ref(&name)));
            if !named {
                return false;
            }
            if c.receiver.is_empty() {
                // The messages say it.
                return (!rooted || matches!(callee, Value::Made(_)))
                    && args.iter().take(3).any(|a| {
                        self.has_roles(&a.value, 0)
                            || self.has_roles(&Value::list(vec![a.value.clone()], false), 0)
                            || self.sends_messages(&a.value)
                    });
            }
            // The receiver's name says it; `*` is the function's own.
            let calls_model = said.is_some_and(|n| {
                c.receiver
                    .iter()
                    .any(|p| p.matches_end(std::slice::from_ref(&n)))
            });
            // Messages that must be there say more than the name of the method.
            if !c.needs.is_empty() {
                return calls_model
                    && c.needs.iter().any(|at| {
                        self.look(at, callee, args)
                            .iter()
                            .any(|(v, _)| self.has_roles(v, 0) || self.sends_messages(v))
                    });
            }
            // The receiver brings the prompt: it must be a caller's, who made it.
            if c.prompt
                .iter()
                .all(|s| s.at.iter().all(|at| at.root == AtRoot::Receiver))
            {
                return calls_model && callee.root_param().is_some() && args.len() == 1;
            }
            calls_model
                && args
                    .first()
                    .is_some_and(|a| self.may_be_prompt(&a.value) && a.name.is_none())
        })
    }

    /// Whether a method of a receiver so called may be an LLM call by its shape.
    pub(crate) fn may_have_shape(&self, name: &str, said: Option<&str>) -> bool {
        self.catalog
            .calls
            .iter()
            .filter(|c| c.evidence == Evidence::Shape)
            .any(|c| {
                c.chain.iter().any(|p| p.matches_end(&[name]))
                    && (c.receiver.is_empty()
                        || said.is_some_and(|n| c.receiver.iter().any(|p| p.matches_end(&[n]))))
            })
    }

    /// Whether an object has messages with roles.
    fn sends_messages(&self, v: &Value) -> bool {
        self.field(v, "messages", 0)
            .iter()
            .any(|(v, _)| self.has_roles(v, 0))
    }

    /// Whether a value is a message by what made it: `SystemMessage(…)`, `Message(role="user", …)`.
    fn is_message(&self, v: &Value) -> bool {
        const MESSAGES: &[&str] = &[
            "AIMessage",
            "AssistantMessage",
            "HumanMessage",
            "SystemMessage",
            "UserMessage",
        ];
        let said = |args: &[ArgValue]| {
            args.iter()
                .any(|a| a.name.as_deref() == Some("role") && self.role_value(&a.value).is_some())
        };
        match v {
            Value::Made(m) => MESSAGES.contains(&last_name(&m.callee).as_str()) || said(&m.args),
            Value::Instance(i) => {
                let name = self
                    .facts(i.class.file)
                    .map(|f| f.classes[i.class.class.index()].name.clone());
                name.is_some_and(|n| MESSAGES.contains(&n.as_str()))
                    || i.args.as_ref().is_some_and(|a| said(a))
            }
            _ => false,
        }
    }

    /// Whether a value may be a prompt: text of some words, messages, or what is not known.
    fn may_be_prompt(&self, v: &Value) -> bool {
        match v {
            Value::Text(t) => t.words() >= 3,
            Value::List(_) => self.has_roles(v, 0),
            Value::Map(_) => ["messages", "prompt", "system"]
                .iter()
                .any(|k| !self.field(v, k, 0).is_empty()),
            Value::Choice(c) => c.iter().any(|v| self.may_be_prompt(v)),
            // An object that is text when it is printed.
            Value::Instance(i) => self.instance_text(i).is_some_and(|t| t.words() >= 3),
            Value::Param(p) => {
                let n = p.name.to_lowercase();
                n.contains("prompt") || n.contains("message")
            }
            Value::Made(m) => matches!(
                last_name(&m.callee).as_str(),
                "HumanMessage" | "SystemMessage"
            ),
            _ => false,
        }
    }

    /// Whether a value is a list of messages with roles.
    pub(crate) fn has_roles(&self, v: &Value, depth: u32) -> bool {
        if depth > 3 {
            return false;
        }
        match v {
            Value::List(l) => l.items.iter().any(|m| match m {
                Value::Map(m) => {
                    let role = m.fields.iter().find(|f| f.key == "role");
                    let said = m
                        .fields
                        .iter()
                        .any(|f| matches!(f.key.as_str(), "content" | "parts" | "text"));
                    said && role.is_some_and(|f| self.role_value(&f.value).is_some())
                }
                // `("system", text)`
                Value::List(pair) => {
                    matches!(pair.items.as_slice(), [role, _] if self.role_value(role).is_some())
                }
                Value::Choice(c) => c
                    .iter()
                    .any(|v| self.has_roles(&Value::list(vec![v.clone()], false), depth + 1)),
                m => self.is_message(m),
            }),
            Value::Choice(c) => c.iter().any(|v| self.has_roles(v, depth + 1)),
            _ => false,
        }
    }
}
