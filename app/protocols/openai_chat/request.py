"""A question as Chat Completions wants it."""

import hashlib
import re
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from ...core.messages import Message, Reasoning, ToolCall, ToolResult
from ...core.options import Options
from ..history import settled
from ..rendering import Rendered

NAME = "openai-chat"

_SHORT_ID = re.compile(r"[a-zA-Z0-9]{9}")


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
    the seed so, `short-call-ids` where it takes ids of nine letters and digits only,
    `reasoning-with-calls` where it refuses a call without the thoughts that led to it.
    """
    limit = "max_completion_tokens" if "max-completion-tokens" in habits else "max_tokens"
    body: dict[str, Any] = {
        "model": model,
        "messages": list(_messages(messages, provider, model, habits)),
    }
    settings = {
        "temperature": options.temperature,
        "top_p": options.top_p,
        limit: options.max_tokens,
        "stop": options.stop,
        "random_seed" if "random-seed" in habits else "seed": options.seed,
        "reasoning_effort": options.reasoning_effort,
        "tools": [{"type": "function", "function": tool} for tool in options.tools] or None,
        "tool_choice": _tool_choice(options) if options.tools else None,
        "response_format": {"type": "json_schema", "json_schema": options.output}
        if options.output
        else None,
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


def _messages(
    messages: Sequence[Message], provider: str, model: str, habits: frozenset[str]
) -> Iterator[dict[str, Any]]:
    to_id = _short_id if "short-call-ids" in habits else str
    for message in settled(messages, NAME, provider, model):
        if message.role == "tool":
            for part in message.parts:
                if isinstance(part, ToolResult):
                    call_id = to_id(part.call_id)
                    yield {"role": "tool", "tool_call_id": call_id, "content": part.content}
            continue
        rendered: dict[str, Any] = {"role": message.role, "content": _render_content(message)}
        # OpenRouter wants its own form of reasoning back, signatures and all.
        for part in message.parts:
            if isinstance(part, Reasoning) and part.extra:
                rendered["reasoning_details"] = part.extra
        if message.tool_calls:
            if "reasoning-with-calls" in habits:
                rendered["reasoning_content"] = message.reasoning  # also where there was none
            rendered["tool_calls"] = [
                _render_call(call, to_id(call.id)) for call in message.tool_calls
            ]
        yield rendered


def _render_content(message: Message) -> Any:
    text = message.text or message.refusal or None
    if message.role != "user" or not message.files:
        return text
    images = [{"type": "image_url", "image_url": {"url": file.url}} for file in message.files]
    return [*([{"type": "text", "text": text}] if text else []), *images]


def _short_id(call_id: str) -> str:
    """Mistral's ids stay as they are; of another's the same id always gives the same one."""
    if _SHORT_ID.fullmatch(call_id):
        return call_id
    return hashlib.sha256(call_id.encode("utf-8", "replace")).hexdigest()[:9]


def _render_call(call: ToolCall, call_id: str) -> dict[str, Any]:
    function = {"name": call.name, "arguments": call.arguments}
    rendered: dict[str, Any] = {"id": call_id, "type": "function", "function": function}
    if call.extra is not None:
        rendered["extra_content"] = call.extra
    return rendered
