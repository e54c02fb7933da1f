from house.llm import ask


def newest(prices: list[float]) -> str:
    return ask(f"Sort these prices in ascending order: {prices}", system="You are a clerk.")
