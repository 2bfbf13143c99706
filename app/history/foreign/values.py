"""JSON that comes in pieces, cut into what stands at its top: the elements of a list, else each
value (JSON lines). Nothing is decoded, so one bad value spoils no other.
"""

import re
from typing import NamedTuple, Protocol

# A larger value is passed over: once decoded it would take several times as much.
MOST_BYTES = 48_000_000

# Up to the next bracket that stands outside of strings, or the beginning of a string that the data
# does not end; up to the end of a string. Nothing is given back, so each byte is looked at once.
_OUTSIDE = re.compile(rb'(?:[^"{}\[\]]++|"(?:[^"\\]++|\\.)*+")*+', re.DOTALL)
_INSIDE = re.compile(rb'(?:[^"\\]++|\\.)*+', re.DOTALL)


class Value(NamedTuple):
    """One value, and the number of the list that it stands in; None for one that is too large."""

    group: int
    data: bytes | None


class Cutter(Protocol):
    """Takes bytes, gives values. `close` gives the rest: a value that has no end."""

    def feed(self, data: bytes) -> list[Value]: ...
    def close(self) -> list[Value]: ...


class Elements:
    """Cuts at brackets, wherever lines end."""

    def __init__(self) -> None:
        self._group = 0
        self._depth = 0
        self._base = 0  # the depth at which values stand: 1 within a list
        self._in_string = self._is_escaped = False
        self._kept = _Kept()

    def feed(self, data: bytes) -> list[Value]:
        """The values that end with these bytes."""
        found: list[Value] = []
        at = begun = 0
        while at < len(data):
            if self._in_string:
                at = self._through_string(data, at)
                continue
            at = _end(_OUTSIDE, data, at)
            if at == len(data):
                break
            mark = data[at : at + 1]
            at += 1
            if mark == b'"':
                self._in_string = True
            elif mark in b"{[":
                if mark == b"[" and self._depth == 0:
                    self._group += 1
                    self._base = 1
                elif self._depth == self._base:
                    begun = at - 1
                self._depth += 1
            elif self._depth > self._base:
                self._depth -= 1
                if self._depth == self._base:
                    self._kept.add(data[begun:at])
                    found.append(Value(self._group, self._kept.take()))
            else:
                self._depth = self._base = 0
        if self._depth > self._base:
            self._kept.add(data[begun:])
        return found

    def close(self) -> list[Value]:
        """The value that has no end, where there is one."""
        return [Value(self._group, self._kept.take())] if self._depth > self._base else []

    def _through_string(self, data: bytes, at: int) -> int:
        if self._is_escaped:
            self._is_escaped = False
            at += 1
        at = _end(_INSIDE, data, at)
        if at < len(data):
            self._is_escaped = data.startswith(b"\\", at)  # the last byte there is
            self._in_string = self._is_escaped
            at += 1
        return at


class Lines:
    """Cuts at the ends of lines; all lines are of one list."""

    def __init__(self) -> None:
        self._kept = _Kept()

    def feed(self, data: bytes) -> list[Value]:
        """The values that end with these bytes."""
        *whole, rest = data.split(b"\n")
        found: list[Value] = []
        for line in whole:
            self._kept.add(line)
            found += self.close()
        self._kept.add(rest)
        return found

    def close(self) -> list[Value]:
        """The last line, where no line end follows it."""
        line = self._kept.take()
        return [] if line is not None and not line.strip() else [Value(1, line)]


class _Kept:
    """The bytes of a value that is not whole yet, up to a limit."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._size = 0

    def add(self, piece: bytes) -> None:
        self._size += len(piece)
        if self._size > MOST_BYTES:
            self._pieces = []
        else:
            self._pieces.append(piece)

    def take(self) -> bytes | None:
        is_whole = self._size <= MOST_BYTES
        data = b"".join(self._pieces)
        self._pieces, self._size = [], 0
        return data if is_whole else None


def cutter_for(name: str, beginning: bytes) -> Cutter:
    """Choose the cutter for a file of this name that begins so."""
    return Lines() if name.endswith((".jsonl", ".ndjson")) or _is_lines(beginning) else Elements()


def _is_lines(beginning: bytes) -> bool:
    """Tell whether a value begins on the second line that can't be a part of the first one's."""
    first, _, rest = beginning.lstrip().partition(b"\n")
    is_whole = not first.rstrip().endswith((b"[", b"{", b",", b":"))
    return is_whole and first[:1] in (b"{", b"[") and rest.lstrip()[:1] in (b"{", b"[")


def _end(pattern: re.Pattern[bytes], data: bytes, at: int) -> int:
    found = pattern.match(data, at)
    return found.end() if found is not None else at
