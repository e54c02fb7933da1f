//! `deprompt rules`.

use std::io::{self, Write};
use std::path::PathBuf;

use serde::Serialize;

use super::project::Project;
use super::{Error, RulesArgs, RulesFormat, output};
use crate::exit::ExitStatus;
use crate::report::RuleDoc;
use crate::select::Selection;

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    rules: Vec<JsonRule<'a>>,
}

#[derive(Serialize)]
struct JsonRule<'a> {
    id: &'a str,
    category: &'a str,
    kind: &'a str,
    severity: &'static str,
    default: bool,
    enabled: bool,
    precision: &'a str,
    origin: &'a str,
    short: &'a str,
    help: &'a str,
    tags: &'a [String],
}

pub(super) fn run(args: &RulesArgs) -> Result<ExitStatus, Error> {
    let project = Project::open(&[PathBuf::from(".")], &args.settings)?;
    let mut out = output::stdout();
    match args.output_format {
        RulesFormat::Json => {
            let on = Selection::new(&project.rules, &[&project.settings.layer]);
            let document = Document {
                version: 1,
                rules: project
                    .rules
                    .iter()
                    .map(|r| JsonRule {
                        id: &r.id,
                        category: r.category,
                        kind: &r.kind,
                        severity: severity(&project, r),
                        default: r.default_on,
                        enabled: on.contains(&r.id),
                        precision: &r.precision,
                        origin: &r.origin,
                        short: &r.short,
                        help: &r.help_markdown,
                        tags: &r.tags,
                    })
                    .collect(),
            };
            serde_json::to_writer_pretty(&mut out, &document).map_err(io::Error::from)?;
            writeln!(out)?;
        }
        RulesFormat::Markdown => {
            out.write_all(crate::rules::markdown::document(&project.rule_set).as_bytes())?;
        }
        RulesFormat::Text => list(&project, |_| true, &mut out)?,
    }
    out.flush()?;
    Ok(ExitStatus::Clean)
}

/// The severity of a rule in a project.
fn severity(project: &Project, rule: &RuleDoc) -> &'static str {
    let set = project.settings.severity.get(&rule.id);
    set.copied().unwrap_or(rule.severity).as_str()
}

/// Writes the rules that are wanted, one line each.
pub(super) fn list(
    project: &Project,
    wanted: impl Fn(&RuleDoc) -> bool,
    out: &mut dyn Write,
) -> io::Result<()> {
    let on = Selection::new(&project.rules, &[&project.settings.layer]);
    let rules: Vec<&RuleDoc> = project.rules.iter().filter(|r| wanted(r)).collect();
    let width = |f: fn(&RuleDoc) -> usize| rules.iter().map(|r| f(r)).max().unwrap_or(0);
    let (ids, categories) = (width(|r| r.id.len()), width(|r| r.category.len()));
    for r in rules {
        writeln!(
            out,
            "{:ids$}  {:categories$}  {:7}  {:3}  {}",
            r.id,
            r.category,
            severity(project, r),
            if on.contains(&r.id) { "on" } else { "off" },
            r.short,
        )?;
    }
    Ok(())
}
