"""A pytest plugin that leaves out what needs a browser, for runs that measure Python."""

from typing import Any

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the tests that ask for none."""
    items[:] = [item for item in items if "browser" not in getattr(item, "fixturenames", ())]


@pytest.hookimpl(tryfirst=True)
def pytest_fixture_setup(fixturedef: pytest.FixtureDef[Any]) -> None:
    """Skip tests that ask for one by the name of a page they were given (`getfixturevalue`)."""
    if fixturedef.argname == "browser":
        skipped = pytest.skip.Exception("needs a browser")
        # Kept as pytest keeps what a fixture without parameters raises, for the next that asks.
        fixturedef.cached_result = (None, None, (skipped, None))
        raise skipped
