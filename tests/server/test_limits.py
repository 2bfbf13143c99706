"""Limits of one connection: each of them, and that the server goes on answering."""

import asyncio
import logging
import resource
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Mount
from starlette.types import Receive, Scope
from starlette.types import Send as Sends

from app.scripted.steps import Gate, Reply, Send, Stall
from app.server import body_limit
from app.server import limits as limiting
from app.server.body_limit import BODY_LIMIT
from app.server.http_server import Accepting, Server
from app.server.limits import BURST, Limits, most_connections
from app.server.listening import listen
from tests.live_server import LIMIT_S, LiveServer, live_server, until
from tests.server.tree import Tree

AT_ONCE = 0.01
# Longer than who has connected takes to send what it has, on a busy machine too.
SOON = 1.0
NEVER = 3600
CHAT = "/api/demo/v1/chat/completions"
POST = b"POST " + CHAT.encode() + b" HTTP/1.1\r\nHost: localhost:%d\r\n"
WHOLE = b"GET /api/status HTTP/1.1\r\nHost: localhost:%d\r\n\r\n"
# More than a connection takes that nobody reads, in an answer with an end and so no stream.
MUCH = tuple(Send(b"x" * 1_000_000) for _ in range(15))
LONG = {"content-length": "20000000"}
Serve = Callable[..., LiveServer]


@pytest.fixture
def serve(tree: Tree) -> Iterator[Serve]:
    """Starts a server of which only the named limits are within reach."""
    with ExitStack() as servers:

        def start(connections: int = 100, **limits: float) -> LiveServer:
            far = {"headers_s": NEVER, "body_s": NEVER, "idle_s": NEVER, "reader_s": NEVER}
            chosen = Limits(connections, **(far | limits))  # type: ignore[arg-type]
            served = live_server(root=tree.root, runtime=tree.runtime, limits=chosen)
            return servers.enter_context(served)

        yield start


@contextmanager
def connected(server: LiveServer, data: bytes = b"") -> Iterator[socket.socket]:
    """A connection over which these bytes were sent, and no more."""
    with socket.create_connection(("127.0.0.1", server.port), LIMIT_S) as connection:
        connection.sendall(data.replace(b"%d", b"%d" % server.port))
        yield connection


def rest(connection: socket.socket) -> bytes:
    """Read the rest, until the server ends the connection."""
    received = b""
    with suppress(ConnectionError):
        while piece := connection.recv(65536):
            received += piece
    return received


def answers(server: LiveServer) -> bool:
    try:
        return (
            httpx2.get(f"{server.url}/api/status", timeout=LIMIT_S, trust_env=False).status_code
            == 200
        )
    except httpx2.TransportError:
        return False


@pytest.mark.parametrize("begun", [b"", b"G", b"GET / HTTP/1.1\r\nHost: localhost:%d\r\nX: "])
def test_headers_that_do_not_come_end_the_connection(serve: Serve, begun: bytes) -> None:
    server = serve(headers_s=AT_ONCE)
    with connected(server, begun) as connection:
        answer = rest(connection)
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b"content-security-policy: default-src 'none'" in answer


def test_nor_does_a_trickle_keep_it(serve: Serve) -> None:
    server = serve(headers_s=0.2)
    with connected(server, b"GET / HTTP/1.1\r\n") as connection:
        connection.settimeout(AT_ONCE)
        sent = 0
        with suppress(ConnectionError):
            while sent < LIMIT_S / AT_ONCE:
                connection.sendall(b"x")
                sent += 1
                with suppress(TimeoutError):
                    if not connection.recv(65536):
                        break
    assert sent < LIMIT_S / AT_ONCE


@pytest.mark.parametrize(
    "begun",
    [
        POST + b"Content-Length: 10\r\n\r\n",
        POST + b"Content-Length: 10\r\n\r\nhalf",
        POST + b"Transfer-Encoding: chunked\r\n\r\n4\r\nha",
        # Answered before it was whole, and left there.
        POST + b"Content-Length: %d\r\n\r\nhalf" % (BODY_LIMIT + 1),
    ],
)
def test_a_body_that_does_not_come_ends_the_connection(serve: Serve, begun: bytes) -> None:
    server = serve(body_s=AT_ONCE, idle_s=0)
    with connected(server, begun) as connection:
        rest(connection)
    assert answers(server)


def test_a_body_in_crumbs_is_refused_and_its_connection_ended(serve: Serve) -> None:
    server = serve()
    chunked = POST + b"Transfer-Encoding: chunked\r\n\r\n"
    with connected(server, chunked + b"1\r\nx\r\n" * 1_000) as connection:
        refused = rest(connection)
    assert refused.startswith(b"HTTP/1.1 400 ")
    assert b"too small pieces" in refused
    # A few crumbs, and any number of pieces, are not that.
    pieces = (b" " * size for size in [1] * 400 + [256] * 2_000 + [1] * 50)
    answer = httpx2.post(f"{server.url}{CHAT}", content=pieces, timeout=LIMIT_S, trust_env=False)
    assert answer.status_code == 400
    assert "JSON" in answer.text


def test_what_is_idle_ends(serve: Serve) -> None:
    server = serve(idle_s=0)
    with connected(server, WHOLE) as connection:
        assert rest(connection).startswith(b"HTTP/1.1 200 ")


def test_the_next_request_over_a_connection_is_within_limits_as_the_first(serve: Serve) -> None:
    server = serve(headers_s=SOON)
    with connected(server, WHOLE + WHOLE) as connection:
        received = b""
        while received.count(b"HTTP/1.1 200 ") < 2:
            piece = connection.recv(65536)
            assert piece, received
            received += piece
        connection.sendall(b"GET / HT")
        assert b"HTTP/1.1 408 " in rest(connection)


def test_who_does_not_read_the_answer_is_left(serve: Serve) -> None:
    server = serve(reader_s=AT_ONCE)
    server.queue(Reply(200, {}, (*MUCH, Gate("never"))))
    with connected(server, POST + b"Content-Length: 2\r\n\r\n{}"):
        server.wait(0, state="disconnected")


def test_a_quiet_answer_is_no_matter_of_time(serve: Serve) -> None:
    server = serve(headers_s=SOON, body_s=SOON)
    question = b'{"messages":[{"role":"user","content":"/stall"}],"stream":true}'
    head = POST + b"Content-Length: " + str(len(question)).encode() + b"\r\n\r\n"
    with connected(server, head + question) as quiet:
        received = quiet.recv(65536)
        with connected(server) as silent, connected(server, head) as half:
            for other in (silent, half):  # the time that ends these does not end that one
                rest(other)
        quiet.setblocking(False)
        with suppress(BlockingIOError):
            while piece := quiet.recv(65536):
                received += piece
            pytest.fail("the server ended the answer")
    assert received.startswith(b"HTTP/1.1 200 ")


def test_a_flood_of_silent_connections_takes_no_place_from_who_asks(serve: Serve) -> None:
    server = serve(connections=10)
    with ExitStack() as flood:
        silent = [flood.enter_context(connected(server)) for _ in range(40)]
        for begun in (b"GET / HTTP/1.1\r\n", POST + b"Content-Length: 10\r\n\r\nhalf"):
            silent += [flood.enter_context(connected(server, begun)) for _ in range(40)]
        assert answers(server)
        assert all(rest(one) == b"" for one in silent[:40])
    assert answers(server)


@pytest.mark.parametrize(("asking", "answered"), [(4, 4), (20, 8)])
async def test_who_has_asked_keeps_the_place_in_a_flood_that_comes_at_the_same_moment(
    asking: int, answered: int
) -> None:
    done = 0

    async def answer(scope: Scope, receive: Receive, send: Sends) -> None:
        nonlocal done
        done += 1
        await Response("here")(scope, receive, send)

    app = Starlette(routes=[Mount("/", answer)])
    app.state.closing = asyncio.Event()
    listening = listen("127.0.0.1", 0)
    where = listening[0].getsockname()
    ask = b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    with ExitStack() as flood:
        # All of them wait to be accepted when the server begins.
        clients = [flood.enter_context(socket.create_connection(where, LIMIT_S)) for _ in range(20)]
        for client in clients[:asking]:
            client.sendall(ask)
        server = Server(app, lambda: None, limits=Limits(8, NEVER, NEVER, NEVER, NEVER))
        serving = asyncio.create_task(server.serve(listening))
        heard = [await asyncio.to_thread(rest, client) for client in clients[:asking]]
        server.should_exit = True
        await serving
    told = [one.split(b" ", 2)[1] for one in heard]
    # Those that come a turn later find the places of who was answered.
    assert told.count(b"200") == done >= answered
    assert told.count(b"503") == asking - done


async def test_of_a_flood_few_are_let_in_beyond_the_limit_before_one_has_to_go() -> None:
    """Each is a descriptor: without any left nothing is accepted for a second."""
    app = Starlette()
    app.state.closing = asyncio.Event()
    listening = listen("127.0.0.1", 0)
    where = listening[0].getsockname()
    with ExitStack() as flood:
        clients = [flood.enter_context(socket.create_connection(where)) for _ in range(120)]
        server = Server(app, lambda: None, limits=Limits(8, NEVER, NEVER, NEVER, NEVER))
        serving = asyncio.create_task(server.serve(listening))
        ended = asyncio.create_task(asyncio.to_thread(lambda: [*map(rest, clients[:112])]))
        most = 0
        while not ended.done():
            most = max(most, len(server.server_state.connections))
            await asyncio.sleep(0)
        server.should_exit = True
        await serving
    assert 8 < most <= 8 + BURST


def test_nor_does_a_flood_of_connections_that_read_no_answer(serve: Serve) -> None:
    server = serve(connections=5)
    for _ in range(5):
        server.queue(Reply(200, LONG, (*MUCH, Gate("never"))))
    with ExitStack() as flood:
        for _ in range(5):
            asking = connected(server, POST + b"Content-Length: 2\r\n\r\n{}")
            assert flood.enter_context(asking).recv(10)
        # Not before one of them has as much as it takes.
        assert any(answers(server) for _ in range(200))


def test_who_is_to_ask_keeps_the_place_among_those_that_do_not_read(serve: Serve) -> None:
    server = serve(connections=8)
    for _ in range(7):
        server.queue(Reply(200, LONG, (*MUCH, Gate("never"))))
    with ExitStack() as flood:
        for _ in range(7):
            asking = connected(server, POST + b"Content-Length: 2\r\n\r\n{}")
            assert flood.enter_context(asking).recv(10)
        asking = connected(server, b"GET /api/status HTTP/1.1\r\n")
        late = flood.enter_context(asking)
        for _ in range(3):
            assert answers(server)
        late.sendall(b"Host: localhost:%d\r\n\r\n" % server.port)
        assert late.recv(65536).startswith(b"HTTP/1.1 200 ")


def test_streams_leave_places_for_what_is_short(serve: Serve) -> None:
    server = serve(connections=8)
    server.queue(*[Reply(200, {}, (Send(b"begun"), Stall()))] * 8)
    with ExitStack() as flood:
        told = []
        for _ in range(8):
            asking = connected(server, POST + b"Content-Length: 2\r\n\r\n{}")
            told.append(flood.enter_context(asking).recv(65536))
            assert answers(server)
    assert [one.split(b" ", 2)[1] for one in told] == [b"200"] * 6 + [b"503"] * 2
    assert b"content-security-policy: default-src 'none'" in told[-1]
    # Those that were left are no longer counted.
    until(
        lambda: (
            not httpx2.post(
                f"{server.url}{CHAT}", json={"messages": []}, timeout=LIMIT_S, trust_env=False
            ).is_error
        )
    )


def test_bodies_have_a_size_together(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(body_limit, "HELD_LIMIT", 4_000_000)
    server = serve()
    server.queue(*[Reply(200, {}, (Stall(),))] * 3)
    large = POST + b"Content-Length: 1000000\r\n\r\n" + b"x" * 1_000_000
    with ExitStack() as holders:
        for index in range(3):
            holders.enter_context(connected(server, large))
            server.wait(index, at="stall")
        with connected(server, large) as extra:
            refused = extra.recv(65536)
            while b"as many large requests as it can" not in refused:
                piece = extra.recv(65536)
                assert piece, refused
                refused += piece
        assert refused.startswith(b"HTTP/1.1 503 ")
        short = httpx2.post(
            f"{server.url}{CHAT}", json={"messages": []}, timeout=LIMIT_S, trust_env=False
        )
        assert not short.is_error
    for index in range(3):
        server.wait(index, state="disconnected")
    answer = httpx2.post(
        f"{server.url}{CHAT}", content=b"x" * 1_000_000, timeout=LIMIT_S, trust_env=False
    )
    assert answer.status_code != 503


def test_where_all_are_being_answered_the_next_is_told_to_wait(serve: Serve) -> None:
    server = serve(connections=5)
    server.queue(*[Reply(200, LONG, (Send(b"begun"), Stall()))] * 5)
    with ExitStack() as flood:
        for _ in range(5):
            asking = connected(server, POST + b"Content-Length: 2\r\n\r\n{}")
            busy = flood.enter_context(asking)
            received = b""
            while b"begun" not in received:
                received += busy.recv(65536)
        with connected(server) as extra:
            refused = rest(extra)
        assert refused.startswith(b"HTTP/1.1 503 ")
        assert b"content-security-policy: default-src 'none'" in refused
    until(lambda: answers(server))  # it has yet to notice that they left


@pytest.mark.parametrize(
    ("count", "size", "status"), [(90, 10, 200), (200, 10, 431), (10, 5_000, 431), (1, 50_000, 431)]
)
def test_headers_have_a_number_and_a_size(serve: Serve, count: int, size: int, status: int) -> None:
    server = serve()
    headers = {f"x-{number}": "x" * size for number in range(count)}
    answer = httpx2.get(
        f"{server.url}/api/status", headers=headers, timeout=LIMIT_S, trust_env=False
    )
    assert answer.status_code == status
    assert "content-security-policy" in answer.headers


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such limits")
@pytest.mark.parametrize(
    ("descriptors", "most"), [(256, 72), (1024, 456), (1_048_576, 1000), (-1, 1000), (20, 8)]
)
def test_there_are_less_connections_than_descriptors(
    monkeypatch: pytest.MonkeyPatch, descriptors: int, most: int
) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda kind: (descriptors, -1))
    assert limiting.most_connections() == most
    assert Limits().connections == most_connections()


def test_that_nothing_can_be_accepted_is_said_once_and_in_a_line() -> None:
    filtered = Accepting()
    full = logging.LogRecord(
        "asyncio",
        logging.ERROR,
        "",
        0,
        "socket.accept() out of system resource\nsocket: <asyncio.TransportSocket fd=7>",
        (),
        (OSError, OSError(24, "Too many open files"), None),
    )
    other = logging.LogRecord("asyncio", logging.ERROR, "", 0, "Task was destroyed", (), None)
    assert filtered(full)
    assert full.exc_info is None
    assert "\n" not in full.getMessage()
    full.msg = "socket.accept() out of system resource\n"
    assert not filtered(full)
    assert filtered(other)


@pytest.mark.parametrize(
    ("connections", "streams", "spare"),
    [(1, 0, 1), (3, 2, 1), (7, 6, 1), (8, 6, 2), (1000, 750, 250)],
)
def test_a_quarter_of_the_places_is_for_what_is_short(
    connections: int, streams: int, spare: int
) -> None:
    limits = Limits(connections)
    assert (limits.streams, limits.spare) == (streams, spare)


def test_what_is_not_set_is_the_same_in_every_version() -> None:
    """Who runs a server counts on it; another default is a change to tell of."""
    seconds = {"headers_s": 10, "body_s": 30, "idle_s": 5, "reader_s": 300}
    assert asdict(Limits(8)) == {"connections": 8, **seconds}
