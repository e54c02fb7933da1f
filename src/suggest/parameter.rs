//! Where an SDK takes a schema for its reply, by the prefix of the call's catalog entry.

use crate::language::Language;

/// Where a schema goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parameter {
    /// The parameter or function, as code has it: `response_format`.
    pub name: &'static str,
    /// The call with a schema named `Reply`.
    pub usage: &'static str,
}

impl Parameter {
    /// What is to be done with it, in a few words. Not every SDK takes a schema as an argument.
    #[must_use]
    pub fn label(&self) -> String {
        match self.name {
            "extractor" => "use `.extractor::<Reply>()`".to_owned(),
            "structured_prompt" | "materialize" | "typed" => {
                format!("use `.{}::<Reply>(…)`", self.name)
            }
            "parse" | "with_structured_output" | "withStructuredOutput" | "as_structured_llm" => {
                format!("use `.{}(Reply)`", self.name)
            }
            "return type" => "declare the return type `Reply`".to_owned(),
            "output type" => "pass the type `Reply` beside the prompt".to_owned(),
            "OutputField" => "declare a typed output field".to_owned(),
            "grammar" => "pass a grammar made of a schema as `grammar`".to_owned(),
            "toolConfig" => "pass a schema as a forced tool in `toolConfig`".to_owned(),
            name => format!("pass a schema as `{name}`"),
        }
    }
}

/// A language that a row is for; `None` for all.
type Only = Option<Language>;

const PY: Only = Some(Language::Python);
const TS: Only = Some(Language::TypeScript);
const RS: Only = Some(Language::Rust);

/// Prefix of the catalog entry, language, parameter, usage; the first that fits counts.
#[rustfmt::skip]
const TABLE: &[(&str, Only, &str, &str)] = &[
    ("openai/completions", PY, "response_format", "this endpoint takes no schema: client.chat.completions.parse(response_format=Reply)"),
    ("openai/completions", TS, "response_format", "this endpoint takes no schema: client.chat.completions.parse with response_format: zodResponseFormat(Reply, \"reply\")"),
    ("openai/responses", PY, "text_format", "client.responses.parse(text_format=Reply)"),
    ("openai/responses", TS, "text.format", "client.responses.parse with text: { format: zodTextFormat(Reply, \"reply\") }"),
    ("openai/assistants", None, "response_format", "response_format with this schema on the assistant or the run"),
    ("openai/threads", None, "response_format", "response_format with this schema on the run"),
    ("openai/runs", None, "response_format", "response_format with this schema on the run"),
    ("openai-agents", TS, "outputType", "outputType: Reply on the agent"),
    ("openai-agents", None, "output_type", "output_type=Reply on the agent"),
    ("pydantic-ai", None, "output_type", "output_type=Reply on the agent"),
    ("http/chat-completions", None, "response_format", "\"response_format\": {\"type\": \"json_schema\", \"json_schema\": …} in the request"),
    ("http/responses", None, "text.format", "\"text\": {\"format\": {\"type\": \"json_schema\", …}} in the request"),
    ("http/anthropic", None, "output_config", "\"output_config\": {\"format\": {\"type\": \"json_schema\", …}} in the request"),
    ("http/gemini", None, "responseSchema", "\"generationConfig\": {\"responseMimeType\": \"application/json\", \"responseSchema\": …} in the request"),
    ("http/ollama", None, "format", "\"format\": the JSON Schema, in the request"),
    ("http/cohere", None, "response_format", "\"response_format\": {\"type\": \"json_object\", \"schema\": …} in the request"),
    ("openai-compatible", PY, "response_format", "response_format={\"type\": \"json_schema\", …}"),
    ("openai-compatible", TS, "response_format", "response_format: { type: \"json_schema\", … }"),
    ("openai-api-rs", None, "response_format", "response_format with a JSON Schema"),
    ("openai-dive", None, "response_format", "response_format(ChatCompletionResponseFormat::JsonSchema …)"),
    ("openai", TS, "response_format", "client.chat.completions.parse with response_format: zodResponseFormat(Reply, \"reply\")"),
    ("openai", PY, "response_format", "client.chat.completions.parse(response_format=Reply)"),
    ("azure-openai", TS, "response_format", "response_format: zodResponseFormat(Reply, \"reply\")"),
    ("async-openai/responses", None, "text.format", "text with TextResponseFormatConfiguration::JsonSchema"),
    ("async-openai", None, "response_format", "response_format(ResponseFormat::JsonSchema { … })"),
    ("claude-agent-sdk", TS, "outputFormat", "outputFormat: { type: \"json_schema\", schema }"),
    ("claude-agent-sdk", None, "output_format", "output_format={\"type\": \"json_schema\", \"schema\": Reply.model_json_schema()}"),
    ("anthropic", PY, "output_config", "client.messages.parse(output_format=Reply), or output_config={\"format\": …}"),
    ("anthropic", TS, "output_config", "client.messages.parse with output_config: { format: zodOutputFormat(Reply) }"),
    ("anthropic", RS, "output_config", "output_config with a JSON Schema, or one forced tool"),
    ("google/", PY, "response_schema", "response_schema=Reply and response_mime_type=\"application/json\" in the config"),
    ("google/", TS, "responseSchema", "responseMimeType: \"application/json\" and responseSchema in the config"),
    ("google/", RS, "response_schema", "response_schema and response_mime_type in the generation config"),
    ("google-adk", None, "output_schema", "output_schema=Reply on the agent"),
    ("mistral", TS, "responseFormat", "client.chat.parse with responseFormat: Reply"),
    ("mistral", PY, "response_format", "client.chat.parse(response_format=Reply)"),
    ("mistral", RS, "response_format", "response_format with a JSON Schema"),
    ("cohere", TS, "responseFormat", "responseFormat: { type: \"json_object\", schema }"),
    ("cohere", None, "response_format", "response_format={\"type\": \"json_object\", \"schema\": Reply.model_json_schema()}"),
    ("ollama-rs", None, "format", "format(FormatType::StructuredJson(…))"),
    ("ollama", TS, "format", "format: z.toJSONSchema(Reply)"),
    ("ollama", None, "format", "format=Reply.model_json_schema()"),
    ("litellm", None, "response_format", "response_format=Reply"),
    ("xai", None, "parse", "chat.parse(Reply)"),
    ("x-ai", None, "response_format", "response_format with a JSON Schema"),
    ("huggingface", None, "response_format", "response_format with this schema"),
    ("llama-cpp", None, "response_format", "response_format={\"type\": \"json_object\", \"schema\": Reply.model_json_schema()}"),
    ("node-llama-cpp", None, "grammar", "grammar: await llama.createGrammarForJsonSchema(…)"),
    ("vllm", None, "structured_outputs", "SamplingParams(structured_outputs=StructuredOutputsParams(json=Reply.model_json_schema()))"),
    ("outlines", None, "output type", "model(prompt, Reply)"),
    ("instructor", None, "response_model", "response_model=Reply"),
    ("mirascope", None, "response_model", "response_model=Reply on the decorator"),
    ("magentic", None, "return type", "-> Reply as the function's return type"),
    ("marvin", None, "result_type", "marvin.cast(text, target=Reply)"),
    ("langchain", TS, "withStructuredOutput", "model.withStructuredOutput(Reply)"),
    ("langchain-rust", None, "response_format", "response_format with a JSON Schema on the model"),
    ("langchain/agent", PY, "response_format", "response_format=Reply on the agent"),
    ("langchain", None, "with_structured_output", "llm.with_structured_output(Reply)"),
    ("llama-index", None, "as_structured_llm", "llm.as_structured_llm(Reply)"),
    ("vercel-ai", None, "Output.object", "output: Output.object({ schema: Reply }), or generateObject({ schema: Reply })"),
    ("mastra", None, "structuredOutput", "structuredOutput: { schema: Reply }"),
    ("tanstack-ai", None, "outputSchema", "outputSchema: Reply"),
    ("genkit", None, "output", "output: { schema: Reply }"),
    ("bedrock", None, "toolConfig", "toolConfig with one forced tool of this schema"),
    ("cloudflare", None, "response_format", "response_format: { type: \"json_schema\", json_schema }"),
    ("rig", None, "extractor", "client.extractor::<Reply>(model)"),
    ("genai", None, "response_format", "ChatOptions::default().with_response_format(JsonSpec::new(…))"),
    ("swiftide", None, "structured_prompt", "structured_prompt::<Reply>(…)"),
    ("rstructor", None, "materialize", "client.materialize::<Reply>(…)"),
    ("kalosm", None, "typed", "a parser of the type: .typed::<Reply>()"),
    ("dspy", None, "OutputField", "a typed output field: reply: Reply = dspy.OutputField()"),
    ("crewai/task", None, "output_pydantic", "output_pydantic=Reply on the task"),
    ("crewai", None, "response_format", "LLM(response_format=Reply)"),
    ("autogen", None, "output_content_type", "output_content_type=Reply on the agent"),
    ("agno", None, "output_schema", "output_schema=Reply on the agent"),
    ("semantic-kernel", None, "response_format", "response_format=Reply in the execution settings"),
    ("smolagents", None, "response_format", "response_format with this schema on the model"),
    ("llm/prompt", PY, "schema", "schema=Reply"),
    ("browser", None, "responseConstraint", "responseConstraint: the JSON Schema"),
];

/// Where the SDK of a catalog entry takes a schema; `None` where that is not known.
#[must_use]
pub fn of(api: &str, language: Language) -> Option<Parameter> {
    TABLE
        .iter()
        .find(|(prefix, only, ..)| api.starts_with(prefix) && only.is_none_or(|l| l == language))
        .map(|&(_, _, name, usage)| Parameter { name, usage })
}

#[cfg(test)]
mod tests {
    use super::of;
    use crate::language::Language;

    #[test]
    fn each_sdk_has_its_own() {
        let name = |api, language| of(api, language).map(|p| p.name);
        assert_eq!(
            name("openai/responses", Language::Python),
            Some("text_format")
        );
        assert_eq!(
            name("openai/chat-completions", Language::Python),
            Some("response_format")
        );
        assert_eq!(
            name("langchain/chain", Language::TypeScript),
            Some("withStructuredOutput")
        );
        assert_eq!(
            name("vercel-ai/generate-text", Language::TypeScript),
            Some("Output.object")
        );
        assert_eq!(name("rig/prompt", Language::Rust), Some("extractor"));
        assert_eq!(name("unknown/chat", Language::Python), None);
        let label = |api, language| of(api, language).map(|p| p.label());
        assert_eq!(
            label("rig/prompt", Language::Rust).as_deref(),
            Some("use `.extractor::<Reply>()`")
        );
        assert_eq!(
            label("openai/chat-completions", Language::Python).as_deref(),
            Some("pass a schema as `response_format`")
        );
    }
}
