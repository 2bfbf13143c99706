"""Runs in the tab: shows a text as a message would, at once, in bursts, or token by token."""

import asyncio
from collections.abc import Callable
from typing import Any, Protocol

from js import document, performance, requestAnimationFrame
from pyodide.ffi import create_once_callable

from app.browser import markdown
from app.browser.markdown import Body
from app.browser.painter import Painter

BURSTS = 100
TOKEN = 4


class Surface(Protocol):
    """What shows a text; the painter writes to it."""

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


# By the name that a case gives.
SURFACES: dict[str, Callable[[Any, Painter], Surface]] = {"answer": _answer}

_place: Any = None


def _scroll() -> None:
    scroller = document.getElementById("scroller")
    scroller.scrollTop = 1 << 30
    _ = scroller.scrollHeight


async def show(surface: str, how: str, text: str, pace_ms: float) -> None:
    """Show the text in place of the one before; returns once all of it is drawn and painted."""
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
