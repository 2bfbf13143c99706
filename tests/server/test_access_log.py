"""`--access-log`: a line of JSON for each request, and nothing that may be secret."""

import io
import json
from typing import Any

import pytest

from app.server.access_log import AccessLog
from tests.server.test_request_log import SCOPE, answer, leave, nothing


async def test_a_line_of_json_for_each_request() -> None:
    target = io.StringIO()
    scope = SCOPE | {"client": ("192.0.2.7", 1), "state": {"owner": "login:ada"}}
    await AccessLog(answer, target)(scope, nothing, nothing)
    with pytest.raises(ConnectionResetError):
        await AccessLog(leave, target)(scope, nothing, nothing)
    first, second = map(json.loads, target.getvalue().splitlines())
    assert first["took_ms"] >= 0
    assert first["time_s"] > 0
    known = {name: first[name] for name in ("client", "owner", "method", "path", "status")}
    assert known == {
        "client": "192.0.2.7",
        "owner": "login:ada",
        "method": "POST",
        "path": "/api/keys/%1b[2J",
        "status": 204,
    }
    assert second["status"] is None
    assert "secret" not in target.getvalue()


async def test_what_is_no_request_is_passed_on_without_a_line() -> None:
    target = io.StringIO()
    seen: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope)

    await AccessLog(app, target)({"type": "lifespan"}, nothing, nothing)
    assert seen
    assert target.getvalue() == ""
