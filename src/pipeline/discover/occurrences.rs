//! Where names occur: the files, not yet taken in, that may use what was found.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;
use regex::bytes::RegexBuilder;
use rustc_hash::{FxHashMap, FxHashSet};

use super::State;
use crate::prompt::words_of;
use crate::source::FileId;

impl State<'_> {
    /// The files, not yet taken in, in which one of the names occurs as a word. A name that occurs in
    /// very many files counts only together with one of its companions (the class that bears it,
    /// the module that defines it).
    pub(super) fn search(&self, ids: &[FileId], names: &FxHashSet<String>) -> Vec<FileId> {
        let companions = self.companions(names);
        let mut words: Vec<&String> = names
            .iter()
            .chain(companions.values().flatten())
            .filter(|n| n.len() >= 3)
            .collect();
        words.sort();
        words.dedup();
        if words.is_empty() {
            return Vec::new();
        }
        let index: FxHashMap<&[u8], usize> = words
            .iter()
            .enumerate()
            .map(|(i, w)| (w.as_bytes(), i))
            .collect();
        let alternation: Vec<String> = words.iter().map(|w| regex::escape(w)).collect();
        let Ok(any) = RegexBuilder::new(&format!(r"\b(?:{})\b", alternation.join("|")))
            .unicode(false)
            .size_limit(64 << 20)
            .build()
        else {
            return Vec::new();
        };
        let hits: Vec<(FileId, Vec<usize>)> = ids
            .par_iter()
            .copied()
            .filter(|f| !self.relevant.contains(f))
            .map_init(Vec::new, |bytes, f| {
                if !self.project.bytes_into(f, bytes) || is_bundle(bytes) {
                    return None;
                }
                let mut found: Vec<usize> = any
                    .find_iter(bytes)
                    .filter_map(|m| index.get(m.as_bytes()).copied())
                    .collect();
                found.sort_unstable();
                found.dedup();
                (!found.is_empty()).then_some((f, found))
            })
            .flatten()
            .collect();
        // A single word (`run`, `generate`) that is everywhere says nothing; a name of several words is
        // the project's own, however many files use it.
        let common = (ids.len() / 50).max(40);
        let caps: Vec<usize> = words
            .iter()
            .map(|w| {
                let own = w.len() >= 9 && words_of(w).len() >= 2;
                if own { common * 10 } else { common }
            })
            .collect();
        let mut frequency = vec![0usize; words.len()];
        for (_, found) in &hits {
            for i in found {
                frequency[*i] += 1;
            }
        }
        hits.into_iter()
            .filter(|(_, found)| {
                found.iter().any(|i| {
                    names.contains(words[*i])
                        && (frequency[*i] <= caps[*i]
                            || companions.get(words[*i]).is_some_and(|c| {
                                found.iter().any(|j| {
                                    j != i && c.contains(words[*j]) && frequency[*j] <= common * 2
                                })
                            }))
                })
            })
            .map(|(f, _)| f)
            .collect()
    }

    /// For each name of a wrapper: its class, the bases of that, and the stem of its file.
    fn companions(&self, names: &FxHashSet<String>) -> BTreeMap<String, BTreeSet<String>> {
        let mut out: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for f in self.wrappers.keys() {
            let Some(name) =
                super::names::function_name(self.project, *f).filter(|n| names.contains(n))
            else {
                continue;
            };
            let Some(p) = self.project.parsed(f.file) else {
                continue;
            };
            let set = out.entry(name).or_default();
            if let Some(c) = p.facts.functions[f.function.index()].owner {
                let c = &p.facts.classes[c.index()];
                set.insert(c.name.to_string());
                for b in &c.bases {
                    set.extend(
                        p.facts
                            .dotted(*b)
                            .and_then(|d| d.rsplit('.').next().map(str::to_owned)),
                    );
                }
            }
            set.extend(
                self.project
                    .path(f.file)
                    .file_stem()
                    .and_then(|s| s.to_str())
                    .map(str::to_owned),
            );
        }
        out
    }
}

/// Whether a machine wrote a file: long, with lines that nobody writes. Its names mean nothing.
fn is_bundle(bytes: &[u8]) -> bool {
    const LONG: usize = 50_000;
    const LINE: usize = 600;
    let lines = || bytes.iter().filter(|b| **b == b'\n').count() + 1;
    bytes.len() > LONG && bytes.len() / lines() > LINE
}
