"""Our events as those of an AG-UI agent."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

import msgspec

from ...core import events as ev
from ...core.errors import ErrorInfo
from ...core.messages import File, ProviderTool, Source, ToolResult, Usage
from ...core.unanswered import NOT_RUN
from ..tolerant import as_json, clean
from . import interrupts
from .request import VERSION

EVENT_STREAM = "text/event-stream"


class Writer:
    """Writes one run as a stream of records. `begin` first, then the run's events in their order;
    `Done` ends it. `run_id` and `thread_id` are those of the input.
    """

    def __init__(self, thread_id: str, run_id: str) -> None:
        self._run = {"threadId": thread_id, "runId": run_id}
        self._open: Literal["", "TEXT_MESSAGE", "REASONING_MESSAGE"] = ""
        self._messages = 0
        self._steps = 0
        self._is_in_step = False
        self._calls: dict[int, str] = {}  # ids of those that are being told
        self._pending: dict[str, None] = {}  # ids of calls without a result
        self._error: ErrorInfo | None = None
        self._usages: list[Usage] = []

    def begin(self) -> bytes:
        """The first record."""
        return _record({"type": "RUN_STARTED", "protocolVersion": VERSION} | self._run)

    def pause(self, questions: Mapping[str, ev.ApprovalRequest]) -> bytes:
        """The last records of a run that asks the person; by the questions' ids. `go_on` begins the
        run that has the replies.
        """
        asked = [interrupts.told(id, one) for id, one in questions.items()]
        outcome = {"outcome": {"type": "interrupt", "interrupts": asked}}
        end = {"type": "RUN_FINISHED"} | self._run | outcome | self._counted(None)
        self._usages.clear()
        return b"".join(map(_record, [*self._end_step(), end]))

    def go_on(self, run_id: str) -> bytes:
        """The first record of the next run of this answer."""
        self._run["runId"] = run_id
        self._messages = 0
        return self.begin()

    def write(self, batch: Sequence[ev.Event]) -> bytes:
        """The records of the next events; what AG-UI has no word for is left out."""
        return b"".join(_record(one) for event in batch for one in self._told(event))

    def _told(self, event: ev.Event) -> Iterator[dict[str, Any]]:
        match event:
            case ev.ContentDelta() | ev.RefusalDelta():
                yield from self._say("TEXT_MESSAGE", event.text)
            case ev.ReasoningDelta():
                if event.text:
                    yield from self._say("REASONING_MESSAGE", event.text)
            case ev.ToolCallStart():
                yield from self._close()
                self._calls[event.index] = event.id
                self._pending[event.id] = None
                yield _call(event.id, event.name)
            case ev.ToolCallDelta(index, fragment) if index in self._calls:
                id = self._calls[index]
                yield {"type": "TOOL_CALL_ARGS", "toolCallId": id, "delta": fragment}
            case ev.ToolCallEnd(index) if index in self._calls:
                yield {"type": "TOOL_CALL_END", "toolCallId": self._calls.pop(index)}
            case ToolResult():
                yield from self._close()
                self._pending.pop(event.call_id, None)
                yield self._result(event.call_id, event.content)
            case ProviderTool():
                yield from self._close()
                yield _call(event.id, event.name)
                if event.arguments:
                    arguments = {"toolCallId": event.id, "delta": event.arguments}
                    yield {"type": "TOOL_CALL_ARGS"} | arguments
                yield {"type": "TOOL_CALL_END", "toolCallId": event.id}
                yield self._result(event.id, as_json(event.result))
            case ev.StepStart(_, goes_on):
                if not goes_on:
                    yield from self._step()
            case ev.StepReset():
                yield from self._void()
            case Source() | File():
                # Clients that read our own names find them; others pass over.
                yield {"type": "CUSTOM", "name": event.__struct_config__.tag, "value": event}
            case Usage():
                self._usages[-1:] = [event]
            case ev.Error():
                self._error = event.error
            case ev.Done():
                yield from self._end(event)

    def _say(
        self, kind: Literal["TEXT_MESSAGE", "REASONING_MESSAGE"], text: str
    ) -> Iterator[dict[str, Any]]:
        if self._open != kind:
            yield from self._close()
            self._open = kind
            self._messages += 1
            role = "assistant" if kind == "TEXT_MESSAGE" else "reasoning"
            if kind == "REASONING_MESSAGE":
                yield {"type": "REASONING_START", "messageId": self._message_id}
            yield {"type": f"{kind}_START", "messageId": self._message_id, "role": role}
        yield {"type": f"{kind}_CONTENT", "messageId": self._message_id, "delta": text}

    def _close(self) -> Iterator[dict[str, Any]]:
        """End the message that is open."""
        if self._open:
            yield {"type": f"{self._open}_END", "messageId": self._message_id}
        if self._open == "REASONING_MESSAGE":
            yield {"type": "REASONING_END", "messageId": self._message_id}
        self._open = ""

    @property
    def _message_id(self) -> str:
        return f"{self._run['runId']}-{self._messages}"

    def _result(self, id: str, content: str) -> dict[str, Any]:
        self._messages += 1
        result = {"messageId": self._message_id, "toolCallId": id, "content": content}
        return {"type": "TOOL_CALL_RESULT", "role": "tool"} | result

    def _void(self) -> Iterator[dict[str, Any]]:
        """End what was begun of a step that begins anew: AG-UI takes nothing back, but what comes
        next stands apart, and no front end runs a call that counts no more.
        """
        yield from self._close()
        for id in self._calls.values():
            yield {"type": "TOOL_CALL_END", "toolCallId": id}
        for id in self._pending:
            yield self._result(id, NOT_RUN)
        self._calls, self._pending = {}, {}

    def _step(self) -> Iterator[dict[str, Any]]:
        yield from self._end_step()
        self._calls = {}
        self._steps += 1
        self._is_in_step = True
        yield {"type": "STEP_STARTED", "stepName": f"step {self._steps}"}

    def _end_step(self) -> Iterator[dict[str, Any]]:
        yield from self._close()
        if self._is_in_step:
            yield {"type": "STEP_FINISHED", "stepName": f"step {self._steps}"}
        self._is_in_step = False

    def _counted(self, usage: Usage | None) -> dict[str, Any]:
        usage = usage or (self._usages[-1] if self._usages else None)
        return {"usage": [usage_fields(usage)]} if usage is not None else {}

    def _end(self, done: ev.Done) -> Iterator[dict[str, Any]]:
        yield from self._end_step()
        counted = self._counted(done.usage)
        if done.status in ("error", "incomplete"):
            info = self._error or ErrorInfo("read", "The answer broke off before its end.")
            yield {"type": "RUN_ERROR", "message": info.message, "code": info.kind} | counted
            return
        outcome: dict[str, Any] = {"type": "success"}
        if done.status == "aborted":
            outcome = {"type": "cancelled"}
        elif self._pending:
            outcome["pendingToolCallIds"] = list(self._pending)
        yield {"type": "RUN_FINISHED"} | self._run | {"outcome": outcome} | counted


def _call(id: str, name: str) -> dict[str, Any]:
    return {"type": "TOOL_CALL_START", "toolCallId": id, "toolCallName": name}


def usage_fields(usage: Usage) -> dict[str, Any]:
    """Count tokens in the words of AG-UI, which are those of the AI SDK too."""
    counts = {
        "inputTokens": usage.input_tokens,
        "outputTokens": usage.output_tokens,
        "totalTokens": usage.total_tokens,
        "cachedInputTokens": usage.cached_tokens,
        "reasoningTokens": usage.reasoning_tokens,
    }
    return {name: count for name, count in counts.items() if count is not None}


def _record(fields: dict[str, Any]) -> bytes:
    try:
        data = msgspec.json.encode(fields)
    except UnicodeEncodeError:
        data = msgspec.json.encode(clean(msgspec.to_builtins(fields)))
    return b"data: %s\n\n" % data
