import { generateText } from "ai";
import { openai } from "@ai-sdk/openai";

export async function order(names: string[]): Promise<string> {
  const { text } = await generateText({
    model: openai("gpt-4.1"),
    prompt: `Take your time.
      Sort these names alphabetically: ${names}
      Be careful.`,
  }); // deprompt: ignore[collection-sort] measured
  return text;
}

export async function orderAgain(names: string[]): Promise<string> {
  const { text } = await generateText({
    model: openai("gpt-4.1"),
    prompt: `
      Sort these names alphabetically: ${names}
    `, // DEPROMPT: ignore[collection-sort] measured
  });
  return text;
}
