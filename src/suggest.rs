//! Suggestions: the replacement in the call's own language, with the program's expressions filled in.

pub mod contract;
pub mod date;
pub mod input;
pub mod parameter;

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use crate::calls::{Access, LlmCall};
use crate::finding::{Suggestion, Verdict};
use crate::language::Language;
use crate::prompt::HoleKind;
use crate::prompt::holes::classify_in;
use crate::rules::{Rule, RuleSet};

/// What a task finding is about.
#[derive(Debug, Clone)]
pub struct Task<'a> {
    /// The rule.
    pub rule: &'a Rule,
    /// The unit that asks for the work, as patterns see it.
    pub unit: &'a str,
    /// Bytes of the unit that the rule matched.
    pub words: Range<usize>,
    /// Interpolated values that the work is on, most important first: (message, hole).
    pub holes: Vec<(usize, usize)>,
    /// Whether the whole call goes.
    pub verdict: Verdict,
}

/// Name of the input where the prompt interpolates none.
const INPUT: &str = "value";
/// Name of a second one.
const INPUT2: &str = "other";
/// Name of the result where the reply's variable goes on holding the reply.
const RESULT: &str = "result";

/// Name of the input where the prompt has the items of a collection that has no name there.
const ITEMS: &str = "items";

/// The suggestion of a task rule for a call: the first variant that fits the words, else the first
/// that fits the unit around them, else what the rule says in general.
#[must_use]
pub fn for_task(task: &Task<'_>, call: &LlmCall, rules: &RuleSet) -> Option<Suggestion> {
    let operands = Operands::of(task, call);
    let inputs = &operands.names;
    let variants = || {
        task.rule.variants.iter().enumerate().filter_map(|(i, v)| {
            let fits = inputs.len() >= v.min_inputs
                && (v.input.is_empty() || operands.kind.is_some_and(|k| v.input.contains(&k)));
            let template = v.template(call.language).filter(|_| fits)?;
            let (at, captured) = rules.variant(&task.rule.id, i, task.unit, &task.words)?;
            Some((template, at, captured))
        })
    };
    let variant = variants()
        .find(|(_, at, _)| at.start < task.words.end && task.words.start < at.end)
        .or_else(|| variants().next())
        .map(|(template, _, captured)| (template, captured));
    let known = variant.is_some() || !inputs.is_empty() || task.verdict == Verdict::Replace;
    let general = variant.is_none();
    let (template, captured) =
        variant.or_else(|| Some((task.rule.suggest.get(&call.language)?, Vec::new())))?;

    let first = inputs.first().map_or(INPUT, String::as_str);
    let second = inputs.get(1).map_or(INPUT2, String::as_str);
    let all = if inputs.is_empty() {
        INPUT.to_owned()
    } else {
        inputs.join(", ")
    };
    let reply = match task.verdict {
        Verdict::Replace => call.reply_name.as_deref().unwrap_or(RESULT),
        Verdict::Partial => RESULT,
    };
    let fill = |s: &str| {
        let mut out = s.to_owned();
        for (name, text) in &captured {
            if name == "date" {
                out = out
                    .replace("{strftime}", &date::strftime(text))
                    .replace("{date_pattern}", &date::unicode(text));
            }
            let text = text.replace(['"', '\\', '\n'], "");
            out = out.replace(&format!("{{{name}}}"), &text);
        }
        out.replace("{inputs}", &all)
            .replace("{input2}", second)
            .replace("{input}", first)
            .replace("{reply}", reply)
    };
    let mut note = fill(template.note.trim());
    let of_field = note.contains(" field") && !note.contains(" fields");
    if general && of_field && !names_field(task.unit) {
        note.clear();
    }
    if !known {
        // Code of which neither the operation nor the value is known says nothing.
        return (!note.is_empty()).then_some(Suggestion {
            language: call.language,
            imports: Vec::new(),
            code: String::new(),
            note,
        });
    }
    Some(Suggestion {
        language: call.language,
        imports: template.imports.clone(),
        code: operands.with_fields(&fill(template.code.trim()), call.language),
        note,
    })
}

/// Whether words say by what something is ordered: `by age`.
fn names_field(words: &str) -> bool {
    static BY: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"(?i)\bby (?:the |their |its )?[a-z]").ok());
    BY.as_ref().is_some_and(|r| r.is_match(words))
}

/// What the code of a suggestion works on.
#[derive(Debug, Default)]
struct Operands {
    /// Expressions of the program, most important first.
    names: Vec<String>,
    /// The kind of the first.
    kind: Option<HoleKind>,
    /// The variable for an item of a collection, as the program calls it.
    variable: String,
    /// The fields of an item that the prompt shows.
    fields: Vec<(String, Access)>,
}

impl Operands {
    fn of(task: &Task<'_>, call: &LlmCall) -> Self {
        let mut out = Self::default();
        let mut unnamed = None;
        let add = |out: &mut Self, name: String, kind: HoleKind| {
            if !out.names.contains(&name) {
                out.kind = out.kind.or(Some(kind));
                out.names.push(name);
            }
        };
        for &(m, h) in &task.holes {
            let Some(text) = call.messages.get(m).map(|m| &m.text) else {
                continue;
            };
            let Some(hole) = text.holes.get(h) else {
                continue;
            };
            if let Some(items) = &hole.items {
                if out.variable.is_empty() {
                    out.variable.clone_from(&items.variable);
                }
                out.fields.extend(items.field.clone());
                match items.collection.as_deref().and_then(input::bare) {
                    Some(e) => add(&mut out, e, HoleKind::List),
                    None => unnamed = Some(ITEMS.to_owned()),
                }
            } else if let Some(e) = input::bare(&hole.expression) {
                let kind = classify_in(text, hole);
                add(&mut out, e, kind);
            }
        }
        if out.names.is_empty()
            && let Some(name) = unnamed
        {
            add(&mut out, name, HoleKind::List);
        }
        out
    }

    /// The code with fields read as the program reads them: `lambda r: r.age`.
    fn with_fields(&self, code: &str, language: Language) -> String {
        static KEY: LazyLock<Option<Regex>> =
            LazyLock::new(|| Regex::new(r#"lambda x: x\["(\w+)"\]"#).ok());
        let attributes = |name: &str| {
            let known = self.fields.iter().find(|(f, _)| f == name);
            known.or(self.fields.first()).map(|(_, a)| *a) == Some(Access::Attribute)
        };
        let Some(key) = KEY.as_ref().filter(|_| language == Language::Python) else {
            return code.to_owned();
        };
        let shown = key.replace_all(code, |c: &regex::Captures<'_>| {
            let field = c.get(1).map_or("", |m| m.as_str());
            if !attributes(field) {
                return c.get(0).map_or("", |m| m.as_str()).to_owned();
            }
            let v = Some(self.variable.as_str()).filter(|v| !v.is_empty());
            let v = v.unwrap_or("x");
            format!("lambda {v}: {v}.{field}")
        });
        shown.into_owned()
    }
}
