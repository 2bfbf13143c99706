"""The table of providers: what each row makes of a question, and where its key goes."""

from typing import Any
from urllib.parse import urlsplit

import msgspec
import pytest

from app.core.errors import UsageError
from app.core.messages import user
from app.core.options import Options
from app.core.wire.transport import Request
from app.providers import PROVIDERS, Provider, provider
from app.providers.table import moved

KEY = "sk-of-this-test"
OPENAI = {"authorization": f"Bearer {KEY}"}
ANTHROPIC = {"x-api-key": KEY, "anthropic-version": "2023-06-01"}
GOOGLE = {"x-goog-api-key": KEY}
AZURE = {"api-key": KEY}

# Address of a streamed question and of the list of models, and the headers that carry the key, as
# the documentation of each provider has them.
DOCUMENTED: dict[str, tuple[str, str, dict[str, str]]] = {
    "built-in": ("api/model/v1/chat/completions", "api/model/v1/models", OPENAI),
    "demo": ("api/demo/v1/chat/completions", "api/demo/v1/models", OPENAI),
    "openai": ("https://api.openai.com/v1/responses", "https://api.openai.com/v1/models", OPENAI),
    "openai-chat": (
        "https://api.openai.com/v1/chat/completions",
        "https://api.openai.com/v1/models",
        OPENAI,
    ),
    "anthropic": (
        "https://api.anthropic.com/v1/messages",
        "https://api.anthropic.com/v1/models?limit=1000",
        ANTHROPIC,
    ),
    "google": (
        "https://generativelanguage.googleapis.com/v1beta/models/m:streamGenerateContent?alt=sse",
        "https://generativelanguage.googleapis.com/v1beta/models?pageSize=1000",
        GOOGLE,
    ),
    "google-interactions": (
        "https://generativelanguage.googleapis.com/v1beta/interactions",
        "https://generativelanguage.googleapis.com/v1beta/models?pageSize=1000",
        GOOGLE,
    ),
    "openrouter": (
        "https://openrouter.ai/api/v1/chat/completions",
        "https://openrouter.ai/api/v1/models",
        OPENAI,
    ),
    "mistral": (
        "https://api.mistral.ai/v1/chat/completions",
        "https://api.mistral.ai/v1/models",
        OPENAI,
    ),
    "groq": (
        "https://api.groq.com/openai/v1/chat/completions",
        "https://api.groq.com/openai/v1/models",
        OPENAI,
    ),
    "deepseek": (
        "https://api.deepseek.com/v1/chat/completions",
        "https://api.deepseek.com/v1/models",
        OPENAI,
    ),
    "xai": ("https://api.x.ai/v1/chat/completions", "https://api.x.ai/v1/models", OPENAI),
    "xai-responses": ("https://api.x.ai/v1/responses", "https://api.x.ai/v1/models", OPENAI),
    "together": (
        "https://api.together.ai/v1/chat/completions",
        "https://api.together.ai/v1/models",
        OPENAI,
    ),
    "fireworks": (
        "https://api.fireworks.ai/inference/v1/chat/completions",
        "https://api.fireworks.ai/inference/v1/models",
        OPENAI,
    ),
    "cerebras": (
        "https://api.cerebras.ai/v1/chat/completions",
        "https://api.cerebras.ai/v1/models",
        OPENAI,
    ),
    "perplexity": ("https://api.perplexity.ai/chat/completions", "", OPENAI),
    "hugging-face": (
        "https://router.huggingface.co/v1/chat/completions",
        "https://router.huggingface.co/v1/models",
        OPENAI,
    ),
    "azure": ("https://YOUR-RESOURCE.openai.azure.com/openai/v1/chat/completions", "", AZURE),
    "ollama": ("http://localhost:11434/api/chat", "http://localhost:11434/api/tags", OPENAI),
    "lm-studio": (
        "http://localhost:1234/v1/chat/completions",
        "http://localhost:1234/v1/models",
        OPENAI,
    ),
    "llama.cpp": (
        "http://localhost:8080/v1/chat/completions",
        "http://localhost:8080/v1/models",
        OPENAI,
    ),
    "vllm": (
        "http://localhost:8000/v1/chat/completions",
        "http://localhost:8000/v1/models",
        OPENAI,
    ),
    "other": ("https://own.example/chat/completions", "https://own.example/models", OPENAI),
    "other-responses": ("https://own.example/responses", "https://own.example/models", OPENAI),
    "other-anthropic": (
        "https://own.example/messages",
        "https://own.example/models?limit=1000",
        ANTHROPIC,
    ),
    "other-gemini": (
        "https://own.example/models/m:streamGenerateContent?alt=sse",
        "https://own.example/models?pageSize=1000",
        GOOGLE,
    ),
    "other-ollama": ("https://own.example/api/chat", "https://own.example/api/tags", OPENAI),
    "ag-ui": ("https://own.example", "", OPENAI),
    "tokenfall": ("https://own.example/chat", "", OPENAI),
}
FREELY_PLACED = "https://own.example"

names = pytest.mark.parametrize("name", PROVIDERS)


def row(name: str, key: str = KEY) -> Provider:
    own = "" if PROVIDERS[name].base_url else FREELY_PLACED
    return provider(name, base_url=own, key=key)


def asked(who: Provider, *, stream: bool = True, **options: Any) -> Request:
    return who.render([user("Hi")], model="m", options=Options(**options), stream=stream)


def test_every_row_is_documented_here() -> None:
    assert list(DOCUMENTED) == list(PROVIDERS)
    assert all(name == known.name for name, known in PROVIDERS.items())
    assert not any(known.key for known in PROVIDERS.values())


@names
def test_a_question_goes_where_the_documentation_says(name: str) -> None:
    url, _, key_headers = DOCUMENTED[name]
    request = asked(row(name))
    assert (request.method, request.url) == ("POST", url)
    assert request.headers["content-type"] == "application/json"
    assert key_headers.items() <= request.headers.items()
    body = msgspec.json.decode(request.body)
    assert body  # JSON at all
    # Gemini has both in the address; an agent is its own model, and always streams, as we do.
    has_model = row(name).protocol not in ("gemini", "ag-ui")
    streams = has_model and row(name).protocol != "tokenfall"
    assert (body.get("model"), body.get("stream")) == (
        "m" if has_model else None,
        True if streams else None,
    )
    whole = asked(row(name), stream=False)
    assert "text/event-stream" in whole.headers["accept"]
    assert not msgspec.json.decode(whole.body).get("stream")


@names
def test_the_models_are_listed_where_the_documentation_says(name: str) -> None:
    _, url, key_headers = DOCUMENTED[name]
    assert row(name).lists_models == bool(url)
    if url:
        request = row(name).models_request()
        assert (request.method, request.url, request.body) == ("GET", url, b"")
        assert key_headers.items() <= request.headers.items()


def test_a_further_page_of_models() -> None:
    assert row("anthropic").models_request({"after_id": "a&b"}).url == (
        "https://api.anthropic.com/v1/models?limit=1000&after_id=a%26b"
    )
    assert row("openrouter").models_request({"page": "2"}).url == (
        "https://openrouter.ai/api/v1/models?page=2"
    )


@names
def test_the_key_is_in_one_header_and_nowhere_else(name: str) -> None:
    who = row(name)
    requests = [asked(who), asked(who, stream=False)]
    requests += [who.models_request()] if who.lists_models else []
    requests += [who.key_request()] if who.key_path else []
    for request in requests:
        assert sum(KEY in value for value in request.headers.values()) == 1
        assert KEY not in request.url
        assert KEY.encode() not in request.body
        assert urlsplit(request.url).netloc == urlsplit(who.base_url).netloc
        assert KEY not in repr(request)
    assert KEY not in f"{who!r} {who} {[who]}"


@names
def test_without_a_key_no_header_carries_one(name: str) -> None:
    names_of_keys = {"authorization", "x-api-key", "x-goog-api-key", "api-key"}
    assert not names_of_keys & asked(row(name, key="")).headers.keys()


@names
def test_headers_for_pages_are_sent_by_pages_only(name: str) -> None:
    who = row(name)
    extra = who.browser_headers
    assert bool(extra) == (who.browser == "header")
    assert not extra.keys() & asked(who).headers.keys()
    page = asked(who.in_browser())
    assert page.headers == asked(who).headers | extra
    # More than this many providers refuse in a preflight.
    usual = {"accept", "content-type"} | DOCUMENTED[name][2].keys()
    assert page.headers.keys() == usual | extra.keys()


def test_anthropic_wants_to_be_told_that_a_page_asks() -> None:
    expected = {"anthropic-dangerous-direct-browser-access": "true"}
    assert PROVIDERS["anthropic"].browser_headers == expected


@names
def test_every_claim_about_browsers_names_its_source(name: str) -> None:
    who = PROVIDERS[name]
    is_ours = name == "tokenfall" or (not who.base_url.startswith("http") and who.base_url)
    assert bool(who.browser_source) == (who.browser != "unknown" and not is_ours)
    assert bool(who.browser_setting) == (who.browser == "setting")
    for url in (who.browser_source, who.key_url):
        assert not url or url.startswith("https://")


@names
def test_who_needs_a_key_says_where_it_is_to_be_had(name: str) -> None:
    who = PROVIDERS[name]
    assert bool(who.key_url) == who.needs_key
    assert who.key_variables or not who.needs_key


@pytest.mark.parametrize(
    ("name", "limit"),
    [
        ("openai", "max_output_tokens"),
        ("openai-chat", "max_completion_tokens"),
        ("azure", "max_completion_tokens"),
        ("groq", "max_completion_tokens"),
        ("cerebras", "max_completion_tokens"),
        ("mistral", "max_tokens"),
        ("openrouter", "max_tokens"),
        ("deepseek", "max_tokens"),
    ],
)
def test_what_the_limit_of_an_answer_is_called(name: str, limit: str) -> None:
    body = msgspec.json.decode(asked(row(name), max_tokens=7).body)
    assert {key: value for key, value in body.items() if key.startswith("max_")} == {limit: 7}


def test_mistral_is_sent_nothing_that_it_does_not_know() -> None:
    body = msgspec.json.decode(asked(row("mistral"), seed=3, temperature=0.5).body)
    assert body.keys() == {"model", "messages", "stream", "temperature", "random_seed"}
    assert body["random_seed"] == 3


def test_usage_is_asked_for_where_it_does_not_come_by_itself() -> None:
    for name in ("openai-chat", "openrouter", "deepseek", "vllm", "other"):
        assert "stream_options" in msgspec.json.decode(asked(row(name)).body)
    assert "stream_options" not in msgspec.json.decode(asked(row("perplexity")).body)


def test_a_row_at_another_address() -> None:
    who = provider("vllm", base_url=" https://gpu.example/v1/ ", key=KEY)
    assert (who.name, who.base_url, who.key) == ("vllm", "https://gpu.example/v1", KEY)
    assert asked(who).url == "https://gpu.example/v1/chat/completions"


def test_a_service_under_its_other_name_keeps_its_key() -> None:
    old = provider("together", base_url="https://api.together.xyz/v1", key=KEY)
    assert (old.key, old.needs_key, old.browser) == (KEY, True, "direct")
    for who in (
        moved(old, "https://api.together.ai/v1"),
        moved(old, "https://API.together.xyz/v1"),
    ):
        assert who.key == KEY
    for url in (
        "https://api.together.ai.example/v1",
        "http://together.xyz",
        "https://other.example",
    ):
        assert moved(old, url).key == ""


def test_ollama_under_v1_speaks_like_openai() -> None:
    who = provider("ollama", base_url="http://localhost:11434/v1")
    assert asked(who).url == "http://localhost:11434/v1/chat/completions"
    assert who.models_request().url == "http://localhost:11434/v1/models"


def test_a_name_that_is_not_in_the_table() -> None:
    with pytest.raises(UsageError, match="no provider 'opnai'; known: built-in, demo, openai"):
        provider("opnai")


def test_every_habit_is_one_that_its_protocol_knows() -> None:
    for who in PROVIDERS.values():
        module = who.wire_format
        assert all(f"`{habit}`" in (module.render.__doc__ or "") for habit in who.habits)
