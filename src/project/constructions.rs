//! Which files of a project may construct a class, by its name: one pass over the bytes of all files.

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use super::Project;
use crate::language::Language;
use crate::source::FileId;

/// Files that are kept for one name: a class that is made in more places has no one way to be made.
const MAX_FILES: usize = 8;

/// See [`Project::constructing`].
pub(super) struct Constructions(FxHashMap<Box<str>, Vec<FileId>>);

impl Constructions {
    /// The names that are called in the files of a project like the classes of Python and TypeScript.
    pub(super) fn of(project: &Project<'_>) -> Self {
        let ids: Vec<FileId> = project.ids().collect();
        let found: Vec<(FileId, Vec<Box<str>>)> = ids
            .par_iter()
            .map_init(Vec::new, |bytes, id| {
                let language = project.language(*id);
                let read = language != Language::Rust && project.bytes_into(*id, bytes);
                let names = if read {
                    constructed(bytes, language == Language::TypeScript)
                } else {
                    Vec::new()
                };
                (*id, names)
            })
            .collect();
        let mut files: FxHashMap<Box<str>, Vec<FileId>> = FxHashMap::default();
        for (id, names) in found {
            for name in names {
                let of = files.entry(name).or_default();
                if of.len() <= MAX_FILES {
                    of.push(id);
                }
            }
        }
        files.retain(|_, of| of.len() <= MAX_FILES);
        Self(files)
    }

    /// The files of a name, sorted; none where there are many.
    pub(super) fn files(&self, name: &str) -> &[FileId] {
        self.0.get(name).map_or(&[], Vec::as_slice)
    }
}

/// The capitalized names before a parenthesis, each once: those after `new`, or those after no keyword of a
/// definition.
fn constructed(bytes: &[u8], after_new: bool) -> Vec<Box<str>> {
    let part = |b: &u8| b.is_ascii_alphanumeric() || *b == b'_';
    let mut names: Vec<&[u8]> = Vec::new();
    for end in (0..bytes.len()).filter(|i| bytes[*i] == b'(') {
        let length = bytes[..end].iter().rev().take_while(|b| part(b)).count();
        let (before, name) = bytes[..end].split_at(end - length);
        if !name.first().is_some_and(u8::is_ascii_uppercase) {
            continue;
        }
        let before = before.trim_ascii_end();
        let made = if after_new {
            before.ends_with(b"new") || before.ends_with(b".")
        } else {
            !before.ends_with(b"class") && !before.ends_with(b"def")
        };
        if made {
            names.push(name);
        }
    }
    names.sort_unstable();
    names.dedup();
    let text = |n: &[u8]| std::str::from_utf8(n).ok().map(Box::from);
    names.into_iter().filter_map(text).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_that_are_called_and_not_those_that_are_declared() {
        let python = b"class Clerk(Base):\n  def Make(self): return Clerk(desk.Lamp(), ask(1))\n";
        let names: Vec<String> = constructed(python, false)
            .iter()
            .map(|n| n.to_string())
            .collect();
        assert_eq!(names, ["Clerk", "Lamp"]);
        let script = b"class Clerk { constructor() { new Lamp(String(1)) } }\nDate()";
        let names = constructed(script, true);
        assert_eq!(names.len(), 1);
        assert_eq!(&*names[0], "Lamp");
    }
}
