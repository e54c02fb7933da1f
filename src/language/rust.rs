//! The Rust frontend: tree-sitter-rust trees lowered to [`Facts`].
//!
//! This module owns the walk's state and how source text is parsed, the file itself as well as the
//! tokens of macros, which the grammar leaves unread and which are parsed again as code. The
//! submodules own one part of the language each.

mod attributes;
mod control;
mod expressions;
mod format;
mod functions;
mod items;
mod json;
mod macros;
mod patterns;
mod statements;
#[cfg(test)]
mod tests;
mod text;
mod tokens;
mod types;
mod uses;

use std::cell::RefCell;

use tree_sitter::{Node, Parser, Tree};

use crate::hir::build::Builder;
use crate::hir::{Expr, ExprId, Facts, FunctionId, Name, TypeRef};
use crate::language::Language;
use crate::source::Span;

/// How deeply macros may be nested in one another; each level parses its text again, so this also
/// bounds the time that a file can take.
const MAX_MACRO_DEPTH: u32 = 12;

thread_local! {
    static PARSER: RefCell<Option<Parser>> = const { RefCell::new(None) };
}

fn parse(text: &str) -> Option<Tree> {
    PARSER.with(|slot| {
        let mut slot = slot.borrow_mut();
        if slot.is_none() {
            let mut parser = Parser::new();
            parser
                .set_language(&tree_sitter_rust::LANGUAGE.into())
                .ok()?;
            *slot = Some(parser);
        }
        slot.as_mut()?.parse(text, None)
    })
}

/// Lowers a Rust file. Never fails: what cannot be read is in [`Facts::broken`], and what is around
/// and inside it is lowered all the same.
#[must_use]
pub fn lower(text: &str) -> Facts {
    let mut lowerer = Lowerer {
        text,
        b: Builder::new(Language::Rust),
        frame: Frame {
            shift: 0,
            low: 0,
            high: text.len(),
        },
        macro_depth: 0,
        function: None,
        class: None,
        breaks: Vec::new(),
        expected: None,
    };
    match parse(text) {
        Some(tree) => {
            let root = tree.root_node();
            lowerer.comments_and_errors(root);
            lowerer.items(root);
        }
        None => lowerer.b.broken(Span::new(0, text.len())),
    }
    lowerer.b.finish()
}

/// How nodes of the tree being walked map to the file: the file's own tree one to one, the tree of
/// a macro's text shifted and clamped to that text.
#[derive(Clone, Copy)]
struct Frame {
    /// What is added to a node's offset to get the file's.
    shift: i64,
    low: usize,
    high: usize,
}

/// What a macro's tokens may be besides Rust. Blanks take the place of what is not, so that every
/// byte keeps its place.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Dialect {
    /// Nothing else.
    Rust,
    /// `quote!`: `#name` is read as a name. What an interpolation leaves broken is no reason to give up.
    Quote,
    /// `stream!`: `for await`. It is always statements, so errors in it are no reason to try
    /// anything else.
    Stream,
}

/// `#name` as ` name`, `#(` as ` (`: as many bytes. Attributes and raw strings keep their `#`.
fn without_interpolation(code: &str) -> String {
    let mut out = String::with_capacity(code.len());
    let mut rest = code.chars().peekable();
    while let Some(c) = rest.next() {
        let interpolates = c == '#'
            && rest
                .peek()
                .is_some_and(|n| n.is_alphabetic() || matches!(n, '_' | '('));
        out.push(if interpolates { ' ' } else { c });
    }
    out
}

/// The state of the walk.
struct Lowerer<'a> {
    text: &'a str,
    b: Builder,
    frame: Frame,
    macro_depth: u32,
    /// The function whose body is being lowered.
    function: Option<FunctionId>,
    /// The class whose body is being lowered.
    class: Option<crate::hir::ClassId>,
    /// Values of `break`, per enclosing `loop`.
    breaks: Vec<Vec<ExprId>>,
    /// The type that a `let` declares for the call that starts at this byte of the tree and ends at that one:
    /// `let x: T = from_str(s)?` says what `from_str::<T>` does.
    expected: Option<(usize, usize, TypeRef)>,
}

impl<'a> Lowerer<'a> {
    /// The node's bytes in the file.
    fn span(&self, node: Node<'_>) -> Span {
        Span::new(self.offset(node.start_byte()), self.offset(node.end_byte()))
    }

    /// A byte of the tree being walked as a byte of the file.
    fn offset(&self, byte: usize) -> usize {
        let at = i64::try_from(byte)
            .unwrap_or(i64::MAX)
            .saturating_add(self.frame.shift);
        usize::try_from(at)
            .unwrap_or(0)
            .clamp(self.frame.low, self.frame.high)
    }

    /// The node's text.
    fn str(&self, node: Node<'_>) -> &'a str {
        self.slice(self.span(node))
    }

    fn slice(&self, span: Span) -> &'a str {
        self.text.get(span.range()).unwrap_or_default()
    }

    /// The node's text as an identifier.
    fn name(&self, node: Node<'_>) -> Name {
        identifier(self.str(node))
    }

    /// Parses the file's bytes `body` again, between `before` and `after`, inside a function, and
    /// calls `f` with that function's block; spans then point into the file as ever. `None` where
    /// it is no code.
    fn reparse<R>(
        &mut self,
        before: &str,
        body: Span,
        after: &str,
        dialect: Dialect,
        f: impl FnOnce(&mut Self, Node<'_>) -> R,
    ) -> Option<R> {
        const HEAD: &str = "fn __m(){";
        if self.macro_depth >= MAX_MACRO_DEPTH {
            self.b.broken(body);
            return None;
        }
        let slice = self.slice(body);
        let mut code =
            String::with_capacity(HEAD.len() + before.len() + slice.len() + after.len() + 2);
        code.push_str(HEAD);
        code.push_str(before);
        let start = code.len();
        match dialect {
            Dialect::Rust => code.push_str(slice),
            Dialect::Quote => code.push_str(&without_interpolation(slice)),
            Dialect::Stream => code.push_str(&slice.replace("for await ", "for       ")),
        }
        // The text may end in a line comment.
        code.push('\n');
        code.push_str(after);
        code.push('}');
        let tree = parse(&code)?;
        let root = tree.root_node();
        let block = root
            .child(0)
            .filter(|_| dialect != Dialect::Rust || (root.child_count() == 1 && !root.has_error()))?
            .child_by_field_name("body")?;
        let shift = i64::from(body.start) - i64::try_from(start).unwrap_or(0);
        let outer = std::mem::replace(
            &mut self.frame,
            Frame {
                shift,
                low: body.start as usize,
                high: body.end as usize,
            },
        );
        let expected = self.expected.take();
        self.macro_depth += 1;
        let result = f(self, block);
        self.macro_depth -= 1;
        self.expected = expected;
        self.frame = outer;
        Some(result)
    }

    /// Records comments and what the parser could not read, all over the file's tree.
    fn comments_and_errors(&mut self, root: Node<'_>) {
        let mut cursor = root.walk();
        loop {
            let node = cursor.node();
            match node.kind() {
                "line_comment" | "block_comment" => {
                    // A doc comment's node takes the line end in.
                    let span = self.span(node);
                    let text = self.slice(span).trim_end();
                    let start = span.start as usize;
                    self.b.comment(Span::new(start, start + text.len()));
                }
                "ERROR" => self.b.broken(self.span(node)),
                _ if node.is_missing() => self.b.broken(self.span(node)),
                _ => {}
            }
            if cursor.goto_first_child() {
                continue;
            }
            while !cursor.goto_next_sibling() {
                if !cursor.goto_parent() {
                    return;
                }
            }
        }
    }

    /// Goes one level down in the tree for `f`; beyond the limit what is there is [`Expr::Opaque`].
    fn nested(&mut self, node: Node<'_>, f: impl FnOnce(&mut Self) -> ExprId) -> ExprId {
        if self.b.descend() {
            let result = f(self);
            self.b.ascend();
            result
        } else {
            let span = self.span(node);
            self.b.broken(span);
            self.b.opaque("too deep", Vec::new(), span)
        }
    }

    /// Goes one level down in the tree for `f`, if the limit allows it.
    fn nest<R>(&mut self, span: Span, f: impl FnOnce(&mut Self) -> R) -> Option<R> {
        if self.b.descend() {
            let result = f(self);
            self.b.ascend();
            Some(result)
        } else {
            self.b.broken(span);
            None
        }
    }

    /// A chain of members from a path with `::` or `.`.
    fn path_expr(&mut self, path: &str, span: Span) -> ExprId {
        let mut parts = path
            .split(['.', ':'])
            .map(str::trim)
            .filter(|p| !p.is_empty());
        let first = parts.next().unwrap_or_default();
        let mut at = self.b.expr(Expr::Name(identifier(first)), span);
        for part in parts {
            let name = identifier(part);
            at = self.b.expr(Expr::Member { base: at, name }, span);
        }
        at
    }
}

/// An identifier without the mark of a raw one.
fn identifier(text: &str) -> Name {
    text.strip_prefix("r#").unwrap_or(text).into()
}

/// The children of a node, the anonymous ones too, comments left out.
fn children<'t>(node: Node<'t>) -> Vec<Node<'t>> {
    let mut cursor = node.walk();
    node.children(&mut cursor)
        .filter(|n| !n.is_extra())
        .collect()
}

/// The named children of a node, comments and attributes left out.
fn named<'t>(node: Node<'t>) -> Vec<Node<'t>> {
    let mut cursor = node.walk();
    node.named_children(&mut cursor)
        .filter(|n| !is_trivia(*n))
        .collect()
}

fn is_trivia(node: Node<'_>) -> bool {
    matches!(
        node.kind(),
        "line_comment" | "block_comment" | "attribute_item" | "inner_attribute_item"
    )
}
