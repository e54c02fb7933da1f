//! From a call and the catalog to what it sends: which entry matches, where its prompt stands
//! among the arguments, and the messages found there, whatever their shape.

use std::rc::Rc;

use super::eval::{Evaluator, is_texty, type_text};
use super::text::Engine;
use super::value::{ArgValue, ClassRef, Env, ExprRef, External, Made, Map, Rope, Segment, Value};
use crate::calls::{GapReason, Role, SchemaField, Structured};
use crate::catalog::{At, AtRoot, CallSpec, Evidence, Source, ValueSpec};
use crate::hir::{Expr, Name};
use crate::language::Language;
use crate::source::FileId;

/// A message before it is flattened.
#[derive(Debug, Clone)]
pub(crate) struct Draft {
    pub(crate) role: Role,
    pub(crate) rope: Rope,
}

/// What a call sends.
#[derive(Debug, Default)]
pub(crate) struct Request {
    pub(crate) messages: Vec<Draft>,
    pub(crate) structured: Structured,
    pub(crate) schema: Vec<SchemaField>,
    pub(crate) tools: usize,
    pub(crate) parameters: Vec<(String, String)>,
    pub(crate) gaps: Vec<(GapReason, Option<ExprRef>, String)>,
}

/// A callee taken apart: the root it starts from and the names that follow, through members and calls.
pub(crate) struct Chain {
    /// The imported or builtin name at the root.
    pub(crate) root: Option<Rc<External>>,
    /// Names after the root, calls in between seen through.
    pub(crate) names: Vec<Name>,
    /// The calls in between, nearest to the end first.
    pub(crate) mades: Vec<Rc<Made>>,
    /// Whether the callee is itself a made value, called directly.
    pub(crate) direct: bool,
}

/// Methods that put values together into one that runs them.
const COMPOSING: &[&str] = &[
    "|",
    "pipe",
    "from",
    "RunnableSequence",
    "RunnableParallel",
    "assign",
    "sequence",
];

/// Parameters of a request worth keeping.
const PARAMETERS: &[&str] = &[
    "temperature",
    "max_tokens",
    "maxTokens",
    "max_output_tokens",
    "maxOutputTokens",
    "max_completion_tokens",
    "top_p",
    "n",
    "stop",
    "model",
];

pub(crate) fn chain_of(callee: &Value) -> Chain {
    let mut names = Vec::new();
    let mut mades = Vec::new();
    let direct = matches!(callee, Value::Made(_));
    let mut at = callee.clone();
    let mut root = None;
    for _ in 0..256 {
        at = match &at {
            Value::Attr(a) => {
                if a.name != "[]" {
                    names.push(a.name.clone());
                }
                a.base.clone()
            }
            Value::Made(m) => {
                mades.push(Rc::clone(m));
                m.callee.clone()
            }
            Value::External(e) => {
                root = Some(Rc::clone(e));
                break;
            }
            Value::Choice(c) => match c.iter().find(|v| rooted(v)).or_else(|| c.first()) {
                Some(v) => v.clone(),
                None => break,
            },
            _ => break,
        };
    }
    names.reverse();
    Chain {
        root,
        names,
        mades,
        direct,
    }
}

/// Whether a value's chain begins in a package.
fn rooted(v: &Value) -> bool {
    let mut at = v;
    for _ in 0..64 {
        match at {
            Value::Attr(a) => at = &a.base,
            Value::Made(m) => at = &m.callee,
            Value::External(e) => return !e.module.is_empty(),
            Value::Choice(c) => return c.iter().any(rooted),
            _ => return false,
        }
    }
    false
}

impl Chain {
    /// Path from the root through all names.
    fn path(&self) -> Vec<Name> {
        let mut out = self.root.as_ref().map_or_else(Vec::new, |r| r.path.clone());
        out.extend(self.names.iter().cloned());
        out
    }
}

/// A package value found in a receiver: its module, its path, and whether it is known by type alone.
struct OriginPath {
    module: Name,
    path: Vec<Name>,
    typed: bool,
}

impl<'p> Evaluator<'p> {
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
                let called = spec.chain.iter().any(|p| {
                    if p.segments.len() == 1 && p.segments[0] == "()" {
                        chain.direct
                    } else {
                        !chain.direct && p.matches_end(&path)
                    }
                });
                if !called {
                    continue;
                }
                let origins = origins.get_or_insert_with(|| self.origins(callee));
                if !self.has_evidence(file, language, spec, origins) {
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

    /// The catalog entry that a call of an unknown receiver matches by the shape of its arguments.
    pub(crate) fn match_shape(&self, callee: &Value, args: &[ArgValue]) -> Option<usize> {
        let chain = chain_of(callee);
        let known = chain.root.as_ref().is_some_and(|r| !r.module.is_empty());
        if known || matches!(callee, Value::Function(_) | Value::Class(_)) {
            return None;
        }
        let name = match callee {
            Value::Param(p) => p.name.clone(),
            Value::Attr(a) => a.name.clone(),
            _ => return None,
        };
        let spec = self.catalog.calls.iter().position(|c| {
            c.evidence == Evidence::Shape
                && c.chain
                    .iter()
                    .any(|p| p.matches_end(std::slice::from_ref(&name)))
        })?;
        let speaks = args.iter().take(3).any(|a| {
            self.has_roles(&a.value, 0)
                || self
                    .field(&a.value, "messages", 0)
                    .iter()
                    .any(|(v, _)| self.has_roles(v, 0))
        });
        speaks.then_some(spec)
    }

    /// Whether a value is a list of messages with roles.
    fn has_roles(&self, v: &Value, depth: u32) -> bool {
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
                Value::Choice(c) => c
                    .iter()
                    .any(|v| self.has_roles(&Value::list(vec![v.clone()], false), depth + 1)),
                _ => false,
            }),
            Value::Choice(c) => c.iter().any(|v| self.has_roles(v, depth + 1)),
            _ => false,
        }
    }

    fn contains(&self, at: &At, texts: &[String], callee: &Value, args: &[ArgValue]) -> bool {
        self.look(at, callee, args).iter().any(|(v, _)| {
            let mut text = String::new();
            self.any_text(v, &mut text, 0);
            texts.iter().any(|t| text.contains(t.as_str()))
        })
    }

    /// All literal text in a value.
    fn any_text(&self, v: &Value, out: &mut String, depth: u32) {
        if depth > 6 || out.len() > 4096 {
            return;
        }
        match v {
            Value::Text(t) => {
                out.push_str(&t.literal_text());
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
    fn in_sdk(&self, sdk: usize, e: &External, language: Language) -> bool {
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

    fn has_evidence(
        &self,
        file: FileId,
        language: Language,
        spec: &CallSpec,
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
                                crate::catalog::Pattern {
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
                        && self.imports(file, spec.sdk, language))
            }
        }
    }

    /// Whether a file imports a package of an SDK.
    fn imports(&self, file: FileId, sdk: usize, language: Language) -> bool {
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
    fn origins(&self, value: &Value) -> Vec<OriginPath> {
        let mut out = Vec::new();
        self.collect_origins(value, &mut out, 0);
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

    // ---------------------------------------------------------------- argument paths

    /// The values at a path.
    pub(crate) fn look(
        &self,
        at: &At,
        callee: &Value,
        args: &[ArgValue],
    ) -> Vec<(Value, Option<ExprRef>)> {
        let found: Vec<(Value, Option<ExprRef>)> = match &at.root {
            AtRoot::Positional(n) => args
                .iter()
                .filter(|a| a.name.is_none())
                .nth(*n)
                .map(|a| (a.value.clone(), a.at))
                .into_iter()
                .collect(),
            AtRoot::All => args
                .iter()
                .filter(|a| a.name.is_none())
                .map(|a| (a.value.clone(), a.at))
                .collect(),
            AtRoot::Named(name) => self.named(args, name),
            AtRoot::Receiver => {
                let Some((first, rest)) = at.fields.split_first() else {
                    return Vec::new();
                };
                let found = self.on_receiver(callee, first, 0);
                return self.fields(found, rest);
            }
        };
        self.fields(found, &at.fields)
    }

    fn fields(
        &self,
        found: Vec<(Value, Option<ExprRef>)>,
        fields: &[String],
    ) -> Vec<(Value, Option<ExprRef>)> {
        let mut found = found;
        for f in fields {
            found = found
                .iter()
                .flat_map(|(v, _)| self.field(v, f, 0))
                .collect();
        }
        found.retain(|(v, _)| !matches!(v, Value::Null));
        found
    }

    /// A named argument, or a field of an options object or request among the positional ones.
    fn named(&self, args: &[ArgValue], name: &str) -> Vec<(Value, Option<ExprRef>)> {
        if let Some(a) = args.iter().find(|a| a.name.as_deref() == Some(name)) {
            return vec![(a.value.clone(), a.at)];
        }
        if let Some(s) = args.iter().find(|a| a.spread) {
            return match &s.value {
                v if v.root_param().is_some() => vec![(Value::attr(v.clone(), name), s.at)],
                v => self.field(v, name, 0),
            };
        }
        args.iter()
            .filter(|a| a.name.is_none())
            .take(3)
            .map(|a| self.field(&a.value, name, 0))
            .find(|f| !f.is_empty())
            .unwrap_or_default()
    }

    /// A field of a value: map key, keyword or setter of the calls that made it, attribute of an object.
    pub(crate) fn field(
        &self,
        value: &Value,
        name: &str,
        depth: u32,
    ) -> Vec<(Value, Option<ExprRef>)> {
        if depth > 6 {
            return Vec::new();
        }
        match value {
            Value::Map(m) => {
                if let Some(f) = m.fields.iter().rev().find(|f| f.key == name) {
                    return vec![(f.value.clone(), f.at)];
                }
                m.fields
                    .iter()
                    .filter(|f| f.key == "...")
                    .filter(|f| f.value.root_param().is_some())
                    .map(|f| (Value::attr(f.value.clone(), name), f.at))
                    .collect()
            }
            Value::Made(_) => self.on_receiver(value, name, depth + 1),
            Value::Instance(i) => match self.instance_member(i, name) {
                Some(Value::Function(_)) | None => Vec::new(),
                Some(v) => vec![(v, None)],
            },
            Value::Class(c) => self
                .class_member(*c, name, 0)
                .filter(|v| !matches!(v, Value::Function(_)))
                .map(|v| (v, None))
                .into_iter()
                .collect(),
            Value::Choice(c) => c
                .iter()
                .flat_map(|v| self.field(v, name, depth + 1))
                .collect(),
            Value::Unknown(u) => u
                .ingredients
                .iter()
                .flat_map(|v| self.field(v, name, depth + 1))
                .collect(),
            Value::Param(p) if is_options(&p.name) => {
                vec![(Value::attr(value.clone(), name), None)]
            }
            _ => Vec::new(),
        }
    }

    /// What was set under a name anywhere along a receiver's chain.
    fn on_receiver(&self, callee: &Value, name: &str, depth: u32) -> Vec<(Value, Option<ExprRef>)> {
        if depth > 6 {
            return Vec::new();
        }
        let mut out = Vec::new();
        let chain = chain_of(callee);
        for m in &chain.mades {
            let setter = last_name(&m.callee);
            let sets = setter == name
                || ["with_", "set_", "add_", "append_", "with", "set"]
                    .iter()
                    .any(|p| setter.strip_prefix(p).is_some_and(|s| same_name(s, name)));
            if sets {
                match m.args.first() {
                    Some(a) => out.push((a.value.clone(), a.at)),
                    None => out.push((Value::Bool(true), None)),
                }
                continue;
            }
            let transparent = matches!(
                setter.as_str(),
                "dumps"
                    | "stringify"
                    | "to_string"
                    | "json"
                    | "from"
                    | "new"
                    | "to_value"
                    | "Some"
                    | "encode"
            );
            let found: Vec<_> = m
                .args
                .iter()
                .filter(|a| a.name.as_deref() == Some(name))
                .map(|a| (a.value.clone(), a.at))
                .collect();
            if !found.is_empty() {
                out.extend(found);
                continue;
            }
            for a in m.args.iter().filter(|a| a.name.is_none()).take(3) {
                match &a.value {
                    Value::Map(_) => out.extend(self.field(&a.value, name, depth + 1)),
                    Value::Made(_) | Value::Instance(_) | Value::Choice(_)
                        if transparent || setter == "|" =>
                    {
                        out.extend(self.field(&a.value, name, depth + 1));
                    }
                    _ => {}
                }
            }
        }
        if out.is_empty()
            && let Some(root) = chain_root(callee)
        {
            match &root {
                Value::Instance(_) | Value::Map(_) | Value::Choice(_) => {
                    return self.field(&root, name, depth + 1);
                }
                _ => {}
            }
        }
        // Setters are met from the last to the first.
        out.reverse();
        out
    }

    // ---------------------------------------------------------------- requests

    /// What a matched call sends.
    pub(crate) fn request(
        &self,
        file: FileId,
        spec: &CallSpec,
        callee: &Value,
        args: &[ArgValue],
    ) -> Request {
        let mut r = Request::default();
        let vars = spec
            .vars
            .iter()
            .flat_map(|at| self.look(at, callee, args))
            .find_map(|(v, _)| match v {
                Value::Map(m) => Some(m),
                _ => None,
            });
        for source in &spec.prompt {
            for at in &source.at {
                let found;
                if at.root == AtRoot::Receiver && at.fields.is_empty() {
                    let before = r.messages.len();
                    self.prompt_values(file, callee, vars.as_deref(), &mut r, 0);
                    found = r.messages.len() > before;
                } else {
                    let values = self.look(at, callee, args);
                    found = !values.is_empty();
                    for (v, e) in values {
                        let filled_by_template =
                            vars.is_some() && matches!(v, Value::Map(_)) && !r.messages.is_empty();
                        if !filled_by_template {
                            self.messages_of(file, &v, source.role, e, &mut r, 0);
                        }
                    }
                }
                if found {
                    break;
                }
            }
        }
        for at in &spec.structured {
            for (v, _) in self.look(at, callee, args) {
                let last = at.fields.last().map_or_else(
                    || match &at.root {
                        AtRoot::Named(n) => n.as_str(),
                        _ => "",
                    },
                    String::as_str,
                );
                let strength = self.strength(last, &v, 0);
                if strength > Structured::None && r.schema.is_empty() {
                    self.schema_fields(&v, &mut r.schema, 0);
                }
                r.structured = r.structured.max(strength);
            }
        }
        let method = last_name(callee);
        if spec.always_structured || spec.structured_methods.iter().any(|m| *m == method) {
            r.structured = Structured::Schema;
        }
        for at in &spec.tools {
            for (v, _) in self.look(at, callee, args) {
                r.tools += match &v {
                    Value::List(l) => l.items.len().max(usize::from(l.open)),
                    Value::Map(m) => m.fields.len(),
                    Value::Null => 0,
                    _ => 1,
                };
            }
        }
        for p in PARAMETERS {
            if let Some((v, _)) = self.named(args, p).into_iter().next() {
                let text = match &v {
                    Value::Number(n) => Some(n.to_string()),
                    Value::Text(t) => t.as_literal(),
                    _ => None,
                };
                if let Some(t) = text {
                    r.parameters.push(((*p).to_owned(), t));
                }
            }
        }
        r
    }

    /// The prompt-carrying values along a receiver and in its compositions.
    fn prompt_values(
        &self,
        file: FileId,
        value: &Value,
        vars: Option<&Map>,
        r: &mut Request,
        depth: u32,
    ) {
        if depth > 6 {
            return;
        }
        match value {
            Value::Choice(c) => {
                c.iter()
                    .for_each(|v| self.prompt_values(file, v, vars, r, depth + 1));
                return;
            }
            Value::List(l) => {
                l.items
                    .iter()
                    .take(16)
                    .for_each(|v| self.prompt_values(file, v, vars, r, depth + 1));
                return;
            }
            Value::Map(m) => {
                m.fields
                    .iter()
                    .take(16)
                    .for_each(|f| self.prompt_values(file, &f.value, vars, r, depth + 1));
                return;
            }
            Value::Function(f) => {
                // A step that builds the prompt.
                for ret in self
                    .function(f.function)
                    .iter()
                    .flat_map(|x| x.returns.iter())
                    .take(4)
                {
                    let v = self.eval(
                        ExprRef {
                            file: f.function.file,
                            expr: ret.value,
                        },
                        &f.env,
                    );
                    if matches!(v, Value::Made(_)) {
                        self.prompt_values(file, &v, vars, r, depth + 1);
                    }
                }
                return;
            }
            _ => {}
        }
        let chain = chain_of(value);
        let mut mades = chain.mades.clone();
        mades.reverse();
        for m in &mades {
            if let Some(spec) = self.value_spec(file, m) {
                let own = Value::Made(Rc::clone(m));
                self.spec_messages(file, spec, &own, m, vars, r, depth);
                continue;
            }
            let name = last_name(&m.callee);
            if COMPOSING.contains(&name.as_str()) || rooted(&m.callee) {
                for a in m.args.iter().take(16) {
                    if matches!(
                        a.value,
                        Value::Made(_)
                            | Value::List(_)
                            | Value::Map(_)
                            | Value::Choice(_)
                            | Value::Attr(_)
                            | Value::Function(_)
                    ) {
                        self.prompt_values(file, &a.value, vars, r, depth + 1);
                    }
                }
            }
        }
    }

    /// The catalog's entry for a prompt-carrying value.
    fn value_spec(&self, file: FileId, made: &Rc<Made>) -> Option<&'p ValueSpec> {
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

    fn spec_messages(
        &self,
        file: FileId,
        spec: &ValueSpec,
        value: &Value,
        made: &Rc<Made>,
        vars: Option<&Map>,
        r: &mut Request,
        depth: u32,
    ) {
        let mut own = Request::default();
        for source in &spec.text {
            self.source_messages(file, source, value, &made.args, &mut own, depth);
        }
        for at in &spec.structured {
            for (v, _) in self.look(at, value, &made.args) {
                let strength = self.strength("", &v, 0);
                if strength > Structured::None && r.schema.is_empty() {
                    self.schema_fields(&v, &mut r.schema, 0);
                }
                r.structured = r.structured.max(strength);
            }
        }
        if spec.template {
            let empty = Map::default();
            for m in &mut own.messages {
                m.rope = self.template_holes(&m.rope, vars.unwrap_or(&empty));
            }
        }
        r.messages.append(&mut own.messages);
        r.gaps.append(&mut own.gaps);
    }

    fn source_messages(
        &self,
        file: FileId,
        source: &Source,
        callee: &Value,
        args: &[ArgValue],
        r: &mut Request,
        depth: u32,
    ) {
        for at in &source.at {
            let values = self.look(at, callee, args);
            if values.is_empty() {
                continue;
            }
            for (v, e) in values {
                self.messages_of(file, &v, source.role, e, r, depth + 1);
            }
            return;
        }
    }

    /// The placeholders of a template as holes: filled by the variables given, or unfilled.
    fn template_holes(&self, rope: &Rope, vars: &Map) -> Rope {
        let filled = self.fill_map(&Value::text(rope.clone()), vars, &[], Engine::Braces);
        let Value::Text(filled) = filled else {
            return rope.clone();
        };
        super::prompt::open_placeholders(&filled)
    }

    /// Adds the messages that a value stands for, whatever its shape.
    pub(crate) fn messages_of(
        &self,
        file: FileId,
        value: &Value,
        role: Role,
        at: Option<ExprRef>,
        r: &mut Request,
        depth: u32,
    ) {
        if depth > 10 || r.messages.len() > 64 {
            r.gaps.push((GapReason::Limit, at, String::new()));
            return;
        }
        match value {
            Value::Null | Value::Number(_) | Value::Bool(_) => {}
            Value::Text(_) => {
                let mut rope = Rope::default();
                self.text_into(&mut rope, value, at);
                r.messages.push(Draft { role, rope });
            }
            Value::List(l) => {
                if let Some(m) = self.tuple_message(l) {
                    r.messages.push(m);
                    return;
                }
                for v in l.items.iter().take(64) {
                    self.messages_of(
                        file,
                        v,
                        role,
                        at.filter(|_| !matches!(v, Value::Attr(_))),
                        r,
                        depth + 1,
                    );
                }
            }
            Value::Map(m) => self.map_message(file, m, role, r, depth),
            Value::Choice(c) => {
                if c.iter().any(is_texty)
                    && c.iter()
                        .all(|v| is_texty(v) || matches!(v, Value::Null | Value::Unknown(_)))
                {
                    let mut rope = Rope::default();
                    self.text_into(&mut rope, value, at);
                    r.messages.push(Draft { role, rope });
                } else {
                    for v in c.iter() {
                        self.messages_of(file, v, role, at, r, depth + 1);
                    }
                }
            }
            Value::Made(m) => self.made_message(file, m, value, role, at, r, depth),
            Value::Instance(i) => {
                if let Some(text) = self.instance_text(i) {
                    r.messages.push(Draft { role, rope: text });
                    return;
                }
                self.object_message(file, value, role, at, r, depth);
            }
            Value::Class(c) => self.class_message(file, *c, r, depth),
            Value::Function(f) => {
                // Instructions given as a function: what it returns.
                if let Some(at) = at {
                    let v = self.call_function(f, &[], at);
                    if is_texty(&v) || matches!(v, Value::List(_)) {
                        self.messages_of(file, &v, role, Some(at), r, depth + 1);
                    }
                }
            }
            Value::Unknown(u) if !u.ingredients.is_empty() => {
                let before = r.messages.len();
                for v in &u.ingredients {
                    if self.is_prompt_like(v, 0) {
                        self.messages_of(file, v, role, None, r, depth + 1);
                    }
                }
                r.gaps.push((u.reason, at, String::new()));
                if r.messages.len() == before {
                    self.hole_message(value, role, at, r);
                }
            }
            Value::Unknown(u) => {
                r.gaps.push((u.reason, at, String::new()));
                self.hole_message(value, role, at, r);
            }
            Value::Param(_) | Value::Attr(_) | Value::External(_) | Value::Module(_) => {
                self.hole_message(value, role, at, r);
            }
        }
    }

    fn hole_message(&self, value: &Value, role: Role, at: Option<ExprRef>, r: &mut Request) {
        r.messages.push(Draft {
            role,
            rope: Rope {
                segments: vec![self.hole(value, at)],
            },
        });
    }

    /// `("system", "text")`.
    fn tuple_message(&self, l: &super::value::List) -> Option<Draft> {
        let [who, what] = l.items.as_slice() else {
            return None;
        };
        let role = role_of(&self.literal(who)?)?;
        let mut rope = Rope::default();
        self.text_into(&mut rope, what, None);
        Some(Draft { role, rope })
    }

    /// `{role, content}`, parts, or a map that holds messages.
    fn map_message(&self, file: FileId, m: &Rc<Map>, role: Role, r: &mut Request, depth: u32) {
        let get = |k: &str| m.fields.iter().rev().find(|f| f.key == k);
        if let Some(kind) = get("type").and_then(|f| self.literal(&f.value))
            && (kind.contains("image")
                || kind.contains("audio")
                || kind == "file"
                || kind.contains("tool_use"))
        {
            return;
        }
        let said = get("role")
            .or_else(|| get("author"))
            .and_then(|f| self.role_value(&f.value));
        let role = said.unwrap_or(role);
        for key in [
            "content",
            "parts",
            "text",
            "input_text",
            "input",
            "prompt",
            "message",
            "messages",
            "inputText",
            "value",
        ] {
            if let Some(f) = get(key) {
                self.content(file, &f.value, role, f.at, r, depth);
                return;
            }
        }
        for f in m.fields.iter().filter(|f| f.key == "...") {
            self.messages_of(file, &f.value, role, f.at, r, depth + 1);
        }
        if m.fields.iter().any(|f| f.key == "...") || said.is_some() {
            return;
        }
        // Variables of a template, a state, a structured input: its texts.
        for f in m.fields.iter().take(16) {
            if self.is_prompt_like(&f.value, 0) || f.value.root_param().is_some() {
                self.messages_of(file, &f.value, role, f.at, r, depth + 1);
            }
        }
    }

    /// The content of one message: text, or parts that are joined into one.
    fn content(
        &self,
        file: FileId,
        value: &Value,
        role: Role,
        at: Option<ExprRef>,
        r: &mut Request,
        depth: u32,
    ) {
        let mut own = Request::default();
        self.messages_of(file, value, role, at, &mut own, depth + 1);
        r.gaps.append(&mut own.gaps);
        let same = own.messages.iter().all(|m| m.role == role);
        if same && own.messages.len() > 1 && matches!(value, Value::List(_)) {
            let mut rope = Rope::default();
            for m in &own.messages {
                if !rope.segments.is_empty() {
                    rope.segments.push(Segment::Break);
                }
                rope.push(&m.rope);
            }
            r.messages.push(Draft { role, rope });
        } else {
            r.messages.append(&mut own.messages);
        }
    }

    fn role_value(&self, v: &Value) -> Option<Role> {
        match v {
            Value::Text(t) => role_of(&t.as_literal()?),
            Value::External(e) => role_of(e.path.last()?),
            Value::Attr(a) => role_of(&a.name),
            Value::Choice(c) => c.iter().find_map(|v| self.role_value(v)),
            Value::Made(m) => role_of(&last_name(&m.callee)),
            _ => None,
        }
    }

    /// A message object, a prompt value, a conversion of either.
    fn made_message(
        &self,
        file: FileId,
        made: &Rc<Made>,
        value: &Value,
        role: Role,
        at: Option<ExprRef>,
        r: &mut Request,
        depth: u32,
    ) {
        let language = self.project.language(file);
        let chain = chain_of(value);
        // A role constructor anywhere along a builder's chain.
        let mut path = chain.path();
        while !path.is_empty() {
            let spec = self.catalog.messages.iter().find(|m| {
                let sdk = &self.catalog.sdks[m.sdk];
                (sdk.languages.is_empty() || sdk.languages.contains(&language))
                    && m.items.iter().any(|p| p.matches_end(&path))
            });
            if let Some(spec) = spec {
                for at in &spec.text {
                    let args = chain.mades.last().map_or(&made.args, |m| &m.args);
                    let mut found = self.look(at, value, args);
                    if found.is_empty()
                        && let AtRoot::Named(n) = &at.root
                    {
                        found = self.on_receiver(value, n, 0);
                    }
                    if !found.is_empty() {
                        for (v, e) in found {
                            self.content(file, &v, spec.role, e, r, depth);
                        }
                        return;
                    }
                }
            }
            path.pop();
            if path.len() + 1
                <= chain
                    .root
                    .as_ref()
                    .map_or(0, |r| r.path.len().saturating_sub(1))
            {
                break;
            }
        }
        if let Some(spec) = self.value_spec(file, made) {
            self.spec_messages(file, spec, value, made, None, r, depth);
            return;
        }
        // A prompt value filled: `prompt.format_messages(x=1)`.
        let receiver = match &made.callee {
            Value::Attr(a) => Some(a.base.clone()),
            _ => None,
        };
        if let Some(receiver) = &receiver {
            let before = r.messages.len();
            let mut vars = Map::default();
            for a in &made.args {
                match (&a.name, &a.value) {
                    (Some(n), v) => vars.fields.push(super::value::MapField {
                        key: n.clone(),
                        value: v.clone(),
                        at: a.at,
                    }),
                    (None, v @ Value::Map(_)) => super::eval::merge(&mut vars, v.clone()),
                    _ => {}
                }
            }
            if !self.ends_in_model(file, made) {
                self.prompt_values(file, receiver, Some(&vars), r, depth + 1);
            }
            if r.messages.len() > before {
                return;
            }
        }
        if self.object_message(file, value, role, at, r, depth) {
            return;
        }
        if self.ends_in_model(file, made) {
            self.hole_message(value, role, at, r);
            return;
        }
        // A conversion: what it was given.
        let before = r.messages.len();
        let parts = receiver
            .iter()
            .chain(made.args.iter().map(|a| &a.value))
            .filter(|v| self.is_prompt_like(v, 0))
            .cloned()
            .collect::<Vec<_>>();
        for v in parts.iter().take(8) {
            self.messages_of(file, v, role, None, r, depth + 1);
        }
        if r.messages.len() > before {
            r.gaps
                .push((GapReason::Dynamic, at, self.callee_name(&made.callee)));
        } else if let Some((v, e)) = receiver
            .iter()
            .map(|v| (v, at))
            .chain(made.args.iter().map(|a| (&a.value, a.at)))
            .find(|(v, _)| v.root_param().is_some())
        {
            // A parameter through a conversion is still that parameter's text.
            self.hole_message(v, role, e, r);
        } else {
            self.hole_message(value, role, at, r);
        }
    }

    /// Whether a made value is the reply of a model call, whose arguments are another prompt.
    fn ends_in_model(&self, file: FileId, made: &Rc<Made>) -> bool {
        self.match_call(file, &made.callee, &made.args).is_some()
    }

    /// An object with a role and a content, or with a text of its own.
    fn object_message(
        &self,
        file: FileId,
        value: &Value,
        role: Role,
        at: Option<ExprRef>,
        r: &mut Request,
        depth: u32,
    ) -> bool {
        let said = self
            .field(value, "role", 0)
            .into_iter()
            .find_map(|(v, _)| self.role_value(&v));
        for key in ["content", "text", "parts", "messages", "prompt", "template"] {
            let found = self.field(value, key, 0);
            if found.is_empty() {
                continue;
            }
            for (v, e) in found {
                self.content(file, &v, said.unwrap_or(role), e.or(at), r, depth);
            }
            return true;
        }
        if let Value::Instance(i) = value {
            // Any text among its arguments.
            let before = r.messages.len();
            for a in i.args.iter().flatten() {
                if self.is_prompt_like(&a.value, 0) {
                    self.messages_of(file, &a.value, role, a.at, r, depth + 1);
                }
            }
            if r.messages.len() == before {
                self.hole_message(value, role, at, r);
            }
            return true;
        }
        false
    }

    /// A class that is itself the prompt (a signature): its documentation and its fields' descriptions.
    fn class_message(&self, file: FileId, c: ClassRef, r: &mut Request, depth: u32) {
        let Some(class) = self.class(c) else { return };
        if let Some(doc) = class.doc {
            let at = ExprRef {
                file: c.file,
                expr: doc,
            };
            let v = self.eval(at, &None);
            self.messages_of(file, &v, Role::Template, Some(at), r, depth + 1);
        }
        for f in &class.fields {
            let Some(value) = f.value else { continue };
            let v = self.eval(
                ExprRef {
                    file: c.file,
                    expr: value,
                },
                &None,
            );
            for key in ["desc", "description", "prefix"] {
                for (text, e) in self.field(&v, key, 0) {
                    self.messages_of(file, &text, Role::Description, e, r, depth + 1);
                }
            }
        }
    }

    /// Whether text of a prompt may stand in a value.
    pub(crate) fn is_prompt_like(&self, v: &Value, depth: u32) -> bool {
        if depth > 3 {
            return false;
        }
        match v {
            Value::Text(t) => t.words() >= 3,
            Value::Choice(c) => c.iter().any(|v| self.is_prompt_like(v, depth)),
            Value::List(l) => l.items.iter().any(|v| self.is_prompt_like(v, depth + 1)),
            Value::Map(m) => m.fields.iter().any(|f| {
                matches!(
                    f.key.as_str(),
                    "role" | "content" | "text" | "parts" | "messages" | "prompt"
                ) && (f.key == "role" || self.is_prompt_like(&f.value, depth + 1))
            }),
            Value::Made(m) => m
                .args
                .iter()
                .any(|a| self.is_prompt_like(&a.value, depth + 1)),
            Value::Instance(i) => i
                .args
                .iter()
                .flatten()
                .any(|a| self.is_prompt_like(&a.value, depth + 1)),
            Value::Unknown(u) => u
                .ingredients
                .iter()
                .any(|v| self.is_prompt_like(v, depth + 1)),
            _ => false,
        }
    }

    // ---------------------------------------------------------------- structured output

    fn strength(&self, name: &str, v: &Value, depth: u32) -> Structured {
        if depth > 4 {
            return Structured::Schema;
        }
        match v {
            Value::Null | Value::Bool(false) => Structured::None,
            Value::Unknown(u) if u.ingredients.is_empty() => Structured::None,
            v if v.root_param().is_some() => Structured::None,
            Value::Text(t) => match t.as_literal().as_deref() {
                Some("auto" | "none" | "text" | "text/plain" | "") => Structured::None,
                Some("json" | "json_object" | "application/json") => Structured::JsonMode,
                Some("required" | "any") => Structured::Schema,
                _ if name.contains("mime") => Structured::JsonMode,
                _ => Structured::Schema,
            },
            Value::Map(m) => {
                let kind = m.fields.iter().find(|f| f.key == "type");
                match kind.and_then(|f| self.literal(&f.value)).as_deref() {
                    Some("text" | "auto" | "none") => Structured::None,
                    Some("json_object") => {
                        if m.fields.iter().any(|f| f.key == "schema") {
                            Structured::Schema
                        } else {
                            Structured::JsonMode
                        }
                    }
                    _ => Structured::Schema,
                }
            }
            Value::Choice(c) => c
                .iter()
                .map(|v| self.strength(name, v, depth + 1))
                .max()
                .unwrap_or(Structured::None),
            Value::Made(m) => {
                let last = last_name(&m.callee).to_lowercase();
                if last.contains("jsonobject")
                    || last.contains("json_object")
                    || last.contains("jsonmode")
                {
                    Structured::JsonMode
                } else {
                    Structured::Schema
                }
            }
            Value::External(e) => match e.path.last().map(|p| p.to_lowercase()).as_deref() {
                Some("jsonobject" | "jsonmode" | "json") => Structured::JsonMode,
                _ => Structured::Schema,
            },
            Value::Attr(a) => match a.name.to_lowercase().as_str() {
                "jsonobject" | "jsonmode" | "json" => Structured::JsonMode,
                _ => Structured::Schema,
            },
            _ => Structured::Schema,
        }
    }

    /// The fields of a schema: a model class, a map of types, a JSON schema.
    fn schema_fields(&self, v: &Value, out: &mut Vec<SchemaField>, depth: u32) {
        if depth > 5 || out.len() > 64 {
            return;
        }
        match v {
            Value::Class(c) => {
                for f in self.class(*c).iter().flat_map(|c| c.fields.iter()) {
                    out.push(SchemaField {
                        name: f.name.to_string(),
                        ty: f.ty.as_ref().map(type_text).unwrap_or_default(),
                    });
                }
            }
            Value::Map(m) => {
                if let Some(p) = m.fields.iter().find(|f| f.key == "properties")
                    && let Value::Map(p) = &p.value
                {
                    for f in &p.fields {
                        let ty = match &f.value {
                            Value::Map(m) => m
                                .fields
                                .iter()
                                .find(|f| f.key == "type")
                                .and_then(|f| self.literal(&f.value)),
                            _ => None,
                        };
                        out.push(SchemaField {
                            name: f.key.to_string(),
                            ty: ty.unwrap_or_default(),
                        });
                    }
                    return;
                }
                for key in ["schema", "json_schema", "parameters", "format"] {
                    if let Some(f) = m.fields.iter().find(|f| f.key == key) {
                        self.schema_fields(&f.value, out, depth + 1);
                    }
                }
            }
            Value::Made(m) => {
                let name = last_name(&m.callee);
                if name == "object" || name == "strictObject" {
                    if let Some(Value::Map(fields)) = m.args.first().map(|a| &a.value) {
                        for f in &fields.fields {
                            out.push(SchemaField {
                                name: f.key.to_string(),
                                ty: self.zod_type(&f.value),
                            });
                        }
                    }
                    return;
                }
                if let Value::Attr(a) = &m.callee {
                    self.schema_fields(&a.base, out, depth + 1);
                }
                for a in m.args.iter().take(3) {
                    self.schema_fields(&a.value, out, depth + 1);
                }
            }
            Value::Choice(c) => {
                if let Some(v) = c.first() {
                    self.schema_fields(v, out, depth + 1);
                }
            }
            _ => {}
        }
    }

    /// The head of a zod chain: `z.number().int()` is `number`.
    fn zod_type(&self, v: &Value) -> String {
        let chain = chain_of(v);
        let wrapper = |n: &str| {
            matches!(
                n,
                "optional" | "nullable" | "describe" | "default" | "int" | "min" | "max"
            )
        };
        chain
            .path()
            .iter()
            .find(|n| *n != "z" && !wrapper(n))
            .map_or_else(String::new, ToString::to_string)
    }

    /// The literal environment of a call's arguments at a site.
    pub(crate) fn site_args(&self, at: ExprRef, env: &Env) -> Vec<ArgValue> {
        match self.facts(at.file).map(|f| f.expr(at.expr)) {
            Some(Expr::Call { args, .. }) => self.args(at.file, args, env),
            _ => Vec::new(),
        }
    }
}

/// Whether any origin is a package at all.
fn from_package(origins: &[OriginPath]) -> bool {
    origins
        .iter()
        .any(|o| !o.module.is_empty() && !o.path.is_empty())
}

fn chain_root(v: &Value) -> Option<Value> {
    let mut at = v.clone();
    for _ in 0..64 {
        at = match &at {
            Value::Attr(a) => a.base.clone(),
            Value::Made(m) => m.callee.clone(),
            Value::External(_) => return None,
            other => return Some(other.clone()),
        };
    }
    None
}

/// The last name of a callee.
pub(crate) fn last_name(callee: &Value) -> Name {
    match callee {
        Value::Attr(a) => a.name.clone(),
        Value::External(e) => e.path.last().cloned().unwrap_or_else(|| e.module.clone()),
        Value::Made(m) => last_name(&m.callee),
        Value::Choice(c) => c.first().map(last_name).unwrap_or_default(),
        _ => Name::default(),
    }
}

/// `system_prompt` and `systemPrompt` are the same setter.
fn same_name(a: &str, b: &str) -> bool {
    let plain = |s: &str| s.replace('_', "").to_lowercase();
    plain(a) == plain(b)
}

/// A parameter that carries named options.
fn is_options(name: &str) -> bool {
    matches!(
        name,
        "options"
            | "opts"
            | "params"
            | "kwargs"
            | "args"
            | "request"
            | "req"
            | "body"
            | "payload"
            | "config"
            | "input"
            | "data"
            | "props"
    )
}

/// A role as SDKs name it.
fn role_of(name: &str) -> Option<Role> {
    Some(match name.to_lowercase().as_str() {
        "system" | "developer" => Role::System,
        "user" | "human" => Role::User,
        "assistant" | "model" | "ai" => Role::Assistant,
        "tool" | "function" => Role::Tool,
        _ => return None,
    })
}
