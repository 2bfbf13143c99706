"""One turn in the transcript, with its view."""

from datetime import date

from js import document

from ...history.days import local
from ..web.dom import Node
from .answer.answer import Answer
from .question import Question
from .turns import Turn

View = Question | Answer


class Entry:
    """A turn with its view."""

    def __init__(self, turn: Turn, view: View) -> None:
        self.turn = turn
        self.view = view
        self.day = day_of(turn)
        self.is_stale = False  # what is drawn is not what there is
        self._heading: Node = None

    @property
    def is_drawn(self) -> bool:
        """Tell whether the whole turn is drawn."""
        return isinstance(self.view, Question) or self.view.is_drawn

    @property
    def is_live(self) -> bool:
        """Tell whether it is an answer on its way."""
        return isinstance(self.view, Answer) and self.view.live is not None

    @property
    def top(self) -> float:
        """The upper edge of the turn, in the window."""
        return float(self.view.article.getBoundingClientRect().top)

    def leave(self) -> None:
        """Let go of the parts that only a shown turn needs."""
        if isinstance(self.view, Answer):
            self.view.leave()

    def remove(self) -> None:
        """Take it out of the transcript."""
        self.leave()
        self.show_day("")
        self.view.article.remove()

    def lay_out(self) -> None:
        """Have its size be known, however far it is from the view."""
        if isinstance(self.view, Answer):
            self.view.expect_layout()
        article = self.view.article
        for far in (article, *article.querySelectorAll(".far")):
            far.classList.remove("far")

    def show_day(self, heading: str) -> None:
        """Put a heading above it; "" takes it away."""
        known = self._heading.textContent if self._heading else ""
        if heading == known:
            return
        if self._heading:
            self._heading.remove()
            self._heading = None
        if heading:
            self._heading = document.createElement("p")
            self._heading.className = "day"
            self._heading.textContent = heading
            self.view.article.before(self._heading)

    def shows(self, turn: Turn) -> bool:
        """Tell whether this turn needs no drawing."""
        mine = self.turn
        if self.is_stale:
            return False
        # Whose records are the same, which is quickly seen.
        if (mine.number, mine.count) == (turn.number, turn.count) and mine.records == turn.records:
            return True
        if (mine.id, mine.number, mine.count) != (turn.id, turn.number, turn.count):
            return False
        if self.is_live or mine.last.id != turn.last.id:
            return self.is_live
        # Another tab may be writing it.
        return mine.last.message is turn.last.message or mine.last.message == turn.last.message


def day_of(turn: Turn) -> date | None:
    """Find the day of a turn, None where nobody knows it."""
    at_ms = turn.records[0].created_ms
    return local(at_ms).date() if at_ms > 0 else None
