"""An answer's text in the page: Markdown, drawn block by block while it comes.

Finished blocks stay as they are, so a selection in them survives; the open end is drawn again, at
most once a frame, and less often where that takes long. The libraries come beside Python, so what
arrives before them is shown as plain text.
"""

import logging
from weakref import WeakSet

from js import document, performance
from pyodide.ffi import create_proxy, to_js
from tokenfall_page import loadMarkdown  # boot.mjs registers it

from ..core.blocks import Blocks, Growth
from ..core.half import shown
from .dom import Node
from .painter import Growing

_log = logging.getLogger(__name__)

# Milliseconds between two drawings of one text: thrice what one takes, but within these.
SHORTEST_MS = 32
LONGEST_MS = 500


class _Library:
    """`markdown.mjs`, once it is there, and who waits for it."""

    def __init__(self) -> None:
        self.module: Node = None
        self.waiting: WeakSet[Body] = WeakSet()
        self._is_asked = False

    def ask(self) -> None:
        if not self._is_asked:
            self._is_asked = True
            loadMarkdown().then(create_proxy(self._arrived))

    def _arrived(self, module: Node) -> None:
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


class Body:
    """A text of a message in `element`, which is its own."""

    def __init__(self, element: Node) -> None:
        self.element = element
        self._drawing: Node = None
        self._raw: Growing | None = None
        self._raw_node: Node = None
        self._is_finished = False
        self._finished: list[str] = []
        self._late: list[int] = []
        self._grown = ""
        self.reset()

    @staticmethod
    def draw(node: Node, text: str) -> "Body":
        """Draw a whole text at once."""
        body = Body(node)
        body.replace(text)
        return body

    @property
    def text(self) -> str:
        """The source."""
        return "".join(self._source)

    def append(self, text: str) -> None:
        """Show what came. `Painter` calls this with the frame, and not before `due_ms`."""
        self.started = True
        self._source.append(text)
        if self._raw is not None:
            self._raw.append(text)
        if self._is_finished:
            self.replace(self.text)
            return
        self._take(self._blocks.feed(text))
        self._draw(text)

    def finish(self) -> None:
        """Nothing follows: what was held back or half written is shown as it is."""
        if self._is_finished:
            return
        self._is_finished = True
        self._take(self._blocks.close())
        self._draw("")

    def replace(self, text: str) -> None:
        """Show this whole text instead."""
        self.reset()
        self._is_finished = True
        self.started = bool(text)
        self._source.append(text)
        self._take(self._blocks.feed(text))
        self._take(self._blocks.close())
        if self._raw_node is not None:
            self._raw = _raw_text(self._raw_node, text)
        self._draw(text)

    def reset(self) -> None:
        """Take away all text; more may follow."""
        self._blocks = Blocks()
        self._source: list[str] = []
        self._finished = []
        self._late = []
        self._grown = ""
        self._code_of = -1
        self._is_finished = False
        self._plain: Growing | None = None
        self._average_ms = 0.0
        self.started = False
        # When the next drawing may be, by `performance.now()`.
        self.due_ms = 0.0
        if self._drawing is not None:
            self._drawing.clear()
        else:
            self.element.replaceChildren()
        if self._raw_node is not None:
            self.element.append(self._raw_node)
            self._raw = _raw_text(self._raw_node, "")

    def raw(self, on: bool) -> None:
        """Show the source, or what it says."""
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

    def library_came(self) -> None:
        """From now on it can be drawn."""
        if self._plain is not None:
            self._plain = None
            self.element.classList.remove("plain")
            self._draw("")

    def _take(self, growth: Growth) -> None:
        self._finished += growth.finished
        self._late += growth.late
        # What a block that is finished by now had grown by is in its source.
        self._grown = growth.grown if growth.finished else self._grown + growth.grown

    def _draw(self, text: str) -> None:
        if _library.module is None:
            self._write_plain(text)
            return
        began_ms: float = performance.now()
        if self._drawing is None:
            self._drawing = _library.module.Drawing.new(self.element)
        blocks = self._blocks
        if not self._finished and blocks.is_code and self._code_of == blocks.count:
            self._drawing.appendCode(blocks.take_code())
        else:
            finished, self._finished = self._finished, []
            late, self._late = sorted(set(self._late)), []
            tail = f"{blocks.opening}\n" if blocks.is_code else self._shown_tail()
            grown, self._grown = self._grown, ""
            self._drawing.draw(to_js(finished), to_js(late), grown, tail)
            self._code_of = -1
            if blocks.is_code:
                self._code_of = blocks.count
                self._drawing.appendCode(blocks.take_code())
        now_ms: float = performance.now()
        self._average_ms = 0.7 * self._average_ms + 0.3 * (now_ms - began_ms)
        self.due_ms = now_ms + min(max(3 * self._average_ms, SHORTEST_MS), LONGEST_MS)

    def _shown_tail(self) -> str:
        head, end, kind = self._blocks.tail_parts
        return head + shown(end, kind)

    def _write_plain(self, text: str) -> None:
        if self._plain is None:
            self.element.classList.add("plain")
            self._plain = Growing(self.element)
            _library.waiting.add(self)
            _library.ask()
        self._plain.append(text)


def _raw_text(node: Node, text: str) -> Growing:
    node.replaceChildren()
    growing = Growing(node)
    growing.append(text)
    return growing
