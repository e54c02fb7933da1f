//! The frontend as a whole: dumps of small programs, literals, extreme nesting, arbitrary text.

mod constructs;
mod extremes;
mod literals;

use crate::hir::dump::dump;

/// The dump of a TypeScript program.
fn facts(text: &str) -> String {
    dump(&super::lower(text, false))
}
