//! Types, as far as they are needed: heads and arguments, with the wrappers around them removed.

use tree_sitter::Node;

use super::{Lowerer, named};
use crate::hir::{Name, TypeRef};

/// Generic types that are seen through to their first argument.
const WRAPPERS: [&str; 19] = [
    "Box",
    "Arc",
    "Rc",
    "Option",
    "Result",
    "Mutex",
    "RwLock",
    "RefCell",
    "Cell",
    "Cow",
    "Pin",
    "OnceCell",
    "OnceLock",
    "LazyLock",
    "LazyCell",
    "Lazy",
    "Weak",
    "Future",
    "BoxFuture",
];

impl Lowerer<'_> {
    /// A type without wrappers.
    pub(super) fn type_ref(&mut self, node: Node<'_>) -> TypeRef {
        let span = self.span(node);
        self.nest(span, |l| l.type_ref_inner(node))
            .unwrap_or_default()
    }

    fn type_ref_inner(&mut self, node: Node<'_>) -> TypeRef {
        let mut at = node;
        loop {
            let next = match at.kind() {
                "reference_type" | "pointer_type" => at.child_by_field_name("type"),
                "abstract_type" | "dynamic_type" => at.child_by_field_name("trait"),
                "qualified_type" => at.child_by_field_name("type"),
                "higher_ranked_trait_bound" => at.child_by_field_name("type"),
                "bounded_type" | "bracketed_type" | "removed_trait_bound" => named(at)
                    .into_iter()
                    .find(|n| !matches!(n.kind(), "lifetime" | "use_bounds")),
                "generic_type" => {
                    let head = at
                        .child_by_field_name("type")
                        .map(|n| self.type_path(n))
                        .unwrap_or_default();
                    let args = at.child_by_field_name("type_arguments");
                    if is_wrapper(&head) {
                        match args.and_then(first_argument) {
                            Some(inner) => Some(inner),
                            None => return single(head),
                        }
                    } else {
                        let args = args.map(|a| self.type_args(a)).unwrap_or_default();
                        return TypeRef {
                            args,
                            ..single(head)
                        };
                    }
                }
                _ => return self.bare_type(at),
            };
            match next {
                Some(n) => at = n,
                None => return single(self.str(at).into()),
            }
        }
    }

    fn bare_type(&mut self, node: Node<'_>) -> TypeRef {
        match node.kind() {
            "tuple_type" => TypeRef {
                args: named(node).into_iter().map(|n| self.type_ref(n)).collect(),
                ..single("tuple".into())
            },
            "array_type" => TypeRef {
                args: node
                    .child_by_field_name("element")
                    .into_iter()
                    .map(|n| self.type_ref(n))
                    .collect(),
                ..single("Vec".into())
            },
            "function_type" => single(
                node.child_by_field_name("trait")
                    .map_or_else(|| "fn".into(), |n| self.type_path(n)),
            ),
            "unit_type" => single("()".into()),
            _ => single(self.type_path(node)),
        }
    }

    /// A path in a type with dots between its segments, type arguments left out.
    pub(super) fn type_path(&self, node: Node<'_>) -> Name {
        let mut parts = Vec::new();
        let mut at = Some(node);
        while let Some(n) = at {
            match n.kind() {
                "scoped_type_identifier" | "scoped_identifier" => {
                    parts.extend(n.child_by_field_name("name").map(|n| self.name(n)));
                    at = n.child_by_field_name("path");
                }
                "generic_type"
                | "generic_type_with_turbofish"
                | "qualified_type"
                | "reference_type" => at = n.child_by_field_name("type"),
                "dynamic_type" | "abstract_type" => at = n.child_by_field_name("trait"),
                "bracketed_type" => at = n.named_child(0),
                _ => {
                    parts.push(self.name(n));
                    break;
                }
            }
        }
        parts.reverse();
        parts.join(".").into()
    }

    /// The types in `<…>`.
    pub(super) fn type_args(&mut self, node: Node<'_>) -> Vec<TypeRef> {
        named(node)
            .into_iter()
            .filter(|n| !matches!(n.kind(), "lifetime" | "block" | "trait_bounds"))
            .filter_map(|n| match n.kind() {
                "type_binding" => n.child_by_field_name("type"),
                _ => Some(n),
            })
            .map(|n| self.type_ref(n))
            .collect()
    }
}

fn is_wrapper(head: &str) -> bool {
    WRAPPERS.contains(&head.rsplit('.').next().unwrap_or(head))
}

fn first_argument(args: Node<'_>) -> Option<Node<'_>> {
    let first = named(args).into_iter().find(|n| n.kind() != "lifetime")?;
    match first.kind() {
        "type_binding" => first.child_by_field_name("type"),
        _ => Some(first),
    }
}

fn single(head: Name) -> TypeRef {
    TypeRef {
        heads: vec![head],
        ..TypeRef::default()
    }
}
