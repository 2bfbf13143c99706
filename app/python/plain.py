"""An object as text, within bounds whatever it is."""

import re
import reprlib
from collections.abc import Mapping
from itertools import islice
from typing import Any

# Of one object that is shown to a person.
MOST_CHARACTERS = 20_000
_MOST_ITEMS = 1000
_MOST_DEPTH = 20

_SURROGATES = re.compile(r"[\ud800-\udfff]")


class _Bounded(reprlib.Repr):
    """A `repr` within bounds: of large containers the beginning. Dictionaries keep their order."""

    def __init__(self, characters: int, items: int) -> None:
        super().__init__()
        self.maxlevel = _MOST_DEPTH
        self.maxtuple = self.maxlist = self.maxarray = self.maxdict = items
        self.maxset = self.maxfrozenset = self.maxdeque = items
        self.maxstring = self.maxlong = self.maxother = characters

    def repr_dict(self, x: Mapping[Any, Any], level: int) -> str:
        if not x:
            return "{}"
        if level <= 0:
            return "{…}"
        pairs = [
            f"{self.repr1(key, level - 1)}: {self.repr1(value, level - 1)}"
            for key, value in islice(x.items(), self.maxdict)
        ]
        if len(x) > self.maxdict:
            pairs.append("…")
        return "{" + ", ".join(pairs) + "}"

    def repr_int(self, x: int, level: int) -> str:
        # Python refuses to write more digits than this at once, for the time it takes.
        if x.bit_length() > 14_000:
            return f"<int of {x.bit_length():,} bits>"
        return repr(x)

    def repr_instance(self, x: object, level: int) -> str:
        try:
            text = _written(x)
        except Exception as error:  # what it stands in is still shown
            return _wordless(x, error)
        return text if len(text) <= self.maxother else cut(text, self.maxother)


def text_of(value: object, characters: int = MOST_CHARACTERS, items: int = _MOST_ITEMS) -> str:
    """Write an object as `repr` does, of a large one the beginning; never raises an error of its
    `__repr__`.
    """
    try:
        text = _Bounded(characters, items).repr(value)
    except Exception as error:
        return _wordless(value, error)
    return cut(text, characters)


def _wordless(value: object, error: Exception) -> str:
    return f"<{type(value).__name__} object, whose repr raised {type(error).__name__}>"


def cut(text: str, characters: int) -> str:
    """Cut a text to its beginning, with a note of how much is left out, and make it fit to be
    sent.
    """
    text = _SURROGATES.sub("\N{REPLACEMENT CHARACTER}", text)
    if len(text) <= characters:
        return text
    return f"{text[:characters]}… ({len(text) - characters:,} characters more)"


def _written(value: object) -> str:
    text = repr(value)
    return str(text)
