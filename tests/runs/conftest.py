"""The stores as a fixture."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.runs.redis_server import RedisServer
from tests.runs.stores import STORES, Store, redis_store


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """A Redis that all tests share, one after the other."""
    with RedisServer() as server:
        yield server.url


@pytest.fixture(params=[*STORES, "redis"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    """Each store in turn; a test closes it."""
    if request.param == "redis":
        return redis_store(request.getfixturevalue("redis_url"))
    return STORES[request.param](tmp_path)
