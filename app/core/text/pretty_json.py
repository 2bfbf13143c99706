"""JSON for people to read, in lines."""

import json
from typing import Any

import msgspec

from ..nesting import is_too_deep

# Longer texts are not made pretty.
_PRETTY_CHARACTERS = 100_000


def in_lines(value: Any) -> str:
    """A value as JSON.

    Raises:
        TypeError, ValueError, RecursionError, msgspec.MsgspecError: It can't be written as such.
    """
    return msgspec.json.format(msgspec.json.encode(value), indent=2).decode()


def pretty(text: str) -> str:
    """JSON in lines; other text as it is."""
    start = text.lstrip()[:1]
    if start not in ("{", "[") or len(text) > _PRETTY_CHARACTERS:
        return text
    if is_too_deep(text.encode("utf-8", "replace")):
        return text
    try:
        # Python's own indenting takes as long as for the whole of what it would write.
        plain = json.dumps(json.loads(text), ensure_ascii=False)
        return msgspec.json.format(plain, indent=2)
    except (ValueError, msgspec.DecodeError):
        return text
