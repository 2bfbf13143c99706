"""Checks of a source in the editor: read from its text while it is typed, which runs nothing; and
told by the sandbox, where it runs when it is saved or tried.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from ....core.errors import UsageError
from ..sandbox.sandbox import SandboxError
from ..sandbox.sandboxed import SourceError, ToolDescription, described
from ..sandbox.sandboxes import Sandboxes
from . import words

_PAUSE_S = 0.5


class Checked(NamedTuple):
    """Result of a check: the source's tools, or the problem with it and the line of that. `has_run`
    tells which way; where it has not, `unknown` names the parameters, by tool, of which only
    running tells the rest. `is_passing`: the problem is the sandbox's, and another run may find
    none.
    """

    source: str
    tools: tuple[ToolDescription, ...] = ()
    problem: str = ""
    line: int | None = None
    has_run: bool = False
    unknown: Mapping[str, Sequence[str]] = {}
    is_passing: bool = False


class ToolChecks:
    """`wanted()` gives the source that is shown, None where there is none; `found` is called with
    its check, None while it runs.
    """

    def __init__(
        self,
        sandboxes: Sandboxes,
        wanted: Callable[[], str | None],
        found: Callable[[Checked | None], None],
    ) -> None:
        self._sandboxes = sandboxes
        self._wanted = wanted
        self._found = found
        self._timer: asyncio.TimerHandle | None = None
        self._last: Checked | None = None
        self._turn = asyncio.Lock()

    def know(self, checked: Checked) -> None:
        """Take a check that was made elsewhere."""
        self._last = checked

    def soon(self) -> None:
        """Check the wanted source after a pause, which begins anew with each call."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(_PAUSE_S, self.read)

    def read(self) -> None:
        """Check the wanted source by its text. Nothing of it runs."""
        if (source := self._wanted()) is None:
            return
        if self._last is None or self._last.source != source:
            self._last = _read(source)
        self._found(self._last)

    async def run(self) -> Checked | None:
        """Run the wanted source and return its check, None where none is wanted."""
        if self._timer is not None:
            self._timer.cancel()
        async with self._turn:
            if (source := self._wanted()) is None:
                return None
            checked = self._last
            if checked is None or checked.source != source or not checked.has_run:
                self._found(None)
                checked = await self._ran(source)
                self._last = None if checked.is_passing else checked
        if self._wanted() == source:
            self._found(checked)
        return checked

    async def _ran(self, source: str) -> Checked:
        if not source.strip():
            return Checked(source, problem=words.NO_FUNCTION)
        self._sandboxes.try_draft(source)
        try:
            tools = tuple(await self._sandboxes.describe(source))
        except SourceError as error:
            return Checked(source, problem=_sentence(str(error)), line=error.line, has_run=True)
        except SandboxError as error:
            return Checked(source, problem=str(error), has_run=True, is_passing=True)
        return Checked(source, tools, has_run=True)


def _read(source: str) -> Checked:
    if not source.strip():
        return Checked(source, problem=words.NO_FUNCTION)
    # Only here, since the page starts without.
    from ....core.tools.tool_outline import outline

    try:
        tools, unknown, _ = outline(source)
    except SyntaxError as error:
        problem = f"{type(error).__name__}: {error.msg}"
        return Checked(source, problem=problem, line=error.lineno)
    except UsageError as error:
        return Checked(source, problem=_sentence(str(error)))
    return Checked(source, tuple(map(described, tools)), unknown=unknown)


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
