"""`--verbose`: what is told of a request, and what must not be."""

import logging
from typing import Any

import pytest

from app.server.request_log import RequestLog


async def answer(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body", "body": b""})


async def leave(scope: Any, receive: Any, send: Any) -> None:
    raise ConnectionResetError


async def nothing(*message: Any) -> Any:
    return None


SCOPE = {
    "type": "http",
    "method": "POST",
    "path": "/api/keys/\x1b[2J",
    "raw_path": b"/api/keys/%1b[2J",
    "query_string": b"token=secret",
    "headers": [(b"authorization", b"Bearer secret")],
}


async def test_address_status_and_time_and_nothing_that_may_be_secret(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO, "tokenfall.requests")
    await RequestLog(answer)(SCOPE, nothing, nothing)
    [record] = caplog.records
    said = record.getMessage()
    assert said.startswith("POST /api/keys/%1b[2J 204, ")
    assert said.endswith(" ms")
    assert "secret" not in said


async def test_a_request_that_failed_is_told_and_still_fails(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO, "tokenfall.requests")
    with pytest.raises(ConnectionResetError):
        await RequestLog(leave)(SCOPE, nothing, nothing)
    assert [record.getMessage().split(", ")[0] for record in caplog.records] == [
        "POST /api/keys/%1b[2J left"
    ]


async def test_what_is_no_request_is_passed_on(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "tokenfall.requests")
    seen: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope["type"])

    await RequestLog(app)({"type": "lifespan"}, nothing, nothing)
    assert seen == ["lifespan"]
    assert not caplog.records
