"""The table of tools that providers run themselves: searching the web, running code.

The question, or what the model makes of it, goes to the search service of the provider; each is off
until a person turns it on. A row says what is merged into the request, or why the tool is not to be
had there. The first that fits counts.
"""

import re
from typing import Any, NamedTuple, get_args

import msgspec

from ..core.options import Options, ProviderToolName
from ..protocols.rendering import with_extra
from .loopback import hostname

NAMES: tuple[ProviderToolName, ...] = get_args(ProviderToolName)


class Row(NamedTuple):
    """`who` is a pattern over protocol and host, `models` one over the model's name."""

    name: ProviderToolName
    who: str
    models: str
    body: dict[str, Any]
    source: str
    alone: str = ""  # why it is not given beside functions, where it is not
    why_not: str = ""


def _tool(**fields: Any) -> dict[str, Any]:
    return {"tools": [fields]}


_CLAUDE = "https://platform.claude.com/docs/en/agents-and-tools/tool-use/"
_OPENAI = "https://developers.openai.com/api/docs/guides/tools-"
_GEMINI = "https://ai.google.dev/gemini-api/docs/"
_XAI = "https://docs.x.ai/docs/guides/tools/overview"
_GROQ = "https://console.groq.com/docs/tool-use/built-in-tools"
_MIXING = "Gemini 2 takes its own tools or yours, not both: turn one of them off, or use Gemini 3."
_ELSEWHERE = "{} does this only in its Responses API: choose the provider {}."

_REASONING = r"^(o[34]|gpt-(4o|4\.1(?!-nano)|[5-9]|\d\d))(?!.*(chat-latest|image|audio|realtime))"
_GEMINI_2 = r"gemini-2(?!.*(image|tts|live|embedding))"
_GEMINI_3 = r"gemini-([3-9]|\d\d|(flash|pro|flash-lite)-latest)(?!.*(image|tts|live|embedding))"

# All were looked up on 2026-11-29.
ROWS = [
    Row(
        "web_search",
        r"^anthropic-messages api\.anthropic\.com",
        r"claude-(?!2|instant|3-(opus|sonnet|haiku))",
        # Each search costs; more than this is no answer but research.
        _tool(type="web_search_20250305", name="web_search", max_uses=5),
        _CLAUDE + "web-search-tool",
    ),
    Row(
        "code_execution",
        r"^anthropic-messages api\.anthropic\.com",
        r"claude-[a-z]+-([4-9]|\d\d)",
        _tool(type="code_execution_20250825", name="code_execution"),
        _CLAUDE + "code-execution-tool",
    ),
    Row(
        "web_search",
        r"^openai-responses api\.openai\.com",
        _REASONING,
        _tool(type="web_search"),
        _OPENAI + "web-search",
    ),
    Row(
        "code_execution",
        r"^openai-responses api\.openai\.com",
        _REASONING,
        _tool(type="code_interpreter", container={"type": "auto"}),
        _OPENAI + "code-interpreter",
    ),
    Row(
        "web_search",
        r"^gemini generativelanguage\.googleapis\.com",
        _GEMINI_3,
        _tool(googleSearch={}),
        _GEMINI + "generate-content/tool-combination",
    ),
    Row(
        "code_execution",
        r"^gemini generativelanguage\.googleapis\.com",
        _GEMINI_3,
        _tool(codeExecution={}),
        _GEMINI + "code-execution",
    ),
    Row(
        "web_search",
        r"^gemini generativelanguage\.googleapis\.com",
        _GEMINI_2,
        _tool(googleSearch={}),
        _GEMINI + "google-search",
        alone=_MIXING,
    ),
    Row(
        "code_execution",
        r"^gemini generativelanguage\.googleapis\.com",
        _GEMINI_2,
        _tool(codeExecution={}),
        _GEMINI + "code-execution",
        alone=_MIXING,
    ),
    *(
        Row(
            name,
            r"^gemini-interactions generativelanguage\.googleapis\.com",
            models,
            _tool(type="google_search" if name == "web_search" else name),
            _GEMINI + "interactions/tool-combination",
            alone=alone,
        )
        for name in NAMES
        for models, alone in ((_GEMINI_3, ""), (_GEMINI_2, _MIXING))
    ),
    Row(
        "web_search",
        r"^openai-chat openrouter\.ai",
        "",
        _tool(type="openrouter:web_search"),
        "https://openrouter.ai/docs/guides/features/server-tools/web-search",
    ),
    Row("web_search", r"^openai-responses api\.x\.ai", "grok", _tool(type="web_search"), _XAI),
    Row(
        "code_execution",
        r"^openai-responses api\.x\.ai",
        "grok",
        _tool(type="code_interpreter"),
        _XAI,
    ),
    Row(
        "web_search",
        r"^openai-chat api\.groq\.com",
        "gpt-oss",
        _tool(type="browser_search"),
        _GROQ,
    ),
    Row(
        "code_execution",
        r"^openai-chat api\.groq\.com",
        "gpt-oss",
        _tool(type="code_interpreter", container={"type": "auto"}),
        _GROQ,
    ),
    Row(
        "web_search",
        r"^openai-chat dashscope[\w-]*\.aliyuncs\.com",
        "qwen|qwq",
        {"enable_search": True},
        "https://www.alibabacloud.com/help/en/model-studio/web-search",
    ),
    Row(
        "web_search",
        r"^openai-chat (api\.z\.ai|open\.bigmodel\.cn)",
        "glm",
        _tool(type="web_search", web_search={"enable": True, "search_result": True}),
        "https://docs.z.ai/guides/tools/web-search",
    ),
    Row(
        "web_search",
        r"^openai-chat api\.perplexity\.ai",
        "",
        {},
        "https://docs.perplexity.ai/getting-started/models",
        why_not="Perplexity's models search the web by themselves.",
    ),
    Row(
        "web_search",
        r"^openai-chat api\.openai\.com",
        "search",
        {},
        _OPENAI + "web-search",
        why_not="This model searches the web by itself.",
    ),
    *(
        Row(
            name,
            rf"^openai-chat {host}",
            "",
            {},
            source,
            why_not=_ELSEWHERE.format(label, who),
        )
        for name in NAMES
        for host, label, who, source in (
            (r"api\.openai\.com", "OpenAI", "OpenAI", _OPENAI + "web-search"),
            (r"api\.x\.ai", "xAI", "xAI (Responses)", _XAI),
        )
    ),
    *(
        Row(
            name,
            r"^openai-chat api\.mistral\.ai",
            "",
            {},
            "https://docs.mistral.ai/agents/tools/built-in/websearch",
            why_not="Mistral does this only in its Conversations API, which is not spoken here.",
        )
        for name in NAMES
    ),
]


NOT_KNOWN = "This provider or model is not known to have it."


class Availability(NamedTuple):
    """Availability of a provider's tool: `why_not` is a sentence for people, "" where it can be
    used.

    `alone` is why it is not given beside functions, "" where it is.
    """

    name: ProviderToolName
    why_not: str = ""
    alone: str = ""


def availability(name: ProviderToolName, protocol: str, base_url: str, model: str) -> Availability:
    """Tell whether a model at this address can use a tool of its provider's."""
    row = _row(name, protocol, base_url, model)
    if row is None:
        return Availability(name, NOT_KNOWN)
    return Availability(name, row.why_not, row.alone)


def with_provider_tools(options: Options, protocol: str, base_url: str, model: str) -> Options:
    """Give the options with the request's fields for these tools merged in.

    A function of the same name stands in its place.
    """
    body: dict[str, Any] = {}
    functions = {tool.name for tool in options.tools}
    for name in options.provider_tools:
        row = _row(name, protocol, base_url, model)
        if row is None or name in functions or (row.alone and functions):
            continue
        body = with_extra(body, row.body)
    return msgspec.structs.replace(options, extra=with_extra(body, options.extra))


def _row(name: str, protocol: str, base_url: str, model: str) -> Row | None:
    who = f"{protocol} {hostname(base_url)}"
    fitting = (
        row
        for row in ROWS
        if row.name == name and re.search(row.who, who) and re.search(row.models, model.lower())
    )
    return next(fitting, None)
