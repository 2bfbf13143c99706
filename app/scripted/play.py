"""Plays steps: the one loop that the tab's transport and the server's route share."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterable

from .steps import Cut, Gate, Pause, Send, Stall, Step


class CutShort(Exception):
    """The script says that the connection breaks here. The caller breaks it in its own way."""


class Gates:
    """Named gates, closed at first. An open one stays open until `close_all`."""

    def __init__(self) -> None:
        self._events: dict[str, asyncio.Event] = {}

    def open(self, name: str) -> None:
        """Let everything pass that waits, or will wait, at the gate of this name."""
        self._event(name).set()

    async def passed(self, name: str) -> None:
        """Wait until the gate of this name is open."""
        await self._event(name).wait()

    def close_all(self) -> None:
        """Forget which gates are open. Replies that already wait at a gate go on waiting for it."""
        for name in [name for name, event in self._events.items() if event.is_set()]:
            del self._events[name]

    def _event(self, name: str) -> asyncio.Event:
        return self._events.setdefault(name, asyncio.Event())


async def play(
    steps: Iterable[Step], gates: Gates, on_step: Callable[[Step], None] = lambda step: None
) -> AsyncGenerator[bytes, None]:
    """Yield the script's bytes at their time; call `on_step` before each step.

    Raises:
        CutShort: The script breaks the connection here.
    """
    for step in steps:
        on_step(step)
        match step:
            case Send(data):
                yield data
            case Pause(delay_ms):
                await asyncio.sleep(delay_ms / 1000)
            case Gate(name):
                await gates.passed(name)
            case Stall():
                await asyncio.get_running_loop().create_future()
            case Cut():
                raise CutShort
