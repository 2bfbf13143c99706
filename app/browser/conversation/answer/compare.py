"""One question answered in both modes, side by side, each with its numbers."""

from collections.abc import Callable, Sequence

from js import document

from ....core.events import Event
from ...markdown.painter import Painter
from ...web import toast
from ...web.dom import Node, find, listen, part, show
from ..live_answer import LiveAnswer
from ..notices import Notice
from ..turns import Turn
from . import words
from .answer import Answer


class Compare:
    """A dialog with two answers on their way. Both are in the conversation as well, as versions.
    `is_open`: it shows some.
    """

    def __init__(self, painter: Painter, stop: Callable[[], None]) -> None:
        self._painter = painter
        self._dialog: Node = find("compare")
        self._columns: Node = part(self._dialog, "columns")
        self._views: dict[str, Answer] = {}
        self.is_open = False
        self._stop = stop
        listen(find("compare-close"), "click", lambda _: self._dialog.close())
        listen(self._dialog, "close", lambda _: self._leave())

    def open(self, answers: Sequence[LiveAnswer]) -> None:
        """Show these answers, which begin now."""
        self._views = {
            live.id: Answer(self._painter, Turn(False, live.records), live) for live in answers
        }
        self._columns.replaceChildren(*map(_column, words.MODES, self._views.values()))
        self._dialog.showModal()
        self.is_open = True

    def take(self, live: LiveAnswer, batch: Sequence[Event]) -> None:
        """Show the next events of one of them."""
        if (view := self._views.get(live.id)) is not None:
            view.take(batch)

    def tick(self, now: float) -> None:
        """Write their times; `now` on the loop's clock."""
        for view in self._views.values():
            view.tick(now)

    def finish(self, live: LiveAnswer, notice: Notice | None) -> None:
        """Take in that one of them has ended."""
        if (view := self._views.get(live.id)) is not None:
            view.finish(Turn(False, live.records), notice)
            # What can be done with it is done in the conversation.
            show(part(view.article, "actions"), False)
            for button in view.article.querySelectorAll(".notice button"):
                show(button, False)

    def _leave(self) -> None:
        """End the answers where the dialog is closed in mid-answer: nobody waits for the rest."""
        if any(view.live is not None for view in self._views.values()):
            self._stop()
        self._views = {}
        self.is_open = False
        self._columns.replaceChildren()
        toast.show(words.COMPARED)


def _column(mode: str, view: Answer) -> Node:
    column, heading = document.createElement("section"), document.createElement("h3")
    heading.textContent = mode
    column.setAttribute("aria-label", mode)
    column.append(heading, view.article)
    return column
