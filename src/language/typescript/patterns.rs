//! Patterns: one store per name that a destructuring, a parameter, a loop or a catch clause binds.

use tree_sitter::Node;

use crate::hir::build::Store;
use crate::hir::{Entry, Expr, ExprId, How, Step};

use super::{Lowering, first, span};

/// Where the names of a pattern live.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Binding {
    /// Declared in the current scope.
    Block,
    /// `var`: declared in the innermost function.
    Function,
    /// An assignment: declared elsewhere.
    None,
}

/// What a pattern, or a part of one, is bound to.
#[derive(Clone)]
pub(super) struct Part {
    /// The value that is taken apart.
    pub(super) value: Option<ExprId>,
    /// The way to this part.
    pub(super) from: Vec<Step>,
    /// The value if this part is missing.
    pub(super) default: Option<ExprId>,
    /// The sort of store.
    pub(super) how: How,
    /// Where names live.
    pub(super) binding: Binding,
}

impl Part {
    /// The whole of a value.
    pub(super) const fn whole(value: Option<ExprId>, how: How, binding: Binding) -> Self {
        Self {
            value,
            from: Vec::new(),
            default: None,
            how,
            binding,
        }
    }
}

impl<'t> Lowering<'t> {
    /// Stores to every name of a pattern. The value has been lowered.
    pub(super) fn bind(&mut self, pattern: Node<'t>, part: Part) {
        if !self.builder.descend() {
            self.builder.broken(span(pattern));
            return;
        }
        self.recover_inside(pattern);
        match pattern.kind() {
            "identifier"
            | "shorthand_property_identifier_pattern"
            | "undefined"
            | "type_identifier" => self.bind_name(pattern, part),
            "object_pattern" => self.bind_object(pattern, &part),
            "array_pattern" => self.bind_array(pattern, &part),
            "assignment_pattern" | "object_assignment_pattern" => {
                let default = pattern
                    .child_by_field_id(self.fields.right)
                    .map(|d| self.expression(d));
                if let Some(left) = pattern.child_by_field_id(self.fields.left) {
                    let default = default.or(part.default);
                    self.bind(left, Part { default, ..part });
                }
            }
            "rest_pattern" => {
                if let Some(inner) = first(pattern) {
                    self.bind(inner, part);
                }
            }
            "parenthesized_expression"
            | "non_null_expression"
            | "as_expression"
            | "satisfies_expression" => {
                if let Some(inner) = first(pattern) {
                    self.bind(inner, part);
                }
            }
            // In a `for` head or an unfinished program a pattern may have been read as a literal.
            _ => {
                let target = self.expression(pattern);
                if let Some((root, path)) = self.builder.place(target) {
                    self.store(root, path, part, pattern);
                }
            }
        }
        self.builder.ascend();
    }

    fn bind_name(&mut self, node: Node<'t>, part: Part) {
        let root = self.name(node);
        self.store(root, Vec::new(), part, node);
    }

    fn store(&mut self, root: crate::hir::Name, path: Vec<Step>, part: Part, node: Node<'t>) {
        let store = Store {
            root,
            path,
            value: part.value,
            from: part.from,
            default: part.default,
            how: part.how,
            declares: part.binding != Binding::None,
            span: span(node),
        };
        match (part.binding, self.var_scopes.last()) {
            (Binding::Function, Some(&scope)) => {
                self.builder.write_in(scope, store);
            }
            _ => {
                self.builder.write(store);
            }
        }
    }

    fn bind_object(&mut self, pattern: Node<'t>, part: &Part) {
        for kid in self.children(pattern) {
            match kid.kind() {
                "shorthand_property_identifier_pattern" => {
                    let step = Step::Field(self.name(kid));
                    let inner = self.inner_part(part, step);
                    self.bind(kid, inner);
                }
                "object_assignment_pattern" => {
                    let Some(left) = kid.child_by_field_id(self.fields.left) else {
                        continue;
                    };
                    let step = Step::Field(self.name(left));
                    let inner = self.inner_part(part, step);
                    self.bind(kid, inner);
                }
                "pair_pattern" => {
                    let step = match kid.child_by_field_id(self.fields.key) {
                        Some(key) => self.key_step(key),
                        None => Step::Any,
                    };
                    let inner = self.inner_part(part, step);
                    if let Some(value) = kid.child_by_field_id(self.fields.value) {
                        self.bind(value, inner);
                    }
                }
                "rest_pattern" => {
                    let inner = self.inner_part(part, Step::Rest);
                    self.bind(kid, inner);
                }
                _ => {}
            }
        }
    }

    fn bind_array(&mut self, pattern: Node<'t>, part: &Part) {
        let mut items = Vec::new();
        let mut index = 0;
        self.cursor.reset(pattern);
        let mut more = self.cursor.goto_first_child();
        while more {
            let n = self.cursor.node();
            if n.kind() == "," {
                index += 1;
            } else if n.is_named() && !n.is_extra() && !n.is_error() {
                items.push((index, n));
            }
            more = self.cursor.goto_next_sibling();
        }
        for (index, item) in items {
            let step = if item.kind() == "rest_pattern" {
                Step::Rest
            } else {
                Step::Item(index)
            };
            let inner = self.inner_part(part, step);
            self.bind(item, inner);
        }
    }

    /// A part of a part. A default of the outer one (`{ a } = { a: 1 }`) gives the inner one's where
    /// it is spelled out.
    fn inner_part(&self, outer: &Part, step: Step) -> Part {
        let default = outer
            .default
            .and_then(|d| match (self.builder.facts().expr(d), &step) {
                (Expr::Map { entries }, Step::Field(name)) => {
                    entries.iter().find_map(|e| match e {
                        Entry::Pair { key, value } if key == name => Some(*value),
                        _ => None,
                    })
                }
                (Expr::List { items }, Step::Item(i)) => {
                    let item = usize::try_from(*i).ok().and_then(|i| items.get(i))?;
                    (!item.spread).then_some(item.value)
                }
                _ => None,
            });
        let mut from = outer.from.clone();
        from.push(step);
        Part {
            from,
            default,
            ..outer.clone()
        }
    }

    /// The step that a property key denotes.
    fn key_step(&mut self, key: Node<'t>) -> Step {
        match key.kind() {
            "string" => Step::Field(self.string_value(key).into()),
            "number" => match self.slice(key).parse() {
                Ok(i) => Step::Item(i),
                Err(_) => Step::Field(self.name(key)),
            },
            "computed_property_name" => match first(key) {
                Some(inner) => {
                    let expr = self.expression(inner);
                    self.builder.step(expr)
                }
                None => Step::Any,
            },
            _ => Step::Field(self.name(key)),
        }
    }
}
