"""The conversation: questions and answers in order, the latest first to be drawn."""

import asyncio
from bisect import bisect_right
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from js import performance

from ...history.records import CLOSED
from ..markdown.painter import Painter
from ..web.dom import Node, find, js_object, listen, part, show
from . import notices, times, words
from .answer.answer import Answer
from .drawing_marks import DrawingMarks
from .live_answer import LiveAnswer
from .question import Question
from .scroll import Follower
from .transcript_entry import Entry, View, day_of
from .turns import Turn

# What is drawn before anything is seen, in turns or characters, whichever is less: more than a
# window full. The rest follows above it while nothing else happens.
_TURNS_AT_ONCE = 20
_CHARACTERS_AT_ONCE = 3500
# Where the reader was further up, it is drawn from there on, if that is no more than this.
_TURNS_FROM_PLACE = 60
_CHARACTERS_FROM_PLACE = 60_000
# How long drawing may hold up the page at a time, in milliseconds.
_SLICE_MS = 12.0
# The same where somebody waits for it.
_HURRIED_SLICE_MS = 80.0
# How long it waits before it looks again whether a turn is drawn.
_PAUSE_S = 0.02


class Transcript:
    """Shows the turns of one chat at a time.

    `live_of(turn)` gives the answer on its way that is a part of this turn, if there is one.
    `on_change` is called when more or other turns are shown.
    """

    def __init__(
        self,
        painter: Painter,
        live_of: Callable[[Turn], LiveAnswer | None],
        marks: DrawingMarks,
        follower: Follower,
    ) -> None:
        self._painter = painter
        self._follower = follower
        self._marks = marks
        self._live_of = live_of
        self._root: Node = find("transcript")
        self._entries: list[Entry] = []
        self._above: list[Turn] = []  # not drawn yet
        self._drawing: asyncio.Task[None] | None = None
        self._from_id = ""  # the turn from which on it is drawn at once
        self._today = date.today()
        self._wanted = 0  # how many wait for a turn further up
        self.on_change: Callable[[], None] = lambda: None
        self._formats_questions = True
        listen(find("skip-to-latest"), "click", self._skip_to_latest)

    def show(self, turns: Sequence[Turn]) -> None:
        """Show these turns and no others; those that are drawn already stay as they are."""
        above = len(self._above)
        kept = self._kept(turns[above:]) if self._is_same_above(turns) else 0
        if not kept and above:
            above = 0
            self._above = []
        for entry in self._entries[kept:]:
            entry.remove()
        del self._entries[kept:]
        rest = list(turns[above + kept :])
        if not self._entries:
            first = _first_drawn(rest, self._from_id)
            self._above, rest = rest[:first], rest[first:]
        made = [self._draw(turn) for turn in rest]
        self._entries += made
        self._root.append(*[entry.view.article for entry in made])
        self._show_days()
        show(find("welcome"), not turns)
        if self._above and self._drawing is None:
            self._drawing = asyncio.ensure_future(self._draw_above())
        self.on_change()

    @property
    def entries(self) -> Sequence[Entry]:
        """The drawn turns, in order."""
        return self._entries

    @property
    def is_drawn(self) -> bool:
        """Tell whether every turn is drawn."""
        return not self._above and all(entry.is_drawn for entry in self._entries)

    def format_questions(self, on: bool) -> None:
        """Show code and lists in questions as such, or the typed text."""
        if on != self._formats_questions:
            self._formats_questions = on
            for entry in self._entries:
                if isinstance(entry.view, Question):
                    entry.view.format(on)

    def refresh_times(self) -> None:
        """Write the times of messages anew: another day may have begun."""
        if self._today != date.today():
            self._today = date.today()
            for entry in self._entries:
                entry.view.say_when()
            self._show_days()

    def clear(self, from_id: str = "") -> None:
        """Show nothing. The next turns are drawn at once from `from_id` on, if that is not too
        much.
        """
        self._from_id = from_id
        self._above = []
        for entry in self._entries:
            entry.leave()
        self._entries = []
        self._root.replaceChildren()
        show(find("welcome"), True)
        find("scroller").scrollTop = 0

    def live_view(self, live: LiveAnswer) -> Answer | None:
        """The view of an answer on its way, None where it is not shown."""
        for entry in reversed(self._entries):
            if isinstance(entry.view, Answer) and entry.view.live is live:
                return entry.view
        return None

    def entry(self, id: str) -> Entry | None:
        """The turn whose first message has this id, None where it is not drawn."""
        return next((entry for entry in reversed(self._entries) if entry.turn.id == id), None)

    async def drawn(self, id: str) -> Entry | None:
        """Wait for the turn of this id to be drawn whole: turns further up are drawn last. None
        where it is not among the shown ones.
        """
        self._wanted += 1
        try:
            while (entry := self.entry(id)) is None or not entry.is_drawn:
                if entry is None and all(turn.id != id for turn in self._above):
                    return None
                await asyncio.sleep(_PAUSE_S)
            return entry
        finally:
            self._wanted -= 1

    def entry_at(self, y: float) -> Entry | None:
        """The last turn that begins at or above this height of the window, else the first."""
        at = bisect_right(self._entries, y, key=lambda one: one.top)
        return self._entries[max(at - 1, 0)] if self._entries else None

    def edited(self) -> View | None:
        """Find the view that is being edited."""
        return next((entry.view for entry in self._entries if entry.view.is_edited), None)

    def focus_pager(self, others: Sequence[str], action: str) -> None:
        """Go back to the pager of these siblings, which was drawn anew with another of them."""
        for entry in self._entries:
            if entry.turn.others == others:
                pager = part(entry.view.article, "pager")
                button = pager.querySelector(f'[data-action="{action}"]')
                # At the end of the row the way back is left.
                (pager.querySelector("button:enabled") if button.disabled else button).focus()
                entry.view.article.scrollIntoView(js_object(block="nearest"))

    def finish(self, view: Answer, turn: Turn, notice: notices.Notice | None) -> None:
        """Show the end of an answer that was on its way."""
        entry = next(entry for entry in self._entries if entry.view is view)
        entry.turn = turn
        view.finish(turn, notice)
        _mark(entry)
        self.on_change()

    def _skip_to_latest(self, event: Any) -> None:
        if self._entries:  # else the link leads to where it says
            event.preventDefault()
            latest = self._entries[-1].view.article
            latest.tabIndex = -1
            latest.focus(js_object(preventScroll=True))
            latest.scrollIntoView(js_object(block="start"))

    def _show_days(self) -> None:
        """Put a heading where a day begins; a chat of today alone needs none."""
        before = day_of(self._above[-1]) if self._above else None
        for entry in self._entries:
            is_first = entry.day != (self._today if before is None else before)
            entry.show_day(times.day(entry.day, self._today) if entry.day and is_first else "")
            before = entry.day or before

    def _draw(self, turn: Turn) -> Entry:
        if turn.is_question:
            entry = Entry(turn, Question(turn, is_formatted=self._formats_questions))
        else:
            live = self._live_of(turn)
            view = Answer(self._painter, turn, live, self._marks)
            entry = Entry(turn, view)
            if live is None:
                speaker = turn.last.source.partition(" · ")[0]
                was_closed = turn.last.note == CLOSED
                notice = notices.notice_of(turn.messages, speaker, was_closed=was_closed)
                if turn.last.run and turn.last.message.status is None:
                    notice = notices.ON_SERVER
                if notice is not None:
                    view.show_notice(notice, can_go_on=bool(turn.text))
        _mark(entry)
        return entry

    def _kept(self, turns: Sequence[Turn]) -> int:
        """Count the drawn turns that stay."""
        kept = 0
        for entry, turn in zip(self._entries, turns, strict=False):
            if not entry.shows(turn):
                break
            entry.turn = turn
            kept += 1
        return kept

    def _is_same_above(self, turns: Sequence[Turn]) -> bool:
        known = [(turn.id, turn.count) for turn in self._above]
        return known == [(turn.id, turn.count) for turn in turns[: len(known)]]

    async def _draw_above(self) -> None:
        """Draw the turns further up, a little at a time; the reader's view does not move."""
        try:
            while self._above:
                await asyncio.sleep(0.01)
                above = self._above
                made = self._draw_some()
                while self._above is above and not all(entry.is_drawn for entry in made):
                    await asyncio.sleep(0.01)
                if made and self._above is above:
                    del above[len(above) - len(made) :]
                    self._put_above(made)
        finally:
            self._drawing = None

    def _draw_some(self) -> list[Entry]:
        """Draw as many of those above as there is time for, one at least."""
        began_ms = performance.now()
        made: list[Entry] = []
        for turn in reversed(self._above):
            made.insert(0, self._draw(turn))
            if performance.now() - began_ms >= (_HURRIED_SLICE_MS if self._wanted else _SLICE_MS):
                break
        return made

    def _put_above(self, made: list[Entry]) -> None:
        for entry in made:
            entry.view.article.classList.add("far")  # not laid out before it comes near

        def put() -> None:
            self._root.prepend(*[entry.view.article for entry in made])
            for entry in made:
                if not entry.turn.is_question:
                    self._marks.watch(entry.view.article)
            self._entries[:0] = made
            self._show_days()

        self._follower.put_above(put)
        self.on_change()


def _first_drawn(turns: Sequence[Turn], from_id: str) -> int:
    """The number of the first turn that is drawn at once: `from_id`, where that is near enough."""
    first = _first_within(turns, _TURNS_AT_ONCE, _CHARACTERS_AT_ONCE)
    if from_id:
        least = _first_within(turns, _TURNS_FROM_PLACE, _CHARACTERS_FROM_PLACE)
        return next((at for at in range(least, first) if turns[at].id == from_id), first)
    return first


def _first_within(turns: Sequence[Turn], most: int, most_characters: int) -> int:
    first, characters = len(turns), 0
    while first > max(len(turns) - most, 0) and characters < most_characters:
        first -= 1
        characters += len(turns[first].text)
    return first


def _mark(entry: Entry) -> None:
    """Name the turn on its article, and show its place among its siblings."""
    turn, article = entry.turn, entry.view.article
    article.setAttribute("data-turn", turn.id)
    pager = part(article, "pager")
    show(pager, turn.count > 1)
    part(pager, "place").textContent = words.place(turn.number, turn.count)
    what = "Question" if turn.is_question else "Answer"
    pager.setAttribute("aria-label", words.place_spoken(what, turn.number, turn.count))
    pager.querySelector('[data-action="earlier"]').disabled = turn.number <= 1
    pager.querySelector('[data-action="later"]').disabled = turn.number >= turn.count
