//! Counts instead of findings: `check --statistics`, `calls --statistics`, and what `-v` says.

use std::collections::BTreeMap;
use std::io;

use super::Report;
use super::place::count;
use crate::calls::{GapReason, LlmCall};
use crate::pipeline::Analysis;

/// Findings by rule, most first.
///
/// # Errors
/// If writing fails.
pub fn write_rules(report: &Report<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    let mut by_rule: BTreeMap<&str, usize> = BTreeMap::new();
    let entries = report.entries();
    for e in &entries {
        *by_rule.entry(e.rule).or_default() += 1;
    }
    let mut rows: Vec<(&str, usize)> = by_rule.into_iter().collect();
    rows.sort_by_key(|&(rule, n)| (std::cmp::Reverse(n), rule));
    for (rule, n) in rows {
        writeln!(out, "{n:>6}  {rule}")?;
    }
    super::full::summary(report, &entries, out)
}

/// How much of the calls' prompts was read.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Reading {
    /// Prompts read whole.
    pub whole: usize,
    /// Prompts of which some text was read.
    pub part: usize,
    /// Prompts of which no text was read.
    pub none: usize,
    /// Calls whose prompt is the enclosing function's parameter: read at its callers.
    pub pass_through: usize,
    /// By reason: at how many calls something could not be read.
    pub gaps: BTreeMap<GapReason, usize>,
}

/// How much of one call's prompt was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// All of it.
    Whole,
    /// Some of it.
    Part,
    /// None of it.
    None,
    /// It is a parameter.
    PassThrough,
}

impl Extent {
    /// Of a call.
    #[must_use]
    pub fn of(call: &LlmCall) -> Self {
        if call.pass_through {
            Self::PassThrough
        } else if !call.messages.is_empty() && call.messages.iter().all(|m| m.text.complete) {
            Self::Whole
        } else if call.messages.iter().any(|m| !m.text.runs.is_empty()) {
            Self::Part
        } else {
            Self::None
        }
    }
}

impl Reading {
    /// Of these calls.
    #[must_use]
    pub fn of(calls: &[LlmCall]) -> Self {
        let mut out = Self::default();
        for call in calls {
            match Extent::of(call) {
                Extent::Whole => out.whole += 1,
                Extent::Part => out.part += 1,
                Extent::None => out.none += 1,
                Extent::PassThrough => out.pass_through += 1,
            }
            let mut reasons: Vec<GapReason> = call.gaps.iter().map(|g| g.reason).collect();
            reasons.sort();
            reasons.dedup();
            for reason in reasons {
                *out.gaps.entry(reason).or_default() += 1;
            }
        }
        out
    }

    /// Writes the counts with their shares.
    ///
    /// # Errors
    /// If writing fails.
    pub fn write(&self, out: &mut dyn io::Write) -> io::Result<()> {
        let total = self.whole + self.part + self.none + self.pass_through;
        writeln!(out, "{}", count(total, "call"))?;
        let mut row = |n: usize, what: &str| {
            if n == 0 {
                return Ok(());
            }
            #[expect(clippy::cast_precision_loss, reason = "a share in whole percent")]
            let share = 100.0 * n as f64 / total.max(1) as f64;
            writeln!(out, "{n:>6}  {share:>3.0} %  {what}")
        };
        row(self.whole, "prompt read whole")?;
        row(self.part, "prompt read in part")?;
        row(self.none, "prompt not read")?;
        row(
            self.pass_through,
            "prompt is a parameter, read at the callers",
        )?;
        for (reason, &n) in &self.gaps {
            row(n, &format!("gap: {}", reason.as_str()))?;
        }
        Ok(())
    }
}

/// What `-v` says: files considered and parsed, and how much of the prompts was read.
///
/// # Errors
/// If writing fails.
pub fn write_verbose(analysis: &Analysis, out: &mut dyn io::Write) -> io::Result<()> {
    writeln!(
        out,
        "{} considered, {} parsed",
        count(analysis.scanned, "file"),
        analysis.parsed
    )?;
    Reading::of(&analysis.calls).write(out)
}
