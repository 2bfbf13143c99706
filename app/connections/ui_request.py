"""Requests of the AI SDK's front ends.

Source: https://ai-sdk.dev/docs/reference/ai-sdk-core/ui-message
"""

from collections.abc import Iterator
from typing import Any

import msgspec

from ..core.errors import ProtocolError
from ..core.messages import File, Message, Part, Reasoning, Text, ToolCall, ToolResult
from ..core.running.calls import DENIED
from ..protocols.request_body import parsed
from ..protocols.tolerant import as_dict, as_json, as_list, as_str, clean
from .ui_messages import ASK


class UIRequest(msgspec.Struct, kw_only=True):
    """A request of such a front end: the `id` of its chat, the conversation, and the rest of it.
    `approvals` are the person's replies to what the last message asked, by the questions' ids.
    """

    id: str
    messages: list[Message]
    data: dict[str, Any] = {}
    approvals: dict[str, bool] = {}


def parse_ui_request(body: bytes) -> UIRequest:
    """Read a request.

    Raises:
        ProtocolError: It is none; the message says what is wrong with it.
    """
    fields = parsed(body, dict[str, Any])
    if not isinstance(fields.get("messages"), list):
        raise ProtocolError("the request has no messages")
    messages = [one for entry in fields["messages"] for one in _messages(as_dict(entry))]
    own = ("id", "messages")
    data = clean({name: value for name, value in fields.items() if name not in own})
    approvals = _approvals(as_dict(fields["messages"][-1])) if fields["messages"] else {}
    return UIRequest(id=as_str(fields.get("id")), messages=messages, data=data, approvals=approvals)


def _approvals(entry: dict[str, Any]) -> dict[str, bool]:
    answered = [
        as_dict(part.get("approval"))
        for part in map(as_dict, as_list(entry.get("parts")))
        if entry.get("role") == "assistant" and part.get("state") == "approval-responded"
    ]
    return {as_str(one.get("id")): one.get("approved") is True for one in answered}


def _messages(entry: dict[str, Any]) -> Iterator[Message]:
    """A message; the results of its tools stand in one of their own, before what follows them."""
    role = as_str(entry.get("role"))
    if role not in ("system", "user", "assistant"):
        return
    parts: list[Part] = []
    results: list[Part] = []

    def ended() -> Iterator[Message]:
        if parts:
            yield Message(role, list(parts), as_str(entry.get("id")), status="complete")  # type: ignore[arg-type]
        if results:
            yield Message("tool", list(results), status="complete")
        parts.clear()
        results.clear()

    for part in map(as_dict, as_list(entry.get("parts"))):
        if results and part.get("type") == "step-start":
            yield from ended()
        _take(part, parts, results)
    yield from ended()


def _take(part: dict[str, Any], parts: list[Part], results: list[Part]) -> None:
    kind = as_str(part.get("type"))
    text = as_str(part.get("text"))
    match kind:
        case "text" if text:
            parts.append(Text(text))
        case "reasoning" if text:
            parts.append(Reasoning(text))
        case "file" if part.get("url"):
            name, mime_type = as_str(part.get("filename")), as_str(part.get("mediaType"))
            parts.append(File(as_str(part["url"]), mime_type, name))
        case "dynamic-tool" if part.get("toolName") == ASK and "approval" in part:
            pass  # a question of ours, and no call of a tool
        case _ if kind == "dynamic-tool" or kind.startswith("tool-"):
            name = as_str(part.get("toolName")) or kind.removeprefix("tool-")
            id = as_str(part.get("toolCallId"))
            parts.append(ToolCall(id, name, as_json(clean(part.get("input") or {}))))
            if part.get("state") == "output-available":
                output = clean(part.get("output"))
                text = output if isinstance(output, str) else as_json(output)
                results.append(ToolResult(id, text, name))
            elif part.get("state") == "output-error":
                results.append(ToolResult(id, as_str(part.get("errorText")), name, is_error=True))
            elif part.get("state") == "output-denied":
                results.append(ToolResult(id, DENIED, name, is_error=True))
