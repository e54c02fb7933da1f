//! Whether the words of a limit bound what the model writes, and which limits of one prompt are one.
//!
//! A prompt may say how long an input is, what a condition looks at or what is usual. Such numbers
//! and values limit nothing.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::orders::{describes, is_query, is_template_code, is_turn, orders, orders_at};
use crate::finding::{Label, LabelKind};
use crate::prompt::{Unit, UnitKind};
use crate::source::Location;

/// Characters that may stand between `if` and the words of its condition.
const MAX_CONDITION: usize = 60;
/// What the label of a limit that was said before says.
const AGAIN: &str = "the same limit, again";
/// What the label of a further limit of one shape says.
const FURTHER: &str = "another limit of this shape";

/// Whether a limit's words in a unit bound the reply.
pub(super) fn bounds(unit: &Unit, words: &Range<usize>) -> bool {
    let text = unit.text.text.as_str();
    if unit.kind == UnitKind::Data {
        return true;
    }
    let shown =
        is_query(text) || is_turn(unit) || is_example(text) || is_template_code(text, words);
    // "Each line has at most …" is a limit, whatever else such a sentence may describe.
    let each = text
        .get(..4)
        .is_some_and(|t| t.eq_ignore_ascii_case("each"));
    let given = !each && describes(text) && !orders_at(text, words);
    !(shown || given || in_condition(text, words) || is_usual(text, words) || is_fact(text, words))
}

/// A line that shows how something looks.
fn is_example(text: &str) -> bool {
    static EXAMPLE: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r"(?i)^[\W_]*(?:for )?example(?: [\w-]+){0,3}[\W_]{0,3}:\s*\S").ok()
    });
    EXAMPLE.as_ref().is_some_and(|r| r.is_match(text))
}

/// Whether words stand in a condition: `if a title is longer than 60 characters, …`.
fn in_condition(text: &str, words: &Range<usize>) -> bool {
    static IF: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r"(?i)\b(?:if|when|whenever|unless|whether|once|until|while)\b").ok()
    });
    static ENDS: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r"(?i)[,;:.!?—–→]|\b(?:then|must|should|shall|use|using|write|keep|return|provide|give|limit|output|include|make|choose|select|in)\b").ok()
    });
    let before = text.get(..words.start).unwrap_or_default();
    let Some(last) = IF.as_ref().and_then(|r| r.find_iter(before).last()) else {
        return false;
    };
    let between = before.get(last.end()..).unwrap_or_default();
    between.len() <= MAX_CONDITION && ENDS.as_ref().is_some_and(|r| !r.is_match(between))
}

/// Whether a sentence says what is usual: `A release has typically 10–50 commits.`
fn is_usual(text: &str, words: &Range<usize>) -> bool {
    static USUAL: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r"(?i)\b(?:usually|typically|often|commonly|normally|sometimes|an? typical|tend to|tends to|on average)\b|^\W*(?:many|most|some) [a-z]+s\b").ok()
    });
    let up_to = text.get(..words.end).unwrap_or(text);
    USUAL.as_ref().is_some_and(|r| r.is_match(up_to))
}

/// Whether an interpolated number is told and not demanded: `- ▢name▢ (▢count▢ items)`.
fn is_fact(text: &str, words: &Range<usize>) -> bool {
    static AMOUNT: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"▢ [a-z]").ok());
    static BOUND: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r"(?i)\b(?:max\w*|min\w*|limit\w*|lengths?|targets?|exactly|precisely|at (?:most|least)|up to|only|just|between|under|within|below|less than|fewer than|(?:no|not) (?:more|longer|fewer|less)|exceed\w*|word count|number of|one of|any of|never|not|no|allowed|valid|values|options|choices|unique|list|labels|categories)\b|▢ ?[-–—] ?▢").ok()
    });
    let said = text.get(words.clone()).unwrap_or_default();
    let digits = said.contains(|c: char| c.is_ascii_digit());
    AMOUNT.as_ref().is_some_and(|r| r.is_match(said))
        && !digits
        && !orders(text)
        && BOUND
            .as_ref()
            .is_some_and(|r| !r.is_match(text.get(..words.end).unwrap_or(text)))
}

/// What makes two limits of one message the same.
#[derive(Debug, PartialEq, Eq)]
enum Same {
    /// A range such as `1-10`.
    Range(String),
    /// The shape that they limit, by its place in the message.
    Shape(Range<usize>),
}

/// The limits of one prompt that a finding has been written for: the message each stands in, and the
/// finding's index.
#[derive(Debug, Default)]
pub(super) struct Limits(Vec<(usize, Same, usize)>);

impl Limits {
    /// The index of the finding that a limit belongs to, where it is one that was said before or a
    /// further one of the same shape; otherwise it is noted for the finding `next`.
    pub(super) fn known(
        &mut self,
        unit: &Unit,
        words: &Range<usize>,
        next: usize,
    ) -> Option<(usize, &'static str)> {
        let (same, why) = if unit.kind == UnitKind::Data {
            (Same::Shape(unit.range.clone()), FURTHER)
        } else {
            let said = unit.text.text.get(words.clone()).unwrap_or_default();
            (Same::Range(range_of(said)?), AGAIN)
        };
        let mut noted = self.0.iter();
        if let Some((_, _, first)) = noted.find(|(m, s, _)| *m == unit.message && *s == same) {
            return Some((*first, why));
        }
        self.0.push((unit.message, same, next));
        None
    }
}

/// A label for a limit that belongs to another finding.
pub(super) fn further(location: Location, message: &str) -> Label {
    Label {
        location,
        message: message.to_owned(),
        kind: LabelKind::Other,
    }
}

/// The range of a score in a limit's words, if it says nothing else: `Clarity (1-10)`.
fn range_of(words: &str) -> Option<String> {
    static RANGE: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r"^\D*?(?P<low>-?[01](?:\.0)?) ?(?:-|–|—|to|and|\.\.) ?(?P<high>1\.0|1|3|4|5|7|10|20|100)\D*$").ok()
    });
    let found = RANGE.as_ref()?.captures(words)?;
    let part = |n: &str| found.name(n).map(|m| m.as_str().trim_end_matches(".0"));
    Some(format!("{}-{}", part("low")?, part("high")?))
}

#[cfg(test)]
mod tests {
    use std::ops::Range;

    use super::{in_condition, is_example, is_fact, is_usual, range_of};

    /// Where words stand in a text.
    fn at(text: &str, words: &str) -> Range<usize> {
        let start = text.find(words).unwrap_or(text.len());
        assert!(start < text.len(), "no {words} in {text}");
        start..start + words.len()
    }

    #[test]
    fn what_a_condition_looks_at_limits_nothing() {
        let text = "If a title is longer than 60 characters, cut it.";
        assert!(in_condition(text, &at(text, "longer than 60 characters")));
        let text = "If a title is long, use at most 60 characters.";
        assert!(!in_condition(text, &at(text, "at most 60 characters")));
        let text = "Use at most 3 hashtags if they fit.";
        assert!(!in_condition(text, &at(text, "at most 3 hashtags")));
        let text = "When you summarize use at most 3 sentences.";
        assert!(!in_condition(text, &at(text, "at most 3 sentences")));
    }

    #[test]
    fn what_is_usual_or_shown_limits_nothing() {
        let text = "Captions usually start with \"Figure\".";
        assert!(is_usual(text, &at(text, "start with \"Figure\"")));
        let text = "Captions start with \"Figure\", usually in bold.";
        assert!(!is_usual(text, &at(text, "start with \"Figure\"")));
        assert!(is_example("Example: the page starts with \"(b)\"."));
        assert!(!is_example("Give one example: at most 5 words."));
    }

    #[test]
    fn a_told_number_is_a_fact() {
        let text = "- ▢name▢ (▢count▢ items)";
        assert!(is_fact(text, &at(text, "▢count▢ items")));
        let text = "Write ▢count▢ items.";
        assert!(!is_fact(text, &at(text, "▢count▢ items")));
        let text = "Length: at most ▢count▢ words";
        assert!(!is_fact(text, &at(text, "at most ▢count▢ words")));
    }

    #[test]
    fn a_range_is_known_again() {
        assert_eq!(range_of("### 1. Clarity (1-10)"), None);
        assert_eq!(range_of("Clarity (1-10)").as_deref(), Some("1-10"));
        assert_eq!(
            range_of("from 0.0 to 1.0").as_deref(),
            range_of("(0-1)").as_deref()
        );
        assert_eq!(range_of("between 3 and 9"), None);
    }
}
