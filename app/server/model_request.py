"""Fields of a question that go on to the built-in model: those of our own requests.

llama.cpp takes a hundred more, and some of them end its process or keep it busy for nobody: a
grammar of 100,000 brackets, `ignore_eos`, a schema that nests without end.
"""

from collections.abc import Iterator
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, UnsetType

from ..core.nesting import is_too_deep

# A longer body holds more than the model can read; taking it apart alone costs seconds.
_MOST_BYTES = 256 * 1024
# Of all tools and forms of one question: how long they may be for each token that there is room
# for, how many parts they may have, and how often one may be repeated. They become a grammar, and
# 200 kB of it keep the model busy for a minute.
_MOST_BYTES_A_TOKEN = 4
_MOST_SCHEMA_PARTS = 1_000
_MOST_REPEATS = 100
_REPEATS = frozenset({"minItems", "maxItems", "minLength", "maxLength"})
# They become a grammar of their own making, and say no more than a check of the answer does.
_LEFT_OUT = frozenset({"pattern", "patternProperties"})
# Below them stand names that a person chose.
_NAMES = frozenset({"properties", "$defs", "definitions"})
_MOST_NUMBER = 2**53

_Count = Annotated[int, Meta(ge=1, le=_MOST_NUMBER)] | None | UnsetType
_Number = Annotated[float, Meta(ge=-1000, le=1000)] | None | UnsetType
_Word = Annotated[str, Meta(max_length=200)]
_Stops = Annotated[list[_Word], Meta(max_length=16)]
_Object = dict[str, Any] | None | UnsetType


class _Question(msgspec.Struct, omit_defaults=True):
    """The fields that the three forms of a question share."""

    model: _Word | UnsetType = UNSET
    stream: bool | None | UnsetType = UNSET
    temperature: _Number = UNSET
    top_p: _Number = UNSET
    top_k: Annotated[int, Meta(ge=0, le=1000)] | None | UnsetType = UNSET
    min_p: _Number = UNSET
    presence_penalty: _Number = UNSET
    frequency_penalty: _Number = UNSET
    tools: list[dict[str, Any]] | None | UnsetType = UNSET
    tool_choice: _Word | dict[str, Any] | None | UnsetType = UNSET


class _Chat(_Question, omit_defaults=True):
    messages: list[dict[str, Any]] | UnsetType = UNSET
    stream_options: _Object = UNSET
    max_tokens: _Count = UNSET
    max_completion_tokens: _Count = UNSET
    stop: _Stops | _Word | None | UnsetType = UNSET
    seed: Annotated[int, Meta(ge=-_MOST_NUMBER, le=_MOST_NUMBER)] | None | UnsetType = UNSET
    reasoning_effort: _Word | None | UnsetType = UNSET
    response_format: _Object = UNSET
    return_progress: bool | None | UnsetType = UNSET


class _Responses(_Question, omit_defaults=True):
    input: str | list[dict[str, Any]] | UnsetType = UNSET
    instructions: str | None | UnsetType = UNSET
    max_output_tokens: _Count = UNSET
    reasoning: _Object = UNSET
    include: list[_Word] | None | UnsetType = UNSET
    text: _Object = UNSET
    store: bool | UnsetType = UNSET


class _Messages(_Question, omit_defaults=True):
    messages: list[dict[str, Any]] | UnsetType = UNSET
    system: str | list[dict[str, Any]] | None | UnsetType = UNSET
    max_tokens: _Count = UNSET
    stop_sequences: _Stops | None | UnsetType = UNSET
    thinking: _Object = UNSET
    output_config: _Object = UNSET


_KINDS: dict[str, type[_Question]] = {
    "chat/completions": _Chat,
    "responses": _Responses,
    "messages": _Messages,
}
PATHS = {"models": "GET", **dict.fromkeys(_KINDS, "POST")}
"""What can be asked for below /v1/, and how."""

_LIMITS = ("max_tokens", "max_completion_tokens", "max_output_tokens")
_WITH_SCHEMAS = ("tools", "response_format", "text", "output_config")


class RefusedError(Exception):
    """A question that does not go on; the sentence says why. `code` is llama.cpp's own word."""

    def __init__(self, message: str, code: str = "invalid_request") -> None:
        super().__init__(message)
        self.code = code


def passed_on(path: str, body: bytes, window: int) -> bytes:
    """Give the question as the model gets it. `window` is the number of tokens it has room for.

    Raises:
        RefusedError: It is none, or too much of one.
    """
    if len(body) > _MOST_BYTES:
        raise RefusedError(
            f"the request is larger than the model's {window} tokens", "exceed_context_size_error"
        )
    if is_too_deep(body):
        raise RefusedError("the request's JSON nests too deep")
    try:
        question = msgspec.json.decode(body, type=_KINDS[path])
    except msgspec.MsgspecError as error:
        raise RefusedError(f"the request's JSON cannot be used: {error}") from error
    for name in _LIMITS:
        if isinstance(asked := getattr(question, name, UNSET), int):
            setattr(question, name, min(asked, window))
    parts = iter(range(_MOST_SCHEMA_PARTS))
    schema_bytes = 0
    for name in _WITH_SCHEMAS:
        if isinstance(given := getattr(question, name, UNSET), dict | list):
            harmless = _harmless(given, parts)
            schema_bytes += len(msgspec.json.encode(harmless))
            setattr(question, name, harmless)
    if schema_bytes > window * _MOST_BYTES_A_TOKEN:
        raise _too_large()
    return msgspec.json.encode(question)


def _too_large() -> RefusedError:
    return RefusedError("the request's tools and forms are too large for this model")


def _harmless(schema: Any, parts: Iterator[int], *, has_names: bool = False) -> Any:
    """Give the schema without the words that make a grammar grow. `has_names`: its keys are a
    person's.
    """
    if next(parts, None) is None:
        raise _too_large()
    if isinstance(schema, list):
        return [_harmless(part, parts) for part in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: _harmless(value, parts, has_names=not has_names and key in _NAMES)
        for key, value in schema.items()
        if has_names or not _is_harmful(key, value)
    }


def _is_harmful(key: str, value: Any) -> bool:
    if key in _LEFT_OUT:
        return True
    if key == "format":  # a word of schemas, and elsewhere the form of an answer
        return not isinstance(value, dict)
    if key in _REPEATS:
        return not isinstance(value, int) or not 0 <= value <= _MOST_REPEATS
    if key == "$ref":
        return not isinstance(value, str) or not value.startswith("#/")
    return isinstance(value, int | float) and not abs(value) <= _MOST_NUMBER
