//! The program's own values that a reply is held against, and what it puts before a reply.

use super::forms::literal;
use super::{Flow, ReplyTracker, Walk};
use crate::hir::{Expr, ExprId, Facts, How, Step, WriteId};
use crate::prompt::words_of;
use crate::resolve::value::{ExprRef, Value};
use crate::source::FileId;

/// Fields of an item that name it.
const NAMES: &[&str] = &[
    "code", "id", "key", "label", "name", "slug", "title", "value",
];

/// Fields of the JSON around a reply.
const BODY: &[&str] = &[
    "candidates",
    "choices",
    "content",
    "data",
    "json",
    "message",
    "output",
    "response",
];

/// A flow after a field was taken: what was the body of an HTTP response is an SDK's object.
pub(super) fn opened(flow: Flow, field: &str) -> Flow {
    Flow {
        body: flow.body && !BODY.contains(&field),
        ..flow
    }
}

/// Whether a text is what a reply was made to begin with: a bracket, a fence, a quote.
pub(super) fn opens_reply(facts: &Facts, e: ExprId) -> bool {
    literal(facts, e).is_some_and(|t| {
        let t = t.trim();
        (1..=10).contains(&t.len()) && (t.starts_with(['{', '[', '<']) || t.starts_with("```"))
    })
}

impl<'p> ReplyTracker<'_, 'p> {
    /// Whether an expression is the name of one of the items that a loop goes through:
    /// `option.name`, `q["id"]`.
    pub(super) fn names_an_item(&self, facts: &Facts, e: ExprId) -> bool {
        let base = match facts.expr(e) {
            Expr::Member { base, name } if NAMES.contains(&name.as_str()) => *base,
            Expr::Index { base, key }
                if literal(facts, *key).is_some_and(|k| NAMES.contains(&k.as_str())) =>
            {
                *base
            }
            _ => return false,
        };
        let Expr::Name(n) = facts.expr(base) else {
            return false;
        };
        let scope = facts.node(base).scope;
        facts.writes.iter().any(|w| {
            w.root == *n
                && w.path.is_empty()
                && w.how == How::Iterate
                && self.resolves_to(facts, scope, n, w.scope)
        })
    }

    /// Whether a collection is one that the program wrote down, by its items or by its name, and
    /// not what it has gathered.
    pub(super) fn is_closed(&self, file: FileId, facts: &Facts, e: ExprId) -> bool {
        const CHOICES: &[&str] = &[
            "actions",
            "allowed",
            "categories",
            "choices",
            "classes",
            "intents",
            "keywords",
            "labels",
            "map",
            "mapping",
            "options",
            "supported",
            "tags",
            "types",
            "valid",
        ];
        match facts.expr(e) {
            Expr::List { .. } | Expr::Map { .. } => return true,
            Expr::Name(n) | Expr::Member { name: n, .. } => {
                let constant = n.chars().any(char::is_alphabetic)
                    && !n.chars().any(|c| c.is_ascii_lowercase());
                let named = words_of(n).iter().any(|w| CHOICES.contains(&w.as_str()));
                if constant || named {
                    return true;
                }
            }
            _ => {}
        }
        self.ev.refuel_for_callee();
        match self.ev.eval(ExprRef { file, expr: e }, &None) {
            Value::List(l) => !l.open && l.items.iter().any(|i| matches!(i, Value::Text(_))),
            Value::Map(m) => !m.open && !m.fields.is_empty(),
            _ => false,
        }
    }

    /// The uses of one part of what a loop gets from `zip(…)` or `enumerate(…)`.
    pub(super) fn item_of(
        &self,
        facts: &'p Facts,
        file: FileId,
        call: ExprId,
        item: usize,
        flow: Flow,
        w: &mut Walk,
    ) {
        for (i, wr) in (0..).zip(&facts.writes) {
            if wr.value == Some(call)
                && wr.how == How::Iterate
                && wr.from.iter().any(
                    |s| matches!(s, Step::Item(n) if usize::try_from(*n).is_ok_and(|n| n == item)),
                )
            {
                self.variable(facts, file, WriteId(i), flow, w);
            }
        }
    }
}
