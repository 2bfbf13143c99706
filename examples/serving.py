"""A run as an HTTP response: server-sent events or one event a line, for any ASGI server.

Prints:

    text/event-stream; charset=utf-8
    id: 5
    data: {"type":"content_delta","text":" went"}
    event: done
    data: {"type":"error","error":{"kind":"read","message":"The connection brok …
    application/x-ndjson
    {"type":"content_delta","text":" went"}
"""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from app import Chat
from app.scripted.openai_chat import Answer, records, streamed
from app.scripted.steps import Cut
from app.serving import to_ndjson_response, to_sse_response

from .script import MODEL, PROVIDER, STORY, plays

Message = MutableMapping[str, Any]


async def application(
    scope: MutableMapping[str, Any],
    receive: Callable[[], Awaitable[Message]],
    send: Callable[[Message], Awaitable[None]],
) -> None:
    """An ASGI application: `uvicorn examples.serving:application`. Who disconnects cancels the run.

    In the browser: `source = new EventSource("/")`, `source.onmessage = (event) => …`, and
    `source.addEventListener("done", () => source.close())`.
    """
    chat = Chat(PROVIDER, MODEL, transport=plays(STORY))
    await to_sse_response(chat.stream("Tell me a story"))(scope, receive, send)


async def main() -> None:
    chat = Chat(PROVIDER, MODEL, transport=plays(STORY))
    response = to_sse_response(chat.stream("Tell me a story"))
    print(response.headers["content-type"])
    body = b"".join([chunk async for chunk in response.body]).decode()
    print(body[body.index("id: 5") :].partition("\n\n")[0])
    print(next(line for line in body.splitlines() if line.startswith("event:")))

    # A failure is an event like any other, behind what had come.
    broken = streamed([*records(Answer(text=STORY))[:3], Cut()])
    response = to_sse_response(Chat(PROVIDER, MODEL, transport=plays(broken)).stream("Again"))
    body = b"".join([chunk async for chunk in response.body]).decode()
    print(next(line[:75] for line in body.splitlines() if '"type":"error"' in line), "…")

    response = to_ndjson_response(chat.stream("Tell me a story"))
    print(response.headers["content-type"])
    body = b"".join([chunk async for chunk in response.body]).decode()
    print(next(line for line in body.splitlines() if "went" in line))


if __name__ == "__main__":
    asyncio.run(main())
