//! Where sentences end.

/// Offsets (relative to `text`) at which a new sentence begins, besides 0. `opaque` says whether a
/// byte lies in a hole.
pub(super) fn starts(text: &str, opaque: &dyn Fn(usize) -> bool) -> Vec<usize> {
    let mut out = Vec::new();
    let mut chars = text.char_indices().peekable();
    while let Some((i, c)) = chars.next() {
        if opaque(i) {
            continue;
        }
        match c {
            '。' | '！' | '？' | '；' => {
                if let Some(&(j, n)) = chars.peek()
                    && !matches!(n, '。' | '！' | '？' | '」' | '”' | '"' | ')' | '）')
                {
                    out.push(j);
                }
            }
            '.' | '!' | '?' => {
                // Closing quotes and brackets belong to the sentence.
                let mut after = i + c.len_utf8();
                while let Some(&(j, n)) = chars.peek()
                    && matches!(
                        n,
                        '"' | '\'' | ')' | ']' | '”' | '.' | '!' | '?' | '*' | '`'
                    )
                    && !opaque(j)
                {
                    after = j + n.len_utf8();
                    chars.next();
                }
                let rest = text.get(after..).unwrap_or_default();
                let space = rest.len() - rest.trim_start().len();
                if space == 0 && is_joined(text.get(..i).unwrap_or_default(), rest) {
                    out.push(after);
                    continue;
                }
                if space == 0 || rest.len() == space {
                    continue;
                }
                let next = after + space;
                let begins = opaque(next)
                    || rest.trim_start().chars().next().is_some_and(|n| {
                        !n.is_lowercase() && !matches!(n, ',' | ';' | ')' | '-' | '–' | '/')
                    });
                let before = text.get(..i).unwrap_or_default();
                if c == '.' && !begins_after_full_stop(before, begins) {
                    continue;
                }
                out.push(next);
            }
            _ => {}
        }
    }
    out
}

/// Whether two sentences stand together without a space, as literals that a program joins often do:
/// `"Sort the list." "Return it."`. Names such as `node.Js` and `a.Method()` do not.
fn is_joined(before: &str, rest: &str) -> bool {
    let letters = |s: &str| s.chars().take_while(char::is_ascii_lowercase).count();
    let word = before
        .chars()
        .rev()
        .take_while(char::is_ascii_lowercase)
        .count();
    let start = before.len() - word;
    let whole = before.get(..start).is_some_and(|b| {
        b.is_empty() || b.ends_with(|c: char| c.is_whitespace() || "'\"(".contains(c))
    });
    let mut next = rest.chars();
    let capital = next.next().is_some_and(|c| c.is_ascii_uppercase());
    let lower = letters(next.as_str());
    let end = next.as_str().get(lower..).unwrap_or_default();
    word >= 2 && whole && capital && lower >= 1 && end.starts_with([' ', ',', ':', '\''])
}

/// Whether the full stop after `before` ends a sentence.
fn begins_after_full_stop(before: &str, next_begins: bool) -> bool {
    let word = before
        .rsplit(|c: char| c.is_whitespace() || c == '(')
        .next()
        .unwrap_or_default();
    let lower = word.to_ascii_lowercase();
    if matches!(
        lower.as_str(),
        "e.g"
            | "eg"
            | "i.e"
            | "ie"
            | "etc"
            | "vs"
            | "mr"
            | "mrs"
            | "ms"
            | "dr"
            | "no"
            | "approx"
            | "incl"
            | "ex"
    ) {
        return false;
    }
    // "1." numbers a point unless it is the end of a longer text.
    if !word.is_empty() && word.len() <= 2 && word.bytes().all(|b| b.is_ascii_digit()) {
        return next_begins && before.len() > word.len() + 12;
    }
    next_begins
}
