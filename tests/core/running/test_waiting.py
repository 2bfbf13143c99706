"""Waiting that is ended from outside: by a stop, for good, or by a deadline, once."""

import asyncio

import pytest

from app.core.errors import ErrorInfo
from app.core.running.waiting import Late, Stopped, Waiter

LATE = ErrorInfo("timeout", "Too late.")


async def forever() -> None:
    await asyncio.get_running_loop().create_future()


async def quick() -> str:
    return "here"


def soon(callback: object, *arguments: object) -> None:
    asyncio.get_running_loop().call_soon(callback, *arguments)  # type: ignore[arg-type]


async def test_what_is_waited_for_is_returned_and_what_it_raises_is_raised() -> None:
    async def broken() -> None:
        raise ValueError("broken")

    waiter = Waiter()
    assert await waiter.wait(quick) == "here"
    with pytest.raises(ValueError, match="broken"):
        await waiter.wait(broken)
    assert not waiter.is_waiting


async def test_it_waits_only_while_something_is_awaited() -> None:
    waiter = Waiter()
    seen = []

    async def look() -> None:
        seen.append(waiter.is_waiting)

    assert not waiter.is_waiting
    await waiter.wait(look)
    assert seen == [True]
    assert not waiter.is_waiting


async def test_a_stop_ends_this_wait_and_all_later_ones() -> None:
    waiter = Waiter()
    soon(waiter.cancel)
    with pytest.raises(Stopped):
        await waiter.wait(forever)
    started = []

    async def start() -> None:
        started.append(True)

    with pytest.raises(Stopped):
        await waiter.wait(start)
    assert not started


async def test_a_stop_before_the_wait_keeps_it_from_beginning() -> None:
    waiter = Waiter()
    waiter.cancel()
    waiter.cancel()
    with pytest.raises(Stopped):
        await waiter.wait(quick)


async def test_a_deadline_ends_this_wait_alone_and_says_which() -> None:
    waiter = Waiter()
    soon(waiter.end, LATE)
    with pytest.raises(Late, match=r"Too late\.") as late:
        await waiter.wait(forever)
    assert late.value.error == LATE
    assert await waiter.wait(quick) == "here"


async def test_a_deadline_while_nothing_is_awaited_ends_nothing() -> None:
    waiter = Waiter()
    waiter.end(LATE)
    assert await waiter.wait(quick) == "here"


async def test_of_two_deadlines_the_first_counts() -> None:
    waiter = Waiter()
    soon(waiter.end, LATE)
    soon(waiter.end, ErrorInfo("timeout", "Even later."))
    with pytest.raises(Late) as late:
        await waiter.wait(forever)
    assert late.value.error == LATE


async def test_a_deadline_after_a_stop_changes_nothing() -> None:
    waiter = Waiter()

    def stop_and_be_late() -> None:
        waiter.cancel()
        waiter.end(LATE)

    soon(stop_and_be_late)
    with pytest.raises(Stopped):
        await waiter.wait(forever)


@pytest.mark.parametrize("is_stop", [True, False])
async def test_the_task_can_be_cancelled_afterwards_as_ever(is_stop: bool) -> None:
    """The cancellation that ended the wait was taken back."""
    waiter = Waiter()
    task = asyncio.current_task()
    assert task is not None
    soon(waiter.cancel) if is_stop else soon(waiter.end, LATE)
    with pytest.raises((Stopped, Late)):
        await waiter.wait(forever)
    assert task.cancelling() == 0
    await asyncio.sleep(0)  # a cancellation that is still due would arrive here


async def test_a_cancellation_from_elsewhere_goes_through() -> None:
    waiter = Waiter()
    waiting = asyncio.ensure_future(waiter.wait(forever))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert not waiter.is_waiting


@pytest.mark.parametrize("is_stop", [True, False])
async def test_a_cancellation_from_elsewhere_at_the_same_time_is_not_lost(is_stop: bool) -> None:
    waiter = Waiter()
    waiting = asyncio.ensure_future(waiter.wait(forever))
    await asyncio.sleep(0)
    waiter.cancel() if is_stop else waiter.end(LATE)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
