"""Links to a place of a document, as tools give them and models write them: `#file:NAME:NUMBER`,
with a line of it `#file:NAME:NUMBER:LINE`.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple
from urllib.parse import quote, unquote

from .places import places_of

START = "#file:"
# More digits than any number of a place or a line has.
_DIGITS = 9


class Target(NamedTuple):
    """A place of a document; `number` counts those of the file from 1, `line` is 0 for none."""

    file: str
    number: int
    line: int = 0


def place_link(file: str, number: int, place: str, line: int = 0) -> str:
    """Write the link, in Markdown, to a place; `number` counts those of the file from 1."""
    name = f"{file}, {place}{f', line {line}' if line else ''}"
    name = name.replace("[", "(").replace("]", ")")
    return f"[{name}]({START}{quote(file, safe='')}:{number}{f':{line}' if line else ''})"


def place_of(address: str, documents: Mapping[str, str]) -> Target | None:
    """The document that an address names, and the place; None where there is none. Some models
    write the name of the place for its number.
    """
    for name, said, line in _readings(unquote(address.removeprefix(START))):
        text = documents.get(name)
        if text is None:
            continue
        places = [one.name for one in places_of(text)]
        if said in places:
            return Target(name, places.index(said) + 1, line)
        if 1 <= (number := _number(said)) <= len(places):
            return Target(name, number, line)
    return None


def _readings(named: str) -> Iterator[tuple[str, str, int]]:
    """The ways to read an address: the names of files may hold colons too."""
    yield named, "1", 0
    file, _, place = named.rpartition(":")
    yield file, place, 0
    inner, _, number = file.rpartition(":")
    if line := _number(place):
        yield inner, number, line


def _number(said: str) -> int:
    return int(said[:_DIGITS]) if said.isascii() and said.isdecimal() else 0
