"""Reading JSON that providers got wrong, without losing what is good in it.

The typed decoders are strict and fast. Records they refuse come here: `NaN`, raw control
characters, lone surrogates, two objects in one record, an object that broke off where the next one
began.
"""

import json
import math
import re
from typing import Any

import msgspec

from ..core.json_values import paired
from ..core.nesting import is_too_deep

_DECODER = json.JSONDecoder(strict=False)
_NOT_A_VALUE = re.compile(r"(?:[\s,]|data:)*")
# A record holds one value, and a broken one two or three; to look for more in a long record that is
# not JSON at all would take time that grows with its square.
_MAX_PIECES = 32
# Values glued together without any mistake cost only their length, but some microseconds each.
_MAX_VALUES = 4096
# How much of a long record is looked at for its next value before more is.
_LOOKED_AT = 1024
_NEXT_RECORD = re.compile(r"data:\s*\{")


def values(data: bytes) -> tuple[list[Any], list[str]]:
    """Return all JSON values in a record that should hold one, and the pieces that are none.

    A buggy gateway writes `{…}{…}`, or lets one record break off and the next begin in its middle
    (`{"a": "bdata: {…}`); the second then still counts. Strings may hold lone surrogates: read
    them with `as_str`, `clean` or `whole_characters`. Never raises.
    """
    text = data.decode("utf-8", "replace").removeprefix("\ufeff")
    found: list[Any] = []
    bad: list[str] = []
    at = _skip(text, 0)
    while at < len(text):
        try:
            if len(found) == _MAX_VALUES:
                raise ValueError("more values than any record has")
            value, end = _next_value(text, at)
        except ValueError:
            may_go_on = len(found) + len(bad) < _MAX_PIECES
            following = _NEXT_RECORD.search(text, at + 1) if may_go_on else None
            end = following.start() if following else len(text)
            bad.append(text[at:end])
        else:
            found.append(value)
        at = _skip(text, end)
    return found, bad


def _next_value(text: str, at: int) -> tuple[Any, int]:
    """Read the value that begins here; return it with its end. Costs what the value is long.

    Raises:
        ValueError: There is none, or none that Python can follow.
    """
    size = _LOOKED_AT
    while True:
        some = text[at : at + size]
        is_all = at + size >= len(text)
        # Asked anew at each beginning: what is inside a string depends on where one begins.
        if is_too_deep(some.encode("utf-8", "replace")):
            raise ValueError("nested deeper than Python can follow")
        try:
            value, end = _DECODER.raw_decode(some)
        except json.JSONDecodeError as error:
            is_cut = error.pos > len(some) - 16 or error.msg.startswith("Unterminated")
            if is_all or not is_cut:
                raise
        else:
            if is_all or end < len(some):  # else more digits may follow
                return value, at + end
        size *= 4


def whole_characters(text: str) -> tuple[str, str]:
    """Split off a high surrogate at the end, whose other half may come with the next delta.

    Servers that count in UTF-16 cut emoji in two. Any other lone surrogate becomes U+FFFD.
    """
    rest = ""
    if text and "\ud800" <= text[-1] <= "\udbff":
        text, rest = text[:-1], text[-1]
    return paired(text), rest


def clean(value: Any) -> Any:
    """The same value without what JSON has no form for: lone surrogates, and no numbers (NaN)."""
    if isinstance(value, str):
        return paired(value)
    if isinstance(value, list):
        return [clean(item) for item in value]
    if isinstance(value, dict):
        return {clean(key): clean(item) for key, item in value.items()}
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def as_dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def as_str(value: Any) -> str:
    return str(clean(value)) if isinstance(value, str) else ""


def as_text(value: Any) -> str | None:
    """Give text as it came, lone surrogates too; another value is written out, not lost."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, dict) and isinstance(value.get("text"), str):
        return str(value["text"])  # an object around the text
    return as_json(value)


def as_json(value: Any) -> str:
    """A value as the JSON text that it was."""
    return json.dumps(clean(value), ensure_ascii=False)


def as_int(value: Any) -> int | None:
    """A count, also where it was written as `"12"` or `12.0`."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    try:
        number = float(value)
        return int(number) if number == int(number) else None
    except (TypeError, ValueError, OverflowError):
        return None


def is_same_json(one: str, other: str) -> bool:
    """Tell whether two texts are JSON of the same value. False where a parser could not follow."""
    texts = [text.encode("utf-8", "replace") for text in (one, other)]
    if any(map(is_too_deep, texts)):
        return False
    try:
        first, second = (msgspec.json.decode(text) for text in texts)
    except msgspec.DecodeError:
        return False
    return bool(first == second)


def _skip(text: str, at: int) -> int:
    match = _NOT_A_VALUE.match(text, at)
    return match.end() if match else at
