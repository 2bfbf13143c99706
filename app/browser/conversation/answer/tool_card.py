"""One tool call: its arguments, its state, its result.

All of it is text from outside, and is shown as text.
"""

import json
import re

from js import document

from ....core.messages import ProviderTool, ToolCall, ToolResult
from ....core.running.calls import DENIED
from ....core.text.pretty_json import pretty
from ....core.unanswered import LOST, NOT_RUN, STOPPED
from ....documents import FILE_TOOLS
from ...markdown.painter import Painter
from ...web import words as web_words
from ...web.dom import Node, clone, part, show
from ...web.plain_text import short_name
from ..long_text import LongText
from . import words

# What is shown of a long result before it is asked for, in characters and lines.
_SHOWN_CHARACTERS = 1200
_SHOWN_LINES = 14
# The same for arguments, which are read more closely.
_SHOWN_ARGUMENTS = 20_000
# A link to a place of a document, as the tools over them write it (tools/documents/file_tools).
_PLACE = re.compile(r"^\[([^\]\n]{1,300})\]\((#file:[^)\s]{1,600})\)", re.MULTILINE)
_MOST_PLACES = 20
# How a call ended that has our own words for a result.
_ENDED = {DENIED: "denied", NOT_RUN: "not-run", STOPPED: "stopped", LOST: "stopped"}


class ToolCard:
    """A list item that follows one call from its first fragment to its result."""

    def __init__(
        self, painter: Painter, name: str, call_id: str, template: str = "template-tool"
    ) -> None:
        self.element: Node = clone(template)
        self.call_id = call_id
        self._name = name
        self._painter = painter
        self._arguments = self._text("arguments", "more-arguments", _SHOWN_ARGUMENTS)
        self._result = self._text("result", "more", _SHOWN_CHARACTERS, _SHOWN_LINES)
        self._fragments: list[str] = []
        self.element.setAttribute("data-call", call_id)
        part(self.element, "name").textContent = short_name(name) or words.UNNAMED_TOOL
        self.state = "writing"
        self.set_state("writing")

    @classmethod
    def of(cls, painter: Painter, call: ToolCall) -> "ToolCard":
        """The card of a call that is there already, as far as it came."""
        card = cls(painter, call.name, call.id)
        card._fragments = [call.arguments]
        return card

    @classmethod
    def of_provider(cls, painter: Painter, tool: ProviderTool) -> "ToolCard":
        """The card of a tool that the provider ran itself."""
        card = cls(painter, tool.asks_for or tool.name, tool.id)
        card._fragments = [tool.arguments]
        card.end_arguments()
        card.set_state("queued" if tool.asks_for else "provider")
        if tool.result is not None:
            card._show_result(_as_text(tool.result))
        card._fold()
        return card

    def append(self, arguments: str) -> None:
        """Show the next fragment of the arguments."""
        self._fragments.append(arguments)
        self._painter.write(self._arguments, arguments)

    def end_arguments(self) -> None:
        """Write the arguments, which are whole, in lines."""
        text = "".join(self._fragments)
        self._painter.forget(self._arguments)
        self._arguments.set(pretty(text))
        show(part(self.element, "arguments-box"), text.strip() not in ("", "{}"))

    def set_state(self, state: str) -> None:
        """Say how far it is: a key of `words.TOOL_STATES`."""
        self.state = state
        self.element.setAttribute("data-state", state)
        part(self.element, "state").textContent = words.TOOL_STATES[state]

    def finish(self, result: ToolResult, took_s: float | None = None) -> None:
        """Show the result; `took_s` where the time is known."""
        state = _ENDED.get(result.content, "error") if result.is_error else "done"
        self.set_state(state)
        if took_s is not None:
            part(self.element, "time").textContent = web_words.seconds(took_s)
        if state not in ("denied", "not-run"):  # which say all there is
            self._show_result(result.content)
        self._fold()

    def _fold(self) -> None:
        """Fold a result to a line to open; the text of a failure stays open."""
        for name in ("arguments-box", "result-box"):
            part(self.element, name).open = self.state in ("error", "stopped")

    def show_all(self) -> None:
        """Show the whole of a long result."""
        self._result.show_all()

    def show_all_arguments(self) -> None:
        """Show the whole of long arguments."""
        self._arguments.show_all()

    def _show_result(self, content: str) -> None:
        self._result.set(pretty(content) or web_words.NO_RESULT)
        if self._name in FILE_TOOLS:
            self._show_places(content)
        show(part(self.element, "result-box"), True)

    def _show_places(self, content: str) -> None:
        """Show the places that a result is from, which open with a press."""
        found = {address: name for name, address in _PLACE.findall(content)}
        links = []
        for address, name in [*found.items()][:_MOST_PLACES]:
            link = document.createElement("a")
            link.setAttribute("href", address)
            link.dir = "auto"
            link.textContent = short_name(name)
            links.append(link)
        part(self.element, "places").replaceChildren(*links)
        show(part(self.element, "places"), bool(links))

    def _text(self, place: str, more: str, characters: int, lines: int = 0) -> LongText:
        return LongText(part(self.element, place), part(self.element, more), characters, lines)


def card_list() -> Node:
    """The list that holds the cards of calls that were made together."""
    made = document.createElement("ol")
    made.className = "tools"
    made.setAttribute("aria-label", words.TOOL_CALLS)
    return made


def _as_text(value: object) -> str:
    if isinstance(value, str):
        return value
    try:
        return json.dumps(value, ensure_ascii=False)
    except (TypeError, ValueError, RecursionError):
        return repr(value)
