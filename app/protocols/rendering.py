"""What a protocol makes of a question: the part of a request that is its own."""

from typing import Any

import msgspec

from ..core.nesting import is_too_deep
from .tolerant import clean


class Rendered(msgspec.Struct, frozen=True):
    """What is sent, without saying to whom: `path` goes behind the provider's base URL."""

    path: str
    body: bytes
    headers: dict[str, str] = {}


def as_object(arguments: str) -> dict[str, Any]:
    """Arguments as the object that they must be, for protocols that send no text for it.

    What is none, or nests deeper than a parser survives, is shown to the model as it wrote it.
    """
    if not arguments.strip():
        return {}
    data = arguments.encode("utf-8", "replace")
    if not is_too_deep(data):
        try:
            return msgspec.json.decode(data, type=dict[str, Any])
        except msgspec.DecodeError:
            pass
    return {"INVALID_JSON": clean(arguments)}
