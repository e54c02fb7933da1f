//! What of a reply is not its text: accounting, kinds of events, and the object around the text.

/// Parts of a reply that are not its text: accounting, kinds of events, tool calls, media.
const METADATA: &[&str] = &[
    "annotations",
    "arguments",
    "audio",
    "caller",
    "citations",
    "completion_tokens",
    "cost",
    "created",
    "duration",
    "error",
    "event",
    "finishReason",
    "finish_reason",
    "function_call",
    "functionCall",
    "headers",
    "id",
    "images",
    "inputTokens",
    "input_tokens",
    "length",
    "logprobs",
    "media",
    "model",
    "object",
    "ok",
    "outputTokens",
    "output_tokens",
    "prompt_tokens",
    "raise_for_status",
    "response_metadata",
    "role",
    "size",
    "sources",
    "status",
    "statusCode",
    "statusText",
    "status_code",
    "steps",
    "stopReason",
    "stop_reason",
    "toolResults",
    "tool_use",
    "total_tokens",
    "type",
    "url",
    "usage",
    "usageMetadata",
    "usage_metadata",
];

/// Keys of an SDK's reply object: asking whether it has one is no look into its text.
pub(super) const ENVELOPE: &[&str] = &[
    "candidates",
    "choices",
    "content",
    "data",
    "error",
    "message",
    "messages",
    "output",
    "response",
    "text",
];

/// Whether a member of a reply is not its text.
pub(super) fn is_metadata(name: &str) -> bool {
    let plain = name.to_lowercase().replace('_', "");
    METADATA.contains(&name) || plain.contains("toolcall")
}
