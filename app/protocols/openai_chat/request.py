"""A question as Chat Completions wants it."""

import hashlib
import re
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from ...core.json_values import encoded
from ...core.messages import File, Message, Reasoning, ToolCall, ToolResult
from ...core.options import Effort, Options, ToolDefinition
from ..caching import has_marks, mark
from ..rendering import Rendered, cache_words, file_name, is_image, said, with_extra, with_form
from ..takes import ANYTHING, Takes
from ..tolerant import as_list
from ..tool_schemas import shaped
from ..valid_history import alternating, settled
from . import drawing

NAME = "openai-chat"

# Stands where a provider wants an answer between results and the next question.
_NO_ANSWER = "(This answer was stopped.)"

_SHORT_ID = re.compile(r"[a-zA-Z0-9]{9}")


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

    Habits: `no-stream-usage` where a server refuses to be asked for usage at the end of a stream,
    `max-completion-tokens` where it calls the limit of the answer so, `random-seed` where it calls
    the seed so, `short-call-ids` where it takes ids of nine letters and digits only,
    `reasoning-with-calls` where it refuses a call without the thoughts that led to it,
    `prompt-progress` where it tells how much of a question it has read.
    """
    if takes.draws_only:
        return drawing.render(messages, model=model, options=options)
    limit = "max_completion_tokens" if "max-completion-tokens" in habits else "max_tokens"
    body: dict[str, Any] = {
        "model": model,
        "messages": list(_messages(messages, provider, model, habits, takes, bool(options.tools))),
    }
    settings = {
        "temperature": options.temperature,
        "top_p": options.top_p,
        limit: options.max_tokens,
        "stop": options.stop,
        "random_seed" if "random-seed" in habits else "seed": options.seed,
        "verbosity": options.verbosity,
        "service_tier": options.service_tier,
        "modalities": takes.modalities or None,
        "tools": [_tool(tool, takes) for tool in options.tools] or None,
        "tool_choice": _tool_choice(options) if options.tools else None,
        "response_format": _output(options, takes),
    } | _effort(_fitting_effort(options, takes), takes)
    body |= {name: value for name, value in settings.items() if value is not None}
    if options.output is not None and takes.form(options) != "schema":
        body["messages"] = with_form(body["messages"], options.output)
    body |= cache_words(options, takes)
    if takes.cache == "blocks" and not has_marks(options.extra):
        mark(body["messages"])
    body["stream"] = stream
    if stream and "no-stream-usage" not in habits:
        body["stream_options"] = {"include_usage": True}
    if stream and "prompt-progress" in habits:
        body["return_progress"] = True
    return Rendered("/chat/completions", encoded(with_extra(body, options.extra)))


def _fitting_effort(options: Options, takes: Takes) -> Effort | None:
    """The effort that goes with the tools of a question."""
    is_wanted = "reasoning_effort" in options.sent_anyway
    if takes.thinks_or_calls and options.tools and not is_wanted:
        return "none"
    return options.reasoning_effort


def _effort(effort: Effort | None, takes: Takes) -> dict[str, Any]:
    if effort is None:
        return {}
    word = takes.word_for(effort)
    if takes.off == "flag":
        depth = {"reasoning_effort": word} if takes.efforts and effort != "none" else {}
        return {"enable_thinking": effort != "none"} | depth
    if takes.off != "switch":
        return {"reasoning_effort": word}
    if effort == "none":
        return {"thinking": {"type": "disabled"}}
    return {"reasoning_effort": word, "thinking": {"type": "enabled"}}


def _tool(tool: ToolDefinition, takes: Takes) -> dict[str, Any]:
    parameters = shaped(tool.parameters, takes.schema)
    return {"type": "function", "function": msgspec.structs.replace(tool, parameters=parameters)}


def _output(options: Options, takes: Takes) -> dict[str, Any] | None:
    match takes.form(options):
        case "object":
            return {"type": "json_object"}
        case "schema":
            return {"type": "json_schema", "json_schema": options.output}
    return None


def _tool_choice(options: Options) -> Any:
    if options.tool_choice in ("auto", "none", "required"):
        return options.tool_choice
    return {"type": "function", "function": {"name": options.tool_choice}}


def _messages(
    messages: Sequence[Message],
    provider: str,
    model: str,
    habits: frozenset[str],
    takes: Takes,
    has_tools: bool,
) -> Iterator[dict[str, Any]]:
    to_id = _short_id if "short-call-ids" in habits else str
    before = ""
    drawn: list[File] = []
    history = settled(messages, NAME, provider, model, is_open=lambda *_: True)
    for message in alternating(history):
        if takes.answers_last and (before, message.role) == ("tool", "user"):
            # Results that no answer followed: it was stopped.
            yield {"role": "assistant", "content": _NO_ANSWER}
        before = message.role
        if message.role == "assistant":
            drawn = [file for file in message.files if is_image(file)]
        elif message.role == "user" and takes.modalities:
            # Pictures go one way only, and what it drew is what the question is about.
            message = msgspec.structs.replace(message, parts=[*drawn, *message.parts])
        if message.role == "tool":
            for part in message.parts:
                if isinstance(part, ToolResult):
                    call_id = to_id(part.call_id)
                    yield {"role": "tool", "tool_call_id": call_id, "content": part.content}
            continue
        rendered: dict[str, Any] = {"role": message.role, "content": _render_content(message)}
        # OpenRouter wants its own form of reasoning back, signatures and all.
        thoughts = [part.extra for part in message.parts if isinstance(part, Reasoning)]
        if details := [detail for extra in thoughts for detail in as_list(extra)]:
            rendered["reasoning_details"] = details
        if message.role == "assistant" and _is_echoed(message, takes, habits, has_tools):
            rendered["reasoning_content"] = message.reasoning  # also where there was none
        if message.tool_calls:
            rendered["tool_calls"] = [
                _render_call(call, to_id(call.id)) for call in message.tool_calls
            ]
        yield rendered


def _is_echoed(message: Message, takes: Takes, habits: frozenset[str], has_tools: bool) -> bool:
    """Tell whether a model wants its own thoughts back with this answer."""
    if takes.echoes == "tools":
        return has_tools or bool(message.tool_calls)
    return bool(message.tool_calls) and "reasoning-with-calls" in habits


def _render_content(message: Message) -> Any:
    text = message.text or message.refusal
    if message.role == "assistant":
        return text or None if message.tool_calls else said(message)
    if not message.files:
        return text
    files = [_render_file(file) for file in message.files]
    return [*([{"type": "text", "text": text}] if text else []), *files]


def _render_file(file: File) -> dict[str, Any]:
    if is_image(file) or not file.url.startswith("data:"):
        return {"type": "image_url", "image_url": {"url": file.url}}
    # https://platform.openai.com/docs/guides/pdf-files
    return {"type": "file", "file": {"filename": file_name(file), "file_data": file.url}}


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
