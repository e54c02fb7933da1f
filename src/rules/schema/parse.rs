//! Reading a rule: the TOML of its file, checked for what its kind needs.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use serde_spanned::Spanned;

use super::{
    Case, Conditions, Example, Kind, Precision, Rule, Signature, Strength, SuggestionTemplate,
    Variant, reply_kind,
};
use crate::finding::{Category, Severity};
use crate::language::Language;
use crate::rules::error::{RuleError, line_of, toml_error};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    id: Spanned<String>,
    #[serde(default)]
    category: Option<Category>,
    kind: Spanned<Kind>,
    #[serde(default)]
    strength: Option<Strength>,
    what: String,
    #[serde(default)]
    why: String,
    #[serde(default)]
    instead: String,
    #[serde(default)]
    severity: Option<Severity>,
    #[serde(default = "yes")]
    default: bool,
    #[serde(default)]
    precision: Precision,
    #[serde(default)]
    tags: Vec<String>,
    #[serde(default)]
    any: Vec<Spanned<String>>,
    #[serde(default)]
    not: Vec<Spanned<String>>,
    #[serde(default)]
    when: Conditions,
    #[serde(default)]
    signature: Option<Signature>,
    #[serde(default)]
    suggest: BTreeMap<Language, SuggestionTemplate>,
    #[serde(default, rename = "variant")]
    variants: Vec<Variant>,
    #[serde(default)]
    example: Option<Example>,
    #[serde(default)]
    references: Vec<String>,
    #[serde(default, rename = "match")]
    matches: Vec<Case>,
    #[serde(default, rename = "no_match")]
    no_matches: Vec<Case>,
}

const fn yes() -> bool {
    true
}

/// What is wrong with a rule, and the byte of its file where that stands.
type Problem = (usize, String);

/// Reads one rule.
///
/// # Errors
/// Where the text is no TOML, has a key that the format does not know, or leaves out what its kind
/// needs.
pub fn parse_rule(path: &Path, text: &str) -> Result<Rule, RuleError> {
    let raw: Raw = toml::from_str(text).map_err(|e| toml_error(path, text, &e))?;
    checked(raw, path, text).map_err(|(at, message)| RuleError {
        path: path.to_owned(),
        line: Some(line_of(text, at)),
        message,
    })
}

/// The rule that was written, if it is complete and its parts fit together.
fn checked(raw: Raw, path: &Path, text: &str) -> Result<Rule, Problem> {
    check_id(&raw.id, path)?;
    let category = category(&raw)?;
    let strength = strength(&raw)?;
    check_content(&raw)?;
    let lines = |v: &[Spanned<String>]| v.iter().map(|s| line_of(text, s.span().start)).collect();
    let pattern_lines = (lines(&raw.any), lines(&raw.not));
    let kind = raw.kind.into_inner();
    let severity = raw.severity.unwrap_or(match kind {
        Kind::Constraint | Kind::Sentinel => Severity::Note,
        _ => Severity::Warning,
    });
    Ok(Rule {
        id: raw.id.into_inner(),
        category,
        kind,
        strength,
        what: raw.what,
        why: raw.why,
        instead: raw.instead,
        severity,
        default: raw.default,
        precision: raw.precision,
        tags: raw.tags,
        any: raw.any.into_iter().map(Spanned::into_inner).collect(),
        not: raw.not.into_iter().map(Spanned::into_inner).collect(),
        when: raw.when,
        signature: raw.signature,
        suggest: raw.suggest,
        variants: raw.variants,
        example: raw.example,
        references: raw.references,
        matches: raw.matches,
        no_matches: raw.no_matches,
        path: path.to_owned(),
        pattern_lines,
    })
}

/// An id is words joined by hyphens, and names the file.
fn check_id(id: &Spanned<String>, path: &Path) -> Result<(), Problem> {
    let at = id.span().start;
    let id = id.get_ref();
    if id.is_empty()
        || !id
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    {
        return Err((
            at,
            format!("id `{id}` must be lower-case words joined by hyphens"),
        ));
    }
    if path.file_stem().is_some_and(|s| s.to_string_lossy() != *id) {
        return Err((at, format!("id `{id}` must be the name of the file")));
    }
    Ok(())
}

/// The category of a rule's findings: what is written, or the only one that goes with its kind.
fn category(raw: &Raw) -> Result<Option<Category>, Problem> {
    let message = match (*raw.kind.get_ref(), raw.category) {
        (Kind::Judgement | Kind::Neutral, None) => return Ok(None),
        (Kind::Judgement | Kind::Neutral, Some(_)) => {
            "a judgement or neutral rule has no category".to_owned()
        }
        (Kind::Contract, None | Some(Category::OutputContract)) => return Ok(Some(Category::OutputContract)),
        (Kind::Constraint, None | Some(Category::Constraint)) => return Ok(Some(Category::Constraint)),
        (Kind::Sentinel, None | Some(Category::Sentinel)) => return Ok(Some(Category::Sentinel)),
        (Kind::Scraping, None | Some(Category::OutputScraping)) => return Ok(Some(Category::OutputScraping)),
        (Kind::Task, Some(c)) if !c.is_reply() => return Ok(Some(c)),
        (Kind::Task, _) => {
            "a task rule needs a category: parse, extract, format, convert, validate, compute, collection, text-edit, lookup, branch, execute or generate".to_owned()
        }
        (_, Some(c)) => format!("category `{}` does not go with this kind", c.as_str()),
    };
    Err((raw.kind.span().start, message))
}

/// How much a rule's match says: judgement has strengths of its own.
fn strength(raw: &Raw) -> Result<Strength, Problem> {
    let message = match (raw.kind.get_ref(), raw.strength) {
        (Kind::Judgement, Some(s @ (Strength::Hard | Strength::Medium | Strength::Soft))) => {
            return Ok(s);
        }
        (Kind::Judgement, _) => "a judgement rule needs strength: hard, medium or soft",
        (_, None) => return Ok(Strength::Strong),
        (_, Some(s @ (Strength::Strong | Strength::Weak))) => return Ok(s),
        (_, Some(_)) => "strength must be strong or weak",
    };
    Err((raw.kind.span().start, message.to_owned()))
}

/// A rule recognises something: uses of the reply, words or types.
fn check_content(raw: &Raw) -> Result<(), Problem> {
    if *raw.kind.get_ref() == Kind::Scraping {
        let at = raw.kind.span().start;
        if let Some(bad) = raw.when.reply.iter().find(|r| reply_kind(r).is_none()) {
            return Err((at, format!("unknown reply use `{bad}`")));
        }
        if raw.when.reply.is_empty() {
            return Err((at, "a scraping rule needs `when.reply`".to_owned()));
        }
    } else if raw.any.is_empty() && raw.signature.is_none() {
        return Err((
            raw.id.span().start,
            "a rule needs patterns (`any`) or a `[signature]`".to_owned(),
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(text: &str) -> String {
        parse_rule(Path::new("rules/eat-figs.toml"), text).map_or_else(|e| e.to_string(), |r| r.id)
    }

    #[test]
    fn errors_name_line_and_remedy() {
        let head = "id = \"eat-figs\"\n";
        assert!(
            message(&format!("{head}kind = \"task\"\nwhat = \"x\"\nany = ['a']"))
                .contains(":2: a task rule needs a category")
        );
        assert!(
            message(&format!("{head}kind = \"contract\"\nwhat = \"x\""))
                .contains(":1: a rule needs patterns")
        );
        assert!(
            message(&format!(
                "{head}kind = \"judgement\"\nwhat = \"x\"\nany = ['a']"
            ))
            .contains("hard, medium or soft")
        );
        assert!(
            message(&format!(
                "{head}kind = \"neutral\"\nwhat = \"x\"\nanny = ['a']"
            ))
            .contains(":4: unknown field `anny`")
        );
        assert!(
            message("id = \"Eat\"\nkind = \"neutral\"\nwhat = \"x\"\nany = ['a']")
                .contains("lower-case")
        );
        assert_eq!(
            message(&format!(
                "{head}kind = \"neutral\"\nwhat = \"x\"\nany = ['a']"
            )),
            "eat-figs"
        );
    }
}
