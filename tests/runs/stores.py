"""The stores that the tests of the log run over, each of them opened the same way."""

from collections.abc import Callable
from pathlib import Path

from app.runs.log import RunLog, RunRecord
from app.runs.memory import MemoryLog
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

    def pass_time(self, seconds: float) -> None:
        """Let claims grow old."""
        self._clock.now_s += seconds

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


STORES = {"memory": memory_store, "sqlite": sqlite_store}


def record(run: str = "r1", owner: str = "ada", chat: str = "c1") -> RunRecord:
    """A run to begin with."""
    return RunRecord(run, owner, chat, "A question", b'{"question":1}', 5.0)
