import OpenAI from "openai";

const client = new OpenAI();

export async function newest(prices: number[]) {
  // deprompt: ignore[collection] the model is being measured here
  return client.responses.create({ model: "m", input: `Sort these prices in ascending order: ${prices}` });
}
