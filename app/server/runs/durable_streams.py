"""The read side of the Durable Streams protocol, over the log: its clients read our runs as well.

A run's events are a stream of JSON messages; offsets are the log's own places.
https://github.com/durable-streams/durable-streams/blob/main/PROTOCOL.md
"""

import asyncio
import secrets
import time
from base64 import b64encode
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from typing import NamedTuple

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from ...protocols.tokenfall import EVENT_STREAM
from ...runs.feeds import Behind, Feeds, Told
from ...runs.log import Entry, LostOffsetError, RunLog, RunRecord, events_of
from ...runs.offsets import START, Offset
from .refusals import RefusedError
from .views import Streamed

JSON = "application/json"
# How long a request waits for the next message, and how long one connection is followed, in
# seconds: then the reader asks again from where it is, and many may share one connection upstream.
LONG_POLL_S = 20.0
_CONNECTION_S = 60.0
# Cursors keep caches from giving the same empty answer for ever: numbers of intervals of time.
_INTERVAL_S = 20
_INTERVALS_SINCE_S = 1_728_432_000
_MOST_AHEAD = 180

_LINE_ENDS = (b"\r\n", b"\r")


class Stream(NamedTuple):
    """A stream as it is at the moment. `tail` is the place of its last message."""

    name: str
    tail: Offset
    is_closed: bool
    content_type: str = JSON

    @property
    def is_json(self) -> bool:
        """Tell whether it holds messages, and not bytes."""
        return self.content_type.partition(";")[0].strip().lower() == JSON

    @property
    def is_text(self) -> bool:
        """Tell whether an event stream can hold it as it is."""
        return self.is_json or self.content_type.lower().startswith("text/")

    def body(self, entries: Sequence[Entry]) -> bytes:
        """The content of these entries."""
        parts = [entry.data for entry in entries]
        if self.is_json:
            return b"[%s]" % b",".join(part.replace(b"\n", b",") for part in parts)
        return b"".join(parts)

    def headers(self, place: Offset) -> dict[str, str]:
        """The headers of an answer that goes up to a place."""
        found = {"stream-next-offset": str(place)}
        if place.number >= self.tail.number:
            found["stream-up-to-date"] = "true"
            if self.is_closed:
                found["stream-closed"] = "true"
        return found


# Looks up a stream again.
Find = Callable[[], Awaitable[Stream]]


async def stream_of(log: RunLog, record: RunRecord) -> Stream:
    """The events of a run as a stream."""
    name = events_of(record.id)
    tail = START
    for epoch in range(record.epoch if record.last else 0, 0, -1):
        tail = Offset(epoch, record.last)
        try:
            await log.read(name, tail, 1)
        except LostOffsetError:
            continue  # whoever took it over has written nothing yet
        break
    return Stream(name, tail, record.status is not None)


def head(stream: Stream, more: Mapping[str, str] | None = None) -> Response:
    """Answer HEAD: what there is, without it."""
    told = {"stream-next-offset": str(stream.tail), "cache-control": "no-store"}
    closed = {"stream-closed": "true"} if stream.is_closed else {}
    kind = {"content-type": stream.content_type}
    return Response(headers=kind | told | closed | dict(more or {}))


async def read(
    log: RunLog,
    feeds: Feeds,
    find: Find,
    request: Request,
    closing: asyncio.Event,
    on_end: Callable[[], None] = lambda: None,
    long_poll_s: float = LONG_POLL_S,
) -> Response:
    """Answer GET: what is behind an offset, at once, when it comes (`live=long-poll`), or as it
    comes (`live=sse`). `on_end` is called when nobody reads any more.

    Raises:
        RefusedError: The request is none of the protocol, or what it has read is not in the log.
    """
    live = request.query_params.get("live")
    try:
        stream = await find()
        after = _after(request, stream.tail)
        try:
            found = await _behind(log, stream, after)
        except LostOffsetError:
            raise RefusedError(410, "offset_lost", "the log has no such offset any more") from None
        if live == "sse":
            chunks = _events(feeds, find, stream, after, request)
            encoded = {} if stream.is_text else {"stream-sse-data-encoding": "base64"}
            headers = {"content-type": EVENT_STREAM, "cache-control": "no-cache"} | encoded
            ended, on_end = on_end, _nothing
            return Streamed(chunks, headers, closing, on_end=ended)
        is_at_end = not found and stream.is_closed
        if live == "long-poll" and not found and not is_at_end:
            found = await _next(feeds, stream, after, closing, long_poll_s)
            stream = await find()
        place = found[-1].end if found else after
        headers = stream.headers(place)
        if live == "long-poll":
            headers["stream-cursor"] = _cursor(request)
            if not found:
                return Response(status_code=204, headers=headers)
        if request.query_params.get("offset") == "now":
            headers["cache-control"] = "no-store"
        else:
            ends = f"{place}:closed" if "stream-closed" in headers else str(place)
            headers["etag"] = f'"{stream.name}:{after}:{ends}"'
            headers["cache-control"] = "private, max-age=60, stale-while-revalidate=300"
            if request.headers.get("if-none-match") == headers["etag"]:
                return Response(status_code=304, headers=headers)
        headers["content-type"] = stream.content_type
        return Response(stream.body(found), headers=headers)
    finally:
        on_end()


def _nothing() -> None:
    """The reader is counted until its connection ends."""


def _after(request: Request, tail: Offset) -> Offset:
    told = request.query_params.getlist("offset")
    live = request.query_params.get("live")
    if live not in (None, "sse", "long-poll"):
        raise RefusedError(400, "bad_request", "live is sse or long-poll")
    if len(told) > 1 or (live and not told):
        raise RefusedError(400, "bad_offset", "one offset is needed")
    match told:
        case [] | ["-1"]:
            return START
        case ["now"]:
            return tail
    try:
        return Offset.of(told[0])
    except ValueError as error:
        raise RefusedError(400, "bad_offset", str(error)) from None


async def _behind(log: RunLog, stream: Stream, after: Offset) -> list[Entry]:
    return [entry for entry in await log.read(stream.name, after) if entry.data]


async def _next(
    feeds: Feeds, stream: Stream, after: Offset, closing: asyncio.Event, limit_s: float
) -> list[Entry]:
    """Wait for what comes behind an offset; nothing where the stream ends, or time is over."""

    async def first() -> list[Entry]:
        async with aclosing(feeds.follow(stream.name, after)) as parts:
            async for part in parts:
                if not isinstance(part, Told):
                    return _entries(part)
                if part.what == "gone":
                    break
        return []

    waiting = {asyncio.ensure_future(first()), asyncio.ensure_future(closing.wait())}
    try:
        done, _ = await asyncio.wait(waiting, timeout=limit_s, return_when=asyncio.FIRST_COMPLETED)
        return next((found for one in done if isinstance(found := one.result(), list)), [])
    finally:
        for one in waiting:
            one.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)


async def _events(
    feeds: Feeds, find: Find, stream: Stream, after: Offset, request: Request
) -> AsyncGenerator[bytes]:
    """Write messages as they come, behind each piece a `control` that says where it ends."""
    until_s = asyncio.get_running_loop().time() + _CONNECTION_S
    cursor = _cursor(request)
    if after.number >= stream.tail.number:
        yield _control(stream, after, cursor)
        if stream.is_closed:
            return
    async with aclosing(feeds.follow(stream.name, after)) as parts:
        async for part in parts:
            if isinstance(part, Told):
                if part.what == "gone" or asyncio.get_running_loop().time() > until_s:
                    return
                yield b": alive\n\n"
                continue
            entries = _entries(part)
            after = entries[-1].end if entries else after
            stream = await find()
            piece = _data(stream, entries) if entries else b""
            yield piece + _control(stream, after, cursor)
            if stream.is_closed and after.number >= stream.tail.number:
                return


def _entries(part: list[Entry] | Behind) -> list[Entry]:
    return [one for one in (part.entries if isinstance(part, Behind) else part) if one.data]


def _data(stream: Stream, entries: Sequence[Entry]) -> bytes:
    body = stream.body(entries)
    if not stream.is_text:
        body = b64encode(body)
    for end in _LINE_ENDS:  # each of them would end a line of the event
        body = body.replace(end, b"\n")
    # A first space is none of the content.
    lines = (b" " + line if line.startswith(b" ") else line for line in body.split(b"\n"))
    return b"event: data\n%s\n" % b"".join(b"data:%s\n" % line for line in lines)


def _control(stream: Stream, place: Offset, cursor: str) -> bytes:
    told: dict[str, object] = {"streamNextOffset": str(place)}
    headers = stream.headers(place)
    if "stream-closed" in headers:
        told["streamClosed"] = True
    else:
        told["streamCursor"] = cursor
    if "stream-up-to-date" in headers:
        told["upToDate"] = True
    return b"event: control\ndata:%s\n\n" % msgspec.json.encode(told)


def _cursor(request: Request) -> str:
    """Give the number of this interval; where the reader has it already, a later one."""
    now = int(time.time() - _INTERVALS_SINCE_S) // _INTERVAL_S
    told = request.query_params.get("cursor", "")
    if told.isdecimal() and len(told) < 16 and int(told) >= now:
        return str(int(told) + 1 + secrets.randbelow(_MOST_AHEAD))
    return str(now)
