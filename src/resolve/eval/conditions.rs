//! Conditions: whether code under a guard runs for the arguments of a frame. Only conditions on
//! parameters are decided: `if mode == "json"` where the caller says which. A constant at the top of
//! a module is a switch that somebody will turn, so both of its sides count.

use std::cell::Cell;

use super::{Evaluator, is_texty, own_receiver};
use crate::hir::{CallKind, Expr, ExprId, Facts, GuardId, GuardKind, How, Op, ParamKind};
use crate::resolve::value::{Env, ExprRef, Segment, Value};
use crate::source::FileId;

/// A condition under evaluation.
struct Test<'e> {
    file: FileId,
    env: &'e Env,
    /// Whether a parameter of the frame has a say in it.
    bound: Cell<bool>,
}

impl<'p> Evaluator<'p> {
    /// Whether what stands under `guard` runs, as seen from code under `seen_from`, which runs;
    /// `None` where the arguments do not tell.
    pub(in crate::resolve) fn runs(
        &self,
        file: FileId,
        facts: &'p Facts,
        guard: GuardId,
        seen_from: GuardId,
        env: &Env,
    ) -> Option<bool> {
        let frame = env.as_ref()?;
        let mut known = true;
        let mut at = Some(guard);
        while let Some(id) = at {
            let g = &facts.guards[id.index()];
            if facts.encloses(id, seen_from) {
                break;
            }
            match g.kind {
                GuardKind::Branch => {
                    let arm = self
                        .memo
                        .arm(frame, file, id, || self.arm_runs(file, facts, id, env));
                    match arm {
                        Some(true) => {}
                        Some(false) => return Some(false),
                        None => known = false,
                    }
                }
                // Another function runs when somebody calls it.
                GuardKind::Root | GuardKind::Function => return None,
                GuardKind::Loop | GuardKind::Catch => known = false,
                GuardKind::Try => {}
            }
            at = g.parent;
        }
        known.then_some(true)
    }

    /// Whether an arm is the one that is taken.
    fn arm_runs(&self, file: FileId, facts: &'p Facts, arm: GuardId, env: &Env) -> Option<bool> {
        let g = &facts.guards[arm.index()];
        let own = match g.test {
            Some(t) => self.decide(file, facts, t, env),
            None => (g.exhaustive > 0).then_some(true),
        };
        if own == Some(false) {
            return own;
        }
        let mut sure = own == Some(true);
        let mut missing = g.arm;
        for earlier in facts.guards[..arm.index()].iter().rev() {
            if missing == 0 {
                break;
            }
            if earlier.group != g.group {
                continue;
            }
            missing -= 1;
            match earlier.test.and_then(|t| self.decide(file, facts, t, env)) {
                Some(true) => return Some(false),
                Some(false) => {}
                None => sure = false,
            }
        }
        (sure && missing == 0).then_some(true)
    }

    /// Whether a condition holds for the arguments of a frame.
    pub(in crate::resolve) fn decide(
        &self,
        file: FileId,
        facts: &'p Facts,
        test: ExprId,
        env: &Env,
    ) -> Option<bool> {
        env.as_ref()?;
        let t = Test {
            file,
            env,
            bound: Cell::new(false),
        };
        self.holds(facts, &t, test).filter(|_| t.bound.get())
    }

    fn holds(&self, facts: &'p Facts, t: &Test<'_>, e: ExprId) -> Option<bool> {
        self.nested(|| self.holds_inner(facts, t, e))
    }

    fn holds_inner(&self, facts: &'p Facts, t: &Test<'_>, e: ExprId) -> Option<bool> {
        match facts.expr(e) {
            Expr::Unary { not: true, operand } => self.holds(facts, t, *operand).map(|b| !b),
            Expr::Binary { op, left, right } => match op {
                Op::And => match (self.holds(facts, t, *left), self.holds(facts, t, *right)) {
                    (Some(false), _) | (_, Some(false)) => Some(false),
                    (Some(true), Some(true)) => Some(true),
                    _ => None,
                },
                Op::Or => match (self.holds(facts, t, *left), self.holds(facts, t, *right)) {
                    (Some(true), _) | (_, Some(true)) => Some(true),
                    (Some(false), Some(false)) => Some(false),
                    _ => None,
                },
                Op::Eq => self.equal(facts, t, *left, *right),
                Op::Ne => self.equal(facts, t, *left, *right).map(|b| !b),
                Op::In => self.contained(facts, t, *left, *right),
                Op::NotIn => self.contained(facts, t, *left, *right).map(|b| !b),
                Op::Is => {
                    let value = self.operand(facts, t, *left)?;
                    let path = ExprRef {
                        file: t.file,
                        expr: *right,
                    };
                    is_variant(&value, &self.eval(path, &None))
                }
                _ => None,
            },
            Expr::Call {
                callee, args, kind, ..
            } if *kind == CallKind::Plain => {
                let dotted = facts.dotted(*callee)?;
                match (dotted.as_str(), args.as_slice()) {
                    ("isinstance", [value, class]) => {
                        let value = self.operand(facts, t, value.value)?;
                        self.is_of(&value, &facts.dotted(class.value)?)
                    }
                    ("Array.isArray", [value]) => {
                        self.is_of(&self.operand(facts, t, value.value)?, "list")
                    }
                    ("bool" | "Boolean", [value]) => self.holds(facts, t, value.value),
                    _ => None,
                }
            }
            Expr::Name(name) => {
                // A condition that was given a name first.
                if let Some(w) = self.only_write(facts, e, name)
                    && matches!(w.how, How::Set)
                    && w.path.is_empty()
                    && w.from.is_empty()
                    && let Some(v) = w.value
                    && matches!(facts.expr(v), Expr::Binary { .. } | Expr::Unary { .. })
                {
                    return self.holds(facts, t, v);
                }
                truth(&self.operand(facts, t, e)?)
            }
            _ => truth(&self.operand(facts, t, e)?),
        }
    }

    /// The value of a side of a comparison, where it cannot change on the way.
    fn operand(&self, facts: &'p Facts, t: &Test<'_>, e: ExprId) -> Option<Value> {
        let mut root = e;
        while let Expr::Member { base, .. } = facts.expr(root) {
            root = *base;
        }
        match facts.expr(root) {
            Expr::Text { .. }
            | Expr::Number(_)
            | Expr::Bool(_)
            | Expr::Null
            | Expr::List { .. } => {}
            Expr::Name(_) if self.is_steady(facts, t, e) => t.bound.set(true),
            Expr::Name(name) => {
                let w = self.only_write(facts, root, name)?;
                if let How::Param(i) = w.how {
                    // An attribute of the receiver may have been set by anybody since.
                    let f = &facts.functions[facts.function_of(w.scope)?.index()];
                    let receiver = f.params.get(usize::from(i))?.kind == ParamKind::Receiver;
                    if receiver && root != e {
                        return None;
                    }
                    t.bound.set(true);
                }
            }
            _ => return None,
        }
        let at = ExprRef {
            file: t.file,
            expr: e,
        };
        Some(self.eval(at, t.env))
    }

    /// Whether an expression is `self.x` of an object whose construction is known, and nothing but its
    /// constructor stores to `x`.
    fn is_steady(&self, facts: &'p Facts, t: &Test<'_>, e: ExprId) -> bool {
        let Expr::Member { base, name, .. } = facts.expr(e) else {
            return false;
        };
        let scope = facts.node(e).scope;
        own_receiver(facts, *base).is_some()
            && matches!(self.receiver(facts, t.file, scope, t.env), Some(Value::Instance(i)) if i.args.is_some())
            && self
                .owner_class(facts, t.file, scope)
                .is_some_and(|c| self.only_constructed(facts, c, name))
    }

    /// The store of a name that has one only, outside of loops.
    fn only_write(
        &self,
        facts: &'p Facts,
        at: ExprId,
        name: &str,
    ) -> Option<&'p crate::hir::Write> {
        let [only] = facts.stores_of(name, facts.node(at).scope) else {
            return None;
        };
        let w = &facts.writes[only.index()];
        let steady = matches!(
            w.how,
            How::Param(_) | How::Set | How::Import(_) | How::Class(_)
        );
        (steady && w.path.is_empty()).then_some(w)
    }

    fn equal(&self, facts: &'p Facts, t: &Test<'_>, left: ExprId, right: ExprId) -> Option<bool> {
        let left = self.operand(facts, t, left)?;
        let right = self.operand(facts, t, right)?;
        same(&left, &right)
    }

    fn contained(&self, facts: &'p Facts, t: &Test<'_>, item: ExprId, all: ExprId) -> Option<bool> {
        let item = self.operand(facts, t, item)?;
        let Value::List(all) = self.operand(facts, t, all)? else {
            return None;
        };
        let mut unsure = all.open;
        for v in &all.items {
            match same(&item, v) {
                Some(true) => return Some(true),
                Some(false) => {}
                None => unsure = true,
            }
        }
        (!unsure).then_some(false)
    }

    /// Whether a value is of a builtin type.
    fn is_of(&self, value: &Value, class: &str) -> Option<bool> {
        let is = match value {
            Value::Text(_) => "str",
            Value::List(_) => "list",
            Value::Map(_) => "dict",
            Value::Choice(c) => {
                let mut each = c.iter().map(|v| self.is_of(v, class));
                let first = each.next()??;
                return each.all(|v| v == Some(first)).then_some(first);
            }
            _ => return None,
        };
        matches!(class, "str" | "list" | "dict").then_some(is == class)
    }
}

/// Whether a value counts as true.
fn truth(v: &Value) -> Option<bool> {
    match v {
        Value::Null => Some(false),
        Value::Bool(b) => Some(*b),
        Value::Number(n) => n.parse::<f64>().ok().map(|n| n != 0.0),
        Value::Text(t) => {
            if t.as_literal().is_some_and(|t| t.is_empty()) {
                return Some(false);
            }
            let some = t
                .segments
                .iter()
                .any(|s| matches!(s, Segment::Literal { text, .. } if !text.is_empty()));
            some.then_some(true)
        }
        Value::List(l) if !l.open => Some(!l.items.is_empty()),
        Value::Map(m) if !m.open => Some(!m.fields.is_empty()),
        Value::Function(_) | Value::Class(_) => Some(true),
        Value::Choice(c) => {
            let mut each = c.iter().map(truth);
            let first = each.next()??;
            each.all(|v| v == Some(first)).then_some(first)
        }
        _ => None,
    }
}

/// Whether a value is a variant of an enum, with whatever it holds.
fn is_variant(v: &Value, variant: &Value) -> Option<bool> {
    match (v, variant) {
        (Value::Choice(c), _) => {
            let mut each = c.iter().map(|v| is_variant(v, variant));
            let first = each.next()??;
            each.all(|v| v == Some(first)).then_some(first)
        }
        (Value::Made(m), _) => is_variant(&m.callee, variant),
        (Value::Attr(a), Value::Attr(b)) => match (&a.base, &b.base) {
            (Value::Class(of), Value::Class(other)) if of == other => Some(a.name == b.name),
            _ => None,
        },
        (Value::External(a), Value::External(b)) if a.module == b.module => {
            let (name, of) = a.path.split_last()?;
            let (other, of_other) = b.path.split_last()?;
            (of == of_other && !(of.is_empty() && a.module.is_empty())).then_some(name == other)
        }
        _ => None,
    }
}

/// Whether two values are equal.
fn same(a: &Value, b: &Value) -> Option<bool> {
    match (a, b) {
        (Value::Choice(c), other) | (other, Value::Choice(c)) => {
            let mut each = c.iter().map(|v| same(v, other));
            let first = each.next()??;
            each.all(|v| v == Some(first)).then_some(first)
        }
        (Value::Null, Value::Null) => Some(true),
        (Value::Null, other) | (other, Value::Null) => {
            let something = is_texty(other)
                || matches!(
                    other,
                    Value::List(_)
                        | Value::Map(_)
                        | Value::Bool(_)
                        | Value::Number(_)
                        | Value::Function(_)
                        | Value::Class(_)
                        | Value::Instance(_)
                );
            something.then_some(false)
        }
        (Value::Bool(a), Value::Bool(b)) => Some(a == b),
        (Value::Number(a), Value::Number(b)) => Some(a == b),
        (Value::Text(a), Value::Text(b)) => match (a.as_literal(), b.as_literal()) {
            (Some(a), Some(b)) => Some(a == b),
            _ => None,
        },
        (Value::Class(a), Value::Class(b)) => Some(a == b),
        _ => None,
    }
}
