"""Mermaid's text to a picture, as SVG, in a hidden frame of its own that stays for the next one."""

import asyncio
from collections.abc import Callable
from typing import Any

from . import words

# Mermaid's own limit, past which it draws a bomb.
_LONGEST = 50_000
# The picture, in characters.
_LONGEST_SVG = 10_000_000
_MOST_KEPT = 40
_FONT = (
    'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Helvetica Neue", Arial, sans-serif'
)
# The frame takes some 50 MB.
_IDLE_S = 60.0


class DrawingError(Exception):
    """A diagram that can't be drawn; the text says why, for a person, and `go` is the label of a
    remedy.
    """

    def __init__(self, sentence: str, go: str = "") -> None:
        super().__init__(sentence)
        self.go = go


class Diagrams:
    """Draws one after the other, and remembers the last ones."""

    def __init__(self) -> None:
        self._drawn: dict[tuple[str, bool], str] = {}
        self._turn = asyncio.Lock()
        self._frame: Any = None  # a DrawingFrame
        self._idle: asyncio.TimerHandle | None = None

    async def draw(self, source: str, is_dark: bool, say: Callable[[str], None]) -> str:
        """Give the diagram as SVG.

        Raises:
            DrawingError: It can't be drawn.
        """
        known = source, is_dark
        if known not in self._drawn:
            if len(source) > _LONGEST:
                raise DrawingError(words.TOO_LARGE)
            async with self._turn:
                if known not in self._drawn:
                    self._drawn[known] = await self._draw(source, is_dark, say)
        while len(self._drawn) > _MOST_KEPT:
            self._drawn.pop(next(iter(self._drawn)))
        return self._drawn.get(known) or await self.draw(source, is_dark, say)

    async def _draw(self, source: str, is_dark: bool, say: Callable[[str], None]) -> str:
        if self._idle is not None:
            self._idle.cancel()
        try:
            if self._frame is None or not self._frame.is_open:
                self._frame = await _started(say)
            say(words.DRAWING)
            theme = "dark" if is_dark else "default"
            kind, said = await self._frame.ask("diagram", source=source, theme=theme, font=_FONT)
        finally:
            self._idle = asyncio.get_running_loop().call_later(_IDLE_S, self._end)
        if kind == "ended":
            raise DrawingError(words.ENDED.get(said, words.LIBRARY_FAILED), words.TRY_AGAIN)
        if kind != "drawn" or not isinstance(said, str):
            raise DrawingError(words.not_drawn(str(said)))
        if len(said) > _LONGEST_SVG:
            raise DrawingError(words.TOO_LARGE)
        return said

    def _end(self) -> None:
        if self._frame is not None:
            self._frame.end()


async def _started(say: Callable[[str], None]) -> Any:
    from .drawing_frame import DrawingFrame  # with the first diagram
    from .libraries import LibraryError, library

    try:
        data = await library("mermaid", say)
    except LibraryError as error:
        raise DrawingError(str(error), words.TRY_AGAIN) from None
    frame = await DrawingFrame.make()
    kind, _ = await frame.ask("library", data, bytes=data)
    if kind != "loaded":
        frame.end()
        raise DrawingError(words.LIBRARY_FAILED)
    return frame
