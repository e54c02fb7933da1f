//! Paths as reports show them: relative where possible, with `/`, and as URIs.

use std::fmt::Write as _;
use std::path::Path;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What a URI path segment keeps: RFC 3986 unreserved characters.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// A path relative to a directory, with `/` between its parts; a path that is not inside the
/// directory stays as it is (absolute).
#[must_use]
pub fn relative(path: &Path, directory: &Path) -> String {
    match path.strip_prefix(directory) {
        Ok(inside) if inside.as_os_str().is_empty() => ".".to_owned(),
        Ok(inside) => slashes(inside),
        Err(_) => slashes(path),
    }
}

/// A relative path for a terminal or a line of a file: control characters are escaped, so that a name
/// with a line break stays one line and none acts on the terminal.
#[must_use]
pub fn shown(path: &Path, directory: &Path) -> String {
    visible(&relative(path, directory))
}

/// A text with its control characters escaped.
#[must_use]
pub fn visible(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_control() {
            out.extend(c.escape_default());
        } else {
            out.push(c);
        }
    }
    out
}

/// A path with `/` between its parts.
#[must_use]
pub fn slashes(path: &Path) -> String {
    let text = path.to_string_lossy();
    if cfg!(windows) {
        text.replace('\\', "/")
    } else {
        text.into_owned()
    }
}

/// A path as the relative URI under `root`, or `None` if it lies elsewhere.
#[must_use]
pub fn relative_uri(path: &Path, root: &Path) -> Option<String> {
    let inside = if path.is_relative() {
        path
    } else {
        path.strip_prefix(root).ok()?
    };
    Some(encode(&slashes(inside)))
}

/// An absolute path as a `file` URI.
#[must_use]
pub fn file_uri(path: &Path) -> String {
    let text = slashes(path);
    let mut out = "file://".to_owned();
    if !text.starts_with('/') {
        out.push('/');
    }
    let _ = write!(out, "{}", encode(&text));
    out
}

fn encode(path: &str) -> String {
    path.split('/')
        .map(|segment| utf8_percent_encode(segment, SEGMENT).to_string())
        .collect::<Vec<_>>()
        .join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relative_paths() {
        let cwd = Path::new("/home/me/app");
        assert_eq!(
            relative(Path::new("/home/me/app/src/a.py"), cwd),
            "src/a.py"
        );
        assert_eq!(
            relative(Path::new("/home/me/lib/a.py"), cwd),
            "/home/me/lib/a.py"
        );
        assert_eq!(relative(Path::new("/srv/a.py"), cwd), "/srv/a.py");
        assert_eq!(relative(Path::new("src/a.py"), cwd), "src/a.py");
        assert_eq!(relative(cwd, cwd), ".");
        let name = Path::new("/home/me/app/a\n\u{1b}[1mb.py");
        assert_eq!(shown(name, cwd), "a\\n\\u{1b}[1mb.py");
    }

    #[test]
    fn uris_are_percent_encoded_segment_by_segment() {
        let root = Path::new("/r");
        assert_eq!(
            relative_uri(Path::new("/r/a b/ü#1.py"), root).as_deref(),
            Some("a%20b/%C3%BC%231.py")
        );
        assert_eq!(relative_uri(Path::new("/s/x.py"), root), None);
        assert_eq!(file_uri(Path::new("/r/a b")), "file:///r/a%20b");
    }
}
