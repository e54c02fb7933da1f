//! Lists that text is joined of, as code beside the call could write them.

use super::trail::literal_of;
use super::{Look, MAX_SHOWN, MAX_STEPS};
use crate::calls::Items;
use crate::hir::{Expr, ExprId, How};
use crate::language::Language;
use crate::resolve::eval::shorten;
use crate::source::Location;

/// What gives the items of its receiver, numbered or not.
const SAME_ITEMS: &[&str] = &[
    "iter",
    "into_iter",
    "iter_mut",
    "enumerate",
    "entries",
    "cloned",
    "copied",
    "collect",
];
/// Functions that give the items of their first argument.
const SAME_ITEMS_OF: &[&str] = &["enumerate", "list", "tuple", "iter", "tqdm"];

impl Look<'_> {
    /// Text that was joined of what a collection gives, where the joining was not evaluated, or a
    /// name for it: `lst` of `const lst = rows.filter(f).map(g).join("\n")`.
    pub(super) fn joined(&self, expr: ExprId) -> Option<Items> {
        let call = match self.facts.expr(expr) {
            Expr::Name(name) => self.whole(name, expr)?,
            _ => expr,
        };
        let Expr::Call { callee, args, .. } = self.facts.expr(call) else {
            return None;
        };
        let Expr::Member { base, name } = self.facts.expr(*callee) else {
            return None;
        };
        // A path is joined with its next part.
        let separates = |e: ExprId| {
            literal_of(self.facts, e).is_some_and(|s| !s.contains(char::is_alphanumeric))
        };
        let list = match (self.facts.language, args.as_slice()) {
            (Language::Python, [list]) if separates(*base) => list.value,
            (Language::TypeScript, []) => *base,
            (Language::TypeScript | Language::Rust, [s]) if separates(s.value) => *base,
            _ => return None,
        };
        let collection = (name == "join").then(|| self.origin(list))??;
        Some(Items {
            collection: Some(collection),
            variable: String::new(),
            field: None,
            within: Location::default(),
            outer: None,
        })
    }

    /// What the items of a list of texts were made of: `rows` of `[str(r) for r in rows]`,
    /// `rows.map(f)`, or of a name for such a list.
    pub(super) fn origin(&self, list: ExprId) -> Option<String> {
        let list = self.peeled(list);
        let of_items = |e: ExprId| match self.facts.expr(e) {
            Expr::Each {
                over,
                condition: None,
                body,
            } if !matches!(self.facts.expr(*body), Expr::Each { .. }) => self.shown(*over),
            Expr::Call { callee, args, .. } => match self.facts.expr(*callee) {
                Expr::Member { base, name } if name == "map" => self.shown(*base),
                Expr::Name(n) if n == "map" => self.shown(args.get(1)?.value),
                _ => None,
            },
            _ => None,
        };
        let named = || match self.facts.expr(list) {
            Expr::Name(name) => of_items(self.peeled(self.whole(name, list)?)),
            _ => None,
        };
        let made = || match self.facts.expr(list) {
            // A comprehension that is filtered, or holds another one, is not its collection.
            Expr::Each { .. } => None,
            _ => self.shown(list),
        };
        of_items(list).or_else(named).or_else(made)
    }

    /// The one value that a name was given as a whole before a use of it.
    fn whole(&self, name: &str, at: ExprId) -> Option<ExprId> {
        let w = self.store(name, at)?;
        w.value.filter(|_| w.how == How::Set && w.from.is_empty())
    }

    /// A collection without what only gives its items: `rows` of `enumerate(rows)`, `rows.iter()`.
    fn peeled(&self, list: ExprId) -> ExprId {
        let mut at = list;
        for _ in 0..MAX_STEPS {
            let Expr::Call { callee, args, .. } = self.facts.expr(at) else {
                break;
            };
            match self.facts.expr(*callee) {
                Expr::Member { base, name } if SAME_ITEMS.contains(&name.as_str()) => {
                    // `Object.entries(map)` is not the object.
                    if !args.is_empty() {
                        break;
                    }
                    at = *base;
                }
                Expr::Name(n) if SAME_ITEMS_OF.contains(&n.as_str()) => match args.first() {
                    Some(a) => at = a.value,
                    None => break,
                },
                _ => break,
            }
        }
        at
    }

    /// A collection as code beside the call could write it.
    pub(super) fn shown(&self, list: ExprId) -> Option<String> {
        let list = self.peeled(list);
        if matches!(
            self.facts.expr(list),
            Expr::Number(_) | Expr::Opaque { .. } | Expr::Function(_)
        ) {
            return None;
        }
        let text = shorten(self.source.slice(self.facts.span(list)), MAX_SHOWN);
        let text = text
            .trim_start_matches(['&', '*'])
            .trim_start_matches("mut ");
        (!text.is_empty()).then(|| text.to_owned())
    }
}
