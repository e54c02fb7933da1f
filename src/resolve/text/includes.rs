//! Templates that are made of several files: what `{% include %}`, `{% extends %}` and `{{> partial}}`
//! bring in, each piece with the file that it stands in.

use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::engines::endings;
use super::fill::Slot;
use super::found::{Found, file_text, written};
use super::tags::{Tag, What, closing, tags};
use crate::resolve::data::Format;
use crate::resolve::eval::Evaluator;
use crate::resolve::value::{Rope, Segment, Value};

/// Files in files, and blocks in blocks.
const MAX_DEPTH: usize = 8;
/// Files that one template is made of.
const MAX_FILES: usize = 64;

/// What a template that extends another puts into its blocks.
type Blocks = Vec<(String, Rope)>;

/// A template that is being put together.
struct Assembly {
    /// The files that are open: one that includes itself ends there.
    open: Vec<PathBuf>,
    depth: usize,
    files: usize,
}

impl Assembly {
    /// Of the template of a file.
    fn of(path: &Path) -> Self {
        Self {
            open: vec![path.to_path_buf()],
            depth: 0,
            files: 0,
        }
    }
}

impl Evaluator<'_> {
    /// The text of a file, with the text of what it includes where it includes it. Data is read by
    /// parsers, which know no templates.
    pub(super) fn assembled(&self, (id, source): &Found) -> Value {
        let path = source.path();
        let data = path.to_str().and_then(Format::of_path).is_some();
        if data || tags(source.text()).is_empty() {
            return file_text(*id, source);
        }
        let mut assembly = Assembly::of(path);
        let piece = written(*id, source);
        Value::text(self.put_together(&piece, path, &Vec::new(), &mut assembly))
    }

    /// A part of a file's text in the same way.
    pub(crate) fn with_includes(&self, rope: &Rope) -> Rope {
        let mut out = Rope::default();
        for s in &rope.segments {
            let path = match s {
                Segment::Literal { file, .. } => self.project.text_path(*file),
                _ => None,
            };
            match path {
                Some(path) => {
                    let mut assembly = Assembly::of(&path);
                    out.push(&self.put_together(s, &path, &Vec::new(), &mut assembly));
                }
                None => out.segments.push(s.clone()),
            }
        }
        out
    }

    fn put_together(
        &self,
        piece: &Segment,
        path: &Path,
        blocks: &Blocks,
        assembly: &mut Assembly,
    ) -> Rope {
        let Segment::Literal { text, .. } = piece else {
            return Rope::default();
        };
        let tags = tags(text);
        if tags.is_empty() || assembly.depth >= MAX_DEPTH {
            return Rope {
                segments: vec![piece.clone()],
            };
        }
        assembly.depth += 1;
        let base = tags.iter().find_map(|t| match &t.what {
            What::Extends(name) => Some(name),
            _ => None,
        });
        let base = base.and_then(|name| self.included(path, name, assembly).into_iter().next());
        let out = match base {
            Some(base) => {
                let blocks = self.own_blocks(piece, &tags, path, blocks, assembly);
                self.opened_file(&base, &blocks, assembly)
            }
            None => self.walked(piece, &tags, path, blocks, assembly),
        };
        assembly.depth -= 1;
        out
    }

    /// The text of a template tag by tag.
    fn walked(
        &self,
        piece: &Segment,
        tags: &[Tag],
        path: &Path,
        blocks: &Blocks,
        assembly: &mut Assembly,
    ) -> Rope {
        let mut out = Rope::default();
        let Segment::Literal { text, .. } = piece else {
            return out;
        };
        let mut kept = 0;
        for (i, tag) in tags.iter().enumerate() {
            if tag.start < kept {
                continue;
            }
            let mut end = tag.end;
            let brought = match &tag.what {
                What::Include(names) => {
                    let texts = self.included_texts(path, names, assembly);
                    if texts.is_empty() {
                        continue;
                    }
                    texts
                }
                What::Block(name) => {
                    let Some(close) = closing(tags, i) else {
                        continue;
                    };
                    end = close.end;
                    let inside = piece.slice(tag.end, close.start);
                    let own = inside.map(|s| self.put_together(&s, path, blocks, assembly));
                    let own = own.unwrap_or_default();
                    vec![match blocks.iter().find(|(n, _)| n == name) {
                        Some((_, given)) => self.with_super(given, &own),
                        None => own,
                    }]
                }
                What::Comment => Vec::new(),
                What::EndBlock | What::Extends(_) => continue,
            };
            out.segments.extend(piece.slice(kept, tag.start));
            kept = end;
            match brought.len() {
                0 => {}
                1 => out.push(&brought[0]),
                _ => out.segments.push(Segment::Alternatives(Rc::new(brought))),
            }
        }
        out.segments.extend(piece.slice(kept, text.len()));
        out
    }

    /// The blocks of a template that extends another, below those that are given already.
    fn own_blocks(
        &self,
        piece: &Segment,
        tags: &[Tag],
        path: &Path,
        given: &Blocks,
        assembly: &mut Assembly,
    ) -> Blocks {
        let mut blocks = given.clone();
        let mut after = 0;
        for (i, tag) in tags.iter().enumerate() {
            let (What::Block(name), Some(close)) = (&tag.what, closing(tags, i)) else {
                continue;
            };
            let Some(inside) = piece
                .slice(tag.end, close.start)
                .filter(|_| tag.start >= after)
            else {
                continue;
            };
            after = close.end;
            let own = self.put_together(&inside, path, given, assembly);
            match blocks.iter_mut().find(|(n, _)| n == name) {
                Some((_, rope)) => *rope = self.with_super(rope, &own),
                None => blocks.push((name.clone(), own)),
            }
        }
        blocks
    }

    /// A block in which `{{ super() }}` stands for what the block holds in the template below.
    fn with_super(&self, block: &Rope, below: &Rope) -> Rope {
        let below = Value::text(below.clone());
        self.substitute(
            block,
            &mut |text| {
                let (start, end) = super_tag(text)?;
                Some(Slot::unnamed(start, end))
            },
            &mut |_| Some((below.clone(), None)),
        )
    }

    /// The texts of the first of several files that is there, or of each that may be meant.
    fn included_texts(
        &self,
        path: &Path,
        names: &[Vec<String>],
        assembly: &mut Assembly,
    ) -> Vec<Rope> {
        let mut out = Vec::new();
        for alternatives in names {
            let found = alternatives
                .iter()
                .map(|name| self.included(path, name, assembly))
                .find(|found| !found.is_empty());
            for file in found.unwrap_or_default() {
                out.push(self.opened_file(&file, &Vec::new(), assembly));
            }
        }
        out
    }

    /// The text of a file that another one names.
    fn opened_file(&self, (id, source): &Found, blocks: &Blocks, assembly: &mut Assembly) -> Rope {
        let path = source.path();
        assembly.files += 1;
        assembly.open.push(path.to_path_buf());
        let text = self.put_together(&written(*id, source), path, blocks, assembly);
        assembly.open.pop();
        text
    }

    /// The files that a template means by a name, where it may be opened there.
    fn included(&self, path: &Path, name: &str, assembly: &Assembly) -> Vec<Found> {
        if assembly.files >= MAX_FILES {
            return Vec::new();
        }
        let own = path.extension().and_then(|e| e.to_str());
        let with_ending = |name: &str| Path::new(name).extension().is_some();
        let mut names = vec![name.to_owned()];
        if !with_ending(name) {
            let tried = own.into_iter().chain(endings());
            names = tried.map(|ending| format!("{name}.{ending}")).collect();
            // The partials of dotprompt have a sign for it.
            names.extend(own.map(|ending| format!("_{name}.{ending}")));
        }
        let found = names.iter().map(|name| {
            let mut files = self.find_file(path, name);
            files.retain(|(_, source)| assembly.open.iter().all(|p| p != source.path()));
            files
        });
        found
            .into_iter()
            .find(|f| !f.is_empty())
            .unwrap_or_default()
    }
}

/// First and last byte of `{{ super() }}`, with or without white space and the signs that take it away.
fn super_tag(text: &str) -> Option<(usize, usize)> {
    const CALL: &str = "super()";
    let signs = |c: char| c.is_whitespace() || c == '-';
    text.match_indices(CALL).find_map(|(at, _)| {
        let before = text[..at].trim_end_matches(signs).strip_suffix("{{")?;
        let after = text[at + CALL.len()..]
            .trim_start_matches(signs)
            .strip_prefix("}}")?;
        Some((before.len(), text.len() - after.len()))
    })
}

#[cfg(test)]
mod tests {
    use super::super_tag;

    #[test]
    fn the_tag_of_what_stands_below_is_told_from_its_name() {
        assert_eq!(super_tag("a {{ super() }} b"), Some((2, 15)));
        assert_eq!(super_tag("{{x}} super() {{- super() -}}"), Some((14, 29)));
        assert_eq!(super_tag("call super() first"), None);
    }
}
