"""A run as an HTTP response, for any ASGI framework and for none.

    async def app(scope, receive, send):
        await to_sse_response(chat.stream("Hi"))(scope, receive, send)

Source: https://asgi.readthedocs.io/en/latest/specs/www.html (HTTP).
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, MutableMapping
from contextlib import aclosing
from typing import Any

from ..core.errors import UsageError
from ..core.events import Event
from ..protocols import ag_ui, tokenfall
from . import pauses, ui_messages
from .event_sources import Telling, failure, told
from .pauses import Decide, Held, decider
from .ui_request import UIRequest

_log = logging.getLogger(__name__)

_Message = MutableMapping[str, Any]
_OF_SSE = {
    "content-type": f"{tokenfall.EVENT_STREAM}; charset=utf-8",
    "cache-control": "no-cache",
    "x-accel-buffering": "no",  # nginx would hold the stream back
}
_SERVER_FAILED = "The server failed in the middle of the answer."


class StreamResponse:
    """A response that is written as the answer comes: `status_code`, `headers` and `body`, an async
    iterator of bytes, for a framework's own streaming response; or called as an ASGI app.

    A client that goes away cancels the run.
    """

    def __init__(
        self, body: AsyncGenerator[bytes], headers: Mapping[str, str], status_code: int
    ) -> None:
        self.body = body
        self.headers = dict(headers)
        self.status_code = status_code

    async def __call__(
        self,
        scope: MutableMapping[str, Any],
        receive: Callable[[], Awaitable[_Message]],
        send: Callable[[_Message], Awaitable[None]],
    ) -> None:
        """Send the response, until its end or until the client goes away.

        Raises:
            UsageError: The scope is not that of an HTTP request.
        """
        if scope["type"] != "http":
            raise UsageError(f"a stream answers an HTTP request, not {scope['type']!r}")
        sending = asyncio.ensure_future(self.send(send))
        leaving = asyncio.ensure_future(_disconnected(receive))
        try:
            await asyncio.wait((sending, leaving), return_when=asyncio.FIRST_COMPLETED)
        finally:
            is_sent = sending.done()
            for task in (sending, leaving):
                task.cancel()
            await asyncio.gather(sending, leaving, return_exceptions=True)
        if is_sent:
            sending.result()

    async def send(self, send: Callable[[_Message], Awaitable[None]]) -> None:
        """Send the response to its end, without looking whether anybody reads it."""
        headers = [(name.encode(), value.encode()) for name, value in self.headers.items()]
        async with aclosing(self.body):
            try:
                start = {"type": "http.response.start", "status": self.status_code}
                await send(start | {"headers": headers})
                async for chunk in self.body:
                    await send({"type": "http.response.body", "body": chunk, "more_body": True})
                await send({"type": "http.response.body", "body": b"", "more_body": False})
            except OSError:
                _log.warning("the client went away in mid-answer")


def to_sse_response(
    stream: Telling, *, headers: Mapping[str, str] | None = None, status_code: int = 200
) -> StreamResponse:
    """Serve a run, or any iterable of events or texts, as server-sent events with ids."""
    return StreamResponse(_sse(stream), _OF_SSE | dict(headers or {}), status_code)


def to_ag_ui_response(
    stream: Telling,
    request: ag_ui.AgentInput,
    *,
    decide: Decide | None = None,
    headers: Mapping[str, str] | None = None,
    status_code: int = 200,
) -> StreamResponse:
    """Serve a run, or any iterable of events or texts, as an AG-UI agent answers `request`:

    request = parse_ag_ui_request(body)
    to_ag_ui_response(chat.stream(request.messages[-1].text), request)

    What asks the person ends the response with interrupts. A request that resumes goes on with the
    answer that asked, held by this process for an hour, in the place of `stream`. `decide` takes
    the decisions of a stream that has no such method, with the answer's id and the call's.
    """
    body = _ag_ui(stream, request, decider(stream, decide))
    return StreamResponse(body, _OF_SSE | dict(headers or {}), status_code)


def to_ui_message_response(
    stream: Telling,
    request: UIRequest | None = None,
    *,
    decide: Decide | None = None,
    headers: Mapping[str, str] | None = None,
    status_code: int = 200,
) -> StreamResponse:
    """Serve a run, or any iterable of events or texts, as the front ends of the AI SDK read it:

    asked = parse_ui_request(body)
    to_ui_message_response(chat.stream(asked.messages[-1].text), asked)

    With its `request` what asks the person is a tool's approval there, and is answered as in
    `to_ag_ui_response`.
    """
    own = _OF_SSE | ui_messages.HEADERS | dict(headers or {})
    decide = decider(stream, decide) if request is not None else None
    return StreamResponse(_ui_messages(stream, request, decide), own, status_code)


def to_ndjson_response(
    stream: Telling, *, headers: Mapping[str, str] | None = None, status_code: int = 200
) -> StreamResponse:
    """Serve a run, or any iterable of events or texts, as one event a line."""
    own = {
        "content-type": tokenfall.NDJSON,
        "cache-control": "no-cache",
        "x-accel-buffering": "no",
    }
    return StreamResponse(_ndjson(stream), own | dict(headers or {}), status_code)


async def _ag_ui(
    stream: Telling, request: ag_ui.AgentInput, decide: Decide | None
) -> AsyncGenerator[bytes]:
    replies = {one.interrupt_id: one.is_yes for one in request.resume}
    held = pauses.take(replies)
    writer = held.writer if held else ag_ui.Writer(request.thread_id, request.run_id)
    yield writer.go_on(request.run_id) if held else writer.begin()
    async with aclosing(_records(stream, held, replies, decide, writer)) as records:
        async for one in records:
            yield one


async def _ui_messages(
    stream: Telling, request: UIRequest | None, decide: Decide | None
) -> AsyncGenerator[bytes]:
    replies = request.approvals if request is not None else {}
    held = pauses.take(replies)
    writer = held.writer if held else ui_messages.Writer()
    if held:
        yield writer.go_on(replies)
    async with aclosing(_records(stream, held, replies, decide, writer)) as records:
        async for one in records:
            yield one


async def _records(
    stream: Telling,
    held: Held | None,
    replies: Mapping[str, bool],
    decide: Decide | None,
    writer: pauses.Writer,
) -> AsyncGenerator[bytes]:
    """Write the answer that is replied to, else the stream, to its end or to its questions."""
    if held is not None:
        held.reply(replies)
    elif replies:
        yield writer.write(pauses.GONE)
        return
    elif decide is not None:
        held = Held(_safe(stream), decide, writer)
    if held is not None:
        async with aclosing(held.records()) as records:
            async for one in records:
                yield one
        return
    async with aclosing(_safe(stream)) as batches:
        async for batch in batches:
            if written := writer.write(batch):
                yield written


async def _sse(stream: Telling) -> AsyncGenerator[bytes]:
    number = 0
    async with aclosing(_safe(stream)) as batches:
        async for batch in batches:
            records = [tokenfall.sse(event, number + place) for place, event in enumerate(batch, 1)]
            number += len(batch)
            yield b"".join(records)


async def _ndjson(stream: Telling) -> AsyncGenerator[bytes]:
    async with aclosing(_safe(stream)) as batches:
        async for batch in batches:
            yield b"".join(map(tokenfall.ndjson, batch))


async def _safe(stream: Telling) -> AsyncGenerator[list[Event]]:
    """Yield the stream's events; where it raises, an end that says so and no more: the client is a
    stranger.
    """
    try:
        async with aclosing(told(stream)) as batches:
            async for batch in batches:
                yield batch
    except Exception as error:
        _log.exception("a stream that was being served raised")
        yield failure(error, _SERVER_FAILED)


async def _disconnected(receive: Callable[[], Awaitable[_Message]]) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
