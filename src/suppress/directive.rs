//! The grammar of a suppression comment.

use std::sync::LazyLock;

use regex::bytes::Regex;

use crate::source::{SourceFile, Span};

/// How far a directive reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// `ignore`: one line.
    Line,
    /// `ignore-file`: the file.
    File,
}

/// A rule or category in the brackets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    /// In small letters, as rules are named.
    pub text: String,
    /// Its bytes in the file.
    pub span: Span,
}

/// A suppression as written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Directive {
    /// How far it reaches.
    pub scope: Scope,
    /// From `deprompt` to the closing bracket.
    pub span: Span,
    /// The names in the brackets; empty where there are none.
    pub names: Vec<Name>,
    /// Whether words follow the brackets.
    pub has_reason: bool,
    /// Why it cannot be read.
    pub problem: Option<String>,
}

/// What a directive begins with, in whatever case it is written.
const MARK: &str = "deprompt:";
/// What may stand between the start of a comment line and the mark.
const COMMENT_SIGNS: &[char] = &['#', '/', '*', '!', '<', '-', '{', '%', '~', ' ', '\t'];
/// The end of a comment sign that a directive may follow.
const OPENERS: [&str; 5] = ["#", "//", "<!--", "{{!", "%}"];

/// Whether a text holds the word that directives begin with.
pub(crate) fn mentioned_in(text: &[u8]) -> bool {
    static WORD: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(&format!("(?i-u){MARK}")).ok());
    WORD.as_ref().is_some_and(|word| word.is_match(text))
}

/// Where the word stands in a line.
fn mentions(line: &str) -> impl Iterator<Item = usize> {
    let ends = line.match_indices(':');
    ends.filter_map(move |(colon, _)| {
        let start = (colon + 1).checked_sub(MARK.len())?;
        let word = line.get(start..=colon)?;
        word.eq_ignore_ascii_case(MARK).then_some(start)
    })
}

/// The directives of a comment, at most one per line of it.
#[must_use]
pub(super) fn read(source: &SourceFile, comment: Span) -> Vec<Directive> {
    let text = source.slice(comment);
    if !mentioned_in(text.as_bytes()) {
        return Vec::new();
    }
    let mut out = Vec::new();
    let mut offset = comment.start as usize;
    for line in text.split_inclusive('\n') {
        if let Some(at) = mark(line)
            && let Some(d) = directive(&line[at..], offset + at)
        {
            out.push(d);
        }
        offset += line.len();
    }
    out
}

/// Where the mark stands in a line, if it opens the comment or follows another comment sign
/// (`# noqa # deprompt: …`); prose that mentions it is no directive.
fn mark(line: &str) -> Option<usize> {
    mentions(line).find(|&at| {
        let before = line[..at].trim_end_matches([' ', '\t']);
        before.trim_matches(COMMENT_SIGNS).is_empty()
            || OPENERS.iter().any(|sign| before.ends_with(sign))
    })
}

/// Reads a directive that starts at `text`'s first byte, which is byte `start` of the file.
fn directive(text: &str, start: usize) -> Option<Directive> {
    let after_mark = &text[MARK.len()..];
    let body = after_mark.trim_start_matches([' ', '\t']);
    let verb_at = text.len() - body.len();
    let verb_len = body
        .find(|c: char| !(c.is_ascii_alphanumeric() || c == '-' || c == '_'))
        .unwrap_or(body.len());
    let (verb, rest) = body.split_at(verb_len);
    let mut out = Directive {
        scope: Scope::Line,
        span: Span::new(start, start + verb_at + verb_len),
        names: Vec::new(),
        has_reason: false,
        problem: None,
    };
    match verb.to_ascii_lowercase().as_str() {
        "ignore" => {}
        "ignore-file" => out.scope = Scope::File,
        lower => {
            let likely = rest.trim_start().starts_with('[')
                || crate::select::nearest(lower, ["ignore", "ignore-file"]).is_some();
            out.problem = Some(format!(
                "`{verb}` is no suppression; write `ignore[rule]` or `ignore-file[rule]`"
            ));
            return likely.then_some(out);
        }
    }
    let list = rest.trim_start_matches([' ', '\t']);
    let list_at = verb_at + verb_len + (rest.len() - list.len());
    let Some(inside) = list.strip_prefix('[') else {
        return Some(out);
    };
    let Some(close) = inside.find(']') else {
        out.problem = Some("the closing `]` is missing".to_owned());
        return Some(out);
    };
    let mut at = start + list_at + 1;
    for item in inside[..close].split(',') {
        let name = item.trim();
        if !name.is_empty() {
            let from = at + (item.len() - item.trim_start().len());
            out.names.push(Name {
                text: name.to_ascii_lowercase(),
                span: Span::new(from, from + name.len()),
            });
        }
        at += item.len() + 1;
    }
    out.span.end = Span::new(0, start + list_at + close + 2).end;
    out.has_reason = inside[close + 1..].chars().any(char::is_alphanumeric);
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Vec<Directive> {
        read(&SourceFile::new("a.py", text), Span::new(0, text.len()))
    }

    fn names(text: &str) -> Vec<String> {
        parse(text)
            .into_iter()
            .flat_map(|d| d.names)
            .map(|n| n.text)
            .collect()
    }

    #[test]
    fn every_comment_syntax() {
        for text in [
            "# deprompt: ignore[a-b, c] because",
            "// deprompt: ignore[a-b,c] because",
            "#deprompt:ignore [ a-b , c ]",
            "/* deprompt: ignore[a-b, c] */",
            "/**\n * deprompt: ignore[a-b, c]\n */",
            "# noqa: E501  # deprompt: ignore[a-b, c]",
            "//! deprompt: ignore-file[a-b, c]",
            "# Deprompt: Ignore[A-b, C]",
            "# DEPROMPT: IGNORE-FILE[a-b, c]",
            "<!-- deprompt: ignore[a-b, c] why -->",
            "{#- deprompt: ignore[a-b, c] -#}",
            "{{!-- deprompt: ignore[a-b, c] --}}",
            "{{! deprompt: ignore[a-b, c] }}",
            "{% comment %}deprompt: ignore[a-b, c]{% endcomment %}",
            "<%# deprompt: ignore[a-b, c] %>",
        ] {
            assert_eq!(names(text), ["a-b", "c"], "{text}");
        }
    }

    #[test]
    fn spans_are_those_of_the_names() {
        let text = "# é deprompt: no\n# deprompt: ignore[ a-b ,c] why";
        let found = parse(text);
        assert_eq!(found.len(), 1);
        let spans: Vec<&str> = found[0]
            .names
            .iter()
            .map(|n| &text[n.span.range()])
            .collect();
        assert_eq!(spans, ["a-b", "c"]);
        assert_eq!(&text[found[0].span.range()], "deprompt: ignore[ a-b ,c]");
        assert!(found[0].has_reason);
    }

    #[test]
    fn prose_is_no_directive() {
        assert!(parse("# see deprompt: ignore[x] in the manual").is_empty());
        assert!(parse("# deprompt: a fine tool").is_empty());
        assert!(parse("# x:é: deprompt").is_empty());
    }

    #[test]
    fn what_cannot_be_read_says_why() {
        let problem = |t: &str| parse(t).pop().and_then(|d| d.problem);
        assert!(problem("# deprompt: ignroe[x]").is_some_and(|p| p.contains("`ignroe`")));
        assert!(problem("# deprompt: ignore[x").is_some_and(|p| p.contains("missing")));
        assert_eq!(problem("# deprompt: ignore"), None);
    }

    #[test]
    fn reasons() {
        let reason = |t: &str| parse(t).pop().is_some_and(|d| d.has_reason);
        assert!(reason("# deprompt: ignore[x] -- legacy format"));
        assert!(!reason("/* deprompt: ignore[x] */"));
    }
}
