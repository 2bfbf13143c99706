"""A pytest plugin that leaves out what needs a browser, for runs that measure Python."""

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the tests that ask for none."""
    items[:] = [item for item in items if "browser" not in getattr(item, "fixturenames", ())]
