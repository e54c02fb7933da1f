//! deprompt: a static linter that flags prompts where code should go.

pub mod calls;
pub mod catalog;
pub mod finding;
pub mod hir;
pub mod language;
pub mod pipeline;
pub mod prefilter;
pub mod project;
pub mod resolve;
pub mod source;
pub mod vfs;
