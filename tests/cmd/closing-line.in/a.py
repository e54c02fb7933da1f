from openai import OpenAI

client = OpenAI()


def ask(prompt):
    return client.responses.create(model="gpt-4.1", input=prompt).output_text


def string(names):
    return ask(
        f"""
        Sort these names alphabetically.
        {names}
        """  # deprompt: ignore[collection-sort] measured
    )


def argument(names):
    return ask(
        prompt=f"""
        Sort these names alphabetically: {names}
        """,  # deprompt: ignore[collection-sort] measured
    )


def call(names):
    lines = [
        "Take your time.",
        f"Sort these names alphabetically: {names}",
    ]
    return ask(
        "\n".join(
            lines
        )
    )  # deprompt: ignore[collection-sort] measured


def parentheses(names):
    prompt = []
    prompt.append((
        "Please. "
        f"Sort these names alphabetically: {names}"
    ))  # deprompt: ignore[collection-sort] measured
    return ask("\n".join(prompt))


def entry(names):
    return client.responses.create(
        model="gpt-4.1",
        input=[
            {
                "role": "user",
                "content": f"""
                Sort these names alphabetically: {names}
                """,
            }  # deprompt: ignore[collection-sort] measured
        ],
    ).output_text


def above(names):
    # Deprompt: Ignore[Collection-Sort] blank lines and other comments may follow

    # as here

    return ask(f"Sort these names alphabetically: {names}")


def other(names):
    return ask(
        f"""
        Sort these names alphabetically.
        {names}
        """  # deprompt: ignore[collection-set] nothing of the kind
    )
