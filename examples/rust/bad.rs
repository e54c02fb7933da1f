//! A till that asks a language model to do sums, and scrapes what it says.

use rig::client::CompletionClient;
use rig::completion::Prompt;
use rig::providers::openai;
use serde::Deserialize;

#[derive(Deserialize)]
struct Note {
    product: String,
    complaint: String,
}

async fn average(client: &openai::Client, amounts: &[f64]) -> anyhow::Result<f64> {
    let till = client.agent("gpt-4o-mini").build();
    let reply = till
        .prompt(format!("Calculate the average of these numbers: {amounts:?}. Reply with the number only."))
        .await?;
    Ok(reply.trim().parse()?)
}

async fn addresses(client: &openai::Client, page: &str) -> anyhow::Result<String> {
    let reader = client.agent("gpt-4o-mini").build();
    Ok(reader.prompt(format!("Extract all e-mail addresses from this page:\n{page}")).await?)
}

async fn note(client: &openai::Client, letter: &str) -> anyhow::Result<Note> {
    let clerk = client
        .agent("gpt-4o")
        .preamble(
            "Summarise the customer's letter for the shop's owner.\n\
             Return JSON with the fields \"product\" and \"complaint\", without markdown.",
        )
        .build();
    let reply = clerk.prompt(letter).await?;
    let json = reply.trim().trim_start_matches("```json").trim_end_matches("```");
    Ok(serde_json::from_str(json)?)
}
