//! Patterns as expressions: what a rule's pattern with its word lists becomes.
//!
//! `\w`, `\d`, `\s` and `\b` are ASCII, which keeps expressions small and lets them run as automata over
//! any text, unless the pattern has letters beyond ASCII: word boundaries of Unicode are slow on text
//! beyond ASCII, and every text with a hole is that.

use regex::bytes::{Regex, RegexBuilder};

use super::vocabulary::Vocabulary;

/// Compiled size that a pattern may have.
const SIZE_LIMIT: usize = 32 << 20;

/// Checks one pattern, or one word of a list.
///
/// # Errors
/// With the message of the expression that does not compile.
pub(super) fn check_pattern(pattern: &str, vocabulary: &Vocabulary) -> Result<(), String> {
    compile(pattern, vocabulary).map(|_| ())
}

/// The expression of a pattern.
///
/// # Errors
/// With the message of the expression that does not compile.
pub(super) fn compile(pattern: &str, vocabulary: &Vocabulary) -> Result<Regex, String> {
    let source = vocabulary.expand(pattern)?;
    let foreign = |c: char| !c.is_ascii() && c.is_alphabetic();
    let build = |source: &str, unicode: bool| {
        RegexBuilder::new(source)
            .case_insensitive(true)
            .unicode(unicode)
            .size_limit(SIZE_LIMIT)
            .build()
            .map_err(|e| e.to_string())
    };
    let led = source.replace(LEAD, LEAD_BYTES);
    if pattern.is_ascii() && parses_as_bytes(&led) {
        build(&led, false)
    } else if pattern.contains(foreign) {
        build(&source, true)
    } else {
        // What is wrong is told of the pattern as it was written.
        let source = source.replace(LEAD, LEAD_CHARS);
        build(&ascii_classes(&source), true).or_else(|_| build(&source, true))
    }
}

/// What may stand before the first word of a unit: bullets, quotes, signs. Where words are ASCII, `\W` is
/// the letters of other scripts as well, and a pattern for the beginning would match behind a sentence of them.
const LEAD: &str = r"^\W*";
/// The same of bytes: ASCII, Latin-1 signs, U+2000 to U+2FFF, U+3000 to U+303F, U+FF00 to U+FF0F, emoji.
const LEAD_BYTES: &str = r"^(?:[^\w\x80-\xFF]|\xC2[\x80-\xBF]|\xE2[\x80-\xBF]{2}|\xE3\x80[\x80-\xBF]|\xEF\xBC[\x80-\x8F]|\xF0\x9F[\x80-\xBF]{2})*";
/// The same of characters.
const LEAD_CHARS: &str = r"^[\x00-\x2F\x3A-\x40\x5B-\x5E\x60\x7B-\x{BF}\x{2000}-\x{2FFF}\x{3000}-\x{303F}\x{FF00}-\x{FF0F}\x{1F000}-\x{1FAFF}]*";

fn parses_as_bytes(source: &str) -> bool {
    regex_syntax::ParserBuilder::new()
        .case_insensitive(true)
        .unicode(false)
        .utf8(false)
        .build()
        .parse(source)
        .is_ok()
}

/// An expression whose `\w`, `\d`, `\s` and `\b` are ASCII, while `.` and classes are of characters.
fn ascii_classes(source: &str) -> String {
    const WORD: &str = "0-9A-Za-z_";
    const DIGIT: &str = "0-9";
    const SPACE: &str = r"\t\n\v\f\r ";
    let mut out = String::with_capacity(source.len() * 2);
    let mut in_class = false;
    let mut chars = source.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            in_class = c == '[' || in_class && c != ']';
            out.push(c);
            continue;
        }
        let Some(escape) = chars.next() else {
            out.push(c);
            break;
        };
        let set = match escape.to_ascii_lowercase() {
            'w' => WORD,
            'd' => DIGIT,
            's' => SPACE,
            'b' if !in_class => {
                out.extend([r"(?-u:\", escape.encode_utf8(&mut [0; 4]), ")"]);
                continue;
            }
            _ => {
                out.extend([c, escape]);
                continue;
            }
        };
        match (in_class, escape.is_ascii_uppercase()) {
            (true, false) => out.push_str(set),
            (_, true) => out.extend(["[^", set, "]"]),
            (false, false) => out.extend(["[", set, "]"]),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_become_ascii_in_and_out_of_brackets() {
        assert_eq!(
            ascii_classes(r"\bé\w+\\w[\w€-]"),
            r"(?-u:\b)é[0-9A-Za-z_]+\\w[0-9A-Za-z_€-]"
        );
        assert_eq!(ascii_classes(r"[\W_]\D\."), r"[[^0-9A-Za-z_]_][^0-9]\.");
    }

    #[test]
    fn a_beginning_is_not_behind_a_sentence_of_another_script() -> Result<(), String> {
        for pattern in [r"^\W*current time", r"^\W*current (?:time|€)"] {
            let re = compile(pattern, &Vocabulary::default())?;
            assert!(re.is_match("• “current time".as_bytes()), "{pattern}");
            assert!(re.is_match("（current time".as_bytes()), "{pattern}");
            assert!(
                !re.is_match("实际时间是current time".as_bytes()),
                "{pattern}"
            );
        }
        Ok(())
    }

    #[test]
    fn holes_and_signs_need_no_unicode_words() -> Result<(), String> {
        let v = Vocabulary::default();
        let text = "costs ▢price▢ €".as_bytes();
        assert!(compile(r"\bcosts ▢[^▢]*▢ [€$]", &v)?.is_match(text));
        assert!(compile(r"\bécris\b", &v)?.is_match("et Écris ici".as_bytes()));
        assert!(!compile(r"\w €", &v)?.is_match("é €".as_bytes()));
        Ok(())
    }
}
