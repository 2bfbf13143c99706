"""A hidden frame in which a library makes pictures: seen by nobody, but laid out, since libraries
measure their words.
"""

import asyncio
from typing import Any

from js import document

from ..web.dom import Node
from .frames import Frame, module

_ANSWERS = ("drawn", "failed", "loaded", "ended")


class DrawingFrame:
    """Asked one thing after the other; see display.html."""

    def __init__(self, displays: Node) -> None:
        self._answer: asyncio.Future[tuple[str, Any]] | None = None
        self._place: Node = document.createElement("div")
        self._place.className = "display-drawing"
        self._place.setAttribute("aria-hidden", "true")
        self._place.inert = True
        document.body.append(self._place)
        self._frame = Frame(displays, self._place, "Drawing", self._take)

    @classmethod
    async def make(cls) -> "DrawingFrame":
        return cls(await module())

    @property
    def is_open(self) -> bool:
        return self._frame.is_open

    async def ask(self, type: str, transfer: Any = None, **values: Any) -> tuple[str, Any]:
        """Give its answer: "drawn", "failed", "loaded", or "ended" with the reason."""
        if not self.is_open:
            return "ended", "gone"
        self._answer = asyncio.get_running_loop().create_future()
        self._frame.send(type, transfer, **values)
        return await self._answer

    def end(self) -> None:
        """Take it away."""
        self._frame.end()

    def _take(self, type: str, value: Any) -> None:
        if type == "ended":
            self._place.remove()
        if type in _ANSWERS and self._answer is not None and not self._answer.done():
            self._answer.set_result((type, value))
