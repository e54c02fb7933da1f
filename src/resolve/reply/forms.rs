//! What an expression around a reply looks like: literals, slices, types, objects written out.

use crate::hir::{Expr, ExprId, Facts, Op, Parent, Piece, TypeRef};

/// Whether a declared type is a number or a boolean, or a promise or option of one.
pub(super) fn is_scalar(ty: &TypeRef) -> bool {
    let mut ty = ty;
    while let [head] = ty.heads.as_slice()
        && let [inner] = ty.args.as_slice()
        && matches!(head.as_str(), "Promise" | "Optional" | "Option" | "Result")
    {
        ty = inner;
    }
    !ty.heads.is_empty()
        && ty.heads.iter().all(|h| {
            matches!(
                h.as_str(),
                "bool"
                    | "int"
                    | "float"
                    | "number"
                    | "boolean"
                    | "Decimal"
                    | "f32"
                    | "f64"
                    | "i32"
                    | "i64"
                    | "u32"
                    | "u64"
                    | "usize"
                    | "None"
                    | "null"
                    | "undefined"
            )
        })
}

/// Whether an expression writes an object of an SDK out as JSON: `response.model_dump_json()`.
pub(super) fn is_written_out(facts: &Facts, expr: ExprId) -> bool {
    matches!(facts.expr(expr), Expr::Call { callee, .. } if matches!(
        facts.expr(*callee),
        Expr::Member { name, .. } if matches!(name.as_str(), "to_json" | "model_dump_json" | "to_json_string")
    ))
}

/// The text that a method is called on, where the program wrote it down: `"yes".includes(reply)`.
pub(super) fn literal_receiver(facts: &Facts, callee: ExprId) -> Option<String> {
    match facts.expr(callee) {
        Expr::Member { base, .. } if matches!(facts.expr(*base), Expr::Text { .. }) => {
            literal(facts, *base)
        }
        _ => None,
    }
}

/// Whether all that is done with a list is to count it.
pub(super) fn is_counted(facts: &Facts, list: ExprId) -> bool {
    let Parent::Expr(p) = facts.node(list).parent else {
        return false;
    };
    match facts.expr(p) {
        Expr::Member { name, .. } => matches!(name.as_str(), "length" | "len" | "count"),
        Expr::Call { callee, .. } => {
            matches!(facts.expr(*callee), Expr::Name(n) if n == "len") && *callee != list
        }
        _ => false,
    }
}

/// Whether a slice keeps so many characters or items from the start: a length limit, no search.
pub(super) fn keeps_head(facts: &Facts, bounds: &[ExprId]) -> bool {
    let [start, end, rest @ ..] = bounds else {
        return false;
    };
    let zero = match facts.expr(*start) {
        Expr::Null => true,
        Expr::Number(n) => n.as_str() == "0",
        _ => false,
    };
    let limit = match facts.expr(*end) {
        Expr::Number(_) => true,
        Expr::Name(n) | Expr::Member { name: n, .. } => is_size(n),
        _ => false,
    };
    zero && limit && rest.iter().all(|e| matches!(facts.expr(*e), Expr::Null))
}

/// Characters from which on a number in a slice is the limit of a message, and no place in a text.
const MESSAGE: u32 = 200;

/// Whether a slice takes pieces of one size, as for the messages of a chat: `text[i:i+2000]`, or what
/// is left after the first: `text[2000:]`.
pub(super) fn takes_pieces(facts: &Facts, bounds: &[ExprId]) -> bool {
    let [start, rest @ ..] = bounds else {
        return false;
    };
    let none = |e: &ExprId| matches!(facts.expr(*e), Expr::Null);
    match (facts.expr(*start), rest.first().map(|e| facts.expr(*e))) {
        (Expr::Number(n), _) => {
            rest.iter().all(none) && n.parse::<u32>().is_ok_and(|n| n >= MESSAGE)
        }
        (
            Expr::Name(from),
            Some(Expr::Binary {
                op: Op::Add,
                left,
                right,
            }),
        ) => {
            let size = match facts.expr(*right) {
                Expr::Number(n) => n.parse::<u32>().is_ok_and(|n| n >= MESSAGE),
                Expr::Name(n) | Expr::Member { name: n, .. } => is_size(n),
                _ => false,
            };
            size && matches!(facts.expr(*left), Expr::Name(n) if n == from)
        }
        _ => false,
    }
}

/// Whether a name is that of a length.
fn is_size(name: &str) -> bool {
    (crate::prompt::words_of(name).iter()).any(|w| {
        matches!(
            w.as_str(),
            "max" | "limit" | "length" | "size" | "len" | "chunk"
        )
    })
}

/// Whether a slice begins or ends at the length of something: what the program itself put before
/// the reply (a prefix that the model echoes) is cut off, no text of the model's is searched.
pub(super) fn cuts_by_length(facts: &Facts, key: ExprId) -> bool {
    let Expr::Opaque { kids, .. } = facts.expr(key) else {
        return false;
    };
    kids.iter().any(|k| match facts.expr(*k) {
        Expr::Call { callee, .. } => match facts.expr(*callee) {
            Expr::Name(n) => n == "len",
            Expr::Member { name, .. } => name == "len",
            _ => false,
        },
        Expr::Member { name, .. } => name == "length",
        _ => false,
    })
}

/// The text of a literal, or of a list of literals.
pub(super) fn literal(facts: &Facts, e: ExprId) -> Option<String> {
    match facts.expr(e) {
        Expr::Text { pieces, .. } => {
            let mut out = String::new();
            for p in pieces {
                match p {
                    Piece::Literal(l) => out.push_str(&l.text),
                    Piece::Hole { .. } => return None,
                }
            }
            Some(out)
        }
        Expr::Number(n) => Some(n.to_string()),
        Expr::Bool(b) => Some(b.to_string()),
        _ => None,
    }
}
