//! JSX: makes no text we model, but what stands in it (calls, prompts in attributes) is kept.

use tree_sitter::Node;

use crate::hir::{Arg, CallKind, Entry, Expr, ExprId, Literal};

use super::text::inner;
use super::{Lowering, first, span};

impl<'t> Lowering<'t> {
    /// An element or fragment.
    pub(super) fn jsx(&mut self, node: Node<'t>) -> ExprId {
        self.recover_inside(node);
        let mut kids = Vec::new();
        let tag = node.child_by_field_id(self.fields.open_tag).unwrap_or(node);
        let mut entries = Vec::new();
        self.jsx_attributes(tag, &mut kids, &mut entries);
        kids.extend(self.component(tag, entries));
        if node.kind() == "jsx_element" {
            for kid in self.children(node) {
                match kid.kind() {
                    "jsx_opening_element" | "jsx_closing_element" => {}
                    "jsx_text" => {
                        if !self.slice(kid).trim().is_empty() {
                            let literal = Literal::verbatim(self.slice(kid), kid.start_byte());
                            kids.push(self.plain_text(literal, span(kid)));
                        }
                    }
                    _ => self.jsx_part(kid, &mut kids),
                }
            }
        }
        self.builder.opaque(node.kind(), kids, span(node))
    }

    /// A component of a package is called with its attributes.
    fn component(&mut self, tag: Node<'t>, entries: Vec<Entry>) -> Option<ExprId> {
        let name = tag.child_by_field_id(self.fields.name)?;
        if name.kind() != "identifier" || entries.is_empty() {
            return None;
        }
        let local = self.name(name);
        let imports = &self.builder.facts().imports;
        let import = imports.iter().find(|i| i.local == local)?;
        if import.module.starts_with('.') || !local.starts_with(char::is_uppercase) {
            return None;
        }
        let callee = self.builder.expr(Expr::Name(local), span(name));
        let value = self.builder.expr(Expr::Map { entries }, span(tag));
        let arg = Arg {
            name: None,
            value,
            spread: false,
        };
        Some(self.builder.expr(
            Expr::Call {
                callee,
                args: vec![arg],
                types: Vec::new(),
                kind: CallKind::Plain,
            },
            span(tag),
        ))
    }

    fn jsx_attributes(&mut self, tag: Node<'t>, kids: &mut Vec<ExprId>, entries: &mut Vec<Entry>) {
        for attribute in self.children(tag) {
            match attribute.kind() {
                "jsx_attribute" => {
                    let (mut key, before) = (None, kids.len());
                    for part in self.children(attribute) {
                        match part.kind() {
                            "property_identifier" => key = Some(self.name(part)),
                            "jsx_namespace_name" => {}
                            "string" => {
                                // No escapes in here.
                                let (start, end) = inner(self.slice(part), part.start_byte());
                                let source = self.text.get(start..end).unwrap_or_default();
                                let literal = Literal::verbatim(source, start);
                                kids.push(self.plain_text(literal, span(part)));
                            }
                            _ => self.jsx_part(part, kids),
                        }
                    }
                    if let (Some(key), Some(value)) = (key, kids.get(before)) {
                        entries.push(Entry::Pair { key, value: *value });
                    }
                }
                "jsx_expression" => self.jsx_part(attribute, kids),
                _ => {}
            }
        }
    }

    /// `{x}`, `{...x}`, an element.
    fn jsx_part(&mut self, node: Node<'t>, kids: &mut Vec<ExprId>) {
        let inner = match node.kind() {
            "jsx_expression" => {
                self.recover_inside(node);
                match first(node) {
                    Some(spread) if spread.kind() == "spread_element" => first(spread),
                    other => other,
                }
            }
            _ => Some(node),
        };
        if let Some(inner) = inner {
            kids.extend(self.anything(inner));
        }
    }
}
