"""Cells of the person's own, in the Python of the chat that is shown: written below its names and
files, or taken from a call of the model to be changed.
"""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from js import document
from tokenfall_page import closeSheet, isFrameOpen, openDrawer  # boot.mjs registers them

from ..core.tools.function_tool import ToolError
from ..python.messages import Done, Message
from . import words
from .conversation.answer.cell_output import CellOutput
from .markdown.painter import Painter
from .tools.session.python_sessions import PythonSessions
from .web import toast
from .web.dom import Node, announce, clone, find, listen, part, show
from .web.tasks import beside

_MOST_ROWS = 16


class OwnCells:
    """One cell at a time. `chat_id()` names the chat that is shown, empty where nothing was asked
    in it yet; `displays` shows HTML and charts.
    """

    def __init__(
        self,
        sessions: PythonSessions,
        chat_id: Callable[[], str],
        displays: Callable[[str, Any], Node],
    ) -> None:
        self._sessions = sessions
        self._chat_id = chat_id
        self._displays = displays
        self._running: asyncio.Task[None] | None = None
        self._root = clone("template-own-cell")
        find("panel-python").prepend(self._root)
        listen(part(self._root, "run"), "click", lambda _: self._begin())
        listen(part(self._root, "stop"), "click", lambda _: self._stop())
        listen(part(self._root, "code"), "keydown", self._on_key)

    def edit(self, cell: Node) -> None:
        """Take the code of a call of the model, to be changed and run."""
        box = part(self._root, "code")
        code = str(cell.querySelector('[data-part="code"] pre code').textContent).strip("\n")
        box.value = code
        box.rows = min(code.count("\n") + 2, _MOST_ROWS)
        box.setSelectionRange(0, 0)  # else its end is what is seen
        openDrawer("python")
        box.focus()

    @contextmanager
    def out_of_the_way(self) -> Iterator[None]:
        """Show what lies below the panel, where a cell that runs in it has covered the page."""
        is_covering = self._running is not None and isFrameOpen("drawer") and closeSheet()
        try:
            yield
        finally:
            if is_covering:
                openDrawer("python")

    def _on_key(self, event: Any) -> None:
        if event.key == "Enter" and (event.ctrlKey or event.metaKey) and not event.isComposing:
            event.preventDefault()
            self._begin()

    def _begin(self) -> None:
        code, chat_id = str(part(self._root, "code").value), self._chat_id()
        if not chat_id:
            toast.show(words.ASK_FIRST)
        elif code.strip() and self._running is None:
            beside(self._run(chat_id, code))

    def _stop(self) -> None:
        if self._running is not None:
            self._running.cancel()

    async def _run(self, chat_id: str, code: str) -> None:
        self._running = asyncio.current_task()
        place = document.createElement("div")
        part(self._root, "cell-output").replaceChildren(place)
        # Kept after its end: its tables go on answering to presses.
        self._output = CellOutput(place, Painter(_pass, _pass), self._displays)
        self._say(words.CELL_RUNS, is_running=True)
        said = words.CELL_STOPPED

        def take(message: Message) -> None:
            nonlocal said
            self._output.take(message)
            if isinstance(message, Done):
                said = words.CELL_ENDS[message.status]

        try:
            await self._sessions.run_own(chat_id, code, take)
        except ToolError as error:
            said = str(error)
        finally:
            self._running = None
            self._say(said, is_running=False)

    def _say(self, sentence: str, *, is_running: bool) -> None:
        show(part(self._root, "run"), not is_running)
        show(part(self._root, "stop"), is_running)
        part(self._root, "cell-state").textContent = sentence
        announce(sentence)


def _pass() -> None:
    """Follow nothing."""
