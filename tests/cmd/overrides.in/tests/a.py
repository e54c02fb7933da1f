from openai import OpenAI

client = OpenAI()


def newest(prices: list[float]) -> str:
    return client.responses.create(model="m", input=f"Sort these prices in ascending order: {prices}")


def fewest(prices: list[float]) -> str:
    return client.responses.create(model="m", input="Write a poem about rain.")
