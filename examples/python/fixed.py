"""The same back office: code does what code can do, and the model answers the mail."""

from datetime import date
from typing import Literal

from openai import OpenAI
from pydantic import BaseModel

client = OpenAI()

TRIAGE = """You help a bicycle workshop to answer its mail.
Read the customer's message and say what they want, in a friendly tone."""


class Triage(BaseModel):
    topic: str
    urgency: Literal["low", "high"]
    answer: str


def cheapest_first(prices: list[float]) -> list[float]:
    return sorted(prices)


def due(day: date) -> str:
    return day.strftime("%Y-%m-%d")


def shipping(total: float) -> str:
    if total < 50:
        return "STANDARD"
    return "EXPRESS" if total <= 200 else "COURIER"


def triage(message: str) -> Triage:
    reply = client.beta.chat.completions.parse(
        model="gpt-4o",
        messages=[
            {"role": "system", "content": TRIAGE},
            {"role": "user", "content": message},
        ],
        response_format=Triage,
    )
    return reply.choices[0].message.parsed
