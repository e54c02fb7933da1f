import assistant
from acme_llm import Client

client = Client()


def grouped(iban: str) -> str:
    return client.chat.create(f"Format this IBAN in groups of four: {iban}")


def balance(rows: list[dict]) -> str:
    return assistant.ask(f"Give me the balance of the ledger {rows}.")
