"""The reader of one candidate's records."""

import contextlib
from typing import Any

import msgspec

from ...core.events import Event, ReasoningDelta, ToolCallDelta, ToolCallEnd, ToolCallStart
from ...core.messages import File
from ..answer_text import AnswerText
from ..data_urls import data_url
from ..decoding import finish_reason
from ..tolerant import as_dict, as_list, as_str, clean
from ..tool_calls import CallIds
from .partial_arguments import PartialArguments
from .server_tool import ServerTool
from .shapes import CALLS, CONTINUATION, RESULTS, Candidate, FunctionCall, Part
from .sources import searches, sources


class _Call:
    """A call as it grows. `partial` is there as long as more of it is to come."""

    def __init__(self, name: str, extra: dict[str, Any]) -> None:
        self.name = name
        self.extra = extra
        self.partial: PartialArguments | None = None


class CandidateReader:
    """Reads one candidate."""

    def __init__(self) -> None:
        self.finish_raw: str | None = None
        self.went_on = False  # behind a finish reason
        self._text = AnswerText()
        self._calls: list[_Call] = []
        self._ids = CallIds()
        self._tool: ServerTool | None = None
        self._groundings: list[dict[str, Any]] = []
        self._citations: list[dict[str, Any]] = []
        self._url_contexts: list[Any] = []

    def read(self, candidate: Candidate, out: list[Event], minted_id: str) -> None:
        """Append what one record says."""
        for part in (candidate.content and candidate.content.parts) or ():
            self.went_on = self.went_on or self.finish_raw is not None
            self._read_part(part, out, minted_id)
        # Older versions say `STOP` with every record, so it ends nothing.
        if candidate.finish_reason and candidate.finish_reason != "FINISH_REASON_UNSPECIFIED":
            self.finish_raw = candidate.finish_reason
        if candidate.continuation_token:
            self._text.settle(out)
            token = {CONTINUATION: as_str(candidate.continuation_token)}
            out.append(ReasoningDelta("", token))
        if candidate.citation_metadata is not None:
            metadata = as_dict(candidate.citation_metadata)
            # Google AI and Vertex AI call them differently.
            for key in ("citationSources", "citations"):
                self._citations += [as_dict(item) for item in as_list(metadata.get(key))]
        if candidate.grounding_metadata:
            self._groundings.append(as_dict(candidate.grounding_metadata))
        if candidate.url_context_metadata:
            urls = as_dict(candidate.url_context_metadata).get("urlMetadata")
            self._url_contexts += as_list(urls)

    def close(self, out: list[Event]) -> None:
        """Append the held text, and end the calls."""
        self._tell_tool(out)
        self._text.settle(out)
        if finish_reason(self.finish_raw or "") in ("stop", "tool_calls"):
            self._end_call(out)
        out.extend(searches(self._groundings, self._url_contexts))
        if self._citations or self._groundings:
            found = sources(self._citations, self._groundings, "".join(self._text.said))
            out.extend(map(self._text.placed, found))
        for order, call in enumerate(self._calls):
            out.append(ToolCallEnd(order, call.extra or None))

    def _read_part(self, part: Part, out: list[Event], minted_id: str) -> None:
        signature = part.thought_signature
        if part.text:
            self._tell_tool(out)
            if part.thought:
                self._text.read_reasoning(part.text, out)
            else:
                self._text.read(part.text, out)
        elif part.function_call is not None:
            self._read_call(part.function_call, signature, out, minted_id)
            return
        elif self._read_tool(part, out):
            return
        elif (file := _file(part)) and not part.thought:  # else a draft of what it will draw
            self._tell_tool(out)
            self._text.settle(out)
            out.append(file)
        if signature:
            # It may stand on any part, an empty one too, and is to be sent back.
            self._text.settle(out)
            out.append(ReasoningDelta("", {"thoughtSignature": as_str(signature)}))

    # --- calls

    def _read_call(
        self, call: FunctionCall, signature: str | None, out: list[Event], minted_id: str
    ) -> None:
        self._tell_tool(out)
        latest = self._calls[-1] if self._calls else None
        is_open = latest is not None and latest.partial is not None
        # A name begins a call, but for one that repeats it with each of its values.
        is_repeated = latest is not None and latest.name == call.name and bool(call.partial_args)
        is_new = not is_open or (bool(call.name) and not is_repeated)
        if is_new and not call.name and not bytes(call.args) and not call.partial_args:
            return  # the end of a call that was over
        if is_new:
            self._end_call(out)
            self._start_call(call, out, minted_id)
        current = self._calls[-1]
        order = len(self._calls) - 1
        if signature:
            current.extra["thoughtSignature"] = as_str(signature)
        arguments = _one_line(bytes(call.args))
        if is_new and not call.partial_args and not call.will_continue:
            # The usual form. A call without arguments may have no `args`.
            out.append(ToolCallDelta(order, "{}" if arguments in ("", "null") else arguments))
            return
        if current.partial is None:
            current.partial = PartialArguments()
        text = "".join(current.partial.add(part) for part in call.partial_args or ())
        if text:
            out.append(ToolCallDelta(order, text))
        if not call.will_continue:
            self._end_call(out)

    def _start_call(self, call: FunctionCall, out: list[Event], minted_id: str) -> None:
        self._text.settle(out)
        order = len(self._calls)
        id, name = as_str(call.id), as_str(call.name)
        own = self._ids.own(id or f"{minted_id}_{order}")
        # Of two calls with one id the second is told by its place.
        self._calls.append(_Call(name, {"id": id} if own == id else {}))
        out.append(ToolCallStart(order, own, name))

    def _end_call(self, out: list[Event]) -> None:
        if self._calls and (partial := self._calls[-1].partial) is not None:
            self._calls[-1].partial = None
            out.append(ToolCallDelta(len(self._calls) - 1, partial.close()))

    # --- tools that the server runs

    def _read_tool(self, part: Part, out: list[Event]) -> bool:
        """Read a part of such a tool; False where it is none."""
        for name, kind in CALLS.items():
            if (fields := getattr(part, name)) is not None:
                self._start_tool(kind, fields, part.thought_signature, out)
                return True
        for kind, name in RESULTS.items():
            if (fields := getattr(part, name)) is not None:
                self._read_result(kind, fields, part.thought_signature, out)
                return True
        return False

    def _start_tool(
        self, kind: str, fields: dict[str, Any], signature: str | None, out: list[Event]
    ) -> None:
        self._tell_tool(out)
        self._text.settle(out)
        self._tool = ServerTool(kind, clean(fields), signature)

    def _read_result(
        self, kind: str, fields: dict[str, Any], signature: str | None, out: list[Event]
    ) -> None:
        if self._tool is None:
            self._tool = ServerTool(kind, {}, None)
        self._tool.add_result(kind, clean(fields), signature)
        self._tell_tool(out)

    def _tell_tool(self, out: list[Event]) -> None:
        if self._tool is not None:
            out.append(self._tool.part())
            self._tool = None


def _one_line(args: bytes) -> str:
    """Arguments as they came, but for the line ends of a response that is laid out for reading."""
    if b"\n" in args:
        with contextlib.suppress(msgspec.DecodeError):
            args = msgspec.json.format(args, indent=0)
    return args.decode("utf-8", "replace")


def _file(part: Part) -> File | None:
    """An image or another file, inside the part or at an address."""
    if inline := part.inline_data:
        mime_type = as_str(inline.get("mimeType"))
        return File(data_url(mime_type, as_str(inline.get("data"))), mime_type)
    data = part.file_data or {}
    if uri := as_str(data.get("fileUri")):
        return File(uri, as_str(data.get("mimeType")))
    return None
