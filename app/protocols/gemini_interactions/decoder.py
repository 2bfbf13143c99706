"""Records of the Interactions API -> events.

A stream tells each step by its start, its deltas and its stop, and the interaction by its end; a
whole response has the steps in a list. The end of a stream has none of them again.
"""

from typing import Any, ClassVar

import msgspec

from ...core.errors import ErrorInfo
from ...core.events import Event, Heartbeat, ReasoningDelta
from ...core.messages import Usage
from ...core.wire.framing import Record
from .. import decoding
from ..answer_text import AnswerText, behind
from ..failures import is_failure, stream_failure
from ..gemini.shapes import CONTINUATION
from ..gemini.sources import sources
from ..tolerant import as_dict, as_int, as_list, as_str, as_text, clean
from ..tool_calls import ToolCalls
from .step import FILES, ServerTool, Step, citation, file
from .steps import NAME

_AT_WORK = ("", "in_progress", "queued", "idle")


class Decoder(decoding.Decoder):
    """Decodes a stream or a whole response of the Interactions API."""

    name: ClassVar[str] = NAME

    def __init__(self, provider: str = "") -> None:
        super().__init__(provider)
        self._steps: dict[int | None, Step] = {}  # by their index
        self._latest: Step | None = None
        self._count = 0
        self._text = AnswerText()
        self._calls = ToolCalls()
        self._tools: dict[str, ServerTool] = {}  # without a result so far

    def _read(self, record: Record, out: list[Event]) -> None:
        try:
            value = msgspec.json.decode(record.data)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            value = None
        if isinstance(value, dict) and value:
            self._read_value(value, record.event, out)
        else:
            self._read_leniently(record, out)

    def _read_value(self, fields: dict[str, Any], event: str, out: list[Event]) -> None:
        name = as_str(fields.get("event_type")) or event
        match name:
            case "step.start":
                self._start_step(as_int(fields.get("index")), as_dict(fields.get("step")), out)
            case "step.delta":
                self._read_delta(self._step_of(fields), as_dict(fields.get("delta")), out)
                metadata = as_dict(fields.get("metadata"))
                self._read_usage(metadata.get("total_usage"), _usage, out)
            case "step.stop":
                self._end_step(self._step_of(fields), out)
            case "interaction.created":
                self._tell(as_dict(fields.get("interaction")), out)
            case "interaction.completed":
                self._end(as_dict(fields.get("interaction")), out)
            case "error":
                self._fail(out, stream_failure(clean(fields)))
            case _ if name.startswith("interaction."):
                out.append(Heartbeat(name))
            case _ if fields.get("object") == "interaction" or isinstance(
                fields.get("steps"), list
            ):
                self._is_whole = True
                self._end(fields, out)
            case _ if is_failure(fields):
                self._fail(out, stream_failure(clean(fields)))
            case _:
                self._stranger(fields, out)

    # --- the interaction

    def _tell(self, interaction: dict[str, Any], out: list[Event]) -> None:
        self._tell_start(as_str(interaction.get("id")), as_str(interaction.get("model")), out)
        self._read_usage(interaction.get("usage"), _usage, out)

    def _end(self, interaction: dict[str, Any], out: list[Event]) -> None:
        self._tell(interaction, out)
        if not self._count:
            for index, step in enumerate(as_list(interaction.get("steps"))):
                self._start_step(index, as_dict(step), out)
                self._end_step(self._latest, out)
        status = as_str(interaction.get("status")).lower()
        if status in _AT_WORK:  # asked for in the background
            self._warn(out, "The provider is still at work on this answer.")
            return
        self.ended = True
        self._finish_raw = status
        token = as_str(interaction.get("continuation_token"))
        if status == "requires_continuation" and token:
            self._text.settle(out)
            out.append(ReasoningDelta("", {CONTINUATION: token}))
        elif status == "requires_continuation":
            self._finish_reason = "length"  # nothing tells how it could go on
        elif status == "failed":
            errors = as_list(interaction.get("errors"))
            self._fail(out, stream_failure({"error": clean(errors[0]) if errors else {}}))
        elif status == "cancelled":
            self._fail(out, ErrorInfo("unknown", "The answer was cancelled.", code=status))

    # --- its steps

    def _step_of(self, fields: dict[str, Any]) -> Step | None:
        return self._steps.get(as_int(fields.get("index")), self._latest)

    def _start_step(self, index: int | None, fields: dict[str, Any], out: list[Event]) -> None:
        step = self._latest = self._steps[index] = Step(self._count, fields, self._text.length)
        self._count += 1
        if step.kind != "model_output":
            self._text.settle(out)
        match step.kind:
            case "model_output":
                step.start = self._text.length
                for content in as_list(fields.get("content")):
                    self._read_delta(step, as_dict(content), out)
            case "thought":
                for content in as_list(fields.get("summary")):
                    self._think(step, as_dict(content), out)
            case "function_call":
                self._add_to_call(step, out)

    def _read_delta(self, step: Step | None, delta: dict[str, Any], out: list[Event]) -> None:
        kind = as_str(delta.get("type"))
        if step is None:
            return
        if kind == "text":
            text = as_text(delta.get("text")) or ""
            step.said.append(text)
            self._text.read(text, out)
            step.citations += map(citation, map(as_dict, as_list(delta.get("annotations"))))
        elif kind in ("text_annotation_delta", "text_annotation"):
            step.citations += map(citation, map(as_dict, as_list(delta.get("annotations"))))
        elif kind == "thought_summary":
            self._think(step, as_dict(delta.get("content")), out)
        elif kind == "thought_signature":
            step.take({"signature": delta.get("signature")})
        elif kind == "arguments_delta":
            step.has_arguments = True
            step.take({"signature": delta.get("signature")})
            self._add_to_call(step, out, as_text(delta.get("arguments")) or "")
        elif kind in FILES:
            if told := file(delta):
                self._text.settle(out)
                out.append(told)
        elif kind == step.kind:
            step.take(delta)

    def _think(self, step: Step, content: dict[str, Any], out: list[Event]) -> None:
        if text := as_text(content.get("text")):
            step.thinks = True
            self._text.read_reasoning(text, out)

    def _add_to_call(self, step: Step, out: list[Event], arguments: str = "") -> None:
        self._calls.add(
            out,
            index=step.order,
            id=as_str(step.fields.get("id")),
            name=as_str(step.fields.get("name")),
            arguments=arguments,
            extra=step.signature() or None,
            minted_id=f"call_{self._start.id or step.order}",
        )

    def _end_step(self, step: Step | None, out: list[Event]) -> None:
        if step is None or step.is_over:
            return
        step.is_over = True
        if step.kind == "thought":
            self._text.settle(out)
            if step.thinks or step.signature():
                # An empty extra as well: it keeps these thoughts apart from the next.
                out.append(ReasoningDelta("", step.signature()))
        elif step.kind == "function_call":
            self._add_to_call(step, out, "" if step.has_arguments else step.arguments())
        elif step.kind == "model_output":
            self._cite(step, out)
            if error := as_dict(step.fields.get("error")):
                self._fail(out, stream_failure({"error": error}))
        elif step.kind.endswith("_call"):
            self._tools.setdefault(as_str(step.fields.get("id")), ServerTool()).add(step)
        elif step.kind.endswith("_result") and step.kind != "function_result":
            tool = self._tools.pop(as_str(step.fields.get("call_id")), ServerTool())
            tool.add(step)
            out.append(tool.part())

    def _cite(self, step: Step, out: list[Event]) -> None:
        """Append the sources of a step, which count the bytes of its text."""
        if not step.citations:
            return
        self._text.settle(out)
        text = "".join(step.said)
        hidden = len(text) - (self._text.length - step.start)
        for source in sources(step.citations, [], text):
            out.append(behind(source, hidden).moved(step.start))

    def _flush(self, out: list[Event]) -> None:
        if self._finish_raw is not None:  # else they broke off, and are not whole
            for step in self._steps.values():
                self._end_step(step, out)
        self._text.settle(out)
        out.extend(tool.part() for tool in self._tools.values())
        self._calls.close(out, f"call_{self._start.id}")


def _usage(raw: dict[str, Any]) -> Usage:
    def total(*names: str) -> int | None:
        found = [count for name in names if (count := as_int(raw.get(f"total_{name}"))) is not None]
        return sum(found) if found else None

    return Usage(
        # Thoughts stand beside the output, what a server's tool found beside the input.
        input_tokens=total("input_tokens", "tool_use_tokens"),
        output_tokens=total("output_tokens", "thought_tokens"),
        total_tokens=total("tokens"),
        cached_tokens=total("cached_tokens"),
        reasoning_tokens=total("thought_tokens"),
        raw=raw,
    )
