"""A question as Ollama wants it."""

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from ...core.json_values import encoded
from ...core.messages import Message, ToolCall, ToolResult
from ...core.options import Effort, Options, ToolDefinition
from ..rendering import Rendered, as_object, said
from ..takes import ANYTHING, Takes
from ..tolerant import as_dict
from ..tool_schemas import shaped
from ..valid_history import alternating, settled
from .context import context_for

NAME = "ollama"
MODELS_PATH = "/api/tags"

# The window of most of today's models, for one whose own is not known.
_LARGE = 131_072


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

    A model can't be made to call a tool, only be kept from it or be offered a single one. A
    long question that it can't read is refused (`truncate`; servers before October 2025 don't know
    the word, and leave out the beginning). No habits so far.
    """
    tools = [_tool(tool) for tool in _offered(options)]
    settings = {
        "temperature": options.temperature,
        "top_p": options.top_p,
        "num_predict": options.max_tokens,
        "stop": options.stop,
        "seed": options.seed,
    }
    settings = {name: value for name, value in settings.items() if value is not None}
    body: dict[str, Any] = {"model": model, "messages": list(_messages(messages, provider, model))}
    body["stream"] = stream
    if tools:
        body["tools"] = tools
    if options.output is not None:
        body["format"] = options.output.schema
    if (think := _think(model, options.reasoning_effort, takes)) is not None:
        body["think"] = think
    most = takes.context or _LARGE
    context = options.context_tokens or context_for(body, options.max_tokens, most)
    if context:
        settings["num_ctx"] = context
        body["truncate"] = False
    body |= options.extra
    if settings:
        body["options"] = settings | as_dict(body.get("options"))
    return Rendered("/api/chat", encoded(body))


def _offered(options: Options) -> list[ToolDefinition]:
    if options.tool_choice in ("auto", "required"):
        return options.tools
    return [tool for tool in options.tools if tool.name == options.tool_choice]


def _tool(tool: ToolDefinition) -> dict[str, Any]:
    parameters = shaped(tool.parameters)
    return {"type": "function", "function": msgspec.structs.replace(tool, parameters=parameters)}


def _think(model: str, effort: Effort | None, takes: Takes) -> bool | str | None:
    if effort is None:
        return None
    # What levels a model has `/api/show` tells, since September 2026; «yes» is each one's default.
    if effort != "none" and takes.depth == "word":
        return takes.word_for(effort)
    if effort != "none" and "gpt-oss" in model:
        return effort if effort in ("low", "medium", "high") else "low"
    return effort != "none"


def _messages(messages: Sequence[Message], provider: str, model: str) -> Iterator[dict[str, Any]]:
    history = settled(messages, NAME, provider, model, is_open=lambda *_: True)
    for message in alternating(history):
        if message.role == "tool":
            for part in message.parts:
                if isinstance(part, ToolResult):
                    yield {"role": "tool", "tool_name": part.name, "content": part.content}
            continue
        yield _render_message(message)


def _render_message(message: Message) -> dict[str, Any]:
    text = message.text or message.refusal
    if message.role == "assistant" and not message.tool_calls:
        text = said(message)
    images = []
    for file in message.files if message.role == "user" else ():
        _, is_data, data = file.url.partition(";base64,")
        if is_data:
            images.append(data)
        else:
            text = f"{text}\n{file.url}".strip()  # Ollama fetches nothing
    rendered: dict[str, Any] = {"role": message.role, "content": text}
    if images:
        rendered["images"] = images
    if message.reasoning:
        rendered["thinking"] = message.reasoning
    if message.tool_calls:
        rendered["tool_calls"] = [_render_call(call) for call in message.tool_calls]
    return rendered


def _render_call(call: ToolCall) -> dict[str, Any]:
    return {"function": {"name": call.name, "arguments": as_object(call.arguments)}}
