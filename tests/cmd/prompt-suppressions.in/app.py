from pathlib import Path

import yaml
from jinja2 import Environment, FileSystemLoader
from openai import OpenAI

client = OpenAI()
PROMPTS = Path(__file__).parent / "prompts"
TASKS = yaml.safe_load((PROMPTS / "tasks.yaml").read_text())
templates = Environment(loader=FileSystemLoader("prompts"))


def ask(prompt):
    reply = client.chat.completions.create(
        model="gpt-4.1", messages=[{"role": "user", "content": prompt}]
    )
    return reply.choices[0].message.content


def sort_markdown(names):
    return ask((PROMPTS / "sort.md").read_text() + str(names))


def sort_template(names):
    return ask(templates.get_template("sort.j2").render(names=names))


def sort_task(names):
    return ask(TASKS["sort"]["text"] + str(names))


def count_task(names):
    return ask(TASKS["count"] + str(names))


def dedupe(names):
    return ask((PROMPTS / "dedupe.html").read_text() + str(names))
