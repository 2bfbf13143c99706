"""A question as the Responses API wants it."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from ...core.json_values import encoded
from ...core.messages import (
    File,
    Message,
    Part,
    ProviderTool,
    Reasoning,
    Refusal,
    Source,
    Text,
    ToolCall,
    ToolResult,
)
from ...core.options import Options, OutputFormat
from ..rendering import Rendered, cache_words, file_name, is_image, said, with_extra
from ..takes import ANYTHING, Takes
from ..tolerant import as_dict
from ..tool_schemas import shaped
from ..valid_history import settled

NAME = "openai-responses"

# OpenAI's models that reason: only these have something to encrypt.
_REASONS = re.compile(r"(?:^|/)(?:o\d|codex|gpt-(?:[5-9]|\d\d)(?!.*chat))")


def render(
    messages: Sequence[Message],
    *,
    model: str,
    options: Options,
    stream: bool,
    habits: frozenset[str] = frozenset(),
    provider: str = "",
    takes: Takes = ANYTHING,
) -> Rendered:
    """The request that asks `model` to go on with `messages`.

    Nothing is left with the provider (`store` is false), so reasoning comes encrypted and is sent
    back with the history. A response in the background, which the extra fields
    ask for, has to be. The protocol has no stop sequences and no seed: those options are left
    out. No habits so far.
    """
    reasons = bool(_REASONS.search(model)) or options.reasoning_effort not in (None, "none")
    body: dict[str, Any] = {"model": model, "input": list(_messages(messages, provider, model))}
    settings = {
        "temperature": options.temperature,
        "top_p": options.top_p,
        "max_output_tokens": options.max_tokens,
        "reasoning": _reasoning(options, takes) or None,
        "include": ["reasoning.encrypted_content"] if reasons else None,
        "tools": [
            {
                "type": "function",
                "name": tool.name,
                "description": tool.description,
                "parameters": shaped(tool.parameters, takes.schema),
                # Required here; strictly, only schemas of a narrower kind could be used.
                "strict": False,
            }
            for tool in options.tools
        ]
        or None,
        "tool_choice": _tool_choice(options) if options.tools else None,
        "service_tier": options.service_tier,
        "text": _text(options) or None,
    }
    body |= {name: value for name, value in settings.items() if value is not None}
    is_kept = options.extra.get("background") is True
    body |= cache_words(options, takes) | {"store": is_kept, "stream": stream}
    return Rendered("/responses", encoded(with_extra(body, options.extra)))


def _reasoning(options: Options, takes: Takes) -> dict[str, str]:
    effort = options.reasoning_effort
    told = {"effort": takes.word_for(effort)} if effort else {}
    return told | ({"summary": "auto"} if takes.shows and effort != "none" else {})


def _tool_choice(options: Options) -> Any:
    if options.tool_choice in ("auto", "none", "required"):
        return options.tool_choice
    return {"type": "function", "name": options.tool_choice}


def _text(options: Options) -> dict[str, Any]:
    told: dict[str, Any] = {"format": _format(options.output)} if options.output else {}
    return told | ({"verbosity": options.verbosity} if options.verbosity else {})


def _format(output: OutputFormat) -> dict[str, Any]:
    # Strictly, as with tools, only schemas of a narrower kind could be used.
    return {
        "type": "json_schema",
        "name": output.name,
        "schema": output.schema,
        "strict": False,
    }


def _messages(messages: Sequence[Message], provider: str, model: str) -> Iterator[dict[str, Any]]:
    custom: set[str] = set()  # the calls whose result is told by another name
    asking: set[str] = set()  # the requests of which it is told whether they may go on
    for message in settled(messages, NAME, provider, model, is_open=_is_open):
        if message.role == "tool":
            for part in message.parts:
                if isinstance(part, ToolResult) and part.call_id in asking:
                    yield {
                        "type": "mcp_approval_response",
                        "approval_request_id": part.call_id,
                        "approve": not part.is_error,
                    }
                elif isinstance(part, ToolResult):
                    kind = "custom_tool_call" if part.call_id in custom else "function_call"
                    result = {"call_id": part.call_id, "output": part.content}
                    yield {"type": f"{kind}_output"} | result
        elif message.role == "assistant":
            for item in _render_answer(message) or [_render_text(said(message), None)]:
                if item.get("type") == "custom_tool_call":
                    custom.add(item["call_id"])
                if item.get("type") == "mcp_approval_request":
                    asking.add(item.get("id", ""))
                yield item
        else:
            yield {"role": message.role, "content": _render_content(message)}


def _render_content(message: Message) -> Any:
    if message.role != "user" or not message.files:
        return message.text
    text = [{"type": "input_text", "text": message.text}] if message.text else []
    return [*text, *map(_render_file, message.files)]


def _render_file(file: File) -> dict[str, Any]:
    if is_image(file):
        return {"type": "input_image", "image_url": file.url}
    if not file.url.startswith("data:"):
        return {"type": "input_file", "file_url": file.url}
    return {"type": "input_file", "filename": file_name(file), "file_data": file.url}


def _is_open(message: Message, tool: ProviderTool) -> bool:
    """Tell whether the tool's item is not whole; of an answer that broke off none is taken."""
    status = as_dict(tool.extra).get("status")
    return message.status != "complete" or status not in (None, "completed", "failed")


def _render_answer(message: Message) -> list[dict[str, Any]]:
    return list(_items(message))


def _items(message: Message) -> Iterator[dict[str, Any]]:
    # An answer that broke off may hold reasoning without what has to follow it.
    is_whole = message.status == "complete"
    reasoning = [part for part in message.parts if isinstance(part, Reasoning)]
    # An item's id means something only together with the reasoning that led to it.
    with_ids = is_whole and any(_is_echoed(part) for part in reasoning)
    for place, part in enumerate(message.parts):
        match part:
            case Text() if part.text:
                yield _render_text(part.text, _phase_behind(message.parts, place))
            case Refusal() if part.text and not message.text:
                yield _render_text(part.text, None)
            case Reasoning() if is_whole and _is_echoed(part):
                yield part.extra
            case ProviderTool() if isinstance(part.extra, dict):
                following = message.parts[place + 1] if place + 1 < len(message.parts) else None
                yield _render_provider_tool(part.extra, following)
            case ToolCall():
                yield _render_call(part, is_whole, with_ids)


def _render_text(text: str, phase: str | None) -> dict[str, Any]:
    # llama.cpp wants the type told, which OpenAI leaves free.
    rendered = {"type": "message", "role": "assistant", "content": text}
    return rendered | ({"phase": phase} if phase else {})


def _phase_behind(parts: Sequence[Part], place: int) -> str | None:
    """Tell whether the text at this place was a comment or the answer, which is kept behind it.

    Models of OpenAI from GPT-5.4 on tell it, and stop early where they don't see it again.
    """
    for part in parts[place + 1 :]:
        if isinstance(part, Reasoning):
            return as_dict(part.extra).get("phase")
        if not isinstance(part, Source | File):
            break
    return None


def _is_echoed(part: Reasoning) -> bool:
    """Tell whether the provider can use this reasoning: it has not kept the item itself."""
    extra = as_dict(part.extra)
    return bool(extra.get("encrypted_content") or extra.get("content"))


def _render_call(call: ToolCall, with_extra: bool, with_ids: bool) -> dict[str, Any]:
    extra = as_dict(call.extra)
    # In an answer that broke off as well: its arguments are text, and no JSON.
    kind = extra.get("type", "function_call")
    taken = extra if with_extra else {}
    rendered = {name: value for name, value in taken.items() if with_ids or name != "id"}
    rendered |= {"type": kind, "call_id": call.id, "name": call.name}
    if rendered["type"] == "custom_tool_call":
        return rendered | {"input": call.arguments}
    return rendered | {"arguments": call.arguments}


def _render_provider_tool(extra: dict[str, Any], following: object) -> dict[str, Any]:
    """The item as it came; an image that it made is kept beside it as a file."""
    if extra.get("type") == "image_generation_call" and isinstance(following, File):
        _, is_data, image = following.url.partition(";base64,")
        return extra | {"result": image} if is_data else extra
    return extra
