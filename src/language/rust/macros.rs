//! Macros. The grammar gives tokens; those of a call, a list, statements or pairs are parsed again
//! as code, and macros that make text (`format!` and its family) become text.

use tree_sitter::Node;

use super::text::is_text;
use super::tokens::{delimiter, inside, segments};
use super::{Dialect, Lowerer, named};
use crate::hir::build::Store;
use crate::hir::{
    Arg, CallKind, Entry, Expr, ExprId, GuardKind, How, Literal, Op, Piece, ScopeKind,
};
use crate::source::Span;

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

    /// `format!`'s text, in the place of the whole macro.
    fn text_of(&mut self, format: ExprId, args: &[Arg], span: Span) -> Option<ExprId> {
        if !matches!(self.b.facts().expr(format), Expr::Text { .. }) {
            return None;
        }
        Some(self.formatted(format, args, span))
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
            Kind::Body => None,
            Kind::Quote => None,
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

    /// A `write!` changes what it writes to, where that is a place.
    fn written(&mut self, call: ExprId) {
        let Expr::Call { args, .. } = self.b.facts().expr(call) else {
            return;
        };
        let Some((root, path)) = args.first().and_then(|a| self.b.place(a.value)) else {
            return;
        };
        let span = self.b.facts().span(call);
        self.b.write(Store {
            path,
            declares: false,
            ..Store::declare(root, Some(call), How::Mutate("write_str".into()), span)
        });
    }

    /// Puts the format string among a macro's arguments and what follows it into one text.
    fn format_args(&mut self, kind: Kind, mut args: Vec<Arg>) -> Vec<Arg> {
        let first = match kind {
            Kind::Format(n) => n,
            Kind::Write(_) => 1,
            Kind::Other | Kind::Text => 0,
            _ => return args,
        };
        let facts = self.b.facts();
        let Some(at) = (first..args.len()).find(|i| {
            args[*i].name.is_none() && matches!(facts.expr(args[*i].value), Expr::Text { .. })
        }) else {
            return args;
        };
        if kind == Kind::Other && !self.is_format(&args, at) {
            return args;
        }
        let rest = args.split_off(at + 1);
        let format = args[at].value;
        let span = self.b.facts().span(format);
        let mut text = self.formatted(format, &rest, span);
        if kind == Kind::Write(true) {
            text = self.with_line_end(text);
        }
        args[at].value = text;
        args
    }

    /// Whether the arguments of a macro that is not known read like those of `format!`: as many
    /// `{}` as values follow.
    fn is_format(&self, args: &[Arg], at: usize) -> bool {
        let values = args.len() - at - 1;
        let holes = self
            .plain_text(args[at].value)
            .map_or(0, |t| t.matches("{}").count() + t.matches("{:").count());
        values > 0 && holes == args[at + 1..].iter().filter(|a| a.name.is_none()).count()
    }

    /// `writeln!` ends the line; that line end stands nowhere in the source.
    fn with_line_end(&mut self, text: ExprId) -> ExprId {
        let span = self.b.facts().span(text);
        let Expr::Text { pieces, raw } = self.b.facts().expr(text) else {
            return text;
        };
        let (mut pieces, raw) = (pieces.clone(), *raw);
        pieces.push(Piece::Literal(Literal {
            text: "\n".to_owned(),
            runs: Vec::new(),
            span: Span {
                start: span.end,
                end: span.end,
            },
        }));
        self.b.expr(Expr::Text { pieces, raw }, span)
    }

    /// The arguments of a macro that is called like a function.
    fn macro_args(&mut self, tree: Node<'_>) -> Option<Vec<Arg>> {
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
    fn simple_args(&mut self, tokens: &[Node<'_>]) -> Option<Vec<Arg>> {
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
    fn pair_args(&mut self, tokens: &[Node<'_>]) -> Option<Vec<Arg>> {
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

    /// `vec![a, b]`, `vec![x; n]`
    fn macro_list(&mut self, tree: Node<'_>, span: Span) -> Option<ExprId> {
        let tokens = inside(tree);
        let items = match self.simple_args(&tokens) {
            Some(args) => args,
            None => {
                let body = self.inside_span(tree);
                self.reparse("[", body, "]", Dialect::Rust, |l, block| {
                    let list = named(block).first().copied()?;
                    let length = list.child_by_field_name("length").map(|n| n.id());
                    (list.kind() == "array_expression").then(|| {
                        named(list)
                            .into_iter()
                            .filter(|n| Some(n.id()) != length)
                            .map(|n| positional(l.expr(n)))
                            .collect::<Vec<_>>()
                    })
                })
                .flatten()?
            }
        };
        Some(self.b.expr(Expr::List { items }, span))
    }

    /// `matches!(x, "a" | "b")` compares; with other patterns it only looks at `x`.
    fn matches(&mut self, tree: Node<'_>, span: Span) -> ExprId {
        let tokens = inside(tree);
        let comma = tokens
            .iter()
            .position(|t| t.kind() == ",")
            .unwrap_or(tokens.len());
        let value = self.tokens_or_texts(&tokens[..comma]);
        let pattern = tokens.get(comma + 1..).unwrap_or_default();
        let mut test = None;

        for token in super::tokens::literals(pattern) {
            let right = self.expr(token);
            let equal = Expr::Binary {
                op: Op::Eq,
                left: value,
                right,
            };
            let equal = self.b.expr(equal, span);
            test = Some(match test {
                Some(left) => {
                    let either = Expr::Binary {
                        op: Op::Or,
                        left,
                        right: equal,
                    };
                    self.b.expr(either, span)
                }
                None => equal,
            });
        }
        match test {
            Some(test) => test,
            None => self.b.opaque("matches", vec![value], span),
        }
    }

    /// `select! { pattern = future => handler, … }`
    fn select(&mut self, tree: Node<'_>, span: Span) -> ExprId {
        let tokens = inside(tree);
        let group = self.b.group();
        let mut rest = tokens.as_slice();
        let mut arm: u16 = 0;
        while let Some(arrow) = rest.iter().position(|t| t.kind() == "=>") {
            let head = &rest[..arrow];
            rest = &rest[arrow + 1..];
            let end = match rest.first() {
                Some(t) if t.kind() == "token_tree" && delimiter(*t) == "{" => 1,
                _ => rest
                    .iter()
                    .position(|t| t.kind() == ",")
                    .unwrap_or(rest.len()),
            };
            let handler = &rest[..end];
            rest = &rest[end..];
            if rest.first().is_some_and(|t| t.kind() == ",") {
                rest = &rest[1..];
            }
            let scope = self.b.open_scope(ScopeKind::Block);
            let guard = self.b.open_guard(GuardKind::Branch, group, arm, 0, None);
            self.select_head(head);
            let body = self.tokens_span(handler);
            self.reparse("", body, "", Dialect::Rust, |l, block| {
                l.block(block, false)
            });
            self.b.close_guard(guard);
            self.b.close_scope(scope);
            arm = arm.saturating_add(1);
        }
        self.b.opaque("select", Vec::new(), span)
    }

    fn select_head(&mut self, head: &[Node<'_>]) {
        // `biased;` and a `, if condition` are no part of the binding.
        let start = head
            .iter()
            .rposition(|t| t.kind() == ";")
            .map_or(0, |i| i + 1);
        let head = head.get(start..).unwrap_or_default();
        let end = head
            .iter()
            .position(|t| t.kind() == ",")
            .unwrap_or(head.len());
        let span = self.tokens_span(&head[..end]);
        self.reparse("let ", span, ";", Dialect::Rust, |l, block| {
            if let Some(n) = named(block).first()
                && n.kind() == "let_declaration"
            {
                l.let_declaration(*n);
            }
        });
    }
}

fn positional(value: ExprId) -> Arg {
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
