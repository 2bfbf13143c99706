"""Links to a place of a document: `#file:NAME:NUMBER`, as tools give them and models write them."""

from collections.abc import Mapping
from urllib.parse import quote, unquote

from .places import places_of

START = "#file:"


def place_link(file: str, number: int, place: str) -> str:
    """Write the link, in Markdown, to a place; `number` counts those of the file from 1."""
    name = f"{file}, {place}".replace("[", "(").replace("]", ")")
    return f"[{name}]({START}{quote(file, safe='')}:{number})"


def place_of(address: str, documents: Mapping[str, str]) -> tuple[str, int] | None:
    """The document that an address names, and the number of its place; None where there is none.
    Some models write the name of the place for its number.
    """
    named = unquote(address.removeprefix(START))
    file, _, place = named.rpartition(":")
    for name, said in ((named, "1"), (file, place)):
        text = documents.get(name)
        if text is None:
            continue
        places = [one.name for one in places_of(text)]
        if said in places:
            return name, places.index(said) + 1
        if said.isascii() and said.isdecimal() and 1 <= int(said[:9]) <= len(places):
            return name, int(said)
    return None
