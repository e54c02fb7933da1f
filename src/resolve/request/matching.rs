//! Which catalog entry a call or a value matches.

mod evidence;
mod shape;

use std::rc::Rc;

use super::super::eval::Evaluator;
use super::super::prompt::flatten;
use super::super::value::{ArgValue, Made, Value};
use super::chain::{Chain, chain_of};
use crate::catalog::{At, Pattern, ValueSpec};
use crate::hir::Name;
use crate::source::FileId;
use evidence::{OriginPath, is_own};

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

    /// Whether a value is the reply of a model call, whose arguments are another prompt, or was taken
    /// from one: `reply.choices.first().map(..)`.
    pub(crate) fn is_reply(&self, file: FileId, value: &Value) -> bool {
        let mut mades = chain_of(value).mades.into_iter();
        mades.any(|m| self.match_call(file, &m.callee, &m.args).is_some())
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
            let below_client = spec.relative && !self.is_test(file);
            if !spec.all.iter().all(|paths| paths.iter().any(present))
                || (!spec.all.is_empty() && !spec.needs.iter().any(present))
                || spec.without.iter().any(present)
                || spec
                    .not_starting
                    .iter()
                    .any(|(at, texts)| self.starts(at, texts, below_client, callee, args))
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

    /// The catalog's entry for a prompt-carrying value.
    pub(super) fn value_spec(&self, file: FileId, made: &Rc<Made>) -> Option<&'p ValueSpec> {
        let language = self.project.language(file);
        let chain = chain_of(&made.callee);
        let path = chain.path();
        self.catalog.values.iter().find(|v| {
            v.items.iter().any(|p| p.matches_end(&path))
                && match &chain.root {
                    _ if v.anywhere => self.catalog.sdks[v.sdk].languages.contains(&language),
                    Some(root) if !root.module.is_empty() && !is_own(&root.module) => {
                        self.in_sdk(v.sdk, root, language)
                    }
                    Some(root) if self.in_sdk(v.sdk, root, language) => true,
                    _ => self.imports(file, v.sdk, language),
                }
        })
    }

    /// Whether the text at a path begins with one of these, holds one that is written `*text`, or is
    /// one, or has one among its items, that is written `=text`; `/` is passed over for a path `below_client`.
    fn starts(
        &self,
        at: &At,
        texts: &[String],
        below_client: bool,
        callee: &Value,
        args: &[ArgValue],
    ) -> bool {
        self.look(at, callee, args).iter().any(|(v, _)| {
            let items = match v {
                Value::List(l) => l.items.as_slice(),
                _ => std::slice::from_ref(v),
            };
            let items: Vec<String> = items
                .iter()
                .filter_map(|v| match v {
                    Value::Text(t) => Some(flatten(t).text),
                    _ => None,
                })
                .collect();
            let text = matches!(v, Value::Text(_)).then(|| items.first()).flatten();
            texts.iter().any(|s| match s.split_at_checked(1) {
                Some(("=", whole)) => items.iter().any(|i| i == whole),
                Some(("*", part)) => text.is_some_and(|t| t.contains(part)),
                Some(("/", "")) if below_client => false,
                _ => text.is_some_and(|t| t.starts_with(s.as_str())),
            })
        })
    }

    fn contains(&self, at: &At, texts: &[String], callee: &Value, args: &[ArgValue]) -> bool {
        self.look(at, callee, args).iter().any(|(v, _)| {
            let mut text = String::new();
            self.any_text(v, &mut text, 0);
            texts.iter().any(|t| text.contains(t.as_str()))
        })
    }

    /// All text in a value, holes as `{expression}`.
    fn any_text(&self, v: &Value, out: &mut String, depth: u32) {
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
}
