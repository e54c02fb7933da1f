//! Which files can matter: a search for SDK markers in the bytes, before anything is parsed.
//!
//! The markers are derived from the catalog: packages in the shape of an import, distinctive
//! member chains, hosts and programs of raw requests.

use regex::bytes::{Regex, RegexBuilder};

use crate::catalog::{Catalog, Evidence};

/// Finds candidates.
#[derive(Debug)]
pub struct Prefilter {
    markers: Regex,
}

impl Prefilter {
    /// The markers of a catalog.
    ///
    /// # Errors
    /// If the markers make no valid expression (a catalog with thousands of entries).
    pub fn new(catalog: &Catalog) -> Result<Self, regex::Error> {
        let mut packages: Vec<String> = Vec::new();
        for (i, sdk) in catalog.sdks.iter().enumerate() {
            // An entry that needs a host or a program among its arguments (raw HTTP, subprocesses)
            // is recognised by that; its packages are the standard library's.
            let mut calls = catalog.calls.iter().filter(|c| c.sdk == i).peekable();
            if calls.peek().is_some() && calls.all(|c| !c.contains.is_empty()) {
                continue;
            }
            for p in &sdk.packages {
                packages.push(match p.strip_suffix('*') {
                    Some(prefix) => format!(r"{}[\w./-]*", regex::escape(prefix)),
                    None => regex::escape(p),
                });
            }
        }
        packages.sort();
        packages.dedup();
        let names = packages.join("|");
        // `from google import genai` imports `google.genai`.
        let split: Vec<String> = catalog
            .sdks
            .iter()
            .flat_map(|s| &s.packages)
            .filter_map(|p| p.rsplit_once('.'))
            .map(|(a, b)| {
                format!(
                    r"{}\s+import\s+[\w, (]*{}",
                    regex::escape(a),
                    regex::escape(b.trim_end_matches('*'))
                )
            })
            .collect();
        let mut parts = vec![
            format!(r#"(?:import|from|use|crate)\s+(?:{names})\b"#),
            format!(r#"["'](?:{names})(?:["'/])"#),
            format!(r"\b(?:{names})::"),
        ];
        if catalog.calls.iter().any(|c| c.evidence == Evidence::Shape) {
            // Messages with roles, for calls known by their shape.
            parts.push(r#"\brole["']?\s*[:=]\s*["'](?:system|user|developer)["']"#.to_owned());
        }
        for c in catalog
            .calls
            .iter()
            .filter(|c| c.evidence == Evidence::Shape && !c.receiver.is_empty())
        {
            // `self.llm.invoke(`: the names of receiver and method.
            let any = |patterns: &[crate::catalog::Pattern]| {
                let names: Vec<String> = patterns
                    .iter()
                    .filter_map(|p| p.segments.last())
                    .map(|s| regex::escape(s).replace(r"\*", r"\w*"))
                    .collect();
                names.join("|")
            };
            if c.receiver.iter().all(|p| p.segments == ["*"]) {
                parts.push(format!(r"\b(?:{})\s*\(", any(&c.chain)));
                continue;
            }
            parts.push(format!(
                r"\b(?:{})(?:\(\))?\s*\??\.\s*(?:{})\s*\(",
                any(&c.receiver),
                any(&c.chain)
            ));
        }
        if !split.is_empty() {
            parts.push(format!(r"from\s+(?:{})", split.join("|")));
        }
        let mut literals: Vec<String> = Vec::new();
        for c in &catalog.calls {
            if c.evidence == Evidence::Chain {
                for p in c
                    .chain
                    .iter()
                    .filter(|p| !p.segments.iter().any(|s| s.contains(['*', '('])))
                {
                    if !c.contains.is_empty() && p.segments.len() < 2 {
                        continue;
                    }
                    // What follows may be called on a variable that keeps the beginning.
                    let chain: Vec<String> = p
                        .segments
                        .iter()
                        .take(2)
                        .map(|s| regex::escape(s))
                        .collect();
                    literals.push(format!(r"\b{}\b", chain.join(r"(?:\(\))?\s*\??[.:]+\s*")));
                }
            }
            for (_, texts) in &c.contains {
                literals.extend(texts.iter().filter(|t| t.len() >= 4).map(|t| {
                    let word = t
                        .chars()
                        .all(|c| c.is_alphanumeric() || c == '_' || c == '-');
                    if word {
                        format!(r#"["'`]{}\b"#, regex::escape(t))
                    } else {
                        regex::escape(t)
                    }
                }));
            }
        }
        // A wrapper is imported from wherever the project keeps it; its name is all there is.
        for d in &catalog.declared {
            if let Some(name) = d.pattern.segments.last() {
                literals.push(format!(r"\b{}\b", regex::escape(name)));
            }
        }
        literals.sort();
        literals.dedup();
        parts.extend(literals);
        Ok(Self {
            markers: RegexBuilder::new(&parts.join("|"))
                .unicode(false)
                .size_limit(64 << 20)
                .dfa_size_limit(64 << 20)
                .build()?,
        })
    }

    /// Whether a file has a marker.
    #[must_use]
    pub fn is_candidate(&self, bytes: &[u8]) -> bool {
        self.markers.is_match(bytes)
    }
}
