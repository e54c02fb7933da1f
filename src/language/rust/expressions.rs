//! Expressions. Chains (`a + b + c`, `x.f().g()`, `((x))`, `a::b::c`) nest to the left without
//! bound, so their spine is walked in a loop; only what hangs off it is lowered by recursion.

use tree_sitter::Node;

use super::{Lowerer, is_trivia, named};
use crate::hir::{Arg, CallKind, Expr, ExprId, Op, TypeRef};

/// Methods that give the value inside: seen through like `?`.
const UNWRAPS: [&str; 3] = ["unwrap", "expect", "unwrap_or_default"];

impl Lowerer<'_> {
    /// An expression.
    pub(super) fn expr(&mut self, node: Node<'_>) -> ExprId {
        self.nested(node, |l| l.spine(node))
    }

    fn spine(&mut self, node: Node<'_>) -> ExprId {
        let mut links = Vec::new();
        let mut at = node;
        loop {
            at = self.peel(at);
            let next = match at.kind() {
                "unary_expression" => first_value(at),
                "binary_expression" => at.child_by_field_name("left"),
                "field_expression" => at.child_by_field_name("value"),
                "index_expression" => first_value(at),
                "call_expression" => at.child_by_field_name("function").map(|f| {
                    // Its types are read with the call.
                    match f.kind() {
                        "generic_function" => f.child_by_field_name("function").unwrap_or(f),
                        _ => f,
                    }
                }),
                "generic_function" => at.child_by_field_name("function"),
                "scoped_identifier" | "scoped_type_identifier" => at.child_by_field_name("path"),
                _ => None,
            };
            match next {
                Some(n) => {
                    links.push(at);
                    at = n;
                }
                None => break,
            }
        }
        let mut value = self.primary(at);
        for link in links.into_iter().rev() {
            value = self.link(link, value);
        }
        value
    }

    /// The expression inside what evaluation sees through.
    pub(super) fn peel<'t>(&self, node: Node<'t>) -> Node<'t> {
        let mut at = node;
        loop {
            let next = match at.kind() {
                "parenthesized_expression" | "try_expression" | "await_expression" => {
                    first_value(at)
                }
                "type_cast_expression" | "reference_expression" => at.child_by_field_name("value"),
                "unary_expression" if at.child(0).is_some_and(|o| o.kind() == "*") => {
                    first_value(at)
                }
                "call_expression" => self.unwrapped(at),
                _ => None,
            };
            match next {
                Some(n) => at = n,
                None => return at,
            }
        }
    }

    /// `x` of `x.unwrap()`.
    fn unwrapped<'t>(&self, call: Node<'t>) -> Option<Node<'t>> {
        let function = call.child_by_field_name("function")?;
        if function.kind() != "field_expression" {
            return None;
        }
        let field = function.child_by_field_name("field")?;
        if !UNWRAPS.contains(&self.str(field)) {
            return None;
        }
        function.child_by_field_name("value")
    }

    /// One link of a chain on top of the value to its left.
    fn link(&mut self, node: Node<'_>, value: ExprId) -> ExprId {
        let span = self.span(node);
        match node.kind() {
            "unary_expression" => {
                let not = node.child(0).is_some_and(|o| o.kind() == "!");
                let kind = Expr::Unary {
                    not,
                    operand: value,
                };
                self.b.expr(kind, span)
            }
            "binary_expression" => {
                let op = node
                    .child_by_field_name("operator")
                    .map_or(Op::Other, |o| operator(o.kind()));
                match node.child_by_field_name("right") {
                    Some(right) => {
                        let right = self.expr(right);
                        let kind = Expr::Binary {
                            op,
                            left: value,
                            right,
                        };
                        self.b.expr(kind, span)
                    }
                    None => value,
                }
            }
            "field_expression" => match node.child_by_field_name("field") {
                Some(f) if f.kind() == "integer_literal" => {
                    let number = Expr::Number(self.name(f));
                    let key_span = self.span(f);
                    let key = self.b.expr(number, key_span);
                    self.b.expr(Expr::Index { base: value, key }, span)
                }
                Some(f) => {
                    let name = self.name(f);
                    self.b.expr(Expr::Member { base: value, name }, span)
                }
                None => value,
            },
            "scoped_identifier" | "scoped_type_identifier" => {
                match node.child_by_field_name("name") {
                    Some(n) => {
                        let name = self.name(n);
                        self.b.expr(Expr::Member { base: value, name }, span)
                    }
                    None => value,
                }
            }
            "index_expression" => match named(node).get(1) {
                Some(key) => {
                    let key = self.expr(*key);
                    self.b.expr(Expr::Index { base: value, key }, span)
                }
                None => value,
            },
            "call_expression" => {
                let args = node
                    .child_by_field_name("arguments")
                    .map(|a| self.args(a))
                    .unwrap_or_default();
                let types = self.call_types(node);
                let kind = Expr::Call {
                    callee: value,
                    args,
                    types,
                    kind: CallKind::Plain,
                };
                self.b.expr(kind, span)
            }
            _ => value,
        }
    }

    /// The type arguments of a call: a turbofish on the function or on its path, else what the
    /// `let` around it declares.
    fn call_types(&mut self, call: Node<'_>) -> Vec<TypeRef> {
        let expected = match &self.expected {
            Some((start, end, _)) if (*start, *end) == (call.start_byte(), call.end_byte()) => {
                self.expected.take().map(|(_, _, t)| t)
            }
            _ => None,
        };
        let Some(function) = call.child_by_field_name("function") else {
            return Vec::new();
        };
        let args = match function.kind() {
            "generic_function" => function.child_by_field_name("type_arguments"),
            "scoped_identifier" => function
                .child_by_field_name("path")
                .filter(|p| p.kind() == "generic_type")
                .and_then(|p| p.child_by_field_name("type_arguments")),
            _ => None,
        };
        match args {
            Some(a) => self.type_args(a),
            None => expected.into_iter().collect(),
        }
    }

    /// The arguments of a call. `name = value`, which only macros have, is a named one.
    pub(super) fn args(&mut self, node: Node<'_>) -> Vec<Arg> {
        named(node)
            .into_iter()
            .map(|n| {
                let assigned = (n.kind() == "assignment_expression")
                    .then(|| {
                        let name = n.child_by_field_name("left")?;
                        let value = n.child_by_field_name("right")?;
                        (name.kind() == "identifier").then_some((name, value))
                    })
                    .flatten();
                match assigned {
                    Some((name, value)) => Arg {
                        name: Some(self.name(name)),
                        value: self.expr(value),
                        spread: false,
                    },
                    None => Arg {
                        name: None,
                        value: self.expr(n),
                        spread: false,
                    },
                }
            })
            .collect()
    }

    /// An expression that is no link of a chain.
    fn primary(&mut self, node: Node<'_>) -> ExprId {
        let span = self.span(node);
        match node.kind() {
            "identifier"
            | "type_identifier"
            | "self"
            | "super"
            | "crate"
            | "metavariable"
            | "field_identifier"
            | "shorthand_field_identifier"
            | "primitive_type" => {
                let name = self.name(node);
                let kind = if name == "None" {
                    Expr::Null
                } else {
                    Expr::Name(name)
                };
                self.b.expr(kind, span)
            }
            "string_literal" | "raw_string_literal" | "char_literal" => self.literal_text(node),
            "integer_literal" | "float_literal" => {
                let number = self.str(node).into();
                self.b.expr(Expr::Number(number), span)
            }
            "negative_literal" => {
                let operand = node.named_child(0).map(|n| self.expr(n));
                match operand {
                    Some(operand) => self.b.expr(
                        Expr::Unary {
                            not: false,
                            operand,
                        },
                        span,
                    ),
                    None => self.b.opaque(node.kind(), Vec::new(), span),
                }
            }
            "boolean_literal" => {
                let value = self.str(node) == "true";
                self.b.expr(Expr::Bool(value), span)
            }
            "unit_expression" => self.b.expr(Expr::Null, span),
            "scoped_identifier"
            | "scoped_type_identifier"
            | "generic_type"
            | "bracketed_type"
            | "generic_type_with_turbofish" => {
                let path = self.type_path(node);
                self.path_expr(&path, span)
            }
            "tuple_expression" | "array_expression" => self.list(node),
            "struct_expression" => self.struct_literal(node),
            "closure_expression" => self.closure(node),
            "macro_invocation" => self.macro_call(node),
            "return_expression"
            | "break_expression"
            | "continue_expression"
            | "yield_expression" => self.jump(node),
            "assignment_expression" | "compound_assignment_expr" => {
                self.assignment(node);
                self.b.expr(Expr::Null, span)
            }
            "let_condition" | "let_chain" => self.condition_value(node),
            kind => {
                if super::control::is_control(kind) {
                    return match self.control(node, true) {
                        Some(e) => e,
                        None => self.b.expr(Expr::Null, span),
                    };
                }
                let kids = named(node)
                    .into_iter()
                    .filter(|n| !is_type(n.kind()))
                    .map(|n| self.expr(n))
                    .collect();
                self.b.opaque(kind, kids, span)
            }
        }
    }

    fn list(&mut self, node: Node<'_>) -> ExprId {
        let span = self.span(node);
        let length = node.child_by_field_name("length").map(|n| n.id());
        let items = named(node)
            .into_iter()
            .filter(|n| Some(n.id()) != length)
            .map(|n| Arg {
                name: None,
                value: self.expr(n),
                spread: false,
            })
            .collect();
        self.b.expr(Expr::List { items }, span)
    }

    /// `C { field: x, y, ..rest }`
    fn struct_literal(&mut self, node: Node<'_>) -> ExprId {
        let span = self.span(node);
        let Some(name) = node.child_by_field_name("name") else {
            return self.b.opaque(node.kind(), Vec::new(), span);
        };
        let path = self.type_path(name);
        let name_span = self.span(name);
        let callee = self.path_expr(&path, name_span);
        let types = match name.child_by_field_name("type_arguments") {
            Some(a) => self.type_args(a),
            None => Vec::new(),
        };
        let fields = node
            .child_by_field_name("body")
            .map(named)
            .unwrap_or_default();
        let mut args = Vec::with_capacity(fields.len());
        for field in fields {
            let (name, value, spread) = match field.kind() {
                "shorthand_field_initializer" => {
                    let name = named(field).into_iter().next();
                    (name, name, false)
                }
                "field_initializer" => (
                    field.child_by_field_name("field"),
                    field.child_by_field_name("value"),
                    false,
                ),
                "base_field_initializer" => (None, first_value(field), true),
                _ => (None, Some(field), false),
            };
            if let Some(value) = value {
                args.push(Arg {
                    name: name.map(|n| self.name(n)),
                    value: self.expr(value),
                    spread,
                });
            }
        }
        let kind = Expr::Call {
            callee,
            args,
            types,
            kind: CallKind::Struct,
        };
        self.b.expr(kind, span)
    }
}

/// The first child that is an expression.
pub(super) fn first_value<'t>(node: Node<'t>) -> Option<Node<'t>> {
    let mut cursor = node.walk();
    node.named_children(&mut cursor)
        .find(|n| !is_trivia(*n) && n.kind() != "mutable_specifier" && n.kind() != "label")
}

fn is_type(kind: &str) -> bool {
    kind.ends_with("_type")
        || matches!(
            kind,
            "type_arguments" | "label" | "lifetime" | "mutable_specifier" | "visibility_modifier"
        )
}

/// The operator that a token is.
pub(super) fn operator(token: &str) -> Op {
    match token {
        "+" | "+=" => Op::Add,
        "%" | "%=" => Op::Mod,
        "|" | "|=" => Op::Pipe,
        "&&" => Op::And,
        "||" => Op::Or,
        "==" => Op::Eq,
        "!=" => Op::Ne,
        "<" | "<=" | ">" | ">=" => Op::Order,
        _ => Op::Other,
    }
}
