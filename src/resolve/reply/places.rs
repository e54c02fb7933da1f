//! Places that take a reply and give it back elsewhere: an attribute, a key, a list that it was
//! appended to, the state of a component.

use super::forms::literal;
use super::{Flow, ReplyTracker, Walk};
use crate::hir::{Entry, Expr, ExprId, Facts, How, Parent, Step, Write, WriteId};
use crate::resolve::value::ExprRef;
use crate::source::FileId;

impl<'p> ReplyTracker<'_, 'p> {
    /// A reply was stored under a path (`self.answer`, `state["answer"]`): what reads the same path.
    pub(super) fn place(
        &self,
        facts: &'p Facts,
        file: FileId,
        id: WriteId,
        flow: Flow,
        w: &mut Walk,
    ) {
        let wr = &facts.writes[id.index()];
        if wr.how != How::Set {
            return;
        }
        // `fields[key] = reply`: whatever is read of the map.
        let computed = matches!(wr.path[..], [Step::Key(_) | Step::Any]);
        let known = |s: &Step| matches!(s, Step::Field(_) | Step::Item(_));
        if !computed && !wr.path.iter().all(known) {
            return;
        }
        let index = self.index(file, facts);
        let Some(names) = index.get(&wr.root) else {
            return;
        };
        let others: Vec<&Write> = facts
            .writes
            .iter()
            .filter(|o| !computed && o.root == wr.root && o.path == wr.path && o.order != wr.order)
            .filter(|o| o.how == How::Set && !is_blank(facts, o))
            .collect();
        let own = matches!(wr.root.as_str(), "self" | "this");
        let class = facts
            .classes
            .iter()
            .map(|c| c.span)
            .filter(|s| s.start <= wr.span.start && wr.span.end <= s.end)
            .min_by_key(|s| s.end - s.start);
        for n in names {
            let node = facts.node(*n);
            let span = facts.span(*n);
            let same_function =
                self.resolves_to(facts, node.scope, &wr.root, wr.scope) || node.scope == wr.scope;
            if same_function {
                if n.0 < wr.order || others.iter().any(|o| wr.order < o.order && o.order <= n.0) {
                    continue;
                }
            } else if computed
                || !own
                || !others.is_empty()
                || !class.is_some_and(|c| c.start <= span.start && span.end <= c.end)
            {
                continue;
            }
            if let Some(expr) = reads(facts, *n, &wr.path) {
                w.push(ExprRef { file, expr }, flow);
            }
        }
    }

    /// A reply was appended to a list: what takes it out again.
    pub(super) fn appended(
        &self,
        facts: &'p Facts,
        file: FileId,
        callee: ExprId,
        flow: Flow,
        w: &mut Walk,
    ) {
        let Expr::Member { base, .. } = facts.expr(callee) else {
            return;
        };
        let Expr::Name(list) = facts.expr(*base) else {
            return;
        };
        let scope = facts.node(*base).scope;
        let index = self.index(file, facts);
        for n in index.get(list).into_iter().flatten() {
            if n.0 > base.0 && facts.node(*n).scope == scope && takes_items(facts, *n) {
                w.push(ExprRef { file, expr: *n }, flow);
            }
        }
    }

    /// `setAnswer(reply)` of `const [answer, setAnswer] = useState(…)`: the uses of `answer`.
    pub(super) fn state(
        &self,
        facts: &'p Facts,
        file: FileId,
        setter: ExprId,
        flow: Flow,
        w: &mut Walk,
    ) -> bool {
        let Expr::Name(name) = facts.expr(setter) else {
            return false;
        };
        if !name.starts_with("set") {
            return false;
        }
        let scope = facts.node(setter).scope;
        let Some(value) = facts
            .writes
            .iter()
            .filter(|o| o.root == *name && matches!(o.from.first(), Some(Step::Item(1))))
            .find(|o| self.resolves_to(facts, scope, name, o.scope))
            .and_then(|o| o.value)
        else {
            return false;
        };
        let mut found = false;
        for (i, o) in (0..).zip(&facts.writes) {
            if o.value == Some(value) && matches!(o.from.first(), Some(Step::Item(0))) {
                self.variable(facts, file, WriteId(i), flow, w);
                found = true;
            }
        }
        found
    }

    /// Functions that the call itself gets for its reply: `onFinish: ({ text }) => …`.
    pub(super) fn handlers(&self, facts: &'p Facts, call: ExprRef, flow: Flow, w: &mut Walk) {
        const NAMES: &[&str] = &[
            "onFinish",
            "onEnd",
            "onComplete",
            "onCompletion",
            "on_finish",
        ];
        let Expr::Call { args, .. } = facts.expr(call.expr) else {
            return;
        };
        for a in args {
            let Expr::Map { entries } = facts.expr(a.value) else {
                continue;
            };
            for e in entries {
                if let Entry::Pair { key, value } = e
                    && NAMES.contains(&key.as_str())
                    && let Expr::Function(f) = facts.expr(*value)
                {
                    self.callback(facts, call.file, *f, 0, flow, w);
                }
            }
        }
    }
}

/// Whether a store only clears a place: `None`, an empty text or collection.
fn is_blank(facts: &Facts, w: &Write) -> bool {
    w.value.is_none_or(|v| match facts.expr(v) {
        Expr::Null | Expr::Bool(_) | Expr::Number(_) => true,
        Expr::Text { .. } => literal(facts, v).is_some(),
        Expr::List { items, .. } => items.is_empty(),
        Expr::Map { entries } => entries.is_empty(),
        _ => false,
    })
}

/// The expression that reads a path beginning at a name: `self.answer`, `state["answer"]`,
/// `state.get("answer")`.
fn reads(facts: &Facts, name: ExprId, path: &[Step]) -> Option<ExprId> {
    let mut at = name;
    for step in path {
        let Parent::Expr(p) = facts.node(at).parent else {
            return None;
        };
        let same = |key: &str| match step {
            Step::Field(f) => f == key,
            Step::Item(n) => key.parse() == Ok(*n),
            Step::Key(_) | Step::Any => true,
            Step::Rest => false,
        };
        at = match facts.expr(p) {
            Expr::Member { base, name } if *base == at && same(name) => p,
            Expr::Index { base, key } if *base == at => {
                literal(facts, *key).filter(|k| same(k)).map(|_| p)?
            }
            Expr::Member { base, name } if *base == at && name == "get" => {
                let Parent::Expr(c) = facts.node(p).parent else {
                    return None;
                };
                let Expr::Call { callee, args, .. } = facts.expr(c) else {
                    return None;
                };
                let key = args.first().and_then(|a| literal(facts, a.value));
                (*callee == p && key.is_some_and(|k| same(&k))).then_some(c)?
            }
            _ => return None,
        };
    }
    Some(at)
}

/// Whether a use of a list takes its items out: a loop, `join`, an index, a return. Asking whether
/// it holds something says nothing of a reply.
fn takes_items(facts: &Facts, list: ExprId) -> bool {
    match facts.node(list).parent {
        Parent::Return(_) => true,
        Parent::Write(id) => facts.writes[id.index()].how == How::Iterate,
        Parent::Expr(p) => match facts.expr(p) {
            Expr::Each { over, .. } => *over == list,
            Expr::Index { base, .. } => *base == list,
            Expr::Member { name, .. } => {
                matches!(
                    name.as_str(),
                    "map" | "forEach" | "join" | "flatMap" | "filter"
                )
            }
            Expr::Call { callee, .. } => match facts.expr(*callee) {
                Expr::Member { name, .. } => *callee != list && name == "join",
                _ => false,
            },
            _ => false,
        },
        Parent::None | Parent::Test(_) => facts
            .writes
            .iter()
            .any(|w| w.value == Some(list) && w.how == How::Iterate),
    }
}
