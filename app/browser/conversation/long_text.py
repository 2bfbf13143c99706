"""A text that shows its beginning, and at a press the rest."""

from ..consent import words as consent_words
from ..markdown.painter import Growing
from ..web.dom import Node, show


class LongText:
    """Text in `element`, of which the beginning is shown until `more`, a button, is pressed.

    The element needs `white-space: pre-wrap`.
    """

    def __init__(self, element: Node, more: Node, most: int, lines: int = 0) -> None:
        self._element = element
        self._more = more
        self._most = most
        self._lines = lines
        self._pieces: list[str] = []
        self._growing = Growing(element)
        self._room = most
        # What the painter asks for.
        self.started = False
        self.due_ms = 0.0

    @property
    def text(self) -> str:
        """The whole text."""
        return "".join(self._pieces)

    def append(self, text: str) -> None:
        """Show the next text, as far as there is room. `Painter` calls this with the frame."""
        self.started = True
        self._pieces.append(text)
        if self._room > 0:
            self._growing.append(text[: self._room])
            self._room -= len(text)

    def set(self, text: str) -> None:
        """Show this text instead, its beginning at first."""
        self._begin(text)
        begun = text[: self._most]
        if self._lines:
            begun = "".join(begun.splitlines(keepends=True)[: self._lines])
        is_long = len(text) > len(begun) + 1
        self._growing.append(f"{begun.rstrip()}\n…" if is_long else text)
        self._more.textContent = consent_words.show_all(len(text))
        show(self._more, is_long)

    def show_all(self) -> None:
        """Show the whole of it."""
        text = self.text
        self._begin(text)
        self._growing.append(text)
        show(self._more, False)

    def _begin(self, text: str) -> None:
        self._pieces = [text]
        self._room = 0
        self._element.replaceChildren()
        self._growing = Growing(self._element)
