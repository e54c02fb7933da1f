//! What is wrong with a TOML file, shown on the TOML itself.

use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};

use codespan_reporting::diagnostic::{Diagnostic, Label};
use codespan_reporting::files::SimpleFile;
use codespan_reporting::term;

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Bytes of the text.
    pub span: Range<usize>,
    /// What is wrong.
    pub message: String,
    /// What stands at the span; may be empty.
    pub label: String,
    /// The way out.
    pub notes: Vec<String>,
}

impl Problem {
    /// Without label and notes.
    #[must_use]
    pub const fn new(span: Range<usize>, message: String) -> Self {
        Self {
            span,
            message,
            label: String::new(),
            notes: Vec::new(),
        }
    }
}

/// All that is wrong with one file.
#[derive(Debug)]
pub struct Problems {
    path: PathBuf,
    text: String,
    problems: Vec<Problem>,
}

impl Problems {
    /// Of a file with this text.
    #[must_use]
    pub fn new(path: &Path, text: &str, problems: Vec<Problem>) -> Self {
        Self {
            path: path.to_owned(),
            text: text.to_owned(),
            problems,
        }
    }

    /// The excerpts with their messages, without colours; the path is shown relative to `cwd`.
    #[must_use]
    pub fn render(&self, cwd: &Path) -> String {
        let name = crate::report::path::relative(&self.path, cwd);
        let file = SimpleFile::new(name, self.text.as_str());
        let mut out = String::new();
        for p in &self.problems {
            let end = p.span.end.min(self.text.len());
            let label = Label::primary((), p.span.start.min(end)..end).with_message(&p.label);
            let diagnostic = Diagnostic::error()
                .with_message(&p.message)
                .with_label(label)
                .with_notes(p.notes.clone());
            let config = term::Config::default();
            if term::emit_to_string(&mut out, &config, &file, &diagnostic).is_err() {
                // A span off the text cannot be shown; the message still counts.
                out.push_str(&format!("error: {}\n", p.message));
            }
        }
        out
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.render(Path::new("")).trim_end())
    }
}
