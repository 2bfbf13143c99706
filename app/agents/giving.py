"""Values that a function may give back, as events: text, events, files, and whatever notebooks
show.
"""

import base64
import json
import re
import traceback
from pathlib import Path
from typing import Any

import msgspec

from ..core.errors import UsageError
from ..core.events import ContentDelta, Event
from ..core.file_names import type_by_name
from ..core.json_values import plain
from ..core.messages import File, Message, Source, Text
from ..core.nesting import nests_too_deep
from ..protocols.data_urls import data_url
from ..python.bundles import bundle_of
from ..python.figures import figure_of
from ..python.messages import TABLE, chart_kind
from ..python.plain import MOST_CHARACTERS, cut, text_of
from ..python.tables import table_of

_MOST_FILE_BYTES = 20_000_000
# A table in the text; the rest is counted.
_MOST_ROWS = 50
# A delta of a longer text; what reads it does other things between two of them.
_LONGEST_DELTA = 200_000

# What Python, or IPython, says of an object whose class says nothing better.
_SAYS_NOTHING = re.compile(r"^<.* (?:at 0x[0-9a-f]+|object)>$", re.IGNORECASE)

_IMAGES = ("image/svg+xml", "image/png", "image/jpeg", "image/gif", "image/webp")
# Attributes of classes whose objects are data: dataclasses, msgspec, attrs.
_DATA = ("__dataclass_fields__", "__struct_fields__", "__attrs_attrs__")
# In the formula that IPython makes of code.
_CODE = r"\begin{Verbatim}"
_CONTAINERS = (list, tuple, set, frozenset)
# How the bytes of pictures begin.
_PICTURES = {b"\x89PNG\r\n": "image/png", b"\xff\xd8\xff": "image/jpeg", b"GIF8": "image/gif"}


def events_of(value: Any) -> list[Event]:
    """Turn one given value into events.

    Raises:
        UsageError: It is bytes of no picture, or a file that cannot be sent; the message says what
            to do.
    """
    if isinstance(value, Event):
        return [value]
    if isinstance(value, list | tuple) and all(map(_stands_alone, value)):
        alone = {id(figure): figure for one in value if (figure := figure_of(one) or one)}
        return [event for one in alone.values() for event in events_of(one)]
    # By type alone: a table compared with a text is a table, which is neither true nor false.
    match value:
        case None:
            return []
        case str():
            return _text(str(value))  # also of types that are texts of their own
        case Text() | Message():
            return _text(value.text)
        case Path():
            return [_file(value)]
        case bytes() | bytearray():
            return [_picture(bytes(value))]
        case dict():
            return _json(value)
        case BaseException():
            return _text("".join(traceback.format_exception_only(value)).strip())
    return _shown(value)


def _stands_alone(value: Any) -> bool:
    """Tell whether this is shown by itself in a list too, where other values are one text."""
    return isinstance(value, Event | Path) or figure_of(value) is not None


def _shown(value: Any) -> list[Event]:
    """The best of an object's representations that a message can hold."""
    bundle = bundle_of(figure_of(value) or value)
    for kind, data in bundle.items():
        if chart_kind(kind) and isinstance(data, dict):
            return [_data(json.dumps(data).encode(), kind)]
    for kind in _IMAGES:
        if data := bundle.get(kind):
            is_text = kind == "image/svg+xml"
            return [
                _data(data.encode("utf-8", "replace"), kind)
                if is_text
                else File(data_url(kind, data), kind)
            ]
    if (table := bundle.get(TABLE)) is not None:
        return _apart(_table(table))
    if markdown := bundle.get("text/markdown"):
        return _apart(markdown)
    if address := _address(value):
        return [address]
    plain = str(bundle["text/plain"])
    if (html := bundle.get("text/html")) and _SAYS_NOTHING.search(plain):
        return [_data(html.encode("utf-8", "replace"), "text/html")]
    formula = bundle.get("text/latex")
    if formula and _CODE not in formula:
        return _apart(formula if formula.startswith("$") else f"$$\n{formula}\n$$")
    if (said := bundle.get("application/json")) is not None:
        return _json(said)
    if (fields := _fields(value)) is not None:
        rows = table_of(fields)
        return _json(fields) if rows is None else _apart(_table(rows.data()))
    if plain == text_of(value) and not isinstance(value, _CONTAINERS):
        plain = _printed(value, plain)
    return _block(plain, "") if "\n" in plain else _text(plain)


def _fields(value: Any) -> Any:
    """The fields of an object that is data: a model of pydantic, a dataclass, a struct of msgspec
    or attrs; of each in a list of such. None where it is something else.
    """
    if isinstance(value, list | tuple) and value:
        found = [_fields(one) for one in value]
        return None if any(one is None for one in found) else found
    kind = type(value)
    try:
        if isinstance(value, dict):
            return value
        if hasattr(kind, "model_dump"):
            return value.model_dump(mode="json")
        if any(hasattr(kind, mark) for mark in _DATA):
            return msgspec.to_builtins(value, enc_hook=str, str_keys=True)
    except Exception:
        return None  # it is shown as text then
    return None


def _address(value: Any) -> Event | None:
    """The address that an object of `IPython.display` shows, since nothing is fetched in a frame of
    ours.
    """
    if not type(value).__module__.startswith("IPython."):
        return None
    url = getattr(value, "url", None) or getattr(value, "src", None)
    if not isinstance(url, str) or not url.startswith(("https://", "http://")):
        return None
    is_picture = type(value).__name__ == "Image"
    return File(url, type_by_name(url) or "image/png") if is_picture else Source(url)


def _printed(value: Any, otherwise: str) -> str:
    """Give what `print` shows of a value."""
    try:
        return cut(str(value), MOST_CHARACTERS)
    except Exception:
        return otherwise


def _table(table: dict[str, Any]) -> str:
    names = [column["name"] for column in table["columns"]]
    rows = table["rows"][:_MOST_ROWS]
    lines = [names, ["---"] * len(names), *rows]
    text = "\n".join(f"| {' | '.join(map(_cell, line))} |" for line in lines)
    total = table["total_rows"]
    return text if total <= len(rows) else f"{text}\n\n{len(rows):,} of {total:,} rows"


def _cell(value: Any) -> str:
    text = "" if value is None else str(value)
    return " ".join(text.replace("\\", "\\\\").replace("|", "\\|").split())


def _text(text: str) -> list[Event]:
    return [
        ContentDelta(text[at : at + _LONGEST_DELTA]) for at in range(0, len(text), _LONGEST_DELTA)
    ]


def _apart(text: str) -> list[Event]:
    return _text(f"\n\n{text}\n\n")


def _json(value: Any) -> list[Event]:
    try:
        written = plain(value) if nests_too_deep(value) else value
        return _block(json.dumps(written, indent=2, ensure_ascii=False, default=str), "json")
    except Exception:  # its keys, or what it holds, are no JSON
        return _block(text_of(value), "")


def _block(text: str, language: str) -> list[Event]:
    fence = "```"
    while fence in text:
        fence += "`"
    return _apart(f"{fence}{language}\n{text}\n{fence}")


def _data(data: bytes, kind: str, name: str = "") -> File:
    return File(data_url(kind, base64.b64encode(data).decode()), kind, name)


def _picture(data: bytes) -> File:
    for start, kind in _PICTURES.items():
        if data.startswith(start):
            return _data(data, kind)
    raise UsageError("bytes say not what they are: give a File, or the Path of a file")


def _file(path: Path) -> File:
    try:
        if path.stat().st_size > _MOST_FILE_BYTES:
            raise UsageError(f"{path.name} is too large for an answer (more than 20 MB)")
        data = path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from error
    kind = type_by_name(path.name) or "application/octet-stream"
    return _data(data, kind, path.name)
