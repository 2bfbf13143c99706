"""A run as a response: server-sent events, one event a line, or the simple form of three events.

Each server-sent event has its place in the log as its id, so that a reader that was cut off in the
middle of a batch goes on behind the last event that it got. Behind long silences stands a comment,
or an empty line, so that nothing on the way takes the connection for dead.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing, suppress
from functools import lru_cache
from typing import Protocol

import msgspec
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from ...core.events import ContentDelta, Done, Error, Event, Heartbeat, StepReset
from ...protocols.tokenfall import EVENT_STREAM, NDJSON
from ...runs.compaction import merged
from ...runs.feeds import Behind, Told
from ...runs.log import Entry, LogError, LostOffsetError, NoSuchRunError
from ...runs.offsets import Offset
from ..connection import while_connected
from .kept import events_in
from .refusals import RefusedError

_LOG_FAILS = (
    "The server cannot write what comes at the moment. The answer goes on, and is shown as soon as "
    "it is written."
)
_DONE = b'{"type":"done"'
# What ends a stream in its middle. Its reader comes back, and is told then.
_ENDINGS = (LogError, LostOffsetError, NoSuchRunError, RefusedError)
# Larger batches are not kept as text for the next reader.
_LONGEST_KEPT = 64 * 1024

Parts = AsyncGenerator[list[Entry] | Behind | Told]


class View(Protocol):
    """Form of written events. `media_type` names it."""

    media_type: str
    alive: bytes

    def entry(self, entry: Entry) -> bytes:
        """Write a batch."""
        ...

    def event(self, place: Offset | None, line: bytes) -> bytes:
        """Write one event; without a place it is none of the log."""
        ...


class ServerSentEvents:
    """Each event with its id; the last one is named `done`."""

    media_type = f"{EVENT_STREAM}; charset=utf-8"
    alive = b": alive\n\n"

    def entry(self, entry: Entry) -> bytes:
        """Write a batch; once for all who read it."""
        return _sse_kept(entry) if len(entry.data) <= _LONGEST_KEPT else _sse_entry(entry)

    def event(self, place: Offset | None, line: bytes) -> bytes:
        """Write one event."""
        return _sse(place, line)


class Lines:
    """One event a line."""

    media_type = NDJSON
    alive = b"\n"

    def entry(self, entry: Entry) -> bytes:
        """Write a batch, as it lies in the log."""
        return entry.data + b"\n"

    def event(self, place: Offset | None, line: bytes) -> bytes:
        """Write one event."""
        return line + b"\n"


class Simple:
    """The text alone, as RubyLLM's pages want it: `data:` a JSON string for each fragment, then
    `event: complete`, or `event: error` with the text so far.
    """

    media_type = ServerSentEvents.media_type
    alive = ServerSentEvents.alive

    def __init__(self) -> None:
        self._text: list[str] = []
        self._error = ""

    def entry(self, entry: Entry) -> bytes:
        """Write a batch."""
        lines = enumerate(entry.lines(), entry.first)
        return b"".join(self.event(Offset(entry.epoch, number), line) for number, line in lines)

    def event(self, place: Offset | None, line: bytes) -> bytes:
        """Write one event, where it says something to such a page."""
        [event] = events_in([line])
        where = b"" if place is None else f"id: {place}\n".encode()
        match event:
            case ContentDelta(text):
                self._text.append(text)
                return where + b"data: %s\n\n" % msgspec.json.encode(text)
            case StepReset():
                self._text.clear()
            case Error(error):
                self._error = self._error or error.message
            case Done("complete" | "aborted"):
                return where + b"event: complete\ndata: {}\n\n"
            case Done():
                message = self._error or "The answer broke off before its end."
                told = {"message": message, "partial": "".join(self._text)}
                return where + b"event: error\ndata: %s\n\n" % msgspec.json.encode(told)
        return b""


def headers_of(view: View) -> dict[str, str]:
    """Give the headers of a stream in this form."""
    return {"content-type": view.media_type, "cache-control": "no-cache"}


class Streamed(Response):
    """Sends pieces as they come, until their end, the reader's leaving, or the server's."""

    def __init__(
        self,
        chunks: AsyncGenerator[bytes],
        headers: Mapping[str, str],
        closing: asyncio.Event,
        *,
        on_end: Callable[[], None] = lambda: None,
    ) -> None:
        unbuffered = {"x-accel-buffering": "no"}  # nginx would hold the stream back
        self.raw_headers = [(k.encode(), v.encode()) for k, v in {**headers, **unbuffered}.items()]
        self._chunks = chunks
        self._closing = closing
        self._on_end = on_end
        self.background = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def work() -> None:
            with suppress(*_ENDINGS):
                async for chunk in self._chunks:
                    await send({"type": "http.response.body", "body": chunk, "more_body": True})

        try:
            async with aclosing(self._chunks):
                head = {"type": "http.response.start", "status": 200, "headers": self.raw_headers}
                await send(head)
                is_whole = await while_connected(receive, self._closing, work())
                if is_whole or self._closing.is_set():
                    await send({"type": "http.response.body", "body": b""})
        finally:
            self._on_end()


class Following(Streamed):
    """Streams what a reader is told until the run's end, its own leaving, or the server's."""

    def __init__(
        self,
        parts: Parts,
        view: View,
        closing: asyncio.Event,
        *,
        ends: bool = True,
        on_end: Callable[[], None] = lambda: None,
    ) -> None:
        super().__init__(self._written_parts(parts), headers_of(view), closing, on_end=on_end)
        self._view = view
        self._ends = ends

    async def _written_parts(self, parts: Parts) -> AsyncGenerator[bytes]:
        async with aclosing(parts):
            async for part in parts:
                chunk, is_end = self._written(part)
                yield chunk
                if is_end and self._ends:
                    return

    def _written(self, part: list[Entry] | Behind | Told) -> tuple[bytes, bool]:
        """Write a part for a reader, and tell whether it was the run's end."""
        view = self._view
        if isinstance(part, Told):
            if part.what == "alive":
                return view.alive, False
            words = {"failing": _LOG_FAILS}.get(part.what, "")
            told = view.event(None, msgspec.json.encode(Heartbeat(words)))
            return (b"" if part.what == "gone" else told), part.what == "gone"
        if isinstance(part, Behind):
            last = part.entries[-1]
            few = [view.event(at, msgspec.json.encode(one)) for at, one in merged(_placed(part))]
            return b"".join(few), _ends_run(last)
        return b"".join(map(view.entry, part)), _ends_run(part[-1])


def _placed(part: Behind) -> list[tuple[Offset, Event]]:
    return [
        (Offset(entry.epoch, number), event)
        for entry in part.entries
        for number, event in enumerate(events_in(entry.lines()), entry.first)
    ]


def _ends_run(entry: Entry) -> bool:
    return entry.data.rpartition(b"\n")[2].startswith(_DONE)


def _sse(place: Offset | None, line: bytes) -> bytes:
    where = b"" if place is None else b"id: %s\n" % str(place).encode()
    name = b"event: done\n" if line.startswith(_DONE) else b""
    return b"%s%sdata: %s\n\n" % (where, name, line)


def _sse_entry(entry: Entry) -> bytes:
    lines = enumerate(entry.lines(), entry.first)
    return b"".join(_sse(Offset(entry.epoch, number), line) for number, line in lines)


_sse_kept = lru_cache(maxsize=256)(_sse_entry)
