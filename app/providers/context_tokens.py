"""How much each model of a provider's list can read, where the list says it. Pure."""

from typing import Any

from ..protocols.tolerant import as_dict, as_int, as_list, as_str, values

# The window in tokens, by the names that lists have for it: OpenRouter and Together, Groq, Mistral,
# vLLM, Anthropic, Gemini. Sources: https://openrouter.ai/docs/api-reference/list-available-models,
# https://console.groq.com/docs/api-reference#models-list, https://docs.mistral.ai/api/endpoint/models,
# https://github.com/vllm-project/vllm (ModelCard), https://platform.claude.com/docs/en/api/models/list,
# https://ai.google.dev/api/models.
_NAMES = (
    "context_length",
    "context_window",
    "max_context_length",
    "max_model_len",
    "max_input_tokens",
    "inputTokenLimit",
)


def parse_windows(body: bytes) -> dict[str, int]:
    """Return the context windows of a list of models, in tokens, by the names of the models.

    Models whose window the list does not say are not in it.
    """
    parsed, _ = values(body)
    listing = parsed[0] if parsed else None
    fields = as_dict(listing)
    windows: dict[str, int] = {}
    for item in [*as_list(listing), *as_list(fields.get("data")), *as_list(fields.get("models"))]:
        entry = as_dict(item)
        name = as_str(entry.get("id") or entry.get("name"))
        if name and (tokens := _window(entry)):
            # Gemini's own list is read without the folder, its OpenAI-compatible one with it.
            for known in (name, name.removeprefix("models/")):
                windows.setdefault(known, tokens)
    return windows


def _window(entry: dict[str, Any]) -> int | None:
    said = [as_int(entry.get(name)) for name in _NAMES]
    # llama.cpp says what it was started with: https://github.com/ggml-org/llama.cpp (tools/server).
    said.append(as_int(as_dict(entry.get("meta")).get("n_ctx")))
    known = [tokens for tokens in said if tokens and tokens > 0]
    if not known:
        # Hugging Face's router says it for each who may answer; what fits the smallest fits all.
        # https://huggingface.co/docs/inference-providers/hub-api
        carriers = (as_dict(one).get("context_length") for one in as_list(entry.get("providers")))
        known = [tokens for one in carriers if (tokens := as_int(one)) and tokens > 0]
    return min(known, default=None)
