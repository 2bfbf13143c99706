"""Failures as data, as an event and as an exception; text that had arrived is always kept.

Prints:

    The lamp
    stream error: The connection broke in the middle of the answer.
    kept: The lamp
    rate limited, again in 3 s
    partial content: 'The lamp'
"""

import asyncio

from app import Chat, Retries
from app.errors import AnswerError, RateLimitError
from app.events import ContentDelta, Error
from app.scripted.openai_chat import Answer, error_body, records, streamed, whole
from app.scripted.steps import Cut

from .script import MODEL, PROVIDER, STORY, plays

NEVER = Retries(attempts=0)


async def main() -> None:
    broken = streamed([*records(Answer(text=STORY))[:3], Cut()])
    busy = whole(
        error_body("Slow down.", type="requests"), status=429, headers={"retry-after": "3"}
    )
    chat = Chat(PROVIDER, MODEL, transport=plays(broken, busy, broken), retries=NEVER)

    async for event in chat.stream("Tell me a story"):
        if isinstance(event, ContentDelta):
            print(event.text, end="")
        if isinstance(event, Error):
            print(f"\nstream error: {event.error.message}")
    print("kept:", chat.messages[-1].text)

    try:
        await chat.ask("Tell me a story", raises=True)
    except RateLimitError as limited:
        print(f"rate limited, again in {limited.info.retry_after_s:g} s")

    try:
        await chat.ask("Tell me a story", raises=True)
    except AnswerError as failed:
        print(f"partial content: {failed.answer.text!r}")


if __name__ == "__main__":
    asyncio.run(main())
