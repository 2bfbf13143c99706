"""Runs of one conversation, one after the other."""

import asyncio

from .waiting import Waiter


class Place:
    """A run's place in the queue of its conversation, behind that of `previous`."""

    def __init__(self, previous: "Place | None" = None) -> None:
        self._previous = previous
        self._has_ended = asyncio.Event()

    @property
    def is_behind(self) -> bool:
        """Tell whether it waits, or would have to."""
        return self._previous is not None

    async def reach(self, waiter: Waiter) -> None:
        """Wait until all before it have ended. Raises `Stopped` where the waiter is cancelled."""
        # One that was cancelled while it waited has ended, and those before it may go on.
        while self._previous is not None:
            await waiter.wait(self._previous._has_ended.wait)
            self._previous = self._previous._previous

    def leave(self) -> None:
        """Let those behind go on."""
        self._has_ended.set()

    async def left(self) -> None:
        """Wait until it was left."""
        await self._has_ended.wait()
