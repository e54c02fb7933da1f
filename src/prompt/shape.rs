//! JSON shapes spelled out in prose, read as fields for a schema.

use std::sync::LazyLock;

use regex::Regex;

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
            return f;
        }
    }
    named_keys(text)
}

/// The one value that words without any key ask for: yes or no, a number, a list. `None` where they
/// ask for text.
#[must_use]
pub fn scalar(words: &str) -> Option<Field> {
    static KINDS: LazyLock<Vec<(Option<Regex>, &str, FieldType)>> = LazyLock::new(|| {
        let text = || Box::new(FieldType::Text);
        [
            (
                r#"(?i)\byes\b["'`.,]*\W{1,3}(?:or|/|and|if)\b|\byes["'`]? or ["'`]?no\b|\byes\b[^.]{0,60}\bno\b|\btrue\b[^.]{0,30}\bfalse\b"#,
                "answer",
                FieldType::Boolean,
            ),
            (
                r"(?i)\b(?:only|just|single|as)\b.{0,20}\binteger\b|\bonly (?:with )?(?:an |one )?integer\b",
                "value",
                FieldType::Integer,
            ),
            (
                r"(?i)\b(?:only|just|single|as)\b.{0,20}\b(?:number|numeric value|decimal|float)\b",
                "value",
                FieldType::Number,
            ),
            (
                r"(?i)\b(?:comma|line|newline|semicolon|pipe|tab)[- ]separated\b|\bseparated by (?:an? )?(?:comma|newline|semicolon|pipe|tab)|\bone (?:\w+ )?per line\b|\b(?:list|array) of strings\b",
                "items",
                FieldType::List(text()),
            ),
        ]
        .into_iter()
        .map(|(pattern, name, ty)| (Regex::new(pattern).ok(), name, ty))
        .collect()
    });
    KINDS
        .iter()
        .find(|(pattern, ..)| pattern.as_ref().is_some_and(|p| p.is_match(words)))
        .map(|(_, name, ty)| Field {
            name: (*name).to_owned(),
            ty: ty.clone(),
        })
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

/// A type from words such as `string`, `number 0-10`, `true/false`, `a|b|c`.
fn from_words(value: &str) -> FieldType {
    let v = value
        .trim()
        .trim_matches(['<', '>', '"', '\'', '(', ')'])
        .trim();
    let lower = v.to_lowercase();
    let word = |w: &str| lower.split(|c: char| !c.is_alphanumeric()).any(|x| x == w);
    let parts: Vec<&str> = v
        .split(['|', '/'])
        .map(|p| p.trim().trim_matches(['"', '\'']))
        .collect();
    if parts.len() > 1
        && parts
            .iter()
            .all(|p| matches!(p.to_lowercase().as_str(), "true" | "false"))
    {
        FieldType::Boolean
    } else if parts.len() > 1
        && parts.iter().all(|p| {
            !p.is_empty()
                && p.len() <= 24
                && p.chars().all(|c| c.is_alphanumeric() || "_- ".contains(c))
        })
        && !parts
            .iter()
            .any(|p| matches!(*p, "null" | "string" | "number"))
    {
        FieldType::Choice(parts.into_iter().map(str::to_owned).collect())
    } else if word("bool") || word("boolean") || word("true") || word("false") {
        FieldType::Boolean
    } else if word("int")
        || word("integer")
        || (!v.is_empty() && v.bytes().all(|b| b.is_ascii_digit()))
    {
        FieldType::Integer
    } else if word("float") || word("number") || word("decimal") || v.parse::<f64>().is_ok() {
        FieldType::Number
    } else if word("list") || word("array") {
        FieldType::List(Box::new(FieldType::Text))
    } else {
        FieldType::Text
    }
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
                Some(FieldType::List(Box::new(inner)))
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
                    b @ (FieldType::Boolean | FieldType::Integer | FieldType::Number)
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
                b'<' | b'(' => depth += 1,
                b'>' | b')' => depth = depth.saturating_sub(1),
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
