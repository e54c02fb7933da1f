//! The variable that holds the reply's text, for code that takes the place of the call. A response,
//! and the object that an SDK gives, are on the way to it.

use super::envelope::ENVELOPE;
use super::forms::literal;
use super::{Flow, ReplyTracker, Walk};
use crate::hir::{Expr, ExprId, Facts, How, Parent, WriteId};
use crate::source::FileId;

/// Members of a response that are no text, and what opens one.
const OPENERS: &[&str] = &[
    "json",
    "body",
    "bytes",
    "read",
    "parsed",
    "error_for_status",
];

impl<'p> ReplyTracker<'_, 'p> {
    /// A store of the reply, or of what is around it, beside the call.
    pub(super) fn named(&self, file: FileId, id: WriteId, flow: Flow, w: &mut Walk) {
        let near = file == w.start.file && flow.frame.is_none() && flow.up == 0;
        if near && !flow.body {
            w.named.push(id);
        }
    }

    /// Of the variables on the way of a reply the first that holds its text.
    pub(super) fn answer(&self, w: &Walk) -> Option<String> {
        let facts = self.ev.facts(w.start.file)?;
        let mut stores = w.named.clone();
        stores.sort_unstable();
        let text = stores
            .into_iter()
            .find(|id| self.is_text(facts, w.start.file, *id));
        text.map(|id| facts.writes[id.index()].root.to_string())
    }

    /// Whether nothing takes a member of a variable that only an object around the reply has.
    fn is_text(&self, facts: &'p Facts, file: FileId, id: WriteId) -> bool {
        let wr = &facts.writes[id.index()];
        let index = self.index(file, facts);
        let later = (facts.scopes[wr.scope.index()]
            .names
            .get(&wr.root)
            .into_iter())
        .flatten()
        .map(|o| &facts.writes[o.index()])
        .filter(|o| o.order > wr.order && o.how == How::Set && o.guard == wr.guard)
        .map(|o| o.order)
        .min()
        .unwrap_or(u32::MAX);
        let uses = index.get(&wr.root).into_iter().flatten().filter(|n| {
            (wr.order..later).contains(&n.0)
                && self.resolves_to(facts, facts.node(**n).scope, &wr.root, wr.scope)
        });
        uses.into_iter().all(|n| !is_opened(facts, *n))
    }
}

/// Whether a use takes something of an object around a reply, or goes through it.
fn is_opened(facts: &Facts, name: ExprId) -> bool {
    let around = |n: &str| ENVELOPE.contains(&n) || OPENERS.contains(&n);
    let mut at = name;
    loop {
        match facts.node(at).parent {
            Parent::Expr(p) => match facts.expr(p) {
                Expr::Member { name, .. } if matches!(name.as_str(), "get" | "pointer") => {
                    let Parent::Expr(c) = facts.node(p).parent else {
                        return false;
                    };
                    let Expr::Call { args, .. } = facts.expr(c) else {
                        return false;
                    };
                    let key = args.first().and_then(|a| literal(facts, a.value));
                    return key.is_some_and(|k| k.trim_start_matches('/').split('/').any(around));
                }
                Expr::Member { name, .. } => return around(name),
                Expr::Index { base, key } if *base == at => {
                    let Some(key) = literal(facts, *key) else {
                        return false;
                    };
                    if key.parse::<i32>().is_err() {
                        return around(&key);
                    }
                    at = p;
                }
                _ => return false,
            },
            Parent::Write(id) => {
                return facts.writes[id.index()].how == How::Iterate;
            }
            _ => return false,
        }
    }
}

/// Whether a store gives a variable a value as a whole.
pub(super) fn takes_whole(how: &How) -> bool {
    matches!(how, How::Set | How::Augment(_))
}
