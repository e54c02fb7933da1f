//! What a schema says in words: descriptions of fields (`z.string().describe("…")`,
//! `Field(description="…")`, the `description` keys of a JSON schema) are sent with the request and
//! are part of the prompt.

use super::super::eval::{Evaluator, is_texty};
use super::super::value::{ClassRef, ExprRef, Rope, Segment, Value};
use super::chain::last_name;
use crate::hir::{ScopeId, TypeRef};
use crate::source::FileId;

/// Values of a schema that are looked at.
const MAX_NODES: u32 = 2000;
/// How deep they may be nested.
const MAX_DEPTH: u32 = 24;

/// Descriptions gathered so far.
#[derive(Default)]
struct Gathered {
    rope: Rope,
    nodes: u32,
    classes: Vec<ClassRef>,
}

impl Gathered {
    /// Whether one more value may be looked at.
    fn step(&mut self, depth: u32) -> bool {
        self.nodes += 1;
        self.nodes <= MAX_NODES && depth <= MAX_DEPTH
    }
}

impl<'p> Evaluator<'p> {
    /// The descriptions in a schema, each a part of its own; nothing where it has none.
    pub(super) fn descriptions(&self, schema: &Value) -> Option<Rope> {
        let mut out = Gathered::default();
        self.describe(schema, &mut out, 0);
        (!out.rope.segments.is_empty()).then_some(out.rope)
    }

    fn describe(&self, v: &Value, out: &mut Gathered, depth: u32) {
        if !out.step(depth) {
            return;
        }
        match v {
            Value::Map(m) => {
                for f in &m.fields {
                    if f.key == "description" && is_texty(&f.value) {
                        self.say(&f.value, f.at, out);
                    } else {
                        self.describe(&f.value, out, depth + 1);
                    }
                }
            }
            Value::List(l) => l
                .items
                .iter()
                .for_each(|v| self.describe(v, out, depth + 1)),
            Value::Choice(c) => c.iter().for_each(|v| self.describe(v, out, depth + 1)),
            Value::Made(m) => {
                // `z.string().describe("…")`: the receiver first, as it is written.
                if let Value::Attr(a) = &m.callee {
                    self.describe(&a.base, out, depth + 1);
                }
                let says = matches!(last_name(&m.callee).as_str(), "describe" | "description");
                for (i, a) in m.args.iter().enumerate() {
                    let named = a.name.as_deref() == Some("description");
                    if (named || says && i == 0) && is_texty(&a.value) {
                        self.say(&a.value, a.at, out);
                    } else {
                        self.describe(&a.value, out, depth + 1);
                    }
                }
            }
            Value::Class(c) => self.describe_class(*c, out, depth + 1),
            _ => {}
        }
    }

    /// The fields of a model class, and of the classes that their types name.
    fn describe_class(&self, class: ClassRef, out: &mut Gathered, depth: u32) {
        if out.classes.contains(&class) || !out.step(depth) {
            return;
        }
        out.classes.push(class);
        for base in self.bases(class) {
            if let Value::Class(base) = base {
                self.describe_class(base, out, depth + 1);
            }
        }
        for (part, scope, field) in self.declared_fields(class) {
            if let Some(expr) = field.value {
                let at = ExprRef {
                    file: part.file,
                    expr,
                };
                self.describe(&self.eval(at, &None), out, depth + 1);
            }
            if let Some(ty) = &field.ty {
                self.describe_type(part.file, scope, ty, out, depth + 1);
            }
        }
    }

    fn describe_type(
        &self,
        file: FileId,
        scope: ScopeId,
        ty: &TypeRef,
        out: &mut Gathered,
        depth: u32,
    ) {
        if !out.step(depth) {
            return;
        }
        if let Some(Value::Instance(i)) = self.of_type(file, scope, ty) {
            self.describe_class(i.class, out, depth + 1);
        }
        for a in &ty.args {
            self.describe_type(file, scope, a, out, depth + 1);
        }
    }

    /// One more description.
    fn say(&self, text: &Value, at: Option<ExprRef>, out: &mut Gathered) {
        if !out.rope.segments.is_empty() {
            out.rope.segments.push(Segment::Break);
        }
        self.text_into(&mut out.rope, text, at);
    }
}
