"""The proxy to the built-in model, over real sockets, against an upstream that the test steers."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.native.local_model import LocalModel
from app.scripted import openai_chat as wire
from app.scripted.steps import Cut, Gate, Reply, Send, Stall
from app.server.control import control_routes
from app.server.playback import Script
from app.setup.errors import SetupError
from app.setup.model import ModelFiles, ModelProgress
from tests.live_server import LIMIT_S, LiveServer, live_server, running, until
from tests.native.engine import prepared
from tests.server.tree import Tree

CHAT = "/api/model/v1/chat/completions"


@dataclass
class Bench:
    """A server with its proxy, and the upstream behind it."""

    server: LiveServer
    client: httpx2.Client
    upstream: LiveServer
    model: LocalModel
    keys: list[str]


@pytest.fixture(scope="module")
def _bench(tree: Tree, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    script = Script(closing := asyncio.Event())
    keys: list[str] = []

    async def play(request: Request) -> Response:
        keys.append(request.headers.get("authorization", ""))
        return await script.response(request, wire.whole(b"{}"))

    app = Starlette(
        routes=[
            *control_routes(script, "/control/"),
            Route("/v1/{path:path}", play, methods=["GET", "POST"]),
        ]
    )
    app.state.closing = closing
    with running(app, control="/control/") as upstream:
        prepare = prepared(tmp_path_factory.mktemp("model"), port=upstream.port)
        model = LocalModel(tree.runtime, prepare=prepare)
        with (
            live_server(root=tree.root, runtime=tree.runtime, model=model) as server,
            httpx2.Client(base_url=server.url, timeout=LIMIT_S, trust_env=False) as client,
        ):
            _until(client, "ready")
            yield Bench(server, client, upstream, model, keys)


@pytest.fixture
def bench(_bench: Bench) -> Bench:
    _bench.upstream.reset()
    _bench.keys.clear()
    return _bench


def _until(client: httpx2.Client, state: str) -> None:
    """Ask for the status until it is this one; each answer is an event of its own."""
    until(lambda: client.get("/api/status").json()["model"]["state"] == state)


def test_the_request_arrives_with_the_key_of_the_model_and_no_other(bench: Bench) -> None:
    answer = bench.client.post(
        CHAT,
        json={"messages": []},
        headers={
            "authorization": "Bearer the-persons-own-key",
            "cookie": "session=1",
            "x-own": "1",
            "accept-encoding": "gzip",
        },
    )
    assert answer.status_code == 200
    assert bench.model.endpoint is not None
    assert bench.keys == [f"Bearer {bench.model.endpoint.key}"]
    [seen] = bench.upstream.requests()
    assert (seen.method, seen.path, seen.body) == (
        "POST",
        "/v1/chat/completions",
        '{"messages":[]}',
    )
    assert seen.headers["content-type"] == "application/json"
    assert seen.headers["accept-encoding"] == "identity"
    assert not {"cookie", "x-own", "origin", "referer"} & set(seen.headers)


def test_the_list_of_models_comes_by_get(bench: Bench) -> None:
    bench.upstream.queue(wire.whole(wire.models_body(["m"], owned_by="x")))
    answer = bench.client.get("/api/model/v1/models")
    assert answer.json()["data"][0]["id"] == "m"
    assert bench.upstream.requests()[0].method == "GET"


def test_bytes_pass_unchanged_and_each_at_once(bench: Bench) -> None:
    pieces = [b"data: {\r", b"\n\r\n", b"\xe2\x82", b"\xac\n\n", b": keep-alive\n\n"]
    steps = [step for n, piece in enumerate(pieces) for step in (Gate(str(n)), Send(piece))]
    bench.upstream.queue(Reply(200, wire.EVENT_STREAM, tuple(steps)))
    with bench.client.stream("POST", CHAT, json={}) as answer:
        assert answer.headers["content-type"] == wire.EVENT_STREAM["content-type"]
        chunks = answer.iter_raw()
        for number, piece in enumerate(pieces):
            bench.upstream.open_gate(str(number))
            assert next(chunks) == piece
        assert list(chunks) == []


def test_of_the_headers_only_those_that_concern_the_page_come_back(bench: Bench) -> None:
    headers = {
        "content-type": "application/json",
        "retry-after": "3",
        "set-cookie": "a=1",
        "access-control-allow-origin": "*",
        "server": "llama.cpp",
    }
    bench.upstream.queue(Reply(429, headers, (Send(b'{"error":{"message":"busy"}}'),)))
    answer = bench.client.post(CHAT, json={})
    assert answer.status_code == 429
    assert answer.json() == {"error": {"message": "busy"}}
    assert answer.headers["retry-after"] == "3"
    foreign = {"set-cookie", "access-control-allow-origin", "server"}
    assert not foreign & set(answer.headers)


@pytest.mark.parametrize(
    ("reply", "place"),
    [
        (Reply(200, wire.EVENT_STREAM, (Send(b"data: 1\n\n"), Stall())), "stall"),
        (Reply(200, wire.EVENT_STREAM, (Stall(),)), "stall"),
        (Reply(200, {}, (), before=(Stall(),)), "stall"),
    ],
    ids=["in the middle", "before the first byte", "before the answer"],
)
def test_a_browser_that_leaves_ends_the_request_to_a_silent_model(
    bench: Bench, reply: Reply, place: str
) -> None:
    bench.upstream.queue(reply)
    with bench.server.raw_post(CHAT):
        bench.upstream.wait(0, state="running", at=place)
    bench.upstream.wait(0, state="disconnected")


def test_a_slow_browser_slows_the_model(bench: Bench) -> None:
    much = tuple(Send(b"x" * 1_000_000) for _ in range(30))
    bench.upstream.queue(Reply(200, {}, (*much, Gate("end"))), *[wire.whole(b"{}")] * 20)
    with bench.client.stream("POST", CHAT, json={}) as answer:
        # Nothing is read meanwhile, so the upstream must not get rid of its 30 MB.
        for _ in range(20):
            bench.client.post(CHAT, json={})
        assert bench.upstream.wait(0).at == ""
        bench.upstream.open_gate("end")
        assert len(answer.read()) == 30_000_000
    bench.upstream.wait(0, state="finished")


def test_only_what_our_own_requests_have_goes_on(bench: Bench) -> None:
    bomb = {"grammar": "root ::= " + "(" * 100_000, "ignore_eos": True, "max_tokens": 100_000}
    assert bench.client.post(CHAT, json={"messages": []} | bomb).status_code == 200
    assert bench.upstream.requests()[0].body == '{"messages":[],"max_tokens":4096}'


@pytest.mark.parametrize("body", [b"[" * 100_000, b"{", b'{"max_tokens": -1}', b'{"tools": 1}'])
def test_what_the_model_cannot_use_does_not_reach_it(bench: Bench, body: bytes) -> None:
    answer = bench.client.post(CHAT, content=body)
    assert answer.status_code == 400
    assert answer.json()["error"]["message"]
    assert bench.upstream.requests() == []


@pytest.mark.parametrize("path", ["completions", "embeddings", "rerank", "infill", "slots"])
def test_what_the_page_does_not_use_cannot_be_asked_for(bench: Bench, path: str) -> None:
    assert bench.client.post(f"/api/model/v1/{path}", json={}).status_code == 404
    assert bench.upstream.requests() == []


def test_one_client_has_only_so_many_questions_before_the_model(bench: Bench) -> None:
    stalled = Reply(200, wire.EVENT_STREAM, (Send(b"data: 1\n\n"), Stall()))
    bench.upstream.queue(*[stalled] * 4, wire.whole(b"{}"))
    with ExitStack() as asking:
        for number in range(4):
            asking.enter_context(bench.server.raw_post(CHAT))
            bench.upstream.wait(number, at="stall")
        answer = bench.client.post(CHAT, json={})
        assert answer.status_code == 429
        assert answer.headers["retry-after"] == "2"
        assert answer.json()["error"]["code"] == "model_busy"
        transport = httpx2.HTTPTransport(local_address="127.0.0.3")
        with httpx2.Client(
            base_url=bench.server.url, timeout=LIMIT_S, transport=transport
        ) as other:
            assert other.post(CHAT, json={}).status_code == 200
    bench.upstream.wait(3, state="disconnected")
    until(lambda: bench.client.post(CHAT, json={}).status_code != 429)


def test_an_upstream_that_dies_in_a_stream_leaves_an_error_record_after_what_came(
    bench: Bench,
) -> None:
    bench.upstream.queue(Reply(200, wire.EVENT_STREAM, (Send(b'data: {"choi'), Cut())))
    answer = bench.client.post(CHAT, json={})
    begun, _, record = answer.content.partition(b"\n\n")
    assert begun == b'data: {"choi'
    assert record.startswith(b'data: {"error":{"message":"the model stopped in the middle')
    assert record.endswith(b'"code":"model_stopped"}}\n\n')


def test_an_upstream_that_dies_in_a_json_body_leaves_a_broken_body(bench: Bench) -> None:
    bench.upstream.queue(Reply(200, wire.JSON, (Send(b'{"choi'), Cut())))
    with pytest.raises(httpx2.RemoteProtocolError):
        bench.client.post(CHAT, json={})


@pytest.mark.parametrize(
    "path", ["", "../slots", "chat/../../slots", "%2e%2e/slots", "models/", "a%00b", "models%3Fx=1"]
)
def test_only_what_is_below_v1_can_be_asked_for(bench: Bench, path: str) -> None:
    answer = bench.client.get(f"/api/model/v1/{path}")
    assert answer.status_code == 404
    assert bench.upstream.requests() == []


def test_a_model_that_is_gone_while_it_counts_as_ready_is_an_error_in_json(
    tree: Tree, tmp_path: Path
) -> None:
    model = LocalModel(tree.runtime, prepare=prepared(tmp_path, port=1))
    with (
        live_server(root=tree.root, runtime=tree.runtime, model=model) as server,
        httpx2.Client(base_url=server.url, timeout=LIMIT_S, trust_env=False) as client,
    ):
        _until(client, "ready")
        answer = client.post(CHAT, json={})
    assert answer.status_code == 502
    assert answer.json()["error"]["code"] == "model_unreachable"


def test_without_a_model_the_answer_says_so(client: httpx2.Client) -> None:
    answer = client.post(CHAT, json={})
    assert answer.status_code == 503
    assert answer.json()["error"]["code"] == "model_absent"
    assert "retry-after" not in answer.headers
    assert client.get("/api/status").json()["model"] == {
        "state": "absent",
        "id": "smollm2-135m",
        "label": "SmolLM2 135M",
        "received_bytes": 0,
        "total_bytes": 0,
        "message": "",
        "window": 4096,
    }


def test_a_model_on_its_way_says_how_far_it_is_then_why_it_failed(tree: Tree) -> None:
    give_up = threading.Event()

    def prepare(
        runtime: Path, report: Callable[[ModelProgress], None], *, cancel: threading.Event
    ) -> ModelFiles:
        report(ModelProgress(5_000_000, 127_000_000, "Downloading the model."))
        give_up.wait(LIMIT_S)
        raise SetupError("No wheel fits this computer.")

    with (
        live_server(
            root=tree.root, runtime=tree.runtime, model=LocalModel(tree.runtime, prepare=prepare)
        ) as server,
        httpx2.Client(base_url=server.url, timeout=LIMIT_S, trust_env=False) as client,
    ):
        _until(client, "downloading")
        status = client.get("/api/status").json()
        assert status["model"]["received_bytes"] == 5_000_000
        assert status["model"]["message"] == "Downloading the model."
        early = client.get("/api/model/v1/models")
        assert early.status_code == 503
        assert early.headers["retry-after"] == "2"
        assert early.json()["error"]["code"] == "model_not_ready"
        assert "Downloading the model." in early.json()["error"]["message"]
        give_up.set()
        _until(client, "failed")
        failed = client.post(CHAT, json={})
    assert failed.json()["error"]["code"] == "model_failed"
    assert failed.json()["error"]["message"] == "No wheel fits this computer."
