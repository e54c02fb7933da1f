from openai import OpenAI

client = OpenAI()


def newest(prices: list[float]) -> str:
    reply = client.responses.create(
        model="m",
        input=f"🚲 cafe\u0301: Sort these prices in ascending order: {prices}",
    )
    return reply.output_text
