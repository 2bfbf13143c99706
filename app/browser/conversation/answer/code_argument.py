"""The beginning of the code within the arguments of a call, while they are being written. Pure.

`{"code": "import csv\\nprint(…` is JSON that has no end yet; the value of its one name is given out
as it comes, each letter once.
"""

import json
import re

_BEGIN = re.compile(r'\s*\{\s*"code"\s*:\s*"')
# What a string holds up to its end, or up to an escape that is not whole.
_PIECE = re.compile(r'(?:[^"\\]++|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*+')
# Half of a pair: its other half may be the next escape.
_HALF = re.compile(r"\\u[dD][89abAB][0-9a-fA-F]{2}$")
# Of what is no call of ours not more is kept than shows that.
_MOST_BEGIN = 1_000
# A letter is written with at most so many: as two escapes.
_WRITTEN = 12


class CodeArgument:
    """Takes fragments of arguments, and gives the code in them, at most so many letters; what
    follows is not read, and `is_cut` says so.
    """

    def __init__(self, most: int) -> None:
        self._room = most
        self.is_cut = False
        self._rest = ""
        self._has_begun = False
        self._has_ended = False

    def feed(self, fragment: str) -> str:
        """The code that this fragment adds."""
        if self._has_ended:
            return ""
        # One letter more than there is room for, and a half escape.
        self._rest += fragment[: _WRITTEN * (self._room + 2) + _MOST_BEGIN]
        if not self._has_begun:
            found = _BEGIN.match(self._rest)
            if found is None:
                self._has_ended = len(self._rest) > _MOST_BEGIN
                return ""
            self._has_begun = True
            self._rest = self._rest[found.end() :]
        found = _PIECE.match(self._rest)
        piece = found[0] if found else ""
        has_end = self._rest.startswith('"', len(piece))
        if not has_end and (half := _HALF.search(piece)):
            piece = piece[: half.start()]
        self._rest = self._rest[len(piece) :]
        code = _unescaped(piece)
        self.is_cut = len(code) > self._room
        code = code[: self._room]
        self._room -= len(code)
        self._has_ended = has_end or self.is_cut
        return code


def _unescaped(piece: str) -> str:
    text = json.loads(f'"{piece}"', strict=False)
    # Two halves of a pair are one letter; one alone is none that can be shown.
    return str(text.encode("utf-16", "surrogatepass").decode("utf-16", "replace"))
