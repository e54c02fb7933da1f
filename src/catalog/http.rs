//! Raw HTTP: clients and endpoints are written apart in the catalog and multiplied here, since any
//! client can send a prompt to any endpoint.

use serde::Deserialize;

use super::pattern::paths;
use super::schema::{RawExample, RawSource, patterns, role};
use super::{At, AtRoot, CallSpec, Catalog, Evidence, Pattern, Sdk, Source};
use crate::calls::Role;
use crate::language::Language;

/// `[[client]]`: a way to send an HTTP request.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawClient {
    /// Short name, for messages.
    pub id: String,
    /// Languages it exists in; all if left out.
    #[serde(default)]
    pub languages: Vec<Language>,
    /// Packages, crates or modules.
    #[serde(default)]
    pub packages: Vec<String>,
    /// As for a call.
    #[serde(default)]
    pub chain: Vec<String>,
    /// As for a call.
    #[serde(default)]
    pub functions: Vec<String>,
    /// As for a call.
    #[serde(default)]
    pub receiver: Vec<String>,
    /// As for a call.
    #[serde(default)]
    pub evidence: Evidence,
    /// Paths to the URL or its parts, with `|` between them.
    pub url: String,
    /// See [`CallSpec::relative`].
    #[serde(default)]
    pub relative: bool,
    /// Paths to the body.
    pub body: Vec<String>,
    /// `[[client.example]]`
    #[serde(default)]
    pub example: Vec<RawExample>,
}

/// `[[endpoint]]`: a URL that takes a prompt. Its paths begin at the body.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawEndpoint {
    /// Name in reports.
    pub api: String,
    /// Texts of which the URL contains one; empty for any URL, known by the body alone.
    #[serde(default)]
    pub url: Vec<String>,
    /// Texts that the URL must not begin with; `*text` must stand nowhere in it.
    #[serde(default)]
    pub url_not: Vec<String>,
    /// Keys of the body of which one must be present.
    pub needs: Vec<String>,
    /// Keys of the body that must all be present.
    #[serde(default)]
    pub all: Vec<String>,
    /// Keys of the body of which none may be present.
    #[serde(default)]
    pub without: Vec<String>,
    /// Where the prompt is.
    pub prompt: Vec<RawSource>,
    /// Keys that mean structured output.
    #[serde(default)]
    pub structured: Vec<String>,
    /// Keys of the tools.
    #[serde(default)]
    pub tools: Vec<String>,
}

/// All clients and endpoints so far.
#[derive(Debug, Default)]
pub(super) struct Http {
    /// Each with the index of its SDK.
    clients: Vec<(usize, RawClient)>,
    endpoints: Vec<RawEndpoint>,
    /// Index of the SDK, chains and functions of each client.
    patterns: Vec<(usize, Vec<Pattern>, Vec<Pattern>)>,
}

impl Catalog {
    /// The ways to send an HTTP request: index of the SDK, member chains, functions.
    pub fn clients(&self) -> impl Iterator<Item = (usize, &[Pattern], &[Pattern])> {
        self.http
            .patterns
            .iter()
            .map(|(sdk, chain, functions)| (*sdk, chain.as_slice(), functions.as_slice()))
    }

    /// Adds clients and endpoints: every new one is combined with all there are.
    pub(super) fn add_http(
        &mut self,
        clients: Vec<RawClient>,
        endpoints: Vec<RawEndpoint>,
    ) -> Result<(), String> {
        for client in clients {
            let sdk = self.sdks.len();
            self.sdks.push(Sdk {
                id: client.id.clone(),
                packages: client.packages.clone(),
                languages: client.languages.clone(),
                examples: client.example.clone(),
                path: String::new(),
            });
            for endpoint in &self.http.endpoints {
                self.calls.push(call(sdk, &client, endpoint)?);
            }
            self.http
                .patterns
                .push((sdk, patterns(&client.chain)?, patterns(&client.functions)?));
            self.http.clients.push((sdk, client));
        }
        for (sdk, client) in &self.http.clients {
            for endpoint in &endpoints {
                self.calls.push(call(*sdk, client, endpoint)?);
            }
        }
        self.http.endpoints.extend(endpoints);
        Ok(())
    }
}

fn call(sdk: usize, client: &RawClient, endpoint: &RawEndpoint) -> Result<CallSpec, String> {
    let context = |e: String| format!("client `{}`, `{}`: {e}", client.id, endpoint.api);
    let bodies = client
        .body
        .iter()
        .map(|b| b.parse())
        .collect::<Result<Vec<At>, String>>()
        .map_err(context)?;
    let url = paths(&client.url).map_err(context)?;
    Ok(CallSpec {
        sdk,
        api: endpoint.api.clone(),
        chain: patterns(&client.chain).map_err(context)?,
        functions: patterns(&client.functions).map_err(context)?,
        receiver: patterns(&client.receiver).map_err(context)?,
        evidence: client.evidence,
        needs: all_in_body(&bodies, &endpoint.needs).map_err(context)?,
        all: endpoint
            .all
            .iter()
            .map(|k| in_body(&bodies, k))
            .collect::<Result<Vec<_>, String>>()
            .map_err(context)?,
        without: all_in_body(&bodies, &endpoint.without).map_err(context)?,
        contains: if endpoint.url.is_empty() {
            Vec::new()
        } else {
            url.iter()
                .map(|at| (at.clone(), endpoint.url.clone()))
                .collect()
        },
        not_starting: if endpoint.url_not.is_empty() {
            Vec::new()
        } else {
            url.into_iter()
                .map(|at| (at, endpoint.url_not.clone()))
                .collect()
        },
        relative: client.relative,
        prompt: endpoint
            .prompt
            .iter()
            .map(|s| {
                Ok(Source {
                    at: in_body(&bodies, &s.at)?,
                    role: s.role.as_deref().map_or(Ok(Role::User), role)?,
                    extension: None,
                })
            })
            .collect::<Result<Vec<_>, String>>()
            .map_err(context)?,
        vars: Vec::new(),
        structured: all_in_body(&bodies, &endpoint.structured).map_err(context)?,
        structured_methods: Vec::new(),
        always_structured: false,
        definition: false,
        acts: false,
        body: true,
        tools: all_in_body(&bodies, &endpoint.tools).map_err(context)?,
    })
}

/// Where a key of the body can stand: under every path to the body, the first alternative first.
fn in_body(bodies: &[At], text: &str) -> Result<Vec<At>, String> {
    let mut out = Vec::new();
    for key in paths(text)? {
        let AtRoot::Named(first) = key.root else {
            return Err(format!("`{text}` is no key of a body"));
        };
        for body in bodies {
            let mut at = body.clone();
            at.fields.push(first.clone());
            at.fields.extend(key.fields.iter().cloned());
            out.push(at);
        }
    }
    Ok(out)
}

fn all_in_body(bodies: &[At], texts: &[String]) -> Result<Vec<At>, String> {
    let mut out = Vec::new();
    for text in texts {
        out.extend(in_body(bodies, text)?);
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::super::{Catalog, CatalogError};

    const CLIENT: &str = "[[client]]\nid = \"c\"\nchain = [\"post\"]\nurl = \"arg:0|url\"\nbody = [\"json\", \"arg:1\"]\n";
    const ENDPOINT: &str = "[[endpoint]]\napi = \"http/x\"\nurl = [\"x.example\"]\nneeds = [\"a.b\"]\nprompt = [{ at = \"a.b|c\" }]\n";

    #[test]
    fn clients_and_endpoints_multiply_across_files() -> Result<(), CatalogError> {
        let mut catalog = Catalog::default();
        catalog.add("one", &format!("{CLIENT}{ENDPOINT}"))?;
        assert_eq!(catalog.calls.len(), 1);
        catalog.add("two", &format!("{CLIENT}{ENDPOINT}"))?;
        assert_eq!((catalog.calls.len(), catalog.sdks.len()), (4, 2));
        let call = &catalog.calls[0];
        assert_eq!(call.contains.len(), 2);
        assert_eq!(call.prompt[0].at.len(), 4);
        assert_eq!(call.needs[1].fields, ["a", "b"]);
        Ok(())
    }

    #[test]
    fn keys_of_the_body_are_names() {
        let bad = ENDPOINT.replace("\"a.b\"]", "\"arg:0\"]");
        assert!(
            Catalog::default()
                .add("x", &format!("{CLIENT}{bad}"))
                .is_err()
        );
    }
}
