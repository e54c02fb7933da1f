//! The test cases that rules carry: `deprompt test-rules` and the crate's own tests run them.

use std::sync::LazyLock;

use regex::Regex;

use super::RuleSet;
use super::schema::{Case, Kind, Rule, reply_kind};
use crate::calls::{
    Hole, LlmCall, Message, Origin, PromptText, ReplyUse, Role, SchemaField, Structured,
};
use crate::check;
use crate::finding::Verdict;
use crate::language::Language;
use crate::pipeline::FileTable;
use crate::source::{FileId, Location, SourceFile, Span};

/// What became of the cases.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CaseReport {
    /// Number of cases run.
    pub run: usize,
    /// Those that did not hold.
    pub failures: Vec<CaseFailure>,
}

/// A case that did not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseFailure {
    /// Id of the rule.
    pub rule: String,
    /// The prompt.
    pub prompt: String,
    /// What was expected and what came.
    pub message: String,
}

impl CaseReport {
    /// Adds another report.
    pub fn add(&mut self, other: Self) {
        self.run += other.run;
        self.failures.extend(other.failures);
    }
}

/// Runs the cases of every rule of a set.
#[must_use]
pub fn run(rules: &RuleSet) -> CaseReport {
    let mut report = CaseReport::default();
    for rule in rules.iter() {
        report.add(run_rule(rules, rule));
    }
    report
}

/// Runs the cases of one rule of a set.
#[must_use]
pub fn run_rule(rules: &RuleSet, rule: &Rule) -> CaseReport {
    let mut report = CaseReport::default();
    for (cases, expected) in [(&rule.matches, true), (&rule.no_matches, false)] {
        for case in cases {
            report.run += 1;
            if let Err(message) = holds(rules, rule, case, expected) {
                report.failures.push(CaseFailure {
                    rule: rule.id.clone(),
                    prompt: case.prompt.clone(),
                    message,
                });
            }
        }
    }
    report
}

fn holds(rules: &RuleSet, rule: &Rule, case: &Case, expected: bool) -> Result<(), String> {
    let (call, files) = call_of(case)?;
    let findings = check::check_all(std::slice::from_ref(&call), &files, rules);
    let claiming = check::claiming_rules(&call, rules);
    let claims = claiming.contains(&rule.id.as_str());
    let found = match rule.kind {
        Kind::Task if rule.signature.is_none() => claims,
        Kind::Judgement | Kind::Neutral => claims,
        // Another rule of the category may have said it already.
        Kind::Contract | Kind::Constraint | Kind::Sentinel => {
            claims && findings.iter().any(|f| Some(f.category) == rule.category)
        }
        Kind::Task | Kind::Scraping => findings.iter().any(|f| f.rule == rule.id),
    };
    if found != expected {
        let reported: Vec<&str> = findings.iter().map(|f| f.rule.as_str()).collect();
        return Err(format!(
            "{} match; claims: {}; findings: {}",
            if expected { "should" } else { "should not" },
            claiming.join(", "),
            reported.join(", ")
        ));
    }
    if let Some(want) = case.verdict.as_deref() {
        let got = findings
            .iter()
            .filter(|f| rules.rule(&f.rule).is_none_or(|r| r.default))
            .map(|f| f.verdict)
            .max()
            .map_or("keep", Verdict::as_str);
        if got != want {
            let evidence = findings
                .first()
                .map(|f| f.evidence.join("; "))
                .unwrap_or_default();
            return Err(format!(
                "verdict is {got}, not {want} (claims: {}; {evidence})",
                claiming.join(", ")
            ));
        }
    }
    Ok(())
}

/// A call as a case describes it, in a file that holds its prompt.
///
/// # Errors
/// A message where a reply use has no known name.
pub fn call_of(case: &Case) -> Result<(LlmCall, FileTable), String> {
    let mut source = String::new();
    let mut messages = Vec::new();
    if let Some(s) = &case.system {
        messages.push(message(Role::System, s, &mut source));
    }
    messages.push(message(Role::User, &case.prompt, &mut source));
    let mut reply_uses = Vec::new();
    for r in &case.reply {
        let (name, detail) = r
            .split_once(':')
            .map_or((r.as_str(), None), |(n, d)| (n.trim(), Some(d.trim())));
        let kind = reply_kind(name).ok_or_else(|| format!("unknown reply use `{name}`"))?;
        let start = source.len();
        source.push_str("\n\n\nreply\n");
        reply_uses.push(ReplyUse {
            kind,
            location: location(start + 3, start + 8),
            detail: detail.map(str::to_owned),
            via: None,
            parsed: false,
            tried: detail == Some("try"),
        });
    }
    let schema: Vec<SchemaField> = case
        .schema
        .iter()
        .map(|f| {
            let (name, ty) = f.split_once(':').unwrap_or((f, ""));
            SchemaField {
                name: name.trim().to_owned(),
                ty: ty.trim().to_owned(),
            }
        })
        .collect();
    let structured = match (schema.is_empty(), case.json_mode) {
        (false, _) => Structured::Schema,
        (true, true) => Structured::JsonMode,
        (true, false) => Structured::None,
    };
    let call = LlmCall {
        api: "openai/chat-completions".to_owned(),
        language: Language::Python,
        location: location(0, source.len()),
        callee: "client.chat.completions.create".to_owned(),
        sink: None,
        function: case.function.clone(),
        messages,
        structured,
        schema,
        tools: case.tools,
        acts: false,
        parameters: Vec::new(),
        reply_uses,
        reply_name: Some("reply".to_owned()),
        gaps: Vec::new(),
        pass_through: false,
    };
    Ok((
        call,
        FileTable::new(vec![SourceFile::new("case.py", source)]),
    ))
}

fn location(start: usize, end: usize) -> Location {
    Location {
        file: FileId(0),
        span: Span::new(start, end),
    }
}

/// A message whose `{name}` and `{name: type}` are holes.
fn message(role: Role, prompt: &str, source: &mut String) -> Message {
    static HOLE: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r"\{([A-Za-z_][\w.]*(?:\([\w., ]*\))?)(?:: ?([A-Za-z][\w\[\], |<>]*))?\}").ok()
    });
    let mut text = PromptText {
        complete: true,
        ..PromptText::default()
    };
    let mut at = 0;
    let base = source.len();
    let run = |text: &mut PromptText, from: usize, to: usize| {
        let start = u32::try_from(base + from).unwrap_or(u32::MAX);
        text.push_run(prompt.get(from..to).unwrap_or_default(), FileId(0), start);
    };
    for c in HOLE.iter().flat_map(|r| r.captures_iter(prompt)) {
        let (Some(whole), Some(name)) = (c.get(0), c.get(1)) else {
            continue;
        };
        run(&mut text, at, whole.start());
        let from = text.text.len();
        text.push_unmapped(&format!("{{{}}}", name.as_str()));
        text.holes.push(Hole {
            at: from,
            len: text.text.len() - from,
            expression: name.as_str().to_owned(),
            location: location(base + whole.start(), base + whole.end()),
            ty: c.get(2).map(|m| m.as_str().to_owned()),
            origin: Origin::Other,
            items: None,
        });
        at = whole.end();
    }
    run(&mut text, at, prompt.len());
    source.push_str(prompt);
    source.push('\n');
    Message { role, text }
}
