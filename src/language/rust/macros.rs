//! Macros. The grammar gives tokens; those of a call, a list, statements or pairs are parsed again
//! as code, and macros that make text (`format!` and its family) become text.
//!
//! This module owns which macro is of which kind; the submodules own how each kind is read.

mod arguments;
mod syntax;
mod text;

use tree_sitter::Node;

use super::tokens::{delimiter, inside};
use super::{Dialect, Lowerer, named};
use crate::hir::{CallKind, Expr, ExprId};
use crate::source::Span;
use arguments::positional;

/// What a macro does with its arguments.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// It is the text of a format string.
    Text,
    /// It takes a format string after this many arguments.
    Format(usize),
    /// It appends formatted text to its first argument; whether a line end follows.
    Write(bool),
    /// It joins its arguments.
    Concat,
    List,
    Map,
    Json,
    Matches,
    Statics,
    Body,
    Select,
    Quote,
    Other,
}

fn kind_of(name: &str) -> Kind {
    match name {
        "format" | "format_args" | "formatcp" | "format_compact" | "formatc" => Kind::Text,
        "println" | "print" | "eprintln" | "eprint" | "panic" | "bail" | "anyhow" | "eyre"
        | "format_err" | "info" | "debug" | "warn" | "error" | "trace" | "todo"
        | "unimplemented" | "unreachable" | "formatdoc" | "printdoc" | "eprintdoc" => {
            Kind::Format(0)
        }
        "ensure" | "assert" | "debug_assert" | "log" | "event" => Kind::Format(1),
        "assert_eq" | "assert_ne" | "debug_assert_eq" | "debug_assert_ne" => Kind::Format(2),
        "write" | "writedoc" => Kind::Write(false),
        "writeln" => Kind::Write(true),
        "concat" | "concatcp" | "const_str_concat" => Kind::Concat,
        "vec" | "smallvec" | "arrayvec" | "hashset" | "btreeset" | "indexset"
        | "vec_of_strings" => Kind::List,
        "hashmap" | "btreemap" | "indexmap" | "phf_map" => Kind::Map,
        "matches" => Kind::Matches,
        "lazy_static" | "thread_local" => Kind::Statics,
        "stream" | "try_stream" | "async_stream" | "gen" | "async_gen" => Kind::Body,
        "select" | "select_biased" => Kind::Select,
        "quote" | "parse_quote" | "quote_spanned" => Kind::Quote,
        _ if name.ends_with("json") => Kind::Json,
        _ => Kind::Other,
    }
}

impl Lowerer<'_> {
    /// A macro among items: what it defines is defined here.
    pub(super) fn macro_item(&mut self, node: Node<'_>) {
        let Some((name, tree)) = self.macro_parts(node) else {
            return;
        };
        let body = self.inside_span(tree);
        let is_block = delimiter(tree) == "{";
        let done = match kind_of(name) {
            Kind::Statics => self.statics(body),
            Kind::Other if is_block => self
                .reparse("", body, "", Dialect::Rust, |l, block| l.items(block))
                .is_some(),
            _ => false,
        };
        if !done {
            let value = self.expr(node);
            self.b.mutation(value);
        }
    }

    /// The last segment of a macro's name, and its tokens.
    fn macro_parts<'t>(&self, node: Node<'t>) -> Option<(&str, Node<'t>)> {
        let path = node.child_by_field_name("macro")?;
        let tree = named(node)
            .into_iter()
            .rfind(|n| n.kind() == "token_tree")?;
        let name = self.str(path).rsplit("::").next().unwrap_or_default();
        Some((name.trim(), tree))
    }

    fn statics(&mut self, body: Span) -> bool {
        // The last semicolon may be left out.
        self.reparse("", body, ";", Dialect::Rust, |l, block| l.items(block))
            .is_some()
    }

    /// A macro as an expression.
    pub(super) fn macro_call(&mut self, node: Node<'_>) -> ExprId {
        let span = self.span(node);
        let Some((name, tree)) = self.macro_parts(node) else {
            return self.b.opaque(node.kind(), Vec::new(), span);
        };
        let name = name.to_owned();
        let kind = kind_of(&name);
        let special = match kind {
            Kind::Json => {
                let tokens = inside(tree);
                Some(self.json(&tokens, name != "json"))
            }
            Kind::Map => {
                let tokens = inside(tree);
                self.entries(&tokens, false)
                    .map(|entries| self.b.expr(Expr::Map { entries }, span))
            }
            Kind::List => self.macro_list(tree, span),
            Kind::Matches => Some(self.matches(tree, span)),
            Kind::Statics => {
                let body = self.inside_span(tree);
                self.statics(body).then(|| self.b.expr(Expr::Null, span))
            }
            Kind::Select => Some(self.select(tree, span)),
            Kind::Text | Kind::Concat => {
                self.macro_args(tree)
                    .and_then(|args| match args.split_first() {
                        _ if kind == Kind::Concat => Some(self.concatenated(&args, span)),
                        Some((format, rest)) => self.text_of(format.value, rest, span),
                        None => None,
                    })
            }
            _ => None,
        };
        match special {
            Some(e) => e,
            None => self.macro_with_args(node, kind, tree, span),
        }
    }

    fn macro_with_args(
        &mut self,
        node: Node<'_>,
        kind: Kind,
        tree: Node<'_>,
        span: Span,
    ) -> ExprId {
        let Some(path) = node.child_by_field_name("macro") else {
            return self.opaque_tokens("macro", tree, span);
        };
        let path_span = self.span(path);
        let callee = self.path_expr(self.slice(path_span), path_span);
        let body = self.inside_span(tree);
        let args = match kind {
            Kind::Body | Kind::Quote => None,
            _ => self.macro_args(tree),
        };
        let args = args.or_else(|| {
            let dialect = match kind {
                Kind::Quote => Dialect::Quote,
                Kind::Body => Dialect::Stream,
                _ => Dialect::Rust,
            };
            self.reparse("", body, "", dialect, |l, block| {
                let value = l.block(block, true);
                value.map(positional).into_iter().collect()
            })
        });
        let args = args.or_else(|| self.pair_args(&inside(tree)));
        let Some(args) = args else {
            let what = self.slice(path_span);
            return self.opaque_tokens(what, tree, span);
        };
        let args = self.format_args(kind, args);
        let call = self.b.expr(
            Expr::Call {
                callee,
                args,
                types: Vec::new(),
                kind: CallKind::Macro,
            },
            span,
        );
        if matches!(kind, Kind::Write(_)) {
            self.written(call);
        }
        call
    }
}
