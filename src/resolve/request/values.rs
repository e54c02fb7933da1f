//! Prompt-carrying values: templates, chains, agents, signatures.

use std::rc::Rc;

use super::super::eval::{Evaluator, is_texty};
use super::super::text::Engine;
use super::super::value::{ArgValue, ExprRef, FunctionRef, FunctionValue, Made, Map, Rope, Value};
use super::Request;
use super::chain::{COMPOSING, chain_of, last_name, rooted};
use crate::calls::{GapReason, Structured};
use crate::catalog::{Source, ValueSpec};
use crate::hir::{Expr, FunctionId};
use crate::source::FileId;

impl<'p> Evaluator<'p> {
    /// The prompt-carrying values along a receiver and in its compositions.
    pub(super) fn prompt_values(
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
                self.spec_messages(file, spec, m, vars, r, depth);
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

    pub(super) fn spec_messages(
        &self,
        file: FileId,
        spec: &ValueSpec,
        made: &Rc<Made>,
        vars: Option<&Map>,
        r: &mut Request,
        depth: u32,
    ) {
        let value = &Value::Made(Rc::clone(made));
        let mut own = Request {
            vars: vars.map(|v| {
                Rc::new(Map {
                    fields: v.fields.clone(),
                    open: v.open,
                })
            }),
            ..Request::default()
        };
        for source in &spec.text {
            self.source_messages(file, source, value, &made.args, &mut own, depth);
        }
        if own.messages.is_empty() {
            // What was decorated before.
            for a in made
                .args
                .iter()
                .filter(|a| matches!(a.value, Value::Made(_)))
            {
                self.prompt_values(file, &a.value, vars, &mut own, depth + 1);
            }
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
        r.structured = r.structured.max(own.structured);
        r.messages.append(&mut own.messages);
        r.gaps.append(&mut own.gaps);
    }

    pub(super) fn source_messages(
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
                match &source.extension {
                    Some(extension) => {
                        if !self.named_prompt(file, &v, extension, r) {
                            r.gaps.push((GapReason::Dynamic, e, String::new()));
                        }
                    }
                    None => self.messages_of(file, &v, source.role, e, r, depth + 1),
                }
            }
            return;
        }
    }

    /// `template.format(..)` of a template of one text: that text, filled.
    pub(crate) fn formatted(
        &self,
        file: FileId,
        made: &Rc<Made>,
        args: &[ArgValue],
    ) -> Option<Value> {
        let spec = self.value_spec(file, made).filter(|s| s.template)?;
        let [source] = spec.text.as_slice() else {
            return None;
        };
        let template = Value::Made(Rc::clone(made));
        let (text, _) = source
            .at
            .iter()
            .flat_map(|at| self.look(at, &template, &made.args))
            .find(|(v, _)| is_texty(v))?;
        let filled = self.fill(&text, args, Engine::Braces);
        Some(match filled {
            Value::Text(t) => Value::text(super::super::prompt::open_placeholders(&t)),
            other => other,
        })
    }

    /// The placeholders of a template as holes: filled by the variables given, or unfilled.
    pub(super) fn template_holes(&self, rope: &Rope, vars: &Map) -> Rope {
        let filled = self.fill_map(&Value::text(rope.clone()), vars, &[], Engine::Braces);
        let Value::Text(filled) = filled else {
            return rope.clone();
        };
        super::super::prompt::open_placeholders(&filled)
    }

    // ---------------------------------------------------------------- decorators

    /// A function as its decorators leave it: one of an SDK makes a prompt-carrying value of it.
    pub(crate) fn decorated(&self, file: FileId, function: FunctionId, value: Value) -> Value {
        let Some(facts) = self.facts(file) else {
            return value;
        };
        let mut value = value;
        // The one nearest to the function comes first.
        for a in facts.functions[function.index()].attributes.iter().rev() {
            let at = ExprRef { file, expr: a.expr };
            let callee = self.eval(at, &None);
            if !rooted(&callee) {
                continue;
            }
            let made = Rc::new(Made {
                callee,
                args: vec![ArgValue {
                    name: None,
                    value: value.clone(),
                    spread: false,
                    at: None,
                }],
                at: Some(at),
            });
            if self.value_spec(file, &made).is_some() {
                value = Value::Made(made);
            }
        }
        value
    }

    /// The documentation of a decorated function or of a class, or what the function returns.
    pub(super) fn of_definition(
        &self,
        value: &Value,
        what: &str,
    ) -> Option<(Value, Option<ExprRef>)> {
        match value {
            Value::Function(f) if what == "return" => {
                let function = self.function(f.function)?;
                let first = function.returns.first()?;
                let at = ExprRef {
                    file: f.function.file,
                    expr: first.value,
                };
                let v = self.call_function(f, &[], at);
                let fits = is_texty(&v) || matches!(v, Value::List(_) | Value::Choice(_));
                fits.then_some((v, None))
            }
            Value::Function(f) => {
                let at = ExprRef {
                    file: f.function.file,
                    expr: self.function(f.function)?.doc?,
                };
                Some((self.eval(at, &None), Some(at)))
            }
            Value::Class(c) if what == "docstring" => {
                let at = ExprRef {
                    file: c.file,
                    expr: self.class(*c)?.doc?,
                };
                Some((self.eval(at, &None), Some(at)))
            }
            Value::Made(m) => m.args.iter().find_map(|a| match &a.value {
                Value::Made(_) | Value::Function(_) => self.of_definition(&a.value, what),
                _ => None,
            }),
            _ => None,
        }
    }

    /// What functions decorated with a receiver's method return: `@agent.system_prompt`.
    pub(super) fn set_by_decorator(
        &self,
        callee: &Value,
        name: &str,
    ) -> Vec<(Value, Option<ExprRef>)> {
        let mut out = Vec::new();
        for made in &chain_of(callee).mades {
            let Some(facts) = made.at.and_then(|at| self.facts(at.file)) else {
                continue;
            };
            let Some(file) = made.at.map(|at| at.file) else {
                continue;
            };
            for (i, f) in (0..).zip(&facts.functions) {
                for a in &f.attributes {
                    if a.path.rsplit('.').next() != Some(name) {
                        continue;
                    }
                    let member = match facts.expr(a.expr) {
                        Expr::Call { callee, .. } => *callee,
                        _ => a.expr,
                    };
                    let Expr::Member { base, .. } = facts.expr(member) else {
                        continue;
                    };
                    let base = self.eval(ExprRef { file, expr: *base }, &None);
                    if base.same(&Value::Made(Rc::clone(made))) {
                        let function = Value::Function(Rc::new(FunctionValue {
                            function: FunctionRef {
                                file,
                                function: FunctionId(i),
                            },
                            receiver: None,
                            env: None,
                        }));
                        out.extend(self.of_definition(&function, "return"));
                    }
                }
            }
        }
        out
    }
}
