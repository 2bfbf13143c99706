"""A question as the Interactions API wants it."""

from collections.abc import Sequence
from typing import Any

from ...core.json_values import encoded
from ...core.messages import Message
from ...core.options import Options
from ..gemini.contents import continued, without_system
from ..rendering import Rendered, with_extra
from ..takes import ANYTHING, Takes
from ..tool_schemas import shaped
from .steps import steps


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
    """The request that asks `model` to go on with `messages`. Habits: none.

    Nothing is left with the provider (`store` is false), so the whole history goes with each.
    """
    messages, token = continued(messages)
    system, messages = without_system(messages, options, takes)
    output = options.output if takes.form(options) == "schema" else None
    generation = {
        "temperature": options.temperature,
        "top_p": options.top_p,
        "max_output_tokens": options.max_tokens,
        "stop_sequences": options.stop,
        "seed": options.seed,
        "thinking_level": takes.word_for(effort) if (effort := options.reasoning_effort) else None,
        "thinking_summaries": "auto" if takes.shows else None,
        "tool_choice": _tool_choice(options),
    }
    tools = [
        {
            "type": "function",
            "name": tool.name,
            "description": tool.description,
            "parameters": shaped(tool.parameters, "gemini"),
        }
        for tool in options.tools
    ]
    body = {
        "system_instruction": system,
        "tools": tools,
        "response_format": output
        and {
            "type": "text",
            "mime_type": "application/json",
            "schema": shaped(output.schema, "gemini"),
        },
        "generation_config": {key: one for key, one in generation.items() if one is not None},
        "service_tier": options.service_tier,
        "continuation_token": token,
    }
    told: dict[str, Any] = {"model": model, "input": list(steps(messages, provider, model))}
    told |= {name: value for name, value in body.items() if value}
    told |= {"store": False, "stream": stream}
    return Rendered("/interactions", encoded(with_extra(told, options.extra)))


def _tool_choice(options: Options) -> Any:
    """Give what is told of our tools; where there are none, a word on them is refused."""
    if not options.tools or options.tool_choice == "auto":
        return None
    words = {"none": "none", "required": "any"}
    named = {"allowed_tools": {"mode": "any", "tools": [options.tool_choice]}}
    return words.get(options.tool_choice, named)
