"""Cuts text for a page that draws less often than a model speaks.

Prints:

    immediate: The| lamp| went| out.| Ines| lit| four| lanterns.
    words: The |lamp |went |out. |Ines |lit |four |lanterns.
    punctuation: The lamp went out.| Ines lit four lanterns.
    every(3): The lamp went| out. Ines lit| four lanterns.
    first_of: The lamp went| out.| Ines lit| four lanterns.
"""

import asyncio

from app import Chat
from app.core.text.batching import (
    Strategy,
    batched,
    batched_events,
    every,
    first_of,
    immediate,
    punctuation,
    words,
)

from .script import MODEL, PROVIDER, STORY, plays


async def main() -> None:
    chat = Chat(PROVIDER, MODEL, transport=plays(STORY))
    strategies: dict[str, Strategy] = {
        "immediate": immediate,
        "words": words,
        "punctuation": punctuation,
        "every(3)": every(3),
        "first_of": first_of(punctuation, every(3)),
    }
    for name, strategy in strategies.items():
        run = chat.stream("Tell me a story")
        print(f"{name}:", "|".join([text async for text in batched(run.text(), strategy)]))

    # The same for batches of events.
    run = chat.stream("Tell me a story")
    async for _ in batched_events(run.batches(), words):
        pass
    assert run.message.text == STORY


if __name__ == "__main__":
    asyncio.run(main())
