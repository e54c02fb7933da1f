//! Structured output: how strong a request for it is, and the fields of its schema.

use super::super::eval::{Evaluator, type_text};
use super::super::value::Value;
use super::chain::{chain_of, last_name};
use crate::calls::{SchemaField, Structured};

impl<'p> Evaluator<'p> {
    pub(super) fn strength(&self, name: &str, v: &Value, depth: u32) -> Structured {
        if depth > 4 {
            return Structured::Schema;
        }
        match v {
            Value::Null | Value::Bool(false) => Structured::None,
            Value::Unknown(u) if u.ingredients.is_empty() => Structured::None,
            v if v.root_param().is_some() => Structured::None,
            Value::Text(t) => match t.as_literal().as_deref() {
                Some("auto" | "none" | "text" | "text/plain" | "") => Structured::None,
                Some("json" | "json_object" | "application/json") => Structured::JsonMode,
                Some("required" | "any") => Structured::Schema,
                _ if name.contains("mime") => Structured::JsonMode,
                _ => Structured::Schema,
            },
            Value::Map(m) => {
                let kind = m.fields.iter().find(|f| f.key == "type");
                match kind.and_then(|f| self.literal(&f.value)).as_deref() {
                    Some("text" | "auto" | "none") => Structured::None,
                    Some("json_object") => {
                        if m.fields.iter().any(|f| f.key == "schema") {
                            Structured::Schema
                        } else {
                            Structured::JsonMode
                        }
                    }
                    _ => Structured::Schema,
                }
            }
            Value::Choice(c) => c
                .iter()
                .map(|v| self.strength(name, v, depth + 1))
                .max()
                .unwrap_or(Structured::None),
            Value::Made(m) => {
                let last = last_name(&m.callee).to_lowercase();
                if last == "text" {
                    Structured::None
                } else if last == "json"
                    || ["jsonobject", "json_object", "jsonmode"]
                        .iter()
                        .any(|n| last.contains(n))
                {
                    Structured::JsonMode
                } else {
                    Structured::Schema
                }
            }
            Value::External(e) => match e.path.last().map(|p| p.to_lowercase()).as_deref() {
                Some("jsonobject" | "jsonmode" | "json") => Structured::JsonMode,
                // `result_type=str`: prose.
                Some("text" | "str") => Structured::None,
                _ => Structured::Schema,
            },
            Value::Attr(a) => match a.name.to_lowercase().as_str() {
                "jsonobject" | "jsonmode" | "json" => Structured::JsonMode,
                "text" => Structured::None,
                _ => Structured::Schema,
            },
            _ => Structured::Schema,
        }
    }

    /// The fields of a schema: a model class, a map of types, a JSON schema.
    pub(super) fn schema_fields(&self, v: &Value, out: &mut Vec<SchemaField>, depth: u32) {
        if depth > 5 || out.len() > 64 {
            return;
        }
        match v {
            Value::Class(c) => {
                for f in self.class(*c).iter().flat_map(|c| c.fields.iter()) {
                    out.push(SchemaField {
                        name: f.name.to_string(),
                        ty: f.ty.as_ref().map(type_text).unwrap_or_default(),
                    });
                }
            }
            Value::Map(m) => {
                if let Some(p) = m.fields.iter().find(|f| f.key == "properties")
                    && let Value::Map(p) = &p.value
                {
                    for f in &p.fields {
                        let ty = match &f.value {
                            Value::Map(m) => m
                                .fields
                                .iter()
                                .find(|f| f.key == "type")
                                .and_then(|f| self.literal(&f.value)),
                            _ => None,
                        };
                        out.push(SchemaField {
                            name: f.key.to_string(),
                            ty: ty.unwrap_or_default(),
                        });
                    }
                    return;
                }
                for key in ["schema", "json_schema", "parameters", "format"] {
                    if let Some(f) = m.fields.iter().find(|f| f.key == key) {
                        self.schema_fields(&f.value, out, depth + 1);
                    }
                }
            }
            Value::Made(m) => {
                let name = last_name(&m.callee);
                if name == "object" || name == "strictObject" {
                    if let Some(Value::Map(fields)) = m.args.first().map(|a| &a.value) {
                        for f in &fields.fields {
                            out.push(SchemaField {
                                name: f.key.to_string(),
                                ty: self.zod_type(&f.value),
                            });
                        }
                    }
                    return;
                }
                if let Value::Attr(a) = &m.callee {
                    self.schema_fields(&a.base, out, depth + 1);
                }
                for a in m.args.iter().take(3) {
                    self.schema_fields(&a.value, out, depth + 1);
                }
            }
            Value::Choice(c) => {
                if let Some(v) = c.first() {
                    self.schema_fields(v, out, depth + 1);
                }
            }
            _ => {}
        }
    }

    /// The head of a zod chain: `z.number().int()` is `number`.
    pub(super) fn zod_type(&self, v: &Value) -> String {
        let chain = chain_of(v);
        let wrapper = |n: &str| {
            matches!(
                n,
                "optional" | "nullable" | "describe" | "default" | "int" | "min" | "max"
            )
        };
        chain
            .path()
            .iter()
            .find(|n| *n != "z" && !wrapper(n))
            .map_or_else(String::new, ToString::to_string)
    }
}
