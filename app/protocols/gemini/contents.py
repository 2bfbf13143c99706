"""A history as Gemini wants it: contents, each a list of parts."""

from collections.abc import Iterator, Sequence
from typing import Any

from ...core.messages import (
    File,
    Message,
    ProviderTool,
    Reasoning,
    Refusal,
    Text,
    ToolCall,
    ToolResult,
    user,
)
from ...core.options import Options
from ..data_urls import parse_data_url
from ..rendering import as_object, form_words
from ..takes import Takes
from ..tolerant import as_dict
from ..valid_history import settled
from .shapes import CALLS, CONTINUATION, RESULTS

NAME = "gemini"


def contents(
    messages: Sequence[Message], provider: str, model: str, placeholder: dict[str, str]
) -> Iterator[dict[str, Any]]:
    """Give the messages as contents, without instructions.

    `placeholder` stands in for the signature of calls that have none.
    """
    calls: dict[str, ToolCall] = {}
    spoken = [message for message in messages if message.role != "system"]
    for message in settled(spoken, NAME, provider, model, is_open=_is_open):
        if message.role == "assistant":
            calls = {call.id: call for call in message.tool_calls}
            parts = list(_model_parts(message, placeholder))
        else:
            parts = list(_user_parts(message, calls))
        if parts:
            yield {"role": "model" if message.role == "assistant" else "user", "parts": parts}


def _is_open(_: Message, tool: ProviderTool) -> bool:
    """Tell whether the tool was called and has no result."""
    kinds = {kind for kind, *_ in tool.extra or ()}
    return bool(kinds & set(CALLS.values())) and not kinds & RESULTS.keys()


def continued(messages: Sequence[Message]) -> tuple[Sequence[Message], str]:
    """Split off answers at the end that ran into the limit of one request.

    Returns the messages before them and the token by which the last one goes on; "" where there is
    none. The same request is to be made again with it.
    """
    token = ""
    while messages and messages[-1].role == "assistant" and messages[-1].is_paused:
        extras = [as_dict(one.extra) for one in messages[-1].parts if isinstance(one, Reasoning)]
        tokens = [extra[CONTINUATION] for extra in extras if CONTINUATION in extra]
        if not tokens:
            break
        token = token or tokens[-1]
        messages = messages[:-1]
    return messages, token


def without_system(
    messages: Sequence[Message], options: Options, takes: Takes
) -> tuple[str, Sequence[Message]]:
    """Give the instructions, and the messages; what a model can't be told apart stands in them."""
    told = [m.text for m in messages if m.role == "system" and m.text]
    if options.output and takes.form(options) == "words":
        told.append(form_words(options.output))
    system = "\n\n".join(told)
    if system and not takes.system:
        # It belongs to the first question.
        return "", [user(system), *(one for one in messages if one.role != "system")]
    return system, messages


def _user_parts(message: Message, calls: dict[str, ToolCall]) -> Iterator[dict[str, Any]]:
    for part in message.parts:
        if isinstance(part, ToolResult):
            call = calls.get(part.call_id)
            key = "error" if part.is_error else "result"
            response: dict[str, Any] = {"name": part.name, "response": {key: part.content}}
            yield {"functionResponse": _own_id(call) | response}
        elif isinstance(part, File):
            yield _file_part(part)
        elif isinstance(part, Text) and part.text:
            yield {"text": part.text}


def _model_parts(message: Message, placeholder: dict[str, str]) -> Iterator[dict[str, Any]]:
    """The parts of an answer, with their signatures."""
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
            case Reasoning(text, extra) if signature := as_dict(extra):
                if CONTINUATION in signature:
                    continue
                if not text:
                    _sign(parts, signature)
                else:
                    held = dict(signature)
            case ToolCall():
                own = as_dict(part.extra)
                signature = {k: v for k, v in own.items() if k == "thoughtSignature"}
                if not signature and not has_signature:
                    signature = placeholder
                has_signature = True  # of parallel calls only the first has one
                arguments = {"args": as_object(part.arguments)}
                call = _own_id(part) | {"name": part.name} | arguments
                parts.append({"functionCall": call} | signature)
            case ProviderTool() if part.extra:
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
    """Put together again the parts that `ServerTool.part` took apart."""
    for kind, head, signature in tool.extra:
        if kind in RESULTS:
            value = tool.result
        elif kind == "executableCode":
            value = head | as_object(tool.arguments)
        else:
            value = head | ({"args": as_object(tool.arguments)} if tool.arguments else {})
        yield {kind: value} | ({"thoughtSignature": signature} if signature else {})


def _own_id(call: ToolCall | None) -> dict[str, str]:
    """The id of a call where the server gave it; it does not know those that we made up."""
    id = as_dict(call.extra).get("id") if call is not None else None
    return {"id": id} if isinstance(id, str) else {}


def _file_part(file: File) -> dict[str, Any]:
    if inline := parse_data_url(file.url):
        return {"inlineData": {"mimeType": file.mime_type or inline[0], "data": inline[1]}}
    data = {"fileUri": file.url} | ({"mimeType": file.mime_type} if file.mime_type else {})
    return {"fileData": data}
