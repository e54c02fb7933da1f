//! Which functions a call may mean: by value first, by name second.

mod by_name;

use std::rc::Rc;

use rustc_hash::FxHashSet;

use super::call_through::{is_call_through, passes, runs_elsewhere};
use super::definitions::Definitions;
use super::{Link, Wrappers, calls, picks_method};
use crate::hir::{Expr, ExprId, Facts, How, What};
use crate::language::Language;
use crate::resolve::eval::Evaluator;
use crate::resolve::request::{chain_of, last_name};
use crate::resolve::value::{
    ArgValue, ClassRef, ExprRef, External, FunctionRef, FunctionValue, Value,
};
use crate::source::FileId;
use by_name::{COMMON_NAMES, Sort};

/// Steps for all callees of a file: one that a machine wrote has tens of thousands.
const LINKS_FUEL: u32 = 2_000_000;

impl<'p> Evaluator<'p> {
    /// What the calls of a file lead to, for those whose callee may be one of `names` and that are
    /// not in `known`: evaluated once, asked in every round.
    pub(crate) fn links(
        &self,
        file: FileId,
        names: &FxHashSet<String>,
        known: &FxHashSet<ExprRef>,
    ) -> Vec<(ExprRef, Link)> {
        let Some(facts) = self.facts(file) else {
            return Vec::new();
        };
        let mut out = Vec::new();
        let mut left = LINKS_FUEL;
        for (id, callee) in calls(facts) {
            let at = ExprRef { file, expr: id };
            if left == 0 {
                break;
            }
            if known.contains(&at) || !self.may_be_named(facts, id, callee, names) {
                continue;
            }
            self.refuel_for_callee();
            let mut given = self.fuel_left();
            let mut value = self.callee_value(at.file, callee, &None);
            if self.ran_out() && matches!(facts.expr(callee), Expr::Name(_)) {
                self.refuel_for_variable();
                given += self.fuel_left();
                value = self.callee_value(at.file, callee, &None);
            }
            if is_call_through(facts, id) || passes(facts, id, &|n| names.contains(n)) {
                let all = self.site_args(at, &None);
                if let Some((inner, _)) = self.called_through(facts, callee, &value, &all) {
                    value = inner;
                }
            }
            left = left.saturating_sub(given.saturating_sub(self.fuel_left()));
            out.push((at, self.link(file, &value)));
        }
        out
    }

    /// Whether a callee's name, the name it was imported under, or an argument that it calls is
    /// among the names; a variable that holds a function may be any.
    fn may_be_named(
        &self,
        facts: &Facts,
        call: ExprId,
        callee: ExprId,
        names: &FxHashSet<String>,
    ) -> bool {
        let named = |e: ExprId| match facts.expr(e) {
            Expr::Member { name, .. } | Expr::Name(name) => names.contains(name.as_str()),
            _ => false,
        };
        if named(callee) {
            return true;
        }
        if passes(facts, call, &|n| names.contains(n)) {
            return true;
        }
        if facts.language == Language::Python && names.contains("__call__") {
            return true;
        }
        match facts.expr(callee) {
            Expr::Name(n) => self.alias_of(facts, callee, n, names),
            Expr::Call {
                callee: made_by, ..
            } => named(*made_by) || picks_method(facts, callee),
            Expr::Member { base, .. } => runs_elsewhere(facts, callee) && named(*base),
            _ => true,
        }
    }

    /// Whether a called name is bound to something that may bear one of the names.
    fn alias_of(
        &self,
        facts: &Facts,
        callee: ExprId,
        name: &str,
        names: &FxHashSet<String>,
    ) -> bool {
        facts
            .stores_of(name, facts.node(callee).scope)
            .iter()
            .any(|w| {
                let w = &facts.writes[w.index()];
                match &w.how {
                    How::Import(i) => match &facts.imports[i.index()].what {
                        What::Name(n) => names.contains(n.as_str()),
                        What::Default => true,
                        // `const ask = require("./ask")` of a file that exports a function.
                        What::Module => facts.language == Language::TypeScript,
                        _ => false,
                    },
                    How::Set => w.value.is_some_and(|v| {
                        matches!(
                            facts.expr(v),
                            Expr::Call { .. }
                                | Expr::Member { .. }
                                | Expr::Name(_)
                                | Expr::Choice { .. }
                                | Expr::Index { .. }
                        )
                    }),
                    _ => false,
                }
            })
    }

    /// What a callee leads to.
    fn link(&self, file: FileId, callee: &Value) -> Link {
        match callee {
            Value::Function(f) => match self.abstract_method(f.function) {
                Some(_) => Link::Abstract(f.function),
                None => Link::Function(f.function),
            },
            Value::Choice(c) => {
                let mut all: Vec<Link> = Vec::new();
                for v in c.iter() {
                    match self.link(file, v) {
                        Link::None => {}
                        l if all.contains(&l) => {}
                        l => all.push(l),
                    }
                }
                match all.len() {
                    0 => Link::None,
                    1 => all.swap_remove(0),
                    _ => Link::Any(all),
                }
            }
            Value::Made(m) if matches!(last_name(&m.callee).as_str(), "partial" | "bind") => m
                .args
                .first()
                .map_or(Link::None, |a| self.link(file, &a.value)),
            Value::Attr(a) if !self.is_foreign(file, &a.base) => Link::Named(a.name.to_string()),
            Value::External(e) => match undeclared(e) {
                Some(name) if self.project.language(file) == Language::Python => {
                    Link::Named(name.to_owned())
                }
                _ => Link::None,
            },
            _ => Link::None,
        }
    }

    /// Whether a link may lead to a wrapper.
    pub(super) fn may_lead(
        &self,
        link: &Link,
        wrappers: &Wrappers,
        definitions: &Definitions,
    ) -> bool {
        match link {
            Link::Function(f) => wrappers.contains_key(f),
            Link::Abstract(f) => self
                .abstract_method(*f)
                .is_some_and(|(n, _)| definitions.contains_key(n)),
            Link::Named(n) => definitions.contains_key(n) && !COMMON_NAMES.contains(&n.as_str()),
            Link::Any(all) => all.iter().any(|l| self.may_lead(l, wrappers, definitions)),
            Link::None => false,
        }
    }

    /// The wrappers that a callee may be.
    pub(super) fn targets(
        &self,
        file: FileId,
        callee: &Value,
        wrappers: &Wrappers,
        definitions: &Definitions,
        args: &[ArgValue],
    ) -> Vec<Rc<FunctionValue>> {
        match callee {
            Value::Function(f) if wrappers.contains_key(&f.function) => vec![Rc::clone(f)],
            Value::Function(f) => match self.abstract_method(f.function) {
                Some((name, class)) => {
                    let typed = self.by_type(
                        file,
                        (name, class),
                        f.receiver.as_ref(),
                        wrappers,
                        definitions,
                        args,
                    );
                    if !typed.is_empty() {
                        return typed;
                    }
                    self.by_name(
                        file,
                        name,
                        Sort::Method,
                        f.receiver.as_ref(),
                        wrappers,
                        definitions,
                        args,
                    )
                }
                None => Vec::new(),
            },
            // Those that are known come first: of `llm or Service()` the service's method.
            Value::Choice(c) => {
                let (known, named): (Vec<&Value>, Vec<&Value>) = c.iter().partition(|v| {
                    matches!(v, Value::Function(f) if self.abstract_method(f.function).is_none())
                });
                known
                    .into_iter()
                    .chain(named)
                    .map(|v| self.targets(file, v, wrappers, definitions, args))
                    .find(|t| !t.is_empty())
                    .unwrap_or_default()
            }
            Value::Made(m) if matches!(last_name(&m.callee).as_str(), "partial" | "bind") => m
                .args
                .first()
                .map(|a| self.targets(file, &a.value, wrappers, definitions, args))
                .unwrap_or_default(),
            Value::Attr(a) if !self.is_foreign(file, &a.base) => self.by_name(
                file,
                &a.name,
                Sort::Method,
                None,
                wrappers,
                definitions,
                args,
            ),
            Value::External(e) => match undeclared(e) {
                Some(name) if self.project.language(file) == Language::Python => self.by_name(
                    file,
                    name,
                    Sort::Function,
                    None,
                    wrappers,
                    definitions,
                    args,
                ),
                _ => Vec::new(),
            },
            _ => Vec::new(),
        }
    }

    /// The name and the class of a method without a body: a trait's, an interface's.
    fn abstract_method(&self, f: FunctionRef) -> Option<(&'p str, ClassRef)> {
        let function = self.function(f).filter(|x| x.is_stub)?;
        let class = ClassRef {
            file: f.file,
            class: function.owner?,
        };
        Some((function.name.as_deref()?, class))
    }

    /// Whether an object is known by a class alone in which the method has no body.
    pub(super) fn is_abstract(&self, object: &Value, method: &str) -> bool {
        matches!(object, Value::Instance(i) if self
            .find_method(i.class, method, 0)
            .is_some_and(|m| self.abstract_method(m).is_some()))
    }

    /// Whether a value belongs to another package, or is text or a collection: its methods are
    /// never linked by name.
    fn is_foreign(&self, file: FileId, base: &Value) -> bool {
        if matches!(base, Value::Text(_) | Value::List(_)) {
            return true;
        }
        let Some(root) = chain_of(base).root else {
            return false;
        };
        if root.module.is_empty() {
            return matches!(
                root.path.first().map(|p| p.as_str()),
                Some(
                    "console"
                        | "JSON"
                        | "Math"
                        | "Object"
                        | "Promise"
                        | "window"
                        | "document"
                        | "process"
                )
            );
        }
        !matches!(base, Value::External(_))
            && self
                .catalog
                .is_known_package(&root.module, self.project.language(file))
    }
}

/// A name that nothing declares.
fn undeclared(e: &External) -> Option<&str> {
    match e.path.as_slice() {
        [name] if e.module.is_empty() => Some(name),
        _ => None,
    }
}
