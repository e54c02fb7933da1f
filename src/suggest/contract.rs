//! The schema that a prompt spells out in prose, as the language writes it.

use std::fmt::Write as _;

use super::parameter;
use crate::calls::LlmCall;
use crate::finding::Suggestion;
use crate::language::Language;
use crate::prompt::shape::{Field, FieldType, fields, scalar};

/// The suggestion for an output contract in message number `message` whose unit reads `words`: a
/// schema of the fields that the prompt spells out, and where this SDK takes it. Where the prompt
/// names no field and no plain kind of value, there is no code, only the parameter.
#[must_use]
pub fn for_contract(call: &LlmCall, message: usize, words: &str) -> Suggestion {
    let texts = call
        .messages
        .get(message)
        .into_iter()
        .chain(&call.messages)
        .map(|m| m.text.text.as_str());
    let shape = texts
        .map(fields)
        .find(|f| !f.is_empty())
        .or_else(|| scalar(words).map(|f| vec![f]))
        .unwrap_or_default();
    let (imports, code) = if shape.is_empty() {
        (Vec::new(), String::new())
    } else {
        match call.language {
            Language::Python => pydantic(&shape),
            Language::TypeScript => (
                vec!["import { z } from \"zod\";".to_owned()],
                format!("const Reply = {};", zod_object(&shape, 0)),
            ),
            Language::Rust => (
                vec![
                    "use schemars::JsonSchema;".to_owned(),
                    "use serde::Deserialize;".to_owned(),
                ],
                serde_struct(&shape),
            ),
        }
    };
    let what = if shape.is_empty() {
        "Pass a schema of what the prompt asks for"
    } else {
        "Pass it as the schema of the reply"
    };
    let how =
        parameter::of(&call.api, call.language).map_or("the SDK's structured output", |p| p.usage);
    let note = format!("{what}: {how}. Then drop the plea and the parsing.");
    Suggestion {
        language: call.language,
        imports,
        code,
        note,
    }
}

/// Keywords that prompts have as keys.
const PYTHON_KEYWORDS: &[&str] = &[
    "and", "as", "class", "def", "for", "from", "global", "if", "import", "in", "is", "not", "or",
    "pass", "return", "try", "with",
];
/// The same in Rust.
const RUST_KEYWORDS: &[&str] = &[
    "abstract", "as", "box", "const", "dyn", "enum", "extern", "final", "fn", "for", "if", "impl",
    "in", "loop", "match", "mod", "move", "override", "priv", "pub", "ref", "return", "static",
    "struct", "trait", "try", "type", "use", "where",
];

fn pascal(name: &str) -> String {
    let mut out = String::new();
    let mut up = true;
    for c in name.chars() {
        if c.is_ascii_alphanumeric() {
            if up {
                out.extend(c.to_uppercase())
            } else {
                out.push(c)
            }
            up = false;
        } else {
            up = true;
        }
    }
    if out.starts_with(|c: char| c.is_ascii_digit()) || out.is_empty() {
        out.insert(0, 'X');
    }
    out
}

fn is_identifier(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

fn snake(name: &str) -> String {
    let mut out = String::new();
    let mut lower = false;
    for c in name.chars() {
        if c.is_ascii_uppercase() && lower {
            out.push('_');
        }
        lower = c.is_ascii_lowercase() || c.is_ascii_digit();
        out.push(if c.is_ascii_alphanumeric() {
            c.to_ascii_lowercase()
        } else {
            '_'
        });
    }
    if out.starts_with(|c: char| c.is_ascii_digit()) {
        out.insert(0, '_');
    }
    out
}

fn pydantic(shape: &[Field]) -> (Vec<String>, String) {
    let mut classes = Vec::new();
    let mut used = PythonNames::default();
    python_class("Reply", shape, &mut classes, &mut used);
    let mut imports = Vec::new();
    if used.literal {
        imports.push("from typing import Literal".to_owned());
    }
    imports.push(if used.field {
        "from pydantic import BaseModel, Field".to_owned()
    } else {
        "from pydantic import BaseModel".to_owned()
    });
    (imports, classes.join("\n\n\n"))
}

/// What a model needs imported.
#[derive(Default)]
struct PythonNames {
    literal: bool,
    field: bool,
}

fn python_class(name: &str, shape: &[Field], classes: &mut Vec<String>, used: &mut PythonNames) {
    let mut body = format!("class {name}(BaseModel):");
    for f in shape {
        let ty = python_type(&f.name, &f.ty, classes, used);
        if is_identifier(&f.name) && !PYTHON_KEYWORDS.contains(&f.name.as_str()) {
            let _ = write!(body, "\n    {}: {ty}", f.name);
        } else {
            used.field = true;
            let _ = write!(
                body,
                "\n    {}: {ty} = Field(alias={:?})",
                python_name(&f.name),
                f.name
            );
        }
    }
    classes.push(body);
}

/// A name that stands for a key which is none.
fn python_name(key: &str) -> String {
    let mut name = snake(key);
    if PYTHON_KEYWORDS.contains(&name.as_str()) {
        name.push('_');
    }
    name
}

fn python_type(
    name: &str,
    ty: &FieldType,
    classes: &mut Vec<String>,
    used: &mut PythonNames,
) -> String {
    match ty {
        FieldType::Text => "str".to_owned(),
        FieldType::Number => "float".to_owned(),
        FieldType::Integer => "int".to_owned(),
        FieldType::Boolean => "bool".to_owned(),
        FieldType::Choice(words) => {
            used.literal = true;
            let words: Vec<String> = words.iter().map(|w| format!("{w:?}")).collect();
            format!("Literal[{}]", words.join(", "))
        }
        FieldType::List(inner) => format!("list[{}]", python_type(name, inner, classes, used)),
        FieldType::Optional(inner) => {
            format!("{} | None", python_type(name, inner, classes, used))
        }
        FieldType::Object(f) => {
            let class = pascal(name);
            python_class(&class, f, classes, used);
            class
        }
    }
}

fn zod_object(shape: &[Field], depth: usize) -> String {
    let pad = "  ".repeat(depth + 1);
    let mut out = "z.object({".to_owned();
    for f in shape {
        let name = if is_identifier(&f.name) {
            f.name.clone()
        } else {
            format!("{:?}", f.name)
        };
        let _ = write!(out, "\n{pad}{name}: {},", zod_type(&f.ty, depth + 1));
    }
    let _ = write!(out, "\n{}}})", "  ".repeat(depth));
    out
}

fn zod_type(ty: &FieldType, depth: usize) -> String {
    match ty {
        FieldType::Text => "z.string()".to_owned(),
        FieldType::Number => "z.number()".to_owned(),
        FieldType::Integer => "z.number().int()".to_owned(),
        FieldType::Boolean => "z.boolean()".to_owned(),
        FieldType::Choice(words) => {
            let words: Vec<String> = words.iter().map(|w| format!("{w:?}")).collect();
            format!("z.enum([{}])", words.join(", "))
        }
        FieldType::List(inner) => format!("z.array({})", zod_type(inner, depth)),
        FieldType::Optional(inner) => format!("{}.nullable()", zod_type(inner, depth)),
        FieldType::Object(f) => zod_object(f, depth),
    }
}

fn serde_struct(shape: &[Field]) -> String {
    let mut items = Vec::new();
    rust_struct("Reply", shape, &mut items);
    items.join("\n\n")
}

fn rust_struct(name: &str, shape: &[Field], items: &mut Vec<String>) {
    let mut body = format!("#[derive(Deserialize, JsonSchema)]\nstruct {name} {{");
    for f in shape {
        let ty = rust_type(&f.name, &f.ty, items);
        let mut field = snake(&f.name);
        if field != f.name {
            let _ = write!(body, "\n    #[serde(rename = {:?})]", f.name);
        }
        // serde knows a raw identifier by its plain name.
        if RUST_KEYWORDS.contains(&field.as_str()) {
            field.insert_str(0, "r#");
        }
        let _ = write!(body, "\n    {field}: {ty},");
    }
    body.push_str("\n}");
    items.push(body);
}

fn rust_type(name: &str, ty: &FieldType, items: &mut Vec<String>) -> String {
    match ty {
        FieldType::Text => "String".to_owned(),
        FieldType::Number => "f64".to_owned(),
        FieldType::Integer => "i64".to_owned(),
        FieldType::Boolean => "bool".to_owned(),
        FieldType::Choice(words) => {
            let class = pascal(name);
            let mut body = format!("#[derive(Deserialize, JsonSchema)]\nenum {class} {{");
            for w in words {
                let _ = write!(body, "\n    #[serde(rename = {w:?})]\n    {},", pascal(w));
            }
            body.push_str("\n}");
            items.push(body);
            class
        }
        FieldType::List(inner) => format!("Vec<{}>", rust_type(name, inner, items)),
        FieldType::Optional(inner) => format!("Option<{}>", rust_type(name, inner, items)),
        FieldType::Object(f) => {
            let class = pascal(name);
            rust_struct(&class, f, items);
            class
        }
    }
}
