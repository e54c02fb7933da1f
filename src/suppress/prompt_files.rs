//! Comments of prompt files: those of their format (Markdown, HTML, YAML, TOML, JSON) and those of template
//! engines, which are looked for in every prompt file, since any text may be rendered.

mod data;

use super::{FileComments, mentioned_in};
use crate::calls::LlmCall;
use crate::pipeline::FileTable;
use crate::source::{FileId, SourceFile, Span};

/// How comments begin and end in templates and in markup; of several that fit, the first counts.
const BLOCKS: [(&str, &str); 9] = [
    ("<!--", "-->"),
    ("{#", "#}"),
    ("{{!--", "--}}"),
    ("{{~!--", "--~}}"),
    ("{{!", "}}"),
    ("{{/*", "*/}}"),
    ("{/*", "*/}"),
    ("<%#", "%>"),
    ("{%", "endcomment"),
];

/// How a file of data is written, as far as its comments and keys go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Data {
    Yaml,
    Toml,
    Json,
}

/// The comments of those prompt files that the calls send text of and that hold a directive, sorted by file.
/// `is_source` says which files are source files, whose comments the parser finds.
pub(crate) fn comments_of(
    calls: &[LlmCall],
    files: &FileTable,
    is_source: impl Fn(FileId) -> bool,
) -> Vec<FileComments> {
    let messages = calls.iter().flat_map(|c| &c.messages);
    let mut sent: Vec<FileId> = messages
        .flat_map(|m| m.text.runs.iter().map(|r| r.file))
        .filter(|f| !is_source(*f))
        .collect();
    sent.sort_unstable();
    sent.dedup();
    let read = |id: FileId| Some(comments(id, files.find(id)?));
    sent.into_iter().filter_map(read).flatten().collect()
}

/// The comments of a prompt file; `None` where it holds no directive.
fn comments(file: FileId, source: &SourceFile) -> Option<FileComments> {
    let text = source.text();
    if !mentioned_in(text.as_bytes()) {
        return None;
    }
    let extension = source.path().extension().and_then(|e| e.to_str());
    let data = match extension.unwrap_or_default() {
        "yaml" | "yml" => Some(Data::Yaml),
        "toml" => Some(Data::Toml),
        "json" | "jsonc" | "json5" => Some(Data::Json),
        _ => None,
    };
    let mut comments = blocks(text);
    let mut statements = Vec::new();
    if let Some(data) = data {
        let found = data::read(data, text);
        comments.extend(found.comments);
        statements = found.values;
    }
    comments.sort_unstable();
    Some(FileComments {
        file,
        comments,
        statements,
        expressions: Vec::new(),
        is_prompt_file: true,
    })
}

/// The comments of templates and markup.
fn blocks(text: &str) -> Vec<Span> {
    let mut out = Vec::new();
    let mut from = 0;
    while let Some(start) = text[from..].find(['<', '{']).map(|i| from + i) {
        let rest = &text[start..];
        from = start + 1;
        let Some((open, close)) = BLOCKS.iter().find(|(open, _)| rest.starts_with(open)) else {
            continue;
        };
        if *open == "{%" && !opens_comment(rest) {
            continue;
        }
        let Some(inside) = rest[open.len()..].find(close) else {
            continue;
        };
        let mut end = start + open.len() + inside + close.len();
        if *open == "{%" {
            end += text[end..].find("%}").map_or(0, |i| i + 2);
        }
        out.push(Span::new(start, end));
        from = end;
    }
    out
}

/// Whether a tag of Liquid's or Django's family begins a comment.
fn opens_comment(tag: &str) -> bool {
    let inside = tag["{%".len()..]
        .trim_start_matches(['-', '+'])
        .trim_start();
    inside
        .strip_prefix("comment")
        .is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(name: &str, text: &str) -> (Vec<String>, Vec<String>) {
        let source = SourceFile::new(name, text);
        let found = comments(FileId(0), &source).unwrap_or_default();
        let texts = |spans: &[Span]| spans.iter().map(|s| text[s.range()].to_owned()).collect();
        (texts(&found.comments), texts(&found.statements))
    }

    #[test]
    fn comments_of_templates_and_markup() {
        for (name, comment) in [
            ("a.md", "<!-- deprompt: ignore[x] -->"),
            ("a.j2", "{#- deprompt: ignore[x] -#}"),
            ("a.hbs", "{{!-- deprompt: ignore[x] }} --}}"),
            ("a.mustache", "{{! deprompt: ignore[x] }}"),
            (
                "a.liquid",
                "{%- comment -%}deprompt: ignore[x]{% endcomment %}",
            ),
            ("a.mdx", "{/* deprompt: ignore[x] */}"),
            ("a.tmpl", "{{/* deprompt: ignore[x] */}}"),
            ("a.ejs", "<%# deprompt: ignore[x] %>"),
            ("a.txt", "<!--\ndeprompt: ignore[x]\n-->"),
        ] {
            let text = format!("{{%ü {{{{x}}}} {{% commented %}}\n{comment}\nSort < {{these}}.\n");
            assert_eq!(of(name, &text).0, [comment], "{name}");
        }
        assert!(of("a.md", "<!-- deprompt: never closed").0.is_empty());
        assert!(of("a.md", "# deprompt: ignore[x]\n").0.is_empty());
    }

    #[test]
    fn comments_and_keys_of_yaml() {
        let text = "# deprompt: ignore[x]\nsum: | # deprompt: ignore[y]\n  # deprompt: ignore[z]\n  note: text\nlist:\n  - name: a # one\n    say: >-\n      Sort\n\n      it.\n";
        let (comments, values) = of("a.yaml", text);
        assert_eq!(
            comments,
            ["# deprompt: ignore[x]", "# deprompt: ignore[y]", "# one"]
        );
        assert!(values.contains(
            &"sum: | # deprompt: ignore[y]\n  # deprompt: ignore[z]\n  note: text".to_owned()
        ));
        assert!(values.contains(&"say: >-\n      Sort\n\n      it.".to_owned()));
        assert!(!values.iter().any(|v| v.starts_with("note")));
    }

    #[test]
    fn comments_and_keys_of_toml_and_json() {
        let text = "# deprompt: ignore[x]\nsum = \"\"\"\n# deprompt: no\n\"\"\" # deprompt: ignore[y]\nsort = 'a # b'\n";
        let (comments, values) = of("a.toml", text);
        assert_eq!(comments, ["# deprompt: ignore[x]", "# deprompt: ignore[y]"]);
        assert_eq!(values[0], "sum = \"\"\"\n# deprompt: no\n\"\"\"");
        let text = "{\n  // deprompt: ignore[x]\n  \"a\": \"http://b\" // c\n}\n";
        assert_eq!(of("a.json", text).0, ["// deprompt: ignore[x]", "// c"]);
    }
}
