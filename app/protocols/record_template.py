"""Reading records that are alike: most records of an answer differ from the last in one string.

Once it is known what stands around that string, the next fragment, only the string has to be
decoded, and that for all records of a burst at once.
"""

from collections.abc import Sequence
from typing import Generic, TypeVar

import msgspec

from ..core.wire.framing import Comment, Record

T = TypeVar("T")

_STRING = msgspec.json.Decoder(str)

# So many patterns in a row may be of no use. Some providers vary more than one string.
_TRIES = 8


class RecordTemplate(Generic[T]):
    """Knows the bytes around the one string that varies."""

    def __init__(self, decoder: msgspec.json.Decoder[T]) -> None:
        self._decoder = decoder
        self._before = self._after = b"\n"  # no record begins so
        self._tries = _TRIES

    @property
    def is_learning(self) -> bool:
        """Tell whether a new pattern is worth the while."""
        return self._tries > 0

    def strings(self, records: Sequence[Record | Comment]) -> list[str] | None:
        """Return the string in which each of these records differs; None where they differ in
        more.
        """
        before, after = self._before, self._after
        literals = [
            record.data[len(before) : -len(after)]
            for record in records
            if type(record) is Record
            and record.data.startswith(before)
            and record.data.endswith(after)
        ]
        if not literals or len(literals) != len(records):
            return None
        lines = b"\n".join(literals)
        try:
            # No JSON string holds a line end: each line is one whole string, or this fails.
            strings = _STRING.decode_lines(lines)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return None
        # An empty line counts as no string, and a record of several data lines as many.
        if not len(strings) == len(literals) == lines.count(b"\n") + 1:
            return None
        self._tries = _TRIES
        return strings

    def learn(self, data: bytes, value: T, holder: msgspec.Struct, field: str) -> bool:
        """Make a record the pattern; return whether it can be one.

        `value` is what it says, and `field` of `holder`, a part of that, the string that varies,
        which is changed by this.
        """
        self._tries -= 1
        text = getattr(holder, field)
        before, _, after = data.rpartition(msgspec.json.encode(text))
        if not (before and after):
            return False  # written with other escapes
        # The proof of the place: another string there changes this field, and nothing else.
        other = text + "?"
        setattr(holder, field, other)
        try:
            is_proven = self._decoder.decode(before + msgspec.json.encode(other) + after) == value
        except msgspec.DecodeError:
            return False
        if is_proven:
            self._before, self._after = before, after
        return is_proven
