"""A question as Gemini wants it."""

import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from ...core.json_values import encoded
from ...core.messages import Message
from ...core.options import Effort, Options
from ..rendering import Rendered, with_extra
from ..takes import ANYTHING, Takes
from ..tolerant import as_dict, as_list, as_str, values
from ..tool_schemas import shaped
from .contents import contents, continued, without_system
from .shapes import CONTINUATION

MODELS_PATH = "/models?pageSize=1000"

# What stands for our word on a model that takes a number of tokens, which all of them do.
_THINKING_TOKENS: dict[Effort, int] = {
    **{"none": 0, "minimal": 512, "low": 1024},
    **{"medium": 8192, "high": 24576, "max": 24576},
}

# What a model takes that can't be kept from thinking.
_LEAST_THINKING_TOKENS = 128

# From version 3 on a call without its signature is refused; where another model made it, this is
# taken instead. Earlier versions know neither the rule nor the word.
_NO_SIGNATURE = "skip_thought_signature_validator"
_SIGNS_NOTHING = re.compile(r"gemini-[12]\b|gemma")


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
    """The request that asks `model` to go on with `messages`. Habits: none."""
    messages, token = continued(messages)
    system, messages = without_system(messages, options, takes)
    output = options.output if takes.form(options) == "schema" else None
    generation = {
        "temperature": options.temperature,
        "topP": options.top_p,
        "maxOutputTokens": options.max_tokens,
        "stopSequences": options.stop,
        "seed": options.seed,
        "thinkingConfig": _thinking(options.reasoning_effort, takes),
        "responseMimeType": "application/json" if output else None,
        "responseJsonSchema": shaped(output.schema, "gemini") if output else None,
    }
    generation = {name: value for name, value in generation.items() if value is not None}
    placeholder = {} if _SIGNS_NOTHING.search(model) else {"thoughtSignature": _NO_SIGNATURE}
    body: dict[str, Any] = {"contents": list(contents(messages, provider, model, placeholder))}
    if system:
        body["systemInstruction"] = {"parts": [{"text": system}]}
    if options.tools:
        declarations = [
            {
                "name": tool.name,
                "description": tool.description,
                "parametersJsonSchema": shaped(tool.parameters, "gemini"),
            }
            for tool in options.tools
        ]
        body["tools"] = [{"functionDeclarations": declarations}]
        body["toolConfig"] = {"functionCallingConfig": _tool_choice(options)}
    if options.service_tier:
        body["serviceTier"] = options.service_tier
    if token:
        body[CONTINUATION] = token
    if generation:
        body["generationConfig"] = generation
    method = "streamGenerateContent?alt=sse" if stream else "generateContent"
    name = model if "/" in model else f"models/{model}"
    path = f"/{quote(name, safe='/')}:{method}"
    body = with_extra(body, options.extra)
    if options.tools and len(body["tools"]) > 1 and not _SIGNS_NOTHING.search(model):
        _mix_tools(body, options)
    return Rendered(path, encoded(body))


def _thinking(effort: Effort | None, takes: Takes) -> dict[str, Any] | None:
    if effort is None:
        return {"includeThoughts": True} if takes.shows else None
    if takes.depth == "level":  # https://ai.google.dev/gemini-api/docs/gemini-3
        return {"thinkingLevel": effort, "includeThoughts": True}
    budget = _THINKING_TOKENS[effort]
    if takes.off == "never":
        budget = max(budget, _LEAST_THINKING_TOKENS)
    return {"thinkingBudget": budget, "includeThoughts": budget > 0}


def _mix_tools(body: dict[str, Any], options: Options) -> None:
    """Say that the server's own tools and ours may be called in one answer.

    Source: https://ai.google.dev/gemini-api/docs/generate-content/tool-combination
    """
    config = body["toolConfig"] | {"includeServerSideToolInvocations": True}
    if options.tool_choice == "auto":
        del config["functionCallingConfig"]  # there is another default for both
    body["toolConfig"] = config


def authorization(key: str) -> dict[str, str]:
    """The headers that carry the key."""
    return {"x-goog-api-key": key}


def parse_models(body: bytes) -> list[str]:
    """Return the ids of the models in a listing that can chat; empty where it holds none."""
    parsed, _ = values(body)
    ids = []
    for item in as_list(as_dict(parsed[0]).get("models")) if parsed else ():
        fields = as_dict(item)
        methods = as_list(fields.get("supportedGenerationMethods"))
        if not methods or "generateContent" in methods:
            ids.append(as_str(fields.get("name")).removeprefix("models/"))
    return [model for model in ids if model]


def _tool_choice(options: Options) -> dict[str, Any]:
    modes = {"auto": "AUTO", "none": "NONE", "required": "ANY"}
    if mode := modes.get(options.tool_choice):
        return {"mode": mode}
    return {"mode": "ANY", "allowedFunctionNames": [options.tool_choice]}
