//! Fingerprints that outlive moved lines; the parent module's documentation gives the algorithm.

use std::collections::BTreeMap;

/// Gives out fingerprints and counts the occurrences of a run.
#[derive(Debug, Default)]
pub struct Fingerprints {
    seen: BTreeMap<(String, String, String), u32>,
}

impl Fingerprints {
    /// The fingerprint of the next result with this rule, file and words.
    pub fn of(&mut self, rule: &str, uri: &str, words: &str) -> String {
        let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
        let key = (rule.to_owned(), uri.to_owned(), words);
        let occurrence = self.seen.entry(key.clone()).or_default();
        let (rule, uri, words) = key;
        let hash = fnv1a(&[&rule, &uri, &words, &occurrence.to_string()]);
        *occurrence += 1;
        format!("{hash:016x}")
    }
}

/// 64-bit FNV-1a over the parts, each with a zero byte after it.
fn fnv1a(parts: &[&str]) -> u64 {
    let bytes = parts.iter().flat_map(|p| p.bytes().chain([0]));
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_fnv1a() {
        // Published test vectors, with the zero byte that each part ends in.
        assert_eq!(fnv1a(&[]), 0xcbf2_9ce4_8422_2325);
        assert_eq!(fnv1a(&[""]), 0xaf63_bd4c_8601_b7df);
    }

    #[test]
    fn white_space_does_not_matter_and_repeats_do() {
        let mut a = Fingerprints::default();
        let mut b = Fingerprints::default();
        let first = a.of("r", "x.py", "sum  the\n numbers");
        assert_eq!(first, b.of("r", "x.py", "sum the numbers"));
        assert_ne!(first, a.of("r", "x.py", "sum the numbers"));
        assert_ne!(first, b.of("r", "y.py", "sum the numbers"));
    }
}
