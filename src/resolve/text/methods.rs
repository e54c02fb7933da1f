//! Methods of text: those that give it back, those that cut it up, put it together or read the file it names.

use super::{Engine, MethodCall};
use crate::resolve::eval::{Evaluator, is_texty};
use crate::resolve::value::{ArgValue, Value};

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
pub(super) const GIVES_INSIDE: &[&str] = &[
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

/// Methods of a parameter, or of a part of one, that give it back.
pub(super) const KEEPS_PARAMETER: &[&str] = &[
    "strip",
    "trim",
    "to_string",
    "to_owned",
    "into",
    "clone",
    "as_str",
    "toString",
    "as_ref",
    "copy",
    "cloned",
    "as_deref",
    "as_bytes",
    "iter",
    "into_iter",
    "collect",
    "to_vec",
    "slice",
];

/// Whether a method of text gives that text.
fn same_text(name: &str) -> bool {
    SAME_TEXT.contains(&name) || GIVES_INSIDE.contains(&name)
}

impl Evaluator<'_> {
    /// A method of text.
    pub(super) fn text_method(&self, base: &Value, call: MethodCall) -> Option<Value> {
        let MethodCall {
            name,
            args,
            at,
            env,
        } = call;
        match name {
            "format" | "format_map" => Some(self.format(base, args)),
            // A path, put together already.
            "read_text" | "read_bytes" | "readText" => self.read_file(at.file, base),
            // `load().then((text) => text + more)`
            "then" => {
                let given = |f| self.call_back(f, vec![base.clone()], at, env);
                (call.first().and_then(given)).or_else(|| Some(base.clone()))
            }
            _ if same_text(name) => Some(base.clone()),
            "glob" | "rglob" | "iterdir" => {
                let pattern = call.first().and_then(|v| self.literal(v));
                self.listing(base, pattern.as_deref(), at.file)
            }
            "file_stem" | "file_name" => {
                let part = if name == "file_stem" { "stem" } else { "name" };
                Some(self.member(base, part))
            }
            "joinpath" => {
                let parts = std::iter::once(base.clone());
                let parts: Vec<Value> = parts.chain(args.iter().map(|a| a.value.clone())).collect();
                self.join_path(&parts)
            }
            "replace" | "replaceAll" | "replacen" if args.len() >= 2 => {
                Some(self.replace(base, args))
            }
            "join" => {
                let list = call.args.first()?;
                Some(self.join(base, &list.value, list.at))
            }
            "concat" | "push_str" => Some(self.added(base, args)),
            "substitute" | "safe_substitute" => Some(self.fill(base, args, Engine::Dollar)),
            "split" if let Some(parts) = self.split(base, args) => Some(parts),
            "split" | "splitlines" | "lines" => Some(Value::list(vec![base.clone()], true)),
            "repeat" => Some(base.clone()),
            // `option.map(|text| …)`
            "map" | "and_then" => self
                .call_back(call.first()?, vec![base.clone()], at, env)
                .filter(is_texty),
            _ => None,
        }
    }

    /// A value with the arguments of a method added to it, one after another.
    pub(super) fn added(&self, base: &Value, args: &[ArgValue]) -> Value {
        args.iter()
            .fold(base.clone(), |sum, a| self.add(&sum, None, &a.value, a.at))
    }
}
