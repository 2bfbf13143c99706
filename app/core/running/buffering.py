"""Reading ahead of a run's reader, within bounds.

Without a `StreamConfig` a run is pulled, which costs nothing. With one, a task of its own reads,
and hands over all that waits as one batch: no queue, and one wake-up however much came.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

import msgspec

from ..errors import UsageError
from ..events import (
    Alternative,
    ContentDelta,
    Event,
    Heartbeat,
    ReasoningDelta,
    RefusalDelta,
    ToolCallDelta,
)
from ..messages import Usage


class StreamConfig(msgspec.Struct, frozen=True):
    """The distance, in events, that a run may read ahead of its reader.

    With `backpressure`, reading stops while `buffer` events wait (what one burst of the network
    brought is taken whole), and a slow reader slows the sender. Without it, reading goes on at the
    network's pace: beyond `buffer` events the deltas that follow each other are joined, and of
    usage and signs of life only the latest is kept. So nothing is lost, the end comes as soon as it
    can, and what waits is bounded by the answer itself.

    Raises:
        UsageError: `buffer` is below 1.
    """

    buffer: int = 64
    backpressure: bool = True

    def __post_init__(self) -> None:
        if self.buffer < 1:
            raise UsageError(f"a buffer holds at least one event, not {self.buffer}")


class ReadAhead:
    """Reads a source of batches in a task of its own, from the first `batches` on."""

    def __init__(self, source: AsyncGenerator[list[Event]], config: StreamConfig) -> None:
        self._source = source
        self._limit = config.buffer
        self._held: list[Event] = []
        self._joined = None if config.backpressure else Joined()
        self._has_news = asyncio.Event()
        self._has_space = asyncio.Event()
        self._is_released = False
        self.is_awaited = False  # the reader waits for something to come

    def release(self) -> None:
        """Stop no more for a slow reader: the source is about to end."""
        self._is_released = True
        self._has_space.set()

    async def batches(self) -> AsyncGenerator[list[Event]]:
        """Yield the events so far, as one batch; wait only where there are none. Leaving ends the
        task.
        """
        task = asyncio.ensure_future(self._read())
        task.add_done_callback(lambda _: self._has_news.set())
        try:
            while True:
                if batch := self._take():
                    self._has_space.set()
                    yield batch
                elif task.done():
                    task.result()
                    return
                else:
                    self._has_news.clear()
                    self.is_awaited = True
                    try:
                        await self._has_news.wait()
                    finally:
                        self.is_awaited = False
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _read(self) -> None:
        async with aclosing(self._source) as batches:
            async for batch in batches:
                self._hold(batch)
                self._has_news.set()
                while self._joined is None and len(self._held) >= self._limit:
                    if self._is_released:
                        break
                    self._has_space.clear()
                    await self._has_space.wait()

    def _hold(self, batch: list[Event]) -> None:
        if self._joined is None:
            self._held += batch
            return
        room = max(0, self._limit - len(self._held))
        self._held += batch[:room]
        self._joined.add(batch[room:])

    def _take(self) -> list[Event]:
        held, self._held = self._held, []
        return held if self._joined is None else held + self._joined.take()


# Choice, index of the call (-1 for text): where a delta is appended.
_Place = tuple[int, int]
_TEXTS = (ContentDelta, ReasoningDelta, RefusalDelta)


class Joined:
    """Events with those deltas joined that follow each other; the same message comes of them.

    Deltas of several calls or choices may take turns. Adding costs the same whatever is held.
    """

    def __init__(self) -> None:
        self._events: list[Event] = []
        self._growing: dict[_Place, tuple[Event, list[str]]] = {}  # the first delta, all fragments
        self._usage: Usage | None = None
        self._heartbeat: Heartbeat | None = None

    def add(self, events: list[Event]) -> None:
        """Take the next events, in order."""
        for event in events:
            if isinstance(event, Usage):
                self._usage = event if self._usage is None else self._usage.updated(event)
            elif isinstance(event, Heartbeat):
                self._heartbeat = event
            elif (found := _fragment(event)) is None:
                self._settle()
                self._events.append(event)
            else:
                place, text = found
                if place in self._growing and _kind(self._growing[place][0]) is not _kind(event):
                    self._settle()
                self._growing.setdefault(place, (event, []))[1].append(text)

    def take(self) -> list[Event]:
        """Return the held events, and hold none."""
        self._settle()
        events, self._events = self._events, []
        return events

    def _settle(self) -> None:
        for first, fragments in self._growing.values():
            self._events.append(_with_text(first, "".join(fragments)))
        self._growing = {}
        if self._usage is not None:
            self._events.append(self._usage)
        if self._heartbeat is not None:
            self._events.append(self._heartbeat)
        self._usage = self._heartbeat = None


def _fragment(event: Event) -> tuple[_Place, str] | None:
    """Tell where a delta goes and what it adds; None where it can't be joined."""
    choice = 0
    inner: object = event
    if isinstance(event, Alternative):
        choice, inner = event.choice, event.event
    if isinstance(inner, ToolCallDelta):
        return (choice, inner.index), inner.arguments
    if isinstance(inner, ReasoningDelta) and inner.extra is not None:
        return None
    return ((choice, -1), inner.text) if isinstance(inner, _TEXTS) else None


def _kind(event: Event) -> type:
    return type(event.event) if isinstance(event, Alternative) else type(event)


def _with_text(event: Event, text: str) -> Event:
    match event:
        case Alternative():
            inner = _with_text(event.event, text)
            return msgspec.structs.replace(event, event=inner)
        case ToolCallDelta():
            return ToolCallDelta(event.index, text)
        case ContentDelta() | ReasoningDelta() | RefusalDelta():
            return type(event)(text)
    return event
