//! The filter of a run: selection, severities, suppressions and thresholds, in this order.
//!
//! For a file the layers are: defaults, settings, `select`/`extend-select` of its overrides, the
//! command line, `ignore` of its overrides. So the command line narrows or widens what the settings
//! choose, and what is ignored for a path stays ignored.

use std::collections::BTreeMap;

use super::{Layer, Selection};
use crate::config::Settings;
use crate::finding::{Finding, Severity};
use crate::pipeline::Analysis;
use crate::report::{Hidden, RuleDoc};
use crate::source::FileId;
use crate::suppress::{self, Remark};

/// What decides which findings are shown.
#[derive(Debug)]
pub struct Filter<'a> {
    /// All loaded rules.
    pub rules: &'a [RuleDoc],
    /// The settings.
    pub settings: &'a Settings,
    /// Rules chosen on the command line.
    pub command_line: Layer,
    /// Least severity shown.
    pub min_severity: Severity,
    /// Least confidence shown, 0 to 1.
    pub min_confidence: f64,
}

/// What is left.
#[derive(Debug)]
pub struct Filtered {
    /// The findings to show.
    pub findings: Vec<Finding>,
    /// The remarks to show.
    pub remarks: Vec<Remark>,
    /// What is not shown though its rule is on.
    pub hidden: Hidden,
}

/// What holds for one file.
struct OfFile {
    selection: Selection,
    severity: BTreeMap<String, Severity>,
}

impl Filter<'_> {
    /// Filters the findings of an analysis.
    #[must_use]
    pub fn apply(&self, analysis: &Analysis) -> Filtered {
        let of_files: Vec<OfFile> = analysis
            .files
            .iter()
            .map(|(_, file)| self.of_file(file.path()))
            .collect();
        let of = |file: FileId| of_files.get(file.0 as usize);
        let selected =
            |file: FileId, rule: &str| of(file).is_some_and(|o| o.selection.contains(rule));
        let severity =
            |file: FileId, rule: &str| of(file).and_then(|o| o.severity.get(rule)).copied();
        let findings = analysis
            .findings
            .iter()
            .filter(|f| selected(f.primary.file, &f.rule))
            .cloned()
            .map(|mut f| {
                f.severity = severity(f.primary.file, &f.rule).unwrap_or(f.severity);
                f
            })
            .collect();
        let outcome = suppress::apply(
            findings,
            &suppress::Context {
                files: &analysis.files,
                comments: &analysis.comments,
                calls: &analysis.calls,
                rules: self.rules,
                selected: &selected,
                require_reason: self.settings.require_suppression_reason,
            },
        );
        let mut hidden = Hidden {
            suppressed: outcome.suppressed,
            ..Hidden::default()
        };
        let mut findings = outcome.findings;
        findings.retain(|f| {
            if f.severity < self.min_severity {
                hidden.severity += 1;
                false
            } else if f.confidence < self.min_confidence {
                hidden.confidence += 1;
                false
            } else {
                true
            }
        });
        let mut remarks = outcome.remarks;
        remarks.retain_mut(|r| {
            let file = r.location.file;
            r.severity = severity(file, r.rule.id()).unwrap_or(r.severity);
            if !selected(file, r.rule.id()) {
                return false;
            }
            if r.severity < self.min_severity {
                hidden.severity += 1;
                return false;
            }
            true
        });
        Filtered {
            findings,
            remarks,
            hidden,
        }
    }

    fn of_file(&self, path: &std::path::Path) -> OfFile {
        let mut severity = self.settings.severity.clone();
        let mut choose = Vec::new();
        let mut ignore = Vec::new();
        for o in self.settings.overrides_for(path) {
            severity.extend(o.severity.iter().map(|(k, v)| (k.clone(), *v)));
            choose.push(Layer {
                ignore: Vec::new(),
                ..o.layer.clone()
            });
            ignore.push(Layer {
                ignore: o.layer.ignore.clone(),
                ..Layer::default()
            });
        }
        let layers: Vec<&Layer> = std::iter::once(&self.settings.layer)
            .chain(&choose)
            .chain(std::iter::once(&self.command_line))
            .chain(&ignore)
            .collect();
        OfFile {
            selection: Selection::new(self.rules, &layers),
            severity,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Loaded, written};
    use crate::report::sample;

    fn rules(text: &str, command_line: Layer, min_confidence: f64) -> Vec<String> {
        let sample = sample::sample();
        let file = written::read(text).unwrap_or_default();
        let loaded = Loaded {
            path: Some("/w/deprompt.toml".into()),
            text: text.to_owned(),
            file,
        };
        let settings = loaded.validate(&sample.rules).unwrap_or_default();
        let mut analysis = sample.analysis;
        analysis.findings = sample.findings;
        let filter = Filter {
            rules: &sample.rules,
            settings: &settings,
            command_line,
            min_severity: Severity::Note,
            min_confidence,
        };
        let filtered = filter.apply(&analysis);
        filtered
            .findings
            .iter()
            .map(|f| format!("{} {}", f.severity.as_str(), f.rule))
            .collect()
    }

    #[test]
    fn settings_overrides_and_the_command_line() {
        let all = ["warning extract-email", "error sum-numbers"];
        assert_eq!(rules("", Layer::default(), 0.0), all);
        assert_eq!(rules("", Layer::default(), 0.9), all[..1]);
        assert_eq!(
            rules("ignore = ['compute']", Layer::default(), 0.0),
            all[..1]
        );
        let everything = Layer {
            select: Some(vec![super::super::Selector::All]),
            ..Layer::default()
        };
        assert_eq!(rules("ignore = ['compute']", everything.clone(), 0.0), all);
        let notebooks = "[[overrides]]\nfiles = ['**/*.ipynb']\nignore = ['ALL']\n";
        assert_eq!(rules(notebooks, everything, 0.0), all[..1]);
        let severity = "[severity]\nextract-email = 'note'\n[[overrides]]\nfiles = ['notes/**']\nseverity = { sum-numbers = 'warning' }\n";
        assert_eq!(
            rules(severity, Layer::default(), 0.0),
            ["note extract-email", "warning sum-numbers"]
        );
    }
}
