//! Reports: a run's outcome as bytes, one submodule per format.
//!
//! All formats take the same [`Report`]; none decides what is reported or how the run ends.

pub mod calls;
pub mod concise;
pub mod full;
pub mod github;
pub mod json;
pub mod path;
pub mod place;
pub mod sarif;
pub mod statistics;

use std::io;
use std::path::PathBuf;

use crate::finding::{CallRef, Finding, Label, Severity, Suggestion, Verdict};
use crate::pipeline::Analysis;
use crate::source::Location;
use crate::suppress::Remark;

/// What reports, `rules` and `explain` need to know of a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleDoc {
    /// Kebab-case id, for example `extract-email`.
    pub id: String,
    /// Its category as reports write it: one of [`crate::finding::Category`]'s names, or `suppression` for the
    /// checks of suppression comments.
    pub category: &'static str,
    /// What sort of rule: `task`, `contract`, `constraint`, `sentinel`, `scraping`, `suppression`.
    pub kind: String,
    /// One sentence.
    pub short: String,
    /// The whole help as plain text.
    pub help_text: String,
    /// The whole help as Markdown.
    pub help_markdown: String,
    /// Severity unless settings say otherwise.
    pub severity: Severity,
    /// Whether it runs unless settings say otherwise.
    pub default_on: bool,
    /// How often it is right: `very-high`, `high`, `medium` or `low`.
    pub precision: String,
    /// Search words.
    pub tags: Vec<String>,
    /// Where it comes from: `built-in`, or the path of a rule file.
    pub origin: String,
}

impl RuleDoc {
    /// The documentation of a rule; `None` for a rule that makes no findings (judgement, neutral).
    #[must_use]
    pub fn of(rule: &crate::rules::Rule) -> Option<Self> {
        Some(Self {
            id: rule.id.clone(),
            category: rule.category?.as_str(),
            kind: rule.kind.as_str().to_owned(),
            short: rule.what.clone(),
            help_text: plain_help(rule),
            help_markdown: rule.help_markdown(),
            severity: rule.severity,
            default_on: rule.default,
            precision: rule.precision.as_str().to_owned(),
            tags: rule.tags.clone(),
            // A user's rules are known by absolute paths.
            origin: if rule.path.is_relative() {
                "built-in".to_owned()
            } else {
                rule.path.display().to_string()
            },
        })
    }

    /// A rule with defaults for everything but its id and category.
    #[must_use]
    pub fn new(id: &str, category: &'static str) -> Self {
        Self {
            id: id.to_owned(),
            category,
            kind: "task".to_owned(),
            short: String::new(),
            help_text: String::new(),
            help_markdown: String::new(),
            severity: Severity::Warning,
            default_on: true,
            precision: "high".to_owned(),
            tags: Vec::new(),
            origin: "built-in".to_owned(),
        }
    }
}

/// A rule's help for a terminal.
fn plain_help(rule: &crate::rules::Rule) -> String {
    let mut out = format!("{}\n\n{}\n", rule.why.trim(), rule.instead.trim());
    let mut block = |title: &str, text: &str| {
        out.push_str(&format!("\n{title}\n"));
        for line in text.trim_end().lines() {
            out.push_str(format!("    {line}").trim_end());
            out.push('\n');
        }
    };
    if let Some(example) = &rule.example {
        block("Before:", &example.bad);
        block("After:", &example.good);
    }
    if !rule.references.is_empty() {
        block("See:", &rule.references.join("\n"));
    }
    out
}

/// How many findings are not shown, and why.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Hidden {
    /// By a comment in the source.
    pub suppressed: usize,
    /// Below the least severity asked for.
    pub severity: usize,
    /// Below the least confidence asked for.
    pub confidence: usize,
}

impl Hidden {
    /// All of them.
    #[must_use]
    pub const fn total(self) -> usize {
        self.suppressed + self.severity + self.confidence
    }
}

/// A run's outcome.
#[derive(Debug)]
pub struct Report<'a> {
    /// Files, calls and notices.
    pub analysis: &'a Analysis,
    /// The findings to show.
    pub findings: Vec<Finding>,
    /// What is wrong with suppression comments.
    pub remarks: Vec<Remark>,
    /// What is not shown.
    pub hidden: Hidden,
    /// All loaded rules, sorted by id.
    pub rules: &'a [RuleDoc],
    /// Where paths are shown from, and the project's root.
    pub base: Base,
    /// Whether the formats for people leave the closing line out.
    pub quiet: bool,
}

/// The directories that paths are shown from.
#[derive(Debug, Clone, Default)]
pub struct Base {
    /// Absolute path of the working directory: what a person reads is relative to it.
    pub working_directory: PathBuf,
    /// Absolute path of the project's root: what a code host reads is relative to it.
    pub root: PathBuf,
}

/// One thing reported, a finding or a remark, as formats see it.
#[derive(Debug, Clone, Copy)]
pub struct Entry<'a> {
    /// Id of the rule.
    pub rule: &'a str,
    /// Category as reports write it.
    pub category: &'static str,
    /// Whole call or part of it; `None` for a remark.
    pub verdict: Option<Verdict>,
    /// How bad.
    pub severity: Severity,
    /// Estimated probability that it is right, 0 to 1.
    pub confidence: f64,
    /// One line.
    pub message: &'a str,
    /// The place.
    pub primary: Location,
    /// What is at the place.
    pub primary_label: &'a str,
    /// Other places.
    pub labels: &'a [Label],
    /// The call it is about; `None` for a remark.
    pub call: Option<&'a CallRef>,
    /// Further calls that it is about.
    pub also: &'a [CallRef],
    /// The replacement.
    pub suggestion: Option<&'a Suggestion>,
    /// Why.
    pub evidence: &'a [String],
}

impl<'a> From<&'a Finding> for Entry<'a> {
    fn from(f: &'a Finding) -> Self {
        Self {
            rule: &f.rule,
            category: f.category.as_str(),
            verdict: Some(f.verdict),
            severity: f.severity,
            confidence: f.confidence,
            message: &f.message,
            primary: f.primary,
            primary_label: &f.primary_label,
            labels: &f.labels,
            call: Some(&f.call),
            also: &f.also,
            suggestion: f.suggestion.as_ref(),
            evidence: &f.evidence,
        }
    }
}

impl<'a> From<&'a Remark> for Entry<'a> {
    fn from(r: &'a Remark) -> Self {
        Self {
            rule: r.rule.id(),
            category: crate::suppress::CATEGORY,
            verdict: None,
            severity: r.severity,
            confidence: 1.0,
            message: &r.message,
            primary: r.location,
            primary_label: "",
            labels: &[],
            call: None,
            also: &[],
            suggestion: None,
            evidence: &[],
        }
    }
}

impl Report<'_> {
    /// Findings and remarks together, sorted by path, place and rule.
    #[must_use]
    pub fn entries(&self) -> Vec<Entry<'_>> {
        let mut entries: Vec<Entry<'_>> = self
            .findings
            .iter()
            .map(Entry::from)
            .chain(self.remarks.iter().map(Entry::from))
            .collect();
        entries.sort_by(|a, b| {
            let path = |e: &Entry<'_>| self.analysis.files.get(e.primary.file).path();
            path(a)
                .cmp(path(b))
                .then_with(|| a.primary.span.cmp(&b.primary.span))
                .then_with(|| a.rule.cmp(b.rule))
                .then_with(|| a.message.cmp(b.message))
                .then_with(|| a.call.map(|c| c.location).cmp(&b.call.map(|c| c.location)))
        });
        entries
    }

    /// The highest severity reported.
    #[must_use]
    pub fn worst(&self) -> Option<Severity> {
        let findings = self.findings.iter().map(|f| f.severity);
        findings
            .chain(self.remarks.iter().map(|r| r.severity))
            .max()
    }
}

/// A format of `check`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// Source excerpts with the replacement, for people.
    #[default]
    Full,
    /// One line per finding: `path:line:column: severity[rule] message`.
    Concise,
    /// One JSON document, versioned.
    Json,
    /// SARIF 2.1.0, for code hosts and editors.
    Sarif,
    /// Workflow commands that GitHub Actions shows as annotations.
    Github,
}

/// Writes a report. `Full` carries ANSI colours; a writer for something that is no terminal has to strip them.
///
/// # Errors
/// If writing fails.
pub fn write(report: &Report<'_>, format: Format, out: &mut dyn io::Write) -> io::Result<()> {
    match format {
        Format::Full => full::write(report, out),
        Format::Concise => concise::write(report, out),
        Format::Json => json::write(report, out),
        Format::Sarif => sarif::write(report, out),
        Format::Github => github::write(report, out),
    }
}

#[cfg(test)]
pub(crate) mod sample;
