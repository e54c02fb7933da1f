//! Settings: `deprompt.toml` found, read and validated.
//!
//! What is written ([`written::SettingsFile`]) and what the program uses ([`Settings`]) are two
//! types; everything that can be wrong is found between them and shown on the TOML itself
//! ([`problem::Problems`]). Paths and patterns are relative to the settings file.

pub mod problem;
mod validate;
pub mod written;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use globset::GlobSet;

use crate::catalog::HouseWrapper;
use crate::discover::SETTINGS_FILES;
use crate::finding::Severity;
use crate::select::{FailOn, Layer};

/// The commented settings file that `deprompt init` writes.
pub const TEMPLATE: &str = include_str!("config/template.toml");

/// What a run uses.
#[derive(Debug, Default)]
pub struct Settings {
    /// Directory of the settings file; `None` where there is none.
    pub directory: Option<PathBuf>,
    /// Rules chosen for every file.
    pub layer: Layer,
    /// Least severity shown.
    pub min_severity: Option<Severity>,
    /// Least confidence shown, 0 to 1.
    pub min_confidence: Option<f64>,
    /// Least severity that makes a run fail.
    pub fail_on: Option<FailOn>,
    /// Files and directories left out, in `.gitignore` syntax.
    pub exclude: Vec<String>,
    /// Severities by rule id.
    pub severity: BTreeMap<String, Severity>,
    /// What holds for some files only, in order.
    pub overrides: Vec<Override>,
    /// Whether a suppression has to give a reason.
    pub require_suppression_reason: bool,
    /// House wrappers, for the API catalog.
    pub wrappers: Vec<HouseWrapper>,
}

/// What holds for some files only.
#[derive(Debug)]
pub struct Override {
    /// The files, relative to the settings file.
    pub files: GlobSet,
    /// Rules chosen for them.
    pub layer: Layer,
    /// Severities by rule id.
    pub severity: BTreeMap<String, Severity>,
}

impl Settings {
    /// The overrides that hold for a file (absolute path), in order.
    pub fn overrides_for<'a>(&'a self, path: &Path) -> impl Iterator<Item = &'a Override> {
        let inside = self
            .directory
            .as_deref()
            .and_then(|d| path.strip_prefix(d).ok())
            .map(Path::to_owned);
        self.overrides
            .iter()
            .filter(move |o| inside.as_deref().is_some_and(|p| o.files.is_match(p)))
    }
}

/// A settings file as read, before its rule ids can be checked.
#[derive(Debug, Default)]
pub struct Loaded {
    /// Its path; `None` where there is none.
    pub path: Option<PathBuf>,
    /// Its text, for messages.
    pub text: String,
    /// What it says.
    pub file: written::SettingsFile,
}

impl Loaded {
    /// The extra rule directories, absolute.
    #[must_use]
    pub fn rule_directories(&self) -> Vec<PathBuf> {
        self.resolve(self.file.rules.iter().flatten())
    }

    /// The extra API catalogs, absolute.
    #[must_use]
    pub fn api_files(&self) -> Vec<PathBuf> {
        self.resolve(self.file.apis.iter().flatten())
    }

    fn resolve<'a>(
        &self,
        paths: impl Iterator<Item = &'a serde_spanned::Spanned<PathBuf>>,
    ) -> Vec<PathBuf> {
        let directory = self.path.as_deref().and_then(Path::parent);
        let directory = directory.unwrap_or(Path::new(""));
        paths.map(|p| directory.join(p.get_ref())).collect()
    }
}

/// Why settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file cannot be read.
    #[error("cannot read the settings file {}: {}", path.display(), crate::discover::cause(source))]
    Read {
        /// The file.
        path: PathBuf,
        /// The operating system's answer.
        source: std::io::Error,
    },
    /// Something in it is wrong.
    #[error("{0}")]
    Invalid(Box<problem::Problems>),
}

/// The settings file that holds for a directory (absolute): the closest one upward.
#[must_use]
pub fn find(directory: &Path) -> Option<PathBuf> {
    directory.ancestors().find_map(|d| {
        SETTINGS_FILES
            .iter()
            .map(|name| d.join(name))
            .find(|p| p.is_file())
    })
}

/// The settings file that stands beside the one that is used, and is not read for that.
#[must_use]
pub fn hidden_by(used: &Path) -> Option<PathBuf> {
    let [first, second] = SETTINGS_FILES;
    let other = used.with_file_name(second);
    let hidden = used.file_name().is_some_and(|n| n == first) && other.is_file();
    hidden.then_some(other)
}

/// Reads a settings file.
///
/// # Errors
/// If it cannot be read, is no TOML, or has unknown keys or values of a wrong type.
pub fn load(path: &Path) -> Result<Loaded, Error> {
    let text = std::fs::read_to_string(path).map_err(|source| Error::Read {
        path: path.to_owned(),
        source,
    })?;
    let file = written::read(&text).map_err(|problems| {
        Error::Invalid(Box::new(problem::Problems::new(path, &text, problems)))
    })?;
    Ok(Loaded {
        path: Some(path.to_owned()),
        text,
        file,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::RuleDoc;

    #[test]
    fn the_template_is_valid() -> Result<(), Box<dyn std::error::Error>> {
        // What it says holds of the rules that there are.
        let set = crate::rules::RuleSet::builtin()?;
        let rules: Vec<RuleDoc> = set.iter().filter_map(RuleDoc::of).collect();
        let uncommented: String = TEMPLATE
            .lines()
            .map(|l| {
                l.strip_prefix("# ")
                    .filter(|l| l.contains(" = ") || l.starts_with('['))
            })
            .zip(TEMPLATE.lines())
            .map(|(code, line)| format!("{}\n", code.unwrap_or(line)))
            .collect();
        for text in [TEMPLATE, &uncommented] {
            let file = written::read(text).map_err(|p| format!("{p:?}\n{text}"))?;
            let loaded = Loaded {
                path: Some(PathBuf::from("/p/deprompt.toml")),
                text: text.to_owned(),
                file,
            };
            loaded.validate(&rules)?;
        }
        Ok(())
    }
}
