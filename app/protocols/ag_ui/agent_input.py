"""The input of a run, as a front end sends it to an agent."""

from typing import Any

import msgspec

from ...core.errors import ProtocolError
from ...core.messages import File, Message, Part, Reasoning, Text, ToolCall, ToolResult
from ...core.options import ToolDefinition
from ..data_urls import data_url
from ..request_body import parsed
from ..tolerant import as_dict, as_list, as_str, clean
from .interrupts import Reply, replies
from .request import NAME

_ROLES = {"system": "system", "developer": "system", "user": "user", "assistant": "assistant"}


class AgentInput(msgspec.Struct, kw_only=True):
    """A front end's request: the conversation, its own tools (which it runs itself), the state that
    the agent told last, any context, and replies to what the agent asked.
    """

    thread_id: str
    run_id: str
    messages: list[Message] = []
    tools: list[ToolDefinition] = []
    state: Any = None
    context: list[Any] = []
    forwarded_props: Any = None
    resume: list[Reply] = []


def parse_request(body: bytes) -> AgentInput:
    """Read a run's input.

    Raises:
        ProtocolError: It is none; the message says what is wrong with it.
    """
    fields = parsed(body, dict[str, Any])
    for name in ("threadId", "runId"):
        if not as_str(fields.get(name)):
            raise ProtocolError(f"the request has no {name}")
    if not isinstance(fields.get("messages"), list):
        raise ProtocolError("the request has no messages")
    return AgentInput(
        thread_id=as_str(fields["threadId"]),
        run_id=as_str(fields["runId"]),
        messages=_messages(fields["messages"]),
        tools=[_tool(as_dict(one)) for one in as_list(fields.get("tools"))],
        state=clean(fields.get("state")),
        context=as_list(clean(fields.get("context"))),
        forwarded_props=clean(fields.get("forwardedProps")),
        resume=replies(as_list(fields.get("resume"))),
    )


def _messages(entries: list[Any]) -> list[Message]:
    """The conversation: thoughts join the answer behind them, results stand together."""
    messages: list[Message] = []
    thoughts: list[Part] = []
    for entry in map(as_dict, entries):
        role = as_str(entry.get("role"))
        if role == "reasoning":
            thoughts.append(_thought(entry))
        elif role == "tool":
            result = _result(entry)
            if messages and messages[-1].role == "tool":
                messages[-1].parts.append(result)
            else:
                messages.append(Message("tool", [result], status="complete"))
        elif role in _ROLES:
            parts = [*(thoughts if role == "assistant" else ()), *_parts(entry.get("content"))]
            parts += [_call(as_dict(one)) for one in as_list(entry.get("toolCalls"))]
            if role == "assistant":
                thoughts = []
            id = as_str(entry.get("id"))
            kind = _ROLES[role]
            messages.append(
                Message(kind, parts, id, protocol=NAME, status="complete")  # type: ignore[arg-type]
            )
    return messages


def _thought(entry: dict[str, Any]) -> Reasoning:
    sealed = as_str(entry.get("encryptedValue"))
    extra = {"id": as_str(entry.get("id")), "encryptedValue": sealed} if sealed else None
    return Reasoning(as_str(entry.get("content")), extra)


def _result(entry: dict[str, Any]) -> ToolResult:
    content = entry.get("content")
    text = as_str(content) or "".join(
        as_str(as_dict(part).get("text")) for part in as_list(content)
    )
    error = as_str(entry.get("error"))
    return ToolResult(as_str(entry.get("toolCallId")), text or error, is_error=bool(error))


def _call(fields: dict[str, Any]) -> ToolCall:
    function = as_dict(fields.get("function"))
    sealed = as_str(fields.get("encryptedValue"))
    return ToolCall(
        as_str(fields.get("id")),
        as_str(function.get("name")),
        as_str(function.get("arguments")),
        {"encryptedValue": sealed} if sealed else None,
    )


def _parts(content: Any) -> list[Part]:
    if isinstance(content, str):
        return [Text(as_str(content))] if content else []
    parts: list[Part] = []
    for part in map(as_dict, as_list(content)):
        if part.get("type") == "text":
            parts.append(Text(as_str(part.get("text"))))
        elif (file := file_of(part)) is not None:
            parts.append(file)
    return parts


def file_of(part: dict[str, Any]) -> File | None:
    """The file of a content part; None where it holds none that can be had from here."""
    source = as_dict(part.get("source"))
    value, mime_type = as_str(source.get("value")), as_str(source.get("mimeType"))
    name = as_str(as_dict(part.get("metadata")).get("filename"))
    match source.get("type"):
        case "data" if value:
            return File(data_url(mime_type, value), mime_type, name)
        case "url" if value:
            return File(value, mime_type, name)
    return None


def _tool(fields: dict[str, Any]) -> ToolDefinition:
    parameters = as_dict(fields.get("parameters")) or {"type": "object", "properties": {}}
    return ToolDefinition(
        as_str(fields.get("name")), as_str(fields.get("description")), clean(parameters)
    )
