//! What the program does with the reply: a walk upward from the call through members, variables,
//! callbacks and, one call deep, functions of the project.

use std::cell::RefCell;
use std::path::Path;
use std::rc::Rc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::eval::{Evaluator, shorten};
use super::value::{ExprRef, FunctionRef, Value};
use crate::calls::{ReplyUse, ReplyUseKind};
use crate::hir::{
    Arg, CallKind, Expr, ExprId, Facts, FunctionId, How, Name, Op, Parent, Piece, ScopeId, Step,
    TypeRef, WriteId,
};
use crate::source::{FileId, Location};

/// Expressions followed per call.
const MAX_STEPS: usize = 600;
/// Returns to callers that are followed.
const MAX_UP: u8 = 2;
/// Calls that are followed into the function they call.
const MAX_DOWN: u8 = 2;
/// Callers of one function.
const MAX_CALLERS: usize = 24;

/// Parts of a reply that are not its text: accounting, kinds of events, tool calls, media.
const METADATA: &[&str] = &[
    "annotations",
    "arguments",
    "audio",
    "caller",
    "citations",
    "completion_tokens",
    "cost",
    "created",
    "duration",
    "error",
    "event",
    "finishReason",
    "finish_reason",
    "function_call",
    "functionCall",
    "headers",
    "id",
    "images",
    "inputTokens",
    "input_tokens",
    "length",
    "logprobs",
    "media",
    "model",
    "object",
    "ok",
    "outputTokens",
    "output_tokens",
    "prompt_tokens",
    "raise_for_status",
    "response_metadata",
    "role",
    "size",
    "sources",
    "status",
    "statusCode",
    "statusText",
    "status_code",
    "steps",
    "stopReason",
    "stop_reason",
    "toolResults",
    "tool_use",
    "total_tokens",
    "type",
    "url",
    "usage",
    "usageMetadata",
    "usage_metadata",
];

/// Keys of an SDK's reply object: asking whether it has one is no look into its text.
const ENVELOPE: &[&str] = &[
    "candidates",
    "choices",
    "content",
    "data",
    "error",
    "message",
    "messages",
    "output",
    "response",
    "text",
];

/// Whether a member of a reply is not its text.
fn is_metadata(name: &str) -> bool {
    let plain = name.to_lowercase().replace('_', "");
    METADATA.contains(&name) || plain.contains("toolcall")
}

/// Whether a declared type is a number or a boolean, or a promise or option of one.
fn is_scalar(ty: &TypeRef) -> bool {
    let mut ty = ty;
    while let [head] = ty.heads.as_slice()
        && let [inner] = ty.args.as_slice()
        && matches!(head.as_str(), "Promise" | "Optional" | "Option" | "Result")
    {
        ty = inner;
    }
    !ty.heads.is_empty()
        && ty.heads.iter().all(|h| {
            matches!(
                h.as_str(),
                "bool"
                    | "int"
                    | "float"
                    | "number"
                    | "boolean"
                    | "Decimal"
                    | "f32"
                    | "f64"
                    | "i32"
                    | "i64"
                    | "u32"
                    | "u64"
                    | "usize"
                    | "None"
                    | "null"
                    | "undefined"
            )
        })
}

/// Whether a file holds tests.
fn is_test(path: &Path) -> bool {
    let in_tests = path.components().any(|c| {
        matches!(
            c.as_os_str().to_str(),
            Some("test" | "tests" | "__tests__" | "spec" | "specs")
        )
    });
    let name = path
        .file_name()
        .and_then(|n| n.to_str())
        .unwrap_or_default();
    in_tests
        || name.starts_with("test_")
        || name.contains("_test.")
        || name.contains(".test.")
        || name.contains(".spec.")
}

/// Names of a file by spelling, for finding the uses of a variable.
type NameIndex = Rc<FxHashMap<Name, Vec<ExprId>>>;

/// Finds the uses of replies. Keeps indices of the files it has looked at.
pub(crate) struct ReplyTracker<'e, 'p> {
    ev: &'e Evaluator<'p>,
    names: RefCell<FxHashMap<FileId, NameIndex>>,
    callers: &'e dyn Fn(FunctionRef) -> Vec<ExprRef>,
}

/// How a value on the way is related to the reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Flow {
    /// Returns to callers on the way.
    up: u8,
    /// Whether a parser, a cast or the SDK has made data of the reply.
    parsed: bool,
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
    uses: Vec<ReplyUse>,
    reply_name: Option<String>,
    /// Whether a value derived from the reply is returned by this function, and whether parsed.
    watched: Option<(FunctionRef, Option<Returned>)>,
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
        callers: &'e dyn Fn(FunctionRef) -> Vec<ExprRef>,
    ) -> Self {
        Self {
            ev,
            names: RefCell::default(),
            callers,
        }
    }

    /// The uses of the reply of a call, and the variable that takes it. `parsed` says that the
    /// call gives data already: its wrapper parses.
    pub(crate) fn uses(&self, call: ExprRef, parsed: bool) -> (Vec<ReplyUse>, Option<String>) {
        let mut w = self.walk(call, parsed, None);
        w.uses
            .sort_by(|a, b| (a.location, a.kind, a.parsed).cmp(&(b.location, b.kind, b.parsed)));
        // A use reached both ways is one of the raw reply.
        w.uses
            .dedup_by(|b, a| (a.location, a.kind, &a.detail) == (b.location, b.kind, &b.detail));
        (w.uses, w.reply_name)
    }

    /// What a function that holds a call returns of its reply; `None` where nothing was seen to
    /// come out.
    pub(crate) fn returned(&self, call: ExprRef, parsed: bool, f: FunctionRef) -> Option<Returned> {
        let w = self.walk(call, parsed, Some(f));
        let scalar = || {
            self.ev
                .facts(f.file)
                .and_then(|facts| facts.functions.get(f.function.index()))
                .and_then(|f| f.return_type.as_ref())
                .is_some_and(|t| is_scalar(t))
        };
        w.watched
            .and_then(|(_, r)| r)
            .filter(|_| !scalar())
            .or_else(|| scalar().then_some(Returned::Data))
    }

    fn walk(&self, call: ExprRef, parsed: bool, watched: Option<FunctionRef>) -> Walk {
        let mut w = Walk {
            queue: Vec::new(),
            seen: FxHashSet::default(),
            frames: Vec::new(),
            uses: Vec::new(),
            reply_name: None,
            watched: watched.map(|f| (f, None)),
        };
        let start = Flow {
            up: 0,
            parsed,
            frame: None,
        };
        w.push(call, start);
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
                    ..outer
                },
            );
        }
        w
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
        if matches!(kind, ReplyUseKind::Compare | ReplyUseKind::Contains)
            && is_test(self.ev.project.path(file))
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
        w.uses.push(ReplyUse {
            kind,
            location: Location {
                file,
                span: facts.span(expr),
            },
            detail,
            via,
            parsed: flow.parsed,
        });
    }

    fn step(&self, facts: &'p Facts, at: ExprRef, flow: Flow, w: &mut Walk) {
        let file = at.file;
        let here = |e: ExprId| ExprRef { file, expr: e };
        match facts.node(at.expr).parent {
            Parent::None | Parent::Test(_) => {}
            Parent::Return(f) => self.leave(facts, at, f, flow, w),
            Parent::Write(id) => self.written(facts, file, id, flow, w),
            Parent::Expr(p) => match facts.expr(p) {
                Expr::Member { name, .. } => {
                    if !flow.parsed && is_metadata(name) {
                        return;
                    }
                    if let Parent::Expr(c) = facts.node(p).parent
                        && let Expr::Call { callee, args, .. } = facts.expr(c)
                        && *callee == p
                    {
                        self.method(facts, file, c, name, args, flow, w);
                    } else {
                        w.push(here(p), flow);
                    }
                }
                Expr::Index { base, key } => {
                    if *base == at.expr {
                        if matches!(facts.expr(*key), Expr::Opaque { .. })
                            && !cuts_by_length(facts, *key)
                        {
                            self.add(w, ReplyUseKind::IndexOf, file, facts, p, None, flow);
                        }
                        w.push(here(p), flow);
                    } else {
                        self.add(w, ReplyUseKind::Lookup, file, facts, p, None, flow);
                    }
                }
                Expr::Call {
                    callee, args, kind, ..
                } => {
                    if *callee == at.expr {
                        w.push(here(p), flow);
                    } else {
                        self.argument(facts, at, p, *callee, args, *kind, flow, w);
                    }
                }
                Expr::Binary { op, left, right } => match op {
                    Op::Eq | Op::Ne => {
                        let other = if *left == at.expr { *right } else { *left };
                        if !matches!(facts.expr(other), Expr::Null) {
                            let detail = literal(facts, other);
                            self.add(w, ReplyUseKind::Compare, file, facts, p, detail, flow);
                        }
                    }
                    Op::In | Op::NotIn => {
                        if *right == at.expr {
                            let detail = literal(facts, *left);
                            let envelope = |d: &String| ENVELOPE.contains(&d.as_str());
                            if !detail.as_ref().is_some_and(envelope) {
                                self.add(w, ReplyUseKind::Contains, file, facts, p, detail, flow);
                            }
                        } else {
                            self.add(w, ReplyUseKind::Lookup, file, facts, p, None, flow);
                        }
                    }
                    Op::And | Op::Or | Op::Coalesce => w.push(here(p), flow),
                    Op::Order | Op::Add | Op::Mod | Op::Pipe | Op::Other => {}
                },
                Expr::Choice { test, .. } => {
                    if *test == Some(at.expr) {
                        return;
                    }
                    w.push(here(p), flow);
                }
                Expr::Each { over, body, .. } => {
                    if *body == at.expr {
                        w.push(here(p), flow);
                    } else if *over == at.expr {
                        w.push(here(p), flow);
                    }
                }
                Expr::List { .. } => w.push(here(p), flow),
                Expr::Map { .. } => {
                    self.add(w, ReplyUseKind::Store, file, facts, p, None, flow);
                    if matches!(facts.node(p).parent, Parent::Return(_)) {
                        w.push(here(p), flow);
                    }
                }
                Expr::Opaque { what, .. } => {
                    if what != "typeof" {
                        w.push(here(p), flow);
                    }
                }
                Expr::Text { .. }
                | Expr::Unary { .. }
                | Expr::Number(_)
                | Expr::Bool(_)
                | Expr::Null
                | Expr::Name(_)
                | Expr::Function(_)
                | Expr::Class(_) => {}
            },
        }
        // An iterated reply: the loop variable.
        for (i, wr) in (0..).zip(&facts.writes) {
            if wr.value == Some(at.expr)
                && wr.how == How::Iterate
                && facts.node(at.expr).parent != Parent::Write(WriteId(i))
            {
                self.variable(facts, file, WriteId(i), flow, w);
            }
        }
    }

    /// A value is returned from a function.
    fn leave(&self, facts: &'p Facts, at: ExprRef, f: FunctionId, flow: Flow, w: &mut Walk) {
        let file = at.file;
        self.add(w, ReplyUseKind::Return, file, facts, at.expr, None, flow);
        self.callback_result(facts, file, f, flow, w);
        let function = FunctionRef { file, function: f };
        if let Some((watched, seen)) = &mut w.watched
            && *watched == function
            && flow.frame.is_none()
        {
            let now = if flow.parsed {
                Returned::Data
            } else {
                Returned::Raw
            };
            // The error path may hand back the text: data on any path is what callers get.
            if *seen != Some(Returned::Data) {
                *seen = Some(now);
            }
            return;
        }
        if let Some(i) = flow.frame {
            // Back to the call that handed it in, and to no other.
            if let Some(frame) = w.frames.get_mut(i as usize)
                && frame.function == function
            {
                frame.returned = true;
                let (call, outer) = (frame.call, frame.outer);
                let parsed = flow.parsed || outer.parsed;
                w.push(call, Flow { parsed, ..outer });
            }
        } else if flow.up < MAX_UP && w.watched.is_none() {
            for c in (self.callers)(function).into_iter().take(MAX_CALLERS) {
                w.push(
                    c,
                    Flow {
                        up: flow.up + 1,
                        ..flow
                    },
                );
            }
        }
    }

    /// What a callback returns is the value of the call it was given to: `xs.map(f)`, `p.then(f)`.
    fn callback_result(
        &self,
        facts: &'p Facts,
        file: FileId,
        f: FunctionId,
        flow: Flow,
        w: &mut Walk,
    ) {
        let literal = (0..)
            .map(ExprId)
            .zip(&facts.exprs)
            .find(|(_, e)| matches!(e.kind, Expr::Function(g) if g == f));
        if let Some((id, node)) = literal
            && let Parent::Expr(c) = node.parent
            && let Expr::Call { callee, .. } = facts.expr(c)
            && *callee != id
        {
            w.push(ExprRef { file, expr: c }, flow);
        }
    }

    fn written(&self, facts: &'p Facts, file: FileId, id: WriteId, flow: Flow, w: &mut Walk) {
        let wr = &facts.writes[id.index()];
        if let Some(Step::Field(f)) = wr.from.first()
            && !flow.parsed
            && is_metadata(f)
        {
            return;
        }
        if !wr.path.is_empty() {
            let expr = wr.value.unwrap_or(ExprId(0));
            self.add(w, ReplyUseKind::Store, file, facts, expr, None, flow);
            return;
        }
        if w.reply_name.is_none() && matches!(wr.how, How::Set | How::Augment(_)) {
            w.reply_name = Some(wr.root.to_string());
        }
        // Several names from one value: each is a write of its own with the same value.
        if let Some(v) = wr.value {
            for (i, other) in (0..).zip(&facts.writes) {
                if other.value == Some(v)
                    && i != id.0
                    && matches!(other.how, How::Set | How::Iterate)
                {
                    let metadata =
                        matches!(other.from.first(), Some(Step::Field(f)) if is_metadata(f));
                    if !metadata && other.path.is_empty() {
                        self.variable(facts, file, WriteId(i), flow, w);
                    }
                }
            }
        }
        self.variable(facts, file, id, flow, w);
    }

    /// The uses of a variable after a store, until it is overwritten.
    fn variable(&self, facts: &'p Facts, file: FileId, id: WriteId, flow: Flow, w: &mut Walk) {
        let wr = &facts.writes[id.index()];
        let index = self.index(file, facts);
        let Some(names) = index.get(&wr.root) else {
            return;
        };
        let overwritten = facts.scopes[wr.scope.index()]
            .names
            .get(&wr.root)
            .into_iter()
            .flatten()
            .map(|o| &facts.writes[o.index()])
            .filter(|o| {
                o.order > wr.order
                    && o.path.is_empty()
                    && matches!(o.how, How::Set)
                    && o.guard == wr.guard
            })
            .map(|o| o.order)
            .min()
            .unwrap_or(u32::MAX);
        for n in names {
            let node = facts.node(*n);
            if n.0 < wr.order || n.0 >= overwritten {
                continue;
            }
            if self.resolves_to(facts, node.scope, &wr.root, wr.scope) {
                w.push(ExprRef { file, expr: *n }, flow);
            }
        }
    }

    /// Whether a name seen from `scope` is the one that lives in `home`.
    fn resolves_to(&self, facts: &Facts, scope: ScopeId, name: &str, home: ScopeId) -> bool {
        let mut at = Some(scope);
        while let Some(s) = at {
            if s == home {
                return true;
            }
            let sc = &facts.scopes[s.index()];
            if sc.names.contains_key(name) {
                return false;
            }
            at = sc.parent;
        }
        false
    }

    fn index(&self, file: FileId, facts: &Facts) -> NameIndex {
        if let Some(i) = self.names.borrow().get(&file) {
            return Rc::clone(i);
        }
        let mut map: FxHashMap<Name, Vec<ExprId>> = FxHashMap::default();
        for (i, e) in (0..).map(ExprId).zip(&facts.exprs) {
            if let Expr::Name(n) = &e.kind {
                map.entry(n.clone()).or_default().push(i);
            }
        }
        let index = Rc::new(map);
        self.names.borrow_mut().insert(file, Rc::clone(&index));
        index
    }

    /// A parameter of a function of the project that gets the reply. Says whether it is followed.
    fn parameter(
        &self,
        f: FunctionRef,
        (nth, name): (usize, Option<&str>),
        call: ExprRef,
        flow: Flow,
        w: &mut Walk,
    ) -> bool {
        let depth = w.depth(flow) + 1;
        if depth > MAX_DOWN || w.frames.iter().any(|o| o.call == call && o.outer == flow) {
            return false;
        }
        let Some(facts) = self.ev.facts(f.file) else {
            return false;
        };
        let function = &facts.functions[f.function.index()];
        let skip = usize::from(
            function
                .params
                .first()
                .is_some_and(|p| p.kind == crate::hir::ParamKind::Receiver),
        );
        let index = match name {
            Some(n) => function
                .params
                .iter()
                .position(|p| p.name.as_deref() == Some(n)),
            None => Some(nth + skip),
        };
        let Some(index) = index else { return false };
        let Ok(number) = u32::try_from(w.frames.len()) else {
            return false;
        };
        w.frames.push(Frame {
            function: f,
            call,
            outer: flow,
            depth,
            returned: false,
        });
        let inner = Flow {
            frame: Some(number),
            ..flow
        };
        for (i, wr) in (0..).zip(&facts.writes) {
            if wr.scope == function.scope
                && matches!(wr.how, How::Param(p) if usize::from(p) == index)
            {
                self.variable(facts, f.file, WriteId(i), inner, w);
            }
        }
        true
    }

    /// `reply.name(args)`.
    fn method(
        &self,
        facts: &'p Facts,
        file: FileId,
        call: ExprId,
        name: &str,
        args: &[Arg],
        flow: Flow,
        w: &mut Walk,
    ) {
        use ReplyUseKind as K;
        let first = args.first().and_then(|a| literal(facts, a.value));
        let regex = args.first().is_some_and(
            |a| matches!(facts.expr(a.value), Expr::Opaque { what, .. } if what == "regex"),
        );
        let at = ExprRef { file, expr: call };
        let mut flow = flow;
        let mut go_on = !matches!(name, "len" | "count" | "is_empty" | "hasOwnProperty");
        let kind = match name {
            "replace" | "replaceAll" | "replacen" | "removeprefix" | "removesuffix"
            | "trim_start_matches" | "trim_end_matches" | "strip_prefix" | "strip_suffix"
            | "trim_matches" => Some(if regex { K::Regex } else { K::Strip }),
            "strip" | "lstrip" | "rstrip" if first.is_some() => Some(K::Strip),
            "strip" | "trim" | "lower" | "upper" | "toLowerCase" | "toUpperCase"
            | "to_lowercase" | "to_uppercase" | "casefold" | "title" | "capitalize"
            | "trim_end" | "trim_start" | "trimEnd" | "trimStart" | "lstrip" | "rstrip" => {
                Some(K::Normalize)
            }
            "split" | "splitlines" | "lines" | "split_whitespace" | "rsplit" | "partition"
            | "rpartition" | "split_once" | "splitn" | "rsplit_once" => Some(K::Split),
            "find" | "index" | "indexOf" | "lastIndexOf" | "rfind" | "rindex" | "substring"
            | "slice" | "substr" | "charAt" => {
                let callback = args
                    .first()
                    .is_some_and(|a| matches!(facts.expr(a.value), Expr::Function(_)));
                if callback { None } else { Some(K::IndexOf) }
            }
            "includes" | "startswith" | "startsWith" | "starts_with" | "endswith" | "endsWith"
            | "ends_with" | "contains" | "count" => {
                go_on = false;
                Some(K::Contains)
            }
            "match" | "matchAll" | "search" => Some(K::Regex),
            "parse" => Some(K::Cast),
            "eq" | "equals" | "localeCompare" | "eq_ignore_ascii_case" => {
                go_on = false;
                Some(K::Compare)
            }
            "then" | "map" | "forEach" | "filter" | "flatMap" | "for_each" | "and_then"
            | "map_err" | "find_map" => {
                self.callbacks(facts, file, args, flow, w);
                None
            }
            "json" | "text" | "get" | "content" | "to_string" | "clone" | "as_str" | "into"
            | "toString" | "read" | "ok" | "unwrap_or_default" | "unwrap_or" | "to_owned"
            | "first" | "as_ref" | "body" | "decode" | "collect" | "iter" | "into_iter"
            | "join" | "pop" | "as_deref" | "choices" | "at" | "catch" | "finally" | "nth"
            | "next" | "last" | "ok_or" | "ok_or_else" | "or_else" | "filter_map" | "message"
            | "output_text" | "response" | "dict" | "model_dump" | "chars" => None,
            _ => None,
        };
        if let Some(k) = kind {
            if k == K::Split && is_counted(facts, call) {
                return;
            }
            self.add(w, k, file, facts, call, first, flow);
            flow.parsed |= makes_data(k);
        }
        if go_on {
            w.push(at, flow);
        }
    }

    /// The parameters of function literals among the arguments.
    fn callbacks(&self, facts: &'p Facts, file: FileId, args: &[Arg], flow: Flow, w: &mut Walk) {
        for a in args {
            if let Expr::Function(f) = facts.expr(a.value) {
                let scope = facts.functions[f.index()].scope;
                for (i, wr) in (0..).zip(&facts.writes) {
                    if wr.scope == scope && matches!(wr.how, How::Param(0)) {
                        self.variable(facts, file, WriteId(i), flow, w);
                    }
                }
            }
        }
    }

    /// `f(reply)`.
    fn argument(
        &self,
        facts: &'p Facts,
        at: ExprRef,
        call: ExprId,
        callee: ExprId,
        args: &[Arg],
        kind: CallKind,
        flow: Flow,
        w: &mut Walk,
    ) {
        use ReplyUseKind as K;
        let file = at.file;
        let dotted = facts.dotted(callee).unwrap_or_default();
        let last = match facts.expr(callee) {
            Expr::Member { name, .. } | Expr::Name(name) => name.to_string(),
            _ => String::new(),
        };
        let base = dotted
            .strip_suffix(&last)
            .unwrap_or("")
            .trim_end_matches('.');
        let base_last = base.rsplit('.').next().unwrap_or("");
        let here = ExprRef { file, expr: call };
        let mut flow = flow;
        let mut go_on = false;
        let use_kind = match last.as_str() {
            "loads" | "safe_load" | "full_load" | "from_str" | "from_slice" | "fromstring"
            | "repair_json" | "jsonrepair" | "literal_eval" | "parse_json" | "parseJson"
            | "parseJSON" | "read_csv" | "JSON5" | "BeautifulSoup" | "parseString"
            | "parse_partial_json" | "parsePartialJson" | "from_json" => {
                go_on = true;
                Some(K::JsonParse)
            }
            "parse"
                if matches!(
                    base_last,
                    "JSON"
                        | "json"
                        | "json5"
                        | "JSON5"
                        | "yaml"
                        | "YAML"
                        | "Papa"
                        | "jsonc"
                        | "csv"
                        | "toml"
                        | "ET"
                ) =>
            {
                go_on = true;
                Some(K::JsonParse)
            }
            "load" if matches!(base_last, "yaml" | "toml") => {
                go_on = true;
                Some(K::JsonParse)
            }
            "model_validate_json"
            | "parse_raw"
            | "model_validate"
            | "parse_obj"
            | "safeParse"
            | "parseAsync"
            | "validate_json"
            | "validate_python" => {
                go_on = true;
                Some(K::TypedParse)
            }
            "parse"
                if kind == CallKind::Plain
                    && !base.is_empty()
                    && base_last != "Date"
                    && base_last != "marked" =>
            {
                go_on = true;
                Some(K::TypedParse)
            }
            "int" | "float" | "bool" | "Number" | "parseInt" | "parseFloat" | "Boolean"
            | "Decimal" | "BigInt" | "complex" => {
                go_on = true;
                Some(K::Cast)
            }
            "search" | "fullmatch" | "findall" | "finditer" | "sub" | "captures"
            | "captures_iter" | "is_match" | "find_iter" | "exec" | "test" | "matchAll"
            | "subn" | "replace_all" | "replace" | "find" | "match" | "split"
                if is_pattern(facts, callee) =>
            {
                go_on = true;
                Some(K::Regex)
            }
            "eval" | "exec" if base.is_empty() => Some(K::Execute),
            "execute" | "executemany" if is_database(base_last) => Some(K::Execute),
            "Function" | "execSync" | "system" | "check_output" | "Popen" | "run_code"
            | "exec_command" => Some(K::Execute),
            "run" | "call" if base_last == "subprocess" => Some(K::Execute),
            "fromisoformat" | "strptime" | "parse_date" | "parseISO" | "to_datetime"
            | "parse_from_str" => Some(K::DateParse),
            "Date" if kind == CallKind::New => Some(K::DateParse),
            "parse" if base_last == "Date" => Some(K::DateParse),
            "print" | "log" | "println" | "info" | "debug" | "warn" | "error" | "pprint"
            | "eprintln" | "markdown" | "display" | "echo" | "success" | "print_markdown"
            | "warning" => Some(K::Print),
            "write" if base_last == "st" || base_last == "stdout" => Some(K::Print),
            "write" | "write_text" | "writeFile" | "writeFileSync" | "writelines" | "write_all" => {
                Some(K::WriteFile)
            }
            "append" | "push" | "add" | "insert" | "set" | "save" | "send" | "put" | "update"
            | "create" | "extend" => Some(K::Store),
            "str" | "String" | "Some" | "Ok" | "list" | "dict" | "Array" | "from"
            | "asyncio.run" | "reversed" | "sorted" | "tuple" | "format" | "resolve" | "gather"
            | "all" => {
                go_on = true;
                None
            }
            "isinstance" | "len" | "type" | "typeof" => None,
            _ => {
                self.ev.refuel_for_callee();
                let value = self.ev.eval(ExprRef { file, expr: callee }, &None);
                match value {
                    Value::Function(f) => {
                        let nth = args
                            .iter()
                            .filter(|a| a.name.is_none())
                            .position(|a| a.value == at.expr);
                        let name = args
                            .iter()
                            .find(|a| a.value == at.expr)
                            .and_then(|a| a.name.as_deref());
                        let place = (nth.unwrap_or(0), name);
                        if self.parameter(f.function, place, here, flow, w) {
                            Some(K::Pass)
                        } else {
                            go_on = true;
                            flow.parsed |= named_cleaner(&last).is_some();
                            Some(named_cleaner(&last).unwrap_or(K::Pass))
                        }
                    }
                    Value::Class(_) => {
                        go_on = matches!(facts.node(call).parent, Parent::Return(_));
                        Some(K::Store)
                    }
                    _ => {
                        let cleaner = named_cleaner(&last);
                        go_on = cleaner.is_some();
                        Some(cleaner.unwrap_or(K::Pass))
                    }
                }
            }
        };
        if let Some(k) = use_kind {
            let detail = match k {
                K::Regex => args
                    .iter()
                    .find(|a| a.value != at.expr)
                    .and_then(|a| literal(facts, a.value)),
                K::Pass => Some(shorten(&dotted, 60)),
                _ => None,
            };
            self.add(w, k, file, facts, call, detail, flow);
            flow.parsed |= makes_data(k);
        }
        if go_on {
            w.push(here, flow);
        }
    }
}

/// Whether a use turns text into data.
const fn makes_data(kind: ReplyUseKind) -> bool {
    matches!(
        kind,
        ReplyUseKind::JsonParse
            | ReplyUseKind::TypedParse
            | ReplyUseKind::Cast
            | ReplyUseKind::DateParse
    )
}

/// Whether all that is done with a list is to count it.
fn is_counted(facts: &Facts, list: ExprId) -> bool {
    let Parent::Expr(p) = facts.node(list).parent else {
        return false;
    };
    match facts.expr(p) {
        Expr::Member { name, .. } => matches!(name.as_str(), "length" | "len" | "count"),
        Expr::Call { callee, .. } => {
            matches!(facts.expr(*callee), Expr::Name(n) if n == "len") && *callee != list
        }
        _ => false,
    }
}

/// Whether a slice begins or ends at the length of something: what the program itself put before
/// the reply (a prefix that the model echoes) is cut off, no text of the model's is searched.
fn cuts_by_length(facts: &Facts, key: ExprId) -> bool {
    let Expr::Opaque { kids, .. } = facts.expr(key) else {
        return false;
    };
    kids.iter().any(|k| match facts.expr(*k) {
        Expr::Call { callee, .. } => match facts.expr(*callee) {
            Expr::Name(n) => n == "len",
            Expr::Member { name, .. } => name == "len",
            _ => false,
        },
        Expr::Member { name, .. } => name == "length",
        _ => false,
    })
}

/// Whether a method is called on a regular expression: a literal, the module, a variable or a
/// constant named as one, or one compiled on the spot.
fn is_pattern(facts: &Facts, callee: ExprId) -> bool {
    let Expr::Member { base, .. } = facts.expr(callee) else {
        return false;
    };
    match facts.expr(*base) {
        Expr::Opaque { what, .. } => what == "regex",
        Expr::Call { callee, .. } => facts
            .dotted(*callee)
            .is_some_and(|d| d.ends_with("re.compile") || d.contains("Regex") || d == "RegExp"),
        Expr::Name(n) | Expr::Member { name: n, .. } => {
            let lower = n.to_lowercase();
            matches!(lower.as_str(), "re" | "rx")
                || ["regex", "regexp", "pattern", "_re", "_rx"]
                    .iter()
                    .any(|s| lower.ends_with(s))
                || n.ends_with("RE")
                || n.ends_with("Re")
        }
        _ => false,
    }
}

/// Whether a receiver is a database by its name.
fn is_database(name: &str) -> bool {
    let lower = name.to_lowercase();
    [
        "cur",
        "cursor",
        "conn",
        "connection",
        "db",
        "engine",
        "session",
        "duckdb",
        "sql",
        "database",
        "pool",
        "client",
    ]
    .iter()
    .any(|s| lower == *s || lower.ends_with(&format!("_{s}")) || lower.ends_with(&format!(".{s}")))
}

/// What a function whose code is not seen does, where its name says it: `extract_json`,
/// `stripCodeFences`, `clean_sql`.
fn named_cleaner(name: &str) -> Option<ReplyUseKind> {
    const VERBS: &[&str] = &[
        "extract", "strip", "clean", "cleanup", "sanitize", "unwrap", "remove", "trim", "parse",
        "unfence", "repair", "fix",
    ];
    const JSON: &[&str] = &["json", "xml", "yaml", "csv"];
    const TEXT: &[&str] = &[
        "code",
        "fence",
        "fences",
        "html",
        "sql",
        "markdown",
        "tag",
        "tags",
        "quotes",
        "quote",
        "think",
        "thinking",
        "block",
        "blocks",
        "backticks",
        "array",
        "list",
        "llm",
        "reply",
        "answer",
    ];
    let words = crate::prompt::words_of(name);
    let has = |set: &[&str]| words.iter().any(|w| set.contains(&w.as_str()));
    if !words.first().is_some_and(|w| VERBS.contains(&w.as_str())) {
        None
    } else if has(JSON) {
        Some(ReplyUseKind::JsonParse)
    } else if has(TEXT) {
        Some(ReplyUseKind::Strip)
    } else {
        None
    }
}

/// The text of a literal, or of a list of literals.
fn literal(facts: &Facts, e: ExprId) -> Option<String> {
    match facts.expr(e) {
        Expr::Text { pieces, .. } => {
            let mut out = String::new();
            for p in pieces {
                match p {
                    Piece::Literal(l) => out.push_str(&l.text),
                    Piece::Hole { .. } => return None,
                }
            }
            Some(out)
        }
        Expr::Number(n) => Some(n.to_string()),
        Expr::Bool(b) => Some(b.to_string()),
        _ => None,
    }
}
