"""A run as a client of the Durable Streams protocol reads it.

The public tests of the protocol run by `python3 -m tests.server.runs.durable_writing`.
"""

import json
from typing import Any

import pytest

from app.runs.log import Entry
from app.runs.offsets import Offset
from app.server.runs.durable_streams import Stream
from tests.server.runs.conftest import Pages, said


def controls(pages: Pages, run: str, offset: str) -> tuple[list[Any], list[dict[str, Any]]]:
    """Follow by server-sent events: the messages, and what `control` says."""
    messages: list[Any] = []
    told: list[dict[str, Any]] = []
    path = f"/api/runs/{run}/stream"
    kind = ""
    with pages.http.stream("GET", path, params={"offset": offset, "live": "sse"}) as answer:
        assert answer.headers["content-type"] == "text/event-stream"
        for line in answer.iter_lines():
            field, _, value = line.partition(":")
            if field == "event":
                kind = value.strip()
            elif field == "data" and kind == "control":
                told.append(json.loads(value))
            elif field == "data":
                messages += json.loads(value)
    return messages, told


def test_a_run_is_read_caught_up_with_waited_for_and_followed_to_its_end(pages: Pages):
    pages.server.queue(said("one ", "two ", "three", gate="go"))
    run = pages.begin()["id"]
    pages.read(run, last=3)
    path = f"/api/runs/{run}/stream"
    first = pages.http.get(path)
    offset = first.headers["stream-next-offset"]
    assert "stream-closed" not in first.headers
    etag = {"if-none-match": first.headers["etag"]}
    pages.server.open_gate("go")
    rest = pages.http.get(path, params={"offset": offset, "live": "long-poll"})
    assert rest.status_code == 200
    assert rest.headers["stream-cursor"].isdecimal()
    events = [json.loads(event) for _, event in pages.read(run)]
    messages, told = controls(pages, run, "-1")
    assert messages == events
    assert (told[-1]["streamClosed"], told[-1]["upToDate"]) == (True, True)
    whole = pages.http.get(path, headers=etag)
    assert whole.json() == events
    assert whole.headers["stream-closed"] == whole.headers["stream-up-to-date"] == "true"
    end = whole.headers["stream-next-offset"]
    assert end == told[-1]["streamNextOffset"]
    assert [*first.json(), *rest.json()] == events[: len(first.json()) + len(rest.json())]
    for live in ({}, {"live": "long-poll"}):
        nothing = pages.http.get(path, params={"offset": end} | live)
        assert nothing.headers["stream-closed"] == "true"
        assert nothing.status_code == (204 if live else 200)
    assert controls(pages, run, "now") == ([], [{**told[-1]}])
    unchanged = {"if-none-match": whole.headers["etag"]}
    assert pages.http.get(path, headers=unchanged).status_code == 304
    headers = pages.http.head(path).headers
    assert (headers["stream-next-offset"], headers["stream-closed"]) == (end, "true")


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("offset=0,1", 400),
        ("offset=", 400),
        ("offset=-1&offset=now", 400),
        ("live=sse", 400),
        ("offset=-1&live=ever", 400),
        ("offset=000009-0000000001", 410),
    ],
)
def test_what_is_no_offset_is_said(pages: Pages, query: str, status: int):
    pages.server.queue(said("one"))
    run = pages.begin()["id"]
    pages.read(run)
    assert pages.http.get(f"/api/runs/{run}/stream?{query}").status_code == status


def test_nobody_writes_and_a_stranger_reads_nothing(pages: Pages):
    pages.server.queue(said("one"))
    run = pages.begin()["id"]
    for method in ("PUT", "POST", "DELETE"):
        assert pages.http.request(method, f"/api/runs/{run}/stream").status_code in (404, 405)
    assert pages.http.get("/api/runs/unknown/stream").status_code == 404


def test_bytes_are_joined_and_messages_are_one_array():
    entries = [Entry(1, 1, 2, b'{"a":1}\n{"b":2}'), Entry(1, 3, 3, b"3")]
    assert Stream("s", Offset(1, 3), False).body(entries) == b'[{"a":1},{"b":2},3]'
    assert Stream("s", Offset(1, 3), False, "text/plain").body(entries[1:] * 2) == b"33"
