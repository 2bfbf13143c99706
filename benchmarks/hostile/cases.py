"""One hostile text: how it is made at a length, and where in the page it goes."""

from collections.abc import Callable
from dataclasses import dataclass

Make = Callable[[int], str]


@dataclass(frozen=True, slots=True)
class Case:
    """`make` gives a text of about so many characters; `surface` is the name of what shows it, one
    of `inside.SURFACES`.
    """

    name: str
    make: Make
    surface: str = "answer"
    characters: int = 100_000

    @property
    def text(self) -> str:
        return self.make(self.characters)


def repeated(piece: str, before: str = "", after: str = "") -> Make:
    """One piece again and again, as often as it fits."""

    def make(characters: int) -> str:
        room = characters - len(before) - len(after)
        return before + piece * (room // len(piece)) + after

    return make


def nested(opening: str, closing: str, inner: str = "a") -> Make:
    """As many openings as fit, and as many closings."""

    def make(characters: int) -> str:
        count = characters // (len(opening) + len(closing))
        return opening * count + inner + closing * count

    return make


def fixed(text: str) -> Make:
    """Make this text, whatever the length."""
    return lambda _characters: text
