//! Files of settings and prompts as values: YAML, JSON, TOML, each text in them mapped to where it
//! stands.

mod flow;
mod toml;
mod yaml;

use crate::hir::Run;
use crate::resolve::value::{Rope, Segment, Value};
use crate::source::FileId;

/// Texts beyond this are not read, in bytes.
const MAX_BYTES: usize = 256 << 10;
/// Collections in collections beyond this are not read.
const MAX_DEPTH: u32 = 12;
/// Longer lists of maps are data, not prompts.
const MAX_RECORDS: usize = 8;

/// How a file of data is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// YAML.
    Yaml,
    /// JSON, with comments and trailing commas.
    Json,
    /// TOML.
    Toml,
}

impl Format {
    /// The format that the name of a file says.
    pub(crate) fn of_path(path: &str) -> Option<Self> {
        if path.len() > 256 || path.contains('\n') {
            return None;
        }
        match path.rsplit_once('.')?.1 {
            "yaml" | "yml" => Some(Self::Yaml),
            "json" | "jsonc" | "json5" => Some(Self::Json),
            "toml" => Some(Self::Toml),
            _ => None,
        }
    }
}

/// Reads a text that begins at `source` in `file`; `None` where it is no collection.
pub(crate) fn parse(format: Format, file: FileId, text: &str, source: u32) -> Option<Value> {
    if text.len() > MAX_BYTES {
        return None;
    }
    match format {
        Format::Yaml => yaml::parse(file, text, source),
        Format::Json => flow::parse(file, text, source),
        Format::Toml => toml::parse(file, text, source),
    }
}

/// A list of a data file: records in numbers are data that a program works through, and none of
/// them is a prompt.
fn list(items: Vec<Value>) -> Value {
    let records = items.len() > MAX_RECORDS && items.iter().any(|i| matches!(i, Value::Map(_)));
    if records {
        Value::list(Vec::new(), true)
    } else {
        Value::list(items, false)
    }
}

/// Text that grows piece by piece, each with its offset.
#[derive(Default)]
struct Scalar {
    text: String,
    runs: Vec<(usize, usize)>,
}

impl Scalar {
    /// Text that stands in the source as it is.
    fn push(&mut self, source: usize, text: &str) {
        if !text.is_empty() {
            self.runs.push((self.text.len(), source));
            self.text.push_str(text);
        }
    }

    /// A separator: it counts to the line before, whose end it stands for.
    fn separate(&mut self, separator: &str) {
        if !self.text.is_empty() {
            self.text.push_str(separator);
        }
    }

    /// Text with escapes, as JSON, TOML and YAML write them; an escaped end of line and the blanks
    /// after it are nothing.
    fn push_escaped(&mut self, source: usize, raw: &str) {
        let mut from = 0;
        while let Some(i) = raw[from..].find('\\').map(|i| from + i) {
            self.push(source + from, &raw[from..i]);
            let mut rest = raw[i + 1..].chars();
            let Some(c) = rest.next() else { return };
            let digits = match c {
                'x' => 2,
                'u' => 4,
                'U' => 8,
                _ => 0,
            };
            let mut end = i + 1 + c.len_utf8();
            let decoded = match c {
                'n' => Some('\n'),
                't' => Some('\t'),
                'r' => Some('\r'),
                'b' | 'f' | '0' => Some(' '),
                '\n' | ' ' | '\r' => {
                    let blank = raw[end..].len() - raw[end..].trim_start().len();
                    end += blank;
                    None
                }
                _ if digits > 0 => {
                    let code = raw.get(end..end + digits);
                    end += code.map_or(0, str::len);
                    code.and_then(|d| u32::from_str_radix(d, 16).ok())
                        .and_then(char::from_u32)
                }
                other => Some(other),
            };
            if let Some(c) = decoded {
                self.runs.push((self.text.len(), source + i));
                self.text.push(c);
            }
            from = end;
        }
        self.push(source + from, &raw[from..]);
    }

    /// The text as a value; `base` is where the source's offsets begin in the file.
    fn value(self, file: FileId, base: u32) -> Value {
        let runs: Vec<Run> = self
            .runs
            .iter()
            .map(|(at, source)| Run {
                at: u32::try_from(*at).unwrap_or(0),
                source: base + u32::try_from(*source).unwrap_or(0),
            })
            .collect();
        Value::text(Rope {
            segments: vec![Segment::Literal {
                file,
                text: self.text.into(),
                runs: runs.into(),
            }],
        })
    }
}

/// A bare word of YAML or JSON.
fn bare(word: &str) -> Option<Value> {
    match word {
        "null" | "~" | "" => Some(Value::Null),
        "true" | "false" => Some(Value::Bool(word == "true")),
        _ => word
            .parse::<f64>()
            .is_ok()
            .then(|| Value::Number(word.into())),
    }
}
