//! Type annotations, read from their text: so that a quoted annotation and a plain one are read by
//! the same code.

use crate::hir::{Name, TypeRef};

/// How deeply nested type arguments are read.
const MAX_DEPTH: u32 = 32;

/// Wrappers that stand for their first argument.
const TRANSPARENT: &[&str] = &[
    "Optional",
    "Annotated",
    "Awaitable",
    "ClassVar",
    "Final",
    "Required",
    "NotRequired",
    "ReadOnly",
    "InitVar",
    "Mapped",
];

/// Reads an annotation (`list[str] | None`, `"Optional[openai.OpenAI]"`).
pub(super) fn parse(text: &str) -> TypeRef {
    let mut reader = Reader { rest: text };
    reader.union(0)
}

struct Reader<'a> {
    rest: &'a str,
}

impl<'a> Reader<'a> {
    fn peek(&mut self) -> Option<char> {
        loop {
            self.rest = self
                .rest
                .trim_start_matches(|c: char| c.is_whitespace() || c == '\\');
            if !self.rest.starts_with('#') {
                return self.rest.chars().next();
            }
            self.rest = self.rest.split_once('\n').map_or("", |(_, rest)| rest);
        }
    }

    fn take(&mut self, c: char) -> bool {
        let found = self.peek() == Some(c);
        if found {
            self.rest = &self.rest[c.len_utf8()..];
        }
        found
    }

    fn union(&mut self, depth: u32) -> TypeRef {
        let mut out = self.item(depth);
        while self.take('|') {
            merge(&mut out, self.item(depth));
        }
        out
    }

    fn item(&mut self, depth: u32) -> TypeRef {
        match self.peek() {
            Some('"' | '\'') => parse_quoted(self.quoted(), depth),
            Some('(') => {
                self.take('(');
                let inner = self.arguments(')', depth);
                inner.into_iter().next().unwrap_or_default()
            }
            // The parameters of a `Callable` are no type.
            Some('[') => {
                self.take('[');
                self.arguments(']', depth);
                TypeRef::default()
            }
            Some(c) if c.is_alphabetic() || c == '_' => {
                let name = self.dotted();
                self.generic(name, depth)
            }
            Some('*') => {
                self.take('*');
                self.item_below(depth)
            }
            _ => TypeRef::default(),
        }
    }

    fn item_below(&mut self, depth: u32) -> TypeRef {
        if depth >= MAX_DEPTH {
            return TypeRef::default();
        }
        self.item(depth + 1)
    }

    fn dotted(&mut self) -> &'a str {
        let end = self
            .rest
            .find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '.'))
            .unwrap_or(self.rest.len());
        let (name, rest) = self.rest.split_at(end);
        self.rest = rest;
        name
    }

    /// The contents of a string; prefixes and triple quotes do not occur in annotations.
    fn quoted(&mut self) -> &'a str {
        let mut chars = self.rest.chars();
        let quote = chars.next().unwrap_or('"');
        let body = chars.as_str();
        let (text, rest) = body.split_once(quote).unwrap_or((body, ""));
        self.rest = rest;
        text
    }

    fn generic(&mut self, name: &str, depth: u32) -> TypeRef {
        let last = name.rsplit('.').next().unwrap_or(name);
        if !self.take('[') {
            return match name {
                "None" | "NoneType" => TypeRef::default(),
                _ => TypeRef {
                    heads: vec![name.into()],
                    ..TypeRef::default()
                },
            };
        }
        if last == "Literal" {
            return TypeRef {
                literals: self.literals(),
                ..TypeRef::default()
            };
        }
        let mut args = self.arguments(']', depth);
        if last == "Union" {
            let mut out = TypeRef::default();
            args.into_iter().for_each(|a| merge(&mut out, a));
            return out;
        }
        if last == "Coroutine" {
            return args.pop().unwrap_or_default();
        }
        if TRANSPARENT.contains(&last) {
            return args.into_iter().next().unwrap_or_default();
        }
        TypeRef {
            heads: vec![name.into()],
            args,
            literals: Vec::new(),
        }
    }

    /// Types up to `close`. What is no type (the metadata of `Annotated`) is skipped.
    fn arguments(&mut self, close: char, depth: u32) -> Vec<TypeRef> {
        let mut out = Vec::new();
        loop {
            if self.take(close) || self.peek().is_none() {
                return out;
            }
            if depth >= MAX_DEPTH {
                self.skip_value(close);
            } else {
                out.push(self.union(depth + 1));
                self.skip_value(close);
            }
            self.take(',');
        }
    }

    /// Skips to the next `,` or `close` of this level.
    fn skip_value(&mut self, close: char) {
        let mut open = 0u32;
        while let Some(c) = self.peek() {
            match c {
                '"' | '\'' => {
                    self.quoted();
                    continue;
                }
                '(' | '[' | '{' => open += 1,
                c if open == 0 && (c == ',' || c == close) => return,
                ')' | ']' | '}' => open = open.saturating_sub(1),
                _ => {}
            }
            self.rest = &self.rest[c.len_utf8()..];
        }
    }

    fn literals(&mut self) -> Vec<Name> {
        let mut out = Vec::new();
        loop {
            match self.peek() {
                Some('"' | '\'') => out.push(self.quoted().into()),
                None => return out,
                Some(']') => {
                    self.take(']');
                    return out;
                }
                _ => {}
            }
            self.skip_value(']');
            self.take(',');
        }
    }
}

fn parse_quoted(text: &str, depth: u32) -> TypeRef {
    if depth >= MAX_DEPTH {
        return TypeRef::default();
    }
    Reader { rest: text }.union(depth + 1)
}

/// Joins two members of a union; the arguments are those of the first head.
fn merge(into: &mut TypeRef, other: TypeRef) {
    if into.heads.is_empty() {
        into.args = other.args;
    }
    into.heads.extend(other.heads);
    into.literals.extend(other.literals);
}
