//! House wrappers: functions and methods of the user's own that send a prompt, declared in the
//! settings because nothing in the code shows it (a shell script, an internal service, a queue).

use super::pattern::paths;
use super::{CallSpec, Catalog, Evidence, Pattern, Sdk, Source};
use crate::calls::Role;
use crate::language::Language;

/// A declared wrapper.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HouseWrapper {
    /// What is called.
    pub callee: HouseCallee,
    /// Languages it exists in; all if empty.
    pub languages: Vec<Language>,
    /// Paths to the prompt, with `|` between them (`arg:0|prompt`).
    pub prompt: String,
    /// Paths to the system prompt.
    pub system: Option<String>,
    /// Paths that mean structured output when present.
    pub structured: Vec<String>,
}

/// What is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HouseCallee {
    /// A function, with as much of its module as tells it apart: `ask`, `house.llm.ask`,
    /// `@house/llm.ask`, `house::llm::ask`.
    Function(String),
    /// A method by name, or with the name it is called on: `complete`, `llm.complete`.
    Method(String),
}

/// A wrapper in the catalog: what a definition in the project has to be called to be meant.
#[derive(Debug)]
pub struct Declared {
    /// Matched against the end of module path, class and name.
    pub pattern: Pattern,
    /// Whether it is a method, known by what it is called on as the code writes it.
    pub method: bool,
    /// Index of its call.
    pub call: usize,
}

impl Catalog {
    /// Adds a house wrapper. Its name is evidence enough: whoever declares it says so.
    ///
    /// # Errors
    /// If a name or a path cannot be read.
    pub fn add_wrapper(&mut self, wrapper: &HouseWrapper) -> Result<(), String> {
        let (HouseCallee::Function(written) | HouseCallee::Method(written)) = &wrapper.callee;
        let (module, name) = split(written);
        let segments = segments(written);
        if name.is_empty() || segments.iter().any(String::is_empty) {
            return Err(format!("`{written}` is no name"));
        }
        let pattern = Pattern { segments };
        let mut prompt = Vec::new();
        if let Some(system) = &wrapper.system {
            prompt.push(Source {
                at: paths(system)?,
                role: Role::System,
                extension: None,
            });
        }
        prompt.push(Source {
            at: paths(&wrapper.prompt)?,
            role: Role::User,
            extension: None,
        });
        let mut structured = Vec::new();
        for s in &wrapper.structured {
            structured.extend(paths(s)?);
        }
        let of_module = matches!(wrapper.callee, HouseCallee::Function(_)) && !module.is_empty();
        let last = Pattern {
            segments: vec![name.to_owned()],
        };
        let call = self.calls.len();
        self.calls.push(CallSpec {
            sdk: self.sdks.len(),
            api: format!("house/{name}"),
            chain: vec![pattern.clone()],
            functions: if of_module { vec![last] } else { Vec::new() },
            receiver: Vec::new(),
            evidence: Evidence::Chain,
            needs: Vec::new(),
            all: Vec::new(),
            without: Vec::new(),
            not_starting: Vec::new(),
            relative: false,
            contains: Vec::new(),
            prompt,
            vars: Vec::new(),
            structured,
            structured_methods: Vec::new(),
            always_structured: false,
            definition: false,
            acts: false,
            body: false,
            tools: Vec::new(),
        });
        self.sdks.push(Sdk {
            id: format!("house {written}"),
            packages: if of_module {
                vec![module.to_owned()]
            } else {
                Vec::new()
            },
            languages: wrapper.languages.clone(),
            examples: Vec::new(),
            path: String::new(),
        });
        self.declared.push(Declared {
            pattern,
            method: matches!(wrapper.callee, HouseCallee::Method(_)),
            call,
        });
        Ok(())
    }

    /// The call that is declared for a function of the project, by its path: modules, class, name.
    #[must_use]
    pub fn declared_call(&self, path: &[String], language: Language) -> Option<usize> {
        self.declared(path, language, |_| true)
    }

    /// The call that is declared for a method called on a value of which only the code is known:
    /// `self.llm.complete` is `self`, `llm`, `complete`.
    #[must_use]
    pub fn declared_method(&self, path: &[String], language: Language) -> Option<usize> {
        self.declared(path, language, |d| d.method)
    }

    fn declared(
        &self,
        path: &[String],
        language: Language,
        wanted: impl Fn(&Declared) -> bool,
    ) -> Option<usize> {
        let in_language = |d: &&Declared| {
            let languages = &self.sdks[self.calls[d.call].sdk].languages;
            languages.is_empty() || languages.contains(&language)
        };
        self.declared
            .iter()
            .filter(in_language)
            .find(|d| wanted(d) && d.pattern.matches_end(path))
            .map(|d| d.call)
    }
}

/// Module and name: at the last `::`, or the last `.` after the last `/`.
fn split(written: &str) -> (&str, &str) {
    written
        .rsplit_once("::")
        .or_else(|| {
            written
                .rsplit_once('.')
                .filter(|(_, name)| !name.contains('/'))
        })
        .unwrap_or(("", written))
}

/// The names of a dotted path, of a package path, or of a Rust path.
fn segments(written: &str) -> Vec<String> {
    written
        .replace("::", ".")
        .split(['.', '/'])
        .map(|s| s.trim_start_matches('@').to_owned())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrapper(callee: HouseCallee) -> HouseWrapper {
        HouseWrapper {
            callee,
            languages: Vec::new(),
            prompt: "arg:0|prompt".to_owned(),
            system: Some("system".to_owned()),
            structured: Vec::new(),
        }
    }

    fn path(p: &[&str]) -> Vec<String> {
        p.iter().map(|s| (*s).to_owned()).collect()
    }

    #[test]
    fn functions_are_told_apart_by_their_modules() -> Result<(), String> {
        for written in ["house.llm.ask", "house::llm::ask", "@house/llm.ask"] {
            let mut catalog = Catalog::default();
            catalog.add_wrapper(&wrapper(HouseCallee::Function(written.to_owned())))?;
            let of = |p: &[&str]| catalog.declared_call(&path(p), Language::Rust);
            assert_eq!(of(&["src", "house", "llm", "ask"]), Some(0), "{written}");
            assert_eq!(of(&["src", "garage", "llm", "ask"]), None);
            assert_eq!(of(&["ask"]), None);
            assert_eq!(catalog.calls[0].prompt.len(), 2);
        }
        Ok(())
    }

    #[test]
    fn names_and_paths_are_checked() {
        let mut catalog = Catalog::default();
        let mut add = |name: &str, prompt: &str| {
            catalog.add_wrapper(&HouseWrapper {
                prompt: prompt.to_owned(),
                ..wrapper(HouseCallee::Method(name.to_owned()))
            })
        };
        assert!(add("a.complete", "arg:1.text").is_ok());
        assert!(add("", "arg:0").is_err());
        assert!(add("a..b", "arg:0").is_err());
        assert!(add("a", "arg:x").is_err());
    }
}
