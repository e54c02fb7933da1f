//! Values of flags.

use clap::builder::{PossibleValuesParser, TypedValueParser};

use crate::finding::Severity;
use crate::language::Language;
use crate::select::FailOn;

const fn level(name: &str) -> Option<Severity> {
    match name.as_bytes() {
        b"note" => Some(Severity::Note),
        b"warning" => Some(Severity::Warning),
        b"error" => Some(Severity::Error),
        _ => None,
    }
}

/// A severity.
pub(super) fn severity() -> impl TypedValueParser<Value = Severity> {
    PossibleValuesParser::new(["note", "warning", "error"])
        .map(|s| level(&s).unwrap_or(Severity::Error))
}

/// A severity or `never`.
pub(super) fn fail_on() -> impl TypedValueParser<Value = FailOn> {
    PossibleValuesParser::new(["note", "warning", "error", "never"])
        .map(|s| level(&s).map_or(FailOn::Never, FailOn::Severity))
}

/// A language.
pub(super) fn language() -> impl TypedValueParser<Value = Language> {
    PossibleValuesParser::new(["python", "typescript", "rust"]).map(|s| match s.as_str() {
        "python" => Language::Python,
        "typescript" => Language::TypeScript,
        _ => Language::Rust,
    })
}

/// A probability.
pub(super) fn confidence(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(p) if (0.0..=1.0).contains(&p) => Ok(p),
        _ => Err("a number between 0 and 1 is needed".to_owned()),
    }
}

/// Bytes, or a number with `K`, `M`, `G` (powers of 1024).
pub(super) fn size(text: &str) -> Result<u64, String> {
    let (digits, shift) = match text.char_indices().last() {
        Some((i, 'k' | 'K')) => (&text[..i], 10),
        Some((i, 'm' | 'M')) => (&text[..i], 20),
        Some((i, 'g' | 'G')) => (&text[..i], 30),
        _ => (text, 0),
    };
    digits
        .parse::<u64>()
        .ok()
        .and_then(|n| n.checked_mul(1 << shift))
        .ok_or_else(|| "a number of bytes is needed, as in 500000, 512K or 8M".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes() {
        assert_eq!(size("12"), Ok(12));
        assert_eq!(size("8M"), Ok(8 << 20));
        assert!(size("M").is_err() && size("").is_err() && size("-1").is_err());
        assert!(size("99999999999999G").is_err());
    }

    #[test]
    fn confidences() {
        assert_eq!(confidence("0.5"), Ok(0.5));
        assert!(confidence("1.5").is_err() && confidence("NaN").is_err());
    }
}
