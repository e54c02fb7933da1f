//! Macros that make text or write it: the format string and what follows it become one text.

use super::super::Lowerer;
use super::Kind;
use crate::hir::build::Store;
use crate::hir::{Arg, Expr, ExprId, How, Literal, Piece};
use crate::source::Span;

impl Lowerer<'_> {
    /// `format!`'s text, in the place of the whole macro.
    pub(super) fn text_of(&mut self, format: ExprId, args: &[Arg], span: Span) -> Option<ExprId> {
        if !matches!(self.b.facts().expr(format), Expr::Text { .. }) {
            return None;
        }
        Some(self.formatted(format, args, span))
    }

    /// Puts the format string among a macro's arguments and what follows it into one text.
    pub(super) fn format_args(&mut self, kind: Kind, mut args: Vec<Arg>) -> Vec<Arg> {
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

    /// A `write!` changes what it writes to, where that is a place.
    pub(super) fn written(&mut self, call: ExprId) {
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
}
