"""Fixtures: a scripted provider over real sockets, and the program that asks it."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.live_server import LiveServer, live_server
from tests.native.terminal.program import Command
from tests.server.tree import make_tree


@pytest.fixture(autouse=True)
def log_as_before() -> Iterator[None]:
    """The terminal quiets the log of its own process, and here it is everybody's."""
    log = logging.getLogger("app")
    level = log.level
    yield
    log.setLevel(level)


@pytest.fixture(scope="session")
def _shared_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    tree = make_tree(tmp_path_factory.mktemp("tree"))
    with live_server(root=tree.root, runtime=tree.runtime) as server:
        yield server


@pytest.fixture
def server(_shared_server: LiveServer) -> LiveServer:
    _shared_server.reset()
    return _shared_server


@pytest.fixture
def command(server: LiveServer, tmp_path: Path) -> Iterator[Command]:
    """`python -m app` with that provider."""
    made = Command(server.url + "/api/demo/v1", tmp_path)
    yield made
    made.close()
