"""A Python for each chat whose model runs some, and the tool for that."""

from collections.abc import Awaitable, Callable, Container, Mapping
from typing import Any, Protocol

from ....core.tools.function_tool import Tool, ToolError, running_call, tool
from ....python.messages import RUN_PYTHON, Done, Fetch, Message, Needs, Variables, asked_for
from . import words
from .python_session import Answer, CellLeave, Files, Provided, PythonSession

# Each has memory of its own; the one that has not been used for longest is ended.
_MOST_RUNNING = 3
# What is longer holds up the page on its way; it is data, which belongs into a file.
_MOST_CODE = 1_000_000
# A cell has a limit of its own; with a question about packages a person may take their time.
_TOOL_LIMIT_S = 86_400.0


class Cells(Protocol):
    """Storage and display of the output of cells."""

    def tell(self, chat_id: str, call_id: str, code: str, message: Message) -> None: ...

    async def finish(self, chat_id: str, call_id: str, code: str) -> None: ...

    async def has_any(self, chat_id: str) -> bool: ...


class PythonSessions:
    """`attached(chat_id, besides)` gives the files of a chat by name, without those of some names.
    `ask(chat_id, offer)` asks the person for packages and addresses (`package_plan.Offer`, answered
    by `packages.Granted`); `on_change(chat_id)` hears that a Python began, ran a cell, or was
    ended.
    """

    def __init__(
        self,
        files: Files,
        cells: Cells,
        attached: Callable[[str, Container[str]], Mapping[str, bytes]],
        ask: Callable[[str, Any], Awaitable[Any]],
    ) -> None:
        self._ask = ask
        self._packages: Any = None
        self._reach: Any = None
        self.on_change: Callable[[str], None] = lambda chat_id: None
        self._files = files
        self._cells = cells
        self._attached = attached
        self._running: dict[str, PythonSession] = {}

    def tool(self, chat_id: str) -> Tool:
        """The tool of this chat."""

        @tool(name=RUN_PYTHON, timeout_s=_TOOL_LIMIT_S)
        async def run_python(code: str) -> str:
            """Run Python and see what it prints, shows and returns, as in a cell of a notebook.

            Names and imports stay from one call to the next, files too. The value of the last
            expression is shown; await works at the top level. It is Python 3.14 with its standard
            library (csv, json, sqlite3, statistics, re, zipfile and so on). Import what else you
            need: packages of Pyodide (numpy, pandas, matplotlib, scipy and others) and pure Python
            wheels of PyPI are loaded if the person agrees. The files of this chat are in the
            working folder; files that you write there are kept. The person sees tables (lists of
            dicts, DataFrames), figures, IPython.display and SVG. Of the network it reaches https
            addresses that the person allows, where a server lets web pages read it (CORS): by
            urllib.request, requests, httpx, or await pyodide.http.pyfetch(url).

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
        for chat_id, session in self._running.items():
            session.end()
            self.on_change(chat_id)

    def restart(self, chat_id: str) -> None:
        """End the Python of a chat; it begins anew with the next cell, and the model is told."""
        if (session := self._running.get(chat_id)) is not None:
            session.end()
            self.on_change(chat_id)

    def is_running(self, chat_id: str) -> bool:
        """Tell whether the Python of this chat has begun, and was not ended."""
        session = self._running.get(chat_id)
        return session is not None and session.is_running

    def is_busy(self, chat_id: str) -> bool:
        """Tell whether a cell of this chat runs or waits."""
        session = self._running.get(chat_id)
        return session is not None and not session.is_idle

    async def variables(self, chat_id: str) -> Variables | None:
        """The names that its cells have given; None where no Python of this chat runs. A cell that
        runs comes to its end first.
        """
        session = self._running.get(chat_id)
        return await session.variables() if session is not None else None

    async def files(self, chat_id: str) -> tuple[Mapping[str, bytes], Mapping[str, bytes]]:
        """The files in its folder: those that cells have written, and those of the chat."""
        written = await self._files.read(chat_id)
        return written, self._attached(chat_id, written)

    def packages(self, chat_id: str) -> list[str]:
        """The packages that were loaded into the Python of this chat."""
        session = self._running.get(chat_id)
        return session.packages if session is not None and session.is_running else []

    def addresses(self, chat_id: str) -> Mapping[str, bool]:
        """The hosts of which the person has said whether its Python may ask them."""
        return dict(self._reach.hosts(chat_id)) if self._reach is not None else {}

    def set_address(self, chat_id: str, host: str, *, is_allowed: bool) -> None:
        """Let its Python ask a host, or no longer; it is not asked about any more."""
        self._network().hosts(chat_id)[host] = is_allowed
        self.on_change(chat_id)

    async def add_file(self, chat_id: str, name: str, data: bytes) -> None:
        """Lay a file of the person's into its folder, and keep it there."""
        if (session := self._running.get(chat_id)) is not None:
            session.put(name, data)
        await self._files.write(chat_id, {name: data})
        self.on_change(chat_id)

    async def remove_file(self, chat_id: str, name: str) -> None:
        """Delete a file that a cell has written."""
        if (session := self._running.get(chat_id)) is not None:
            session.remove(name)
        await self._files.write(chat_id, {name: None})
        self.on_change(chat_id)

    async def _run(self, chat_id: str, code: str) -> str:
        if len(code) > _MOST_CODE:
            raise ToolError(words.too_long(len(code), _MOST_CODE))
        call_id = running_call.get()
        session = self._session(chat_id)

        def take(message: Message) -> None:
            self._cells.tell(chat_id, call_id, code, message)

        try:
            done = await session.run(code, take)
            take(done)
        finally:
            await self._cells.finish(chat_id, call_id, code)
            self.on_change(chat_id)
        return _told(done)

    async def run_own(self, chat_id: str, code: str, take: Callable[[Message], None]) -> None:
        """Run a cell of the person's own; `take` hears all of it. Cancelling this interrupts it.

        Raises:
            ToolError: Python did not start.
        """
        try:
            take(await self._session(chat_id).run(code, take, is_own=True))
        finally:
            self.on_change(chat_id)

    async def _provide(self, chat_id: str, needs: Needs, leave: CellLeave) -> Provided:
        from .packages import Packages  # rarely needed

        reach = self._network()
        if self._packages is None:
            self._packages = Packages(self._ask, reach)
        # Any code of the cell may have said what it needs: a person is shown lines of ours.
        asked = Needs(*map(asked_for, (needs.modules, needs.requirements, needs.hosts)))
        provided: Provided = await self._packages.provide(chat_id, asked, leave)
        return provided

    async def _bring(self, chat_id: str, asked: Fetch, leave: CellLeave) -> Answer | str:
        brought: Answer | str = await self._network().bring(chat_id, asked, leave)
        return brought

    def _network(self) -> Any:
        from .package_plan import Offer  # rarely needed
        from .reach import Reach

        async def ask(chat_id: str, host: str) -> str:
            return str((await self._ask(chat_id, Offer(addresses=[host]))).reaches)

        if self._reach is None:
            self._reach = Reach(ask)
        return self._reach

    def _session(self, chat_id: str) -> PythonSession:
        session = self._running.pop(chat_id, None) or PythonSession(
            chat_id,
            self._files,
            lambda besides: self._attached(chat_id, besides),
            lambda: self._cells.has_any(chat_id),
            lambda needs, leave: self._provide(chat_id, needs, leave),
            lambda asked, leave: self._bring(chat_id, asked, leave),
        )
        self._running[chat_id] = session  # the last used is ended last
        idle = [id for id, one in self._running.items() if one.is_idle and id != chat_id]
        for id in idle[: max(0, len(self._running) - _MOST_RUNNING)]:
            self._running[id].end()
            self.on_change(id)
        return session


def _told(done: Done) -> str:
    if done.status == "error":
        raise ToolError(done.told)
    return done.told
