"""Here tests may use the browser's database and locks; CPython, which has none, passes them by."""

import sys

import pytest

collect_ignore_glob = [] if sys.platform == "emscripten" else ["test_*.py"]


@pytest.fixture(autouse=True)
def empty_database() -> None:
    """Each test begins with a browser that has kept nothing."""
    from pyodide.ffi import run_sync

    from app.browser.storage.deletions import Marks
    from tests.tab.databases import delete

    Marks().forget(Marks().all())

    run_sync(delete("tokenfall"))
