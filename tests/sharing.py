"""Several runs at the same time share the tests: each takes the files that no other has taken.

So none is left with much to do when the others are done, whatever a file costs. pytest-xdist would
do the same, but its processes report to one that knows nothing of what they counted.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--share", metavar="FOLDER", type=Path, help="leave out the files taken by others in FOLDER"
    )


def pytest_runtestloop(session: pytest.Session) -> bool | None:
    """Run what this run can take, as pytest's own loop does; `session.items` says what it was."""
    folder: Path | None = session.config.getoption("--share")
    if folder is None or session.config.option.collectonly or session.testsfailed:
        return None
    folder.mkdir(parents=True, exist_ok=True)
    left = _taken(session.items, folder)
    session.items = []
    item = next(left, None)
    while item is not None:
        # The next one is known before this one ends, for what both need stays.
        following = next(left, None)
        session.items.append(item)
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        if session.shouldfail:
            raise session.Failed(session.shouldfail)
        if session.shouldstop:
            raise session.Interrupted(session.shouldstop)
        item = following
    return True


def _taken(items: Sequence[pytest.Item], folder: Path) -> Iterator[pytest.Item]:
    ours: dict[Path, bool] = {}
    for item in items:
        if item.path not in ours:
            ours[item.path] = _take(folder / "-".join(item.path.parts[1:]))
        if ours[item.path]:
            yield item


def _take(mark: Path) -> bool:
    try:
        mark.touch(exist_ok=False)
    except FileExistsError:
        return False
    return True
