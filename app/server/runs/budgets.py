"""Budgets of one person on this server, and limits of time."""

import asyncio
from collections import Counter, defaultdict, deque
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec

from ...runs.log import LEASE_S, RunLog
from .refusals import RefusedError


class Budget(msgspec.Struct, frozen=True):
    """Limits of one owner, but for `most_runs`, which is for all of this process."""

    runs_at_once: int = 8
    starts_a_minute: int = 60
    readers: int = 200
    stored_bytes: int = 2 * 2**30
    most_runs: int = 256


class Patience(msgspec.Struct, frozen=True):
    """Seconds: for an answer, for the wait for a person or a page; how long an answer is kept after
    its end; how long a worker that says nothing holds its runs.
    """

    run_s: float = 3600.0
    wait_s: float = 3600.0
    keep_s: float = 30 * 86_400.0
    lease_s: float = LEASE_S


class Budgets:
    """Counts the questions, runs and readers of each owner."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self._starts: defaultdict[str, deque[float]] = defaultdict(deque)
        self._reading: Counter[str] = Counter()
        self._running: Counter[str] = Counter()

    async def check_start(self, log: RunLog, owner: str) -> None:
        """Count one more question. Raises `RefusedError` where it is one too many."""
        now_s = asyncio.get_running_loop().time()
        starts = self._starts[owner]
        while starts and starts[0] <= now_s - 60:
            starts.popleft()
        if len(starts) >= self._budget.starts_a_minute:
            wait_s = max(1, round(starts[0] + 60 - now_s))
            message = f"that is more than {len(starts)} questions in a minute; wait {wait_s} s"
            raise RefusedError(429, "too_many_questions", message, wait_s)
        starts.append(now_s)
        await self.check_room(log, owner)

    async def check_room(self, log: RunLog, owner: str) -> None:
        """Raise `RefusedError` where an owner keeps as much as they may already."""
        if await log.stored_bytes(owner) >= self._budget.stored_bytes:
            message = "what this server keeps for you is full; delete some chats first"
            raise RefusedError(507, "store_full", message)

    @contextmanager
    def run(self, owner: str) -> Iterator[None]:
        """Count a run as long as the block lasts. Raises `RefusedError`."""
        if self._running[owner] >= self._budget.runs_at_once:
            message = f"{self._budget.runs_at_once} answers are on their way for you; wait for one"
            raise RefusedError(429, "too_many_runs", message, 1)
        if self._running.total() >= self._budget.most_runs:
            raise RefusedError(503, "server_busy", "the server has as many runs as it can", 1)
        with _counted(self._running, owner):
            yield

    @contextmanager
    def reader(self, owner: str) -> Iterator[None]:
        """Count a reader as long as the block lasts. Raises `RefusedError`."""
        if self._reading[owner] >= self._budget.readers:
            message = f"{self._budget.readers} streams are read for you already; close one"
            raise RefusedError(429, "too_many_readers", message, 1)
        with _counted(self._reading, owner):
            yield


@contextmanager
def _counted(counts: Counter[str], owner: str) -> Iterator[None]:
    counts[owner] += 1
    try:
        yield
    finally:
        counts[owner] -= 1
        if not counts[owner]:
            del counts[owner]
