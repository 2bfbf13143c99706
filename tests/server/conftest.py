"""Fixtures for tests over real sockets."""

from collections.abc import Iterator
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
