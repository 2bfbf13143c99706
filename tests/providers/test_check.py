"""The connection test says apart what is wrong, and what to do."""

import json
from typing import Any

import pytest

from app.core.errors import ConnectError
from app.core.transport import Request
from app.providers import Provider
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


@pytest.mark.parametrize("data", [b"<html>", b"{}", json.dumps({"data": []}).encode()])
async def test_something_else_answers(data: bytes) -> None:
    found, _ = await result_of(whole(data))
    assert found.problem == "address"


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
    assert seen == []


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
