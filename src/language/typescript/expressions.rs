//! Expressions in evaluation order. What nests to the left (operators, members, calls) is a spine
//! that is walked down and built up without recursion.

use tree_sitter::Node;

use crate::hir::{ClassId, Entry, Expr, ExprId, Name, Op, Step};

use super::{Lowering, first, last, span, statements};

/// The part whose value an expression has, where evaluation sees through it.
fn seen_through(node: Node<'_>) -> Option<Node<'_>> {
    match node.kind() {
        "parenthesized_expression"
        | "await_expression"
        | "as_expression"
        | "satisfies_expression"
        | "non_null_expression"
        | "instantiation_expression" => first(node),
        "type_assertion" => last(node),
        // The grammar reads the end of `x as A.B.C` as a member of the cast.
        "member_expression" => first(node)
            .filter(|object| matches!(object.kind(), "as_expression" | "satisfies_expression")),
        _ => None,
    }
}

/// An expression without parentheses, casts, `await`, `!` around it.
pub(super) fn transparent(mut node: Node<'_>) -> Node<'_> {
    while let Some(inner) = seen_through(node) {
        node = inner;
    }
    node
}

impl<'t> Lowering<'t> {
    /// Lowers an expression.
    pub(super) fn expression(&mut self, node: Node<'t>) -> ExprId {
        if !self.builder.descend() {
            return self.too_deep(node);
        }
        let value = self.spine(node);
        self.builder.ascend();
        value
    }

    /// An expression bound to a name, which a function or class in it takes.
    pub(super) fn named(
        &mut self,
        node: Node<'t>,
        name: &Name,
        owner: Option<ClassId>,
        doc: Option<Node<'t>>,
    ) -> ExprId {
        let inner = transparent(node);
        match inner.kind() {
            "arrow_function" | "function_expression" | "generator_function" => {
                if !self.builder.descend() {
                    return self.too_deep(node);
                }
                let f = self.function(inner, Some(name.clone()), owner, doc);
                self.builder.ascend();
                self.builder.expr(Expr::Function(f), span(inner))
            }
            "class" => {
                if !self.builder.descend() {
                    return self.too_deep(node);
                }
                let c = self.class(inner, Some(name.clone()), &[], doc);
                self.builder.ascend();
                self.builder.expr(Expr::Class(c), span(inner))
            }
            _ => self.expression(node),
        }
    }

    fn spine(&mut self, node: Node<'t>) -> ExprId {
        let mut spine = Vec::new();
        let mut at = node;
        loop {
            let next = match at.kind() {
                "binary_expression" => at.child_by_field_id(self.fields.left),
                "member_expression" | "subscript_expression" if seen_through(at).is_none() => {
                    at.child_by_field_id(self.fields.object)
                }
                "call_expression"
                    if !self.is_string_raw(at) && self.required_module(at).is_none() =>
                {
                    at.child_by_field_id(self.fields.function)
                }
                _ => {
                    let Some(inner) = seen_through(at) else { break };
                    self.recover_inside(at);
                    at = inner;
                    continue;
                }
            };
            let Some(next) = next else { break };
            spine.push(at);
            at = next;
        }
        let taken_from = spine.last().is_none_or(|l| {
            l.child_by_field_id(self.fields.property)
                .is_some_and(|p| !matches!(self.slice(p), "catch" | "finally"))
        });
        let mut value = match self.required_module(at).filter(|_| taken_from) {
            Some(module) => self.loaded_module(&module, at),
            None => self.atom(at),
        };
        while let Some(link) = spine.pop() {
            self.recover_inside(link);
            value = match link.kind() {
                "binary_expression" => self.binary(link, value),
                "call_expression" => self.call(link, value),
                "subscript_expression" => self.subscript(link, value),
                _ => self.member(link, value),
            };
        }
        value
    }

    fn binary(&mut self, node: Node<'t>, left: ExprId) -> ExprId {
        let op = node
            .child_by_field_id(self.fields.operator)
            .map_or(Op::Other, |o| operator(o.kind()));
        let Some(right) = node.child_by_field_id(self.fields.right) else {
            return left;
        };
        let right = self.expression(right);
        self.builder
            .expr(Expr::Binary { op, left, right }, span(node))
    }

    fn member(&mut self, node: Node<'t>, base: ExprId) -> ExprId {
        let name = node
            .child_by_field_id(self.fields.property)
            .map(|p| self.name(p))
            .unwrap_or_default();
        self.builder.expr(Expr::Member { base, name }, span(node))
    }

    fn subscript(&mut self, node: Node<'t>, base: ExprId) -> ExprId {
        let Some(key) = node.child_by_field_id(self.fields.index) else {
            return base;
        };
        let key = self.expression(key);
        self.builder.expr(Expr::Index { base, key }, span(node))
    }

    /// An expression that is no link of a spine.
    fn atom(&mut self, node: Node<'t>) -> ExprId {
        let at = span(node);
        if node.is_missing() {
            return self.builder.opaque("missing", Vec::new(), at);
        }
        let leaf = match node.kind() {
            "identifier" | "this" | "super" | "import" | "private_property_identifier" => {
                Expr::Name(self.name(node))
            }
            "number" => Expr::Number(self.name(node)),
            "true" => Expr::Bool(true),
            "false" => Expr::Bool(false),
            "null" | "undefined" => Expr::Null,
            "regex" => Expr::Opaque {
                what: "regex".into(),
                kids: Vec::new(),
            },
            "string" => return self.string(node),
            "template_string" => return self.template(node, true, at),
            _ => return self.compound(node),
        };
        self.builder.expr(leaf, at)
    }

    fn compound(&mut self, node: Node<'t>) -> ExprId {
        match node.kind() {
            "object" => self.object(node),
            "array" => {
                let items = self.arguments(node);
                self.builder.expr(Expr::List { items }, span(node))
            }
            "arrow_function" | "function_expression" | "generator_function" => {
                let f = self.function(node, None, None, None);
                self.builder.expr(Expr::Function(f), span(node))
            }
            "class" => {
                let c = self.class(node, None, &[], None);
                self.builder.expr(Expr::Class(c), span(node))
            }
            // `import("m")`, `require("m")` that nothing is taken from.
            "call_expression" if !self.is_string_raw(node) => {
                let callee = match node.child_by_field_id(self.fields.function) {
                    Some(f) => self.expression(f),
                    None => self.builder.opaque("missing", Vec::new(), span(node)),
                };
                self.call(node, callee)
            }
            "new_expression" => self.new_expression(node),
            "call_expression" if self.is_string_raw(node) => self.string_raw(node),
            "ternary_expression" => self.ternary(node),
            "assignment_expression" => self.assignment(node),
            "augmented_assignment_expression" => self.augmented(node),
            "unary_expression" => self.unary(node),
            "sequence_expression" => self.sequence(node),
            "yield_expression" => self.yielded(node),
            "meta_property" => self.type_name(node),
            "jsx_element" | "jsx_self_closing_element" => self.jsx(node),
            // In an error node.
            "string_fragment" => {
                let literal = super::text::decode(self.text, node.start_byte(), node.end_byte());
                self.plain_text(literal, span(node))
            }
            kind if statements::is_statement(kind) => {
                self.statement(node, None);
                self.builder.opaque(kind, Vec::new(), span(node))
            }
            kind => {
                let kids = self
                    .children(node)
                    .into_iter()
                    .filter_map(|k| self.anything(k))
                    .collect();
                self.builder.opaque(kind, kids, span(node))
            }
        }
    }

    fn object(&mut self, node: Node<'t>) -> ExprId {
        let mut entries = Vec::new();
        for kid in self.children(node) {
            match kid.kind() {
                "pair" => self.pair(kid, &mut entries),
                "shorthand_property_identifier" => {
                    let key = self.name(kid);
                    let value = self.builder.expr(Expr::Name(key.clone()), span(kid));
                    entries.push(Entry::Pair { key, value });
                }
                "spread_element" => {
                    if let Some(inner) = first(kid) {
                        let value = self.expression(inner);
                        entries.push(Entry::Spread(value));
                    }
                }
                "method_definition" => {
                    let f = self.function(kid, None, None, None);
                    let value = self.builder.expr(Expr::Function(f), span(kid));
                    let key = self.builder.facts().functions[f.index()]
                        .name
                        .clone()
                        .unwrap_or_default();
                    entries.push(Entry::Pair { key, value });
                }
                _ => {
                    self.anything(kid);
                }
            }
        }
        self.builder.expr(Expr::Map { entries }, span(node))
    }

    fn pair(&mut self, node: Node<'t>, entries: &mut Vec<Entry>) {
        self.recover_inside(node);
        let (Some(key), Some(value)) = (
            node.child_by_field_id(self.fields.key),
            node.child_by_field_id(self.fields.value),
        ) else {
            return;
        };
        if key.kind() == "computed_property_name"
            && let Some(inner) = first(key)
        {
            let key = self.expression(inner);
            let step = self.builder.step(key);
            let name = match &step {
                Step::Field(n) => n.clone(),
                _ => Name::default(),
            };
            let value = self.named(value, &name, None, None);
            entries.push(match step {
                Step::Field(key) => Entry::Pair { key, value },
                _ => Entry::Computed { key, value },
            });
            return;
        }
        let key = self.property_name(key);
        let value = self.named(value, &key, None, None);
        entries.push(Entry::Pair { key, value });
    }

    /// `a ? b : c ? d : e` nests to the right: tests and values in order, then the choices from
    /// the inside out.
    fn ternary(&mut self, node: Node<'t>) -> ExprId {
        let mut links = Vec::new();
        let mut at = node;
        while at.kind() == "ternary_expression" {
            let (Some(test), Some(value), Some(other)) = (
                at.child_by_field_id(self.fields.condition),
                at.child_by_field_id(self.fields.consequence),
                at.child_by_field_id(self.fields.alternative),
            ) else {
                break;
            };
            self.recover_inside(at);
            let test = self.expression(test);
            let value = self.expression(value);
            links.push((span(at), test, value));
            at = transparent(other);
        }
        let mut value = if links.is_empty() {
            let kids = self.children(at);
            let kids = kids.into_iter().filter_map(|k| self.anything(k)).collect();
            self.builder.opaque(at.kind(), kids, span(at))
        } else {
            self.expression(at)
        };
        while let Some((span, test, arm)) = links.pop() {
            value = self.builder.expr(
                Expr::Choice {
                    test: Some(test),
                    arms: vec![arm, value],
                },
                span,
            );
        }
        value
    }

    fn unary(&mut self, node: Node<'t>) -> ExprId {
        self.recover_inside(node);
        let sign = node.child_by_field_id(self.fields.operator);
        let Some(argument) = last(node) else {
            return self.builder.opaque(node.kind(), Vec::new(), span(node));
        };
        let operand = self.expression(argument);
        let kind = match sign.map_or("", |s| s.kind()) {
            "!" => Expr::Unary { not: true, operand },
            "-" => Expr::Unary {
                not: false,
                operand,
            },
            other => Expr::Opaque {
                what: other.into(),
                kids: vec![operand],
            },
        };
        self.builder.expr(kind, span(node))
    }

    fn sequence(&mut self, node: Node<'t>) -> ExprId {
        let mut value = None;
        for kid in self.children(node) {
            value = self.anything(kid).or(value);
        }
        value.unwrap_or_else(|| self.builder.opaque(node.kind(), Vec::new(), span(node)))
    }

    /// What is yielded counts as returned; the value that the consumer sends back is unknown.
    fn yielded(&mut self, node: Node<'t>) -> ExprId {
        self.recover_inside(node);
        if let Some(inner) = first(node) {
            let value = self.expression(inner);
            if let Some(&function) = self.functions.last() {
                self.builder.returned(function, value);
            }
        }
        self.builder.opaque("yield", Vec::new(), span(node))
    }
}

/// An operator by its sign.
pub(super) fn operator(sign: &str) -> Op {
    match sign {
        "+" => Op::Add,
        "%" => Op::Mod,
        "|" => Op::Pipe,
        "&&" => Op::And,
        "||" => Op::Or,
        "??" => Op::Coalesce,
        "==" | "===" => Op::Eq,
        "!=" | "!==" => Op::Ne,
        "<" | "<=" | ">" | ">=" => Op::Order,
        "in" => Op::In,
        _ => Op::Other,
    }
}
