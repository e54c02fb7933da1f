//! What the program does with the reply: a walk upward from the call through members, variables,
//! callbacks and, one call deep, functions of the project.

use std::cell::RefCell;
use std::rc::Rc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::eval::{Evaluator, shorten};
use super::value::{ExprRef, FunctionRef, Value};
use crate::calls::{ReplyUse, ReplyUseKind};
use crate::hir::{
    Arg, CallKind, Expr, ExprId, Facts, FunctionId, How, Name, Op, Parent, Piece, ScopeId, Step,
    WriteId,
};
use crate::source::{FileId, Location};

/// Expressions followed per call.
const MAX_STEPS: usize = 600;
/// Function boundaries crossed.
const MAX_HOPS: u32 = 2;

/// Parts of a reply that are not its text.
const METADATA: &[&str] = &[
    "usage",
    "id",
    "model",
    "finish_reason",
    "finishReason",
    "status_code",
    "status",
    "headers",
    "created",
    "ok",
    "tool_calls",
    "toolCalls",
    "total_tokens",
    "prompt_tokens",
    "completion_tokens",
    "logprobs",
    "cost",
    "role",
    "raise_for_status",
    "error",
    "toolResults",
    "tool_use",
    "function_call",
    "usage_metadata",
    "response_metadata",
    "statusText",
    "steps",
];

/// Names of a file by spelling, for finding the uses of a variable.
type NameIndex = Rc<FxHashMap<Name, Vec<ExprId>>>;

/// Finds the uses of replies. Keeps indices of the files it has looked at.
pub(crate) struct ReplyTracker<'e, 'p> {
    ev: &'e Evaluator<'p>,
    names: RefCell<FxHashMap<FileId, NameIndex>>,
    callers: &'e dyn Fn(FunctionRef) -> Vec<ExprRef>,
}

struct Walk {
    queue: Vec<(ExprRef, u32)>,
    seen: FxHashSet<ExprRef>,
    uses: Vec<ReplyUse>,
    reply_name: Option<String>,
}

impl Walk {
    fn push(&mut self, at: ExprRef, hops: u32) {
        if self.seen.insert(at) && self.seen.len() < MAX_STEPS {
            self.queue.push((at, hops));
        }
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

    /// The uses of the reply of a call, and the variable that takes it.
    pub(crate) fn uses(&self, call: ExprRef) -> (Vec<ReplyUse>, Option<String>) {
        let mut w = Walk {
            queue: Vec::new(),
            seen: FxHashSet::default(),
            uses: Vec::new(),
            reply_name: None,
        };
        w.push(call, 0);
        while let Some((at, hops)) = w.queue.pop() {
            let Some(facts) = self.ev.facts(at.file) else {
                continue;
            };
            self.step(facts, at, hops, &mut w);
        }
        w.uses
            .sort_by(|a, b| (a.location, a.kind).cmp(&(b.location, b.kind)));
        w.uses.dedup();
        (w.uses, w.reply_name)
    }

    fn add(
        &self,
        w: &mut Walk,
        kind: ReplyUseKind,
        file: FileId,
        facts: &Facts,
        expr: ExprId,
        detail: Option<String>,
    ) {
        w.uses.push(ReplyUse {
            kind,
            location: Location {
                file,
                span: facts.span(expr),
            },
            detail,
        });
    }

    fn step(&self, facts: &'p Facts, at: ExprRef, hops: u32, w: &mut Walk) {
        let file = at.file;
        let here = |e: ExprId| ExprRef { file, expr: e };
        match facts.node(at.expr).parent {
            Parent::None | Parent::Test(_) => {}
            Parent::Return(f) => {
                self.add(w, ReplyUseKind::Return, file, facts, at.expr, None);
                self.callback_result(facts, file, f, hops, w);
                if hops < MAX_HOPS {
                    for c in (self.callers)(FunctionRef { file, function: f })
                        .into_iter()
                        .take(24)
                    {
                        w.push(c, hops + 1);
                    }
                }
            }
            Parent::Write(id) => self.written(facts, file, id, hops, w),
            Parent::Expr(p) => match facts.expr(p) {
                Expr::Member { name, .. } => {
                    if METADATA.contains(&name.as_str()) {
                        return;
                    }
                    if let Parent::Expr(c) = facts.node(p).parent
                        && let Expr::Call { callee, args, .. } = facts.expr(c)
                        && *callee == p
                    {
                        self.method(facts, file, c, name, args, hops, w);
                    } else {
                        w.push(here(p), hops);
                    }
                }
                Expr::Index { base, key } => {
                    if *base == at.expr {
                        if matches!(facts.expr(*key), Expr::Opaque { .. }) {
                            self.add(w, ReplyUseKind::IndexOf, file, facts, p, None);
                        }
                        w.push(here(p), hops);
                    } else {
                        self.add(w, ReplyUseKind::Lookup, file, facts, p, None);
                    }
                }
                Expr::Call {
                    callee, args, kind, ..
                } => {
                    if *callee == at.expr {
                        w.push(here(p), hops);
                    } else {
                        self.argument(facts, at, p, *callee, args, *kind, hops, w);
                    }
                }
                Expr::Binary { op, left, right } => match op {
                    Op::Eq | Op::Ne => {
                        let other = if *left == at.expr { *right } else { *left };
                        if !matches!(facts.expr(other), Expr::Null) {
                            let detail = literal(facts, other);
                            self.add(w, ReplyUseKind::Compare, file, facts, p, detail);
                        }
                    }
                    Op::Order => self.add(w, ReplyUseKind::Compare, file, facts, p, None),
                    Op::In | Op::NotIn => {
                        if *right == at.expr {
                            let detail = literal(facts, *left);
                            self.add(w, ReplyUseKind::Contains, file, facts, p, detail);
                        } else {
                            self.add(w, ReplyUseKind::Lookup, file, facts, p, None);
                        }
                    }
                    Op::And | Op::Or | Op::Coalesce => w.push(here(p), hops),
                    Op::Add | Op::Mod | Op::Pipe | Op::Other => {}
                },
                Expr::Choice { test, .. } => {
                    if *test == Some(at.expr) {
                        return;
                    }
                    w.push(here(p), hops);
                }
                Expr::Each { over, body, .. } => {
                    if *body == at.expr {
                        w.push(here(p), hops);
                    } else if *over == at.expr {
                        w.push(here(p), hops);
                    }
                }
                Expr::List { .. } => w.push(here(p), hops),
                Expr::Map { .. } => {
                    self.add(w, ReplyUseKind::Store, file, facts, p, None);
                    if matches!(facts.node(p).parent, Parent::Return(_)) {
                        w.push(here(p), hops);
                    }
                }
                Expr::Opaque { what, .. } => {
                    if what != "slice" {
                        w.push(here(p), hops);
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
                self.variable(facts, file, WriteId(i), hops, w);
            }
        }
    }

    /// What a callback returns is the value of the call it was given to: `xs.map(f)`, `p.then(f)`.
    fn callback_result(
        &self,
        facts: &'p Facts,
        file: FileId,
        f: FunctionId,
        hops: u32,
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
            w.push(ExprRef { file, expr: c }, hops);
        }
    }

    fn written(&self, facts: &'p Facts, file: FileId, id: WriteId, hops: u32, w: &mut Walk) {
        let wr = &facts.writes[id.index()];
        if let Some(Step::Field(f)) = wr.from.first()
            && METADATA.contains(&f.as_str())
        {
            return;
        }
        if !wr.path.is_empty() {
            let expr = wr.value.unwrap_or(ExprId(0));
            self.add(w, ReplyUseKind::Store, file, facts, expr, None);
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
                    let metadata = matches!(other.from.first(), Some(Step::Field(f)) if METADATA.contains(&f.as_str()));
                    if !metadata && other.path.is_empty() {
                        self.variable(facts, file, WriteId(i), hops, w);
                    }
                }
            }
        }
        self.variable(facts, file, id, hops, w);
    }

    /// The uses of a variable after a store, until it is overwritten.
    fn variable(&self, facts: &'p Facts, file: FileId, id: WriteId, hops: u32, w: &mut Walk) {
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
                w.push(ExprRef { file, expr: *n }, hops);
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

    /// A parameter of a function of the project that gets the reply.
    fn parameter(&self, f: FunctionRef, nth: usize, name: Option<&str>, hops: u32, w: &mut Walk) {
        if hops >= MAX_HOPS {
            return;
        }
        let Some(facts) = self.ev.facts(f.file) else {
            return;
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
        let Some(index) = index else { return };
        for (i, wr) in (0..).zip(&facts.writes) {
            if wr.scope == function.scope
                && matches!(wr.how, How::Param(p) if usize::from(p) == index)
            {
                self.variable(facts, f.file, WriteId(i), hops + 1, w);
            }
        }
    }

    /// `reply.name(args)`.
    fn method(
        &self,
        facts: &'p Facts,
        file: FileId,
        call: ExprId,
        name: &str,
        args: &[Arg],
        hops: u32,
        w: &mut Walk,
    ) {
        use ReplyUseKind as K;
        let first = args.first().and_then(|a| literal(facts, a.value));
        let regex = args.first().is_some_and(
            |a| matches!(facts.expr(a.value), Expr::Opaque { what, .. } if what == "regex"),
        );
        let at = ExprRef { file, expr: call };
        let mut go_on = true;
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
                self.callbacks(facts, file, args, hops, w);
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
            self.add(w, k, file, facts, call, first);
        }
        if go_on {
            w.push(at, hops);
        }
    }

    /// The parameters of function literals among the arguments.
    fn callbacks(&self, facts: &'p Facts, file: FileId, args: &[Arg], hops: u32, w: &mut Walk) {
        for a in args {
            if let Expr::Function(f) = facts.expr(a.value) {
                let scope = facts.functions[f.index()].scope;
                for (i, wr) in (0..).zip(&facts.writes) {
                    if wr.scope == scope && matches!(wr.how, How::Param(0)) {
                        self.variable(facts, file, WriteId(i), hops, w);
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
        hops: u32,
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
            | "subn" | "replace_all" | "findAll"
                if !base.is_empty() =>
            {
                go_on = true;
                Some(K::Regex)
            }
            "match" | "split" if base_last == "re" || base_last == "regex" => {
                go_on = true;
                Some(K::Regex)
            }
            "eval" | "exec" | "Function" | "execSync" | "system" | "execute" | "executemany"
            | "check_output" | "Popen" | "run_code" | "exec_command" => Some(K::Execute),
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
                        self.parameter(f.function, nth.unwrap_or(0), name, hops, w);
                        // What the function returns is, as far as we know, still the reply.
                        go_on = true;
                        Some(K::Pass)
                    }
                    Value::Class(_) => {
                        go_on = matches!(facts.node(call).parent, Parent::Return(_));
                        Some(K::Store)
                    }
                    _ => Some(K::Pass),
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
            self.add(w, k, file, facts, call, detail);
        }
        if go_on {
            w.push(here, hops);
        }
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
