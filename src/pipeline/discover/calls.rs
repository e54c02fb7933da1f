//! From a site to its [`LlmCall`]: what it sends, what it ends in, what is done with the reply.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::State;
use super::definitions::without_run_ones;
use crate::calls::{Gap, LlmCall, Message, Role};
use crate::hir::{Expr, ExprId};
use crate::resolve::eval::{Evaluator, shorten};
use crate::resolve::prompt::flatten;
use crate::resolve::reply::{ReplyTracker, Returned};
use crate::resolve::request::Request;
use crate::resolve::sites::{Site, SiteKind, enclosing_functions};
use crate::resolve::value::{ExprRef, FunctionRef};
use crate::source::{FileId, Location};

/// Wrappers of wrappers that are asked whether they parse.
const MAX_PARSING_WRAPPERS: u32 = 3;

impl State<'_> {
    /// The calls, each read with everything that is known now.
    pub(super) fn finish(&self) -> Vec<LlmCall> {
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
                let lookup = |f: FunctionRef, near: bool| self.callers_of(&ev, &callers, f, near);
                let tracker = ReplyTracker::new(&ev, &lookup);
                sites
                    .iter()
                    .filter_map(|s| Some((self.defines(s), self.call(&ev, &tracker, *file, s)?)))
                    .collect::<Vec<_>>()
            })
            .collect();
        without_run_ones(calls)
    }

    /// Whether a site only defines what is run elsewhere.
    fn defines(&self, site: &Site) -> bool {
        matches!(site.kind, SiteKind::Catalog(spec) if self.catalog.calls[spec].definition)
    }

    /// What a site sends and what becomes of the reply; nothing where it ends in no entry of the catalog.
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
        let location = Location {
            file,
            span: facts.span(site.at.expr),
        };
        let Expr::Call { callee, .. } = facts.expr(site.at.expr) else {
            return None;
        };
        let (spec, sink) = self.end_of(site, None, 0)?;
        let spec = &self.catalog.calls[spec];
        let complete = !ev.ran_out() && request.gaps.is_empty();
        let messages = messages(&request, complete, location);
        let gaps = gaps(ev, &request, location);
        ev.refuel();
        let data = self.gives_data(ev, tracker, site, 0);
        let (reply_uses, reply_name) = tracker.uses(site.at, data, self.gives_body(site));
        let words: usize = request.messages.iter().map(|m| m.rope.words()).sum();
        Some(LlmCall {
            api: spec.api.clone(),
            language: facts.language,
            location,
            callee: shorten(parsed.source.slice(facts.span(*callee)), 120),
            sink,
            function: self.enclosing_name(site.at),
            messages,
            structured: request.structured,
            schema: request.schema,
            tools: request.tools,
            acts: spec.acts,
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
    ) -> Option<(usize, Option<Location>)> {
        if depth > 8 {
            return None;
        }
        let spec = spec.or(site.spec);
        match &site.kind {
            SiteKind::Catalog(spec) => Some((*spec, None)),
            SiteKind::Open => Some((spec?, None)),
            SiteKind::Wrapper(functions) => {
                let sinks = functions.iter().find_map(|f| self.wrappers.get(f))?;
                let others = || sinks.iter().filter(|s| s.at != site.at);
                let sink = others().find(|s| !s.open).or_else(|| others().next())?;
                let (end, deeper) = self.end_of(sink, spec, depth + 1)?;
                let span = self.project.parsed(sink.at.file)?.facts.span(sink.at.expr);
                Some((
                    end,
                    deeper.or(Some(Location {
                        file: sink.at.file,
                        span,
                    })),
                ))
            }
        }
    }

    /// Whether what comes back of a site is the body of a response: of an HTTP request of the program's
    /// own, or of an SDK that leaves the body to the program.
    fn gives_body(&self, site: &Site) -> bool {
        let spec = match &site.kind {
            SiteKind::Catalog(spec) => Some(*spec),
            SiteKind::Open => site.spec,
            SiteKind::Wrapper(_) => None,
        };
        spec.is_some_and(|s| self.catalog.calls[s].body)
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
        if depth >= MAX_PARSING_WRAPPERS {
            return false;
        }
        let data = |f: FunctionRef, inner: &Site| {
            let parsed = self.gives_data(ev, tracker, inner, depth + 1);
            tracker.returned(inner.at, parsed, self.gives_body(inner), f) == Some(Returned::Data)
        };
        // Of several implementations one may lose the trace of its reply: all have to give data.
        let mut given = functions
            .iter()
            .map(|f| (*f, self.inside(ev, *f)))
            .filter(|(_, sites)| !sites.is_empty())
            .peekable();
        given.peek().is_some()
            && given.all(|(f, sites)| sites.into_iter().any(|inner| data(f, inner)))
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
}

/// The messages of a request that say something; a value that no expression of the prompt stands
/// for is shown at the call.
fn messages(request: &Request, complete: bool, call: Location) -> Vec<Message> {
    let mut out = Vec::new();
    for m in request.messages.iter().chain(&request.descriptions) {
        let mut text = flatten(&m.rope);
        if text.text.trim().is_empty() {
            continue;
        }
        text.complete &= complete || m.role == Role::Description;
        for h in &mut text.holes {
            if h.location == Location::default() {
                h.location = call;
            }
            h.items = h.items.take().and_then(|i| i.seen_from(call));
        }
        out.push(Message { role: m.role, text });
    }
    out
}

/// What of a request could not be read, and where; at the call, where no expression says it.
fn gaps(ev: &Evaluator<'_>, request: &Request, call: Location) -> Vec<Gap> {
    request
        .gaps
        .iter()
        .map(|(reason, at, detail)| Gap {
            reason: *reason,
            location: at.map_or(call, |at| Location {
                file: at.file,
                span: ev.facts(at.file).map_or(call.span, |f| f.span(at.expr)),
            }),
            detail: detail.clone(),
        })
        .collect()
}
