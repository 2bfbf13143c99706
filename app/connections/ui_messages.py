"""The AI SDK's "UI messages": a run as its stream.

Source: https://ai-sdk.dev/docs/ai-sdk-ui/stream-protocol (version 1 of the stream).
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

import msgspec

from ..core import events as ev
from ..core.errors import ErrorInfo
from ..core.messages import (
    File,
    ProviderTool,
    Source,
    ToolResult,
)
from ..core.nesting import is_too_deep
from ..protocols.ag_ui.writing import usage_fields
from ..protocols.tolerant import as_json, clean

HEADERS = {"x-vercel-ai-ui-message-stream": "v1"}

_BROKE_OFF = "The answer broke off before its end."
_REASONS = {
    "stop": "stop",
    "length": "length",
    "tool_calls": "tool-calls",
    "content_filter": "content-filter",
    "refusal": "content-filter",
    "error": "error",
}
_DONE = b"data: [DONE]\n\n"
# The tool that a question to the person stands for, which this stream has no other word for.
ASK = "ask"


class Writer:
    """Writes one run as a stream of records: its events in their order; `Done` ends it."""

    def __init__(self) -> None:
        self._has_begun = False
        self._open: Literal["", "text", "reasoning"] = ""
        self._blocks = 0
        self._sources = 0
        self._is_in_step = False
        self._calls: dict[int, tuple[str, str]] = {}  # ids and names of this step's
        self._arguments: dict[str, str] = {}
        self._error: ErrorInfo | None = None
        self._id = ""
        self._asked: dict[str, ev.ApprovalRequest] = {}
        self._denied: set[str] = set()

    def pause(self, questions: Mapping[str, ev.ApprovalRequest]) -> bytes:
        """The last records of a response that asks the person; by the questions' ids. `go_on`
        begins the one after the replies.
        """
        self._asked = dict(questions)
        asked = [record for id, one in questions.items() for record in _question(id, one)]
        end = {"type": "finish", "finishReason": "tool-calls"}
        records = [*self._close(), *asked, *self._end_step(), end]
        return b"".join(map(_record, records)) + _DONE

    def go_on(self, replies: Mapping[str, bool]) -> bytes:
        """The first records of a response that goes on with the same message."""
        records = [*self._start()]
        for id, one in self._asked.items():
            is_yes = replies.get(id, False)
            if one.wants == "approval" and not is_yes:
                self._denied.add(one.call_id)
            elif one.wants != "approval" and is_yes:
                output = {"toolCallId": id, "output": {"approved": True}, "dynamic": True}
                records.append({"type": "tool-output-available"} | output)
            elif not is_yes:
                records.append({"type": "tool-output-denied", "toolCallId": id})
        self._asked = {}
        return b"".join(map(_record, records))

    def write(self, batch: Sequence[ev.Event]) -> bytes:
        """The records of the next events; what this stream has no word for is left out."""
        records = b"".join(_record(one) for event in batch for one in self._told(event))
        return records + (_DONE if batch and isinstance(batch[-1], ev.Done) else b"")

    def _told(self, event: ev.Event) -> Iterator[dict[str, Any]]:
        if not self._has_begun:
            self._has_begun = True
            self._id = event.id if isinstance(event, ev.MessageStart) else ""
            yield from self._start()
        match event:
            case ev.ContentDelta() | ev.RefusalDelta():
                yield from self._say("text", event.text)
            case ev.ReasoningDelta():
                if event.text:
                    yield from self._say("reasoning", event.text)
            case ev.ToolCallStart():
                yield from self._close()
                self._calls[event.index] = event.id, event.name
                self._arguments[event.id] = ""
                call = {"toolCallId": event.id, "toolName": event.name}
                yield {"type": "tool-input-start"} | call
            case ev.ToolCallDelta(index, fragment) if index in self._calls:
                id, _ = self._calls[index]
                self._arguments[id] = self._arguments.get(id, "") + fragment
                delta = {"toolCallId": id, "inputTextDelta": fragment}
                yield {"type": "tool-input-delta"} | delta
            case ev.ToolCallEnd(index) if index in self._calls:
                id, name = self._calls[index]
                yield _input(id, name, self._arguments.pop(id, ""))
            case ToolResult():
                yield from self._close()
                if event.call_id in self._denied:
                    yield {"type": "tool-output-denied", "toolCallId": event.call_id}
                else:
                    yield _output(event.call_id, event.content, is_error=event.is_error)
            case ProviderTool():
                yield from self._close()
                its_own = {"providerExecuted": True}
                yield _input(event.id, event.name, event.arguments) | its_own
                yield _output(event.id, as_json(event.result), is_error=False) | its_own
            case ev.StepStart(_, goes_on):
                if not goes_on:
                    yield from self._step()
            case ev.StepReset():
                self._open, self._calls = "", {}
                yield {"type": "reset-step"}
            case Source():
                yield from self._source(event)
            case File():
                yield from self._close()  # what is said next stands behind it
                kind = event.mime_type or "application/octet-stream"
                yield {"type": "file", "url": event.url, "mediaType": kind}
            case ev.Error():
                self._error = event.error
            case ev.Done():
                yield from self._end(event)

    def _start(self) -> Iterator[dict[str, Any]]:
        yield {"type": "start"} | ({"messageId": self._id} if self._id else {})

    def _say(self, kind: Literal["text", "reasoning"], text: str) -> Iterator[dict[str, Any]]:
        if self._open != kind:
            yield from self._close()
            self._open = kind
            self._blocks += 1
            yield {"type": f"{kind}-start", "id": str(self._blocks)}
        yield {"type": f"{kind}-delta", "id": str(self._blocks), "delta": text}

    def _close(self) -> Iterator[dict[str, Any]]:
        if self._open:
            yield {"type": f"{self._open}-end", "id": str(self._blocks)}
        self._open = ""

    def _step(self) -> Iterator[dict[str, Any]]:
        yield from self._end_step()
        self._calls = {}
        self._is_in_step = True
        yield {"type": "start-step"}

    def _end_step(self) -> Iterator[dict[str, Any]]:
        yield from self._close()
        if self._is_in_step:
            yield {"type": "finish-step"}
        self._is_in_step = False

    def _source(self, source: Source) -> Iterator[dict[str, Any]]:
        self._sources += 1
        named = {"sourceId": f"source-{self._sources}", "title": source.title}
        if source.url:
            yield {"type": "source-url", "url": source.url} | named
        elif source.title:
            yield {"type": "source-document", "mediaType": "text/plain"} | named

    def _end(self, done: ev.Done) -> Iterator[dict[str, Any]]:
        yield from self._end_step()
        if done.status == "aborted":
            yield {"type": "abort"}
            return
        if done.status in ("error", "incomplete"):
            yield {"type": "error", "errorText": self._error.message if self._error else _BROKE_OFF}
        reason = _REASONS.get(done.finish_reason or "", "other")
        end: dict[str, Any] = {"type": "finish", "finishReason": reason}
        if done.usage is not None:
            end["messageMetadata"] = {"usage": usage_fields(done.usage)}
        yield end


def _question(id: str, asked: ev.ApprovalRequest) -> Iterator[dict[str, Any]]:
    """A call's approval; a question that belongs to no call is one of its own."""
    request = {"type": "tool-approval-request", "approvalId": id}
    if asked.wants == "approval":
        yield request | {"toolCallId": asked.call_id}
    else:
        yield _input(id, ASK, asked.arguments) | {"dynamic": True}
        yield request | {"toolCallId": id}


def _input(id: str, name: str, arguments: str) -> dict[str, Any]:
    call = {"toolCallId": id, "toolName": name}
    try:
        return call | {"type": "tool-input-available", "input": _value(arguments or "{}")}
    except ValueError:
        error = "The arguments are no JSON."
        return call | {"type": "tool-input-error", "input": arguments, "errorText": error}


def _output(id: str, content: str, *, is_error: bool) -> dict[str, Any]:
    if is_error:
        return {"type": "tool-output-error", "toolCallId": id, "errorText": content}
    try:
        output = _value(content)
    except ValueError:
        output = content
    return {"type": "tool-output-available", "toolCallId": id, "output": output}


def _value(text: str) -> Any:
    """Read a text as JSON. Raises ValueError."""
    if is_too_deep(text.encode("utf-8", "replace")):
        raise ValueError("it nests too deep")
    return msgspec.json.decode(text)


def _record(fields: dict[str, Any]) -> bytes:
    try:
        data = msgspec.json.encode(fields)
    except UnicodeEncodeError:
        data = msgspec.json.encode(clean(msgspec.to_builtins(fields)))
    return b"data: %s\n\n" % data
