//! deprompt: a static linter that flags prompts where code should go.

pub mod calls;
pub mod check;
pub mod finding;
pub mod hir;
pub mod language;
pub mod pipeline;
pub mod prompt;
pub mod rules;
pub mod source;
pub mod suggest;
pub mod vfs;
