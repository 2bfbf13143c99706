"""The files of a chat by name, as its Python finds them. Pure."""

import re
from base64 import b64decode
from collections.abc import Iterable
from mimetypes import guess_extension

from ...core.messages import File, Message, Part
from .composer.text_files import unframed

_DATA = re.compile(r"data:(?P<type>[^;,]*)(?:;[^,]*)?;base64,")
# What is no name within one folder of any system.
_UNSAFE = re.compile(r"[/\\\0:]")


def files_of(messages: Iterable[Message]) -> dict[str, bytes]:
    """Give the files attached to the questions, the first ones under their own names."""
    found: dict[str, bytes] = {}
    for message in messages:
        if message.role != "user":
            continue
        for part in message.parts:
            if (named := _file(part, len(found) + 1)) is not None:
                name, data = named
                found.setdefault(_free(name, data, found), data)
    return found


def _file(part: Part, number: int) -> tuple[str, bytes] | None:
    if (framed := unframed(part)) is not None:
        return _safe(framed[0]), framed[1].encode("utf-8", "replace")
    if not isinstance(part, File) or not (begin := _DATA.match(part.url)):
        return None
    try:
        data = b64decode(part.url[begin.end() :], validate=True)
    except ValueError:
        return None
    ending = guess_extension(part.mime_type or begin["type"]) or ""
    return _safe(part.name or f"file {number}{ending}"), data


def _safe(name: str) -> str:
    name = _UNSAFE.sub("_", name)
    return f"_{name[1:]}" if name.startswith(".") else name


def _free(name: str, data: bytes, taken: dict[str, bytes]) -> str:
    """The name, with a number where another file has it."""
    stem, dot, ending = name.rpartition(".")
    number = 1
    free = name
    while free in taken and taken[free] != data:
        number += 1
        free = f"{stem} ({number}){dot}{ending}" if stem else f"{name} ({number})"
    return free
