//! What calls have opened or put together: files, paths, templates, settings; the builtins that do so.

use std::rc::Rc;

use super::{Engine, MethodCall};
use crate::resolve::data::Format;
use crate::resolve::eval::{Evaluator, is_texty};
use crate::resolve::value::{ArgValue, ExprRef, Made, Value};

/// Functions that give the names of the files in a folder.
const LISTS_FILES: &[&str] = &[
    "os.listdir",
    "listdir",
    "fs.readdirSync",
    "readdirSync",
    "fs.readdir",
    "readdir",
    "fs.default.readdirSync",
    "node:fs.readdirSync",
    "fs/promises.readdir",
    "node:fs/promises.readdir",
    "glob.glob",
];

/// Functions that give what stands in the file whose path is their argument.
const READS_FILE: &[&str] = &[
    "fs.readFileSync",
    "readFileSync",
    "fs.readFile",
    "readFile",
    "fs.promises.readFile",
    "promises.readFile",
    "fs/promises.readFile",
    "fs.default.readFileSync",
    "fs/promises.default.readFile",
    "fs.default.promises.readFile",
    "fs.default.readFile",
    "node:fs.readFileSync",
    "Deno.readTextFile",
    "node:fs/promises.readFile",
    "node:fs.default.readFileSync",
    "node:fs/promises.default.readFile",
    "std.fs.read_to_string",
    "fs.read_to_string",
    "tokio.fs.read_to_string",
    "std::fs.read_to_string",
    "node:fs.promises.readFile",
    "read_to_string",
    "std::fs.fs.read_to_string",
];

impl Evaluator<'_> {
    /// `value.unwrap_or("text")`, `value.unwrap_or_else(|_| "text".to_owned())` of what is not known.
    pub(super) fn or_default(
        &self,
        base: &Value,
        name: &str,
        first: Option<&ArgValue>,
    ) -> Option<Value> {
        let given = match (name, &first?.value) {
            ("unwrap_or", v) => v.clone(),
            ("unwrap_or_else", Value::Function(f)) => self.call_function(f, &[], first?.at?),
            _ => return None,
        };
        let is_path = || {
            matches!(&given, Value::Made(m) if self.callee_name(&m.callee).ends_with("PathBuf.from"))
                && self.path_text(&given, 0).is_some()
        };
        let known = is_texty(&given) || is_path();
        known.then(|| Value::choice(vec![base.clone(), given]))
    }

    /// Methods of opened files, paths, templates.
    pub(super) fn made_method(
        &self,
        made: &Rc<Made>,
        base: &Value,
        call: MethodCall,
    ) -> Option<Value> {
        let MethodCall { name, args, at, .. } = call;
        let callee = self.callee_name(&made.callee);
        let last = callee.rsplit('.').next().unwrap_or_default();
        match name {
            "glob" | "rglob" | "iterdir" => {
                let pattern = call.first().and_then(|v| self.literal(v));
                self.listing(base, pattern.as_deref(), at.file)
            }
            "read" | "read_text" | "text" | "read_bytes" | "readlines" | "__enter__"
            | "readText" | "read_to_string" => self.read_file(at.file, base),
            "then" => self.call_back(call.first()?, vec![base.clone()], at, &None),
            "substitute" | "safe_substitute" if last == "Template" => {
                let text = made.args.first()?.value.clone();
                is_texty(&text).then(|| self.fill(&text, args, Engine::Dollar))
            }
            // `PATTERN.sub(repl, text)`: cleaned or filled, and no text of its own.
            "sub" if last == "compile" => Some(args.get(1)?.value.clone()),
            "try_deserialize" | "extract" | "try_into" => self.built_settings(base, at.file),
            "get_string" | "get_str" | "get" if args.len() == 1 => {
                let key = self.literal(call.first()?)?;
                let settings = self.built_settings(base, at.file)?;
                let value = key.split('.').fold(settings, |v, k| self.member(&v, k));
                (!value.is_blank()).then_some(value)
            }
            "load" if last == "YAML" => self.data_value(Format::Yaml, call.first()?, at.file),
            "json" if last == "file" => self.data_value(Format::Json, base, at.file),
            // `include_dir!("prompts").get_file("system.md")`
            "get_file" if last == "include_dir" => {
                let folder = made.args.first()?.value.clone();
                let path = self.join_path(&[folder, call.first()?.clone()])?;
                self.read_file(at.file, &path)
            }
            "render" | "render_async" => self.rendered(base, args, at.file),
            "render_str" | "render_template" | "renderString" => self.rendered_once(args),
            "format" if last == "Template" || last == "from_string" => {
                let text = self.template_text(base, 0)?;
                Some(self.fill(&text, args, Engine::Braces))
            }
            _ => None,
        }
    }

    /// Builtins that read files, list folders or put paths together, by dotted name.
    pub(super) fn file_builtin(
        &self,
        dotted: &str,
        args: &[ArgValue],
        at: ExprRef,
    ) -> Option<Value> {
        let first = args.first().map(|a| &a.value);
        let last = dotted.rsplit('.').next().unwrap_or(dotted);
        match dotted {
            "importlib.resources.files" | "importlib_resources.files" => {
                self.package_folder(first?, at.file)
            }
            "importlib.resources.read_text"
            | "importlib_resources.read_text"
            | "pkgutil.get_data" => {
                let folder = self.package_folder(first?, at.file)?;
                let path = self.join_path(&[folder, args.get(1)?.value.clone()])?;
                self.read_file(at.file, &path)
            }
            _ if LISTS_FILES.contains(&dotted) => self.listed(dotted, first?, at.file),
            _ if READS_FILE.contains(&dotted) => self.read_file(at.file, first?),
            _ if matches!(last, "join" | "resolve")
                && (dotted.contains("path") || dotted.starts_with("os.")) =>
            {
                self.joined_path(args)
            }
            "os.path.basename" | "os.path.dirname" | "path.basename" if args.len() == 1 => {
                self.part_of_path(last, first?)
            }
            "Path" | "pathlib.Path" | "PathBuf.from" | "Path.new" | "pathlib.PurePath"
                if args.len() > 1 =>
            {
                self.joined_path(args)
            }
            _ => None,
        }
    }

    /// The arguments of a call as the parts of one path.
    fn joined_path(&self, args: &[ArgValue]) -> Option<Value> {
        let parts: Vec<Value> = args.iter().map(|a| a.value.clone()).collect();
        self.join_path(&parts)
    }
}
