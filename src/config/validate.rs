//! From what is written to what is used: rule ids, globs and ranges are checked here.

use std::collections::BTreeMap;
use std::path::Path;

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use serde_spanned::Spanned;

use super::problem::{Problem, Problems};
use super::written::{FailOnWord, Severities, SeverityWord, Words, WrapperTable};
use super::{Error, Loaded, Override, Settings};
use crate::catalog::{Catalog, HouseCallee, HouseWrapper};
use crate::discover::exclude_pattern;
use crate::finding::Severity;
use crate::report::RuleDoc;
use crate::select::{FailOn, Layer, Selector, UnknownRule};

impl Loaded {
    /// Checks a settings file against the rules that were loaded.
    ///
    /// # Errors
    /// All unknown rule ids, invalid globs and numbers out of range.
    pub fn validate(&self, rules: &[RuleDoc]) -> Result<Settings, Error> {
        let mut check = Check {
            rules,
            problems: Vec::new(),
        };
        let file = &self.file;
        let severity = check.severities(file.severity.as_ref());
        let settings = Settings {
            directory: self
                .path
                .as_deref()
                .and_then(Path::parent)
                .map(Path::to_owned),
            layer: severity.switch_off(check.layer(
                &file.select,
                &file.extend_select,
                &file.ignore,
            )),
            min_severity: file.min_severity,
            min_confidence: check.confidence(file.min_confidence.as_ref()),
            fail_on: file.fail_on.map(|w| match w {
                FailOnWord::Note => FailOn::Severity(Severity::Note),
                FailOnWord::Warning => FailOn::Severity(Severity::Warning),
                FailOnWord::Error => FailOn::Severity(Severity::Error),
                FailOnWord::Never => FailOn::Never,
            }),
            exclude: check.patterns(file.exclude.as_deref().unwrap_or_default()),
            severity: severity.set,
            overrides: file
                .overrides
                .iter()
                .flatten()
                .map(|o| {
                    let severity = check.severities(o.severity.as_ref());
                    Override {
                        files: check.globs(&o.files),
                        layer: severity.switch_off(check.layer(
                            &o.select,
                            &o.extend_select,
                            &o.ignore,
                        )),
                        severity: severity.set,
                    }
                })
                .collect(),
            require_suppression_reason: file.require_suppression_reason.unwrap_or(false),
            wrappers: check.wrappers(file.wrapper.as_deref().unwrap_or_default()),
        };
        if check.problems.is_empty() {
            return Ok(settings);
        }
        check.problems.sort_by_key(|p| p.span.start);
        let path = self.path.as_deref().unwrap_or(Path::new("deprompt.toml"));
        Err(Error::Invalid(Box::new(Problems::new(
            path,
            &self.text,
            check.problems,
        ))))
    }
}

/// What a `[severity]` table says, rule by rule.
#[derive(Default)]
struct SeverityOf {
    set: BTreeMap<String, Severity>,
    off: Vec<Selector>,
}

impl SeverityOf {
    /// A layer without the rules that are off.
    fn switch_off(&self, mut layer: Layer) -> Layer {
        layer.ignore.extend(self.off.iter().cloned());
        layer
    }
}

struct Check<'a> {
    rules: &'a [RuleDoc],
    problems: Vec<Problem>,
}

impl Check<'_> {
    fn layer(
        &mut self,
        select: &Option<Words>,
        extend: &Option<Words>,
        ignore: &Option<Words>,
    ) -> Layer {
        Layer {
            select: select.as_ref().map(|words| self.selectors(words)),
            extend_select: self.selectors(extend.as_deref().unwrap_or_default()),
            ignore: self.selectors(ignore.as_deref().unwrap_or_default()),
        }
    }

    fn selectors(&mut self, words: &[Spanned<String>]) -> Vec<Selector> {
        let mut out = Vec::new();
        for word in words {
            match Selector::parse(word.get_ref(), self.rules) {
                Ok(s) => out.push(s),
                Err(unknown) => self.unknown_rule(word, unknown),
            }
        }
        out
    }

    fn unknown_rule(&mut self, word: &Spanned<String>, unknown: UnknownRule) {
        let message = format!("unknown rule or category `{}`", unknown.name);
        let mut p = Problem::new(word.span(), message);
        match unknown.nearest {
            Some(n) => p.label = format!("did you mean `{n}`?"),
            None => p.notes.push("`deprompt rules` lists the rules".to_owned()),
        }
        self.problems.push(p);
    }

    fn confidence(&mut self, value: Option<&Spanned<f64>>) -> Option<f64> {
        let value = value?;
        if !(0.0..=1.0).contains(value.get_ref()) {
            let message = "`min-confidence` lies between 0 and 1".to_owned();
            self.problems.push(Problem::new(value.span(), message));
        }
        Some(*value.get_ref())
    }

    fn severities(&mut self, written: Option<&Severities>) -> SeverityOf {
        let mut of_rules = BTreeMap::new();
        let mut of_categories = BTreeMap::new();
        for (name, &severity) in written.into_iter().flatten() {
            match Selector::parse(name.get_ref(), self.rules) {
                Ok(Selector::Rule(id)) => {
                    of_rules.insert(id, severity);
                }
                Ok(Selector::Category(category)) => {
                    of_categories.insert(category, severity);
                }
                Ok(Selector::All) => {
                    let message = format!("`{}` is no rule and no category", name.get_ref());
                    let mut p = Problem::new(name.span(), message);
                    p.notes
                        .push("severities are set for rules or categories".to_owned());
                    self.problems.push(p);
                }
                Err(unknown) => self.unknown_rule(name, unknown),
            }
        }
        let mut out = SeverityOf::default();
        for rule in self.rules {
            // What is said of a rule counts more than what is said of its category.
            let word = of_rules.get(&rule.id);
            match word.or_else(|| of_categories.get(rule.category)) {
                Some(SeverityWord::Off) => out.off.push(Selector::Rule(rule.id.clone())),
                Some(word) => {
                    let severity = word.severity();
                    out.set.extend(severity.map(|s| (rule.id.clone(), s)));
                }
                None => {}
            }
        }
        out
    }

    fn patterns(&mut self, words: &[Spanned<String>]) -> Vec<String> {
        let mut out = Vec::new();
        for word in words {
            match exclude_pattern(word.get_ref()) {
                Ok(pattern) => out.push(pattern),
                Err(e) => {
                    let message = format!("invalid pattern in `exclude`: {e}");
                    self.problems.push(Problem::new(word.span(), message));
                }
            }
        }
        out
    }

    fn wrappers(&mut self, tables: &[Spanned<WrapperTable>]) -> Vec<HouseWrapper> {
        let mut out = Vec::new();
        for table in tables {
            let t = table.get_ref();
            let callee = match (&t.function, &t.method) {
                (Some(f), None) => HouseCallee::Function(f.clone()),
                (None, Some(m)) => HouseCallee::Method(m.clone()),
                _ => {
                    let message = "a wrapper has a `function` or a `method`".to_owned();
                    self.problems.push(Problem::new(table.span(), message));
                    continue;
                }
            };
            let wrapper = HouseWrapper {
                callee,
                languages: t.languages.clone(),
                prompt: t.prompt.clone(),
                system: t.system.clone(),
                structured: t.structured.clone(),
            };
            // What the catalog would not take is said here, where the TOML can be shown.
            match Catalog::default().add_wrapper(&wrapper) {
                Ok(()) => out.push(wrapper),
                Err(message) => self.problems.push(Problem::new(table.span(), message)),
            }
        }
        out
    }

    fn globs(&mut self, words: &[Spanned<String>]) -> GlobSet {
        let mut set = GlobSetBuilder::new();
        for word in words {
            let written = word.get_ref().as_str();
            match GlobBuilder::new(written.strip_prefix("./").unwrap_or(written))
                .literal_separator(true)
                .build()
            {
                Ok(glob) => {
                    set.add(glob);
                }
                Err(e) => {
                    let message = format!("invalid glob in `files`: {}", e.kind());
                    self.problems.push(Problem::new(word.span(), message));
                }
            }
        }
        set.build().unwrap_or_else(|_| GlobSet::empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::written;

    fn outcome(text: &str) -> Result<Settings, String> {
        let path = Path::new("deprompt.toml");
        let file = written::read(text).map_err(|p| Problems::new(path, text, p).to_string())?;
        let rules = [
            RuleDoc::new("extract-email", "extract"),
            RuleDoc::new("count-words", "compute"),
        ];
        Loaded {
            path: Some(path.to_owned()),
            text: text.to_owned(),
            file,
        }
        .validate(&rules)
        .map_err(|e| e.to_string())
    }

    #[test]
    fn a_full_file() -> Result<(), String> {
        let s = outcome(
            "select = ['extract']\nmin-confidence = 0.5\nfail-on = 'never'\n[severity]\ncount-words = 'error'\n[[overrides]]\nfiles = ['tests/**']\nignore = ['ALL']\n[[wrapper]]\nfunction = 'a.ask'\nprompt = 'arg:0|prompt'\n",
        )?;
        assert_eq!(s.fail_on, Some(FailOn::Never));
        assert_eq!(s.severity.get("count-words"), Some(&Severity::Error));
        assert_eq!(s.overrides.len(), 1);
        assert_eq!(s.wrappers.len(), 1);
        Ok(())
    }

    #[test]
    fn severities_of_categories_and_off() -> Result<(), String> {
        let s = outcome(
            "[severity]\nextract = 'off'\ncompute = 'error'\ncount-words = 'note'\n[[overrides]]\nfiles = ['./a.py']\nseverity = { compute = 'off' }\n",
        )?;
        assert_eq!(s.severity.get("count-words"), Some(&Severity::Note));
        assert_eq!(s.severity.get("extract-email"), None);
        assert_eq!(s.layer.ignore, [Selector::Rule("extract-email".to_owned())]);
        let o = &s.overrides[0];
        assert_eq!(o.layer.ignore, [Selector::Rule("count-words".to_owned())]);
        assert!(o.files.is_match("a.py") && !o.files.is_match("b/a.py"));
        Ok(())
    }

    #[test]
    fn problems_are_shown_on_the_toml() {
        let shown = |text: &str| outcome(text).err().unwrap_or_default();
        insta::assert_snapshot!(shown("ingore = []\nzzz = 1\n"));
        insta::assert_snapshot!(shown(
            "select = ['extract-emial', 'compute']\nmin-confidence = 7.0\n[severity]\nALL = 'note'\n"
        ));
        insta::assert_snapshot!(shown("min-severity = 'high'\n"));
        insta::assert_snapshot!(shown("ignore = 'extract'\n"));
        insta::assert_snapshot!(shown("ignore = [\n"));
        insta::assert_snapshot!(shown("[[overrides]]\nfile = ['a']\n"));
        insta::assert_snapshot!(shown("[[overrides]]\nfiles = ['a{']\n"));
        insta::assert_snapshot!(shown("[[wrapper]]\nprompt = 'arg:0'\n"));
        insta::assert_snapshot!(shown("[[wrapper]]\nfunctoin = 'ask'\nprompt = 'arg:0'\n"));
        insta::assert_snapshot!(shown("[[wrapper]]\nfunction = 'ask'\nprompt = 'arg:x'\n"));
    }
}
