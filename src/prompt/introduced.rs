//! What a prompt says about the value that follows: `IP address: {value}`, `<transactions>{value}`,
//! `the number {value}`.

use std::sync::LazyLock;

use regex::Regex;

use super::holes::{HoleKind, by_word};

/// Words of a label; longer ones are sentences.
const MAX_LABEL: usize = 5;
/// Bytes of a line that may end in a label.
const MAX_LINE: usize = 200;

/// The kind of the value that follows `lead`, where its label or the noun before it says so.
pub(super) fn kind(lead: &str) -> Option<HoleKind> {
    let lead = lead.trim_end_matches(|c: char| c.is_whitespace() || "\"'`*_([".contains(c));
    label(lead).or_else(|| noun(lead))
}

/// `Label:`, `label =`, `<label>`.
fn label(lead: &str) -> Option<HoleKind> {
    static NOTE: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"\([^()]{0,60}\)").ok());
    let end = lead.strip_suffix([':', '=', '>', '：'])?;
    let line = end
        .rsplit(['\n', '.', ';', '!', '?', '}', '<', ',', '。'])
        .next()
        .filter(|l| l.len() <= MAX_LINE)?;
    let line = NOTE.as_ref()?.replace_all(line, " ").to_lowercase();
    let words: Vec<&str> = line
        .split(|c: char| !c.is_alphanumeric())
        .filter(|w| !w.is_empty())
        .collect();
    if words.is_empty() || words.len() > MAX_LABEL {
        return None;
    }
    if words.iter().any(|w| MACHINE.contains(w)) {
        return Some(HoleKind::Structured);
    }
    let (head, rest) = words.split_last()?;
    // "Email: …" may be a letter.
    if matches!(*head, "email" | "mail") {
        return None;
    }
    if *head == "address" {
        return rest
            .last()
            .is_some_and(|w| matches!(*w, "ip" | "email" | "mail" | "mac" | "web"))
            .then_some(HoleKind::Id);
    }
    if VAGUE.contains(head) || head.len() == 1 {
        return None;
    }
    by_word(head).filter(|k| *k != HoleKind::Code)
}

/// `the number`, `these integers`: a noun of a programmer right before the value.
fn noun(lead: &str) -> Option<HoleKind> {
    static NOUN: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r"(?i)\b(?:the|this|these|two|following|given|numeric|integer|of|all) (?:(?:\w+ )?(?P<number>number|integer|float|decimal|numeral)|(?P<list>numbers|integers|list|array|tuple|set|matrix|vector|list of numbers|array of numbers)|(?P<date>date|timestamp|datetime)|(?P<id>url|uri|ip(?: address)?|e-?mail address|uuid|regex|hex(?: code)?|cron expression|iban)|(?P<data>json(?: object| string| array)?|csv|xml|yaml|dictionary|dict|object))(?: is)?$").ok()
    });
    let tail = lead
        .char_indices()
        .rev()
        .nth(40)
        .map_or(lead, |(i, _)| lead.get(i..).unwrap_or(lead));
    let c = NOUN.as_ref()?.captures(tail)?;
    [
        ("number", HoleKind::Number),
        ("list", HoleKind::List),
        ("date", HoleKind::Date),
        ("id", HoleKind::Id),
        ("data", HoleKind::Structured),
    ]
    .into_iter()
    .find(|(name, _)| c.name(name).is_some())
    .map(|(_, k)| k)
}

/// Words of a label that say that a machine wrote what follows.
const MACHINE: [&str; 6] = ["json", "csv", "xml", "yaml", "dataframe", "tsv"];

/// Words of a label that say nothing about who wrote what follows, or too many things.
const VAGUE: [&str; 22] = [
    "input",
    "text",
    "content",
    "contents",
    "body",
    "request",
    "prompt",
    "query",
    "message",
    "messages",
    "task",
    "instruction",
    "instructions",
    "context",
    "page",
    "type",
    "first",
    "second",
    "start",
    "end",
    "state",
    "now",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels() {
        assert_eq!(kind("Check this.\nIP address: "), Some(HoleKind::Id));
        assert_eq!(kind("Date of birth (ISO): \""), None);
        assert_eq!(kind("<transactions>\n"), Some(HoleKind::List));
        assert_eq!(kind("Here is the JSON:\n```\n"), Some(HoleKind::Structured));
        assert_eq!(kind("Customer review: "), Some(HoleKind::Prose));
        assert_eq!(kind("Input: "), None);
        assert_eq!(kind("Email: "), None);
    }

    #[test]
    fn nouns() {
        assert_eq!(kind("Is the number "), Some(HoleKind::Number));
        assert_eq!(kind("Sort the list "), Some(HoleKind::List));
        assert_eq!(kind("the next date "), None);
        assert_eq!(kind("the object "), Some(HoleKind::Structured));
        assert_eq!(kind("A funny thing: the "), None);
    }
}
