//! What kind of value fills a hole: from its type, else from where it comes from, else from its name
//! and what the prompt calls it.

mod words;

use crate::calls::{Hole, Origin, PromptText};
use crate::prompt::introduced;
use crate::prompt::matching::words_of;
use serde::{Deserialize, Serialize};

pub(super) use self::words::by_word;
use self::words::{is_media, says_nothing};

/// The kind of an interpolated value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HoleKind {
    /// A number.
    Number,
    /// True or false.
    Boolean,
    /// A date, a time, a duration.
    Date,
    /// An identifier with a syntax: id, code, e-mail, URL, path, version, currency.
    Id,
    /// One of a closed set.
    Enum,
    /// A list of values.
    List,
    /// Structured data: JSON, CSV, a record, a table.
    Structured,
    /// Source code.
    Code,
    /// Text written by or for people.
    Prose,
    /// An image, a sound, a document to be looked at.
    Media,
    /// Nothing is known.
    Unknown,
}

impl HoleKind {
    /// As rules write it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Number => "number",
            Self::Boolean => "boolean",
            Self::Date => "date",
            Self::Id => "id",
            Self::Enum => "enum",
            Self::List => "list",
            Self::Structured => "structured",
            Self::Code => "code",
            Self::Prose => "prose",
            Self::Media => "media",
            Self::Unknown => "unknown",
        }
    }

    /// Whether code can work on such a value without understanding language.
    #[must_use]
    pub const fn is_data(self) -> bool {
        matches!(
            self,
            Self::Number
                | Self::Boolean
                | Self::Date
                | Self::Id
                | Self::Enum
                | Self::List
                | Self::Structured
        )
    }
}

/// The kind of a hole in its text, which may say what it holds: `IP address: {value}`, `the number
/// {value}`. What the program says comes first; of two names the one that says more.
#[must_use]
pub fn classify_in(text: &PromptText, hole: &Hole) -> HoleKind {
    if let Some(k) = by_program(hole) {
        return k;
    }
    let words = words_of(&hole.expression);
    if is_media(&words) {
        return HoleKind::Media;
    }
    let named = by_name(&words);
    // `a: str` is text; `price: str` is text that holds a price.
    let named = named.filter(|k| {
        !(*k == HoleKind::Number
            && hole.ty.as_deref().is_some_and(is_text)
            && words.iter().all(|w| says_nothing(w)))
    });
    let introduced = introduced::kind(text.text.get(..hole.at).unwrap_or_default());
    match (named, introduced) {
        (None | Some(HoleKind::Prose | HoleKind::Code), Some(k)) if k.is_data() => k,
        (None, Some(k)) => k,
        // `Review: {x}`
        (Some(_), Some(HoleKind::Prose)) if words.iter().all(|w| w.len() == 1) => HoleKind::Prose,
        _ => named.unwrap_or(HoleKind::Unknown),
    }
}

/// The kind that the program says: by type, origin or the call that made it.
#[must_use]
pub fn by_program(hole: &Hole) -> Option<HoleKind> {
    if let Some(k) = hole.ty.as_deref().and_then(by_type) {
        return Some(k);
    }
    match &hole.origin {
        Origin::Literal => return Some(HoleKind::Number),
        Origin::Media => return Some(HoleKind::Media),
        Origin::Call(callee) => {
            if let Some(k) = by_callee(callee) {
                return Some(k);
            }
        }
        _ => {}
    }
    by_callee(&hole.expression)
}

/// By a type as written in Python, TypeScript or Rust; `None` for plain strings and unknown names.
#[must_use]
pub fn by_type(ty: &str) -> Option<HoleKind> {
    let mut t = ty
        .trim()
        .trim_start_matches('&')
        .trim_start_matches("mut ")
        .trim();
    // Optional[T], Option<T>, T | None, T | undefined, Promise<T>
    for (open, close) in [
        ("Optional[", "]"),
        ("Option<", ">"),
        ("Promise<", ">"),
        ("Annotated[", "]"),
        ("Result<", ">"),
    ] {
        if let Some(inner) = t.strip_prefix(open).and_then(|s| s.strip_suffix(close)) {
            t = inner.trim();
        }
    }
    let alternatives: Vec<&str> = t
        .split('|')
        .map(str::trim)
        .filter(|a| !matches!(*a, "None" | "null" | "undefined"))
        .collect();
    if alternatives.len() > 1 {
        if alternatives.iter().all(|a| a.starts_with(['"', '\''])) {
            return Some(HoleKind::Enum);
        }
        let kinds: Vec<_> = alternatives.iter().map(|a| by_type(a)).collect();
        let first = kinds.first().copied().flatten();
        return first.filter(|f| kinds.iter().all(|k| *k == Some(*f)));
    }
    let t = alternatives.first().copied().unwrap_or(t);
    if t.ends_with("[]")
        || [
            "list",
            "List",
            "Sequence",
            "Iterable",
            "tuple",
            "Tuple",
            "set",
            "Set",
            "Vec",
            "Array",
            "ReadonlyArray",
            "HashSet",
            "BTreeSet",
            "frozenset",
        ]
        .iter()
        .any(|p| t == *p || t.strip_prefix(p).is_some_and(|r| r.starts_with(['[', '<'])))
        || t.starts_with('[')
    {
        return Some(HoleKind::List);
    }
    if t.starts_with("Literal[") {
        return Some(HoleKind::Enum);
    }
    let base = t.split(['[', '<', ' ']).next().unwrap_or(t);
    let base = base.rsplit(['.', ':']).next().unwrap_or(base);
    Some(match base {
        "int" | "float" | "complex" | "Decimal" | "number" | "bigint" | "Number" | "usize"
        | "isize" | "u8" | "u16" | "u32" | "u64" | "u128" | "i8" | "i16" | "i32" | "i64"
        | "i128" | "f32" | "f64" => HoleKind::Number,
        "bool" | "boolean" | "Boolean" => HoleKind::Boolean,
        "date" | "datetime" | "Date" | "time" | "timedelta" | "DateTime" | "NaiveDate"
        | "NaiveDateTime" | "Timestamp" | "Duration" | "Instant" | "Moment" => HoleKind::Date,
        "UUID" | "Uuid" | "Url" | "URL" | "Path" | "PathBuf" | "EmailStr" | "HttpUrl"
        | "IpAddr" | "ObjectId" => HoleKind::Id,
        "dict" | "Dict" | "Mapping" | "Record" | "Map" | "HashMap" | "BTreeMap" | "DataFrame"
        | "Series" | "ndarray" | "Value" | "JSON" | "BaseModel" => HoleKind::Structured,
        _ => return None,
    })
}

/// Whether a type as written is one of text.
#[must_use]
pub fn is_text(ty: &str) -> bool {
    let mut heads = (ty.split('|').map(str::trim))
        .filter(|a| !matches!(*a, "None" | "null" | "undefined"))
        .map(|t| {
            t.trim_start_matches('&')
                .trim_start_matches("'static ")
                .trim()
        })
        .peekable();
    heads.peek().is_some()
        && heads.all(|t| {
            let t = t.rsplit("::").next().unwrap_or(t);
            matches!(
                t.split('<').next().unwrap_or(t),
                "str" | "string" | "String" | "Cow" | "CompactString" | "AnyStr" | "LiteralString"
            )
        })
}

/// By the call that made it, dotted.
fn by_callee(callee: &str) -> Option<HoleKind> {
    let head = callee.split('(').next().unwrap_or(callee);
    let last = head.rsplit(['.', ':']).next().unwrap_or(head);
    Some(match last {
        "dumps" | "stringify" | "to_json" | "model_dump_json" | "model_dump" | "to_csv"
        | "to_markdown" | "to_dict" | "to_html" | "asdict" | "to_string_pretty" | "describe"
        | "json5" | "safe_dump"
            if callee != last || matches!(last, "dumps" | "stringify" | "asdict") =>
        {
            HoleKind::Structured
        }
        "now" | "utcnow" | "today" | "isoformat" | "strftime" | "toISOString"
        | "toLocaleDateString" | "fromisoformat" | "strptime" | "Date" => HoleKind::Date,
        "len" | "length" | "count" | "sum" | "randint" | "randrange" | "random" | "floor"
        | "ceil" | "round" | "abs" | "int" | "float" | "Number" | "parseInt" | "parseFloat"
        | "size" | "toFixed" => HoleKind::Number,
        "from_bytes" | "from_uri" | "upload_file" | "createPartFromUri" | "load_image"
        | "imread" | "b64encode" => HoleKind::Media,
        "open" if head.ends_with("Image.open") => HoleKind::Media,
        "uuid4" | "randomUUID" | "new_v4" => HoleKind::Id,
        "sorted" | "keys" | "values" | "range" | "split" | "filter" => HoleKind::List,
        "input" | "prompt" | "readline" | "read_line" | "question" | "get_json" | "formData"
        | "transcribe" | "text_content" => HoleKind::Prose,
        _ => return None,
    })
}

/// By the words of its name; the last word weighs most.
fn by_name(words: &[String]) -> Option<HoleKind> {
    if words
        .first()
        .is_some_and(|w| matches!(w.as_str(), "is" | "has" | "should" | "can"))
        && words.len() > 1
    {
        return Some(HoleKind::Boolean);
    }
    // `jsonContent`, `csv_text`: what it carries says more than that it is text.
    if words
        .windows(2)
        .any(|w| is_data_format(&w[0]) && is_carrier(&w[1]))
    {
        return Some(HoleKind::Structured);
    }
    // `args.number`, `numbers[0]`, `req.body.text`: the last telling word decides.
    let mut weak = None;
    for w in words.iter().rev() {
        match by_word(w) {
            Some(HoleKind::Prose) if weak.is_none() => return Some(HoleKind::Prose),
            Some(k) if weak.is_none() => weak = Some(k),
            _ => {}
        }
    }
    // What a person types is prose whatever it is called.
    if words.iter().any(|w| {
        matches!(
            w.as_str(),
            "user" | "request" | "req" | "body" | "chat" | "message"
        )
    }) && matches!(weak, None | Some(HoleKind::Structured))
        && words
            .iter()
            .any(|w| matches!(w.as_str(), "input" | "text" | "data" | "body" | "content"))
    {
        return Some(HoleKind::Prose);
    }
    weak
}

/// A format that a parser reads. HTML is not among them: a page is text for people.
fn is_data_format(word: &str) -> bool {
    matches!(
        word,
        "json" | "csv" | "tsv" | "xml" | "yaml" | "yml" | "toml" | "jsonl" | "ndjson"
    )
}

/// A word for text whatever it holds.
fn is_carrier(word: &str) -> bool {
    matches!(
        word,
        "content"
            | "contents"
            | "text"
            | "string"
            | "input"
            | "body"
            | "document"
            | "doc"
            | "snippet"
            | "file"
            | "data"
            | "payload"
            | "chunk"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_decide_first() {
        assert_eq!(by_type("list[str]"), Some(HoleKind::List));
        assert_eq!(by_type("Optional[int]"), Some(HoleKind::Number));
        assert_eq!(by_type("Vec<String>"), Some(HoleKind::List));
        assert_eq!(by_type("number | undefined"), Some(HoleKind::Number));
        assert_eq!(by_type("'asc' | 'desc'"), Some(HoleKind::Enum));
        assert_eq!(by_type("&[f64]"), Some(HoleKind::List));
        assert_eq!(
            by_type("Record<string, number>"),
            Some(HoleKind::Structured)
        );
        assert_eq!(by_type("str"), None);
    }

    #[test]
    fn text_is_no_number_because_its_name_is_short() {
        let kind = |expression: &str, ty: Option<&str>| {
            let hole = Hole {
                at: 0,
                len: 0,
                expression: expression.to_owned(),
                location: crate::source::Location::default(),
                ty: ty.map(str::to_owned),
                origin: Origin::Other,
                items: None,
            };
            classify_in(&PromptText::default(), &hole)
        };
        assert_eq!(kind("a", None), HoleKind::Number);
        for (name, ty) in [
            ("a", "str"),
            ("x", "string"),
            ("n1", "&str"),
            ("total", "String"),
            ("b.strip()", "str | None"),
        ] {
            assert_eq!(kind(name, Some(ty)), HoleKind::Unknown, "{name}: {ty}");
        }
        assert_eq!(kind("a", Some("int")), HoleKind::Number);
        assert_eq!(kind("date", Some("str")), HoleKind::Date);
        assert_eq!(kind("email", Some("str")), HoleKind::Id);
        assert_eq!(kind("json_text", Some("str")), HoleKind::Structured);
        assert_eq!(kind("price", Some("str")), HoleKind::Number);
    }

    #[test]
    fn names_decide_last() {
        let name = |e: &str| by_callee(e).or_else(|| by_name(&words_of(e)));
        assert_eq!(name("user.age"), Some(HoleKind::Number));
        assert_eq!(name("emailBody"), Some(HoleKind::Prose));
        assert_eq!(name("json.dumps(rows)"), Some(HoleKind::Structured));
        assert_eq!(name("datetime.now().isoformat()"), Some(HoleKind::Date));
        assert_eq!(name("isValid"), Some(HoleKind::Boolean));
        assert_eq!(name("numbers"), Some(HoleKind::List));
        assert_eq!(name("req.body.message"), Some(HoleKind::Prose));
        assert_eq!(name("thing"), None);
        assert_eq!(name("num3"), Some(HoleKind::Number));
        assert_eq!(name("list12"), Some(HoleKind::List));
        assert_eq!(name("sentence2"), Some(HoleKind::Prose));
        assert_eq!(
            name("jsonContent.slice(0, 50000)"),
            Some(HoleKind::Structured)
        );
        assert_eq!(name("csv_text"), Some(HoleKind::Structured));
        assert_eq!(name("Image.open(path)"), Some(HoleKind::Media));
        assert!(is_media(&words_of("imgBase64")));
        assert!(!is_media(&words_of("image_description")));
    }
}
