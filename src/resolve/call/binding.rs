//! Arguments: from the expressions of a call to the parameters of the function that is called.

use std::rc::Rc;

use crate::hir::{Arg, ParamKind};
use crate::resolve::eval::{Evaluator, merge};
use crate::resolve::value::{ArgValue, Env, ExprRef, Frame, FunctionValue, Map, MapField, Value};
use crate::source::FileId;

impl Evaluator<'_> {
    /// The arguments of a call; known spreads are opened.
    pub(crate) fn args(&self, file: FileId, args: &[Arg], env: &Env) -> Vec<ArgValue> {
        let mut out = Vec::with_capacity(args.len());
        for a in args.iter().take(64) {
            let at = ExprRef {
                file,
                expr: a.value,
            };
            let value = if args.len() == 1 {
                self.eval(at, env)
            } else {
                self.eval_part(at, env)
            };
            if !a.spread {
                out.push(ArgValue {
                    name: a.name.clone(),
                    value,
                    spread: false,
                    at: Some(at),
                });
                continue;
            }
            match &value {
                Value::Map(m) => {
                    for f in &m.fields {
                        out.push(ArgValue {
                            name: Some(f.key.clone()),
                            value: f.value.clone(),
                            spread: f.key == "...",
                            at: f.at.or(Some(at)),
                        });
                    }
                }
                Value::List(l) => out.extend(l.items.iter().map(|v| ArgValue {
                    name: None,
                    value: v.clone(),
                    spread: false,
                    at: Some(at),
                })),
                _ => out.push(ArgValue {
                    name: a.name.clone(),
                    value,
                    spread: true,
                    at: Some(at),
                }),
            }
        }
        out
    }

    /// The environment in which a function's body runs for these arguments.
    pub(crate) fn bind(&self, f: &FunctionValue, args: &[ArgValue]) -> Env {
        let params = self
            .function(f.function)
            .map_or(&[][..], |x| x.params.as_slice());
        let mut bound: Vec<Option<Value>> = vec![None; params.len()];
        let mut positional = args.iter().filter(|a| a.name.is_none() && !a.spread);
        let mut rest = Vec::new();
        for (i, p) in params.iter().enumerate() {
            match p.kind {
                ParamKind::Positional => bound[i] = positional.next().map(|a| a.value.clone()),
                ParamKind::Rest => {
                    rest.extend(positional.by_ref().map(|a| a.value.clone()));
                    bound[i] = Some(Value::list(std::mem::take(&mut rest), false));
                }
                ParamKind::Keyword | ParamKind::KeywordRest | ParamKind::Receiver => {}
            }
        }
        let mut leftover = Map::default();
        for a in args {
            let Some(name) = &a.name else { continue };
            match params
                .iter()
                .position(|p| p.name.as_ref() == Some(name) && p.kind != ParamKind::KeywordRest)
            {
                Some(i) => bound[i] = Some(a.value.clone()),
                None => leftover.fields.push(MapField {
                    key: name.clone(),
                    value: a.value.clone(),
                    at: a.at,
                }),
            }
        }
        // `f(**kwargs)` where the caller's own `kwargs` are not known: each parameter may be in it.
        if let Some(s) = args.iter().find(|a| a.spread) {
            for (slot, p) in bound.iter_mut().zip(params) {
                if slot.is_none()
                    && let (Some(n), ParamKind::Positional | ParamKind::Keyword) = (&p.name, p.kind)
                    && p.default.is_none()
                {
                    *slot = Some(Value::attr(s.value.clone(), n));
                }
            }
            leftover.open = true;
            merge(&mut leftover, s.value.clone());
        }
        if let Some(i) = params.iter().position(|p| p.kind == ParamKind::KeywordRest) {
            bound[i] = Some(Value::Map(Rc::new(leftover)));
        }
        let depth = f.env.as_ref().map_or(0, |e| e.depth) + 1;
        let id = self.frames.get().wrapping_add(1);
        self.frames.set(id);
        Some(Rc::new(Frame {
            id,
            function: f.function,
            args: bound,
            receiver: f.receiver.clone(),
            parent: f.env.clone(),
            depth,
            item: None,
        }))
    }
}
