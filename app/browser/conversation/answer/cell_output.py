"""Output and displays of a cell, as they come. All of it is from outside: it is text, pictures as
images, in which nothing runs, tables of ours, and HTML and charts in a frame apart.
"""

import json
import re
from base64 import b64encode
from collections.abc import Callable
from typing import Any

from js import document

from ....python.messages import (
    TABLE,
    Clear,
    Display,
    Done,
    Failure,
    Message,
    Omitted,
    Output,
    chart_kind,
)
from ...markdown.markdown import Body
from ...markdown.painter import Growing, Painter, show_as_it_is
from ...web.dom import Node, clone, show
from ...web.pictures import may_be_drawn
from ...web.plain_text import short
from . import words
from .cell_table import CellTable

_PICTURES = ("image/png", "image/jpeg", "image/gif")
# Colours and movements of a terminal.
_ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])")
# Of what is shown in one cell, in the page.
_MOST_BLOCKS = 300
_MOST_TEXT = 400_000
_MOST_LINES = 20_000
# A line that goes on and on is no bar of progress: what has come of it stays.
_LONGEST_LINE = 2000
_BASE64 = re.compile(r"[A-Za-z0-9+/=\s]*")


class CellOutput:
    """Fills `node`, which is hidden while it is empty. `displays(kind, content)` makes the place of
    HTML and charts, in a frame apart.
    """

    def __init__(
        self, node: Node, painter: Painter, displays: Callable[[str, Any], Node] | None
    ) -> None:
        self._displays = displays
        self.done: Done | None = None
        self._node = node
        self._painter = painter
        self._stream: _Stream | None = None
        self._clears = False  # once something new comes
        self._blocks = 0
        self._room = _MOST_TEXT
        self._lines = _MOST_LINES
        self._tables: list[CellTable] = []

    def take(self, message: Message) -> None:
        """Show a message of a cell."""
        match message:
            case Output(stream=stream, text=text):
                self._print(stream, text)
            case Omitted(characters=characters):
                self._add(_text(words.omitted(characters), "note"))
            case Display(data=data):
                if (shown := self._drawn(data)) is not None:
                    self._add(shown)
            case Clear(waits=waits):
                self._clears = waits
                if not waits:
                    self._clear()
            case Failure():
                self._add(_failure(message))
            case Done():
                self.done = message
                for note in message.notes:
                    self._add(_text(f"{note}.", "note"))

    def _print(self, stream: str, text: str) -> None:
        text = _beginning(_ESCAPES.sub("", text), self._room, self._lines)
        self._room -= len(text)
        self._lines -= text.count("\n")
        if self._stream is None or self._stream.name != stream or self._clears:
            made = _Stream(stream)
            self._add(made.element)
            self._stream = made
        self._stream.write(text)

    def _add(self, element: Node) -> None:
        if self._clears:
            self._clear()
        self._stream = None
        self._blocks += 1
        if self._blocks <= _MOST_BLOCKS:
            self._node.append(element)
        show(self._node, True)

    def _clear(self) -> None:
        self._clears = False
        self._stream = None
        self._blocks = 0
        self._tables.clear()
        self._node.replaceChildren()
        show(self._node, False)

    def _drawn(self, data: dict[str, Any]) -> Node | None:
        """Draw the representation that says most and can do least."""
        plain = str(data.get("text/plain", ""))
        table = data.get(TABLE)
        if isinstance(table, dict):
            made = CellTable(table)
            self._tables.append(made)
            return made.element
        if self._displays is not None and (found := _chart(data)) is not None:
            return self._displays(*found)
        svg = data.get("image/svg+xml")
        drawing = _address(svg) if isinstance(svg, str) else ""
        if may_be_drawn(drawing):
            return _picture(drawing, plain)
        for mime in _PICTURES:
            if isinstance(found := data.get(mime), str) and _BASE64.fullmatch(found):
                return _picture(f"data:{mime};base64,{found}", plain)
        html = f'<img alt="" src="{drawing}">' if drawing else data.get("text/html")
        if self._displays is not None and isinstance(html, str) and html.strip():
            return self._displays("output", html)
        for mime in ("text/markdown", "text/latex"):
            if isinstance(found := data.get(mime), str):
                return self._markdown(found)
        if "application/json" in data and "text/html" not in data:
            return _text(_in_lines(data["application/json"]))
        return _text(plain) if plain else None

    def _markdown(self, source: str) -> Node:
        element = document.createElement("div")
        element.className = "markdown"
        element.dir = "auto"
        body = Body(element, self._painter)
        body.replace(source[:_MOST_TEXT])
        return element


def _in_lines(value: Any) -> str:
    """A value as JSON, as far as it is shown: all of it takes long to write."""
    written = []
    left = _MOST_TEXT
    for piece in json.JSONEncoder(indent=2, ensure_ascii=False).iterencode(value):
        written.append(piece)
        left -= len(piece)
        if left < 0:
            break
    return "".join(written)


def _chart(data: dict[str, Any]) -> tuple[str, Any] | None:
    for mime, content in data.items():
        if (kind := chart_kind(mime)) and isinstance(content, dict):
            return kind, content
    return None


class _Stream:
    """One stretch of printed text. A line that is written again and again, as a bar of progress is,
    stays one line.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.element: Node = _text("")
        self.element.setAttribute("data-stream", name)
        lines = document.createElement("div")
        self._lines = Growing(lines)
        self._line = document.createTextNode("")
        self.element.replaceChildren(lines, self._line)
        self._open = ""
        self._goes_back = False  # the next letter begins the line anew

    def write(self, text: str) -> None:
        whole, has_end, rest = text.replace("\r\n", "\n").rpartition("\n")
        if has_end and not self._goes_back and "\r" not in whole:
            self._lines.append(f"{self._open}{whole}\n")
            self._open = ""
        elif has_end:
            done = []
            for line in whole.split("\n"):
                self._go_on(line)
                done.append(self._open)
                self._open, self._goes_back = "", False
            self._lines.append("\n".join(done) + "\n")
        self._go_on(rest)
        if len(self._open) > _LONGEST_LINE:
            self._lines.append(self._open)
            self._open = ""
        self._line.data = short(self._open, _LONGEST_LINE)

    def _go_on(self, text: str) -> None:
        if self._goes_back and text:
            self._open, self._goes_back = "", False
        if "\r" in text:
            self._goes_back = text.endswith("\r")
            self._open = text.rstrip("\r").rpartition("\r")[2]
        else:
            self._open += text


def _text(text: str, kind: str = "") -> Node:
    element = document.createElement("p" if kind else "pre")
    element.dir = "auto"
    if kind:
        element.className = kind
        element.textContent = short(text, _LONGEST_LINE)
    else:
        element.tabIndex = 0
        element.setAttribute("aria-label", words.OUTPUT)
        show_as_it_is(element, _beginning(text, _MOST_TEXT, _MOST_LINES))
    return element


def _beginning(text: str, characters: int, lines: int) -> str:
    return "\n".join(text[:characters].split("\n", lines)[:lines])


def _address(svg: str) -> str:
    encoded = b64encode(svg.encode("utf-8", "replace")).decode()
    return f"data:image/svg+xml;base64,{encoded}"


def _picture(address: str, text: str) -> Node:
    button = clone("template-picture")
    image = button.querySelector("img")
    # Where it has no name of its own, its text is that of an object: `<Figure size 640x480 …>`.
    image.alt = words.FIGURE if text.startswith("<") else short(text) or words.FIGURE
    image.src = address
    button.setAttribute("aria-label", words.enlarge(image.alt))
    return button


def _failure(failure: Failure) -> Node:
    element = _text(failure.trace or f"{failure.name}: {failure.message}")
    element.className = "cell-failure"
    element.setAttribute("aria-label", words.failed_in(failure.line))
    return element
