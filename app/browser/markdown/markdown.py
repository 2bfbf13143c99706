"""An answer's text in the page: Markdown, drawn block by block while it comes.

Finished blocks stay as they are, so a selection in them survives; the open end is drawn again, at
most once a frame, and less often where that takes long. A long text that is there already is drawn
as if it came in pieces, as many with each frame as there is time for. The libraries come beside
Python, so what arrives before them is shown as plain text.
"""

import logging
import math
from typing import Protocol
from weakref import WeakSet

from js import document, performance
from pyodide.ffi import create_proxy, to_js
from tokenfall_page import loadMarkdown  # boot.mjs registers it

from ...markdown.blocks import Blocks, Growth
from ...markdown.incomplete import shown
from ..web.dom import Node
from ..web.plain_text import Calmed
from ..web.time_slice import TimeSlice
from .painter import SLICE_MS, Growing, Painter

_log = logging.getLogger(__name__)

# Characters that are taken in at a time, of all texts: as many as are drawn in a few milliseconds.
_piece = TimeSlice(250, 2000, wanted_ms=4)


class Waiting(Protocol):
    """A text that is drawn when the library is there."""

    def library_came(self) -> None: ...


class _Library:
    """`markdown.mjs`, once it is there, and the texts that wait for it."""

    def __init__(self) -> None:
        self.module: Node = None
        self.waiting: WeakSet[Waiting] = WeakSet()
        self._is_asked = False

    def ask(self) -> None:
        if not self._is_asked:
            self._is_asked = True
            loadMarkdown().then(create_proxy(self.arrived))

    def arrived(self, module: Node) -> None:
        """Take it, and draw what waits for it."""
        if not hasattr(module, "Drawing"):
            _log.warning("Markdown is shown as plain text: its library did not load")
            return
        self.module = module
        for body in list(self.waiting):
            body.library_came()
        self.waiting.clear()


_library = _Library()


def load() -> None:
    """Fetch the libraries, beside all else."""
    _library.ask()


def library_for(one: Waiting) -> Node:
    """The library; None where it has not come yet, and is told to this one when it does."""
    if _library.module is None:
        _library.waiting.add(one)
        _library.ask()
    return _library.module


async def loaded() -> None:
    """Wait until the libraries have come, or have failed to."""
    if _library.module is None:
        _library.arrived(await loadMarkdown())


async def settled() -> None:
    """Wait until all formulas and colours that were begun are drawn."""
    if _library.module is not None:
        await _library.module.settled()


class Body:
    """A text of a message in `element`, which is its own.

    `painter` says when it may go on with a long text; without one it is drawn at once. One that
    `is_plain` shows the source until `format`. With a `language` all of the text is code.
    """

    def __init__(
        self,
        element: Node,
        painter: Painter | None = None,
        *,
        is_plain: bool = False,
        language: str = "",
    ) -> None:
        self.element = element
        self._is_plain = is_plain
        self._language = language
        self._painter = painter
        self._drawing: Node = None
        self._raw: Growing | None = None
        self._raw_node: Node = None
        self._is_finished = False
        self._unread = ""
        self.reset()

    @property
    def text(self) -> str:
        """The source."""
        return "".join(self._source)

    @property
    def is_drawn(self) -> bool:
        """Tell whether every piece that came is shown, be it as plain text."""
        return not (self._unread or self._is_behind) or self._plain is not None

    def append(self, text: str) -> None:
        """Show the next text. `Painter` calls this with the frame, and not before it is due."""
        self.started = True
        self._source.append(text)
        if self._raw is not None:
            self._raw.append(text)
        if self._is_finished:
            self.replace(self.text)
            return
        self._unread += self._calmed.feed(text)
        self._show(text)

    def finish(self) -> None:
        """Show the held back or half-written end as it is: nothing follows."""
        if self._is_finished:
            return
        self._is_finished = True
        self._show("")

    def replace(self, text: str) -> None:
        """Show this whole text instead."""
        self.reset(text)
        self._is_finished = True
        self.started = bool(text)
        self._source.append(text)
        self._unread = self._calmed.feed(text)
        if self._raw_node is not None:
            self._raw = _raw_text(self._raw_node, text)
        self._show(text)

    def reset(self, coming: str = "") -> None:
        """Take away all text; more may follow, which is `coming` where it is known."""
        self._blocks = Blocks.of(self._language, coming)
        self._calmed = Calmed()
        self._source: list[str] = []
        self._unread = ""
        self._finished: list[str] = []
        self._texts: list[int] = []
        self._late: list[int] = []
        self._grown = ""
        # The code or text that goes on: which, and of which block.
        self._goes_on = ("", -1)
        # Whether earlier blocks are to be drawn again yet.
        self._is_behind = False
        self._is_finished = False
        self._plain: Growing | None = None
        self.started = False
        self.due_ms = 0.0
        if self._drawing is not None:
            self._drawing.clear()
        else:
            self.element.replaceChildren()
        if self._raw_node is not None:
            self.element.append(self._raw_node)
            self._raw = _raw_text(self._raw_node, "")

    def raw(self, on: bool) -> None:
        """Show the source, or the text drawn from it."""
        if on and self._raw_node is None:
            self._raw_node = document.createElement("div")
            self._raw_node.className = "raw"
            self._raw_node.dir = "auto"
            self.element.append(self._raw_node)
            self._raw = _raw_text(self._raw_node, self.text)
        elif not on and self._raw_node is not None:
            self._raw_node.remove()
            self._raw_node = self._raw = None
        # The style sheet hides all else in it.
        self.element.toggleAttribute("data-raw", on)

    def format(self) -> None:
        """Draw a source that was shown as plain text."""
        self._is_plain = False
        if library_for(self) is not None:
            self.library_came()

    def library_came(self) -> None:
        """Draw from now on: the library is here."""
        if self._plain is not None:
            self._plain = None
            self.element.classList.remove("plain")
            self._show("")

    def go_on(self, until_ms: float) -> None:
        """Draw more of a long text; `Painter` calls this."""
        if self._unread:
            self._draw_until(until_ms)
        elif self._is_behind:
            self._catch_up(until_ms)

    def _draw_until(self, until_ms: float) -> None:
        if self._drawing is None:
            self._drawing = _library.module.Drawing.new(self.element)
        self._draw_piece()
        while self._unread and performance.now() < until_ms:
            self._draw_piece()
        if not self._unread:
            self._catch_up(until_ms)
        elif self._painter is not None:
            self._painter.go_on(self)

    def _catch_up(self, until_ms: float) -> None:
        """Draw earlier blocks again, whose labels are known now."""
        self._is_behind = self._drawing.settle(until_ms, self._is_finished)
        if self._is_behind and self._painter is not None:
            self._painter.go_on(self)

    def _show(self, text: str) -> None:
        """Show the text so far, of which this is the last."""
        if _library.module is None or self._is_plain:
            self._write_plain(text)
        else:
            is_alone = self._painter is None
            self._draw_until(math.inf if is_alone else performance.now() + SLICE_MS)

    def _draw_piece(self) -> None:
        began_ms: float = performance.now()
        size = int(_piece.amount)
        piece, self._unread = self._unread[:size], self._unread[size:]
        self._take(self._blocks.feed(piece))
        is_last = not self._unread
        if is_last and self._is_finished:
            self._take(self._blocks.close())
        self._draw(is_last)
        if not is_last:
            _piece.learn(performance.now() - began_ms)

    def _take(self, growth: Growth) -> None:
        self._texts += [len(self._finished) + place for place in growth.texts]
        self._finished += growth.finished
        self._late += growth.late
        # The growth of a block that is finished by now is in its source.
        self._grown = growth.grown if growth.finished else self._grown + growth.grown

    def _draw(self, has_tail: bool) -> None:
        """Draw finished blocks, and the open end where it is wanted."""
        blocks = self._blocks
        kind = "text" if blocks.is_text else "code" if blocks.is_code else ""
        open_end = (kind, blocks.count)
        is_same = bool(kind) and self._goes_on == open_end and not self._finished
        if not is_same or self._grown:
            is_same = False
            finished, self._finished = self._finished, []
            texts, self._texts = self._texts, []
            late, self._late = sorted(set(self._late)), []
            grown, self._grown = self._grown, ""
            tail = "" if kind == "text" else f"{blocks.opening}\n" if kind else ""
            if has_tail and not kind:
                tail = self._shown_tail()
            self._drawing.draw(to_js(finished), to_js(texts), to_js(late), grown, tail)
        if kind == "code":
            self._drawing.appendCode(blocks.take_code())
        elif kind:
            self._drawing.appendText(blocks.take_text(anew=not is_same))
        self._goes_on = open_end

    def _shown_tail(self) -> str:
        head, end, kind = self._blocks.tail_parts
        return head + shown(end, kind)

    def _write_plain(self, text: str) -> None:
        if self._plain is None:
            self.element.classList.add("plain")
            self._plain = Growing(self.element)
            if not self._is_plain:
                _library.waiting.add(self)
                _library.ask()
        self._plain.append(text)


def _raw_text(node: Node, text: str) -> Growing:
    node.replaceChildren()
    growing = Growing(node)
    growing.append(text)
    return growing
