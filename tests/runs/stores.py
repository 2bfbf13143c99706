"""The stores that the tests of the log run over, each of them opened the same way."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from redis import Redis as SyncRedis
from redis.asyncio import Redis

from app.runs.log import RunLog, RunRecord
from app.runs.memory import MemoryLog
from app.runs.redis import RedisLog
from app.runs.sqlite import SQLiteLog


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


class Store:
    """Opens logs over the same runs, as several workers do, and moves their clock."""

    def __init__(self, open_log: Callable[[], RunLog], clock: Clock, *, outlives: bool) -> None:
        self._open = open_log
        self._clock = clock
        self._opened: list[RunLog] = []
        self.outlives = outlives  # the process

    def open(self) -> RunLog:
        """A log as another worker sees it; the same one where there is only one process."""
        log = self._open()
        if log not in self._opened:
            self._opened.append(log)
        return log

    async def pass_time(self, seconds: float) -> None:
        """Let claims grow old."""
        self._clock.now_s += seconds

    async def jump(self, seconds: float, monkeypatch: pytest.MonkeyPatch) -> None:
        """Have the wall clock set forth, or back."""
        now_s = time.time
        monkeypatch.setattr(time, "time", lambda: now_s() + seconds)

    async def close(self) -> None:
        """Close all that was opened."""
        while self._opened:
            await self._opened.pop().close()


def memory_store(folder: Path) -> Store:
    """One log of this process."""
    clock = Clock()
    log = MemoryLog(clock=clock)
    return Store(lambda: log, clock, outlives=False)


def sqlite_store(folder: Path) -> Store:
    """Logs over one file."""
    clock = Clock()
    return Store(lambda: SQLiteLog(folder / "runs.db", clock=clock), clock, outlives=True)


class RedisStore(Store):
    """Logs over one Redis, which is emptied; what is idle there is made older."""

    def __init__(self, url: str) -> None:
        self._jumped_s = 0.0

        def steady_s() -> float:
            return time.monotonic() - self._jumped_s  # as seen from Redis' clock

        super().__init__(lambda: RedisLog(url, clock=steady_s), Clock(), outlives=True)
        self._url = url

    async def pass_time(self, seconds: float) -> None:
        """Let claims grow old, which Redis counts by its own clock."""
        async with Redis.from_url(self._url) as redis:
            jobs = ("tokenfall:jobs", "workers")
            pending: list[dict[str, Any]] = await redis.xpending_range(*jobs, "-", "+", 1000)
            for one in pending:
                idle_ms = max(one["time_since_delivered"] + round(seconds * 1000), 0)
                job = [one["message_id"]]
                await redis.xclaim(*jobs, one["consumer"], 0, job, idle=idle_ms, justid=True)
            attending: list[Any] = await redis.zrange("tokenfall:attending", 0, -1)
            for worker in attending:
                await redis.zincrby("tokenfall:attending", -seconds * 1000, worker)

    async def jump(self, seconds: float, monkeypatch: pytest.MonkeyPatch) -> None:
        """Have Redis' clock set forth, or back, where it takes what lies ahead for just done."""
        await self.pass_time(seconds)
        self._jumped_s += seconds


def redis_store(url: str) -> Store:
    """Logs over the Redis at this address, which loses what it had."""
    with SyncRedis.from_url(url) as redis:
        redis.flushall()
    return RedisStore(url)


STORES = {"memory": memory_store, "sqlite": sqlite_store}


def record(run: str = "r1", owner: str = "ada", chat: str = "c1") -> RunRecord:
    """A run to begin with."""
    return RunRecord(run, owner, chat, "A question", b'{"question":1}', 5.0)
