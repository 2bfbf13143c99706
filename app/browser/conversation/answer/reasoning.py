"""Reasoning that the model shows: open while nothing else comes, folded afterwards."""

from js import performance

from ...markdown.markdown import Body
from ...markdown.painter import Painter
from ...web import words as web_words
from ...web.dom import Node, clone, part
from . import words

# Pixels from the end of its own scroll that still count as the end.
_AT_END = 24


class Reasoning:
    """A <details> that grows. A reader who opens or closes it decides from then on.

    `text` is Markdown, which is shown as its source where it `is_plain`.
    """

    def __init__(self, painter: Painter, *, is_plain: bool) -> None:
        self.element: Node = clone("template-reasoning")
        self._painter = painter
        self.text = _Following(part(self.element, "reasoning-text"), painter, is_plain=is_plain)
        self._title = part(self.element, "reasoning-title")
        self._began_ms: float | None = None
        self.took_s: float | None = None  # where it is known

    def draw(self, text: str) -> None:
        """Show reasoning that is there already, folded; `end` says how long it took."""
        self.text.append(text)
        self._title.textContent = words.REASONING

    def begin(self, *, is_timed: bool) -> None:
        """More comes: open it, so that something is seen to happen. It is timed where it begins
        to come now: in sync mode all comes at once, and nobody knows how long the model thought.
        """
        self._began_ms = performance.now() if is_timed else None
        self._title.textContent = words.THINKING
        self.element.open = True

    def append(self, text: str) -> None:
        self._painter.write(self.text, text)

    def end(self) -> None:
        """Fold it; a reader who opens it then reads from its beginning."""
        self._painter.flush()
        self.text.finish()
        if self._began_ms is not None:
            self.took_s = (performance.now() - self._began_ms) / 1000
            self._began_ms = None
        said = words.REASONING
        if self.took_s is not None:
            said = words.thought_for(web_words.seconds(self.took_s))
        self._title.textContent = said
        if not self.element.hasAttribute("data-touched"):
            self.text.element.scrollTop = 0
            self.element.open = False


class _Following(Body):
    """Text in a scroller of its own, which stays at its end until the reader scrolls up."""

    def append(self, text: str) -> None:
        box = self.element
        was_at_end = box.scrollHeight - box.clientHeight - box.scrollTop <= _AT_END
        super().append(text)
        if was_at_end:
            box.scrollTop = 1 << 30
