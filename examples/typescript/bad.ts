// A newsletter desk that asks a language model for what the standard library does.
import { generateText } from "ai";
import { openai } from "@ai-sdk/openai";

const model = openai("gpt-4o-mini");

export async function readers(addresses: string[]): Promise<number> {
  const { text } = await generateText({
    model,
    prompt: `Count the items in this list and return only the number: ${addresses}`,
  });
  return parseInt(text, 10);
}

export async function uniqueTags(tags: string[]): Promise<string> {
  const { text } = await generateText({
    model,
    prompt: `Remove the duplicates from this list: ${tags}`,
  });
  return text;
}

export async function review(draft: string): Promise<{ mood: string; ready: boolean }> {
  const { text } = await generateText({
    model,
    system: "You edit a newsletter. Judge the mood of a draft and whether it can go out.",
    prompt: `${draft}

Answer in JSON: {"mood": "calm|angry|happy", "ready": true}. No other text.`,
  });
  const found = text.match(/\{[\s\S]*\}/);
  return JSON.parse(found ? found[0] : "{}");
}
