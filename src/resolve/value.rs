//! The values of the abstract evaluator: what an expression may stand for, with the text and the
//! source of every piece of it.

mod environment;
mod object;
mod rope;

use std::rc::Rc;

use crate::calls::GapReason;
use crate::hir::{ClassId, ExprId, FunctionId, Name};
use crate::source::FileId;

pub(crate) use self::environment::{Env, Frame, FunctionValue, Item, frame_of};
pub(crate) use self::object::{Instance, Stored};
pub(crate) use self::rope::{HoleSegment, Rope, Segment, count_words};

/// An expression of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct ExprRef {
    pub(crate) file: FileId,
    pub(crate) expr: ExprId,
}

impl ExprRef {
    /// Another expression of the same file.
    pub(crate) const fn beside(self, expr: ExprId) -> Self {
        Self {
            file: self.file,
            expr,
        }
    }
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
    /// A number as written.
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

/// Values that one of several may be.
pub(crate) const MAX_CHOICE: usize = 8;

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

impl List {
    /// The list with more items behind its own.
    pub(crate) fn with(&self, more: impl IntoIterator<Item = Value>, open: bool) -> Value {
        let mut items = self.items.clone();
        items.extend(more);
        Value::list(items, self.open || open)
    }
}

impl ArgValue {
    /// An argument without a name.
    pub(crate) const fn positional(value: Value, at: Option<ExprRef>) -> Self {
        Self {
            name: None,
            value,
            spread: false,
            at,
        }
    }
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

    /// Whether the value may be more than a word that is put into a sentence.
    fn may_hold_orders(&self) -> bool {
        match self {
            Self::Text(t) => t.words() >= 3,
            Self::Number(_) | Self::Bool(_) | Self::Null => false,
            _ => true,
        }
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

    /// One of several values: flattened, neighbours that are the same once. Of more than [`MAX_CHOICE`]
    /// the rest is left out, which is said by an unknown value.
    pub(crate) fn choice(values: Vec<Self>) -> Self {
        let mut out: Vec<Self> = Vec::new();
        for v in values {
            match v {
                Self::Choice(inner) => out.extend(inner.iter().cloned()),
                v => out.push(v),
            }
        }
        out.dedup_by(|a, b| a.same(b));
        if out.len() > MAX_CHOICE {
            // What is left out may be the text that matters.
            let rest = out.split_off(MAX_CHOICE);
            if rest.iter().any(Self::may_hold_orders) {
                out.push(Self::unknown(GapReason::Limit));
            }
        }
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
