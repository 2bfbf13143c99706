"""Values that a function may give back, as events: text, events, files, and whatever notebooks
show.
"""

import base64
import json
import mimetypes
import re
from pathlib import Path
from typing import Any

from ..core.errors import UsageError
from ..core.events import ContentDelta, Event
from ..core.messages import File, Text
from ..python.bundles import bundle_of
from ..python.messages import TABLE

_MOST_FILE_BYTES = 20_000_000
# A table in the text; the rest is counted.
_MOST_ROWS = 50

# What Python says of an object whose class says nothing better.
_SAYS_NOTHING = re.compile(r"^<.* at 0x[0-9a-f]+>$", re.IGNORECASE)

_IMAGES = ("image/svg+xml", "image/png", "image/jpeg")


def events_of(value: Any) -> list[Event]:
    """Turn one given value into events.

    Raises:
        UsageError: It is bytes, or a file that cannot be sent; the message says what to do.
    """
    if isinstance(value, Event):
        return [value]
    if isinstance(value, list) and all(isinstance(one, Event) for one in value):
        return value
    # By type alone: a table compared with a text is a table, which is neither true nor false.
    match value:
        case None:
            return []
        case str():
            # Also of types that are texts of their own.
            return [ContentDelta(str(value))] if value else []
        case Text():
            return [ContentDelta(value.text)] if value.text else []
        case Path():
            return [_file(value)]
        case bytes() | bytearray():
            raise UsageError("bytes say not what they are: give a File, or the Path of a file")
        case dict():
            return _block(json.dumps(value, indent=2, ensure_ascii=False, default=str), "json")
    return _shown(bundle_of(value))


def _shown(bundle: dict[str, Any]) -> list[Event]:
    """The best of an object's representations that a message can hold."""
    for kind in _IMAGES:
        if data := bundle.get(kind):
            if kind == "image/svg+xml":
                data = base64.b64encode(data.encode()).decode()
            return [File(f"data:{kind};base64,{data}", kind)]
    if (table := bundle.get(TABLE)) is not None:
        return _apart(_table(table))
    if markdown := bundle.get("text/markdown"):
        return _apart(markdown)
    if formula := bundle.get("text/latex"):
        return _apart(formula if formula.startswith("$") else f"$$\n{formula}\n$$")
    plain = str(bundle["text/plain"])
    if (html := bundle.get("text/html")) and _SAYS_NOTHING.search(plain):
        return _block(html, "html")  # which the page offers to show, apart
    return _block(plain, "") if "\n" in plain else [ContentDelta(plain)]


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


def _apart(text: str) -> list[Event]:
    return [ContentDelta(f"\n\n{text}\n\n")]


def _block(text: str, language: str) -> list[Event]:
    fence = "```"
    while fence in text:
        fence += "`"
    return _apart(f"{fence}{language}\n{text}\n{fence}")


def _file(path: Path) -> File:
    try:
        if path.stat().st_size > _MOST_FILE_BYTES:
            raise UsageError(f"{path.name} is too large for an answer (more than 20 MB)")
        data = path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from error
    kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return File(f"data:{kind};base64,{base64.b64encode(data).decode()}", kind, path.name)
