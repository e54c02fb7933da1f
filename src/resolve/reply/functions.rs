//! The reply across functions: out to callers, into functions of the project, through callbacks.

use super::variables::takes_metadata;
use super::{Flow, Frame, MAX_CALLERS, MAX_DOWN, MAX_UP, ReplyTracker, Returned, Walk};
use crate::calls::ReplyUseKind;
use crate::hir::{
    Arg, Expr, ExprId, Facts, FunctionId, How, ParamKind, Parent, ScopeId, Write, WriteId,
};
use crate::resolve::value::{ExprRef, FunctionRef};
use crate::source::FileId;

impl<'e, 'p> ReplyTracker<'e, 'p> {
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
                let now = if flow.parsed { flow } else { outer };
                let (parsed, presumed) = (now.parsed, now.presumed);
                w.push(
                    call,
                    Flow {
                        parsed,
                        presumed,
                        ..outer
                    },
                );
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
                .is_some_and(|p| p.kind == ParamKind::Receiver),
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
        for (id, _) in stores_of_parameter(facts, function.scope, index) {
            self.variable(facts, f.file, id, inner, w);
        }
        true
    }

    /// The parameters of function literals among the arguments.
    pub(super) fn callbacks(
        &self,
        facts: &'p Facts,
        file: FileId,
        args: &[Arg],
        nth: usize,
        flow: Flow,
        w: &mut Walk,
    ) {
        for a in args {
            if let Expr::Function(f) = facts.expr(a.value) {
                self.callback(facts, file, *f, nth, flow, w);
            }
        }
    }

    /// The parameter of a function literal that takes the value, or the fields that it takes of it.
    pub(super) fn callback(
        &self,
        facts: &'p Facts,
        file: FileId,
        f: FunctionId,
        nth: usize,
        flow: Flow,
        w: &mut Walk,
    ) {
        let scope = facts.functions[f.index()].scope;
        for (id, wr) in stores_of_parameter(facts, scope, nth) {
            if flow.parsed || !takes_metadata(wr) {
                self.variable(facts, file, id, flow, w);
            }
        }
    }
}

/// The stores that bind a parameter, or parts of it, in a function's scope.
fn stores_of_parameter(
    facts: &Facts,
    scope: ScopeId,
    index: usize,
) -> impl Iterator<Item = (WriteId, &Write)> {
    let stores = (0..).map(WriteId).zip(&facts.writes);
    stores.filter(move |(_, w)| {
        w.scope == scope && matches!(w.how, How::Param(p) if usize::from(p) == index)
    })
}
