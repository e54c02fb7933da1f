//! The same till: arithmetic is arithmetic, addresses match a pattern, and the note has a type.

use std::sync::LazyLock;

use regex::Regex;
use rig::client::CompletionClient;
use rig::providers::openai;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

static ADDRESS: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"[\w.+-]+@[\w-]+(\.[\w-]+)+").expect("a valid pattern"));

#[derive(Deserialize, Serialize, JsonSchema)]
struct Note {
    product: String,
    complaint: String,
}

fn average(amounts: &[f64]) -> f64 {
    amounts.iter().sum::<f64>() / amounts.len() as f64
}

fn addresses(page: &str) -> Vec<&str> {
    ADDRESS.find_iter(page).map(|m| m.as_str()).collect()
}

async fn note(client: &openai::Client, letter: &str) -> anyhow::Result<Note> {
    let clerk = client
        .extractor::<Note>("gpt-4o")
        .preamble("Summarise the customer's letter for the shop's owner.")
        .build();
    Ok(clerk.extract(letter).await?)
}
