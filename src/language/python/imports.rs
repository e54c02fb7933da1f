//! `import` and `from … import`.

use tree_sitter::Node;

use super::Lowering;
use super::kinds::{GRAMMAR, Kind, kind};
use crate::hir::{Import, Name, What};
use crate::source::Span;

impl<'t> Lowering<'t> {
    /// `import a.b, c as d`
    pub(super) fn import(&mut self, node: Node<'t>) {
        for name in self.fields(node, GRAMMAR.fields.name) {
            let span = self.span(name);
            let (module, alias) = self.imported(name);
            match (alias, module.split_once('.')) {
                (Some(local), _) => self.bind(module, What::Module, local, span),
                (None, None) => self.bind(module.clone(), What::Module, module, span),
                (None, Some((first, _))) => {
                    let first = Name::from(first);
                    self.bind(first.clone(), What::Module, first, span);
                    self.bind(module.clone(), What::Module, module, span);
                }
            }
        }
    }

    /// `from a import b, c as d`, `from .x import *`, `from __future__ import d`
    pub(super) fn import_from(&mut self, node: Node<'t>) {
        let fields = &GRAMMAR.fields;
        let module = match node.child_by_field_id(fields.module_name) {
            Some(n) => self.path(n),
            None => "__future__".into(),
        };
        for name in self.fields(node, fields.name) {
            let span = self.span(name);
            let (name, alias) = self.imported(name);
            let local = alias.unwrap_or_else(|| name.clone());
            self.bind(module.clone(), What::Name(name), local, span);
        }
        for star in self.kids(node) {
            if kind(star) == Kind::WildcardImport {
                let span = self.span(node);
                self.bind(module.clone(), What::Star, Name::default(), span);
            }
        }
    }

    /// The name that is imported, and its alias.
    fn imported(&self, node: Node<'t>) -> (Name, Option<Name>) {
        let fields = &GRAMMAR.fields;
        if kind(node) != Kind::AliasedImport {
            return (self.path(node), None);
        }
        let name = node.child_by_field_id(fields.name);
        let alias = node.child_by_field_id(fields.alias);
        (
            name.map(|n| self.path(n)).unwrap_or_default(),
            alias.map(|n| self.text_of(n).into()),
        )
    }

    /// A dotted name without the blanks that may stand around its dots.
    fn path(&self, node: Node<'t>) -> Name {
        let text = self.text_of(node);
        if text.contains(|c: char| c.is_whitespace() || c == '\\') {
            return text
                .chars()
                .filter(|c| !c.is_whitespace() && *c != '\\')
                .collect();
        }
        text.into()
    }

    fn bind(&mut self, module: Name, what: What, local: Name, span: Span) {
        self.builder.import(Import {
            module,
            what,
            local,
            types_only: false,
            span,
        });
    }
}
