use async_openai::{Client, types::CreateCompletionRequestArgs};

async fn story(client: &Client, hero: &str) -> anyhow::Result<String> {
    let request = CreateCompletionRequestArgs::default()
        .model("m")
        .prompt(format!("Write a story about {hero} in at most 90 words."))
        .build()?;
    let reply = client.completions().create(request).await?;
    Ok(reply.choices[0].text.clone())
}
