//! The language-neutral facts of one file: a small intermediate representation (HIR) of a program.
//!
//! Frontends build it with [`build::Builder`]; everything after parsing reads only this. It holds
//! what evaluating text needs and nothing of any one language's grammar: expressions in an arena,
//! *write events* instead of bindings (so that order, mutation and branches survive), scopes,
//! guards, functions, classes, imports and exports. Parent links let the uses of a reply be found
//! by walking up.
//!
//! Not lowered, because evaluation sees through them: parentheses, `await`, casts, `as const`,
//! `satisfies`, non-null `!`, Rust's `?`, `&`, `*`, `.unwrap()`, `.expect(..)`, `.await`.

pub mod build;
pub mod dump;

mod definition;
mod expr;
mod import;
mod lookup;
mod scope;
mod store;
mod text;

use compact_str::CompactString;

use crate::language::Language;
use crate::source::Span;

pub use self::definition::{
    Attribute, Class, ClassKind, Field, Function, Param, ParamKind, Returned, TypeRef,
};
pub use self::expr::{Arg, CallKind, Entry, Expr, ExprNode, Op, Parent};
pub use self::import::{Export, ExportKind, Import, What};
pub use self::scope::{Guard, GuardKind, Scope, ScopeKind};
pub use self::store::{How, Step, Write};
pub use self::text::{Literal, Piece, Run};

/// An identifier or a path as written.
pub type Name = CompactString;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub u32);
        impl $name {
            /// As an index into its arena.
            #[must_use]
            pub const fn index(self) -> usize { self.0 as usize }
        }
    };
}
id!(
    /// An expression of the file. Ids grow in evaluation order: children before their parent.
    ExprId
);
id!(
    /// A write event of the file.
    WriteId
);
id!(
    /// A scope of the file; 0 is the module.
    ScopeId
);
id!(
    /// A guard of the file; 0 is "always".
    GuardId
);
id!(
    /// A function of the file.
    FunctionId
);
id!(
    /// A class of the file.
    ClassId
);
id!(
    /// An import of the file.
    ImportId
);

/// The module scope.
pub const MODULE: ScopeId = ScopeId(0);
/// The guard that always holds.
pub const ALWAYS: GuardId = GuardId(0);

/// Everything known of one file.
#[derive(Debug)]
pub struct Facts {
    /// The language it was read as.
    pub language: Language,
    /// All expressions; see [`ExprId`].
    pub exprs: Vec<ExprNode>,
    /// All stores, in evaluation order.
    pub writes: Vec<Write>,
    /// All scopes.
    pub scopes: Vec<Scope>,
    /// All guards.
    pub guards: Vec<Guard>,
    /// All functions, methods, closures.
    pub functions: Vec<Function>,
    /// All classes, structs, enums, interfaces, traits, `impl` blocks.
    pub classes: Vec<Class>,
    /// All imports.
    pub imports: Vec<Import>,
    /// All explicit exports (TypeScript, JavaScript). In Python and Rust every module-level name counts.
    pub exports: Vec<Export>,
    /// Comments, for suppressions.
    pub comments: Vec<Span>,
    /// What the parser could not read, or what was nested too deeply to lower.
    pub broken: Vec<Span>,
}
