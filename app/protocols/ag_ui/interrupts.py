"""Interrupts: an agent's questions before it goes on, and the answers, which the next run brings.

A person answers yes or no here, so an interrupt that wants more is told as text.
Source: https://docs.ag-ui.com/concepts/interrupts (version 1.0).
"""

from collections.abc import Sequence
from typing import Any

import msgspec

from ...core.events import ApprovalRequest
from ...core.messages import Message, ProviderTool, ToolResult
from ...core.nesting import is_too_deep
from ..tolerant import as_dict, as_json, as_list, as_str, clean

# In the place of a tool's server, before its name: a dot is in no name of ours.
_WHO = "agent"
# The field of the answer where an agent says nothing of its form, as the protocol recommends.
_APPROVED = "approved"
_SCHEMA = {
    "type": "object",
    "properties": {_APPROVED: {"type": "boolean"}},
    "required": [_APPROVED],
}


def request(
    interrupt: dict[str, Any], asked: str, tool: str, arguments: str
) -> ProviderTool | None:
    """Make the request for a yes or no; None where the agent wants another answer. `tool` and
    `arguments` are those of the call in question: the agent's words may leave them out.
    """
    id = as_str(interrupt.get("id"))
    if not id or _field(interrupt) is None:
        return None
    return ProviderTool(
        id,
        "interrupt",
        as_json({"question": asked} | ({"arguments": _read(arguments)} if arguments else {})),
        extra={"interrupt": clean(interrupt)},
        asks_for=f"{_WHO}.{tool or as_str(interrupt.get('reason')) or 'question'}",
        call_id=as_str(interrupt.get("toolCallId")),
    )


def resumed(history: Sequence[Message]) -> list[dict[str, Any]]:
    """Give the answers to the questions of the last answer, where nothing was said since."""
    if len(history) < 2 or history[-1].role != "tool":
        return []
    results = {one.call_id: one for one in history[-1].parts if isinstance(one, ToolResult)}
    return [
        {
            "interruptId": one.id,
            "status": "resolved",
            "payload": {_field(_interrupt(one)) or _APPROVED: not results[one.id].is_error},
        }
        for one in _questions(history[-2])
        if one.id in results
    ]


def told(id: str, asked: ApprovalRequest) -> dict[str, Any]:
    """A question of ours as the interrupt of a run."""
    interrupt: dict[str, Any] = {"id": id, "responseSchema": _SCHEMA}
    if asked.wants == "approval":
        interrupt |= {"reason": "tool_call", "toolCallId": asked.call_id}
        return interrupt | {"message": f"May {asked.name} run?"}
    fields = as_dict(_read(asked.arguments))
    question = as_str(fields.pop("question", "")) or "Yes?"
    interrupt |= {"reason": "confirmation", "message": question}
    return interrupt | ({"metadata": fields} if fields else {})


class Reply(msgspec.Struct, frozen=True):
    """A front end's reply to an interrupt."""

    interrupt_id: str
    is_yes: bool


def replies(entries: list[Any]) -> list[Reply]:
    """Read the replies that a request resumes with; what is no clear yes is a no."""
    return [
        Reply(
            as_str(entry.get("interruptId")),
            entry.get("status") == "resolved" and _is_yes(entry.get("payload")),
        )
        for entry in map(as_dict, entries)
    ]


def _is_yes(payload: Any) -> bool:
    return payload is True or as_dict(payload).get(_APPROVED) is True


def left_out(history: Sequence[Message]) -> set[str]:
    """Name the results that no agent is told: answers to its questions, and those of calls that it
    goes on to run itself.
    """
    ids = {one.id for message in history for one in _questions(message)}
    if resumed(history):
        ids |= {one.call_id for one in _questions(history[-2])}
    return ids


def _read(arguments: str) -> Any:
    """Read a call's arguments; the text itself where they are not JSON."""
    data = arguments.encode("utf-8", "replace")
    if is_too_deep(data):
        return clean(arguments)
    try:
        return clean(msgspec.json.decode(data))
    except msgspec.DecodeError:
        return clean(arguments)


def _questions(message: Message) -> list[ProviderTool]:
    return [one for one in message.parts if isinstance(one, ProviderTool) and _interrupt(one)]


def _interrupt(part: ProviderTool) -> dict[str, Any]:
    return as_dict(as_dict(part.extra).get("interrupt"))


def _field(interrupt: dict[str, Any]) -> str | None:
    """Name the field of the answer that takes a yes or no; None where that is not all it needs."""
    schema = as_dict(interrupt.get("responseSchema"))
    if not schema:
        return _APPROVED
    fields = as_dict(schema.get("properties"))
    truths = [name for name, one in fields.items() if as_dict(one).get("type") == "boolean"]
    field = _APPROVED if _APPROVED in truths else truths[0] if len(truths) == 1 else None
    return field if all(name == field for name in as_list(schema.get("required"))) else None
