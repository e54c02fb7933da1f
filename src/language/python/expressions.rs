//! Expressions, in evaluation order.

use tree_sitter::Node;

use super::kinds::{GRAMMAR, Kind, kind};
use super::{Frame, Lowering};
use crate::hir::{Arg, CallKind, Entry, Expr, ExprId, How, Name, Op, ScopeKind, Step};
use crate::source::Span;

impl<'t> Lowering<'t> {
    /// Lowers an expression. Operators, calls, members and indexes nest to the left, as deep as a
    /// chain is long: that spine is walked down in a loop and built back up.
    pub(super) fn expression(&mut self, node: Node<'t>) -> ExprId {
        if !self.builder.descend() {
            return self.too_deep(node);
        }
        let fields = &GRAMMAR.fields;
        let mut spine = Vec::new();
        let mut at = node;
        loop {
            let (inner, seen_through) = match kind(at) {
                Kind::Binary | Kind::Boolean => (at.child_by_field_id(fields.left), false),
                Kind::Attribute => (at.child_by_field_id(fields.object), false),
                Kind::Subscript => (at.child_by_field_id(fields.value), false),
                Kind::Call => (at.child_by_field_id(fields.function), false),
                Kind::Parenthesized | Kind::Await | Kind::AsPatternTarget => {
                    (self.first_kid(at), true)
                }
                _ => (None, false),
            };
            let Some(inner) = inner else { break };
            if !seen_through {
                spine.push(at);
            }
            at = inner;
        }
        let mut value = self.leaf(at);
        while let Some(outer) = spine.pop() {
            value = self.extend(outer, value);
        }
        self.builder.ascend();
        value
    }

    /// An optional part; where the parser found none, an opaque at the end of `within`.
    pub(super) fn part(&mut self, part: Option<Node<'t>>, within: Node<'t>) -> ExprId {
        match part {
            Some(n) => self.expression(n),
            None => {
                let end = self.span(within).end;
                self.builder
                    .opaque("missing", Vec::new(), Span { start: end, end })
            }
        }
    }

    fn too_deep(&mut self, node: Node<'t>) -> ExprId {
        let span = self.span(node);
        self.builder.broken(span);
        self.builder.opaque("nesting", Vec::new(), span)
    }

    fn field(&mut self, node: Node<'t>, field: u16) -> ExprId {
        self.part(node.child_by_field_id(field), node)
    }

    /// The step from the left part of a chain to the whole.
    fn extend(&mut self, node: Node<'t>, left: ExprId) -> ExprId {
        let fields = &GRAMMAR.fields;
        let span = self.span(node);
        match kind(node) {
            Kind::Attribute => {
                let name = node
                    .child_by_field_id(fields.attribute)
                    .map(|n| self.text_of(n))
                    .unwrap_or_default();
                let name = name.into();
                self.builder.expr(Expr::Member { base: left, name }, span)
            }
            Kind::Subscript => {
                let keys = self.fields(node, fields.subscript);
                let key = match keys.as_slice() {
                    [one] => self.expression(*one),
                    [] => self.part(None, node),
                    [first, .., last] => {
                        let span = self.span(*first).cover(self.span(*last));
                        let items = self.items(&keys);
                        self.builder.expr(Expr::List { items }, span)
                    }
                };
                self.builder.expr(Expr::Index { base: left, key }, span)
            }
            Kind::Call => {
                let args = node
                    .child_by_field_id(fields.arguments)
                    .map(|n| self.arguments(n))
                    .unwrap_or_default();
                self.call(left, args, span)
            }
            _ => {
                let op = node
                    .child_by_field_id(fields.operator)
                    .map_or(Op::Other, |n| operator(n.kind()));
                let right = self.field(node, fields.right);
                self.builder.expr(Expr::Binary { op, left, right }, span)
            }
        }
    }

    pub(super) fn call(&mut self, callee: ExprId, args: Vec<Arg>, span: Span) -> ExprId {
        self.builder.expr(
            Expr::Call {
                callee,
                args,
                types: Vec::new(),
                kind: CallKind::Plain,
            },
            span,
        )
    }

    /// The arguments of a call or of a class statement.
    pub(super) fn arguments(&mut self, node: Node<'t>) -> Vec<Arg> {
        if kind(node) == Kind::Generator {
            let value = self.expression(node);
            return vec![positional(value)];
        }
        let kids = self.kids(node);
        self.items(&kids)
    }

    /// Items of a list, arguments of a call.
    pub(super) fn items(&mut self, nodes: &[Node<'t>]) -> Vec<Arg> {
        nodes.iter().map(|n| self.item(*n)).collect()
    }

    fn item(&mut self, node: Node<'t>) -> Arg {
        let fields = &GRAMMAR.fields;
        match kind(node) {
            Kind::KeywordArgument => {
                let name = node
                    .child_by_field_id(fields.name)
                    .map(|n| Name::from(self.text_of(n)));
                Arg {
                    name,
                    value: self.field(node, fields.value),
                    spread: false,
                }
            }
            Kind::ListSplat
            | Kind::DictionarySplat
            | Kind::ListSplatPattern
            | Kind::DictionarySplatPattern => {
                let inner = self.first_kid(node);
                Arg {
                    name: None,
                    value: self.part(inner, node),
                    spread: true,
                }
            }
            _ => positional(self.expression(node)),
        }
    }

    /// An expression that does not begin with another one of a chain.
    fn leaf(&mut self, node: Node<'t>) -> ExprId {
        let fields = &GRAMMAR.fields;
        let span = self.span(node);
        if node.is_missing() {
            return self.builder.opaque("missing", Vec::new(), span);
        }
        match kind(node) {
            Kind::Identifier => {
                let name = self.text_of(node).into();
                self.builder.expr(Expr::Name(name), span)
            }
            Kind::String => self.string(&[node], span),
            Kind::ConcatenatedString => {
                let parts = self.kids(node);
                self.string(&parts, span)
            }
            Kind::Integer | Kind::Float => {
                let number = self.text_of(node).into();
                self.builder.expr(Expr::Number(number), span)
            }
            Kind::True => self.builder.expr(Expr::Bool(true), span),
            Kind::False => self.builder.expr(Expr::Bool(false), span),
            Kind::None | Kind::Ellipsis => self.builder.expr(Expr::Null, span),
            Kind::List
            | Kind::Tuple
            | Kind::Set
            | Kind::ExpressionList
            | Kind::PatternList
            | Kind::TuplePattern
            | Kind::ListPattern => {
                let kids = self.kids(node);
                let items = self.items(&kids);
                self.builder.expr(Expr::List { items }, span)
            }
            Kind::Dictionary => self.dictionary(node, span),
            Kind::ListComprehension
            | Kind::SetComprehension
            | Kind::DictionaryComprehension
            | Kind::Generator => self.comprehension(node, span),
            Kind::Comparison => self.comparison(node, span),
            Kind::Not | Kind::Unary => {
                let operand = self.field(node, fields.argument);
                let not = kind(node) == Kind::Not;
                self.builder.expr(Expr::Unary { not, operand }, span)
            }
            Kind::Conditional => self.conditional(node, span),
            Kind::NamedExpression => self.walrus(node, span),
            Kind::AsPattern => self.as_pattern(node, How::Set),
            Kind::Lambda => self.lambda(node, span),
            Kind::Yield => self.yielded(node, span),
            Kind::Slice => self.slice(node, span),
            // Where it may not stand it is still read.
            Kind::ListSplat | Kind::DictionarySplat | Kind::ListSplatPattern => {
                let inner = self.first_kid(node);
                self.part(inner, node)
            }
            _ => {
                let kids = self.expressions(node);
                self.builder.opaque(node.kind(), kids, span)
            }
        }
    }

    /// `a:b:c`: always three parts, null where one is left out.
    fn slice(&mut self, node: Node<'t>, span: Span) -> ExprId {
        let mut parts = [None; 3];
        let mut at = 0;
        for n in self.tokens(node) {
            if !n.is_named() {
                at += 1;
            } else if let Some(part) = parts.get_mut(at) {
                *part = Some(self.expression(n));
            }
        }
        let end = Span {
            start: span.end,
            ..span
        };
        let kids = parts
            .into_iter()
            .map(|p| p.unwrap_or_else(|| self.builder.expr(Expr::Null, end)))
            .collect();
        self.builder.opaque("slice", kids, span)
    }

    /// All named children as expressions.
    pub(super) fn expressions(&mut self, node: Node<'t>) -> Vec<ExprId> {
        let kids = self.kids(node);
        kids.into_iter().map(|n| self.expression(n)).collect()
    }

    fn dictionary(&mut self, node: Node<'t>, span: Span) -> ExprId {
        let kids = self.kids(node);
        let mut entries = Vec::with_capacity(kids.len());
        for n in kids {
            match kind(n) {
                Kind::Pair => entries.push(self.pair(n)),
                Kind::DictionarySplat => {
                    let inner = self.first_kid(n);
                    let value = self.part(inner, n);
                    entries.push(Entry::Spread(value));
                }
                _ => {
                    // Only after an error: its text is kept.
                    let value = self.expression(n);
                    entries.push(Entry::Spread(value));
                }
            }
        }
        self.builder.expr(Expr::Map { entries }, span)
    }

    fn pair(&mut self, node: Node<'t>) -> Entry {
        let fields = &GRAMMAR.fields;
        let key = node.child_by_field_id(fields.key);
        if let Some(key) = key.and_then(|k| self.plain_string(k)) {
            let value = self.field(node, fields.value);
            return Entry::Pair { key, value };
        }
        let key = self.part(key, node);
        let value = self.field(node, fields.value);
        Entry::Computed { key, value }
    }

    /// `a < b < c` is `a < b and b < c`.
    fn comparison(&mut self, node: Node<'t>, span: Span) -> ExprId {
        let mut result: Option<ExprId> = None;
        let mut left: Option<ExprId> = None;
        let mut op = Op::Other;
        for n in self.tokens(node) {
            if !n.is_named() {
                op = operator(n.kind());
                continue;
            }
            let right = self.expression(n);
            if let Some(left) = left {
                let span = self.builder.facts().span(left).cover(self.span(n));
                let one = self.builder.expr(Expr::Binary { op, left, right }, span);
                result = Some(match result {
                    None => one,
                    Some(left) => {
                        let span = self.builder.facts().span(left).cover(span);
                        let (op, right) = (Op::And, one);
                        self.builder.expr(Expr::Binary { op, left, right }, span)
                    }
                });
            }
            left = Some(right);
        }
        match result.or(left) {
            Some(e) => e,
            None => self.builder.opaque("comparison", Vec::new(), span),
        }
    }

    fn conditional(&mut self, node: Node<'t>, span: Span) -> ExprId {
        let kids = self.kids(node);
        let [then, test, otherwise] = kids.as_slice() else {
            let kids = kids.iter().map(|n| self.expression(*n)).collect();
            return self.builder.opaque("conditional", kids, span);
        };
        let test = Some(self.expression(*test));
        let arms = vec![self.expression(*then), self.expression(*otherwise)];
        self.builder.expr(Expr::Choice { test, arms }, span)
    }

    /// `(x := e)`: a store, then a use of the name.
    fn walrus(&mut self, node: Node<'t>, span: Span) -> ExprId {
        let fields = &GRAMMAR.fields;
        let value = self.field(node, fields.value);
        let Some(name) = node.child_by_field_id(fields.name) else {
            return value;
        };
        let text = Name::from(self.text_of(name));
        self.store_name(text.clone(), Some(value), Vec::new(), How::Set, span);
        let span = self.span(name);
        self.builder.expr(Expr::Name(text), span)
    }

    fn yielded(&mut self, node: Node<'t>, span: Span) -> ExprId {
        let value = self.first_kid(node).map(|n| self.expression(n));
        if let Some(function) = self.function() {
            self.builder.function_mut(function).is_generator = true;
            if let Some(value) = value {
                self.builder.returned(function, value);
                // What `yield` evaluates to is sent from outside; the value goes to the caller.
                return self.builder.opaque("yield", Vec::new(), span);
            }
        }
        self.builder
            .opaque("yield", value.into_iter().collect(), span)
    }

    fn lambda(&mut self, node: Node<'t>, span: Span) -> ExprId {
        let fields = &GRAMMAR.fields;
        let parameters = node.child_by_field_id(fields.parameters);
        let lowered = self.parameters(parameters, false);
        let keyword = Span::new(span.start as usize, span.start as usize + "lambda".len());
        let open = self.builder.open_function(None, span, keyword);
        self.frames
            .push(Frame::new(Some(open.id()), None, self.builder.scope()));
        self.bind_parameters(open.id(), lowered);
        let body = self.field(node, fields.body);
        self.builder.returned(open.id(), body);
        self.frames.pop();
        let function = self.builder.close_function(open);
        self.builder.expr(Expr::Function(function), span)
    }

    /// A comprehension: the first iterable is evaluated outside its scope, each further `for`
    /// becomes a comprehension inside the body of the one before.
    fn comprehension(&mut self, node: Node<'t>, span: Span) -> ExprId {
        let fields = &GRAMMAR.fields;
        let mut outer = None;
        // Per `for`: what is iterated, and its filters.
        let mut loops: Vec<(ExprId, Option<ExprId>)> = Vec::new();
        for clause in self.kids(node) {
            match kind(clause) {
                Kind::ForIn => {
                    let over = self.field(clause, fields.right);
                    if outer.is_none() {
                        outer = Some(self.builder.open_scope(ScopeKind::Block));
                    }
                    if let Some(target) = clause.child_by_field_id(fields.left) {
                        self.store(target, Some(over), &[] as &[Step], &How::Iterate, true);
                    }
                    loops.push((over, None));
                }
                Kind::IfClause => {
                    let inner = self.first_kid(clause);
                    let test = self.part(inner, clause);
                    if let Some((_, filter)) = loops.last_mut() {
                        *filter = Some(match *filter {
                            None => test,
                            Some(left) => {
                                let span = self.builder.facts().span(left);
                                let span = span.cover(self.builder.facts().span(test));
                                let (op, right) = (Op::And, test);
                                self.builder.expr(Expr::Binary { op, left, right }, span)
                            }
                        });
                    }
                }
                _ => {}
            }
        }
        let body = node.child_by_field_id(fields.body);
        let mut body = match body {
            Some(n) if kind(n) == Kind::Pair => {
                let key = self.field(n, fields.key);
                let value = self.field(n, fields.value);
                let entries = vec![Entry::Computed { key, value }];
                let span = self.span(n);
                self.builder.expr(Expr::Map { entries }, span)
            }
            other => self.part(other, node),
        };
        while let Some((over, condition)) = loops.pop() {
            if let (true, Some(outer)) = (loops.is_empty(), outer) {
                self.builder.close_scope(outer);
            }
            body = self.builder.expr(
                Expr::Each {
                    over,
                    body,
                    condition,
                },
                span,
            );
        }
        body
    }
}

const fn positional(value: ExprId) -> Arg {
    Arg {
        name: None,
        value,
        spread: false,
    }
}

/// The operator of a token, of its assigning form too.
pub(super) fn operator(token: &str) -> Op {
    match token {
        "+" | "+=" => Op::Add,
        "%" | "%=" => Op::Mod,
        "|" | "|=" => Op::Pipe,
        "and" => Op::And,
        "or" => Op::Or,
        "==" | "is" => Op::Eq,
        "!=" | "<>" | "is not" => Op::Ne,
        "<" | "<=" | ">" | ">=" => Op::Order,
        "in" => Op::In,
        "not in" => Op::NotIn,
        _ => Op::Other,
    }
}
