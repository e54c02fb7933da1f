//! What has been computed already, and cycles: stores, attributes and exports that depend on
//! themselves (a reply appended to the list it was made from, modules that import each other). The
//! second visit is cut. What was computed with a cut inside depends on where the cycle was entered,
//! so it is kept for the root in hand only; what lies inside a cycle that is still open, until
//! the cycle closes.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use rustc_hash::FxHashMap;

use crate::hir::{GuardId, Name};
use crate::resolve::value::{ClassRef, ExprRef, Frame, FunctionRef, Instance, Value};
use crate::source::FileId;

/// Something that may depend on itself.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(in crate::resolve) enum Task {
    /// A store of a file, at a depth of frames.
    Store(FileId, u32, u32),
    /// An export of a file.
    Member(FileId, Name),
    /// A call of a function, from outside of it (0) or from itself (1).
    Call(FunctionRef, u8),
    /// An attribute of the objects made at one place, or of all of a class.
    Attribute(ClassRef, Option<ExprRef>, Name),
    /// An attribute of a class's objects as the only place that makes one gives it.
    Constructed(ClassRef, Name),
}

/// No task.
const NONE: u32 = u32::MAX;

/// An expression under a frame; 0 is no frame.
type Key = (u32, ExprRef);

/// See [`Memo::members`].
#[derive(Debug)]
struct Member {
    _object: Rc<Instance>,
    value: Option<Value>,
    cyclic: bool,
}

/// The values computed so far and the tasks in progress.
#[derive(Debug)]
pub(in crate::resolve) struct Memo {
    /// Holds for good: no frame, no cut.
    always: RefCell<FxHashMap<ExprRef, Value>>,
    /// Holds for one root; whether there was a cut inside.
    root: RefCell<FxHashMap<Key, (Value, bool)>>,
    /// Holds while the task at this position is in progress.
    inside: RefCell<FxHashMap<Key, (Value, u32)>>,
    /// Members of objects, each with its object, which keeps the address taken. Holds for one root.
    members: RefCell<FxHashMap<(*const Instance, Name), Member>>,
    /// Which arms run under a frame. Holds for one root.
    arms: RefCell<FxHashMap<(u32, FileId, GuardId), Option<bool>>>,
    /// Tasks in progress with their positions.
    open: RefCell<FxHashMap<Task, u32>>,
    /// Position of the outermost task that the computation in hand came back to.
    cut: Cell<u32>,
    /// Whether the computation in hand came back to any.
    cyclic: Cell<bool>,
}

impl Default for Memo {
    fn default() -> Self {
        Self {
            always: RefCell::default(),
            root: RefCell::default(),
            inside: RefCell::default(),
            members: RefCell::default(),
            arms: RefCell::default(),
            open: RefCell::default(),
            cut: Cell::new(NONE),
            cyclic: Cell::new(false),
        }
    }
}

impl Memo {
    /// Forgets what held for the last root only.
    pub(in crate::resolve) fn new_root(&self) {
        self.root.borrow_mut().clear();
        self.inside.borrow_mut().clear();
        self.arms.borrow_mut().clear();
        self.members.borrow_mut().clear();
    }

    /// A member of an object, looked up once.
    pub(in crate::resolve) fn member(
        &self,
        object: &Rc<Instance>,
        name: &str,
        limited: &Cell<bool>,
        f: impl FnOnce() -> Option<Value>,
    ) -> Option<Value> {
        let key = (Rc::as_ptr(object), Name::from(name));
        if let Some(known) = self.members.borrow().get(&key) {
            self.cyclic.set(self.cyclic.get() || known.cyclic);
            return known.value.clone();
        }
        let was_limited = limited.replace(false);
        let (value, cut, cyclic) = self.watch(f);
        if !limited.get() && cut == NONE {
            let known = Member {
                _object: Rc::clone(object),
                value: value.clone(),
                cyclic,
            };
            self.members.borrow_mut().insert(key, known);
        }
        limited.set(was_limited || limited.get());
        value
    }

    /// Whether an arm runs under a frame, decided once.
    pub(in crate::resolve) fn arm(
        &self,
        frame: &Frame,
        file: FileId,
        arm: GuardId,
        decide: impl FnOnce() -> Option<bool>,
    ) -> Option<bool> {
        let key = (frame.id, file, arm);
        if let Some(known) = self.arms.borrow().get(&key) {
            return *known;
        }
        // What an arm tests may be bound in that arm: meanwhile it is not known.
        self.arms.borrow_mut().insert(key, None);
        let decided = decide();
        self.arms.borrow_mut().insert(key, decided);
        decided
    }

    /// A value computed before.
    pub(in crate::resolve) fn get(&self, frame: u32, at: ExprRef) -> Option<Value> {
        if frame == 0
            && let Some(v) = self.always.borrow().get(&at)
        {
            return Some(v.clone());
        }
        if let Some((v, cyclic)) = self.root.borrow().get(&(frame, at)) {
            self.cyclic.set(self.cyclic.get() || *cyclic);
            return Some(v.clone());
        }
        if let Some((v, cut)) = self.inside.borrow().get(&(frame, at)) {
            self.cyclic.set(true);
            self.cut.set(self.cut.get().min(*cut));
            return Some(v.clone());
        }
        None
    }

    /// Computes a value and keeps it for as long as it holds; not at all where `limited` says that
    /// the computation ran into a bound.
    pub(in crate::resolve) fn compute(
        &self,
        frame: u32,
        at: ExprRef,
        limited: &Cell<bool>,
        f: impl FnOnce() -> Value,
    ) -> Value {
        let was_limited = limited.replace(false);
        let (value, cut, cyclic) = self.watch(f);
        if !limited.get() {
            if cut != NONE {
                self.inside
                    .borrow_mut()
                    .insert((frame, at), (value.clone(), cut));
            } else if cyclic || frame != 0 {
                self.root
                    .borrow_mut()
                    .insert((frame, at), (value.clone(), cyclic));
            } else {
                self.always.borrow_mut().insert(at, value.clone());
            }
        }
        limited.set(was_limited || limited.get());
        value
    }

    /// Runs `f`; also returns whether its result holds for good.
    pub(in crate::resolve) fn lasting<T>(&self, f: impl FnOnce() -> T) -> (T, bool) {
        let (value, _, cyclic) = self.watch(f);
        (value, !cyclic)
    }

    fn watch<T>(&self, f: impl FnOnce() -> T) -> (T, u32, bool) {
        let before = (self.cut.replace(NONE), self.cyclic.replace(false));
        let value = f();
        let (cut, cyclic) = (self.cut.get(), self.cyclic.get());
        self.cut.set(before.0.min(cut));
        self.cyclic.set(before.1 || cyclic);
        (value, cut, cyclic)
    }

    /// Runs `f` unless the same task is in progress; then `None`.
    pub(in crate::resolve) fn run<T>(&self, task: Task, f: impl FnOnce() -> T) -> Option<T> {
        let position = {
            let mut open = self.open.borrow_mut();
            if let Some(p) = open.get(&task) {
                self.cyclic.set(true);
                self.cut.set(self.cut.get().min(*p));
                return None;
            }
            let position = u32::try_from(open.len()).unwrap_or(NONE - 1);
            open.insert(task.clone(), position);
            position
        };
        let before = self.cut.replace(NONE);
        let result = f();
        self.open.borrow_mut().remove(&task);
        let cut = self.cut.get();
        if cut != NONE && cut >= position {
            // The cycle closes here.
            self.inside.borrow_mut().clear();
            self.cut.set(before);
        } else {
            self.cut.set(before.min(cut));
        }
        Some(result)
    }

    /// Runs a function's body unless it has called itself already.
    pub(in crate::resolve) fn call<T>(
        &self,
        function: FunctionRef,
        f: impl FnOnce() -> T,
    ) -> Option<T> {
        let outer = Task::Call(function, 0);
        let again = self.open.borrow().contains_key(&outer);
        self.run(
            if again {
                Task::Call(function, 1)
            } else {
                outer
            },
            f,
        )
    }
}
