//! What a use of the reply says: methods and functions that parse, cut, compare or only show it.

use super::envelope::is_metadata;
use super::forms::{
    is_counted, is_written_out, keeps_head, literal, literal_receiver, takes_pieces,
};
use super::names::{is_database, is_pattern, named_cleaner};
use super::{Flow, ReplyTracker, Walk};
use crate::calls::ReplyUseKind;
use crate::hir::{Arg, CallKind, Expr, ExprId, Facts, Parent};
use crate::resolve::eval::shorten;
use crate::resolve::value::{ExprRef, Value};
use crate::source::FileId;

/// The mark around a block of code in Markdown.
const FENCE: &str = "```";

impl<'p> ReplyTracker<'_, 'p> {
    /// `reply.name(args)`.
    pub(super) fn method(
        &self,
        facts: &'p Facts,
        file: FileId,
        call: ExprId,
        name: &str,
        flow: Flow,
        w: &mut Walk,
    ) {
        use ReplyUseKind as K;
        let Expr::Call { args, .. } = facts.expr(call) else {
            return;
        };
        let first = args.first().and_then(|a| literal(facts, a.value));
        let regex = args.first().is_some_and(
            |a| matches!(facts.expr(a.value), Expr::Opaque { what, .. } if what == "regex"),
        );
        if name == "get" && !flow.parsed && first.as_deref().is_some_and(is_metadata) {
            return;
        }
        let at = ExprRef { file, expr: call };
        let mut flow = flow;
        let mut go_on = !matches!(name, "len" | "count" | "is_empty" | "hasOwnProperty");
        let kind = match name {
            "replace" | "replaceAll" | "replacen" | "removeprefix" | "removesuffix"
            | "trim_start_matches" | "trim_end_matches" | "strip_prefix" | "strip_suffix"
            | "trim_matches" => {
                let fences = regex && self.is_of_fences(facts, file, args);
                Some(if regex && !fences { K::Regex } else { K::Strip })
            }
            "strip" | "lstrip" | "rstrip" if first.is_some() => Some(K::Strip),
            "strip" | "trim" | "lower" | "upper" | "toLowerCase" | "toUpperCase"
            | "to_lowercase" | "to_uppercase" | "casefold" | "title" | "capitalize"
            | "trim_end" | "trim_start" | "trimEnd" | "trimStart" | "lstrip" | "rstrip" => {
                Some(K::Normalize)
            }
            "split" | "splitlines" | "lines" | "split_whitespace" | "rsplit" | "partition"
            | "rpartition" | "split_once" | "splitn" | "rsplit_once" => Some(K::Split),
            "find" | "index" | "indexOf" | "lastIndexOf" | "rfind" | "rindex" | "substring"
            | "slice" | "substr" | "charAt" => {
                let callback = args
                    .first()
                    .is_some_and(|a| matches!(facts.expr(a.value), Expr::Function(_)));
                let bounds: Vec<ExprId> = args.iter().map(|a| a.value).collect();
                let head = matches!(name, "substring" | "slice" | "substr")
                    && (keeps_head(facts, &bounds) || takes_pieces(facts, &bounds));
                if callback || head {
                    None
                } else {
                    // A position in the text is no part of it.
                    go_on =
                        flow.parsed || matches!(name, "substring" | "slice" | "substr" | "charAt");
                    Some(K::IndexOf)
                }
            }
            "includes" | "startswith" | "startsWith" | "starts_with" | "endswith" | "endsWith"
            | "ends_with" | "contains" | "count" => {
                go_on = false;
                Some(K::Contains)
            }
            "match" | "matchAll" | "search" => Some(K::Regex),
            "parse" => Some(K::Cast),
            "eq" | "equals" | "localeCompare" | "eq_ignore_ascii_case" => {
                go_on = false;
                Some(K::Compare)
            }
            "then" | "map" | "forEach" | "filter" | "flatMap" | "for_each" | "and_then"
            | "map_err" | "find_map" => {
                self.callbacks(facts, file, args, 0, flow, w);
                None
            }
            // `reply.lines.reduce((all, line) => …)`
            "reduce" | "fold" => {
                self.callbacks(facts, file, args, 1, flow, w);
                None
            }
            _ => None,
        };
        if let Some(k) = kind {
            if k == K::Split && is_counted(facts, call) {
                return;
            }
            self.add(w, k, file, facts, call, first, flow);
            flow.becomes(k);
        }
        if go_on {
            w.push(at, flow);
        }
    }

    /// Whether the first argument of a call is an expression that takes the marks of a fence off, and
    /// nothing that stands between them.
    fn is_of_fences(&self, facts: &Facts, file: FileId, args: &[Arg]) -> bool {
        let Some(first) = args.first().map(|a| a.value) else {
            return false;
        };
        let written = || {
            let source = &self.ev.parsed(file)?.source;
            Some(source.slice(facts.span(first)).to_owned())
        };
        let pattern = literal(facts, first).or_else(written).unwrap_or_default();
        let takes_content = [".*", ".+", "\\S", "[^"];
        pattern.contains(FENCE) && !takes_content.iter().any(|c| pattern.contains(c))
    }

    /// `f(reply)`.
    pub(super) fn argument(
        &self,
        facts: &'p Facts,
        at: ExprRef,
        call: ExprId,
        flow: Flow,
        w: &mut Walk,
    ) {
        use ReplyUseKind as K;
        let Expr::Call {
            callee, args, kind, ..
        } = facts.expr(call)
        else {
            return;
        };
        let (callee, kind) = (*callee, *kind);
        let file = at.file;
        let dotted = facts.dotted(callee).unwrap_or_default();
        let last = match facts.expr(callee) {
            Expr::Member { name, .. } | Expr::Name(name) => name.to_string(),
            _ => String::new(),
        };
        let base = dotted
            .strip_suffix(&last)
            .unwrap_or("")
            .trim_end_matches('.');
        let base_last = base.rsplit('.').next().unwrap_or("");
        let here = ExprRef { file, expr: call };
        let mut flow = flow;
        let mut go_on = false;
        let mut detail = None;
        let on_literal = literal_receiver(facts, callee);
        let use_kind = match last.as_str() {
            // The SDK's object as JSON and back: the reply is still text inside.
            "loads" | "parse" if !flow.parsed && is_written_out(facts, at.expr) => {
                go_on = true;
                None
            }
            // `"true".startsWith(reply)`
            "startsWith"
            | "startswith"
            | "starts_with"
            | "includes"
            | "equals"
            | "indexOf"
            | "equalsIgnoreCase"
            | "eq_ignore_ascii_case"
            | "localeCompare"
                if on_literal.is_some() =>
            {
                detail = on_literal;
                Some(K::Compare)
            }
            "run" if base_last == "asyncio" => {
                go_on = true;
                None
            }
            // Bytes as text: `new TextDecoder().decode(body)`, `Buffer.from(body)`.
            "decode" | "transformToString" | "from_utf8" | "from_utf8_lossy" | "toUtf8" => {
                go_on = true;
                None
            }
            "from" if base_last == "Buffer" => {
                go_on = true;
                None
            }
            "loads" | "safe_load" | "full_load" | "from_str" | "from_slice" | "fromstring"
            | "repair_json" | "jsonrepair" | "literal_eval" | "parse_json" | "parseJson"
            | "parseJSON" | "read_csv" | "JSON5" | "BeautifulSoup" | "parseString"
            | "parse_partial_json" | "parsePartialJson" | "from_json" => {
                go_on = true;
                Some(K::JsonParse)
            }
            "parse"
                if matches!(
                    base_last,
                    "JSON"
                        | "json"
                        | "json5"
                        | "JSON5"
                        | "yaml"
                        | "YAML"
                        | "Papa"
                        | "jsonc"
                        | "csv"
                        | "toml"
                        | "ET"
                ) =>
            {
                go_on = true;
                Some(K::JsonParse)
            }
            "load" if matches!(base_last, "yaml" | "toml") => {
                go_on = true;
                Some(K::JsonParse)
            }
            "model_validate_json"
            | "parse_raw"
            | "model_validate"
            | "parse_obj"
            | "safeParse"
            | "parseAsync"
            | "validate_json"
            | "validate_python" => {
                go_on = true;
                Some(K::TypedParse)
            }
            "parse"
                if kind == CallKind::Plain
                    && !matches!(base, "" | "self" | "this")
                    && base_last != "Date"
                    && base_last != "marked"
                    && !self.is_own(file, callee) =>
            {
                go_on = true;
                Some(K::TypedParse)
            }
            // `bool(reply)` asks whether there is one.
            "int" | "float" | "Number" | "parseInt" | "parseFloat" | "Boolean" | "Decimal"
            | "BigInt" | "complex" => {
                go_on = true;
                Some(K::Cast)
            }
            "sub" | "subn" | "replace_all"
                if is_pattern(facts, callee) && self.is_of_fences(facts, file, args) =>
            {
                go_on = true;
                detail = Some(FENCE.to_owned());
                Some(K::Strip)
            }
            "search" | "fullmatch" | "findall" | "finditer" | "sub" | "captures"
            | "captures_iter" | "is_match" | "find_iter" | "exec" | "test" | "matchAll"
            | "subn" | "replace_all" | "replace" | "find" | "match" | "split"
                if is_pattern(facts, callee) =>
            {
                go_on = true;
                Some(K::Regex)
            }
            "eval" | "exec" if base.is_empty() => Some(K::Execute),
            "execute" | "executemany" if is_database(base_last) => Some(K::Execute),
            "read_sql" | "read_sql_query" => Some(K::Execute),
            "Function" | "execSync" | "system" | "check_output" | "Popen" | "run_code"
            | "exec_command" => Some(K::Execute),
            "run" | "call" if base_last == "subprocess" => Some(K::Execute),
            "fromisoformat" | "strptime" | "parse_date" | "parseISO" | "to_datetime"
            | "parse_from_str" => Some(K::DateParse),
            "Date" if kind == CallKind::New => Some(K::DateParse),
            "parse" if base_last == "Date" => Some(K::DateParse),
            "print" | "log" | "println" | "info" | "debug" | "warn" | "error" | "pprint"
            | "eprintln" | "markdown" | "display" | "echo" | "success" | "print_markdown"
            | "warning" => Some(K::Print),
            "write" if base_last == "st" || base_last == "stdout" => Some(K::Print),
            "write" | "write_text" | "writeFile" | "writeFileSync" | "writelines" | "write_all" => {
                Some(K::WriteFile)
            }
            // `client.send(new ConverseCommand(…))`: the command is a call where it is made.
            "send" if self.is_command(w.start) => {
                go_on = true;
                None
            }
            "append" | "push" | "add" | "insert" | "set" | "save" | "send" | "put" | "update"
            | "create" | "extend" => {
                if matches!(last.as_str(), "append" | "push" | "extend") {
                    self.appended(facts, file, callee, flow, w);
                }
                Some(K::Store)
            }
            // `["a", "b"].includes(reply)`
            "includes" | "has" | "contains" | "indexOf"
                if self.chosen_from(file, facts, callee) =>
            {
                Some(K::Lookup)
            }
            // `"".join(parts)`
            "join" if matches!(facts.expr(callee), Expr::Member { base, .. } if matches!(facts.expr(*base), Expr::Text { .. })) =>
            {
                go_on = true;
                None
            }
            "StringIO" | "BytesIO" => {
                go_on = true;
                None
            }
            _ if self.state(facts, file, callee, flow, w) => Some(K::Store),
            "str" | "String" | "Some" | "Ok" | "list" | "dict" | "Array" | "from"
            | "run_until_complete" | "create_task" | "ensure_future" | "block_on" | "wait_for"
            | "timeout" | "shield" | "reversed" | "sorted" | "tuple" | "format" | "resolve"
            | "gather" | "all" => {
                go_on = true;
                None
            }
            // One of several promises.
            "race" | "any" if base_last == "Promise" => {
                go_on = true;
                flow.item = None;
                None
            }
            // A helper of the language around a field, an iteration, a call.
            "getattr" => {
                let field = args.get(1).and_then(|a| literal(facts, a.value));
                go_on = args.first().is_some_and(|a| a.value == at.expr)
                    && !field.as_deref().is_some_and(is_metadata);
                None
            }
            "zip" | "enumerate" if base.is_empty() => {
                let nth = args.iter().position(|a| a.value == at.expr).unwrap_or(0);
                let item = if last == "zip" { nth } else { 1 };
                self.item_of(facts, file, call, item, flow, w);
                None
            }
            "isinstance" | "len" | "type" | "typeof" => None,
            _ => {
                self.ev.refuel_for_callee();
                let value = self.ev.eval(ExprRef { file, expr: callee }, &None);
                match value {
                    Value::Function(f) => {
                        let nth = args
                            .iter()
                            .filter(|a| a.name.is_none())
                            .position(|a| a.value == at.expr);
                        let name = args
                            .iter()
                            .find(|a| a.value == at.expr)
                            .and_then(|a| a.name.as_deref());
                        let place = (nth.unwrap_or(0), name);
                        if self.parameter(f.function, place, here, flow, w) {
                            Some(K::Pass)
                        } else {
                            go_on = true;
                            flow.parsed |= named_cleaner(&last).is_some();
                            Some(named_cleaner(&last).unwrap_or(K::Pass))
                        }
                    }
                    Value::Class(_) => {
                        go_on = matches!(facts.node(call).parent, Parent::Return(_));
                        Some(K::Store)
                    }
                    _ => {
                        let cleaner = named_cleaner(&last);
                        go_on = cleaner.is_some();
                        Some(cleaner.unwrap_or(K::Pass))
                    }
                }
            }
        };
        if let Some(k) = use_kind {
            let detail = detail.or_else(|| match k {
                K::Regex => args
                    .iter()
                    .find(|a| a.value != at.expr)
                    .and_then(|a| literal(facts, a.value)),
                K::Pass => Some(shorten(&dotted, 60)),
                _ => None,
            });
            self.add(w, k, file, facts, call, detail, flow);
            if flow.body && k == K::JsonParse {
                flow.body = false;
            } else {
                flow.becomes(k);
            }
        }
        if go_on {
            w.push(here, flow);
        }
    }
}

impl ReplyTracker<'_, '_> {
    /// Whether a call makes a command of the AWS SDK, which a client then sends.
    fn is_command(&self, call: ExprRef) -> bool {
        let Some(facts) = self.ev.facts(call.file) else {
            return false;
        };
        let Expr::Call { callee, .. } = facts.expr(call.expr) else {
            return false;
        };
        matches!(facts.expr(*callee), Expr::Name(name) | Expr::Member { name, .. } if name.ends_with("Command"))
    }

    /// Whether a callee is a function of the project.
    fn is_own(&self, file: FileId, callee: ExprId) -> bool {
        self.ev.refuel_for_callee();
        matches!(
            self.ev.eval(ExprRef { file, expr: callee }, &None),
            Value::Function(_)
        )
    }

    /// Whether a method is called on a collection that the program wrote down.
    fn chosen_from(&self, file: FileId, facts: &Facts, callee: ExprId) -> bool {
        matches!(facts.expr(callee), Expr::Member { base, .. } if self.is_closed(file, facts, *base))
    }
}

impl Flow {
    /// What a use makes of the value: data, where it parses.
    const fn becomes(&mut self, kind: ReplyUseKind) {
        if makes_data(kind) {
            self.parsed = true;
            self.presumed = false;
        }
    }
}

/// Whether a use turns text into data.
const fn makes_data(kind: ReplyUseKind) -> bool {
    matches!(
        kind,
        ReplyUseKind::JsonParse
            | ReplyUseKind::TypedParse
            | ReplyUseKind::Cast
            | ReplyUseKind::DateParse
    )
}
