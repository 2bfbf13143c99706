"""The description of the addresses is held to the code."""

import asyncio
import json

import httpx2
import msgspec
import pytest

from app.native.http import HTTPTransport
from app.runs.memory import MemoryLog
from app.server.runs.asking import Asker
from app.server.runs.chat_routes import chat_routes
from app.server.runs.run_routes import run_routes
from app.server.runs.service import RunService
from docs import write_openapi
from tests.server.runs.conftest import Pages, said


def test_the_file_is_what_the_structs_say():
    """Fails where the file is out of date: python3 -m docs.write_openapi"""
    assert write_openapi.FILE.read_text("utf-8") == write_openapi.text()


def operations() -> dict[tuple[str, str], dict]:
    paths = write_openapi.document()["paths"]
    return {
        (method.upper(), path): operation
        for path, methods in paths.items()
        for method, operation in methods.items()
        if method != "parameters"
    }


def test_every_address_is_described_and_no_other():
    async def routes() -> set[tuple[str, str]]:
        service = RunService(MemoryLog, Asker(HTTPTransport(), own={}, model=None))
        made = [*run_routes(service, asyncio.Event()), *chat_routes(service, asyncio.Event())]
        return {
            (method, route.path) for route in made for method in (route.methods or set()) - {"HEAD"}
        }

    assert asyncio.run(routes()) == operations().keys()


def resolved(reference: str) -> dict:
    found = write_openapi.document()
    for part in reference.removeprefix("#/").split("/"):
        found = found[part]
    return found


@pytest.mark.parametrize(
    ("method", "path"), [key for key in operations() if key[0] == "GET" and "{" not in key[1]]
)
def test_what_is_answered_has_a_described_status_and_kind(pages: Pages, method: str, path: str):
    with pages.http.stream(method, path) as answer:
        described = operations()[method, path]["responses"]
        assert str(answer.status_code) in described
        kind = answer.headers["content-type"].partition(";")[0]
        assert kind in described[str(answer.status_code)]["content"]


def test_a_runs_answers_are_as_described(pages: Pages):
    pages.server.queue(said("one"))
    run = pages.begin()
    pages.read(run["id"])
    requests = {
        ("GET", "/api/runs/{run}"): ({}, b""),
        ("GET", "/api/runs/{run}/events"): ({"accept": "application/json"}, b""),
        ("GET", "/api/runs/{run}/stream"): ({}, b""),
        ("POST", "/api/runs/{run}/cancel"): ({}, b""),
        ("POST", "/api/runs/{run}/tool-results"): ({}, b"[]"),
        ("POST", "/api/runs/{run}/approvals"): ({}, b"{"),
        ("GET", "/api/runs/{run}/payloads/{name}"): ({}, b""),
        ("GET", "/api/chats/{chat}"): ({}, b""),
        ("GET", "/api/providers/{provider}/models"): ({}, b""),
        ("POST", "/api/runs"): ({}, b"[]"),
        ("POST", "/api/chat"): ({}, msgspec.json.encode({"messages": []})),
        ("PATCH", "/api/chats/{chat}"): ({}, b'{"pinned": true}'),
        ("DELETE", "/api/runs/{run}"): ({}, b""),
        ("DELETE", "/api/chats/{chat}"): ({}, b""),
    }
    described = operations()
    assert requests.keys() == {key for key in described if "{" in key[1] or key[0] == "POST"}
    for (method, path), (headers, body) in requests.items():
        named = {"run": run["id"], "chat": run["chat"], "name": "0" * 64, "provider": "openai"}
        address = path.format(**named)
        answer: httpx2.Response = pages.http.request(method, address, headers=headers, content=body)
        responses = described[method, path]["responses"]
        assert str(answer.status_code) in responses, (method, path, answer.status_code)
        response = responses[str(answer.status_code)]
        response = resolved(response["$ref"]) if "$ref" in response else response
        if "content" in response:
            schema = response["content"]["application/json"]["schema"]
            schema = resolved(schema["$ref"]) if "$ref" in schema else schema
            told = json.loads(answer.text)
            assert (told.keys() <= schema["properties"].keys()) if "properties" in schema else told
        else:
            assert answer.content == b""
