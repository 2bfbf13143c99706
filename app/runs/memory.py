"""A log in this process's memory: gone with it."""

import asyncio
import time
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice

from msgspec.structs import replace

from ..core.messages import Status
from .log import (
    KEPT_CHANGES,
    LEASE_S,
    PAGE_BYTES,
    Claim,
    Entry,
    FencedError,
    LostOffsetError,
    News,
    NoSuchRunError,
    Payload,
    RunLog,
    RunRecord,
    controls_of,
    events_of,
    run_of,
)
from .offsets import START, Offset


class MemoryLog(RunLog):
    """The runs of this process. `clock` gives seconds, and never jumps."""

    def __init__(
        self, lease_s: float = LEASE_S, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._lease_s = lease_s
        self._clock = clock
        self._runs: dict[str, RunRecord] = {}
        self._held: dict[str, tuple[str, float]] = {}  # by whom, until when
        self._attending: dict[str, float] = {}  # until when
        self._streams: dict[str, list[Entry]] = {}
        self._payloads: dict[str, dict[str, Payload]] = {}
        self._facts: dict[str, dict[str, dict[str, bytes]]] = {}  # by owner, by chat
        self._changed = asyncio.Event()

    async def create(self, record: RunRecord, worker: str) -> Claim | None:
        if record.id in self._runs:
            return None
        self._runs[record.id] = replace(record, epoch=1, last=0, size=len(record.question))
        self._hold(record.id, worker)
        return Claim(1, 0)

    async def append(
        self, run: str, claim: Claim, data: bytes, count: int, status: Status | None = None
    ) -> Claim:
        record = self._run(run)
        written = Claim(claim.epoch, claim.last + count)
        if record.epoch == claim.epoch and record.last == written.last:
            return written
        if record.epoch != claim.epoch or record.last != claim.last or record.status is not None:
            raise FencedError(run)
        entry = Entry(claim.epoch, claim.last + 1, written.last, data)
        self._streams.setdefault(events_of(run), []).append(entry)
        record.last = written.last
        record.size += len(data)
        if status is not None:
            record.status, record.ended_s = status, time.time()
        self.nudge()
        return written

    async def tell(self, stream: str, data: bytes) -> Offset:
        self._check(stream)
        entries = self._streams.setdefault(stream, [])
        number = entries[-1].last + 1 if entries else 1
        entries.append(Entry(0, number, number, data))
        if (run := run_of(stream)) is not None:
            dropped = sum(len(entry.data) for entry in entries[:-KEPT_CHANGES])
            self._run(run).size += len(data) - dropped
        del entries[:-KEPT_CHANGES]
        self.nudge()
        return Offset(0, number)

    async def read(
        self, stream: str, after: Offset = START, limit: int = PAGE_BYTES
    ) -> list[Entry]:
        self._check(stream)
        entries = self._streams.get(stream, [])
        if after != START and not _has(entries, after):
            raise LostOffsetError(str(after))
        found: list[Entry] = []
        size = 0
        for entry in _behind(entries, after.number):
            found.append(entry)
            size += len(entry.data)
            if size >= limit:
                break
        return found

    async def news(self, cursors: Mapping[str, Offset]) -> News:
        changed = self._changed
        if not (found := self._newer(cursors)):
            await changed.wait()
            found = self._newer(cursors)
        return found

    def _newer(self, cursors: Mapping[str, Offset]) -> News:
        found: dict[str, Sequence[Entry] | None] = {}
        for stream, after in cursors.items():
            run = run_of(stream)
            if run is not None and run not in self._runs:
                found[stream] = None
            elif newer := list(_behind(self._streams.get(stream, []), after.number)):
                found[stream] = newer
        return found

    def nudge(self) -> None:
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()

    async def claim(self, run: str, worker: str) -> Claim | None:
        record = self._run(run)
        if record.status is not None or self._is_held(run):
            return None
        record.epoch += 1
        self._hold(run, worker)
        return Claim(record.epoch, record.last)

    async def heartbeat(self, worker: str, runs: Sequence[str]) -> set[str]:
        lost = set()
        for run in runs:
            if run in self._runs and self._held.get(run, ("", 0))[0] == worker:
                self._hold(run, worker)
            else:
                lost.add(run)
        return lost

    async def attend(self, worker: str) -> None:
        self._attending[worker] = self._clock() + self._lease_s

    async def attending(self) -> set[str]:
        return {one for one, until_s in self._attending.items() if until_s > self._clock()}

    async def release(self, worker: str) -> None:
        self._attending.pop(worker, None)
        self._held = {run: held for run, held in self._held.items() if held[0] != worker}

    async def unattended(self) -> list[str]:
        open_runs = (run for run, record in self._runs.items() if record.status is None)
        return [run for run in open_runs if not self._is_held(run)]

    async def get(self, run: str) -> RunRecord | None:
        return replace(self._runs[run]) if run in self._runs else None

    async def runs(self, owner: str, chat: str | None = None) -> list[RunRecord]:
        every = [one for one in self._runs.values() if one.owner == owner]
        if chat is None:
            return [replace(one, question=b"") for one in every]
        return [replace(one) for one in every if one.chat == chat]

    async def stored_bytes(self, owner: str) -> int:
        facts = self._facts.get(owner, {}).values()
        kept = sum(len(value) for known in facts for value in known.values())
        return kept + sum(one.size for one in self._runs.values() if one.owner == owner)

    async def set_facts(self, owner: str, chat: str, facts: Mapping[str, bytes]) -> None:
        if facts:
            self._facts.setdefault(owner, {}).setdefault(chat, {}).update(facts)

    async def facts(self, owner: str, chat: str | None = None) -> dict[str, dict[str, bytes]]:
        known = self._facts.get(owner, {})
        return {one: dict(found) for one, found in known.items() if chat in (None, one)}

    async def forget_facts(self, owner: str, chat: str) -> None:
        self._facts.get(owner, {}).pop(chat, None)

    async def put(self, run: str, payload: Payload) -> None:
        record = self._run(run)
        kept = self._payloads.setdefault(run, {})
        if payload.name not in kept:
            kept[payload.name] = payload
            record.size += len(payload.data)

    async def payload(self, run: str, name: str) -> Payload | None:
        return self._payloads.get(run, {}).get(name)

    async def delete(self, run: str) -> bool:
        if self._runs.pop(run, None) is None:
            return False
        self._held.pop(run, None)
        self._payloads.pop(run, None)
        for stream in (events_of(run), controls_of(run)):
            self._streams.pop(stream, None)
        self.nudge()
        return True

    async def expire(self, kept_s: float) -> list[RunRecord]:
        before_s = time.time() - kept_s
        ended = ((one, one.ended_s) for one in list(self._runs.values()))
        old = [one for one, ended_s in ended if ended_s is not None and ended_s < before_s]
        for record in old:
            await self.delete(record.id)
        return old

    async def close(self) -> None:
        self.nudge()

    def _run(self, run: str) -> RunRecord:
        if run not in self._runs:
            raise NoSuchRunError(run)
        return self._runs[run]

    def _check(self, stream: str) -> None:
        if (run := run_of(stream)) is not None:
            self._run(run)

    def _hold(self, run: str, worker: str) -> None:
        self._held[run] = worker, self._clock() + self._lease_s

    def _is_held(self, run: str) -> bool:
        return run in self._held and self._held[run][1] > self._clock()


def _has(entries: Sequence[Entry], offset: Offset) -> bool:
    at = bisect_right(entries, offset.number, key=lambda entry: entry.first)
    return (
        at > 0 and entries[at - 1].epoch == offset.epoch and offset.number <= entries[at - 1].last
    )


def _behind(entries: Sequence[Entry], number: int) -> Iterator[Entry]:
    """The entries behind an event, the first of them perhaps in part."""
    at = bisect_right(entries, number, key=lambda entry: entry.last)
    return (entry.after(number) for entry in islice(entries, at, None))
