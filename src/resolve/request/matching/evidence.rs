//! What tells that a call is an SDK's: the packages that its callee comes from, and the file's imports.

use crate::catalog::{CallSpec, Evidence, Pattern};
use crate::hir::{Name, What};
use crate::language::Language;
use crate::resolve::eval::Evaluator;
use crate::resolve::request::chain::{COMPOSING, chain_of, chain_root, last_name, rooted};
use crate::resolve::value::{External, Value};
use crate::source::FileId;

/// A package value found in a receiver: its module, its path, and whether it is known by type alone.
pub(super) struct OriginPath {
    module: Name,
    path: Vec<Name>,
    typed: bool,
}

/// Whether any origin is a package at all.
fn from_package(origins: &[OriginPath]) -> bool {
    origins
        .iter()
        .any(|o| !o.module.is_empty() && !is_own(&o.module) && !o.path.is_empty())
}

/// Whether a module is the project's own, though it is not among the files: a relative path, an
/// alias for one.
pub(super) fn is_own(module: &str) -> bool {
    module.starts_with(['.', '~', '#', '$', '/']) || module.starts_with("@/")
}

/// Whether any origin is made by what an entry says.
fn made(origins: &[OriginPath], spec: &CallSpec) -> bool {
    let mut paths = origins.iter().map(|o| &o.path);
    paths.any(|path| spec.receiver.iter().any(|p| p.matches_end(path)))
}

/// Whether a path ends in a chain of an entry that is hardly anything else's: two names, or one that
/// is written with an underscore.
fn is_distinctive(spec: &CallSpec, path: &[Name]) -> bool {
    spec.chain.iter().any(|p| {
        p.matches_end(path) && (p.segments.len() > 1 || p.segments.iter().any(|s| s.contains('_')))
    })
}

impl Evaluator<'_> {
    /// Whether an imported path belongs to an SDK: `from google import genai` is `google.genai`.
    pub(in crate::resolve::request) fn in_sdk(
        &self,
        sdk: usize,
        e: &External,
        language: Language,
    ) -> bool {
        if e.module.is_empty() {
            return false;
        }
        if self.catalog.is_package_of(sdk, &e.module, language) {
            return true;
        }
        let separator = if language == Language::Rust {
            "::"
        } else {
            "."
        };
        let mut module = e.module.to_string();
        e.path.iter().take(3).any(|p| {
            module.push_str(separator);
            module.push_str(p);
            self.catalog.is_package_of(sdk, &module, language)
        })
    }

    pub(super) fn has_evidence(
        &self,
        file: FileId,
        language: Language,
        spec: &CallSpec,
        path: &[Name],
        origins: &[OriginPath],
    ) -> bool {
        let mine = |o: &&OriginPath| {
            self.in_sdk(
                spec.sdk,
                &External {
                    module: o.module.clone(),
                    path: o.path.clone(),
                },
                language,
            )
        };
        let from_sdk = origins.iter().any(|o| mine(&o));
        let receiver = spec.receiver.is_empty()
            || origins.iter().filter(mine).any(|o| {
                spec.receiver.iter().any(|p| {
                    p.matches_end(&o.path)
                        || (o.typed
                            && (1..p.segments.len()).any(|n| {
                                Pattern {
                                    segments: p.segments[..n].to_vec(),
                                }
                                .matches_end(&o.path)
                            }))
                })
            });
        match spec.evidence {
            // What made the receiver is distinctive, wherever it comes from.
            Evidence::Chain => spec.receiver.is_empty() || receiver || made(origins, spec),
            Evidence::Shape => false,
            Evidence::Receiver => from_sdk && receiver,
            Evidence::Import => {
                (from_sdk && receiver)
                    || (!from_package(origins)
                        && spec.receiver.is_empty()
                        && (self.imports(file, spec.sdk, language)
                            || (is_distinctive(spec, path) && self.quotes(file, language))))
            }
        }
    }

    /// Whether a file writes code for other places, which import what it uses: a procedural macro.
    fn quotes(&self, file: FileId, language: Language) -> bool {
        language == Language::Rust
            && self
                .facts(file)
                .is_some_and(|f| f.imports.iter().any(|i| i.module.starts_with("quote")))
    }

    /// Whether a file imports a package of an SDK.
    pub(super) fn imports(&self, file: FileId, sdk: usize, language: Language) -> bool {
        self.facts(file).is_some_and(|f| {
            f.imports.iter().any(|i| {
                let path = match &i.what {
                    What::Name(n) => vec![n.clone()],
                    _ => Vec::new(),
                };
                self.in_sdk(
                    sdk,
                    &External {
                        module: i.module.clone(),
                        path,
                    },
                    language,
                )
            })
        })
    }

    /// The package values that a value comes from: along its chain, and the parts of compositions.
    /// The function called is none of them: `llm.call(..)` makes a decorator, it is not made by one.
    pub(super) fn origins(&self, callee: &Value) -> Vec<OriginPath> {
        let mut out = Vec::new();
        match callee {
            Value::Attr(a) => self.collect_origins(&a.base, &mut out, 0),
            Value::External(e) => {
                if let Some((_, path)) = e.path.split_last() {
                    out.push(OriginPath {
                        module: e.module.clone(),
                        path: path.to_vec(),
                        typed: false,
                    });
                }
            }
            other => self.collect_origins(other, &mut out, 0),
        }
        out
    }

    fn collect_origins(&self, value: &Value, out: &mut Vec<OriginPath>, depth: u32) {
        if depth > 5 || out.len() > 64 {
            return;
        }
        match value {
            Value::Choice(c) => {
                c.iter()
                    .for_each(|v| self.collect_origins(v, out, depth + 1));
                return;
            }
            Value::List(l) => {
                l.items
                    .iter()
                    .take(8)
                    .for_each(|v| self.collect_origins(v, out, depth + 1));
                return;
            }
            Value::Map(m) => {
                m.fields
                    .iter()
                    .take(8)
                    .for_each(|f| self.collect_origins(&f.value, out, depth + 1));
                return;
            }
            Value::Instance(i) => {
                // An object of a class derived from the package's.
                for b in self.bases(i.class) {
                    if let Value::External(e) = b {
                        out.push(OriginPath {
                            module: e.module.clone(),
                            path: e.path.clone(),
                            typed: true,
                        });
                    }
                }
                return;
            }
            Value::Param(p) => {
                if let Some(t) = self.param_type(p) {
                    self.collect_origins(&t, out, depth + 1);
                }
                return;
            }
            _ => {}
        }
        let chain = chain_of(value);
        if let Some(root) = &chain.root {
            let typed = chain.mades.last().is_some_and(|m| m.at.is_none());
            let mut path = root.path.clone();
            out.push(OriginPath {
                module: root.module.clone(),
                path: path.clone(),
                typed,
            });
            for n in &chain.names {
                path.push(n.clone());
                out.push(OriginPath {
                    module: root.module.clone(),
                    path: path.clone(),
                    typed: false,
                });
            }
        } else if let Some(v) = chain_root(value) {
            self.collect_origins(&v, out, depth + 1);
        }
        for m in &chain.mades {
            let name = last_name(&m.callee);
            let composing = COMPOSING.contains(&name.as_str());
            let external = rooted(&m.callee);
            if composing || external {
                for a in m.args.iter().take(8) {
                    if matches!(
                        a.value,
                        Value::Made(_)
                            | Value::List(_)
                            | Value::Map(_)
                            | Value::Choice(_)
                            | Value::Attr(_)
                            | Value::Param(_)
                    ) {
                        self.collect_origins(&a.value, out, depth + 1);
                    }
                }
            }
        }
    }
}
