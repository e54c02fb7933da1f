//! Where output goes: buffered, locked, and stripped of colours where they are not wanted.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use anstream::{AutoStream, ColorChoice};

use super::{Color, Error, Terminal};
use crate::pipeline::{Notice, NoticeLevel};
use crate::report::Base;
use crate::report::path::shown;

/// Standard output.
pub(super) fn stdout() -> impl Write {
    BufWriter::with_capacity(1 << 16, AutoStream::auto(io::stdout().lock()))
}

/// Runs `write` on a file, or on standard output if there is none.
pub(super) fn to(
    file: Option<&Path>,
    terminal: Terminal,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<(), Error> {
    let Some(path) = file else {
        let mut out = stdout();
        write(&mut out)?;
        return Ok(out.flush()?);
    };
    let fail = |source| Error::File {
        path: path.display().to_string(),
        source,
    };
    let choice = if terminal.color == Color::Always {
        ColorChoice::Always
    } else {
        ColorChoice::Never
    };
    let file = File::create(path).map_err(fail)?;
    let mut out = BufWriter::new(AutoStream::new(Box::new(file) as Box<dyn Write>, choice));
    write(&mut out).and_then(|()| out.flush()).map_err(fail)
}

/// Prints notices on standard error, unless they are no errors and nobody wants to know.
pub(super) fn notices(notices: &[Notice], base: &Base, terminal: Terminal) {
    let mut err = anstream::stderr().lock();
    for n in notices {
        let level = match n.level {
            NoticeLevel::Error => "error",
            NoticeLevel::Warning if terminal.quiet => continue,
            NoticeLevel::Warning => "warning",
        };
        let path = shown(&n.path, &base.working_directory);
        let line = n.line.map(|l| format!(":{l}")).unwrap_or_default();
        // A closed standard error is no reason to stop.
        let _ = writeln!(err, "{level}: {path}{line}: {}", n.message);
    }
}
