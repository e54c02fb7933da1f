//! Finding the calls of a project in rounds with a barrier between them, so that the outcome does
//! not depend on the order of files or the number of threads.

mod definitions;

use std::collections::{BTreeMap, BTreeSet};

use memchr::memmem;
use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};

use super::Options;
use crate::calls::{Gap, LlmCall, Message, Structured};
use crate::catalog::Catalog;
use crate::hir::{Expr, ExprId, How, MODULE, ScopeKind};
use crate::prefilter::Prefilter;
use crate::project::Project;
use crate::resolve::eval::{Evaluator, shorten};
use crate::resolve::prompt::flatten;
use crate::resolve::reply::{ReplyTracker, Returned};
use crate::resolve::sites::{
    CallNames, Definitions, Link, Site, SiteKind, Wrappers, calls, definitions, enclosing_functions,
};
use crate::resolve::value::{ExprRef, FunctionRef, Value};
use crate::source::{FileId, Location};
use crate::suppress::FileComments;

/// Wrappers of wrappers that are asked whether they parse.
const MAX_PARSING_WRAPPERS: u32 = 3;
/// How far up the callers of a function that holds a call are looked for, as far as replies are
/// followed.
const MAX_READERS: usize = 2;
/// Rounds of looking for callers of new wrappers.
const MAX_ROUNDS: u32 = 8;

/// A comment for this linter, in any language.
const OWN_COMMENT: &[u8] = b"deprompt:";

/// What was found.
pub(super) struct Found {
    pub(super) calls: Vec<LlmCall>,
    pub(super) comments: Vec<FileComments>,
    /// The files that were looked into, whatever else had to be parsed for them.
    pub(super) relevant: BTreeSet<FileId>,
}

pub(super) fn discover(project: &Project<'_>, catalog: &Catalog, options: &Options) -> Found {
    let ids: Vec<FileId> = project.ids().collect();
    let candidates: Vec<FileId> = match Prefilter::new(catalog) {
        Ok(p) => ids
            .par_iter()
            .map_init(Vec::new, |buffer, id| {
                let relevant = project.bytes_into(*id, buffer)
                    && (p.is_candidate(project.language(*id), buffer)
                        || memmem::find(buffer, OWN_COMMENT).is_some());
                relevant.then_some(*id)
            })
            .flatten()
            .collect(),
        Err(_) => ids.clone(),
    };
    let mut state = State {
        project,
        catalog,
        names: CallNames::new(catalog),
        scanned: FxHashSet::default(),
        sites: BTreeMap::new(),
        links: BTreeMap::new(),
        wrappers: Wrappers::new(),
        definitions: Definitions::new(),
        defined: FxHashSet::default(),
        waiting: Vec::new(),
        relevant: BTreeSet::new(),
    };
    state.scan(&candidates);
    if !options.prefilter {
        state.look_for_calls(&ids);
    }
    state.follow_clients(&ids);
    state.follow_wrappers(&ids);
    if state.scan_shapes() {
        state.follow_wrappers(&ids);
    }
    state.follow_readers(&ids);
    let calls = state.finish();
    let relevant = state.relevant;
    let comments = relevant
        .iter()
        .filter_map(|id| {
            let facts = &project.parsed(*id)?.facts;
            Some(FileComments {
                file: *id,
                comments: facts.comments.clone(),
                statements: facts.writes.iter().map(|w| w.span).collect(),
            })
        })
        .collect();
    Found {
        calls,
        comments,
        relevant,
    }
}

struct State<'a> {
    project: &'a Project<'a>,
    catalog: &'a Catalog,
    names: CallNames,
    /// Files whose SDK calls have been looked for.
    scanned: FxHashSet<FileId>,
    sites: BTreeMap<ExprRef, Site>,
    /// What calls lead to, once evaluated.
    links: BTreeMap<ExprRef, Link>,
    wrappers: Wrappers,
    definitions: Definitions,
    defined: FxHashSet<FileId>,
    /// Requests told by their fields, in files that are not relevant yet.
    waiting: Vec<Site>,
    /// The files that have a marker, or a name that what was found leads to. Everything but the
    /// search for SDK calls keeps to them, so that the prefilter changes nothing.
    relevant: BTreeSet<FileId>,
}

impl<'a> State<'a> {
    /// Takes files in, and looks for SDK calls in them.
    fn scan(&mut self, files: &[FileId]) {
        self.relevant.extend(files);
        self.look_for_calls(files);
    }

    /// Looks for SDK calls in files.
    fn look_for_calls(&mut self, files: &[FileId]) {
        let fresh: Vec<FileId> = files
            .iter()
            .copied()
            .filter(|f| !self.scanned.contains(f))
            .collect();
        let found: Vec<Vec<Site>> = fresh
            .par_iter()
            .map(|f| Evaluator::new(self.project, self.catalog).sdk_sites(*f, &self.names))
            .collect();
        self.scanned.extend(fresh);
        // The fields that tell a request by its body alone must stand in the file, or something of
        // what was found must lead there; until then such a call waits.
        let mut here: Vec<Site> = found.into_iter().flatten().collect();
        here.append(&mut self.waiting);
        let (now, waiting) = here
            .into_iter()
            .partition(|s| self.relevant.contains(&s.at.file) || !self.is_told_by_fields(s));
        self.waiting = waiting;
        self.add(Vec::into_iter(now));
    }

    fn is_told_by_fields(&self, site: &Site) -> bool {
        match site.kind {
            SiteKind::Catalog(spec) => {
                let spec = &self.catalog.calls[spec];
                spec.contains.is_empty() && !spec.all.is_empty()
            }
            SiteKind::Open => true,
            SiteKind::Wrapper(_) => false,
        }
    }

    /// Looks for calls known by their shape; whether they made new wrappers.
    fn scan_shapes(&mut self) -> bool {
        let known: FxHashSet<ExprRef> = self.sites.keys().copied().collect();
        let files: Vec<FileId> = self.relevant.iter().copied().collect();
        let found: Vec<Vec<Site>> = files
            .par_iter()
            .map(|f| {
                Evaluator::new(self.project, self.catalog).shape_sites(*f, &self.names, &known)
            })
            .collect();
        self.add(found.into_iter().flatten())
    }

    fn add(&mut self, sites: impl Iterator<Item = Site>) -> bool {
        let mut grown = false;
        for s in sites {
            for f in &s.flows {
                let list = self.wrappers.entry(*f).or_default();
                match list.iter_mut().find(|o| o.at == s.at) {
                    None => {
                        list.push(s.clone());
                        grown = true;
                    }
                    // What a caller could have made a call is one by itself.
                    Some(o) if o.open && !s.open => {
                        *o = s.clone();
                        grown = true;
                    }
                    Some(_) => {}
                }
            }
            let known = self.sites.get(&s.at).is_some_and(|o| !o.open || s.open);
            if !known {
                self.sites.insert(s.at, s);
            }
        }
        grown
    }

    /// SDK clients that a module keeps in a variable are used in files that import no SDK.
    fn follow_clients(&mut self, ids: &[FileId]) {
        let mut names: FxHashSet<String> = FxHashSet::default();
        let relevant: Vec<FileId> = self.relevant.iter().copied().collect();
        let found: Vec<Vec<String>> = relevant.par_iter().map(|f| self.client_names(*f)).collect();
        names.extend(found.into_iter().flatten());
        let hits = self.search(ids, &names);
        self.scan(&hits);
    }

    fn client_names(&self, file: FileId) -> Vec<String> {
        let ev = Evaluator::new(self.project, self.catalog);
        let Some(facts) = ev.facts(file) else {
            return Vec::new();
        };
        let language = self.project.language(file);
        let mut out = Vec::new();
        for w in &facts.writes {
            if w.scope != MODULE || !w.path.is_empty() || w.root.len() < 3 {
                continue;
            }
            if let How::Function(f) = w.how {
                // A decorator of an SDK makes a call of every call of the function.
                ev.refuel();
                if matches!(ev.decorated(file, f, Value::Null), Value::Made(_)) {
                    out.push(w.root.to_string());
                }
            }
            if w.how != How::Set {
                continue;
            }
            let Some(v) = w.value else { continue };
            if !matches!(facts.expr(v), Expr::Call { .. }) {
                continue;
            }
            ev.refuel();
            let value = ev.eval(ExprRef { file, expr: v }, &None);
            let Value::Made(m) = &value else { continue };
            let root = crate::resolve::request::chain_of(&Value::Made(std::rc::Rc::clone(m))).root;
            if root.is_some_and(|r| self.catalog.is_known_package(&r.module, language)) {
                out.push(w.root.to_string());
            }
        }
        out
    }

    /// The files, not yet taken in, in which one of the names occurs as a word. A name that occurs in
    /// very many files counts only together with one of its companions (the class that bears it,
    /// the module that defines it).
    fn search(&self, ids: &[FileId], names: &FxHashSet<String>) -> Vec<FileId> {
        let companions = self.companions(names);
        let mut words: Vec<&String> = names
            .iter()
            .chain(companions.values().flatten())
            .filter(|n| n.len() >= 3)
            .collect();
        words.sort();
        words.dedup();
        if words.is_empty() {
            return Vec::new();
        }
        let index: FxHashMap<&[u8], usize> = words
            .iter()
            .enumerate()
            .map(|(i, w)| (w.as_bytes(), i))
            .collect();
        let alternation: Vec<String> = words.iter().map(|w| regex::escape(w)).collect();
        let Ok(any) =
            regex::bytes::RegexBuilder::new(&format!(r"\b(?:{})\b", alternation.join("|")))
                .unicode(false)
                .size_limit(64 << 20)
                .build()
        else {
            return Vec::new();
        };
        let hits: Vec<(FileId, Vec<usize>)> = ids
            .par_iter()
            .copied()
            .filter(|f| !self.relevant.contains(f))
            .map_init(Vec::new, |bytes, f| {
                if !self.project.bytes_into(f, bytes) {
                    return None;
                }
                let mut found: Vec<usize> = any
                    .find_iter(bytes)
                    .filter_map(|m| index.get(m.as_bytes()).copied())
                    .collect();
                found.sort_unstable();
                found.dedup();
                (!found.is_empty()).then_some((f, found))
            })
            .flatten()
            .collect();
        let cap = (ids.len() / 50).max(40);
        let mut frequency = vec![0usize; words.len()];
        for (_, found) in &hits {
            for i in found {
                frequency[*i] += 1;
            }
        }
        hits.into_iter()
            .filter(|(_, found)| {
                found.iter().any(|i| {
                    names.contains(words[*i])
                        && (frequency[*i] <= cap
                            || companions.get(words[*i]).is_some_and(|c| {
                                found.iter().any(|j| {
                                    j != i && c.contains(words[*j]) && frequency[*j] <= cap * 2
                                })
                            }))
                })
            })
            .map(|(f, _)| f)
            .collect()
    }

    /// For each name of a wrapper: its class, the bases of that, and the stem of its file.
    fn companions(&self, names: &FxHashSet<String>) -> BTreeMap<String, BTreeSet<String>> {
        let mut out: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for f in self.wrappers.keys() {
            let Some(name) = self.function_name(*f).filter(|n| names.contains(n)) else {
                continue;
            };
            let Some(p) = self.project.parsed(f.file) else {
                continue;
            };
            let set = out.entry(name).or_default();
            if let Some(c) = p.facts.functions[f.function.index()].owner {
                let c = &p.facts.classes[c.index()];
                set.insert(c.name.to_string());
                for b in &c.bases {
                    set.extend(
                        p.facts
                            .dotted(*b)
                            .and_then(|d| d.rsplit('.').next().map(str::to_owned)),
                    );
                }
            }
            set.extend(
                self.project
                    .path(f.file)
                    .file_stem()
                    .and_then(|s| s.to_str())
                    .map(str::to_owned),
            );
        }
        out
    }

    /// The callers of wrappers, the callers of those, and so on.
    fn follow_wrappers(&mut self, ids: &[FileId]) {
        let mut searched: FxHashSet<String> = FxHashSet::default();
        for _ in 0..MAX_ROUNDS {
            let names: FxHashSet<String> = self
                .wrappers
                .keys()
                .filter_map(|f| self.function_name(*f))
                .collect();
            // An HTTP client of the project's own is called everywhere: an LLM call through it has a
            // marker of its own.
            let fresh: FxHashSet<String> = self
                .wrappers
                .iter()
                .filter(|(_, sinks)| sinks.iter().any(|s| !s.open))
                .flat_map(|(f, _)| self.sought_names(*f))
                .filter(|n| !searched.contains(n))
                .collect();
            let hits = self.search(ids, &fresh);
            self.scan(&hits);
            searched.extend(fresh);
            let files: Vec<FileId> = self.relevant.iter().copied().collect();
            self.define(&files);
            let certain = self.sites.iter().filter(|(_, s)| !s.open).map(|(at, _)| at);
            let known: FxHashSet<ExprRef> = certain.chain(self.links.keys()).copied().collect();
            let fresh: Vec<Vec<(ExprRef, Link)>> = files
                .par_iter()
                .map(|f| Evaluator::new(self.project, self.catalog).links(*f, &names, &known))
                .collect();
            self.links.extend(fresh.into_iter().flatten());
            let mut by_file: BTreeMap<FileId, Vec<(ExprRef, &Link)>> = BTreeMap::new();
            for (at, link) in &self.links {
                // What a caller could make a call is asked again once it leads to a wrapper for sure.
                let speaks = || {
                    matches!(link, Link::Abstract(_))
                        || matches!(link, Link::Function(f) if self.wrappers.get(f)
                            .is_some_and(|sinks| sinks.iter().any(|s| !s.open)))
                };
                if *link != Link::None && self.sites.get(at).is_none_or(|s| s.open && speaks()) {
                    by_file.entry(at.file).or_default().push((*at, link));
                }
            }
            let work: Vec<(FileId, Vec<(ExprRef, &Link)>)> = by_file.into_iter().collect();
            let found: Vec<Vec<Site>> = work
                .par_iter()
                .map(|(f, links)| {
                    Evaluator::new(self.project, self.catalog).wrapper_sites(
                        *f,
                        &self.wrappers,
                        &self.definitions,
                        links,
                    )
                })
                .collect();
            if !self.add(found.into_iter().flatten()) {
                break;
            }
        }
    }

    /// The callers of the functions in which calls were found, and the callers of those: they may
    /// read the reply.
    fn follow_readers(&mut self, ids: &[FileId]) {
        let mut names: FxHashSet<String> = FxHashSet::default();
        for s in self.sites.values().filter(|s| s.reported) {
            names.extend(self.enclosing_name(s.at));
        }
        for _ in 0..MAX_READERS {
            let hits = self.search(ids, &names);
            self.relevant.extend(hits);
            let files: Vec<FileId> = self.relevant.iter().copied().collect();
            let outer: Vec<Vec<String>> = files
                .par_iter()
                .map(|f| {
                    let Some(p) = self.project.parsed(*f) else {
                        return Vec::new();
                    };
                    calls(&p.facts)
                        .filter(|(_, callee)| match p.facts.expr(*callee) {
                            Expr::Member { name, .. } | Expr::Name(name) => {
                                names.contains(name.as_str())
                            }
                            _ => false,
                        })
                        .filter_map(|(expr, _)| self.enclosing_name(ExprRef { file: *f, expr }))
                        .collect()
                })
                .collect();
            let outer: FxHashSet<String> = outer
                .into_iter()
                .flatten()
                .filter(|n| !names.contains(n))
                .collect();
            if outer.is_empty() {
                break;
            }
            names = outer;
        }
    }

    /// The name of the function around an expression.
    fn enclosing_name(&self, at: ExprRef) -> Option<String> {
        let facts = &self.project.parsed(at.file)?.facts;
        enclosing_functions(facts, at).into_iter().find_map(|f| {
            let name = facts.functions[f.index()].name.as_ref()?;
            Some(name.to_string())
        })
    }

    fn define(&mut self, files: &[FileId]) {
        for f in files {
            if self.defined.insert(*f)
                && let Some(p) = self.project.parsed(*f)
            {
                for (name, d) in definitions(*f, &p.facts) {
                    self.definitions.entry(name).or_default().push(d);
                }
            }
        }
        for list in self.definitions.values_mut() {
            list.sort_by_key(|d| d.function);
        }
    }

    fn function_name(&self, f: FunctionRef) -> Option<String> {
        let facts = &self.project.parsed(f.file)?.facts;
        facts
            .functions
            .get(f.function.index())?
            .name
            .as_ref()
            .map(ToString::to_string)
    }

    /// The names by which the callers of a function speak of it: its own; that of its class, where
    /// the object itself is called; those of the functions that may return it.
    fn sought_names(&self, f: FunctionRef) -> Vec<String> {
        let Some(facts) = self.project.parsed(f.file).map(|p| &p.facts) else {
            return Vec::new();
        };
        let Some(function) = facts.functions.get(f.function.index()) else {
            return Vec::new();
        };
        let mut out: Vec<String> = function.name.iter().map(ToString::to_string).collect();
        if function.name.as_deref() == Some("__call__") {
            let class = function.owner.map(|c| &facts.classes[c.index()].name);
            out.extend(class.map(ToString::to_string));
        }
        let mut scope = facts.scopes[function.scope.index()].parent;
        while let Some(s) = scope {
            let s = &facts.scopes[s.index()];
            if let ScopeKind::Function(outer) = s.kind {
                let name = &facts.functions[outer.index()].name;
                out.extend(name.iter().map(ToString::to_string));
            }
            scope = s.parent;
        }
        out
    }

    /// The calls, each read with everything that is known now.
    fn finish(&self) -> Vec<LlmCall> {
        let mut by_file: BTreeMap<FileId, Vec<&Site>> = BTreeMap::new();
        for s in self.sites.values().filter(|s| s.reported) {
            by_file.entry(s.at.file).or_default().push(s);
        }
        let callers = self.callers();
        let work: Vec<(FileId, Vec<&Site>)> = by_file.into_iter().collect();
        let calls: Vec<(bool, LlmCall)> = work
            .par_iter()
            .flat_map_iter(|(file, sites)| {
                let ev = Evaluator::new(self.project, self.catalog);
                let lookup = |f: FunctionRef| self.callers_of(&ev, &callers, f);
                let tracker = ReplyTracker::new(&ev, &lookup);
                sites
                    .iter()
                    .filter_map(|s| Some((self.defines(s), self.call(&ev, &tracker, *file, s)?)))
                    .collect::<Vec<_>>()
            })
            .collect();
        definitions::without_run_ones(calls)
    }

    /// Whether a site only defines what is run elsewhere.
    fn defines(&self, site: &Site) -> bool {
        matches!(site.kind, SiteKind::Catalog(spec) if self.catalog.calls[spec].definition)
    }

    /// Calls of the parsed files by the last name of their callee.
    fn callers(&self) -> FxHashMap<String, Vec<ExprRef>> {
        let mut out: FxHashMap<String, Vec<ExprRef>> = FxHashMap::default();
        for file in self.relevant.iter().copied() {
            let Some(p) = self.project.parsed(file) else {
                continue;
            };
            for (id, callee) in calls(&p.facts) {
                if let Expr::Member { name, .. } | Expr::Name(name) = p.facts.expr(callee) {
                    out.entry(name.to_string())
                        .or_default()
                        .push(ExprRef { file, expr: id });
                }
            }
        }
        out
    }

    /// The calls of one function of the project.
    fn callers_of(
        &self,
        ev: &Evaluator<'_>,
        callers: &FxHashMap<String, Vec<ExprRef>>,
        f: FunctionRef,
    ) -> Vec<ExprRef> {
        let Some(name) = self.function_name(f) else {
            return Vec::new();
        };
        let mut out = Vec::new();
        for at in callers.get(&name).into_iter().flatten().take(40) {
            let by_wrapper = self.sites.get(at).is_some_and(|s| {
                !s.open && matches!(&s.kind, SiteKind::Wrapper(w) if w.contains(&f))
            });
            if by_wrapper {
                // That call has uses of its own.
                continue;
            }
            let Some(facts) = ev.facts(at.file) else {
                continue;
            };
            let Expr::Call { callee, .. } = facts.expr(at.expr) else {
                continue;
            };
            ev.refuel();
            let v = ev.callee_value(at.file, *callee, &None);
            if matches!(&v, Value::Function(g) if g.function == f) {
                out.push(*at);
            }
        }
        out
    }

    /// Whether a wrapper hands out data: it parses the reply, or compares it and returns the outcome.
    fn gives_data(
        &self,
        ev: &Evaluator<'_>,
        tracker: &ReplyTracker<'_, '_>,
        site: &Site,
        depth: u32,
    ) -> bool {
        let SiteKind::Wrapper(functions) = &site.kind else {
            return false;
        };
        depth < MAX_PARSING_WRAPPERS
            && functions.iter().any(|f| {
                self.inside(ev, *f).into_iter().any(|inner| {
                    let parsed = self.gives_data(ev, tracker, inner, depth + 1);
                    tracker.returned(inner.at, parsed, *f) == Some(Returned::Data)
                })
            })
    }

    /// The sites in a function, in order.
    fn inside(&self, ev: &Evaluator<'_>, f: FunctionRef) -> Vec<&Site> {
        let first = ExprRef {
            file: f.file,
            expr: ExprId(0),
        };
        let last = ExprRef {
            file: f.file,
            expr: ExprId(u32::MAX),
        };
        let Some(facts) = ev.facts(f.file) else {
            return Vec::new();
        };
        self.sites
            .range(first..=last)
            .map(|(_, s)| s)
            .filter(|s| enclosing_functions(facts, s.at).contains(&f.function))
            .collect()
    }

    fn call(
        &self,
        ev: &Evaluator<'_>,
        tracker: &ReplyTracker<'_, '_>,
        file: FileId,
        site: &Site,
    ) -> Option<LlmCall> {
        ev.refuel();
        let parsed = self.project.parsed(file)?;
        let facts = &parsed.facts;
        let request = ev.site_request(site, &None, &self.wrappers, 0);
        let node = facts.node(site.at.expr);
        let location = Location {
            file,
            span: node.span,
        };
        let Expr::Call { callee, .. } = facts.expr(site.at.expr) else {
            return None;
        };
        let (api, sink) = self.end_of(site, None, 0)?;
        let ran_out = ev.ran_out();
        let mut messages: Vec<Message> = Vec::new();
        for m in &request.messages {
            let mut text = flatten(&m.rope);
            if text.text.trim().is_empty() {
                continue;
            }
            text.complete &= !ran_out;
            // A value that no expression of the prompt stands for is shown at the call.
            for h in &mut text.holes {
                if h.location == Location::default() {
                    h.location = location;
                }
            }
            messages.push(Message { role: m.role, text });
        }
        let gaps = request
            .gaps
            .iter()
            .map(|(reason, at, detail)| Gap {
                reason: *reason,
                location: at.map_or(location, |at| Location {
                    file: at.file,
                    span: ev.facts(at.file).map_or(node.span, |f| f.span(at.expr)),
                }),
                detail: detail.clone(),
            })
            .collect::<Vec<_>>();
        if !gaps.is_empty() {
            for m in &mut messages {
                m.text.complete &= m.text.runs.iter().any(|_| true) && gaps.is_empty();
            }
        }
        ev.refuel();
        let data = self.gives_data(ev, tracker, site, 0);
        let (reply_uses, reply_name) = tracker.uses(site.at, data);
        let function = enclosing_functions(facts, site.at).iter().find_map(|f| {
            facts.functions[f.index()]
                .name
                .as_ref()
                .map(ToString::to_string)
        });
        let words: usize = request.messages.iter().map(|m| m.rope.words()).sum();
        Some(LlmCall {
            api,
            language: facts.language,
            location,
            callee: shorten(parsed.source.slice(facts.span(*callee)), 120),
            sink,
            function,
            messages,
            structured: if request.structured == Structured::None {
                Structured::None
            } else {
                request.structured
            },
            schema: request.schema,
            tools: request.tools,
            parameters: request.parameters,
            reply_uses,
            reply_name,
            gaps,
            pass_through: site.pass_through && words < 3,
        })
    }

    /// The catalog entry that a site ends in, and where.
    fn end_of(
        &self,
        site: &Site,
        spec: Option<usize>,
        depth: u32,
    ) -> Option<(String, Option<Location>)> {
        if depth > 8 {
            return None;
        }
        let spec = spec.or(site.spec);
        match &site.kind {
            SiteKind::Catalog(spec) => Some((self.catalog.calls[*spec].api.clone(), None)),
            SiteKind::Open => Some((self.catalog.calls[spec?].api.clone(), None)),
            SiteKind::Wrapper(functions) => {
                let sinks = functions.iter().find_map(|f| self.wrappers.get(f))?;
                let others = || sinks.iter().filter(|s| s.at != site.at);
                let sink = others().find(|s| !s.open).or_else(|| others().next())?;
                let (api, deeper) = self.end_of(sink, spec, depth + 1)?;
                let span = self.project.parsed(sink.at.file)?.facts.span(sink.at.expr);
                Some((
                    api,
                    deeper.or(Some(Location {
                        file: sink.at.file,
                        span,
                    })),
                ))
            }
        }
    }
}
