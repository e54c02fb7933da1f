//! Saying each thing once: a prompt that several calls send, a contract that one prompt repeats.

use crate::finding::{Category, Finding, Label, LabelKind, Verdict};

/// Sorts findings by place, then rule, then call.
pub(super) fn sort(findings: &mut [Finding]) {
    findings.sort_by(|a, b| key(a).cmp(&key(b)));
}

fn key(f: &Finding) -> (crate::source::Location, &str, crate::source::Location) {
    (f.primary, f.rule.as_str(), f.call.location)
}

/// Folds the findings of a run. A `partial` finding at the same place with the same category is one
/// finding, whose labels name the further calls; a `replace` finding is about its call and stays.
/// Where one prompt is deterministic for one call and partial for another, both are said.
pub(super) fn fold(mut findings: Vec<Finding>) -> Vec<Finding> {
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
                    && (f.verdict == Verdict::Partial || o.call.location == f.call.location)
            });
        match same {
            Some(o) => {
                let l = Label {
                    location: f.call.location,
                    message: "also sent by this call".to_owned(),
                    kind: LabelKind::Call,
                };
                if o.call.location != l.location
                    && o.labels.iter().all(|x| x.location != l.location)
                {
                    o.labels.push(l);
                }
            }
            None => out.push(f),
        }
    }
    contracts(out)
}

/// One contract finding per call and file of its prompt: the surest; the others are its labels.
fn contracts(findings: Vec<Finding>) -> Vec<Finding> {
    let mut out: Vec<Finding> = Vec::with_capacity(findings.len());
    for f in findings {
        let same = out.iter().position(|o| {
            f.category == Category::OutputContract
                && o.category == f.category
                && o.call.location == f.call.location
                && o.primary.file == f.primary.file
                && o.verdict == f.verdict
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
        keep.labels.extend(
            other
                .labels
                .into_iter()
                .filter(|l| l.message == "the reply's form, again"),
        );
        keep.labels.push(Label {
            location: other.primary,
            message: "the reply's form, again".to_owned(),
            kind: LabelKind::Other,
        });
        if keep.suggestion.is_none() {
            keep.suggestion = other.suggestion;
        }
        *o = keep;
    }
    sort(&mut out);
    out
}
