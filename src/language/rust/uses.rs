//! `use`, `mod x;`, `extern crate`: imports and re-exports.

use tree_sitter::Node;

use super::{Lowerer, named};
use crate::hir::{Export, ExportKind, Import, Name, What};
use crate::source::Span;

impl Lowerer<'_> {
    /// `use …;`
    pub(super) fn use_declaration(&mut self, node: Node<'_>) {
        let public = named(node)
            .iter()
            .any(|n| n.kind() == "visibility_modifier");
        if let Some(argument) = node.child_by_field_name("argument") {
            self.use_clause(argument, "", public);
        }
    }

    fn use_clause(&mut self, node: Node<'_>, prefix: &str, public: bool) {
        let span = self.span(node);
        self.nest(span, |l| match node.kind() {
            "use_list" => {
                for n in named(node) {
                    l.use_clause(n, prefix, public);
                }
            }
            "scoped_use_list" => {
                let path = node
                    .child_by_field_name("path")
                    .map_or_else(String::new, |p| l.use_path(p));
                let prefix = join(prefix, &path);
                if let Some(list) = node.child_by_field_name("list") {
                    l.use_clause(list, &prefix, public);
                }
            }
            "use_wildcard" => {
                let path = named(node)
                    .first()
                    .map_or_else(String::new, |p| l.use_path(*p));
                let module: Name = join(prefix, &path).into();
                if public {
                    l.b.export(Export {
                        name: Name::default(),
                        kind: ExportKind::Star {
                            module: module.clone(),
                        },
                    });
                }
                l.add_import(module, What::Star, Name::default(), span);
            }
            "use_as_clause" => {
                let path = node
                    .child_by_field_name("path")
                    .map_or_else(String::new, |p| l.use_path(p));
                let alias = node.child_by_field_name("alias").map(|n| l.name(n));
                l.use_one(&join(prefix, &path), alias, span, public);
            }
            "ERROR" | "visibility_modifier" => {}
            _ => {
                let path = l.use_path(node);
                l.use_one(&join(prefix, &path), None, span, public);
            }
        });
    }

    fn use_path(&self, node: Node<'_>) -> String {
        self.str(node)
            .split("::")
            .map(|s| super::identifier(s.trim()))
            .filter(|s| !s.is_empty())
            .collect::<Vec<_>>()
            .join("::")
    }

    fn use_one(&mut self, path: &str, alias: Option<Name>, span: Span, public: bool) {
        // `use a::b::{self}` takes `a::b`.
        let (path, itself) = match path.strip_suffix("::self") {
            Some(p) => (p, true),
            None => (path, false),
        };
        let last = path.rsplit("::").next().unwrap_or(path);
        let local = match alias {
            Some(a) if a == "_" => Name::default(),
            Some(a) => a,
            None => last.into(),
        };
        let (module, what): (Name, What) = match path.rsplit_once("::") {
            Some((module, name)) if !itself => (module.into(), What::Name(name.into())),
            _ => (path.into(), What::Module),
        };
        if public && !local.is_empty() {
            let (from, name) = match path.rsplit_once("::") {
                Some((module, name)) => (Name::from(module), Name::from(name)),
                None => (Name::default(), Name::from(path)),
            };
            self.b.export(Export {
                name: local.clone(),
                kind: ExportKind::From { module: from, name },
            });
        }
        let what = if local.is_empty() {
            What::SideEffect
        } else {
            what
        };
        self.add_import(module, what, local, span);
    }

    fn add_import(&mut self, module: Name, what: What, local: Name, span: Span) {
        self.b.import(Import {
            module,
            what,
            local,
            types_only: false,
            span,
        });
    }

    /// `mod x;`
    pub(super) fn module_file(&mut self, node: Node<'_>) {
        if let Some(name) = node.child_by_field_name("name") {
            let local = self.name(name);
            let module = Name::from(format!("self::{local}"));
            let span = self.span(node);
            self.add_import(module, What::Module, local, span);
        }
    }

    /// `extern crate x as y;`
    pub(super) fn extern_crate(&mut self, node: Node<'_>) {
        if let Some(name) = node.child_by_field_name("name") {
            let module = self.name(name);
            let local = node
                .child_by_field_name("alias")
                .map_or_else(|| module.clone(), |n| self.name(n));
            let span = self.span(node);
            self.add_import(module, What::Module, local, span);
        }
    }
}

fn join(prefix: &str, path: &str) -> String {
    match (prefix.is_empty(), path.is_empty()) {
        (true, _) => path.to_owned(),
        (_, true) => prefix.to_owned(),
        _ => format!("{prefix}::{path}"),
    }
}
