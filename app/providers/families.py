"""The table of model families: what each takes of a question's settings.

A row names the provider (a pattern over its name and host, "" for any), the models (a pattern over
their names), what is known, where that stands, and when it was looked up again. All
rows that fit count, later ones win. Options that no row names are sent as they were set: tables
age, and a provider says what it refuses.
"""

import re
from functools import lru_cache
from typing import Any, NamedTuple

from ..protocols.takes import Takes
from .loopback import hostname


class Family(NamedTuple):
    """One row."""

    who: str
    models: str
    takes: dict[str, Any]
    source: str
    seen: str


_CLAUDE = "https://platform.claude.com/docs/en/"
_OPENAI = "https://developers.openai.com/api/docs/"
_GEMINI = "https://ai.google.dev/gemini-api/docs/"
_OPENROUTER = "https://openrouter.ai/docs/"
_LLAMA = "https://github.com/meta-llama/llama-models/blob/main/"
_KIMI = "https://platform.kimi.ai/docs/"

_LOW_TO_HIGH = ("low", "medium", "high")
_LOW_TO_MAX = (*_LOW_TO_HIGH, "max")
_LOW_HIGH_MAX = ("low", "high", "max")
_NO_THOUGHTS: dict[str, Any] = {"efforts": ()}

# A row takes two lines here, and nine as the formatter has it.
# fmt: off
FAMILIES = [
    # Claude. Versions stand behind the name (claude-haiku-4-5) or, in older names, before it.
    Family("", r"claude", {"bounds": False},
           _CLAUDE + "build-with-claude/structured-outputs", "2026-11-29"),
    Family("", r"claude.*-4-[1-6](?!\d)", {"sampling": "one"},
           _CLAUDE + "about-claude/models/migration-guide", "2026-11-29"),
    Family("", r"claude-[a-z]+-(4-([7-9]|\d\d)(?!\d)|[5-9]|\d\d(?!\d))", {"sampling": "none"},
           _CLAUDE + "build-with-claude/adaptive-thinking", "2026-11-29"),
    Family("", r"claude-[a-z]+-(4-([6-9]|\d\d)(?!\d)|[5-9]|\d\d(?!\d))",
           {"efforts": ("none", *_LOW_TO_MAX)},
           _CLAUDE + "build-with-claude/adaptive-thinking", "2026-11-29"),
    Family("", r"claude-[a-z]+-([5-9]|\d\d)(?!\d)",
           {"thinks": True, "off": "switch", "shows": True, "room": 32_000},
           _CLAUDE + "build-with-claude/adaptive-thinking", "2026-11-29"),
    Family("", r"claude-(fable|mythos|(opus|sonnet)-5-5)", {"off": "never"},
           _CLAUDE + "build-with-claude/adaptive-thinking", "2026-11-29"),
    Family(r"anthropic\.com", "", {"cache": "blocks", "tiers": ("auto", "standard_only")},
           _CLAUDE + "api/service-tiers", "2026-11-29"),
    # OpenAI
    Family(r"openai\.com|azure\.com", "", {"cache": "key"},
           _OPENAI + "guides/prompt-caching", "2026-11-29"),
    Family("openai|azure", "", {"tiers": ("auto", "default", "flex", "priority")},
           _OPENAI + "guides/flex-processing", "2026-11-29"),
    Family("openai|azure", r"^(?!gpt-([5-9]|\d\d))", {"verbosity": False},
           "https://cookbook.openai.com/examples/gpt-5/gpt-5_new_params_and_tools", "2026-11-30"),
    Family("openai|azure", r"^(o\d|codex|gpt-([5-9]|\d\d)(?!.*chat))",
           {"sampling": "none", "stop": False, "shows": True, "efforts": _LOW_TO_HIGH},
           _OPENAI + "guides/reasoning", "2026-11-29"),
    Family("openai|azure", r"^gpt-5(-mini|-nano)?(-\d{4}|$)",
           {"efforts": ("minimal", *_LOW_TO_HIGH)},
           _OPENAI + "guides/reasoning", "2026-11-29"),
    Family("openai|azure", r"^gpt-5\.1(?!.*(codex|chat))", {"efforts": ("none", *_LOW_TO_HIGH)},
           _OPENAI + "guides/reasoning", "2026-11-29"),
    Family("openai|azure", r"^gpt-5\.([2-9]|\d\d)(?!.*chat)",
           {"efforts": ("none", *_LOW_TO_MAX), "most": "xhigh"},
           _OPENAI + "guides/reasoning", "2026-11-29"),
    Family("openai|azure", r"^gpt-(5\.([6-9]|\d\d)|[6-9]|\d\d)(?!.*chat)",
           {"efforts": ("none", *_LOW_TO_MAX), "most": "max"},
           _OPENAI + "guides/reasoning", "2026-11-29"),
    Family("openai|azure", r"^gpt-(5\.([6-9]|\d\d)|[6-9]|\d\d)(?!.*chat)",
           {"thinks_or_calls": True},
           "https://github.com/danny-avila/LibreChat/issues/14231", "2026-11-30"),
    Family("openai|azure", r"^gpt-5\.(1-codex-max|[2-9].*codex)",
           {"efforts": _LOW_TO_MAX, "most": "xhigh"},
           _OPENAI + "models/gpt-5.3-codex", "2026-11-29"),
    Family("openai|azure", r"^gpt-5-pro", {"efforts": ("high",)},
           _OPENAI + "models/gpt-5-pro", "2026-11-29"),
    # Gemini and Gemma. A gateway that is spoken to like OpenAI asks Gemini in its older form.
    Family("", r"gemini", {"schema": "openapi"},
           "https://ai.google.dev/api/caching#Schema", "2026-11-29"),
    Family("", r"gemini-(1\.5|2\.0)", _NO_THOUGHTS,
           _GEMINI + "thinking", "2026-11-29"),
    Family("", r"gemini-2\.5", {"depth": "tokens"},
           _GEMINI + "thinking", "2026-11-29"),
    Family("", r"gemini-2\.5-pro", {"off": "never"},
           _GEMINI + "thinking", "2026-11-29"),
    Family("", r"gemini-([3-9]|\d\d|(flash|pro|flash-lite)-latest)",
           {"depth": "level", "off": "never", "efforts": _LOW_TO_HIGH},
           _GEMINI + "thinking", "2026-11-29"),
    Family("", r"gemini-(3(\.[1-6])?-flash|3\.\d+-flash-lite|flash-lite-latest)",
           {"efforts": ("minimal", *_LOW_TO_HIGH)},
           _GEMINI + "thinking", "2026-11-30"),
    Family("", r"gemini-(3\.([6-9]|\d\d)|[4-9]|\d\d|flash-latest)", {"sampling": "none"},
           _GEMINI + "whats-new-gemini-3.6", "2026-11-30"),
    Family("^google", "", {"tiers": ("standard", "flex", "priority")},
           _GEMINI + "priority-inference", "2026-11-30"),
    Family("", r"gemini-3-pro", {"efforts": ("low", "high")},
           _GEMINI + "thinking", "2026-11-29"),
    Family("", r"gemini-(2\.5|[3-9]|\d\d|.*-latest)(?!.*(image|tts|audio|live))", {"shows": True},
           _GEMINI + "thinking#summaries", "2026-11-29"),
    Family("google-interactions", r"gemini-2\.5", {"efforts": _LOW_TO_HIGH},
           _GEMINI + "interactions/thinking", "2026-11-30"),
    Family("", r"gemma-?[1-3](?!\d)", {"system": False, "efforts": ()},
           "https://ai.google.dev/gemma/docs/formatting", "2026-11-29"),
    # DeepSeek
    Family(r"deepseek\b", "",
           {"echoes": "tools", "output": "object", "off": "switch", "efforts": _LOW_HIGH_MAX,
            "most": "max", "tiers": (), "verbosity": False},
           "https://api-docs.deepseek.com/guides/thinking_mode", "2026-11-29"),
    # Moonshot
    Family("", r"kimi|moonshot", {"schema": "moonshot"},
           "https://github.com/MoonshotAI/walle/blob/main/docs/mfjs-spec.md", "2026-11-29"),
    Family(r"moonshot|kimi\.(com|ai)", "",
           {"echoes": "tools", "schema": "moonshot", "tiers": (), "verbosity": False},
           _KIMI + "guide/use-kimi-k2-thinking-model", "2026-11-29"),
    Family(r"moonshot|kimi\.(com|ai)", r"kimi-k", {"sampling": "none"},
           _KIMI + "api/models-overview", "2026-11-29"),
    Family(r"moonshot|kimi\.(com|ai)", r"kimi-k2\.[56]", {"off": "switch", "efforts": ()},
           _KIMI + "api/models-overview", "2026-11-29"),
    Family(r"moonshot|kimi\.(com|ai)", r"kimi-k2\.[7-9]", {"off": "never", "efforts": ()},
           _KIMI + "api/models-overview", "2026-11-29"),
    Family(r"moonshot|kimi\.(com|ai)", r"kimi-k([3-9]|\d\d)",
           {"off": "never", "efforts": _LOW_HIGH_MAX, "most": "max"},
           _KIMI + "guide/use-reasoning-effort", "2026-11-29"),
    # xAI
    Family(r"\bxai\b|x\.ai", "", {"tiers": ("default", "priority"), "verbosity": False},
           "https://docs.x.ai/developers/advanced-api-usage/priority-processing", "2026-11-30"),
    Family(r"\bxai\b|x\.ai", r"grok-([4-9]|\d\d|3-mini|code|build)(?!.*non-reasoning)",
           {"stop": False, "efforts": _LOW_TO_HIGH},
           "https://docs.x.ai/docs/guides/reasoning", "2026-11-29"),
    Family(r"\bxai\b|x\.ai", r"grok-4\.3", {"efforts": ("none", *_LOW_TO_HIGH)},
           "https://docs.x.ai/docs/guides/reasoning", "2026-11-29"),
    Family(r"\bxai\b|x\.ai", r"grok-(4(-0709|-latest|-fast.*|-1.*)?$|code|.*non-reasoning)",
           _NO_THOUGHTS,
           "https://docs.x.ai/docs/guides/reasoning", "2026-11-29"),
    # Mistral, Perplexity, Cohere
    Family("mistral", "", {"efforts": ("none", "high"), "answers_last": True},
           "https://docs.mistral.ai/capabilities/reasoning", "2026-11-29"),
    Family(r"mistral\.ai", "", {"cache": "key", "tiers": (), "verbosity": False},
           "https://docs.mistral.ai/inference/conversations/advanced/prompt-caching", "2026-11-29"),
    Family("perplexity", "", _NO_THOUGHTS,
           "https://docs.perplexity.ai/api-reference/chat-completions-post", "2026-11-30"),
    Family("perplexity", "deep-research", {"efforts": ("minimal", *_LOW_TO_HIGH)},
           "https://docs.perplexity.ai/api-reference/chat-completions-post", "2026-11-30"),
    Family(r"cohere\.(ai|com)", "", {"efforts": ("none", "high"), "tiers": (), "verbosity": False},
           "https://docs.cohere.com/docs/compatibility-api", "2026-11-29"),
    # Z.ai (GLM), MiniMax, Alibaba (Qwen), at their own addresses
    Family(r"\bz\.ai|bigmodel\.cn", r"glm",
           {"off": "switch", "efforts": (), "tiers": (), "verbosity": False},
           "https://docs.z.ai/guides/capabilities/thinking-mode", "2026-11-29"),
    Family(r"\bz\.ai|bigmodel\.cn", r"glm-(5\.([2-9]|\d\d)|[6-9])",
           {"efforts": _LOW_HIGH_MAX, "most": "max"},
           "https://docs.z.ai/guides/capabilities/thinking-mode", "2026-11-29"),
    Family(r"\bz\.ai|bigmodel\.cn", r"glm-(4\.7|5\.([3-9]|\d\d)|[6-9])", {"off": "never"},
           "https://docs.z.ai/guides/capabilities/thinking-mode", "2026-11-29"),
    Family("minimax", "", {"off": "switch", "efforts": (), "tiers": (), "verbosity": False},
           "https://platform.minimax.io/docs/api-reference/text-openai-api", "2026-11-29"),
    Family("minimax", r"minimax-m2", {"off": "never"},
           "https://platform.minimax.io/docs/api-reference/text-openai-api", "2026-11-29"),
    Family(r"dashscope", "qwen|qwq", {"off": "flag", "tiers": (), "verbosity": False},
           "https://www.alibabacloud.com/help/en/model-studio/deep-thinking", "2026-11-29"),
    # Open models, whoever serves them
    Family("", r"gpt-oss", {"efforts": _LOW_TO_HIGH},
           "https://console.groq.com/docs/reasoning", "2026-11-29"),
    Family("", r"^(?!.*(nemotron|distill|reason|think)).*(llama-?[1-4]|mixtral|qwen-?2)",
           _NO_THOUGHTS,
           "https://github.com/Lazarus-AI/clearwing/pull/65", "2026-11-30"),
    Family("groq", r"qwen", {"efforts": ("none",)},
           "https://console.groq.com/docs/reasoning", "2026-11-29"),
    Family(r"groq\.com", "",
           {"tiers": ("auto", "on_demand", "flex", "performance"), "verbosity": False},
           "https://console.groq.com/docs/service-tiers", "2026-11-29"),
    Family("together", r"glm-5\.3", {"efforts": _LOW_TO_MAX, "most": "max"},
           "https://docs.together.ai/docs/glm-5.3-quickstart", "2026-11-29"),
    # OpenRouter says every effort in the words of whoever answers.
    Family("openrouter", "", {"efforts": ("none", "minimal", *_LOW_TO_MAX), "most": "max"},
           _OPENROUTER + "guides/best-practices/reasoning-tokens", "2026-11-29"),
    Family("openrouter", r"claude", {"cache": "blocks"},
           _OPENROUTER + "guides/best-practices/prompt-caching", "2026-11-29"),
    Family("openrouter", r"image", {"modalities": ("image", "text")},
           _OPENROUTER + "features/multimodal/image-generation", "2026-11-29"),
    Family("openrouter", r"flux|seedream|recraft|riverflow|gpt-image|^krea/",
           {"draws_only": True, "sampling": "none", "stop": False, "efforts": (),
            "verbosity": False, "tiers": ()},
           _OPENROUTER + "api/api-reference/images/generate-an-image", "2026-11-30"),
    # What models can read, for Ollama, which is asked to make room for it
    Family("", r"llama-?2(?![.\d])", {"context": 4096}, _LLAMA + "README.md", "2026-11-30"),
    Family("", r"llama-?3(?![.\d])", {"context": 8192}, _LLAMA + "README.md", "2026-11-30"),
    Family("", r"llama-?3\.\d", {"context": 131_072}, _LLAMA + "README.md", "2026-11-30"),
    Family("", r"gemma-?2(?!\d)", {"context": 8192},
           "https://github.com/google/gemma_pytorch/blob/main/gemma/config.py", "2026-11-30"),
    Family("", r"mistral-?(7b|:|$)", {"context": 32_768},
           "https://huggingface.co/mistralai/Mistral-7B-Instruct-v0.2", "2026-11-30"),
    Family("", r"phi-?4(?!-mini)", {"context": 16_384},
           "https://huggingface.co/microsoft/phi-4", "2026-11-30"),
    Family("", r"qwen-?2\.5|qwq|mixtral|codestral", {"context": 32_768},
           "https://huggingface.co/Qwen/Qwen2.5-72B-Instruct-GGUF", "2026-11-30"),
    Family("", r"qwen-?3(?!.*(2507|coder|next|vl|\.\d))", {"context": 40_960},
           "https://github.com/QwenLM/Qwen3#ollama", "2026-11-30"),
    Family("", r"qwen-?3.*(2507|coder)", {"context": 262_144},
           "https://huggingface.co/Qwen/Qwen3-30B-A3B-Instruct-2507", "2026-11-30"),
    Family("", r"qwen-?3\.[56]", {"context": 262_144},
           "https://github.com/earendil-works/pi/discussions/5983", "2026-11-30"),
    Family("", r"llama-?4", {"context": 1_048_576},  # of Maverick; Scout reads ten times as much
           _LLAMA + "models/llama4/MODEL_CARD.md", "2026-11-30"),
]
# fmt: on


@lru_cache(maxsize=64)
def takes(provider: str, base_url: str, model: str) -> Takes:
    """Return what a model takes, asked from this provider at this address."""
    who = f"{provider} {hostname(base_url)}"
    known: dict[str, Any] = {}
    for family in FAMILIES:
        if re.search(family.who, who) and re.search(family.models, model.lower()):
            known |= family.takes
    return Takes(**known)
