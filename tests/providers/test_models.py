"""The list of models, in the form and with the pages of each provider."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import msgspec
import pytest

from app.core.errors import ReadError
from app.core.messages import user
from app.core.options import Effort, Options
from app.core.wire.transport import Request
from app.providers import provider
from app.providers.model_facts import ModelFacts
from app.providers.models import Listing, list_models
from app.scripted.openai_chat import error_body, whole
from app.scripted.steps import Cut, Reply, Send
from app.scripted.transport import ScriptedTransport


async def listed(
    name: str, answer: Callable[[dict[str, str]], Reply]
) -> tuple[Listing, list[dict[str, str]]]:
    """List the models of a provider that answers so to each query; give the queries too."""
    queries: list[dict[str, str]] = []

    def reply_for(request: Request) -> Reply:
        if request.url.endswith(("/props", "/api/show", "/api/v0/models")):
            return whole(b"", status=404)
        fields = parse_qs(urlsplit(request.url).query)
        queries.append({key: value for key, (value,) in fields.items()})
        return answer(queries[-1])

    base_url = "https://own.example" if name.startswith("other") else ""
    who = provider(name, base_url=base_url, key="k")
    return await list_models(who, ScriptedTransport(reply_for)), queries


def says(body: Any) -> Reply:
    return whole(json.dumps(body).encode())


# As the providers write it, shortened.
FORMS: list[tuple[str, Any, list[str]]] = [
    (
        "openai",
        {"object": "list", "data": [{"id": "gpt-5", "object": "model"}, {"id": "gpt-5-mini"}]},
        ["gpt-5", "gpt-5-mini"],
    ),
    (
        "anthropic",
        {
            "data": [{"type": "model", "id": "claude-a", "display_name": "Claude A"}],
            "has_more": False,
            "first_id": "claude-a",
            "last_id": "claude-a",
        },
        ["claude-a"],
    ),
    (
        "google",
        {
            "models": [
                {
                    "name": "models/gemini-a",
                    "supportedGenerationMethods": ["generateContent", "countTokens"],
                },
                {"name": "models/embedding-a", "supportedGenerationMethods": ["embedContent"]},
            ]
        },
        ["gemini-a"],
    ),
    (
        "ollama",
        {"models": [{"name": "llama3.2:latest", "model": "llama3.2:latest", "size": 1}]},
        ["llama3.2:latest"],
    ),
    (
        "lm-studio",
        {"data": [{"id": "qwen-8b", "object": "model", "owned_by": "me"}], "object": "list"},
        ["qwen-8b"],
    ),
    (
        "openrouter",
        {"data": [{"id": "a/b", "canonical_slug": "a/b-1", "name": "A: B", "pricing": {}}]},
        ["a/b"],
    ),
    (
        "hugging-face",
        {"object": "list", "data": [{"id": "org/m", "providers": [{"provider": "x"}]}]},
        ["org/m"],
    ),
    (
        "together",
        [{"id": "org/m", "type": "chat"}, {"id": "org/n", "type": "chat"}],
        ["org/m", "org/n"],
    ),
    ("llama.cpp", {"models": [{"name": "m.gguf"}], "data": [{"id": "m.gguf"}]}, ["m.gguf"]),
    ("other", {"data": [{"id": "a"}, {"id": "a"}, {"id": ""}, {"name": "b"}, 7]}, ["a", "b"]),
]


@pytest.mark.parametrize(("name", "body", "models"), FORMS, ids=[form[0] for form in FORMS])
async def test_every_providers_form(name: str, body: Any, models: list[str]) -> None:
    listing, queries = await listed(name, lambda query: says(body))
    assert (listing.models, listing.error) == (models, None)
    assert len(queries) == 1


async def test_anthropics_pages() -> None:
    pages = {
        "": {"data": [{"id": "a"}], "has_more": True, "last_id": "a"},
        "a": {"data": [{"id": "b"}], "has_more": False, "last_id": "b"},
    }
    listing, queries = await listed(
        "anthropic", lambda query: says(pages[query.get("after_id", "")])
    )
    assert listing.models == ["a", "b"]
    assert queries == [{"limit": "1000"}, {"limit": "1000", "after_id": "a"}]


async def test_googles_pages() -> None:
    pages = {
        "": {"models": [{"name": "models/a"}], "nextPageToken": "p=2&x"},
        "p=2&x": {"models": [{"name": "models/b"}]},
    }
    listing, _ = await listed("google", lambda query: says(pages[query.get("pageToken", "")]))
    assert listing.models == ["a", "b"]


async def test_a_list_that_promises_more_and_never_has_it_ends() -> None:
    body = {"data": [{"id": "a"}], "has_more": True, "last_id": "a"}
    listing, queries = await listed("other", lambda query: says(body))
    assert listing.models == ["a"]
    assert queries == [{}, {"after": "a"}]


async def test_a_list_without_end_ends() -> None:
    def more(query: dict[str, str]) -> Reply:
        number = int(query.get("after", "0")) + 1
        return says({"data": [{"id": f"m{number}"}], "has_more": True, "last_id": str(number)})

    listing, queries = await listed("other", more)
    assert len(listing.models) == len(queries) == 50


@pytest.mark.parametrize("body", [b"", b"<html>", b"{}", b"[]", b'{"data": 7}', b"\xff{", b"null"])
@pytest.mark.parametrize("name", ["other", "anthropic", "google", "ollama", "other-responses"])
async def test_what_is_no_list_is_empty(name: str, body: bytes) -> None:
    listing, _ = await listed(name, lambda query: whole(body))
    assert listing == Listing()


async def test_a_refusal_is_told_and_what_came_before_it_kept() -> None:
    def answer(query: dict[str, str]) -> Reply:
        if query.get("after_id"):
            return whole(error_body("Too many", type="rate_limit_error"), status=429)
        return says({"data": [{"id": "a"}], "has_more": True, "last_id": "a"})

    listing, _ = await listed("anthropic", answer)
    assert listing.models == ["a"]
    assert listing.error is not None
    assert (listing.error.kind, listing.error.message) == ("rate_limit", "Too many")


async def test_a_list_that_breaks_off() -> None:
    with pytest.raises(ReadError):
        await listed("other", lambda query: Reply(200, {}, (Send(b'{"data"'), Cut())))


# As the providers write it, shortened; what the list says of the first model.
WINDOWS: list[tuple[str, Any, dict[str, int]]] = [
    ("openrouter", {"data": [{"id": "a/b", "context_length": 131072}]}, {"a/b": 131072}),
    (
        "groq",
        {"data": [{"id": "a", "context_window": 8192, "max_completion_tokens": 4096}, {"id": "b"}]},
        {"a": 8192},
    ),
    ("mistral", {"data": [{"id": "a", "max_context_length": 32768}]}, {"a": 32768}),
    ("vllm", {"data": [{"id": "a", "max_model_len": 4096}]}, {"a": 4096}),
    ("anthropic", {"data": [{"id": "a", "max_input_tokens": 200000}]}, {"a": 200000}),
    (
        "google",
        {"models": [{"name": "models/a", "inputTokenLimit": 1048576, "outputTokenLimit": 8192}]},
        {"a": 1048576},
    ),
    ("together", [{"id": "a", "context_length": 32768}], {"a": 32768}),
    (
        "llama.cpp",
        {"models": [{"name": "m"}], "data": [{"id": "m", "meta": {"n_ctx": 4096}}]},
        {"m": 4096},
    ),
    (
        "hugging-face",
        {
            "data": [
                {
                    "id": "a",
                    "providers": [{"context_length": 65536}, {"context_length": 32768}, {}],
                }
            ]
        },
        {"a": 32768},
    ),
    (
        "other",
        {
            "data": [
                {"id": "a", "context_length": "many", "meta": 7, "providers": [None]},
                {"id": "b", "context_length": 0, "max_model_len": -1},
                {"id": "c", "context_length": "8192"},
            ]
        },
        {"c": 8192},
    ),
]


@pytest.mark.parametrize(("name", "body", "windows"), WINDOWS, ids=[one[0] for one in WINDOWS])
async def test_how_much_a_model_can_read_where_the_list_says_it(
    name: str, body: Any, windows: dict[str, int]
) -> None:
    listing, _ = await listed(name, lambda query: says(body))
    said = {model: facts.window for model, facts in listing.facts.items()}
    assert said == windows


async def test_models_that_are_said_not_to_chat_are_left_out() -> None:
    body = {
        "data": [
            {"id": "m", "capabilities": {"completion_chat": True}},
            {"id": "m-embed", "capabilities": {"completion_chat": False}},
            {"id": "who-knows"},
        ]
    }
    listing, _ = await listed("mistral", lambda query: says(body))
    assert listing.models == ["m", "who-knows"]
    assert listing.facts == {"m": ModelFacts(chats=True)}


def paths_answer(answers: dict[str, Any]) -> tuple[ScriptedTransport, list[Request]]:
    """Answers by path (and for `/api/show` by the model that is asked for); else with 404."""
    asked: list[Request] = []

    def reply_for(request: Request) -> Reply:
        asked.append(request)
        name = urlsplit(request.url).path
        if request.body:
            name += " " + json.loads(request.body)["model"]
        return says(answers[name]) if name in answers else whole(b"no", status=404)

    return ScriptedTransport(reply_for), asked


async def test_ollama_is_asked_what_each_model_can_do() -> None:
    transport, asked = paths_answer(
        {
            "/api/tags": {"models": [{"name": "a"}, {"name": "b"}, {"name": "c"}]},
            "/api/show a": {
                "capabilities": ["completion", "tools", "vision"],
                "model_info": {"qwen.context_length": 32768, "qwen.block_count": 28},
            },
            "/api/show b": {"capabilities": ["embedding"]},
        }
    )
    listing = await list_models(provider("ollama"), transport)
    assert listing.models == ["a", "c"]
    assert listing.facts == {
        "a": ModelFacts(window=32768, chats=True, tools=True, images=True, thinks=False)
    }
    shown = [json.loads(one.body) for one in asked if one.body]
    assert sorted(map(str, shown)) == sorted(str({"model": name}) for name in "abc")


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ([False, "low", "medium", "max"], {"high": "max", "low": "low", "none": False}),
        (["low", "high"], {"none": "low", "max": "high"}),
        ([False, True], {"high": True, "none": False}),
        (None, {"high": True, "none": False}),
    ],
)
async def test_ollama_is_told_how_hard_to_think_in_the_words_of_each_model(
    values: list[Any] | None, told: dict[Effort, bool | str]
) -> None:
    thinking = {} if values is None else {"thinking": {"values": values, "default": values[-1]}}
    shown = {"capabilities": ["completion", "thinking"]} | thinking
    transport, _ = paths_answer({"/api/tags": {"models": [{"name": "m"}]}, "/api/show m": shown})
    listing = await list_models(provider("ollama"), transport)
    who = msgspec.structs.replace(provider("ollama"), facts=listing.facts)
    for effort, think in told.items():
        options = Options(reasoning_effort=effort)
        request = who.render([user("Hi")], model="m", options=options, stream=True)
        assert json.loads(request.body)["think"] == think, effort


async def test_lm_studio_and_llama_cpp_are_asked_for_what_their_lists_leave_out() -> None:
    transport, _ = paths_answer(
        {
            "/v1/models": {"data": [{"id": "a"}, {"id": "b"}]},
            "/api/v0/models": {
                "data": [
                    {
                        "id": "a",
                        "type": "vlm",
                        "publisher": "p",
                        "max_context_length": 32768,
                        "loaded_context_length": 4096,
                        "capabilities": ["tool_use"],
                    },
                    {"id": "b", "type": "embeddings", "publisher": "p"},
                ]
            },
        }
    )
    listing = await list_models(provider("lm-studio"), transport)
    assert listing.models == ["a"]
    assert listing.facts == {"a": ModelFacts(window=4096, chats=True, tools=True, images=True)}
    transport, _ = paths_answer(
        {
            "/v1/models": {"data": [{"id": "m", "meta": {"n_ctx_train": 131072}}]},
            "/props": {
                "default_generation_settings": {"n_ctx": 8192},
                "modalities": {"vision": True, "audio": False},
                "chat_template_caps": {"supports_tools": True},
            },
        }
    )
    listing = await list_models(provider("llama.cpp"), transport)
    assert listing.facts == {"m": ModelFacts(window=8192, tools=True, images=True)}


async def test_a_list_stands_though_what_is_beside_it_does_not_come() -> None:
    for name, path in (("ollama", "/api/tags"), ("lm-studio", "/v1/models")):
        transport, asked = paths_answer({path: {"models": [{"name": "a"}]}})
        assert await list_models(provider(name), transport) == Listing(["a"], is_list=True)
        assert len(asked) == 2


async def test_what_is_too_long_for_a_name_is_left_out() -> None:
    names = ["otter", "x" * 501, "e" + "\u0301" * 100_000, "y" * 500]
    found, _ = await listed("other", lambda _: says({"data": [{"id": name} for name in names]}))
    assert found.models == ["otter", "y" * 500]
