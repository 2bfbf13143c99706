"""Lines of Ollama's -> events.

Answers of `/api/generate` are read too: they differ in the place of the text. A whole answer is a
stream of one line.
"""

import re
from typing import Any, ClassVar

import msgspec

from ...core.errors import ErrorInfo
from ...core.events import Event, MessageStart, ToolCallDelta, ToolCallEnd, ToolCallStart
from ...core.messages import File, Usage
from ...core.wire.framing import Record
from .. import decoding
from ..answer_text import AnswerText
from ..failures import is_failure, stream_failure
from ..tolerant import as_str, clean
from ..tool_calls import CallIds
from .request import NAME
from .shapes import COUNTS, LINE, Function, Line, Message, ToolCall, lenient_line


class Decoder(decoding.Decoder):
    """Decodes a stream of `/api/chat` or `/api/generate`, or a whole response."""

    name: ClassVar[str] = NAME

    def __init__(self, provider: str = "") -> None:
        super().__init__(provider)
        self._has_started = False
        self._minted_id = "call"
        self._text = AnswerText()
        self._calls = 0
        self._ids = CallIds()

    def _read(self, record: Record, out: list[Event]) -> None:
        try:
            line = LINE.decode(record.data)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            self._read_leniently(record, out)
            return
        if line.done is None or line.error is not None:
            # Not one of Ollama's lines: a failure, or something to pass over.
            self._read_leniently(record, out)
        else:
            self._read_line(line, out)

    def _read_value(self, fields: dict[str, Any], event: str, out: list[Event]) -> None:
        if fields.get("error") or event == "error" or _is_failure(fields):
            self._fail(out, _failure(clean(fields)))
        if fields.keys() & {"message", "response", "thinking", "done", "image"}:
            self._read_line(lenient_line(fields), out)
        elif not fields.get("error"):
            self._stranger(fields, out)

    def _read_line(self, line: Line, out: list[Event]) -> None:
        if not self._has_started and (line.model or line.created_at):
            self._has_started = True
            out.append(MessageStart("", line.model or ""))
            # Results are found by the id of their call in the whole history.
            if moment := re.sub(r"\D", "", line.created_at or ""):
                self._minted_id = f"call_{moment}"
        message = line.message or Message()
        if thinking := message.thinking or line.thinking:
            self._text.read_reasoning(thinking, out)
        if content := message.content or line.response:
            self._text.read(content, out)
        for call in message.tool_calls or ():
            self._read_call(call, out)
        for image in message.images or ():
            out.append(_image(image))
        if line.image:
            out.append(_image(line.image))
        if line.done:
            self._end(line, out)

    def _read_call(self, call: ToolCall, out: list[Event]) -> None:
        """Read a call: each comes whole, and once. Most have no id, and none an index that counts
        them.
        """
        function = call.function or Function()
        id = self._ids.own(call.id or f"{self._minted_id}_{self._calls}")
        out.append(ToolCallStart(self._calls, id, function.name or ""))
        if arguments := _arguments(function.arguments):
            out.append(ToolCallDelta(self._calls, arguments))
        self._calls += 1

    def _end(self, line: Line, out: list[Event]) -> None:
        self.ended = True
        # Early versions end without a reason.
        self._finish_raw = line.done_reason or self._finish_raw
        raw = {name: value for name in COUNTS if (value := getattr(line, name)) is not None}
        asked, said = line.prompt_eval_count, line.eval_count
        usage = Usage(
            input_tokens=asked,
            output_tokens=said,
            total_tokens=None if asked is None or said is None else asked + said,
            raw=raw,
        )
        self._usage = usage if self._usage is None else self._usage.updated(usage)
        out.append(usage)

    def _flush(self, out: list[Event]) -> None:
        self._text.settle(out)
        out.extend(ToolCallEnd(index) for index in range(self._calls))


def _arguments(raw: msgspec.Raw) -> str:
    text = bytes(raw).decode("utf-8", "replace")
    if text in ("", "null"):
        return "{}"  # how a call without arguments is written
    if text.startswith('"'):  # some proxies write the object into a string
        return as_str(msgspec.json.decode(text))
    return text


def _image(data: str) -> File:
    if data.startswith(("data:", "https:", "http:")):
        return File(data)
    return File(f"data:image/png;base64,{data}", "image/png")


def _is_failure(fields: dict[str, Any]) -> bool:
    return "done" not in fields and is_failure(fields)


def _failure(payload: Any) -> ErrorInfo:
    info = stream_failure(payload)
    if info.kind == "unknown":
        # Ollama has only words for it; before the stream it would be HTTP status 500.
        info = msgspec.structs.replace(info, kind="server", retryable=True)
    return info
