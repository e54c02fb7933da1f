//! The tags by which a template names other files, of Jinja's, Handlebars', Liquid's and EJS's families.

/// A tag: first and last byte, and what it says.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Tag {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) what: What,
}

/// See [`Tag`].
#[derive(Debug, PartialEq, Eq)]
pub(super) enum What {
    /// Files whose text stands here: of each list the first that is there.
    Include(Vec<Vec<String>>),
    /// The template whose blocks this one fills.
    Extends(String),
    Block(String),
    EndBlock,
    /// Nobody is sent it.
    Comment,
}

/// The tags of a text, in order.
pub(super) fn tags(text: &str) -> Vec<Tag> {
    let mut out = Vec::new();
    // A comment of Jinja's is one only where the rest is Jinja as well.
    let jinja = text.contains("{%") || text.contains("{{");
    let mut from = 0;
    while let Some(start) = text[from..].find(['{', '<']).map(|i| from + i) {
        let rest = &text[start..];
        let (close, skip): (&str, usize) = match rest.get(..2) {
            Some("{%") => ("%}", 2),
            Some("<%") => ("%>", 2),
            Some("{#") if jinja => ("#}", 2),
            Some("{{") if rest.starts_with("{{!--") => ("--}}", 5),
            Some("{{") => ("}}", 2),
            _ => {
                from = start + 1;
                continue;
            }
        };
        let Some(inside) = rest[skip..].find(close).map(|n| &rest[skip..skip + n]) else {
            from = start + skip;
            continue;
        };
        let end = start + skip + inside.len() + close.len();
        let what = match (close, &rest[..2]) {
            ("#}" | "--}}", _) => Some(What::Comment),
            ("%}", _) => statement(inside),
            ("%>", _) => inside.split_once("include(").and_then(|(_, r)| include(r)),
            _ => partial(inside),
        };
        from = if what.is_some() { end } else { start + skip };
        out.extend(what.map(|what| Tag { start, end, what }));
    }
    out
}

/// The end of the block that begins at a tag.
pub(super) fn closing(tags: &[Tag], block: usize) -> Option<&Tag> {
    let mut depth = 0_usize;
    tags.get(block..)?.iter().find(|t| {
        match t.what {
            What::Block(_) => depth += 1,
            What::EndBlock => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth == 0
    })
}

/// `include "name"`, `extends "name"`, `block name`, `endblock` between `{%` and `%}`.
fn statement(inside: &str) -> Option<What> {
    let inside = inside.trim_matches(['-', '+']).trim();
    let (word, rest) = inside
        .split_once(char::is_whitespace)
        .unwrap_or((inside, ""));
    match word {
        // Liquid's is called `render` as well.
        "include" | "render" => include(rest),
        "extends" => quoted(rest).into_iter().next().map(What::Extends),
        "block" => rest
            .split_whitespace()
            .next()
            .map(|n| What::Block(n.to_owned())),
        "endblock" => Some(What::EndBlock),
        _ => None,
    }
}

/// `"name"`, `["name", "other"]`, `"name" if test else "other"`: a name that is put together is none.
fn include(expression: &str) -> Option<What> {
    let expression = expression.trim();
    if expression.contains(['~', '+']) {
        return None;
    }
    let names = match expression.strip_prefix('[') {
        Some(list) => vec![quoted(list.split(']').next()?)],
        None if expression.starts_with(['"', '\'', '`']) => {
            let mut names = quoted(expression);
            // What stands behind is handed to the file, where it is no other name.
            if !expression.contains(" else ") {
                names.truncate(1);
            }
            names.into_iter().map(|n| vec![n]).collect()
        }
        None => return None,
    };
    let known = names.iter().any(|n| !n.is_empty());
    known.then_some(What::Include(names))
}

/// `> name`, `#> name` between `{{` and `}}`; `!` begins a comment.
fn partial(inside: &str) -> Option<What> {
    let inside = inside.trim_matches('~').trim();
    if inside.starts_with('!') {
        return Some(What::Comment);
    }
    let name = inside
        .strip_prefix('#')
        .unwrap_or(inside)
        .strip_prefix('>')?;
    let name = name.split_whitespace().next()?.trim_matches(['"', '\'']);
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '/' | '.');
    let fits = !name.is_empty() && name.chars().all(plain);
    fits.then(|| What::Include(vec![vec![name.to_owned()]]))
}

/// The texts in quotes.
fn quoted(text: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(['"', '\'', '`']) {
        let quote = &rest[at..=at];
        let Some((inside, after)) = rest[at + 1..].split_once(quote) else {
            break;
        };
        out.push(inside.to_owned());
        rest = after;
    }
    out.retain(|name| !name.is_empty() && name.len() <= 256);
    out
}

#[cfg(test)]
mod tests {
    use super::{What, tags};

    #[test]
    fn tags_of_each_family_are_found() {
        let include = |name: &str| What::Include(vec![vec![name.to_owned()]]);
        let cases = [
            ("a {%- include 'x.j2' with context -%} b", include("x.j2")),
            (
                "{% include ['x.j2', \"y.j2\"] ignore missing %}",
                What::Include(vec![vec!["x.j2".into(), "y.j2".into()]]),
            ),
            (
                "{% include \"x.j2\" if a else \"y.j2\" %}",
                What::Include(vec![vec!["x.j2".into()], vec!["y.j2".into()]]),
            ),
            ("{% render 'row', product: p %}", include("row")),
            ("{{> shared/tone who=name }}", include("shared/tone")),
            ("<%- include('tone.ejs') %>", include("tone.ejs")),
            ("{% extends \"base.j2\" %}", What::Extends("base.j2".into())),
            ("{{!-- {{x}} --}}", What::Comment),
            ("{# why #} {{ x }}", What::Comment),
        ];
        for (text, what) in cases {
            let found: Vec<What> = tags(text).into_iter().map(|t| t.what).collect();
            assert_eq!(found, [what], "{text}");
        }
        for text in [
            "{{ name }}",
            "{% include folder ~ '/x.j2' %}",
            "{#1, {#2",
            "{{é",
            "<%",
        ] {
            assert!(tags(text).is_empty(), "{text}");
        }
    }
}
