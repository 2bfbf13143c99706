"""Events of an AG-UI agent -> our events.

The words of versions before 1.0 (`THINKING_*`) are read too.
"""

from typing import Any, ClassVar

import msgspec

from ...core.events import Event, Heartbeat, ReasoningDelta
from ...core.messages import File, Source, ToolResult, Usage
from ...core.wire.framing import Record
from .. import decoding
from ..answer_text import AnswerText
from ..failures import stream_failure
from ..tolerant import as_dict, as_int, as_list, as_str, clean
from . import interrupts
from .agent_input import file_of
from .calls import Calls
from .json_patch import PatchError
from .request import NAME
from .state import Shown

_COUNTS = {
    "input_tokens": "inputTokens",
    "output_tokens": "outputTokens",
    "total_tokens": "totalTokens",
    "cached_tokens": "cachedInputTokens",
    "reasoning_tokens": "reasoningTokens",
}
# Signs that the agent goes on, with the field that names its work.
_SIGNS_OF_LIFE = {"STEP_STARTED": "stepName", "SUBAGENT_STARTED": "name", "THINKING_START": "title"}
# What frames the rest, and what only the two ends of another pair understand.
_PASSED_OVER = frozenset(
    (
        *("TEXT_MESSAGE_END", "TOOL_CALL_END", "STEP_FINISHED", "SUBAGENT_FINISHED"),
        *("REASONING_START", "REASONING_MESSAGE_START", "REASONING_MESSAGE_END", "REASONING_END"),
        *("THINKING_TEXT_MESSAGE_START", "THINKING_TEXT_MESSAGE_END", "THINKING_END"),
        "RAW",
    )
)


class Decoder(decoding.Decoder):
    """Decodes the stream of one run."""

    name: ClassVar[str] = NAME

    def __init__(self, provider: str = "") -> None:
        super().__init__(provider)
        self._text = AnswerText()
        self._calls = Calls()
        self._shown = Shown()
        # Whose words come: the id of the message, and the roles of those that are not the agent's.
        self._message_id = ""
        self._strange_ids: set[str] = set()
        self._told_ids: set[str] = set()

    def take_question(self, body: bytes) -> None:
        self._shown.question = body

    def _read(self, record: Record, out: list[Event]) -> None:
        try:
            fields = msgspec.json.decode(record.data)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            fields = None
        if isinstance(fields, dict) and isinstance(fields.get("type"), str):
            self._read_value(fields, record.event, out)
        else:
            self._read_leniently(record, out)

    def _read_value(self, fields: dict[str, Any], event: str, out: list[Event]) -> None:
        kind = as_str(fields.get("type"))
        match kind:
            case "TEXT_MESSAGE_CONTENT" | "TEXT_MESSAGE_CHUNK" | "TEXT_MESSAGE_START":
                self._read_text(fields, out)
            case "REASONING_MESSAGE_CONTENT" | "REASONING_MESSAGE_CHUNK":
                self._text.read_reasoning(_raw(fields.get("delta")), out)
            case "THINKING_TEXT_MESSAGE_CONTENT":
                self._text.read_reasoning(_raw(fields.get("delta")), out)
            case "REASONING_ENCRYPTED_VALUE":
                self._read_encrypted(fields, out)
            case "TOOL_CALL_START" | "TOOL_CALL_ARGS" | "TOOL_CALL_CHUNK":
                self._text.settle(out)
                self._calls.add(fields, out)
            case "TOOL_CALL_RESULT":
                self._read_result(fields, out)
            case "MESSAGES_SNAPSHOT":
                self._read_snapshot(fields, out)
            case "RUN_STARTED":
                self._tell_start(as_str(fields.get("runId")), "", out)
            case "RUN_FINISHED":
                self._finish(fields, out)
            case "RUN_ERROR":
                self._read_usages(fields, out)
                self._fail(out, stream_failure(clean(fields)))
                self.ended = True
            case "CUSTOM":
                self._read_custom(fields, out)
            case "SUBAGENT_ERROR":
                self._warn(out, f"A part of the agent failed: {as_str(fields.get('message'))}")
            case _ if kind in _SIGNS_OF_LIFE:
                out.append(Heartbeat(as_str(fields.get(_SIGNS_OF_LIFE[kind]))))
            case _ if kind not in _PASSED_OVER:
                self._read_shown(kind, fields, event, out)

    def _read_shown(self, kind: str, fields: dict[str, Any], event: str, out: list[Event]) -> None:
        take = {
            "STATE_SNAPSHOT": self._shown.take_state,
            "STATE_DELTA": self._shown.change_state,
            "ACTIVITY_SNAPSHOT": self._shown.take_activity,
            "ACTIVITY_DELTA": self._shown.change_activity,
        }.get(kind)
        if take is None:
            if event == "error":
                self._fail(out, stream_failure(clean(fields)))
            else:
                self._stranger(fields, out)
            return
        try:
            take(clean(fields))
        except PatchError as error:
            self._warn(out, f"A change of what the agent shows does not fit: {error}.")
        out.append(Heartbeat())

    def _read_custom(self, fields: dict[str, Any], out: list[Event]) -> None:
        """Read a source or a file, which our own agents tell so; AG-UI has no word for them."""
        value = as_dict(clean(fields.get("value")))
        url = as_str(value.get("url"))
        match fields.get("name"):
            case "source" if url or value.get("title"):
                out.append(Source(url, as_str(value.get("title")), as_str(value.get("quote"))))
            case "file" if url:
                out.append(File(url, as_str(value.get("mime_type")), as_str(value.get("name"))))

    def _read_text(self, fields: dict[str, Any], out: list[Event]) -> None:
        id = as_str(fields.get("messageId")) or self._message_id
        if as_str(fields.get("role")) not in ("", "assistant"):
            self._strange_ids.add(id)  # what was asked, told once more
        if id in self._strange_ids:
            return
        if text := _raw(fields.get("delta")):
            self._begin_message(id, out)
            self._text.read(text, out)

    def _begin_message(self, id: str, out: list[Event]) -> None:
        """Begin another paragraph for the words of another message."""
        if id != self._message_id:
            self._text.settle(out)
            if self._text.length:
                self._text.read("\n\n", out)
        self._message_id = id
        self._told_ids.add(id)

    def _read_encrypted(self, fields: dict[str, Any], out: list[Event]) -> None:
        id, value = as_str(fields.get("entityId")), as_str(fields.get("encryptedValue"))
        if fields.get("subtype") == "tool-call":
            self._calls.seal(id, value)
        elif value:
            self._text.settle(out)
            out.append(ReasoningDelta("", {"id": id, "encryptedValue": value}))

    def _read_result(self, fields: dict[str, Any], out: list[Event]) -> None:
        id = as_str(fields.get("toolCallId"))
        name = self._calls.answered(id)
        if name is None:
            has_begun = self._text.length or not self._calls.is_empty
            if has_begun or fields.get("type") != "TOOL_CALL_RESULT":
                return  # of a call of ours, told once more, or of none
            name = ""  # of the run before, where the call waited for leave
        self._text.settle(out)
        content = fields.get("content")
        parts = [as_dict(part) for part in as_list(content)]
        text = "".join(as_str(part.get("text")) for part in parts) or as_str(content)
        error = as_str(fields.get("error"))
        out.append(ToolResult(id, text or error, name, is_error=bool(error)))
        out += [file for part in parts if (file := file_of(part)) is not None]

    def _read_snapshot(self, fields: dict[str, Any], out: list[Event]) -> None:
        """Read the whole conversation: some agents tell their answer only here."""
        messages = [as_dict(one) for one in as_list(fields.get("messages"))]
        asked = [n for n, one in enumerate(messages) if one.get("role") in ("user", "system")]
        new: set[str] = set()  # whose first part was in this snapshot
        for message in messages[asked[-1] + 1 :] if asked else messages:
            id = as_str(message.get("id"))
            if message.get("role") == "tool":
                self._read_result(message, out)
            elif message.get("role") == "assistant" and (id in new or id not in self._told_ids):
                new.add(id)
                if text := _raw(message.get("content")):
                    self._begin_message(id, out)
                    self._text.read(text, out)
                self._text.settle(out)
                for call in map(as_dict, as_list(message.get("toolCalls"))):
                    self._calls.add_whole(call, out)

    def _finish(self, fields: dict[str, Any], out: list[Event]) -> None:
        self.ended = True
        self._read_usages(fields, out)
        outcome = as_dict(fields.get("outcome"))
        self._finish_raw = as_str(outcome.get("type")) or "success"
        self._finish_reason = "stop"
        if self._finish_raw == "cancelled":
            self._finish_reason = "error"
        elif self._calls.has_open:
            self._finish_reason = "tool_calls"
        asked_about: set[str] = set()
        for interrupt in map(as_dict, as_list(outcome.get("interrupts"))):
            asked = as_str(interrupt.get("message")) or as_str(interrupt.get("reason"))
            asked = asked or "The agent waits for an answer."
            id = as_str(interrupt.get("toolCallId"))
            name, arguments = self._calls.told(id)
            if id in asked_about:
                arguments = ""  # each question would hold all of them once more
            asked_about.add(id)
            if (wanted := interrupts.request(interrupt, asked, name, arguments)) is None:
                self._begin_message(as_str(interrupt.get("id")), out)
                self._text.read(asked, out)
            else:
                self._text.settle(out)
                out.append(wanted)

    def _read_usages(self, fields: dict[str, Any], out: list[Event]) -> None:
        """Add up one entry a model that was asked: together they are the run's."""
        raw = [as_dict(one) for one in as_list(fields.get("usage"))]
        counted = [
            Usage(**{ours: as_int(one.get(n)) for ours, n in _COUNTS.items()}) for one in raw
        ]
        if counted:
            total = counted[0]
            for one in counted[1:]:
                total += one
            self._usage = msgspec.structs.replace(total, raw=clean(raw))
            out.append(self._usage)

    def _flush(self, out: list[Event]) -> None:
        self._text.settle(out)
        self._calls.close(out)
        out.extend(self._shown.parts())


def _raw(value: Any) -> str:
    """Text as it came: half a character may be made whole by the next fragment."""
    return value if isinstance(value, str) else ""
