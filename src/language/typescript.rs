//! The TypeScript and JavaScript frontend: syntax tree to [`Facts`].
//!
//! One pass in evaluation order. Chains that programs make long (operators, member and call
//! chains, `else if`, nested ternaries) are flattened; everything else recurses through
//! [`Builder::descend`], so that no input can overflow the stack. What the parser could not read
//! is recorded as broken, and what is around and inside it is lowered all the same.

mod assignments;
mod branches;
mod calls;
mod classes;
mod expressions;
mod functions;
mod grammar;
mod jsx;
mod modules;
mod patterns;
mod scan;
mod statements;
mod text;
mod types;

#[cfg(test)]
mod tests;

use rustc_hash::FxHashMap;
use tree_sitter::{Node, TreeCursor};

use crate::hir::build::Builder;
use crate::hir::{ExprId, Facts, FunctionId, MODULE, Name, ScopeId, WriteId};
use crate::language::Language;
use crate::source::Span;

use grammar::Fields;

/// The facts of a TypeScript or JavaScript file. With `tsx` it is read by the TSX grammar, which
/// reads JavaScript too; without, by the TypeScript grammar, which reads `<T>x` casts.
///
/// Recurses at most [`crate::hir::build::MAX_DEPTH`] levels: call it on a thread with
/// [`crate::pipeline::STACK_BYTES`] of stack.
#[must_use]
pub fn lower(text: &str, tsx: bool) -> Facts {
    let Some((tree, fields)) = grammar::parse(text, tsx) else {
        let mut builder = Builder::new(Language::TypeScript);
        builder.broken(Span::new(0, text.len()));
        return builder.finish();
    };
    let root = tree.root_node();
    let mut lowering = Lowering {
        text,
        builder: Builder::new(Language::TypeScript),
        fields,
        cursor: root.walk(),
        functions: Vec::new(),
        var_scopes: vec![MODULE],
        hoisted: FxHashMap::default(),
        namespaces: 0,
    };
    scan::comments_and_errors(root, text, &mut lowering.builder);
    let kids = lowering.children(root);
    lowering.statements(&kids);
    lowering.builder.finish()
}

/// The state of the walk over one file.
struct Lowering<'t> {
    text: &'t str,
    builder: Builder,
    fields: &'static Fields,
    /// Reused for every list of children.
    cursor: TreeCursor<'t>,
    /// The functions that are open, innermost last.
    functions: Vec<FunctionId>,
    /// The scopes in which `var` declares, innermost last; never empty.
    var_scopes: Vec<ScopeId>,
    /// Definitions already written at the start of their block, by syntax node.
    hoisted: FxHashMap<usize, WriteId>,
    /// How many namespaces are open: what they export is not exported by the file.
    namespaces: u32,
}

/// A node's bytes.
fn span(node: Node<'_>) -> Span {
    Span::new(node.start_byte(), node.end_byte())
}

impl<'t> Lowering<'t> {
    /// The source of a node.
    fn slice(&self, node: Node<'t>) -> &'t str {
        self.text.get(node.byte_range()).unwrap_or_default()
    }

    /// The source of a node as a name.
    fn name(&self, node: Node<'t>) -> Name {
        self.slice(node).into()
    }

    /// All named children, comments and errors too.
    fn children(&mut self, node: Node<'t>) -> Vec<Node<'t>> {
        let mut out = Vec::new();
        self.cursor.reset(node);
        if self.cursor.goto_first_child() {
            loop {
                let n = self.cursor.node();
                if n.is_named() {
                    out.push(n);
                }
                if !self.cursor.goto_next_sibling() {
                    break;
                }
            }
        }
        out
    }

    /// Whether one of these keywords or signs is a direct child.
    fn has_token(&mut self, node: Node<'t>, tokens: &[&str]) -> bool {
        self.cursor.reset(node);
        if self.cursor.goto_first_child() {
            loop {
                let n = self.cursor.node();
                if !n.is_named() && tokens.contains(&n.kind()) {
                    return true;
                }
                if !self.cursor.goto_next_sibling() {
                    break;
                }
            }
        }
        false
    }

    /// Lowers whatever it is: the value of an expression; nothing for a statement, a type, a comment.
    fn anything(&mut self, node: Node<'t>) -> Option<ExprId> {
        let kind = node.kind();
        if node.is_error() {
            self.recover(node);
            None
        } else if kind == "comment" || types::is_type(kind) {
            None
        } else if statements::is_statement(kind) {
            self.statement(node, None);
            None
        } else {
            Some(self.expression(node))
        }
    }

    /// Lowers what an error node holds.
    fn recover(&mut self, error: Node<'t>) {
        if !self.builder.descend() {
            return;
        }
        for kid in self.children(error) {
            self.anything(kid);
        }
        self.builder.ascend();
    }

    /// Lowers the errors directly under a node whose parts are reached by field, which leaves them out.
    fn recover_inside(&mut self, node: Node<'t>) {
        if !node.has_error() {
            return;
        }
        for kid in self.children(node) {
            if kid.is_error() {
                self.recover(kid);
            }
        }
    }

    /// Gives up on a branch that is nested too deeply.
    fn too_deep(&mut self, node: Node<'t>) -> ExprId {
        self.builder.broken(span(node));
        self.builder.opaque("nesting", Vec::new(), span(node))
    }
}

/// The first child that is an expression, statement or type.
fn first(node: Node<'_>) -> Option<Node<'_>> {
    (0u32..)
        .map_while(|i| node.named_child(i))
        .find(|n| !n.is_extra() && !n.is_error())
}

/// The last such child.
fn last(node: Node<'_>) -> Option<Node<'_>> {
    let count = u32::try_from(node.named_child_count()).unwrap_or(0);
    (0..count)
        .rev()
        .filter_map(|i| node.named_child(i))
        .find(|n| !n.is_extra() && !n.is_error())
}
