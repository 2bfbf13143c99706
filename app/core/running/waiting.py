"""Waiting that can be ended from outside, without a task of its own.

The reader of a run waits in its own task. To end such a wait, that task is cancelled, and the
cancellation is taken back where it arrives, as `asyncio.timeout` does it.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from ..errors import ErrorInfo

T = TypeVar("T")


class Stopped(Exception):
    """The run was cancelled."""


class Late(Exception):
    """A deadline ended the wait; `error` says which."""

    def __init__(self, error: ErrorInfo) -> None:
        super().__init__(error.message)
        self.error = error


class Waiter:
    """Does a run's waiting, one thing at a time."""

    def __init__(self) -> None:
        self._is_cancelled = False
        self._late: ErrorInfo | None = None
        self._task: asyncio.Task[object] | None = None

    @property
    def is_waiting(self) -> bool:
        return self._task is not None

    def cancel(self) -> None:
        """End this wait and every later one with `Stopped`."""
        if not self._is_cancelled:
            self._is_cancelled = True
            self._wake()

    def end(self, error: ErrorInfo) -> None:
        """End this wait, if there is one, with `Late`."""
        if self._task is not None and self._late is None and not self._is_cancelled:
            self._late = error
            self._wake()

    async def wait(self, start: Callable[[], Awaitable[T]]) -> T:
        """Await what `start` begins.

        Raises:
            Stopped: `cancel` was called, before or meanwhile.
            Late: `end` was called meanwhile.
        """
        if self._has_ended():
            raise Stopped
        task = asyncio.current_task()
        assert task is not None  # only inside a task can anything be awaited
        self._task = task
        try:
            return await start()
        except asyncio.CancelledError:
            if not self._has_ended() or task.uncancel() > 0:
                raise
            late, self._late = self._late, None
            raise (Stopped() if late is None else Late(late)) from None
        finally:
            self._task = None

    def _has_ended(self) -> bool:
        return self._is_cancelled or self._late is not None

    def _wake(self) -> None:
        if self._task is not None:
            self._task.cancel()
