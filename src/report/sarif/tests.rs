use std::process::Command;

use serde_json::Value;

use super::*;
use crate::report::sample;
use crate::source::{FileId, SourceFile, Span};

type Outcome = Result<(), Box<dyn std::error::Error>>;

fn document(report: &Report<'_>) -> Result<Value, serde_json::Error> {
    serde_json::to_value(log(report))
}

/// The official schema, from the sources of a development dependency that ships it.
fn schema() -> Option<Value> {
    // Packages for other platforms are not downloaded, and without the network not to be had.
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
    let text = std::fs::read_to_string(manifest.parent()?.join("src/schema.json")).ok()?;
    serde_json::from_str(&text).ok()
}

#[test]
#[expect(clippy::print_stderr, reason = "says why nothing was checked")]
fn the_sample_is_valid() -> Outcome {
    let Some(mut schema) = schema() else {
        assert!(
            std::env::var_os("CI").is_none(),
            "the schema has to be there"
        );
        eprintln!("skipped: the SARIF schema is not among the downloaded packages");
        return Ok(());
    };
    // Its pattern for a language tag, which is not written here, is no valid ECMAScript expression.
    for owner in ["run", "toolComponent"] {
        let at = format!("/definitions/{owner}/properties/language");
        if let Some(language) = schema.pointer_mut(&at) {
            *language = Value::Bool(true);
        }
    }
    let validator = jsonschema::validator_for(&schema)?;
    let sample = sample::sample();
    for report in [sample.report(), sample.empty()] {
        let document = document(&report)?;
        let errors: Vec<String> = validator
            .iter_errors(&document)
            .map(|e| format!("{}: {e}", e.instance_path()))
            .collect();
        assert!(errors.is_empty(), "{errors:#?}");
    }
    Ok(())
}

#[test]
fn what_consumers_trip_over() -> Outcome {
    let sample = sample::sample();
    let document = document(&sample.report())?;
    let text = document.to_string();
    assert!(!text.contains("byteOffset") && !text.contains("TimeUtc"));
    let run = &document["runs"][0];
    for rule in run["tool"]["driver"]["rules"]
        .as_array()
        .into_iter()
        .flatten()
    {
        for path in [
            "/shortDescription/text",
            "/fullDescription/text",
            "/help/text",
            "/help/markdown",
        ] {
            let words = rule
                .pointer(path)
                .and_then(Value::as_str)
                .unwrap_or_default();
            assert!(!words.is_empty(), "{path} of {}", rule["id"]);
        }
        assert!(
            rule["fullDescription"]["text"]
                .as_str()
                .is_some_and(|t| t.chars().count() <= 1024)
        );
    }
    for result in run["results"].as_array().into_iter().flatten() {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap_or(u64::MAX))?;
        assert_eq!(
            run["tool"]["driver"]["rules"][index]["id"],
            result["ruleId"]
        );
        let message = result["message"]["text"].as_str().unwrap_or_default();
        for related in result["relatedLocations"].as_array().into_iter().flatten() {
            assert!(
                message.contains(&format!("]({})", related["id"])),
                "{message}"
            );
        }
    }
    Ok(())
}

/// What an editor shows for a region: the UTF-16 units between its columns.
fn shown(text: &str, region: &Value) -> Option<String> {
    let number = |key: &str| usize::try_from(region[key].as_u64()?).ok();
    let line = text.lines().nth(number("startLine")? - 1)?;
    let units: Vec<u16> = line.encode_utf16().collect();
    assert_eq!(region["startLine"], region["endLine"]);
    String::from_utf16(units.get(number("startColumn")? - 1..number("endColumn")? - 1)?).ok()
}

#[test]
fn regions_are_utf16_in_every_language() -> Outcome {
    let lines = [
        (
            "a.py",
            "x = 1\np = f\"😀 cafe\u{301} count the words of {t}\"  # ü\n",
        ),
        (
            "a.ts",
            "let x = 1;\nconst p = `😀 cafe\u{301} count the words of ${t}`; // ü\n",
        ),
        (
            "a.rs",
            "let x = 1;\r\nlet p = format!(\"😀 cafe\u{301} count the words of {t}\"); // ü\r\n",
        ),
    ];
    for (path, text) in lines {
        for words in ["count the words", "cafe\u{301}", "😀"] {
            let at = text.find(words).unwrap_or_default();
            let mut sample = sample::sample();
            let finding = crate::finding::Finding {
                primary: Location {
                    file: FileId(0),
                    span: Span::new(at, at + words.len()),
                },
                labels: Vec::new(),
                ..sample.findings.remove(0)
            };
            let finding = crate::finding::Finding {
                call: crate::finding::CallRef {
                    location: finding.primary,
                    ..finding.call.clone()
                },
                ..finding
            };
            sample.findings = vec![finding];
            sample.remarks.clear();
            sample.analysis.files =
                crate::pipeline::FileTable::new(vec![SourceFile::new(path, text)]);
            let document = document(&sample.report())?;
            let region =
                &document["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["region"];
            assert_eq!(
                shown(text, region).as_deref(),
                Some(words),
                "{path}: {region}"
            );
        }
    }
    Ok(())
}

#[test]
fn names() {
    assert_eq!(pascal("extract-email"), "ExtractEmail");
    assert_eq!(limit(&"é".repeat(2000)).chars().count(), 1024);
    assert_eq!(link_text("f[0]"), "f\\[0\\]");
}
