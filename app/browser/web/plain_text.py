"""Text from outside in a form that a browser can lay out, however long or odd it is. Kept, copied,
exported or sent, it is whole.
"""

from js import RegExp, String

from ...core.text.visible_text import readable

# The shown length of a name or a title.
NAME_CHARACTERS = 200
# More marks than these on one letter nobody reads, and to place them takes time that grows with
# their square: 100,000 of them held the page up for 23 seconds.
_MOST_MARKS = 12
# Of millions at once the expression runs out of the browser's stack.
_AT_ONCE = 50_000
_MARKS = RegExp.new(rf"(\p{{M}}{{{_MOST_MARKS}}})\p{{M}}+", "gu")


def short(text: str, most: int = NAME_CHARACTERS) -> str:
    """Cut a text to its beginning, for a place with a line or two."""
    text = text if len(text) <= most else f"{text[: most - 1]}…"
    return text if text.isascii() else str(String.new(text).replace(_MARKS, "$1"))


def short_name(text: str, most: int = NAME_CHARACTERS) -> str:
    """The same of a name, or of words of ours around one: letters in it that hide or turn others
    are written as escapes, so that it is here what it is where the person is asked about it.
    """
    return short(readable(short(text, most)), most)


class Calmed:
    """Takes text in pieces, and gives them without the marks that nobody could read."""

    def __init__(self) -> None:
        self._before = ""

    def feed(self, text: str) -> str:
        """Give the next piece."""
        if text.isascii():
            self._before = ""
            return text
        pieces = (text[at : at + _AT_ONCE] for at in range(0, len(text), _AT_ONCE))
        return "".join(map(self._calmed, pieces))

    def _calmed(self, text: str) -> str:
        calm = str(String.new(self._before + text).replace(_MARKS, "$1"))
        piece = calm[len(self._before) :]
        self._before = calm[-_MOST_MARKS:]
        return piece
