//! What names say of the functions and receivers that a reply is given to.

use crate::calls::ReplyUseKind;
use crate::hir::{Expr, ExprId, Facts};
use crate::prompt::words_of;

/// Whether a method is called on a regular expression: a literal, the module, a variable or a
/// constant named as one, or one compiled on the spot.
pub(super) fn is_pattern(facts: &Facts, callee: ExprId) -> bool {
    let Expr::Member { base, .. } = facts.expr(callee) else {
        return false;
    };
    if makes_pattern(facts, *base) || holds_pattern(facts, *base) {
        return true;
    }
    match facts.expr(*base) {
        Expr::Name(n) | Expr::Member { name: n, .. } => {
            let lower = n.to_lowercase();
            matches!(lower.as_str(), "re" | "rx")
                || ["regex", "regexp", "pattern", "_re", "_rx"]
                    .iter()
                    .any(|s| lower.ends_with(s))
                || n.ends_with("RE")
                || n.ends_with("Re")
        }
        _ => false,
    }
}

/// Whether a name stands for a regular expression: it was stored as a literal or a compiled one.
fn holds_pattern(facts: &Facts, name: ExprId) -> bool {
    let Expr::Name(n) = facts.expr(name) else {
        return false;
    };
    facts
        .stores_of(n, facts.node(name).scope)
        .iter()
        .map(|w| &facts.writes[w.index()])
        .any(|w| w.path.is_empty() && w.value.is_some_and(|v| makes_pattern(facts, v)))
}

/// Whether an expression is a regular expression: a literal, or one compiled on the spot.
fn makes_pattern(facts: &Facts, e: ExprId) -> bool {
    match facts.expr(e) {
        Expr::Opaque { what, .. } => what == "regex",
        Expr::Call { callee, .. } => facts
            .dotted(*callee)
            .is_some_and(|d| d.ends_with("re.compile") || d.contains("Regex") || d == "RegExp"),
        _ => false,
    }
}

/// Whether a function is named for showing, writing or shortening what it is given:
/// `export_to_word`, `renderAnswer`, `truncate`.
pub(super) fn named_renderer(name: &str) -> bool {
    const VERBS: &[&str] = &[
        "append",
        "display",
        "draw",
        "embed",
        "escape",
        "export",
        "highlight",
        "insert",
        "log",
        "print",
        "publish",
        "render",
        "save",
        "show",
        "shorten",
        "speak",
        "tokenize",
        "truncate",
        "wrap",
        "write",
    ];
    words_of(name)
        .first()
        .is_some_and(|w| VERBS.contains(&w.as_str()))
}

/// Whether a receiver is a database by its name.
pub(super) fn is_database(name: &str) -> bool {
    let lower = name.to_lowercase();
    [
        "cur",
        "cursor",
        "conn",
        "connection",
        "db",
        "engine",
        "session",
        "duckdb",
        "sql",
        "database",
        "pool",
        "client",
    ]
    .iter()
    .any(|s| lower == *s || lower.ends_with(&format!("_{s}")) || lower.ends_with(&format!(".{s}")))
}

/// What a function whose code is not seen does, where its name says it: `extract_json`,
/// `stripCodeFences`, `clean_sql`.
pub(super) fn named_cleaner(name: &str) -> Option<ReplyUseKind> {
    const VERBS: &[&str] = &[
        "extract",
        "strip",
        "clean",
        "cleanup",
        "clear",
        "sanitize",
        "unwrap",
        "remove",
        "trim",
        "parse",
        "unfence",
        "repair",
        "fix",
        "normalize",
    ];
    const JSON: &[&str] = &["json", "xml", "yaml", "csv"];
    const TEXT: &[&str] = &[
        "code",
        "fence",
        "fences",
        "html",
        "sql",
        "markdown",
        "tag",
        "tags",
        "quotes",
        "quote",
        "think",
        "thinking",
        "block",
        "blocks",
        "backticks",
        "array",
        "list",
        "llm",
        "reply",
        "answer",
    ];
    // Any text can be parsed or extracted from; a reply that is cleaned came back untidy.
    const CLEANING: &[&str] = &[
        "strip",
        "clean",
        "cleanup",
        "clear",
        "sanitize",
        "unfence",
        "repair",
        "fix",
        "normalize",
    ];
    const REPLY: &[&str] = &[
        "completion",
        "content",
        "message",
        "output",
        "response",
        "result",
        "text",
        "title",
    ];
    // `safeParseJson`, `try_load_json`, `json_repair`, `get_json_from_text`.
    const MANNER: &[&str] = &[
        "attempt", "find", "force", "get", "json", "lenient", "load", "loads", "loose", "maybe",
        "recover", "robust", "safe", "safely", "salvage", "try",
    ];
    const READING: &[&str] = &[
        "decode", "extract", "from", "loads", "parse", "parser", "repair", "safely",
    ];
    let words = words_of(name);
    let has = |set: &[&str]| words.iter().any(|w| set.contains(&w.as_str()));
    let first_in = |set: &[&str]| words.first().is_some_and(|w| set.contains(&w.as_str()));
    if first_in(MANNER) && has(JSON) && has(READING) {
        return Some(ReplyUseKind::JsonParse);
    }
    if !first_in(VERBS) {
        None
    } else if has(JSON) {
        Some(ReplyUseKind::JsonParse)
    } else if has(TEXT) || has(REPLY) && first_in(CLEANING) {
        Some(ReplyUseKind::Strip)
    } else {
        None
    }
}
