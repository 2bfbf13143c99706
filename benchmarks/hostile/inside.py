"""Runs in the tab: shows a text as a message would, at once, in bursts, or token by token."""

import asyncio
import json
from collections.abc import Callable
from itertools import count
from typing import Any, Protocol

from js import document, performance, requestAnimationFrame
from pyodide.ffi import create_once_callable

from app.browser.conversation.answer import python_card
from app.browser.conversation.answer.cell_output import CellOutput
from app.browser.conversation.answer.citations import SourceList
from app.browser.conversation.answer.python_card import PythonCard
from app.browser.conversation.answer.reasoning import Reasoning
from app.browser.conversation.answer.tool_card import ToolCard
from app.browser.conversation.question import Question
from app.browser.conversation.turns import Turn
from app.browser.markdown import markdown
from app.browser.markdown.markdown import Body
from app.browser.markdown.painter import Growing, Painter
from app.core.messages import Source, ToolResult, user
from app.history.records import MessageRecord
from app.python.messages import TABLE, Display, Output

BURSTS = 100
TOKEN = 4
# A short source, as it comes over the wire.
SOURCE = 100


class Surface(Protocol):
    """A view of a text; the painter writes to it."""

    started: bool
    due_ms: float

    @property
    def is_drawn(self) -> bool: ...
    def append(self, text: str) -> None: ...
    def replace(self, text: str) -> None: ...
    def finish(self) -> None: ...


def _answer(place: Any, painter: Painter) -> Surface:
    body = document.createElement("div")
    body.className = "markdown"
    place.append(body)
    return Body(body, painter)


class _Plain:
    """A view of plain text behind the same methods; `show(text)` is called with each piece, `end`
    behind the last.
    """

    def __init__(self, show: Callable[[str], None], end: Callable[[], None] = lambda: None) -> None:
        self.started = True
        self.due_ms = 0.0
        self.is_drawn = True
        self.append = show
        self.finish = end

    def replace(self, text: str) -> None:
        self.append(text)
        self.finish()


def _reasoning(place: Any, painter: Painter) -> Surface:
    reasoning = Reasoning(painter, is_plain=False)
    place.append(reasoning.element)
    reasoning.begin(is_timed=False)
    return _Plain(reasoning.append)


def _refusal(place: Any, painter: Painter) -> Surface:
    place.classList.add("refusal", "prose")
    return _Plain(Growing(place).append)


def _question(place: Any, painter: Painter) -> Surface:
    pieces: list[str] = []

    def end() -> None:
        record = MessageRecord("q", "c", 0, user("".join(pieces)))
        place.append(Question(Turn(True, [record]), is_formatted=True).article)

    return _Plain(pieces.append, end)


def _card(place: Any, painter: Painter) -> ToolCard:
    card = ToolCard(painter, "look", "call")
    place.append(card.element)
    return card


def _arguments(place: Any, painter: Painter) -> Surface:
    card = _card(place, painter)
    return _Plain(card.append, card.end_arguments)


def _result(place: Any, painter: Painter) -> Surface:
    card = _card(place, painter)
    pieces: list[str] = []
    return _Plain(pieces.append, lambda: card.finish(ToolResult("call", "".join(pieces))))


def _code(place: Any, painter: Painter) -> Surface:
    """The code of a cell, in the arguments of its call."""
    card = PythonCard(painter, "run_python", "", "chat")
    place.append(card.element)
    card.append('{"code":"')

    def end() -> None:
        card.append('"}')
        card.end_arguments()

    return _Plain(lambda text: card.append(json.dumps(text, ensure_ascii=False)[1:-1]), end)


def _printed(place: Any, painter: Painter) -> Surface:
    """Output of a cell."""
    place.classList.add("cell-output")
    output = CellOutput(place, painter, None)
    return _Plain(lambda text: output.take(Output(1, "stdout", text)))


def _displayed(make: Callable[[str], dict[str, Any]]) -> Callable[[Any, Painter], Surface]:
    """What a cell displays; `make` gives its representations."""

    def surface(place: Any, painter: Painter) -> Surface:
        place.classList.add("cell-output")
        output = CellOutput(place, painter, python_card._Kept.displays)
        pieces: list[str] = []
        return _Plain(
            pieces.append, lambda: output.take(Display(1, make("".join(pieces)), is_value=True))
        )

    return surface


def _table(text: str) -> dict[str, Any]:
    """Rows of 50 cells of 20 letters, below names that are long."""
    columns = [{"name": text[:1000], "type": text[:1000]}] * 50
    rows = [
        [text[cell : cell + 20] for cell in range(row, row + 1000, 20)]
        for row in range(0, len(text), 1000)
    ]
    return {"label": text[:1000], "columns": columns, "rows": rows, "total_rows": len(rows)}


def _source_list(place: Any) -> SourceList:
    section = document.getElementById("template-answer").content.querySelector(".sources")
    section = section.cloneNode(True)
    place.append(section)
    return SourceList(section)


def _sources(place: Any, painter: Painter) -> Surface:
    """A source of so many characters after the other."""
    listed = _source_list(place)
    numbers = count()

    def show(text: str) -> None:
        for at in range(0, len(text), SOURCE):
            piece = text[at : at + SOURCE]
            listed.add([Source(f"https://a.example/{next(numbers)}?{piece}", piece, piece)])

    return _Plain(show)


def _source(place: Any, painter: Painter) -> Surface:
    """One source, of which everything is long."""
    listed = _source_list(place)
    pieces: list[str] = []

    def end() -> None:
        text = "".join(pieces)
        listed.add([Source(f"https://a.example/?{text}", text, text)])

    return _Plain(pieces.append, end)


# By the name that a case gives.
SURFACES: dict[str, Callable[[Any, Painter], Surface]] = {
    "answer": _answer,
    "reasoning": _reasoning,
    "refusal": _refusal,
    "question": _question,
    "arguments": _arguments,
    "result": _result,
    "code": _code,
    "printed": _printed,
    "value": _displayed(lambda text: {"text/plain": text}),
    "cell markdown": _displayed(lambda text: {"text/markdown": text}),
    "cell picture": _displayed(lambda text: {"image/svg+xml": f"<svg>{text}</svg>"}),
    "cell page": _displayed(lambda text: {"text/html": text}),
    "cell json": _displayed(lambda text: {"application/json": text.split(",")}),
    "cell table": _displayed(lambda text: {TABLE: _table(text)}),
    "cell chart": _displayed(
        lambda text: {"application/vnd.vegalite.v6+json": {"data": {"values": text.split(",")}}}
    ),
    "sources": _sources,
    "source": _source,
}

# What is to be shown.
text = ""

_place: Any = None


def _scroll() -> None:
    scroller = document.getElementById("scroller")
    scroller.scrollTop = 1 << 30
    _ = scroller.scrollHeight


async def show(surface: str, how: str, pace_ms: float) -> None:
    """Show `text` in place of the one before; returns once all of it is drawn and painted."""
    global _place
    markdown.load()
    while markdown._library.module is None:
        await _frame()
    if _place is not None:
        _place.remove()
    _place = document.createElement("article")
    _place.className = "answer"
    document.getElementById("transcript").append(_place)
    painter = Painter(_scroll, _scroll)
    target = SURFACES[surface](_place, painter)
    if how == "history":
        target.replace(text)
    else:
        size = max(len(text) // BURSTS, 1) if how == "bursts" else TOKEN
        began_ms = performance.now()
        for at in range(0, len(text), size):
            painter.write(target, text[at : at + size])
            if how == "bursts":
                await _frame()
            else:
                # Not later than they would come, and several in a turn where the page is late.
                left_ms = began_ms + at / size * pace_ms - performance.now()
                if left_ms > 1:
                    await asyncio.sleep(left_ms / 1000)
        painter.flush()
        target.finish()
    while not target.is_drawn:
        await _frame()
    await markdown._library.module.settled()
    for _ in range(3):
        await _frame()


async def _frame() -> None:
    done = asyncio.get_running_loop().create_future()
    requestAnimationFrame(create_once_callable(lambda _: done.set_result(None)))
    await done
