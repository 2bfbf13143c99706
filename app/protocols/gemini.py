"""Gemini: `streamGenerateContent` and `generateContent`, from Google AI and from Vertex AI.

Source: https://ai.google.dev/api/generate-content and
https://ai.google.dev/gemini-api/docs/thought-signatures, as of November 2026.

Every record of a stream has the form of a whole response, and nothing says that one is the last:
a finish reason may come in a record without content, or (older versions) in each. With `alt=sse`
records are server-sent events, without it the elements of one JSON array; both are read.

A record is read by the typed structs below: fast, and strict. What they refuse is read as a plain
dict and brought into the same structs by `_lenient_chunk`, so what a record *means* is written
once, in `_CandidateReader`.
"""

import contextlib
import json
import re
import zlib
from collections.abc import Iterator, Sequence
from typing import Any, ClassVar
from urllib.parse import quote

import msgspec

from ..core.errors import ErrorInfo
from ..core.events import (
    Alternative,
    ChoiceEvent,
    Done,
    Event,
    MessageStart,
    ReasoningDelta,
    ToolCallDelta,
    ToolCallEnd,
    ToolCallStart,
)
from ..core.framing import Record
from ..core.messages import (
    File,
    Message,
    ProviderTool,
    Reasoning,
    Refusal,
    Source,
    Text,
    Timing,
    ToolCall,
    ToolResult,
    Usage,
)
from ..core.options import Options
from . import decoding
from .answer_text import AnswerText
from .data_urls import data_url, parse_data_url
from .decoding import finish_reason
from .failures import failure, is_failure
from .history import settled
from .partial_arguments import PartialArguments
from .rendering import Rendered
from .tolerant import as_dict, as_int, as_list, as_str, clean, values

NAME = "gemini"
MODELS_PATH = "/models?pageSize=1000"

# What stands for our word on a model that takes a number of tokens, which all of them do.
_THINKING_TOKENS = {"none": 0, "minimal": 512, "low": 1024, "medium": 8192, "high": 24576}

# From version 3 on a call without its signature is refused; where another model made it, this is
# taken instead. Earlier versions know neither the rule nor the word.
_NO_SIGNATURE = "skip_thought_signature_validator"
_SIGNS_NOTHING = re.compile(r"gemini-[12]\b|gemma")


# --- what goes out -----------------------------------------------------------------------------


def render(
    messages: Sequence[Message],
    *,
    model: str,
    options: Options,
    stream: bool,
    habits: frozenset[str] = frozenset(),
) -> Rendered:
    """The request that asks `model` to go on with `messages`. Habits: none."""
    system = "\n\n".join(m.text for m in messages if m.role == "system" and m.text)
    thinking = None
    if options.reasoning_effort is not None:
        budget = _THINKING_TOKENS[options.reasoning_effort]
        thinking = {"thinkingBudget": budget, "includeThoughts": budget > 0}
    generation = {
        "temperature": options.temperature,
        "topP": options.top_p,
        "maxOutputTokens": options.max_tokens,
        "stopSequences": options.stop,
        "seed": options.seed,
        "thinkingConfig": thinking,
    }
    generation = {name: value for name, value in generation.items() if value is not None}
    placeholder = {} if _SIGNS_NOTHING.search(model) else {"thoughtSignature": _NO_SIGNATURE}
    body: dict[str, Any] = {"contents": list(_contents(messages, placeholder))}
    if system:
        body["systemInstruction"] = {"parts": [{"text": system}]}
    if options.tools:
        declarations = [
            {
                "name": tool.name,
                "description": tool.description,
                "parametersJsonSchema": tool.parameters,
            }
            for tool in options.tools
        ]
        body["tools"] = [{"functionDeclarations": declarations}]
        body["toolConfig"] = {"functionCallingConfig": _tool_choice(options)}
    if generation:
        body["generationConfig"] = generation
    method = "streamGenerateContent?alt=sse" if stream else "generateContent"
    name = model if "/" in model else f"models/{model}"
    path = f"/{quote(name, safe='/')}:{method}"
    return Rendered(path, msgspec.json.encode(body | options.extra))


def authorization(key: str) -> dict[str, str]:
    """The headers that carry the key."""
    return {"x-goog-api-key": key}


def parse_models(body: bytes) -> list[str]:
    """Return the ids of the models in a listing that can chat; empty where it holds none."""
    parsed, _ = values(body)
    ids = []
    for item in as_list(as_dict(parsed[0]).get("models")) if parsed else ():
        fields = as_dict(item)
        methods = as_list(fields.get("supportedGenerationMethods"))
        if not methods or "generateContent" in methods:
            ids.append(as_str(fields.get("name")).removeprefix("models/"))
    return [model for model in ids if model]


def _tool_choice(options: Options) -> dict[str, Any]:
    modes = {"auto": "AUTO", "none": "NONE", "required": "ANY"}
    if mode := modes.get(options.tool_choice):
        return {"mode": mode}
    return {"mode": "ANY", "allowedFunctionNames": [options.tool_choice]}


def _contents(messages: Sequence[Message], placeholder: dict[str, str]) -> Iterator[dict[str, Any]]:
    calls: dict[str, ToolCall] = {}
    are_ours = False
    for message in settled([message for message in messages if message.role != "system"]):
        if message.role == "assistant":
            are_ours = message.protocol == NAME
            calls = {call.id: call for call in message.tool_calls}
            parts = list(_model_parts(message, placeholder))
        else:
            parts = list(_user_parts(message, calls, are_ours))
        if parts:
            yield {"role": "model" if message.role == "assistant" else "user", "parts": parts}


def _user_parts(
    message: Message, calls: dict[str, ToolCall], are_ours: bool
) -> Iterator[dict[str, Any]]:
    for part in message.parts:
        if isinstance(part, ToolResult):
            call = calls.get(part.call_id)
            name = part.name or (call.name if call else "")
            key = "error" if part.is_error else "result"
            response: dict[str, Any] = {"name": name, "response": {key: part.content}}
            yield {"functionResponse": _own_id(call, are_ours) | response}
        elif isinstance(part, File):
            yield _file_part(part)
        elif isinstance(part, Text) and part.text:
            yield {"text": part.text}


def _model_parts(message: Message, placeholder: dict[str, str]) -> Iterator[dict[str, Any]]:
    """The parts of an answer, with their signatures where it was given by this protocol.

    `placeholder` stands in for the signature of calls that have none.
    """
    is_ours = message.protocol == NAME
    parts: list[dict[str, Any]] = []
    held: dict[str, str] = {}  # a signature that came behind its part, yet was told before it
    has_signature = False
    for part in message.parts:
        match part:
            case Text(text) | Refusal(text):
                if text:
                    parts.append({"text": text} | held)
                    held = {}
            case File():
                parts.append(_file_part(part) | held)
                held = {}
            case Reasoning(text, extra) if is_ours and (signature := as_dict(extra)):
                if not text:
                    _sign(parts, signature)
                else:
                    held = dict(signature)
            case ToolCall():
                own = as_dict(part.extra) if is_ours else {}
                signature = {k: v for k, v in own.items() if k == "thoughtSignature"}
                if not signature and not has_signature:
                    signature = placeholder
                has_signature = True  # of parallel calls only the first has one
                arguments = {"args": _object(part.arguments)}
                call = _own_id(part, is_ours) | {"name": part.name or "unknown"} | arguments
                parts.append({"functionCall": call} | signature)
            case ProviderTool() if is_ours and part.extra:
                parts += _provider_parts(part)
    if held:
        _sign(parts, held)
    yield from parts


def _sign(parts: list[dict[str, Any]], signature: dict[str, str]) -> None:
    """Give a signature to the text or file before it, else to an empty text as the server does."""
    if parts and parts[-1].keys() <= {"text", "inlineData", "fileData"}:
        parts[-1] |= signature
    else:
        parts.append({"text": ""} | signature)


def _provider_parts(tool: ProviderTool) -> Iterator[dict[str, Any]]:
    """What `_ProviderTool.part` took apart, put together again."""
    for kind, head, signature in tool.extra:
        if kind in _RESULTS:
            value = tool.result
        elif kind == "executableCode":
            value = head | _object(tool.arguments)
        else:
            value = head | ({"args": _object(tool.arguments)} if tool.arguments else {})
        yield {kind: value} | ({"thoughtSignature": signature} if signature else {})


def _own_id(call: ToolCall | None, is_ours: bool) -> dict[str, str]:
    """The id of a call where the server gave it; it does not know those that we made up."""
    id = as_dict(call.extra).get("id") if call is not None and is_ours else None
    return {"id": id} if isinstance(id, str) else {}


def _file_part(file: File) -> dict[str, Any]:
    if inline := parse_data_url(file.url):
        return {"inlineData": {"mimeType": file.mime_type or inline[0], "data": inline[1]}}
    data = {"fileUri": file.url} | ({"mimeType": file.mime_type} if file.mime_type else {})
    return {"fileData": data}


def _object(arguments: str) -> dict[str, Any]:
    """Arguments as the object that they must be; what is none is shown to the model as it is."""
    if not arguments.strip():
        return {}
    try:
        return msgspec.json.decode(arguments, type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeEncodeError):
        return {"INVALID_JSON": arguments}


# --- what comes in: shapes ---------------------------------------------------------------------


class _FunctionCall(msgspec.Struct, rename="camel"):
    id: str | None = None
    name: str | None = None
    args: msgspec.Raw = msgspec.Raw()
    partial_args: list[dict[str, Any]] | None = None  # Vertex AI, where asked to
    will_continue: bool | None = None


class _Part(msgspec.Struct, rename="camel"):
    text: str | None = None
    thought: bool | None = None
    thought_signature: str | None = None
    function_call: _FunctionCall | None = None
    inline_data: dict[str, Any] | None = None
    file_data: dict[str, Any] | None = None
    executable_code: dict[str, Any] | None = None
    code_execution_result: dict[str, Any] | None = None
    tool_call: dict[str, Any] | None = None  # a tool that the server runs, from Gemini 3 on
    tool_response: dict[str, Any] | None = None


class _Content(msgspec.Struct):
    parts: list[_Part] | None = None


class _Candidate(msgspec.Struct, rename="camel"):
    index: int | None = None
    content: _Content | None = None
    finish_reason: str | None = None
    finish_message: str | None = None
    citation_metadata: Any = None
    grounding_metadata: Any = None
    url_context_metadata: Any = None


class _Chunk(msgspec.Struct, rename="camel"):
    candidates: list[_Candidate] | None = None
    prompt_feedback: Any = None
    usage_metadata: Any = None
    model_version: str | None = None
    response_id: str | None = None
    error: Any = None


_CHUNK = msgspec.json.Decoder(_Chunk)

_CALLS = {"executable_code": "executableCode", "tool_call": "toolCall"}
_RESULTS = {
    "codeExecutionResult": "code_execution_result",
    "toolResponse": "tool_response",
}


# --- what comes in: meaning --------------------------------------------------------------------


class Decoder(decoding.Decoder):
    """Decodes a stream or a whole response of `generateContent`."""

    name: ClassVar[str] = NAME

    def __init__(self) -> None:
        super().__init__()
        self._start = MessageStart()
        self._checksum: int | None = None
        self._answer = _CandidateReader()
        self._others: dict[int, _CandidateReader] = {}
        self._counts: dict[str, int] = {}
        self._raw_usage: Any = None

    def close(
        self,
        *,
        error: ErrorInfo | None = None,
        aborted: bool = False,
        timing: Timing | None = None,
    ) -> list[Event]:
        """Take the end of the stream, as every decoder does."""
        if (error is not None or aborted) and self._answer.went_on:
            self._finish_raw = None  # said with every record, so it does not speak of an end
        return super().close(error=error, aborted=aborted, timing=timing)

    def _read(self, record: Record, out: list[Event]) -> None:
        if self._checksum is None:
            self._checksum = zlib.crc32(record.data)
        try:
            chunk = _CHUNK.decode(record.data)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            self._read_leniently(record, out)
            return
        if chunk.candidates:
            self._read_chunk(chunk, out)
        else:
            # No answer in it: usage, a blocked prompt, a failure, or something to pass over.
            self._read_leniently(record, out)

    def _read_leniently(self, record: Record, out: list[Event]) -> None:
        if record.data.strip() == b"[DONE]":  # gateways with an OpenAI side
            self.ended = True
            return
        # Some write records with one line end between them instead of two.
        found, bad = values(record.data)
        for text in bad:
            self._pass_over(text, out)
        for value in found:
            for item in value if isinstance(value, list) else [value]:
                self._read_value(item, record.event, out)

    def _read_value(self, value: Any, event: str, out: list[Event]) -> None:
        fields = as_dict(value)
        if not fields:
            if event == "error":
                self._fail(out, _failure(value))
            elif value != {}:
                self._warn(out, "A record is not an object and was passed over.", value)
            return
        # Gateways of Google's own products put the response into an envelope.
        if not fields.keys() & {"candidates", "error"} and isinstance(fields.get("response"), dict):
            fields = fields["response"]
        is_answer = bool(fields.keys() & {"candidates", "promptFeedback", "usageMetadata"})
        if event == "error" or fields.get("error") or (not is_answer and is_failure(fields)):
            self._fail(out, _failure(fields))
        self._read_chunk(_lenient_chunk(fields), out)

    def _read_chunk(self, chunk: _Chunk, out: list[Event]) -> None:
        start = MessageStart(
            self._start.id or chunk.response_id or "",
            self._start.model or chunk.model_version or "",
        )
        if start != self._start:
            self._start = start
            out.append(start)
        if chunk.error:
            self._fail(out, _failure({"error": chunk.error}))
        for candidate in chunk.candidates or ():
            if not candidate.index:
                self._answer.read(candidate, out, self._minted_id())
                self._finish(candidate, out)
            else:
                reader = self._others.setdefault(candidate.index, _CandidateReader())
                events: list[Event] = []
                reader.read(candidate, events, self._minted_id())
                self._append_other(candidate.index, events, out)
        if chunk.prompt_feedback is not None:
            self._read_feedback(as_dict(chunk.prompt_feedback), out)
        if chunk.usage_metadata is not None:
            self._read_usage(chunk.usage_metadata, out)

    def _finish(self, candidate: _Candidate, out: list[Event]) -> None:
        self._finish_raw = self._answer.finish_raw
        # «Model generated function call(s).» is no news.
        if candidate.finish_message and finish_reason(candidate.finish_reason or "") != "stop":
            self._warn(out, candidate.finish_message)

    def _read_feedback(self, feedback: dict[str, Any], out: list[Event]) -> None:
        if reason := as_str(feedback.get("blockReason")):
            # There is no answer then, and no finish reason.
            self._finish_reason = "content_filter"
            self.ended = True
            words = as_str(feedback.get("blockReasonMessage"))
            self._warn(out, f"The prompt was blocked: {words or reason}", feedback)

    def _read_usage(self, raw: Any, out: list[Event]) -> None:
        if isinstance(raw, dict) and raw and raw != self._raw_usage:
            self._raw_usage = raw
            # Fields may vanish again in later records.
            counts = {name: as_int(value) for name, value in raw.items()}
            self._counts |= {name: count for name, count in counts.items() if count is not None}
            self._usage = _usage(self._counts, raw)
            out.append(self._usage)

    def _append_other(self, choice: int, events: list[Event], out: list[Event]) -> None:
        for event in events:
            out.append(Alternative(choice, event) if isinstance(event, ChoiceEvent) else event)

    def _flush(self, out: list[Event]) -> None:
        self._answer.close(out)
        for choice, reader in self._others.items():
            events: list[Event] = []
            reader.close(events)
            if raw := reader.finish_raw:
                events.append(Done("complete", finish_reason(raw), raw))
            self._append_other(choice, events, out)

    def _minted_id(self) -> str:
        """What is peculiar to this answer, for ids that stay apart in a long conversation."""
        return f"call_{self._start.id or format(self._checksum or 0, '08x')}"


class _Call:
    """A call as it grows. `partial` is there as long as more of it is to come."""

    def __init__(self, name: str, extra: dict[str, Any]) -> None:
        self.name = name
        self.extra = extra
        self.partial: PartialArguments | None = None


class _CandidateReader:
    """What the records of one candidate mean."""

    def __init__(self) -> None:
        self.finish_raw: str | None = None
        self.went_on = False  # behind a finish reason
        self._text = AnswerText()
        self._words: list[str] = []  # the text as it came: citations count its bytes
        self._calls: list[_Call] = []
        self._tool: _ProviderTool | None = None
        self._groundings: list[dict[str, Any]] = []
        self._citations: list[dict[str, Any]] = []
        self._url_contexts: list[Any] = []

    def read(self, candidate: _Candidate, out: list[Event], minted_id: str) -> None:
        """Append what one record says."""
        for part in (candidate.content and candidate.content.parts) or ():
            self.went_on = self.went_on or self.finish_raw is not None
            self._read_part(part, out, minted_id)
        # Older versions say `STOP` with every record, so it ends nothing.
        if candidate.finish_reason and candidate.finish_reason != "FINISH_REASON_UNSPECIFIED":
            self.finish_raw = candidate.finish_reason
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
        """Append what was held back, and end the calls."""
        self._tell_tool(out)
        self._text.settle(out)
        if finish_reason(self.finish_raw or "") in ("stop", "tool_calls"):
            self._end_call(out)
        out.extend(_searches(self._groundings, self._url_contexts))
        if self._citations or self._groundings:
            out.extend(_sources(self._citations, self._groundings, "".join(self._words)))
        for order, call in enumerate(self._calls):
            out.append(ToolCallEnd(order, call.extra or None))

    def _read_part(self, part: _Part, out: list[Event], minted_id: str) -> None:
        signature = part.thought_signature
        if part.text:
            self._tell_tool(out)
            if part.thought:
                self._text.read_reasoning(part.text, out)
            else:
                self._words.append(part.text)
                self._text.read(part.text, out)
        elif part.function_call is not None:
            self._read_call(part.function_call, signature, out, minted_id)
            return
        elif self._read_tool(part, out):
            return
        elif file := _file(part):
            self._tell_tool(out)
            self._text.settle(out)
            out.append(file)
        if signature:
            # It may stand on any part, an empty one too, and is to be sent back.
            self._text.settle(out)
            out.append(ReasoningDelta("", {"thoughtSignature": as_str(signature)}))

    # --- calls

    def _read_call(
        self, call: _FunctionCall, signature: str | None, out: list[Event], minted_id: str
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

    def _start_call(self, call: _FunctionCall, out: list[Event], minted_id: str) -> None:
        self._text.settle(out)
        order = len(self._calls)
        id, name = as_str(call.id), as_str(call.name)
        self._calls.append(_Call(name, {"id": id} if id else {}))
        out.append(ToolCallStart(order, id or f"{minted_id}_{order}", name))

    def _end_call(self, out: list[Event]) -> None:
        if self._calls and (partial := self._calls[-1].partial) is not None:
            self._calls[-1].partial = None
            out.append(ToolCallDelta(len(self._calls) - 1, partial.close()))

    # --- tools that the server runs

    def _read_tool(self, part: _Part, out: list[Event]) -> bool:
        """Read a part of such a tool; False where it is none."""
        for name, kind in _CALLS.items():
            if (fields := getattr(part, name)) is not None:
                self._start_tool(kind, fields, part.thought_signature, out)
                return True
        for kind, name in _RESULTS.items():
            if (fields := getattr(part, name)) is not None:
                self._read_result(kind, fields, part.thought_signature, out)
                return True
        return False

    def _start_tool(
        self, kind: str, fields: dict[str, Any], signature: str | None, out: list[Event]
    ) -> None:
        self._tell_tool(out)
        self._text.settle(out)
        self._tool = _ProviderTool(kind, clean(fields), signature)

    def _read_result(
        self, kind: str, fields: dict[str, Any], signature: str | None, out: list[Event]
    ) -> None:
        if self._tool is None:
            self._tool = _ProviderTool(kind, {}, None)
        self._tool.add_result(kind, clean(fields), signature)
        self._tell_tool(out)

    def _tell_tool(self, out: list[Event]) -> None:
        if self._tool is not None:
            out.append(self._tool.part())
            self._tool = None


class _ProviderTool:
    """A tool that the server runs: code that it executes, or one of its own by name."""

    def __init__(self, kind: str, fields: dict[str, Any], signature: str | None) -> None:
        head = dict(fields)
        self.id = as_str(fields.get("id"))
        self.name = "code_execution"
        self.result: Any = None
        self.heads: list[list[Any]] = []  # kind, fields and signature of its parts
        if kind in ("executableCode", "codeExecutionResult"):
            head.pop("code", None)
            head.pop("language", None)
            arguments = {k: v for k, v in fields.items() if k in ("language", "code")}
        else:
            self.name = as_str(fields.get("toolType")).lower()
            arguments = as_dict(head.pop("args", None))
        self.arguments = json.dumps(arguments, ensure_ascii=False) if arguments else ""
        if kind not in _RESULTS:
            self.heads.append([kind, head, signature])

    def add_result(self, kind: str, fields: dict[str, Any], signature: str | None) -> None:
        self.result = fields
        self.id = self.id or as_str(fields.get("id"))
        self.name = self.name or as_str(fields.get("toolType")).lower()
        self.heads.append([kind, {}, signature])

    def part(self) -> ProviderTool:
        """The tool with all that is to be echoed, and nothing of it twice."""
        return ProviderTool(self.id, self.name, self.arguments, self.result, self.heads)


def _one_line(args: bytes) -> str:
    """Arguments as they came, but for the line ends of a response that is laid out for reading."""
    if b"\n" in args:
        with contextlib.suppress(msgspec.DecodeError):
            args = msgspec.json.format(args, indent=0)
    return args.decode("utf-8", "replace")


def _file(part: _Part) -> File | None:
    """An image or another file, inside the part or at an address."""
    if inline := part.inline_data:
        mime_type = as_str(inline.get("mimeType"))
        return File(data_url(mime_type, as_str(inline.get("data"))), mime_type)
    data = part.file_data or {}
    if uri := as_str(data.get("fileUri")):
        return File(uri, as_str(data.get("mimeType")))
    return None


def _usage(counts: dict[str, int], raw: dict[str, Any]) -> Usage:
    def total(*names: str) -> int | None:
        found = [counts[name] for name in names if name in counts]
        return sum(found) if found else None

    return Usage(
        # Thoughts stand beside the candidates, what a server's tool found beside the prompt.
        input_tokens=total("promptTokenCount", "toolUsePromptTokenCount"),
        output_tokens=total("candidatesTokenCount", "thoughtsTokenCount"),
        total_tokens=counts.get("totalTokenCount"),
        cached_tokens=counts.get("cachedContentTokenCount"),
        reasoning_tokens=counts.get("thoughtsTokenCount"),
        raw=raw,
    )


def _failure(value: Any) -> ErrorInfo:
    info = failure(value)
    if info.message:
        return info
    return msgspec.structs.replace(info, message="The provider reported an error without words.")


# --- what comes in: sources --------------------------------------------------------------------


_CONTINUATION = bytes(range(0x80, 0xC0))  # bytes of UTF-8 that begin no character


class _Segment(msgspec.Struct, frozen=True):
    """Where a source is used: a range of the answer's bytes, and which source."""

    start: int | None
    end: int | None
    source: Source


def _sources(
    citations: list[dict[str, Any]], groundings: list[dict[str, Any]], text: str
) -> Iterator[Source]:
    """All sources, each once; later records repeat what earlier ones said."""
    segments = [*_cited(citations)]
    for grounding in groundings:
        segments += _grounded(grounding)
    characters = _characters_at(segments, text)
    told: set[tuple[str, str, int | None, int | None]] = set()
    for segment in segments:
        source = segment.source
        start, end = characters.get(segment.start or 0), characters.get(segment.end)
        if start is None or end is None or start >= end:
            start = end = None
        key = (source.url, source.title, start, end)
        if key not in told:
            told.add(key)
            yield Source(source.url, source.title, source.quote, start, end)


def _characters_at(segments: list[_Segment], text: str) -> dict[int | None, int]:
    """Places of a text in bytes -> in characters, without those that are not in it."""
    data = text.encode("utf-8", "replace")
    found: dict[int | None, int] = {0: 0}
    last = count = 0
    wanted = {place for segment in segments for place in (segment.start, segment.end)}
    for place in sorted(place for place in wanted if place is not None and place > 0):
        if place > len(data):
            break
        count += len(data[last:place].translate(None, _CONTINUATION))
        found[place] = count
        last = place
    return found


def _cited(citations: list[dict[str, Any]]) -> Iterator[_Segment]:
    """What the model recited from somewhere."""
    for citation in citations:
        source = Source(as_str(citation.get("uri")), as_str(citation.get("title")))
        if source.url or source.title:
            start, end = as_int(citation.get("startIndex")), as_int(citation.get("endIndex"))
            yield _Segment(start, end, source)


def _grounded(grounding: dict[str, Any]) -> Iterator[_Segment]:
    """What a search found, and which pieces of the answer rest on it."""
    chunks = [_chunk_source(as_dict(item)) for item in as_list(grounding.get("groundingChunks"))]
    used: set[int] = set()
    for item in as_list(grounding.get("groundingSupports")):
        segment = as_dict(as_dict(item).get("segment"))
        for number in as_list(as_dict(item).get("groundingChunkIndices")):
            index = as_int(number)
            if index is not None and 0 <= index < len(chunks):
                used.add(index)
                start, end = as_int(segment.get("startIndex")), as_int(segment.get("endIndex"))
                yield _Segment(start, end, chunks[index])
    for index, chunk in enumerate(chunks):
        if index not in used:
            yield _Segment(None, None, chunk)


def _chunk_source(chunk: dict[str, Any]) -> Source:
    """A web page, a place on the map, or a passage of a document, which may have no address."""
    found = next((value for value in chunk.values() if isinstance(value, dict)), {})
    url = as_str(found.get("uri")) or as_str(found.get("sourceUri"))
    title = as_str(found.get("title")) or as_str(found.get("documentName"))
    return Source(url, title or as_str(found.get("fileSearchStore")), as_str(found.get("text")))


def _searches(groundings: list[dict[str, Any]], urls: list[Any]) -> Iterator[ProviderTool]:
    """Searches and reads of pages, which the server tells of at the end and never wants back."""
    told: set[str] = set()
    for grounding in groundings:
        if queries := as_list(grounding.get("webSearchQueries")):
            arguments = json.dumps({"queries": clean(queries)}, ensure_ascii=False)
            if arguments in told:
                continue
            told.add(arguments)
            # To be shown with the answer, says Google.
            suggestions = as_str(as_dict(grounding.get("searchEntryPoint")).get("renderedContent"))
            yield ProviderTool("", "google_search", arguments, suggestions or None)
    if urls:
        pages = {json.dumps(url): clean(url) for url in urls}  # each once
        yield ProviderTool("", "url_context", "", list(pages.values()))


# --- what comes in: unusual shapes -------------------------------------------------------------


def _lenient_chunk(fields: dict[str, Any]) -> _Chunk:
    candidates = fields.get("candidates")
    if isinstance(candidates, dict):  # one, without the list around it
        candidates = [candidates]
    return _Chunk(
        candidates=[
            _lenient_candidate(item, place)
            for place, item in enumerate(as_list(candidates))
            if isinstance(item, dict)
        ],
        prompt_feedback=clean(fields.get("promptFeedback")),
        usage_metadata=clean(fields.get("usageMetadata")),
        model_version=as_str(fields.get("modelVersion")) or None,
        response_id=as_str(fields.get("responseId")) or None,
    )


def _lenient_candidate(fields: dict[str, Any], place: int) -> _Candidate:
    content = fields.get("content")
    parts = content.get("parts") if isinstance(content, dict) else content
    if isinstance(parts, str | dict):
        parts = [parts]
    index = as_int(fields.get("index"))
    reason = fields.get("finishReason")
    return _Candidate(
        index=place if index is None else index,
        content=_Content([_lenient_part(part) for part in as_list(parts)]),
        # Some gateways write the number of the word.
        finish_reason=as_str(reason) or (str(reason) if as_int(reason) else None),
        finish_message=as_str(fields.get("finishMessage")) or None,
        citation_metadata=fields.get("citationMetadata"),
        grounding_metadata=fields.get("groundingMetadata"),
        url_context_metadata=fields.get("urlContextMetadata"),
    )


def _lenient_part(part: Any) -> _Part:
    if isinstance(part, str):
        return _Part(text=part)
    fields = as_dict(part)
    text = fields.get("text")
    call = fields.get("functionCall")
    tools = {
        name: dict(as_dict(fields[key]))
        for key, name in (_TOOL_FIELDS | _RESULTS).items()
        if isinstance(fields.get(key), dict)
    }
    return _Part(
        # Text as it came, lone surrogates too; what is none is written out, not lost.
        text=text if text is None or isinstance(text, str) else json.dumps(clean(text)),
        thought=bool(fields.get("thought")),
        thought_signature=as_str(fields.get("thoughtSignature")) or None,
        function_call=_lenient_call(call) if isinstance(call, dict) else None,
        **tools,
    )


_TOOL_FIELDS = {
    "inlineData": "inline_data",
    "fileData": "file_data",
    "executableCode": "executable_code",
    "toolCall": "tool_call",
}


def _lenient_call(fields: dict[str, Any]) -> _FunctionCall:
    args = fields.get("args")
    arguments = ""
    if args is not None:  # text of JSON from some gateways
        arguments = as_str(args) or json.dumps(clean(args), ensure_ascii=False)
    partial = [item for item in as_list(fields.get("partialArgs")) if isinstance(item, dict)]
    return _FunctionCall(
        id=as_str(fields.get("id")) or None,
        name=as_str(fields.get("name")) or None,
        args=msgspec.Raw(arguments.encode()),
        partial_args=partial or None,
        will_continue=bool(fields.get("willContinue")),
    )
