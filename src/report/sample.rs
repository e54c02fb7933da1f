//! A hand-made run for the tests of the formats: a prompt in another file than its call, a
//! notebook cell, a remark, notices, and characters beyond ASCII.

use std::path::PathBuf;

use super::{Base, Hidden, Report, RuleDoc};
use crate::calls::{
    Gap, GapReason, LlmCall, Message, PromptText, ReplyUse, ReplyUseKind, Role, Structured,
};
use crate::finding::{CallRef, Category, Finding, Label, LabelKind, Severity, Suggestion, Verdict};
use crate::language::Language;
use crate::pipeline::{Analysis, FileTable, Notice, NoticeLevel};
use crate::source::{Cell, FileId, Location, SourceFile, Span};
use crate::suppress::{Remark, SuppressionRule};

const PROMPTS: &str =
    "# deprompt: ignore[nothing] why\nFIND = \"😀 Extract every e-mail address from: {text}\"\n";
const APP: &str = "\
from prompts import FIND
import re

def addresses(text):
    reply = client.chat.completions.create(
        model=\"gpt-x\",
        messages=[{\"role\": \"user\", \"content\": FIND.format(text=text)}],
    )
    return re.findall(r\"\\S+@\\S+\", reply.choices[0].message.content)
";
const CELLS: [&str; 2] = [
    "import anthropic\n",
    "r = ask(\n    'Sum these numbers: 1, 2'\n)\n",
];

/// The parts of a report.
pub(crate) struct Sample {
    pub(crate) analysis: Analysis,
    pub(crate) findings: Vec<Finding>,
    pub(crate) remarks: Vec<Remark>,
    pub(crate) rules: Vec<RuleDoc>,
}

impl Sample {
    pub(crate) fn report(&self) -> Report<'_> {
        Report {
            findings: self.findings.clone(),
            remarks: self.remarks.clone(),
            hidden: Hidden {
                suppressed: 2,
                severity: 0,
                confidence: 1,
            },
            ..self.empty()
        }
    }

    pub(crate) fn empty(&self) -> Report<'_> {
        Report {
            analysis: &self.analysis,
            findings: Vec::new(),
            remarks: Vec::new(),
            hidden: Hidden::default(),
            rules: &self.rules,
            base: Base {
                working_directory: PathBuf::from("/w/app"),
                root: PathBuf::from("/w"),
            },
            quiet: false,
        }
    }
}

pub(crate) fn sample() -> Sample {
    let joined = CELLS.join("\n");
    let cells = vec![
        Cell {
            index: 1,
            span: Span::new(0, CELLS[0].len()),
        },
        Cell {
            index: 3,
            span: Span::new(CELLS[0].len() + 1, joined.len()),
        },
    ];
    let texts = [APP, PROMPTS, joined.as_str()];
    let at = |file: u32, part: &str| {
        let start = texts
            .get(file as usize)
            .and_then(|t| t.find(part))
            .unwrap_or_default();
        Location {
            file: FileId(file),
            span: Span::new(start, start + part.len()),
        }
    };
    let call_text = &APP[APP.find("client.").unwrap_or(0)..APP.find("\n    return").unwrap_or(0)];
    let call = at(0, call_text);
    let label = |location, message: &str, kind| Label {
        location,
        message: message.to_owned(),
        kind,
    };
    let findings = vec![
        Finding {
            rule: "extract-email".to_owned(),
            category: Category::Extract,
            verdict: Verdict::Replace,
            severity: Severity::Warning,
            confidence: 0.93,
            message: "a pattern extracts e-mail addresses; the model is asked to \"Extract every e-mail address\"".to_owned(),
            primary: at(1, "Extract every e-mail address"),
            primary_label: "this is a regular expression's work".to_owned(),
            labels: vec![
                label(at(1, "{text}"), "from `text`", LabelKind::Input),
                label(call, "sent here", LabelKind::Call),
                label(at(0, "re.findall(r\"\\S+@\\S+\", reply.choices[0].message.content)"), "the reply goes through a pattern [already]", LabelKind::ReplyUse),
            ],
            call: CallRef {
                location: call,
                api: "openai/chat-completions".to_owned(),
            },
            also: Vec::new(),
            suggestion: Some(Suggestion {
                language: Language::Python,
                imports: vec!["import re".to_owned()],
                code: "reply = re.findall(\n    r\"[\\w.+-]+@[\\w-]+\\.[\\w.]+\", text\n)".to_owned(),
                note: "Find them with a pattern.".to_owned(),
            }),
            evidence: vec!["words: extract, e-mail address".to_owned()],
        },
        Finding {
            rule: "sum-numbers".to_owned(),
            category: Category::Compute,
            verdict: Verdict::Partial,
            severity: Severity::Error,
            confidence: 0.8,
            message: "the model is asked to sum numbers".to_owned(),
            primary: at(2, "Sum these numbers"),
            primary_label: "arithmetic".to_owned(),
            labels: vec![label(at(2, "ask(\n    'Sum these numbers: 1, 2'\n)"), "sent here", LabelKind::Call)],
            call: CallRef {
                location: at(2, "ask(\n    'Sum these numbers: 1, 2'\n)"),
                api: "house/ask".to_owned(),
            },
            also: Vec::new(),
            suggestion: None,
            evidence: Vec::new(),
        },
    ];
    let remarks = vec![Remark {
        rule: SuppressionRule::Unknown,
        severity: Severity::Note,
        location: at(1, "nothing"),
        message: "`nothing` is no rule and no category".to_owned(),
    }];
    let mut rules = vec![
        RuleDoc {
            short: "E-mail addresses are extracted by a model.".to_owned(),
            help_text: "A pattern finds them.".to_owned(),
            help_markdown: "A *pattern* finds them.".to_owned(),
            tags: vec!["regex".to_owned()],
            ..RuleDoc::new("extract-email", "extract")
        },
        RuleDoc {
            short: "Numbers are summed by a model.".to_owned(),
            severity: Severity::Error,
            ..RuleDoc::new("sum-numbers", "compute")
        },
    ];
    rules.extend(SuppressionRule::ALL.map(SuppressionRule::doc));
    let mut text = PromptText {
        complete: true,
        spans: vec![at(1, "\"😀 Extract every e-mail address from: {text}\"")],
        ..PromptText::default()
    };
    text.push_run(
        "😀 Extract every e-mail address from: {text}",
        FileId(1),
        41,
    );
    let one = LlmCall {
        api: "openai/chat-completions".to_owned(),
        language: Language::Python,
        location: call,
        callee: "client.chat.completions.create".to_owned(),
        sink: None,
        function: Some("addresses".to_owned()),
        messages: vec![Message {
            role: Role::User,
            text,
        }],
        structured: Structured::None,
        schema: Vec::new(),
        tools: 0,
        acts: false,
        parameters: vec![("model".to_owned(), "gpt-x".to_owned())],
        reply_uses: vec![ReplyUse {
            kind: ReplyUseKind::Regex,
            location: at(
                0,
                "re.findall(r\"\\S+@\\S+\", reply.choices[0].message.content)",
            ),
            detail: Some("\\S+@\\S+".to_owned()),
            via: None,
            parsed: false,
            tried: false,
        }],
        reply_name: Some("reply".to_owned()),
        gaps: Vec::new(),
        pass_through: false,
    };
    let other = LlmCall {
        api: "house/ask".to_owned(),
        location: at(2, "ask(\n    'Sum these numbers: 1, 2'\n)"),
        messages: Vec::new(),
        reply_uses: Vec::new(),
        structured: Structured::JsonMode,
        gaps: vec![Gap {
            reason: GapReason::Dynamic,
            location: at(2, "ask("),
            detail: "render".to_owned(),
        }],
        ..one.clone()
    };
    let root = PathBuf::from("/w");
    Sample {
        analysis: Analysis {
            files: FileTable::new(vec![
                SourceFile::new(root.join("app/main.py"), APP),
                SourceFile::new(root.join("app/prompts é.py"), PROMPTS),
                SourceFile::with_cells(root.join("notes/try.ipynb"), joined.as_str(), cells),
            ]),
            calls: vec![one, other],
            notices: vec![
                Notice {
                    path: root.join("app/broken.py"),
                    line: Some(7),
                    level: NoticeLevel::Warning,
                    message: "a syntax error; the rest of the file was read".to_owned(),
                },
                Notice {
                    path: root.join("app/huge.py"),
                    line: None,
                    level: NoticeLevel::Error,
                    message: "larger than 8 MiB; raise --max-file-size".to_owned(),
                },
            ],
            scanned: 5,
            parsed: 3,
            ..Analysis::default()
        },
        findings,
        remarks,
        rules,
    }
}

#[test]
fn every_format() -> Result<(), Box<dyn std::error::Error>> {
    use super::Format;
    let sample = sample();
    for format in [
        Format::Full,
        Format::Concise,
        Format::Json,
        Format::Sarif,
        Format::Github,
    ] {
        let mut bytes = Vec::new();
        super::write(&sample.report(), format, &mut bytes)?;
        let plain = anstream::adapter::strip_bytes(&bytes).into_vec();
        let name = format!("{format:?}").to_lowercase();
        let version = format!("\"{}\"", env!("CARGO_PKG_VERSION"));
        let text = String::from_utf8(plain)?.replace(&version, "\"[version]\"");
        insta::assert_snapshot!(name, text);
    }
    Ok(())
}

#[test]
fn calls_and_statistics() -> Result<(), Box<dyn std::error::Error>> {
    let sample = sample();
    let base = sample.report().base;
    let mut text = Vec::new();
    super::calls::write_text(&sample.analysis, &base, &mut text)?;
    super::statistics::write_verbose(&sample.analysis, &mut text)?;
    super::statistics::write_rules(&sample.report(), &mut text)?;
    insta::assert_snapshot!("calls_text", String::from_utf8(text)?);
    let mut json = Vec::new();
    super::calls::write_json(&sample.analysis, &base, &mut json)?;
    insta::assert_snapshot!("calls_json", String::from_utf8(json)?);
    Ok(())
}

#[test]
fn an_empty_run() -> Result<(), Box<dyn std::error::Error>> {
    use super::Format;
    let mut sample = sample();
    sample.analysis = Analysis::default();
    for (format, expected) in [
        (Format::Full, "No source files found\n"),
        (Format::Concise, "No source files found\n"),
        (Format::Github, ""),
    ] {
        let mut bytes = Vec::new();
        super::write(&sample.empty(), format, &mut bytes)?;
        assert_eq!(String::from_utf8(bytes)?, expected);
    }
    Ok(())
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(200))]
    /// Whatever the text and wherever the places, in or out of characters, cells and the file.
    #[test]
    fn no_place_breaks_a_format(
        text in "(a|é|😀|e\u{301}|\t|\r|\n|\r\n|long words ){0,120}",
        places in proptest::collection::vec((0u32..300, 0u32..300), 4),
        cut in 0usize..200,
        notebook: bool,
    ) {
        use super::Format;
        let mut sample = sample();
        let middle = (0..=cut.min(text.len())).rev().find(|&n| text.is_char_boundary(n)).unwrap_or(0);
        let cells = if notebook {
            vec![
                Cell { index: 0, span: Span::new(0, middle) },
                Cell { index: 2, span: Span::new(middle, text.len()) },
            ]
        } else {
            Vec::new()
        };
        let place = |n: usize| {
            let (start, end) = places[n];
            Location { file: FileId(0), span: Span { start, end: end.max(start) } }
        };
        sample.analysis.files = FileTable::new(vec![SourceFile::with_cells("a.py", text.as_str(), cells)]);
        sample.analysis.calls.clear();
        sample.remarks.clear();
        sample.findings.truncate(1);
        for f in &mut sample.findings {
            f.primary = place(0);
            f.call.location = place(1);
            f.labels.truncate(2);
            for (n, l) in f.labels.iter_mut().enumerate() {
                l.location = place(n + 2);
            }
        }
        for format in [Format::Full, Format::Concise, Format::Json, Format::Sarif, Format::Github] {
            let mut bytes = Vec::new();
            super::write(&sample.report(), format, &mut bytes)?;
            let plain = anstream::adapter::strip_bytes(&bytes).into_vec();
            proptest::prop_assert!(String::from_utf8(plain).is_ok());
        }
    }
}
