"""The part of a file that a model sees: all of it, a summary, or only its name. Pure.

A text that is seen whole is text of the question, an image is a file of it. Whatever is seen less
is a file that is only told of, and so is a document, which has its text beside it.
"""

import re
from base64 import b64decode, b64encode
from typing import Literal

import msgspec

from ....core.file_names import type_by_name
from ....core.messages import File, Part, Text
from ....core.text.text_files import ending, framed, name_of, named, unframed
from .file_kinds import document_kind
from .text_encodings import sure

Seen = Literal["summary", "all", "name", "source"]

# What the providers that take images have in common.
IMAGES = ("image/png", "image/jpeg", "image/webp", "image/gif")
MAX_TEXT_BYTES = 1_000_000
# More than any file that was ever attached has.
_MOST_BYTES = 10**12
# A document with more text than this is not sent whole by itself, in characters.
WHOLE_DOCUMENT = 40_000
# Documents whose source is text that people work at.
PAGES = ("html", "htm", "xhtml")
# Files of these kinds are told of, unless the person wants otherwise.
DATA = ("csv", "tsv", "json", "jsonl", "ndjson", "sqlite", "sqlite3", "db")

_DATA = re.compile(r"data:(?P<type>[^;,]*)(?:;[^,]*)?;base64,")


def told_of(name: str, data: bytes, mime_type: str = "") -> File:
    """The part for a file of which a model sees a summary."""
    return _file(name, data, mime_type, _summary(name, data))


def document(name: str, data: bytes, mime_type: str, text: str, size_bytes: int = 0) -> File:
    """The part for a document with this text: a model sees all of it where it is short."""
    file = msgspec.structs.replace(_file(name, data, mime_type, "", size_bytes), text=text)
    told = _document_told(file, "all" if len(text) <= WHOLE_DOCUMENT else "summary")
    return msgspec.structs.replace(file, told=told)


def with_note(file: File, note: str) -> File:
    """The same, of which a model is told this too."""
    return msgspec.structs.replace(file, told=f"{file.told}\n{note}")


def seen_of(part: Part) -> Seen:
    """Tell how much of it a model sees."""
    if not isinstance(part, File) or not part.told:
        return "all"
    if part.told == named(part.name):
        return "name"
    kinds: list[Seen] = [one for one in ("all", "source") if part.text and one in choices(part)]
    return next((one for one in kinds if part.told == _document_told(part, one)), "summary")


def choices(part: Part) -> list[Seen]:
    """List how much of it a model can see."""
    if isinstance(part, File) and part.text:
        can_be_all = len(part.text) <= MAX_TEXT_BYTES
        has_source = ending(part.name) in PAGES and size_of(part) <= MAX_TEXT_BYTES
        all_of_it: list[Seen] = ["all"] if can_be_all else []
        source: list[Seen] = ["source"] if has_source else []
        return ["summary", *all_of_it, *source, "name"]
    is_shown = unframed(part) is not None or _whole(part) is not None
    return ["summary", "all", "name"] if is_shown else ["summary", "name"]


def as_seen(part: Part, seen: Seen) -> Part:
    """The same file, of which a model sees so much."""
    name, data = name_of(part), data_of(part)
    if data is None or seen == seen_of(part):
        return part
    if isinstance(part, File) and part.text:
        return msgspec.structs.replace(part, told=_document_told(part, seen))
    if seen == "all":
        return _whole(part) or part
    mime_type = part.mime_type if isinstance(part, File) else ""
    size_bytes = file_size_of(part)
    told = named(name) if seen == "name" else _summary(name, data, size_bytes)
    return _file(name, data, mime_type, told, size_bytes)


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


def file_size_of(part: Part) -> int:
    """Tell how many bytes the file had that was attached, for people and models: what is here of a
    text may have another encoding. A size that no file has is not believed.
    """
    size_bytes = part.size_bytes if isinstance(part, Text | File) else 0
    return size_bytes if 0 < size_bytes <= _MOST_BYTES else size_of(part)


def characters_of(part: Part) -> int:
    """Count the letters that a model reads of it."""
    if isinstance(part, Text):
        return len(part.text)
    return len(part.told) if isinstance(part, File) else 0


def is_here(part: Part) -> bool:
    """Tell whether the bytes of an attached file came with it."""
    return unframed(part) is not None or (
        isinstance(part, File) and _DATA.match(part.url) is not None
    )


def _document_told(file: File, seen: Seen) -> str:
    from . import document_told  # with the first document

    if seen == "name":
        return named(file.name)
    if seen == "source":
        source = (data_of(file) or b"").decode("utf-8", "replace")
        return framed(file.name, source).text.rstrip("\n")
    about = document_told.whole if seen == "all" else document_told.summary
    begin = _DATA.match(file.url)
    beginning = file.url[begin.end() : begin.end() + 4096] if begin else ""
    kind = document_kind(b64decode(beginning), file.name)
    return about(file.name, kind, file_size_of(file), file.text)


def _summary(name: str, data: bytes, size_bytes: int = 0) -> str:
    from .file_summary import summary  # with the readers of each kind

    return summary(name, data, size_bytes)


def _file(name: str, data: bytes, mime_type: str, told: str, size_bytes: int = 0) -> File:
    mime_type = mime_type or type_by_name(name) or "application/octet-stream"
    url = f"data:{mime_type};base64,{b64encode(data).decode()}"
    return File(url, mime_type, name, told, size_bytes=0 if size_bytes == len(data) else size_bytes)


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
    return framed(part.name, text.text, file_size_of(part)) if text is not None else None
