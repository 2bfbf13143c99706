"""A sandbox for each source: one file sees nothing of another, and answers nothing for it."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from . import words
from .sandbox import Sandbox, State
from .sandboxed import ToolDescription


class Sandboxes:
    """`on_state` is called with their state: "starting" while one starts, else "ready" where one
    is.
    """

    def __init__(self, on_state: Callable[[State], None]) -> None:
        self._on_state = on_state
        self._running: dict[str, Sandbox] = {}
        self._kept: set[str] = set()
        self._draft: str | None = None

    def keep(self, sources: Iterable[str]) -> None:
        """Keep the saved ones and the draft running, and end all others."""
        self._kept = set(sources)
        self._end_others()

    def try_draft(self, source: str | None) -> None:
        """Run this source of the editor from now on, None for none; end the one before, unless it
        was saved.
        """
        self._draft = source
        self._end_others()

    async def describe(self, source: str) -> list[ToolDescription]:
        """Run a source, and tell which tools it has.

        Raises:
            SourceError: It does not run, does not come to its end, or has no tools.
            SandboxError: The sandbox did not start, or was ended.
        """
        return await self._of(source).describe()

    async def call(self, source: str, name: str, arguments: Mapping[str, Any]) -> str:
        """Call a tool of a source; return what the model reads.

        Raises:
            ToolError: It failed, in words for the model.
        """
        return await self._of(source).call(name, arguments)

    def end_all(self) -> None:
        """End whatever runs. It begins anew when it is needed."""
        for sandbox in self._running.values():
            sandbox.end()

    def _of(self, source: str) -> Sandbox:
        if source not in self._running:
            self._running[source] = Sandbox(source, self._tell)
        return self._running[source]

    def _end_others(self) -> None:
        for source in [*self._running]:
            if source not in self._kept and source != self._draft:
                self._running.pop(source).end(words.SOURCE_GONE)

    def _tell(self) -> None:
        states = {one.state for one in self._running.values()}
        first: tuple[State, ...] = ("starting", "ready")
        self._on_state(next((state for state in first if state in states), "off"))
