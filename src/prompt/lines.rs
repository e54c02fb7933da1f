//! What a line of a prompt looks like: blank, bullet, heading, label, example head, data.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::folded;
use super::matching::HOLE_MARK;
use crate::calls::Hole;

/// What a line is, seen by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LineKind {
    Blank,
    Fence,
    Bullet,
    Heading,
    /// `Word: rest` opens a unit.
    Label,
    /// `Example:` and the like: what follows is data.
    ExampleHead,
    /// A line of JSON, a table, a tag, a sample turn, a bare interpolation, `Key: value`.
    Data,
    Plain,
}

/// A line of a message.
#[derive(Debug)]
pub(super) struct Line {
    /// Bytes of the message, without the newline.
    pub(super) range: Range<usize>,
    pub(super) kind: LineKind,
    /// The line with each hole as one `▢`, trimmed.
    pub(super) masked: String,
    /// Offset in the message of the first character that is not white space.
    pub(super) start: usize,
}

struct Patterns {
    bullet: Regex,
    heading: Regex,
    label: Regex,
    example: Regex,
    /// A comment for this linter, which asks the model for nothing, whatever reason it gives.
    own: Regex,
    json: Regex,
    turn: Regex,
    rule: Regex,
    pair: Regex,
    bare: Regex,
    arithmetic: Regex,
}

static PATTERNS: LazyLock<Option<Patterns>> = LazyLock::new(|| {
    Some(Patterns {
        bullet: Regex::new(r"^(?:[-*•·‣●▪+–]\s+|[-•·‣●▪]\S|\(?\d{1,3}[.)]\s*\D|\(?[a-zA-Z][.)]\s+|[①-⑳])").ok()?,
        heading: Regex::new(r"^(?:#{1,6}\s.*|\*\*[^*]{1,60}\*\*:?|__[^_]{1,60}__:?|[\[【<(][^\]】>)]{1,40}[\]】>)]:?|[=~*_#-]{3,}.*|[A-Z][A-Z0-9 /&'-]{2,40}:?|[\p{L}][\p{L}\p{N} /&'()-]{0,45}[:：])$").ok()?,
        label: Regex::new(r"^(?:\*\*)?[\p{L}][\p{L}\p{N} _/&'()-]{0,30}(?:\*\*)?[:：](?:\*\*)?\s*\S").ok()?,
        example: Regex::new(r"(?i)^[#*\s-]*(?:for |here (?:is|are) |an? |some |few-?shot )*(?:sample|example|exemplo|ejemplo|beispiel|exemple|示例|例子|例)s?\b(?:[^:：.]{0,40})[:：]?[*\s]*$").ok()?,
        own: Regex::new(r"^<!--\s*(?i:deprompt):.*-->$").ok()?,
        json: Regex::new(r#"^(?:[{}\[\]()]+[,;]?$|[{\[]\s*["'{\[}\]].*|"[^"]{1,60}"\s*:.*|'[^']{1,60}'\s*:.*|"[^"]{0,200}",?$|</?[\w:-]+(?:\s[^>]*)?/?>$|<[\w:-]+>.*</[\w:-]+>$|\|.*\|$|[}\]]+.{0,3}$|[-=]{2,}>?$)"#).ok()?,
        turn: Regex::new(r"(?i)^[*\s]*(?:(?:user|human|assistant|ai|bot|customer|q|a|example(?: \d+)?|sample|e\.g\.)[*\s]*[:：]\s*[^\s▢]|(?:input|output|in|out|response|question|answer)[*\s]*[:：]\s*[^\s▢][^▢]*$|(?:\d{1,2}[.)]\s|e\.g\.\s)?(?:[^.!?]|[.!?]\S){1,60}(?:\s->|\s=>|→)\s.{1,80}$)").ok()?,
        // `contains "x" -> y` is a rule, not a sample; so are `a -> 1, b -> 2` and `Output: a JSON array`.
        rule: Regex::new(concat!(
            r"(?i)\b(?:if|when|contains?|mentions?|starts? with|ends? with|equals?)\b|[<>]=?\s*\d|",
            r"(?:->|=>|→)[^,;]{1,30}[,;].{1,30}(?:->|=>|→)|",
            r"^\W*(?:output|out|response|answer)\W*[:：]\s*(?:(?:an?|the|valid|only|just|single|one|raw|strict)\s+)*(?:json|xml|yaml|csv|array of|list of|comma)\b",
        ))
        .ok()?,
        pair: Regex::new(r"^[\w .()-]{1,30}[:=]\s*(?:\d{4}-\d\d-\d\d\S*|[$€£]?\d[\d.,:/]*%?)$").ok()?,
        arithmetic: Regex::new(r"▢\s*(?:[+*/÷×^%<>-]|[<>=!]=)\s*▢").ok()?,
        bare: Regex::new(r"^[\W_]*(?:▢[\W_]*)+$").ok()?,
    })
});

/// Whether a line or a sentence is a comment for this linter.
pub(super) fn is_own_comment(text: &str) -> bool {
    PATTERNS.as_ref().is_some_and(|p| p.own.is_match(text))
}

/// Cuts `range` of a message into lines, and a line that holds a list into its items; a newline
/// inside a hole does not end one.
pub(super) fn lines(message: &str, holes: &[Hole], range: Range<usize>) -> Vec<Line> {
    let mut out = Vec::new();
    let text = message.get(range.clone()).unwrap_or_default();
    let mut start = range.start;
    let newlines = text.match_indices('\n').map(|(i, _)| range.start + i);
    let ends = newlines.filter(|&i| !in_hole(holes, i)).chain([range.end]);
    for end in ends {
        let line = message.get(start..end).unwrap_or_default();
        let opaque = |i: usize| in_hole(holes, start + i);
        let mut at = start;
        for next in folded::starts(line, &opaque)
            .iter()
            .map(|c| start + c)
            .chain([end])
        {
            push(&mut out, message, holes, at..next);
            at = next;
        }
        start = end + 1;
    }
    out
}

/// Whether a byte of a message lies in a hole.
pub(super) fn in_hole(holes: &[Hole], at: usize) -> bool {
    let i = holes.partition_point(|h| h.at <= at);
    i.checked_sub(1)
        .and_then(|i| holes.get(i))
        .is_some_and(|h| at < h.at + h.len)
}

fn push(out: &mut Vec<Line>, message: &str, holes: &[Hole], range: Range<usize>) {
    let masked = mask(message, holes, range.clone()).trim().to_owned();
    let text = message.get(range.clone()).unwrap_or_default();
    let start = range.start + (text.len() - text.trim_start().len());
    out.push(Line {
        kind: classify(&masked),
        masked,
        start: start.min(range.end),
        range,
    });
}

/// A part of a message with each hole as one mark.
fn mask(message: &str, holes: &[Hole], range: Range<usize>) -> String {
    let mut out = String::with_capacity(range.len());
    let mut at = range.start;
    let from = holes.partition_point(|h| h.at < range.start);
    for h in holes.iter().skip(from).take_while(|h| h.at < range.end) {
        out.push_str(message.get(at..h.at).unwrap_or_default());
        out.push(HOLE_MARK);
        at = (h.at + h.len.max(1)).min(range.end);
    }
    out.push_str(message.get(at..range.end).unwrap_or_default());
    out
}

fn classify(line: &str) -> LineKind {
    let Some(p) = PATTERNS.as_ref() else {
        return LineKind::Plain;
    };
    if line.is_empty() {
        LineKind::Blank
    } else if line.starts_with("```") || line.starts_with("~~~") {
        LineKind::Fence
    } else if p.arithmetic.is_match(line) {
        LineKind::Plain
    } else if p.bare.is_match(line)
        || p.json.is_match(line)
        || p.own.is_match(line)
        || p.pair.is_match(line)
    {
        LineKind::Data
    } else if p.example.is_match(line) {
        LineKind::ExampleHead
    } else if p.turn.is_match(line) && !p.rule.is_match(line) {
        LineKind::Data
    } else if p.bullet.is_match(line) {
        LineKind::Bullet
    } else if p.heading.is_match(line) {
        LineKind::Heading
    } else if p.label.is_match(line) {
        LineKind::Label
    } else {
        LineKind::Plain
    }
}
