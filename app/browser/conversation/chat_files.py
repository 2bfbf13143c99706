"""The files of a chat by name, as its Python finds them. Pure."""

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from mimetypes import guess_extension
from typing import TypeGuard

import msgspec

from ...core.file_names import name_in_folder
from ...core.messages import File, Message, Part, Text
from ...core.text.text_files import name_of
from ..web import words as web_words
from . import words
from .composer.seen import data_of, is_here, mime_type_of, seen_of, size_of


def files_of(messages: Iterable[Message], besides: Container[str] = ()) -> dict[str, bytes]:
    """Give the files attached to the questions, the first ones under their own names; without
    those of the names in `besides`.
    """
    found = ((name, data_of(part)) for name, part in _named(messages) if name not in besides)
    return {name: data for name, data in found if data is not None}


def with_folder_told(messages: Sequence[Message]) -> list[Message]:
    """The messages, where each with files says under which names its Python has them."""
    names = {id(part): name for name, part in _named(messages)}
    return [_noted(one, names, _line, words.IN_THE_FOLDER) for one in messages]


def with_tools_told(messages: Sequence[Message]) -> list[Message]:
    """The messages, where each with documents that tools look things up in says so."""
    names = {id(part): name for name, part in _named(messages) if _is_looked_up(part)}
    return [_noted(one, names, lambda name, _: name, words.LOOKED_UP) for one in messages]


def _noted(
    message: Message, names: Mapping[int, str], line: Callable[[str, Part], str], words_of: str
) -> Message:
    """The message with a line behind its files that tells of those which have names."""
    lines = [line(names[id(part)], part) for part in message.parts if id(part) in names]
    if not lines:
        return message
    at = max(n for n, part in enumerate(message.parts) if id(part) in names) + 1
    note = Text(f"{words_of}: {', '.join(lines)}\n\n")
    return msgspec.structs.replace(message, parts=[*message.parts[:at], note, *message.parts[at:]])


def documents_of(messages: Iterable[Message]) -> dict[str, str]:
    """Give the texts of all documents, by the files' names."""
    return {
        name: part.text for name, part in _named(messages) if isinstance(part, File) and part.text
    }


def looked_up_in(messages: Sequence[Message]) -> dict[str, str]:
    """Give the texts that tools may look things up in: those that a model does not see whole, and
    may see. Asked whenever tools are shown, so nothing is named where there are none.
    """
    if not any(_is_looked_up(part) for message in messages for part in message.parts):
        return {}
    return {name: part.text for name, part in _named(messages) if _is_looked_up(part)}


def _is_looked_up(part: Part) -> TypeGuard[File]:
    return isinstance(part, File) and part.text != "" and seen_of(part) == "summary"


def _named(messages: Iterable[Message]) -> list[tuple[str, Part]]:
    """The files with their names; one that is there twice has one name."""
    taken: dict[str, Part] = {}
    found: list[tuple[str, Part]] = []
    for message in messages:
        if message.role != "user":
            continue
        for part in filter(is_here, message.parts):
            ending = guess_extension(mime_type_of(part)) or ""
            name = _free(
                name_in_folder(name_of(part) or f"file {len(taken) + 1}{ending}"), part, taken
            )
            taken.setdefault(name, part)
            found.append((name, part))
    return found


def _line(name: str, part: Part) -> str:
    if isinstance(part, File) and part.told:
        return name  # as much as it says itself
    return f"{name} ({mime_type_of(part) or 'text'}, {web_words.size(size_of(part))})"


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
    return one == other or (size_of(one) == size_of(other) and data_of(one) == data_of(other))
