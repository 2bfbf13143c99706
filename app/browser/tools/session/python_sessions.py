"""A Python for each chat whose model runs some, and the tool for that."""

from collections.abc import Callable, Mapping
from typing import Protocol

from ....core.tools.function_tool import Tool, ToolError, running_call, tool
from ....python.messages import Done, Message
from .python_session import LIMIT_S, Files, PythonSession

NAME = "run_python"
# Each has memory of its own; the one that has not been used for longest is ended.
_MOST_RUNNING = 3
# A cell's own time, that of the start, and of waiting for others.
_TOOL_LIMIT_S = LIMIT_S + 240


class Cells(Protocol):
    """Storage and display of the output of cells."""

    def tell(self, chat_id: str, call_id: str, code: str, message: Message) -> None: ...

    async def finish(self, chat_id: str, call_id: str, code: str) -> None: ...

    async def has_any(self, chat_id: str) -> bool: ...


class PythonSessions:
    """`attached(chat_id)` gives the files of a chat by name."""

    def __init__(
        self, files: Files, cells: Cells, attached: Callable[[str], Mapping[str, bytes]]
    ) -> None:
        self._files = files
        self._cells = cells
        self._attached = attached
        self._running: dict[str, PythonSession] = {}

    def tool(self, chat_id: str) -> Tool:
        """The tool of this chat."""

        @tool(name=NAME, timeout_s=_TOOL_LIMIT_S)
        async def run_python(code: str) -> str:
            """Run Python and see what it prints, shows and returns, as in a cell of a notebook.

            Names and imports stay from one call to the next, files too. The value of the last
            expression is shown; await works at the top level. It is Python 3.14 with its standard
            library (csv, json, sqlite3, statistics, re, zipfile and so on), no other packages, and
            no network. The files of this chat are in the working folder; files that you write
            there are kept. The person sees tables (lists of dicts), IPython.display and SVG.

            Args:
                code: The cell.
            """
            return await self._run(chat_id, code)

        return run_python

    def forget(self, chat_id: str) -> None:
        """End the Python of a chat."""
        if (session := self._running.pop(chat_id, None)) is not None:
            session.end()

    def end_all(self) -> None:
        """End whatever runs. It begins anew with the next cell."""
        for session in self._running.values():
            session.end()

    async def _run(self, chat_id: str, code: str) -> str:
        call_id = running_call.get()
        session = self._session(chat_id)

        def take(message: Message) -> None:
            self._cells.tell(chat_id, call_id, code, message)

        try:
            done = await session.run(code, take)
            take(done)
        finally:
            await self._cells.finish(chat_id, call_id, code)
        return _told(done)

    def _session(self, chat_id: str) -> PythonSession:
        session = self._running.pop(chat_id, None) or PythonSession(
            chat_id,
            self._files,
            lambda: self._attached(chat_id),
            lambda: self._cells.has_any(chat_id),
        )
        self._running[chat_id] = session  # the last used is ended last
        idle = [id for id, one in self._running.items() if one.is_idle and id != chat_id]
        for id in idle[: max(0, len(self._running) - _MOST_RUNNING)]:
            self._running[id].end()
        return session


def _told(done: Done) -> str:
    if done.status == "error":
        raise ToolError(done.told)
    return done.told
