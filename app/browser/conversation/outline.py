"""The outline of a chat: its questions, and the headings of the answers. Drawn only while it is
seen.
"""

import asyncio
from typing import Any, NamedTuple

from js import document
from tokenfall_page import closeSheet, isFrameOpen, openDrawer

from ...core.text.text_files import attached, name_of
from ...history.records import title_of
from ..consent import words as consent_words
from ..web import shortcuts
from ..web.dom import Node, find, listen, show
from ..web.plain_text import short
from ..web.tasks import beside
from . import words
from .chat_view import ChatView
from .jumps import HEADINGS, Jumps
from .transcript_entry import Entry
from .turns import Turn, turns

# More rows than these are of no use to anybody.
_MOST = 1000
_CHARACTERS = 160
# How long it waits before it looks again what has been drawn.
_PAUSE_S = 0.25
# The first lines below the upper edge, in pixels: where the reader is.
_HERE = 40


class _Row(NamedTuple):
    """A question, or a heading of an answer: `heading` is its number there."""

    turn_id: str
    label: str
    level: int = 0
    heading: int | None = None


class Outline:
    """Fills the panel "Outline" of the drawer."""

    def __init__(self, view: ChatView, jumps: Jumps) -> None:
        self._view = view
        self._jumps = jumps
        self._panel: Node = find("panel-outline")
        self._rows: list[_Row] = []
        # What an answer that has ended says of its headings stays: asking the page costs.
        self._headings: dict[Entry, list[_Row]] = {}
        self._is_waiting = False
        listen(find("tab-outline"), "chosen", lambda _: self.refresh())
        listen(find("open-drawer"), "click", lambda _: self.refresh())
        listen(find("outline"), "click", self._on_click)
        listen(find("scroller"), "scrollend", lambda _: self._show_here())
        shortcuts.register("outline", "", words.OUTLINE, lambda: openDrawer("outline"))
        view.transcript.on_change = self.refresh

    def refresh(self) -> None:
        """Show the present outline; costs nothing while nobody looks."""
        if not self._is_seen:
            return
        rows = self._found()
        if rows != self._rows:
            self._rows = rows
            find("outline").replaceChildren(*map(_drawn, rows[:_MOST]))
            show(find("outline-none"), not rows)
            show(find("outline-more"), len(rows) > _MOST)
            find("outline-more").textContent = words.more_of_outline(len(rows) - _MOST)
        self._show_here()
        if not self._is_waiting and not self._view.transcript.is_drawn:
            self._is_waiting = True
            beside(self._refresh_later())

    async def _refresh_later(self) -> None:
        """Refresh after a pause: headings are known once they are drawn."""
        await asyncio.sleep(_PAUSE_S)
        self._is_waiting = False
        self.refresh()

    @property
    def _is_seen(self) -> bool:
        return bool(isFrameOpen("drawer")) and not self._panel.hidden

    def _found(self) -> list[_Row]:
        entries = {entry.turn.id: entry for entry in self._view.transcript.entries}
        there = set(entries.values())
        self._headings = {one: rows for one, rows in self._headings.items() if one in there}
        rows: list[_Row] = []
        for turn in turns(self._view.shown.tree):
            if turn.is_question:
                rows.append(_Row(turn.id, short(_label(turn), _CHARACTERS)))
            elif (entry := entries.get(turn.id)) is not None:
                rows += self._headings_of(entry)
        return rows

    def _headings_of(self, entry: Entry) -> list[_Row]:
        if (known := self._headings.get(entry)) is not None:
            return known
        found = [
            _Row(entry.turn.id, short(text, _CHARACTERS), int(heading.className[-1]), number)
            for number, heading in enumerate(entry.view.article.querySelectorAll(HEADINGS))
            if (text := str(heading.textContent).strip())
        ]
        if entry.is_drawn and not entry.is_live:
            self._headings[entry] = found
        return found

    def _show_here(self) -> None:
        """Mark the question that the reader is at."""
        if not self._is_seen:
            return
        follower = self._view.follower
        here = self._view.transcript.entry_at(follower.upper_edge() + _HERE)
        ids = [turn.id for turn in turns(self._view.shown.tree)]
        upto = set(ids[: ids.index(here.turn.id) + 1]) if here and here.turn.id in ids else set()
        shown = enumerate(self._rows[:_MOST])
        at = [place for place, row in shown if not row.level and row.turn_id in upto]
        outline = find("outline")
        if before := outline.querySelector("[aria-current]"):
            before.removeAttribute("aria-current")
        if at:
            button = outline.children.item(at[-1]).firstElementChild
            button.setAttribute("aria-current", "true")

    def _on_click(self, event: Any) -> None:
        button = event.target.closest("button")
        if not button:
            return
        rows = list(find("outline").children)
        at = next(n for n, row in enumerate(rows) if row.contains(button))
        row = self._rows[at]
        closeSheet()  # where it lies over the conversation
        beside(self._jumps.go_to(row.turn_id, row.heading, focus=True))


def _label(turn: Turn) -> str:
    names = (name_of(part) for part in attached(turn.last.message.parts))
    return title_of(turn.text) or next(filter(None, names), "") or consent_words.UNTITLED


def _drawn(row: _Row) -> Node:
    item, button = document.createElement("li"), document.createElement("button")
    button.type = "button"
    button.className = "outline-row"
    button.dir = "auto"
    button.setAttribute("data-level", str(row.level))
    button.textContent = row.label
    item.append(button)
    return item
