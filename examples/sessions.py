"""A conversation as a user interface holds it, over a connection to a server.

Prints:

    chunk by chunk: The lamp went out. Ines lit four lanterns.
    finished: The lamp went out. Ines lit four lanterns.
    loading: False, messages: 2, error: None
    stopped: aborted
    again: The lamp went out. Ines lit four lanterns.
"""

import asyncio
from collections.abc import AsyncIterator

from app import Chat, Message
from app.connections import Session, fetch_http_stream, fetch_server_sent_events
from app.events import ContentDelta, Event
from app.protocols.tokenfall import ChatRequest
from app.serving import StreamResponse, to_ndjson_response, to_sse_response

from .script import MODEL, PROVIDER, STORY, Served, plays


def serve(asked: ChatRequest) -> StreamResponse:
    """Answer a question as a server does."""
    *before, question = asked.messages
    chat = Chat(PROVIDER, MODEL, transport=plays(STORY), messages=before)
    return to_sse_response(chat.stream(question.parts))


def show(event: Event) -> None:
    if isinstance(event, ContentDelta):
        print(event.text, end="")


def finished(message: Message) -> None:
    print("\nfinished:", message.text)


async def hesitating() -> AsyncIterator[str]:
    yield "Once"
    await asyncio.Event().wait()


async def main() -> None:
    connection = fetch_server_sent_events(
        "https://chat.example/api/chat", headers={"x-page": "1"}, transport=Served(serve)
    )
    print("chunk by chunk: ", end="")
    async with Session(connection, on_chunk=show, on_finish=finished) as session:
        await session.send_message("Tell me a story")
        print(f"loading: {session.is_loading}, messages: {len(session.messages)}, ", end="")
        print(f"error: {session.error}")
    # Leaving the block is session.dispose(): nothing goes on behind a page that was closed.

    answers = [to_ndjson_response(hesitating()), to_ndjson_response([STORY])]
    transport = Served(lambda asked: answers.pop(0))
    session = Session(fetch_http_stream("https://chat.example/api/chat", transport=transport))
    sending = asyncio.ensure_future(session.send_message("Tell me a story"))
    await asyncio.sleep(0)  # it is on its way
    session.stop()
    print("stopped:", (await sending).status)
    print("again:", (await session.reload()).text)


if __name__ == "__main__":
    asyncio.run(main())
