//! What every command stands on: the working directory, the settings and the rules.

use std::path::PathBuf;

use super::{Error, SettingsArgs};
use crate::catalog::Catalog;
use crate::config::{self, Settings};
use crate::discover::{absolute, common_directory, project_root};
use crate::report::{Base, RuleDoc};
use crate::rules::RuleSet;
use crate::suppress::SuppressionRule;

/// Settings and rules, loaded and checked against one another.
pub(super) struct Project {
    pub(super) base: Base,
    pub(super) settings: Settings,
    /// All rules, sorted by id.
    pub(super) rules: Vec<RuleDoc>,
    /// The same rules, ready to match.
    pub(super) rule_set: RuleSet,
    /// The APIs: the built-in ones and those of the settings.
    pub(super) catalog: Catalog,
}

impl Project {
    /// Loads what holds for these paths, as given on the command line.
    pub(super) fn open(paths: &[PathBuf], args: &SettingsArgs) -> Result<Self, Error> {
        let cwd = std::env::current_dir().map_err(|source| Error::File {
            path: ".".to_owned(),
            source,
        })?;
        let paths: Vec<PathBuf> = paths.iter().map(|p| absolute(p, &cwd)).collect();
        let directory = common_directory(&paths).unwrap_or_else(|| cwd.clone());
        let first = common_directory(paths.get(..1).unwrap_or_default());
        let file = match &args.config {
            Some(path) => Some(absolute(path, &cwd)),
            None if args.no_config => None,
            None => config::find(first.as_deref().unwrap_or(&cwd)),
        };
        let loaded = match file {
            Some(path) => config::load(&path)?,
            None => config::Loaded::default(),
        };
        let (catalog, rule_set) = std::thread::scope(|s| {
            let catalog = s.spawn(Catalog::builtin);
            let rule_set = RuleSet::with_dirs(&loaded.rule_directories());
            (catalog.join(), rule_set)
        });
        let rule_set = rule_set?;
        let rules = docs(&rule_set);
        let mut catalog = catalog.unwrap_or_else(|_| Catalog::builtin())?;
        for path in loaded.api_files() {
            let text = std::fs::read_to_string(&path).map_err(|source| Error::File {
                path: path.display().to_string(),
                source,
            })?;
            catalog.add(&path.display().to_string(), &text)?;
        }
        let settings = loaded.validate(&rules)?;
        for wrapper in &settings.wrappers {
            catalog.add_wrapper(wrapper).map_err(Error::Usage)?;
        }
        Ok(Self {
            settings,
            rules,
            rule_set,
            catalog,
            base: Base {
                root: project_root(&directory),
                working_directory: cwd,
            },
        })
    }

    /// The rule with this id.
    pub(super) fn rule(&self, id: &str) -> Result<&RuleDoc, Error> {
        if let Some(rule) = self.rules.iter().find(|r| r.id == id) {
            return Ok(rule);
        }
        let ids = self.rules.iter().map(|r| r.id.as_str());
        let way_out = match crate::select::nearest(id, ids) {
            Some(nearest) => format!("did you mean `{nearest}`?"),
            None => "`deprompt rules` lists the rules".to_owned(),
        };
        Err(Error::Usage(format!("unknown rule `{id}`; {way_out}")))
    }
}

/// All rules that make findings, and the checks of suppressions, sorted by id.
fn docs(rules: &RuleSet) -> Vec<RuleDoc> {
    let mut docs: Vec<RuleDoc> = SuppressionRule::ALL.map(SuppressionRule::doc).into();
    docs.extend(rules.iter().filter_map(RuleDoc::of));
    docs.sort_by(|a, b| a.id.cmp(&b.id));
    docs
}
