//! The rules embedded in the binary. A test keeps the lists in step with the folder.

/// Path and text of an embedded file.
pub type Embedded = (&'static str, &'static str);

macro_rules! embed {
    ($($path:literal),* $(,)?) => {
        &[$(($path, include_str!(concat!("../../rules/", $path)))),*]
    };
}

/// Word lists.
pub const VOCABULARY: &[Embedded] = embed![];

/// Rules.
pub const RULES: &[Embedded] = embed![];
