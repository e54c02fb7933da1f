//! Functions and classes, with their parameters, fields, attributes and declared types.

use super::{ClassId, ExprId, FunctionId, GuardId, Name, ScopeId};
use crate::source::Span;

/// A function, method, closure.
#[derive(Debug)]
pub struct Function {
    /// Its name; `None` for an anonymous one that is not bound to a name.
    pub name: Option<Name>,
    /// The class it is a method of.
    pub owner: Option<ClassId>,
    /// Parameters, a receiver (`self`) included.
    pub params: Vec<Param>,
    /// Values returned or (`-> impl Stream`, generators) yielded; a Rust tail expression, an arrow function's expression body.
    pub returns: Vec<Returned>,
    /// Declared return type.
    pub return_type: Option<TypeRef>,
    /// Docstring or doc comment, an [`Expr::Text`](super::Expr::Text).
    pub doc: Option<ExprId>,
    /// Decorators, attributes.
    pub attributes: Vec<Attribute>,
    /// Its bytes, decorators not included.
    pub span: Span,
    /// The bytes of its name, or of its first token.
    pub name_span: Span,
    /// Its own scope.
    pub scope: ScopeId,
    /// The guard of its body.
    pub guard: GuardId,
    /// Without a receiver: `@staticmethod`, `static`, a Rust associated function.
    pub is_static: bool,
    /// `@property`, `get x()`: read as a member, not called.
    pub is_property: bool,
    /// The body does nothing: `pass`, `...`, `raise NotImplementedError`, `throw`, `todo!()`, abstract, a trait method without body.
    pub is_stub: bool,
    /// It yields (a generator) rather than returns.
    pub is_generator: bool,
}

/// A returned or yielded value.
#[derive(Debug, Clone, Copy)]
pub struct Returned {
    /// The value.
    pub value: ExprId,
    /// The condition it stands under.
    pub guard: GuardId,
}

/// A parameter. The names it binds are stores with [`How::Param`](super::How::Param): one for a
/// plain parameter, one per name (with [`Write::from`](super::Write::from)) for a destructured one.
#[derive(Debug)]
pub struct Param {
    /// Its name, if it is not a pattern.
    pub name: Option<Name>,
    /// How arguments reach it.
    pub kind: ParamKind,
    /// Default value.
    pub default: Option<ExprId>,
    /// Declared type.
    pub ty: Option<TypeRef>,
}

/// How arguments reach a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParamKind {
    /// By position or by name.
    Positional,
    /// By name only.
    Keyword,
    /// `*args`, `...args`.
    Rest,
    /// `**kwargs`.
    KeywordRest,
    /// `self`, `cls`, `&self`. TypeScript's `this` is implicit and no parameter.
    Receiver,
}

/// A class, struct, enum, interface, trait, or `impl` block.
#[derive(Debug)]
pub struct Class {
    /// Its name; for an `impl` block the type's.
    pub name: Name,
    /// What it is.
    pub kind: ClassKind,
    /// Base classes, `extends`, `implements`, the trait of an `impl`.
    pub bases: Vec<ExprId>,
    /// Attributes, fields, enum members.
    pub fields: Vec<Field>,
    /// Methods.
    pub methods: Vec<FunctionId>,
    /// Docstring or doc comment, an [`Expr::Text`](super::Expr::Text).
    pub doc: Option<ExprId>,
    /// Decorators, attributes.
    pub attributes: Vec<Attribute>,
    /// Its bytes.
    pub span: Span,
    /// The scope of its body.
    pub scope: ScopeId,
}

/// What a [`Class`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClassKind {
    /// A class.
    Class,
    /// A struct.
    Struct,
    /// An enum.
    Enum,
    /// An interface, trait or TypeScript object type alias.
    Interface,
    /// A Rust `impl` block: more methods for the type of that name.
    Impl,
}

/// An attribute or field.
#[derive(Debug)]
pub struct Field {
    /// Its name.
    pub name: Name,
    /// Declared type.
    pub ty: Option<TypeRef>,
    /// Initial value.
    pub value: Option<ExprId>,
    /// Attributes, decorators.
    pub attributes: Vec<Attribute>,
    /// Doc comment.
    pub doc: Option<ExprId>,
    /// Its bytes.
    pub span: Span,
}

/// A decorator or attribute.
#[derive(Debug)]
pub struct Attribute {
    /// Dotted path without arguments (`agent.instructions`, `builder`, `derive`).
    pub path: Name,
    /// The whole of it as an expression: a name, a member, or a call with its arguments.
    pub expr: ExprId,
    /// Its bytes.
    pub span: Span,
}

/// A type as far as it is needed: heads, with wrappers (`Optional`, `Promise`, `Result`, `Arc`, `Box`, `&`, `dyn`, `impl`) removed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TypeRef {
    /// Dotted names as written (`openai.OpenAI`, `LLMClient`, `str`); more than one for a union.
    pub heads: Vec<Name>,
    /// Type arguments of the first head (`list[int]` has `int`).
    pub args: Vec<Self>,
    /// String literals of a closed union (`Literal["a", "b"]`, `"a" | "b"`).
    pub literals: Vec<Name>,
}

impl TypeRef {
    /// A type with one head.
    #[must_use]
    pub fn named(name: &str) -> Self {
        Self {
            heads: vec![name.into()],
            ..Self::default()
        }
    }
}
