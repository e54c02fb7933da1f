//! The value behind an interpolated expression: what it is before it was made text for the prompt.

/// Calls whose only argument (or first, with options behind it) is the value: `json.dumps(x)`.
const WRAPPERS: [&str; 16] = [
    "json.dumps",
    "JSON.stringify",
    "str",
    "repr",
    "String",
    "serde_json::to_string",
    "serde_json::to_string_pretty",
    "yaml.dump",
    "yaml.safe_dump",
    "yaml.stringify",
    "pprint.pformat",
    "pformat",
    "list",
    "orjson.dumps",
    "format",
    "inspect",
];

/// Methods that make text of their receiver: `rows.to_csv(index=False)`.
const METHODS: [&str; 13] = [
    "to_string",
    "to_csv",
    "to_markdown",
    "to_json",
    "toString",
    "toLocaleString",
    "model_dump_json",
    "as_str",
    "clone",
    "display",
    "isoformat",
    "toISOString",
    "to_owned",
];

/// Words of a literal that make a sentence.
const MIN_WORDS: usize = 3;
/// Layers that are taken off.
const MAX_LAYERS: usize = 6;

/// The expression without what only makes text of it, for code that works on the value: of
/// `", ".join(items)`, `JSON.stringify(items, null, 2)` or `items.join(", ")` it is `items`. What
/// would fall apart beside an operator or a dot stands in parentheses. `None` where nothing is left
/// that could stand in code.
#[must_use]
pub fn bare(expression: &str) -> Option<String> {
    let mut e = expression.trim();
    for _ in 0..MAX_LAYERS {
        let inner = strip(e).trim();
        if inner == e {
            break;
        }
        e = inner;
    }
    if e.is_empty()
        || e.contains('\n')
        || e.starts_with('{')
        || !balanced(e)
        || assigns(e)
        || is_text(e)
    {
        return None;
    }
    Some(if is_compound(e) {
        format!("({e})")
    } else {
        e.to_owned()
    })
}

/// Whether it is text that the program says itself: it begins with a literal, or holds a sentence.
fn is_text(e: &str) -> bool {
    let literal = |c: char| matches!(c, '"' | '\'' | '`');
    let head = e.trim_start_matches(['(', '&']);
    let tag = head.chars().take_while(char::is_ascii_alphabetic).count();
    let tagged = tag <= 2 && head.get(tag..).is_some_and(|s| s.starts_with(literal));
    tagged || e.split(literal).skip(1).step_by(2).any(is_sentence)
}

/// Whether a literal has the words of one.
fn is_sentence(text: &str) -> bool {
    let word = |w: &&str| {
        let w = w.trim_matches(|c: char| c.is_ascii_punctuation());
        w.len() > 1 && w.chars().all(char::is_alphabetic)
    };
    text.split_whitespace().filter(word).count() >= MIN_WORDS
}

/// Whether white space stands outside brackets and quotes: operators, a comprehension. `new Date()`
/// is one operand.
fn is_compound(e: &str) -> bool {
    !e.starts_with("new ") && outer(e).any(|(_, c)| c.is_whitespace())
}

/// The characters of an expression outside brackets and quotes, with their byte offsets.
fn outer(e: &str) -> impl Iterator<Item = (usize, char)> + '_ {
    let mut depth = 0usize;
    let mut quote = None;
    e.char_indices().filter(move |(_, c)| {
        match (quote, *c) {
            (Some(q), c) if q == c => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'' | '`') => quote = Some(*c),
            (None, '(' | '[' | '{') => depth += 1,
            (None, ')' | ']' | '}') => depth = depth.saturating_sub(1),
            (None, _) => return depth == 0,
        }
        false
    })
}

/// Whether it is a directive of a template language, such as `media url=photo`.
fn assigns(e: &str) -> bool {
    let bytes = e.as_bytes();
    let at = |i: Option<usize>| i.and_then(|i| bytes.get(i)).copied().unwrap_or(b' ');
    e.match_indices('=').any(|(i, _)| {
        !matches!(at(i.checked_sub(1)), b'=' | b'!' | b'<' | b'>')
            && !matches!(at(Some(i + 1)), b'=' | b'>')
            && !e.get(..i).is_some_and(|head| head.contains('('))
    })
}

/// One layer less, or the expression itself.
fn strip(e: &str) -> &str {
    let e = e.strip_suffix(['?', '!']).unwrap_or(e).trim_end();
    let e = e.strip_suffix(".unwrap()").unwrap_or(e);
    let e = e.strip_suffix(".unwrap_or_default()").unwrap_or(e);
    let Some((callee, arguments)) = last_call(e) else {
        return e;
    };
    let first = first_argument(arguments);
    if WRAPPERS.contains(&callee) && !first.is_empty() {
        return first.trim_start_matches('&').trim_start_matches("mut ");
    }
    let Some((receiver, method)) = callee.rsplit_once('.') else {
        return e;
    };
    if method == "join" {
        // Python joins with the separator, the others join the list.
        return if receiver.starts_with(['"', '\'']) {
            generator(first)
        } else {
            receiver
        };
    }
    if METHODS.contains(&method) && !receiver.starts_with(['"', '\'', '`']) {
        return receiver;
    }
    e
}

/// `str(x) for x in items` gives `items`.
fn generator(e: &str) -> &str {
    let e = e
        .strip_prefix('[')
        .and_then(|s| s.strip_suffix(']'))
        .unwrap_or(e);
    if let Some(inner) = e.strip_prefix("map(").and_then(|s| s.strip_suffix(')'))
        && let Some((_, list)) = inner.split_once(',')
    {
        return list.trim();
    }
    match e
        .split_once(" for ")
        .and_then(|(_, s)| s.split_once(" in "))
    {
        // With a condition the list is another one.
        Some((_, list)) if !list.contains(" if ") && !list.contains(" for ") => list,
        _ => e,
    }
}

/// The callee and the arguments of an expression that is one call.
fn last_call(e: &str) -> Option<(&str, &str)> {
    let body = e.strip_suffix(')')?;
    let mut depth = 0usize;
    for (i, c) in body.char_indices().rev() {
        match c {
            ')' | ']' | '}' => depth += 1,
            '(' if depth == 0 => {
                return Some((body.get(..i)?.trim(), body.get(i + 1..)?.trim()));
            }
            '(' | '[' | '{' => depth = depth.checked_sub(1)?,
            _ => {}
        }
    }
    None
}

/// Up to the first comma outside brackets and quotes.
fn first_argument(arguments: &str) -> &str {
    let end = outer(arguments).find(|(_, c)| *c == ',').map(|(i, _)| i);
    arguments
        .get(..end.unwrap_or(arguments.len()))
        .unwrap_or_default()
        .trim()
}

/// Whether brackets close: an expression that was cut short does not stand in code.
fn balanced(e: &str) -> bool {
    let mut depth = 0i32;
    for c in e.chars() {
        match c {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth -= 1,
            '…' => return false,
            _ => {}
        }
        if depth < 0 {
            return false;
        }
    }
    depth == 0
}

#[cfg(test)]
mod tests {
    use super::bare;

    #[test]
    fn what_only_makes_text_is_taken_off() {
        for (expression, value) in [
            ("\", \".join(items)", "items"),
            ("', '.join(str(n) for n in numbers)", "numbers"),
            ("\"\\n\".join(map(str, rows))", "rows"),
            ("JSON.stringify(orders, null, 2)", "orders"),
            ("json.dumps(order.lines, indent=2)", "order.lines"),
            ("items.join(\", \")", "items"),
            (
                "serde_json::to_string_pretty(&self.rows).unwrap()",
                "self.rows",
            ),
            ("str(amount)", "amount"),
            ("price.toString()", "price"),
            ("frame.to_csv(index=False)", "frame"),
            ("day.strftime(\"%d\")", "day.strftime(\"%d\")"),
            ("total(rows)", "total(rows)"),
            (
                "', '.join(n for n in numbers if n)",
                "(n for n in numbers if n)",
            ),
        ] {
            assert_eq!(bare(expression).as_deref(), Some(value), "{expression}");
        }
    }

    #[test]
    fn what_was_cut_short_is_nothing() {
        assert_eq!(bare("render(a, b"), None);
        assert_eq!(bare(""), None);
        assert_eq!(bare("a)("), None);
        assert_eq!(bare("media url=photo"), None);
        assert_eq!(bare("{ name: user.name }"), None);
        assert_eq!(bare("\"Sort these prices: \" + prices"), None);
        assert_eq!(bare("f'Sort {x}'"), None);
        assert_eq!(bare("`Sort ${x}`"), None);
        assert_eq!(bare("format!(\"Sort these prices: {x}\")"), None);
        assert_eq!(bare("f(\"x\")").as_deref(), Some("f(\"x\")"));
    }
}
