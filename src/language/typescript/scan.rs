//! Comments and unreadable places: a walk that enters only subtrees in which there may be one.

use tree_sitter::Node;

use crate::hir::build::Builder;

use super::span;

/// Records every comment, error and missing token under `root`.
pub(super) fn comments_and_errors(root: Node<'_>, text: &str, builder: &mut Builder) {
    let openings = comment_openings(text);
    // Openings before this one lie before the cursor: the walk is in order of the text.
    let mut next = 0;
    let mut cursor = root.walk();
    // Whether each node that was entered holds JSX text.
    let mut in_jsx = Vec::new();
    loop {
        let node = cursor.node();
        let is_ampersand = || text.as_bytes().get(node.start_byte()) == Some(&b'&');
        // The grammar wants `&` in JSX text to be escaped; browsers and compilers do not.
        if (node.is_error() || node.is_missing())
            && !(in_jsx.last() == Some(&true) && is_ampersand())
        {
            builder.broken(span(node));
        }
        while openings.get(next).is_some_and(|&o| o < node.start_byte()) {
            next += 1;
        }
        let mut enter = node.has_error();
        if openings.get(next).is_some_and(|&o| o < node.end_byte()) {
            if node.kind() == "comment" {
                builder.comment(span(node));
            } else {
                enter = true;
            }
        }
        if enter && cursor.goto_first_child() {
            let kind = node.kind();
            in_jsx.push(
                matches!(kind, "jsx_element" | "jsx_attribute")
                    || kind == "string" && in_jsx.last() == Some(&true),
            );
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                return;
            }
            in_jsx.pop();
        }
    }
}

/// Where `//` or `/*` stands, in a comment or not.
fn comment_openings(text: &str) -> Vec<usize> {
    text.as_bytes()
        .windows(2)
        .enumerate()
        .filter(|(_, w)| w[0] == b'/' && matches!(w[1], b'/' | b'*'))
        .map(|(i, _)| i)
        .collect()
}
