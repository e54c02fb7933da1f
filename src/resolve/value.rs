//! The values of the abstract evaluator: what an expression may stand for, with the text and the
//! source of every piece of it.

use std::rc::Rc;

use crate::calls::{GapReason, Origin};
use crate::hir::{ClassId, ExprId, FunctionId, Name, Run};
use crate::source::{FileId, Location};

/// An expression of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct ExprRef {
    pub(crate) file: FileId,
    pub(crate) expr: ExprId,
}

/// A function of the project.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct FunctionRef {
    pub(crate) file: FileId,
    pub(crate) function: FunctionId,
}

impl FunctionRef {
    /// Where a call of it that is written nowhere (a property, a conversion to text) is said to stand.
    pub(crate) const fn unwritten_call(self) -> ExprRef {
        ExprRef {
            file: self.file,
            expr: ExprId(0),
        }
    }
}

/// A class of the project.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct ClassRef {
    pub(crate) file: FileId,
    pub(crate) class: ClassId,
}

/// What an expression may stand for.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    /// Text.
    Text(Rc<Rope>),
    /// A number, with the expression that wrote it.
    Number(Name),
    /// A truth value.
    Bool(bool),
    /// No value.
    Null,
    /// A list; `open` if there may be more than is known.
    List(Rc<List>),
    /// A map.
    Map(Rc<Map>),
    /// A function of the project.
    Function(Rc<FunctionValue>),
    /// A class of the project.
    Class(ClassRef),
    /// A source file as a module.
    Module(FileId),
    /// A name of a package outside the project, or a builtin (empty module).
    External(Rc<External>),
    /// The result of a call that is not evaluated: SDK objects, replies, conversions. Keeps callee and arguments.
    Made(Rc<Made>),
    /// A member of a value of which nothing is known.
    Attr(Rc<Attr>),
    /// An object of a project class.
    Instance(Rc<Instance>),
    /// One of several.
    Choice(Rc<Vec<Self>>),
    /// A parameter of a function whose caller is not known.
    Param(Rc<Param>),
    /// Not known.
    Unknown(Rc<Unknown>),
}

/// See [`Value::List`].
#[derive(Debug, Default)]
pub(crate) struct List {
    pub(crate) items: Vec<Value>,
    pub(crate) open: bool,
}

/// See [`Value::Map`].
#[derive(Debug, Default)]
pub(crate) struct Map {
    pub(crate) fields: Vec<MapField>,
    pub(crate) open: bool,
}

/// A field of a map.
#[derive(Debug, Clone)]
pub(crate) struct MapField {
    pub(crate) key: Name,
    pub(crate) value: Value,
    /// The expression of the value.
    pub(crate) at: Option<ExprRef>,
}

/// See [`Value::Function`].
#[derive(Debug)]
pub(crate) struct FunctionValue {
    pub(crate) function: FunctionRef,
    pub(crate) receiver: Option<Value>,
    pub(crate) env: Env,
}

/// See [`Value::External`].
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct External {
    /// The module as imported; empty for a builtin or an undeclared name.
    pub(crate) module: Name,
    /// Names inside it.
    pub(crate) path: Vec<Name>,
}

/// See [`Value::Made`].
#[derive(Debug)]
pub(crate) struct Made {
    pub(crate) callee: Value,
    pub(crate) args: Vec<ArgValue>,
    /// The call; `None` for an object known by its type alone.
    pub(crate) at: Option<ExprRef>,
}

/// An argument of a call.
#[derive(Clone, Debug)]
pub(crate) struct ArgValue {
    pub(crate) name: Option<Name>,
    pub(crate) value: Value,
    pub(crate) spread: bool,
    /// The expression of the argument.
    pub(crate) at: Option<ExprRef>,
}

/// See [`Value::Attr`].
#[derive(Debug)]
pub(crate) struct Attr {
    pub(crate) base: Value,
    pub(crate) name: Name,
}

/// See [`Value::Instance`].
#[derive(Debug)]
pub(crate) struct Instance {
    pub(crate) class: ClassRef,
    /// Constructor arguments; `None` for an object known by its class alone.
    pub(crate) args: Option<Vec<ArgValue>>,
    pub(crate) env: Env,
    /// Identity for the cycle check.
    pub(crate) at: Option<ExprRef>,
    /// What has been stored to it since, newest first.
    pub(crate) state: Option<Rc<State>>,
    /// The parameter, or the part of one, that it is known by the type of: what was stored to the
    /// object is its caller's.
    pub(crate) given: Option<Value>,
}

/// Stores to an object after its construction.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) last: Stored,
    pub(crate) before: Option<Rc<Self>>,
}

/// See [`State`].
#[derive(Debug)]
pub(crate) enum Stored {
    /// An attribute set from outside the object's own methods, for sure or perhaps.
    Attribute {
        name: Name,
        value: Value,
        definite: bool,
    },
    /// What one of its methods stored before it called another at `at`; `receiver` is `self` there.
    /// Looked at attribute by attribute, when one is asked for.
    Method {
        at: ExprRef,
        receiver: ExprId,
        env: Env,
    },
    /// What a call of one of its methods stored.
    Call { function: FunctionRef, env: Env },
}

impl Instance {
    /// An object known by its class alone, and by what it is given as, if a caller gives it.
    pub(crate) const fn of_class(class: ClassRef, given: Option<Value>) -> Self {
        Self {
            class,
            args: None,
            env: None,
            at: None,
            state: None,
            given,
        }
    }

    /// The object as its constructor sees it.
    pub(crate) fn constructed(&self) -> Self {
        Self {
            class: self.class,
            args: self.args.clone(),
            env: self.env.clone(),
            at: self.at,
            state: None,
            given: self.given.clone(),
        }
    }

    /// The object after one more store.
    pub(crate) fn after(&self, last: Stored) -> Self {
        Self {
            state: Some(Rc::new(State {
                last,
                before: self.state.clone(),
            })),
            ..self.constructed()
        }
    }
}

/// See [`Value::Param`].
#[derive(Debug)]
pub(crate) struct Param {
    pub(crate) function: FunctionRef,
    pub(crate) index: u16,
    pub(crate) name: Name,
}

/// See [`Value::Unknown`].
#[derive(Debug)]
pub(crate) struct Unknown {
    pub(crate) reason: GapReason,
    /// What it was made from.
    pub(crate) ingredients: Vec<Value>,
}

/// Text as a sequence of pieces.
#[derive(Debug, Clone, Default)]
pub(crate) struct Rope {
    pub(crate) segments: Vec<Segment>,
}

/// A piece of text.
#[derive(Debug, Clone)]
pub(crate) enum Segment {
    /// Literal text; see [`crate::hir::Literal`].
    Literal {
        file: FileId,
        text: Rc<str>,
        runs: Rc<[Run]>,
    },
    /// An interpolated value.
    Hole(Rc<HoleSegment>),
    /// One of several texts.
    Alternatives(Rc<Vec<Rope>>),
    /// Any number of repetitions.
    Repeat(Rc<Rope>),
    /// Separately built sections meet here.
    Break,
}

/// An interpolated value.
#[derive(Debug)]
pub(crate) struct HoleSegment {
    pub(crate) expression: String,
    pub(crate) location: Option<Location>,
    pub(crate) ty: Option<String>,
    pub(crate) origin: Origin,
    pub(crate) value: Value,
    /// Set where instruction text, not data, may hide behind the hole.
    pub(crate) gap: Option<(GapReason, String)>,
}

/// The parameters that are bound while a function is evaluated for one caller; newest first.
pub(crate) type Env = Option<Rc<Frame>>;

/// See [`Env`].
#[derive(Debug)]
pub(crate) struct Frame {
    pub(crate) function: FunctionRef,
    /// By parameter index; `None` where the caller gives nothing.
    pub(crate) args: Vec<Option<Value>>,
    pub(crate) receiver: Option<Value>,
    pub(crate) parent: Env,
    /// Number of frames below.
    pub(crate) depth: u32,
    /// Tells the frames of one root apart.
    pub(crate) id: u32,
    /// Set in the frame of an item of a loop, which is no call.
    pub(crate) item: Option<Item>,
}

/// The item that a loop over an expression is at.
#[derive(Debug)]
pub(crate) struct Item {
    pub(crate) over: ExprRef,
    pub(crate) value: Value,
}

impl Value {
    pub(crate) fn unknown(reason: GapReason) -> Self {
        Self::Unknown(Rc::new(Unknown {
            reason,
            ingredients: Vec::new(),
        }))
    }

    pub(crate) fn from_ingredients(reason: GapReason, ingredients: Vec<Self>) -> Self {
        let ingredients = ingredients
            .into_iter()
            .filter(Self::may_hold_text)
            .take(16)
            .collect();
        Self::Unknown(Rc::new(Unknown {
            reason,
            ingredients,
        }))
    }

    /// Whether text may stand somewhere in the value.
    fn may_hold_text(&self) -> bool {
        !matches!(
            self,
            Self::Number(_)
                | Self::Bool(_)
                | Self::Null
                | Self::Module(_)
                | Self::External(_)
                | Self::Class(_)
        )
    }

    pub(crate) fn external(module: &str, path: &[&str]) -> Self {
        Self::External(Rc::new(External {
            module: module.into(),
            path: path.iter().map(|s| (*s).into()).collect(),
        }))
    }

    pub(crate) fn text(rope: Rope) -> Self {
        Self::Text(Rc::new(rope))
    }

    pub(crate) fn list(items: Vec<Self>, open: bool) -> Self {
        Self::List(Rc::new(List { items, open }))
    }

    pub(crate) fn attr(base: Self, name: &str) -> Self {
        Self::Attr(Rc::new(Attr {
            base,
            name: name.into(),
        }))
    }

    /// One of several values: flattened, equal ones once, at most eight.
    pub(crate) fn choice(values: Vec<Self>) -> Self {
        let mut out: Vec<Self> = Vec::new();
        for v in values {
            match v {
                Self::Choice(inner) => out.extend(inner.iter().cloned()),
                v => out.push(v),
            }
        }
        out.dedup_by(|a, b| a.same(b));
        out.truncate(8);
        if out.len() == 1 {
            return out.remove(0);
        }
        if out.is_empty() {
            return Self::Null;
        }
        Self::Choice(Rc::new(out))
    }

    /// Whether two values are the same object.
    pub(crate) fn same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Text(a), Self::Text(b)) => Rc::ptr_eq(a, b) || a.same_places(b),
            (Self::List(a), Self::List(b)) => Rc::ptr_eq(a, b),
            (Self::Map(a), Self::Map(b)) => Rc::ptr_eq(a, b),
            (Self::Made(a), Self::Made(b)) => Rc::ptr_eq(a, b) || (a.at.is_some() && a.at == b.at),
            (Self::Attr(a), Self::Attr(b)) => Rc::ptr_eq(a, b),
            (Self::Instance(a), Self::Instance(b)) => Rc::ptr_eq(a, b),
            (Self::Param(a), Self::Param(b)) => a.function == b.function && a.index == b.index,
            (Self::External(a), Self::External(b)) => a == b,
            (Self::Class(a), Self::Class(b)) => a == b,
            (Self::Module(a), Self::Module(b)) => a == b,
            (Self::Function(a), Self::Function(b)) => a.function == b.function,
            (Self::Null, Self::Null) => true,
            _ => false,
        }
    }

    /// The parameter that a value is, or is a part of.
    pub(crate) fn root_param(&self) -> Option<&Rc<Param>> {
        let mut at = self;
        loop {
            match at {
                Self::Param(p) => return Some(p),
                Self::Attr(a) => match &a.base {
                    Self::Instance(i) => at = i.given.as_ref()?,
                    base => at = base,
                },
                _ => return None,
            }
        }
    }

    /// Every parameter that a value is, is a part of, or was made from.
    pub(crate) fn each_root_param(&self, f: &mut dyn FnMut(&Rc<Param>)) {
        self.roots(f, 0);
    }

    fn roots(&self, f: &mut dyn FnMut(&Rc<Param>), depth: u32) {
        if depth > 6 {
            return;
        }
        match self {
            Self::Param(p) => f(p),
            Self::Attr(a) => match &a.base {
                Self::Instance(i) => i.given.iter().for_each(|g| g.roots(f, depth + 1)),
                base => base.roots(f, depth + 1),
            },
            Self::Choice(c) => c.iter().for_each(|v| v.roots(f, depth + 1)),
            Self::Unknown(u) => u.ingredients.iter().for_each(|v| v.roots(f, depth + 1)),
            Self::Made(m) => {
                if let Self::Attr(a) = &m.callee {
                    a.base.roots(f, depth + 1);
                }
                m.args.iter().for_each(|a| a.value.roots(f, depth + 1));
            }
            Self::List(l) => l.items.iter().for_each(|v| v.roots(f, depth + 1)),
            Self::Map(m) => m.fields.iter().for_each(|x| x.value.roots(f, depth + 1)),
            Self::Instance(i) => {
                for a in i.args.iter().flatten() {
                    a.value.roots(f, depth + 1);
                }
            }
            Self::Text(t) => t.each_hole(&mut |h| h.value.roots(f, depth + 1)),
            _ => {}
        }
    }

    /// Whether nothing at all is known.
    pub(crate) fn is_blank(&self) -> bool {
        match self {
            Self::Unknown(u) => u.ingredients.is_empty(),
            Self::Null => true,
            _ => false,
        }
    }
}

impl External {
    /// Module and path as one dotted name.
    pub(crate) fn dotted(&self) -> String {
        let mut out = self.module.to_string();
        for p in &self.path {
            if !out.is_empty() {
                out.push('.');
            }
            out.push_str(p);
        }
        out
    }
}

impl Rope {
    /// Text that stands nowhere in a source.
    pub(crate) fn unmapped(text: &str) -> Self {
        Self {
            segments: vec![Segment::Literal {
                file: FileId(u32::MAX),
                text: text.into(),
                runs: Rc::new([]),
            }],
        }
    }

    pub(crate) fn push(&mut self, other: &Self) {
        // Bounded: a rope that grows past this is a loop gone wrong or data.
        if self.segments.len() < 4096 {
            self.segments.extend(other.segments.iter().cloned());
        }
    }

    /// Whether two texts are literal throughout and stand at the same places.
    fn same_places(&self, other: &Self) -> bool {
        let same = |(a, b): (&Segment, &Segment)| match (a, b) {
            (
                Segment::Literal { file, text, runs },
                Segment::Literal {
                    file: other_file,
                    text: other_text,
                    runs: other_runs,
                },
            ) => {
                let start = |runs: &Rc<[Run]>| runs.first().map(|r| r.source);
                file == other_file && start(runs) == start(other_runs) && text == other_text
            }
            _ => false,
        };
        self.segments.len() == other.segments.len()
            && self.segments.iter().zip(&other.segments).all(same)
    }

    /// The text if it is literal throughout.
    pub(crate) fn as_literal(&self) -> Option<String> {
        let mut out = String::new();
        for s in &self.segments {
            match s {
                Segment::Literal { text, .. } => out.push_str(text),
                Segment::Break => {}
                _ => return None,
            }
        }
        Some(out)
    }

    /// All literal characters, holes left out, in order.
    pub(crate) fn literal_text(&self) -> String {
        let mut out = String::new();
        self.collect_literal(&mut out, 0);
        out
    }

    fn collect_literal(&self, out: &mut String, depth: u32) {
        if depth > 16 || out.len() > 65_536 {
            return;
        }
        for s in &self.segments {
            match s {
                Segment::Literal { text, .. } => out.push_str(text),
                Segment::Hole(_) | Segment::Break => out.push(' '),
                Segment::Alternatives(a) => a.iter().for_each(|r| {
                    out.push(' ');
                    r.collect_literal(out, depth + 1);
                }),
                Segment::Repeat(r) => r.collect_literal(out, depth + 1),
            }
        }
    }

    /// Number of words of literal text; a run of CJK characters counts one word for two characters.
    pub(crate) fn words(&self) -> usize {
        count_words(&self.literal_text())
    }

    /// File and first source byte of every mapped literal piece.
    pub(crate) fn each_literal(&self, f: &mut dyn FnMut(FileId, u32)) {
        for s in &self.segments {
            match s {
                Segment::Literal { file, runs, .. } => {
                    if let Some(r) = runs.first() {
                        f(*file, r.source);
                    }
                }
                Segment::Alternatives(a) => a.iter().for_each(|r| r.each_literal(f)),
                Segment::Repeat(r) => r.each_literal(f),
                Segment::Hole(_) | Segment::Break => {}
            }
        }
    }

    /// Whether some of the text is one of several.
    pub(crate) fn has_alternatives(&self) -> bool {
        self.segments.iter().any(|s| match s {
            Segment::Alternatives(_) => true,
            Segment::Repeat(r) => r.has_alternatives(),
            Segment::Literal { .. } | Segment::Hole(_) | Segment::Break => false,
        })
    }

    /// All holes, nested ones too.
    pub(crate) fn each_hole(&self, f: &mut dyn FnMut(&Rc<HoleSegment>)) {
        for s in &self.segments {
            match s {
                Segment::Hole(h) => f(h),
                Segment::Alternatives(a) => a.iter().for_each(|r| r.each_hole(f)),
                Segment::Repeat(r) => r.each_hole(f),
                Segment::Literal { .. } | Segment::Break => {}
            }
        }
    }
}

/// See [`Rope::words`].
pub(crate) fn count_words(text: &str) -> usize {
    let wide = text
        .chars()
        .filter(|c| ('\u{2e80}'..'\u{e000}').contains(c))
        .count();
    text.split(|c: char| !c.is_alphanumeric() || ('\u{2e80}'..'\u{e000}').contains(&c))
        .filter(|w| !w.is_empty())
        .count()
        + wide.div_ceil(2)
}

impl Segment {
    pub(crate) fn literal(file: FileId, literal: &crate::hir::Literal) -> Self {
        Self::Literal {
            file,
            text: literal.text.as_str().into(),
            runs: literal.runs.as_slice().into(),
        }
    }

    /// Part of a literal segment by byte range; `None` for other segments.
    pub(crate) fn slice(&self, start: usize, end: usize) -> Option<Self> {
        let Self::Literal { file, text, runs } = self else {
            return None;
        };
        let part = text.get(start..end)?;
        let start32 = u32::try_from(start).ok()?;
        let mut cut: Vec<Run> = Vec::new();
        let first = runs.partition_point(|r| r.at <= start32);
        if let Some(r) = first.checked_sub(1).and_then(|i| runs.get(i)) {
            cut.push(Run {
                at: 0,
                source: r.source + (start32 - r.at),
            });
        }
        cut.extend(
            runs[first..]
                .iter()
                .take_while(|r| (r.at as usize) < end)
                .map(|r| Run {
                    at: r.at - start32,
                    source: r.source,
                }),
        );
        Some(Self::Literal {
            file: *file,
            text: part.into(),
            runs: cut.into(),
        })
    }
}
