//! What the program does with the reply: a walk upward from the call through members, variables,
//! callbacks and, a bounded number of calls deep, functions of the project.

mod answer;
mod choices;
mod envelope;
mod forms;
mod functions;
mod judge;
mod names;
mod places;
mod steps;
mod variables;

use std::cell::RefCell;
use std::rc::Rc;

use rustc_hash::{FxHashMap, FxHashSet};

use self::forms::is_scalar;
use self::names::{named_cleaner, named_renderer};
use crate::calls::{ReplyUse, ReplyUseKind};
use crate::hir::{ExprId, Facts, FunctionId, Name, WriteId};
use crate::resolve::eval::Evaluator;
use crate::resolve::sites::enclosing_functions;
use crate::resolve::value::{ExprRef, FunctionRef};
use crate::source::{FileId, Location};

/// Expressions followed per call.
const MAX_STEPS: usize = 600;
/// Returns to callers that are followed.
const MAX_UP: u8 = 2;
/// Calls that are followed into the function they call.
const MAX_DOWN: u8 = 2;
/// Callers of one function.
const MAX_CALLERS: usize = 24;

/// Names of a file by spelling, for finding the uses of a variable.
type NameIndex = Rc<FxHashMap<Name, Vec<ExprId>>>;

/// Finds the uses of replies. Keeps indices of the files it has looked at.
pub(crate) struct ReplyTracker<'e, 'p> {
    ev: &'e Evaluator<'p>,
    names: RefCell<FxHashMap<FileId, NameIndex>>,
    callers: &'e dyn Fn(FunctionRef, bool) -> Vec<ExprRef>,
}

/// How a value on the way is related to the reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Flow {
    /// Returns to callers on the way.
    up: u8,
    /// Whether a parser, a cast or the SDK has made data of the reply.
    parsed: bool,
    /// Whether that is only what was made of a function whose inside was not understood.
    presumed: bool,
    /// Whether it is still the body of an HTTP response, around the reply.
    body: bool,
    /// Which part of a tuple it is.
    item: Option<i32>,
    /// The call of a function of the project that the value was handed to, an index into
    /// [`Walk::frames`].
    frame: Option<u32>,
}

/// A call of a function of the project that gets the reply.
#[derive(Debug, Clone, Copy)]
struct Frame {
    function: FunctionRef,
    /// The call.
    call: ExprRef,
    /// The flow that it was reached with.
    outer: Flow,
    depth: u8,
    /// Whether the reply was seen to come back from it.
    returned: bool,
}

/// What becomes of the reply on its way out of a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Returned {
    /// It is returned as text or as the SDK's object.
    Raw,
    /// What is returned is data: parsed, cast, or the outcome of a comparison.
    Data,
}

struct Walk {
    queue: Vec<(ExprRef, Flow)>,
    seen: FxHashSet<(ExprRef, Flow)>,
    frames: Vec<Frame>,
    /// What is done, and in which function.
    uses: Vec<(Option<FunctionId>, ReplyUse)>,
    /// Stores of the reply beside the call, and of the objects around it.
    named: Vec<WriteId>,
    /// Whether a value derived from the reply is returned by this function, and whether parsed.
    watched: Option<(FunctionRef, Option<Returned>)>,
    /// The call whose reply it is.
    start: ExprRef,
}

impl Walk {
    fn push(&mut self, at: ExprRef, flow: Flow) {
        if self.seen.len() < MAX_STEPS && self.seen.insert((at, flow)) {
            self.queue.push((at, flow));
        }
    }

    fn depth(&self, flow: Flow) -> u8 {
        flow.frame
            .and_then(|f| self.frames.get(f as usize))
            .map_or(0, |f| f.depth)
    }
}

impl<'e, 'p> ReplyTracker<'e, 'p> {
    pub(crate) fn new(
        ev: &'e Evaluator<'p>,
        callers: &'e dyn Fn(FunctionRef, bool) -> Vec<ExprRef>,
    ) -> Self {
        Self {
            ev,
            names: RefCell::default(),
            callers,
        }
    }

    /// The uses of the reply of a call, and the variable that takes its text. `parsed` says that the
    /// call gives data already: its wrapper parses.
    /// `body` says that the call is an HTTP request.
    pub(crate) fn uses(
        &self,
        call: ExprRef,
        parsed: bool,
        body: bool,
    ) -> (Vec<ReplyUse>, Option<String>) {
        let w = self.walk(call, parsed, body, None);
        let name = self.answer(&w);
        let mut uses = without_events(w.uses);
        uses.sort_by_key(|a| (a.location, a.kind, a.parsed));
        // A use reached both ways is one of the raw reply.
        uses.dedup_by(|b, a| (a.location, a.kind, &a.detail) == (b.location, b.kind, &b.detail));
        (uses, name)
    }

    /// What a function that holds a call returns of its reply; `None` where nothing was seen to
    /// come out.
    pub(crate) fn returned(
        &self,
        call: ExprRef,
        parsed: bool,
        body: bool,
        f: FunctionRef,
    ) -> Option<Returned> {
        let w = self.walk(call, parsed, body, Some(f));
        let scalar = || {
            self.ev
                .facts(f.file)
                .and_then(|facts| facts.functions.get(f.function.index()))
                .and_then(|f| f.return_type.as_ref())
                .is_some_and(is_scalar)
        };
        w.watched
            .and_then(|(_, r)| r)
            .filter(|_| !scalar())
            .or_else(|| scalar().then_some(Returned::Data))
    }

    fn walk(&self, call: ExprRef, parsed: bool, body: bool, watched: Option<FunctionRef>) -> Walk {
        let mut w = Walk {
            queue: Vec::new(),
            seen: FxHashSet::default(),
            frames: Vec::new(),
            uses: Vec::new(),
            named: Vec::new(),
            watched: watched.map(|f| (f, None)),
            start: call,
        };
        let start = Flow {
            up: 0,
            parsed,
            presumed: parsed,
            body,
            item: None,
            frame: None,
        };
        w.push(call, start);
        if let Some(facts) = self.ev.facts(call.file) {
            self.handlers(facts, call, start, &mut w);
        }
        loop {
            while let Some((at, flow)) = w.queue.pop() {
                if let Some(facts) = self.ev.facts(at.file) {
                    self.step(facts, at, flow, &mut w);
                }
            }
            // What a function gives back whose inside was not understood is not the reply any more.
            let lost = w.frames.iter().position(|f| !f.returned);
            let Some(frame) = lost.and_then(|i| w.frames.get_mut(i)) else {
                break;
            };
            frame.returned = true;
            let (call, outer) = (frame.call, frame.outer);
            w.push(
                call,
                Flow {
                    parsed: true,
                    presumed: !outer.parsed || outer.presumed,
                    ..outer
                },
            );
        }
        self.cleaners(&mut w);
        w
    }

    /// Functions that are named for cleaning text and in which nothing was recognised.
    fn cleaners(&self, w: &mut Walk) {
        let mut found = Vec::new();
        for f in &w.frames {
            let Some(facts) = self.ev.facts(f.call.file) else {
                continue;
            };
            let span = facts.span(f.call.expr);
            let location = Location {
                file: f.call.file,
                span,
            };
            let understood = |u: &ReplyUse| {
                u.via == Some(location)
                    && (u.kind.reads_text() || u.kind == ReplyUseKind::TypedParse)
            };
            let kind = self
                .ev
                .facts(f.function.file)
                .and_then(|facts| facts.functions.get(f.function.function.index()))
                .and_then(|f| named_cleaner(f.name.as_deref()?));
            if let Some(kind) = kind
                && !f.outer.body
                && f.outer.frame.is_none()
                && !w.uses.iter().any(|(_, u)| understood(u))
            {
                let function = enclosing_functions(facts, f.call).first().copied();
                let u = ReplyUse {
                    kind,
                    location,
                    detail: None,
                    via: None,
                    parsed: f.outer.parsed,
                    tried: false,
                };
                found.push((function, u));
            }
        }
        w.uses.append(&mut found);
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "the place of a use is four of them"
    )]
    fn add(
        &self,
        w: &mut Walk,
        kind: ReplyUseKind,
        file: FileId,
        facts: &Facts,
        expr: ExprId,
        detail: Option<String>,
        flow: Flow,
    ) {
        // A comparison in a test says what is expected, not what the program does.
        if matches!(kind, ReplyUseKind::Compare | ReplyUseKind::Contains) && self.ev.is_test(file) {
            return;
        }
        // Taking the protocol off is no look into the reply.
        if flow.body && kind.reads_text() {
            return;
        }
        // A renderer cuts whatever text it is given, for the eye.
        let inner = flow.frame.and_then(|f| w.frames.get(f as usize));
        if kind.reads_text()
            && kind != ReplyUseKind::JsonParse
            && inner.is_some_and(|f| self.renders(f.function))
        {
            return;
        }
        let mut outermost = None;
        let mut frame = flow.frame;
        while let Some(f) = frame.and_then(|f| w.frames.get(f as usize)) {
            outermost = Some(f.call);
            frame = f.outer.frame;
        }
        let via = outermost.and_then(|c| {
            Some(Location {
                file: c.file,
                span: self.ev.facts(c.file)?.span(c.expr),
            })
        });
        let function = enclosing_functions(facts, ExprRef { file, expr })
            .first()
            .copied();
        w.uses.push((
            function,
            ReplyUse {
                kind,
                location: Location {
                    file,
                    span: facts.span(expr),
                },
                parsed: flow.parsed && !(flow.presumed && is_of_text(kind, detail.as_deref())),
                detail,
                via,
                tried: kind == ReplyUseKind::JsonParse && self.is_tried(facts, file, expr, w.start),
            },
        ));
    }

    /// Whether an expression stands in a `try` that was opened for it, and not for the model's call.
    fn is_tried(&self, facts: &Facts, file: FileId, expr: ExprId, call: ExprRef) -> bool {
        facts
            .enclosing_try(facts.node(expr).guard)
            .is_some_and(|t| call.file != file || !facts.encloses(t, facts.node(call.expr).guard))
    }

    /// Whether a function shows or writes what it is given, by its name.
    fn renders(&self, f: FunctionRef) -> bool {
        self.ev
            .facts(f.file)
            .and_then(|facts| facts.functions.get(f.function.index()))
            .and_then(|f| f.name.as_deref())
            .is_some_and(named_renderer)
    }
}

/// Whether a use can only be of text: what is parsed or rid of a code fence is no data yet, whatever
/// was presumed of the function it came from.
fn is_of_text(kind: ReplyUseKind, detail: Option<&str>) -> bool {
    kind == ReplyUseKind::JsonParse
        || kind.reads_text() && detail.is_some_and(|d| d.contains("```"))
}

/// Leaves out what a function does that reads server-sent events: `data: {…}`, `[DONE]`. Their
/// lines are the protocol's, and the JSON in them is the SDK's.
fn without_events(uses: Vec<(Option<FunctionId>, ReplyUse)>) -> Vec<ReplyUse> {
    let events: FxHashSet<(FileId, Option<FunctionId>)> = uses
        .iter()
        .filter(|(_, u)| {
            u.detail.as_deref().is_some_and(|d| {
                let d = d.trim();
                matches!(d, "data:" | "event:" | "[DONE]" | "data: [DONE]")
            })
        })
        .map(|(f, u)| (u.location.file, *f))
        .collect();
    uses.into_iter()
        .filter(|(f, u)| !(u.kind.reads_text() && events.contains(&(u.location.file, *f))))
        .map(|(_, u)| u)
        .collect()
}
