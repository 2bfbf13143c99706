"""The connection test says apart what is wrong, and what to do."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from app.core.errors import ConnectError, CorsError
from app.core.wire.transport import Request
from app.providers import PROVIDERS, Provider, provider
from app.providers.check import Check, check
from app.scripted.openai_chat import error_body, models_body, whole
from app.scripted.steps import Cut, Reply, Send
from app.scripted.transport import ScriptedTransport

PAGE = "http://localhost:8765/"


async def result_of(
    reply: Reply | Exception,
    *,
    base_url: str = "https://provider.example/v1",
    model: str = "",
    page_url: str = PAGE,
) -> tuple[Check, list[Request]]:
    seen: list[Request] = []

    def answer(request: Request) -> Reply:
        seen.append(request)
        if isinstance(reply, Exception):
            raise reply
        return reply

    provider = Provider("other", "Other", base_url, key="secret")
    found = await check(provider, model, ScriptedTransport(answer), page_url)
    assert "secret" not in repr(found)
    return found, seen


MODELS = whole(models_body(["a", "b"], owned_by="x"))


async def test_all_is_well() -> None:
    found, (request,) = await result_of(MODELS, model="b")
    assert found.ok
    assert found.models == ["a", "b"]
    assert (request.method, request.url) == ("GET", "https://provider.example/v1/models")
    assert request.headers["authorization"] == "Bearer secret"


async def test_a_model_that_is_not_there_is_told_with_those_that_are() -> None:
    found, _ = await result_of(MODELS, model="c")
    assert (found.problem, found.models) == ("model", ["a", "b"])
    assert "'c'" in found.message
    assert "a, b" in found.advice


@pytest.mark.parametrize("status", [401, 403])
async def test_a_wrong_key(status: int) -> None:
    found, _ = await result_of(whole(error_body("Bad key", type="x"), status=status))
    assert (found.problem, found.message) == ("key", "Bad key")
    assert "key" in found.advice


async def test_a_wrong_path() -> None:
    found, _ = await result_of(Reply(404))
    assert found.problem == "address"
    assert "/v1" in found.advice


@pytest.mark.parametrize("data", [b"<html>", b"{}", b'{"data": ["a"]}', b'{"data": {}}', b"[]"])
async def test_something_else_answers(data: bytes) -> None:
    found, _ = await result_of(whole(data))
    assert found.problem == "address"


async def test_a_list_of_no_models_is_one() -> None:
    found, _ = await result_of(whole(b'{"object": "list", "data": []}'))
    assert (found.problem, found.models) == ("model", [])
    assert "works, but has no model that answers" in found.message


async def test_an_address_that_leads_elsewhere_says_where() -> None:
    found, _ = await result_of(Reply(302, {"location": "https://a.example/login"}))
    assert found.problem == "address"
    assert found.message == "This address leads to another one: https://a.example/login"


async def test_a_server_that_fails() -> None:
    found, _ = await result_of(whole(error_body("Boom", type="server_error"), status=500))
    assert (found.problem, found.message) == ("server", "Boom")
    found, _ = await result_of(Reply(200, {}, (Send(b"{"), Cut())))
    assert found.problem == "server"


@pytest.mark.parametrize(
    ("base_url", "page_url", "words"),
    [
        ("https://provider.example/v1", PAGE, "CORS"),
        ("https://provider.example/v1", "", "connection"),
        ("http://localhost:11434/v1", PAGE, "OLLAMA_ORIGINS=http://localhost:8765"),
        ("http://localhost:11434/v1", "", "Is the server running"),
    ],
)
async def test_no_answer_at_all(base_url: str, page_url: str, words: str) -> None:
    found, _ = await result_of(ConnectError("No answer."), base_url=base_url, page_url=page_url)
    assert (found.problem, found.message) == ("unreachable", "No answer.")
    assert words in found.advice


@pytest.mark.parametrize("page_url", ["https://chat.example/", PAGE])
async def test_what_the_browser_would_block_is_not_even_tried(page_url: str) -> None:
    found, seen = await result_of(MODELS, base_url="http://192.0.2.7:8000/v1", page_url=page_url)
    assert found.problem == "mixed_content"
    assert found.bars_pages
    assert seen == []


@pytest.mark.parametrize(
    ("base_url", "words"),
    [
        ("https://provider.example/v1", ""),
        ("http://localhost:11434/v1", "OLLAMA_ORIGINS=http://localhost:8765"),
    ],
)
async def test_an_answer_that_no_page_may_read(base_url: str, words: str) -> None:
    found, _ = await result_of(CorsError("Not for pages."), base_url=base_url)
    assert (found.problem, found.message) == ("cors", "Not for pages.")
    assert found.bars_pages
    assert words in found.advice
    assert "connection" not in found.advice
    found, _ = await result_of(ConnectError("No answer."), base_url=base_url)
    assert not found.bars_pages


async def test_loopback_is_allowed_from_a_secure_page() -> None:
    found, _ = await result_of(
        MODELS, base_url="http://127.0.0.1:8000/v1", page_url="https://chat.example/"
    )
    assert found.ok


@pytest.mark.parametrize("base_url", ["", "provider.example/v1", "ftp://x/v1", "https://"])
async def test_what_is_no_address(base_url: Any) -> None:
    found, seen = await result_of(MODELS, base_url=base_url)
    assert found.problem == "address"
    assert seen == []


KEY = "sk-of-this-test"
LISTS: dict[str, Any] = {
    "openai-chat": {"data": [{"id": "m"}]},
    "openai-responses": {"data": [{"id": "m"}]},
    "anthropic-messages": {"data": [{"id": "m"}], "has_more": False},
    "gemini": {"models": [{"name": "models/m"}]},
    "gemini-interactions": {"models": [{"name": "models/m"}]},
    "ollama": {"models": [{"name": "m"}]},
}
# How each says that the key is wrong, and that there is no such model.
WRONG_KEY: dict[str, tuple[int, Any]] = {
    "openai-chat": (401, {"error": {"message": "No.", "code": "invalid_api_key"}}),
    "openai-responses": (401, {"error": {"message": "No.", "code": "invalid_api_key"}}),
    "anthropic-messages": (
        401,
        {"type": "error", "error": {"type": "authentication_error", "message": "No."}},
    ),
    "gemini": (
        400,
        {
            "error": {
                "code": 400,
                "message": "API key not valid.",
                "status": "INVALID_ARGUMENT",
                "details": [{"reason": "API_KEY_INVALID"}],
            }
        },
    ),
    "gemini-interactions": (
        400,
        {"error": {"code": "invalid_request", "message": "API key not valid."}},
    ),
    "ollama": (401, {"error": "No."}),
}
protocols = pytest.mark.parametrize("protocol", LISTS)


async def found(
    who: Provider, answer: Callable[[Request], Reply], *, model: str = "", page_url: str = ""
) -> tuple[Check, list[str]]:
    """Run the test; give its finding, and the addresses it asked."""
    asked: list[str] = []

    def reply_for(request: Request) -> Reply:
        asked.append(f"{request.method} {request.url}")
        return answer(request)

    result = await check(who, model, ScriptedTransport(reply_for), page_url)
    assert KEY not in repr(result)
    return result, asked


def says(body: Any, status: int = 200) -> Reply:
    return whole(json.dumps(body).encode(), status=status)


def own(protocol: str) -> Provider:
    return Provider("own", "Own", "https://own.example/v1", key=KEY, protocol=protocol)


@protocols
async def test_every_protocol_works_and_is_asked_once(protocol: str) -> None:
    result, asked = await found(own(protocol), lambda _: says(LISTS[protocol]), model="m")
    assert (result.problem, result.models) == ("", ["m"])
    # Ollama says on a page of its own what a model can do.
    assert [one for one in asked if not one.endswith("/api/show")] == asked[:1]


@protocols
async def test_every_protocol_tells_a_wrong_key(protocol: str) -> None:
    status, body = WRONG_KEY[protocol]
    result, asked = await found(own(protocol), lambda _: says(body, status))
    assert result.problem == "key"
    assert result.message in ("No.", "API key not valid.")
    assert len(asked) == 1


@protocols
async def test_every_protocol_tells_a_wrong_model_and_a_wrong_path(protocol: str) -> None:
    result, _ = await found(own(protocol), lambda _: says(LISTS[protocol]), model="x")
    assert (result.problem, result.models) == ("model", ["m"])
    for answer in (Reply(404), whole(b"<!doctype html>")):
        result, asked = await found(own(protocol), lambda _, answer=answer: answer)  # type: ignore[misc]
        assert result.problem == "address"
        assert len(asked) == 1


@protocols
async def test_every_protocol_tells_a_refused_connection_and_asks_once(protocol: str) -> None:
    def refuse(request: Request) -> Reply:
        raise ConnectError("Nothing answers.")

    result, asked = await found(own(protocol), refuse, page_url=PAGE)
    assert (result.problem, result.message) == ("unreachable", "Nothing answers.")
    assert len(asked) == 1


def refused(request: Request) -> Reply:
    raise ConnectError("No answer.")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("fireworks", "Fireworks AI lets web pages call it"),
        ("azure", "Azure OpenAI does not let web pages call it"),
        ("openai", "OpenAI lets web pages call it"),
        ("anthropic", "Anthropic lets web pages call it"),
        ("ollama", "Start Ollama with OLLAMA_ORIGINS=http://localhost:8765 in"),
        ("lm-studio", "lms server start --cors"),
        ("vllm", "Is the server running"),
        ("other", "does not allow requests from a web page (CORS)"),
    ],
)
async def test_silence_is_explained_from_the_table(name: str, words: str) -> None:
    elsewhere = {
        "azure": "https://mine.openai.azure.com/openai/v1",
        "other": "https://own.example/v1",
    }
    who = provider(name, base_url=elsewhere.get(name, ""), key=KEY)
    result, asked = await found(who, refused, model="m", page_url=PAGE)
    assert (result.problem, result.message) == ("unreachable", "No answer.")
    assert words in result.advice
    assert len(asked) == 1
    # Nothing of it matters outside a browser.
    result, _ = await found(who, refused, model="m")
    assert not any(word in result.advice for word in ("page", "CORS", "ORIGINS"))


async def test_what_the_table_says_of_a_service_does_not_hold_elsewhere() -> None:
    who = provider("fireworks", base_url="https://own.example/v1", key=KEY)
    result, _ = await found(who, refused, page_url=PAGE)
    assert "If both are right" in result.advice
    who = provider("anthropic", base_url="https://own.example/v1", key=KEY)
    assert who.in_browser().headers == {}


@pytest.mark.parametrize("name", ["perplexity", "azure"])
async def test_without_a_list_the_model_is_asked(name: str) -> None:
    base_url = "https://mine.openai.azure.com/openai/v1" if name == "azure" else ""
    who = provider(name, base_url=base_url, key=KEY)
    result, asked = await found(who, lambda _: says({"choices": []}), model="m")
    assert (result.ok, result.models) == (True, ["m"])
    assert asked == [f"POST {who.base_url}/chat/completions"]

    refusal = {"error": {"message": "No such deployment.", "code": "DeploymentNotFound"}}
    result, _ = await found(who, lambda _: says(refusal, 404), model="m")
    assert (result.problem, result.message) == ("model", "No such deployment.")
    result, _ = await found(who, lambda _: Reply(404), model="m")
    assert result.problem == "address"
    result, _ = await found(who, lambda _: says({"error": {"message": "No."}}, 401), model="m")
    assert result.problem == "key"


async def test_without_a_list_and_a_model_one_is_asked_for() -> None:
    who = provider("azure", base_url="https://mine.openai.azure.com/openai/v1", key=KEY)
    result, asked = await found(who, lambda _: says({}))
    assert (result.problem, asked) == ("model", [])
    assert "deployment" in result.advice


async def test_an_address_that_is_a_form_to_fill_in() -> None:
    result, asked = await found(provider("azure", key=KEY), lambda _: says({}), model="m")
    assert (result.problem, asked) == ("address", [])
    assert "YOUR-RESOURCE" in result.message


async def test_a_list_that_is_open_to_all_does_not_prove_the_key() -> None:
    def answer(request: Request) -> Reply:
        if request.url.endswith("/models"):
            return says(LISTS["openai-chat"])
        return says({"error": {"message": "User not found.", "code": 401}}, 401)

    result, asked = await found(provider("openrouter", key=KEY), answer)
    assert (result.problem, result.message) == ("key", "User not found.")
    assert asked[-1] == "GET https://openrouter.ai/api/v1/key"

    result, asked = await found(provider("hugging-face", key=KEY), answer, model="m")
    assert (result.problem, result.models) == ("key", ["m"])
    assert asked[-1] == "POST https://router.huggingface.co/v1/chat/completions"

    result, asked = await found(provider("hugging-face", key=KEY), answer)
    assert result.ok
    assert "The key was not tested" in result.advice
    # Without a key there is nothing to prove.
    result, asked = await found(provider("llama.cpp"), answer, model="m")
    assert (result.ok, result.advice) == (True, "")
    assert asked == ["GET http://localhost:8080/v1/models", "GET http://localhost:8080/props"]


async def test_a_missing_key_is_asked_for() -> None:
    refusal = says({"error": {"message": "Missing key."}}, 401)
    result, _ = await found(provider("groq"), lambda _: refusal)
    assert (result.problem, result.advice) == (
        "key",
        "Enter a key. Get one at https://console.groq.com/keys.",
    )
    result, _ = await found(provider("other", base_url="https://own.example"), lambda _: refusal)
    assert result.advice == "Enter a key."


async def test_an_organisation_that_forbids_pages_is_not_a_wrong_key() -> None:
    message = "CORS requests are not allowed for this Organization because of its settings."
    body = {"type": "error", "error": {"type": "authentication_error", "message": message}}
    result, _ = await found(provider("anthropic", key=KEY), lambda _: says(body, 401))
    assert (result.problem, result.message) == ("cors", message)
    assert result.bars_pages
    assert "Python or a terminal" in result.advice


@pytest.mark.parametrize(
    ("status", "body", "advice"),
    [
        (402, {"error": {"message": "No credit."}}, "credit of your account"),
        (429, {"error": {"message": "Slow down."}}, "Address and key are right"),
        (529, {"error": {"message": "Busy."}}, "Address and key are right"),
        (500, {"error": {"message": "Boom."}}, "Try again later"),
    ],
)
async def test_a_provider_in_trouble(status: int, body: Any, advice: str) -> None:
    result, _ = await found(own("openai-chat"), lambda _: says(body, status))
    assert (result.problem, result.message) == ("server", body["error"]["message"])
    assert advice in result.advice


@pytest.mark.parametrize(
    ("listed", "model"), [("gemini-a", "models/gemini-a"), ("llama3.2:latest", "llama3.2")]
)
async def test_a_model_by_its_other_name(listed: str, model: str) -> None:
    result, _ = await found(
        own("openai-chat"), lambda _: says({"data": [{"id": listed}]}), model=model
    )
    assert result.ok


@pytest.mark.parametrize("name", PROVIDERS)
async def test_every_row_can_be_tested(name: str) -> None:
    """In whatever state the person left it: never an exception."""
    for who in (PROVIDERS[name], provider(name, base_url="https://[", key=KEY)):
        result, _ = await found(who, lambda _: whole(b"\xff"), page_url="https://chat.example/")
        assert result.message
