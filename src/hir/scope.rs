//! Scopes and guards: where a name lives, and under which condition code runs.

use super::{ClassId, ExprId, FunctionId, GuardId, Name, ScopeId, WriteId};

/// A scope.
#[derive(Debug)]
pub struct Scope {
    /// The enclosing one.
    pub parent: Option<ScopeId>,
    /// What opened it.
    pub kind: ScopeKind,
    /// The stores to names that live here, by name, in order. Filled by the builder.
    pub names: rustc_hash::FxHashMap<Name, Vec<WriteId>>,
}

/// What opened a scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScopeKind {
    /// The file.
    Module,
    /// A function; its parameters live here.
    Function(FunctionId),
    /// A class body. Not searched from the functions inside it.
    Class(ClassId),
    /// A block (TypeScript, JavaScript, Rust) or a comprehension.
    Block,
}

/// A condition under which statements run. A store kills earlier ones for a use if its guard is
/// the use's or an ancestor of it; sibling arms of a group never see each other.
#[derive(Debug)]
pub struct Guard {
    /// The enclosing guard; `None` for [`ALWAYS`](super::ALWAYS).
    pub parent: Option<GuardId>,
    /// Why the code is conditional.
    pub kind: GuardKind,
    /// Arms of one statement share a group.
    pub group: u32,
    /// Which arm this is.
    pub arm: u16,
    /// Whether the arms of the group cover every case (`if … else`, `match`): number of arms, else 0.
    pub exhaustive: u16,
    /// The condition.
    pub test: Option<ExprId>,
}

/// Why code is conditional.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GuardKind {
    /// [`ALWAYS`](super::ALWAYS).
    Root,
    /// `if`, `elif`, `else`, `case`, `match` arms.
    Branch,
    /// A loop's body: may run any number of times.
    Loop,
    /// A `try` body: may stop half-way, but mostly runs.
    Try,
    /// An `except` / `catch` body.
    Catch,
    /// A function's body: runs when it is called.
    Function,
}
