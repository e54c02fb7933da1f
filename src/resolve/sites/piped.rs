//! What is written to the standard input of a command-line tool after it was started:
//! `child.stdin.take()?.write_all(prompt.as_bytes())`.

use super::{calls, enclosing_functions};
use crate::calls::Role;
use crate::hir::{CallKind, Expr, ExprId, Facts};
use crate::resolve::eval::Evaluator;
use crate::resolve::request::Request;
use crate::resolve::value::{ArgValue, Env, ExprRef, Value};

/// Calls that start a process and leave its input open.
const STARTS: &[&str] = &["spawn", "Popen", "create_subprocess_exec"];
/// Methods that write to an input; the first argument is what is written.
const WRITES: &[&str] = &["write_all", "write", "write_str", "end", "communicate"];
/// Members between an input and the process that it belongs to.
const MAX_LINKS: u32 = 6;

impl Evaluator<'_> {
    /// What a call of a catalog entry sends.
    pub(super) fn catalog_request(
        &self,
        at: ExprRef,
        spec: usize,
        callee: &Value,
        args: &[ArgValue],
        env: &Env,
    ) -> Request {
        let spec = &self.catalog.calls[spec];
        let mut request = self.request(at.file, spec, callee, args);
        if spec.api == "cli/subprocess" {
            self.piped(at, env, &mut request);
        }
        request
    }

    /// Adds what the function around a call writes to the input of the process that the call starts.
    fn piped(&self, at: ExprRef, env: &Env, request: &mut Request) {
        let Some(facts) = self.facts(at.file) else {
            return;
        };
        let Expr::Call { callee, .. } = facts.expr(at.expr) else {
            return;
        };
        let starts = match facts.expr(*callee) {
            Expr::Member { name, .. } | Expr::Name(name) => STARTS.contains(&name.as_str()),
            _ => false,
        };
        let Some(around) = enclosing_functions(facts, at).last().copied() else {
            return;
        };
        if !starts {
            return;
        }
        let body = facts.functions[around.index()].span;
        for (call, callee) in calls(facts) {
            if call.0 <= at.expr.0 || !body.contains(facts.span(call)) {
                continue;
            }
            let Some(text) = written(facts, call, callee) else {
                continue;
            };
            let text = ExprRef {
                file: at.file,
                expr: text,
            };
            let value = self.eval(text, env);
            self.messages_of(at.file, &value, Role::User, Some(text), request, 0);
        }
    }
}

/// What a call writes to the input of a process.
fn written(facts: &Facts, call: ExprId, callee: ExprId) -> Option<ExprId> {
    let Expr::Call { args, kind, .. } = facts.expr(call) else {
        return None;
    };
    match facts.expr(callee) {
        Expr::Name(name) if *kind == CallKind::Macro && name.starts_with("write") => {
            let [input, text] = args.as_slice() else {
                return None;
            };
            is_input(facts, input.value).then_some(text.value)
        }
        Expr::Member { base, name } if WRITES.contains(&name.as_str()) => {
            let first = args.first()?.value;
            (name == "communicate" || is_input(facts, *base)).then_some(first)
        }
        _ => None,
    }
}

/// Whether an expression is the standard input of a process, by its name.
fn is_input(facts: &Facts, e: ExprId) -> bool {
    let mut at = e;
    for _ in 0..MAX_LINKS {
        at = match facts.expr(at) {
            Expr::Name(n) => return n.contains("stdin"),
            Expr::Member { name, .. } if name.contains("stdin") => return true,
            Expr::Member { base, .. } => *base,
            Expr::Call { callee, .. } => *callee,
            _ => return false,
        };
    }
    false
}
