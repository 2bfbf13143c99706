"""The table of model families: what each takes of a question's settings.

A row names who serves it (a pattern over the provider's name and host, "" for anybody), the models
(a pattern over their names), what is known, and where that stands. All rows that fit count, later
ones win. What no row names is sent as it was set: tables age, and a provider says what it refuses.
"""

import re
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from ..protocols.takes import Takes


class Family(NamedTuple):
    """One row."""

    who: str
    models: str
    takes: dict[str, Any]
    source: str


_CLAUDE = "https://platform.claude.com/docs/en/build-with-claude/"
_GEMINI = "https://ai.google.dev/gemini-api/docs/thinking"
_OPENAI = "https://platform.openai.com/docs/guides/reasoning"
_WORDS = ("low", "medium", "high")

FAMILIES = [
    # Claude. Versions stand behind the name (claude-haiku-4-5) or, in older names, before it.
    Family(
        "",
        r"claude.*-4-[1-6](?!\d)",
        {"sampling": "one"},
        "https://platform.claude.com/docs/en/api/messages",
    ),
    Family(
        "",
        r"claude-[a-z]+-(4-([7-9]|\d\d)(?!\d)|[5-9]|\d\d(?!\d))",
        {"sampling": "none"},
        _CLAUDE + "adaptive-thinking",
    ),
    Family(
        "",
        r"claude-[a-z]+-[5-9](?!\d)",
        {"thinks": True, "off": "switch", "shows": True, "room": 32_000},
        _CLAUDE + "extended-thinking",
    ),
    Family("", r"claude-(fable|mythos)", {"off": "never"}, _CLAUDE + "extended-thinking"),
    Family("", r"claude", {"bounds": False}, _CLAUDE + "structured-outputs"),
    Family(r"anthropic\.com", "", {"cache": "blocks"}, _CLAUDE + "prompt-caching"),
    Family(
        "openrouter",
        r"claude",
        {"cache": "blocks"},
        "https://openrouter.ai/docs/guides/best-practices/prompt-caching",
    ),
    # What models can read, where they are asked to make room for it (Ollama)
    *(
        Family("", models, {"context": tokens}, "https://ollama.com/library")
        for models, tokens in (
            (r"llama-?[23](?![.\d])|gemma-?2(?!\d)|mistral-?(7b|:|$)", 8192),
            (r"phi-?4(?!-mini)", 16_384),
            (r"qwen-?2\.5|qwq|mixtral|codestral", 32_768),
            (r"qwen-?3(?!.*(2507|coder|next|vl|\.\d))", 40_960),
            (r"qwen-?3.*(2507|coder|next|vl|\.\d)|llama-?4", 262_144),
        )
    ),
    # Images as output
    Family(
        "openrouter",
        r"image(?!.*(classif|caption))|flux|seedream|recraft|riverflow",
        {"modalities": ("image", "text")},
        "https://openrouter.ai/docs/guides/overview/multimodal/image-generation",
    ),
    Family(
        "openrouter",
        r"flux|seedream|recraft|riverflow",
        {"modalities": ("image",)},
        "https://openrouter.ai/docs/guides/overview/multimodal/image-generation",
    ),
    Family(
        "",
        r"^(models/)?gemini-2\.0-flash.*image",
        {"modalities": ("TEXT", "IMAGE")},
        "https://ai.google.dev/gemini-api/docs/image-generation",
    ),
    # OpenAI
    Family(
        r"openai\.com|azure\.com",
        "",
        {"cache": "key"},
        "https://platform.openai.com/docs/guides/prompt-caching",
    ),
    Family(
        "openai|azure",
        r"^(o\d|codex|gpt-(5|[6-9]|\d\d)(?!.*chat))",
        {"sampling": "none", "stop": False, "efforts": ("minimal", *_WORDS)},
        _OPENAI,
    ),
    Family(
        "openai|azure",
        r"^(?!gpt-([5-9]|\d\d))",
        {"verbosity": False},
        "https://developers.openai.com/api/docs/guides/latest-model",
    ),
    Family(
        "openai|azure",
        "",
        {"tiers": ("auto", "default", "flex", "priority")},
        "https://developers.openai.com/api/docs/guides/flex-processing",
    ),
    Family(
        r"anthropic\.com",
        "",
        {"tiers": ("auto", "standard_only")},
        "https://platform.claude.com/docs/en/api/service-tiers",
    ),
    Family(
        r"groq\.com",
        "",
        {"tiers": ("auto", "on_demand", "flex", "performance"), "verbosity": False},
        "https://console.groq.com/docs/service-tiers",
    ),
    Family(
        r"mistral\.ai|api\.x\.ai|deepseek\.com|moonshot",
        "",
        {"tiers": (), "verbosity": False},
        "https://docs.mistral.ai/api",
    ),
    Family("openai|azure", r"^gpt-5\.\d", {"efforts": ("none", *_WORDS)}, _OPENAI),
    Family("openai|azure", r"^(o\d|codex)", {"efforts": _WORDS}, _OPENAI),
    Family(
        "openai|azure",
        r"^(o\d|codex|gpt-(5|[6-9]|\d\d)(?!.*chat))",
        {"shows": True},
        _OPENAI + "#reasoning-summaries",
    ),
    # Gemini and Gemma. A gateway that is spoken to like OpenAI asks it in its older form.
    Family("", r"gemini", {"schema": "openapi"}, "https://ai.google.dev/api/caching#Schema"),
    Family("", r"gemini-2\.5", {"depth": "tokens"}, _GEMINI),
    Family("", r"gemini-2\.5-pro", {"off": "never"}, _GEMINI),
    Family(
        "",
        r"gemini-([3-9]|\d\d)",
        {"depth": "level", "off": "never", "efforts": ("minimal", *_WORDS)},
        _GEMINI,
    ),
    Family("", r"gemini-3(\.\d)?-pro", {"efforts": ("low", "high")}, _GEMINI),
    Family(
        "",
        r"gemini-(2\.5|[3-9]|\d\d|(flash|pro|flash-lite)-latest)(?!.*(image|tts|audio|live))",
        {"shows": True},
        _GEMINI + "#summaries",
    ),
    Family(
        "",
        r"gemma-?[1-3](?!\d)",
        {"system": False, "efforts": ()},
        "https://ai.google.dev/gemma/docs/core/prompt-structure",
    ),
    # DeepSeek
    Family(
        r"deepseek\b",
        "",
        {"echoes": "tools", "output": "object", "off": "switch", "efforts": _WORDS},
        "https://api-docs.deepseek.com/guides/thinking_mode",
    ),
    # Moonshot
    Family(
        r"moonshot|kimi\.com",
        "",
        {"echoes": "tools"},
        "https://platform.moonshot.ai/docs/guide/use-kimi-k2-thinking-model",
    ),
    Family(
        "",
        r"kimi|moonshot",
        {"schema": "moonshot"},
        "https://github.com/MoonshotAI/walle/blob/main/docs/mfjs-spec.md",
    ),
    Family(r"moonshot|kimi\.com", "", {"schema": "moonshot"}, "https://platform.moonshot.ai/docs"),
    # xAI
    Family(
        r"\bxai\b|x\.ai",
        r"grok-([4-9]|\d\d|3-mini)(?!.*non-reasoning)",
        {"stop": False, "efforts": _WORDS},
        "https://docs.x.ai/docs/guides/reasoning",
    ),
    # Others by who serves them
    Family(
        "groq|together|cerebras|fireworks|hugging-face",
        r"gpt-oss",
        {"efforts": _WORDS},
        "https://console.groq.com/docs/reasoning",
    ),
    Family(
        "groq",
        r"qwen",
        {"efforts": ("none",)},
        "https://console.groq.com/docs/reasoning",
    ),
    Family(
        "mistral",
        "",
        {"efforts": ("none", "high"), "answers_last": True},
        "https://docs.mistral.ai/capabilities/reasoning",
    ),
    Family(
        r"mistral\.ai",
        "",
        {"cache": "key"},
        "https://docs.mistral.ai/inference/conversations/advanced/prompt-caching",
    ),
    Family(
        "perplexity",
        "",
        {"efforts": ("minimal", *_WORDS)},
        "https://docs.perplexity.ai/api-reference/chat-completions-post",
    ),
]


@lru_cache(maxsize=64)
def takes(provider: str, base_url: str, model: str) -> Takes:
    """Return what a model takes, asked from this provider at this address."""
    try:
        who = f"{provider} {urlsplit(base_url).hostname or ''}"
    except ValueError:  # such as an unfinished IPv6 address
        who = provider
    known: dict[str, Any] = {}
    for family in FAMILIES:
        if re.search(family.who, who) and re.search(family.models, model.lower()):
            known |= family.takes
    return Takes(**known)
