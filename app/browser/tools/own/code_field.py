"""A text field for Python: Tab indents, Enter keeps the indentation. Its colours are drawn by
code_layer.mjs.
"""

from collections.abc import Callable
from typing import Any

from js import Event, document
from tokenfall_page import colourField

from ...web.dom import find, listen
from ...web.shortcuts import is_composing
from . import words
from .code_keys import Edit, indented, line_range, new_line, unindented


class CodeField:
    """The field of the editor. `changed()` is called for each change by the person."""

    def __init__(self, changed: Callable[[], None]) -> None:
        self._field = find("own-source")
        self._leaves = False
        self._is_coloured = False
        listen(self._field, "keydown", self._on_key)
        listen(self._field, "input", lambda _: changed())
        listen(self._field, "blur", lambda _: self._let_leave(False))

    @property
    def text(self) -> str:
        return str(self._field.value)

    def fill(self, text: str) -> None:
        """Show this text, from its top."""
        self._field.value = text
        self._field.setSelectionRange(0, 0)
        self._field.scrollTo(0, 0)
        if not self._is_coloured:
            self._is_coloured = True
            colourField(self._field, find("own-layer"))
        self._field.dispatchEvent(Event.new("filled"))

    def focus(self) -> None:
        self._field.focus()

    def select_line(self, number: int) -> None:
        """Go to this line, counted from 1."""
        self.focus()
        start, end = line_range(self.text, number)
        self._select(start, end)
        lines = self.text.count("\n") + 1
        # Browsers don't scroll to a selection that a program makes.
        above = (number - 3) * self._field.scrollHeight / lines
        self._field.scrollTop = max(0, above)

    def _on_key(self, event: Any) -> None:
        if is_composing(event) or event.altKey or event.ctrlKey or event.metaKey:
            return
        match str(event.key):
            case "Escape" if not self._leaves:
                event.preventDefault()  # it would close the dialog
                self._let_leave(True)
            case "Tab" if not self._leaves:
                event.preventDefault()
                self._edit(unindented if event.shiftKey else indented)
            case "Enter" if not event.shiftKey:
                event.preventDefault()
                self._edit(new_line)
            case "Tab" | "Escape" | "Shift":
                pass
            case _:
                self._let_leave(False)

    def _let_leave(self, leaves: bool) -> None:
        if leaves != self._leaves:
            self._leaves = leaves
            find("own-hint").textContent = words.LEAVES_FIELD if leaves else words.TAB_HINT

    def _edit(self, how: Callable[[str, int, int], Edit]) -> None:
        text = self.text
        start, end = (
            _characters(text, int(units))
            for units in (self._field.selectionStart, self._field.selectionEnd)
        )
        edit = how(text, start, end)
        if edit.text == text[edit.start : edit.end]:
            return
        self._select(edit.start, edit.end)
        # The one way that keeps the field's own undo; browsers without it take the second.
        if not document.execCommand("insertText" if edit.text else "delete", False, edit.text):
            self._field.setRangeText(edit.text)
            self._field.dispatchEvent(Event.new("input"))
        self._select(*edit.selected)

    def _select(self, start: int, end: int) -> None:
        text = self.text
        self._field.setSelectionRange(_units(text, start), _units(text, end))


def _units(text: str, characters: int) -> int:
    """Convert a count of characters, as in Python, to one of UTF-16 units, as in the page."""
    if text.isascii():
        return characters
    return len(text[:characters].encode("utf-16-le", "surrogatepass")) // 2


def _characters(text: str, units: int) -> int:
    if text.isascii():
        return units
    half = text.encode("utf-16-le", "surrogatepass")[: 2 * units]
    return len(half.decode("utf-16-le", "ignore"))
