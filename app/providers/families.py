"""The table of model families: what each takes of a question's settings.

A row names the provider (a pattern over its name and host, "" for any), the models (a pattern over
their names), what is known, where that stands, and when it was looked up again. All
rows that fit count, later ones win. Options that no row names are sent as they were set: tables
age, and a provider says what it refuses. Where a provider's own pages do not say it, the source is
a report of who was refused, or a list that others keep.

Long, because it is data, a row a family.
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
_XAI = "https://docs.x.ai/developers/model-capabilities/text/reasoning"
_KIMI = "https://platform.kimi.ai/docs/"
# A list that others keep, with what providers' own pages and keys told them.
_MODELS_DEV = "https://github.com/anomalyco/models.dev/tree/dev/"

_LOW_TO_HIGH = ("low", "medium", "high")
_LOW_TO_MAX = (*_LOW_TO_HIGH, "max")
_LOW_HIGH_MAX = ("low", "high", "max")
_NO_THOUGHTS: dict[str, Any] = {"efforts": ()}
_TEXT_ALONE: dict[str, Any] = {"images": False, "files": False}
# Before what a text model's name has: one that sees or hears is named after those it was made of.
_NO_SENSES = (
    r"^(?!.*(vision|visual|vl|llava|vila|omni|audio|vox|paligemma|idefics|ovis|multimodal|minicpm))"
    r".*"
)

# A row takes two lines here, and nine as the formatter has it.
# fmt: off
FAMILIES = [
    # Claude. Versions stand behind the name (claude-haiku-4-5; with a dot at gateways) or, in older
    # names, before it.
    Family("", r"claude", {"bounds": False},
           _CLAUDE + "build-with-claude/structured-outputs", "2026-11-29"),
    Family("", r"claude", {"warmest": 1.0},
           _CLAUDE + "api/messages/create", "2026-11-30"),
    Family("", r"claude.*-4[-.][1-6](?!\d)", {"sampling": "one"},
           _CLAUDE + "about-claude/models/migration-guide", "2026-11-29"),
    Family("", r"claude-[a-z]+-(4[-.]([7-9]|\d\d)(?!\d)|[5-9]|\d\d(?!\d))", {"sampling": "none"},
           _CLAUDE + "models/haiku-5-5/migration-guide", "2026-11-30"),
    Family("", r"claude-[a-z]+-(4[-.]([6-9]|\d\d)(?!\d)|[5-9]|\d\d(?!\d))",
           {"efforts": ("none", *_LOW_TO_MAX)},
           _CLAUDE + "build-with-claude/adaptive-thinking", "2026-11-30"),
    Family("", r"claude-[a-z]+-([5-9]|\d\d)(?!\d)",
           {"thinks": True, "off": "switch", "shows": True, "room": 32_000},
           _CLAUDE + "build-with-claude/adaptive-thinking", "2026-11-30"),
    # Haiku 5.5 can be told not to think, Sonnet 5.5 not to before it calls, the larger not at all.
    Family("", r"claude-(fable|mythos|opus-5[-.]5)", {"off": "never", "efforts": _LOW_TO_MAX},
           _CLAUDE + "models/opus-5-5/migration-guide", "2026-11-30"),
    Family("", r"claude-sonnet-5[-.]5", {"off": "between tools"},
           _CLAUDE + "models/sonnet-5-5/whats-new-sonnet-5-5", "2026-11-30"),
    Family("", r"claude-3-(opus|sonnet|haiku)", {"max_output": 4096},
           _CLAUDE + "about-claude/models/overview", "2026-11-30"),
    Family("", r"claude-3-5", {"max_output": 8192},
           _CLAUDE + "about-claude/models/overview", "2026-11-30"),
    Family("", r"claude-(opus-4($|-[01](?!\d)|-20)|4-opus)", {"max_output": 32_000},
           _CLAUDE + "about-claude/models/overview", "2026-11-30"),
    Family("", r"claude-(sonnet|haiku)-4|claude-opus-4[-.]5", {"max_output": 64_000},
           _CLAUDE + "about-claude/models/overview", "2026-11-30"),
    Family("", r"claude-(opus-4[-.]([6-9]|\d\d)(?!\d)|[a-z]+-([5-9]|\d\d)(?!\d))",
           {"max_output": 128_000},
           _CLAUDE + "about-claude/models/overview", "2026-11-30"),
    Family(r"anthropic\.com", "", {"cache": "blocks", "tiers": ("auto", "standard_only")},
           _CLAUDE + "api/service-tiers", "2026-11-30"),
    # OpenAI
    Family(r"openai\.com|azure\.com", "", {"cache": "key"},
           _OPENAI + "guides/prompt-caching", "2026-11-30"),
    Family("openai|azure", "", {"tiers": ("auto", "default", "flex", "priority")},
           "https://learn.microsoft.com/azure/foundry/openai/how-to/flex-processing", "2026-11-30"),
    # "priority" under its new name; it is both.
    Family(r"openai\.com", "", {"tiers": ("auto", "default", "flex", "priority", "fast")},
           _OPENAI + "guides/fast-mode", "2026-11-30"),
    Family(r"openai\.com", r"^gpt-(6-astra|6\.1-sol|6\.([2-9]|\d\d)-(astra|sol)|5\.6-sol)",
           {"tiers": ("auto", "default", "flex", "priority", "fast", "ultrafast")},
           _OPENAI + "guides/ultrafast-mode", "2026-11-30"),
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
    Family("openai|azure", r"^gpt-6(-astra|\.1-sol|\.([2-9]|\d\d)-(astra|sol))",
           {"efforts": _LOW_TO_MAX},
           _OPENAI + "guides/latest-model", "2026-11-30"),
    Family("^(openai-chat|azure) ", r"^gpt-6(-astra|\.1-sol|\.([2-9]|\d\d)-(astra|sol))",
           {"tools": False},
           _OPENAI + "guides/latest-model", "2026-11-30"),
    Family("openai|azure", r"^o\d.*deep-research", {"efforts": ("medium",)},
           _MODELS_DEV + "providers/openai", "2026-11-30"),
    Family("openai|azure", r"^(gpt-3\.5|gpt-4($|-\d{4}($|-(?!vision))))", _TEXT_ALONE,
           _MODELS_DEV + "models/openai", "2026-11-30"),
    Family("openai|azure", r"^o(1|3)-mini", _TEXT_ALONE,
           _MODELS_DEV + "models/openai", "2026-11-30"),
    Family("openai", r"^gpt-(3\.5|4-(turbo|\d{4}-preview)|4o-2024-05)", {"max_output": 4096},
           "https://github.com/ChatGPTNextWeb/NextChat/issues/3195", "2026-11-30"),
    Family("openai", r"^gpt-4o(?!-2024-05|.*(audio|realtime))",
           {"context": 128_000, "max_output": 16_384},
           "https://github.com/enoch3712/ExtractThinker/issues/346", "2026-11-30"),
    Family("openai", r"^gpt-4\.1", {"context": 1_047_576, "max_output": 32_768},
           _MODELS_DEV + "models/openai", "2026-11-30"),
    Family("openai", r"^o[134](?!-(mini-2024|preview))",
           {"context": 200_000, "max_output": 100_000},
           _MODELS_DEV + "providers/openai", "2026-11-30"),
    Family("openai", r"^gpt-5(?!.*(chat|pro))", {"context": 400_000, "max_output": 128_000},
           _MODELS_DEV + "providers/openai", "2026-11-30"),
    Family("openai", r"^gpt-(5\.([4-9]|\d\d)|[6-9])(?!.*(chat|mini|nano))",
           {"context": 1_050_000, "max_output": 128_000},
           _MODELS_DEV + "models/openai", "2026-11-30"),
    # Gemini and Gemma. A gateway that is spoken to like OpenAI asks Gemini in its older form.
    Family("", r"gemini", {"schema": "openapi"},
           "https://ai.google.dev/api/caching#Schema", "2026-11-29"),
    Family("", r"gemini-(1\.5|2\.0)", _NO_THOUGHTS,
           _GEMINI + "thinking", "2026-11-29"),
    Family("", r"gemini-(1\.5|2\.0)", {"max_output": 8192},
           _MODELS_DEV + "providers/google", "2026-11-30"),
    Family("", r"gemini-(2\.5|[3-9]|.*-latest)(?!.*(image|tts|audio|live))",
           {"max_output": 65_536},
           _MODELS_DEV + "providers/google", "2026-11-30"),
    Family("", r"gemini-[12]\b", {"output_or_tools": True},
           "https://github.com/googleapis/python-genai/issues/706", "2026-11-30"),
    Family("", r"gemini-2\.5", {"depth": "tokens"},
           _GEMINI + "thinking", "2026-11-29"),
    Family("", r"gemini-2\.5-pro", {"off": "never"},
           _GEMINI + "thinking", "2026-11-29"),
    Family("", r"gemini-([3-9]|\d\d|(flash|pro|flash-lite)-latest)",
           {"depth": "level", "off": "never", "efforts": _LOW_TO_HIGH},
           _GEMINI + "thinking", "2026-11-29"),
    Family("", r"gemini-(3(\.[1-6])?-flash|3\.\d+-flash-lite|flash-lite-latest)",
           {"efforts": ("minimal", *_LOW_TO_HIGH)},
           "https://docs.cloud.google.com/vertex-ai/generative-ai/docs/thinking", "2026-11-30"),
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
    Family("^google", r"gemma-?[1-3](?!\d)", {"tools": False},
           "https://github.com/BerriAI/litellm/issues/10313", "2026-11-30"),
    # DeepSeek
    Family(r"deepseek\b", "",
           {"echoes": "tools", "output": "object", "off": "switch", "efforts": _LOW_HIGH_MAX,
            "most": "max", "tiers": (), "verbosity": False},
           "https://api-docs.deepseek.com/guides/thinking_mode", "2026-11-30"),
    Family(r"deepseek\b", "", {"max_output": 393_216},
           _MODELS_DEV + "providers/deepseek", "2026-11-30"),
    # The flash models see since 4.1: the names of the older ones lead there.
    Family(r"deepseek\b", r"pro|chat|reasoner", _TEXT_ALONE,
           "https://github.com/esengine/DeepSeek-Reasonix/issues/7136", "2026-11-30"),
    # Moonshot
    Family("", r"kimi|moonshot", {"schema": "moonshot"},
           "https://github.com/MoonshotAI/walle/blob/main/docs/mfjs-spec.md", "2026-11-29"),
    Family(r"moonshot|kimi\.(com|ai)", "",
           {"echoes": "tools", "schema": "moonshot", "tiers": (), "verbosity": False},
           _KIMI + "guide/use-kimi-k2-thinking-model", "2026-11-30"),
    Family(r"moonshot|kimi\.(com|ai)", r"kimi-k", {"sampling": "none"},
           _KIMI + "api/models-overview", "2026-11-30"),
    Family(r"moonshot|kimi\.(com|ai)", r"kimi-k2\.[56]", {"off": "switch", "efforts": ()},
           _KIMI + "api/models-overview", "2026-11-30"),
    Family(r"moonshot|kimi\.(com|ai)", r"kimi-k2\.[7-9]", {"off": "never", "efforts": ()},
           _KIMI + "api/models-overview", "2026-11-30"),
    Family(r"moonshot|kimi\.(com|ai)", r"kimi-k([3-9]|\d\d)",
           {"off": "never", "efforts": _LOW_HIGH_MAX, "most": "max"},
           _KIMI + "guide/use-reasoning-effort", "2026-11-30"),
    # xAI
    Family(r"\bxai\b|x\.ai", "", {"tiers": ("default", "priority"), "verbosity": False},
           "https://docs.x.ai/developers/advanced-api-usage/priority-processing", "2026-11-30"),
    Family(r"\bxai\b|x\.ai", r"grok-([4-9]|\d\d|3-mini|code|build)(?!.*non-reasoning)",
           {"stop": False, "efforts": _LOW_TO_HIGH},
           _XAI, "2026-11-30"),
    Family(r"\bxai\b|x\.ai", r"grok-4\.3", {"efforts": ("none", *_LOW_TO_HIGH)},
           _XAI, "2026-11-30"),
    Family(r"\bxai\b|x\.ai", r"grok-(4\.[5-9](?!\d)|[5-9])", {"off": "never"},
           "https://github.com/anomalyco/opencode/issues/39448", "2026-11-30"),
    Family(r"\bxai\b|x\.ai", r"grok-(4\.[7-9](?!\d)|[5-9]|.*multi-agent)",
           {"efforts": _LOW_TO_MAX, "most": "xhigh"},
           _XAI, "2026-11-30"),
    Family(r"\bxai\b|x\.ai",
           r"grok-(4(-0709|-latest|-fast.*|-1.*)?$|4\.20(?!.*multi-agent)|code|.*non-reasoning)",
           _NO_THOUGHTS,
           "https://github.com/tetsuo-ai/agenc-core/pull/416", "2026-11-30"),
    Family(r"\bxai\b|x\.ai", r"grok-(2(?!.*vision)|3)|grok-code", _TEXT_ALONE,
           _MODELS_DEV + "providers/xai", "2026-11-30"),
    # Mistral, Perplexity, Cohere
    Family("mistral", "", {"efforts": ("none", "high"), "answers_last": True},
           "https://docs.mistral.ai/studio/conversations/reasoning", "2026-11-30"),
    Family("mistral",
           r"codestral|devstral|ministral|pixtral|voxtral|nemo|mixtral|open-"
           r"|mistral-(large-2|medium-25|small-2[2-5]|tiny|saba)",
           _NO_THOUGHTS,
           "https://github.com/NousResearch/hermes-agent/issues/11243", "2026-11-30"),
    Family("mistral", r"glm", {"efforts": ("high", "max")},
           _MODELS_DEV + "providers/mistral", "2026-11-30"),
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
           "https://docs.z.ai/guides/capabilities/thinking-mode", "2026-11-30"),
    Family(r"\bz\.ai|bigmodel\.cn", r"glm-(5\.([2-9]|\d\d)|[6-9])",
           {"efforts": _LOW_HIGH_MAX, "most": "max"},
           "https://docs.z.ai/guides/capabilities/thinking-mode", "2026-11-29"),
    Family(r"\bz\.ai|bigmodel\.cn", r"glm-(5\.([3-9]|\d\d)|[6-9])",
           {"off": "never", "max_output": 131_072},
           "https://docs.z.ai/guides/llm/glm-5.3", "2026-11-30"),
    Family("minimax", "", {"off": "switch", "efforts": (), "tiers": (), "verbosity": False},
           "https://platform.minimax.io/docs/api-reference/text-openai-api", "2026-11-29"),
    Family("minimax", r"minimax-m2", {"off": "never"},
           "https://platform.minimax.io/docs/api-reference/text-openai-api", "2026-11-29"),
    Family(r"dashscope", "qwen|qwq", {"off": "flag", "tiers": (), "verbosity": False},
           "https://www.alibabacloud.com/help/en/model-studio/deep-thinking", "2026-11-30"),
    # How hard, from 3.8 on; "high" is the same as its highest.
    Family(r"dashscope", r"qwen3\.([89]|\d\d)|qwen[4-9]",
           {"efforts": ("low", "medium", "max"), "most": "xhigh"},
           _MODELS_DEV + "providers/alibaba", "2026-11-30"),
    Family(r"dashscope", r"qwen.*-thinking|qwq", {"off": "never", "efforts": ()},
           "https://www.alibabacloud.com/help/en/model-studio/deep-thinking", "2026-11-30"),
    # Cerebras, Fireworks: what they know beside the words of each model
    Family("cerebras", "", {"efforts": ("none", *_LOW_TO_HIGH)},
           _MODELS_DEV + "providers/cerebras", "2026-11-30"),
    Family("fireworks", "", {"efforts": ("none", *_LOW_TO_HIGH)},
           "https://docs.fireworks.ai/guides/reasoning", "2026-11-30"),
    Family(r"fireworks\.ai", "", {"tiers": ("priority",)},
           "https://docs.fireworks.ai/serverless/serverless-modes", "2026-11-30"),
    Family("fireworks", r"kimi", {"efforts": _LOW_TO_HIGH},
           "https://docs.fireworks.ai/guides/reasoning", "2026-11-30"),
    Family("fireworks", r"glm-5", {"efforts": ("none", "high", "max")},
           "https://docs.fireworks.ai/guides/reasoning", "2026-11-30"),
    Family("fireworks", r"glm-5p([3-9]|\d\d)", {"off": "never", "efforts": _LOW_HIGH_MAX},
           _MODELS_DEV + "providers/fireworks-ai", "2026-11-30"),
    # Open models, whoever serves them
    Family("", r"gpt-oss", {"efforts": _LOW_TO_HIGH},
           "https://console.groq.com/docs/reasoning", "2026-11-29"),
    Family("", r"^(?!.*(nemotron|distill|reason|think)).*(llama-?[1-4]|mixtral|qwen-?2)",
           _NO_THOUGHTS,
           "https://github.com/Lazarus-AI/clearwing/pull/65", "2026-11-30"),
    # What it calls "default" there is sent by saying nothing.
    Family("groq", r"qwen", {"efforts": ("none",)},
           "https://console.groq.com/docs/reasoning", "2026-11-30"),
    Family(r"groq\.com", "",
           {"tiers": ("auto", "on_demand", "flex", "performance"), "verbosity": False},
           "https://console.groq.com/docs/service-tiers", "2026-11-29"),
    Family("together", r"glm-5\.3", {"off": "never", "efforts": _LOW_TO_MAX, "most": "max"},
           "https://docs.together.ai/docs/glm-5.3-quickstart", "2026-11-30"),
    # One image in a conversation, and they refuse every question after it.
    Family("", _NO_SENSES + r"(gpt-oss|minimax-m2|mixtral|mistral-?(7b|nemo)|codestral|qwq"
           r"|command-(r|a-03))", _TEXT_ALONE,
           _MODELS_DEV + "models", "2026-11-30"),
    Family("", _NO_SENSES + r"deepseek-(v[23]|v4(?![.p]1|-flash)|r1)", _TEXT_ALONE,
           "https://github.com/yilewang/llm-for-zotero/issues/143", "2026-11-30"),
    Family("", r"^(?!.*(11b|90b))" + _NO_SENSES + r"llama-?v?[23]", _TEXT_ALONE,
           _LLAMA + "README.md", "2026-11-30"),
    # From 3.5 on they see, however that is written; 8b is a size.
    Family("", _NO_SENSES + r"qwen-?(2|3(?![.p]\d|[._-]?[5-9](?![\db])))", _TEXT_ALONE,
           _MODELS_DEV + "models/alibaba", "2026-11-30"),
    Family("", _NO_SENSES + r"kimi-k2(?![.p-][5-9])", _TEXT_ALONE,
           _MODELS_DEV + "models/moonshotai", "2026-11-30"),
    Family("", r"glm-?(4[.p][5-7]|5([.p][1-3])?)(?![.p\dv])", _TEXT_ALONE,
           _MODELS_DEV + "providers/zai", "2026-11-30"),
    Family("", _NO_SENSES + r"(gemma-?2(?!\d)|gemma-?3[-:](1b|270m)|phi-?[34])", _TEXT_ALONE,
           "https://huggingface.co/microsoft/phi-4", "2026-11-30"),
    # OpenRouter says every effort in the words of whoever answers, and reads PDFs for all of them:
    # https://openrouter.ai/docs/features/multimodal/pdfs
    Family("openrouter", "",
           {"efforts": ("none", "minimal", *_LOW_TO_MAX), "most": "max", "files": True},
           _OPENROUTER + "guides/best-practices/reasoning-tokens", "2026-11-29"),
    Family("openrouter", r"claude", {"cache": "blocks"},
           _OPENROUTER + "guides/best-practices/prompt-caching", "2026-11-30"),
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
           "https://huggingface.co/google/gemma-2-9b-it/discussions/30", "2026-11-30"),
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
