"""One row of the list of chats. A row that is no longer seen is filled anew for another chat."""

from collections.abc import Sequence
from typing import NamedTuple

from js import document

from ...core.text.visible_text import readable
from ...history.records import ChatRecord
from ...history.search import Piece
from ..consent import words as consent_words
from ..web import words as web_words
from ..web.dom import Node, clone, part, show
from ..web.plain_text import short, short_name
from . import words


class Look(NamedTuple):
    """The parts of a row besides its chat. `title` is in pieces where words were searched for;
    `is_elsewhere`: the chat is on the server of this page, and not kept here.
    """

    title: Sequence[Piece]
    snippet: Sequence[Piece] = ()
    is_current: bool = False
    is_running: bool = False
    is_waiting: bool = False
    is_chosen: bool = False
    is_elsewhere: bool = False


class Heading:
    """A heading between the rows."""

    def __init__(self, text: str) -> None:
        self.node: Node = clone("template-chat-heading")
        part(self.node, "heading").textContent = text


class ChatRow:
    """A chat in the list. Its parts are looked up once: while somebody scrolls, many are filled."""

    def __init__(self) -> None:
        self.node: Node = clone("template-chat-row")
        self.is_old = True  # what it shows may no longer be so
        self._link = part(self.node, "link")
        self._title = part(self.node, "title")
        self._snippet = part(self.node, "snippet")
        self._running = part(self.node, "running")
        self._menu = part(self.node, "menu")
        self._box = part(self.node, "box")
        self._field = part(self.node, "field")
        self._look: Look | None = None
        self._is_reached: bool | None = None
        self._second_line: bool | None = None
        self._is_choosing: bool | None = None

    @property
    def is_elsewhere(self) -> bool:
        """Tell whether the chat is not kept in this browser."""
        return self._look is not None and self._look.is_elsewhere

    def fill(
        self, chat: ChatRecord, look: Look, *, number: int, count: int, found: bool, choosing: bool
    ) -> None:
        """Show a chat, the `number`th of `count`. Only changes are written."""
        before, self._look = self._look, look
        self.is_old = False
        self.node.setAttribute("data-chat", chat.id)
        self.node.setAttribute("aria-posinset", str(number))
        self.node.setAttribute("aria-setsize", str(count))
        self._link.setAttribute("href", f"#/chat/{chat.id}")
        if before is None or before.title != look.title:
            _write(self._title, look.title)
        if before is None or before.snippet != look.snippet:
            _write(self._snippet, look.snippet)
        if self._second_line != found:
            self._second_line = found
            show(self._snippet, found)
        if before is None or before.is_running != look.is_running:
            show(self._running, look.is_running)
        if before is None or before.is_waiting != look.is_waiting:
            # Running, and it is the person who is waited for.
            self._running.classList.toggle("held", look.is_waiting)
            self._running.title = web_words.WAITS_FOR_YOU if look.is_waiting else words.ON_ITS_WAY
            self._running.firstElementChild.textContent = self._running.title
        if before is None or before.is_current != look.is_current:
            self.node.classList.toggle("current", look.is_current)
            self._link.toggleAttribute("aria-current", look.is_current)
            if look.is_current:
                self._link.setAttribute("aria-current", "page")
        title = short_name(chat.title) or consent_words.UNTITLED
        self._menu.setAttribute("aria-label", words.options_of(title))
        if self._is_choosing != choosing:
            self._is_choosing = choosing
            show(self._box, choosing)
        if choosing:
            self._box.checked = look.is_chosen
            self._box.setAttribute("aria-label", words.choose_chat(title))

    def set_reach(self, is_active: bool) -> None:
        """Set whether Tab comes to the row."""
        if self._is_reached != is_active:
            self._is_reached = is_active
            for each in (self._link, self._menu, self._box):
                each.tabIndex = 0 if is_active else -1

    def edit(self, title: str) -> None:
        """Let the person write another title."""
        self._field.value = title
        self._field.setAttribute("aria-label", words.title_of(title or consent_words.UNTITLED))
        self.node.classList.add("edited")
        show(self._field, True)
        self._field.focus()
        self._field.select()

    def end_edit(self) -> str:
        """Show the row again; return the new title."""
        self.node.classList.remove("edited")
        show(self._field, False)
        return " ".join(str(self._field.value).split())


def _write(node: Node, pieces: Sequence[Piece]) -> None:
    if not any(piece.found for piece in pieces):
        node.textContent = short_name("".join(piece.text for piece in pieces))
        return
    made, before = [], ""
    for piece in pieces:
        # What joins letters may stand first in a piece.
        text = short(readable(short(piece.text), before))
        before = piece.text[-1:] or before
        if piece.found:
            mark = document.createElement("mark")
            mark.textContent = text
            made.append(mark)
        else:
            made.append(document.createTextNode(text))
    node.replaceChildren(*made)
