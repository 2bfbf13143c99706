"""The readers of this process: one blocking read of the log for all, fanned out in memory.

A reader pulls: it holds its place and nothing else, so a slow one costs no memory and never slows
the run. The latest entries are at hand for all (a feed's tail); a reader further behind reads the
log itself, from its place on.
"""

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import AsyncGenerator
from typing import Literal

import msgspec

from .log import Entry, LogError, NoSuchRunError, RunLog
from .offsets import START, Offset

_log = logging.getLogger(__name__)

# How much of each stream is at hand for its readers.
_TAIL_BYTES = 256 * 1024
# How long to wait where the log fails, in seconds.
_RETRY_S = 0.25


class Told(msgspec.Struct, frozen=True):
    """A message for readers beside the entries. `failing`: the log cannot be written; `back`: it
    can again; `gone`: the stream was deleted, or the log has lost the place of who follows it;
    `alive`: nothing came for some time.
    """

    what: Literal["failing", "back", "gone", "alive"]


class Behind(msgspec.Struct, frozen=True):
    """A page of the log for a reader that is far behind; it may want it shorter."""

    entries: list[Entry]


class Feed:
    """One stream that is followed in this process."""

    def __init__(self) -> None:
        self.readers = 0
        self.place: Offset | None = None  # of the newest entry; None until a reader came so far
        self.tail: deque[Entry] = deque()
        self.is_gone = False
        self.fails = False
        self._tail_bytes = 0
        self._changed = asyncio.Event()

    def add(self, entries: list[Entry]) -> None:
        """Take an entry that was written."""
        for entry in entries:
            self.tail.append(entry)
            self._tail_bytes += len(entry.data)
        while self._tail_bytes > _TAIL_BYTES and len(self.tail) > 1:
            self._tail_bytes -= len(self.tail.popleft().data)
        self.place = entries[-1].end
        self.wake()

    def behind(self, place: Offset) -> list[Entry] | None:
        """Give the entries behind a place; None where they are not at hand."""
        if self.place is None or place.number >= self.place.number:
            return []
        if not self.tail or place.number < self.tail[0].first - 1:
            return None
        return [entry.after(place.number) for entry in self.tail if entry.last > place.number]

    def wake(self) -> None:
        """Let the readers look again."""
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()

    @property
    def changed(self) -> asyncio.Event:
        """Give an event that is set with the next change."""
        return self._changed


class Feeds:
    """The streams followed in this process. Each `heartbeat_s` seconds all readers are told that it
    is alive: one timer for all, as one for each reader would cost more than their reading.
    """

    def __init__(self, log: RunLog, heartbeat_s: float | None = None) -> None:
        self._log = log
        self._heartbeat_s = heartbeat_s
        self._beats = 0
        self._beating: asyncio.TimerHandle | None = None
        self._feeds: dict[str, Feed] = {}
        self._pumping: asyncio.Task[None] | None = None

    @property
    def readers(self) -> int:
        """The number of readers at the moment."""
        return sum(feed.readers for feed in self._feeds.values())

    async def follow(
        self, stream: str, after: Offset = START
    ) -> AsyncGenerator[list[Entry] | Behind | Told]:
        """Yield the entries behind an event, then new ones as they come, without an end of its own.

        Raises:
            LostOffsetError: The log has no such event.
            NoSuchRunError: There is no such run.
            LogError: The log cannot be read.
        """
        feed = self._feeds.setdefault(stream, Feed())
        feed.readers += 1
        self._keep_beating()
        try:
            place, found = after, await self._log.read(stream, after)
            while found:
                yield found
                place, found = found[-1].end, await self._log.read(stream, found[-1].end)
            if feed.place is None:
                feed.place = place
            self._pump()
            failed, beats = False, self._beats
            while True:
                changed = feed.changed
                at_hand = feed.behind(place)
                found = await self._log.read(stream, place) if at_hand is None else at_hand
                if found:
                    place = found[-1].end
                    yield Behind(found) if at_hand is None else found
                elif feed.is_gone:
                    yield Told("gone")
                    return
                elif feed.fails != failed:
                    failed = feed.fails
                    yield Told("failing" if failed else "back")
                elif self._beats != beats:
                    beats = self._beats
                    yield Told("alive")
                else:
                    await changed.wait()
        finally:
            feed.readers -= 1
            if not feed.readers and self._feeds.get(stream) is feed:
                del self._feeds[stream]
                self._log.nudge()

    def tell_trouble(self, stream: str, fails: bool) -> None:
        """Let the readers of a stream know whether it can be written."""
        if feed := self._feeds.get(stream):
            feed.fails = fails
            feed.wake()

    async def close(self) -> None:
        """End the reading for all."""
        if self._beating is not None:
            self._beating.cancel()
        if self._pumping is not None:
            self._pumping.cancel()
            await asyncio.gather(self._pumping, return_exceptions=True)

    def _keep_beating(self) -> None:
        if self._heartbeat_s is not None and self._beating is None:
            loop = asyncio.get_running_loop()
            self._beating = loop.call_later(self._heartbeat_s, self._beat)

    def _beat(self) -> None:
        self._beating = None
        self._beats += 1
        for feed in self._feeds.values():
            feed.wake()
        if self._feeds:
            self._keep_beating()

    def _pump(self) -> None:
        if self._pumping is None or self._pumping.done():
            self._pumping = asyncio.create_task(self._read())
        else:
            self._log.nudge()

    async def _read(self) -> None:
        while followed := {
            stream: feed.place
            for stream, feed in self._feeds.items()
            if feed.place is not None and not feed.is_gone
        }:
            try:
                news = await self._log.news(followed)
            except LogError as error:
                _log.warning("the log of runs cannot be read: %s", error)
                await asyncio.sleep(_RETRY_S)
                continue
            for stream, entries in news.items():
                if (feed := self._feeds.get(stream)) is None or feed.place != followed[stream]:
                    continue  # it was left, and perhaps followed anew, meanwhile
                if entries is None:
                    feed.is_gone = True
                    del self._feeds[stream]  # who comes back finds what is there now
                    feed.wake()
                elif entries:
                    feed.add(list(entries))


async def kept(log: RunLog, stream: str) -> AsyncGenerator[Entry]:
    """Yield the present entries of a stream, one by one."""
    place = START
    with contextlib.suppress(NoSuchRunError):
        while found := await log.read(stream, place):
            for entry in found:
                yield entry
            place = found[-1].end
