"""Pages of a PDF that are pictures: as the JPEG that they are kept as, else written as PNG."""

import struct
import zlib
from typing import Any

from .problems import Packing

# Of one picture, as it is unpacked.
_MOST_BYTES = 100_000_000
_INVERTED = bytes(255 - value for value in range(256))
# How pictures are packed that nothing here unpacks.
_UNREAD: dict[str, Packing] = {
    "/CCITTFaxDecode": "CCITT",
    "/JBIG2Decode": "JBIG2",
    "/JPXDecode": "JPEG 2000",
}
# PNG's numbers for kinds of colour.
_GREY, _RGB, _PALETTE = 0, 2, 3


def page_picture(page: Any) -> tuple[bytes, Packing | None]:
    """The largest picture of a page, where there is one that can be given; else the name of what it
    is packed with, where nothing here unpacks that.
    """
    # A broken file makes pypdf raise errors of any kind: none, or not as it should be.
    try:
        objects = (one.get_object() for one in page["/Resources"]["/XObject"].values())
        images = [one for one in objects if one.get("/Subtype") == "/Image"]
        largest = max(images, key=lambda one: one["/Width"] * one["/Height"])
        filters = largest.get("/Filter", [])
        *_, last = filters if isinstance(filters, list) and filters else [filters]
        if filters in ("/DCTDecode", ["/DCTDecode"]):
            return bytes(largest._data), None
        if last in _UNREAD:
            return b"", _UNREAD[last]
        return _png(largest), None
    except Exception:
        return b"", None


def _png(image: Any) -> bytes:
    """Write a picture whose points are kept as they are; nothing for kinds that PNG has not."""
    width, height = int(image["/Width"]), int(image["/Height"])
    is_mask = bool(image.get("/ImageMask"))
    bits = 1 if is_mask else int(image["/BitsPerComponent"])
    kind, palette = (_GREY, b"") if is_mask else _colours(image["/ColorSpace"])
    row = (width * bits * (3 if kind == _RGB else 1) + 7) // 8
    if bits not in (1, 2, 4, 8) or (kind == _RGB and bits != 8) or row * height > _MOST_BYTES:
        return b""
    points = image.get_data()
    if len(points) < row * height:
        return b""
    # A mask paints where it is 0; `/Decode` may turn light and dark round.
    if kind != _PALETTE and [float(one) for one in image.get("/Decode", [])][:2] == [1, 0]:
        points = points.translate(_INVERTED)
    rows = b"".join(b"\0" + points[at : at + row] for at in range(0, row * height, row))
    head = struct.pack(">IIBBBBB", width, height, bits, kind, 0, 0, 0)
    chunks = [(b"IHDR", head), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    if palette:
        chunks.insert(1, (b"PLTE", palette))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, data) for name, data in chunks)


def _colours(space: Any) -> tuple[int, bytes]:
    """PNG's kind of colour, and the palette.

    Raises:
        ValueError: PNG has none like it.
    """
    name = space[0] if isinstance(space, list) else space
    components = int(space[1].get_object()["/N"]) if name == "/ICCBased" else 0
    if name in ("/DeviceGray", "/CalGray") or components == 1:
        return _GREY, b""
    if name in ("/DeviceRGB", "/CalRGB") or components == 3:
        return _RGB, b""
    if name == "/Indexed" and _colours(space[1].get_object())[0] == _RGB:
        kept = space[3].get_object()
        palette = kept.get_data() if hasattr(kept, "get_data") else kept.original_bytes
        return _PALETTE, palette[: len(palette) // 3 * 3]
    raise ValueError(name)


def _chunk(name: bytes, data: bytes) -> bytes:
    packed = name + data
    return struct.pack(">I", len(data)) + packed + struct.pack(">I", zlib.crc32(packed))
