"""Callbacks of a chat while an answer comes in, and when it ends or fails.

Prints:

    Assistant: The lamp went out. Ines lit four lanterns.
    end: complete
    finished: 42 characters
    failed: No answer from the model.
"""

import asyncio

from app import Chat, Message, Retries
from app.errors import ConnectError
from app.events import ContentDelta, Event
from app.scripted.steps import Reply
from app.scripted.transport import ScriptedTransport
from app.transports import Request

from .script import MODEL, PROVIDER, STORY, plays


def unreachable(request: Request) -> Reply:
    raise ConnectError("No answer from the model.")


def show(event: Event) -> None:
    if isinstance(event, ContentDelta):
        print(event.text, end="")


def failed(message: Message) -> None:
    assert message.failure is not None
    print("failed:", message.failure.message)


async def main() -> None:
    chat = Chat(PROVIDER, MODEL, transport=plays(STORY), retries=Retries(attempts=0))
    chat.on_new_message(lambda: print("Assistant: ", end=""))
    chat.on_chunk(show)
    chat.on_end_message(lambda message: print(f"\nend: {message.status}"))
    chat.on_finish(lambda message: print(f"finished: {len(message.text)} characters"))
    chat.on_error(failed)
    background = asyncio.create_task(chat.ask("Tell me a story"))  # the program may go on
    await background

    chat = Chat(PROVIDER, MODEL, transport=ScriptedTransport(unreachable), retries=Retries(0))
    await chat.on_error(failed).ask("Tell me a story")


if __name__ == "__main__":
    asyncio.run(main())
