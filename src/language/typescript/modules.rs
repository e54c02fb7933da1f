//! Imports and exports: ES modules, CommonJS, dynamic imports.

use tree_sitter::Node;

use crate::hir::build::Store;
use crate::hir::{Export, ExportKind, Expr, ExprId, How, Import, Name, Step, What};
use crate::source::Span;

use super::{Lowering, first, last, span};

impl<'t> Lowering<'t> {
    /// `import …`.
    pub(super) fn import_statement(&mut self, node: Node<'t>) {
        self.recover_inside(node);
        let types_only = self.has_token(node, &["type", "typeof"]);
        let mut module = node
            .child_by_field_id(self.fields.source)
            .map(|s| Name::from(specifier(&self.string_value(s))));
        let mut clause = None;
        for kid in self.children(node) {
            match kid.kind() {
                "import_clause" => clause = Some(kid),
                "import_require_clause" => {
                    module = kid
                        .child_by_field_id(self.fields.source)
                        .map(|s| specifier(&self.string_value(s)).into());
                    let local = first(kid).map(|n| self.name(n)).unwrap_or_default();
                    let module = module.unwrap_or_default();
                    self.add_import(&module, What::Module, local, types_only, span(node));
                    return;
                }
                _ => {}
            }
        }
        let Some(module) = module else { return };
        let Some(clause) = clause else {
            self.add_import(
                &module,
                What::SideEffect,
                Name::default(),
                types_only,
                span(node),
            );
            return;
        };
        for kid in self.children(clause) {
            match kid.kind() {
                "identifier" => {
                    let local = self.name(kid);
                    self.add_import(&module, What::Default, local, types_only, span(kid));
                }
                "namespace_import" => {
                    let local = first(kid).map(|n| self.name(n)).unwrap_or_default();
                    self.add_import(&module, What::Module, local, types_only, span(kid));
                }
                "named_imports" => {
                    for specifier in self.children(kid) {
                        if specifier.kind() == "import_specifier" {
                            self.import_specifier(&module, specifier, types_only);
                        }
                    }
                }
                _ => {}
            }
        }
    }

    fn import_specifier(&mut self, module: &Name, node: Node<'t>, types_only: bool) {
        let Some(name_node) = node.child_by_field_id(self.fields.name) else {
            return;
        };
        let types_only = types_only || self.has_token(node, &["type", "typeof"]);
        let name = self.property_name(name_node);
        let local = match node.child_by_field_id(self.fields.alias) {
            Some(alias) => self.name(alias),
            None => name.clone(),
        };
        self.add_import(module, what(name), local, types_only, span(node));
    }

    fn add_import(&mut self, module: &Name, what: What, local: Name, types_only: bool, span: Span) {
        self.builder.import(Import {
            module: module.clone(),
            what,
            local,
            types_only,
            span,
        });
    }

    /// A declarator whose value is `require("m")`, `await import("m")` or a member of it: an
    /// import. `false`, and nothing done, for any other.
    pub(super) fn import_declarator(&mut self, declarator: Node<'t>, value: Node<'t>) -> bool {
        let value = super::expressions::transparent(value);
        let (call, member) = match value.kind() {
            "member_expression" => {
                let object = value.child_by_field_id(self.fields.object);
                (
                    object.map(super::expressions::transparent),
                    value.child_by_field_id(self.fields.property),
                )
            }
            _ => (Some(value), None),
        };
        let (Some(pattern), Some(module)) = (
            declarator.child_by_field_id(self.fields.name),
            call.and_then(|c| self.required_module(c)),
        ) else {
            return false;
        };
        let at = span(declarator);
        match (pattern.kind(), member) {
            ("identifier", None) => {
                let local = self.name(pattern);
                self.add_import(&module, What::Module, local, false, at);
                true
            }
            ("identifier", Some(member)) => {
                let (local, name) = (self.name(pattern), self.name(member));
                self.add_import(&module, what(name), local, false, at);
                true
            }
            ("object_pattern", None) => {
                let Some(names) = self.simple_names(pattern) else {
                    return false;
                };
                for (name, local, at) in names {
                    self.add_import(&module, what(name), local, false, at);
                }
                true
            }
            _ => false,
        }
    }

    /// The names of `{ a, b: c }`; `None` where the pattern is not that simple.
    fn simple_names(&mut self, pattern: Node<'t>) -> Option<Vec<(Name, Name, Span)>> {
        let mut names = Vec::new();
        for kid in self.children(pattern) {
            match kid.kind() {
                "comment" => {}
                "shorthand_property_identifier_pattern" => {
                    names.push((self.name(kid), self.name(kid), span(kid)));
                }
                "pair_pattern" => {
                    let key = kid.child_by_field_id(self.fields.key)?;
                    let local = kid.child_by_field_id(self.fields.value)?;
                    if local.kind() != "identifier" || key.kind() == "computed_property_name" {
                        return None;
                    }
                    names.push((self.property_name(key), self.name(local), span(kid)));
                }
                _ => return None,
            }
        }
        Some(names)
    }

    /// The module of `require("m")` or `import("m")`.
    pub(super) fn required_module(&mut self, call: Node<'t>) -> Option<Name> {
        if call.kind() != "call_expression" {
            return None;
        }
        let function = call.child_by_field_id(self.fields.function)?;
        let is_loader = function.kind() == "import"
            || function.kind() == "identifier" && self.slice(function) == "require";
        if !is_loader {
            return None;
        }
        let argument = first(call.child_by_field_id(self.fields.arguments)?)?;
        (argument.kind() == "string").then(|| specifier(&self.string_value(argument)).into())
    }

    /// `import("m")` or `require("m")` among other expressions: a name that nothing else has.
    pub(super) fn loaded_module(&mut self, module: &Name, node: Node<'t>) -> ExprId {
        let local = Name::from(format!("import {module}"));
        self.add_import(module, What::Module, local.clone(), false, span(node));
        self.builder.expr(Expr::Name(local), span(node))
    }

    /// `export …`.
    pub(super) fn export_statement(&mut self, node: Node<'t>, doc: Option<Node<'t>>) {
        self.recover_inside(node);
        let is_default = self.has_token(node, &["default"]);
        let kids = self.children(node);
        let source = node
            .child_by_field_id(self.fields.source)
            .map(|s| Name::from(specifier(&self.string_value(s))));
        if let Some(declaration) = node.child_by_field_id(self.fields.declaration) {
            let decorators: Vec<_> = kids
                .iter()
                .copied()
                .filter(|k| k.kind() == "decorator")
                .collect();
            self.export_declaration(declaration, is_default, &decorators, doc);
            return;
        }
        if let Some(value) = node.child_by_field_id(self.fields.value) {
            let id = self.named(value, &"default".into(), None, doc);
            let kind = match self.builder.facts().expr(id) {
                Expr::Name(n) => ExportKind::Local(n.clone()),
                _ => ExportKind::Expr(id),
            };
            self.add_export("default".into(), kind);
            return;
        }
        if let Some(clause) = kids.iter().find(|k| k.kind() == "export_clause") {
            for specifier in self.children(*clause) {
                if specifier.kind() == "export_specifier" {
                    self.export_specifier(specifier, source.as_ref());
                }
            }
            return;
        }
        if let Some(module) = source {
            let name = kids
                .iter()
                .find(|k| k.kind() == "namespace_export")
                .and_then(|n| first(*n))
                .map(|n| self.property_name(n))
                .unwrap_or_default();
            self.add_export(name, ExportKind::Star { module });
        } else if self.has_token(node, &["="])
            && let Some(value) = last(node)
        {
            let id = self.expression(value);
            self.add_export("=".into(), ExportKind::Expr(id));
        }
    }

    fn export_declaration(
        &mut self,
        node: Node<'t>,
        is_default: bool,
        decorators: &[Node<'t>],
        doc: Option<Node<'t>>,
    ) {
        let writes = self.builder.facts().writes.len();
        let scope = self.builder.scope();
        if matches!(
            node.kind(),
            "class_declaration" | "abstract_class_declaration"
        ) {
            self.class_declaration(node, decorators, doc);
        } else {
            self.statement(node, doc);
        }
        let mut names: Vec<Name> = Vec::new();
        match node.kind() {
            // Those that may be hoisted are named by their node, the others by their stores.
            "function_declaration"
            | "generator_function_declaration"
            | "function_signature"
            | "interface_declaration"
            | "type_alias_declaration" => {
                names.extend(
                    node.child_by_field_id(self.fields.name)
                        .map(|n| self.name(n)),
                );
            }
            _ => {
                let facts = self.builder.facts();
                names.extend(
                    facts.writes[writes..]
                        .iter()
                        .filter(|w| w.declares && w.scope == scope)
                        .map(|w| w.root.clone()),
                );
            }
        }
        for name in names {
            let exported = if is_default {
                "default".into()
            } else {
                name.clone()
            };
            self.add_export(exported, ExportKind::Local(name));
        }
    }

    fn export_specifier(&mut self, node: Node<'t>, source: Option<&Name>) {
        let Some(name) = node.child_by_field_id(self.fields.name) else {
            return;
        };
        let name = self.property_name(name);
        let exported = match node.child_by_field_id(self.fields.alias) {
            Some(alias) => self.property_name(alias),
            None => name.clone(),
        };
        let kind = match source {
            Some(module) => ExportKind::From {
                module: module.clone(),
                name,
            },
            None => ExportKind::Local(name),
        };
        self.add_export(exported, kind);
    }

    fn add_export(&mut self, name: Name, kind: ExportKind) {
        if self.namespaces == 0 {
            self.builder.export(Export { name, kind });
        }
    }

    /// `module.exports = e`, `exports.x = e`, `module.exports.x = e`.
    pub(super) fn common_js_export(&mut self, root: &Name, path: &[Step], value: ExprId) {
        let rest = match (root.as_str(), path) {
            ("module", [Step::Field(e), rest @ ..]) if e == "exports" => rest,
            ("exports", rest @ [_, ..]) => rest,
            _ => return,
        };
        match rest {
            [] => self.add_export("=".into(), ExportKind::Expr(value)),
            [Step::Field(name)] => self.add_export(name.clone(), ExportKind::Expr(value)),
            _ => {}
        }
    }

    /// `import A = B.C`.
    pub(super) fn import_alias(&mut self, node: Node<'t>) {
        let (Some(local), Some(target)) = (first(node), last(node)) else {
            return;
        };
        let value = self.type_name(target);
        let name = self.name(local);
        self.builder
            .write(Store::declare(name, Some(value), How::Set, span(node)));
    }
}

/// What importing a name takes: `default` is the default export.
fn what(name: Name) -> What {
    if name == "default" {
        What::Default
    } else {
        What::Name(name)
    }
}

/// Servers of packages that are imported by address; the package's name follows.
const PACKAGE_SERVERS: &[&str] = &[
    "https://esm.sh/",
    "https://cdn.esm.sh/",
    "https://esm.run/",
    "https://cdn.skypack.dev/",
    "https://unpkg.com/",
    "https://cdn.jsdelivr.net/npm/",
    "https://deno.land/x/",
];

/// A module as its package: without the scheme, server and version of `npm:openai@4`,
/// `https://esm.sh/openai@4.20.1`.
fn specifier(written: &str) -> String {
    let Some(rest) = ["npm:", "jsr:"]
        .iter()
        .chain(PACKAGE_SERVERS)
        .find_map(|p| written.strip_prefix(p))
    else {
        return written.to_owned();
    };
    let rest = rest.split(['?', '#']).next().unwrap_or(rest);
    // `npm:/openai`, `esm.sh/v135/openai`, `esm.sh/*openai`
    let parts = rest.trim_start_matches(['/', '*']).split('/');
    let mut parts = parts.skip_while(|p| {
        *p == "stable"
            || p.strip_prefix('v')
                .is_some_and(|v| !v.is_empty() && v.bytes().all(|b| b.is_ascii_digit()))
    });
    let mut out = String::new();
    let mut name = parts.next().unwrap_or_default();
    if name.starts_with('@') {
        out.push_str(name);
        out.push('/');
        name = parts.next().unwrap_or_default();
    }
    out.push_str(name.split('@').next().unwrap_or(name));
    for part in parts {
        out.push('/');
        out.push_str(part);
    }
    out
}

#[cfg(test)]
mod specifiers {
    use super::specifier;

    #[test]
    fn packages_by_address_are_the_packages() {
        for (written, package) in [
            ("openai", "openai"),
            ("../openai@2", "../openai@2"),
            ("npm:openai@4", "openai"),
            ("npm:@anthropic-ai/sdk@0.24.3", "@anthropic-ai/sdk"),
            ("https://esm.sh/openai@4.20.1?target=deno", "openai"),
            ("https://esm.sh/v135/ai@3/rsc", "ai/rsc"),
            ("https://deno.land/x/openai@v4.20.1/mod.ts", "openai/mod.ts"),
            ("https://example.com/openai", "https://example.com/openai"),
        ] {
            assert_eq!(specifier(written), package);
        }
    }
}
