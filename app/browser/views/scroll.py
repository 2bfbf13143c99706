"""Follows the end of the conversation until the reader scrolls up, and never fights them."""

from typing import Any

from ..dom import Node, find, listen, show

# Pixels from the end that still count as the end: zoom makes scroll positions fractional.
_AT_END = 32
# Pixels from the end from which on the way back is worth a button.
_FAR = 200


class Follower:
    """Keeps the scroller at its end while `following`.

    A reader scrolls up to leave the end; what the page writes only ever moves it down, so the
    direction tells the two apart. Content that shrinks moves it up as well, but to the end.
    """

    def __init__(self) -> None:
        self._scroller: Node = find("scroller")
        self._jump: Node = find("jump")
        self._top = 0.0
        self.following = True
        listen(self._scroller, "scroll", self._on_scroll)
        listen(self._jump, "click", lambda _: self.to_end())

    def settle(self) -> None:
        """Take in where the reader is, before text is added below them.

        Scroll events come with the next frame; a write in between must not overrule the reader.
        """
        self._look()

    def keep_up(self) -> None:
        """Go to the new end if the reader was at the old one."""
        if self.following:
            self._go()
        else:
            self._offer()

    def to_end(self) -> None:
        """Go to the end and follow it from now on."""
        self.following = True
        self._go()

    def _go(self) -> None:
        scroller = self._scroller
        # More than there is: the browser stops at the end.
        scroller.scrollTop = 1 << 30
        self._top = scroller.scrollTop
        show(self._jump, False)

    def _on_scroll(self, _event: Any) -> None:
        self._look()
        self._offer()

    def _look(self) -> None:
        top = self._scroller.scrollTop
        went_up, went_down = top < self._top - 1, top > self._top
        if went_up or (went_down and not self.following):
            self.following = self._left() <= _AT_END
        self._top = top

    def _offer(self) -> None:
        show(self._jump, not self.following and self._left() > _FAR)

    def _left(self) -> float:
        scroller = self._scroller
        return scroller.scrollHeight - scroller.clientHeight - scroller.scrollTop
