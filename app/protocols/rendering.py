"""What a protocol makes of a question: the part of a request that is its own."""

from typing import Any

import msgspec

from ..core.checking import decoded_object
from ..core.messages import ToolCall, is_object
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
    try:
        return decoded_object(arguments)
    except ValueError:
        return {"INVALID_JSON": clean(arguments)}


def as_object_text(call: ToolCall) -> str:
    """The arguments of a call as the text of a JSON object, as the model wrote it where it is one.

    A custom tool of OpenAI's takes any text.
    """
    extra = call.extra
    if isinstance(extra, dict) and extra.get("type") == "custom_tool_call":
        return call.arguments
    if call.arguments.strip() and is_object(call.arguments):
        return call.arguments
    return msgspec.json.encode(as_object(call.arguments)).decode()
