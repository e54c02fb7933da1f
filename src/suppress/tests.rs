use super::*;
use crate::finding::{CallRef, Verdict};
use crate::source::SourceFile;

const SOURCE: &str = "\
# deprompt: ignore[extract-email] legacy
PROMPT = (
    'Extract all e-mail addresses '
    'from the text: {text}'
)

# a line of explanation
# deprompt: ignore[compute]
# another line
r = ask(PROMPT)  # deprompt: ignore[extract-url, nothing-like-it]
";

fn comments(text: &str) -> Vec<Span> {
    let mut at = 0;
    let mut out = Vec::new();
    for line in text.split_inclusive('\n') {
        if let Some(c) = line.find('#') {
            out.push(Span::new(at + c, at + line.trim_end().len()));
        }
        at += line.len();
    }
    out
}

fn span(text: &str, part: &str) -> Span {
    let at = text.find(part).unwrap_or_default();
    Span::new(at, at + part.len())
}

fn finding(rule: &str, category: Category, primary: Span, call: Span) -> Finding {
    let at = |span| Location {
        file: FileId(0),
        span,
    };
    Finding {
        rule: rule.to_owned(),
        category,
        verdict: Verdict::Replace,
        severity: Severity::Warning,
        confidence: 0.9,
        message: String::new(),
        primary: at(primary),
        primary_label: String::new(),
        labels: Vec::new(),
        call: CallRef {
            location: at(call),
            api: "x/y".to_owned(),
        },
        also: Vec::new(),
        suggestion: None,
        evidence: Vec::new(),
    }
}

fn run(text: &str, findings: Vec<Finding>, statements: Vec<Span>, require_reason: bool) -> Outcome {
    let files = FileTable::new(vec![SourceFile::new("a.py", text)]);
    let rules = [
        RuleDoc::new("extract-email", "extract"),
        RuleDoc::new("extract-url", "extract"),
        RuleDoc::new("count-words", "compute"),
        RuleDoc::new("sort-items", "collection"),
    ];
    let comments = [FileComments {
        file: FileId(0),
        comments: comments(text),
        statements,
        ..FileComments::default()
    }];
    apply(
        findings,
        &Context {
            files: &files,
            comments: &comments,
            calls: &[],
            rules: &rules,
            selected: &|_, rule| rule != "sort-items",
            require_reason,
        },
    )
}

#[test]
fn the_line_above_the_statement_and_the_call_line() {
    let words = span(SOURCE, "Extract all e-mail addresses");
    let call = span(SOURCE, "ask(PROMPT)");
    let statement = Span::new(
        span(SOURCE, "PROMPT = (").start as usize,
        SOURCE.find(")\n\n").unwrap_or_default() + 1,
    );
    let outcome = run(
        SOURCE,
        vec![
            finding("extract-email", Category::Extract, words, call),
            finding("extract-url", Category::Extract, words, call),
            finding("count-words", Category::Compute, words, call),
            finding("sort-items", Category::Collection, words, call),
        ],
        vec![statement],
        false,
    );
    assert_eq!(outcome.suppressed, 3);
    assert_eq!(outcome.findings.len(), 1);
    assert_eq!(outcome.findings[0].rule, "sort-items");
    let remarks: Vec<&str> = outcome.remarks.iter().map(|r| r.rule.id()).collect();
    assert_eq!(remarks, ["unknown-suppression"]);
}

#[test]
fn without_findings_the_selected_ones_are_unused() {
    let outcome = run(SOURCE, Vec::new(), Vec::new(), false);
    let unused: Vec<&str> = outcome
        .remarks
        .iter()
        .filter(|r| r.rule == SuppressionRule::Unused)
        .map(|r| &SOURCE[r.location.span.range()])
        .collect();
    assert_eq!(unused, ["extract-email", "compute", "extract-url"]);
}

#[test]
fn a_rule_that_did_not_run_is_not_unused() {
    let outcome = run(
        "# deprompt: ignore[sort-items]\nx = 1\n",
        Vec::new(),
        Vec::new(),
        false,
    );
    assert!(outcome.remarks.is_empty());
}

#[test]
fn a_blanket_form_is_reported_and_not_obeyed() {
    for text in [
        "x = ask('sum')  # deprompt: ignore\n",
        "x = ask('sum')  # deprompt: ignore[ALL] because\n",
        "# deprompt: ignore-file\nx = ask('sum')\n",
    ] {
        let call = span(text, "ask('sum')");
        let outcome = run(
            text,
            vec![finding("count-words", Category::Compute, call, call)],
            Vec::new(),
            false,
        );
        assert_eq!(outcome.suppressed, 0, "{text}");
        let rules: Vec<&str> = outcome.remarks.iter().map(|r| r.rule.id()).collect();
        assert_eq!(rules, ["blanket-suppression"], "{text}");
    }
}

#[test]
fn a_file_directive_reaches_every_line() {
    let text = "x = ask('sum')\n\n\n# deprompt: ignore-file[compute] exercise\n";
    let call = span(text, "ask('sum')");
    let found = || vec![finding("count-words", Category::Compute, call, call)];
    let outcome = run(text, found(), Vec::new(), true);
    assert_eq!((outcome.suppressed, outcome.remarks.len()), (1, 0));
    let bare = text.replace(" exercise", "");
    let outcome = run(&bare, found(), Vec::new(), true);
    assert_eq!(outcome.remarks[0].rule, SuppressionRule::Unexplained);
}

#[test]
fn a_comment_two_lines_above_does_not_reach() {
    let text = "# deprompt: ignore[compute]\ny = 1\nx = ask('sum')\n";
    let call = span(text, "ask('sum')");
    let outcome = run(
        text,
        vec![finding("count-words", Category::Compute, call, call)],
        Vec::new(),
        false,
    );
    assert_eq!(outcome.suppressed, 0);
}

#[test]
fn blank_lines_and_other_comments_may_follow() {
    let text = "# deprompt: ignore[compute]\n\n# more\n\nx = ask('sum')\n";
    let call = span(text, "ask('sum')");
    let outcome = run(
        text,
        vec![finding("count-words", Category::Compute, call, call)],
        Vec::new(),
        false,
    );
    assert_eq!((outcome.suppressed, outcome.remarks.len()), (1, 0));
}

#[test]
fn what_messages_name_as_an_example_is_a_rule() -> Result<(), Box<dyn std::error::Error>> {
    let rules = crate::rules::RuleSet::builtin()?;
    let mut texts: Vec<String> = SuppressionRule::ALL.map(|r| r.doc().help_text).into();
    texts.push(blanket_remark(FileId(0), Span::default()).message);
    let mut named = 0;
    for text in &texts {
        for after in text.split("ignore[").skip(1) {
            let name = after.split(']').next().unwrap_or_default();
            // A stand-in for any id.
            if name != "rule-id" {
                named += 1;
                assert!(rules.rule(name).is_some(), "{text}");
            }
        }
    }
    assert_eq!(named, 2);
    Ok(())
}
