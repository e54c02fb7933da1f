//! The calls themselves: `deprompt calls`, as text and as JSON (version 1).

use std::io;

use serde::Serialize;

use super::Base;
use super::json::{JsonNotice, notices};
use super::place::Place;
use super::statistics::Extent;
use crate::calls::{LlmCall, Structured};
use crate::check;
use crate::pipeline::Analysis;
use crate::prompt::UnitKind;
use crate::rules::RuleSet;
use crate::source::Location;

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    calls: Vec<JsonCall<'a>>,
    notices: Vec<JsonNotice<'a>>,
}

#[derive(Serialize)]
struct JsonCall<'a> {
    #[serde(flatten)]
    place: Place,
    api: &'a str,
    callee: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    function: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sink: Option<Place>,
    pass_through: bool,
    prompt: Vec<JsonMessage<'a>>,
    structured_output: bool,
    structured: &'static str,
    schema: Vec<JsonField<'a>>,
    tools: usize,
    parameters: Vec<JsonParameter<'a>>,
    reply_uses: Vec<JsonUse<'a>>,
    gaps: Vec<JsonGap<'a>>,
}

#[derive(Serialize)]
struct JsonMessage<'a> {
    role: &'static str,
    text: &'a str,
    complete: bool,
    spans: Vec<Place>,
    holes: Vec<JsonHole<'a>>,
}

#[derive(Serialize)]
struct JsonHole<'a> {
    expression: &'a str,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    ty: Option<&'a str>,
    #[serde(flatten)]
    place: Place,
}

#[derive(Serialize)]
struct JsonField<'a> {
    name: &'a str,
    #[serde(rename = "type")]
    ty: &'a str,
}

#[derive(Serialize)]
struct JsonParameter<'a> {
    name: &'a str,
    value: &'a str,
}

#[derive(Serialize)]
struct JsonUse<'a> {
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<&'a str>,
    #[serde(flatten)]
    place: Place,
}

#[derive(Serialize)]
struct JsonGap<'a> {
    reason: &'static str,
    detail: &'a str,
    #[serde(flatten)]
    place: Place,
}

/// Writes the calls as JSON.
///
/// # Errors
/// If writing fails.
pub fn write_json(analysis: &Analysis, base: &Base, out: &mut dyn io::Write) -> io::Result<()> {
    let document = Document {
        version: 1,
        calls: analysis
            .calls
            .iter()
            .map(|c| json(c, &|l| Place::of(l, &analysis.files, base)))
            .collect(),
        notices: notices(&analysis.notices, base),
    };
    serde_json::to_writer_pretty(&mut *out, &document)?;
    writeln!(out)
}

fn json<'a>(call: &'a LlmCall, place: &dyn Fn(Location) -> Place) -> JsonCall<'a> {
    JsonCall {
        place: place(call.location),
        api: &call.api,
        callee: &call.callee,
        function: call.function.as_deref(),
        sink: call.sink.map(place),
        pass_through: call.pass_through,
        prompt: call
            .messages
            .iter()
            .map(|m| JsonMessage {
                role: m.role.as_str(),
                text: &m.text.text,
                complete: m.text.complete,
                spans: m.text.spans.iter().map(|&l| place(l)).collect(),
                holes: m
                    .text
                    .holes
                    .iter()
                    .map(|h| JsonHole {
                        expression: &h.expression,
                        ty: h.ty.as_deref(),
                        place: place(h.location),
                    })
                    .collect(),
            })
            .collect(),
        structured_output: call.structured == Structured::Schema,
        structured: structured(call.structured),
        schema: call
            .schema
            .iter()
            .map(|f| JsonField {
                name: &f.name,
                ty: &f.ty,
            })
            .collect(),
        tools: call.tools,
        parameters: call
            .parameters
            .iter()
            .map(|(name, value)| JsonParameter { name, value })
            .collect(),
        reply_uses: call
            .reply_uses
            .iter()
            .map(|u| JsonUse {
                kind: u.kind.as_str(),
                detail: u.detail.as_deref(),
                place: place(u.location),
            })
            .collect(),
        gaps: call
            .gaps
            .iter()
            .map(|g| JsonGap {
                reason: g.reason.as_str(),
                detail: &g.detail,
                place: place(g.location),
            })
            .collect(),
    }
}

const fn structured(s: Structured) -> &'static str {
    match s {
        Structured::None => "none",
        Structured::JsonMode => "json-mode",
        Structured::Schema => "schema",
    }
}

/// Writes one line per call: place, API, roles, what was read, structured output, uses of the reply.
///
/// # Errors
/// If writing fails.
pub fn write_text(analysis: &Analysis, base: &Base, out: &mut dyn io::Write) -> io::Result<()> {
    for call in &analysis.calls {
        let place = Place::of(call.location, &analysis.files, base);
        write!(out, "{}: {}", place.head(), call.api)?;
        let mut roles: Vec<&str> = call.messages.iter().map(|m| m.role.as_str()).collect();
        roles.dedup();
        if !roles.is_empty() {
            write!(out, " [{}]", roles.join("+"))?;
        }
        let read = match Extent::of(call) {
            Extent::Whole => "complete",
            Extent::Part => "in part",
            Extent::None => "not read",
            Extent::PassThrough => "parameter",
        };
        write!(out, " {read}")?;
        let mut gaps: Vec<String> = Vec::new();
        for gap in &call.gaps {
            let text = match gap.detail.as_str() {
                "" => gap.reason.as_str().to_owned(),
                detail => format!("{} `{detail}`", gap.reason.as_str()),
            };
            if !gaps.contains(&text) {
                gaps.push(text);
            }
        }
        if !gaps.is_empty() {
            write!(out, " (missing: {})", gaps.join(", "))?;
        }
        if call.structured != Structured::None {
            write!(out, "; {}", structured(call.structured))?;
        }
        let mut uses: Vec<&str> = call.reply_uses.iter().map(|u| u.kind.as_str()).collect();
        uses.sort_unstable();
        uses.dedup();
        if !uses.is_empty() {
            write!(out, "; reply: {}", uses.join(", "))?;
        }
        writeln!(out)?;
    }
    writeln!(
        out,
        "{} in {}",
        super::place::count(analysis.calls.len(), "call"),
        super::place::count(analysis.scanned, "file")
    )
}

/// Writes the units of every prompt that was read: role, the rules that claim it or `unclaimed`, and
/// the text as patterns see it; then what the verdict rests on.
///
/// # Errors
/// If writing fails.
pub fn write_units(
    analysis: &Analysis,
    base: &Base,
    rules: &RuleSet,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    for call in &analysis.calls {
        let place = Place::of(call.location, &analysis.files, base);
        writeln!(out, "{}: {}", place.head(), call.api)?;
        let (units, evidence) = check::units(call, rules);
        for unit in &units {
            let claims = match unit.kind {
                UnitKind::Data => "data".to_owned(),
                _ if !unit.rules.is_empty() => unit.rules.join(", "),
                UnitKind::Heading => "heading".to_owned(),
                UnitKind::Instruction => "unclaimed".to_owned(),
            };
            writeln!(out, "  {} [{claims}] {}", unit.role.as_str(), unit.text)?;
        }
        if !units.is_empty() {
            writeln!(out, "  {}", evidence.join("; "))?;
        }
    }
    Ok(())
}
