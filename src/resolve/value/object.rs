//! Objects of the project's classes, with what has been stored to them since their construction.

use std::rc::Rc;

use super::{ArgValue, ClassRef, Env, ExprRef, FunctionRef, Value};
use crate::hir::{ExprId, Name};

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
