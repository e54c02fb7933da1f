//! The shared vocabulary: named lists of words that patterns refer to as `{name}`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::Deserialize;

use super::error::{RuleError, toml_error};

/// How deep lists may refer to lists.
const MAX_DEPTH: usize = 6;

/// Named lists of words. In a pattern `{name}` stands for any of them.
#[derive(Debug, Clone, Default)]
pub struct Vocabulary {
    words: BTreeMap<String, Vec<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    words: BTreeMap<String, Vec<String>>,
}

impl Vocabulary {
    /// Adds the lists of a file. A list that is there already grows.
    ///
    /// # Errors
    /// Where the file is not `[words]` with lists of strings.
    pub fn add(&mut self, path: &Path, text: &str) -> Result<(), RuleError> {
        for (name, words) in Self::lists(path, text)? {
            self.words.entry(name).or_default().extend(words);
        }
        Ok(())
    }

    /// The lists of a file, by name.
    ///
    /// # Errors
    /// As [`Self::add`].
    pub(super) fn lists(
        path: &Path,
        text: &str,
    ) -> Result<BTreeMap<String, Vec<String>>, RuleError> {
        let raw: Raw = toml::from_str(text).map_err(|e| toml_error(path, text, &e))?;
        Ok(raw.words)
    }

    /// Whether a pattern refers to one of these lists, itself or through others.
    pub(super) fn uses(&self, pattern: &str, names: &BTreeSet<String>) -> bool {
        self.uses_below(pattern, names, MAX_DEPTH)
    }

    fn uses_below(&self, pattern: &str, names: &BTreeSet<String>, left: usize) -> bool {
        let mut uses = false;
        let _names = Self::replace_names(pattern, &mut |name, _| {
            let words = || self.words.get(name).into_iter().flatten();
            uses = uses
                || names.contains(name)
                || left > 0 && words().any(|w| self.uses_below(w, names, left - 1));
            Ok(())
        });
        uses
    }

    /// The lists, sorted by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[String])> {
        self.words.iter().map(|(k, v)| (k.as_str(), v.as_slice()))
    }

    /// A pattern with every `{name}` replaced by its words. Counted repetitions (`{2,5}`) stay.
    ///
    /// # Errors
    /// A message where a name is unknown or lists refer to one another in a circle.
    pub fn expand(&self, pattern: &str) -> Result<String, String> {
        let mut out = String::new();
        self.expand_into(pattern, 0, &mut out)?;
        Ok(out)
    }

    fn expand_into(&self, pattern: &str, depth: usize, out: &mut String) -> Result<(), String> {
        if depth > MAX_DEPTH {
            return Err("word lists refer to one another in a circle".to_owned());
        }
        let text = Self::replace_names(pattern, &mut |name, out| {
            let Some(words) = self.words.get(name) else {
                let near = self
                    .words
                    .keys()
                    .min_by_key(|k| strsim::levenshtein(k, name))
                    .map(|k| format!("; did you mean `{{{k}}}`?"))
                    .unwrap_or_default();
                return Err(format!("no word list is called `{{{name}}}`{near}"));
            };
            out.push_str("(?:");
            for (i, w) in words.iter().enumerate() {
                if i > 0 {
                    out.push('|');
                }
                self.expand_into(w, depth + 1, out)?;
            }
            out.push(')');
            Ok(())
        })?;
        out.push_str(&text);
        Ok(())
    }

    /// How deep a list refers to lists, at most [`MAX_DEPTH`]: 0 where it uses none.
    pub(super) fn depth(&self, name: &str) -> usize {
        self.depth_below(name, MAX_DEPTH)
    }

    fn depth_below(&self, name: &str, left: usize) -> usize {
        let mut depth = 0;
        if left == 0 {
            return depth;
        }
        for word in self.words.get(name).into_iter().flatten() {
            // What is replaced does not matter here, only which names occur.
            let _names = Self::replace_names(word, &mut |used, _| {
                depth = depth.max(1 + self.depth_below(used, left - 1));
                Ok(())
            });
        }
        depth
    }

    /// A pattern with every `{name}` replaced by what `put` writes for it. Counted repetitions
    /// (`{2,5}`) and escaped braces stay.
    ///
    /// # Errors
    /// Those of `put`.
    pub(super) fn replace_names(
        pattern: &str,
        put: &mut dyn FnMut(&str, &mut String) -> Result<(), String>,
    ) -> Result<String, String> {
        let mut out = String::with_capacity(pattern.len() * 4);
        let mut rest = pattern;
        while let Some(open) = rest.find('{') {
            let (before, after) = rest.split_at(open);
            out.push_str(before);
            let name = after
                .get(1..)
                .and_then(|s| s.split_once('}'))
                .map(|(n, _)| n);
            match name {
                Some(n)
                    if !before.ends_with('\\')
                        && n.starts_with(|c: char| c.is_ascii_lowercase())
                        && n.bytes()
                            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_') =>
                {
                    put(n, &mut out)?;
                    rest = after.get(n.len() + 2..).unwrap_or_default();
                }
                _ => {
                    out.push('{');
                    rest = after.get(1..).unwrap_or_default();
                }
            }
        }
        out.push_str(rest);
        Ok(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vocabulary() -> Result<Vocabulary, RuleError> {
        let mut v = Vocabulary::default();
        v.add(
            Path::new("w.toml"),
            "[words]\nfruit = ['fig', 'plum']\nfood = ['{fruit}', 'bread']\nloop = ['{loop}']",
        )?;
        Ok(v)
    }

    #[test]
    fn lists_nest_and_repetitions_stay() -> Result<(), RuleError> {
        let v = vocabulary()?;
        assert_eq!(
            v.expand(r"eat .{0,9} {food}x{2}"),
            Ok(r"eat .{0,9} (?:(?:fig|plum)|bread)x{2}".to_owned())
        );
        Ok(())
    }

    #[test]
    fn unknown_names_and_circles_are_errors() -> Result<(), RuleError> {
        let v = vocabulary()?;
        assert!(v.expand("{frut}").is_err_and(|m| m.contains("{fruit}")));
        assert!(v.expand("{loop}").is_err());
        Ok(())
    }
}
