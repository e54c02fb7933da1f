//! Suppression comments: the linter's name and a colon, `ignore[rule]` or `ignore-file[rule]`, and a reason.
//!
//! Only comments count, as the parser found them: the linter's subject is strings, and a prompt may
//! well quote such a comment. In prompt files these are the comments of their format and of template
//! engines (`prompt_files`). A comment names rules or categories; a blanket form is not obeyed, and
//! an `ignore` that hits nothing is reported, so that comments do not outlive their reason.
//!
//! An `ignore` belongs to the line it stands on, or, on a line of its own, to the next line of
//! code; which findings that silences says `anchors`.

mod anchors;
mod directive;
pub(crate) mod prompt_files;
mod source_files;

use crate::calls::LlmCall;
use crate::finding::{Category, Finding, Severity};
use crate::pipeline::FileTable;
use crate::report::RuleDoc;
use crate::select::nearest;
use crate::source::{FileId, Location, Span};
use anchors::{Anchors, Target};
pub(crate) use directive::mentioned_in;
pub use directive::{Directive, Name, Scope};

/// The category of [`Remark`]s in reports.
pub const CATEGORY: &str = "suppression";

/// What the analysis hands over of a file for suppressions.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FileComments {
    /// The file.
    pub file: FileId,
    /// Its comments, sorted. Those without the word `deprompt` may be left out, except that a
    /// suppression above one then no longer reaches the code below it.
    pub comments: Vec<Span>,
    /// Its statements that store something, in any order: `prompt = (…)`; of a file of data its keys
    /// with their values. May be empty.
    pub statements: Vec<Span>,
    /// Its expressions that a comment at the end of their last line holds for, in any order. May be empty.
    pub expressions: Vec<Span>,
    /// Whether it is a prompt file, which is no code: its literals are pieces of whatever length.
    pub is_prompt_file: bool,
}

/// What can be wrong with a suppression comment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SuppressionRule {
    /// It names no rule.
    Blanket,
    /// It hits no finding.
    Unused,
    /// It names a rule that does not exist, or cannot be read.
    Unknown,
    /// It gives no reason, and the settings ask for one.
    Unexplained,
}

impl SuppressionRule {
    /// All.
    pub const ALL: [Self; 4] = [
        Self::Blanket,
        Self::Unexplained,
        Self::Unknown,
        Self::Unused,
    ];

    /// Its rule id.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Blanket => "blanket-suppression",
            Self::Unused => "unused-suppression",
            Self::Unknown => "unknown-suppression",
            Self::Unexplained => "unexplained-suppression",
        }
    }

    /// Its documentation.
    #[must_use]
    pub fn doc(self) -> RuleDoc {
        let (short, help) = match self {
            Self::Blanket => (
                "A suppression comment that names no rule.",
                "It is not obeyed: it would hide findings that nobody has looked at. Name the rules or categories: `deprompt: ignore[extract-token] reason`.",
            ),
            Self::Unused => (
                "A suppression comment that hits no finding.",
                "The prompt was changed or the rule was; remove the comment, or the name from its brackets.",
            ),
            Self::Unknown => (
                "A suppression comment that cannot be read, or names a rule that does not exist.",
                "Write `deprompt: ignore[rule-id] reason` or `deprompt: ignore-file[rule-id] reason`. `deprompt rules` lists the ids.",
            ),
            Self::Unexplained => (
                "A suppression comment without a reason.",
                "`require-suppression-reason` is set in the settings: say after the brackets why a model is right for this.",
            ),
        };
        RuleDoc {
            kind: CATEGORY.to_owned(),
            short: short.to_owned(),
            help_text: help.to_owned(),
            help_markdown: help.to_owned(),
            severity: Severity::Note,
            precision: "very-high".to_owned(),
            tags: vec![CATEGORY.to_owned()],
            ..RuleDoc::new(self.id(), CATEGORY)
        }
    }
}

/// Something wrong with a suppression comment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    /// What sort.
    pub rule: SuppressionRule,
    /// How bad.
    pub severity: Severity,
    /// The comment, or the name in it.
    pub location: Location,
    /// One line.
    pub message: String,
}

/// What is left after the suppressions.
#[derive(Debug, Default)]
pub struct Outcome {
    /// The findings that no comment silences.
    pub findings: Vec<Finding>,
    /// How many were silenced.
    pub suppressed: usize,
    /// What is wrong with the comments.
    pub remarks: Vec<Remark>,
}

/// What suppressions are judged against.
pub struct Context<'a> {
    /// The files of the run.
    pub files: &'a FileTable,
    /// The comments of each.
    pub comments: &'a [FileComments],
    /// The calls, for the literals that prompts are made of.
    pub calls: &'a [LlmCall],
    /// All loaded rules.
    pub rules: &'a [RuleDoc],
    /// Whether a rule runs on a file.
    pub selected: &'a dyn Fn(FileId, &str) -> bool,
    /// Whether a suppression has to give a reason.
    pub require_reason: bool,
}

/// A directive with the line it belongs to.
struct Suppression {
    file: FileId,
    directive: Directive,
    /// The line of the analysed text that an `ignore` belongs to.
    target: Target,
    /// Which of the names hit a finding.
    used: Vec<bool>,
}

/// Takes away the findings that comments silence, and judges the comments.
#[must_use]
pub fn apply(findings: Vec<Finding>, context: &Context<'_>) -> Outcome {
    let mut outcome = Outcome::default();
    let mut suppressions = collect(context, &mut outcome.remarks);
    for finding in findings {
        if silence(&finding, &mut suppressions, context) {
            outcome.suppressed += 1;
        } else {
            outcome.findings.push(finding);
        }
    }
    for s in &suppressions {
        for (name, used) in s.directive.names.iter().zip(&s.used) {
            if !used && ran(&name.text, s.file, context) {
                outcome.remarks.push(remark(
                    SuppressionRule::Unused,
                    s.file,
                    name.span,
                    format!("`{}` is suppressed here but not found", name.text),
                ));
            }
        }
    }
    outcome
}

fn remark(rule: SuppressionRule, file: FileId, span: Span, message: String) -> Remark {
    Remark {
        rule,
        severity: Severity::Note,
        location: Location { file, span },
        message,
    }
}

/// Whether a run without a finding of this rule or category means that there is none.
fn ran(name: &str, file: FileId, context: &Context<'_>) -> bool {
    let mut rules = context
        .rules
        .iter()
        .filter(|r| r.id == name || (r.category == name && r.default_on))
        .peekable();
    rules.peek().is_some() && rules.all(|r| (context.selected)(file, &r.id))
}

/// Reads all directives; remarks on those that cannot be obeyed.
fn collect(context: &Context<'_>, remarks: &mut Vec<Remark>) -> Vec<Suppression> {
    let mut out = Vec::new();
    for of_file in context.comments {
        let source = context.files.get(of_file.file);
        let found: Vec<(Span, Directive)> = of_file
            .comments
            .iter()
            .flat_map(|&c| directive::read(source, c).into_iter().map(move |d| (c, d)))
            .collect();
        if found.is_empty() {
            continue;
        }
        let lines = anchors::Lines::of(source, &of_file.comments);
        for (_, mut directive) in found {
            check(&mut directive, of_file.file, context, remarks);
            out.push(Suppression {
                file: of_file.file,
                target: lines.target(directive.span),
                used: vec![false; directive.names.len()],
                directive,
            });
        }
    }
    out
}

/// Remarks on a directive and drops the names that cannot be obeyed.
fn check(
    directive: &mut Directive,
    file: FileId,
    context: &Context<'_>,
    remarks: &mut Vec<Remark>,
) {
    if let Some(problem) = &directive.problem {
        remarks.push(remark(
            SuppressionRule::Unknown,
            file,
            directive.span,
            problem.clone(),
        ));
        directive.names.clear();
        return;
    }
    let blanket = directive.names.is_empty();
    directive.names.retain(|name| {
        if matches!(name.text.as_str(), "ALL" | "all" | "*") {
            remarks.push(blanket_remark(file, name.span));
            return false;
        }
        let known = Category::from_name(&name.text).is_some()
            || context.rules.iter().any(|r| r.id == name.text);
        if !known {
            let ids = context.rules.iter().map(|r| r.id.as_str());
            let mut message = format!("`{}` is no rule and no category", name.text);
            if let Some(n) = nearest(&name.text, ids.chain(Category::ALL.map(Category::as_str))) {
                message.push_str(&format!("; did you mean `{n}`?"));
            }
            remarks.push(remark(SuppressionRule::Unknown, file, name.span, message));
        }
        known
    });
    if blanket {
        remarks.push(blanket_remark(file, directive.span));
    } else if context.require_reason && !directive.has_reason && !directive.names.is_empty() {
        remarks.push(remark(
            SuppressionRule::Unexplained,
            file,
            directive.span,
            "suppressed without a reason; say why after the brackets".to_owned(),
        ));
    }
}

fn blanket_remark(file: FileId, span: Span) -> Remark {
    remark(
        SuppressionRule::Blanket,
        file,
        span,
        "a suppression has to name rules or categories, as in `deprompt: ignore[extract-token]`; this one is not obeyed".to_owned(),
    )
}

/// Whether a comment silences the finding; marks the names that do.
fn silence(finding: &Finding, suppressions: &mut [Suppression], context: &Context<'_>) -> bool {
    let mut silenced = false;
    let mut anchors: Option<Anchors> = None;
    for s in suppressions.iter_mut() {
        let names_it = s.directive.names.iter().any(|n| names(n, finding));
        if !names_it {
            continue;
        }
        let reached = match s.directive.scope {
            Scope::File => s.file == finding.primary.file || s.file == finding.call.location.file,
            Scope::Line => anchors
                .get_or_insert_with(|| Anchors::of(finding, context))
                .hold(s.file, s.target),
        };
        if reached {
            silenced = true;
            for (name, used) in s.directive.names.iter().zip(&mut s.used) {
                *used |= names(name, finding);
            }
        }
    }
    silenced
}

fn names(name: &Name, finding: &Finding) -> bool {
    name.text == finding.rule || name.text == finding.category.as_str()
}

#[cfg(test)]
mod tests;
