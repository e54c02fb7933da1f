//! `deprompt explain`.

use std::io::Write;
use std::path::PathBuf;

use super::project::Project;
use super::{Error, SettingsArgs, output};
use crate::exit::ExitStatus;

pub(super) fn run(id: &str, settings: &SettingsArgs) -> Result<ExitStatus, Error> {
    let project = Project::open(&[PathBuf::from(".")], settings)?;
    let rule = project.rule(id)?;
    let mut out = output::stdout();
    writeln!(out, "{}: {}\n", rule.id, rule.short)?;
    writeln!(
        out,
        "category {}, severity {}, precision {}, {} by default, {}\n",
        rule.category,
        rule.severity.as_str(),
        rule.precision,
        if rule.default_on { "on" } else { "off" },
        rule.origin
    )?;
    writeln!(out, "{}\n", rule.help_text.trim_end())?;
    if rule.category != crate::suppress::CATEGORY {
        writeln!(
            out,
            "To keep a prompt as it is: `deprompt: ignore[{}] reason` in a comment above it.",
            rule.id
        )?;
    }
    out.flush()?;
    Ok(ExitStatus::Clean)
}
