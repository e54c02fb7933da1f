//! From ropes to [`PromptText`]: one line of bytes with its source map, holes and breaks.

use std::rc::Rc;

use super::value::{HoleSegment, Rope, Segment, Value};
use crate::calls::{GapReason, Hole, Origin, PromptText};
use crate::hir::Run;
use crate::source::{FileId, Location, Span};

/// Text beyond this is not kept.
const MAX_TEXT: usize = 256 << 10;
/// Literals of one file whose gap is at most this many bytes are shown as one span.
const JOIN_GAP: u32 = 160;

/// Flattens a rope.
pub(crate) fn flatten(rope: &Rope) -> PromptText {
    let mut out = PromptText {
        complete: true,
        ..PromptText::default()
    };
    write(rope, &mut out, 0, false);
    out.breaks.dedup();
    join_spans(&mut out.spans);
    out
}

fn write(rope: &Rope, out: &mut PromptText, depth: u32, repeated: bool) {
    for (i, s) in rope.segments.iter().enumerate() {
        if depth > 32 || out.text.len() > MAX_TEXT {
            out.complete = false;
            return;
        }
        match s {
            Segment::Literal { file, text, runs } => literal(*file, text, runs, out),
            Segment::Hole(h) => hole(h, out, repeated),
            Segment::Alternatives(a) => {
                let next = rope.segments.get(i + 1);
                if let Some(word) = word(a).filter(|_| inside_line(out, next)) {
                    write(word, out, depth + 1, repeated);
                    continue;
                }
                for r in a.iter() {
                    part(out);
                    write(r, out, depth + 1, repeated);
                }
                part(out);
            }
            Segment::Repeat(r) => write(r, out, depth + 1, true),
            Segment::Break => part(out),
        }
    }
}

/// How long a word of a sentence may be, in bytes, for [`word`].
const MAX_WORD: usize = 24;

/// Of alternatives that are a word or two each (`{many ? "items" : "item"}`) the longest: in the
/// middle of a sentence it stands for them all, where a part for each would cut the sentence.
fn word(alternatives: &[Rope]) -> Option<&Rope> {
    let length = |r: &Rope| {
        r.segments.iter().try_fold(0, |sum, s| match s {
            Segment::Literal { text, .. }
                if !text.contains(['\n', '.', '!', '?', ':', ';']) && text.len() <= MAX_WORD =>
            {
                Some(sum + text.len())
            }
            _ => None,
        })
    };
    let mut best: Option<(usize, &Rope)> = None;
    for r in alternatives {
        let n = length(r).filter(|n| *n <= MAX_WORD)?;
        if best.is_none_or(|(most, _)| n > most) {
            best = Some((n, r));
        }
    }
    best.map(|(_, r)| r)
}

/// Whether what is written next stands on a line with what came before, or with what follows.
fn inside_line(out: &PromptText, next: Option<&Segment>) -> bool {
    let open = !out.text.is_empty() && !out.text.ends_with('\n');
    let goes_on = match next {
        Some(Segment::Literal { text, .. }) => !text.starts_with(['\n', '\r']),
        Some(Segment::Hole(_)) => true,
        _ => false,
    };
    open || goes_on
}

/// Begins a new part: on a line of its own.
fn part(out: &mut PromptText) {
    if out.text.is_empty() {
        return;
    }
    if !out.text.ends_with('\n') {
        out.push_unmapped("\n");
    }
    out.breaks.push(out.text.len());
}

fn literal(file: FileId, text: &str, runs: &[Run], out: &mut PromptText) {
    if runs.is_empty() {
        out.push_unmapped(text);
        return;
    }
    let mut first = None;
    let mut last = 0;
    for (i, r) in runs.iter().enumerate() {
        let start = r.at as usize;
        let end = runs.get(i + 1).map_or(text.len(), |n| n.at as usize);
        let Some(piece) = text.get(start..end) else {
            continue;
        };
        out.push_run(piece, file, r.source);
        first.get_or_insert(r.source);
        last = r.source + u32::try_from(piece.len()).unwrap_or(0);
    }
    if let Some(first) = first
        && last > first
    {
        out.spans.push(Location {
            file,
            span: Span {
                start: first,
                end: last,
            },
        });
    }
}

fn hole(h: &Rc<HoleSegment>, out: &mut PromptText, repeated: bool) {
    let at = out.text.len();
    let shown = format!("{{{}}}", h.expression);
    out.push_unmapped(&shown);
    let location = h.location.unwrap_or_default();
    if let Some(l) = h.location {
        out.spans.push(l);
    }
    if h.gap.is_some() {
        out.complete = false;
    }
    out.holes.push(Hole {
        at,
        len: shown.len(),
        expression: h.expression.clone(),
        location,
        ty: h.ty.clone(),
        origin: h.origin.clone(),
        items: h.items.clone().filter(|_| repeated || !h.if_repeated),
    });
}

/// Joins neighbouring spans of one file.
fn join_spans(spans: &mut Vec<Location>) {
    spans.sort_unstable();
    let mut out: Vec<Location> = Vec::new();
    for s in spans.drain(..) {
        match out.last_mut() {
            Some(l) if l.file == s.file && s.span.start <= l.span.end.saturating_add(JOIN_GAP) => {
                l.span = l.span.cover(s.span);
            }
            _ => out.push(s),
        }
    }
    *spans = out;
}

/// The placeholders that are still in a template's literal text, as holes.
pub(crate) fn open_placeholders(rope: &Rope) -> Rope {
    let mut out = Rope::default();
    for s in &rope.segments {
        match s {
            Segment::Literal { file, text, runs } => {
                let mut kept = 0;
                for (start, end, name) in placeholders(text) {
                    out.segments.extend(s.slice(kept, start));
                    let source = source_of(runs, start);
                    out.segments.push(Segment::Hole(Rc::new(HoleSegment {
                        expression: name.to_owned(),
                        location: source.map(|source| Location {
                            file: *file,
                            span: Span {
                                start: source,
                                end: source + u32::try_from(end - start).unwrap_or(0),
                            },
                        }),
                        ty: None,
                        origin: Origin::Placeholder,
                        value: Value::unknown(GapReason::Dynamic),
                        gap: None,
                        items: None,
                        if_repeated: false,
                    })));
                    kept = end;
                }
                out.segments.extend(s.slice(kept, text.len()));
            }
            Segment::Alternatives(a) => {
                out.segments.push(Segment::Alternatives(Rc::new(
                    a.iter().map(open_placeholders).collect(),
                )));
            }
            Segment::Repeat(r) => out
                .segments
                .push(Segment::Repeat(Rc::new(open_placeholders(r)))),
            other => out.segments.push(other.clone()),
        }
    }
    out
}

fn source_of(runs: &[Run], at: usize) -> Option<u32> {
    let at = u32::try_from(at).ok()?;
    let i = runs.partition_point(|r| r.at <= at);
    let r = runs.get(i.checked_sub(1)?)?;
    Some(r.source + (at - r.at))
}

/// `{name}`, `{{name}}`, `{{#each name}}`, `{% … %}`, `<%= name %>` in a text: byte range and name.
fn placeholders(text: &str) -> Vec<(usize, usize, &str)> {
    let mut out = Vec::new();
    let mut from = 0;
    while let Some(open) = text[from..].find('{').map(|i| from + i) {
        let depth = text[open..].bytes().take_while(|b| *b == b'{').count();
        let inner = open + depth;
        let (body, end) = if depth == 1 && text[inner..].starts_with('%') {
            match text[inner..].find("%}") {
                Some(e) => (&text[inner + 1..inner + e], inner + e + 2),
                None => break,
            }
        } else {
            let Some(close) = text[inner..].find('}').map(|i| inner + i) else {
                break;
            };
            let closing = text[close..].bytes().take_while(|b| *b == b'}').count();
            if closing < depth {
                from = inner;
                continue;
            }
            (&text[inner..close], close + depth)
        };
        let name = body.trim().trim_start_matches(['#', '/', '&', '^', '$']);
        let fits = !name.is_empty()
            && name.len() <= 80
            && name.chars().all(|c| {
                c.is_alphanumeric()
                    || matches!(
                        c,
                        '_' | '.'
                            | '-'
                            | ' '
                            | '@'
                            | '['
                            | ']'
                            | '|'
                            | '\''
                            | '('
                            | ')'
                            | '='
                            | '"'
                            | '!'
                            | ','
                            | '>'
                            | '<'
                    )
            })
            && !name.starts_with(['"', '\''])
            && (depth > 1 || text[inner..].starts_with('%') || !name.contains(' '));
        if fits {
            out.push((open, end, name));
            from = end;
        } else {
            from = inner;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::placeholders;

    #[test]
    fn placeholders_are_told_from_json() {
        let names = |t| placeholders(t).into_iter().map(|p| p.2).collect::<Vec<_>>();
        assert_eq!(names("sort {items} by {{ key }}"), ["items", "key"]);
        assert_eq!(
            names("{{#each rows}}{{this}}{{/each}}"),
            ["each rows", "this", "each"]
        );
        assert_eq!(names("{\"a\": 1, \"b\": {\"c\": 2}}"), Vec::<&str>::new());
        assert_eq!(names("{% for x in xs %}"), ["for x in xs"]);
    }
}
