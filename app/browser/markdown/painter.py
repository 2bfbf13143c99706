"""Writes growing text into the page, once a frame at most, appending only.

Text in the page is never written again, so a selection survives, and the cost of a frame depends on
the new text, not on the text before it.
"""

from collections import deque
from collections.abc import Callable
from typing import Protocol

from js import (
    cancelAnimationFrame,
    clearTimeout,
    document,
    performance,
    requestAnimationFrame,
    setTimeout,
)
from pyodide.ffi import create_proxy

from ..web.dom import Node, listen
from ..web.plain_text import Calmed
from ..web.time_slice import Pause, TimeSlice

# Characters in one block before the next line starts a new one. A browser lays out a whole block
# when it grows; this keeps that flat over a long answer. A line that has no end is broken after as
# many more, at a space if there is one.
BLOCK_CHARACTERS = 1000
# And lines, which a browser lays out one by one.
BLOCK_LINES = 100
# The last blocks are laid out; those before only when they come near, see `far` in the styles.
_NEAR = 4

# Text due so soon is written with what is due already.
_NEARLY_MS = 3

# For how long a long text that is there already may hold up the page at a time: so long, or less
# where a whole write with what the browser lays out for it takes longer than wanted.
SLICE_MS = 12.0
_LEAST_SLICE_MS = 3.0
_WRITE_MS = 24.0


class Target(Protocol):
    """A place that text is written to.

    `started` says that it has shown some, and `due_ms` when, by `performance.now()`, it is given
    more: where a write with the laying out takes long, there is one less often.
    """

    started: bool
    due_ms: float

    def append(self, text: str) -> None: ...


class Unfinished(Protocol):
    """A drawing that does not fit into one frame."""

    def go_on(self, until_ms: float) -> None:
        """Draw more, until then by `performance.now()`; ask the painter again for the rest."""


class Growing:
    """Text of one element that only grows. The element needs `white-space: pre-wrap`."""

    def __init__(self, element: Node) -> None:
        self.element = element
        self._open: Node = None
        self._open_characters = 0
        self._open_lines = 0
        self._near: deque[Node] = deque()
        self._calmed = Calmed()
        self.started = False
        self.due_ms = 0.0

    def append(self, text: str) -> None:
        """Write at once; `Painter.write` waits for the frame."""
        self.started = True
        text = self._calmed.feed(text)
        at = 0
        while (end := self._end_of_block(text, at)) is not None:
            # A line end stays in the block that it ends, where it takes no line of its own.
            self._extend(text[at:end])
            self._open = None
            self._open_characters = self._open_lines = 0
            at = end
        self._extend(text[at:])

    def finish(self) -> None:
        """End the text: nothing more comes."""

    def raw(self, on: bool) -> None:
        """Do nothing: the text is plain already."""

    def _end_of_block(self, text: str, at: int) -> int | None:
        """Find where in the text from there on the open block ends, None where it goes on."""
        least = at + max(BLOCK_CHARACTERS - self._open_characters, 0)
        last_line = at
        for _ in range(BLOCK_LINES - self._open_lines):
            last_line = text.find("\n", last_line, least) + 1
            if not last_line:
                break
        else:
            return last_line
        most = at + max(2 * BLOCK_CHARACTERS - self._open_characters, 1)
        if len(text) <= least:
            return None
        line_end = text.find("\n", least, most) + 1
        if line_end or len(text) <= most:
            return line_end or None
        return text.rfind(" ", least, most) + 1 or most

    def _extend(self, text: str) -> None:
        if not text:
            return
        if self._open is None:
            block = document.createElement("div")
            self._open = document.createTextNode(text)
            block.append(self._open)
            self.element.append(block)
            self._near.append(block)
            if len(self._near) > _NEAR:
                self._near.popleft().classList.add("far")
        else:
            self._open.appendData(text)
        self._open_characters += len(text)
        self._open_lines += text.count("\n")


def show_as_it_is(element: Node, text: str) -> None:
    """Show a text from outside in an element with `white-space: pre-wrap`."""
    element.replaceChildren()
    Growing(element).append(text)


class Painter:
    """Gathers text and writes it when it is due, between two frames: the one that shows it then
    tells of the scrolling after its end too, for which another would be needed if it were written
    within a frame. Drawings that do not fit into one go on with the next.

    Text for a hidden tab is written when the tab is seen again, or at the end. `before_paint` and
    `after_paint` are called around every write, for whoever follows the end of the text. One
    painter serves the page for its whole life; its proxies live as long.
    """

    def __init__(self, before_paint: Callable[[], None], after_paint: Callable[[], None]) -> None:
        self._before_paint = before_paint
        self._after_paint = after_paint
        self._waiting: dict[Target, list[str]] = {}
        self._unfinished: dict[Unfinished, None] = {}
        self._frame: int | None = None
        self._timer: int | None = None
        self._timer_ms = 0.0  # when it is due
        self._slice_ms = TimeSlice(_LEAST_SLICE_MS, SLICE_MS, _WRITE_MS)
        self._pause = Pause()
        self._on_turn = create_proxy(self._write_due)
        self._is_hidden = bool(document.hidden)
        listen(document, "visibilitychange", lambda _: self._look())

    def write(self, target: Target, text: str) -> None:
        """Append when it is due; the first text of an element at once."""
        if not text:
            return
        self._waiting.setdefault(target, []).append(text)
        if target.started or self._is_hidden:
            self._ask_for_turn()
        else:
            self.flush()

    def go_on(self, unfinished: Unfinished) -> None:
        """Let it draw more with the next frame."""
        self._unfinished[unfinished] = None
        self._ask_for_turn()

    def forget(self, target: Target) -> None:
        """Drop the text that waits for this element."""
        self._waiting.pop(target, None)

    def forget_all(self) -> None:
        """Drop all waiting text: its elements are shown no longer."""
        self._drop_turn()
        self._waiting.clear()
        self._unfinished.clear()

    def flush(self) -> None:
        """Write the waiting text now."""
        self._drop_turn()
        self._write(list(self._waiting))
        if self._unfinished:
            self._ask_for_turn()

    def _write_due(self, *_time: float) -> None:
        # A frame is asked for only once no timer is set.
        self._frame = self._timer = None
        now_ms = performance.now()
        due = [target for target in self._waiting if target.due_ms <= now_ms + _NEARLY_MS]
        has_more = bool(self._unfinished)
        self._write(due, until_ms=now_ms + self._slice_ms.amount)
        if has_more:
            self._slice_ms.learn(performance.now() - now_ms)
        if self._waiting or self._unfinished:
            self._ask_for_turn()

    def _write(self, targets: list[Target], until_ms: float = 0.0) -> None:
        """Write the text that waits for these, and go on with unfinished drawings until then."""
        unfinished = list(self._unfinished) if until_ms else []
        if not targets and not unfinished:
            return
        began_ms = performance.now()
        self._before_paint()
        for target in targets:
            target.append("".join(self._waiting.pop(target)))
        for one in unfinished:
            if performance.now() >= until_ms:
                break
            del self._unfinished[one]
            one.go_on(until_ms)
        self._after_paint()
        now_ms = performance.now()
        pause_ms = self._pause.after(now_ms - began_ms)
        for target in targets:
            target.due_ms = began_ms + pause_ms

    def _look(self) -> None:
        self._is_hidden = bool(document.hidden)
        if self._is_hidden:
            self._drop_turn()
        elif self._waiting or self._unfinished:
            self._ask_for_turn()

    def _ask_for_turn(self) -> None:
        """Ask for the next frame where a drawing goes on, else for when the first text is due."""
        if self._is_hidden or self._frame is not None:
            return
        if self._unfinished:
            self._drop_turn()
            self._frame = requestAnimationFrame(self._on_turn)
            return
        first_ms = min(target.due_ms for target in self._waiting)
        if self._timer is None or first_ms < self._timer_ms - _NEARLY_MS:
            self._drop_turn()
            self._timer_ms = first_ms
            self._timer = setTimeout(self._on_turn, max(first_ms - performance.now(), 0))

    def _drop_turn(self) -> None:
        if self._frame is not None:
            cancelAnimationFrame(self._frame)
            self._frame = None
        if self._timer is not None:
            clearTimeout(self._timer)
            self._timer = None
