//! `deprompt init`.

use std::fs::OpenOptions;
use std::io::{self, Write};

use super::{Error, output};
use crate::config::TEMPLATE;
use crate::discover::SETTINGS_FILES;
use crate::exit::ExitStatus;

pub(super) fn run() -> Result<ExitStatus, Error> {
    let name = SETTINGS_FILES[0];
    let written = OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(name)
        .and_then(|mut file| file.write_all(TEMPLATE.as_bytes()));
    match written {
        Ok(()) => {
            let mut out = output::stdout();
            writeln!(out, "Wrote {name}")?;
            out.flush()?;
            Ok(ExitStatus::Clean)
        }
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists => Err(Error::Usage(format!(
            "{name} is there already; it was left as it is"
        ))),
        Err(source) => Err(Error::File {
            path: name.to_owned(),
            source,
        }),
    }
}
