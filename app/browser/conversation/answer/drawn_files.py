"""Files that are not the page's to draw: charts, pages, and pictures that cost too much. Pure."""

import re
from base64 import b64decode
from typing import Any

import msgspec

from ....core.messages import File
from ....core.nesting import is_too_deep
from ....protocols.data_urls import parse_data_url
from ....python.messages import chart_kind

BASE64 = re.compile(r"(?:[A-Za-z\d+/]{4})*(?:[A-Za-z\d+/]{2}==|[A-Za-z\d+/]{3}=)?", re.ASCII)


def drawn_apart(file: File) -> tuple[str, Any] | None:
    """The kind of display for a file that is here, and what it shows: `output` and HTML, or a
    chart's library and its specification. None where it is only to be saved.
    """
    found = parse_data_url(file.url)
    if found is None:
        return None
    kind, data = file.mime_type or found[0], found[1]
    is_picture, is_page = kind.startswith("image/"), kind == "text/html" and not file.name
    drawn_by = chart_kind(kind)
    if not (is_picture or is_page or drawn_by) or not BASE64.fullmatch(data):
        return None
    if is_picture:
        return "output", f'<img alt="" src="data:{_image_kind(kind)};base64,{data}">'
    decoded = b64decode(data)
    if is_page:
        return "output", decoded.decode("utf-8", "replace")
    try:
        content = None if is_too_deep(decoded) else msgspec.json.decode(decoded)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    return (drawn_by, content) if isinstance(content, dict) else None


def _image_kind(kind: str) -> str:
    """The type of an image as an attribute of HTML may have it."""
    return kind if re.fullmatch(r"image/[\w.+-]+", kind) else "image/png"
