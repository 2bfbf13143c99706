"""A question as the Messages API wants it."""

import re
from collections.abc import Sequence
from typing import Any

from ...core.json_values import encoded
from ...core.messages import Message
from ...core.options import Options
from ..caching import has_marks, mark, marked
from ..rendering import Rendered, with_extra
from ..takes import ANYTHING, Takes
from ..tolerant import as_dict, as_list, as_str, values
from ..tool_schemas import shaped
from .turns import turns

MODELS_PATH = "/models?limit=1000"

_VERSION = "2023-06-01"

# The limit of an answer must be sent. This is what every model takes but the oldest.
_DEFAULT_MAX_TOKENS = 8192

# What stands for our word on a model that wants a number of tokens; the least it takes is 1024.
_THINKING_TOKENS = {"minimal": 1024, "low": 2048, "medium": 8192, "high": 24576, "max": 24576}

# From version 4.6 on a model chooses itself how long to think, and from 4.7 on it must.
_ADAPTIVE = re.compile(r"claude-[a-z]+-(?:4-(?:[6-9]|\d\d)(?!\d)|(?:[5-9]|\d\d)(?!\d))")


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

    There is no `seed` here. Habits: none.
    """
    system = "\n\n".join(m.text for m in messages if m.role == "system" and m.text)
    spoken = [message for message in messages if message.role != "system"]
    said = turns(spoken, provider, model)
    thinking = _thinking(model, options, said, takes)
    thinks = as_dict(thinking.get("thinking")).get("type") not in (None, "disabled")
    max_tokens = options.max_tokens or takes.room or _DEFAULT_MAX_TOKENS
    if budget := as_dict(thinking.get("thinking")).get("budget_tokens"):
        # The answer has to fit behind the thinking.
        max_tokens = max(max_tokens, budget + _DEFAULT_MAX_TOKENS)
    if takes.max_output and "max_tokens" not in options.sent_anyway:
        max_tokens = min(max_tokens, takes.max_output)
    tools = [
        {
            "name": tool.name,
            "description": tool.description,
            "input_schema": shaped(tool.parameters),
        }
        for tool in options.tools
    ]
    settings = {
        "system": system or None,
        # Refused while a model thinks.
        "temperature": None if thinks else options.temperature,
        "top_p": None if thinks else options.top_p,
        "stop_sequences": options.stop,
        "service_tier": options.service_tier,
        "tools": tools or None,
        "tool_choice": _tool_choice(options) if tools else None,
    }
    body: dict[str, Any] = {
        "model": model,
        "max_tokens": max_tokens,
        "messages": said,
    }
    body |= {name: value for name, value in settings.items() if value is not None}
    body |= thinking | {"stream": stream}
    if options.output is not None:
        schema = _closed(options.output.schema)
        form = {"type": "json_schema", "schema": schema if takes.bounds else _unbounded(schema)}
        body["output_config"] = as_dict(body.get("output_config")) | {"format": form}
    if takes.cache == "blocks" and not has_marks(options.extra):
        mark(body["messages"])
        if system:
            body["system"] = marked(system)
        if tools:
            body["tools"] = marked(tools)
    return Rendered("/messages", encoded(with_extra(body, options.extra)), dict(_HEADERS))


_HEADERS = {"anthropic-version": _VERSION}


def authorization(key: str) -> dict[str, str]:
    """The headers that carry the key, and those without which it is not looked at."""
    return {"x-api-key": key} | _HEADERS


def parse_models(body: bytes) -> list[str]:
    """Return the model ids of a `/models` response, in its order; empty where it holds none."""
    parsed, _ = values(body)
    entries = as_list(as_dict(parsed[0]).get("data")) if parsed else []
    return [model for entry in entries if (model := as_str(as_dict(entry).get("id")))]


def _tool_choice(options: Options) -> dict[str, str]:
    kinds = {"auto": "auto", "none": "none", "required": "any"}
    if kind := kinds.get(options.tool_choice):
        return {"type": kind}
    return {"type": "tool", "name": options.tool_choice}


def _closed(schema: Any) -> Any:
    """The schema with no other properties than those it names, which alone is taken here.

    Source: https://platform.claude.com/docs/en/build-with-claude/structured-outputs
    """
    if isinstance(schema, list):
        return [_closed(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {name: _closed(one) for name, one in schema.items()}
    return closed | ({"additionalProperties": False} if schema.get("type") == "object" else {})


# Bounds that are refused in the form of an answer; the model is told of them in words.
_BOUNDS = [
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
    "uniqueItems",
    "minProperties",
    "maxProperties",
]


def _unbounded(schema: Any) -> Any:
    """The schema with its bounds told in its descriptions, as Anthropic's own SDK does it."""
    if isinstance(schema, list):
        return [_unbounded(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    bare = {
        name: {key: _unbounded(one) for key, one in value.items()}
        if name in ("properties", "$defs") and isinstance(value, dict)
        else _unbounded(value)
        for name, value in schema.items()
        if name not in _BOUNDS
    }
    bounds = [f"{name}: {schema[name]}" for name in _BOUNDS if name in schema]
    if bounds:
        said = [schema["description"]] if "description" in schema else []
        bare["description"] = " ".join([*said, f"({', '.join(bounds)})"])
    return bare


def _thinking(
    model: str, options: Options, said: Sequence[dict[str, Any]], takes: Takes
) -> dict[str, Any]:
    """The part of the body that asks for thinking; empty where there is to be none."""
    effort = options.reasoning_effort
    if effort == "none" and takes.thinks and takes.off in ("switch", "between tools"):
        return {"thinking": {"type": "disabled" if takes.off == "switch" else "between_tools"}}
    is_forced = bool(options.tools) and options.tool_choice not in ("auto", "none")
    if effort is None and takes.thinks and takes.shows and not is_forced:
        return {"thinking": {"type": "adaptive", "display": "summarized"}}
    if effort is None or effort == "none":
        return {}
    if is_forced:
        return {}  # a forced call leaves no room for thoughts
    if _ADAPTIVE.search(model):
        return {
            # Else the newer models keep their words to themselves.
            "thinking": {"type": "adaptive", "display": "summarized"},
            "output_config": {"effort": "low" if effort == "minimal" else takes.word_for(effort)},
        }
    if _is_amid_calls_without_thoughts(said):
        return {}
    return {"thinking": {"type": "enabled", "budget_tokens": _THINKING_TOKENS[effort]}}


def _is_amid_calls_without_thoughts(said: Sequence[dict[str, Any]]) -> bool:
    """Tell whether results follow a turn that is told without thoughts: thinking can't begin in its
    middle.
    """
    if len(said) < 2 or not any(one["type"] == "tool_result" for one in said[-1]["content"]):
        return False
    if any(one["type"] == "text" for one in said[-1]["content"]):
        return False  # another question followed
    return not any("thinking" in one["type"] for one in said[-2]["content"])
