//! Functions with what is bound around them: the frames of the calls that are being evaluated.

use std::rc::Rc;

use super::{ExprRef, FunctionRef, Value};

/// See [`Value::Function`].
#[derive(Debug)]
pub(crate) struct FunctionValue {
    pub(crate) function: FunctionRef,
    pub(crate) receiver: Option<Value>,
    pub(crate) env: Env,
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

/// The frame of a function, if it is one of those that are being evaluated.
pub(crate) fn frame_of(env: &Env, function: FunctionRef) -> Option<&Frame> {
    std::iter::successors(env.as_deref(), |f| f.parent.as_deref()).find(|f| f.function == function)
}
