//! Rules: what work looks like, as data.
//!
//! This module owns [`RuleSet`]: the rules embedded in the binary, those of the user's directories,
//! the vocabulary they share, and their compiled patterns. Rules are kept sorted by id.

mod atoms;
pub mod builtin;
pub mod cases;
mod compile;
mod error;
pub mod markdown;
pub mod matcher;
pub mod schema;
mod screen;
pub mod vocabulary;

use std::collections::BTreeSet;
use std::ops::Range;
use std::path::{Path, PathBuf};

pub use error::RuleError;
pub use schema::{Kind, Rule, Strength};
pub use vocabulary::Vocabulary;

use rayon::prelude::*;

use matcher::{Matcher, Screened};

/// Name of the folder, inside a directory of rules, that holds word lists.
const VOCABULARY: &str = "vocabulary";
/// Name of the folder, inside the embedded rules, that holds the API catalog (not read here).
const APIS: &str = "apis";
/// How deep a directory of rules is read.
const MAX_DEPTH: usize = 4;

/// Rules, sorted by id, with the vocabulary they share.
#[derive(Debug, Default)]
pub struct RuleSet {
    rules: Vec<Rule>,
    vocabulary: Vocabulary,
    matcher: Matcher,
}

impl RuleSet {
    /// The rules embedded in the binary.
    ///
    /// # Errors
    /// Where an embedded rule is malformed, which the tests exclude.
    pub fn builtin() -> Result<Self, RuleError> {
        Self::with_dirs(&[])
    }

    /// The embedded rules and those of the user's directories (read in the order given). A user's
    /// rule replaces the embedded one with its id; word lists grow.
    ///
    /// # Errors
    /// Where a file cannot be read, is no rule, or has a pattern that does not compile.
    pub fn with_dirs(dirs: &[PathBuf]) -> Result<Self, RuleError> {
        let mut vocabulary = Vocabulary::default();
        let mut rules: Vec<Rule> = Vec::new();
        for (path, text) in builtin::VOCABULARY {
            vocabulary.add(Path::new(path), text)?;
        }
        for part in parse_builtin() {
            rules.extend(part?);
        }
        let mut own = Vec::new();
        let mut words = Vec::new();
        for dir in dirs {
            for (path, text) in read_dir(dir)? {
                if is_under(&path, dir, VOCABULARY) {
                    vocabulary.add(&path, &text)?;
                    words.push((path, text));
                } else {
                    own.push(schema::parse_rule(&path, &text)?);
                }
            }
        }
        rules.retain(|r| own.iter().all(|o: &Rule| o.id != r.id));
        check_words(&words, &vocabulary, &rules)?;
        for r in &own {
            matcher::check(r, &vocabulary)?;
        }
        rules.append(&mut own);
        Self::from_parts(rules, vocabulary)
    }

    /// A set of these rules.
    ///
    /// # Errors
    /// Where two rules have one id.
    pub fn from_parts(mut rules: Vec<Rule>, vocabulary: Vocabulary) -> Result<Self, RuleError> {
        rules.sort_by(|a, b| a.id.cmp(&b.id));
        for w in rules.windows(2) {
            if let [a, b] = w
                && a.id == b.id
            {
                return Err(RuleError {
                    path: b.path.clone(),
                    line: None,
                    message: format!("rule `{}` is also defined in {}", b.id, a.path.display()),
                });
            }
        }
        let matcher = Matcher::new(&rules);
        Ok(Self {
            rules,
            vocabulary,
            matcher,
        })
    }

    /// All rules, sorted by id.
    pub fn iter(&self) -> impl Iterator<Item = &Rule> {
        self.rules.iter()
    }

    /// Number of rules.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.rules.len()
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// A rule by its id.
    #[must_use]
    pub fn rule(&self, id: &str) -> Option<&Rule> {
        self.index(id).and_then(|i| self.rules.get(i))
    }

    /// A rule by its index in the sorted order.
    pub(crate) fn get(&self, index: usize) -> Option<&Rule> {
        self.rules.get(index)
    }

    fn index(&self, id: &str) -> Option<usize> {
        self.rules.binary_search_by(|r| r.id.as_str().cmp(id)).ok()
    }

    /// The vocabulary.
    #[must_use]
    pub const fn vocabulary(&self) -> &Vocabulary {
        &self.vocabulary
    }

    /// Checks that every pattern compiles, naming the one that does not.
    ///
    /// # Errors
    /// With file and line of the first bad pattern.
    pub fn check_patterns(&self) -> Result<(), RuleError> {
        self.rules
            .iter()
            .try_for_each(|r| matcher::check(r, &self.vocabulary))
    }

    /// The rules of a kind with their index.
    pub(crate) fn of_kind(&self, kind: Kind) -> impl Iterator<Item = (usize, &Rule)> {
        self.rules
            .iter()
            .enumerate()
            .filter(move |(_, r)| r.kind == kind)
    }

    /// A text, ready to be matched by every rule.
    pub(crate) fn screen<'t>(&self, text: &'t str) -> Screened<'t> {
        self.matcher.screen(&self.rules, &self.vocabulary, text)
    }

    /// Where a rule's patterns match a text and no veto does.
    pub(crate) fn find(&self, index: usize, text: &Screened<'_>) -> Option<Range<usize>> {
        let rule = self.rules.get(index)?;
        self.matcher.find(index, rule, &self.vocabulary, text)
    }

    /// Where a rule's patterns match a text, one match after the other, each without a veto.
    pub(crate) fn find_each(
        &self,
        index: usize,
        text: &Screened<'_>,
        max: usize,
    ) -> Vec<Range<usize>> {
        self.rules.get(index).map_or_else(Vec::new, |rule| {
            self.matcher
                .find_each(index, rule, &self.vocabulary, text, max)
        })
    }

    /// The patterns that match a text, by the rule's id and the pattern's number, whatever the vetoes
    /// and conditions say.
    pub(crate) fn pattern_hits(&self, text: &str) -> Vec<(&str, usize)> {
        let text = self.screen(text);
        self.rules
            .iter()
            .enumerate()
            .flat_map(|(i, r)| {
                self.matcher
                    .hits(i, r, &self.vocabulary, &text)
                    .into_iter()
                    .map(|p| (r.id.as_str(), p))
            })
            .collect()
    }

    /// Where the condition of a rule's variant matches a text, preferably near a place, with its named groups.
    pub(crate) fn variant(
        &self,
        id: &str,
        number: usize,
        text: &str,
        near: &Range<usize>,
    ) -> Option<(Range<usize>, matcher::Captured)> {
        let index = self.index(id)?;
        let rule = self.rules.get(index)?;
        self.matcher
            .variant(index, rule, &self.vocabulary, number, text, near)
    }

    /// Whether a rule's condition on a reply use's literal holds.
    pub(crate) fn detail(&self, index: usize, literal: &str) -> bool {
        self.rules
            .get(index)
            .is_some_and(|r| self.matcher.detail(index, r, &self.vocabulary, literal))
    }

    /// Whether a rule's conditions on the call's parameters hold.
    pub(crate) fn parameters(&self, index: usize, parameters: &[(String, String)]) -> bool {
        self.rules.get(index).is_some_and(|r| {
            self.matcher
                .parameters(index, r, &self.vocabulary, parameters)
        })
    }

    /// Whether a rule's condition on the name of the function holds.
    pub(crate) fn function(&self, index: usize, words: &str) -> bool {
        self.rules
            .get(index)
            .is_some_and(|r| self.matcher.function(index, r, &self.vocabulary, words))
    }
}

/// The embedded rules, read by two threads: that is most of what a run over a small tree takes.
fn parse_builtin() -> [Result<Vec<Rule>, RuleError>; 2] {
    let parse = |part: &[builtin::Embedded]| {
        part.iter()
            .map(|(path, text)| schema::parse_rule(Path::new(path), text))
            .collect::<Result<Vec<_>, _>>()
    };
    let (first, second) = builtin::RULES.split_at(builtin::RULES.len() / 2);
    std::thread::scope(|s| {
        let spawned = s.spawn(|| parse(first));
        let second = parse(second);
        // A thread that panicked leaves the work to this one, which panics in its own name.
        [spawned.join().unwrap_or_else(|_| parse(first)), second]
    })
}

/// Checks the words of the user's vocabulary files: each by itself, and the embedded rules whose
/// patterns they are put into.
fn check_words(
    files: &[(PathBuf, String)],
    vocabulary: &Vocabulary,
    rules: &[Rule],
) -> Result<(), RuleError> {
    let mut grown = BTreeSet::new();
    for (path, text) in files {
        for (name, words) in Vocabulary::lists(path, text)? {
            for word in words {
                compile::check_pattern(&word, vocabulary).map_err(|m| RuleError {
                    path: path.clone(),
                    line: text
                        .lines()
                        .position(|l| l.contains(&word))
                        .map(|line| line + 1),
                    message: format!("`{word}` in the list `{name}`: {m}"),
                })?;
            }
            grown.insert(name);
        }
    }
    let grows = |r: &&Rule| {
        let mut patterns = r.any.iter().chain(&r.not);
        patterns.any(|p| vocabulary.uses(p, &grown))
    };
    let Some((last, _)) = files.last() else {
        return Ok(());
    };
    rules.par_iter().filter(grows).try_for_each(|r| {
        matcher::check(r, vocabulary).map_err(|e| RuleError {
            path: last.clone(),
            line: None,
            message: format!(
                "with the words added here rule `{}` does not compile: {}",
                r.id, e.message
            ),
        })
    })
}

fn is_under(path: &Path, dir: &Path, name: &str) -> bool {
    path.strip_prefix(dir)
        .is_ok_and(|p| p.components().next().is_some_and(|c| c.as_os_str() == name))
}

/// The `.toml` files of a directory and its folders, sorted.
fn read_dir(dir: &Path) -> Result<Vec<(PathBuf, String)>, RuleError> {
    let error = |path: &Path, e: &std::io::Error| RuleError {
        path: path.to_owned(),
        line: None,
        message: e.to_string(),
    };
    let mut out = Vec::new();
    let mut todo = vec![(dir.to_owned(), 0)];
    while let Some((d, depth)) = todo.pop() {
        for entry in std::fs::read_dir(&d).map_err(|e| error(&d, &e))? {
            let path = entry.map_err(|e| error(&d, &e))?.path();
            if path.is_dir() {
                if depth < MAX_DEPTH && !is_under(&path, dir, APIS) {
                    todo.push((path, depth + 1));
                }
            } else if path.extension().is_some_and(|e| e == "toml") {
                let text = std::fs::read_to_string(&path).map_err(|e| error(&path, &e))?;
                out.push((path, text));
            }
        }
    }
    out.sort();
    Ok(out)
}
