//! Cycles: stores and exports that depend on themselves (a reply appended to the list it was made
//! from, modules that import each other). The second visit is cut; what was computed under a cut
//! holds only inside it and is not kept.

use std::cell::{Cell, RefCell};

use rustc_hash::FxHashMap;

use crate::hir::Name;
use crate::resolve::value::{ClassRef, ExprRef};
use crate::source::FileId;

/// What is being computed.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(in crate::resolve) enum Task {
    /// A store of a file, at a depth of frames.
    Store(FileId, u32, u32),
    /// An export of a file.
    Member(FileId, Name),
    /// An attribute of the objects made at one place, or of all of a class.
    Attribute(ClassRef, Option<ExprRef>, Name),
}

/// The tasks in progress, and the outermost of them that a computation came back to.
#[derive(Debug)]
pub(in crate::resolve) struct Cycles {
    open: RefCell<FxHashMap<Task, u32>>,
    /// Position of the outermost task that was cut; [`u32::MAX`] if none.
    cut: Cell<u32>,
}

impl Default for Cycles {
    fn default() -> Self {
        Self {
            open: RefCell::default(),
            cut: Cell::new(u32::MAX),
        }
    }
}

impl Cycles {
    /// Runs `f` unless the same task is in progress; then `None`.
    pub(in crate::resolve) fn run<T>(&self, task: Task, f: impl FnOnce() -> T) -> Option<T> {
        let position = {
            let mut open = self.open.borrow_mut();
            if let Some(p) = open.get(&task) {
                self.cut.set(self.cut.get().min(*p));
                return None;
            }
            let position = u32::try_from(open.len()).unwrap_or(u32::MAX);
            open.insert(task.clone(), position);
            position
        };
        let result = f();
        self.open.borrow_mut().remove(&task);
        if self.cut.get() >= position {
            // The cycle ends here: what was found is whole.
            self.cut.set(u32::MAX);
        }
        Some(result)
    }

    /// Runs `f`; also returns whether its result holds everywhere.
    pub(in crate::resolve) fn whole<T>(&self, f: impl FnOnce() -> T) -> (T, bool) {
        let before = self.cut.replace(u32::MAX);
        let result = f();
        let whole = self.cut.get() == u32::MAX;
        self.cut.set(before.min(self.cut.get()));
        (result, whole)
    }
}
