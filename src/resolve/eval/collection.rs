//! The collection behind text that is made once for each of its items: of `r.age` in
//! `"\n".join(f"{r.name}: {r.age}" for r in rows)` it is `rows`. Code that takes the place of the
//! prompt works on the collection, for the loop variable is not known beside the call.

mod lists;
mod loops;
mod trail;

use std::rc::Rc;

use self::trail::{field_of, trail};
use super::Evaluator;
use crate::calls::{Access, Items};
use crate::hir::{Expr, ExprId, Facts, How, Write};
use crate::resolve::value::{ExprRef, HoleSegment, Rope, Segment, Value};
use crate::source::{Location, SourceFile, Span};

/// Bytes of a collection as it is shown.
const MAX_SHOWN: usize = 80;
/// Variables between an interpolated value and the loop variable that it comes from.
const MAX_STEPS: u32 = 4;
/// What a hole is an item of, and whether that is only so where its text is repeated.
pub(super) struct Found {
    pub(super) items: Items,
    pub(super) if_repeated: bool,
}

impl Evaluator<'_> {
    /// The collection that an interpolated value is an item of, or a part of an item.
    pub(super) fn collection_of(&self, at: ExprRef, value: &Value) -> Option<Found> {
        let parsed = self.parsed(at.file)?;
        let look = Look {
            facts: &parsed.facts,
            source: &parsed.source,
            at,
        };
        if let Some(items) = look.items(at.expr, 0).or_else(|| look.joined(at.expr)) {
            return Some(Found {
                items,
                if_repeated: false,
            });
        }
        self.given_item(&look, value)
    }

    /// What is left open of an item that was made text by a function, and so has no expression:
    /// `str(x)` of `", ".join(str(x) for x in rows)`. `list` is what is joined.
    pub(in crate::resolve) fn with_collection(&self, rope: Rope, list: Option<ExprRef>) -> Rope {
        let found = list.and_then(|at| {
            let parsed = self.parsed(at.file)?;
            let look = Look {
                facts: &parsed.facts,
                source: &parsed.source,
                at,
            };
            Some(Items {
                collection: look.origin(at.expr),
                variable: String::new(),
                field: None,
                within: Location::default(),
                outer: None,
            })
        });
        let open = |h: &HoleSegment| h.items.is_none() && h.location.is_none();
        let segments = rope.segments.into_iter().map(|s| match s {
            Segment::Hole(h) if open(&h) && found.is_some() => {
                Segment::Hole(Rc::new(HoleSegment {
                    expression: h.expression.clone(),
                    location: None,
                    ty: h.ty.clone(),
                    origin: h.origin.clone(),
                    value: h.value.clone(),
                    gap: h.gap.clone(),
                    items: found.clone(),
                    if_repeated: false,
                }))
            }
            s => s,
        });
        Rope {
            segments: segments.collect(),
        }
    }

    /// A parameter of a function that gets each item in turn: `"\n".join(line(r) for r in rows)`.
    fn given_item(&self, look: &Look<'_>, value: &Value) -> Option<Found> {
        let facts = look.facts;
        let trail = trail(facts, look.at.expr)?;
        let Expr::Name(name) = facts.expr(trail.root) else {
            return None;
        };
        let w = look.store(name, trail.root)?;
        let function = facts.function_of(w.scope)?;
        if !matches!(w.how, How::Param(_)) {
            return None;
        }
        let mut at = value;
        let base = loop {
            let Value::Attr(a) = at else { return None };
            if a.name == "[]" {
                break &a.base;
            }
            at = &a.base;
        };
        let name = self.callee_name(base);
        let items = Items {
            collection: matches!(base, Value::Param(_) | Value::Attr(_))
                .then_some(name)
                .filter(|n| !n.is_empty() && !n.contains('[')),
            variable: w.root.to_string(),
            field: trail.field.or_else(|| field_of(w)),
            within: look.place(facts.functions[function.index()].span),
            outer: None,
        };
        Some(Found {
            items,
            if_repeated: true,
        })
    }
}

/// One search in a file.
struct Look<'a> {
    facts: &'a Facts,
    source: &'a SourceFile,
    at: ExprRef,
}

impl Look<'_> {
    fn items(&self, expr: ExprId, depth: u32) -> Option<Items> {
        let trail = trail(self.facts, expr)?;
        if let Some((list, index)) = trail.indexed
            && depth < MAX_STEPS
            && let Some(counter) = self.items(index, depth + 1)
        {
            return Some(Items {
                collection: self.shown(list),
                variable: String::new(),
                field: trail.field,
                ..counter
            });
        }
        let Expr::Name(name) = self.facts.expr(trail.root) else {
            return None;
        };
        if let Some(guard) = self.counted(trail.root) {
            // A number that goes up: no collection is known by it.
            return Some(Items {
                collection: None,
                variable: String::new(),
                field: None,
                within: self.place(self.extent(guard, trail.root.0)),
                outer: None,
            });
        }
        let w = self.store(name, trail.root)?;
        let field = trail.field.clone().or_else(|| field_of(w));
        let found = self.stored(w, trail.root, field, depth)?;
        let collection = found.collection.clone().filter(|_| !trail.made);
        Some(Items {
            collection,
            ..found
        })
    }

    fn stored(
        &self,
        w: &Write,
        root: ExprId,
        field: Option<(String, Access)>,
        depth: u32,
    ) -> Option<Items> {
        match w.how {
            How::Iterate => self.iterated(w, root, field, depth),
            How::Param(i) => self.handed(w, usize::from(i), root, (field, depth)),
            How::Set if depth < MAX_STEPS => {
                let inner = self.items(w.value?, depth + 1)?;
                Some(Items {
                    field: inner.field.clone().or(field),
                    ..inner
                })
            }
            _ => None,
        }
    }

    /// The last store to a name before a use of it.
    fn store(&self, name: &str, at: ExprId) -> Option<&Write> {
        (self.facts.stores_of(name, self.facts.node(at).scope).iter())
            .rev()
            .map(|w| &self.facts.writes[w.index()])
            .find(|w| w.order <= at.0 && w.path.is_empty())
    }

    fn place(&self, span: Span) -> Location {
        Location {
            file: self.at.file,
            span,
        }
    }
}
