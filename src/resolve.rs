//! Resolving: what the expressions of a project evaluate to, across files, and which calls end in
//! a language model.
//!
//! * [`modules`]: which file an import means.
//! * `value`: the values of the evaluator.
//! * `eval`: names, members, stores; `call`: calls; `text`: operations on text; `object`: classes and instances.
//! * `request`: from a call's arguments to the messages it sends, with the catalog.
//! * `sites`: finding the calls: SDK calls, then wrappers to a fixpoint.
//! * `declared`: house wrappers of the settings.
//! * `data`: settings and prompt files in YAML, JSON and TOML.
//! * `reply`: what is done with the reply.
//! * `prompt`: ropes to [`crate::calls::PromptText`].

pub(crate) mod call;
pub(crate) mod data;
pub(crate) mod declared;
pub(crate) mod eval;
pub mod modules;
pub(crate) mod object;
pub(crate) mod prompt;
pub(crate) mod reply;
pub(crate) mod request;
pub(crate) mod sites;
mod test_code;
pub(crate) mod text;
pub(crate) mod value;
