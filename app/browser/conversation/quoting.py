"""Quoting a selection of an answer in the next question: a button where there is room beside the
text, else one below the message box, a key, and the palette.
"""

import asyncio
from typing import Any

from js import document, window

from ..markdown.quotation import quoted, selected
from ..web import shortcuts
from ..web.dom import Node, find, listen, show
from . import words
from .composer import message_box

# While a selection grows nothing comes beside it.
_PAUSE_S = 0.15
# What the button needs beside the text, in pixels.
_ROOM = 64
_GAP = 12


class Quoting:
    """One for the page."""

    def __init__(self) -> None:
        self._chosen: Node = None  # outlives the selection while the palette has the focus
        self._due: asyncio.TimerHandle | None = None
        listen(document, "selectionchange", self._on_change)
        for name in ("quote-beside", "quote"):
            # A press would take the selection away.
            listen(find(name), "mousedown", lambda event: event.preventDefault())
            listen(find(name), "click", lambda _: self.quote())
        shortcuts.register(
            "quote", "Mod+Shift+.", words.QUOTE, self.quote, when=lambda: self._chosen is not None
        )

    def quote(self) -> None:
        """Put the selection into the message box, as a quotation."""
        text = "" if self._chosen is None else quoted(self._chosen)
        window.getSelection().removeAllRanges()
        self._forget()
        if text:
            message_box.add(text)

    def _on_change(self, _event: Any) -> None:
        if self._due is not None:
            self._due.cancel()
        elif self._chosen is None and window.getSelection().isCollapsed:
            return  # somebody writes
        self._due = asyncio.get_running_loop().call_later(_PAUSE_S, self._look)

    def _look(self) -> None:
        self._due = None
        chosen = selected()
        if chosen is not None:
            self._chosen = chosen
            self._offer()
        elif not document.querySelector("dialog:modal"):
            self._forget()

    def _forget(self) -> None:
        self._chosen = None
        show(find("quote-beside"), False)
        show(find("quote"), False)

    def _offer(self) -> None:
        scroller, button = find("scroller"), find("quote-beside")
        column = find("transcript").getBoundingClientRect()
        seen = scroller.getBoundingClientRect()
        has_room = seen.left + scroller.clientWidth - column.right >= _ROOM
        show(button, has_room)
        show(find("quote"), not has_room)
        if has_room:
            end = min(self._chosen.getBoundingClientRect().bottom, seen.bottom - _GAP)
            top = end - seen.top - button.offsetHeight + scroller.scrollTop
            button.style.setProperty("top", f"{max(top, 0)}px")
            button.style.setProperty("left", f"{column.right - seen.left + _GAP}px")
