"""The terminal and the server of its folder know each other; nobody else gets a question."""

import asyncio
import io
import json
import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx2
import msgspec
import pytest
from starlette.applications import Starlette
from starlette.requests import Request as Asked
from starlette.responses import Response
from starlette.routing import Route

from app import __version__
from app.core.errors import ConnectError
from app.core.running.chat import Chat
from app.core.wire.transport import Request
from app.native import private_file
from app.native.local_model import LocalModel
from app.native.server_file import NAME, RunningServer, announce, announced, withdraw
from app.native.server_transport import ServerTransport, StrangerError
from app.native.terminal import built_in
from app.native.terminal.built_in import BuiltIn
from app.native.terminal.waiting_line import WaitingLine
from app.scripted.openai_chat import Answer, records, streamed
from app.server.control import control_routes
from app.server.playback import Script
from tests.live_server import LIMIT_S, LiveServer, live_server, running
from tests.native.engine import prepared
from tests.server.tree import Tree, make_tree

QUESTION = "my salary is 91000, what is a fair raise?"
STATUS = json.dumps({"version": "0.1.0", "model": {"state": "ready"}})


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Tree:
    return make_tree(tmp_path_factory.mktemp("tree"))


@pytest.fixture
def runtime(tmp_path: Path) -> Path:
    """The folder where the terminal looks for its server; the usual port is nobody's."""
    return tmp_path


@pytest.fixture(autouse=True)
def _usual_port(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(built_in, "_USUAL_PORT", 1)
    monkeypatch.setattr(built_in, "_ASK_AGAIN_S", 0)


def file_for(
    server: LiveServer, *, port: int | None = None, address: str = "127.0.0.1"
) -> RunningServer:
    token = server.access.token
    return RunningServer(__version__, address, port or server.port, token, "instance", os.getpid())


@dataclass
class Stranger:
    """Another program on a port: what it was sent, and how it answers."""

    port: int
    got: list[bytes] = field(default_factory=list)


@contextmanager
def stranger(
    handle: Callable[[Stranger, socket.socket], None], address: str = "127.0.0.1", port: int = 0
) -> Iterator[Stranger]:
    """Let another program listen there for as long as the block lasts."""
    listening = socket.create_server((address, port))
    one = Stranger(listening.getsockname()[1])

    def talk(connection: socket.socket) -> None:
        with connection, suppress(OSError):
            handle(one, connection)

    def serve() -> None:
        with suppress(OSError):
            while True:
                connection, _ = listening.accept()
                threading.Thread(target=talk, args=[connection], daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield one
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()


def says_ready(one: Stranger, connection: socket.socket) -> None:
    """Answer all requests as a server with a model would, as far as it can know."""
    body = STATUS.encode()
    with connection:
        while data := connection.recv(65536):
            one.got.append(data)
            head = (
                f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
            )
            connection.sendall(f"{head}\r\n\r\n".encode() + body)


def proves_wrongly(one: Stranger, connection: socket.socket) -> None:
    body = json.dumps({"nonce": "x", "proof": "0" * 64}).encode()
    with connection:
        while data := connection.recv(65536):
            one.got.append(data)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)


def talks_without_end(one: Stranger, connection: socket.socket) -> None:
    with connection:
        one.got.append(connection.recv(65536))
        try:
            connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            while True:
                connection.sendall(b"1000\r\n" + b"x" * 4096 + b"\r\n")
        except OSError:
            return


def hangs_up(one: Stranger, connection: socket.socket) -> None:
    with connection:
        one.got.append(connection.recv(65536))


def speaks_no_http(one: Stranger, connection: socket.socket) -> None:
    with connection:
        one.got.append(connection.recv(65536))
        connection.sendall(b"220 mail.example ESMTP\r\n")


def relay_to(address: str, port: int) -> Callable[[Stranger, socket.socket], None]:
    """Pass everything on to the real server, and look at it."""

    def handle(one: Stranger, connection: socket.socket) -> None:
        there = socket.create_connection((address, port), LIMIT_S)

        def back() -> None:
            with suppress(OSError):
                while data := there.recv(65536):
                    connection.sendall(data)

        threading.Thread(target=back, daemon=True).start()
        with there:
            while data := connection.recv(65536):
                one.got.append(data)
                there.sendall(data)

    return handle


@pytest.fixture
def own_model(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of the model that the terminal runs itself."""
    prepare = prepared(tmp_path_factory.mktemp("model"), port=4711)
    monkeypatch.setattr(
        built_in, "LocalModel", lambda runtime, **_: LocalModel(runtime, prepare=prepare)
    )
    return "http://127.0.0.1:4711/v1"


async def asks(runtime: Path) -> tuple[str, str]:
    """Give the address that would be asked, and the words for the person."""
    written = io.StringIO()
    own = BuiltIn(runtime, WaitingLine(written))
    try:
        provider, _ = await own.provider()
        return provider.base_url, written.getvalue()
    finally:
        await own.close()


# A server of ours


@pytest.fixture(scope="module")
def model_behind(tree: Tree, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """Plays the model: always the same answer."""
    script = Script(closing := asyncio.Event())

    async def play(request: Asked) -> Response:
        return await script.response(request, streamed(records(Answer(text="Ask for 100000."))))

    routes = [
        *control_routes(script, "/control/"),
        Route("/v1/{path:path}", play, methods=["POST"]),
    ]
    app = Starlette(routes=routes)
    app.state.closing = closing
    with running(app, control="/control/") as upstream:
        yield upstream


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0"])
async def test_the_model_of_our_own_server_answers(
    host: str, tree: Tree, runtime: Path, model_behind: LiveServer
) -> None:
    """Also where it answers nobody without the token."""
    model = LocalModel(tree.runtime, prepare=prepared(runtime, port=model_behind.port))
    with live_server(root=tree.root, runtime=tree.runtime, host=host, model=model) as server:
        announce(runtime, file_for(server))
        written = io.StringIO()
        own = BuiltIn(runtime, WaitingLine(written))
        provider, transport = await own.provider()
        chat = Chat(provider, "smollm2-135m", transport=transport)
        for _ in range(2):
            message = await chat.stream(QUESTION).result()
            assert message.text == "Ask for 100000."
        await own.close()
    assert provider.base_url == f"http://127.0.0.1:{server.port}/api/model/v1"


async def test_the_token_goes_over_no_connection(tree: Tree, runtime: Path) -> None:
    """Seen by a relay at the address that the server listens on, so that the proofs fit."""
    with live_server(root=tree.root, runtime=tree.runtime, host="127.0.0.2") as server:
        transport = ServerTransport(file_for(server, address="127.0.0.2"))
        asked = Request("GET", f"{transport.base_url}/api/status", {})
        async with transport.open(asked) as answer:
            assert answer.status == 200
        await transport.aclose()
        with stranger(relay_to("127.0.0.2", server.port)) as one:
            lost = ServerTransport(file_for(server, port=one.port))
            with pytest.raises(StrangerError):
                async with lost.open(asked):
                    pass
            await lost.aclose()
            assert server.access.token.encode() not in b"".join(one.got)


# Strangers


@pytest.mark.parametrize(
    "handle", [says_ready, proves_wrongly, talks_without_end, hangs_up, speaks_no_http]
)
async def test_another_program_on_the_port_gets_no_question_and_no_token(
    handle: Callable[[Stranger, socket.socket], None], runtime: Path, own_model: str
) -> None:
    with stranger(handle) as one:
        token = "the-token-of-the-file"
        announce(runtime, RunningServer(__version__, "127.0.0.1", one.port, token, "i", 1))
        asked, told = await asks(runtime)
    assert asked == own_model
    assert f"Port {one.port} is answered by something that is not the server of this" in told
    assert "Nothing was sent there" in told
    [request] = one.got
    assert request.startswith(b"GET /api/proof?nonce=")
    assert token.encode() not in request


async def test_a_program_that_passes_everything_on_to_our_server_gets_no_question(
    tree: Tree, runtime: Path, own_model: str
) -> None:
    """The stranger has the port of the file on one address while the server has it on another."""
    with (
        live_server(root=tree.root, runtime=tree.runtime, host="127.0.0.2") as server,
        stranger(relay_to("127.0.0.2", server.port), "127.0.0.1", server.port) as one,
    ):
        announce(runtime, file_for(server))
        asked, told = await asks(runtime)
        got = b"".join(one.got)
    assert asked == own_model
    assert "not the server of this folder" in told
    assert got.count(b"HTTP/1.1\r\n") == 1
    assert server.access.token.encode() not in got


async def test_a_program_that_takes_the_port_in_the_middle_gets_nothing(
    tree: Tree, runtime: Path
) -> None:
    with live_server(root=tree.root, runtime=tree.runtime) as server:
        transport = ServerTransport(file_for(server))
        asked = Request("POST", f"{transport.base_url}/api/status", {}, QUESTION.encode())
        async with transport.open(msgspec.structs.replace(asked, method="GET", body=b"")) as said:
            assert said.status == 200
    with stranger(says_ready, port=server.port) as one:
        with pytest.raises(ConnectError):
            async with transport.open(asked):
                pass
        assert QUESTION.encode() not in b"".join(one.got)
    await transport.aclose()


async def test_an_older_server_or_one_of_another_folder_is_not_asked(
    runtime: Path, own_model: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with stranger(says_ready) as one:
        monkeypatch.setattr(built_in, "_USUAL_PORT", one.port)
        asked, told = await asks(runtime)
    assert asked == own_model
    assert f"The Tokenfall on port {one.port} is of another folder or an older version" in told
    assert [request.split(b" ")[1] for request in one.got] == [b"/api/status"]


# The file


async def test_a_file_of_a_server_that_was_killed_is_taken_away(
    runtime: Path, own_model: str
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    announce(runtime, RunningServer(__version__, "127.0.0.1", port, "token", "i", 1))
    asked, told = await asks(runtime)
    assert asked == own_model
    assert f"Nothing answers on port {port} any more" in told
    assert not (runtime / NAME).exists()
    assert await asks(runtime) == (own_model, "")


def _open_to_others(file: Path) -> None:
    file.chmod(0o640)


def _a_link(file: Path) -> None:
    file.rename(file.with_name("elsewhere"))
    file.symlink_to(file.with_name("elsewhere"))


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (_open_to_others, "can be read or changed by other users"),
        (_a_link, "is a link"),
        (lambda file: file.write_text("{"), "cannot be read"),
        (lambda file: file.write_text('{"port": 1}'), "cannot be read"),
    ],
)
async def test_a_file_that_anybody_may_have_written_is_not_followed(
    change: Callable[[Path], None], says: str, runtime: Path, own_model: str
) -> None:
    with stranger(says_ready) as one:
        announce(runtime, RunningServer(__version__, "127.0.0.1", one.port, "token", "i", 1))
        change(runtime / NAME)
        asked, told = await asks(runtime)
        assert one.got == []
    assert asked == own_model
    assert says in told


async def test_a_file_of_another_user_is_not_followed(
    runtime: Path, own_model: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with stranger(says_ready) as one:
        announce(runtime, RunningServer(__version__, "127.0.0.1", one.port, "token", "i", 1))
        if os.geteuid() == 0:
            os.chown(runtime / NAME, 65534, 65534)
        else:  # only root can give a file away
            monkeypatch.setattr(private_file.os, "geteuid", lambda: 0)  # type: ignore[attr-defined]
        asked, told = await asks(runtime)
        assert one.got == []
    assert asked == own_model
    assert "belongs to another user" in told


def test_a_server_takes_away_its_own_file_only(runtime: Path) -> None:
    first = RunningServer(__version__, "127.0.0.1", 1, "a", "i", 1)
    second = RunningServer(__version__, "127.0.0.1", 2, "b", "i", 2)
    announce(runtime, first)
    announce(runtime, second)
    assert (runtime / NAME).stat().st_mode & 0o777 == 0o600
    withdraw(runtime, first)
    assert announced(runtime) == second
    withdraw(runtime, second)
    assert announced(runtime) is None
    assert "b" not in repr(second).replace("RunningServer", "")


# The server's side


@pytest.fixture(scope="module")
def closed_server(tree: Tree) -> Iterator[LiveServer]:
    with live_server(root=tree.root, runtime=tree.runtime, host="0.0.0.0") as server:
        yield server


@pytest.mark.parametrize("body", [b"", b"{}", b'{"proof": ""}', b'{"proof": "\xc3\xa4"}'])
def test_a_wrong_proof_opens_nothing(closed_server: LiveServer, body: bytes) -> None:
    with httpx2.Client(base_url=closed_server.url, timeout=LIMIT_S, trust_env=False) as client:
        assert client.post("/api/proof", content=body).status_code == 400
        assert client.get("/api/proof").status_code == 400
        mine = client.get("/api/proof", params={"nonce": "x"}).json()
        # The server's own proof, sent back, is not the terminal's.
        for said in (body, json.dumps({"proof": mine["proof"]}).encode()):
            assert client.post("/api/proof", content=said).status_code in (400, 403)
            assert client.get("/api/status").status_code == 401


def test_a_proof_counts_for_its_own_connection_only(closed_server: LiveServer) -> None:
    async def ask() -> None:
        transport = ServerTransport(file_for(closed_server))
        asked = Request("GET", f"{transport.base_url}/api/status", {})
        async with transport.open(asked) as answer:
            assert answer.status == 200
            other = httpx2.get(f"{closed_server.url}/api/status", timeout=LIMIT_S, trust_env=False)
            assert other.status_code == 401
        await transport.aclose()

    asyncio.run(ask())
