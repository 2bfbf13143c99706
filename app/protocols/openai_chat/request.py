"""A question as Chat Completions wants it."""

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from ...core.messages import Message, Reasoning, ToolCall, ToolResult
from ...core.options import Options
from ..history import settled
from ..rendering import Rendered

NAME = "openai-chat"


def render(
    messages: Sequence[Message],
    *,
    model: str,
    options: Options,
    stream: bool,
    habits: frozenset[str] = frozenset(),
    provider: str = "",
) -> Rendered:
    """The request that asks `model` to go on with `messages`.

    Habits: `no-stream-usage` where a server refuses to be asked for usage at the end of a stream,
    `max-completion-tokens` where it calls the limit of the answer so, `random-seed` where it calls
    the seed so.
    """
    limit = "max_completion_tokens" if "max-completion-tokens" in habits else "max_tokens"
    body: dict[str, Any] = {"model": model, "messages": list(_messages(messages, provider))}
    settings = {
        "temperature": options.temperature,
        "top_p": options.top_p,
        limit: options.max_tokens,
        "stop": options.stop,
        "random_seed" if "random-seed" in habits else "seed": options.seed,
        "reasoning_effort": options.reasoning_effort,
        "tools": [{"type": "function", "function": tool} for tool in options.tools] or None,
        "tool_choice": _tool_choice(options) if options.tools else None,
    }
    body |= {name: value for name, value in settings.items() if value is not None}
    body["stream"] = stream
    if stream and "no-stream-usage" not in habits:
        body["stream_options"] = {"include_usage": True}
    return Rendered("/chat/completions", msgspec.json.encode(body | options.extra))


def _tool_choice(options: Options) -> Any:
    if options.tool_choice in ("auto", "none", "required"):
        return options.tool_choice
    return {"type": "function", "function": {"name": options.tool_choice}}


def _messages(messages: Sequence[Message], provider: str) -> Iterator[dict[str, Any]]:
    for message in settled(messages, NAME, provider):
        if message.role == "tool":
            for part in message.parts:
                if isinstance(part, ToolResult):
                    yield {"role": "tool", "tool_call_id": part.call_id, "content": part.content}
            continue
        rendered: dict[str, Any] = {"role": message.role, "content": _render_content(message)}
        # OpenRouter wants its own form of reasoning back, signatures and all.
        for part in message.parts:
            if isinstance(part, Reasoning) and part.extra:
                rendered["reasoning_details"] = part.extra
        if message.tool_calls:
            rendered["tool_calls"] = [_render_call(call) for call in message.tool_calls]
        yield rendered


def _render_content(message: Message) -> Any:
    text = message.text or message.refusal or None
    if message.role != "user" or not message.files:
        return text
    images = [{"type": "image_url", "image_url": {"url": file.url}} for file in message.files]
    return [*([{"type": "text", "text": text}] if text else []), *images]


def _render_call(call: ToolCall) -> dict[str, Any]:
    function = {"name": call.name, "arguments": call.arguments or "{}"}
    rendered: dict[str, Any] = {"id": call.id, "type": "function", "function": function}
    if call.extra is not None:
        rendered["extra_content"] = call.extra
    return rendered
