"""Makes parts of a question from files of a person: images drawn anew, text decoded.

An image is drawn anew so that it is no larger than models look at, and so that what a camera wrote
into it (where, when, with what) stays here.
"""

import base64
import codecs
from typing import Any

from js import Object, OffscreenCanvas, createImageBitmap
from pyodide.ffi import JsException, to_js

from ....core.messages import File, Part
from . import words
from .text_files import framed, tidy_name

# What the providers that take images have in common.
IMAGES = ("image/png", "image/jpeg", "image/webp", "image/gif")

# Longer sides are scaled down by the providers themselves.
_LONGEST_PX = 2000
_MAX_READ_BYTES = 50_000_000
# Anthropic takes 5 MB an image: https://docs.claude.com/en/docs/build-with-claude/vision
_MAX_IMAGE_BYTES = 3_700_000
_MAX_TEXT_BYTES = 1_000_000
_QUALITY = 0.9


class Unreadable(Exception):
    """A file that cannot go along; the message is a sentence for people."""


async def read(file: Any) -> tuple[Part, int]:
    """The part for a browser's File object, and its size in bytes as it is sent.

    Raises:
        Unreadable: It is too large, or neither an image that models read nor text.
    """
    name, kind, size = tidy_name(str(file.name)), str(file.type), int(file.size)
    try:
        if kind in IMAGES:
            if size > _MAX_READ_BYTES:
                raise Unreadable(words.too_large(name, size, _MAX_READ_BYTES))
            return await _image(file, name, kind)
        if kind.startswith(("image/", "audio/", "video/")) and kind != "image/svg+xml":
            raise Unreadable(words.wrong_kind(name, kind))
        if size > _MAX_TEXT_BYTES:
            raise Unreadable(words.too_large(name, size, _MAX_TEXT_BYTES))
        content = decode((await file.arrayBuffer()).to_bytes())
    except JsException as error:  # gone, or a folder
        raise Unreadable(words.not_read(name)) from error
    if content is None:
        raise Unreadable(words.not_text(name))
    return framed(name, content), size


def decode(data: bytes) -> str | None:
    """The text of a file, None where it is no text."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding = "utf-16"
    elif b"\0" in data or data.startswith(b"%PDF-"):
        return None
    else:
        encoding = "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        text = data.decode("cp1252", "replace")
        if any(c < " " and c not in "\t\n\r\f\x1b" for c in text) or text.count("�"):
            return None
    return text.replace("\r\n", "\n")


async def _image(file: Any, name: str, kind: str) -> tuple[Part, int]:
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
    return File(url, mime_type=str(blob.type), name=name), len(data)


async def _drawn(bitmap: Any, width: float, height: float, kind: str) -> Any:
    canvas = OffscreenCanvas.new(max(1, round(width)), max(1, round(height)))
    context = canvas.getContext("2d")
    if kind == "image/jpeg":
        context.fillStyle = "white"  # it knows no transparency
        context.fillRect(0, 0, canvas.width, canvas.height)
    context.drawImage(bitmap, 0, 0, canvas.width, canvas.height)
    options = {"type": kind, "quality": _QUALITY}
    return await canvas.convertToBlob(to_js(options, dict_converter=Object.fromEntries))


def _lasting(kind: str) -> str:
    return "image/png" if kind == "image/gif" else kind
