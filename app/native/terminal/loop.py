"""The event loop of a program that waits for a person between two answers."""

import asyncio
import signal
import threading
from collections.abc import Callable, Coroutine
from contextlib import suppress
from types import FrameType
from typing import Any, TypeVar

T = TypeVar("T")

_STOPPING = (signal.SIGINT, signal.SIGTERM)


class Loop:
    """Runs coroutines one after the other; tasks that they leave go on with the next one.

    Unlike `asyncio.Runner` it does not wait at its end for threads: a tool that blocks may have
    been stopped by Ctrl+C.
    """

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()

    def run(self, work: Coroutine[Any, Any, T], stop: Callable[[], None] | None = None) -> T:
        """Run to the end. The first Ctrl+C calls `stop`, the next one, or the first where there is
        no `stop`, cancels.

        Raises:
            KeyboardInterrupt: It was cancelled so.
        """
        task = self._loop.create_task(work)
        presses = 0

        def on_press() -> None:
            nonlocal presses
            presses += 1
            if stop is not None and presses == 1:
                stop()
            else:
                task.cancel()

        before = [(number, signal.getsignal(number)) for number in _STOPPING]
        for number in _STOPPING:
            self._on_signal(number, on_press)
        try:
            return self._loop.run_until_complete(task)
        except asyncio.CancelledError:
            raise KeyboardInterrupt from None
        finally:
            for number, handler in before:
                with suppress(NotImplementedError):
                    self._loop.remove_signal_handler(number)
                signal.signal(number, handler)

    def _on_signal(self, number: int, action: Callable[[], None]) -> None:
        try:
            # Wakes the loop also where a tool's thread was the one that took the signal.
            self._loop.add_signal_handler(number, action)
        except NotImplementedError:  # on Windows, whose loop wakes by itself

            def heard(number: int, frame: FrameType | None) -> None:
                self._loop.call_soon_threadsafe(action)

            signal.signal(number, heard)

    def close(self) -> None:
        """Cancel tasks that are left. Threads are left behind."""
        if tasks := asyncio.all_tasks(self._loop):
            for task in tasks:
                task.cancel()
            self._loop.run_until_complete(asyncio.wait(tasks))
        self._loop.run_until_complete(self._loop.shutdown_asyncgens())
        self._loop.close()


def has_stray_threads() -> bool:
    """Tell whether a thread runs that the program would wait for at its end."""
    return any(
        not thread.daemon and thread is not threading.main_thread()
        for thread in threading.enumerate()
    )
