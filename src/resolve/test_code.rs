//! Tests: which files hold them, and which of those put something else in the model's place.

use std::path::Path;
use std::sync::LazyLock;

use regex::Regex;

use super::eval::Evaluator;
use crate::source::FileId;

/// Libraries that answer in place of a server or an object, by the module that is imported.
const MOCKING_MODULES: &[&str] = &[
    "unittest.mock",
    "mock",
    "pytest_mock",
    "respx",
    "responses",
    "requests_mock",
    "httpretty",
    "pytest_httpx",
    "aioresponses",
    "vcr",
    "sinon",
    "nock",
    "msw",
    "fetch-mock",
    "jest-mock",
    "vitest-mock-extended",
    "jest-mock-extended",
    "axios-mock-adapter",
    "undici-mock",
    "mockito",
    "wiremock",
    "mockall",
    "httpmock",
    "mock_http",
];

/// What mocking looks like where nothing need be imported for it.
static MOCKING: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?x)
        \b(?:jest|vi)\s*\.\s*(?:mock|doMock|fn|spyOn|mocked|stubGlobal|unstable_mockModule)\b
        | \bmock\s*\.\s*(?:module|fn|method)\s*\(
        | \bmonkeypatch\b | \bmocker\b | \bhttpx_mock\b
        | \b(?:Magic|Async)?Mock\s*\(
        | \b(?:Mock|Fake|Stub|Dummy)[A-Z]\w* | \b[A-Z]\w*(?:Mock|Fake|Stub)\b
        | \b(?:mock|fake|stub|dummy)_(?:llm|client|model|openai|anthropic|provider|response)\w*
        | \b(?:mock|fake|stub|dummy)(?:LLM|Llm|Client|Model|OpenAI|Provider|Fetch)\w*
        ",
    )
    .ok()
});

/// Whether a path, seen from the root of the project, is that of a test.
pub(crate) fn is_test_path(path: &Path) -> bool {
    let mut parts = path.iter().filter_map(|p| p.to_str());
    let name = parts.next_back().unwrap_or_default();
    parts.any(|p| {
        matches!(
            p,
            "test"
                | "tests"
                | "__tests__"
                | "__mocks__"
                | "mocks"
                | "testing"
                | "spec"
                | "specs"
                | "e2e"
        )
    }) || name.starts_with("test_")
        || name == "conftest.py"
        || ["_test.", ".test.", ".spec.", ".vitest."]
            .iter()
            .any(|s| name.contains(s))
}

impl Evaluator<'_> {
    /// Whether a file holds tests.
    pub(crate) fn is_test(&self, file: FileId) -> bool {
        let path = self.project.path(file);
        is_test_path(path.strip_prefix(&self.project.root).unwrap_or(path))
    }

    /// Whether a file holds tests that something else answers than a model. A program among the
    /// tests that calls the real thing is like any other.
    pub(crate) fn is_mocked(&self, file: FileId) -> bool {
        if !self.is_test(file) {
            return false;
        }
        let Some(parsed) = self.project.parsed(file) else {
            return false;
        };
        let imported = parsed.facts.imports.iter().any(|i| {
            MOCKING_MODULES.iter().any(|m| {
                i.module == *m
                    || i.module
                        .strip_prefix(m)
                        .is_some_and(|rest| rest.starts_with(['.', ':', '/']))
            })
        });
        imported
            || MOCKING
                .as_ref()
                .is_some_and(|r| r.is_match(parsed.source.text()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tests_are_told_by_their_path() {
        for p in [
            "tests/unit/a.py",
            "src/a.test.ts",
            "a/__tests__/b.ts",
            "pkg/test_a.py",
            "pkg/a_test.py",
            "conftest.py",
            "x.spec.tsx",
        ] {
            assert!(is_test_path(Path::new(p)), "{p}");
        }
        for p in ["src/a.ts", "latest/a.py", "src/contest.py", "attest.rs"] {
            assert!(!is_test_path(Path::new(p)), "{p}");
        }
    }
}
