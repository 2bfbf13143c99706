"""The list of chats. Only the rows near what is seen are in the page, however many there are.

One row can be reached with Tab; arrows, Home and End move to the others. F2 renames, Delete
deletes, Space selects while some are selected, and the menu key opens the menu of a row.

Long, because drawing few rows and keeping the focus among them is one matter.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from itertools import accumulate
from typing import Any, NamedTuple

from js import Object, ResizeObserver, cancelAnimationFrame, document, requestAnimationFrame
from pyodide.ffi import create_proxy, to_js
from tokenfall_page import closeSheet  # boot.mjs registers it

from ...history.records import ChatRecord
from ..web.dom import Node, find, listen, part
from .chat_row import ChatRow, Heading, Look

# Rows beyond what is seen, so that scrolling finds them there.
_MARGIN = 5

# Until the first of a kind has been drawn and measured, in pixels.
_HEIGHTS = {"heading": 32.0, "chat": 40.0, "found": 62.0}

# A heading, or a chat.
Row = str | ChatRecord


class SidebarActions(NamedTuple):
    """Actions on the list; each is called with the id of a chat."""

    look: Callable[[ChatRecord], Look]
    menu: Callable[[str, Node], None]
    rename: Callable[[str, str], None]
    choose: Callable[[str, bool, bool], None]
    delete: Callable[[str], None]
    pressed: Callable[[str], None]


class Sidebar:
    """Shows rows, and calls `actions` with the presses in them."""

    def __init__(self, actions: SidebarActions) -> None:
        self._actions = actions
        self._scroller: Node = find("chats")
        self._list: Node = find("chat-list")
        self._rows: Sequence[Row] = ()
        self._places: dict[str, int] = {}
        self._tops: list[float] = [0.0]
        self._headings: list[int] = []
        self._heights = dict(_HEIGHTS)
        # Kinds of rows that were looked at: to ask for a height makes the browser lay out.
        self._known_heights: set[str] = set()
        self._is_found = False
        self._is_choosing = False
        self._numbers: list[int] = []
        self._drawn: dict[str, ChatRow | Heading] = {}
        self._spare: list[ChatRow] = []  # rows that were taken out, to be filled anew
        self._active = ""
        self._edited = ""
        self._frame: int | None = None
        self._on_frame = create_proxy(lambda _: self._draw())
        for kind, handler in (
            ("scroll", lambda _: self._draw_soon()),
            ("click", self._on_click),
            ("dblclick", self._on_double_click),
            ("contextmenu", self._on_context_menu),
            ("keydown", self._on_key),
            ("focusin", self._on_focus),
            ("focusout", self._on_focus_out),
        ):
            listen(self._scroller, kind, handler)
        listen(document.defaultView, "resize", lambda _: self._on_resize())
        # A list that was away (while the page was printed, or its sheet closed) comes back at its
        # top, and no event tells of that.
        self._on_size = create_proxy(lambda *_: self._draw_soon())
        ResizeObserver.new(self._on_size).observe(self._scroller)

    def show(self, rows: Sequence[Row], *, found: bool = False, choosing: bool = False) -> None:
        """Show these rows. `found` rows have a second line; `choosing` gives each a box."""
        if found != self._is_found:
            self._scroller.scrollTop = 0  # other rows: what is found begins at its first
        self._rows, self._is_found, self._is_choosing = rows, found, choosing
        self._places = {row.id: at for at, row in enumerate(rows) if not isinstance(row, str)}
        self._headings = [at for at, row in enumerate(rows) if isinstance(row, str)]
        self._numbers = list(accumulate(0 if isinstance(row, str) else 1 for row in rows))
        self._measure()
        if self._active not in self._places:
            self._active = next(iter(self._places), "")
        self._list.classList.toggle("choosing", choosing)
        for row in self._drawn.values():
            if isinstance(row, ChatRow):
                row.is_old = True
        self._draw()

    def refresh(self) -> None:
        """Look at the drawn rows anew."""
        for row in self._drawn.values():
            if isinstance(row, ChatRow):
                row.is_old = True
        self._draw_soon()

    def rename(self, id: str) -> None:
        """Let the person write another title into the row."""
        if not self._bring(id):
            return
        row, chat = self._drawn[id], self._rows[self._places[id]]
        if isinstance(row, ChatRow) and not isinstance(chat, str) and not row.is_elsewhere:
            self._edited = id
            row.edit(chat.title)

    def focus(self, id: str = "") -> bool:
        """Put the focus on a row, else on the one that Tab would reach; False without rows."""
        id = id or self._active
        if not self._bring(id):
            return False
        part(self._drawn[id].node, "link").focus(_js(preventScroll=True))
        return True

    def focus_first(self) -> None:
        """Put the focus on the first row, where there is one."""
        self.focus(next(iter(self._places), ""))

    def next_to(self, id: str) -> str:
        """Find the chat below this one, else above; empty where it is the only one."""
        at = self._places.get(id, -1)
        ids = list(self._places)
        here = ids.index(id) if at >= 0 else 0
        beside = ids[here + 1 : here + 2] or ids[max(here - 1, 0) : here]
        return beside[0] if beside else ""

    def _measure(self) -> None:
        chat = self._heights["found" if self._is_found else "chat"]
        heading = self._heights["heading"]
        heights = (heading if isinstance(row, str) else chat for row in self._rows)
        self._tops = [0.0, *accumulate(heights)]

    def _on_resize(self) -> None:
        self._known_heights.clear()
        self._draw_soon()

    def _draw_soon(self) -> None:
        if self._frame is None:
            self._frame = requestAnimationFrame(self._on_frame)

    def _draw(self) -> None:
        """Bring the rows in view and near it into the page, and take the others out."""
        if self._frame is not None:
            cancelAnimationFrame(self._frame)
            self._frame = None
        top, height = self._scroller.scrollTop, self._scroller.clientHeight
        first = max(bisect_right(self._tops, top) - 1 - _MARGIN, 0)
        last = min(bisect_right(self._tops, top + height) + _MARGIN, len(self._rows))
        wanted = {_key(row): at for at, row in enumerate(self._rows[first:last], first)}
        above = self._tops[first]
        # The heading of what is seen stays in sight, so it is drawn however far up it belongs.
        before = bisect_left(self._headings, first) - 1
        if before >= 0:
            at = self._headings[before]
            wanted = {_key(self._rows[at]): at, **wanted}
            above -= self._heights["heading"]
        had_focus = bool(self._list.contains(document.activeElement))
        for key in [key for key in self._drawn if key not in wanted]:
            gone = self._drawn.pop(key)
            gone.node.remove()
            if isinstance(gone, ChatRow) and key != self._edited:
                self._spare.append(gone)
        place = self._list.firstElementChild
        for key, at in wanted.items():
            node = self._filled(key, at).node
            if place and node.isSameNode(place):
                place = place.nextElementSibling
            else:
                self._list.insertBefore(node, place)
        style = self._list.style
        style.setProperty("--above", f"{above:.1f}px")
        style.setProperty("--below", f"{self._tops[-1] - self._tops[last]:.1f}px")
        if had_focus and not self._list.contains(document.activeElement):
            self._scroller.focus(_js(preventScroll=True))
        self._check_heights()

    def _check_heights(self) -> None:
        """Learn how high rows really are, which depends on the person's fonts."""
        for key, row in self._drawn.items():
            is_chat = key in self._places
            kind = ("found" if self._is_found else "chat") if is_chat else "heading"
            if kind in self._known_heights:
                continue
            real = float(row.node.offsetHeight)
            if real:
                self._known_heights.add(kind)
            if real and abs(real - self._heights[kind]) > 0.5:
                self._heights[kind] = real
                self._measure()
                self._draw_soon()
                return

    def _filled(self, key: str, at: int) -> ChatRow | Heading:
        """The row at a place, made or filled anew where it has to be."""
        shown, row = self._rows[at], self._drawn.get(key)
        if isinstance(shown, str):
            if row is None:
                row = self._drawn[key] = Heading(shown)
            return row
        if not isinstance(row, ChatRow):
            row = self._drawn[key] = self._spare.pop() if self._spare else ChatRow()
            row.is_old = True
        if row.is_old:
            row.fill(
                shown,
                self._actions.look(shown),
                number=self._numbers[at],
                count=self._numbers[-1],
                found=self._is_found,
                choosing=self._is_choosing,
            )
            row.set_reach(shown.id == self._active)
        return row

    def _bring(self, id: str) -> bool:
        """Scroll a row into view; False where there is none."""
        at = self._places.get(id)
        if at is None:
            return False
        top, bottom = self._tops[at], self._tops[at + 1]
        height = self._scroller.clientHeight
        if top < self._scroller.scrollTop + self._heights["heading"]:
            self._scroller.scrollTop = max(top - self._heights["heading"], 0)
        elif bottom > self._scroller.scrollTop + height:
            self._scroller.scrollTop = bottom - height
        self._draw()
        if id not in self._drawn:
            return False
        # The heights of rows that were never drawn are guesses.
        self._drawn[id].node.scrollIntoView(_js(block="nearest"))
        return True

    def _activate(self, id: str) -> None:
        before, self._active = self._active, id
        for each in (before, id):
            if isinstance(row := self._drawn.get(each), ChatRow):
                row.set_reach(each == id)

    # What people do

    def _on_click(self, event: Any) -> None:
        node = event.target.closest("[data-chat]")
        if not node:
            return
        id = node.getAttribute("data-chat")
        if event.target.closest('[data-part="menu"]'):
            self._actions.menu(id, part(node, "menu"))
        elif event.target.closest('[data-part="box"]'):
            self._actions.choose(id, bool(part(node, "box").checked), bool(event.shiftKey))
        elif self._is_choosing and event.target.closest('[data-part="link"]'):
            event.preventDefault()
            box = part(node, "box")
            box.checked = not box.checked
            self._actions.choose(id, bool(box.checked), bool(event.shiftKey))
        elif event.target.closest('[data-part="link"]'):
            closeSheet()  # the address changes, and the chat with it
            self._actions.pressed(id)

    def _on_double_click(self, event: Any) -> None:
        node = event.target.closest("[data-chat]")
        if node and event.target.closest('[data-part="link"]') and not self._is_choosing:
            self.rename(node.getAttribute("data-chat"))

    def _on_context_menu(self, event: Any) -> None:
        node = event.target.closest("[data-chat]")
        if node and not event.target.closest("input"):
            event.preventDefault()
            self._actions.menu(node.getAttribute("data-chat"), part(node, "menu"))

    def _on_key(self, event: Any) -> None:
        if event.target.closest('[data-part="field"]'):
            self._on_field_key(event)
            return
        if event.ctrlKey or event.metaKey or event.altKey:
            return
        ids = list(self._places)
        if not ids:
            return
        at = ids.index(self._active)
        match event.key:
            case "ArrowDown":
                self.focus(ids[min(at + 1, len(ids) - 1)])
            case "ArrowUp":
                self.focus(ids[max(at - 1, 0)])
            case "Home":
                self.focus(ids[0])
            case "End":
                self.focus(ids[-1])
            case " " if self._is_choosing and event.target.matches('[data-part="link"]'):
                event.target.click()
            case "F2":
                self.rename(self._active)
            case "Delete":
                self._actions.delete(self._active)
            case _:
                return
        event.preventDefault()

    def _on_field_key(self, event: Any) -> None:
        if event.isComposing or event.keyCode == 229 or event.key not in ("Enter", "Escape"):
            return
        event.preventDefault()
        event.stopPropagation()
        id = self._edited
        self._end_rename(is_kept=event.key == "Enter")
        self.focus(id)

    def _on_focus(self, event: Any) -> None:
        node = event.target.closest("[data-chat]")
        if node:
            self._activate(node.getAttribute("data-chat"))
        elif event.target.isSameNode(self._scroller) and self._active:
            self._activate(self._active)

    def _on_focus_out(self, event: Any) -> None:
        if event.target.closest('[data-part="field"]'):
            self._end_rename(is_kept=True)

    def _end_rename(self, *, is_kept: bool) -> None:
        id, self._edited = self._edited, ""
        if isinstance(row := self._drawn.get(id), ChatRow):
            title = row.end_edit()
            if is_kept and title:
                self._actions.rename(id, title)


def _key(row: Row) -> str:
    return row if isinstance(row, str) else row.id


def _js(**fields: object) -> Any:
    return to_js(fields, dict_converter=Object.fromEntries)
