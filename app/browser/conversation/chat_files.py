"""The files of a chat by name, as its Python finds them. Pure."""

import re
from collections.abc import Container, Iterable, Sequence
from mimetypes import guess_extension

import msgspec

from ...core.messages import File, Message, Part, Text
from ..web import words as web_words
from . import words
from .composer.seen import data_of, is_here, mime_type_of, size_of
from .composer.text_files import name_of

# What is no name within one folder of any system.
_UNSAFE = re.compile(r"[/\\\0:]")


def files_of(messages: Iterable[Message], besides: Container[str] = ()) -> dict[str, bytes]:
    """Give the files attached to the questions, the first ones under their own names; without
    those of the names in `besides`.
    """
    found = ((name, data_of(part)) for name, part in _named(messages) if name not in besides)
    return {name: data for name, data in found if data is not None}


def with_folder_told(messages: Sequence[Message]) -> list[Message]:
    """The messages, where each with files says under which names its Python has them."""
    told: list[Message] = []
    names = {id(part): name for name, part in _named(messages)}
    for message in messages:
        lines = [_line(names[id(part)], part) for part in message.parts if id(part) in names]
        if lines:
            at = max(n for n, part in enumerate(message.parts) if id(part) in names) + 1
            note = Text(words.in_the_folder(lines))
            parts = [*message.parts[:at], note, *message.parts[at:]]
            message = msgspec.structs.replace(message, parts=parts)
        told.append(message)
    return told


def _named(messages: Iterable[Message]) -> list[tuple[str, Part]]:
    """The files with their names; one that is there twice has one name."""
    taken: dict[str, Part] = {}
    found: list[tuple[str, Part]] = []
    for message in messages:
        if message.role != "user":
            continue
        for part in filter(is_here, message.parts):
            ending = guess_extension(mime_type_of(part)) or ""
            name = _free(_safe(name_of(part) or f"file {len(taken) + 1}{ending}"), part, taken)
            taken.setdefault(name, part)
            found.append((name, part))
    return found


def _line(name: str, part: Part) -> str:
    if isinstance(part, File) and part.told:
        return name  # as much as it says itself
    return f"{name} ({mime_type_of(part) or 'text'}, {web_words.size(size_of(part))})"


def _safe(name: str) -> str:
    name = _UNSAFE.sub("_", name)
    return f"_{name[1:]}" if name.startswith(".") else name


def _free(name: str, part: Part, taken: dict[str, Part]) -> str:
    """The name, with a number where another file has it."""
    stem, dot, ending = name.rpartition(".")
    number = 1
    free = name
    while free in taken and not _is_same(taken[free], part):
        number += 1
        free = f"{stem} ({number}){dot}{ending}" if stem else f"{name} ({number})"
    return free


def _is_same(one: Part, other: Part) -> bool:
    return one == other or data_of(one) == data_of(other)
