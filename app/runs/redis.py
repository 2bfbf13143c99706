"""A log in Redis or Valkey streams, for any number of machines. Redis 7 or newer; no Cluster.

A run's events are a stream whose ids are number and epoch of each batch's last event. Every write
is a script, which is all or nothing: an append looks at the epoch in the same breath, so a worker
that only seemed dead is fenced. Open runs are jobs of a consumer group: who carries one has it
pending, renews it by claiming it from itself, and loses it when it was idle for as long as a lease,
by Redis' own clock. That is one which people set: who sees that it has jumped has all claims begin
anew, so no living worker loses a run, and what a dead one left goes on a lease later. One blocking
read a process follows all streams.

Losses in a crash of Redis itself depend on its `appendfsync`; a reader that had more is told.

Long, because the contract is wide and all of it speaks to one server.
"""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from typing import Any, Concatenate, ParamSpec, TypeVar
from uuid import uuid4

from redis.asyncio import Redis
from redis.exceptions import RedisError

from ..core.messages import Status
from . import redis_scripts as scripts
from .log import (
    KEPT_CHANGES,
    LEASE_S,
    PAGE_BYTES,
    Claim,
    Entry,
    FencedError,
    LogError,
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

_P = ParamSpec("_P")
_T = TypeVar("_T")

_PREFIX = "tokenfall:"
_JOBS, _GROUP = f"{_PREFIX}jobs", "workers"
_GONE = f"{_PREFIX}gone"
_ENDED = f"{_PREFIX}ended"
_ATTENDING = f"{_PREFIX}attending"
# The largest number of an id: behind all that ends with this event.
_LAST = 2**64 - 1
_FIELDS = ("owner", "chat", "title", "question", "created_s", "epoch", "last", "status", "ended_s")
# How long one blocking read waits, in milliseconds. Before one that begins as long after the last
# look it is looked whether all that is followed is still there: a Redis that was started again may
# have lost it, and who follows knows within twice this time.
_BLOCK_MS = 5_000
# How long what was asked may take to end when the log is closed, in seconds.
_CLOSE_LIMIT_S = 2.0


def _failing_as_log(
    method: Callable[Concatenate["RedisLog", _P], Awaitable[_T]],
) -> Callable[Concatenate["RedisLog", _P], Coroutine[Any, Any, _T]]:
    """Turn every failure of Redis or of the way to it into a `LogError`. A cancelled caller leaves
    at once, and its command comes to its end by itself: a command that is cut off in the middle
    costs its connection, and redis-py may lose the cancellation.
    """

    async def call(self: "RedisLog", /, *arguments: _P.args, **named: _P.kwargs) -> _T:
        asked = asyncio.ensure_future(method(self, *arguments, **named))
        self._asked.add(asked)
        asked.add_done_callback(self._asked.discard)
        try:
            return await asyncio.shield(asked)
        except asyncio.CancelledError:
            self.nudge()  # that may be what waits
            raise
        except (RedisError, OSError) as error:
            raise LogError(f"Redis: {error}") from error

    return call


class RedisLog(RunLog):
    """The runs in the Redis at an address such as `redis://localhost:6379/0`. `clock` gives
    seconds, and never jumps.
    """

    def __init__(
        self,
        url: str,
        *,
        lease_s: float = LEASE_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._lease_ms = round(lease_s * 1000)
        self._clock = clock
        self._ahead_s: float | None = None  # how far Redis' clock was ahead of ours
        self._redis = _client(url)
        self._blocking = _client(url, socket_timeout=None)
        self._nudges = f"{_PREFIX}nudges:{uuid4().hex}"
        self._nudged = b"0"
        self._seen_gone = b""  # id of the newest deletion that was looked at
        self._known: set[str] = set()  # streams that were there
        self._looked_at_s = clock()  # whether all of them are there
        self._asked: set[asyncio.Future[Any]] = set()

    @_failing_as_log
    async def create(self, record: RunRecord, worker: str) -> Claim | None:
        owner = f"{_PREFIX}owner:{record.owner}"
        keys = (_run(record.id), _JOBS, owner, f"{_PREFIX}count")
        values = (record.owner, record.chat, record.title, record.question, record.created_s)
        made = await self._script(
            scripts.CREATE, keys, record.id, _GROUP, worker, *values, len(record.question)
        )
        return Claim(1, 0) if made else None

    @_failing_as_log
    async def append(
        self, run: str, claim: Claim, data: bytes, count: int, status: Status | None = None
    ) -> Claim:
        written = Claim(claim.epoch, claim.last + count)
        keys = (_run(run), _stream(events_of(run)), _JOBS, _ENDED)
        ended = (status or "", run, _GROUP)
        done = await self._script(scripts.APPEND, keys, *claim, written.last, data, *ended)
        if done == b"gone":
            raise NoSuchRunError(run)
        if done == b"fenced":
            raise FencedError(run)
        return written

    @_failing_as_log
    async def tell(self, stream: str, data: bytes) -> Offset:
        run = run_of(stream)
        keys = (_stream(stream), _run(run or ""))
        number = await self._script(scripts.TELL, keys, 0 if run is None else 1, data, KEPT_CHANGES)
        if number < 0:
            raise NoSuchRunError(run)
        return Offset(0, number)

    @_failing_as_log
    async def read(
        self, stream: str, after: Offset = START, limit: int = PAGE_BYTES
    ) -> list[Entry]:
        run = run_of(stream)
        if run is not None and not await self._do("EXISTS", _run(run)):
            raise NoSuchRunError(run)
        key = _stream(stream)
        if after != START:
            rows = await self._do("XRANGE", key, f"{after.number}-0", "+", "COUNT", 1)
            if not _has(rows, after):
                raise LostOffsetError(str(after))
        found: list[Entry] = []
        size, at = 0, f"{after.number + 1}-0"
        while size < limit:
            if not (rows := await self._do("XRANGE", key, at, "+", "COUNT", 100)):
                break
            for row in rows:
                found.append(_entry(row).after(after.number))
                size += len(found[-1].data)
                if size >= limit:
                    break
            at = f"{found[-1].last + 1}-0"
        return found

    @_failing_as_log
    async def news(self, cursors: Mapping[str, Offset]) -> News:
        if gone := await self._gone(cursors):
            return dict.fromkeys(gone)
        places = {_stream(stream): f"{at.number}-{_LAST}" for stream, at in cursors.items()}
        places |= {self._nudges: self._nudged.decode(), _GONE: self._seen_gone.decode()}
        told = await self._blocking.execute_command(
            *("XREAD", "COUNT", 100, "BLOCK", _BLOCK_MS, "STREAMS", *places, *places.values())
        )
        found: dict[str, Sequence[Entry] | None] = {}
        for key, rows in told or ():
            if key.decode() == self._nudges:
                self._nudged = rows[-1][0]
            elif key.decode() != _GONE:
                stream = key.decode().removeprefix(_PREFIX)
                entries = (_entry(row).after(cursors[stream].number) for row in rows)
                found[stream] = [entry for entry in entries if entry.first <= entry.last]
        return found

    async def _gone(self, cursors: Mapping[str, Offset]) -> set[str]:
        """Find the followed streams whose run, or whose place, is not there any more: it was
        deleted, or Redis has lost it.
        """
        newest = await self._do("XREVRANGE", _GONE, "+", "-", "COUNT", 1)
        latest = newest[0][0] if newest else b"0-0"
        is_old = self._clock() - self._looked_at_s >= _BLOCK_MS / 1000
        if is_old or latest != self._seen_gone:
            self._known, self._looked_at_s = set(), self._clock()
        self._seen_gone = latest
        unsure = [stream for stream in cursors if stream not in self._known]
        self._known = set(cursors)
        if not unsure:
            return set()
        async with self._redis.pipeline(transaction=False) as pipe:
            for stream in unsure:
                pipe.execute_command("EXISTS", _run(run_of(stream) or ""))
                place = f"{cursors[stream].number}-0"
                pipe.execute_command("XRANGE", _stream(stream), place, "+", "COUNT", 1)
            found = await pipe.execute()
        gone = set()
        for stream, is_there, rows in zip(unsure, found[::2], found[1::2], strict=True):
            is_lost = cursors[stream] != START and not _has(rows, cursors[stream])
            if is_lost or (run_of(stream) is not None and not is_there):
                gone.add(stream)
        self._known -= gone
        return gone

    def nudge(self) -> None:
        task = asyncio.ensure_future(self._nudge())
        self._asked.add(task)
        task.add_done_callback(self._asked.discard)

    async def _nudge(self) -> None:
        with contextlib.suppress(RedisError, OSError):
            await self._do("XADD", self._nudges, "MAXLEN", 1, "*", "n", 1)

    @_failing_as_log
    async def claim(self, run: str, worker: str) -> Claim | None:
        keys = (_run(run), _JOBS)
        claimed = await self._script(scripts.CLAIM, keys, _GROUP, worker, self._lease_ms)
        if claimed == b"gone":
            raise NoSuchRunError(run)
        return None if claimed == b"held" else Claim(*claimed)

    @_failing_as_log
    async def heartbeat(self, worker: str, runs: Sequence[str]) -> set[str]:
        return {
            run
            for run in runs
            if not await self._script(scripts.RENEW, (_run(run), _JOBS), _GROUP, worker)
        }

    @_failing_as_log
    async def attend(self, worker: str) -> None:
        await self._script(scripts.ATTEND, (_ATTENDING,), worker, self._lease_ms)

    @_failing_as_log
    async def attending(self) -> set[str]:
        found = await self._script(scripts.ATTENDING, (_ATTENDING,), self._lease_ms)
        return {worker.decode() for worker in found}

    @_failing_as_log
    async def release(self, worker: str) -> None:
        await self._do("ZREM", _ATTENDING, worker)
        for job, *_ in await self._pending(0, worker):
            idle = ("IDLE", self._lease_ms, "JUSTID")
            await self._do("XCLAIM", _JOBS, _GROUP, worker, 0, job, *idle)

    @_failing_as_log
    async def unattended(self) -> list[str]:
        found: list[str] = []
        idle = await self._pending(self._lease_ms)
        if await self._has_jumped():
            if await self._do("EXISTS", _JOBS):
                await self._script(scripts.RENEW_ALL, (_JOBS,), _GROUP)
            return found
        for job, *_ in idle:
            found += [row[1][1].decode() for row in await self._do("XRANGE", _JOBS, job, job)]
        return found

    async def _has_jumped(self) -> bool:
        """Tell whether Redis' clock has been set since the last look, by so much that a claim which
        is renewed in time may look as if it were not.
        """
        seconds, microseconds = await self._do("TIME")
        before_s = self._ahead_s
        self._ahead_s = int(seconds) + int(microseconds) / 1e6 - self._clock()
        return before_s is not None and abs(self._ahead_s - before_s) > self._lease_ms / 2000

    async def _pending(self, idle_ms: int, *worker: str) -> list[Any]:
        if not await self._do("EXISTS", _JOBS):
            return []
        idle = ("IDLE", idle_ms, "-", "+", 10_000)
        pending: list[Any] = await self._do("XPENDING", _JOBS, _GROUP, *idle, *worker)
        return pending

    @_failing_as_log
    async def get(self, run: str) -> RunRecord | None:
        [found] = await self._records([run])
        return found

    @_failing_as_log
    async def runs(self, owner: str, chat: str | None = None) -> list[RunRecord]:
        ids = [run.decode() for run in await self._do("ZRANGE", f"{_PREFIX}owner:{owner}", 0, -1)]
        found = [one for one in await self._records(ids, chat is not None) if one is not None]
        return [one for one in found if chat in (None, one.chat)]

    async def _records(self, ids: Sequence[str], whole: bool = True) -> list[RunRecord | None]:
        fields = [name if whole or name != "question" else "none" for name in (*_FIELDS, "size")]
        async with self._redis.pipeline(transaction=False) as pipe:
            for run in ids:
                pipe.execute_command("HMGET", _run(run), *fields)
            rows = await pipe.execute()
        return [_record(run, row) for run, row in zip(ids, rows, strict=True)]

    @_failing_as_log
    async def stored_bytes(self, owner: str) -> int:
        ids = [run.decode() for run in await self._do("ZRANGE", f"{_PREFIX}owner:{owner}", 0, -1)]
        facts = sum(map(len, await self._do("HVALS", _facts(owner))))
        return facts + sum(one.size for one in await self._records(ids, False) if one is not None)

    @_failing_as_log
    async def set_facts(self, owner: str, chat: str, facts: Mapping[str, bytes]) -> None:
        fields = [part for name, value in facts.items() for part in (f"{name}:{chat}", value)]
        if fields:
            await self._do("HSET", _facts(owner), *fields)

    @_failing_as_log
    async def facts(self, owner: str, chat: str | None = None) -> dict[str, dict[str, bytes]]:
        row = await self._do("HGETALL", _facts(owner))
        found: dict[str, dict[str, bytes]] = {}
        for field, value in zip(row[::2], row[1::2], strict=True):
            name, _, one = field.decode().partition(":")
            if chat in (None, one):
                found.setdefault(one, {})[name] = value
        return found

    @_failing_as_log
    async def forget_facts(self, owner: str, chat: str) -> None:
        fields = [field.decode() for field in await self._do("HKEYS", _facts(owner))]
        if gone := [field for field in fields if field.partition(":")[2] == chat]:
            await self._do("HDEL", _facts(owner), *gone)

    @_failing_as_log
    async def put(self, run: str, payload: Payload) -> None:
        keys = (_run(run), _payloads(run))
        values = (payload.name, payload.mime_type, payload.data)
        if not await self._script(scripts.PUT, keys, *values):
            raise NoSuchRunError(run)

    @_failing_as_log
    async def payload(self, run: str, name: str) -> Payload | None:
        kept = await self._do("HGET", _payloads(run), name)
        if kept is None:
            return None
        mime_type, _, data = kept.partition(b"\n")
        return Payload(name, mime_type.decode(), data)

    @_failing_as_log
    async def delete(self, run: str) -> bool:
        return await self._delete(run)

    async def _delete(self, run: str) -> bool:
        streams = (_stream(events_of(run)), _stream(controls_of(run)))
        keys = (_run(run), _JOBS, *streams, _payloads(run), _ENDED, _GONE)
        return bool(await self._script(scripts.DELETE, keys, _GROUP, run, f"{_PREFIX}owner:"))

    @_failing_as_log
    async def expire(self, kept_s: float) -> list[RunRecord]:
        seconds, _ = await self._do("TIME")
        old = await self._do("ZRANGEBYSCORE", _ENDED, "-inf", f"({int(seconds) - kept_s}")
        found = await self._records([run.decode() for run in old])
        records = [one for one in found if one is not None]
        for record in records:
            await self._delete(record.id)
        return records

    async def close(self) -> None:
        self.nudge()
        _, late = await asyncio.wait(list(self._asked), timeout=_CLOSE_LIMIT_S)
        for task in late:
            task.cancel()
        with contextlib.suppress(RedisError, OSError):
            await self._do("DEL", self._nudges)
        await self._blocking.aclose()
        await self._redis.aclose()

    async def _do(self, *command: Any) -> Any:
        return await self._redis.execute_command(*command)

    async def _script(self, script: str, keys: Sequence[str], *values: Any) -> Any:
        return await self._redis.execute_command("EVAL", script, len(keys), *keys, *values)


def _client(url: str, **settings: Any) -> Any:
    """A client that gives answers as they come: their forms differ between versions of redis-py,
    and its types leave open whether a call is to be awaited.
    """
    client = Redis.from_url(url, protocol=2, **settings)
    client.response_callbacks.clear()
    return client


def _run(run: str) -> str:
    return f"{_PREFIX}run:{run}"


def _stream(stream: str) -> str:
    return f"{_PREFIX}{stream}"


def _payloads(run: str) -> str:
    return f"{_PREFIX}payloads:{run}"


def _facts(owner: str) -> str:
    return f"{_PREFIX}facts:{owner}"


def _has(rows: Sequence[Any], place: Offset) -> bool:
    """Tell whether the first of these rows, from a place on, is what has this event."""
    entry = _entry(rows[0]) if rows else None
    return entry is not None and entry.first <= place.number and entry.epoch == place.epoch


def _entry(row: Any) -> Entry:
    place, fields = row
    last, epoch = map(int, place.split(b"-"))
    known = dict(zip(fields[::2], fields[1::2], strict=True))
    return Entry(epoch, int(known[b"f"]), last, known[b"d"])


def _record(run: str, row: Sequence[bytes | None]) -> RunRecord | None:
    owner, chat, title, question, created_s, epoch, last, status, ended_s, size = row
    if owner is None or chat is None or title is None:
        return None
    return RunRecord(
        run,
        owner.decode(),
        chat.decode(),
        title.decode(),
        question or b"",
        float(created_s or 0),
        int(epoch or 0),
        int(last or 0),
        _STATUSES.get(status or b""),
        None if ended_s is None else float(ended_s),
        int(size or 0),
    )


_STATUSES: dict[bytes, Status] = {
    b"complete": "complete",
    b"incomplete": "incomplete",
    b"aborted": "aborted",
    b"error": "error",
}
