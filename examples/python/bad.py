"""The back office of a small bicycle workshop, with a language model where code should be."""

import json
from datetime import date

from openai import OpenAI

client = OpenAI()

TRIAGE = """You help a bicycle workshop to answer its mail.
Read the customer's message and say what they want, in a friendly tone.
Respond with a JSON object with the keys "topic", "urgency" and "answer".
Do not wrap it in markdown fences, and write nothing else.
The answer must be at most 80 words."""


def ask(prompt: str) -> str:
    """Everything below goes through this function."""
    reply = client.chat.completions.create(
        model="gpt-4o-mini",
        messages=[{"role": "user", "content": prompt}],
    )
    return reply.choices[0].message.content


def cheapest_first(prices: list[float]) -> str:
    return ask(f"Sort these prices in ascending order: {prices}")


def due(day: date) -> str:
    return ask(f"Format the date {day} as YYYY-MM-DD. Return only the formatted date.")


def shipping(total: float) -> str:
    return ask(
        f"""The order total is {total}.
- below 50: reply STANDARD
- 50 to 200: reply EXPRESS
- above 200: reply COURIER"""
    )


def triage(message: str) -> dict:
    reply = client.chat.completions.create(
        model="gpt-4o",
        messages=[
            {"role": "system", "content": TRIAGE},
            {"role": "user", "content": message},
        ],
    )
    text = reply.choices[0].message.content
    text = text.replace("```json", "").replace("```", "").strip()
    return json.loads(text)
