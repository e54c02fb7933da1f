//! What every command stands on: the working directory, the settings and the rules.

use std::io::Write;
use std::path::{Path, PathBuf};

use super::{Error, SettingsArgs, Terminal, output};
use crate::catalog::Catalog;
use crate::config::{self, Settings};
use crate::discover::{SETTINGS_FILES, absolute, common_directory, project_root};
use crate::pipeline::{Notice, NoticeLevel};
use crate::report::path::shown;
use crate::report::{Base, RuleDoc};
use crate::rules::RuleSet;
use crate::suppress::SuppressionRule;

/// Settings and rules, loaded and checked against one another.
pub(super) struct Project {
    pub(super) base: Base,
    /// Absolute path of the directory that module resolution and prompt files are confined to.
    pub(super) root: PathBuf,
    /// The settings file; `None` where there is none.
    settings_file: Option<PathBuf>,
    /// Whether it was looked for, rather than named.
    settings_found: bool,
    pub(super) settings: Settings,
    /// All rules, sorted by id.
    pub(super) rules: Vec<RuleDoc>,
    /// The same rules, ready to match.
    pub(super) rule_set: RuleSet,
    /// The APIs: the built-in ones and those of the settings.
    pub(super) catalog: Catalog,
    /// The catalog files of the settings, as their APIs name them.
    pub(super) api_files: Vec<String>,
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
        let file = match &args.config {
            Some(path) => Some(absolute(path, &cwd)),
            None if args.no_config => None,
            // Of all paths, so that their order decides nothing.
            None => config::find(&directory),
        };
        let loaded = match &file {
            Some(path) => config::load(path)?,
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
        let mut api_files = Vec::new();
        for path in loaded.api_files() {
            let name = absolute(&path, &cwd).display().to_string();
            let text = std::fs::read_to_string(&path).map_err(|source| Error::File {
                path: name.clone(),
                source,
            })?;
            catalog.add(&name, &text)?;
            api_files.push(name);
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
            api_files,
            root: project_root(&directory).unwrap_or_else(|| directory.clone()),
            base: Base {
                root: report_root(&directory, &cwd),
                working_directory: cwd,
            },
            settings_file: file,
            settings_found: args.config.is_none(),
        })
    }

    /// Says which settings are used: under `-v` always, otherwise only that another file beside them is not read.
    pub(super) fn announce(&self, terminal: Terminal) {
        let used = self.settings_file.as_deref();
        if terminal.verbose {
            let shown = used.map(|path| shown(path, &self.base.working_directory));
            let shown = shown.unwrap_or_else(|| "none".to_owned());
            // A closed standard error is no reason to stop.
            let _ = writeln!(anstream::stderr().lock(), "settings: {shown}");
        }
        let hidden = used
            .filter(|_| self.settings_found)
            .and_then(config::hidden_by);
        let notice = hidden.map(|path| Notice {
            path,
            line: None,
            level: NoticeLevel::Warning,
            message: format!("not read: {} stands beside it", SETTINGS_FILES[0]),
        });
        output::notices(notice.as_slice(), &self.base, terminal);
    }

    /// The rule with this id.
    pub(super) fn rule(&self, id: &str) -> Option<&RuleDoc> {
        self.rules.iter().find(|r| r.id == id)
    }
}

/// The directory that code hosts know files from: the project's root, or the working directory where
/// nothing marks a root (a source archive, a container) and the files lie below it.
fn report_root(directory: &Path, cwd: &Path) -> PathBuf {
    let unmarked = || {
        if directory.starts_with(cwd) {
            cwd
        } else {
            directory
        }
    };
    project_root(directory).unwrap_or_else(|| unmarked().to_owned())
}

/// All rules that make findings, and the checks of suppressions, sorted by id.
fn docs(rules: &RuleSet) -> Vec<RuleDoc> {
    let mut docs: Vec<RuleDoc> = SuppressionRule::ALL.map(SuppressionRule::doc).into();
    docs.extend(rules.iter().filter_map(RuleDoc::of));
    docs.sort_by(|a, b| a.id.cmp(&b.id));
    docs
}
