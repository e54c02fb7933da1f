from openai import OpenAI

client = OpenAI()


def order(names):
    reply = client.responses.create(
        model="gpt-4.1", input=f"Sort these names alphabetically: {names}"
    )
    return reply.output_text
