//! Operations on text and files that evaluation follows: methods of strings and lists, formatting,
//! builtins of the three languages, prompt files.

mod engines;
mod files;
mod fill;
mod loaders;
mod names;
mod rust;

use std::rc::Rc;

use crate::language::Language;
use crate::resolve::call::updated;
use crate::resolve::eval::{Evaluator, is_texty, zipped};
use crate::resolve::value::{ArgValue, Env, ExprRef, Made, Map, Rope, Segment, Value};

pub(crate) use self::fill::Engine;

/// Methods that give back the text they are called on, give or take case and white space.
const SAME_TEXT: &[&str] = &[
    "strip",
    "lstrip",
    "rstrip",
    "trim",
    "trimStart",
    "trimEnd",
    "trim_start",
    "trim_end",
    "trimLeft",
    "trimRight",
    "to_string",
    "to_owned",
    "into",
    "clone",
    "as_str",
    "toString",
    "valueOf",
    "normalize",
    "encode",
    "decode",
    "lower",
    "upper",
    "toLowerCase",
    "toUpperCase",
    "to_lowercase",
    "to_uppercase",
    "title",
    "capitalize",
    "into_owned",
    "cloned",
    "copied",
    "borrow",
    "deref",
    "as_mut",
    "to_vec",
    "into_boxed_str",
    "removeprefix",
    "removesuffix",
    "expandtabs",
    "slice",
    "substring",
    "substr",
    "dedent",
    "unindent",
    "padStart",
    "padEnd",
    "copy",
    "flat",
    "iter",
    "into_iter",
    "collect",
    "as_slice",
    "build",
    "then",
    "catch",
    "finally",
    "lock",
    "read",
    "getvalue",
    "to_str",
    "or_else",
    "as_bytes",
    "into_bytes",
    "into_string",
    "contents_utf8",
    "leak",
];

/// Methods of Rust's `Option` and `Result` that give what is inside, text or not.
const GIVES_INSIDE: &[&str] = &[
    "map_err",
    "context",
    "with_context",
    "wrap_err",
    "wrap_err_with",
    "ok",
    "ok_or",
    "ok_or_else",
    "unwrap_or_else",
    "unwrap_or",
    "inspect_err",
    "as_ref",
    "as_deref",
];

/// Whether a method of text gives that text.
fn same_text(name: &str) -> bool {
    SAME_TEXT.contains(&name) || GIVES_INSIDE.contains(&name)
}

impl<'p> Evaluator<'p> {
    /// A method of a known value; `None` where the value has no such method that we follow.
    pub(crate) fn method(
        &self,
        base: &Value,
        name: &str,
        args: &[ArgValue],
        at: ExprRef,
        env: &Env,
    ) -> Option<Value> {
        let first = args.first();
        if is_texty(base) {
            if name == "format" || name == "format_map" {
                return Some(self.format(base, args));
            }
            if matches!(name, "read_text" | "read_bytes" | "readText") {
                // A path, put together already.
                return self.read_file(at.file, base);
            }
            if same_text(name) {
                return Some(base.clone());
            }
            return match name {
                "glob" | "rglob" | "iterdir" => {
                    let pattern = first.and_then(|a| self.literal(&a.value));
                    self.listing(base, pattern.as_deref(), at.file)
                }
                "file_stem" | "file_name" => {
                    let part = if name == "file_stem" { "stem" } else { "name" };
                    Some(self.member(base, part))
                }
                "joinpath" => {
                    let parts = std::iter::once(base.clone());
                    let parts: Vec<Value> =
                        parts.chain(args.iter().map(|a| a.value.clone())).collect();
                    self.join_path(&parts)
                }
                "replace" | "replaceAll" | "replacen" if args.len() >= 2 => {
                    Some(self.replace(base, args))
                }
                "join" => Some(self.join(base, &first?.value)),
                "concat" | "push_str" => {
                    let mut v = base.clone();
                    for a in args {
                        v = self.add(&v, None, &a.value, a.at);
                    }
                    Some(v)
                }
                "substitute" | "safe_substitute" => Some(self.fill(base, args, Engine::Dollar)),
                "split" if let Some(parts) = self.split(base, args) => Some(parts),
                "split" | "splitlines" | "lines" => {
                    let open = Value::list(vec![base.clone()], true);
                    Some(open)
                }
                "repeat" => Some(base.clone()),
                // `option.map(|text| …)`
                "map" | "and_then" => self
                    .call_back(&first?.value, vec![base.clone()], at, env)
                    .filter(is_texty),
                _ => None,
            };
        }
        if GIVES_INSIDE.contains(&name)
            && self.project.language(at.file) == Language::Rust
            && matches!(base, Value::Map(_) | Value::List(_) | Value::Instance(_))
            && !matches!(base, Value::Instance(i) if self.find_method(i.class, name, 0).is_some())
        {
            return Some(base.clone());
        }
        if let Some(v) = self.rust_method(base, name, args, at, env) {
            return Some(v);
        }
        match base {
            Value::Made(m) if name == "format" => self.formatted(at.file, m, args),
            Value::List(l) => match name {
                "join" => {
                    let separator =
                        first.map_or_else(|| Value::text(Rope::unmapped(",")), |a| a.value.clone());
                    Some(self.join(&separator, base))
                }
                "concat" | "chain" => {
                    let mut v = base.clone();
                    for a in args {
                        v = self.add(&v, None, &a.value, a.at);
                    }
                    Some(v)
                }
                "map" | "flatMap" | "filter_map" | "flat_map" => {
                    let mut items = Vec::new();
                    for i in l.items.iter().take(8) {
                        items.push(self.call_back(&first?.value, vec![i.clone()], at, env)?);
                    }
                    if items.is_empty() && l.open {
                        items.push(self.call_back(
                            &first?.value,
                            vec![Value::attr(base.clone(), "[]")],
                            at,
                            env,
                        )?);
                    }
                    Some(Value::list(items, l.open))
                }
                "filter" | "slice" | "reverse" | "sort" | "flat" | "iter" | "into_iter"
                | "collect" | "to_vec" | "clone" | "cloned" | "copied" | "toReversed"
                | "toSorted" | "copy" | "unique" | "as_slice" | "into" | "rev" | "to_owned"
                | "as_ref" | "into_boxed_slice" | "take" | "skip" | "peekable" => {
                    Some(base.clone())
                }
                "pop" | "at" | "shift" | "first" | "last" => Some(self.element(base)),
                "with" => None,
                _ => None,
            },
            Value::Map(m) => match name {
                "get" | "pop" | "setdefault" => {
                    let key = &first?.value;
                    let v = self.index(base, key);
                    match (v, args.get(1)) {
                        (Value::Null | Value::Unknown(_), Some(d)) => Some(d.value.clone()),
                        (Value::Attr(_), Some(d)) if m.open => {
                            Some(Value::choice(vec![self.index(base, key), d.value.clone()]))
                        }
                        (v, _) => Some(v),
                    }
                }
                "values" => Some(Value::list(
                    m.fields.iter().map(|f| f.value.clone()).collect(),
                    m.open,
                )),
                "items" | "iter" => Some(Value::list(
                    m.fields
                        .iter()
                        .map(|f| {
                            Value::list(
                                vec![Value::text(Rope::unmapped(&f.key)), f.value.clone()],
                                false,
                            )
                        })
                        .collect(),
                    m.open,
                )),
                "copy" | "clone" | "build" | "into" | "to_owned" | "to_string" => {
                    Some(base.clone())
                }
                _ => None,
            },
            Value::Param(_) | Value::Attr(_)
                if matches!(
                    name,
                    "strip"
                        | "trim"
                        | "to_string"
                        | "to_owned"
                        | "into"
                        | "clone"
                        | "as_str"
                        | "toString"
                        | "as_ref"
                        | "copy"
                        | "cloned"
                        | "as_deref"
                        | "as_bytes"
                        | "iter"
                        | "into_iter"
                        | "collect"
                        | "to_vec"
                        | "slice"
                ) =>
            {
                Some(base.clone())
            }
            Value::Param(_) | Value::Attr(_)
                if matches!(name, "map" | "flatMap") && args.len() == 1 =>
            {
                let item = self.call_back(
                    &first?.value,
                    vec![Value::attr(base.clone(), "[]")],
                    at,
                    env,
                )?;
                Some(Value::list(vec![item], true))
            }
            // A range, or what is not known: one of its items stands for all.
            Value::Unknown(_)
                if name == "map" && matches!(first.map(|a| &a.value), Some(Value::Function(_))) =>
            {
                let item = Value::attr(base.clone(), "[]");
                let item = self.call_back(&first?.value, vec![item], at, env)?;
                is_texty(&item).then(|| Value::list(vec![item], true))
            }
            Value::Instance(_) if matches!(name, "to_owned" | "clone" | "into" | "as_ref") => {
                Some(base.clone())
            }
            Value::Instance(i)
                if matches!(name, "render" | "to_string")
                    && let Some(text) = self.derived_template(i) =>
            {
                Some(text)
            }
            Value::Instance(i) if matches!(name, "to_string" | "toString") => {
                self.instance_text(i).map(Value::text)
            }
            Value::Made(m) => self
                .made_method(m, base, name, args, at)
                .or_else(|| self.arms(m, name, args, at, env))
                .or_else(|| self.or_default(base, name, first)),
            Value::Unknown(_) | Value::Attr(_) => self.or_default(base, name, first),
            // `import("./prompts").then((m) => m.SYSTEM)`
            Value::Module(_) | Value::External(_) if name == "then" => {
                self.call_back(&first?.value, vec![base.clone()], at, env)
            }
            // `chevron.render(text, context)`, `Mustache.render(..)`, `nunjucks.renderString(..)`
            Value::External(_) if matches!(name, "render" | "renderString") => {
                self.rendered_once(args)
            }
            Value::Choice(_) if name == "render" => self.rendered(base, args, at.file),
            // The same in every case, where it is known in every case.
            Value::Choice(c) => c
                .iter()
                .map(|v| self.method(v, name, args, at, env))
                .collect::<Option<Vec<Value>>>()
                .map(Value::choice),
            _ => None,
        }
    }

    /// `value.unwrap_or("text")`, `value.unwrap_or_else(|_| "text".to_owned())` of what is not known.
    fn or_default(&self, base: &Value, name: &str, first: Option<&ArgValue>) -> Option<Value> {
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
    fn made_method(
        &self,
        made: &Rc<Made>,
        base: &Value,
        name: &str,
        args: &[ArgValue],
        at: ExprRef,
    ) -> Option<Value> {
        let callee = self.callee_name(&made.callee);
        let last = callee.rsplit('.').next().unwrap_or_default();
        match name {
            "glob" | "rglob" | "iterdir" => {
                let pattern = args.first().and_then(|a| self.literal(&a.value));
                self.listing(base, pattern.as_deref(), at.file)
            }
            "read" | "read_text" | "text" | "read_bytes" | "readlines" | "__enter__"
            | "readText" | "read_to_string" => {
                let path = match &made.callee {
                    // `Path(..).open()`
                    Value::Attr(a) if last == "open" && self.path_text(&a.base, 0).is_some() => {
                        a.base.clone()
                    }
                    _ => base.clone(),
                };
                self.read_file(at.file, &path)
            }
            "then" => {
                let f = &args.first()?.value;
                self.call_back(f, vec![base.clone()], at, &None)
            }
            "substitute" | "safe_substitute" if last == "Template" => {
                let text = made.args.first()?.value.clone();
                is_texty(&text).then(|| self.fill(&text, args, Engine::Dollar))
            }
            "sub" if last == "compile" => Some(args.get(1)?.value.clone()).filter(is_texty),
            "try_deserialize" | "extract" | "try_into" => self.built_settings(base, at.file),
            "get_string" | "get_str" | "get" if args.len() == 1 => {
                let key = self.literal(&args.first()?.value)?;
                let settings = self.built_settings(base, at.file)?;
                let value = key.split('.').fold(settings, |v, k| self.member(&v, k));
                (!value.is_blank()).then_some(value)
            }
            "load" if last == "YAML" => self.data_value(
                crate::resolve::data::Format::Yaml,
                &args.first()?.value,
                at.file,
            ),
            "json" if last == "file" => {
                self.data_value(crate::resolve::data::Format::Json, base, at.file)
            }
            // `include_dir!("prompts").get_file("system.md")`
            "get_file" if last == "include_dir" => {
                let folder = made.args.first()?.value.clone();
                let path = self.join_path(&[folder, args.first()?.value.clone()])?;
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

    fn call_back(&self, f: &Value, args: Vec<Value>, at: ExprRef, env: &Env) -> Option<Value> {
        let args: Vec<ArgValue> = args
            .into_iter()
            .map(|value| ArgValue {
                name: None,
                value,
                spread: false,
                at: None,
            })
            .collect();
        match f {
            Value::Function(f) => Some(self.call_function(f, &args, at)),
            Value::External(_) | Value::Class(_) | Value::Choice(_) => {
                Some(self.apply(f, args, at, env))
            }
            _ => None,
        }
    }

    /// Items joined by a separator.
    fn join(&self, separator: &Value, list: &Value) -> Value {
        let mut rope = Rope::default();
        match list {
            Value::List(l) => {
                for (i, v) in l.items.iter().enumerate() {
                    if i > 0 {
                        self.text_into(&mut rope, separator, None);
                    }
                    if l.items.len() == 1 && l.open {
                        let mut one = Rope::default();
                        self.text_into(&mut one, v, None);
                        rope.segments.push(Segment::Repeat(Rc::new(one)));
                    } else {
                        self.text_into(&mut rope, v, None);
                    }
                }
            }
            Value::Choice(c) => {
                return Value::choice(c.iter().map(|v| self.join(separator, v)).collect());
            }
            other => self.text_into(&mut rope, other, None),
        }
        Value::text(rope)
    }

    // ---------------------------------------------------------------- builtins

    /// Builtin functions by dotted name.
    pub(crate) fn builtin(&self, dotted: &str, args: &[ArgValue], at: ExprRef) -> Option<Value> {
        let first = args.first().map(|a| &a.value);
        let last = dotted.rsplit('.').next().unwrap_or(dotted);
        match dotted {
            // A list of texts as text; any other is data.
            "str" | "String" if let Some(Value::List(l)) = first => l
                .items
                .iter()
                .all(is_texty)
                .then(|| self.join(&Value::text(Rope::unmapped(", ")), &args[0].value)),
            "str"
            | "String"
            | "encodeURIComponent"
            | "encodeURI"
            | "textwrap.dedent"
            | "dedent"
            | "inspect.cleandoc"
            | "cleandoc"
            | "list"
            | "tuple"
            | "sorted"
            | "reversed"
            | "Array.from"
            | "copy.deepcopy"
            | "copy.copy"
            | "deepcopy"
            | "structuredClone"
            | "asyncio.run"
            | "asyncio.wait_for"
            | "asyncio.create_task"
            | "typing.cast"
            | "cast"
            | "String.from"
            | "Some"
            | "Box.new"
            | "Arc.new"
            | "Rc.new"
            | "Cow.from"
            | "Cow.Borrowed"
            | "Object.freeze"
            | "textwrap.fill"
            | "iter"
            | "Promise.resolve"
            | "ts-dedent.dedent"
            | "dedent.default"
            | "outdent.default"
            | "ts-dedent.default"
            | "Mutex.new"
            | "RwLock.new"
            | "OnceCell.from"
            | "Vec.from"
            | "std.string.String.from" => {
                let v = first?.clone();
                Some(v)
            }
            // `anyhow::Ok`
            _ if last == "Ok" => first.cloned(),
            _ if last == "new"
                && ["LazyLock.new", "LazyCell.new", "Lazy.new"]
                    .iter()
                    .any(|l| dotted.ends_with(l)) =>
            {
                match first? {
                    Value::Function(f) => Some(self.call_function(f, &[], at)),
                    v => Some(v.clone()),
                }
            }
            "io.StringIO" | "StringIO" => Some(
                first
                    .filter(|v| is_texty(v))
                    .cloned()
                    .unwrap_or_else(|| Value::text(Rope::default())),
            ),
            "importlib.import_module" | "import_module" => {
                let module = self.literal(first?)?;
                Some(Value::external(&module, &[]))
            }
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
            // Collections of pairs.
            _ if is_new_map(dotted) => Some(Value::Map(Rc::default())),
            _ if dotted.ends_with("Map.from") || dotted.ends_with("Map.from_iter") => {
                match first? {
                    Value::List(pairs) => self.map_of_pairs(pairs),
                    _ => None,
                }
            }
            "os.getenv" | "getenv" | "os.environ.get" | "environ.get" if args.len() == 2 => {
                Some(args[1].value.clone()).filter(is_texty)
            }
            "Map" if args.is_empty() => Some(Value::Map(Rc::default())),
            "Map" | "Object.fromEntries" | "dict"
                if args.len() == 1
                    && args[0].name.is_none()
                    && let Some(Value::List(pairs)) = first =>
            {
                self.map_of_pairs(pairs)
            }
            // What is replaced by a pattern is a placeholder, white space, a directive: the text stays.
            "re.sub" | "re.subn" => Some(args.get(2)?.value.clone()).filter(is_texty),
            "filter" => Some(args.get(1)?.value.clone()),
            "map" => {
                let f = &args.first()?.value;
                let Value::List(l) = &args.get(1)?.value else {
                    return None;
                };
                let items = l.items.iter().take(24);
                let items: Option<Vec<Value>> = items
                    .map(|i| self.call_back(f, vec![i.clone()], at, &None))
                    .collect();
                Some(Value::list(items?, l.open))
            }
            "enumerate" => match first? {
                Value::List(l) => {
                    let pair = |(i, v): (usize, &Value)| {
                        let number = Value::Number(i.to_string().as_str().into());
                        Value::list(vec![number, v.clone()], false)
                    };
                    let pairs = l.items.iter().enumerate().map(pair).collect();
                    Some(Value::list(pairs, l.open))
                }
                _ => None,
            },
            "zip" if args.len() > 1 => zipped(args),
            "os.listdir"
            | "listdir"
            | "fs.readdirSync"
            | "readdirSync"
            | "fs.readdir"
            | "readdir"
            | "fs.default.readdirSync"
            | "node:fs.readdirSync"
            | "fs/promises.readdir"
            | "node:fs/promises.readdir"
            | "glob.glob" => self.listed(dotted, first?, at.file),
            "String.new" | "str.new" => Some(Value::text(Rope::default())),
            "Vec.new" | "Vec.with_capacity" => Some(Value::list(Vec::new(), false)),
            "String.with_capacity" => Some(Value::text(Rope::default())),
            "std.iter.once" | "std::iter.once" | "iter.once" | "std::iter.iter.once" => {
                Some(Value::list(vec![first?.clone()], false))
            }
            "std.iter.empty" | "std::iter.empty" | "iter.empty" => {
                Some(Value::list(Vec::new(), false))
            }
            "Array" if args.is_empty() => Some(Value::list(Vec::new(), false)),
            "dict" => Some(updated(&Value::Null, args)),
            "Object.assign" => {
                let mut map = Map::default();
                for a in args {
                    super::eval::merge(&mut map, a.value.clone());
                }
                Some(Value::Map(Rc::new(map)))
            }
            "Object.values" => match first? {
                Value::Map(m) => Some(Value::list(
                    m.fields.iter().map(|f| f.value.clone()).collect(),
                    m.open,
                )),
                _ => None,
            },
            "asyncio.gather" | "Promise.all" | "Promise.allSettled" => {
                if let Some(Value::List(_)) = first {
                    return first.cloned();
                }
                Some(Value::list(
                    args.iter().map(|a| a.value.clone()).collect(),
                    false,
                ))
            }
            "fs.readFileSync"
            | "readFileSync"
            | "fs.readFile"
            | "readFile"
            | "fs.promises.readFile"
            | "promises.readFile"
            | "fs/promises.readFile"
            | "fs.default.readFileSync"
            | "fs/promises.default.readFile"
            | "fs.default.promises.readFile"
            | "fs.default.readFile"
            | "node:fs.readFileSync"
            | "Deno.readTextFile"
            | "node:fs/promises.readFile"
            | "node:fs.default.readFileSync"
            | "node:fs/promises.default.readFile"
            | "std.fs.read_to_string"
            | "fs.read_to_string"
            | "tokio.fs.read_to_string"
            | "std::fs.read_to_string"
            | "node:fs.promises.readFile"
            | "read_to_string"
            | "std::fs.fs.read_to_string" => self.read_file(at.file, first?),
            _ if matches!(last, "join" | "resolve")
                && (dotted.contains("path") || dotted.starts_with("os.")) =>
            {
                let parts: Vec<Value> = args.iter().map(|a| a.value.clone()).collect();
                self.join_path(&parts)
            }
            "os.path.basename" | "os.path.dirname" | "path.basename" if args.len() == 1 => {
                self.part_of_path(last, first?)
            }
            "Path" | "pathlib.Path" | "PathBuf.from" | "Path.new" | "pathlib.PurePath" => {
                if args.len() > 1 {
                    let parts: Vec<Value> = args.iter().map(|a| a.value.clone()).collect();
                    return self.join_path(&parts);
                }
                None
            }
            "string.Template" | "Template" => None,
            _ if matches!(
                last,
                "from_utf8" | "from_utf8_lossy" | "from_utf8_unchecked"
            ) =>
            {
                first.filter(|v| is_texty(v)).cloned()
            }
            _ if holds_its_argument(dotted) => Some(first?.clone()),
            _ => None,
        }
    }
}

/// Whether a constructor of Rust's makes an empty map.
fn is_new_map(dotted: &str) -> bool {
    [".new", ".with_capacity", ".default"].iter().any(|f| {
        dotted.strip_suffix(f).is_some_and(|ty| {
            ty.ends_with("HashMap")
                || ty.ends_with("BTreeMap")
                || ty.ends_with("IndexMap")
                || ty.ends_with("serde_json::Map")
                || ty.ends_with("serde_json.Map")
        })
    })
}

/// Whether a constructor of Rust's standard library, written with or without its path, makes
/// something that reads like what it is given.
fn holds_its_argument(dotted: &str) -> bool {
    let mut parts = dotted.rsplit(['.', ':']).filter(|p| !p.is_empty());
    let (Some(function), Some(ty)) = (parts.next(), parts.next()) else {
        return false;
    };
    match ty {
        "Box" | "Arc" | "Rc" | "Cell" | "RefCell" | "Mutex" | "RwLock" | "OnceLock"
        | "OnceCell" | "Pin" => matches!(function, "new" | "from" | "pin"),
        "String" | "Vec" | "VecDeque" => function == "from",
        "Cow" => matches!(function, "Borrowed" | "Owned" | "from"),
        _ => false,
    }
}
