//! Finding the calls: SDK calls by the catalog, then wrappers to a fixpoint.
//!
//! A function whose parameter (or whose object's state) reaches a prompt is itself an LLM call for
//! its callers. What a wrapper sends is not summarised into a structure of its own: at each caller
//! the wrapper's calls are evaluated again with the caller's arguments bound, so that fixed text,
//! schemas and conversions come along by themselves.

mod call_through;
mod definitions;
mod flows;
mod given;
mod lazy;
mod links;
mod open;
mod piped;
mod sdk;
mod selectors;
mod shape;
mod wrapped;

pub(in crate::resolve) use self::wrapped::is_prompt_name;

use std::collections::{BTreeMap, BTreeSet};

use crate::hir::{Expr, ExprId, Facts, FunctionId, ScopeKind};
use crate::resolve::eval::Evaluator;
use crate::resolve::request::{Request, last_name};
use crate::resolve::value::{ArgValue, Env, ExprRef, FunctionRef, Value};
use crate::source::FileId;

pub(crate) use self::definitions::{Definitions, definitions};
pub(crate) use self::sdk::CallNames;

/// A message with fewer literal words than this around a parameter is that parameter's prompt.
const THIN_WORDS: usize = 12;

/// How a call is known to end in a model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum SiteKind {
    /// Catalog entry, by index.
    Catalog(usize),
    /// Wrappers, any of which may be meant.
    Wrapper(Vec<FunctionRef>),
    /// A request whose URL and body the enclosing function is given: an LLM call or not, as its
    /// callers say.
    Open,
}

/// A call that ends in a model.
#[derive(Debug, Clone)]
pub(crate) struct Site {
    pub(crate) at: ExprRef,
    pub(crate) kind: SiteKind,
    /// Functions whose parameters reach the prompt.
    pub(crate) flows: BTreeSet<FunctionRef>,
    /// Whether the call itself says something, or hands on what its own caller says.
    pub(crate) reported: bool,
    /// Whether all of the prompt is the enclosing function's parameters.
    pub(crate) pass_through: bool,
    /// Whether nothing says yet that it ends in a model: only a caller's arguments can.
    pub(crate) open: bool,
    /// What it ends in, where that followed from the arguments alone.
    pub(crate) spec: Option<usize>,
}

/// What a call leads to, as far as that does not depend on what is known of wrappers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Link {
    /// A function of the project.
    Function(FunctionRef),
    /// A method of a class that does not say what it does: a trait's, an interface's.
    Abstract(FunctionRef),
    /// A method known by name alone, or a function that nothing declares here.
    Named(String),
    /// One of several.
    Any(Vec<Self>),
    /// Neither.
    None,
}

/// The calls inside a wrapper.
pub(crate) type Wrappers = BTreeMap<FunctionRef, Vec<Site>>;

impl Evaluator<'_> {
    /// The value called: with the receiver's own methods resolved, without calling them.
    pub(crate) fn callee_value(&self, file: FileId, callee: ExprId, env: &Env) -> Value {
        let value = self.eval(ExprRef { file, expr: callee }, env);
        self.called_object(&value)
            .or_else(|| self.loaded_on_call(&value))
            .unwrap_or(value)
    }

    /// What calling an object calls: `__call__` of its class.
    fn called_object(&self, value: &Value) -> Option<Value> {
        match value {
            Value::Instance(i) => match self.instance_member(i, "__call__")? {
                Value::Function(f) => Some(Value::Function(f)),
                _ => None,
            },
            Value::Param(p) => self
                .param_type(p)
                .filter(|v| matches!(v, Value::Instance(_)))
                .and_then(|v| self.called_object(&v)),
            Value::Choice(c) => c.iter().find_map(|v| match v {
                Value::Instance(_) => self.called_object(v),
                _ => None,
            }),
            _ => None,
        }
    }

    /// `partial(f, a, b=c)` or `promisify(f)` called: `f`, and the arguments it has already before the others.
    pub(crate) fn unpartial(&self, value: Value, args: Vec<ArgValue>) -> (Value, Vec<ArgValue>) {
        if let Value::Made(m) = &value
            && matches!(last_name(&m.callee).as_str(), "partial" | "promisify")
            && let Some((first, rest)) = m.args.split_first()
        {
            let inner = first.value.clone();
            return (inner, rest.iter().cloned().chain(args).collect());
        }
        (value, args)
    }

    /// What calls an entry of the catalog with these arguments, as a site.
    fn catalog_site(
        &self,
        facts: &Facts,
        at: ExprRef,
        spec: usize,
        callee: &Value,
        args: &[ArgValue],
    ) -> Site {
        let request = self.request(at.file, &self.catalog.calls[spec], callee, args);
        self.site(facts, at, SiteKind::Catalog(spec), &request, true)
    }

    fn site(
        &self,
        facts: &Facts,
        at: ExprRef,
        kind: SiteKind,
        request: &Request,
        reported: bool,
    ) -> Site {
        let flows = self.flows(facts, at, request);
        let words: usize = request.messages.iter().map(|m| m.rope.words()).sum();
        Site {
            at,
            kind,
            pass_through: !flows.is_empty() && words < 3,
            flows,
            reported,
            open: false,
            spec: request.spec,
        }
    }
}

/// Every call of a file with its callee, in source order.
pub(crate) fn calls(facts: &Facts) -> impl Iterator<Item = (ExprId, ExprId)> + '_ {
    (0..)
        .map(ExprId)
        .zip(&facts.exprs)
        .filter_map(|(id, e)| match &e.kind {
            Expr::Call { callee, .. } => Some((id, *callee)),
            _ => None,
        })
}

/// The functions that enclose an expression, innermost first.
pub(crate) fn enclosing_functions(facts: &Facts, at: ExprRef) -> Vec<FunctionId> {
    let mut out = Vec::new();
    let mut scope = Some(facts.node(at.expr).scope);
    while let Some(s) = scope {
        let s = &facts.scopes[s.index()];
        if let ScopeKind::Function(f) = s.kind {
            out.push(f);
        }
        scope = s.parent;
    }
    out
}

/// Whether a callee picks a method by a name that is a value: `client[method](..)`,
/// `getattr(client, method)(..)`.
fn picks_method(facts: &Facts, callee: ExprId) -> bool {
    match facts.expr(callee) {
        Expr::Index { .. } => true,
        Expr::Call { callee, .. } => {
            matches!(facts.expr(*callee), Expr::Name(n) if n == "getattr")
        }
        _ => false,
    }
}
