// deprompt: ignore-file[collection-sort] a benchmark of models
use rig::completion::Prompt;
use rig::providers::openai;

async fn newest(client: &openai::Client, prices: &[f64]) -> anyhow::Result<String> {
    let agent = client.agent("m").build();
    Ok(agent.prompt(format!("Sort these prices in ascending order: {prices:?}")).await?)
}
