//! Steps of a reply through the program: variables, fields, returns, arguments.

use std::rc::Rc;

use rustc_hash::FxHashMap;

use super::choices::{opened, opens_reply};
use super::envelope::{ENVELOPE, is_metadata};
use super::judge::{cuts_by_length, keeps_head, literal};
use super::{Flow, Frame, MAX_CALLERS, MAX_DOWN, MAX_UP, NameIndex, ReplyTracker, Returned, Walk};
use crate::calls::ReplyUseKind;
use crate::hir::{
    Arg, Expr, ExprId, Facts, FunctionId, How, Name, Op, Parent, Piece, ScopeId, ScopeKind, Step,
    Write, WriteId,
};
use crate::resolve::value::{ExprRef, FunctionRef};
use crate::source::FileId;

impl<'e, 'p> ReplyTracker<'e, 'p> {
    pub(super) fn step(&self, facts: &'p Facts, at: ExprRef, flow: Flow, w: &mut Walk) {
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
                    let flow = opened(flow, name);
                    if let Parent::Expr(c) = facts.node(p).parent
                        && let Expr::Call { callee, .. } = facts.expr(c)
                        && *callee == p
                    {
                        self.method(facts, file, c, name, flow, w);
                    } else {
                        w.push(here(p), flow);
                    }
                }
                Expr::Index { base, key } => {
                    if *base == at.expr {
                        if let Expr::Opaque { kids, .. } = facts.expr(*key)
                            && !cuts_by_length(facts, *key)
                            && !keeps_head(facts, kids)
                        {
                            self.add(w, ReplyUseKind::IndexOf, file, facts, p, None, flow);
                        }
                        let key = literal(facts, *key);
                        // Text has no keys: this is the object around it.
                        if !flow.parsed && key.as_deref().is_some_and(is_metadata) {
                            return;
                        }
                        let number = key.as_ref().and_then(|k| k.parse::<i32>().ok());
                        if let (Some(item), Some(n)) = (flow.item, number)
                            && item != n
                        {
                            return;
                        }
                        let flow = key.map_or(flow, |k| opened(flow, &k));
                        w.push(here(p), Flow { item: None, ..flow });
                    } else {
                        self.add(w, ReplyUseKind::Lookup, file, facts, p, None, flow);
                    }
                }
                Expr::Call { callee, .. } => {
                    if *callee == at.expr {
                        w.push(here(p), flow);
                    } else {
                        self.argument(facts, at, p, flow, w);
                    }
                }
                Expr::Binary { op, left, right } => match op {
                    Op::Eq | Op::Ne => {
                        let other = if *left == at.expr { *right } else { *left };
                        if !flow.parsed && *op == Op::Eq && self.names_an_item(facts, other) {
                            self.add(w, ReplyUseKind::Lookup, file, facts, p, None, flow);
                        } else if !matches!(facts.expr(other), Expr::Null) {
                            let detail = literal(facts, other);
                            self.add(w, ReplyUseKind::Compare, file, facts, p, detail, flow);
                        }
                    }
                    Op::In | Op::NotIn => {
                        if *right == at.expr {
                            let detail = literal(facts, *left);
                            let envelope = |d: &String| ENVELOPE.contains(&d.as_str());
                            // What the program computes must stand in the reply: a check of it.
                            let computed = matches!(facts.expr(*left), Expr::Call { .. });
                            if !computed && !detail.as_ref().is_some_and(envelope) {
                                self.add(w, ReplyUseKind::Contains, file, facts, p, detail, flow);
                            }
                        } else if self.is_closed(file, facts, *right) {
                            self.add(w, ReplyUseKind::Lookup, file, facts, p, None, flow);
                        }
                    }
                    // The program begins the reply and the model goes on: `"{" + reply`.
                    Op::Add if *right == at.expr && opens_reply(facts, *left) => {
                        w.push(here(p), flow);
                    }
                    Op::And | Op::Or | Op::Coalesce => w.push(here(p), flow),
                    Op::Order | Op::Add | Op::Mod | Op::Pipe | Op::Is | Op::Other => {}
                },
                Expr::Choice { test, .. } => {
                    if *test != Some(at.expr) {
                        w.push(here(p), flow);
                        return;
                    }
                    // `match reply { Ok(text) => … }` as a value: what the patterns bind.
                    for (i, wr) in (0..).zip(&facts.writes) {
                        if wr.value == Some(at.expr) && wr.how == How::Set {
                            self.part(facts, file, WriteId(i), flow, w);
                        }
                    }
                }
                Expr::Each { over, body, .. } => {
                    if *body == at.expr || *over == at.expr {
                        w.push(here(p), flow);
                    }
                }
                Expr::List { .. } => {
                    let item = position(facts, p, at.expr);
                    w.push(here(p), Flow { item, ..flow });
                }
                Expr::Map { .. } => {
                    self.add(w, ReplyUseKind::Store, file, facts, p, None, flow);
                    if matches!(facts.node(p).parent, Parent::Return(_)) {
                        w.push(here(p), flow);
                    }
                }
                Expr::Opaque { what, .. } => {
                    if what == "+" {
                        self.add(w, ReplyUseKind::Cast, file, facts, p, None, flow);
                    } else if what != "typeof" {
                        w.push(here(p), flow);
                    }
                }
                // Text that is nothing but the reply: `f"{reply}"`.
                Expr::Text { pieces, .. } => {
                    let mut around = pieces.iter().filter(|x| match x {
                        Piece::Literal(l) => !l.text.trim().is_empty(),
                        Piece::Hole { .. } => true,
                    });
                    if around.next().is_some() && around.next().is_none() {
                        w.push(here(p), flow);
                    }
                }
                Expr::Unary { .. }
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
                self.part(facts, file, WriteId(i), flow, w);
            }
        }
    }

    /// A value is returned from a function.
    pub(super) fn leave(
        &self,
        facts: &'p Facts,
        at: ExprRef,
        f: FunctionId,
        flow: Flow,
        w: &mut Walk,
    ) {
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
            for c in (self.callers)(function, flow.up == 0)
                .into_iter()
                .take(MAX_CALLERS)
            {
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
    pub(super) fn callback_result(
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

    pub(super) fn written(
        &self,
        facts: &'p Facts,
        file: FileId,
        id: WriteId,
        flow: Flow,
        w: &mut Walk,
    ) {
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
            self.place(facts, file, id, flow, w);
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
                        self.part(facts, file, WriteId(i), flow, w);
                    }
                }
            }
        }
        self.part(facts, file, id, flow, w);
    }

    /// The uses of a variable that takes a value, or one part of a tuple.
    fn part(&self, facts: &'p Facts, file: FileId, id: WriteId, flow: Flow, w: &mut Walk) {
        let first = facts.writes[id.index()].from.first();
        match (flow.item, first) {
            (Some(item), Some(Step::Item(n))) if item != *n => {}
            (Some(_), Some(_)) => self.variable(facts, file, id, Flow { item: None, ..flow }, w),
            _ => self.variable(facts, file, id, flow, w),
        }
    }

    /// The uses of a variable after a store, until it is overwritten.
    pub(super) fn variable(
        &self,
        facts: &'p Facts,
        file: FileId,
        id: WriteId,
        flow: Flow,
        w: &mut Walk,
    ) {
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
        let stores: Vec<&Write> = facts.scopes[wr.scope.index()]
            .names
            .get(&wr.root)
            .into_iter()
            .flatten()
            .map(|o| &facts.writes[o.index()])
            .filter(|o| o.order > wr.order && o.path.is_empty() && o.how == How::Set)
            .collect();
        for n in names {
            let node = facts.node(*n);
            if n.0 < wr.order || n.0 >= overwritten {
                continue;
            }
            // Another reply was stored before this use, in the arm in which it stands.
            if stores
                .iter()
                .any(|o| o.order <= n.0 && facts.encloses(o.guard, node.guard))
            {
                continue;
            }
            let home = wr.scope;
            if self.resolves_to(facts, node.scope, &wr.root, home)
                || self.resolves_to(facts, scope_before(facts, *n, &wr.root), &wr.root, home)
            {
                w.push(ExprRef { file, expr: *n }, flow);
            }
        }
    }

    /// Whether a name seen from `scope` is the one that lives in `home`.
    pub(super) fn resolves_to(
        &self,
        facts: &Facts,
        scope: ScopeId,
        name: &str,
        home: ScopeId,
    ) -> bool {
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

    pub(super) fn index(&self, file: FileId, facts: &Facts) -> NameIndex {
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
    pub(super) fn parameter(
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

    /// The parameters of function literals among the arguments.
    pub(super) fn callbacks(
        &self,
        facts: &'p Facts,
        file: FileId,
        args: &[Arg],
        flow: Flow,
        w: &mut Walk,
    ) {
        for a in args {
            if let Expr::Function(f) = facts.expr(a.value) {
                self.callback(facts, file, *f, flow, w);
            }
        }
    }

    /// The first parameter of a function literal, or the fields that it takes of it.
    pub(super) fn callback(
        &self,
        facts: &'p Facts,
        file: FileId,
        f: FunctionId,
        flow: Flow,
        w: &mut Walk,
    ) {
        let scope = facts.functions[f.index()].scope;
        for (i, wr) in (0..).zip(&facts.writes) {
            let metadata = matches!(wr.from.first(), Some(Step::Field(f)) if is_metadata(f));
            if wr.scope == scope && matches!(wr.how, How::Param(0)) && (flow.parsed || !metadata) {
                self.variable(facts, file, WriteId(i), flow, w);
            }
        }
    }
}

/// The scope in which a name was looked up where the block around it declares it only afterwards:
/// `if let Some(content) = content`.
fn scope_before(facts: &Facts, name: ExprId, root: &str) -> ScopeId {
    let mut at = facts.node(name).scope;
    loop {
        let scope = &facts.scopes[at.index()];
        let later = |w: &WriteId| facts.writes[w.index()].order > name.0;
        match (scope.kind, scope.names.get(root), scope.parent) {
            (ScopeKind::Block, Some(stores), Some(parent)) if stores.iter().all(later) => {
                at = parent;
            }
            (ScopeKind::Block, None, Some(parent)) => at = parent,
            _ => return at,
        }
    }
}

/// The place of an item in a list.
fn position(facts: &Facts, list: ExprId, item: ExprId) -> Option<i32> {
    let Expr::List { items, .. } = facts.expr(list) else {
        return None;
    };
    let n = items.iter().position(|i| i.value == item)?;
    i32::try_from(n).ok()
}
