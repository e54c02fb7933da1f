//! What loops, comprehensions and callbacks go through, and where their variables are known.

use super::{Look, MAX_SHOWN, MAX_STEPS};
use crate::calls::{Access, Items};
use crate::hir::{Expr, ExprId, GuardId, GuardKind, How, Parent, Write};
use crate::language::Language;
use crate::resolve::eval::shorten;
use crate::source::{Location, Span};

/// Methods that call a function with each item. `reduce` and `fold` hand it the sum so far first.
const PER_ITEM: &[&str] = &[
    "map",
    "flatMap",
    "flat_map",
    "filter_map",
    "forEach",
    "for_each",
    "each",
    "reduce",
    "fold",
];

impl Look<'_> {
    /// The loop in which a name is counted up: `i += 1`, `for (let i = 0; …; i++)`, `for i in range(n)`.
    pub(super) fn counted(&self, name: ExprId) -> Option<GuardId> {
        let Expr::Name(n) = self.facts.expr(name) else {
            return None;
        };
        let node = self.facts.node(name);
        let stores = || {
            let ids = self.facts.stores_of(n, node.scope).iter();
            ids.map(|w| &self.facts.writes[w.index()])
        };
        let number = |w: &Write| {
            let value = w.value.map(|v| self.facts.expr(v));
            w.how == How::Set && matches!(value, Some(Expr::Number(_)))
        };
        let around_use = self.around(node.guard)?;
        stores().find_map(|w| {
            let guard = match w.how {
                How::Augment(_) if stores().any(number) => self.around(w.guard)?,
                How::Iterate if w.value.is_some_and(|v| self.is_range(v)) => {
                    self.around(w.guard)?
                }
                // `i++` is no store: what a number names inside a loop that it was given before.
                How::Set if self.facts.language == Language::TypeScript && number(w) => around_use,
                _ => return None,
            };
            let before = w.how != How::Set || !self.facts.encloses(guard, w.guard);
            (before && self.facts.encloses(guard, node.guard)).then_some(guard)
        })
    }

    fn is_range(&self, over: ExprId) -> bool {
        match self.facts.expr(over) {
            Expr::Call { callee, .. } => {
                matches!(self.facts.expr(*callee), Expr::Name(n) if n == "range")
            }
            Expr::Opaque { what, .. } => what.contains("range"),
            _ => false,
        }
    }

    /// The innermost loop around a guard, within its function.
    fn around(&self, guard: GuardId) -> Option<GuardId> {
        let mut at = Some(guard);
        while let Some(g) = at {
            let guard = &self.facts.guards[g.index()];
            match guard.kind {
                GuardKind::Loop => return Some(g),
                GuardKind::Function => return None,
                _ => at = guard.parent,
            }
        }
        None
    }

    /// A variable of a loop or a comprehension.
    pub(super) fn iterated(
        &self,
        w: &Write,
        root: ExprId,
        field: Option<(String, Access)>,
        depth: u32,
    ) -> Option<Items> {
        let over = w.value?;
        let mut within = w.span;
        let mut collection = self.shown(over);
        if let Parent::Expr(p) = self.facts.node(over).parent
            && let Expr::Each {
                condition, over: o, ..
            } = self.facts.expr(p)
            && *o == over
        {
            within = self.facts.span(p);
            if let Some(c) = condition {
                collection = self.filtered(w, over, *c);
            }
        } else {
            let guard = &self.facts.guards[w.guard.index()];
            if guard.kind != GuardKind::Loop
                || !self.facts.encloses(w.guard, self.facts.node(root).guard)
            {
                return None;
            }
            within = within.cover(self.extent(w.guard, w.order));
        }
        Some(Items {
            collection,
            variable: w.root.to_string(),
            field,
            within: self.place(within),
            outer: self.around_item(over, depth),
        })
    }

    /// `[r for r in rows if r.active]`: what a comprehension with a condition goes through.
    fn filtered(&self, w: &Write, over: ExprId, condition: ExprId) -> Option<String> {
        let slice = |e: ExprId| shorten(self.source.slice(self.facts.span(e)), MAX_SHOWN);
        (self.facts.language == Language::Python && w.from.is_empty()).then(|| {
            let v = &w.root;
            format!("[{v} for {v} in {} if {}]", slice(over), slice(condition))
        })
    }

    /// A parameter of a function literal that a method of the collection calls with each item.
    pub(super) fn handed(
        &self,
        w: &Write,
        index: usize,
        root: ExprId,
        (field, depth): (Option<(String, Access)>, u32),
    ) -> Option<Items> {
        let f = self.facts.function_of(w.scope)?;
        if self.facts.functions[f.index()].name.is_some() {
            return None;
        }
        let first = root.index();
        let literal = (self.facts.exprs.get(first..)?.iter())
            .position(|e| matches!(e.kind, Expr::Function(g) if g == f))?;
        let literal = ExprId(u32::try_from(first + literal).ok()?);
        let Parent::Expr(call) = self.facts.node(literal).parent else {
            return None;
        };
        let Expr::Call { callee, args, .. } = self.facts.expr(call) else {
            return None;
        };
        let nth = args.iter().position(|a| a.value == literal)?;
        let (list, item) = match self.facts.expr(*callee) {
            Expr::Member { base, name } if PER_ITEM.contains(&name.as_str()) => {
                let list = match args.first() {
                    // `_.map(rows, f)`
                    Some(a) if nth == 1 && !matches!(name.as_str(), "reduce" | "fold") => a.value,
                    _ => *base,
                };
                let folds = matches!(name.as_str(), "reduce" | "fold");
                (list, usize::from(folds))
            }
            // Python's `map(f, rows)`
            Expr::Name(n) if n == "map" => (args.get(1)?.value, 0),
            _ => return None,
        };
        if index < item {
            return None;
        }
        Some(Items {
            collection: self.shown(list),
            variable: w.root.to_string(),
            field: field.filter(|_| index == item),
            within: self.place(self.facts.functions[f.index()].span),
            outer: self.around_item(list, depth),
        })
    }

    /// The bytes of a loop: its expressions stand one after another from its variable on.
    pub(super) fn extent(&self, guard: GuardId, from: u32) -> Span {
        let inside = |e: u32| {
            let node = self.facts.exprs.get(e as usize)?;
            self.facts.encloses(guard, node.guard).then_some(node.span)
        };
        let before = (0..from).rev().map_while(inside);
        let spans = before.chain((from..).map_while(inside));
        spans.reduce(Span::cover).unwrap_or_default()
    }

    /// The bytes in which a collection is known that is a part of an item itself.
    fn around_item(&self, list: ExprId, depth: u32) -> Option<Location> {
        let outer = (depth < MAX_STEPS).then(|| self.items(list, depth + 1));
        outer.flatten().map(|i| i.within)
    }
}
