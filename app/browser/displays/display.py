"""A box of the page for a display in a frame apart. It says what it is, and is as high as its
content, within bounds.
"""

from collections.abc import Callable
from hashlib import sha256
from typing import Any

from ..web.dom import Node, clone, part, save_file, show
from . import words
from .frames import Frame

_HEIGHTS_KEPT = 200

# Heights of the displays so far: the next time there is room for it at once.
_heights: dict[str, float] = {}


class Display:
    """A box of one `kind`: a `diagram` or `picture`, which are SVG, or else HTML. `frames` is the
    module of the frames.
    """

    def __init__(self, frames: Node, kind: str) -> None:
        self.element: Node = clone("template-display")
        self.kind = kind
        self.is_dark = False  # the theme that a diagram was drawn for
        self._frames = frames
        self._frame: Frame | None = None
        self._is_near = True  # to what is seen
        self._content = ""
        self._key = ""  # by which its height is known
        self._paper = "#fff"
        self._save: Callable[[bytes], None] | None = None
        self.element.setAttribute("aria-label", words.TITLES[kind])
        part(self.element, "title").textContent = words.TITLES[kind]
        self._place = part(self.element, "place")

    @property
    def begins(self) -> bool:
        """Tell whether it is drawn once it comes near what is seen, and has not been."""
        return False

    async def begin(self, *, is_pressed: bool = False) -> None:
        """Draw it, if nothing stands against that; a person may have pressed for it."""

    @property
    def is_picture(self) -> bool:
        """Tell whether it is SVG."""
        return self.kind in ("diagram", "picture")

    def show(self, content: str, paper: str = "#fff") -> None:
        """Show this; on `paper`, a colour, where it has none of its own."""
        self._content, self._paper = content, paper
        self._key = sha256(content.encode("utf-8", "replace")).hexdigest()
        self.say("")
        show(self._place, True)
        show(part(self.element, "picture-tools"), self.is_picture)
        if self._key in _heights:
            self._place.style.blockSize = f"{_heights[self._key]}px"
        if self._frame is not None:
            self._frame.end()
        if self._is_near or self.kind == "page":
            self._start()

    def say(self, sentence: str, *, is_failure: bool = False, go: str = "") -> None:
        """Say this beneath it; `go` is a button's label."""
        note = part(self.element, "note")
        note.textContent = sentence
        show(note, bool(sentence))
        self.element.setAttribute("data-state", "failed" if is_failure else "shown")
        row = part(self.element, "row")
        row.querySelector("button").textContent = go
        show(row, bool(go))

    def fail(self, sentence: str, go: str = "") -> None:
        """Say why there is nothing to see."""
        self.end()
        show(self._place, False)
        show(part(self.element, "picture-tools"), False)
        self.say(sentence, is_failure=True, go=go)

    def sight(self, is_near: bool) -> None:
        """Take in that the box came near to the view, or left it. A picture far from it needs no
        frame.
        """
        self._is_near = is_near
        if self.kind == "page" or not self._content:
            return
        if is_near and self._frame is None and not self._place.hidden:
            self._start()
        elif not is_near:
            self.end()

    def zoom(self, to: str) -> None:
        """`in`, `out`, or `fit`: so that all of it is seen."""
        if self._frame is not None:
            self._frame.send("zoom", to=to)

    def save_svg(self, name: str) -> None:
        """Save the picture as it is drawn."""
        save_file(self._content, f"{name}.svg", "image/svg+xml")

    def save_png(self, name: str) -> None:
        """Save the picture as pixels, on its paper."""
        if self._frame is not None:
            self._save = lambda data: save_file(data, f"{name}.png", "image/png")
            self._frame.send("bitmap", paper=self._paper)

    def end(self) -> None:
        """Take the frame away."""
        if self._frame is not None:
            self._frame.end()

    def _start(self) -> None:
        title = words.FRAMES[self.kind]
        self._frame = Frame(self._frames, self._place, title, self._take)
        if not self.is_picture:
            self._frame.send("page", html=self._content, label=title)
        else:
            self._frame.send("picture", svg=self._content, label=title, paper=self._paper)

    def _way_out(self) -> Node:
        """Find the button to which Esc leads from the frame."""
        return self.element.querySelector('[data-display="source"]')

    def _take(self, type: str, value: Any) -> None:
        match type, value:
            case "height", int() | float() as height:
                self._place.style.blockSize = f"{height}px"
                _remember(self._key, height)
            case "failed", _:
                self.fail(words.NO_PICTURE)
            case "bitmap", None:
                self.say(words.NO_BITMAP)
            case "bitmap", data if self._save is not None:
                self._save(data.to_bytes())
                self._save = None
            case "escape", _:
                self._way_out().focus()
            case "link", _:
                self.say(words.LINKS_STAY)
            case "ended", reason:
                self._frame = None
                if reason in words.ENDED:
                    self.fail(words.ENDED[reason], words.SHOW_AGAIN)


def _remember(key: str, height: float) -> None:
    _heights.pop(key, None)
    _heights[key] = height
    if len(_heights) > _HEIGHTS_KEPT:
        _heights.pop(next(iter(_heights)))
