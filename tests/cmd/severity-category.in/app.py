from openai import OpenAI

client = OpenAI()


def order(names):
    reply = client.responses.create(
        model="gpt-4.1", input=f"Sort these names alphabetically: {names}"
    )
    return reply.output_text


def describe(text):
    return client.responses.create(
        model="gpt-4.1",
        input=f"Tell what is good about this text. Respond with valid JSON only. Do not wrap it in markdown fences. {text}",
    ).output_text
