"""Writes growing text into the page, once a frame, appending only.

What is in the page is never written again, so a selection survives, and the cost of a frame
depends on what came, not on what is there.
"""

from collections.abc import Callable

from js import cancelAnimationFrame, clearTimeout, document, requestAnimationFrame, setTimeout
from pyodide.ffi import create_proxy

from .dom import Node

# Characters in one text node before the next line starts a new one. A browser lays out a whole
# text node when it grows; this keeps that flat over a long answer.
BLOCK_CHARACTERS = 2000

# Milliseconds after which text is written without a frame. A hidden or covered tab gets none;
# there browsers stretch this to a second or more, and the text still goes on.
WITHOUT_FRAME_MS = 250


class Growing:
    """Text of one element that only grows. The element needs `white-space: pre-wrap`."""

    def __init__(self, element: Node) -> None:
        self.element = element
        self._open: Node = None
        self._open_characters = 0
        self.started = False

    def append(self, text: str) -> None:
        """Write at once; `Painter.write` waits for the frame."""
        self.started = True
        if self._open is not None and self._open_characters >= BLOCK_CHARACTERS:
            ending, line_end, text = text.rpartition("\n")
            self._extend(ending + line_end)
            if line_end:
                # The line end stays in the block that it ends, where it takes no line of its own.
                self._open = None
        self._extend(text)

    def finish(self) -> None:
        """Nothing more comes."""

    def raw(self, on: bool) -> None:
        """It is plain text already."""

    def _extend(self, text: str) -> None:
        if not text:
            return
        if self._open is None:
            block = document.createElement("div")
            self._open = document.createTextNode(text)
            self._open_characters = 0
            block.append(self._open)
            self.element.append(block)
        else:
            self._open.appendData(text)
        self._open_characters += len(text)


class Painter:
    """Gathers text and writes it with the next frame.

    `before_paint` and `after_paint` are called around every write, for whoever follows the end
    of the text. One painter serves the page for its whole life; its two proxies live as long.
    """

    def __init__(self, before_paint: Callable[[], None], after_paint: Callable[[], None]) -> None:
        self._before_paint = before_paint
        self._after_paint = after_paint
        self._waiting: dict[Growing, list[str]] = {}
        self._frame: int | None = None
        self._timer: int | None = None
        self._on_frame = create_proxy(lambda _time: self.flush())
        self._on_timer = create_proxy(self.flush)

    def write(self, target: Growing, text: str) -> None:
        """Append with the next frame; the first text of an element at once."""
        if not text:
            return
        self._waiting.setdefault(target, []).append(text)
        if not target.started:
            self.flush()
        elif self._frame is None:
            self._frame = requestAnimationFrame(self._on_frame)
            self._timer = setTimeout(self._on_timer, WITHOUT_FRAME_MS)

    def forget(self, target: Growing) -> None:
        """Drop what waits for this element."""
        self._waiting.pop(target, None)

    def flush(self) -> None:
        """Write what waits, now."""
        if self._frame is not None:
            cancelAnimationFrame(self._frame)
            clearTimeout(self._timer)
            self._frame = self._timer = None
        if not self._waiting:
            return
        waiting, self._waiting = self._waiting, {}
        self._before_paint()
        for target, fragments in waiting.items():
            target.append("".join(fragments))
        self._after_paint()
