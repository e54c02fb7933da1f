//! From a call and the catalog to what it sends: which entry matches, where its prompt stands
//! among the arguments, and the messages found there, whatever their shape.

mod chain;
mod configured;
mod descriptions;
mod matching;
mod messages;
mod paths;
mod prompt_file;
mod structured;
mod values;

pub(crate) use chain::{chain_of, last_name};

use std::rc::Rc;

use super::eval::Evaluator;
use super::value::{ArgValue, Env, ExprRef, Map, MapField, Rope, Value};
use crate::calls::{GapReason, REPLY_LIMITS, Role, SchemaField, Structured};
use crate::catalog::{At, AtRoot, CallSpec};
use crate::hir::Expr;
use crate::source::FileId;

/// A message before it is flattened.
#[derive(Debug, Clone)]
pub(crate) struct Draft {
    pub(crate) role: Role,
    pub(crate) rope: Rope,
}

/// What a call sends.
#[derive(Debug, Default)]
pub(crate) struct Request {
    pub(crate) messages: Vec<Draft>,
    pub(crate) structured: Structured,
    pub(crate) schema: Vec<SchemaField>,
    /// What the schema says in words. Apart from the messages: it makes no call a prompt's, and no
    /// function a wrapper.
    pub(crate) descriptions: Vec<Draft>,
    pub(crate) tools: usize,
    pub(crate) parameters: Vec<(String, String)>,
    pub(crate) gaps: Vec<(GapReason, Option<ExprRef>, String)>,
    /// The catalog entry that a request of a house HTTP client turned out to be.
    pub(crate) spec: Option<usize>,
    /// What fills the placeholders of templates met on the way.
    vars: Option<Rc<Map>>,
}

/// Parameters of a request worth keeping, beside those that bound the reply.
const PARAMETERS: &[&str] = &["temperature", "top_p", "n", "stop", "model"];

impl<'p> Evaluator<'p> {
    /// What a matched call sends.
    pub(crate) fn request(
        &self,
        file: FileId,
        spec: &CallSpec,
        callee: &Value,
        args: &[ArgValue],
    ) -> Request {
        let mut r = Request::default();
        let vars = spec
            .vars
            .iter()
            .flat_map(|at| self.look(at, callee, args))
            .find_map(|(v, _)| match v {
                Value::Map(m) => Some(m),
                _ => None,
            })
            .or_else(|| keyword_map(args).filter(|_| !spec.vars.is_empty()));
        r.vars.clone_from(&vars);
        for source in &spec.prompt {
            for (i, at) in source.at.iter().enumerate() {
                let found;
                // `create(messages, **options)`: what is written out comes before what options may hold.
                let written = |other: &At| {
                    !may_be_spread(other, args) && !self.look(other, callee, args).is_empty()
                };
                if may_be_spread(at, args) && source.at.iter().skip(i + 1).any(written) {
                    continue;
                }
                if at.root == AtRoot::Receiver && at.fields.is_empty() {
                    let before = r.messages.len();
                    self.prompt_values(file, callee, vars.as_deref(), &mut r, 0);
                    found = r.messages.len() > before;
                } else {
                    let values = self.look(at, callee, args);
                    found = !values.is_empty();
                    for (v, e) in values {
                        if let Some(found) = self.prompt_file(file, &v, vars.as_deref()) {
                            if found.is_empty() {
                                r.gaps.push((GapReason::Dynamic, e, String::new()));
                            }
                            r.messages.extend(found);
                            continue;
                        }
                        let filled_by_template =
                            vars.is_some() && matches!(v, Value::Map(_)) && !r.messages.is_empty();
                        if !filled_by_template {
                            self.messages_of(file, &v, source.role, e, &mut r, 0);
                        }
                    }
                }
                if found {
                    break;
                }
            }
        }
        for at in &spec.structured {
            for (v, _) in self.look(at, callee, args) {
                let last = at.fields.last().map_or_else(
                    || match &at.root {
                        AtRoot::Named(n) => n.as_str(),
                        _ => "",
                    },
                    String::as_str,
                );
                let strength = self.strength(last, &v, 0);
                if strength > Structured::None && r.schema.is_empty() {
                    self.schema_fields(&v, &mut r.schema, 0);
                }
                if strength > Structured::None
                    && let Some(rope) = self.descriptions(&v)
                {
                    r.descriptions.push(Draft {
                        role: Role::Description,
                        rope,
                    });
                }
                r.structured = r.structured.max(strength);
            }
        }
        let method = last_name(callee);
        if spec.always_structured || spec.structured_methods.iter().any(|m| *m == method) {
            r.structured = Structured::Schema;
        }
        for at in &spec.tools {
            for (v, _) in self.look(at, callee, args) {
                r.tools += match &v {
                    Value::List(l) => l.items.len().max(usize::from(l.open)),
                    Value::Map(m) => m.fields.len(),
                    Value::Null => 0,
                    _ => 1,
                };
            }
        }
        for p in PARAMETERS.iter().chain(REPLY_LIMITS) {
            if let Some((v, _)) = self.named(args, p).into_iter().next() {
                let text = match &v {
                    Value::Number(n) => Some(n.to_string()),
                    Value::Text(t) => t.as_literal(),
                    _ => None,
                };
                if let Some(t) = text {
                    r.parameters.push(((*p).to_owned(), t));
                }
            }
        }
        r
    }

    /// The literal environment of a call's arguments at a site.
    pub(crate) fn site_args(&self, at: ExprRef, env: &Env) -> Vec<ArgValue> {
        match self.facts(at.file).map(|f| f.expr(at.expr)) {
            Some(Expr::Call { args, .. }) => self.args(at.file, args, env),
            _ => Vec::new(),
        }
    }
}

/// Whether an argument is named nowhere in a call, so that only `**options` of a caller may have it.
fn may_be_spread(at: &At, args: &[ArgValue]) -> bool {
    let AtRoot::Named(name) = &at.root else {
        return false;
    };
    args.iter()
        .any(|a| a.spread && a.value.root_param().is_some())
        && !args.iter().any(|a| a.name.as_deref() == Some(name))
}

/// Keyword arguments as a map: `chain.run(word=w)` fills a template like `chain.invoke({"word": w})`.
fn keyword_map(args: &[ArgValue]) -> Option<Rc<Map>> {
    let fields: Vec<MapField> = args
        .iter()
        .filter_map(|a| {
            Some(MapField {
                key: a.name.clone()?,
                value: a.value.clone(),
                at: a.at,
            })
        })
        .collect();
    (!fields.is_empty()).then(|| Rc::new(Map { fields, open: true }))
}
