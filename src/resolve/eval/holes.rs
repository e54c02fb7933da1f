//! Values as text: what is written of a value, and the hole that stands for the rest.

use std::rc::Rc;

use super::Evaluator;
use crate::calls::{GapReason, Origin};
use crate::hir::{Expr, Facts, How, TypeRef};
use crate::prompt::holes::is_text;
use crate::resolve::value::{ExprRef, HoleSegment, Rope, Segment, Value};
use crate::source::{FileId, Location};

/// Methods that make text of text, and of little else.
const TEXT_OF_TEXT: &[&str] = &[
    "as_str",
    "lower",
    "strip",
    "toLowerCase",
    "toUpperCase",
    "to_lowercase",
    "to_uppercase",
    "trim",
    "upper",
];

/// Words that a default for a missing reply may have.
const MAX_DEFAULT_WORDS: usize = 6;

impl<'p> Evaluator<'p> {
    /// Appends a value to a text the way the languages' interpolation does.
    pub(crate) fn text_into(&self, rope: &mut Rope, value: &Value, at: Option<ExprRef>) {
        match value {
            Value::Text(t) => rope.push(t),
            Value::Null => {}
            Value::Number(n) => rope.push(&Rope::unmapped(n)),
            Value::Choice(c) if at.is_some_and(|at| self.is_reply_or_default(at.file, c)) => {
                rope.segments.push(self.hole(value, at));
            }
            Value::Choice(c) if c.iter().any(is_texty) => {
                let texts: Vec<Rope> = c
                    .iter()
                    .filter(|v| !matches!(v, Value::Null))
                    .map(|v| {
                        let mut r = Rope::default();
                        self.text_into(&mut r, v, at);
                        r
                    })
                    .filter(|r| !r.segments.is_empty())
                    .collect();
                match texts.len() {
                    0 => {}
                    1 => rope.push(&texts[0]),
                    _ => rope.segments.push(Segment::Alternatives(Rc::new(texts))),
                }
            }
            Value::Instance(i) => match self.instance_text(i) {
                Some(t) => rope.push(&t),
                None => rope.segments.push(self.hole(value, at)),
            },
            _ => {
                if let Some(constant) = self.serialized(value) {
                    rope.push(&constant);
                    return;
                }
                if let Some(path) = self.known_path(value) {
                    rope.push(&Rope::unmapped(&path));
                    return;
                }
                if let Some(text) = self.asked_file(value) {
                    self.text_into(rope, &text, at);
                    return;
                }
                rope.segments.push(self.hole(value, at));
                for t in self.hidden_text(value, 0) {
                    rope.segments.push(Segment::Break);
                    rope.push(&t);
                    rope.segments.push(Segment::Break);
                }
            }
        }
    }

    /// Whether one of several values is the reply of a model call, and the others are the few words that
    /// stand for a missing one: `reply.content ?? "no answer"`.
    pub(crate) fn is_reply_or_default(&self, file: FileId, values: &[Value]) -> bool {
        let few = |v: &Value| match v {
            Value::Text(t) => t.words() <= MAX_DEFAULT_WORDS && t.as_literal().is_some(),
            v => !is_texty(v),
        };
        values.iter().any(is_texty)
            && values.iter().all(few)
            && (values.iter().filter(|v| !is_texty(v))).any(|v| self.is_reply(file, v))
    }

    /// Text behind a conversion that is not evaluated: the ingredients of an unknown value, the
    /// arguments of a plain function.
    pub(super) fn hidden_text(&self, value: &Value, depth: u32) -> Vec<Rc<Rope>> {
        if depth > 3 {
            return Vec::new();
        }
        let prompt_like = |v: &Value| -> Vec<Rc<Rope>> {
            match v {
                Value::Text(t) if t.words() >= 3 => vec![Rc::clone(t)],
                Value::Choice(c) => c
                    .iter()
                    .filter_map(|v| match v {
                        Value::Text(t) if t.words() >= 3 => Some(Rc::clone(t)),
                        _ => None,
                    })
                    .collect(),
                v => self.hidden_text(v, depth + 1),
            }
        };
        match value {
            Value::Unknown(u) => u.ingredients.iter().flat_map(prompt_like).take(8).collect(),
            Value::Made(m) => match &m.callee {
                Value::External(e) if e.module.is_empty() && e.path.len() == 1 => m
                    .args
                    .iter()
                    .flat_map(|a| prompt_like(&a.value))
                    .take(8)
                    .collect(),
                _ => Vec::new(),
            },
            _ => Vec::new(),
        }
    }

    /// The hole that an interpolated expression leaves.
    pub(crate) fn hole(&self, value: &Value, at: Option<ExprRef>) -> Segment {
        let mut expression = String::new();
        let mut location = None;
        let mut ty = None;
        let found = at.and_then(|at| self.collection_of(at, value));
        if let Some(at) = at
            && let Some(p) = self.parsed(at.file)
        {
            let span = p.facts.span(at.expr);
            location = Some(Location {
                file: at.file,
                span,
            });
            expression = shorten(p.source.slice(span), 80);
            ty = self.type_text(&p.facts, at);
        }
        if ty.is_none()
            && let Some(p) = value.root_param()
            && matches!(value, Value::Param(_))
            && let Some(facts) = self.facts(p.function.file)
        {
            ty = facts.functions[p.function.function.index()]
                .params
                .get(usize::from(p.index))
                .and_then(|p| p.ty.as_ref())
                .map(type_text);
        }
        if expression.is_empty() {
            expression = match value {
                Value::Param(p) => p.name.to_string(),
                Value::Attr(a) if a.name != "[]" => a.name.to_string(),
                _ => "value".to_owned(),
            };
        }
        Segment::Hole(Rc::new(HoleSegment {
            expression,
            location,
            ty,
            origin: self.origin(value),
            value: value.clone(),
            gap: match value {
                Value::Unknown(u) if matches!(u.reason, GapReason::Limit | GapReason::Remote) => {
                    Some((u.reason, String::new()))
                }
                _ => None,
            },
            if_repeated: found.as_ref().is_some_and(|f| f.if_repeated),
            items: found.map(|f| f.items),
        }))
    }

    /// The annotation of the variable that an expression names, or of the text that it trims.
    pub(super) fn type_text(&self, facts: &Facts, at: ExprRef) -> Option<String> {
        if let Expr::Call { callee, .. } = facts.expr(at.expr)
            && let Expr::Member { base, name } = facts.expr(*callee)
            && TEXT_OF_TEXT.contains(&name.as_str())
        {
            return self
                .type_text(facts, at.beside(*base))
                .filter(|t| is_text(t));
        }
        let Expr::Name(name) = facts.expr(at.expr) else {
            return None;
        };
        facts
            .stores_of(name, facts.node(at.expr).scope)
            .iter()
            .find_map(|w| {
                let w = &facts.writes[w.index()];
                let How::Param(i) = w.how else { return None };
                let f = facts.function_of(w.scope)?;
                let ty = facts.functions[f.index()]
                    .params
                    .get(usize::from(i))?
                    .ty
                    .as_ref()?;
                if w.from.is_empty() {
                    Some(type_text(ty))
                } else {
                    None
                }
            })
    }

    pub(super) fn origin(&self, value: &Value) -> Origin {
        match value {
            Value::Param(p) => Origin::Parameter(p.name.to_string()),
            Value::Made(m) => Origin::Call(self.callee_name(&m.callee)),
            Value::Number(_) | Value::Bool(_) => Origin::Literal,
            Value::Attr(a) if a.name == "[]" => Origin::Iteration,
            Value::Attr(_) => match value.root_param() {
                Some(p) => Origin::Parameter(p.name.to_string()),
                None => Origin::Other,
            },
            _ => Origin::Other,
        }
    }

    /// A callee as a dotted name, for messages.
    pub(crate) fn callee_name(&self, callee: &Value) -> String {
        match callee {
            Value::External(e) => e.dotted(),
            Value::Attr(a) => {
                let base = self.callee_name(&a.base);
                if base.is_empty() {
                    a.name.to_string()
                } else {
                    format!("{base}.{}", a.name)
                }
            }
            Value::Made(m) => self.callee_name(&m.callee),
            Value::Param(p) => p.name.to_string(),
            Value::Function(f) => self
                .facts(f.function.file)
                .and_then(|x| x.functions[f.function.function.index()].name.clone())
                .unwrap_or_default()
                .to_string(),
            _ => String::new(),
        }
    }

    /// The literal text of a value.
    pub(crate) fn literal(&self, value: &Value) -> Option<String> {
        match value {
            Value::Text(t) => t.as_literal(),
            _ => None,
        }
    }
}

/// Whether a value is text, or one of several of which one is.
pub(crate) fn is_texty(v: &Value) -> bool {
    match v {
        Value::Text(_) => true,
        Value::Choice(c) => c.iter().any(is_texty),
        _ => false,
    }
}

/// A type as its heads.
pub(crate) fn type_text(ty: &TypeRef) -> String {
    let mut out = ty.heads.join(" | ");
    if !ty.args.is_empty() {
        let args: Vec<String> = ty.args.iter().map(type_text).collect();
        out = format!("{out}[{}]", args.join(", "));
    }
    if !ty.literals.is_empty() {
        out = format!("Literal[{}]", ty.literals.join(", "));
    }
    out
}

/// At most `max` bytes of a text on one line.
pub(crate) fn shorten(text: &str, max: usize) -> String {
    let flat: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if flat.len() <= max {
        return flat;
    }
    let mut end = max;
    while !flat.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}…", &flat[..end])
}
