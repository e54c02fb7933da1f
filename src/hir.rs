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
mod lookup;

use compact_str::CompactString;

use crate::language::Language;
use crate::source::Span;

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
    /// ([`How::Iterate`]) in a scope of its own.
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

/// A piece of text.
#[derive(Debug, Clone)]
pub enum Piece {
    /// Literal characters.
    Literal(Literal),
    /// An interpolated expression.
    Hole {
        /// The expression.
        expr: ExprId,
        /// A format specification as written (`:.2f`, `:?`).
        format: Option<Name>,
        /// The bytes of the interpolation, braces and all.
        span: Span,
    },
}

/// Decoded literal text and where its characters stand in the source.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Literal {
    /// The text with escapes decoded.
    pub text: String,
    /// Linear runs: the decoded text from byte `at` on stands at source byte `source` on, one to
    /// one, until the next run begins. An escape starts a run of its own. Sorted by `at`; the first has `at == 0`.
    pub runs: Vec<Run>,
    /// All source bytes of this piece, without quotes.
    pub span: Span,
}

/// See [`Literal::runs`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Run {
    /// Byte offset in the decoded text.
    pub at: u32,
    /// Byte offset in the file's analysed text.
    pub source: u32,
}

impl Literal {
    /// Text that stands in the source exactly as it reads.
    #[must_use]
    pub fn verbatim(text: &str, start: usize) -> Self {
        let span = Span::new(start, start + text.len());
        Self {
            text: text.to_owned(),
            runs: vec![Run {
                at: 0,
                source: span.start,
            }],
            span,
        }
    }

    /// Appends decoded characters that stand at source byte `source`; starts a run only where the
    /// last one does not simply go on.
    pub fn push(&mut self, decoded: &str, source: usize) {
        let at = u32::try_from(self.text.len()).unwrap_or(u32::MAX);
        let source = u32::try_from(source).unwrap_or(u32::MAX);
        let continues = self
            .runs
            .last()
            .is_some_and(|r| u64::from(r.source) + u64::from(at - r.at) == u64::from(source));
        if !continues {
            self.runs.push(Run { at, source });
        }
        self.text.push_str(decoded);
    }

    /// Source byte of a decoded byte offset.
    #[must_use]
    pub fn source_of(&self, at: u32) -> u32 {
        let i = self.runs.partition_point(|r| r.at <= at);
        match i.checked_sub(1).and_then(|i| self.runs.get(i)) {
            Some(r) => (r.source + (at - r.at)).min(self.span.end),
            None => self.span.start,
        }
    }
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
    /// A parameter, by its index in [`Function::params`].
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
    /// The enclosing guard; `None` for [`ALWAYS`].
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
    /// [`ALWAYS`].
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
    /// Docstring or doc comment, an [`Expr::Text`].
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

/// A parameter. The names it binds are [`Write`]s with [`How::Param`]: one for a plain parameter,
/// one per name (with [`Write::from`]) for a destructured one.
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
    /// Docstring or doc comment, an [`Expr::Text`].
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
