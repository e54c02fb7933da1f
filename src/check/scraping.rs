//! Findings about the code that cleans or parses the reply.

use super::findings::finding;
use crate::calls::{LlmCall, Structured};
use crate::finding::{Finding, Label, LabelKind, Verdict};
use crate::pipeline::FileTable;
use crate::rules::schema::StructuredName;
use crate::rules::{Kind, RuleSet};
use crate::source::Location;

/// Lines within which uses of one rule are one finding.
const NEAR: usize = 2;

/// One finding per rule and place.
pub(super) fn findings(call: &LlmCall, files: &FileTable, rules: &RuleSet) -> Vec<Finding> {
    let mut out: Vec<Finding> = Vec::new();
    for (index, rule) in rules.of_kind(Kind::Scraping) {
        let fits = rule.when.structured.is_empty()
            || rule.when.structured.iter().any(|s| {
                matches!(
                    (s, call.structured),
                    (StructuredName::None, Structured::None)
                        | (StructuredName::JsonMode, Structured::JsonMode)
                        | (StructuredName::Schema, Structured::Schema)
                )
            });
        if !fits {
            continue;
        }
        let mut last: Option<Location> = None;
        let mut uses: Vec<_> = call
            .reply_uses
            .iter()
            .filter(|u| rule.when.reply.iter().any(|r| r == u.kind.as_str()))
            .filter(|u| rules.detail(index, u.detail.as_deref().unwrap_or_default()))
            .collect();
        uses.sort_by_key(|u| u.location);
        for u in uses {
            if let Some(l) = last
                && near(files, l, u.location)
                && let Some(f) = out.last_mut()
            {
                if f.primary != u.location {
                    f.labels.push(Label {
                        location: u.location,
                        message: "and here".to_owned(),
                        kind: LabelKind::ReplyUse,
                    });
                }
                last = Some(u.location);
                continue;
            }
            let detail = u.detail.clone().unwrap_or_default();
            let mut f = finding(call, rule, Verdict::Partial, u.location, detail);
            f.evidence = vec![format!("the reply goes through {}", u.kind.as_str())];
            out.push(f);
            last = Some(u.location);
        }
    }
    out
}

fn near(files: &FileTable, a: Location, b: Location) -> bool {
    if a.file != b.file {
        return false;
    }
    let Some((_, file)) = files.iter().find(|(id, _)| *id == a.file) else {
        return a == b;
    };
    file.line_index(a.span.start)
        .abs_diff(file.line_index(b.span.start))
        <= NEAR
}
