"""Follows the end of the conversation until the reader scrolls up, and never fights them."""

import asyncio
from collections.abc import Callable
from typing import Any

from js import document, performance, setTimeout
from pyodide.ffi import create_proxy

from ..web.dom import Node, find, listen, listen_passive, part, show

# Pixels from the end that still count as the end: zoom makes scroll positions fractional.
_AT_END = 32
# Pixels from the end from which on the way back is worth a button.
_FAR = 200
# For so long after the reader has reached for the wheel, a key or the scroll bar, nothing is
# written: what they do shows in the scroll position only frames later, when it moves smoothly.
_HOLD_MS = 200
# A finger lets go before the page has come to rest, and of a scroll bar nobody hears the end.
_LONG_HOLD_MS = 1000

# Keys that scroll from the message box, where it has no use for them, and how far a page goes.
_SCROLL_KEYS = frozenset({"PageUp", "PageDown", "Home", "End"})
_PAGE = 0.875

_UP_KEYS = frozenset({"ArrowUp", "PageUp", "Home"})
_WRITTEN = "textarea, input, select"


class Follower:
    """Keeps the scroller at its end while `following`.

    Nothing tells who moved a scroller. The page's own writing only ever moves it down, so going up
    is the reader's doing, whatever they did it with (find in page moves it without a key); content
    that shrinks moves it up as well, but to the end. A change above the reader moves it as far as
    the whole grew or shrank.
    """

    def __init__(self) -> None:
        self._scroller: Node = find("scroller")
        self._jump: Node = find("jump")
        self._box: Node = find("message")
        self._top = 0.0
        self._height = 0.0
        self._held_until_ms = 0.0
        self._is_touched = False
        self._moves = 0  # how often the reader, or something for them, set out for a place
        self._is_offered = False  # the way back to the end
        self._on_hold_over = create_proxy(self._go_on)
        self.following = True
        scroller = self._scroller
        listen(scroller, "scroll", self._on_scroll)
        listen(self._jump, "click", lambda _: self.to_end())
        # Passive, or every turn of the wheel would wait for Python.
        listen_passive(scroller, "wheel", self._on_wheel)
        listen_passive(scroller, "touchstart", lambda _: self._on_touch(True))
        for kind in ("touchend", "touchcancel"):
            listen_passive(scroller, kind, lambda _: self._on_touch(False))
        listen(scroller, "pointerdown", self._on_press)
        listen(document, "keydown", self._on_key)

    def settle(self) -> None:
        """Take in where the reader is, before text is added below them.

        Scroll events come with the next frame; a write in between must not overrule the reader.
        """
        scroller = self._scroller
        top, height = scroller.scrollTop, scroller.scrollHeight
        moved, grown = top - self._top, height - self._height
        self._top, self._height = top, height
        if moved < 0 and self.following:
            is_held = self._is_held
            left = height - scroller.clientHeight - top
            if moved < (0 if is_held else -1) and left > (1 if is_held else _AT_END):
                self.following = False
        elif moved > 0 and not self.following:
            left = height - scroller.clientHeight - top
            if left <= _AT_END and abs(moved - grown) > 1:
                self.following = True

    def keep_up(self) -> None:
        """Go to the new end if the reader was at the old one."""
        if not self.following:
            self._offer(is_new=True)
        elif not self._is_held:
            self._go()

    def to_end(self) -> None:
        """Go to the end and follow it from now on."""
        self.following = True
        self._held_until_ms = 0
        self._go()

    def to_start(self) -> None:
        """Go to the beginning, as a chat in which nothing is said yet wants it; follow its end."""
        self.to_end()
        self._scroller.scrollTop = self._top = 0

    def put_above(self, change: Callable[[], None]) -> None:
        """Have `change` put something above the reader's place, which stays where it is."""
        # Where they went since was not told yet, and would be taken for a part of what comes.
        self.settle()
        scroller = self._scroller
        # Some browsers keep the place by themselves; twice would be wrong.
        scroller.classList.add("unanchored")
        change()
        scroller.scrollTop += scroller.scrollHeight - self._height
        scroller.classList.remove("unanchored")
        self._top, self._height = scroller.scrollTop, scroller.scrollHeight

    async def leave_for(self, move: Callable[[], None]) -> None:
        """Leave the end, and `move` to a place. Twice: turns that come near with the first may turn
        out larger or smaller than was thought. A reader who has gone elsewhere meanwhile stays
        there.
        """
        self.following = False
        self._moves += 1
        mine = self._moves
        for pause_s in (0.1, 0):
            if not self.following and mine == self._moves:
                move()
                await asyncio.sleep(pause_s)

    def upper_edge(self) -> float:
        """The upper edge of the view, in the window."""
        return float(self._scroller.getBoundingClientRect().top)

    def move_by(self, pixels: float) -> None:
        """Move the view's content so far down."""
        self._scroller.scrollTop += pixels

    def make_room(self) -> None:
        """Let the last question stand near the top, with room below for its answer to come."""
        questions = find("transcript").querySelectorAll(".question")
        if questions.length:
            height = questions.item(questions.length - 1).offsetHeight
            self._scroller.style.setProperty("--question", f"{height}px")
            self._scroller.classList.add("with-room")

    def take_room(self) -> None:
        """Let the conversation end where its text does: one that is opened, not asked in."""
        self._scroller.classList.remove("with-room")

    @property
    def _is_held(self) -> bool:
        until_ms = self._held_until_ms
        return self._is_touched or bool(until_ms and performance.now() < until_ms)

    def _hold(self, how_long_ms: int) -> None:
        self._moves += 1
        self._held_until_ms = performance.now() + how_long_ms
        if self.following:
            setTimeout(self._on_hold_over, how_long_ms + 1)

    def _go_on(self) -> None:
        """Show the text that came meanwhile: the reader reached for something and did not move."""
        self.settle()
        if self.following and not self._is_held:
            self._go()

    def _go(self) -> None:
        scroller = self._scroller
        # More than there is: the browser stops at the end.
        scroller.scrollTop = 1 << 30
        self._top, self._height = scroller.scrollTop, scroller.scrollHeight
        if self._is_offered:
            self._offer()

    def _on_wheel(self, event: Any) -> None:
        self._moves += 1
        if event.deltaY < 0:
            self._hold(_HOLD_MS)

    def _on_touch(self, begins: bool) -> None:
        self._is_touched = begins
        self._hold(_LONG_HOLD_MS)

    def _on_press(self, event: Any) -> None:
        # Only the scroll bar lies in the scroller itself and in nothing inside of it.
        if event.target.isSameNode(self._scroller):
            self._hold(_LONG_HOLD_MS)

    def _on_key(self, event: Any) -> None:
        key = event.key
        if event.target.isSameNode(self._box):
            if key in _SCROLL_KEYS and not self._needs(event):
                event.preventDefault()
                self._scroll(key)
        elif (key in _UP_KEYS or (key == " " and event.shiftKey)) and not event.target.matches(
            _WRITTEN
        ):
            self._hold(_HOLD_MS)

    def _needs(self, event: Any) -> bool:
        """Tell whether the message box has a use of its own for a key that scrolls."""
        if event.isComposing or event.shiftKey or event.altKey or event.ctrlKey or event.metaKey:
            return True
        if event.key in ("Home", "End"):
            return bool(self._box.value)
        return bool(self._box.scrollHeight > self._box.clientHeight + 1)

    def _scroll(self, key: str) -> None:
        self._moves += 1
        page = self._scroller.clientHeight * _PAGE
        match key:
            case "End":
                self.to_end()
            case "Home":
                self._scroller.scrollTop = 0
            case "PageUp":
                self.move_by(-page)
            case "PageDown":
                self.move_by(page)
        self.settle()

    def _on_scroll(self, _event: Any) -> None:
        self.settle()
        self._offer()

    def _offer(self, *, is_new: bool = False) -> None:
        """Offer the way back to a reader away from the end."""
        is_away = not self.following and self._left() > _FAR
        if not is_away and not self._is_offered:
            return
        self._is_offered = is_away
        show(find("jumps"), is_away)
        if is_new or not is_away:
            show(part(self._jump, "dot"), is_new and is_away)

    def _left(self) -> float:
        scroller = self._scroller
        return scroller.scrollHeight - scroller.clientHeight - scroller.scrollTop
