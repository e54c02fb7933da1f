//! From an expression down to the name that it begins with, and the field that is taken of it.

use crate::calls::Access;
use crate::hir::{Expr, ExprId, Facts, Op, Piece, Step, Write};

/// Functions that only write down what they are given.
const WRITERS: &[&str] = &[
    "str",
    "repr",
    "int",
    "float",
    "round",
    "abs",
    "String",
    "Number",
    "format",
    "dumps",
    "stringify",
    "to_string",
    "isoformat",
];

/// The way from an expression down to the name that it begins with.
pub(super) struct Trail {
    pub(super) root: ExprId,
    /// The first field that is taken of it.
    pub(super) field: Option<(String, Access)>,
    /// `rows[i]`: the list, and the name of the index.
    pub(super) indexed: Option<(ExprId, ExprId)>,
    /// Whether a function makes something else of it: `fetch(url)`.
    pub(super) made: bool,
}

/// Down to the name that an expression begins with.
pub(super) fn trail(facts: &Facts, expr: ExprId) -> Option<Trail> {
    let mut at = expr;
    let mut field = None;
    let mut indexed = None;
    let mut made = false;
    loop {
        match facts.expr(at) {
            Expr::Name(_) => {
                return Some(Trail {
                    root: at,
                    field,
                    indexed,
                    made,
                });
            }
            Expr::Member { base, name } => {
                if !facts.is_callee(at) {
                    field = Some((name.to_string(), Access::Attribute));
                }
                at = *base;
            }
            Expr::Index { base, key } => {
                match facts.expr(*key) {
                    Expr::Name(_) => indexed = Some((*base, *key)),
                    _ => {
                        field = literal_of(facts, *key).map(|k| (k, Access::Subscript));
                    }
                }
                at = *base;
            }
            Expr::Call { callee, args, .. } => match facts.expr(*callee) {
                Expr::Member { name, .. } | Expr::Name(name)
                    if WRITERS.contains(&name.as_str()) && !args.is_empty() =>
                {
                    at = args.first()?.value;
                }
                Expr::Member { base, name } => {
                    if name == "get"
                        && let Some(k) = args.first().and_then(|a| literal_of(facts, a.value))
                    {
                        field = Some((k, Access::Subscript));
                        at = *base;
                    } else {
                        at = *callee;
                    }
                }
                _ => {
                    made = true;
                    at = args.first()?.value;
                }
            },
            Expr::Binary {
                op: Op::Or | Op::Coalesce | Op::Other | Op::Mod | Op::Add,
                left,
                ..
            } => at = *left,
            Expr::Unary { operand, .. } => at = *operand,
            _ => return None,
        }
    }
}

/// A key as it is written.
pub(super) fn literal_of(facts: &Facts, key: ExprId) -> Option<String> {
    match facts.expr(key) {
        Expr::Text { pieces, .. } => match pieces.as_slice() {
            [Piece::Literal(l)] => Some(l.text.clone()),
            _ => None,
        },
        _ => None,
    }
}

/// The field that destructuring takes of an item: `({ age }) => …`.
pub(super) fn field_of(w: &Write) -> Option<(String, Access)> {
    match w.from.as_slice() {
        [Step::Field(f)] => Some((f.to_string(), Access::Attribute)),
        _ => None,
    }
}
