"""Readers and writers of runs that do what nobody would expect of a page: each gets an answer at
once that is whole or says why not, and the run is what it would have been without them.
"""

import json
import socket
from collections.abc import Callable
from threading import Thread
from typing import Any

import httpx2
import pytest

from app.scripted.openai_chat import Answer, ToolCall, records, streamed
from app.scripted.steps import Stall
from tests.live_server import LIMIT_S
from tests.server.runs.conftest import Pages, said, text_of

LOOK = {"name": "look", "description": "Looks.", "parameters": {"type": "object"}}


@pytest.fixture(autouse=True)
def _nothing_is_left(pages: Pages) -> None:
    """No answer and no open gate of another test."""
    pages.server.reset()


def types(events: list[tuple[str, str]]) -> list[str]:
    return [json.loads(event)["type"] for _, event in events]


def test_head_and_options_never_hold_a_connection(pages: Pages):
    pages.server.queue(said("one ", "two", gate="go"))
    run = pages.begin()["id"]
    paths = (f"runs/{run}", f"runs/{run}/events", f"runs/{run}/stream", "chats", "chats/events")
    for path in paths:
        for accept in ("text/event-stream", "application/x-ndjson"):
            asked = pages.http.head(f"/api/{path}", headers={"accept": accept})
            assert (asked.status_code, asked.content) == (200, b""), path
        assert pages.http.options(f"/api/{path}").status_code in (200, 204, 405)
    kind = pages.http.head(f"/api/runs/{run}/events", headers={"accept": "application/x-ndjson"})
    assert kind.headers["content-type"] == "application/x-ndjson"
    assert pages.http.head(f"/api/runs/{run}/events?after=7").status_code == 400
    assert pages.http.head("/api/runs/nobody/events").status_code == 404
    pages.server.open_gate("go")
    whole = pages.read(run)
    assert pages.http.head(f"/api/runs/{run}/events?after={whole[-1][0]}").status_code == 204


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("", "text/event-stream"),
        ("*/*", "text/event-stream"),
        ("text/html,application/xhtml+xml,*/*;q=0.8", "text/event-stream"),
        ("application/json, text/plain, */*", "application/json"),
        ("Application/JSON", "application/json"),
        ("APPLICATION/X-NDJSON", "application/x-ndjson"),
        ("application/json;q=0.1, text/event-stream;q=0.9", "text/event-stream"),
        ("text/event-stream;q=0.1, application/json;q=0.9", "application/json"),
        ("text/event-stream;q=0, application/json", "application/json"),
        ("application/x-ndjson;q=0", "text/event-stream"),
        ("application/json;charset=utf-8", "application/json"),
        ("application/*", "application/x-ndjson"),
        ("text/event-stream;q=nonsense", "text/event-stream"),
        (",,;;q=,", "text/event-stream"),
        ("image/png", "text/event-stream"),
        ("x" * 4000, "text/event-stream"),
    ],
)
def test_any_accept_header_gives_a_form_that_it_names(pages: Pages, accept: str, kind: str):
    pages.server.queue(said("one ", "two"))
    run = pages.begin()["id"]
    whole = [json.loads(event) for _, event in pages.read(run)]
    answer = pages.http.get(f"/api/runs/{run}/events", headers={"accept": accept})
    assert answer.headers["content-type"].partition(";")[0] == kind
    if kind == "application/json":
        assert answer.json()["events"] == whole
    else:
        lines = [line.removeprefix("data: ") for line in answer.text.splitlines()]
        assert [json.loads(line) for line in lines if line.startswith("{")] == whole


def test_a_page_of_events_says_the_end_only_with_the_last_event(pages: Pages):
    """A page has so many bytes, or one batch; who stops at a status would lose the rest."""
    words = ["x" * 60_000] * 12
    pages.server.queue(said(*words, gate="go"))
    run = pages.begin()["id"]
    pages.until(run, "content_delta")
    pages.server.open_gate("go")  # so that the last word is in a batch of its own, however busy
    # Of what is far ahead of a reader it may get several fragments as one.
    text, whole = told([json.loads(event) for _, event in pages.read(run)])
    found: list[Any] = []
    path, place, status = f"/api/runs/{run}/events", "", None
    count = 0
    while status is None:
        query = {"after": place} if place else {}
        page = pages.http.get(path, params=query, headers={"accept": "application/json"}).json()
        found += page["events"]
        place, status = page["offset"], page["status"]
        count += 1
    assert count > 1
    assert told(found) == (text, whole)
    assert text == "".join(words)
    assert status == "complete"


def told(events: list[Any]) -> tuple[str, list[Any]]:
    """The text in events, and the others."""
    text = "".join(event["text"] for event in events if event["type"] == "content_delta")
    return text, [event for event in events if event["type"] != "content_delta"]


@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_an_old_or_slow_client_reads_all_byte_by_byte(pages: Pages, version: str):
    pages.server.queue(said("one ", "two ", "three", gate="go"))
    run = pages.begin()["id"]
    host, _, port = pages.server.url.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=LIMIT_S) as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
        lines = [
            f"GET /api/runs/{run}/events HTTP/{version}",
            f"Host: {host}:{port}",
            "Accept-Encoding: gzip, br, zstd",
            "Accept: text/event-stream",
            "Connection: close",
        ]
        client.sendall("\r\n".join([*lines, "", ""]).encode())
        got = client.recv(1)
        pages.server.open_gate("go")
        while piece := client.recv(7):
            got += piece
    head, _, body = got.partition(b"\r\n\r\n")
    assert b"content-encoding" not in head.lower()
    if version == "1.0":
        assert b"chunked" not in head.lower()
    assert body.count(b"event: done") == 1
    assert all(word in body for word in (b"one ", b"two ", b"three"))


def test_a_result_given_twice_counts_once_and_what_nobody_waits_for_not_at_all(pages: Pages):
    call = ToolCall(id="c1", name="look", arguments="{}")
    pages.server.queue(streamed(records(Answer(tool_calls=(call,)))), said("Done."))
    run = pages.begin(tools=[LOOK])["id"]
    pages.until(run, "approval_request")
    path = f"/api/runs/{run}"
    other = [{"type": "result", "call_id": "nobody's", "content": "x"}]
    decision = [{"type": "decision", "call_id": "c1", "decision": "deny"}]
    assert pages.http.post(f"{path}/tool-results", json=other).status_code == 202
    wrong: Any
    for wrong in ({}, [{}], [{"call_id": "c1"}], [{"call_id": 1, "content": ""}], "x", None):
        assert pages.http.post(f"{path}/tool-results", json=wrong).status_code == 400
    assert pages.http.post(f"{path}/tool-results", json=other * 1001).status_code == 400
    for wrong in ([{"call_id": "c1", "decision": "perhaps"}], [{"call_id": "c1"}]):
        assert pages.http.post(f"{path}/approvals", json=wrong).status_code == 400
    twice = [
        {"type": "result", "call_id": "c1", "content": content} for content in ("first", "second")
    ]
    assert pages.http.post(f"{path}/tool-results", json=twice).status_code == 202
    pages.http.post(f"{path}/tool-results", json=twice[1:])
    pages.http.post(f"{path}/approvals", json=decision)
    events = [json.loads(event) for _, event in pages.read(run)]
    results = [one["content"] for one in events if one["type"] == "tool_result"]
    assert results == ["first"]
    assert text_of(pages.state(run)).endswith("Done.")
    late = pages.http.post(f"{path}/tool-results", json=twice)
    assert (late.status_code, late.json()["error"]["code"]) == (409, "run_ended")


def at_once(pages: Pages, run: str) -> None:
    """Before anything came."""


def in_text(pages: Pages, run: str) -> None:
    pages.until(run, "content_delta")


def while_a_tool_is_waited_for(pages: Pages, run: str) -> None:
    pages.until(run, "approval_request")


def at_its_end(pages: Pages, run: str) -> None:
    pages.server.open_gate("go")


def after_its_end(pages: Pages, run: str) -> None:
    pages.server.open_gate("go")
    pages.read(run)


@pytest.mark.parametrize(
    "moment", [at_once, in_text, while_a_tool_is_waited_for, at_its_end, after_its_end]
)
@pytest.mark.parametrize("by", ["cancel", "delete"])
def test_a_run_is_ended_once_at_any_moment_and_all_readers_hear_the_same(
    pages: Pages, moment: Callable[[Pages, str], None], by: str
):
    call = ToolCall(id="c1", name="look", arguments="{}")
    is_tool = moment is while_a_tool_is_waited_for
    asks = streamed(records(Answer(tool_calls=(call,))))
    pages.server.queue(asks if is_tool else said("one ", "two", gate="go"))
    begun = pages.begin(tools=[LOOK] if is_tool else [])
    run = begun["id"]
    read: list[list[tuple[str, str]]] = []
    readers = [Thread(target=lambda: read.append(follow(pages, run))) for _ in range(3)]
    for reader in readers:
        reader.start()
    moment(pages, run)
    for _ in range(2):
        if by == "cancel":
            assert pages.http.post(f"/api/runs/{run}/cancel").status_code == 202
        else:
            status = pages.http.delete(f"/api/runs/{run}").status_code
            assert status in (204, 404)
    for reader in readers:
        reader.join(LIMIT_S)
        assert not reader.is_alive()
    assert len(read) == 3
    if by == "delete":
        assert pages.http.get(f"/api/runs/{run}").status_code == 404
        assert pages.http.get(f"/api/chats/{begun['chat']}").status_code == 404
        longest = max(read, key=len)
        assert all(one == longest[: len(one)] for one in read)
    else:
        assert read[0] == read[1] == read[2] == pages.read(run)
        assert types(read[0]).count("done") == 1
        status = pages.state(run)["status"]
        assert status == ("complete" if moment is after_its_end else status)
        assert status in ("complete", "aborted")
        pages.http.delete(f"/api/runs/{run}")


def follow(pages: Pages, run: str) -> list[tuple[str, str]]:
    """Read to the end with a connection of one's own; nothing where it is gone."""
    found = []
    with (
        httpx2.Client(base_url=pages.server.url, timeout=LIMIT_S, trust_env=False) as http,
        http.stream("GET", f"/api/runs/{run}/events") as response,
    ):
        place = ""
        for line in response.iter_lines():
            if line.startswith("id: "):
                place = line[4:]
            elif line.startswith("data: ") and place:
                found.append((place, line[6:]))
    return found


def test_a_key_of_a_question_names_no_other_question(pages: Pages):
    pages.server.queue(said("one"))
    headers = {"idempotency-key": "the-same"}
    first = pages.http.post("/api/runs", json=pages.question("one"), headers=headers)
    again = pages.http.post("/api/runs", json=pages.question("one"), headers=headers)
    other = pages.http.post("/api/runs", json=pages.question("two"), headers=headers)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["id"] == again.json()["id"]
    assert (other.status_code, other.json()["error"]["code"]) == (422, "key_reused")
    pages.read(first.json()["id"])
    pages.http.delete(f"/api/runs/{first.json()['id']}")


def test_a_stalled_answer_is_ended_with_its_chat_while_others_read_it(pages: Pages):
    """A chat deleted on one device while it is open, and followed, on another."""
    pages.server.queue(streamed([*records(Answer(text="one two"))[:2], Stall()]))
    begun = pages.begin()
    pages.until(begun["id"], "content_delta")
    changes = pages.http.get("/api/chats").json()["offset"]
    reading = Thread(target=follow, args=(pages, begun["id"]))
    reading.start()
    assert pages.http.delete(f"/api/chats/{begun['chat']}").status_code == 204
    reading.join(LIMIT_S)
    assert not reading.is_alive()
    with pages.http.stream("GET", "/api/chats/events", params={"after": changes}) as told:
        data = (line[6:] for line in told.iter_lines() if line.startswith("data: "))
        change = json.loads(next(data))
    assert (change["chat"], change["what"], change["run"]) == (begun["chat"], "deleted", "")
    pages.server.wait(0, state="disconnected")
    assert pages.http.patch(f"/api/chats/{begun['chat']}", json={"title": "x"}).status_code == 404
    assert pages.http.post(f"/api/runs/{begun['id']}/cancel").status_code == 404
