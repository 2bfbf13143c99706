"""Runs in the tab: writes tokens into an answer at a steady pace, as the page itself does."""

import asyncio
from typing import Any

from js import document, performance

from app.browser import markdown
from app.browser.painter import Painter


class Writer:
    """One answer that comes token by token."""

    def __init__(self, tokens: list[str]) -> None:
        self._tokens = tokens
        self._at = 0
        self._painter = Painter(lambda: None, self._follow)
        element = document.createElement("div")
        element.className = "markdown"
        document.getElementById("transcript").append(element)
        self._scroller: Any = document.getElementById("scroller")
        self._body = markdown.Body(element)

    async def write(self, count: int, pace_ms: float) -> None:
        """Write so many tokens, one every `pace_ms`; those that are late come together."""
        began_ms = performance.now()
        done = 0
        while done < count:
            due = min(int((performance.now() - began_ms) / pace_ms) + 1, count)
            if due > done:
                piece = "".join(self._tokens[self._at + done : self._at + due])
                done = due
                self._painter.write(self._body, piece)
            await asyncio.sleep(0.004)
        self._at += count
        self._painter.flush()

    def finish(self) -> None:
        self._body.finish()

    def _follow(self) -> None:
        self._scroller.scrollTop = 1 << 30
