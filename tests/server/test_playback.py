"""The scripted provider over real sockets: in step with the test, broken where it should be."""

import gc
import json
import socket
import tracemalloc

import httpx2
import pytest

from app.scripted import openai_chat as wire
from app.scripted.steps import Cut, Gate, Pause, Reply, Send, Stall, Step, cut_into, gated
from tests.live_server import LIMIT_S, LiveServer, live_server
from tests.server.tree import Tree

CHAT = "/api/demo/v1/chat/completions"
QUESTION = {"model": "demo", "messages": [{"role": "user", "content": "hi"}], "stream": True}


def test_the_demo_answers_in_the_format_of_chat_completions(client: httpx2.Client) -> None:
    question = QUESTION | {"stream_options": {"include_usage": True}, "max_tokens": 9}
    answer = client.post(CHAT, json=question)
    assert answer.headers["content-type"] == "text/event-stream; charset=utf-8"
    *data, done = [line for line in answer.text.split("\n\n") if line]
    assert done == "data: [DONE]"
    chunks = [json.loads(line.removeprefix("data: ")) for line in data]
    text = "".join(c["choices"][0]["delta"].get("content", "") for c in chunks if c["choices"])
    assert text == "I am the Demo: a script, not a model."
    assert chunks[-2]["choices"][0]["finish_reason"] == "length"
    assert chunks[-1]["usage"]["completion_tokens"] == 9


def test_the_demo_answers_whole_when_not_streaming_with_the_same_text(
    client: httpx2.Client,
) -> None:
    question = QUESTION | {"max_tokens": 12}
    whole = client.post(CHAT, json=question | {"stream": False})
    streamed = client.post(CHAT, json=question).text
    assert whole.headers["content-type"] == "application/json"
    pieces = [json.loads(line[6:]) for line in streamed.split("\n\n")[:-2]]
    text = "".join(piece["choices"][0]["delta"].get("content", "") for piece in pieces)
    assert whole.json()["choices"][0]["message"]["content"] == text


def test_the_demo_lists_its_model(client: httpx2.Client) -> None:
    models = client.get("/api/demo/v1/models").json()
    assert [model["id"] for model in models["data"]] == ["demo"]


def test_the_demo_forgets_a_request_with_its_answer(tree: Tree) -> None:
    large = QUESTION | {"messages": [{"role": "user", "content": "x" * 1_000_000}], "max_tokens": 1}
    with (
        live_server(root=tree.root, runtime=tree.runtime, script_control=False) as server,
        httpx2.Client(base_url=server.url, timeout=LIMIT_S, trust_env=False) as client,
    ):

        def held_bytes(requests: int) -> int:
            for _ in range(requests):
                assert client.post(CHAT, json=large).status_code == 200
            gc.collect()
            return tracemalloc.get_traced_memory()[0]

        tracemalloc.start()
        try:
            before = held_bytes(5)
            assert held_bytes(50) - before < 5_000_000  # of the 50 MB that were sent
        finally:
            tracemalloc.stop()


def test_a_request_that_nests_too_deep_is_refused_in_a_sentence(client: httpx2.Client) -> None:
    answer = client.post(CHAT, content=b'{"messages": ' + b"[" * 100_000)
    assert answer.status_code == 400
    assert "too deep" in answer.json()["error"]["message"]


def test_step_k_plus_1_is_not_written_before_the_test_has_seen_step_k(
    server: LiveServer, client: httpx2.Client
) -> None:
    records = wire.records(wire.Answer(text="one two three"))
    server.queue(Reply(200, wire.EVENT_STREAM, gated(tuple(Send(r) for r in records))))
    with client.stream("POST", CHAT, json=QUESTION) as answer:
        chunks = answer.iter_raw()
        for number, record in enumerate(records):
            if number:
                server.wait(0, at=f"gate:{number}")
                server.open_gate(str(number))
            assert next(chunks) == record
        assert list(chunks) == []
    assert server.wait(0, state="finished").at == ""


def test_queued_replies_are_given_in_order_then_the_demo_answers_again(
    server: LiveServer, client: httpx2.Client
) -> None:
    server.queue(wire.whole(b"{}", status=429, headers={"retry-after": "7"}), wire.whole(b"[]"))
    question = QUESTION | {"max_tokens": 1}
    first, second, third = (client.post(CHAT, json=question) for _ in range(3))
    assert (first.status_code, first.headers["retry-after"]) == (429, "7")
    assert second.content == b"[]"
    assert third.headers["content-type"].startswith("text/event-stream")


@pytest.mark.parametrize(
    "before_the_end", [(), (Send(b"data: {}\n\n"),), (Send(b"a"), Gate("1"), Send(b"b"), Gate("2"))]
)
def test_a_cut_reaches_the_client_as_a_broken_answer(
    server: LiveServer, client: httpx2.Client, before_the_end: tuple[Step, ...]
) -> None:
    server.queue(
        Reply(200, wire.EVENT_STREAM, (*before_the_end, Gate("cut"), Cut(), Send(b"never")))
    )
    with client.stream("POST", CHAT, json=QUESTION) as answer:
        assert answer.status_code == 200
        chunks = answer.iter_raw()
        for step in before_the_end:
            if isinstance(step, Send):
                assert next(chunks) == step.data
            if isinstance(step, Gate):
                server.open_gate(step.name)
        server.open_gate("cut")
        with pytest.raises(httpx2.RemoteProtocolError):
            next(chunks)
    assert server.wait(0, state="finished").at == ""


@pytest.mark.parametrize(
    ("reply", "place"),
    [
        (Reply(200, {}, (Send(b"x"), Stall())), "stall"),
        (Reply(200, {}, (Stall(),)), "stall"),
        (Reply(200, {}, (Send(b"x"), Gate("never"))), "gate:never"),
        (Reply(200, {}, (Pause(3_600_000),)), ""),
        (Reply(200, {}, (), before=(Stall(),)), "stall"),
        (Reply(200, {}, (), before=(Gate("never"),)), "gate:never"),
    ],
    ids=["stall", "stall at once", "gate", "pause", "stall before", "gate before"],
)
def test_a_client_that_leaves_is_noticed_in_every_state(
    server: LiveServer, reply: Reply, place: str
) -> None:
    server.queue(reply)
    with server.raw_post(CHAT) as connection:
        assert server.wait(0, state="running", at=place).state == "running"
        connection.shutdown(socket.SHUT_RDWR)
    assert server.wait(0, state="disconnected").at == ""


def test_a_client_that_stops_reading_and_leaves_is_noticed(server: LiveServer) -> None:
    # More than all socket buffers hold, so that the server waits for the reader.
    server.queue(Reply(200, {}, (*cut_into(b"x" * 20_000_000, 1_000_000), Stall())))
    with server.raw_post(CHAT) as connection:
        assert connection.recv(1000).startswith(b"HTTP/1.1 200")
        assert server.requests()[0].at == ""
    server.wait(0, state="disconnected")


def test_the_record_of_a_request_holds_all_but_the_key(
    server: LiveServer, client: httpx2.Client
) -> None:
    server.queue(wire.whole(b"{}"))
    client.post(CHAT, json=QUESTION, headers={"authorization": "Bearer secret", "x-own": "1"})
    seen = server.wait(0, state="finished")
    assert server.requests() == [seen]
    assert (seen.method, seen.path) == ("POST", CHAT)
    assert json.loads(seen.body) == QUESTION
    assert seen.headers["x-own"] == "1"
    assert seen.headers["authorization"] == "(not shown)"
    assert "secret" not in repr(seen)


def test_waiting_for_what_does_not_come_ends_with_what_was_seen(
    server: LiveServer, client: httpx2.Client
) -> None:
    server.queue(wire.whole(b"{}"))
    client.post(CHAT, json=QUESTION)
    server.wait(0, state="finished")
    control = "/api/demo/control/requests"
    late = client.get(f"{control}/0", params={"state": "disconnected", "limit_s": "0.01"})
    assert late.status_code == 408
    assert "finished" in late.json()["error"]["message"]
    assert client.get(f"{control}/5", params={"limit_s": "0.01"}).status_code == 408


def test_a_reset_forgets_replies_gates_and_requests(
    server: LiveServer, client: httpx2.Client
) -> None:
    server.queue(wire.whole(b'"forgotten"'))
    server.open_gate("1")
    server.reset()
    server.queue(Reply(200, {}, (Gate("1"),)))
    with server.raw_post(CHAT):
        assert server.wait(0, at="gate:1").state == "running"
        assert len(server.requests()) == 1
    server.wait(0, state="disconnected")


def test_a_reply_that_is_none_is_refused(client: httpx2.Client) -> None:
    answer = client.post("/api/demo/control/replies", content=b'[{"steps": [{"type": "fly"}]}]')
    assert answer.status_code == 400


def test_without_asking_for_it_there_is_no_control(tree: Tree) -> None:
    with (
        live_server(root=tree.root, runtime=tree.runtime, script_control=False) as server,
        httpx2.Client(base_url=server.url, timeout=LIMIT_S, trust_env=False) as client,
    ):
        for path in ("requests", "requests/0"):
            assert client.get(f"/api/demo/control/{path}").status_code == 404
        for path in ("replies", "gates/1", "reset"):
            assert client.post(f"/api/demo/control/{path}", content=b"[]").status_code == 404


def test_an_answer_that_streams_ends_when_the_server_stops(tree: Tree) -> None:
    with live_server(root=tree.root, runtime=tree.runtime) as server:
        server.queue(Reply(200, wire.EVENT_STREAM, (Send(b"data: x\n\n"), Stall())))
        connection = server.raw_post(CHAT)
        server.wait(0, at="stall")
    with connection:
        received = b""
        while chunk := connection.recv(65536):
            received += chunk
    assert received.endswith(b"data: x\n\n\r\n")


def test_a_question_that_is_no_json_gets_400(client: httpx2.Client) -> None:
    answer = client.post(CHAT, content=b'{"messages": ')
    assert answer.status_code == 400
    assert answer.json()["error"]["type"] == "invalid_request_error"


@pytest.mark.parametrize("path", [CHAT, "/api/model/v1/chat/completions"])
def test_a_body_that_is_too_large_gets_413(client: httpx2.Client, path: str) -> None:
    answer = client.post(path, content=b" " * (32 * 2**20 + 1))
    assert answer.status_code == 413
    assert answer.json()["error"]["message"] == "the request is larger than 32 MiB"


def test_a_body_that_does_not_say_its_size_is_counted(client: httpx2.Client) -> None:
    pieces = (b" " * 2**20 for _ in range(33))
    assert client.post(CHAT, content=pieces).status_code == 413


def test_a_large_body_within_the_limit_is_read(client: httpx2.Client) -> None:
    question = QUESTION | {"messages": [{"role": "user", "content": "/error 401" + " " * 2**24}]}
    assert client.post(CHAT, json=question).status_code == 401


def test_an_unknown_address_of_the_api_gets_json(client: httpx2.Client) -> None:
    answer = client.get("/api/nothing")
    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "not_found"


def test_a_wrong_method_gets_json(client: httpx2.Client) -> None:
    answer = client.request("DELETE", "/api/status")
    assert answer.status_code == 405
    assert "error" in answer.json()
