//! What a file takes from other modules and what it gives to them.

use super::{ExprId, Name};
use crate::source::Span;

/// An import.
#[derive(Debug)]
pub struct Import {
    /// The module as written: `a.b`, `..prompts`, `./x.js`, `@scope/pkg`, `crate::prompts`, `super::x`.
    pub module: Name,
    /// What of it.
    pub what: What,
    /// The name it is bound to; empty for a star or side-effect import.
    pub local: Name,
    /// TypeScript `import type`.
    pub types_only: bool,
    /// Its bytes.
    pub span: Span,
}

/// What an import takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// The module itself: `import a.b as c`, `import * as c`, `require("x")`, `mod x;`. Python's `import a.b` binds `a`: module `a`, plus one import of module `a.b` bound to the dotted local name `a.b`.
    Module,
    /// One name of it.
    Name(Name),
    /// The default export.
    Default,
    /// All names.
    Star,
    /// Nothing.
    SideEffect,
}

/// An explicit export.
#[derive(Debug)]
pub struct Export {
    /// The exported name; `default` for the default export.
    pub name: Name,
    /// What it exports.
    pub kind: ExportKind,
}

/// What an export exports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExportKind {
    /// A name of this file.
    Local(Name),
    /// A name of another module.
    From {
        /// The module as written.
        module: Name,
        /// The name there.
        name: Name,
    },
    /// All names of another module (`export * from`); the export's own name is empty, or the namespace's.
    Star {
        /// The module as written.
        module: Name,
    },
    /// An expression: `export default e`, `exports.x = e`, `module.exports = e` (name `=`).
    Expr(ExprId),
}
