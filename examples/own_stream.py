"""A function of one's own as what a chat talks to: texts, events, or a provider's bytes.

Prints:

    You said: Hi (language: en)
    The lamp went out. Ines lit four lanterns.
"""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from app import Message
from app.connections import Session, Signal, stream
from app.scripted.openai_chat import Answer, records

from .script import STORY


async def echo(messages: list[Message], data: dict[str, Any], signal: Signal) -> AsyncIterator[str]:
    for text in ("You said: ", messages[-1].text, f" (language: {data['language']})"):
        if signal.aborted:
            return
        yield text


async def relay(messages: list[Message], data: dict[str, Any], signal: Signal) -> Any:
    """Bytes of any protocol may be passed on as they are."""
    return records(Answer(text=STORY))


async def main() -> None:
    session = Session(stream(echo))
    message = await session.send_message("Hi", {"language": "en"})
    print(message.text)

    session = Session(stream(relay, protocol="openai-chat"))
    print((await session.send_message("Tell me a story")).text)


if __name__ == "__main__":
    asyncio.run(main())
