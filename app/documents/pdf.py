"""A PDF as pages, by pypdf."""

import io
import logging
from collections.abc import Iterator
from typing import Any

from pypdf import PdfReader
from pypdf.errors import DependencyError, PyPdfError

from .page_pictures import page_picture
from .places import Picture, Place
from .problems import Packing, Unreadable

# Of a scan so many pages are looked at as pictures, of so many bytes together.
_MOST_PICTURES = 20
_MOST_BYTES = 30_000_000
_NOT_SHOWN = (
    "(This page is a picture, packed as {}, which can't be shown here. Save the page as PNG or "
    "JPEG, and attach that.)"
)
_END = b"\nstartxref\n0\n%%EOF\n"


def pdf_places(data: bytes) -> Iterator[Place | Picture | int]:
    """Give the number of pages, then each page. One that cannot be read has no text; the first ones
    without text are pictures too, where they hold one.

    Raises:
        Unreadable: It is locked, or damaged; or nothing was found in it but pictures that are
            packed in a way that nothing here unpacks.
    """
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    reader, pages = _opened(data)
    yield len(pages)
    pictures = size = 0
    has_text = False
    packed: Packing | None = None
    for number, page in enumerate(pages, start=1):
        text = _text(page)
        has_text = has_text or bool(text)
        is_looked_at = not text and pictures < _MOST_PICTURES
        picture, unread = page_picture(page) if is_looked_at else (b"", None)
        packed = packed or unread
        yield Place(f"page {number}", text or (_NOT_SHOWN.format(unread) if unread else ""))
        if picture and size + len(picture) <= _MOST_BYTES:
            pictures, size = pictures + 1, size + len(picture)
            yield Picture(f"page {number}", picture)
    reader.close()
    if packed and not has_text and not pictures:
        raise Unreadable(packed)


def _opened(data: bytes) -> tuple[PdfReader, Any]:
    # Whatever a broken file makes pypdf stumble over: it raises errors of any kind.
    try:
        try:
            reader = PdfReader(io.BytesIO(data))
        except PyPdfError:
            # One that lacks its end is read by looking for its objects.
            reader = PdfReader(io.BytesIO(data + _END))
        # Many are only locked against changes, and open without a password.
        if reader.is_encrypted and not reader.decrypt(""):
            raise Unreadable("encrypted")
        pages = reader.pages
        len(pages)
    except Unreadable:
        raise
    except DependencyError:
        raise Unreadable("aes") from None
    except PyPdfError as error:
        raise Unreadable("encrypted" if "decrypt" in str(error) else "damaged") from None
    except Exception:
        raise Unreadable("damaged") from None
    return reader, pages


def _text(page: Any) -> str:
    try:
        text = str(page.extract_text())
    except DependencyError:  # the cipher of a file that opens without a password
        raise Unreadable("aes") from None
    except Exception:  # as above; the other pages may be whole
        return ""
    return "\n".join(line.rstrip() for line in text.strip().splitlines())
