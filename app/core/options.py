"""Settings of a conversation; each provider renders them in its own words."""

from typing import Any, Literal

import msgspec

# How hard a model is to think, in our words; each provider has its own.
Effort = Literal["none", "minimal", "low", "medium", "high", "max"]

Verbosity = Literal["low", "medium", "high"]

# Tools that a provider runs itself, in our words.
ProviderToolName = Literal["web_search", "code_execution"]


class ToolDefinition(msgspec.Struct, frozen=True, omit_defaults=True):
    """A tool as the model is told of it. `parameters` is the JSON Schema of an object."""

    name: str
    description: str
    parameters: dict[str, Any]


class OutputFormat(msgspec.Struct, frozen=True, omit_defaults=True):
    """The form that an answer must have. `schema` is the JSON Schema of an object;
    `structured.Output` makes it of a Python type.
    """

    name: str
    schema: dict[str, Any]


class Options(msgspec.Struct, frozen=True, omit_defaults=True):
    """Settings of a model call; None leaves the provider's own default.

    `tool_choice` is "auto", "none", "required", or the name of the one tool to call. One that
    forces a call is "auto" again once a tool has run, or no answer would ever come.
    `provider_tools` are run by the provider, where it has them: what is asked goes to it.
    With `output` the answer's text is JSON of that form, as far as the model keeps to it.
    `context_tokens` is how much a model is given to read, where that can be chosen (Ollama).
    `verbosity` is how long it answers, `service_tier` how soon and at which price, in the
    provider's own word.
    `cache_key` is the same for all questions of a conversation, so that a provider finds what it
    has read before. It tells nothing else.
    `sent_anyway` names options that are sent as they are set, though a model is known to refuse
    them, and `left_out` what else it has refused: "images" or "files", which are then told by name.
    `extra` is merged into the request's JSON as it is, for what has no field here.
    """

    temperature: float | None = None
    top_p: float | None = None
    max_tokens: int | None = None
    stop: list[str] | None = None
    seed: int | None = None
    reasoning_effort: Effort | None = None
    tools: list[ToolDefinition] = []
    tool_choice: str = "auto"
    provider_tools: list[ProviderToolName] = []
    output: OutputFormat | None = None
    context_tokens: int | None = None
    verbosity: Verbosity | None = None
    service_tier: str | None = None
    cache_key: str = ""
    sent_anyway: list[str] = []
    left_out: list[str] = []
    extra: dict[str, Any] = {}
