//! Which catalog entry a call matches, and where a value comes from.

use std::rc::Rc;

use super::super::eval::Evaluator;
use super::super::prompt::flatten;
use super::super::value::{ArgValue, External, Made, Value};
use super::chain::{COMPOSING, Chain, chain_of, chain_root, last_name, rooted};
use crate::catalog::{At, CallSpec, Evidence, Pattern, ValueSpec};
use crate::hir::Name;
use crate::language::Language;
use crate::source::FileId;

/// A package value found in a receiver: its module, its path, and whether it is known by type alone.
pub(super) struct OriginPath {
    module: Name,
    path: Vec<Name>,
    typed: bool,
}

/// Whether any origin is a package at all.
pub(super) fn from_package(origins: &[OriginPath]) -> bool {
    origins
        .iter()
        .any(|o| !o.module.is_empty() && !o.path.is_empty())
}

/// Whether a path ends in a chain of an entry that is hardly anything else's: two names, or one that
/// is written with an underscore.
fn is_distinctive(spec: &CallSpec, path: &[Name]) -> bool {
    spec.chain.iter().any(|p| {
        p.matches_end(path) && (p.segments.len() > 1 || p.segments.iter().any(|s| s.contains('_')))
    })
}

/// Whether a pattern is that of a chain; `()` is that of a value called directly.
fn called(pattern: &Pattern, chain: &Chain, path: &[Name]) -> bool {
    if pattern.segments.len() == 1 && pattern.segments[0] == "()" {
        chain.direct
    } else {
        !chain.direct && pattern.matches_end(path)
    }
}

impl<'p> Evaluator<'p> {
    /// Whether a call of this value may match a catalog entry, whatever its arguments are.
    pub(crate) fn may_match(&self, file: FileId, callee: &Value) -> bool {
        if let Value::Choice(c) = callee {
            return c.iter().any(|v| self.may_match(file, v));
        }
        let language = self.project.language(file);
        let chain = chain_of(callee);
        let path = chain.path();
        self.catalog.calls.iter().any(|spec| {
            let languages = &self.catalog.sdks[spec.sdk].languages;
            (languages.is_empty() || languages.contains(&language))
                && (spec.functions.iter().any(|p| p.matches_end(&path))
                    || spec.chain.iter().any(|p| called(p, &chain, &path)))
        })
    }

    /// The catalog entry that a call matches.
    pub(crate) fn match_call(
        &self,
        file: FileId,
        callee: &Value,
        args: &[ArgValue],
    ) -> Option<usize> {
        if let Value::Choice(c) = callee {
            return c.iter().find_map(|v| self.match_call(file, v, args));
        }
        if let Value::Attr(a) = callee
            && let Value::Made(m) = &a.base
            && self.value_spec(file, m).is_some_and(|v| v.format_only)
        {
            // A template run alone only formats its text.
            return None;
        }
        let language = self.project.language(file);
        let chain = chain_of(callee);
        let path = chain.path();
        let mut origins: Option<Vec<OriginPath>> = None;
        for (i, spec) in self.catalog.calls.iter().enumerate() {
            let sdk = &self.catalog.sdks[spec.sdk];
            if !sdk.languages.is_empty() && !sdk.languages.contains(&language) {
                continue;
            }
            let by_function = chain.mades.is_empty()
                && !spec.functions.is_empty()
                && chain.root.as_ref().is_some_and(|r| {
                    self.in_sdk(spec.sdk, r, language)
                        && spec.functions.iter().any(|p| p.matches_end(&path))
                });
            if !by_function {
                if !spec.chain.iter().any(|p| called(p, &chain, &path)) {
                    continue;
                }
                let origins = origins.get_or_insert_with(|| self.origins(callee));
                if !self.has_evidence(file, language, spec, &path, origins) {
                    continue;
                }
            }
            if !spec.needs.is_empty()
                && !spec
                    .needs
                    .iter()
                    .any(|at| !self.look(at, callee, args).is_empty())
            {
                continue;
            }
            let present = |at: &At| self.is_given(at, callee, args);
            if !spec.all.iter().all(|paths| paths.iter().any(present))
                || (!spec.all.is_empty() && !spec.needs.iter().any(present))
                || spec.without.iter().any(present)
                || spec
                    .not_starting
                    .iter()
                    .any(|(at, texts)| self.starts(at, texts, callee, args))
            {
                continue;
            }
            if !spec.contains.is_empty()
                && !spec
                    .contains
                    .iter()
                    .any(|(at, texts)| self.contains(at, texts, callee, args))
            {
                continue;
            }
            return Some(i);
        }
        None
    }

    /// Whether a callee sends an HTTP request, to whatever URL.
    pub(crate) fn is_http(&self, file: FileId, callee: &Value) -> bool {
        let language = self.project.language(file);
        let chain = chain_of(callee);
        let path = chain.path();
        self.catalog.clients().any(|(sdk, chains, functions)| {
            let languages = &self.catalog.sdks[sdk].languages;
            (languages.is_empty() || languages.contains(&language))
                && (chains.iter().any(|p| p.matches_end(&path))
                    || chain.root.as_ref().is_some_and(|r| {
                        self.in_sdk(sdk, r, language)
                            && functions.iter().any(|p| p.matches_end(&path))
                    }))
        })
    }

    /// The catalog entry that a call of an unknown receiver matches by the shape of its arguments.
    ///
    /// `said` is the name that the receiver has in the code.
    pub(crate) fn match_shape(
        &self,
        file: FileId,
        callee: &Value,
        said: Option<&str>,
        args: &[ArgValue],
    ) -> Option<usize> {
        let language = self.project.language(file);
        let chain = chain_of(callee);
        let known = chain.root.as_ref().is_some_and(|r| {
            !r.module.is_empty()
                && (0..self.catalog.sdks.len()).any(|s| self.in_sdk(s, r, language))
        });
        if known || matches!(callee, Value::Function(_) | Value::Class(_)) {
            return None;
        }
        let name = match callee {
            Value::Param(p) => p.name.clone(),
            Value::Attr(a) => a.name.clone(),
            Value::External(e) if !e.module.is_empty() => e.path.last()?.clone(),
            _ => return None,
        };
        let rooted = chain.root.as_ref().is_some_and(|r| !r.module.is_empty());
        self.catalog.calls.iter().position(|c| {
            let named = c.evidence == Evidence::Shape
                && c.chain
                    .iter()
                    .any(|p| p.matches_end(std::slice::from_ref(&name)));
            if !named {
                return false;
            }
            if c.receiver.is_empty() {
                // The messages say it.
                return !rooted
                    && args.iter().take(3).any(|a| {
                        self.has_roles(&a.value, 0)
                            || self.has_roles(&Value::list(vec![a.value.clone()], false), 0)
                            || self
                                .field(&a.value, "messages", 0)
                                .iter()
                                .any(|(v, _)| self.has_roles(v, 0))
                    });
            }
            // The receiver's name says it; `*` is the function's own.
            let calls_model = said.is_some_and(|n| {
                c.receiver
                    .iter()
                    .any(|p| p.matches_end(std::slice::from_ref(&n)))
            });
            calls_model
                && args.first().is_some_and(|a| {
                    self.may_be_prompt(&a.value)
                        && (a.name.is_none() || !c.needs.is_empty())
                        && (c.needs.is_empty()
                            || c.needs
                                .iter()
                                .any(|at| !self.look(at, callee, args).is_empty()))
                })
        })
    }

    /// Whether a value may be a prompt: text of some words, messages, or what is not known.
    fn may_be_prompt(&self, v: &Value) -> bool {
        match v {
            Value::Text(t) => t.words() >= 3,
            Value::List(_) => self.has_roles(v, 0),
            Value::Map(_) => ["messages", "prompt", "system"]
                .iter()
                .any(|k| !self.field(v, k, 0).is_empty()),
            Value::Choice(c) => c.iter().any(|v| self.may_be_prompt(v)),
            Value::Param(p) => {
                let n = p.name.to_lowercase();
                n.contains("prompt") || n.contains("message")
            }
            Value::Made(m) => matches!(
                last_name(&m.callee).as_str(),
                "HumanMessage" | "SystemMessage"
            ),
            _ => false,
        }
    }

    /// Whether a value is a list of messages with roles.
    pub(crate) fn has_roles(&self, v: &Value, depth: u32) -> bool {
        if depth > 3 {
            return false;
        }
        match v {
            Value::List(l) => l.items.iter().any(|m| match m {
                Value::Map(m) => {
                    let role = m.fields.iter().find(|f| f.key == "role");
                    let said = m
                        .fields
                        .iter()
                        .any(|f| matches!(f.key.as_str(), "content" | "parts" | "text"));
                    said && role.is_some_and(|f| self.role_value(&f.value).is_some())
                }
                // `("system", text)`
                Value::List(pair) => {
                    matches!(pair.items.as_slice(), [role, _] if self.role_value(role).is_some())
                }
                Value::Choice(c) => c
                    .iter()
                    .any(|v| self.has_roles(&Value::list(vec![v.clone()], false), depth + 1)),
                _ => false,
            }),
            Value::Choice(c) => c.iter().any(|v| self.has_roles(v, depth + 1)),
            _ => false,
        }
    }

    /// Whether the text at a path begins with one of these, or holds one that is written `*text`.
    fn starts(&self, at: &At, texts: &[String], callee: &Value, args: &[ArgValue]) -> bool {
        self.look(at, callee, args).iter().any(|(v, _)| {
            let Value::Text(t) = v else { return false };
            let text = flatten(t).text;
            texts.iter().any(|s| match s.strip_prefix('*') {
                Some(part) => text.contains(part),
                None => text.starts_with(s.as_str()),
            })
        })
    }

    pub(super) fn contains(
        &self,
        at: &At,
        texts: &[String],
        callee: &Value,
        args: &[ArgValue],
    ) -> bool {
        self.look(at, callee, args).iter().any(|(v, _)| {
            let mut text = String::new();
            self.any_text(v, &mut text, 0);
            texts.iter().any(|t| text.contains(t.as_str()))
        })
    }

    /// All text in a value, holes as `{expression}`.
    pub(super) fn any_text(&self, v: &Value, out: &mut String, depth: u32) {
        if depth > 6 || out.len() > 4096 {
            return;
        }
        match v {
            Value::Text(t) => {
                out.push_str(&flatten(t).text);
                out.push(' ');
            }
            Value::List(l) => l
                .items
                .iter()
                .for_each(|v| self.any_text(v, out, depth + 1)),
            Value::Choice(c) => c.iter().for_each(|v| self.any_text(v, out, depth + 1)),
            Value::Made(m) => m
                .args
                .iter()
                .for_each(|a| self.any_text(&a.value, out, depth + 1)),
            Value::Unknown(u) => u
                .ingredients
                .iter()
                .for_each(|v| self.any_text(v, out, depth + 1)),
            _ => {}
        }
    }

    /// Whether an imported path belongs to an SDK: `from google import genai` is `google.genai`.
    pub(super) fn in_sdk(&self, sdk: usize, e: &External, language: Language) -> bool {
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
            Evidence::Chain => true,
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
                    crate::hir::What::Name(n) => vec![n.clone()],
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

    pub(super) fn collect_origins(&self, value: &Value, out: &mut Vec<OriginPath>, depth: u32) {
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

    /// The catalog's entry for a prompt-carrying value.
    pub(super) fn value_spec(&self, file: FileId, made: &Rc<Made>) -> Option<&'p ValueSpec> {
        let language = self.project.language(file);
        let chain = chain_of(&made.callee);
        let path = chain.path();
        self.catalog.values.iter().find(|v| {
            v.items.iter().any(|p| p.matches_end(&path))
                && match &chain.root {
                    Some(root) if !root.module.is_empty() => self.in_sdk(v.sdk, root, language),
                    _ => self.imports(file, v.sdk, language),
                }
        })
    }
}
