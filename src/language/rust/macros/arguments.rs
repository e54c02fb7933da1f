//! The arguments of macros that are called like functions: single tokens, expressions, pairs.

use tree_sitter::Node;

use super::super::text::is_text;
use super::super::tokens::{inside, segments};
use super::super::{Dialect, Lowerer, named};
use crate::hir::{Arg, Entry, Expr, ExprId};

impl Lowerer<'_> {
    /// The arguments of a macro that is called like a function.
    pub(super) fn macro_args(&mut self, tree: Node<'_>) -> Option<Vec<Arg>> {
        let tokens = inside(tree);
        if let Some(args) = self.simple_args(&tokens) {
            return Some(args);
        }
        let body = self.inside_span(tree);
        self.reparse("__m(", body, ")", Dialect::Rust, |l, block| {
            match named(block).as_slice() {
                [call] if call.kind() == "call_expression" => {
                    let function = call.child_by_field_name("function")?;
                    let args = call.child_by_field_name("arguments")?;
                    (function.kind() == "identifier").then(|| l.args(args))
                }
                _ => None,
            }
        })
        .flatten()
    }

    /// Arguments that are single tokens, which need no parser.
    pub(super) fn simple_args(&mut self, tokens: &[Node<'_>]) -> Option<Vec<Arg>> {
        let segments = segments(tokens);
        let is_simple = |t: &Node<'_>| {
            is_text(*t)
                || matches!(
                    t.kind(),
                    "identifier" | "self" | "integer_literal" | "float_literal" | "boolean_literal"
                )
        };
        let all = segments.iter().all(|s| match s {
            [one] => is_simple(one),
            [name, eq, one] => name.kind() == "identifier" && eq.kind() == "=" && is_simple(one),
            _ => false,
        });
        if !all {
            return None;
        }
        let args = segments
            .into_iter()
            .filter_map(|s| {
                let name = (s.len() == 3).then(|| self.name(s[0]));
                Some(Arg {
                    name,
                    value: self.token_expr(*s.last()?)?,
                    spread: false,
                })
            })
            .collect();
        Some(args)
    }

    /// Arguments of which some are `key => value`, `key: value` or `key = value`.
    pub(super) fn pair_args(&mut self, tokens: &[Node<'_>]) -> Option<Vec<Arg>> {
        let segments = segments(tokens);
        if segments.iter().any(|s| s.is_empty()) {
            return None;
        }
        let mut args = Vec::new();
        let mut entries = Vec::new();
        for s in segments {
            match s {
                [key, arrow, value @ ..] if arrow.kind() == "=>" && !value.is_empty() => {
                    let value_expr = self.tokens_expr(value)?;
                    let text = if is_text(*key) {
                        let e = self.literal_text(*key);
                        self.plain_text(e)
                    } else if key.kind() == "identifier" {
                        Some(self.str(*key).to_owned())
                    } else {
                        None
                    };
                    entries.push(Entry::Pair {
                        key: text?.into(),
                        value: value_expr,
                    });
                }
                [key, sign, value @ ..]
                    if key.kind() == "identifier"
                        && matches!(sign.kind(), ":" | "=")
                        && !value.is_empty() =>
                {
                    let name = Some(self.name(*key));
                    let value = self.tokens_expr(sigil(value))?;
                    args.push(Arg {
                        name,
                        value,
                        spread: false,
                    });
                }
                _ => {
                    // `error.kind = %e`, and `code = 0; "message"` of some log macros.
                    let start = s
                        .iter()
                        .rposition(|t| matches!(t.kind(), "=" | ";"))
                        .map_or(0, |i| i + 1);
                    let value = self.tokens_expr(sigil(s.get(start..)?))?;
                    args.push(positional(value));
                }
            }
        }
        if !entries.is_empty() {
            let span = self.tokens_span(tokens);
            let map = self.b.expr(Expr::Map { entries }, span);
            args.insert(0, positional(map));
        }
        Some(args)
    }
}

pub(super) fn positional(value: ExprId) -> Arg {
    Arg {
        name: None,
        value,
        spread: false,
    }
}

/// Tokens without the sign that says how a log macro shows a value (`%x`, `?x`).
fn sigil<'s, 't>(tokens: &'s [Node<'t>]) -> &'s [Node<'t>] {
    match tokens {
        [first, rest @ ..] if matches!(first.kind(), "%" | "?") && !rest.is_empty() => rest,
        _ => tokens,
    }
}
