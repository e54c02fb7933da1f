//! `deprompt explain`: one rule, or the list of a category.

use std::io::{self, Write};
use std::path::PathBuf;

use super::project::Project;
use super::{Error, SettingsArgs, output, rules};
use crate::exit::ExitStatus;
use crate::report::RuleDoc;

pub(super) fn run(name: &str, settings: &SettingsArgs) -> Result<ExitStatus, Error> {
    let project = Project::open(&[PathBuf::from(".")], settings)?;
    let name = name.to_lowercase();
    let mut out = output::stdout();
    if let Some(rule) = project.rule(&name) {
        explain(rule, &mut out)?;
    } else if project.rules.iter().any(|r| r.category == name) {
        rules::list(&project, |r| r.category == name, &mut out)?;
    } else {
        return Err(unknown(&name, &project.rules));
    }
    out.flush()?;
    Ok(ExitStatus::Clean)
}

fn unknown(name: &str, rules: &[RuleDoc]) -> Error {
    let known = rules.iter().flat_map(|r| [r.id.as_str(), r.category]);
    let way_out = match crate::select::nearest(name, known) {
        Some(nearest) => format!("did you mean `{nearest}`?"),
        None => "`deprompt rules` lists the rules".to_owned(),
    };
    Error::Usage(format!("unknown rule or category `{name}`; {way_out}"))
}

fn explain(rule: &RuleDoc, out: &mut dyn Write) -> io::Result<()> {
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
    Ok(())
}
