//! A callee taken apart: the package value it starts from, the names and calls that follow.

use std::rc::Rc;

use super::super::value::{External, Made, Value};
use crate::hir::Name;

/// A callee taken apart: the root it starts from and the names that follow, through members and calls.
pub(crate) struct Chain {
    /// The imported or builtin name at the root.
    pub(crate) root: Option<Rc<External>>,
    /// Names after the root, calls in between seen through.
    pub(crate) names: Vec<Name>,
    /// The calls in between, nearest to the end first.
    pub(crate) mades: Vec<Rc<Made>>,
    /// Whether the callee is itself a made value, called directly.
    pub(crate) direct: bool,
}

/// Methods that put values together into one that runs them.
pub(super) const COMPOSING: &[&str] = &[
    "|",
    "pipe",
    "from",
    "RunnableSequence",
    "RunnableParallel",
    "assign",
    "sequence",
];

pub(crate) fn chain_of(callee: &Value) -> Chain {
    let mut names = Vec::new();
    let mut mades = Vec::new();
    let direct = matches!(callee, Value::Made(_));
    let mut at = callee.clone();
    let mut root = None;
    for _ in 0..256 {
        at = match &at {
            Value::Attr(a) => {
                if a.name != "[]" {
                    names.push(a.name.clone());
                }
                a.base.clone()
            }
            Value::Made(m) => {
                mades.push(Rc::clone(m));
                m.callee.clone()
            }
            Value::External(e) => {
                root = Some(Rc::clone(e));
                break;
            }
            Value::Choice(c) => match c.iter().find(|v| rooted(v)).or_else(|| c.first()) {
                Some(v) => v.clone(),
                None => break,
            },
            _ => break,
        };
    }
    names.reverse();
    Chain {
        root,
        names,
        mades,
        direct,
    }
}

/// Whether a value's chain begins in a package.
pub(super) fn rooted(v: &Value) -> bool {
    let mut at = v;
    for _ in 0..64 {
        match at {
            Value::Attr(a) => at = &a.base,
            Value::Made(m) => at = &m.callee,
            Value::External(e) => return !e.module.is_empty(),
            Value::Choice(c) => return c.iter().any(rooted),
            _ => return false,
        }
    }
    false
}

impl Chain {
    /// Path from the root through all names.
    pub(super) fn path(&self) -> Vec<Name> {
        let mut out = self.root.as_ref().map_or_else(Vec::new, |r| r.path.clone());
        out.extend(self.names.iter().cloned());
        // `require("node-fetch")(…)`: a module that is called is what it exports by default.
        let module = self.root.as_ref().is_some_and(|r| !r.module.is_empty());
        if out.is_empty() && module {
            out.push("default".into());
        }
        out
    }
}

pub(super) fn chain_root(v: &Value) -> Option<Value> {
    let mut at = v.clone();
    for _ in 0..64 {
        at = match &at {
            Value::Attr(a) => a.base.clone(),
            Value::Made(m) => m.callee.clone(),
            Value::External(_) => return None,
            other => return Some(other.clone()),
        };
    }
    None
}

/// The last name of a callee.
pub(crate) fn last_name(callee: &Value) -> Name {
    match callee {
        Value::Attr(a) => a.name.clone(),
        Value::External(e) => e.path.last().cloned().unwrap_or_else(|| e.module.clone()),
        Value::Made(m) => last_name(&m.callee),
        Value::Choice(c) => c.first().map(last_name).unwrap_or_default(),
        _ => Name::default(),
    }
}
