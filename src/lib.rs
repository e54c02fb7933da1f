//! deprompt: a static linter that flags prompts where code should go.

pub mod calls;
pub mod catalog;
pub mod check;
pub mod cli;
pub mod config;
pub mod discover;
pub mod exit;
pub mod finding;
pub mod hir;
pub mod language;
pub mod pipeline;
pub mod prefilter;
pub mod project;
pub mod prompt;
pub mod report;
pub mod resolve;
pub mod rules;
pub mod select;
pub mod source;
pub mod suggest;
pub mod suppress;
pub mod vfs;
