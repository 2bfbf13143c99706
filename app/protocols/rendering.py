"""Rendering of a question: the part of a request that belongs to its protocol."""

from typing import Any

import msgspec

from ..core.json_values import encoded
from ..core.messages import File, Message, ToolCall, is_object
from ..core.options import Options, OutputFormat
from ..core.tools.checking import decoded_object
from .data_urls import parse_data_url
from .takes import Takes
from .tolerant import clean


class Rendered(msgspec.Struct, frozen=True):
    """The content of a request without its address: `path` goes behind the provider's base URL."""

    path: str
    body: bytes
    headers: dict[str, str] = {}


def with_extra(body: dict[str, Any], extra: dict[str, Any]) -> dict[str, Any]:
    """Merge a request's body with its additions. Tools of the provider's own stand beside those
    that are there, and so do settings in Gemini's objects for them.
    """
    merged = body | extra
    if isinstance(body.get("tools"), list) and isinstance(extra.get("tools"), list):
        merged["tools"] = [*body["tools"], *extra["tools"]]
    for name in ("generationConfig", "toolConfig", "generation_config"):
        if isinstance(body.get(name), dict) and isinstance(extra.get(name), dict):
            merged[name] = body[name] | extra[name]
    return merged


def cache_words(options: Options, takes: Takes) -> dict[str, Any]:
    """Give the fields by which a provider finds what it has read before."""
    if takes.cache == "key" and options.cache_key:
        return {"prompt_cache_key": options.cache_key}
    return {}


def as_object(arguments: str) -> dict[str, Any]:
    """Arguments as the object that they must be, for protocols that send no text for it.

    Text that is none, or nests deeper than a parser survives, is shown to the model as it wrote it.
    """
    try:
        return decoded_object(arguments)
    except ValueError:
        return {"INVALID_JSON": clean(arguments)}


def as_object_text(call: ToolCall) -> str:
    """The arguments of a call as the text of a JSON object, as the model wrote it where it is one.

    A custom tool of OpenAI's takes any text.
    """
    extra = call.extra
    if isinstance(extra, dict) and extra.get("type") == "custom_tool_call":
        return call.arguments
    if call.arguments.lstrip().startswith("{") and is_object(call.arguments):
        return call.arguments
    return encoded(as_object(call.arguments)).decode()


def is_image(file: File) -> bool:
    """Tell whether a file is an image, or may be one because its type is unknown."""
    mime_type = mime_type_of(file)
    return not mime_type or mime_type.startswith("image/")


def mime_type_of(file: File) -> str:
    """Give the type of a file, as far as it is known."""
    inline = parse_data_url(file.url)
    return file.mime_type or (inline[0] if inline else "")


def file_name(file: File) -> str:
    """The file's own name, or one that says what it is."""
    return file.name or "file." + (mime_type_of(file).rpartition("/")[2] or "bin")


def said(answer: Message) -> str:
    """Give an answer in words: the names of its pictures where there is nothing else, since files
    go one way only and no content at all is refused.
    """
    names = " ".join(f"({file_name(file)})" for file in answer.files)
    return answer.text or answer.refusal or names


def form_words(output: OutputFormat) -> str:
    """The form of the answer, told in words."""
    schema = msgspec.json.encode(output.schema).decode()
    return f"Answer with one JSON object that fits this JSON Schema, and nothing else:\n{schema}"


def with_form(messages: list[dict[str, Any]], output: OutputFormat) -> list[dict[str, Any]]:
    """The messages with the form of the answer told in words, first of all."""
    words = form_words(output)
    if messages and messages[0]["role"] == "system":
        return [messages[0] | {"content": f"{messages[0]['content']}\n\n{words}"}, *messages[1:]]
    return [{"role": "system", "content": words}, *messages]
