//! What IPython understands and Python does not: `%magics`, `!shell` lines, `help?`. They are
//! overwritten with spaces, byte for byte, so that the rest parses and keeps its offsets.

use std::borrow::Cow;

/// Cell magics whose body is Python all the same.
const KEEP_BODY: &[&str] = &[
    "time",
    "timeit",
    "capture",
    "prun",
    "memit",
    "mprun",
    "lprun",
    "python",
    "python3",
    "pypy",
    "snakeviz",
    "debug",
    "skip",
    "cache",
    "wandb",
    "pyinstrument",
    "heat",
    "scalene",
];

/// Lines that IPython takes for a magic without its sign.
const AUTOMAGIC: &[&str] = &[
    "pip install ",
    "pip3 install ",
    "conda install ",
    "uv pip install ",
];

/// The cell with everything that is no Python blanked out.
pub(super) fn mask(cell: &str) -> Cow<'_, str> {
    if !cell.contains(['%', '!', '?']) && !cell.contains(" install ") {
        return Cow::Borrowed(cell);
    }
    if let Some(magic) = cell.trim_start().strip_prefix("%%") {
        let line = magic.lines().next().unwrap_or_default();
        let mut words = line.split_whitespace();
        let name = words.next().unwrap_or_default();
        let writes_python = matches!(name, "writefile" | "file")
            && words.next_back().is_some_and(|w| w.ends_with(".py"));
        if !KEEP_BODY.contains(&name) && !writes_python {
            return Cow::Owned(blank(cell));
        }
    }
    let mut out = String::with_capacity(cell.len());
    let mut state = State::default();
    let mut shell_goes_on = false;
    for line in cell.split_inclusive('\n') {
        let body = line.trim_end_matches(['\n', '\r']);
        if shell_goes_on || (state.at_statement() && is_special(body)) {
            shell_goes_on = body.ends_with('\\');
            out.push_str(&blank(line));
        } else {
            state.line(line, &mut out);
        }
    }
    Cow::Owned(out)
}

/// Spaces for all but line ends.
fn blank(text: &str) -> String {
    text.bytes()
        .map(|b| {
            if matches!(b, b'\n' | b'\r') {
                char::from(b)
            } else {
                ' '
            }
        })
        .collect()
}

/// Whether a line that begins a statement is IPython's: a magic, a shell line, a help line, or an
/// assignment from one.
fn is_special(line: &str) -> bool {
    let line = line.trim_start();
    if line.starts_with(['%', '!', '?']) || AUTOMAGIC.iter().any(|a| line.starts_with(a)) {
        return true;
    }
    let Some((target, value)) = line.split_once('=') else {
        return false;
    };
    value.trim_start_matches(' ').starts_with(['!', '%'])
        && target
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '_' | '.' | ',' | ' ' | '*' | '[' | ']'))
}

/// Where in Python's syntax a line begins: enough of a lexer to tell code from strings.
#[derive(Default)]
struct State {
    /// Open brackets.
    depth: usize,
    /// The quote of a triple-quoted string that is open.
    triple: Option<u8>,
    /// The line before ended in a backslash.
    continues: bool,
}

impl State {
    const fn at_statement(&self) -> bool {
        self.depth == 0 && self.triple.is_none() && !self.continues
    }

    /// Copies a line of Python, without the `?` of a help request.
    fn line(&mut self, line: &str, out: &mut String) {
        let bytes = line.as_bytes();
        let mut masked = Vec::new();
        let mut at = 0;
        let mut quote: Option<u8> = None;
        self.continues = false;
        while let Some(&b) = bytes.get(at) {
            let triple = bytes.get(at..at + 3).is_some_and(|t| t == [b, b, b]);
            if self.triple.is_some() || quote.is_some() {
                if b == b'\\' {
                    at += 1;
                } else if self.triple == Some(b) && triple {
                    self.triple = None;
                    at += 2;
                } else if quote == Some(b) {
                    quote = None;
                }
            } else {
                match b {
                    b'#' => break,
                    b'"' | b'\'' if triple => {
                        self.triple = Some(b);
                        at += 2;
                    }
                    b'"' | b'\'' => quote = Some(b),
                    b'(' | b'[' | b'{' => self.depth += 1,
                    b')' | b']' | b'}' => self.depth = self.depth.saturating_sub(1),
                    b'?' => masked.push(at),
                    b'\\' => self.continues = matches!(bytes.get(at + 1), Some(b'\n' | b'\r')),
                    _ => {}
                }
            }
            at += 1;
        }
        // A single-quoted string that goes on with a backslash is left to the parser.
        let mut from = 0;
        for at in masked {
            out.push_str(line.get(from..at).unwrap_or_default());
            out.push(' ');
            from = at + 1;
        }
        out.push_str(line.get(from..).unwrap_or_default());
    }
}
