//! Expressions: the nodes of the arena, what takes their values, and their direct parts.

use super::{ClassId, ExprId, FunctionId, GuardId, Name, Piece, ScopeId, TypeRef, WriteId};
use crate::source::Span;

/// An expression with its place.
#[derive(Debug)]
pub struct ExprNode {
    /// What it is.
    pub kind: Expr,
    /// Its bytes.
    pub span: Span,
    /// The scope it stands in.
    pub scope: ScopeId,
    /// The condition it stands under.
    pub guard: GuardId,
    /// What takes its value. Set by the builder when the file is finished.
    pub parent: Parent,
}

/// What takes an expression's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parent {
    /// Nothing: an expression statement, or not recorded.
    None,
    /// Another expression.
    Expr(ExprId),
    /// A store.
    Write(WriteId),
    /// A function returns (or yields) it.
    Return(FunctionId),
    /// It is the condition of a guard.
    Test(GuardId),
}

/// An expression.
#[derive(Debug)]
pub enum Expr {
    /// Text: a literal, a template, an f-string, implicit concatenation, `format!`, `concat!`.
    Text {
        /// Literal pieces and holes, in order.
        pieces: Vec<Piece>,
        /// Whether the literal was written with `{name}` placeholders still in it that the
        /// language itself does not fill (a plain string): evaluation may fill them.
        raw: bool,
    },
    /// A number as written.
    Number(Name),
    /// `true`, `false`.
    Bool(bool),
    /// `None`, `null`, `undefined`, `()`.
    Null,
    /// A name. `self`, `this` and `super` too. Rust paths (`prompts::SYSTEM`) are [`Expr::Member`] chains.
    Name(Name),
    /// `base.name`, `base?.name`, `base::name`.
    Member {
        /// The object.
        base: ExprId,
        /// The member.
        name: Name,
    },
    /// `base[key]`.
    Index {
        /// The object.
        base: ExprId,
        /// The key.
        key: ExprId,
    },
    /// A call.
    Call {
        /// What is called: a [`Expr::Name`] or [`Expr::Member`] chain mostly. For a macro the name without `!`.
        callee: ExprId,
        /// Arguments in order.
        args: Vec<Arg>,
        /// Explicit type arguments (`extractor::<T>()`, `generateObject<T>()`).
        types: Vec<TypeRef>,
        /// What sort of call.
        kind: CallKind,
    },
    /// A list, array, tuple or set literal, `vec![]`.
    List {
        /// Items; [`Arg::spread`] marks `*x`, `...x`.
        items: Vec<Arg>,
    },
    /// A dict or object literal, `json!({..})`.
    Map {
        /// Entries in order.
        entries: Vec<Entry>,
    },
    /// An operator with two sides. Long chains of one operator are lowered left-deep without recursion.
    Binary {
        /// The operator.
        op: Op,
        /// Left side.
        left: ExprId,
        /// Right side.
        right: ExprId,
    },
    /// `not x`, `!x`, `-x`.
    Unary {
        /// True for logical negation.
        not: bool,
        /// The operand.
        operand: ExprId,
    },
    /// One of several values: ternary, `match`/`switch` as an expression, `if let`.
    Choice {
        /// What is tested, where there is one (`match x`).
        test: Option<ExprId>,
        /// The alternatives in order.
        arms: Vec<ExprId>,
    },
    /// A comprehension or generator expression: `body` once per item. Its variable is a write
    /// ([`How::Iterate`](super::How::Iterate)) in a scope of its own.
    Each {
        /// What is iterated.
        over: ExprId,
        /// The value per item.
        body: ExprId,
        /// The filter.
        condition: Option<ExprId>,
    },
    /// A lambda, arrow function, closure or function expression.
    Function(FunctionId),
    /// A class expression.
    Class(ClassId),
    /// Something that makes no text we model; keeps its parts so that text in them is not lost.
    Opaque {
        /// The grammar's name for it, for messages.
        what: Name,
        /// Its parts.
        kids: Vec<ExprId>,
    },
}

/// What sort of call a [`Expr::Call`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallKind {
    /// `f(x)`, `a.m(x)`.
    Plain,
    /// `new C(x)`.
    New,
    /// A Rust macro whose body was read as arguments.
    Macro,
    /// A struct literal `C { field: x }`: every argument is named; `..rest` is a spread.
    Struct,
    /// `` tag`text` ``: one positional argument, the text.
    Tagged,
}

/// An argument, or an item of a list.
#[derive(Debug, Clone)]
pub struct Arg {
    /// Keyword, or field of a struct literal.
    pub name: Option<Name>,
    /// The value.
    pub value: ExprId,
    /// `*x`, `**x`, `...x`, `..x`.
    pub spread: bool,
}

/// An entry of a map literal.
#[derive(Debug, Clone)]
pub enum Entry {
    /// `"key": value`, `key: value`, shorthand `key`.
    Pair {
        /// The key.
        key: Name,
        /// The value.
        value: ExprId,
    },
    /// `[key]: value`, a key that is no literal.
    Computed {
        /// The key.
        key: ExprId,
        /// The value.
        value: ExprId,
    },
    /// `**x`, `...x`.
    Spread(ExprId),
}

/// Operators that matter for text, choice and reply uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    /// `+`
    Add,
    /// `%`
    Mod,
    /// `|`
    Pipe,
    /// `and`, `&&`
    And,
    /// `or`, `||`
    Or,
    /// `??`
    Coalesce,
    /// `==`, `===`, `is`
    Eq,
    /// `!=`, `!==`, `is not`
    Ne,
    /// `<`, `<=`, `>`, `>=`
    Order,
    /// `in`
    In,
    /// `not in`
    NotIn,
    /// A pattern that names a variant: `match x { Mode::Brief => … }`.
    Is,
    /// Any other arithmetic.
    Other,
}

impl Expr {
    /// Calls `f` with each direct part.
    pub fn each_kid(&self, mut f: impl FnMut(ExprId)) {
        match self {
            Self::Text { pieces, .. } => {
                for p in pieces {
                    if let Piece::Hole { expr, .. } = p {
                        f(*expr);
                    }
                }
            }
            Self::Number(_) | Self::Bool(_) | Self::Null | Self::Name(_) => {}
            Self::Function(_) | Self::Class(_) => {}
            Self::Member { base, .. } => f(*base),
            Self::Index { base, key } => {
                f(*base);
                f(*key);
            }
            Self::Call { callee, args, .. } => {
                f(*callee);
                args.iter().for_each(|a| f(a.value));
            }
            Self::List { items } => items.iter().for_each(|a| f(a.value)),
            Self::Map { entries } => {
                for e in entries {
                    match e {
                        Entry::Pair { value, .. } | Entry::Spread(value) => f(*value),
                        Entry::Computed { key, value } => {
                            f(*key);
                            f(*value);
                        }
                    }
                }
            }
            Self::Binary { left, right, .. } => {
                f(*left);
                f(*right);
            }
            Self::Unary { operand, .. } => f(*operand),
            Self::Choice { test, arms } => {
                test.iter().copied().for_each(&mut f);
                arms.iter().copied().for_each(f);
            }
            Self::Each {
                over,
                body,
                condition,
            } => {
                f(*over);
                f(*body);
                condition.iter().copied().for_each(f);
            }
            Self::Opaque { kids, .. } => kids.iter().copied().for_each(f),
        }
    }
}
