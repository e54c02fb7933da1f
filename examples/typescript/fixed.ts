// The same newsletter desk: counting and deduplicating are code, and the review has a schema.
import { generateObject } from "ai";
import { openai } from "@ai-sdk/openai";
import { z } from "zod";

const model = openai("gpt-4o-mini");

const Review = z.object({
  mood: z.enum(["calm", "angry", "happy"]),
  ready: z.boolean(),
});

export function readers(addresses: string[]): number {
  return addresses.length;
}

export function uniqueTags(tags: string[]): string[] {
  return [...new Set(tags)];
}

export async function review(draft: string): Promise<z.infer<typeof Review>> {
  const { object } = await generateObject({
    model,
    schema: Review,
    system: "You edit a newsletter. Judge the mood of a draft and whether it can go out.",
    prompt: draft,
  });
  return object;
}
