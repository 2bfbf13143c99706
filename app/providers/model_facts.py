"""Facts of models, from a provider's list: window, settings and abilities. Pure.

Every list has names of its own for it. Facts that a list leaves out stay unknown (None), for the
table of families to fill. Sources: https://openrouter.ai/docs/api-reference/list-available-models
(`supported_parameters`, `reasoning`, `architecture`), https://docs.mistral.ai/api/endpoint/models
(`capabilities`), https://platform.claude.com/docs/en/api/models/list (`capabilities`),
https://ai.google.dev/api/models, https://docs.together.ai/reference/models-1 (`type`),
https://console.groq.com/docs/api-reference#models-list,
https://huggingface.co/docs/inference-providers/hub-api (`providers`),
https://docs.ollama.com/api-reference/show-model-details, https://lmstudio.ai/docs/developer/rest
(v1), https://lmstudio.ai/docs/developer/rest/endpoints (v0), https://github.com/vllm-project/vllm
(ModelCard), https://github.com/ggml-org/llama.cpp (tools/server).

Long, because every list is read here.
"""

from collections.abc import Iterable
from typing import Any

import msgspec

from ..protocols.takes import EFFORTS, Takes
from ..protocols.tolerant import as_dict, as_int, as_list, as_str, values


class ModelFacts(msgspec.Struct, frozen=True, omit_defaults=True):
    """A provider's facts on one of its models; None where it does not say.

    `window` is how many tokens it reads, `max_output` how many it writes at most. `chats` is
    whether it answers in words at all, `tools` whether it calls functions, `images` whether it
    sees, `thinks` whether it can think first, in `efforts` how hard, and `must_think` whether it
    always does. The rest is whether it takes an option. A page keeps this: no type here may refuse
    what a later version wrote.
    """

    window: int | None = None
    max_output: int | None = None
    chats: bool | None = None
    tools: bool | None = None
    images: bool | None = None
    thinks: bool | None = None
    must_think: bool | None = None
    efforts: tuple[str, ...] | None = None
    most: str | None = None
    sampling: bool | None = None
    stop: bool | None = None
    verbosity: bool | None = None
    draws_only: bool | None = None

    def over(self, takes: Takes) -> Takes:
        """Give the model's settings: as told here, and for the rest as the table has them."""
        known: dict[str, Any] = {}
        if self.window is not None:
            known["context"] = self.window
        if self.max_output is not None:
            known["max_output"] = self.max_output
        if self.images is not None:
            known["images"] = self.images
        if self.tools:
            known["tools"] = True
        if self.sampling is not None and self.sampling == (takes.sampling == "none"):
            known["sampling"] = "both" if self.sampling else "none"
        if self.stop is not None:
            known["stop"] = self.stop
        if self.verbosity is not None:
            known["verbosity"] = self.verbosity
        if self.thinks is False:
            known |= {"efforts": (), "off": "word", "thinks": False, "shows": False}
        elif self.efforts is not None:
            words = tuple(one for one in EFFORTS if one in self.efforts)
            known |= {"efforts": words, "most": self.most or takes.most}
            known["depth"] = takes.depth or "word"
        elif self.thinks and takes.efforts == () and takes.off == "word":
            known["efforts"] = None
        if self.must_think:
            known["off"] = "never"
        if self.draws_only is not None:
            known["draws_only"] = self.draws_only
        return msgspec.structs.replace(takes, **known) if known else takes

    def tells(self, option: str) -> bool:
        """Tell whether it is the list that leaves this option out, or names its values."""
        match option:
            case "temperature" | "top_p":
                return self.sampling is False
            case "reasoning_effort":
                return self.thinks is False or self.efforts is not None
            case "stop" | "verbosity":
                return getattr(self, option) is False
            case "max_tokens":
                return self.max_output is not None
        return False

    def abilities(self) -> list[str]:
        """List the abilities worth knowing before the model is chosen; for people."""
        can = [("tools", self.tools), ("images", self.images), ("thinks", self.thinks)]
        known = [word for word, is_so in can if is_so]
        if (tokens := self.window or 0) >= 1_000_000:
            known.append(f"{tokens / 1e6:.3g}M tokens")
        elif tokens:
            known.append(f"{tokens / 1e3:.0f}k tokens" if tokens >= 1000 else f"{tokens} tokens")
        return known

    def beside(self, other: "ModelFacts") -> "ModelFacts":
        """Give the same, with the facts that only the other one knows."""
        mine = {name: value for name, value in _fields(self) if value is not None}
        return msgspec.structs.replace(other, **mine)


UNKNOWN = ModelFacts()


def parse_facts(body: bytes) -> dict[str, ModelFacts]:
    """Return what a list says of its models, by their names, where it says something."""
    parsed, _ = values(body)
    listing = parsed[0] if parsed else None
    fields = as_dict(listing)
    found: dict[str, ModelFacts] = {}
    for item in [*as_list(listing), *as_list(fields.get("data")), *as_list(fields.get("models"))]:
        entry = as_dict(item)
        name = as_str(entry.get("id") or entry.get("name") or entry.get("key"))
        if name and (facts := facts_of(entry)) != UNKNOWN:
            # Gemini's own list is read without the folder, its OpenAI-compatible one with it.
            for known in (name, name.removeprefix("models/")):
                found.setdefault(known, facts)
    return found


def facts_of(entry: dict[str, Any]) -> ModelFacts:
    """Return what one entry of a list says, or the page of one model."""
    return msgspec.structs.replace(
        _by_levels(entry)
        .beside(_by_capabilities(entry))
        .beside(_by_parameters(entry))
        .beside(_by_kind(entry)),
        window=_window(entry),
        max_output=_max_output(entry),
    )


def parse_shown(model: str, body: bytes) -> dict[str, ModelFacts]:
    """Return what the page of one model says (Ollama's `/api/show`)."""
    parsed, _ = values(body)
    return {model: facts_of(as_dict(parsed[0]))} if parsed else {}


def parse_props(model: str, body: bytes) -> dict[str, ModelFacts]:
    """Return what llama.cpp's `/props` says of the model that it has loaded.

    A template without tools is no word against them: the server then has a form of its own.
    """
    parsed, _ = values(body)
    said = as_dict(parsed[0]) if parsed else {}
    tokens = as_int(as_dict(said.get("default_generation_settings")).get("n_ctx"))
    vision = as_dict(said.get("modalities")).get("vision")
    calls = as_dict(said.get("chat_template_caps")).get("supports_tools")
    facts = ModelFacts(
        window=_known([tokens]),
        images=vision if isinstance(vision, bool) else None,
        tools=True if calls is True else None,
    )
    return {model: facts}


def _fields(facts: ModelFacts) -> Iterable[tuple[str, Any]]:
    return ((name, getattr(facts, name)) for name in facts.__struct_fields__)


def _by_parameters(entry: dict[str, Any]) -> ModelFacts:
    """OpenRouter names each parameter that a model takes; whoever copies its list may, too."""
    told = as_list(entry.get("supported_parameters"))
    parameters = {as_str(one) for one in told}
    if not told:
        return UNKNOWN
    reasoning = as_dict(entry.get("reasoning"))
    efforts, most = _efforts(as_list(reasoning.get("supported_efforts")))
    thinks = not parameters.isdisjoint({"reasoning", "reasoning_effort"})
    return ModelFacts(
        tools="tools" in parameters,
        thinks=thinks,
        must_think=True if thinks and reasoning.get("mandatory") is True else None,
        efforts=efforts if thinks else None,
        most=most,
        sampling=not parameters.isdisjoint({"temperature", "top_p"}),
        stop="stop" in parameters,
        verbosity="verbosity" in parameters,
    )


def _by_capabilities(entry: dict[str, Any]) -> ModelFacts:
    """`capabilities` is a list of words (Ollama, LM Studio v0), or says yes or no to each: plainly
    (Mistral, LM Studio v1) or in an object with `supported` (Anthropic).
    """
    told = entry.get("capabilities")
    if isinstance(told, list):
        words = {as_str(one) for one in told}
        if not words & {"completion", "embedding", "insert"}:
            # LM Studio names tools alone there, and says the rest by the type of the model.
            return ModelFacts(tools="tool_use" in words or "tools" in words)
        return ModelFacts(
            chats="completion" in words,
            tools="tools" in words,
            images="vision" in words,
            thinks="thinking" in words,
        )
    said = as_dict(told)
    efforts, most = _efforts(
        [word for word, one in as_dict(said.get("effort")).items() if _says(one)]
    )
    return ModelFacts(
        chats=_says(said.get("completion_chat")),
        tools=_first(said, "function_calling", "trained_for_tool_use", "tools"),
        images=_first(said, "vision", "image_input"),
        thinks=_first(said, "reasoning", "thinking"),
        # Beside the words of Anthropic there is "none", which switches thinking off.
        efforts=("none", *efforts) if efforts else None,
        most=most,
    )


def _by_levels(entry: dict[str, Any]) -> ModelFacts:
    """Ollama names the levels of those models that have some, and yes or no of the others."""
    told = as_list(as_dict(entry.get("thinking")).get("values"))
    efforts, most = _efforts([one for one in told if isinstance(one, str)])
    if efforts is None:
        return UNKNOWN
    can_stop = False in told
    if can_stop and "none" not in efforts:
        efforts = ("none", *efforts)
    return ModelFacts(thinks=True, must_think=not can_stop, efforts=efforts, most=most)


def _by_kind(entry: dict[str, Any]) -> ModelFacts:
    """Read the type of a model, and the fields beside it."""
    kind = as_str(entry.get("type")).lower()
    chats = images = None
    if kind in ("embedding", "embeddings", "rerank", "image", "moderation", "audio", "video"):
        chats = False
    elif kind in ("chat", "language", "code", "llm", "vlm"):
        chats = True
    if kind in ("llm", "vlm") and "publisher" in entry:  # LM Studio v0
        images = kind == "vlm"
    thinks = entry.get("thinking")
    tools = None
    # Hugging Face's router says it for each who may answer.
    carriers = [as_dict(one) for one in as_list(entry.get("providers"))]
    told = [one["supports_tools"] for one in carriers if "supports_tools" in one]
    if told:
        tools = any(one is True for one in told)
    modalities = as_list(as_dict(entry.get("architecture")).get("input_modalities"))
    if modalities:
        images = "image" in modalities
    made = as_list(as_dict(entry.get("architecture")).get("output_modalities"))
    return ModelFacts(
        chats=chats,
        tools=tools,
        images=images,
        thinks=thinks if isinstance(thinks, bool) else None,
        draws_only=made == ["image"] if made else None,
    )


def _says(told: Any) -> bool | None:
    """Yes, no, or None for anything else: alone, or as Anthropic and LM Studio write it."""
    if isinstance(told, dict):
        told = told.get("supported", True if "allowed_options" in told else None)
    return told if isinstance(told, bool) else None


def _first(said: dict[str, Any], *names: str) -> bool | None:
    return next((told for name in names if (told := _says(said.get(name))) is not None), None)


def _efforts(told: list[Any]) -> tuple[tuple[str, ...] | None, str | None]:
    """The efforts in our words, and the list's word for our highest."""
    words = {as_str(one).lower() for one in told}
    most = next((word for word in ("max", "xhigh") if word in words), None)
    known = tuple(one for one in EFFORTS if one in words or (one == "max" and most))
    return known or None, most


# More no model reads, and numbers without end have no form in JSON, and none as a float.
_MOST_TOKENS = 10**12

# The window in tokens, by the names that lists have for it. What a model was loaded with comes
# before what it could read.
_WINDOWS = (
    "loaded_context_length",
    "context_length",
    "context_window",
    "max_context_length",
    "max_model_len",
    "max_input_tokens",
    "inputTokenLimit",
)


def _window(entry: dict[str, Any]) -> int | None:
    said = [as_int(entry.get(name)) for name in _WINDOWS]
    # llama.cpp says what it was started with, LM Studio (v1) what each loaded model was.
    said.append(as_int(as_dict(entry.get("meta")).get("n_ctx")))
    for one in as_list(entry.get("loaded_instances")):
        said.append(as_int(as_dict(as_dict(one).get("config")).get("context_length")))
    # Ollama: by the name of the architecture, as `llama.context_length`.
    for name, value in as_dict(entry.get("model_info")).items():
        if name.endswith(".context_length"):
            said.append(as_int(value))
    # Hugging Face's router says it for each who may answer; what fits the smallest fits all.
    carriers = [as_dict(one).get("context_length") for one in as_list(entry.get("providers"))]
    return _known(said) or _known([as_int(one) for one in carriers])


def _max_output(entry: dict[str, Any]) -> int | None:
    """The most tokens that an answer may have: OpenRouter, Gemini, Groq; Anthropic, whose list has
    the window beside it.
    """
    said = [as_int(as_dict(entry.get("top_provider")).get("max_completion_tokens"))]
    said += [as_int(entry.get(name)) for name in ("outputTokenLimit", "max_completion_tokens")]
    if "max_input_tokens" in entry:
        said.append(as_int(entry.get("max_tokens")))
    return _known(said)


def _known(said: Iterable[int | None]) -> int | None:
    """The smallest of some numbers of tokens that a model can have."""
    return min((one for one in said if one and 0 < one <= _MOST_TOKENS), default=None)
