"""Pieces of a JSON text in UTF-16 or UTF-32 -> the same in UTF-8."""

import codecs
from collections.abc import AsyncIterator


async def in_utf8(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The pieces of a text in UTF-16 or UTF-32, as programs of Windows write it, in UTF-8; others
    as they are.
    """
    decoder: codecs.IncrementalDecoder | None = None
    is_first = True
    async for piece in pieces:
        if is_first and (name := _wide(piece)):
            decoder = codecs.getincrementaldecoder(name)("replace")
        is_first = False
        yield decoder.decode(piece).encode("utf-8", "replace") if decoder else piece


def _wide(beginning: bytes) -> str:
    """The encoding of a JSON text whose letters are wider than a byte: by its mark, or, since it
    begins with a letter that all languages share, by the zeros about that one.
    """
    if beginning.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return "utf-32"
    if beginning.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    zeros = "".join("0" if byte == 0 else "x" for byte in beginning[:4])
    names = {"x000": "utf-32-le", "000x": "utf-32-be", "x0x0": "utf-16-le", "0x0x": "utf-16-be"}
    return names.get(zeros, "")
