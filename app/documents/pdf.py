"""A PDF as pages, by pypdf."""

import io
import logging
from collections.abc import Iterator
from typing import Any

from pypdf import PdfReader
from pypdf.errors import DependencyError, PyPdfError

from .places import Place
from .problems import Unreadable


def pdf_places(data: bytes) -> Iterator[Place | int]:
    """Give the number of pages, then each page. One that cannot be read has no text."""
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    reader, pages = _opened(data)
    yield len(pages)
    for number, page in enumerate(pages, start=1):
        yield Place(f"page {number}", _text(page))
    reader.close()


def _opened(data: bytes) -> tuple[PdfReader, Any]:
    # Whatever a broken file makes pypdf stumble over: it raises errors of any kind.
    try:
        reader = PdfReader(io.BytesIO(data))
        # Many are only locked against changes, and open without a password.
        if reader.is_encrypted and not reader.decrypt(""):
            raise Unreadable("encrypted")
        pages = reader.pages
        len(pages)
    except Unreadable:
        raise
    except DependencyError:  # a cipher that only another package has
        raise Unreadable("encrypted") from None
    except PyPdfError as error:
        raise Unreadable("encrypted" if "decrypt" in str(error) else "damaged") from None
    except Exception:
        raise Unreadable("damaged") from None
    return reader, pages


def _text(page: Any) -> str:
    try:
        text = str(page.extract_text())
    except Exception:  # as above; the other pages may be whole
        return ""
    return "\n".join(line.rstrip() for line in text.strip().splitlines())
