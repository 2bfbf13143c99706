"""What becomes of a source while it is typed: asked of the sandbox after a pause."""

import asyncio
from collections.abc import Callable
from typing import NamedTuple

from . import texts
from .sandbox import Sandbox, SandboxError
from .sandboxed import Described, SourceError
from .tasks import beside

_PAUSE_S = 0.5


class Checked(NamedTuple):
    """What is known of a source: its tools, or the problem with it and the line of that.
    `is_passing`: the problem is the sandbox's, and another check may find none.
    """

    source: str
    tools: tuple[Described, ...] = ()
    problem: str = ""
    line: int | None = None
    is_passing: bool = False


class ToolChecks:
    """`wanted()` gives the source to check, None where there is none; `found` is called with what
    is known of it, None while nothing is.

    A check is never given up, since that would end the sandbox; what is typed meanwhile is checked
    after it.
    """

    def __init__(
        self,
        sandbox: Sandbox,
        wanted: Callable[[], str | None],
        found: Callable[[Checked | None], None],
    ) -> None:
        self._sandbox = sandbox
        self._wanted = wanted
        self._found = found
        self._timer: asyncio.TimerHandle | None = None
        self._last: Checked | None = None
        self._turn = asyncio.Lock()

    def know(self, checked: Checked) -> None:
        """This is known without asking."""
        self._last = checked

    def soon(self) -> None:
        """Check what is wanted after a pause, which begins anew with each call."""
        if self._timer is not None:
            self._timer.cancel()
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(_PAUSE_S, lambda: beside(self.now()))

    async def now(self) -> Checked | None:
        """Check what is wanted, and return what is known of it, None where nothing is wanted."""
        async with self._turn:
            if (source := self._wanted()) is None:
                return None
            checked = self._last
            if checked is None or checked.source != source:
                self._found(None)
                checked = await self._checked(source)
                self._last = None if checked.is_passing else checked
        if self._wanted() == source:
            self._found(checked)
        return checked

    async def _checked(self, source: str) -> Checked:
        if not source.strip():
            return Checked(source, problem=texts.NO_FUNCTION)
        try:
            return Checked(source, tuple(await self._sandbox.describe(source)))
        except SourceError as error:
            return Checked(source, problem=_sentence(str(error)), line=error.line)
        except SandboxError as error:
            return Checked(source, problem=str(error), is_passing=True)


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]
