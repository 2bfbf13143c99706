"""Fixtures for tests over real sockets."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx2
import pytest

from tests.live_server import LIMIT_S, LiveServer, live_server
from tests.server.tree import Tree, make_tree


@pytest.fixture(scope="session")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Tree:
    """A tree that no test changes."""
    return make_tree(tmp_path_factory.mktemp("tree"))


@pytest.fixture
def own_tree(tmp_path: Path) -> Tree:
    """A tree that the test may change."""
    return make_tree(tmp_path)


@pytest.fixture(scope="session")
def _shared_server(tree: Tree) -> Iterator[LiveServer]:
    with live_server(root=tree.root, runtime=tree.runtime) as server:
        yield server


@pytest.fixture
def server(_shared_server: LiveServer) -> LiveServer:
    """A running server without a model, its script forgotten."""
    _shared_server.reset()
    return _shared_server


@pytest.fixture
def client(server: LiveServer) -> Iterator[httpx2.Client]:
    """An HTTP client of that server, which follows no redirects."""
    with httpx2.Client(base_url=server.url, timeout=LIMIT_S, trust_env=False) as client:
        yield client


_ASKS = """
import encodings.idna, os, socket, sys  # all before another user may read Python's files no more
port, head, address = int(sys.argv[1]), sys.argv[2].encode(), sys.argv[3]
if os.geteuid() == 0:
    os.setgroups([])
    os.setgid(int(sys.argv[4]))
    os.setuid(int(sys.argv[4]))
with socket.create_connection((address, port), 10) as connection:
    connection.sendall(head + b"\\r\\nConnection: close\\r\\n\\r\\n")
    while data := connection.recv(65536):
        sys.stdout.buffer.write(data)
"""


@pytest.fixture
def as_another(monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Gives what a program of another user gets for one request.

    Only root can be another user. Where the tests are not root, the server takes itself for one.
    """
    if os.geteuid() != 0:
        me = os.geteuid()
        monkeypatch.setattr("app.server.access.os.geteuid", lambda: me + 1)

    def ask(
        server: LiveServer,
        line: str,
        *headers: str,
        address: str = "127.0.0.1",
        user: int = 65534,
    ) -> str:
        own = [] if any(one.startswith("Host:") for one in headers) else ["Host: localhost:%d"]
        head = "\r\n".join([f"{line} HTTP/1.1", *own, *headers]).replace("%d", str(server.port))
        arguments = [str(server.port), head, address, str(user)]
        asked = subprocess.run(
            [sys.executable, "-I", "-c", _ASKS, *arguments], capture_output=True, check=True
        )
        return asked.stdout.decode("latin-1")

    return ask
