"""A document as text: its places, each with a name, in one text that is kept beside the file. Pure.

That text has what is to be said of the document as a whole, then for each place a form feed, its
name on a line, and what stands there.
"""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

_MARK = "\f"
# A place that is longer is divided, where it has lines.
_LONGEST = 6_000
# More places than the reader gives; a text that came with a file may have any number.
_MOST_PLACES = 50_000
_LINES = re.compile(r"lines? (\d{1,9})\b")
_NAME_CHARACTERS = 80


class Place(NamedTuple):
    """A part of a document that a person can open: a page, a sheet, a section."""

    name: str
    text: str


class Picture(NamedTuple):
    """A page that holds no text but a picture of it, as JPEG or PNG."""

    name: str
    data: bytes


def joined(places: Iterable[Place], note: str = "") -> str:
    """Write the places as one text, behind what is to be said of all of them."""
    parts = (f"{_MARK}{one_line(_plain(place.name))}\n{_plain(place.text)}\n" for place in places)
    return _plain(note) + "".join(parts)


def places_of(text: str) -> list[Place]:
    """Read the places of such a text."""
    parts = (part.partition("\n") for part in text.split(_MARK, _MOST_PLACES)[1:])
    places = [Place(name, rest.removesuffix("\n")) for name, _, rest in parts]
    if all(len(place.text) <= _LONGEST for place in places):
        return places
    return [part for place in places for part in _divided(place)]


def _divided(place: Place) -> Iterable[Place]:
    """A place as it is where it is not too long, as all are that were read here."""
    is_long = len(place.text) > _LONGEST
    return divided(place.name, place.text.split("\n")) if is_long else [place]


def note_of(text: str) -> str:
    """Read what is to be said of the document as a whole; empty for nothing."""
    return text.partition(_MARK)[0]


def divided(name: str, lines: Iterable[str]) -> Iterator[Place]:
    """Give a place in as many parts as its length wants; one without text is none."""
    number, taken, length = 1, list[str](), 0
    name = one_line(name)

    def made() -> Place:
        return Place(name if number == 1 else f"{name}, part {number}", "\n".join(taken))

    for line in lines:
        for at in range(0, len(line) or 1, _LONGEST):
            piece = line[at : at + _LONGEST]
            if taken and length + len(piece) > _LONGEST:
                yield made()
                number, taken, length = number + 1, [], 0
            taken.append(piece)
            length += len(piece) + 1
    if any(line.strip() for line in taken):
        yield made()


def sections(lines: Iterable[tuple[int, str]]) -> Iterator[Place]:
    """Give a place for each heading. A line is a heading of a level from 1, or has level 0."""
    name, taken = "beginning", list[str]()
    seen: dict[str, int] = {}
    for level, line in lines:
        if level and line.strip():
            yield from divided(name, taken)
            name, taken = _numbered(one_line(line), seen), [f"{'#' * min(level, 6)} {line}"]
        else:
            taken.append(line)
    yield from divided(name, taken)


def _numbered(name: str, seen: dict[str, int]) -> str:
    seen[name] = seen.get(name, 0) + 1
    return name if seen[name] == 1 else f"{name} ({seen[name]})"


def first_line(place: Place) -> int:
    """The number of the first line of a place: those of a text file go on from place to place."""
    found = _LINES.match(place.name)
    return int(found[1]) if found else 1


def one_line(text: str) -> str:
    """Write a name on one line, not too long."""
    line = " ".join(text.split())
    return line if len(line) <= _NAME_CHARACTERS else f"{line[: _NAME_CHARACTERS - 1]}…"


def _plain(text: str) -> str:
    """Leave out what no text has: the mark, halves of surrogate pairs, other control characters."""
    clean = text.encode("utf-8", "replace").decode()
    return "".join(one for one in clean if one >= " " or one in "\n\t")
