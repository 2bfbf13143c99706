"""The table of providers. One that speaks a known protocol is one more row.

Addresses, paths and names of variables are those of each provider's own documentation. Whether a
web page may call it is hardly ever written there, so each claim names the page that shows it; where
nobody shows it, it is unknown. The headers of a page must not grow: many of them allow
`authorization` and `content-type` in a preflight and nothing else.

Long, because it is data, a row a provider.
"""

from typing import Any
from urllib.parse import urlsplit

import msgspec

from ..core.errors import UsageError
from .provider import Provider

# The part of an address that a person has to replace.
PLACEHOLDER = "YOUR-RESOURCE"

_MEASURED = (
    "https://github.com/wanghenan/mindspace/blob/main/.sisyphus/evidence/task-1-cors-report.md"
)
# Asked on 2026-07-30.
_ASKED = (
    "https://github.com/open-pencil/open-pencil/blob/HEAD/packages/docs/programmable/"
    "byok-provider-compatibility.md"
)
# Of 2026-10-07, by a page that calls them.
_CALLED = "https://github.com/NickStarlight/arnes/wiki/Provider-support"

_ROWS = [
    # The first two are ours: the addresses are relative to the page.
    Provider(
        "built-in",
        "Built-in model",
        "api/model/v1",
        habits=frozenset({"prompt-progress"}),
        browser="direct",
    ),
    Provider("demo", "Demo", "api/demo/v1", default_model="demo", browser="direct"),
    Provider(
        "openai",
        "OpenAI",
        "https://api.openai.com/v1",
        protocol="openai-responses",
        needs_key=True,
        key_variables=("OPENAI_API_KEY",),
        address_variable="OPENAI_BASE_URL",
        key_url="https://platform.openai.com/api-keys",
        default_model="gpt-6-luna",
        browser="direct",
        # It refused pages for some time in 2025: https://github.com/Niek/chatgpt-web/issues/330
        browser_source=_CALLED,
    ),
    Provider(
        "openai-chat",
        "OpenAI (Chat Completions)",
        "https://api.openai.com/v1",
        habits=frozenset({"max-completion-tokens"}),
        needs_key=True,
        key_variables=("OPENAI_API_KEY",),
        address_variable="OPENAI_BASE_URL",
        key_url="https://platform.openai.com/api-keys",
        default_model="gpt-6-luna",
        browser="direct",
        browser_source=_CALLED,
    ),
    Provider(
        "anthropic",
        "Anthropic",
        "https://api.anthropic.com/v1",
        protocol="anthropic-messages",
        needs_key=True,
        key_variables=("ANTHROPIC_API_KEY",),
        key_url="https://console.anthropic.com/settings/keys",
        default_model="claude-haiku-5-5",
        browser="header",
        browser_headers={"anthropic-dangerous-direct-browser-access": "true"},
        # Keys of some organisations are refused all the same:
        # https://github.com/anthropics/anthropic-sdk-typescript/issues/703
        browser_source=_CALLED,
    ),
    Provider(
        "google",
        "Google Gemini",
        "https://generativelanguage.googleapis.com/v1beta",
        protocol="gemini",
        needs_key=True,
        key_variables=("GEMINI_API_KEY", "GOOGLE_API_KEY"),
        key_url="https://aistudio.google.com/apikey",
        default_model="gemini-flash-latest",
        browser="direct",
        browser_source=_ASKED,
    ),
    Provider(
        "google-interactions",
        "Google Gemini (Interactions)",
        "https://generativelanguage.googleapis.com/v1beta",
        protocol="gemini-interactions",
        needs_key=True,
        key_variables=("GEMINI_API_KEY", "GOOGLE_API_KEY"),
        key_url="https://aistudio.google.com/apikey",
        default_model="gemini-flash-latest",
        browser="direct",
        browser_source=_ASKED,
    ),
    Provider(
        "openrouter",
        "OpenRouter",
        "https://openrouter.ai/api/v1",
        has_open_list=True,
        # https://openrouter.ai/docs/api/api-reference/api-keys/get-current-key
        key_path="/key",
        needs_key=True,
        key_variables=("OPENROUTER_API_KEY",),
        key_url="https://openrouter.ai/settings/keys",
        default_model="openrouter/auto",
        browser="direct",
        browser_source=_ASKED,
    ),
    Provider(
        "mistral",
        "Mistral",
        "https://api.mistral.ai/v1",
        # It refuses fields that it does not know: https://github.com/dnakov/anon-kode/issues/53,
        # and the ids of others: https://github.com/anomalyco/opencode/issues/1680
        habits=frozenset({"no-stream-usage", "random-seed", "short-call-ids"}),
        needs_key=True,
        key_variables=("MISTRAL_API_KEY",),
        key_url="https://console.mistral.ai/api-keys",
        default_model="mistral-small-latest",
        browser="direct",
        browser_source="https://github.com/infiolab/infio-copilot/issues/146",
    ),
    Provider(
        "groq",
        "Groq",
        "https://api.groq.com/openai/v1",
        # https://console.groq.com/docs/api-reference: `max_tokens` is deprecated
        habits=frozenset({"max-completion-tokens"}),
        needs_key=True,
        key_variables=("GROQ_API_KEY",),
        key_url="https://console.groq.com/keys",
        default_model="openai/gpt-oss-20b",
        browser="direct",
        browser_source=_ASKED,
    ),
    Provider(
        "deepseek",
        "DeepSeek",
        "https://api.deepseek.com/v1",
        # https://api-docs.deepseek.com/guides/thinking_mode; its pages name the address without
        # /v1 by now (2026-11-30), which answers still.
        habits=frozenset({"reasoning-with-calls"}),
        needs_key=True,
        key_variables=("DEEPSEEK_API_KEY",),
        key_url="https://platform.deepseek.com/api_keys",
        default_model="deepseek-flash",
        browser="direct",
        browser_source=_ASKED,
    ),
    Provider(
        "xai",
        "xAI",
        "https://api.x.ai/v1",
        needs_key=True,
        key_variables=("XAI_API_KEY",),
        key_url="https://console.x.ai",
        browser="direct",
        browser_source=_MEASURED,
    ),
    Provider(
        "xai-responses",
        "xAI (Responses)",
        "https://api.x.ai/v1",
        protocol="openai-responses",
        needs_key=True,
        key_variables=("XAI_API_KEY",),
        key_url="https://console.x.ai",
        browser="direct",
        browser_source=_MEASURED,
    ),
    Provider(
        "together",
        "Together AI",
        # https://docs.together.ai/docs/inference/openai-compatibility (2026-11-30); before
        # 2026-04-28 it was the other one, which answers still:
        # https://github.com/togethercomputer/openapi/pull/257
        "https://api.together.ai/v1",
        hosts=("api.together.ai", "api.together.xyz"),
        needs_key=True,
        key_variables=("TOGETHER_API_KEY",),
        key_url="https://api.together.ai/settings/api-keys",
        default_model="openai/gpt-oss-20b",
        browser="direct",
        browser_source=_CALLED,
    ),
    Provider(
        "fireworks",
        "Fireworks AI",
        "https://api.fireworks.ai/inference/v1",
        needs_key=True,
        key_variables=("FIREWORKS_API_KEY",),
        key_url="https://fireworks.ai/account/api-keys",
        default_model="accounts/fireworks/models/gpt-oss-20b",
        # It answered no page before: https://github.com/bracesproul/site-rag/pull/6. The headers
        # `authorization` and `content-type` alone pass.
        browser="direct",
        browser_source=_CALLED,
    ),
    Provider(
        "cerebras",
        "Cerebras",
        "https://api.cerebras.ai/v1",
        # https://inference-docs.cerebras.ai/api-reference/chat-completions
        habits=frozenset({"max-completion-tokens"}),
        needs_key=True,
        key_variables=("CEREBRAS_API_KEY",),
        key_url="https://cloud.cerebras.ai",
        default_model="gpt-oss-120b",
        browser="direct",
        browser_source="https://github.com/qte77/agenthud-agui-a2ui/blob/main/docs/plans/012-free-byok-endpoints-bundle-chunking.md",
    ),
    Provider(
        "perplexity",
        "Perplexity",
        "https://api.perplexity.ai",
        # Usage is on every chunk.
        habits=frozenset({"no-stream-usage"}),
        models_path="",
        needs_key=True,
        key_variables=("PERPLEXITY_API_KEY",),
        key_url="https://www.perplexity.ai/settings/api",
        default_model="sonar",
        browser="direct",
        browser_source="https://github.com/meltylabs/chorus/issues/43",
    ),
    Provider(
        "hugging-face",
        "Hugging Face",
        "https://router.huggingface.co/v1",
        has_open_list=True,
        needs_key=True,
        key_variables=("HF_TOKEN",),
        key_url="https://huggingface.co/settings/tokens",
        default_model="openai/gpt-oss-20b",
        browser="direct",
        browser_source="https://github.com/huggingface/huggingface.js#from-cdn-or-static-hosting",
    ),
    Provider(
        "azure",
        "Azure OpenAI",
        # https://learn.microsoft.com/azure/foundry/openai/api-version-lifecycle
        f"https://{PLACEHOLDER}.openai.azure.com/openai/v1",
        habits=frozenset({"max-completion-tokens"}),
        key_header="api-key",
        # It lists what could be deployed; what is asked is the name of a person's own deployment.
        models_path="",
        needs_key=True,
        key_variables=("AZURE_OPENAI_API_KEY",),
        address_variable="AZURE_OPENAI_ENDPOINT",
        key_url="https://portal.azure.com",
        browser="no",
        browser_source="https://github.com/lobehub/lobehub/issues/2487",
    ),
    Provider(
        "ollama",
        "Ollama",
        "http://localhost:11434",
        protocol="ollama",
        address_variable="OLLAMA_HOST",
        browser="setting",
        browser_source="https://docs.ollama.com/faq#how-can-i-allow-additional-web-origins-to-access-ollama",
        # So it was still on 2026-10-20, for a page elsewhere:
        # https://huggingface.co/datasets/guicybercode/cors-servidores-llm-locais
        browser_setting="Start Ollama with OLLAMA_ORIGINS={origin} in its environment.",
    ),
    Provider(
        "lm-studio",
        "LM Studio",
        "http://localhost:1234/v1",
        browser="setting",
        browser_source="https://lmstudio.ai/docs/cli/server-start",
        browser_setting=(
            "Switch on CORS in LM Studio's server settings, or start it with lms server start "
            "--cors."
        ),
    ),
    Provider(
        "llama.cpp",
        "llama.cpp",
        "http://localhost:8080/v1",
        # https://github.com/ggml-org/llama.cpp/blob/master/tools/server/README.md
        habits=frozenset({"prompt-progress"}),
        has_open_list=True,
        key_variables=("LLAMA_API_KEY",),
        browser="direct",
        # Where it runs tools or MCP servers of its own, this machine's pages alone, by itself.
        browser_source="https://github.com/ggml-org/llama.cpp/discussions/31054",
    ),
    Provider(
        "vllm",
        "vLLM",
        "http://localhost:8000/v1",
        key_variables=("VLLM_API_KEY",),
        browser="direct",
        browser_source="https://github.com/vllm-project/vllm/blob/main/vllm/entrypoints/openai/cli_args.py",
    ),
    # Somebody's own address.
    Provider("other", "OpenAI-compatible", ""),
    Provider("other-responses", "OpenAI Responses-compatible", "", protocol="openai-responses"),
    Provider("other-anthropic", "Anthropic-compatible", "", protocol="anthropic-messages"),
    Provider("other-gemini", "Gemini-compatible", "", protocol="gemini"),
    Provider("other-ollama", "Ollama at another address", "", protocol="ollama"),
    # The address is the agent's own; it knows no other model than itself.
    Provider("ag-ui", "AG-UI agent", "", protocol="ag-ui", models_path="", default_model="agent"),
    # The address ends in /api. Pages of other origins are refused there.
    Provider(
        "tokenfall",
        "Another Tokenfall server",
        "",
        protocol="tokenfall",
        models_path="",
        default_model="default",  # whomever it asks by itself
        browser="no",
    ),
]

PROVIDERS: dict[str, Provider] = {row.name: row for row in _ROWS}


def provider(name: str, *, base_url: str = "", key: str = "") -> Provider:
    """The row of this name, with a key, and at another address where one is given.

    Raises:
        UsageError: There is no such row.
    """
    row = PROVIDERS.get(name)
    if row is None:
        raise UsageError(f"no provider {name!r}; known: {', '.join(PROVIDERS)}")
    return msgspec.structs.replace(moved(row, base_url) if base_url.strip() else row, key=key)


def moved(who: Provider, base_url: str) -> Provider:
    """The same provider at another address. Its key stays behind where that is another host."""
    address = base_url.strip().rstrip("/")
    if _host(address) not in (_host(who.base_url), *who.hosts):
        who = msgspec.structs.replace(who, key="", **(_UNKNOWN if is_service(who) else {}))
    if who.protocol == "ollama" and address.endswith("/v1"):
        # Where Ollama speaks like OpenAI.
        who = msgspec.structs.replace(who, protocol="openai-chat")
    return msgspec.structs.replace(who, base_url=address)


def is_service(who: Provider) -> bool:
    """Tell whether it is one server, and not a program that people run where they like."""
    return who.base_url.startswith("https://") and who.name not in _OWN


_OWN = {row.name for row in _ROWS if not row.base_url.startswith("https://")} | {"azure"}

# Facts that are unknown of somebody else's server that speaks like this one.
_UNKNOWN: dict[str, Any] = {
    "needs_key": False,
    "has_open_list": False,
    "key_path": "",
    "default_model": "",
    "browser": "unknown",
    "browser_source": "",
    "browser_headers": {},
}


def _host(address: str) -> str:
    try:
        return urlsplit(address).netloc.lower()
    except ValueError:  # such as an unfinished IPv6 address
        return ""
