"""Going to a turn of the chat that is shown: from question to question, by keys and by the buttons
that come when the end is far, and to a heading.
"""

from collections.abc import Iterator
from functools import partial

from ..web import shortcuts
from ..web.dom import Node, announce, find, js_object, listen
from ..web.tasks import beside
from . import words
from .chat_view import ChatView
from .turns import Turn, turns

# What begins within so many pixels of the upper edge is where the reader is.
_NEAR = 40
HEADINGS = '[data-part="text"] [class^="level-"]'


class Jumps:
    """One for the page."""

    def __init__(self, view: ChatView) -> None:
        self._view = view
        for by, name, keys, label in (
            (-1, "earlier-question", "Alt+ArrowUp Alt+PageUp", words.EARLIER_QUESTION),
            (1, "later-question", "Alt+ArrowDown Alt+PageDown", words.LATER_QUESTION),
        ):
            step = partial(self.step, by)
            shortcuts.register(name, keys, label, step, when=self._has_questions)
            listen(find(name), "click", step)

    def step(self, by: int, _event: object = None) -> None:
        """Go to the question before (-1) the upper edge, or after it (1); after the last one to the
        end.
        """
        all_turns = turns(self._view.shown.tree)
        found = next(self._questions(all_turns, by), None)
        if found is not None:
            questions = [turn.id for turn in all_turns if turn.is_question]
            place = words.place_spoken("Question", questions.index(found.id) + 1, len(questions))
            announce(f"{place}: {found.text[:200]}")
            beside(self.go_to(found.id))
        elif by > 0:
            self._view.follower.to_end()

    async def go_to(self, turn_id: str, heading: int | None = None, *, focus: bool = False) -> None:
        """Go to a turn, or to the heading of this number in it, as soon as it is drawn."""
        view, chat = self._view, self._view.shown
        entry = await view.transcript.drawn(turn_id)
        if entry is None or view.shown is not chat:
            return
        entry.lay_out()
        place: Node = entry.view.article
        if heading is not None:
            headings = place.querySelectorAll(HEADINGS)
            place = headings.item(heading) if heading < headings.length else place
        if focus:
            place.tabIndex = -1
            place.focus(js_object(preventScroll=True))
        await view.follower.leave_for(lambda: place.scrollIntoView(js_object(block="start")))

    def _questions(self, all_turns: list[Turn], by: int) -> Iterator[Turn]:
        """The questions in this direction, from where the reader is."""
        edge = self._view.follower.upper_edge()
        here = self._view.transcript.entry_at(edge + _NEAR)
        at = next((n for n, turn in enumerate(all_turns) if here and turn.id == here.turn.id), 0)
        if by > 0:
            rest = all_turns[at + 1 :]
        else:
            # The question that is read has its beginning further up.
            is_begun = here is not None and here.top < edge - 1
            rest = all_turns[: at + is_begun][::-1]
        return (turn for turn in rest if turn.is_question)

    def _has_questions(self) -> bool:
        return bool(self._view.shown.chat.head)
