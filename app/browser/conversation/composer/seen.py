"""The part of a file that a model sees: all of it, a summary, or only its name. Pure.

A text that is seen whole is text of the question, an image is a file of it. Whatever is seen less
is a file that is only told of.
"""

import re
from base64 import b64decode, b64encode
from mimetypes import guess_type
from typing import Literal

from ....core.messages import File, Part
from .text_encodings import sure
from .text_files import framed, name_of, named, unframed

Seen = Literal["summary", "all", "name"]

# What the providers that take images have in common.
IMAGES = ("image/png", "image/jpeg", "image/webp", "image/gif")
MAX_TEXT_BYTES = 1_000_000
# Files of these kinds are told of, unless the person wants otherwise.
DATA = ("csv", "tsv", "json", "jsonl", "ndjson", "sqlite", "sqlite3", "db")

_DATA = re.compile(r"data:(?P<type>[^;,]*)(?:;[^,]*)?;base64,")


def told_of(name: str, data: bytes, mime_type: str = "") -> File:
    """The part for a file of which a model sees a summary."""
    return _file(name, data, mime_type, _summary(name, data))


def seen_of(part: Part) -> Seen:
    """Tell how much of it a model sees."""
    if not isinstance(part, File) or not part.told:
        return "all"
    return "name" if part.told == named(part.name) else "summary"


def choices(part: Part) -> list[Seen]:
    """List how much of it a model can see."""
    is_shown = unframed(part) is not None or _whole(part) is not None
    return ["summary", "all", "name"] if is_shown else ["summary", "name"]


def as_seen(part: Part, seen: Seen) -> Part:
    """The same file, of which a model sees so much."""
    name, data = name_of(part), data_of(part)
    if data is None or seen == seen_of(part):
        return part
    if seen == "all":
        return _whole(part) or part
    mime_type = part.mime_type if isinstance(part, File) else ""
    return _file(name, data, mime_type, named(name) if seen == "name" else _summary(name, data))


def data_of(part: Part) -> bytes | None:
    """The bytes of an attached file; None where it is none that is here."""
    if (text := unframed(part)) is not None:
        return text[1].encode("utf-8", "replace")
    if not isinstance(part, File) or not (begin := _DATA.match(part.url)):
        return None
    try:
        return b64decode(part.url[begin.end() :], validate=True)
    except ValueError:
        return None


def mime_type_of(part: Part) -> str:
    """The type of an attached file, as it says itself."""
    if not isinstance(part, File):
        return ""
    begin = _DATA.match(part.url)
    return part.mime_type or (begin["type"] if begin else "")


def size_of(part: Part) -> int:
    """Count the bytes that an attached file has here; 0 where it is none."""
    if (text := unframed(part)) is not None:
        return len(text[1].encode("utf-8", "replace"))
    encoded = part.url.partition(",")[2] if isinstance(part, File) else ""
    return len(encoded) * 3 // 4 - encoded[-2:].count("=")


def is_here(part: Part) -> bool:
    """Tell whether the bytes of an attached file came with it."""
    return unframed(part) is not None or (
        isinstance(part, File) and _DATA.match(part.url) is not None
    )


def _summary(name: str, data: bytes) -> str:
    from .file_summary import summary  # with the readers of each kind

    return summary(name, data)


def _file(name: str, data: bytes, mime_type: str, told: str) -> File:
    mime_type = mime_type or guess_type(name)[0] or "application/octet-stream"
    url = f"data:{mime_type};base64,{b64encode(data).decode()}"
    return File(url, mime_type, name, told)


def _whole(part: Part) -> Part | None:
    """The part of which a model sees all, where it can."""
    if not isinstance(part, File):
        return part
    if part.mime_type in IMAGES:
        return File(part.url, part.mime_type, part.name)
    if len(part.url) > MAX_TEXT_BYTES * 4 // 3 + 200:
        return None
    data = data_of(part)
    text = sure(data) if data is not None else None
    return framed(part.name, text.text) if text is not None else None
