//! Write events: a store to a place, of what sort, and how far into the place and the value it goes.

use super::{ClassId, ExprId, FunctionId, GuardId, ImportId, Name, Op, ScopeId};
use crate::source::Span;

/// A step from a value to a part of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// `.name`, or `["name"]` with a literal key.
    Field(Name),
    /// `[3]`, or the n-th of a destructured tuple; from the end where negative.
    Item(i32),
    /// `[expr]`.
    Key(ExprId),
    /// All that is left (`...rest`, `*rest`).
    Rest,
    /// Some item (a loop variable, an unknown index).
    Any,
}

/// A store to a place.
#[derive(Debug)]
pub struct Write {
    /// The variable. `self` / `this` for attributes.
    pub root: Name,
    /// The path under it (`self.messages` is `self` + `[Field(messages)]`).
    pub path: Vec<Step>,
    /// The value stored; for [`How::Mutate`] the whole call expression.
    pub value: Option<ExprId>,
    /// Which part of the value (destructuring).
    pub from: Vec<Step>,
    /// The value if that part is missing (destructuring default).
    pub default: Option<ExprId>,
    /// The sort of store.
    pub how: How,
    /// Whether it declares `root` in `scope` (`let`, `const`, a parameter, any Python assignment).
    /// A store that does not declare is attributed to the scope that does when the file is finished.
    pub declares: bool,
    /// The scope in which `root` lives (after finishing), before: where the store stands.
    pub scope: ScopeId,
    /// The condition it stands under.
    pub guard: GuardId,
    /// Expressions with an id below this were evaluated before the store.
    pub order: u32,
    /// Its bytes.
    pub span: Span,
}

/// The sort of a store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum How {
    /// `x = e`, `let x = e`; also destructuring.
    Set,
    /// `x += e`, `x |= e`.
    Augment(Op),
    /// A method call in statement position whose receiver is a place: `xs.append(e)`, `s.push_str(e)`.
    Mutate(Name),
    /// A parameter, by its index in [`Function::params`](super::Function::params).
    Param(u16),
    /// A loop variable; the value is what is iterated.
    Iterate,
    /// `with e as x`, `async with`.
    Context,
    /// `except E as x`, `catch (x)`.
    Catch,
    /// An import.
    Import(ImportId),
    /// A function definition.
    Function(FunctionId),
    /// A class definition.
    Class(ClassId),
}
