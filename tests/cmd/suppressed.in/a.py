from openai import OpenAI

client = OpenAI()


def newest(prices: list[float]) -> str:
    # deprompt: ignore[collection-sort] the model is being measured here
    return client.responses.create(model="m", input=f"Sort these prices in ascending order: {prices}")


def fewest(prices: list[float]) -> str:
    # deprompt: ignore[extract] nothing is extracted
    return client.responses.create(model="m", input="Write a poem about rain.")
