//! SARIF end to end: valid by the official schema, and every region, read back from the source by
//! UTF-16 columns, is the words that were meant, after emoji and combining marks.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

/// The official schema, from the sources of a development dependency that ships it.
fn schema() -> Option<Value> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let version = String::from_utf8(Command::new(rustc).arg("-vV").output().ok()?.stdout).ok()?;
    let host = version.lines().find_map(|l| l.strip_prefix("host: "))?;
    let metadata = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version=1", "--offline"])
        .args(["--filter-platform", host, "--manifest-path"])
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"))
        .output()
        .ok()?;
    let metadata: Value = serde_json::from_slice(&metadata.stdout).ok()?;
    let packages = metadata.get("packages")?.as_array()?;
    let package = packages.iter().find(|p| p["name"] == "serde-sarif")?;
    let manifest = Path::new(package.get("manifest_path")?.as_str()?);
    let text = fs::read_to_string(manifest.parent()?.join("src/schema.json")).ok()?;
    let mut schema: Value = serde_json::from_str(&text).ok()?;
    // Its pattern for a language tag, which is not written here, is no valid ECMAScript expression.
    for owner in ["run", "toolComponent"] {
        if let Some(language) =
            schema.pointer_mut(&format!("/definitions/{owner}/properties/language"))
        {
            *language = Value::Bool(true);
        }
    }
    Some(schema)
}

#[expect(clippy::print_stderr, reason = "says why nothing was checked")]
fn validate(document: &Value) -> Result {
    let Some(schema) = schema() else {
        assert!(
            std::env::var_os("CI").is_none(),
            "the schema has to be there"
        );
        eprintln!("skipped: the SARIF schema is not among the downloaded packages");
        return Ok(());
    };
    let errors: Vec<String> = jsonschema::validator_for(&schema)?
        .iter_errors(document)
        .map(|e| format!("{}: {e}", e.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{}", errors.join("\n"));
    Ok(())
}

fn sarif(directory: &Path) -> Result<Value> {
    let output = Command::new(env!("CARGO_BIN_EXE_deprompt"))
        .current_dir(directory)
        .args(["check", "--no-config", "--output-format", "sarif", "."])
        .output()?;
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// The text of a region, by lines and UTF-16 columns.
fn read(text: &str, region: &Value) -> Option<String> {
    let number = |key: &str| usize::try_from(region[key].as_u64()?).ok();
    let (first, last) = (
        number("startLine")?,
        number("endLine").or_else(|| number("startLine"))?,
    );
    let lines: Vec<Vec<u16>> = text
        .split('\n')
        .map(|l| l.encode_utf16().collect())
        .collect();
    let mut out = Vec::new();
    for n in first..=last {
        let line = lines.get(n.checked_sub(1)?)?;
        let start = if n == first {
            number("startColumn")? - 1
        } else {
            0
        };
        let end = if n == last {
            number("endColumn")? - 1
        } else {
            line.len()
        };
        out.push(String::from_utf16(line.get(start..end)?).ok()?);
    }
    Some(out.join("\n"))
}

/// All physical locations anywhere in a result: file and text.
fn places(value: &Value, root: &Path, out: &mut Vec<(String, String)>) -> Result {
    match value {
        Value::Object(map) => {
            if let Some(place) = map.get("physicalLocation") {
                let uri = place["artifactLocation"]["uri"].as_str().ok_or("no URI")?;
                let text = fs::read_to_string(root.join(PathBuf::from(uri)))?;
                let words = read(&text, &place["region"])
                    .ok_or_else(|| format!("{place} is not in {uri}"))?;
                out.push((uri.to_owned(), words));
            }
            map.values().try_for_each(|v| places(v, root, out))
        }
        Value::Array(list) => list.iter().try_for_each(|v| places(v, root, out)),
        _ => Ok(()),
    }
}

const WORDS: &str = "Sort these prices in ascending order: ";

/// A file, and what has to be found in it: the call that the finding refers to begins with this.
fn fixtures() -> Vec<(&'static str, String, &'static str)> {
    // A person with a family of emoji, a flag, and letters with combining marks, on the same line.
    let marks = "👩‍👩‍👧 🇫🇷 e\u{301}a\u{308}\u{323} 𝒳";
    vec![
        (
            "a.py",
            format!(
                "import openai\n\n\ndef f(prices: list[float]):\n    x = \"{marks}\"; y = openai.responses.create(model=\"m\", input=f\"{marks}. {WORDS}{{prices}}\")  # {marks}\n    return int(y.output_text)\n"
            ),
            "openai.responses.create(",
        ),
        (
            "a.ts",
            format!(
                "import OpenAI from \"openai\";\nconst client = new OpenAI();\nexport async function f(prices: number[]) {{\n  const x = \"{marks}\"; const y = await client.responses.create({{ model: \"m\", input: `{marks}. {WORDS}${{prices}}` }}); // {marks}\n  return parseInt(y.output_text);\n}}\n"
            ),
            "client.responses.create(",
        ),
        (
            "a.rs",
            format!(
                "use rig::completion::Prompt;\nuse rig::providers::openai;\n\nasync fn f(client: &openai::Client, prices: &[f64]) -> anyhow::Result<f64> {{\n    let agent = client.agent(\"m\").build();\n    let x = \"{marks}\"; let y = agent.prompt(format!(\"{marks}. {WORDS}{{}}\", prices)).await?; // {marks}\n    Ok(y.parse()?)\n}}\n"
            ),
            "agent.prompt(",
        ),
    ]
}

#[test]
fn regions_are_the_words_in_every_language() -> Result {
    let directory = TempDir::new()?;
    for (name, text, _) in fixtures() {
        fs::write(directory.path().join(name), text)?;
    }
    let document = sarif(directory.path())?;
    validate(&document)?;
    let results = document["runs"][0]["results"]
        .as_array()
        .ok_or("no results")?;
    for (name, _, expected) in fixtures() {
        let mut all = Vec::new();
        let mut primary = Vec::new();
        for result in results {
            places(&result["locations"], directory.path(), &mut primary)?;
            places(result, directory.path(), &mut all)?;
        }
        let has = |list: &[(String, String)], f: &dyn Fn(&str) -> bool| {
            list.iter().any(|(uri, text)| uri == name && f(text))
        };
        assert!(
            has(&primary, &|t| t.starts_with(WORDS.trim_end())),
            "{name}: {primary:#?}"
        );
        assert!(has(&all, &|t| t == "prices"), "{name}: {all:#?}");
        assert!(
            has(&all, &|t| t.starts_with(expected) && t.ends_with(')')),
            "{name}: {all:#?}"
        );
    }
    Ok(())
}

#[test]
fn the_examples_are_valid_and_in_place() -> Result {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let document = sarif(&examples)?;
    validate(&document)?;
    let run = &document["runs"][0];
    assert_eq!(run["columnKind"], "utf16CodeUnits");
    let mut all = Vec::new();
    places(
        &run["results"],
        Path::new(env!("CARGO_MANIFEST_DIR")),
        &mut all,
    )?;
    for extension in [".py", ".ts", ".rs"] {
        assert!(all.iter().any(|(uri, _)| uri.ends_with(extension)));
    }
    assert!(
        all.iter()
            .all(|(uri, words)| uri.contains("/bad.") && !words.is_empty())
    );
    Ok(())
}
