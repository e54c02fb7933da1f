//! Saying each thing once: a prompt that several calls send, a contract that one prompt repeats.

use crate::finding::{CallRef, Category, Finding, Label, LabelKind};
use crate::pipeline::FileTable;
use crate::source::Location;

/// Sorts findings by place, then rule, then call.
pub(super) fn sort(findings: &mut [Finding]) {
    findings.sort_by(|a, b| key(a).cmp(&key(b)));
}

fn key(f: &Finding) -> (Location, &str, Location) {
    (f.primary, f.rule.as_str(), f.call.location)
}

/// Folds the findings of a run: the same words with the same category and verdict are one finding,
/// whatever number of calls sends them; its labels name the further ones. Where one prompt is
/// deterministic for one call and partial for another, both are said.
pub(super) fn fold(mut findings: Vec<Finding>, files: &FileTable) -> Vec<Finding> {
    sort(&mut findings);
    let mut out: Vec<Finding> = Vec::with_capacity(findings.len());
    for f in findings {
        let same = out
            .iter_mut()
            .rev()
            .take_while(|o| o.primary == f.primary)
            .find(|o| {
                o.category == f.category
                    && o.verdict == f.verdict
                    // A helper may clean and parse: two findings of one call.
                    && (f.category != Category::OutputScraping || o.rule == f.rule)
            });
        match same {
            Some(o) => merge(o, f),
            None => out.push(f),
        }
    }
    contracts(out, files)
}

/// Takes in a finding about the same words that another call sends.
fn merge(o: &mut Finding, f: Finding) {
    let known = |o: &Finding, c: &CallRef| {
        o.call.location == c.location || o.also.iter().any(|a| a.location == c.location)
    };
    for call in std::iter::once(f.call).chain(f.also) {
        if known(o, &call) {
            continue;
        }
        let message = match o.category {
            Category::OutputScraping => ALSO_READ,
            _ => ALSO,
        };
        o.labels.push(Label {
            location: call.location,
            message: message.to_owned(),
            kind: LabelKind::Call,
        });
        o.also.push(call);
    }
    o.confidence = o.confidence.max(f.confidence);
}

/// What the label of a further call says.
const ALSO: &str = "also sent by this call";
/// The same where the finding is about its reply.
const ALSO_READ: &str = "the reply of this call goes through it as well";

/// Whether two findings begin on one line.
fn together(o: &Finding, f: &Finding, files: &FileTable) -> bool {
    o.primary.file == f.primary.file
        && files.find(o.primary.file).is_none_or(|file| {
            file.line_index(o.primary.span.start) == file.line_index(f.primary.span.start)
        })
}

/// What the label of a plea that was taken in says.
const AGAIN: &str = "the reply's form, again";

/// Pleas for one form of the reply on one line are one finding: the surest; the others are its
/// labels. A plea on another line is said by itself, for it has to go as well.
fn contracts(findings: Vec<Finding>, files: &FileTable) -> Vec<Finding> {
    let mut out: Vec<Finding> = Vec::with_capacity(findings.len());
    for f in findings {
        let same = out.iter().position(|o| {
            f.category == Category::OutputContract
                && o.category == f.category
                && o.call.location == f.call.location
                && o.verdict == f.verdict
                && together(o, &f, files)
        });
        let Some(i) = same else {
            out.push(f);
            continue;
        };
        let Some(o) = out.get_mut(i) else { continue };
        let (mut keep, other) = if f.confidence > o.confidence {
            (f, o.clone())
        } else {
            (o.clone(), f)
        };
        keep.labels
            .extend(other.labels.into_iter().filter(|l| l.message == AGAIN));
        keep.labels.push(Label {
            location: other.primary,
            message: AGAIN.to_owned(),
            kind: LabelKind::Other,
        });
        for call in other.also {
            let known = keep.call.location == call.location
                || keep.also.iter().any(|a| a.location == call.location);
            if !known {
                keep.also.push(call);
            }
        }
        if keep.suggestion.is_none() {
            keep.suggestion = other.suggestion;
        }
        *o = keep;
    }
    sort(&mut out);
    out
}
