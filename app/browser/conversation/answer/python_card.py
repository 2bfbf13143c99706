"""A call of `run_python` as a cell: its code while it is written, its output as it comes."""

from collections.abc import Callable
from typing import Any

from ....core.messages import ToolCall, ToolResult
from ...markdown.markdown import Body
from ...markdown.painter import Painter
from ...storage.cells import KNOWN_BY, Cells
from ...web.dom import Node, part, show
from ...web.tasks import beside
from . import words
from .code_argument import CodeArgument
from .tool_card import ToolCard


class _Kept:
    """The page's store of cells."""

    cells: Cells | None = None
    displays: Callable[[str, Any], Node] | None = None


def start(cells: Cells, displays: Callable[[str, Any], Node]) -> None:
    """Show the output kept in this store, with HTML and charts in `displays`; called once."""
    _Kept.cells = cells
    _Kept.displays = displays


class PythonCard(ToolCard):
    """`chat_id` is the chat whose Python runs it."""

    def __init__(self, painter: Painter, name: str, call_id: str, chat_id: str) -> None:
        from .cell_output import CellOutput  # few chats have any

        super().__init__(painter, name, call_id, template="template-cell")
        self._chat_id = chat_id
        self._argument = CodeArgument(KNOWN_BY)
        self._code: list[str] = []
        self._code_body = Body(part(self.element, "code"), painter, language="python")
        self._output = CellOutput(part(self.element, "output"), painter, _Kept.displays)
        self._is_whole = False

    @classmethod
    def of_chat(cls, painter: Painter, call: ToolCall, chat_id: str) -> "PythonCard":
        """The card of a call that is there already, as far as it came."""
        card = cls(painter, call.name, call.id, chat_id)
        card.append(call.arguments)
        return card

    def append(self, arguments: str) -> None:
        """Show the next fragment of the code."""
        self._fragments.append(arguments)
        code = self._argument.feed(arguments)
        if not code:
            return
        self._painter.write(self._code_body, code)
        self._code.append(code)

    def end_arguments(self) -> None:
        """Colour the code, which is whole, and show the cell's output. Of a longer one the whole is
        there as arguments.
        """
        if self._is_whole:
            return
        self._is_whole = True
        self._painter.forget(self._code_body)
        if not self._code or self._argument.is_cut:
            super().end_arguments()
        if not self._code:  # no call that runs anything
            return
        code = "".join(self._code)
        self._code_body.replace(code)
        show(part(self.element, "arguments-box"), self._argument.is_cut)
        show(part(self.element, "cut"), self._argument.is_cut)
        part(self.element, "cut").textContent = words.beginning_of_code(KNOWN_BY)
        if _Kept.cells is not None and self.call_id:
            beside(_Kept.cells.follow(self._chat_id, self.call_id, code, self._output.take))

    def finish(self, result: ToolResult, took_s: float | None = None) -> None:
        """Say how it ended. The text that the model read of it is a line to open."""
        self.end_arguments()
        super().finish(result, took_s)

    def _fold(self) -> None:
        part(self.element, "result-box").open = not self._code and self.state == "error"
