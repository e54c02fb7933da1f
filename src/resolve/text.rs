//! Operations on text and files that evaluation follows: methods of strings and lists, formatting,
//! builtins of the three languages, prompt files.

use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::eval::{Evaluator, is_texty};
use super::value::{ArgValue, Env, ExprRef, Made, Map, MapField, Rope, Segment, Value};
use crate::hir::Run;
use crate::source::FileId;

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
    "as_ref",
    "as_deref",
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
    "unwrap_or",
    "then",
    "catch",
    "finally",
    "lock",
    "read",
    "to_str",
];

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
            if SAME_TEXT.contains(&name) {
                return Some(base.clone());
            }
            return match name {
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
                "split" | "splitlines" | "lines" => {
                    let open = Value::list(vec![base.clone()], true);
                    Some(open)
                }
                "repeat" => Some(base.clone()),
                _ => None,
            };
        }
        match base {
            Value::List(l) => match name {
                "join" => {
                    let separator =
                        first.map_or_else(|| Value::text(Rope::unmapped(",")), |a| a.value.clone());
                    Some(self.join(&separator, base))
                }
                "concat" => {
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
                | "toSorted" | "copy" | "unique" | "as_slice" | "into" | "rev" => {
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
            Value::Instance(_) if matches!(name, "to_owned" | "clone" | "into" | "as_ref") => {
                Some(base.clone())
            }
            Value::Instance(i) if matches!(name, "to_string" | "toString") => {
                self.instance_text(i).map(Value::text)
            }
            Value::Made(m) => self.made_method(m, base, name, args, at),
            _ => None,
        }
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
            "read" | "read_text" | "text" | "read_bytes" | "readlines" | "__enter__"
            | "readText" => {
                let path = if last == "open" && made.args.is_empty() {
                    // `Path(..).open()`
                    match &made.callee {
                        Value::Attr(a) => a.base.clone(),
                        _ => return None,
                    }
                } else {
                    base.clone()
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
            "render" | "render_async" => {
                let text = self.template_text(base, 0)?;
                Some(self.fill(&text, args, Engine::Braces))
            }
            "format" if last == "Template" || last == "from_string" => {
                let text = self.template_text(base, 0)?;
                Some(self.fill(&text, args, Engine::Braces))
            }
            _ => None,
        }
    }

    /// The text that a template object was made from.
    fn template_text(&self, value: &Value, depth: u32) -> Option<Value> {
        if depth > 4 {
            return None;
        }
        match value {
            v if is_texty(v) => Some(v.clone()),
            Value::Made(m) => {
                let name = self.callee_name(&m.callee);
                let last = name.rsplit('.').next().unwrap_or_default();
                match last {
                    "Template" | "from_string" | "compile" | "render" | "parse" => m
                        .args
                        .iter()
                        .find_map(|a| self.template_text(&a.value, depth + 1)),
                    "get_template" => {
                        let file = m.at?.file;
                        m.args.first().and_then(|a| self.read_file(file, &a.value))
                    }
                    _ => None,
                }
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

    /// `text.format(..)`.
    fn format(&self, base: &Value, args: &[ArgValue]) -> Value {
        self.fill(base, args, Engine::Format)
    }

    /// `text % args`.
    pub(crate) fn percent(&self, base: &Value, args: &[(Value, Option<ExprRef>)]) -> Value {
        self.each_text(base, |rope| {
            let mut next = args.iter();
            self.substitute(rope, &mut |text| find_percent(text), &mut |slot| {
                if let Some(key) = slot {
                    let (Value::Map(m), _) = args.first()? else {
                        return None;
                    };
                    let f = m.fields.iter().find(|f| f.key == key)?;
                    return Some((f.value.clone(), f.at));
                }
                next.next().cloned()
            })
        })
    }

    /// `text.replace(from, to)`: a placeholder replaced by a value leaves the text around it mapped.
    fn replace(&self, base: &Value, args: &[ArgValue]) -> Value {
        let Some(from) = self.literal(&args[0].value).filter(|f| !f.is_empty()) else {
            return base.clone();
        };
        let to = &args[1];
        self.each_text(base, |rope| {
            self.substitute(
                rope,
                &mut |text| {
                    text.find(&from).map(|start| Slot {
                        start,
                        end: start + from.len(),
                        name: None,
                    })
                },
                &mut |_| Some((to.value.clone(), to.at)),
            )
        })
    }

    /// Fills the placeholders of a template with named values; unfilled ones stay as they are.
    pub(crate) fn fill(&self, base: &Value, args: &[ArgValue], engine: Engine) -> Value {
        let mut named: Vec<MapField> = Vec::new();
        let mut positional: Vec<(Value, Option<ExprRef>)> = Vec::new();
        for a in args {
            match (&a.name, &a.value) {
                (Some(n), v) => named.push(MapField {
                    key: n.clone(),
                    value: v.clone(),
                    at: a.at,
                }),
                (None, Value::Map(m)) => named.extend(m.fields.iter().cloned()),
                (None, v) => positional.push((v.clone(), a.at)),
            }
        }
        let vars = Map {
            fields: named,
            open: args.iter().any(|a| a.spread),
        };
        self.fill_map(base, &vars, &positional, engine)
    }

    /// See [`Self::fill`].
    pub(crate) fn fill_map(
        &self,
        base: &Value,
        vars: &Map,
        positional: &[(Value, Option<ExprRef>)],
        engine: Engine,
    ) -> Value {
        self.each_text(base, |rope| {
            let mut next = positional.iter();
            self.substitute(
                rope,
                &mut |text| match engine {
                    Engine::Format => find_braces(text, false),
                    Engine::Braces => find_braces(text, true),
                    Engine::Dollar => find_dollar(text),
                },
                &mut |slot| {
                    let name = slot?;
                    if name.is_empty() {
                        return next.next().cloned();
                    }
                    if let Ok(i) = name.parse::<usize>() {
                        return positional.get(i).cloned();
                    }
                    let root = name.split(['.', '[']).next().unwrap_or(name);
                    let f = vars.fields.iter().find(|f| f.key == root)?;
                    if root.len() < name.len() {
                        return Some((Value::attr(f.value.clone(), name), None));
                    }
                    Some((f.value.clone(), f.at))
                },
            )
        })
    }

    /// Applies an operation to each text of a value.
    fn each_text(&self, base: &Value, mut f: impl FnMut(&Rope) -> Rope) -> Value {
        match base {
            Value::Text(t) => Value::text(f(t)),
            Value::Choice(c) => Value::choice(
                c.iter()
                    .map(|v| match v {
                        Value::Text(t) => Value::text(f(t)),
                        other => other.clone(),
                    })
                    .collect(),
            ),
            other => other.clone(),
        }
    }

    /// Replaces slots in the literal segments of a rope.
    fn substitute(
        &self,
        rope: &Rope,
        find: &mut dyn FnMut(&str) -> Option<Slot>,
        value_of: &mut dyn FnMut(Option<&str>) -> Option<(Value, Option<ExprRef>)>,
    ) -> Rope {
        let mut out = Rope::default();
        for s in &rope.segments {
            match s {
                Segment::Literal { text, .. } => {
                    let mut from = 0;
                    let mut steps = 0;
                    let mut kept = 0;
                    while let Some(slot) = text.get(from..).and_then(&mut *find) {
                        steps += 1;
                        if steps > 512 || slot.end == 0 {
                            break;
                        }
                        let (start, end) = (from + slot.start, from + slot.end);
                        if let Some((value, at)) = value_of(slot.name.as_deref()) {
                            out.segments.extend(s.slice(kept, start));
                            self.text_into(&mut out, &value, at);
                            kept = end;
                        }
                        from = end;
                    }
                    out.segments.extend(s.slice(kept, text.len()));
                }
                Segment::Alternatives(a) => {
                    let inner: Vec<Rope> = a
                        .iter()
                        .map(|r| self.substitute(r, find, value_of))
                        .collect();
                    out.segments.push(Segment::Alternatives(Rc::new(inner)));
                }
                Segment::Repeat(r) => {
                    let inner = self.substitute(r, find, value_of);
                    out.segments.push(Segment::Repeat(Rc::new(inner)));
                }
                other => out.segments.push(other.clone()),
            }
        }
        out
    }

    // ---------------------------------------------------------------- builtins

    /// Builtin functions by dotted name.
    pub(crate) fn builtin(&self, dotted: &str, args: &[ArgValue], at: ExprRef) -> Option<Value> {
        let first = args.first().map(|a| &a.value);
        let last = dotted.rsplit('.').next().unwrap_or(dotted);
        match dotted {
            "str"
            | "String"
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
            | "Ok"
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
            | "LazyLock.new"
            | "Lazy.new"
            | "OnceCell.from"
            | "Vec.from"
            | "std.string.String.from" => {
                let v = first?.clone();
                if let (Value::Function(f), "LazyLock.new" | "Lazy.new") = (&v, dotted) {
                    return Some(self.call_function(f, &[], at));
                }
                Some(v)
            }
            "String.new" | "str.new" => Some(Value::text(Rope::default())),
            "Vec.new" | "Vec.with_capacity" => Some(Value::list(Vec::new(), false)),
            "String.with_capacity" => Some(Value::text(Rope::default())),
            "Array" if args.is_empty() => Some(Value::list(Vec::new(), false)),
            "dict" => {
                let mut map = Map::default();
                for a in args {
                    match &a.name {
                        Some(n) => map.fields.push(MapField {
                            key: n.clone(),
                            value: a.value.clone(),
                            at: a.at,
                        }),
                        None => super::eval::merge(&mut map, a.value.clone()),
                    }
                }
                Some(Value::Map(Rc::new(map)))
            }
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
            "yaml.safe_load" | "yaml.load" | "yaml.full_load" => self.yaml_value(first?, at.file),
            "Path" | "pathlib.Path" | "PathBuf.from" | "Path.new" | "pathlib.PurePath" => {
                if args.len() > 1 {
                    let parts: Vec<Value> = args.iter().map(|a| a.value.clone()).collect();
                    return self.join_path(&parts);
                }
                None
            }
            "string.Template" | "Template" => None,
            _ => None,
        }
    }

    /// What a YAML text, an opened YAML file or the path of one holds.
    pub(crate) fn yaml_value(&self, v: &Value, from: FileId) -> Option<Value> {
        let text = match v {
            Value::Text(t) if !t.as_literal().is_some_and(|t| is_yaml_path(&t)) => v.clone(),
            v => self.read_file(from, v)?,
        };
        let Value::Text(rope) = &text else {
            return None;
        };
        match rope.segments.as_slice() {
            [Segment::Literal { file, text, runs }] if runs.len() == 1 => {
                super::yaml::parse(*file, text, runs.first()?.source)
            }
            _ => None,
        }
    }

    /// Path pieces as one text; unknown pieces leave a hole in front of what is known.
    pub(crate) fn join_path(&self, parts: &[Value]) -> Option<Value> {
        let mut texts = Vec::new();
        for p in parts {
            texts.push(self.path_text(p, 0));
        }
        // At least the last piece must be known for the whole to mean anything.
        let tail = texts.last()?.clone()?;
        let known: Vec<String> = texts
            .into_iter()
            .map(|t| t.unwrap_or_else(|| "*".into()))
            .collect();
        let _ = tail;
        Some(Value::text(Rope::unmapped(&known.join("/"))))
    }

    /// A path as text, with `*` for directories that are not known.
    fn path_text(&self, value: &Value, depth: u32) -> Option<String> {
        if depth > 8 {
            return None;
        }
        match value {
            Value::Attr(a) if a.name == "parent" => {
                let inner = self.path_text(&a.base, depth + 1)?;
                Some(
                    inner
                        .rsplit_once('/')
                        .map_or_else(|| "*".to_owned(), |(d, _)| d.to_owned()),
                )
            }
            Value::Attr(a)
                if matches!(a.name.as_str(), "url" | "filename") && is_import_meta(&a.base) =>
            {
                None
            }
            Value::Made(m)
                if matches!(super::request::last_name(&m.callee).as_str(), "dirname") =>
            {
                let inner = self.path_text(&m.args.first()?.value, depth + 1)?;
                Some(
                    inner
                        .rsplit_once('/')
                        .map_or_else(|| "*".to_owned(), |(d, _)| d.to_owned()),
                )
            }
            Value::Made(m)
                if matches!(
                    super::request::last_name(&m.callee).as_str(),
                    "abspath" | "realpath" | "normpath" | "expanduser"
                ) =>
            {
                self.path_text(&m.args.first()?.value, depth + 1)
            }
            Value::Made(m)
                if m.args.is_empty()
                    && matches!(&m.callee, Value::Attr(a) if matches!(a.name.as_str(), "resolve" | "absolute" | "as_posix" | "expanduser")) =>
            {
                match &m.callee {
                    Value::Attr(a) => self.path_text(&a.base, depth + 1),
                    _ => None,
                }
            }
            Value::Made(m) if matches!(&m.callee, Value::Attr(a) if a.name == "joinpath") => {
                let Value::Attr(a) = &m.callee else {
                    return None;
                };
                let mut out = self
                    .path_text(&a.base, depth + 1)
                    .unwrap_or_else(|| "*".to_owned());
                for p in &m.args {
                    out.push('/');
                    out.push_str(
                        &self
                            .path_text(&p.value, depth + 1)
                            .unwrap_or_else(|| "*".to_owned()),
                    );
                }
                Some(out)
            }
            Value::Text(t) => {
                let mut out = String::new();
                for s in &t.segments {
                    match s {
                        Segment::Literal { text, .. } => out.push_str(text),
                        _ => out.push('*'),
                    }
                }
                Some(out)
            }
            Value::Made(m) => {
                let name = self.callee_name(&m.callee);
                match name.rsplit('.').next().unwrap_or_default() {
                    "Path" | "PathBuf" | "open" | "from" | "new" | "resolve" | "absolute"
                    | "URL" | "file" | "fileURLToPath" | "as_posix" | "str" | "joinpath"
                    | "join" => {
                        let parts: Vec<String> = m
                            .args
                            .iter()
                            .filter(|a| a.name.is_none())
                            .take(if name.ends_with("open") { 1 } else { 8 })
                            .map(|a| {
                                self.path_text(&a.value, depth + 1)
                                    .unwrap_or_else(|| "*".into())
                            })
                            .collect();
                        if parts.is_empty() {
                            None
                        } else {
                            Some(parts.join("/"))
                        }
                    }
                    _ => None,
                }
            }
            Value::Choice(c) => c.iter().find_map(|v| self.path_text(v, depth + 1)),
            _ => None,
        }
    }

    /// A path object all of whose parts are known.
    pub(crate) fn known_path(&self, value: &Value) -> Option<String> {
        let is_path = match value {
            Value::Attr(a) => a.name == "parent",
            Value::Made(m) => matches!(
                super::request::last_name(&m.callee).as_str(),
                "Path"
                    | "resolve"
                    | "absolute"
                    | "dirname"
                    | "abspath"
                    | "realpath"
                    | "fileURLToPath"
                    | "joinpath"
            ),
            _ => false,
        };
        if !is_path {
            return None;
        }
        self.path_text(value, 0).filter(|p| !p.contains('*'))
    }

    /// The text of a prompt file named by a value, read relative to the file, its ancestors, or the root.
    pub(crate) fn read_file(&self, from: FileId, path: &Value) -> Option<Value> {
        let text = self.path_text(path, 0)?;
        // What stands after the last unknown piece.
        let tail = text
            .rsplit("*/")
            .next()
            .unwrap_or(&text)
            .trim_start_matches("./")
            .trim_start_matches("file://");
        if tail.is_empty() || tail.contains('*') || tail.len() > 256 {
            return None;
        }
        let tail = Path::new(tail.trim_start_matches('/'));
        let file = self.project.path(from);
        let root = &self.project.root;
        // A path that is known from its root on.
        if Path::new(&text).is_absolute()
            && !text.contains('*')
            && let Some((id, source)) = self.project.text_file(Path::new(&text))
        {
            return Some(file_text(id, &source));
        }
        let inside =
            |d: &Path| root.as_os_str().is_empty() || root == Path::new(".") || d.starts_with(root);
        let mut candidates: Vec<PathBuf> = Vec::new();
        for d in file.ancestors().skip(1).take_while(|d| inside(d)).take(12) {
            candidates.push(d.join(tail));
            for sub in ["prompts", "templates", "src", "prompt"] {
                candidates.push(d.join(sub).join(tail));
            }
        }
        candidates.push(root.join(tail));
        let (id, source) = candidates.iter().find_map(|c| self.project.text_file(c))?;
        Some(file_text(id, &source))
    }
}

/// The whole text of a file, mapped.
fn file_text(id: FileId, source: &crate::source::SourceFile) -> Value {
    Value::text(Rope {
        segments: vec![Segment::Literal {
            file: id,
            text: source.text().into(),
            runs: Rc::new([Run { at: 0, source: 0 }]),
        }],
    })
}

/// `import.meta`, as the frontend leaves it.
fn is_import_meta(v: &Value) -> bool {
    matches!(v, Value::External(e) if e.path.last().is_some_and(|p| p == "meta"))
}

/// Whether a text is the path of a YAML file.
pub(super) fn is_yaml_path(text: &str) -> bool {
    text.len() < 256 && !text.contains('\n') && (text.ends_with(".yaml") || text.ends_with(".yml"))
}

/// How a template marks its placeholders.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Engine {
    /// `{name}`, `{}`, `{0}`; doubled braces are literal.
    Format,
    /// `{name}`, `{{name}}`, `{{ name }}`, `{{{name}}}`, `<%= name %>`.
    Braces,
    /// `$name`, `${name}`.
    Dollar,
}

/// A placeholder in a text.
struct Slot {
    start: usize,
    end: usize,
    name: Option<String>,
}

fn is_slot_name(name: &str) -> bool {
    name.len() <= 60
        && !name.starts_with(['"', '\''])
        && name
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '_' | '.' | '[' | ']' | '\'' | '"' | '-'))
}

/// The next placeholder in braces; `doubled` if doubled braces are placeholders too.
fn find_braces(text: &str, doubled: bool) -> Option<Slot> {
    let mut from = 0;
    while let Some(open) = text[from..].find('{').map(|i| from + i) {
        let depth = text[open..].bytes().take_while(|b| *b == b'{').count();
        if depth >= 2 && !doubled {
            from = open + depth - depth % 2;
            if depth % 2 == 0 {
                continue;
            }
            // `{{{name}}}`: literal brace, placeholder, literal brace.
            let at = from;
            let end = at + text[at..].find('}')?;
            let name = text[at + 1..end]
                .split([':', '!'])
                .next()
                .unwrap_or_default()
                .trim();
            if is_slot_name(name) {
                return Some(Slot {
                    start: at,
                    end: end + 1,
                    name: Some(name.to_owned()),
                });
            }
            from = end;
            continue;
        }
        let inner = open + depth;
        let Some(close) = text[inner..].find('}').map(|i| inner + i) else {
            return None;
        };
        let name = text[inner..close]
            .trim_matches(|c: char| c.is_whitespace() || c == '$')
            .split([':', '!', '|'])
            .next()
            .unwrap_or_default()
            .trim();
        let closing = text[close..]
            .bytes()
            .take_while(|b| *b == b'}')
            .count()
            .min(depth);
        let fits = is_slot_name(name) && (depth == 1 || !name.is_empty());
        if fits && closing == depth {
            return Some(Slot {
                start: open,
                end: close + closing,
                name: Some(name.to_owned()),
            });
        }
        from = inner;
    }
    None
}

fn find_dollar(text: &str) -> Option<Slot> {
    let mut from = 0;
    while let Some(at) = text[from..].find('$').map(|i| from + i) {
        let rest = &text[at + 1..];
        let (name, len) = if let Some(r) = rest.strip_prefix('{') {
            let end = r.find('}')?;
            (&r[..end], end + 2)
        } else {
            let end = rest
                .find(|c: char| !c.is_alphanumeric() && c != '_')
                .unwrap_or(rest.len());
            (&rest[..end], end)
        };
        if !name.is_empty() && is_slot_name(name) && !name.starts_with(|c: char| c.is_ascii_digit())
        {
            return Some(Slot {
                start: at,
                end: at + 1 + len,
                name: Some(name.to_owned()),
            });
        }
        from = at + 1;
    }
    None
}

fn find_percent(text: &str) -> Option<Slot> {
    let bytes = text.as_bytes();
    let mut from = 0;
    while let Some(at) = text[from..].find('%').map(|i| from + i) {
        let rest = &text[at + 1..];
        if rest.starts_with('%') {
            from = at + 2;
            continue;
        }
        let (name, skip) = if let Some(r) = rest.strip_prefix('(') {
            let end = r.find(')')?;
            (Some(r[..end].to_owned()), end + 2)
        } else {
            (None, 0)
        };
        let spec = rest[skip..]
            .bytes()
            .take_while(|b| matches!(b, b'0'..=b'9' | b'.' | b'-' | b'+' | b' ' | b'#'))
            .count();
        let end = at + 1 + skip + spec;
        if bytes
            .get(end)
            .is_some_and(|b| matches!(b, b's' | b'd' | b'f' | b'r' | b'i' | b'g' | b'x'))
        {
            return Some(Slot {
                start: at,
                end: end + 1,
                name,
            });
        }
        from = at + 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::{find_braces, find_dollar, find_percent};

    fn named(text: &str, s: Option<super::Slot>) -> Option<(String, Option<String>)> {
        s.map(|s| (text[s.start..s.end].to_owned(), s.name))
    }

    #[test]
    fn placeholders_of_each_engine_are_found() {
        let t = "{{\"a\": 1}} sort {items!r:>3} now";
        assert_eq!(
            named(t, find_braces(t, false)),
            Some(("{items!r:>3}".into(), Some("items".into())))
        );
        let t = "sort {{ items }}";
        assert_eq!(
            named(t, find_braces(t, true)),
            Some(("{{ items }}".into(), Some("items".into())))
        );
        let t = "costs $5, sort $items now";
        assert_eq!(
            named(t, find_dollar(t)),
            Some(("$items".into(), Some("items".into())))
        );
        let t = "100 %% of %(n)d";
        assert_eq!(
            named(t, find_percent(t)),
            Some(("%(n)d".into(), Some("n".into())))
        );
        assert!(find_braces("{\"json\": 1}", false).is_none());
        assert!(find_braces("é{", true).is_none());
    }
}
