"""Whatever is asked of runs: an answer that says what is wrong, and no traceback."""

import json
import logging
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from app.runs.sqlite import SQLiteLog
from app.server.runs.budgets import Budget
from tests.live_server import live_server
from tests.server.runs.conftest import Pages
from tests.server.tree import Tree

_HELLO = {"role": "user", "parts": [{"type": "text", "text": "hi"}]}


def _says(*parts: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"messages": [_HELLO | {"parts": list(parts)} | more]}


_NO_MESSAGES: list[Any] = [[], {}, None, [None], [[]]]
# Of a question, each in place of what a page would send.
ODD: list[dict[str, Any]] = [
    *({"provider": name} for name in ("", "\0", "nobody", "x" * 201, "__class__", "local")),
    *({"model": name} for name in ("\0", "\u202e", "x" * 201, "\n\r")),
    *(
        {"base_url": url}
        for url in (
            *("http://", "http://[", "http://[::1", "http://127.0.0.1:99999/v1", "x:y"),
            *("http://\0/", "http://a b/", "http://x@127.0.0.1:1/v1", "http://127.0.0.1:0/"),
            *("http://xn--/", "http://127.0.0.1:1/\r\nx: y", "http://127.0.0.1:-1/", "http://%zz/"),
            *("http://127.0.0.1:1/?" + "q" * 70_000, "http://127.0.0.1:" + "9" * 5000),
        )
    ),
    *({"key": key} for key in ("\0", "a\r\nb: c", "é", "x" * 100_000, "\u202e")),
    *({"chat": name} for name in ("\0", "../..", "%00", "x" * 201, "\ud7ff", "a/b")),
    {"instructions": "\0" * 1000},
    {"server_tools": ["\0"]},
    {"tools": [{"name": "", "description": "", "parameters": {}}]},
    {"tools": [{"name": "a\0b" * 100, "description": "", "parameters": {"type": 7}}]},
    {"tools": [{"name": "a", "description": "", "parameters": {"$ref": "#"}}]},
    *({"options": {"max_output_tokens": number}} for number in (-1, 2**63, 1e308)),
    {"options": {"extra": {"\0": [{}] * 100}}},
    {"data": {"provider": ["openai"], "base_url": {"a": 1}, "key": 7, "chat": None}},
    *({"messages": value} for value in _NO_MESSAGES),
    _says(role="assistant"),
    _says(),
    _says({"type": "file", "mime_type": "\0", "url": "data:,"}),
    _says({"type": "file", "mime_type": "", "url": "file:///etc"}),
    _says({"type": "tool_call", "id": "", "name": "", "arguments": "["}),
]


@pytest.fixture(scope="module")
def patient(tree: Tree, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pages]:
    """Pages of one who may ask as often as they like."""
    folder: Path = tmp_path_factory.mktemp("runs")
    with live_server(
        root=tree.root,
        runtime=tree.runtime,
        open_log=partial(SQLiteLog, folder / "runs.db"),
        budget=Budget(starts_a_minute=10_000),
    ) as server:
        found = Pages(server, folder)
        with found.http:
            yield found


@pytest.fixture(autouse=True)
def _nothing_is_logged(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """A traceback in the terminal is a record of the log."""
    caplog.set_level(logging.WARNING)
    yield
    worst = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert not worst, worst[0].getMessage()


@pytest.mark.parametrize("odd", ODD, ids=range(len(ODD)))
def test_any_question(patient: Pages, odd: dict[str, Any]) -> None:
    question = patient.question() | {"stream": False} | odd
    # One that is read again by a later run of its chat, too.
    for path in ("/api/chat", "/api/runs", "/api/runs"):
        answer = patient.http.post(path, content=json.dumps(question))
        assert answer.status_code != 500, answer.text
        if answer.status_code == 201:
            assert '"type":"done"' in patient.read(answer.json()["id"])[-1][1]


@pytest.mark.parametrize(
    "path",
    [
        *("/api/runs/%00", "/api/runs/%ff%fe", "/api/runs/" + "x" * 5000, "/api/runs/%ed%a0%80"),
        *("/api/runs/x/events?after=1", "/api/runs/x/payloads/%00", "/api/chats/%00"),
        *("/api/chats/%ff", "/api/chats/" + "x" * 5000, "/api/providers/%00/models"),
        *("/api/chats/events?after=999999-9999999999", "/api/chats/events?after=%00"),
        *("/api/providers/x/models", "/api/runs/..%2f..%2fetc", "/api/metrics?x=%00"),
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_any_address(patient: Pages, path: str, method: str) -> None:
    with patient.http.stream(method, path) as answer:
        assert answer.status_code != 500


@pytest.mark.parametrize("name", ["idempotency-key", "last-event-id", "provider-key", "accept"])
@pytest.mark.parametrize("value", [b"\xff\xfe", b"x" * 5000, b"999999-9999999999", b"0"])
def test_any_header(patient: Pages, name: str, value: bytes) -> None:
    headers = {name.encode(): value}
    answer = patient.http.post("/api/runs", json=patient.question(), headers=headers)
    assert answer.status_code != 500
    if answer.is_success:
        asked = patient.http.get(answer.json()["events"], headers=headers)
        assert asked.status_code != 500
