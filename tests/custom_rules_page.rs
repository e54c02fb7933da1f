//! The files that `docs/custom-rules.md` shows are the ones beside it, which `tests/cli.rs` runs the page's commands on.

use std::path::{Path, PathBuf};

type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

fn docs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs")
}

/// The blocks of a page that a line with a path in backticks and a colon introduces: path and text.
fn shown(page: &str) -> Vec<(&str, String)> {
    let mut out = Vec::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        let path = line.strip_prefix('`').and_then(|l| l.strip_suffix("`:"));
        let Some(path) = path else { continue };
        let block = lines.by_ref().skip_while(|l| !l.starts_with("```")).skip(1);
        let text = block.take_while(|l| *l != "```");
        out.push((path, text.map(|l| format!("{l}\n")).collect()));
    }
    out
}

fn files(folder: &Path, out: &mut Vec<PathBuf>) -> Result {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            files(&path, out)?;
        } else {
            out.push(path);
        }
    }
    Ok(())
}

#[test]
fn the_page_shows_every_file_as_it_is() -> Result {
    let page = std::fs::read_to_string(docs().join("custom-rules.md"))?;
    let shown = shown(&page);
    let folder = docs().join("custom-rules");
    for (path, text) in &shown {
        let file = std::fs::read_to_string(folder.join(path))?;
        assert_eq!(file.replace("\r\n", "\n"), *text, "{path}");
    }
    let mut all = Vec::new();
    files(&folder, &mut all)?;
    assert_eq!(all.len(), shown.len(), "{all:?}");
    Ok(())
}
