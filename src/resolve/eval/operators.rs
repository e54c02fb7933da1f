//! Operators with two sides: `+` on text and lists, `%`, `|`, `or`, `/` on paths.

use std::rc::Rc;

use super::Evaluator;
use super::holes::is_texty;
use super::paths::merge;
use crate::calls::GapReason;
use crate::hir::{Expr, ExprId, Facts, Op};
use crate::resolve::value::{ArgValue, Env, ExprRef, Made, Map, Rope, Value};

/// Operands of one chain of `+`.
const MAX_OPERANDS: usize = 4096;

impl<'p> Evaluator<'p> {
    pub(super) fn binary(
        &self,
        facts: &'p Facts,
        at: ExprRef,
        op: Op,
        (left, right): (ExprId, ExprId),
        env: &Env,
    ) -> Value {
        let value = |e: ExprId| self.eval(at.beside(e), env);
        match op {
            Op::Add => self.sum(facts, at, (left, right), env),
            Op::Mod => match value(left) {
                l @ Value::Text(_) => self.filled_by_percent(facts, at, &l, right, env),
                _ => Value::unknown(GapReason::Dynamic),
            },
            Op::Pipe => self.pipe_operator(at, (left, right), env),
            Op::Or | Op::Coalesce => match value(left) {
                Value::Null => value(right),
                l @ (Value::Map(_) | Value::List(_) | Value::Instance(_) | Value::Function(_)) => l,
                Value::Text(t) if t.as_literal().is_some_and(|t| !t.is_empty()) => Value::Text(t),
                l => Value::choice(vec![l, value(right)]),
            },
            Op::And => value(right),
            Op::Eq | Op::Ne | Op::Order | Op::In | Op::NotIn | Op::Is => {
                Value::unknown(GapReason::Dynamic)
            }
            // `Path(..) / "x"`
            Op::Other => self
                .join_path(&[value(left), value(right)])
                .unwrap_or_else(|| Value::unknown(GapReason::Dynamic)),
        }
    }

    /// `a + b + …`: a long chain is walked down its left side, not recursed into.
    fn sum(
        &self,
        facts: &'p Facts,
        at: ExprRef,
        (left, right): (ExprId, ExprId),
        env: &Env,
    ) -> Value {
        let mut operands = vec![right];
        let mut at_left = left;
        while let Expr::Binary {
            op: Op::Add,
            left,
            right,
        } = facts.expr(at_left)
        {
            operands.push(*right);
            at_left = *left;
            if operands.len() > MAX_OPERANDS {
                self.limited.set(true);
                break;
            }
        }
        operands.push(at_left);
        operands.reverse();
        let mut total: Option<(Value, ExprRef)> = None;
        for o in operands {
            let o = at.beside(o);
            let v = self.eval(o, env);
            total = Some(match total {
                None => (v, o),
                Some((sum, sum_at)) => (self.add(&sum, Some(sum_at), &v, Some(o)), at),
            });
        }
        total.map_or(Value::Null, |t| t.0)
    }

    /// `"… %s …" % args`
    fn filled_by_percent(
        &self,
        facts: &'p Facts,
        at: ExprRef,
        text: &Value,
        args: ExprId,
        env: &Env,
    ) -> Value {
        let given = |e: ExprId| (self.eval(at.beside(e), env), Some(at.beside(e)));
        let args = match facts.expr(args) {
            Expr::List { items } => items.iter().map(|i| given(i.value)).collect(),
            _ => vec![given(args)],
        };
        self.percent(text, &args)
    }

    /// `a | b`: two maps in one, or a chain of what is run one after another.
    fn pipe_operator(&self, at: ExprRef, (left, right): (ExprId, ExprId), env: &Env) -> Value {
        let given =
            |e: ExprId| ArgValue::positional(self.eval(at.beside(e), env), Some(at.beside(e)));
        let args = vec![given(left), given(right)];
        if let (Value::Map(a), Value::Map(_)) = (&args[0].value, &args[1].value) {
            let mut map = Map {
                fields: a.fields.clone(),
                open: a.open,
            };
            merge(&mut map, args[1].value.clone());
            return Value::Map(Rc::new(map));
        }
        Value::Made(Rc::new(Made {
            callee: Value::external("", &["|"]),
            args,
            at: Some(at),
        }))
    }

    /// `a + b`.
    pub(crate) fn add(
        &self,
        a: &Value,
        a_at: Option<ExprRef>,
        b: &Value,
        b_at: Option<ExprRef>,
    ) -> Value {
        match (a, b) {
            (Value::List(x), Value::List(y)) => {
                let mut items = x.items.clone();
                items.extend(y.items.iter().cloned());
                Value::list(items, x.open || y.open)
            }
            (Value::List(x), _) => {
                let mut items = x.items.clone();
                items.push(Value::attr(b.clone(), "[]"));
                Value::list(items, true)
            }
            (_, Value::List(y)) => {
                let mut items = vec![Value::attr(a.clone(), "[]")];
                items.extend(y.items.iter().cloned());
                Value::list(items, true)
            }
            _ if is_texty(a) || is_texty(b) => {
                let mut rope = Rope::default();
                self.text_into(&mut rope, a, a_at);
                self.text_into(&mut rope, b, b_at);
                Value::text(rope)
            }
            _ => Value::from_ingredients(GapReason::Dynamic, vec![a.clone(), b.clone()]),
        }
    }
}
