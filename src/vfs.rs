//! Reading files: the one interface through which source and prompt files are read.
//!
//! The disk, or the disk with some files replaced by text in memory (standard input, an editor's
//! unsaved buffers, tests).

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// Room for most source files, in bytes.
const READ_AT_ONCE: usize = 64 << 10;

/// Where files are read from.
pub trait FileSystem: Sync {
    /// The bytes of a file.
    ///
    /// # Errors
    /// As [`std::fs::read`].
    fn read(&self, path: &Path) -> io::Result<Vec<u8>>;
    /// The bytes of a file, into a buffer that is used again for the next: of a file that is longer
    /// than `limit` one byte more than that.
    ///
    /// # Errors
    /// As [`Self::read`].
    fn read_into(&self, path: &Path, limit: u64, buffer: &mut Vec<u8>) -> io::Result<()> {
        buffer.clear();
        let bytes = self.read(path)?;
        let end = bytes
            .len()
            .min(usize::try_from(limit.saturating_add(1)).unwrap_or(usize::MAX));
        buffer.extend_from_slice(&bytes[..end]);
        Ok(())
    }
    /// Whether a regular file stands there.
    fn is_file(&self, path: &Path) -> bool;
    /// The regular files of a folder, sorted; none where it cannot be read.
    fn list(&self, folder: &Path) -> Vec<PathBuf>;
    /// The folders in a folder, sorted, symbolic links left out; none where it cannot be read.
    fn folders(&self, folder: &Path) -> Vec<PathBuf>;
    /// Size of a file in bytes.
    ///
    /// # Errors
    /// As [`std::fs::metadata`].
    fn size(&self, path: &Path) -> io::Result<u64>;
    /// Whether a file or folder below `root`, as its path is written, lies elsewhere: symbolic links
    /// lead out of it.
    fn leads_out(&self, path: &Path, root: &Path) -> bool;
}

/// The disk.
#[derive(Debug, Default, Clone, Copy)]
pub struct Disk;

impl FileSystem for Disk {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        std::fs::read(path)
    }
    fn read_into(&self, path: &Path, limit: u64, buffer: &mut Vec<u8>) -> io::Result<()> {
        buffer.clear();
        // Not `read_to_end` of the file, which asks for its size first.
        let file = std::fs::File::open(path)?;
        let mut bytes = file.take(limit.saturating_add(1));
        buffer.reserve(READ_AT_ONCE);
        bytes.read_to_end(buffer)?;
        Ok(())
    }
    fn is_file(&self, path: &Path) -> bool {
        path.is_file()
    }
    fn list(&self, folder: &Path) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
        let mut files: Vec<PathBuf> = entries
            .filter(|e| e.file_type().is_ok_and(|t| t.is_file()))
            .map(|e| e.path())
            .collect();
        files.sort();
        files
    }
    fn folders(&self, folder: &Path) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
        let mut folders: Vec<PathBuf> = entries
            .filter(|e| e.file_type().is_ok_and(|t| t.is_dir()))
            .map(|e| e.path())
            .collect();
        folders.sort();
        folders
    }
    fn size(&self, path: &Path) -> io::Result<u64> {
        Ok(std::fs::metadata(path)?.len())
    }
    fn leads_out(&self, path: &Path, root: &Path) -> bool {
        let root = if root.as_os_str().is_empty() {
            Path::new(".")
        } else {
            root
        };
        match (path.canonicalize(), root.canonicalize()) {
            (Ok(path), Ok(root)) => !path.starts_with(root),
            _ => false,
        }
    }
}

/// Texts in memory in front of the disk.
#[derive(Debug, Default, Clone)]
pub struct Overlay {
    texts: BTreeMap<PathBuf, Vec<u8>>,
    /// Whether a path without a text in memory is looked for on the disk.
    fall_through: bool,
}

impl Overlay {
    /// In front of the disk.
    #[must_use]
    pub fn over_disk() -> Self {
        Self {
            texts: BTreeMap::new(),
            fall_through: true,
        }
    }

    /// Memory only.
    #[must_use]
    pub fn in_memory() -> Self {
        Self::default()
    }

    /// Puts a text at a path.
    pub fn insert(&mut self, path: impl Into<PathBuf>, bytes: impl Into<Vec<u8>>) {
        self.texts.insert(path.into(), bytes.into());
    }
}

impl FileSystem for Overlay {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        match self.texts.get(path) {
            Some(t) => Ok(t.clone()),
            None if self.fall_through => Disk.read(path),
            None => Err(io::ErrorKind::NotFound.into()),
        }
    }
    fn read_into(&self, path: &Path, limit: u64, buffer: &mut Vec<u8>) -> io::Result<()> {
        match self.texts.get(path) {
            None if self.fall_through => Disk.read_into(path, limit, buffer),
            None => Err(io::ErrorKind::NotFound.into()),
            Some(t) => {
                buffer.clear();
                let end = t
                    .len()
                    .min(usize::try_from(limit.saturating_add(1)).unwrap_or(usize::MAX));
                buffer.extend_from_slice(&t[..end]);
                Ok(())
            }
        }
    }
    fn is_file(&self, path: &Path) -> bool {
        self.texts.contains_key(path) || (self.fall_through && Disk.is_file(path))
    }
    fn list(&self, folder: &Path) -> Vec<PathBuf> {
        let mut files: Vec<PathBuf> = self
            .texts
            .keys()
            .filter(|p| p.parent() == Some(folder))
            .cloned()
            .collect();
        if self.fall_through {
            files.extend(Disk.list(folder));
        }
        files.sort();
        files.dedup();
        files
    }
    fn folders(&self, folder: &Path) -> Vec<PathBuf> {
        let below = self.texts.keys().filter_map(|p| {
            let inner = p.strip_prefix(folder).ok()?;
            let mut parts = inner.components();
            let first = parts.next()?;
            parts.next().map(|_| folder.join(first))
        });
        let mut folders: Vec<PathBuf> = below.collect();
        if self.fall_through {
            folders.extend(Disk.folders(folder));
        }
        folders.sort();
        folders.dedup();
        folders
    }
    fn size(&self, path: &Path) -> io::Result<u64> {
        match self.texts.get(path) {
            Some(t) => Ok(t.len() as u64),
            None if self.fall_through => Disk.size(path),
            None => Err(io::ErrorKind::NotFound.into()),
        }
    }
    fn leads_out(&self, path: &Path, root: &Path) -> bool {
        self.fall_through && !self.texts.contains_key(path) && Disk.leads_out(path, root)
    }
}
