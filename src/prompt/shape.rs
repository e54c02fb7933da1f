//! JSON shapes spelled out in prose, read as fields for a schema.

mod types;

use std::sync::LazyLock;

use regex::Regex;

use self::types::from_words;
pub use self::types::scalar;

/// Type of a field as the prompt suggests it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FieldType {
    /// Text, also where nothing is known.
    Text,
    /// A number with a fraction.
    Number,
    /// A whole number.
    Integer,
    /// True or false.
    Boolean,
    /// One of these words.
    Choice(Vec<String>),
    /// A list.
    List(Box<Self>),
    /// An object with its own fields.
    Object(Vec<Field>),
    /// One of the others, or null.
    Optional(Box<Self>),
}

impl FieldType {
    fn optional(self) -> Self {
        match self {
            Self::Optional(_) => self,
            ty => Self::Optional(Box::new(ty)),
        }
    }

    fn list(self) -> Self {
        Self::List(Box::new(self))
    }
}

/// A field of a shape.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Name as the prompt has it.
    pub name: String,
    /// Type.
    pub ty: FieldType,
}

/// Nesting that is followed.
const MAX_DEPTH: usize = 4;
/// Opening braces at which an object is tried.
const MAX_TRIES: usize = 40;
/// Fields that are read of one object.
const MAX_FIELDS: usize = 40;

/// The fields of the first object that `text` spells out: as JSON, else as a list of quoted keys
/// after "keys" or "fields". Empty where there is none.
#[must_use]
pub fn fields(text: &str) -> Vec<Field> {
    for (i, _) in text.match_indices('{').take(MAX_TRIES) {
        let mut p = Parser {
            bytes: text.as_bytes(),
            text,
            at: i,
        };
        if let Some(f) = p.object(0)
            && !f.is_empty()
        {
            // A JSON Schema has the fields one level down, beside words of its own.
            return if is_json_schema(&f) { Vec::new() } else { f };
        }
    }
    named_keys(text)
}

/// Whether what was read are the keywords of a JSON Schema.
fn is_json_schema(shape: &[Field]) -> bool {
    let has = |name: &str, object: bool| {
        shape
            .iter()
            .any(|f| f.name == name && (!object || matches!(f.ty, FieldType::Object(_))))
    };
    has("type", false) && (has("properties", true) || has("items", true))
}

fn named_keys(text: &str) -> Vec<Field> {
    static HEAD: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r#"(?i)\b(?:keys?|fields?|properties|attributes|columns)\b[^.\n]{0,30}?((?:[`'"][A-Za-z_][A-Za-z0-9_ ]*[`'"][,; ]*(?:\([^)]*\)[,; ]*)?(?:and |or )?)+)"#).ok()
    });
    static KEY: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r#"[`'"]([A-Za-z_][A-Za-z0-9_]*)[`'"](?:\s*\(([^)]*)\))?"#).ok()
    });
    let (Some(head), Some(key)) = (HEAD.as_ref(), KEY.as_ref()) else {
        return Vec::new();
    };
    let Some(list) = head.captures(text).and_then(|c| c.get(1)) else {
        return Vec::new();
    };
    let mut out: Vec<Field> = Vec::new();
    for c in key.captures_iter(list.as_str()).take(MAX_FIELDS) {
        let name = c.get(1).map_or("", |m| m.as_str()).to_owned();
        if out.iter().all(|f| f.name != name) {
            let ty = c.get(2).map_or(FieldType::Text, |m| from_words(m.as_str()));
            out.push(Field { name, ty });
        }
    }
    out
}

struct Parser<'a> {
    bytes: &'a [u8],
    text: &'a str,
    at: usize,
}

impl Parser<'_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    /// Past white space, commas and comments.
    fn skip(&mut self) {
        loop {
            match self.peek() {
                Some(b) if b.is_ascii_whitespace() || b == b',' => self.at += 1,
                Some(b'/') if self.bytes.get(self.at + 1) == Some(&b'/') => self.skip_line(),
                Some(b'#') => self.skip_line(),
                Some(b'.') => self.at += 1,
                _ => break,
            }
        }
    }

    fn skip_line(&mut self) {
        while self.peek().is_some_and(|b| b != b'\n') {
            self.at += 1;
        }
    }

    /// `{ "key": value, … }`; also with the doubled braces of a template.
    fn object(&mut self, depth: usize) -> Option<Vec<Field>> {
        if depth > MAX_DEPTH {
            return None;
        }
        while self.peek() == Some(b'{') {
            self.at += 1;
        }
        let mut out: Vec<Field> = Vec::new();
        while out.len() < MAX_FIELDS {
            self.skip();
            if self.peek()? == b'}' {
                while self.peek() == Some(b'}') {
                    self.at += 1;
                    if depth > 0 {
                        break;
                    }
                }
                return Some(out);
            }
            let name = self.key()?;
            self.skip();
            if self.peek()? != b':' {
                return None;
            }
            self.at += 1;
            let ty = self.value(depth)?;
            if out.iter().all(|f| f.name != name) {
                out.push(Field { name, ty });
            }
        }
        None
    }

    fn key(&mut self) -> Option<String> {
        let quote = self.peek()?;
        let quoted = matches!(quote, b'"' | b'\'');
        let start = self.at + usize::from(quoted);
        let mut end = start;
        while let Some(b) = self.bytes.get(end) {
            if b.is_ascii_alphanumeric()
                || matches!(b, b'_' | b'-' | b'$')
                || (quoted && *b == b' ')
            {
                end += 1;
            } else {
                break;
            }
        }
        if end == start || end - start > 40 {
            return None;
        }
        if quoted && self.bytes.get(end) != Some(&quote) {
            return None;
        }
        self.at = end + usize::from(quoted);
        self.text.get(start..end).map(str::to_owned)
    }

    fn value(&mut self, depth: usize) -> Option<FieldType> {
        while self.peek().is_some_and(|b| b.is_ascii_whitespace()) {
            self.at += 1;
        }
        match self.peek()? {
            b'{' => self.object(depth + 1).map(FieldType::Object),
            b'[' => {
                self.at += 1;
                self.skip();
                let inner = if self.peek()? == b']' {
                    FieldType::Text
                } else if depth < MAX_DEPTH {
                    self.value(depth + 1)?
                } else {
                    return None;
                };
                let mut open = 1;
                while open > 0 {
                    match self.peek()? {
                        b'[' => open += 1,
                        b']' => open -= 1,
                        _ => {}
                    }
                    self.at += 1;
                }
                Some(inner.list())
            }
            quote @ (b'"' | b'\'') => {
                let start = self.at + 1;
                self.at = start;
                while self.peek()? != quote {
                    self.at += if self.peek() == Some(b'\\') { 2 } else { 1 };
                }
                let inner = self.text.get(start..self.at)?;
                self.at += 1;
                // "a" | "b"
                let rest_start = self.at;
                self.until_end_of_value();
                let rest = self.text.get(rest_start..self.at)?;
                if rest.contains('|') {
                    return Some(from_words(self.text.get(start - 1..self.at)?));
                }
                Some(match from_words(inner) {
                    c @ FieldType::Choice(_) => c,
                    b @ (FieldType::Boolean
                    | FieldType::Integer
                    | FieldType::Number
                    | FieldType::List(_)
                    | FieldType::Optional(_))
                        if inner.split_whitespace().count() <= 4
                            && !inner.bytes().all(|c| c.is_ascii_digit()) =>
                    {
                        b
                    }
                    _ => FieldType::Text,
                })
            }
            _ => {
                let start = self.at;
                self.until_end_of_value();
                Some(from_words(self.text.get(start..self.at)?))
            }
        }
    }

    /// Up to the comma, newline or closing bracket that ends a value.
    fn until_end_of_value(&mut self) {
        let mut depth = 0u32;
        while let Some(b) = self.peek() {
            match b {
                b'<' | b'(' | b'[' => depth += 1,
                b'>' | b')' => depth = depth.saturating_sub(1),
                // `string[]`
                b']' if depth > 0 => depth -= 1,
                b'\n' | b'}' | b']' => break,
                b',' if depth == 0 => break,
                _ => {}
            }
            self.at += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<(String, FieldType)> {
        fields(text).into_iter().map(|f| (f.name, f.ty)).collect()
    }

    #[test]
    fn reads_json_with_placeholders() {
        let got = names(
            "Return {\"name\": \"string\", \"age\": 0, \"ok\": true/false, \"kind\": \"a|b\", \"tags\": [\"...\"], \"at\": {\"x\": 1.5}}",
        );
        let kinds: Vec<FieldType> = got.iter().map(|(_, t)| t.clone()).collect();
        assert_eq!(
            kinds,
            vec![
                FieldType::Text,
                FieldType::Integer,
                FieldType::Boolean,
                FieldType::Choice(vec!["a".into(), "b".into()]),
                FieldType::List(Box::new(FieldType::Text)),
                FieldType::Object(vec![Field {
                    name: "x".into(),
                    ty: FieldType::Number
                }]),
            ]
        );
    }

    #[test]
    fn reads_quoted_keys() {
        let got = names("an object with the keys 'title' and 'score' (integer)");
        assert_eq!(
            got,
            vec![
                ("title".into(), FieldType::Text),
                ("score".into(), FieldType::Integer)
            ]
        );
    }

    #[test]
    fn reads_types_as_programs_and_people_write_them() {
        let choice = |words: [&str; 2]| FieldType::Choice(words.map(str::to_owned).to_vec());
        let got = names(
            "{\"sentiment\": \"positive\" | \"negative\", \"order-id\": number, \"tags\": string[], \"score\": 0.0 to 1.0, \"stars\": 1-5, \"ref\": null or the number, \"note\": string | null, \"sums\": \"number[]\", \"pairs\": Array<number>}",
        );
        let expected = [
            ("sentiment", choice(["positive", "negative"])),
            ("order-id", FieldType::Number),
            ("tags", FieldType::Text.list()),
            ("score", FieldType::Number),
            ("stars", FieldType::Integer),
            ("ref", FieldType::Number.optional()),
            ("note", FieldType::Text.optional()),
            ("sums", FieldType::Number.list()),
            ("pairs", FieldType::Number.list()),
        ];
        let expected: Vec<(String, FieldType)> = expected
            .map(|(n, t)| (n.to_owned(), t))
            .into_iter()
            .collect();
        assert_eq!(got, expected);
    }

    #[test]
    fn keywords_of_a_schema_are_no_fields() {
        let schema = "{\"type\": \"object\", \"properties\": {\"title\": {\"type\": \"string\"}}}";
        assert_eq!(names(schema), []);
        let words = names("{\"issue\": \"none|gap|other\"}");
        let all = ["none", "gap", "other"].map(str::to_owned).to_vec();
        assert_eq!(words, [("issue".to_owned(), FieldType::Choice(all))]);
    }

    #[test]
    fn ends_on_any_brackets() {
        for text in [
            "{",
            "{{{{",
            "{\"a\": [[[[[[[[",
            "{\"a\": {\"b\": {\"c\": {\"d\": {\"e\": {\"f\": 1}}}}}}",
            "{a:}",
        ] {
            let _ = fields(text);
        }
    }
}
