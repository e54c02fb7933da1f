//! The schema that a prompt spells out in prose, and the parameter of the SDK that takes it.

use std::fmt::Write as _;

use crate::calls::LlmCall;
use crate::finding::Suggestion;
use crate::language::Language;
use crate::prompt::shape::{Field, FieldType, fields};

/// The suggestion for an output contract in message number `message`: a schema of the fields that
/// the prompt spells out, and where this SDK takes it.
#[must_use]
pub fn for_contract(call: &LlmCall, message: usize) -> Option<Suggestion> {
    let texts = call
        .messages
        .get(message)
        .into_iter()
        .chain(&call.messages)
        .map(|m| m.text.text.as_str());
    let shape = texts
        .map(fields)
        .find(|f| !f.is_empty())
        .unwrap_or_default();
    let (imports, code) = match call.language {
        Language::Python => (
            vec!["from pydantic import BaseModel".to_owned()],
            pydantic(&shape),
        ),
        Language::TypeScript => (vec!["import { z } from \"zod\";".to_owned()], zod(&shape)),
        Language::Rust => (
            vec![
                "use schemars::JsonSchema;".to_owned(),
                "use serde::Deserialize;".to_owned(),
            ],
            serde_struct(&shape),
        ),
    };
    let parameter = parameter(&call.api, call.language);
    Some(Suggestion {
        language: call.language,
        imports,
        code,
        note: format!("Pass the schema ({parameter}) and drop the plea and the parsing."),
    })
}

/// How an SDK takes a schema, by the prefix of its catalog entry.
#[must_use]
pub fn parameter(api: &str, language: Language) -> &'static str {
    let ts = language == Language::TypeScript;
    let rust = language == Language::Rust;
    let is = |p: &str| api.starts_with(p);
    if is("openai/responses") {
        if ts {
            "client.responses.parse with text: { format: zodTextFormat(Reply, \"reply\") }"
        } else {
            "client.responses.parse(text_format=Reply)"
        }
    } else if is("openai-agents") || is("pydantic-ai") {
        if ts {
            "outputType: Reply"
        } else {
            "output_type=Reply"
        }
    } else if is("openai") || is("azure") {
        match (ts, rust) {
            (true, _) => {
                "client.chat.completions.parse with response_format: zodResponseFormat(Reply, \"reply\")"
            }
            (_, true) => "response_format: ResponseFormat::JsonSchema",
            _ => "client.chat.completions.parse(response_format=Reply)",
        }
    } else if is("async-openai") {
        "response_format: ResponseFormat::JsonSchema"
    } else if is("claude-agent") {
        if ts { "outputFormat" } else { "output_format" }
    } else if is("anthropic") {
        if ts {
            "output_config.format, or one forced tool"
        } else {
            "client.messages.parse(output_format=Reply)"
        }
    } else if is("gemini") || is("google") || is("vertex") {
        if ts {
            "config: { responseMimeType: \"application/json\", responseSchema }"
        } else {
            "response_schema=Reply and response_mime_type=\"application/json\" in config"
        }
    } else if is("mistral") {
        if ts {
            "chat.parse with responseFormat"
        } else {
            "client.chat.parse(response_format=Reply)"
        }
    } else if is("cohere") {
        "response_format with a schema"
    } else if is("ollama") {
        match (ts, rust) {
            (true, _) => "format: zodToJsonSchema(Reply)",
            (_, true) => "format(FormatType::StructuredJson(…))",
            _ => "format=Reply.model_json_schema()",
        }
    } else if is("litellm") || is("groq") || is("together") {
        "response_format=Reply"
    } else if is("instructor") {
        "response_model=Reply"
    } else if is("langchain") || is("langgraph") {
        if ts {
            "model.withStructuredOutput(Reply)"
        } else {
            "llm.with_structured_output(Reply)"
        }
    } else if is("vercel") || is("ai-sdk") || is("ai/") {
        "generateObject({ schema: Reply }), or generateText with output: Output.object({ schema: Reply })"
    } else if is("genkit") {
        "output: { schema: Reply }"
    } else if is("bedrock") {
        "toolConfig with one forced tool"
    } else if is("rig") {
        "client.extractor::<Reply>(model)"
    } else if is("genai") {
        "ChatOptions::with_response_format(JsonSpec)"
    } else if is("crewai") {
        "output_pydantic=Reply"
    } else {
        match (ts, rust) {
            (true, _) => "the SDK's structured output with this schema",
            (_, true) => "the SDK's response schema of this type",
            _ => "the SDK's structured output with this model",
        }
    }
}

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

const PLACEHOLDER: &str = "value";

fn or_placeholder(shape: &[Field]) -> Vec<Field> {
    if shape.is_empty() {
        vec![Field {
            name: PLACEHOLDER.to_owned(),
            ty: FieldType::Text,
        }]
    } else {
        shape.to_vec()
    }
}

fn pydantic(shape: &[Field]) -> String {
    let mut classes = Vec::new();
    let mut literal = false;
    python_class("Reply", &or_placeholder(shape), &mut classes, &mut literal);
    let code = classes.join("\n\n\n");
    if literal {
        format!("from typing import Literal\n\n\n{code}")
    } else {
        code
    }
}

fn python_class(name: &str, shape: &[Field], classes: &mut Vec<String>, literal: &mut bool) {
    let mut body = format!("class {name}(BaseModel):");
    for f in shape {
        let ty = python_type(&f.name, &f.ty, classes, literal);
        if is_identifier(&f.name) {
            let _ = write!(body, "\n    {}: {ty}", f.name);
        } else {
            let _ = write!(
                body,
                "\n    {}: {ty} = Field(alias={:?})",
                snake(&f.name),
                f.name
            );
        }
    }
    classes.push(body);
}

fn python_type(
    name: &str,
    ty: &FieldType,
    classes: &mut Vec<String>,
    literal: &mut bool,
) -> String {
    match ty {
        FieldType::Text => "str".to_owned(),
        FieldType::Number => "float".to_owned(),
        FieldType::Integer => "int".to_owned(),
        FieldType::Boolean => "bool".to_owned(),
        FieldType::Choice(words) => {
            *literal = true;
            let words: Vec<String> = words.iter().map(|w| format!("{w:?}")).collect();
            format!("Literal[{}]", words.join(", "))
        }
        FieldType::List(inner) => format!("list[{}]", python_type(name, inner, classes, literal)),
        FieldType::Object(f) => {
            let class = pascal(name);
            python_class(&class, f, classes, literal);
            class
        }
    }
}

fn zod(shape: &[Field]) -> String {
    format!("const Reply = {};", zod_object(&or_placeholder(shape), 0))
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
        FieldType::Object(f) => zod_object(f, depth),
    }
}

fn serde_struct(shape: &[Field]) -> String {
    let mut items = Vec::new();
    rust_struct("Reply", &or_placeholder(shape), &mut items);
    items.join("\n\n")
}

fn rust_struct(name: &str, shape: &[Field], items: &mut Vec<String>) {
    let mut body = format!("#[derive(Deserialize, JsonSchema)]\nstruct {name} {{");
    for f in shape {
        let ty = rust_type(&f.name, &f.ty, items);
        let field = snake(&f.name);
        if field != f.name {
            let _ = write!(body, "\n    #[serde(rename = {:?})]", f.name);
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
        FieldType::Object(f) => {
            let class = pascal(name);
            rust_struct(&class, f, items);
            class
        }
    }
}
