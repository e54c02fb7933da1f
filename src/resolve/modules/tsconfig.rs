//! The TypeScript configuration in force for a directory: where paths begin and what their aliases mean.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError};

use serde::Deserialize;

use super::ancestors;
use crate::project::{Project, normalize};

#[derive(Debug)]
pub(super) struct TsConfig {
    /// Where paths that are not relative begin.
    pub(super) base: PathBuf,
    /// Aliases, each with what may stand for it.
    pub(super) paths: Vec<(String, Vec<String>)>,
}

#[derive(Deserialize)]
struct RawTsConfig {
    extends: Option<serde_json::Value>,
    #[serde(rename = "compilerOptions")]
    compiler_options: Option<RawCompilerOptions>,
}

#[derive(Deserialize)]
struct RawCompilerOptions {
    #[serde(rename = "baseUrl")]
    base_url: Option<String>,
    paths: Option<BTreeMap<String, Vec<String>>>,
}

/// The configuration in force for a directory: the nearest `tsconfig.json` or `jsconfig.json`
/// with paths, following `extends` to files of the project.
pub(super) fn tsconfig(project: &Project<'_>, dir: &Path) -> Option<Arc<TsConfig>> {
    if let Some(known) = project
        .modules
        .tsconfigs
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .get(dir)
    {
        return known.clone();
    }
    let probe = dir.join("x");
    let found = ancestors(project, &probe)
        .find_map(|d| {
            ["tsconfig.json", "jsconfig.json"]
                .iter()
                .find_map(|name| read_tsconfig(project, &d.join(name), 0))
        })
        .map(Arc::new);
    project
        .modules
        .tsconfigs
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .insert(dir.to_path_buf(), found.clone());
    found
}

fn read_tsconfig(project: &Project<'_>, path: &Path, depth: u32) -> Option<TsConfig> {
    if depth > 4 {
        return None;
    }
    let text = strip_json_comments(&project.manifest(path)?);
    let raw: RawTsConfig = serde_json::from_str(&text).ok()?;
    let dir = path.parent()?;
    if let Some(o) = &raw.compiler_options
        && (o.paths.is_some() || o.base_url.is_some())
    {
        let base = normalize(&dir.join(o.base_url.as_deref().unwrap_or(".")));
        return Some(TsConfig {
            base,
            paths: o.paths.clone().unwrap_or_default().into_iter().collect(),
        });
    }
    let extends = match raw.extends? {
        serde_json::Value::String(s) => vec![s],
        serde_json::Value::Array(a) => a
            .into_iter()
            .filter_map(|v| v.as_str().map(str::to_owned))
            .collect(),
        _ => return None,
    };
    extends.iter().filter(|e| e.starts_with('.')).find_map(|e| {
        let mut target = normalize(&dir.join(e));
        if target.extension().is_none() {
            target.set_extension("json");
        }
        read_tsconfig(project, &target, depth + 1)
    })
}

/// JSON with `//` and `/* */` comments and trailing commas, as TypeScript's configuration allows,
/// as plain JSON.
fn strip_json_comments(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.trim_start_matches('\u{feff}').chars().peekable();
    let mut in_string = false;
    while let Some(c) = chars.next() {
        if in_string {
            out.push(c);
            match c {
                '\\' => out.extend(chars.next()),
                '"' => in_string = false,
                _ => {}
            }
            continue;
        }
        match (c, chars.peek()) {
            ('/', Some('/')) => {
                for c in chars.by_ref() {
                    if c == '\n' {
                        break;
                    }
                }
            }
            ('/', Some('*')) => {
                chars.next();
                let mut last = ' ';
                for c in chars.by_ref() {
                    if last == '*' && c == '/' {
                        break;
                    }
                    last = c;
                }
            }
            ('}' | ']', _) => {
                let kept = out.trim_end().len();
                if out[..kept].ends_with(',') {
                    out.truncate(kept - 1);
                }
                out.push(c);
            }
            _ => {
                in_string = c == '"';
                out.push(c);
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::strip_json_comments;

    #[test]
    fn comments_and_trailing_commas_go_strings_stay() {
        let text = "{ // a\n \"u\": \"http://x/*y*/\", /* b */ \"v\": [1, 2, ], }";
        let plain = strip_json_comments(text);
        let value: Result<serde_json::Value, _> = serde_json::from_str(&plain);
        assert!(value.is_ok_and(|v| v["u"] == "http://x/*y*/" && v["v"][1] == 2));
    }
}
