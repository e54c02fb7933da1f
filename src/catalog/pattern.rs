//! The two small languages of the catalog: name patterns and argument paths.

use std::str::FromStr;

/// A dotted name with alternatives: `chat.completions.{create,parse}`, `Chat*`, `{a,}invoke`.
/// Expanded when it is read; `*` at the end of a segment matches any continuation of that segment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    /// Segments.
    pub segments: Vec<String>,
}

impl Pattern {
    /// All patterns that a text with brace alternatives stands for.
    ///
    /// # Errors
    /// If braces are not balanced.
    pub fn expand(text: &str) -> Result<Vec<Self>, String> {
        let mut done = Vec::new();
        let mut open = vec![text.to_owned()];
        while let Some(t) = open.pop() {
            match t.find('{') {
                None if t.contains('}') => return Err(format!("unbalanced brace in `{text}`")),
                None => done.push(Self {
                    segments: t.split('.').map(str::to_owned).collect(),
                }),
                Some(start) => {
                    let end = t[start..]
                        .find('}')
                        .map(|e| start + e)
                        .ok_or_else(|| format!("unbalanced brace in `{text}`"))?;
                    for alternative in t[start + 1..end].split(',').rev() {
                        open.push(format!("{}{alternative}{}", &t[..start], &t[end + 1..]));
                    }
                }
            }
        }
        Ok(done)
    }

    /// Whether the pattern matches the end of a path.
    #[must_use]
    pub fn matches_end<S: AsRef<str>>(&self, path: &[S]) -> bool {
        path.len() >= self.segments.len()
            && self
                .segments
                .iter()
                .rev()
                .zip(path.iter().rev())
                .all(|(p, s)| segment_matches(p, s.as_ref()))
    }
}

fn segment_matches(pattern: &str, segment: &str) -> bool {
    // This is asked of every pattern for every call; most differ in their first letter.
    let first = pattern.bytes().next();
    if first != Some(b'*') && first != segment.bytes().next() {
        return false;
    }
    match pattern.split_once('*') {
        None => pattern == segment,
        Some((prefix, suffix)) => {
            segment.len() >= prefix.len() + suffix.len()
                && segment.starts_with(prefix)
                && segment.ends_with(suffix)
        }
    }
}

/// Where an [`At`] path begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AtRoot {
    /// A named argument, a key of the options object, a field of the request, a setter of its builder.
    Named(String),
    /// A positional argument, 0-based.
    Positional(usize),
    /// All positional arguments.
    All,
    /// The value the method is called on (or the called value itself), and what was set on it.
    Receiver,
}

/// A path to a value among a call's arguments: `messages`, `arg:0.messages`,
/// `receiver.system_instruction`, `config.response_schema`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct At {
    /// Where it begins.
    pub root: AtRoot,
    /// Fields from there.
    pub fields: Vec<String>,
}

impl FromStr for At {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut parts = text.split('.');
        let first = parts.next().unwrap_or_default();
        let root = match first.strip_prefix("arg:") {
            Some("*") => AtRoot::All,
            Some(n) => AtRoot::Positional(
                n.parse()
                    .map_err(|_| format!("`{text}`: `arg:` is followed by a number or `*`"))?,
            ),
            None if first == "receiver" => AtRoot::Receiver,
            None if first.is_empty() => return Err(format!("`{text}` is an empty path")),
            None => AtRoot::Named(first.to_owned()),
        };
        Ok(Self {
            root,
            fields: parts.map(str::to_owned).collect(),
        })
    }
}

/// All paths of a text with `|` between alternatives.
pub(super) fn paths(text: &str) -> Result<Vec<At>, String> {
    text.split('|').map(|p| p.trim().parse()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn braces_expand_and_stars_match() -> Result<(), String> {
        let p = Pattern::expand("{a,}invoke")?;
        assert_eq!(p.len(), 2);
        assert!(p.iter().any(|p| p.matches_end(&["chain", "ainvoke"])));
        assert!(Pattern::expand("Chat*")?[0].matches_end(&["ChatOpenAI"]));
        assert!(!Pattern::expand("chat.create")?[0].matches_end(&["create"]));
        assert!(Pattern::expand("a}").is_err());
        Ok(())
    }

    #[test]
    fn paths_have_roots() -> Result<(), String> {
        assert_eq!(
            "arg:0.messages".parse::<At>()?,
            At {
                root: AtRoot::Positional(0),
                fields: vec!["messages".into()]
            }
        );
        assert!("arg:x".parse::<At>().is_err());
        assert_eq!(paths("system | receiver.system")?.len(), 2);
        Ok(())
    }
}
