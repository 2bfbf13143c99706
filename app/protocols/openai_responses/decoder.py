"""A Responses stream, or a whole response, -> events."""

import re
from typing import Any, ClassVar

import msgspec

from ...core.errors import ErrorInfo
from ...core.events import Event, Heartbeat, MessageStart, StepReset
from ...core.messages import Usage
from ...core.wire.framing import Record
from .. import decoding
from ..decoding import finish_reason
from ..failures import is_failure, stream_failure
from ..tolerant import as_dict, as_int, as_list, as_str, clean
from .items import MOST_ENDINGS, Items
from .provider_tools import image
from .request import NAME
from .shapes import EVENT, lenient_event
from .shapes import Event as WireEvent

# Which piece of which kind of item an event adds to. The last of each kind are older names.
_DELTAS = {
    "response.output_text.delta": ("message", "text"),
    "response.audio.transcript.delta": ("message", "text"),
    "response.output_audio_transcript.delta": ("message", "text"),
    "response.refusal.delta": ("message", "refusal"),
    "response.reasoning_summary_text.delta": ("reasoning", "summary"),
    "response.reasoning_summary.delta": ("reasoning", "summary"),
    "response.reasoning_text.delta": ("reasoning", "content"),
    "response.reasoning.delta": ("reasoning", "content"),
    "response.function_call_arguments.delta": ("function_call", "arguments"),
    "response.custom_tool_call_input.delta": ("custom_tool_call", "arguments"),
}

# The same pieces in whole. Some providers send no deltas of them.
_WHOLES = {name.removesuffix("delta") + "done": target for name, target in _DELTAS.items()}

# Events that end the stream. `response.done` is the realtime protocol's name for it.
_ENDS = {f"response.{word}" for word in ("completed", "incomplete", "failed", "cancelled", "done")}
_FINAL_STATUSES = {"completed", "incomplete", "failed", "cancelled"}

# Signs that a tool of the provider is at work.
_PROGRESS = re.compile(
    r"response\.\w+\.(?:in_progress|searching|interpreting|generating|compacting|completed|failed)"
)


class Decoder(decoding.Decoder):
    """Decodes a Responses stream or a whole response."""

    name: ClassVar[str] = NAME

    def __init__(self, provider: str = "") -> None:
        super().__init__(provider)
        self._items = Items("call")
        self._endings = 0
        # xAI tells its own searches as calls of custom tools (x_keyword_search, view_x_video).
        # Where tools were asked for, and no custom one, such calls are its own, and answered.
        # Source: https://docs.x.ai/docs/guides/tools/overview
        self._are_answered = False

    def _read(self, record: Record, out: list[Event]) -> None:
        try:
            event = EVENT.decode(record.data)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            self._read_leniently(record, out)
            return
        name = event.type or record.event
        target = _DELTAS.get(name)
        if target is not None:
            if event.delta:
                self._read_delta(event, target, event.delta, out)
        elif name.startswith("response."):
            self._read_event(name, event, out)
        else:
            # A failure, a whole response, the end of other protocols, or something to pass over.
            self._read_leniently(record, out)

    def _read_value(self, fields: dict[str, Any], event: str, out: list[Event]) -> None:
        name = as_str(fields.get("type")) or event
        if name in _DELTAS:
            one = lenient_event(fields)
            if one.delta:
                self._read_delta(one, _DELTAS[name], one.delta, out)
        elif name.startswith("response."):
            self._read_event(name, lenient_event(fields), out)
        elif fields.get("object") == "response" or isinstance(fields.get("output"), list):
            self._read_whole(clean(fields), out)
        elif name == "error" or is_failure(fields):
            self._fail(out, stream_failure(clean(fields)))
        elif name == "keepalive":
            out.append(Heartbeat(name))
        elif "." not in name:  # else a kind of event that is newer than this
            self._stranger(fields, out)

    def _read_delta(
        self, event: WireEvent, target: tuple[str, str], text: str, out: list[Event]
    ) -> None:
        kind, piece = target
        item = self._items.of(event, kind)
        index = event.summary_index if piece == "summary" else event.content_index
        self._items.say(item, piece, index or 0, text, out)

    def _read_event(self, name: str, event: WireEvent, out: list[Event]) -> None:
        if name == "response.created":
            self._begin(event.response or {}, out)
        elif name in _ENDS:
            self._end(event.response or {}, name.rpartition(".")[2], out)
        elif name == "response.output_item.added":
            self._items.add(event, event.item or {}, out)
        elif name == "response.output_item.done":
            fields = event.item or {}
            if kind := as_str(fields.get("type")):
                event.item_id = as_str(fields.get("id")) or event.item_id
                self._items.complete(self._items.of(event, kind), fields, out)
        elif name in _WHOLES:
            kind, piece = _WHOLES[name]
            text = event.text or event.refusal or event.arguments or event.input
            item = self._items.of(event, kind) if text else None
            index = (event.summary_index if piece == "summary" else event.content_index) or 0
            if item is not None and item.final is None:
                self._items.end_piece(item, piece, index, text or "", out)
        elif name == "response.output_text.annotation.added":
            item = self._items.of(event, "message")
            self._items.cite(item, event.content_index or 0, event.annotation or {}, out)
        elif name == "response.image_generation_call.partial_image":
            if event.partial_image_b64:
                item = self._items.of(event, "image_generation_call")
                item.preview = image(event.partial_image_b64, event.output_format)
        elif name in ("response.queued", "response.in_progress"):
            self._tell(event.response or {}, out)
        elif _PROGRESS.fullmatch(name):
            out.append(Heartbeat(name.removeprefix("response.")))
        elif name.endswith(".delta"):
            # What a tool of the provider is given: code, a command, a patch.
            tool = self._items.known(event)
            if tool is not None and event.delta:
                tool.keep(event.delta)
        # Else a kind of event that is newer than this: the items say the same at their end.

    # --- the response as a whole ---

    def _begin(self, response: dict[str, Any], out: list[Event]) -> None:
        id = as_str(response.get("id"))
        if id and self._start.id and id != self._start.id:
            if self._finish_raw is not None:
                # One more response after the end of the first, as when a tool was run between
                # the two: the answer goes on.
                self._items.begin_next()
                self._endings = 0
                self._finish_raw = self._finish_reason = None
                self.ended = False
            elif self._items:
                self._warn(out, "A second response began before the first had ended.")
                out.append(StepReset("a second response began"))
                self._items = Items("call")
            self._start = MessageStart()
        self._tell(response, out)

    def _tell(self, response: dict[str, Any], out: list[Event]) -> None:
        # GitHub Copilot changes the ids with every event.
        self._tell_start(as_str(response.get("id")), as_str(response.get("model")), out)
        if self._start.id:
            self._items.minted_id = f"call_{self._start.id}"
        if tools := as_list(response.get("tools")):
            self._are_answered = all(as_dict(tool).get("type") != "custom" for tool in tools)
        self._read_usage(response.get("usage"), _usage, out)

    def _end(self, response: dict[str, Any], word: str, out: list[Event]) -> None:
        self.ended = True
        self._tell(response, out)
        self._read_output(response, out)
        status = as_str(response.get("status"))
        if status in _FINAL_STATUSES:
            word = status
        if error := response.get("error"):
            self._fail(out, stream_failure({"error": error}))
        elif word == "failed":
            message = "The provider failed, and did not say why."
            self._fail(out, ErrorInfo("server", message, code=word, retryable=True))
        elif word == "cancelled":
            self._fail(out, ErrorInfo("unknown", "The response was cancelled.", code=word))
        if word in _FINAL_STATUSES:
            self._finish_raw = word
        if word == "incomplete":
            reason = as_str(as_dict(response.get("incomplete_details")).get("reason"))
            known = finish_reason(reason)
            # Whatever else it was, the answer was cut short.
            self._finish_reason = known if known != "unknown" else None

    def _read_whole(self, response: dict[str, Any], out: list[Event]) -> None:
        status = as_str(response.get("status"))
        if status in ("queued", "in_progress"):  # asked for in the background
            self._tell(response, out)
            self._read_output(response, out)
            self._warn(out, "The provider is still at work on this response.")
        else:
            self._is_whole = True
            self._end(response, "failed" if response.get("error") else status, out)

    def _read_output(self, response: dict[str, Any], out: list[Event]) -> None:
        self._endings += 1
        if self._endings <= MOST_ENDINGS:
            self._items.read_output(response.get("output"), out)
            self._correct(out)

    def _correct(self, out: list[Event]) -> None:
        """Begin anew with the items as they were told at their end, where that differs from the
        stream.
        """
        if self._items.differ():
            text = "The text at the end is not what was streamed; the text at the end counts."
            self._warn(out, text)
            out.append(StepReset("the final text differs from what was streamed"))
            out.append(self._start)
            self._items = self._items.corrected(out)

    def _flush(self, out: list[Event]) -> None:
        self._items.end(out)
        self._correct(out)
        self._items.end_calls(out, are_answered=self._are_answered)


def _usage(raw: dict[str, Any]) -> Usage:
    read, written = as_int(raw.get("input_tokens")), as_int(raw.get("output_tokens"))
    total = as_int(raw.get("total_tokens"))
    thought = as_int(as_dict(raw.get("output_tokens_details")).get("reasoning_tokens"))
    if read is not None and written is not None and thought and total == read + written + thought:
        written += thought  # as xAI counts
    return Usage(
        input_tokens=read,
        output_tokens=written,
        total_tokens=total,
        cached_tokens=as_int(as_dict(raw.get("input_tokens_details")).get("cached_tokens")),
        reasoning_tokens=thought,
        raw=raw,
    )
