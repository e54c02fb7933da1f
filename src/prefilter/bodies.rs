//! Markers of requests that are known by their body alone, whatever the URL: the names of fields
//! that must all stand near each other.

use regex::bytes::{Regex, RegexBuilder};

use crate::catalog::{At, AtRoot, Catalog};

/// How far from the first field the others may stand, in bytes.
const NEAR: usize = 2_000;

/// The bodies of a catalog: of each, its groups of field names, every group by one of its names.
#[derive(Debug)]
pub(super) struct Bodies(Vec<Vec<Regex>>);

impl Bodies {
    /// # Errors
    /// If a field's name makes no valid expression.
    pub(super) fn new(catalog: &Catalog) -> Result<Self, regex::Error> {
        let mut bodies: Vec<Vec<String>> = Vec::new();
        for c in &catalog.calls {
            if c.all.is_empty() || !c.contains.is_empty() {
                continue;
            }
            let groups = c.all.iter().map(Vec::as_slice).chain([c.needs.as_slice()]);
            let mut keys: Vec<String> = Vec::new();
            for key in groups.filter_map(key) {
                if !keys.contains(&key) {
                    keys.push(key);
                }
            }
            if !keys.is_empty() && !bodies.contains(&keys) {
                bodies.push(keys);
            }
        }
        bodies
            .iter()
            .map(|keys| keys.iter().map(|k| compile(k)).collect())
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// Whether the fields of some body stand near each other.
    pub(super) fn is_match(&self, bytes: &[u8]) -> bool {
        self.0.iter().any(|groups| {
            let Some((first, others)) = groups.split_first() else {
                return false;
            };
            // Most files lack one of them altogether.
            others.iter().all(|o| o.is_match(bytes))
                && first.find_iter(bytes).any(|m| {
                    let start = m.start().saturating_sub(NEAR);
                    let near = &bytes[start..bytes.len().min(m.end() + NEAR)];
                    others.iter().all(|o| o.is_match(near))
                })
        })
    }
}

fn compile(key: &str) -> Result<Regex, regex::Error> {
    RegexBuilder::new(key).unicode(false).build()
}

/// One of the last names of some paths as a field of an object, a struct or a call; in a notebook
/// quotes are escaped.
fn key(paths: &[At]) -> Option<String> {
    let mut names: Vec<String> = paths
        .iter()
        .filter_map(|a| match (a.fields.last(), &a.root) {
            (Some(f), _) => Some(regex::escape(f)),
            (None, AtRoot::Named(n)) => Some(regex::escape(n)),
            (None, _) => None,
        })
        .collect();
    names.sort();
    names.dedup();
    let names = names.join("|");
    (!names.is_empty()).then(|| format!(r#"\b(?:{names})\\?["']?\s*(?:[:,}}\]]|=[^=])"#))
}
