"""Finding words in texts, however they are typed: whatever their case, accents, width, quotation
marks and dashes; and the place to show.
"""

import unicodedata
from typing import NamedTuple

# How much of a text is shown around what was found, in characters. The list of chats has room for
# a line of some 28, which must not end before the word.
_BEFORE = 12
_SHOWN = 120
# So much of a text is gone through letter by letter at a time, and so much of the next with it, for
# words that stand on both sides.
_WINDOW = 4000
_OVERLAP = 1000
_PIECE = 200


def fold(text: str) -> str:
    """The text as it is compared: without case, accents and invisible characters, with the
    quotation marks and dashes of a keyboard. Longer or shorter than before.
    """
    if text.isascii():
        return text.lower()
    for mark, typed in _TAKEN_APART.items():
        text = text.replace(mark, typed)
    # Piece by piece: to put a run of marks in order takes time that grows with its square.
    pieces = (text[at : at + _PIECE] for at in range(0, len(text), _PIECE))
    decomposed = "".join(unicodedata.normalize("NFKD", piece) for piece in pieces)
    return decomposed.translate(_AS_TYPED).casefold()


# Letters that decomposing would change: into a space with a mark, two primes.
_TAKEN_APART = {"´": "'", "″": '"', "‶": '"'}

_SINGLE = "‘’‚‛‹›′‵ʹʻʼʽʾʿˈ՚׳ꞌ"
_DOUBLE = "“”„‟«»〝〞〟״ˮ"
_DASHES = "‐‒–—―−⁃╌־᠆⸺⸻〜"


class _AsTyped(dict[int, int | None]):
    """A table for `str.translate`: no marks, nothing invisible. Each character is looked up
    once.
    """

    def __missing__(self, code: int) -> int | None:
        character = chr(code)
        is_unseen = unicodedata.category(character) == "Cf" or 0xFE00 <= code <= 0xFE0F
        self[code] = None if is_unseen or unicodedata.combining(character) else code
        return self[code]


_AS_TYPED = _AsTyped(
    {
        ord(mark): ord(typed)
        for marks, typed in ((_SINGLE, "'"), (_DOUBLE, '"'), (_DASHES, "-"))
        for mark in marks
    }
)


class Piece(NamedTuple):
    """A part of a snippet; `found` where it is one of the words."""

    text: str
    found: bool


class Query:
    """The words of a search: a text fits where all of them are in it, in any order."""

    def __init__(self, text: str) -> None:
        self.words = sorted(set(fold(text).split()), key=len, reverse=True)

    def __bool__(self) -> bool:
        return bool(self.words)

    def fits(self, folded: str) -> bool:
        """Tell whether a text, already folded, has all words. True where there are none."""
        return all(word in folded for word in self.words)

    def missing(self, folded: str) -> list[str]:
        """The words that a text, already folded, lacks."""
        return [word for word in self.words if word not in folded]

    def snippet(self, text: str) -> list[Piece]:
        """One line around the first word found, words marked; from the beginning where none is."""
        first = self._first(text)
        start = _word_start(text, first - _BEFORE)
        cut = text[start : start + _SHOWN]
        pieces = self.marked(" ".join(cut.split()))
        if start > 0:
            pieces.insert(0, Piece("…", False))
        if start + _SHOWN < len(text):
            pieces.append(Piece("…", False))
        return pieces

    def _first(self, text: str) -> int:
        """Find the beginning of the first word in the text; 0 where none is found."""
        for at in range(0, len(text), _WINDOW):
            window = text[at : at + _WINDOW + _OVERLAP]
            folded = fold(window)
            if any(word in folded for word in self.words):
                folded, places = _folded_with_places(window)
                spots = [spot for word in self.words if (spot := folded.find(word)) >= 0]
                if spots:
                    return at + places[min(spots)]
        return 0

    def places(self, text: str) -> list[tuple[int, int]]:
        """Beginning and end of every place of a word in the text, as they stand there."""
        folded, places = _folded_with_places(text)
        found = []
        for word in self.words:
            at = folded.find(word)
            while at >= 0:
                found.append((places[at], places[at + len(word) - 1] + 1))
                at = folded.find(word, at + len(word))
        return sorted(found)

    def marked(self, line: str) -> list[Piece]:
        """The line in pieces, every place of a word marked."""
        is_found = bytearray(len(line))
        for start, end in self.places(line):
            is_found[start:end] = b"\1" * (end - start)
        pieces: list[Piece] = []
        begun = 0
        for at in range(1, len(line) + 1):
            if at == len(line) or is_found[at] != is_found[begun]:
                pieces.append(Piece(line[begun:at], bool(is_found[begun])))
                begun = at
        return pieces


def _folded_with_places(text: str) -> tuple[str, range | list[int]]:
    """The folded text, and for each of its characters the place in the text that it came from."""
    if text.isascii():
        return text.lower(), range(len(text))
    folded: list[str] = []
    places: list[int] = []
    for at, character in enumerate(text):
        each = fold(character)
        folded.append(each)
        places += [at] * len(each)
    return "".join(folded), places


def _word_start(text: str, at: int) -> int:
    if at <= 0:
        return 0
    space = text.find(" ", at, at + _BEFORE // 2)
    return space + 1 if space >= 0 else at
