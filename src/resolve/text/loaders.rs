//! Functions that read settings and prompt files: what they give is what the file holds.

use std::rc::Rc;

use crate::hir::Expr;
use crate::project::{TEXTS, is_template};
use crate::resolve::data::{self, Format};
use crate::resolve::eval::Evaluator;
use crate::resolve::request::{chain_of, last_name};
use crate::resolve::value::{ArgValue, ClassRef, ExprRef, Made, Map, Rope, Segment, Value};
use crate::source::FileId;

/// Endings that a settings library tries on a name without one.
const ENDINGS: &[&str] = &["toml", "yaml", "yml", "json"];

impl<'p> Evaluator<'p> {
    /// What a text in a data format, an opened file or the path of one holds.
    pub(crate) fn data_value(&self, format: Format, v: &Value, from: FileId) -> Option<Value> {
        let text = match v {
            Value::Text(t) if t.as_literal().is_none_or(|t| Format::of_path(&t).is_none()) => {
                v.clone()
            }
            // `file.read()` that came to nothing else, `text.unwrap_or(..)`
            Value::Choice(c) => {
                return c.iter().find_map(|v| self.data_value(format, v, from));
            }
            v => self.read_written(from, v)?,
        };
        let Value::Text(rope) = &text else {
            return None;
        };
        match rope.segments.as_slice() {
            [Segment::Literal { file, text, runs }] if runs.len() == 1 => {
                data::parse(format, *file, text, runs.first()?.source)
            }
            _ => None,
        }
    }

    /// Calls of parsers and settings libraries, by dotted name.
    pub(crate) fn loaded_data(
        &self,
        dotted: &str,
        args: &[ArgValue],
        from: FileId,
    ) -> Option<Value> {
        let mut parts = dotted.rsplit(['.', ':', '/']).filter(|p| !p.is_empty());
        let function = parts.next()?;
        let module = parts.next().unwrap_or_default();
        if let Some(format) = parser(dotted, module, function) {
            return self.data_value(format, &args.first()?.value, from);
        }
        match (module, function) {
            ("core", "getInput") if dotted.contains("actions") => {
                self.action_input(&args.first()?.value, from)
            }
            // `Value::String(text)`: the JSON of a value is that value.
            ("Value", "String" | "Object" | "Array" | "from") if dotted.contains("serde_json") => {
                Some(args.first()?.value.clone())
            }
            ("dynaconf", "Dynaconf" | "LazySettings") => {
                let files = args.iter().filter(|a| {
                    matches!(
                        a.name.as_deref(),
                        Some("settings_files" | "settings_file" | "includes" | "preload")
                    )
                });
                self.merged(files.map(|a| &a.value), from)
            }
            ("OmegaConf", "load") => self.data_value(Format::Yaml, &args.first()?.value, from),
            _ => None,
        }
    }

    /// A file of the folder that a Rust struct embeds: `#[derive(RustEmbed)] #[folder = "prompts/"]`.
    pub(crate) fn embedded(&self, class: ClassRef, name: Option<&Value>) -> Option<Value> {
        let facts = self.facts(class.file)?;
        let folder =
            self.class(class)?
                .attributes
                .iter()
                .find_map(|a| match facts.expr(a.expr) {
                    Expr::Call { args, .. } if a.path == "folder" => Some(args.first()?.value),
                    _ => None,
                })?;
        let at = ExprRef {
            file: class.file,
            expr: folder,
        };
        let path = self.join_path(&[self.eval(at, &None), name?.clone()])?;
        self.read_file(class.file, &path)
    }

    /// `.try_deserialize()`, `.extract()` of a settings builder: its sources that are files.
    pub(super) fn built_settings(&self, base: &Value, from: FileId) -> Option<Value> {
        let mut files = Vec::new();
        let mut defaults = Map::default();
        for made in &chain_of(base).mades {
            // `.set_default("section.key", TEXT)`
            if let ([key, value], "set_default" | "set_override") =
                (made.args.as_slice(), last_name(&made.callee).as_str())
                && let Some(key) = self.literal(&key.value)
            {
                let nested = key.rsplit('.').fold(value.value.clone(), |value, key| {
                    Self::put_pair(&Value::Map(Rc::default()), Some(key.to_owned()), value)
                });
                if let Value::Map(m) = nested {
                    merge_deep(&mut defaults, &m);
                }
            }
            // `.merge(Toml::string(TEXT))`
            if let Some(Value::Map(m)) = self.inline_settings(made, from) {
                merge_deep(&mut defaults, &m);
            }
            let sources = made.args.iter().filter_map(|a| match &a.value {
                Value::Made(m) => Some(m),
                _ => None,
            });
            for m in std::iter::once(made).chain(sources) {
                let name = self.callee_name(&m.callee);
                let file = name.contains("File") || name.contains("Toml") || name.contains("Yaml");
                if file || name.contains("Json") {
                    files.extend(
                        chain_of(&Value::Made(Rc::clone(m)))
                            .mades
                            .iter()
                            .filter_map(|m| match m.args.first() {
                                Some(a) if self.path_text(&a.value, 0).is_some() => {
                                    Some(a.value.clone())
                                }
                                _ => None,
                            }),
                    );
                }
            }
        }
        files.reverse();
        match self.merged(files.iter(), from) {
            Some(Value::Map(m)) => {
                merge_deep(&mut defaults, &m);
                Some(Value::Map(Rc::new(defaults)))
            }
            _ if !defaults.fields.is_empty() => Some(Value::Map(Rc::new(defaults))),
            _ => None,
        }
    }

    /// Settings that are given to a builder as text.
    fn inline_settings(&self, made: &Made, from: FileId) -> Option<Value> {
        let [source] = made.args.as_slice() else {
            return None;
        };
        let Value::Made(source) = &source.value else {
            return None;
        };
        let name = self.callee_name(&source.callee);
        let format = match name.rsplit_once('.')? {
            (of, "string" | "from_str") if of.ends_with("Toml") => Format::Toml,
            (of, "string" | "from_str") if of.ends_with("Yaml") => Format::Yaml,
            (of, "string" | "from_str") if of.ends_with("Json") => Format::Json,
            _ => return None,
        };
        self.data_value(format, &source.args.first()?.value, from)
    }

    /// The settings of several files, later ones first.
    fn merged<'v>(&self, files: impl Iterator<Item = &'v Value>, from: FileId) -> Option<Value> {
        let mut map = Map::default();
        for value in files {
            let names = match value {
                Value::List(l) => l.items.clone(),
                v => vec![v.clone()],
            };
            for name in names {
                if let Some(Value::Map(m)) = self.settings_file(&name, from) {
                    merge_deep(&mut map, &m);
                }
            }
        }
        (!map.fields.is_empty()).then(|| Value::Map(Rc::new(map)))
    }

    fn settings_file(&self, name: &Value, from: FileId) -> Option<Value> {
        let path = self.path_text(name, 0)?;
        if let Some(format) = Format::of_path(&path) {
            return self.data_value(format, name, from);
        }
        ENDINGS.iter().find_map(|ending| {
            let path = format!("{path}.{ending}");
            let format = Format::of_path(&path)?;
            self.data_value(format, &Value::text(Rope::unmapped(&path)), from)
        })
    }

    /// What an input of a GitHub action is where the workflow says nothing.
    fn action_input(&self, name: &Value, from: FileId) -> Option<Value> {
        let manifest = ["action.yml", "action.yaml"].iter().find_map(|path| {
            self.data_value(Format::Yaml, &Value::text(Rope::unmapped(path)), from)
        })?;
        let name = self.literal(name)?;
        let Value::Map(inputs) = self.member(&manifest, "inputs") else {
            return None;
        };
        let input = inputs
            .fields
            .iter()
            .find(|f| f.key.eq_ignore_ascii_case(&name))?;
        match self.member(&input.value, "default") {
            v @ Value::Text(_) => Some(v),
            _ => None,
        }
    }

    /// A file that is imported like a module: data, or text through a loader of the bundler's.
    pub(crate) fn imported_file(&self, module: &str, from: FileId) -> Option<Value> {
        let path = module.split(['?', '!']).next()?;
        let path = path
            .strip_prefix("@/")
            .or_else(|| path.strip_prefix("~/"))
            .unwrap_or(path);
        let value = Value::text(Rope::unmapped(path));
        if let Some(format) = Format::of_path(path) {
            return self.data_value(format, &value, from);
        }
        let ending = path.rsplit_once('.')?.1;
        let text = is_template(ending) || TEXTS.contains(&ending);
        text.then(|| self.read_file(from, &value))?
    }
}

/// Adds settings to settings, table by table.
fn merge_deep(map: &mut Map, more: &Map) {
    for f in &more.fields {
        let old = map
            .fields
            .iter_mut()
            .find(|o| o.key.eq_ignore_ascii_case(&f.key));
        let Some(old) = old else {
            map.fields.push(f.clone());
            continue;
        };
        old.value = match (&old.value, &f.value) {
            (Value::Map(table), Value::Map(inner)) => {
                let mut table = Map {
                    fields: table.fields.clone(),
                    open: table.open,
                };
                merge_deep(&mut table, inner);
                Value::Map(Rc::new(table))
            }
            (_, value) => value.clone(),
        };
    }
}

/// The format that a parser reads.
fn parser(dotted: &str, module: &str, function: &str) -> Option<Format> {
    let reads = matches!(
        function,
        "load"
            | "loads"
            | "safe_load"
            | "full_load"
            | "unsafe_load"
            | "parse"
            | "from_str"
            | "from_slice"
            | "from_reader"
            | "readJson"
            | "readJSON"
            | "readJsonSync"
            | "readJSONSync"
            | "parseYaml"
            | "parseToml"
    );
    if !reads {
        return None;
    }
    match function {
        "readJson" | "readJSON" | "readJsonSync" | "readJSONSync" => return Some(Format::Json),
        "parseYaml" => return Some(Format::Yaml),
        "parseToml" => return Some(Format::Toml),
        _ => {}
    }
    let module = if matches!(module, "default" | "js") {
        dotted.split('.').next().unwrap_or_default()
    } else {
        module
    };
    match module {
        "yaml" | "YAML" | "js-yaml" | "serde_yaml" | "serde_yml" | "serde_norway" | "jsyaml"
        | "serde_yaml_ng" | "ruamel" => Some(Format::Yaml),
        "json" | "JSON" | "orjson" | "ujson" | "simplejson" | "serde_json" | "JSON5" | "json5"
        | "jsonc-parser" | "rapidjson" => Some(Format::Json),
        "toml" | "tomllib" | "tomli" | "smol-toml" | "TOML" | "basic_toml" | "pytoml" | "rtoml" => {
            Some(Format::Toml)
        }
        _ => None,
    }
}
