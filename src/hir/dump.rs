//! Facts as text, one line a store or return, for tests. The notation is for
//! people: `client.chat.create(model="x", messages=[{"role": "user", "content": f"Sort {items}"}])`.

use std::fmt::Write as _;

use super::{CallKind, Entry, Expr, ExprId, Facts, How, Name, Op, Piece, Step};

/// One line per import, class, function, store and return, in order of the file.
#[must_use]
pub fn dump(facts: &Facts) -> String {
    let mut out = String::new();
    for i in &facts.imports {
        let _ = writeln!(out, "import {} {:?} as {}", i.module, i.what, i.local);
    }
    for e in &facts.exports {
        let _ = writeln!(out, "export {} {:?}", e.name, e.kind);
    }
    for (n, c) in facts.classes.iter().enumerate() {
        let bases: Vec<_> = c.bases.iter().map(|b| expr(facts, *b)).collect();
        let _ = writeln!(
            out,
            "class#{n} {:?} {}({}) methods={:?}",
            c.kind,
            c.name,
            bases.join(", "),
            c.methods.iter().map(|m| m.0).collect::<Vec<_>>()
        );
        for f in &c.fields {
            let ty = f.ty.as_ref().map(|t| t.heads.join("|")).unwrap_or_default();
            let value = f.value.map(|v| expr(facts, v)).unwrap_or_default();
            let _ = writeln!(out, "  field {}: {ty} = {value}", f.name);
        }
    }
    for (n, f) in facts.functions.iter().enumerate() {
        let params: Vec<_> = f
            .params
            .iter()
            .map(|p| {
                let mut s = format!("{}:{:?}", p.name.as_deref().unwrap_or("_"), p.kind);
                if let Some(t) = &p.ty {
                    let _ = write!(s, ":{}", t.heads.join("|"));
                }
                if let Some(d) = p.default {
                    let _ = write!(s, "={}", expr(facts, d));
                }
                s
            })
            .collect();
        let returns: Vec<_> = f.returns.iter().map(|r| expr(facts, r.value)).collect();
        let attributes: Vec<_> = f.attributes.iter().map(|a| a.path.as_str()).collect();
        let _ = writeln!(
            out,
            "fn#{n} {}({}) owner={:?} attrs={attributes:?} stub={} -> {}",
            f.name.as_deref().unwrap_or("<anonymous>"),
            params.join(", "),
            f.owner.map(|c| c.0),
            f.is_stub,
            returns.join(" ; ")
        );
    }
    for w in &facts.writes {
        let how = match &w.how {
            How::Mutate(m) => format!("mutate:{m}"),
            How::Augment(op) => format!("augment:{}", op_text(*op)),
            other => format!("{other:?}").to_lowercase(),
        };
        let _ = writeln!(
            out,
            "s{} g{} {how} {}{}{} = {}{}",
            w.scope.0,
            w.guard.0,
            if w.declares { "let " } else { "" },
            w.root,
            path(facts, &w.path),
            w.value.map(|v| expr(facts, v)).unwrap_or_default(),
            path(facts, &w.from),
        );
    }
    out
}

fn path(facts: &Facts, steps: &[Step]) -> String {
    steps
        .iter()
        .map(|s| match s {
            Step::Field(n) => format!(".{n}"),
            Step::Item(i) => format!("[{i}]"),
            Step::Key(e) => format!("[{}]", expr(facts, *e)),
            Step::Rest => "...".into(),
            Step::Any => "[*]".into(),
        })
        .collect()
}

const fn op_text(op: Op) -> &'static str {
    match op {
        Op::Add => "+",
        Op::Mod => "%",
        Op::Pipe => "|",
        Op::And => "and",
        Op::Or => "or",
        Op::Coalesce => "??",
        Op::Eq => "==",
        Op::Ne => "!=",
        Op::Order => "<",
        Op::In => "in",
        Op::NotIn => "not in",
        Op::Is => "matches",
        Op::Other => "op",
    }
}

/// One expression.
#[must_use]
pub fn expr(facts: &Facts, id: ExprId) -> String {
    let mut out = String::new();
    write_expr(facts, id, &mut out, 0);
    out
}

fn write_args(facts: &Facts, args: &[super::Arg], out: &mut String, depth: u32) {
    for (i, a) in args.iter().enumerate() {
        if i > 0 {
            out.push_str(", ");
        }
        if a.spread {
            out.push_str("...");
        }
        if let Some(n) = &a.name {
            let _ = write!(out, "{n}=");
        }
        write_expr(facts, a.value, out, depth);
    }
}

fn write_expr(facts: &Facts, id: ExprId, out: &mut String, depth: u32) {
    if depth > 60 {
        out.push('…');
        return;
    }
    let depth = depth + 1;
    match facts.expr(id) {
        Expr::Text { pieces, .. } => {
            out.push('"');
            for p in pieces {
                match p {
                    Piece::Literal(l) => out.push_str(&l.text.escape_debug().to_string()),
                    Piece::Hole { expr, format, .. } => {
                        out.push('{');
                        write_expr(facts, *expr, out, depth);
                        if let Some(f) = format {
                            let _ = write!(out, ":{f}");
                        }
                        out.push('}');
                    }
                }
            }
            out.push('"');
        }
        Expr::Number(n) | Expr::Name(n) => out.push_str(n),
        Expr::Bool(b) => {
            let _ = write!(out, "{b}");
        }
        Expr::Null => out.push_str("null"),
        Expr::Member { base, name } => {
            write_expr(facts, *base, out, depth);
            let _ = write!(out, ".{name}");
        }
        Expr::Index { base, key } => {
            write_expr(facts, *base, out, depth);
            out.push('[');
            write_expr(facts, *key, out, depth);
            out.push(']');
        }
        Expr::Call {
            callee,
            args,
            types,
            kind,
        } => {
            if *kind == CallKind::New {
                out.push_str("new ");
            }
            write_expr(facts, *callee, out, depth);
            if *kind == CallKind::Macro {
                out.push('!');
            }
            if !types.is_empty() {
                let heads: Vec<Name> = types.iter().flat_map(|t| t.heads.clone()).collect();
                let _ = write!(out, "<{}>", heads.join(", "));
            }
            let (open, close) = if *kind == CallKind::Struct {
                ('{', '}')
            } else {
                ('(', ')')
            };
            out.push(open);
            write_args(facts, args, out, depth);
            out.push(close);
        }
        Expr::List { items } => {
            out.push('[');
            write_args(facts, items, out, depth);
            out.push(']');
        }
        Expr::Map { entries } => {
            out.push('{');
            for (i, e) in entries.iter().enumerate() {
                if i > 0 {
                    out.push_str(", ");
                }
                match e {
                    Entry::Pair { key, value } => {
                        let _ = write!(out, "{key:?}: ");
                        write_expr(facts, *value, out, depth);
                    }
                    Entry::Computed { key, value } => {
                        out.push('[');
                        write_expr(facts, *key, out, depth);
                        out.push_str("]: ");
                        write_expr(facts, *value, out, depth);
                    }
                    Entry::Spread(v) => {
                        out.push_str("...");
                        write_expr(facts, *v, out, depth);
                    }
                }
            }
            out.push('}');
        }
        Expr::Binary { op, left, right } => {
            out.push('(');
            write_expr(facts, *left, out, depth);
            let _ = write!(out, " {} ", op_text(*op));
            write_expr(facts, *right, out, depth);
            out.push(')');
        }
        Expr::Unary { not, operand } => {
            out.push_str(if *not { "not " } else { "-" });
            write_expr(facts, *operand, out, depth);
        }
        Expr::Choice { test, arms } => {
            out.push_str("choice(");
            if let Some(t) = test {
                write_expr(facts, *t, out, depth);
                out.push_str(" ? ");
            }
            for (i, a) in arms.iter().enumerate() {
                if i > 0 {
                    out.push_str(" | ");
                }
                write_expr(facts, *a, out, depth);
            }
            out.push(')');
        }
        Expr::Each {
            over,
            body,
            condition,
        } => {
            out.push_str("each(");
            write_expr(facts, *body, out, depth);
            out.push_str(" of ");
            write_expr(facts, *over, out, depth);
            if let Some(c) = condition {
                out.push_str(" if ");
                write_expr(facts, *c, out, depth);
            }
            out.push(')');
        }
        Expr::Function(f) => {
            let _ = write!(out, "fn#{}", f.0);
        }
        Expr::Class(c) => {
            let _ = write!(out, "class#{}", c.0);
        }
        Expr::Opaque { what, kids } => {
            let _ = write!(out, "opaque:{what}(");
            for (i, k) in kids.iter().enumerate() {
                if i > 0 {
                    out.push_str(", ");
                }
                write_expr(facts, *k, out, depth);
            }
            out.push(')');
        }
    }
}
