//! The Python frontend: parses with tree-sitter and lowers the tree to [`Facts`].
//!
//! Lowering is one walk in evaluation order (submodules: statements, definitions, imports,
//! patterns, expressions, strings, types); a second, pruned walk picks up comments and what the
//! parser could not read. Recursion goes only through [`Builder::descend`]; chains that grow to
//! the left or along a list are walked in loops.

use std::cell::RefCell;
use std::ops::ControlFlow;

use rustc_hash::FxHashSet;
use tree_sitter::{Node, ParseOptions, ParseState, Parser, Tree, TreeCursor};

use crate::hir::build::{Builder, Store};
use crate::hir::{ClassId, ExprId, Facts, FunctionId, How, MODULE, Name, ScopeId, Step};
use crate::language::Language;
use crate::source::Span;

mod definitions;
mod expressions;
mod imports;
mod kinds;
mod patterns;
mod statements;
mod strings;
mod text;
mod types;

#[cfg(test)]
mod tests;

use kinds::{GRAMMAR, Kind, kind};

/// Lowers a Python file. Never fails: what cannot be read is listed in [`Facts::broken`].
#[must_use]
pub fn lower(text: &str) -> Facts {
    let builder = Builder::new(Language::Python);
    match parse(text) {
        Some(tree) => lower_tree(&tree, text, 0, builder).finish(),
        None => unread(builder, Span::new(0, text.len())).finish(),
    }
}

/// Records a text that could not be parsed at all.
pub(super) fn unread(mut builder: Builder, span: Span) -> Builder {
    builder.broken(span);
    builder
}

/// The bytes that the parser is given at a time.
const CHUNK: usize = 4096;

/// How often it may ask for a chunk. The grammar's scanner looks ahead over whole runs of comments
/// and line continuations, at each of them: a file made of them would take hours. An ordinary
/// file of the largest size needs a few thousand; this many take some seconds.
const MAX_READS: u32 = 50_000;

/// How often the parser may report progress, which it does every hundred of its steps: this often,
/// and once more for so many bytes. Ordinary code takes a report for 200 bytes, code that is hard to
/// recover from one for 25; beyond this the steps grow faster than the text.
const MIN_REPORTS: usize = 10_000;
/// See [`MIN_REPORTS`].
const BYTES_PER_REPORT: usize = 16;

/// Parses with this thread's parser; `None` for a text that would take for ever to parse.
pub(super) fn parse(text: &str) -> Option<Tree> {
    thread_local! {
        static PARSER: RefCell<Option<Parser>> = const { RefCell::new(None) };
    }
    PARSER.with_borrow_mut(|slot| {
        if slot.is_none() {
            let mut parser = Parser::new();
            parser.set_language(&GRAMMAR.language).ok()?;
            *slot = Some(parser);
        }
        let mut reads = 0;
        let mut read = |at: usize, _| {
            reads += 1;
            let end = text.len().min(at.saturating_add(CHUNK));
            // Beyond the limit the text seems to end, which stops any scanner.
            let chunk = text.as_bytes().get(at..end).filter(|_| reads <= MAX_READS);
            chunk.unwrap_or_default()
        };
        let mut reports = MIN_REPORTS + text.len() / BYTES_PER_REPORT;
        let mut progress = |_: &ParseState| match reports.checked_sub(1) {
            Some(left) => {
                reports = left;
                ControlFlow::Continue(())
            }
            None => ControlFlow::Break(()),
        };
        let options = ParseOptions::new().progress_callback(&mut progress);
        let parser = slot.as_mut()?;
        let tree = parser.parse_with_options(&mut read, None, Some(options));
        if tree.is_none() {
            // A parse that was stopped would go on with the next text.
            parser.reset();
        }
        tree.filter(|_| reads <= MAX_READS)
    })
}

/// Lowers a module's tree into `builder`. `text` is what was parsed; it stands at byte `base` of
/// the analysed text (a notebook cell does not stand at 0).
pub(super) fn lower_tree(tree: &Tree, text: &str, base: usize, builder: Builder) -> Builder {
    let root = tree.root_node();
    let mut lowering = Lowering {
        text,
        base,
        builder,
        cursor: root.walk(),
        frames: vec![Frame::new(None, None, MODULE)],
    };
    lowering.statements(root);
    lowering.trivia(root);
    lowering.builder
}

/// A function, class or module that is being lowered.
struct Frame {
    function: Option<FunctionId>,
    class: Option<ClassId>,
    /// Where its assignments declare.
    scope: ScopeId,
    globals: FxHashSet<Name>,
    nonlocals: FxHashSet<Name>,
}

impl Frame {
    fn new(function: Option<FunctionId>, class: Option<ClassId>, scope: ScopeId) -> Self {
        Self {
            function,
            class,
            scope,
            globals: FxHashSet::default(),
            nonlocals: FxHashSet::default(),
        }
    }
}

/// The walk.
struct Lowering<'t> {
    text: &'t str,
    base: usize,
    builder: Builder,
    /// Shared by all listings of children, so that each allocates nothing but its list.
    cursor: TreeCursor<'t>,
    /// Never empty; the last is the current one.
    frames: Vec<Frame>,
}

impl<'t> Lowering<'t> {
    fn span(&self, node: Node<'_>) -> Span {
        Span::new(self.base + node.start_byte(), self.base + node.end_byte())
    }

    fn text_of(&self, node: Node<'_>) -> &'t str {
        self.text.get(node.byte_range()).unwrap_or_default()
    }

    /// The named children without comments.
    fn kids(&mut self, node: Node<'t>) -> Vec<Node<'t>> {
        self.children(node, |n| n.is_named())
    }

    /// All children without comments, tokens included.
    fn tokens(&mut self, node: Node<'t>) -> Vec<Node<'t>> {
        self.children(node, |_| true)
    }

    fn children(&mut self, node: Node<'t>, keep: impl Fn(&Node<'t>) -> bool) -> Vec<Node<'t>> {
        let mut out = Vec::new();
        self.cursor.reset(node);
        let mut more = self.cursor.goto_first_child();
        while more {
            let child = self.cursor.node();
            if keep(&child) && !is_trivia(child) {
                out.push(child);
            }
            more = self.cursor.goto_next_sibling();
        }
        out
    }

    /// The children of one field, in order.
    fn fields(&mut self, node: Node<'t>, field: u16) -> Vec<Node<'t>> {
        let mut out = Vec::new();
        self.cursor.reset(node);
        let mut more = self.cursor.goto_first_child();
        while more {
            if self.cursor.field_id().is_some_and(|f| f.get() == field) {
                let child = self.cursor.node();
                // Separators inside a repeated field carry its name too.
                if child.is_named() && !is_trivia(child) {
                    out.push(child);
                }
            }
            more = self.cursor.goto_next_sibling();
        }
        out
    }

    /// The first named child that is no comment.
    fn first_kid(&mut self, node: Node<'t>) -> Option<Node<'t>> {
        self.cursor.reset(node);
        let mut more = self.cursor.goto_first_child();
        while more {
            let child = self.cursor.node();
            if child.is_named() && !is_trivia(child) {
                return Some(child);
            }
            more = self.cursor.goto_next_sibling();
        }
        None
    }

    fn frame(&mut self) -> Option<&mut Frame> {
        self.frames.last_mut()
    }

    /// The function whose body is being lowered, if it is a function's body.
    fn function(&self) -> Option<FunctionId> {
        self.frames.last().and_then(|f| f.function)
    }

    /// The class whose body is being lowered, if it is a class body.
    fn class(&self) -> Option<ClassId> {
        self.frames.last().and_then(|f| f.class)
    }

    /// A store to a plain name, declared where Python declares it: in the function, class or
    /// module, not in the comprehension that it may stand in.
    fn store_name(
        &mut self,
        name: Name,
        value: Option<ExprId>,
        from: Vec<Step>,
        how: How,
        span: Span,
    ) {
        let mut store = Store {
            from,
            ..Store::declare(name, value, how, span)
        };
        let Some(frame) = self.frames.last() else {
            return;
        };
        let scope = if frame.globals.contains(&store.root) {
            MODULE
        } else {
            store.declares = !frame.nonlocals.contains(&store.root);
            frame.scope
        };
        self.builder.write_in(scope, store);
    }

    /// Records comments, and what the parser could not read or had to make up. Descends only into
    /// nodes that hold a `#` or an error.
    fn trivia(&mut self, root: Node<'t>) {
        let hashes: Vec<usize> = self.text.match_indices('#').map(|(i, _)| i).collect();
        let mut next = 0;
        // Inside an error only comments are of interest; the depth at which the error stands.
        let mut error_depth: Option<u32> = None;
        self.cursor.reset(root);
        loop {
            let node = self.cursor.node();
            let range = node.byte_range();
            if node.is_error() || node.is_missing() {
                if error_depth.is_none() {
                    self.builder.broken(self.span(node));
                    error_depth = Some(self.cursor.depth());
                }
            } else if kind(node) == Kind::Comment {
                self.builder.comment(self.span(node));
            }
            while hashes.get(next).is_some_and(|&h| h < range.start) {
                next += 1;
            }
            let worth = hashes.get(next).is_some_and(|&h| h < range.end)
                || (node.has_error() && error_depth.is_none());
            if worth && self.cursor.goto_first_child() {
                continue;
            }
            loop {
                if error_depth.is_some_and(|d| self.cursor.depth() <= d) {
                    error_depth = None;
                }
                if self.cursor.goto_next_sibling() {
                    break;
                }
                if !self.cursor.goto_parent() {
                    return;
                }
            }
        }
    }
}

fn is_trivia(node: Node<'_>) -> bool {
    node.is_extra() && matches!(kind(node), Kind::Comment | Kind::LineContinuation)
}
