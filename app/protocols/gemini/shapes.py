"""The shapes of records, and how unusual ones are brought into them.

A record is read by the typed structs here: fast, and strict. Records they refuse are read as plain
dicts and brought into the same structs by `lenient_chunk`, so what a record *means* is written
once.
"""

import re
from typing import Any

import msgspec

from ..tolerant import as_dict, as_int, as_json, as_list, as_str, as_text, clean


class FunctionCall(msgspec.Struct, rename="camel"):
    id: str | None = None
    name: str | None = None
    args: msgspec.Raw = msgspec.Raw()
    partial_args: list[dict[str, Any]] | None = None  # Vertex AI, where asked to
    will_continue: bool | None = None


class Part(msgspec.Struct, rename="camel"):
    text: str | None = None
    thought: bool | None = None
    thought_signature: str | None = None
    function_call: FunctionCall | None = None
    inline_data: dict[str, Any] | None = None
    file_data: dict[str, Any] | None = None
    executable_code: dict[str, Any] | None = None
    code_execution_result: dict[str, Any] | None = None
    tool_call: dict[str, Any] | None = None  # a tool that the server runs, from Gemini 3 on
    tool_response: dict[str, Any] | None = None


class Content(msgspec.Struct):
    parts: list[Part] | None = None


class Candidate(msgspec.Struct, rename="camel"):
    index: int | None = None
    content: Content | None = None
    finish_reason: str | None = None
    finish_message: str | None = None
    continuation_token: str | None = None
    citation_metadata: Any = None
    grounding_metadata: Any = None
    url_context_metadata: Any = None


class Chunk(msgspec.Struct, rename="camel"):
    candidates: list[Candidate] | None = None
    prompt_feedback: Any = None
    usage_metadata: Any = None
    model_version: str | None = None
    response_id: str | None = None
    error: Any = None


CHUNK = msgspec.json.Decoder(Chunk)

_FIELDS = frozenset(Chunk.__struct_encode_fields__)

# Kept with an answer that ran into the limit of one request, and goes on in the next.
CONTINUATION = "continuationToken"

CALLS = {"executable_code": "executableCode", "tool_call": "toolCall"}
RESULTS = {
    "codeExecutionResult": "code_execution_result",
    "toolResponse": "tool_response",
}

_TOOL_FIELDS = {
    "inlineData": "inline_data",
    "fileData": "file_data",
    "executableCode": "executable_code",
    "toolCall": "tool_call",
}


_SNAKE = re.compile(
    rb'"(?:finish_reason|usage_metadata|model_version|response_id|prompt_feedback|inline_data'
    rb'|function_call|thought_signature|executable_code|code_execution_result)"'
)
# What a person's functions take and give keeps its names.
_KEPT = frozenset({"args", "response"})


def is_in_snake_case(data: bytes) -> bool:
    """Tell whether a record has the names of Google's Python library, as some gateways send."""
    return _SNAKE.search(data) is not None


def in_camel_case(value: Any) -> Any:
    """The same with the names that the wire has."""
    if isinstance(value, list):
        return [in_camel_case(item) for item in value]
    if not isinstance(value, dict):
        return value
    named = {_camel(name): item for name, item in value.items()}
    return {
        name: item if name in _KEPT and "candidates" not in as_dict(item) else in_camel_case(item)
        for name, item in named.items()
    }


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(map(str.capitalize, others)) if first else name


def is_strange(fields: dict[str, Any]) -> bool:
    """Tell whether an object is no response, or has an answer in it that nobody can read."""
    if not fields.keys() & _FIELDS:
        return True
    candidates = fields.get("candidates") or []
    if not isinstance(candidates, list):
        return not isinstance(candidates, dict)
    return not all(
        isinstance(candidate, dict)
        and isinstance(candidate.get("content") or "", str | list | dict)
        for candidate in candidates
    )


def lenient_chunk(fields: dict[str, Any]) -> Chunk:
    candidates = fields.get("candidates")
    if isinstance(candidates, dict):  # one, without the list around it
        candidates = [candidates]
    return Chunk(
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


def _lenient_candidate(fields: dict[str, Any], place: int) -> Candidate:
    content = fields.get("content")
    parts = content.get("parts") if isinstance(content, dict) else content
    if isinstance(parts, str | dict):
        parts = [parts]
    index = as_int(fields.get("index"))
    reason = fields.get("finishReason")
    return Candidate(
        index=place if index is None else index,
        content=Content([_lenient_part(part) for part in as_list(parts)]),
        # Some gateways write the number of the word.
        finish_reason=as_str(reason) or (str(reason) if as_int(reason) else None),
        finish_message=as_str(fields.get("finishMessage")) or None,
        continuation_token=as_str(fields.get("continuationToken")) or None,
        citation_metadata=fields.get("citationMetadata"),
        grounding_metadata=fields.get("groundingMetadata"),
        url_context_metadata=fields.get("urlContextMetadata"),
    )


def _lenient_part(part: Any) -> Part:
    if isinstance(part, str):
        return Part(text=part)
    fields = as_dict(part)
    call = fields.get("functionCall")
    tools = {
        name: dict(as_dict(fields[key]))
        for key, name in (_TOOL_FIELDS | RESULTS).items()
        if isinstance(fields.get(key), dict)
    }
    return Part(
        text=as_text(fields.get("text")),
        thought=bool(fields.get("thought")),
        thought_signature=as_str(fields.get("thoughtSignature")) or None,
        function_call=_lenient_call(call) if isinstance(call, dict) else None,
        **tools,
    )


def _lenient_call(fields: dict[str, Any]) -> FunctionCall:
    args = fields.get("args")
    arguments = ""
    if args is not None:  # text of JSON from some gateways
        arguments = as_str(args) or as_json(args)
    partial = [item for item in as_list(fields.get("partialArgs")) if isinstance(item, dict)]
    return FunctionCall(
        id=as_str(fields.get("id")) or None,
        name=as_str(fields.get("name")) or None,
        args=msgspec.Raw(arguments.encode()),
        partial_args=partial or None,
        will_continue=bool(fields.get("willContinue")),
    )
