//! Patterns: the names they bind, and the literals they compare with.

use tree_sitter::Node;

use super::text::is_text;
use super::{Lowerer, children, named};
use crate::hir::build::Store;
use crate::hir::{Expr, ExprId, How, Name, Op, Step};

/// What a pattern is matched with.
#[derive(Clone)]
pub(super) struct Matched {
    /// The value.
    pub(super) value: Option<ExprId>,
    /// The sort of store.
    pub(super) how: How,
}

impl Lowerer<'_> {
    /// Stores the parts of the matched value under the names that a pattern binds.
    pub(super) fn bind(&mut self, pattern: Node<'_>, matched: &Matched) {
        self.bind_part(pattern, matched, &mut Vec::new());
    }

    fn bind_part(&mut self, pattern: Node<'_>, matched: &Matched, from: &mut Vec<Step>) {
        let span = self.span(pattern);
        self.nest(span, |l| l.bind_part_inner(pattern, matched, from));
    }

    fn bind_part_inner(&mut self, pattern: Node<'_>, matched: &Matched, from: &mut Vec<Step>) {
        match pattern.kind() {
            "identifier" | "shorthand_field_identifier" => {
                let name = self.name(pattern);
                if binds(&name) {
                    self.bind_name(name, pattern, matched, from);
                }
            }
            "self" => self.bind_name("self".into(), pattern, matched, from),
            "mut_pattern" | "ref_pattern" | "reference_pattern" => {
                for p in named(pattern) {
                    if p.kind() != "mutable_specifier" {
                        self.bind_part(p, matched, from);
                    }
                }
            }
            "or_pattern" => {
                for p in alternatives(pattern) {
                    self.bind_part(p, matched, from);
                }
            }
            "captured_pattern" => {
                for p in named(pattern) {
                    self.bind_part(p, matched, from);
                }
            }
            "tuple_pattern" | "slice_pattern" => self.bind_items(&named(pattern), matched, from),
            "tuple_struct_pattern" => {
                let items: Vec<_> = named(pattern).into_iter().skip(1).collect();
                let is_error = pattern
                    .child_by_field_name("type")
                    .is_some_and(|t| self.type_path(t).rsplit('.').next() == Some("Err"));
                if is_error {
                    // The error of a call is not what the call gives.
                    let caught = Matched {
                        value: None,
                        how: How::Catch,
                    };
                    for p in items {
                        self.bind_part(p, &caught, &mut Vec::new());
                    }
                    return;
                }
                match items.as_slice() {
                    // `Some(x)`, `Ok(x)`, `Message::Text(x)`: the value without its wrapper.
                    [only] => self.bind_part(*only, matched, from),
                    _ => self.bind_items(&items, matched, from),
                }
            }
            "struct_pattern" => {
                for field in named(pattern) {
                    if field.kind() != "field_pattern" {
                        continue;
                    }
                    let Some(name) = field.child_by_field_name("name") else {
                        continue;
                    };
                    from.push(Step::Field(self.name(name)));
                    let inner = field.child_by_field_name("pattern").unwrap_or(name);
                    self.bind_part(inner, matched, from);
                    from.pop();
                }
            }
            _ => {}
        }
    }

    fn bind_items(&mut self, items: &[Node<'_>], matched: &Matched, from: &mut Vec<Step>) {
        let rest = items.iter().position(|p| is_rest(*p));
        for (i, p) in items.iter().enumerate() {
            let index = |n: usize| i32::try_from(n).unwrap_or(i32::MAX);
            from.push(match rest {
                Some(r) if i == r => Step::Rest,
                Some(r) if i > r => Step::Item(-index(items.len() - i)),
                _ => Step::Item(index(i)),
            });
            self.bind_part(*p, matched, from);
            from.pop();
        }
    }

    fn bind_name(&mut self, root: Name, node: Node<'_>, matched: &Matched, from: &[Step]) {
        let span = self.span(node);
        self.b.write(Store {
            from: from.to_vec(),
            ..Store::declare(root, matched.value, matched.how.clone(), span)
        });
    }

    /// The comparison that a pattern of literals makes with `value` (`"a" | "b"`), so that it
    /// reads like `value == "a" || value == "b"`. `None` for any other pattern.
    pub(super) fn comparison(&mut self, pattern: Node<'_>, value: ExprId) -> Option<ExprId> {
        let mut test = None;
        for p in alternatives(pattern) {
            let inner = match p.kind() {
                // `Some("a")`, `Ok("a")`
                "tuple_struct_pattern" => match named(p).as_slice() {
                    [_, only] => *only,
                    _ => continue,
                },
                "reference_pattern" => match named(p).last() {
                    Some(n) => *n,
                    None => continue,
                },
                _ => p,
            };
            if !is_literal(inner) {
                continue;
            }
            let right = self.expr(inner);
            let span = self.span(inner);
            let equal = Expr::Binary {
                op: Op::Eq,
                left: value,
                right,
            };
            let equal = self.b.expr(equal, span);
            test = Some(match test {
                Some(left) => {
                    let span = self.span(pattern);
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
        test
    }
}

impl Lowerer<'_> {
    /// The test that a pattern of variants makes (`Mode::Brief | Mode::Terse`) of a value that is a name
    /// or a field, read anew for each. `None` for any other pattern.
    pub(super) fn variant_test(&mut self, pattern: Node<'_>, value: Node<'_>) -> Option<ExprId> {
        let mut test = None;
        for p in alternatives(pattern) {
            let path = variant_path(p)?;
            let path = self.type_path(path);
            if !path.contains('.') || !path.rsplit('.').next()?.starts_with(char::is_uppercase) {
                return None;
            }
            let left = self.expr(value);
            let span = self.span(p);
            let right = self.path_expr(&path, span);
            let op = Op::Is;
            let is = self.b.expr(Expr::Binary { op, left, right }, span);
            test = Some(match test {
                Some(left) => {
                    let span = self.span(pattern);
                    let (op, right) = (Op::Or, is);
                    self.b.expr(Expr::Binary { op, left, right }, span)
                }
                None => is,
            });
        }
        test
    }
}

/// The path of the variant that a pattern is for.
fn variant_path(pattern: Node<'_>) -> Option<Node<'_>> {
    match pattern.kind() {
        "scoped_identifier" => Some(pattern),
        "tuple_struct_pattern" | "struct_pattern" => pattern
            .child_by_field_name("type")
            .filter(|t| matches!(t.kind(), "scoped_identifier" | "scoped_type_identifier")),
        "reference_pattern" => variant_path(named(pattern).into_iter().next_back()?),
        _ => None,
    }
}

/// A lower-case name binds; a capital one is a constant or a variant.
fn binds(name: &str) -> bool {
    name != "_" && !name.starts_with(|c: char| c.is_uppercase())
}

fn is_rest(pattern: Node<'_>) -> bool {
    pattern.kind() == "remaining_field_pattern"
        || (pattern.kind() == "captured_pattern"
            && named(pattern)
                .last()
                .is_some_and(|n| n.kind() == "remaining_field_pattern"))
}

pub(super) fn is_literal(node: Node<'_>) -> bool {
    is_text(node)
        || matches!(
            node.kind(),
            "integer_literal" | "float_literal" | "boolean_literal" | "negative_literal"
        )
}

/// The alternatives of a pattern, `a | b | c`; the pattern itself where it is no list.
fn alternatives(pattern: Node<'_>) -> Vec<Node<'_>> {
    let mut out = Vec::new();
    let mut todo = vec![pattern];
    while let Some(p) = todo.pop() {
        if p.kind() == "or_pattern" {
            todo.extend(children(p).into_iter().filter(|n| n.kind() != "|").rev());
        } else {
            out.push(p);
        }
    }
    out
}
