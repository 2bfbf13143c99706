"""Budgets of a person: questions in a minute, runs and readers at once, the room that is kept."""

from contextlib import AbstractContextManager
from types import SimpleNamespace

import msgspec
import pytest

from app.runs.memory import MemoryLog
from app.server.runs import budgets as counting
from app.server.runs.budgets import Budget, Budgets, Patience
from app.server.runs.refusals import RefusedError


class Clock:
    """A loop's clock that a test moves."""

    now_s = 1000.0

    def time(self) -> float:
        return self.now_s


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(counting, "asyncio", SimpleNamespace(get_running_loop=lambda: clock))
    return clock


def refusal(counted: AbstractContextManager[None]) -> tuple[int, str, int]:
    with pytest.raises(RefusedError) as refused, counted:
        pass
    return refused.value.status, refused.value.code, refused.value.retry_after_s


async def test_so_many_questions_in_any_minute_and_the_wait_for_the_next(clock: Clock) -> None:
    budgets, log = Budgets(Budget(starts_a_minute=3)), MemoryLog()
    for clock.now_s in (1000, 1010, 1020):
        await budgets.check_start(log, "ada")
    for clock.now_s, wait_s in ((1020, 40), (1059.9, 1)):
        with pytest.raises(RefusedError, match="more than 3 questions") as refused:
            await budgets.check_start(log, "ada")
        answer = refused.value.response()
        assert (answer.status_code, answer.headers["retry-after"]) == (429, str(wait_s))
    await budgets.check_start(log, "bob")
    clock.now_s = 1060
    await budgets.check_start(log, "ada")
    with pytest.raises(RefusedError, match="wait 10 s"):
        await budgets.check_start(log, "ada")


async def test_what_is_kept_has_a_size() -> None:
    log = MemoryLog()
    await log.set_facts("ada", "c", {"title": b"12345"})
    await Budgets(Budget(stored_bytes=6)).check_room(log, "ada")
    full = Budgets(Budget(stored_bytes=5))
    await full.check_room(log, "bob")
    for asked in (full.check_room, full.check_start):
        with pytest.raises(RefusedError) as refused:
            await asked(log, "ada")
        answer = refused.value.response()
        assert (answer.status_code, "retry-after" in answer.headers) == (507, False)


def test_runs_and_readers_count_as_long_as_they_last() -> None:
    budgets = Budgets(Budget(runs_at_once=2, readers=1, most_runs=3))
    with budgets.run("ada"), budgets.run("ada"):
        assert refusal(budgets.run("ada")) == (429, "too_many_runs", 1)
        with budgets.run("bob"):
            assert refusal(budgets.run("eve")) == (503, "server_busy", 1)
        with budgets.run("eve"):
            pass
    for _ in range(2):
        with budgets.run("ada"), budgets.run("ada"), budgets.reader("ada"):
            assert refusal(budgets.reader("ada")) == (429, "too_many_readers", 1)
            with budgets.reader("bob"):
                pass


def test_what_is_not_set_is_the_same_in_every_version() -> None:
    """Who runs a server counts on it; another default is a change to tell of."""
    assert msgspec.structs.asdict(Budget()) == {
        "runs_at_once": 8,
        "starts_a_minute": 60,
        "readers": 200,
        "stored_bytes": 2_147_483_648,
        "most_runs": 256,
    }
    assert msgspec.structs.asdict(Patience()) == {
        "run_s": 3600,
        "wait_s": 3600,
        "keep_s": 2_592_000,
        "lease_s": 10,
    }
