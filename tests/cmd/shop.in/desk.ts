import Anthropic from "@anthropic-ai/sdk";

const client = new Anthropic();

export async function mood(letter: string) {
  const reply = await client.messages.create({
    model: "m",
    max_tokens: 100,
    messages: [
      { role: "user", content: `How does the writer of this letter feel? ${letter} Respond with a JSON object.` },
    ],
  });
  return JSON.parse(reply.content[0].text);
}
