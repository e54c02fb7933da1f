//! Lists that stand in one line: what YAML folds, what literals without line breaks join.

use std::sync::LazyLock;

use regex::Regex;

/// `- Item` behind white space.
static DASH: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r#"(?:^|\s)([-•]) (?:[*"'`\[{]*[A-Z]|\*\*)"#).ok());
/// `2. Item` or `2) Item` behind white space.
static NUMBER: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r#"(?:^|\s)((\d{1,2})[.)]) ?[*"'`]*[A-Z]"#).ok());

/// Offsets at which items of a list begin in one line, besides 0. `opaque` says whether a byte lies
/// in a hole.
pub(super) fn starts(line: &str, opaque: &dyn Fn(usize) -> bool) -> Vec<usize> {
    let mut out = numbered(line, opaque);
    out.extend(dashes(line, opaque));
    out.sort_unstable();
    out.dedup();
    out
}

/// Items behind dashes: two at least, the first after the words that announce them, or three where
/// the line begins with one. A dash between words separates fields (`Name - Age`) or clauses.
fn dashes(line: &str, opaque: &dyn Fn(usize) -> bool) -> Vec<usize> {
    let Some(dash) = DASH.as_ref() else {
        return Vec::new();
    };
    let at: Vec<usize> = dash
        .captures_iter(line)
        .filter_map(|c| c.get(1).map(|m| m.start()))
        .filter(|&i| !opaque(i))
        .collect();
    let before = |i: usize| {
        line.get(..i)
            .unwrap_or_default()
            .trim_end_matches(['*', ' '])
    };
    let announced = |i: usize| before(i).is_empty() || before(i).ends_with([':', '：']);
    let Some(first) = at.iter().position(|&i| announced(i)) else {
        return Vec::new();
    };
    let items = at.get(first..).unwrap_or_default();
    let bare = items.first().is_some_and(|&i| before(i).is_empty());
    if items.len() < if bare { 3 } else { 2 } {
        return Vec::new();
    }
    items.iter().copied().filter(|&i| i > 0).collect()
}

/// Items numbered from 1 in order, two at least.
fn numbered(line: &str, opaque: &dyn Fn(usize) -> bool) -> Vec<usize> {
    let Some(number) = NUMBER.as_ref() else {
        return Vec::new();
    };
    let mut out = Vec::new();
    let mut run = Vec::new();
    let mut expected = 1u32;
    let mut keep = |run: &mut Vec<usize>| {
        if run.len() >= 2 {
            out.append(run);
        }
        run.clear();
    };
    for c in number.captures_iter(line) {
        let (Some(mark), Some(n)) = (
            c.get(1),
            c.get(2).and_then(|n| n.as_str().parse::<u32>().ok()),
        ) else {
            continue;
        };
        if opaque(mark.start()) {
            continue;
        }
        if n == 1 {
            keep(&mut run);
            expected = 1;
        }
        if n == expected {
            run.push(mark.start());
            expected += 1;
        }
    }
    keep(&mut run);
    out.retain(|&i| i > 0);
    out
}

#[cfg(test)]
mod tests {
    use super::starts;

    #[track_caller]
    fn items(line: &str) -> Vec<&str> {
        let cuts = starts(line, &|_| false);
        let ends = cuts.iter().copied().chain([line.len()]);
        let begins = std::iter::once(0).chain(cuts.iter().copied());
        begins.zip(ends).map(|(a, b)| line[a..b].trim()).collect()
    }

    #[test]
    fn lists_of_one_line() {
        assert_eq!(
            items("Ports: - If small, skip it - If large, count it"),
            ["Ports:", "- If small, skip it", "- If large, count it"]
        );
        assert_eq!(
            items("**STEPS:** 1. Sort the fish 2. Weigh the fish"),
            ["**STEPS:**", "1. Sort the fish", "2. Weigh the fish"]
        );
    }

    #[test]
    fn separators_are_no_lists() {
        for line in [
            "Format: Name - Age - Port",
            "Write it short - Never longer than a page - Thanks",
            "Give version 1. Then wait for version 3. Done",
            "- One item of a list - With a dash",
        ] {
            assert_eq!(items(line), [line]);
        }
    }
}
