//! Steps of a reply up through the expressions of a file: members, items, operators, choices.

use std::ops::ControlFlow;

use super::choices::{opened, opens_reply};
use super::envelope::{ENVELOPE, is_metadata};
use super::forms::{cuts_by_length, keeps_head, literal, takes_pieces};
use super::variables::stores_of_value;
use super::{Flow, ReplyTracker, Walk};
use crate::calls::ReplyUseKind;
use crate::hir::{Expr, ExprId, Facts, How, Op, Parent, Piece};
use crate::resolve::value::ExprRef;

impl<'e, 'p> ReplyTracker<'e, 'p> {
    /// One step: to whatever takes the value of an expression.
    pub(super) fn step(&self, facts: &'p Facts, at: ExprRef, flow: Flow, w: &mut Walk) {
        let parent = facts.node(at.expr).parent;
        match parent {
            Parent::None | Parent::Test(_) => {}
            Parent::Return(f) => self.leave(facts, at, f, flow, w),
            Parent::Write(id) => self.written(facts, at.file, id, flow, w),
            Parent::Expr(p) => {
                if self.climb(facts, at, p, flow, w).is_break() {
                    return;
                }
            }
        }
        // An iterated reply: the loop variable.
        for (id, wr) in stores_of_value(facts, at.expr) {
            if wr.how == How::Iterate && parent != Parent::Write(id) {
                self.part(facts, at.file, id, flow, w);
            }
        }
    }

    /// To the expression `p` that takes the value. Breaks off where what stands there is not the reply.
    fn climb(
        &self,
        facts: &'p Facts,
        at: ExprRef,
        p: ExprId,
        flow: Flow,
        w: &mut Walk,
    ) -> ControlFlow<()> {
        let file = at.file;
        let up = at.beside(p);
        match facts.expr(p) {
            Expr::Member { name, .. } => return self.member(facts, up, name, flow, w),
            Expr::Index { base, key } if *base == at.expr => {
                return self.item(facts, up, *key, flow, w);
            }
            Expr::Index { .. } => self.add(w, ReplyUseKind::Lookup, file, facts, p, None, flow),
            Expr::Call { callee, .. } => {
                if *callee == at.expr {
                    w.push(up, flow);
                } else {
                    self.argument(facts, at, p, flow, w);
                }
            }
            Expr::Binary { op, left, right } => {
                let is_right = *right == at.expr;
                let other = if is_right { *left } else { *right };
                self.operand(facts, up, *op, (other, is_right), flow, w);
            }
            Expr::Choice { test, .. } => {
                if *test != Some(at.expr) {
                    w.push(up, flow);
                    return ControlFlow::Break(());
                }
                // `match reply { Ok(text) => … }` as a value: what the patterns bind.
                for (id, wr) in stores_of_value(facts, at.expr) {
                    if wr.how == How::Set {
                        self.part(facts, file, id, flow, w);
                    }
                }
            }
            Expr::Each { over, body, .. } => {
                if *body == at.expr || *over == at.expr {
                    w.push(up, flow);
                }
            }
            Expr::List { .. } => {
                let item = position(facts, p, at.expr);
                w.push(up, Flow { item, ..flow });
            }
            Expr::Map { .. } => {
                self.add(w, ReplyUseKind::Store, file, facts, p, None, flow);
                if matches!(facts.node(p).parent, Parent::Return(_)) {
                    w.push(up, flow);
                }
            }
            Expr::Opaque { what, .. } => {
                if what == "+" {
                    self.add(w, ReplyUseKind::Cast, file, facts, p, None, flow);
                } else if what != "typeof" {
                    w.push(up, flow);
                }
            }
            Expr::Text { pieces, .. } if is_nothing_but_a_hole(pieces) => w.push(up, flow),
            Expr::Text { .. }
            | Expr::Unary { .. }
            | Expr::Number(_)
            | Expr::Bool(_)
            | Expr::Null
            | Expr::Name(_)
            | Expr::Function(_)
            | Expr::Class(_) => {}
        }
        ControlFlow::Continue(())
    }

    /// `reply.name`, or a method of it.
    fn member(
        &self,
        facts: &'p Facts,
        up: ExprRef,
        name: &str,
        flow: Flow,
        w: &mut Walk,
    ) -> ControlFlow<()> {
        if !flow.parsed && is_metadata(name) {
            return ControlFlow::Break(());
        }
        let flow = opened(flow, name);
        if let Parent::Expr(c) = facts.node(up.expr).parent
            && facts.is_callee(up.expr)
        {
            self.method(facts, up.file, c, name, flow, w);
        } else {
            w.push(up, flow);
        }
        ControlFlow::Continue(())
    }

    /// `reply[key]`
    fn item(
        &self,
        facts: &'p Facts,
        up: ExprRef,
        key: ExprId,
        flow: Flow,
        w: &mut Walk,
    ) -> ControlFlow<()> {
        if let Expr::Opaque { kids, .. } = facts.expr(key)
            && !cuts_by_length(facts, key)
            && !keeps_head(facts, kids)
            && !takes_pieces(facts, kids)
        {
            self.add(
                w,
                ReplyUseKind::IndexOf,
                up.file,
                facts,
                up.expr,
                None,
                flow,
            );
        }
        let key = literal(facts, key);
        // Text has no keys: this is the object around it.
        if !flow.parsed && key.as_deref().is_some_and(is_metadata) {
            return ControlFlow::Break(());
        }
        let number = key.as_ref().and_then(|k| k.parse::<i32>().ok());
        if let (Some(item), Some(n)) = (flow.item, number)
            && item != n
        {
            return ControlFlow::Break(());
        }
        let flow = key.map_or(flow, |k| opened(flow, &k));
        w.push(up, Flow { item: None, ..flow });
        ControlFlow::Continue(())
    }

    /// The reply as one side of an operator; `other` is the other side.
    fn operand(
        &self,
        facts: &'p Facts,
        up: ExprRef,
        op: Op,
        (other, is_right): (ExprId, bool),
        flow: Flow,
        w: &mut Walk,
    ) {
        let mut used = |kind, detail| self.add(w, kind, up.file, facts, up.expr, detail, flow);
        match op {
            Op::Eq | Op::Ne => {
                if !flow.parsed && op == Op::Eq && self.names_an_item(facts, other) {
                    used(ReplyUseKind::Lookup, None);
                } else if !matches!(facts.expr(other), Expr::Null) {
                    used(ReplyUseKind::Compare, literal(facts, other));
                }
            }
            Op::In | Op::NotIn if is_right => {
                let detail = literal(facts, other);
                let envelope = |d: &String| ENVELOPE.contains(&d.as_str());
                // What the program computes must stand in the reply: a check of it.
                let computed = matches!(facts.expr(other), Expr::Call { .. });
                if !computed && !detail.as_ref().is_some_and(envelope) {
                    used(ReplyUseKind::Contains, detail);
                }
            }
            Op::In | Op::NotIn => {
                if self.is_closed(up.file, facts, other) {
                    used(ReplyUseKind::Lookup, None);
                }
            }
            // The program begins the reply and the model goes on: `"{" + reply`.
            Op::Add if is_right && opens_reply(facts, other) => w.push(up, flow),
            Op::And | Op::Or | Op::Coalesce => w.push(up, flow),
            Op::Order | Op::Add | Op::Mod | Op::Pipe | Op::Is | Op::Other => {}
        }
    }
}

/// Whether text is nothing but one interpolated value: `f"{reply}"`, or one in brackets that make it
/// a list or an object: `[${reply}]`.
fn is_nothing_but_a_hole(pieces: &[Piece]) -> bool {
    let is_bracket = |c: char| c.is_whitespace() || matches!(c, '[' | ']' | '{' | '}');
    let says_something = |p: &&Piece| match p {
        Piece::Literal(l) => !l.text.chars().all(is_bracket),
        Piece::Hole { .. } => true,
    };
    pieces.iter().filter(says_something).count() == 1
}

/// The place of an item in a list.
fn position(facts: &Facts, list: ExprId, item: ExprId) -> Option<i32> {
    let Expr::List { items, .. } = facts.expr(list) else {
        return None;
    };
    let n = items.iter().position(|i| i.value == item)?;
    i32::try_from(n).ok()
}
