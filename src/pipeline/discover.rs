//! Finding the calls of a project in rounds with a barrier between them, so that the outcome does
//! not depend on the order of files or the number of threads.
//!
//! This module owns the order of the rounds and what they have found so far; the submodules own which
//! names are looked for and where they occur, who reads a reply, and what becomes of a site in the end.

mod calls;
mod clients;
mod definitions;
mod implementers;
mod names;
mod occurrences;
mod readers;

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;
use rustc_hash::FxHashSet;

use super::Options;
use crate::calls::LlmCall;
use crate::catalog::Catalog;
use crate::prefilter::Prefilter;
use crate::project::Project;
use crate::resolve::eval::Evaluator;
use crate::resolve::sites::{
    CallNames, Definitions, Link, Site, SiteKind, Wrappers, definitions, enclosing_functions,
};
use crate::resolve::value::{ClassRef, ExprRef};
use crate::source::FileId;
use crate::suppress::{self, FileComments};

use clients::Clients;

/// Rounds of looking for callers of new wrappers.
const MAX_ROUNDS: u32 = 8;

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
                        || suppress::mentioned_in(buffer));
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
    let names = state.take_clients(&candidates);
    state.scan(&candidates);
    if !options.prefilter {
        state.look_for_calls(&ids);
    }
    let users = state.search(&ids, &names);
    state.scan(&users);
    state.follow_wrappers(&ids);
    if state.scan_shapes() {
        state.follow_wrappers(&ids);
    }
    state.follow_readers(&ids);
    state.take_implementers(&ids);
    let calls = state.finish();
    let relevant = state.relevant;
    let comments = relevant
        .iter()
        .filter_map(|id| {
            let parsed = project.parsed(*id)?;
            Some(FileComments::of_source(*id, &parsed.source, &parsed.facts))
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

impl State<'_> {
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

    /// Tells the project which classes keep a client that their base classes use, and gives the names by which
    /// other files, that import no SDK, speak of the clients that these files make.
    fn take_clients(&self, files: &[FileId]) -> FxHashSet<String> {
        let found: Vec<Clients> = files
            .par_iter()
            .map(|f| clients::clients_of(self.project, self.catalog, *f))
            .collect();
        let mut names = FxHashSet::default();
        let mut heirs: Vec<(ClassRef, ClassRef)> = Vec::new();
        for c in found {
            names.extend(c.names);
            heirs.extend(c.heirs);
        }
        self.project.set_heirs(heirs);
        names
    }

    /// Tells the project which classes implement what the classes of calls only declare: the prompt
    /// of `self.system_prompt()` stands in a subclass, in a file that need not speak of a model.
    fn take_implementers(&mut self, ids: &[FileId]) {
        let declaring: BTreeSet<ClassRef> = self
            .sites
            .keys()
            .filter_map(|at| implementers::declaring_class(self.project, *at))
            .collect();
        let names: FxHashSet<String> = declaring
            .iter()
            .filter_map(|c| implementers::class_name(self.project, *c))
            .collect();
        let hits = self.search(ids, &names);
        self.scan(&hits);
        let files: Vec<FileId> = self.relevant.iter().copied().collect();
        let found: Vec<Vec<(ClassRef, ClassRef)>> = files
            .par_iter()
            .map(|f| implementers::implementers_of(self.project, self.catalog, *f, &declaring))
            .collect();
        self.project
            .set_implementers(found.into_iter().flatten().collect());
    }

    /// The callers of wrappers, the callers of those, and so on.
    fn follow_wrappers(&mut self, ids: &[FileId]) {
        let mut searched: FxHashSet<String> = FxHashSet::default();
        for _ in 0..MAX_ROUNDS {
            let names: FxHashSet<String> = self
                .wrappers
                .keys()
                .filter_map(|f| names::function_name(self.project, *f))
                .collect();
            // An HTTP client of the project's own is called everywhere: an LLM call through it has a
            // marker of its own.
            let fresh: FxHashSet<String> = self
                .wrappers
                .iter()
                .filter(|(_, sinks)| sinks.iter().any(|s| !s.open))
                .flat_map(|(f, _)| names::sought_names(self.project, *f))
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

    /// The name of the function around an expression.
    fn enclosing_name(&self, at: ExprRef) -> Option<String> {
        let facts = &self.project.parsed(at.file)?.facts;
        enclosing_functions(facts, at).into_iter().find_map(|f| {
            let name = facts.functions[f.index()].name.as_ref()?;
            Some(name.to_string())
        })
    }
}
