//! Template engines: the text behind `render`, wherever the program keeps it: in the call itself, in
//! a file that a loader finds, under a name in the engine's registry.

use std::rc::Rc;

use super::Engine;
use crate::project::TEMPLATES;
use crate::resolve::eval::{Evaluator, is_texty};
use crate::resolve::request::{chain_of, last_name};
use crate::resolve::value::{ArgValue, Made, Rope, Value};
use crate::source::FileId;

/// Methods that put a template under a name, as Jinja's, Tera's, Handlebars' and MiniJinja's
/// documentation calls them.
const REGISTER: &[&str] = &[
    "add_template",
    "add_template_owned",
    "add_raw_template",
    "add_template_file",
    "register_template_string",
    "register_template_file",
    "register_partial",
    "registerPartial",
];
/// The endings that a template's name may go without, those of templates before those of any text.
pub(super) fn endings<'a>() -> impl Iterator<Item = &'a str> {
    TEMPLATES.into_iter().chain(["txt", "md"])
}

/// Packages that make functions of templates.
const COMPILERS: &[&str] = &[
    "handlebars",
    "ejs",
    "lodash",
    "underscore",
    "_",
    "dot",
    "pug",
];
/// Nested template values.
const MAX_DEPTH: u32 = 4;

impl<'p> Evaluator<'p> {
    /// `render(..)` of a template, or of an engine that is told which.
    pub(super) fn rendered(
        &self,
        engine: &Value,
        args: &[ArgValue],
        from: FileId,
    ) -> Option<Value> {
        if let Some(text) = self.template_text(engine, 0) {
            return Some(self.fill(&text, args, Engine::Braces));
        }
        // `engine.render("name", context)`
        let (name, context) = args.split_first()?;
        let text = self.registered(engine, &name.value, from)?;
        Some(self.fill(&text, context, Engine::Braces))
    }

    /// A template that was compiled to a function, called with its context: `compile(text)(context)`.
    pub(crate) fn compiled(&self, template: &Value, args: &[ArgValue]) -> Option<Value> {
        let Value::Made(m) = template else {
            return None;
        };
        let name = self.callee_name(&m.callee).to_lowercase();
        let (package, function) = (name.split('.').next()?, name.rsplit('.').next()?);
        if !COMPILERS.contains(&package) || !matches!(function, "compile" | "template") {
            return None;
        }
        let text = self.template_text(&m.args.first()?.value, 0)?;
        Some(self.fill(&text, args, Engine::Braces))
    }

    /// `render_str(text, context)`, `one_off(text, context, ..)`.
    pub(super) fn rendered_once(&self, args: &[ArgValue]) -> Option<Value> {
        let (text, context) = args.split_first()?;
        let named = |v: &Value| self.literal(v).is_some_and(|t| is_file_name(&t));
        (is_texty(&text.value) && !named(&text.value))
            .then(|| self.fill(&text.value, context, Engine::Braces))
    }

    /// The text that a template object was made from.
    pub(super) fn template_text(&self, value: &Value, depth: u32) -> Option<Value> {
        if depth > MAX_DEPTH {
            return None;
        }
        match value {
            v if is_texty(v) => Some(v.clone()),
            // Whichever of them has a text.
            Value::Choice(c) => {
                let texts: Vec<Value> = c
                    .iter()
                    .filter_map(|v| self.template_text(v, depth + 1))
                    .collect();
                (!texts.is_empty()).then(|| Value::choice(texts))
            }
            Value::Made(m) => {
                let name = self.callee_name(&m.callee);
                match name.rsplit('.').next().unwrap_or_default() {
                    "Template" | "from_string" | "template_from_str" | "compile" | "render"
                    | "parse" => m
                        .args
                        .iter()
                        .find_map(|a| self.template_text(&a.value, depth + 1)),
                    "get_template" | "getTemplate" | "select_template" => {
                        self.loaded(m, &m.args.first()?.value)
                    }
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// A template that an engine is asked for by name.
    fn loaded(&self, get: &Rc<Made>, name: &Value) -> Option<Value> {
        let from = get.at?.file;
        self.registered(&get.callee, name, from)
    }

    /// The template of a name: registered in the engine, or a file where its loader looks.
    fn registered(&self, engine: &Value, name: &Value, from: FileId) -> Option<Value> {
        let wanted = self.literal(name);
        let chain = chain_of(engine);
        for m in &chain.mades {
            if !REGISTER.contains(&last_name(&m.callee).as_str()) {
                continue;
            }
            let [key, text, ..] = m.args.as_slice() else {
                continue;
            };
            if wanted.is_some() && self.literal(&key.value) == wanted {
                return match &text.value {
                    v if is_texty(v) && !is_file_name(&self.literal(v).unwrap_or_default()) => {
                        Some(v.clone())
                    }
                    path => self.read_file(from, path),
                };
            }
        }
        // `DictLoader({"name": TEXT})`
        if let Some(wanted) = &wanted {
            let loaders = chain.mades.iter().flat_map(loaders);
            let mut kept = loaders.filter(|m| last_name(&m.callee) == "DictLoader");
            let text = kept.find_map(|m| match &m.args.first()?.value {
                Value::Map(m) => Some(m.fields.iter().find(|f| f.key == *wanted)?.value.clone()),
                _ => None,
            });
            if text.as_ref().is_some_and(is_texty) {
                return text;
            }
        }
        let folders = chain.mades.iter().flat_map(|m| self.folders(m));
        for folder in folders {
            let path = self.join_path(&[folder, name.clone()]);
            if let Some(text) = path.and_then(|p| self.read_file(from, &p)) {
                return Some(text);
            }
        }
        let wanted = wanted?;
        if is_file_name(&wanted) {
            return self.read_file(from, name);
        }
        // A name without an ending, which the program's own loader gives it.
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '/');
        if wanted.is_empty() || !wanted.chars().all(plain) {
            return None;
        }
        endings().find_map(|ending| {
            let path = Value::text(Rope::unmapped(&format!("{wanted}.{ending}")));
            self.read_file(from, &path)
        })
    }

    /// Where the loaders among the arguments of an engine's constructor look.
    fn folders(&self, made: &Rc<Made>) -> Vec<Value> {
        let mut out = Vec::new();
        for loader in loaders(made) {
            let folder = match last_name(&loader.callee).as_str() {
                "FileSystemLoader" => loader.args.first(),
                "PackageLoader" => loader.args.get(1),
                _ => continue,
            };
            match folder.map(|f| &f.value) {
                Some(Value::List(l)) => out.extend(l.items.iter().cloned()),
                Some(v) => out.push(v.clone()),
                None => {}
            }
        }
        out
    }
}

/// The loaders among the arguments of an engine's constructor, those that try others as those.
fn loaders(made: &Rc<Made>) -> Vec<Rc<Made>> {
    let mut out = Vec::new();
    for a in &made.args {
        match &a.value {
            Value::Made(m) if last_name(&m.callee) == "ChoiceLoader" => {
                let Some(Value::List(l)) = m.args.first().map(|a| &a.value) else {
                    continue;
                };
                out.extend(l.items.iter().filter_map(|v| match v {
                    Value::Made(m) => Some(Rc::clone(m)),
                    _ => None,
                }));
            }
            Value::Made(m) => out.push(Rc::clone(m)),
            _ => {}
        }
    }
    out
}

/// Whether a text is the name of a file rather than a template.
fn is_file_name(text: &str) -> bool {
    text.len() < 256
        && !text.contains(['\n', ' ', '{'])
        && text.rsplit_once('.').is_some_and(|(_, extension)| {
            (1..=8).contains(&extension.len())
                && extension.chars().all(|c| c.is_ascii_alphanumeric())
        })
}
