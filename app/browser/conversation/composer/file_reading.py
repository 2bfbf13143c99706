"""Makes parts of a question from files of a person: images drawn anew, text decoded.

An image is drawn anew so that it is no larger than models look at, and so that what a camera wrote
into it (where, when, with what) stays here.
"""

import base64
import re
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, NamedTuple

from js import Blob, OffscreenCanvas, createImageBitmap
from pyodide.ffi import JsException, to_js

from ....core.messages import File, Part
from ....core.text.text_files import ending, framed, tidy_name, unframed
from ....documents.places import places_of
from ...web.dom import js_object
from . import encoding_detector, words
from .file_kinds import document_kind, kind_of
from .seen import (
    DATA,
    IMAGES,
    MAX_TEXT_BYTES,
    as_seen,
    document,
    file_size_of,
    seen_of,
    told_of,
    with_note,
)
from .text_encodings import guessed, sure

# As `kind_of` calls them.
_KINDS = {
    "a PNG image": "image/png",
    "a JPEG image": "image/jpeg",
    "a WebP image": "image/webp",
    "a GIF image": "image/gif",
}
# So much of a file tells what it is.
_HEAD_BYTES = 4096

# Longer sides are scaled down by the providers themselves.
_LONGEST_PX = 2000
_MAX_READ_BYTES = 50_000_000
# More than is read of one: 5 million characters (documents/worker), of four bytes at most.
_MOST_DECODED_BYTES = 20_000_000
# Where a beginning may have cut a letter of UTF-8.
_HALF_A_LETTER = re.compile(rb"[\xc2-\xf4][\x80-\xbf]{0,2}\Z")
# Anthropic takes 5 MB an image: https://docs.claude.com/en/docs/build-with-claude/vision
_MAX_IMAGE_BYTES = 3_700_000
_QUALITY = 0.9


# Hears how many places of a document are read, of how many; 0 where nobody knows.
Tell = Callable[[int, int], None]
# A document: its text by places, how it ended, and pictures of pages without text with their names;
# what reads it (tools/documents/document_reader).
DocumentText = tuple[str, str, list[tuple[str, bytes]]]
ReadDocument = Callable[[str, bytes, Tell], Awaitable[DocumentText]]


class Unreadable(Exception):
    """A file that cannot go along; the message is a sentence for people."""


class Read(NamedTuple):
    """The part for a file, and how its text was read; None where there was nothing to guess. `note`
    tells a person what could not be read of it; `pages` are pictures of its pages, to go along.
    """

    part: Part
    guess: "Guess | None" = None
    note: str = ""
    pages: Sequence[Part] = ()


class Guess(NamedTuple):
    """The bytes of a text file, and the encoding that it was read in."""

    data: bytes
    encoding: str


async def read(
    file: Any, read_document: ReadDocument, tell: Tell, *, for_python: bool = False
) -> Read:
    """Read a browser's File object. Its content tells its kind, not its name: `.ts` is a video to
    browsers. For the chat's Python it may be anything; what no model reads, and data, models are
    told of then. `tell` hears how far a document is.

    Raises:
        Unreadable: It is too large, or neither an image that models read nor text.
    """
    name, told, size = tidy_name(str(file.name)), str(file.type), int(file.size)
    try:
        head = (await file.slice(0, _HEAD_BYTES).arrayBuffer()).to_bytes()
        what = kind_of(head, name)
        kind = _KINDS.get(what, "" if what else told)
        if kind in IMAGES:
            if size > _MAX_READ_BYTES:
                raise Unreadable(words.too_large(name, size, _MAX_READ_BYTES))
            try:
                return Read(await _image(file, name, kind))
            except Unreadable as problem:
                if not for_python:
                    raise
                note = str(problem)  # Python takes it as it is
                data = (await file.arrayBuffer()).to_bytes()
                return Read(with_note(told_of(name, data, told), note), note=note)
        is_document = document_kind(head, name) != ""
        if what and not for_python and not is_document:
            raise Unreadable(words.wrong_kind(name, what))
        if size > _MAX_READ_BYTES:
            raise Unreadable(words.too_large(name, size, _MAX_READ_BYTES))
        data = (await file.arrayBuffer()).to_bytes()
    except JsException as error:  # gone, or a folder
        raise Unreadable(words.not_read(name)) from error
    if is_document:
        tell(0, 0)
        reading = read_document(name, data, tell)
        return await _document(name, data, told, await reading, for_python=for_python)
    is_told = for_python and (what or ending(name) in DATA)
    is_long = size > MAX_TEXT_BYTES
    head = _HALF_A_LETTER.sub(b"", data[:MAX_TEXT_BYTES]) if is_long else data
    found = None if is_told else sure(head) or guessed(head, await encoding_detector.load())
    if is_long and found is not None:
        # No model takes so much at once: things are looked up in it, as in a document.
        text = data[:_MOST_DECODED_BYTES].decode(found.encoding, "replace")
        tell(0, 0)
        reading = read_document(name, text.encode("utf-8", "replace"), tell)
        return await _document(name, data, told, await reading, for_python=for_python)
    if found is None and for_python:
        return Read(told_of(name, data, told))
    if found is None:
        is_known = told.startswith(("image/", "audio/", "video/"))
        raise Unreadable(words.wrong_kind(name, told) if is_known else words.not_text(name))
    guess = None if found.is_sure else Guess(data, found.encoding)
    return Read(framed(name, found.text, size), guess)


def can_be_looked_up(part: Part) -> bool:
    """Tell whether a model sees a whole text here in which things could be looked up."""
    if isinstance(part, File):
        return part.text != "" and seen_of(part) in ("all", "source")
    return unframed(part) is not None


async def looked_up(part: Part, read_document: ReadDocument) -> Part:
    """The same file, in which a model looks things up; as it is, where its text can't be read by
    places.
    """
    if isinstance(part, File):
        return as_seen(part, "summary")
    found = unframed(part)
    if found is None:
        return part
    name, data = found[0], found[1].encode("utf-8", "replace")
    text, _, _ = await read_document(name, data, lambda number, total: None)
    if not text:
        return part
    file = document(name, data, "text/plain", text, file_size_of(part))
    return as_seen(file, "summary")


async def _document(
    name: str,
    data: bytes,
    told: str,
    read: DocumentText,
    *,
    for_python: bool,
) -> Read:
    """The part for a document, as it was read. Of one without text pictures of its pages go along,
    where it holds some; else it is for Python alone.
    """
    text, end, pictures = read
    count = text.count("\f")
    if end in words.SCANS or (text and not any(one.text.strip() for one in places_of(text))):
        text, end = "", end if end in words.SCANS else "pictures"
    if text:
        note = words.read_in_part(name, count) if end in ("cut", "late") else ""
        empty = sum(not one.text.strip() for one in places_of(text))
        lacks = words.without_text(empty, count) if empty else ""
        about = "\n".join(filter(None, [note, lacks]))
        return Read(document(name, data, told, f"{about}{text}"), note=note)
    pages = [await _page(f"{name}, {page}", picture) for page, picture in pictures]
    if end == "pictures" and pages:
        note = words.pages_as_pictures(name, len(pages), count)
        part = with_note(told_of(name, data, told), note)
        return Read(part, note=note, pages=pages)
    problem = words.no_text(name, end)
    if not for_python:
        raise Unreadable(problem)
    return Read(with_note(told_of(name, data, told), problem), note=problem)


async def _page(name: str, picture: bytes) -> Part:
    kind, ending = ("image/jpeg", "jpg") if picture[:1] == b"\xff" else ("image/png", "png")
    blob = Blob.new(to_js([picture]), js_object(type=kind))
    return await _image(blob, f"{name}.{ending}", kind)


async def _image(file: Any, name: str, kind: str) -> Part:
    try:
        bitmap = await createImageBitmap(file)
    except JsException as error:
        raise Unreadable(words.broken_image(name)) from error
    width, height = int(bitmap.width), int(bitmap.height)
    scale = min(1.0, _LONGEST_PX / max(width, height, 1))
    if kind == "image/gif" and scale == 1 and file.size <= _MAX_IMAGE_BYTES:
        blob = file  # drawn anew it would stand still; a GIF carries no camera's notes
    else:
        blob = await _drawn(bitmap, width * scale, height * scale, _lasting(kind))
        while blob.size > _MAX_IMAGE_BYTES and scale > 0.05:
            blob = await _drawn(bitmap, width * scale, height * scale, "image/jpeg")
            scale *= 0.75
    bitmap.close()
    data = (await blob.arrayBuffer()).to_bytes()
    url = f"data:{blob.type};base64,{base64.b64encode(data).decode()}"
    return File(url, mime_type=str(blob.type), name=name)


async def _drawn(bitmap: Any, width: float, height: float, kind: str) -> Any:
    canvas = OffscreenCanvas.new(max(1, round(width)), max(1, round(height)))
    context = canvas.getContext("2d")
    if kind == "image/jpeg":
        context.fillStyle = "white"  # it knows no transparency
        context.fillRect(0, 0, canvas.width, canvas.height)
    context.drawImage(bitmap, 0, 0, canvas.width, canvas.height)
    return await canvas.convertToBlob(js_object(type=kind, quality=_QUALITY))


def _lasting(kind: str) -> str:
    return "image/png" if kind == "image/gif" else kind
