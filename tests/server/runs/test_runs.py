"""Runs over HTTP: they outlive their readers, are stopped from anywhere, and are their owner's."""

import json

import msgspec
import pytest

from app.core.events import Event
from app.core.fold import Fold
from app.runs.log import LogError
from app.runs.offsets import Offset
from app.scripted.openai_chat import Answer, ToolCall, records, streamed
from app.scripted.steps import Gate, Stall
from app.server.security import FROM_A_MODEL
from tests.server.runs.conftest import Pages, said, text_of


def folded(events: list[tuple[str, str]]) -> str:
    fold = Fold()
    fold.add(msgspec.json.decode(event, type=Event) for _, event in events)
    return fold.message.text


def test_a_run_goes_on_without_a_reader_and_is_read_again_from_any_event(pages: Pages):
    pages.server.queue(said("one ", "two ", "three", gate="go"))
    run = pages.begin()["id"]
    first = pages.read(run, last=3)  # then the reader is cut off
    pages.server.open_gate("go")
    whole = pages.read(run)
    assert folded(whole) == "one two three"
    assert whole[:3] == first
    assert json.loads(whole[-1][1])["type"] == "done"
    places = [place for place, _ in whole]
    assert places == sorted(set(places))
    for number, place in enumerate(places[:-1], 1):
        assert pages.read(run, place) == whole[number:]
    end = {"last-event-id": places[-1]}
    assert pages.http.get(f"/api/runs/{run}/events", headers=end).status_code == 204
    state = pages.state(run)
    assert (state["status"], state["offset"], text_of(state)) == (
        "complete",
        places[-1],
        "one two three",
    )
    pages.server.wait(0, state="finished")


def test_readers_that_follow_at_once_get_the_same(pages: Pages):
    pages.server.queue(said("a", "b", gate="go"))
    run = pages.begin()["id"]
    with pages.http.stream("GET", f"/api/runs/{run}/events") as one:
        lines = one.iter_lines()
        while "content_delta" not in next(lines):
            pass
        pages.server.open_gate("go")
        rest = [line for line in lines if line.startswith("data: ")]
    assert rest == [f"data: {event}" for _, event in pages.read(run)][-len(rest) :]


def test_stop_reaches_the_socket_from_any_reader_of_a_resumed_stream(pages: Pages):
    """vercel/ai 6502, open-webui 14340: stop did not reach a stream that was resumed elsewhere."""
    pages.server.queue(streamed([*records(Answer(text="one two"))[:2], Stall()]))
    run = pages.begin()["id"]
    place, _ = pages.read(run, last=2)[-1]
    with pages.http.stream(
        "GET", f"/api/runs/{run}/events", headers={"last-event-id": place}
    ) as resumed:
        assert pages.http.post(f"/api/runs/{run}/cancel").status_code == 202
        rest = [json.loads(line[6:]) for line in resumed.iter_lines() if line.startswith("data: ")]
    assert rest[-1]["type"] == "done"
    assert rest[-1]["status"] == "aborted"
    pages.server.wait(0, state="disconnected")
    assert pages.state(run)["status"] == "aborted"
    assert pages.http.post(f"/api/runs/{run}/cancel").status_code == 202  # harmless


def test_stop_works_while_the_log_cannot_be_written(pages: Pages, monkeypatch: pytest.MonkeyPatch):
    pages.server.queue(streamed([*records(Answer(text="one two"))[:2], Stall()]))
    run = pages.begin()["id"]
    pages.read(run, last=2)

    async def fail(*_: object) -> None:
        raise LogError("database or disk is full")

    with monkeypatch.context() as full:
        full.setattr(pages.server.app.state.runs.opened.log, "tell", fail)
        assert pages.http.post(f"/api/runs/{run}/cancel").status_code == 202
        pages.server.wait(0, state="disconnected")
    assert json.loads(pages.read(run)[-1][1])["status"] == "aborted"


def test_resuming_never_repeats_the_answer_before(pages: Pages):
    """vercel/ai 18457: the stream of a new answer began with the one before."""
    pages.server.queue(said("first"), said("second"))
    begun = pages.begin("one")
    pages.read(begun["id"])
    again = pages.begin("two", chat=begun["chat"])
    assert folded(pages.read(again["id"])) == "second"
    asked = json.loads(pages.server.requests()[1].body)["messages"]
    assert [message["content"] for message in asked] == ["one", "first", "two"]


def test_a_chat_that_is_left_in_time_loses_nothing(pages: Pages):
    """LibreChat 13335: who switched chats before the end never saw it."""
    pages.server.queue(said("a", "b", gate="one"), said("c", "d", gate="two"))
    first, second = pages.begin("1"), pages.begin("2")
    pages.read(first["id"], last=1)
    pages.read(second["id"], last=1)
    pages.server.open_gate("one")
    pages.server.open_gate("two")
    assert {folded(pages.read(one["id"])) for one in (first, second)} == {"ab", "cd"}
    chat = pages.http.get(f"/api/chats/{first['chat']}").json()
    assert [message["role"] for message in chat["messages"]] == ["user", "assistant"]


def test_a_server_tool_runs_and_its_result_is_part_of_the_run(pages: Pages):
    call = ToolCall(id="c1", name="double", arguments='{"number": 21}')
    pages.server.queue(streamed(records(Answer(tool_calls=(call,)))), said("It is 42."))
    run = pages.begin(server_tools=["double"])["id"]
    kinds = [json.loads(event)["type"] for _, event in pages.read(run)]
    assert "tool_run_start" in kinds
    assert text_of(pages.state(run)) == "It is 42."
    parts = {part["type"]: part for part in pages.state(run)["message"]["parts"]}
    assert parts["tool_result"]["content"] == "42"


SEARCH = {"name": "search", "description": "Search.", "parameters": {"type": "object"}}


def test_a_tool_of_the_page_is_waited_for_and_answered_by_any_page(pages: Pages):
    call = ToolCall(id="c1", name="search", arguments="{}")
    pages.server.queue(streamed(records(Answer(tool_calls=(call,)))), said("Found."))
    run = pages.begin(tools=[SEARCH])["id"]
    asked = pages.until(run, "approval_request")
    assert (asked["call_id"], asked["wants"]) == ("c1", "result")
    path = f"/api/runs/{run}/tool-results"
    for wrong in (b"{}", b'[{"call_id": 1}]', b"\xff"):
        assert pages.http.post(path, content=wrong).status_code == 400
    result = [{"call_id": "c1", "content": "a thing"}]
    # Another one of the same, and one that nothing waits for, change nothing.
    more = [*result, {"call_id": "c1", "content": "late"}, {"call_id": "none", "content": ""}]
    assert pages.http.post(path, json=more).status_code == 202
    assert folded(pages.read(run)) == "Found."
    asked_then = json.loads(pages.server.requests()[1].body)["messages"][-1]
    assert (asked_then["role"], asked_then["content"]) == ("tool", "a thing")
    assert pages.http.post(path, json=result).status_code == 409


def test_the_same_question_sent_again_runs_once(pages: Pages):
    key = {"idempotency-key": "k1"}
    first = pages.http.post("/api/runs", json=pages.question(), headers=key)
    again = pages.http.post("/api/runs", json=pages.question(), headers=key)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["id"] == again.json()["id"]
    pages.read(first.json()["id"])
    assert len(pages.server.requests()) == 1


def test_a_whole_conversation_stands_for_itself_beside_other_branches(pages: Pages):
    pages.server.queue(said("One.", gate="one"), said("Two."))
    first = pages.begin("First", chat="branched", whole=True)
    pages.server.wait(0, at="gate:one")
    second = pages.begin("Otherwise", chat="branched", whole=True)
    pages.read(second["id"])
    asked = msgspec.json.decode(pages.server.requests()[-1].body)["messages"]
    assert [message["content"] for message in asked] == ["Otherwise"]
    chat = pages.http.get("/api/chats/branched").json()
    texts = [part["text"] for message in chat["messages"] for part in message["parts"]]
    assert texts == ["Otherwise", "Two."]
    assert [run["id"] for run in chat["runs"]] == [first["id"], second["id"]]
    pages.http.delete("/api/chats/branched")


def test_a_chat_takes_one_question_at_a_time(pages: Pages):
    pages.server.queue(said("a", "b", gate="go"))
    begun = pages.begin()
    busy = pages.http.post("/api/runs", json=pages.question(chat=begun["chat"]))
    assert (busy.status_code, busy.json()["error"]["code"]) == (409, "chat_busy")
    pages.server.open_gate("go")
    pages.read(begun["id"])


def test_an_offset_that_the_log_has_not_is_answered_with_what_it_has(pages: Pages):
    pages.server.queue(said("whole"))
    run = pages.begin()["id"]
    whole = pages.read(run)
    for lost in (Offset(2, 1), Offset(1, 999)):
        answer = pages.http.get(f"/api/runs/{run}/events", params={"after": str(lost)})
        assert answer.status_code == 410
        assert answer.json()["offset"] == whole[-1][0]
        assert text_of(answer.json()) == "whole"
    wrong = pages.http.get(f"/api/runs/{run}/events", params={"after": "7"})
    assert (wrong.status_code, wrong.json()["error"]["code"]) == (400, "bad_offset")


def test_the_other_forms_of_the_stream(pages: Pages):
    pages.server.queue(said("one ", "two"))
    run = pages.begin()["id"]
    whole = [event for _, event in pages.read(run)]
    path = f"/api/runs/{run}/events"
    lines = pages.http.get(path, headers={"accept": "application/x-ndjson"})
    assert lines.text.splitlines() == whole
    page = pages.http.get(path, headers={"accept": "application/json"}).json()
    assert [json.dumps(event) for event in page["events"]] == [
        json.dumps(json.loads(event)) for event in whole
    ]
    assert page["status"] == "complete"
    simple = pages.http.get(path, params={"format": "simple"}).text
    found = [record.splitlines() for record in simple.split("\n\n") if record]
    assert [record[-1] for record in found] == ['data: "one "', 'data: "two"', "data: {}"]
    assert found[-1][1] == "event: complete"


def test_the_simple_form_of_an_answer_that_broke_off(pages: Pages):
    from app.scripted.steps import Cut

    pages.server.queue(streamed([*records(Answer(text="one two"))[:2], Cut()]))
    run = pages.begin()["id"]
    simple = pages.http.get(f"/api/runs/{run}/events", params={"format": "simple"}).text
    record = [one for one in simple.split("\n\n") if one][-1].splitlines()
    assert record[1] == "event: error"
    told = json.loads(record[2].removeprefix("data: "))
    assert told["partial"]
    assert told["message"]
    assert pages.state(run)["can_continue"]


def test_chats_are_listed_followed_and_deleted(pages: Pages):
    pages.server.queue(said("answer"))
    before = pages.http.get("/api/chats").json()["offset"]
    begun = pages.begin("What is\n it?")
    pages.read(begun["id"])
    path = "/api/chats/events"
    with pages.http.stream("GET", path, params={"after": before}) as changes:
        told = (json.loads(line[6:]) for line in changes.iter_lines() if line[:5] == "data:")
        mine = (one for one in told if one["chat"] == begun["chat"])
        assert next(mine)["what"] == "began"
        assert next(mine) == {
            "chat": begun["chat"],
            "run": begun["id"],
            "what": "ended",
            "status": "complete",
            "title": "What is it?",
        }
        [listed] = [
            chat
            for chat in pages.http.get("/api/chats").json()["chats"]
            if chat["id"] == begun["chat"]
        ]
        assert (listed["title"], listed["status"]) == ("What is it?", "complete")
        assert pages.http.delete(f"/api/chats/{begun['chat']}").status_code == 204
        assert next(mine)["what"] == "deleted"
    for gone in (f"/api/chats/{begun['chat']}", f"/api/runs/{begun['id']}"):
        assert pages.http.get(gone).status_code == 404


def test_deleting_a_run_on_its_way_stops_it_and_ends_its_readers(pages: Pages):
    pages.server.queue(streamed([*records(Answer(text="one two"))[:2], Stall()]))
    run = pages.begin()["id"]
    with pages.http.stream("GET", f"/api/runs/{run}/events") as reader:
        lines = reader.iter_lines()
        while "content_delta" not in next(lines):
            pass
        assert pages.http.delete(f"/api/runs/{run}").status_code == 204
        list(lines)  # to the end of the connection
    pages.server.wait(0, state="disconnected")
    assert pages.http.get(f"/api/runs/{run}").status_code == 404


def test_a_large_file_lies_beside_the_events(pages: Pages):
    import base64

    image = base64.b64encode(b"\x89PNG" + bytes(100_000)).decode()
    delta = {"images": [{"image_url": {"url": f"data:image/png;base64,{image}"}}]}
    chunk = {"choices": [{"index": 0, "delta": delta, "finish_reason": None}]}
    record = b"data: " + msgspec.json.encode(chunk) + b"\n\n"
    pages.server.queue(streamed([record, *records(Answer(text="Here."))]), said("I see it."))
    begun = pages.begin()
    pages.read(begun["id"])
    [file] = [p for p in pages.state(begun["id"])["message"]["parts"] if p["type"] == "file"]
    answer = pages.http.get("/" + file["url"])
    assert answer.content == base64.b64decode(image)
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["content-disposition"] == "attachment"
    assert answer.headers["content-security-policy"] == FROM_A_MODEL
    # A provider that is asked about it gets it as it was.
    asked = {"role": "user", "parts": [{"type": "text", "text": "What is it?"}, file]}
    again = pages.begin(messages=[asked])
    pages.read(again["id"])
    assert image in pages.server.requests()[1].body
    # Its address is short, and a thousand of them would be 100 MB.
    often = {"role": "user", "parts": [file] * 1_100}
    answer = pages.http.post("/api/runs", json=pages.question(messages=[often]))
    assert answer.status_code == 413
    assert answer.json()["error"]["code"] == "files_too_large"


def test_a_question_that_is_none_begins_nothing(pages: Pages):
    question = pages.question()
    answered = {"role": "assistant", "parts": [{"type": "text", "text": "x"}]}
    wrong = {
        "bad_request": question | {"messages": 1},
        "no_question": question | {"messages": [answered]},
        "provider_unknown": question | {"provider": "nobody"},
        "no_model": question | {"model": ""},
        "tool_unknown": question | {"server_tools": ["rm"]},
        "bad_key": question | {"key": "k\u2013"},
        "no_address": question | {"base_url": ""},
        "no_key": question | {"provider": "openai", "base_url": ""},
    }
    for path in ("/api/runs", "/api/chat"):
        for code, asked in wrong.items():
            answer = pages.http.post(path, json=asked)
            assert (answer.json()["error"]["code"], answer.is_client_error) == (code, True)
        assert pages.http.post(path, content=b"[" * 100_000).status_code == 400
    assert pages.server.requests() == []


def test_a_key_that_comes_along_is_sent_and_kept_nowhere(pages: Pages):
    pages.server.queue(said("ok"))
    secret = "sk-of-the-tab-0123456789"
    begun = pages.begin(key=secret, data={"key": secret, "more": 1})
    pages.read(begun["id"])
    authorization = pages.server.requests()[0].headers["authorization"]
    assert authorization == "(not shown)"  # there was one
    for file in pages.folder.iterdir():
        assert secret.encode() not in file.read_bytes()
    assert secret not in pages.http.get(f"/api/chats/{begun['chat']}").text


@pytest.mark.parametrize("path", ["", "/events", "/payloads/" + "0" * 64])
def test_what_is_not_there_is_said_the_same_way(pages: Pages, path: str):
    assert pages.http.get(f"/api/runs/none{path}").status_code == 404


def test_who_is_gone_ends_an_answer_of_the_plain_chat(pages: Pages):
    pages.server.queue(streamed([*records(Answer(text="one two"))[:2], Gate("never")]))
    with pages.http.stream("POST", "/api/chat", json=pages.question()) as response:
        lines = response.iter_lines()
        while "content_delta" not in next(lines):
            pass
    pages.server.wait(0, state="disconnected")


def test_the_plain_chat_in_its_forms(pages: Pages):
    pages.server.queue(said("one ", "two"), said("one ", "two"), said("one ", "two"))
    stream = pages.http.post("/api/chat", json=pages.question())
    assert stream.headers["content-type"].startswith("text/event-stream")
    assert "event: done" in stream.text
    accept = {"accept": "application/x-ndjson"}
    lines = pages.http.post("/api/chat", json=pages.question(), headers=accept).text.splitlines()
    assert json.loads(lines[-1])["type"] == "done"
    accept = {"accept": "application/json"}
    whole = pages.http.post("/api/chat", json=pages.question(), headers=accept).json()
    assert (whole["role"], whole["status"]) == ("assistant", "complete")


def test_the_numbers_for_prometheus_and_health(pages: Pages):
    pages.server.queue(said("ok"))
    pages.read(pages.begin()["id"])
    text = pages.http.get("/api/metrics").text
    assert 'tokenfall_runs_total{status="complete"}' in text
    assert "tokenfall_log_append_seconds_bucket" in text
    assert pages.http.get("/healthz").json()["status"] == "ok"


def test_who_can_be_asked_is_listed_without_keys(pages: Pages):
    rows = {row["name"]: row for row in pages.http.get("/api/providers").json()["providers"]}
    assert rows["openai"]["has_key"] is False
    assert "key" not in rows["openai"]
