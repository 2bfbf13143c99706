"""The stores as a fixture."""

from pathlib import Path

import pytest

from tests.runs.stores import STORES, Store


@pytest.fixture(params=STORES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    """Each store in turn; a test closes it."""
    return STORES[request.param](tmp_path)
