//! Required literals of a pattern: words of which one occurs in every text that the pattern matches.
//!
//! The analysis is the one of RE2's `FilteredRE2`: exact sets of strings are crossed along a
//! concatenation as long as they stay small; of all the sets on the way the rarest is kept. A word
//! list (`{name}`) is analysed once and stands in a pattern as one private-use character, so that no
//! pattern is expanded for it.

use std::collections::BTreeMap;

use regex_syntax::hir::{Class, Hir, HirKind};

use super::vocabulary::Vocabulary;

/// How many strings an exact set may have.
const MAX_EXACT: usize = 24;
/// How many words a requirement may offer.
const MAX_REQUIRED: usize = 400;
/// How long a required word may be, in bytes.
const MAX_WORD: usize = 7;
/// How many letters a character class may have to count as that many strings.
const MAX_CLASS: usize = 4;
/// A set this rare is crossed with no more strings.
const RARE: f64 = 2e-5;
/// The private-use character of the first word list.
const FIRST: u32 = 0xE000;

/// Words in lower case, of which one occurs in every matching text, letters of either case;
/// `None` where nothing can be said.
pub(super) type Required = Option<Vec<String>>;

/// What is known of the texts that an expression matches.
#[derive(Debug, Clone, Default)]
struct Summary {
    /// All of them, where they are few.
    exact: Option<Vec<String>>,
    /// The rarest requirement.
    required: Required,
}

/// The analysis of the word lists, for the patterns that use them.
#[derive(Debug, Default)]
pub(super) struct Atoms {
    numbers: BTreeMap<String, u32>,
    lists: Vec<Summary>,
}

impl Atoms {
    /// Analyses the word lists.
    pub(super) fn new(vocabulary: &Vocabulary) -> Self {
        let numbers = vocabulary
            .iter()
            .zip(FIRST..)
            .map(|((name, _), n)| (name.to_owned(), n))
            .collect();
        let mut out = Self {
            numbers,
            lists: vec![Summary::default(); vocabulary.iter().count()],
        };
        // A list may use another: those that use none come first.
        let mut order: Vec<(usize, usize, &[String])> = vocabulary
            .iter()
            .enumerate()
            .map(|(i, (name, words))| (vocabulary.depth(name), i, words))
            .collect();
        order.sort_unstable_by_key(|(depth, i, _)| (*depth, *i));
        for (_, i, words) in order {
            let parts: Vec<Summary> = words.iter().map(|w| out.summary(w)).collect();
            if let Some(list) = out.lists.get_mut(i) {
                *list = alternation(&parts);
            }
        }
        out
    }

    /// What every text that a pattern matches has to contain.
    pub(super) fn required(&self, pattern: &str) -> Required {
        let s = self.summary(pattern);
        // The beginning of a required word is required too, and shared by many.
        let begin = |mut word: String| {
            let end = (0..=MAX_WORD.min(word.len())).rfind(|i| word.is_char_boundary(*i));
            word.truncate(end.unwrap_or(0));
            word
        };
        rarer(s.required, s.exact).map(|words| unique(words.into_iter().map(begin).collect()))
    }

    fn summary(&self, pattern: &str) -> Summary {
        let marked = Vocabulary::replace_names(pattern, &mut |name, out| {
            let c = self.numbers.get(name).copied().and_then(char::from_u32);
            out.push(c.ok_or_else(String::new)?);
            Ok(())
        });
        marked
            .ok()
            .and_then(|m| parse(&m))
            .map_or_else(Summary::default, |hir| self.of(&hir))
    }

    fn of(&self, hir: &Hir) -> Summary {
        match hir.kind() {
            HirKind::Empty | HirKind::Look(_) => exactly(vec![String::new()]),
            // A byte that is no letter (`\xe9`) is one where the pattern is compiled with Unicode.
            HirKind::Literal(l) => {
                std::str::from_utf8(&l.0).map_or_else(|_| Summary::default(), |t| self.literal(t))
            }
            HirKind::Class(c) => self.class(c),
            HirKind::Capture(c) => self.of(&c.sub),
            HirKind::Repetition(r) => {
                let sub = self.of(&r.sub);
                match (r.min, r.max) {
                    (1, Some(1)) => sub,
                    (0, Some(1)) => Summary {
                        exact: sub.exact.map(|mut e| {
                            e.push(String::new());
                            e
                        }),
                        required: None,
                    },
                    (0, _) => Summary::default(),
                    _ => Summary {
                        exact: None,
                        required: rarer(sub.required, sub.exact),
                    },
                }
            }
            HirKind::Concat(subs) => {
                concatenation(&subs.iter().map(|s| self.of(s)).collect::<Vec<_>>())
            }
            HirKind::Alternation(subs) => {
                alternation(&subs.iter().map(|s| self.of(s)).collect::<Vec<_>>())
            }
        }
    }

    /// Letters, among them the characters of word lists.
    fn literal(&self, text: &str) -> Summary {
        let mut parts: Vec<Summary> = Vec::new();
        let mut rest = text;
        while let Some(c) = rest.chars().next() {
            let plain = rest.find(|c: char| !c.is_ascii()).unwrap_or(rest.len());
            let (part, after) = rest.split_at(if plain == 0 { c.len_utf8() } else { plain });
            parts.push(if plain == 0 {
                self.character(c)
            } else {
                exactly(vec![part.to_ascii_lowercase()])
            });
            rest = after;
        }
        concatenation(&parts)
    }

    fn character(&self, c: char) -> Summary {
        let list = u32::from(c)
            .checked_sub(FIRST)
            .and_then(|n| self.lists.get(n as usize));
        match list {
            Some(list) => list.clone(),
            None if c.is_ascii() => exactly(vec![c.to_ascii_lowercase().to_string()]),
            // Whether such a letter matches in the other case depends on how the pattern is compiled.
            None if c.to_lowercase().ne([c]) || c.to_uppercase().ne([c]) => Summary::default(),
            None => exactly(vec![c.to_string()]),
        }
    }

    fn class(&self, class: &Class) -> Summary {
        let chars: Vec<char> = match class {
            Class::Unicode(c) => (c.iter().flat_map(|r| r.start()..=r.end()))
                .take(MAX_CLASS + 1)
                .collect(),
            Class::Bytes(c) => (c.iter().flat_map(|r| r.start()..=r.end()))
                .take(MAX_CLASS + 1)
                .map(char::from)
                .collect(),
        };
        // A byte beyond ASCII is a part of a letter.
        let bytes = matches!(class, Class::Bytes(_));
        if chars.len() > MAX_CLASS || bytes && !chars.iter().all(char::is_ascii) {
            return Summary::default();
        }
        alternation(&chars.iter().map(|c| self.character(*c)).collect::<Vec<_>>())
    }
}

/// An expression as the parser reads it: without Unicode classes, which are large, where it can be.
fn parse(pattern: &str) -> Option<Hir> {
    let as_bytes = regex_syntax::ParserBuilder::new()
        .unicode(false)
        .utf8(false)
        .build()
        .parse(pattern);
    as_bytes
        .ok()
        .or_else(|| regex_syntax::Parser::new().parse(pattern).ok())
}

fn exactly(words: Vec<String>) -> Summary {
    Summary {
        exact: Some(words),
        required: None,
    }
}

/// How often one of the words would occur in chance text, by their lengths.
fn frequency(words: &[String]) -> f64 {
    words
        .iter()
        .map(|w| 6f64.powi(-i32::try_from(w.len().min(12)).unwrap_or(12)))
        .sum()
}

/// The rarer of two requirements. One that an empty word fulfils is none.
fn rarer(a: Required, b: Required) -> Required {
    let usable = |words: &Vec<String>| {
        !words.is_empty() && words.len() <= MAX_REQUIRED && words.iter().all(|w| !w.is_empty())
    };
    match (a.filter(usable), b.filter(usable)) {
        (Some(a), Some(b)) => Some(if frequency(&b) < frequency(&a) { b } else { a }),
        (a, b) => a.or(b),
    }
}

fn concatenation(parts: &[Summary]) -> Summary {
    let mut best: Required = None;
    let mut run = vec![String::new()];
    let mut whole = true;
    for part in parts {
        let Some(next) = &part.exact else {
            best = rarer(best, Some(std::mem::replace(&mut run, vec![String::new()])));
            best = rarer(best, part.required.clone());
            whole = false;
            continue;
        };
        if next.len() > 1 || frequency(&run) < RARE {
            best = rarer(best, Some(run.clone()));
        }
        if run.len() * next.len() <= MAX_EXACT && frequency(&run) >= RARE {
            run = run
                .iter()
                .flat_map(|a| next.iter().map(move |b| format!("{a}{b}")))
                .collect();
        } else {
            whole = false;
            run.clone_from(next);
        }
    }
    if whole {
        Summary {
            exact: Some(run),
            required: best,
        }
    } else {
        Summary {
            exact: None,
            required: rarer(best, Some(run)),
        }
    }
}

fn alternation(parts: &[Summary]) -> Summary {
    let all: Option<Vec<Vec<String>>> = parts.iter().map(|p| p.exact.clone()).collect();
    let exact = all
        .map(|all| unique(all.concat()))
        .filter(|e| e.len() <= MAX_EXACT);
    let each: Option<Vec<Vec<String>>> = parts
        .iter()
        .map(|p| rarer(p.required.clone(), p.exact.clone()))
        .collect();
    Summary {
        exact,
        required: each.map(|e| unique(e.concat())),
    }
}

fn unique(mut words: Vec<String>) -> Vec<String> {
    words.sort_unstable();
    words.dedup();
    words
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn required(pattern: &str) -> Required {
        let mut v = Vocabulary::default();
        v.add(
            Path::new("w.toml"),
            "[words]\nfruit = ['figs?', 'plum']\nany = ['\\w+', 'plum']",
        )
        .ok()?;
        Atoms::new(&v).required(pattern)
    }

    fn some(words: &[&str]) -> Required {
        Some(words.iter().map(|w| (*w).to_owned()).collect())
    }

    #[test]
    fn the_rarest_part_of_a_pattern_is_required() {
        assert_eq!(required(r"\bsort (?:the )?.{0,9}items?"), some(&["sort "]));
        assert_eq!(required(r"a.*peel {fruit}"), some(&["peel fi", "peel pl"]));
        assert_eq!(required(r"{fruit}s"), some(&["figs", "figss", "plums"]));
        assert_eq!(
            required(r"(?:Fig|plum\d|p{2,3}ear)"),
            some(&["ear", "fig", "plum"])
        );
    }

    #[test]
    fn what_may_be_missing_is_not_required() {
        assert_eq!(required(r"\d+"), None);
        assert_eq!(required("(?:fig)?"), None);
        assert_eq!(required("fig|"), None);
        assert_eq!(required("{any}"), None);
        assert_eq!(required("{unknown}"), None);
        assert_eq!(required(r"r\xe9ponds|sort"), None);
    }
}
