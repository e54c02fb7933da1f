//! Prompts that a class keeps in YAML beside it, by a package's convention: the tasks and agents of a crew.

use std::rc::Rc;

use crate::hir::ClassId;
use crate::resolve::data::Format;
use crate::resolve::eval::Evaluator;
use crate::resolve::value::{Attr, ClassRef, FunctionValue, Instance, Rope, Segment, Value};

impl Evaluator<'_> {
    /// A field of an entry of a configuration: `self.tasks_config["write"]`, `description`.
    pub(super) fn configured_field(&self, entry: &Attr, name: &str) -> Option<Value> {
        let config = self.configured(&entry.base)?;
        let value = self.member(&self.member(&config, &entry.name), name);
        let named = if name == "agent" {
            self.named_agent(&entry.base, &value)
        } else {
            None
        };
        Some(named.unwrap_or(value))
    }

    /// The agent that a task names: what the method of that name makes.
    fn named_agent(&self, config: &Value, name: &Value) -> Option<Value> {
        let (crew, name) = (self.crew_of(config)?, self.literal(name)?);
        let method = self.find_method(crew.class, name.trim(), 0)?;
        let f = Rc::new(FunctionValue {
            function: method,
            env: crew.env.clone(),
            receiver: Some(Value::Instance(crew)),
        });
        Some(self.call_function(&f, &[], method.unwritten_call()))
    }

    /// The object whose configuration a value is: read from it, or written in its class.
    fn crew_of(&self, config: &Value) -> Option<Rc<Instance>> {
        match config {
            Value::Attr(a) => match &a.base {
                Value::Instance(i) => Some(Rc::clone(i)),
                _ => None,
            },
            Value::Text(t) => {
                let mut place = None;
                t.each_literal(&mut |file, source, _| place = place.or(Some((file, source))));
                let (file, source) = place?;
                let (class, _) = (0..)
                    .zip(&self.facts(file)?.classes)
                    .find(|(_, c)| (c.span.start..c.span.end).contains(&source))?;
                let class = ClassRef {
                    file,
                    class: ClassId(class),
                };
                Some(Rc::new(Instance::of_class(class, None)))
            }
            _ => None,
        }
    }

    /// A configuration that is the path of a YAML file, or the one a crew has by convention:
    /// `self.tasks_config["write"]` is the entry `write` of `config/tasks.yaml`.
    fn configured(&self, value: &Value) -> Option<Value> {
        match value {
            Value::Text(t)
                if t.as_literal()
                    .is_some_and(|t| Format::of_path(&t) == Some(Format::Yaml)) =>
            {
                let from = t.segments.iter().find_map(|s| match s {
                    Segment::Literal { file, .. } => Some(*file),
                    _ => None,
                })?;
                self.data_value(Format::Yaml, value, from)
            }
            Value::Attr(a) => {
                let Value::Instance(i) = &a.base else {
                    return None;
                };
                let path = match a.name.as_str() {
                    "tasks_config" => "config/tasks.yaml",
                    "agents_config" => "config/agents.yaml",
                    _ => return None,
                };
                self.data_value(
                    Format::Yaml,
                    &Value::text(Rope::unmapped(path)),
                    i.class.file,
                )
            }
            _ => None,
        }
    }
}
