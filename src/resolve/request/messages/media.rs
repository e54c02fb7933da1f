//! Parts of a message that are no text: images, sounds, files. Each is a hole of its own, so that a
//! prompt shows it and nobody takes a task about a picture for one about words.

use std::rc::Rc;

use crate::calls::{GapReason, Origin, Role};
use crate::resolve::request::Draft;
use crate::resolve::value::{HoleSegment, Map, Rope, Segment, Value};

/// Types of parts, as the SDKs write them: `image_url`, `input_image`, `input_audio`, `document`,
/// `file`, `input_file`, `media`.
const TYPES: &[&str] = &["image", "audio", "video", "document", "file", "media"];
/// Keys that hold such a part where no type is written: Gemini's `inlineData`, Ollama's `images`.
const KEYS: &[&str] = &[
    "inlineData",
    "inline_data",
    "fileData",
    "file_data",
    "image_url",
    "image",
];

/// What a map is if it is such a part, given its `type`.
pub(super) fn part(m: &Map, kind: Option<&str>) -> Option<String> {
    let get = |k: &str| m.fields.iter().rev().find(|f| f.key == k);
    if let Some(kind) = kind {
        let name = TYPES.iter().find(|t| kind.contains(**t))?;
        // A document may be given as text: Anthropic's `{type: "document", source: {type: "text"}}`.
        let source = get("source").and_then(|f| match &f.value {
            Value::Map(m) => m.fields.iter().rev().find(|f| f.key == "type"),
            _ => None,
        });
        let is_text =
            |v: &Value| matches!(v, Value::Text(t) if t.as_literal().is_some_and(|t| t == "text"));
        let written = get("text").is_some() || source.is_some_and(|f| is_text(&f.value));
        return (!written).then(|| (*name).to_owned());
    }
    if get("role").is_some() || get("text").is_some() || get("content").is_some() {
        return None;
    }
    let key = KEYS.iter().find(|k| get(k).is_some());
    let blob = get("data").is_some() && (get("mime_type").or_else(|| get("mimeType"))).is_some();
    match key {
        Some(k) if k.starts_with("image") => Some("image".to_owned()),
        Some(_) => Some("file".to_owned()),
        None => blob.then(|| "file".to_owned()),
    }
}

/// The part as a message.
pub(super) fn draft(name: String, role: Role) -> Draft {
    let hole = HoleSegment {
        expression: name,
        location: None,
        ty: None,
        origin: Origin::Media,
        value: Value::unknown(GapReason::Dynamic),
        gap: None,
        items: None,
        if_repeated: false,
    };
    Draft {
        role,
        rope: Rope {
            segments: vec![Segment::Hole(Rc::new(hole))],
        },
    }
}
