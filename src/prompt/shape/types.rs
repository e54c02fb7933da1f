//! Types of fields as programs and people write them.

use std::sync::LazyLock;

use regex::Regex;

use super::{Field, FieldType};

/// A type from words such as `string`, `number 0-10`, `true/false`, `a|b|c`, `string[]`,
/// `0.0 to 1.0`, `null or the number`.
pub(super) fn from_words(value: &str) -> FieldType {
    let v = value
        .trim()
        .trim_matches(['<', '>', '"', '\'', '(', ')'])
        .trim();
    if let Some(rest) = without_null(v) {
        return from_words(&rest).optional();
    }
    if let Some(item) = item_of(v) {
        return from_words(item).list();
    }
    let lower = v.to_lowercase();
    let word = |w: &str| lower.split(|c: char| !c.is_alphanumeric()).any(|x| x == w);
    let parts: Vec<&str> = v
        .split(['|', '/'])
        .map(|p| p.trim().trim_matches(['"', '\'', '`']))
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
                && p.contains(|c: char| !c.is_ascii_digit())
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
    } else if let Some(ty) = range_type(&lower) {
        ty
    } else if word("float") || word("number") || word("decimal") || v.parse::<f64>().is_ok() {
        FieldType::Number
    } else if word("list") || word("array") {
        FieldType::Text.list()
    } else {
        FieldType::Text
    }
}

/// The words without the null among their alternatives; `None` where there is none. A `none` in
/// small letters is a word like the others.
fn without_null(v: &str) -> Option<String> {
    static NULL: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(
            r"^(?:(?i:null)|None)\s*(?:\||/|,?\s+or\b)\s*|\s*(?:\||/|,?\s+or\s)\s*(?:(?i:null)|None)\b|\?\s*$|^(?i:optional)\b[\s\[<(]*|[\s,]*\((?i:optional|nullable)\)$",
        )
        .ok()
    });
    let found = NULL.as_ref()?.find(v)?;
    // A question asks; only a type with a mark may be missing.
    if found.as_str().starts_with('?') && v.contains(' ') {
        return None;
    }
    let rest = format!("{} {}", v.get(..found.start())?, v.get(found.end()..)?);
    let rest = rest.trim();
    (!rest.is_empty()).then(|| rest.to_owned())
}

/// What a list is of: `string[]`, `Array<number>`, `list[str]`, `array of strings`.
fn item_of(v: &str) -> Option<&str> {
    static LIST: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(
            r"(?i)^(?:(?P<head>[a-z]+|\([^()]*\))\s*\[\s*\]|(?:array|list|vec|set|sequence)\s*[<\[](?P<inner>.*?)[>\]]?|(?:an? )?(?:array|list) of (?P<of>\w+?)s?)$",
        )
        .ok()
    });
    let c = LIST.as_ref()?.captures(v)?;
    ["head", "inner", "of"]
        .into_iter()
        .find_map(|name| c.name(name))
        .map(|m| m.as_str())
}

/// The type of a number that words bound: `0.0 to 1.0`, `between 1 and 10`, `0-100`.
fn range_type(lower: &str) -> Option<FieldType> {
    static RANGE: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(
            r"^(?:(?:a |an |the )?(?:number|score|rating|value|confidence|probability)\b.{0,20}?)?\W*(?:between |from |in )?[\[(]?(?P<low>-?\d+(?:\.\d+)?)\s*(?:to|and|through|-|–|—|\.\.+|,)\s*(?P<high>-?\d+(?:\.\d+)?)[\])]?(?:\s*\(?(?:inclusive|scale|score|range)\)?)?$",
        )
        .ok()
    });
    let c = RANGE.as_ref()?.captures(lower)?;
    let text = |name| c.name(name).map_or("", |m| m.as_str());
    let (low, high) = (text("low"), text("high"));
    // Between 0 and 1 there is nothing but fractions.
    Some(
        if low.contains('.') || high.contains('.') || (low, high) == ("0", "1") {
            FieldType::Number
        } else {
            FieldType::Integer
        },
    )
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
