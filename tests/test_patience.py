"""The habits that keep tests from failing on a busy machine, or in a clone that stands alone."""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st

TESTS = Path(__file__).parent


@pytest.mark.parametrize(
    ("bad", "instead", "except_in"),
    [
        (
            r"parents\[[3-9]\]|\.\./shared|shared/cases|[\"']shared[\"']\s*/",
            "what lies beside the repository is found by tests/cases/library.py, or not there",
            ["library.py"],
        ),
        (
            r"wait_for_timeout|time\.sleep|\btimeout=\d|wait_for\(.*, \d+\)|monotonic\(\) \+ \d"
            r"|\.(wait|join|result)\(\d\d",
            "wait for what happens, as long as LIMIT_S or LIMIT_MS",
            [],
        ),
        (
            r"setattr\((asyncio|socket, .socket|time, .monotonic)"
            r"|\.(asyncio|selectors|threading|time)\.[a-z_]+[\"'],",
            "servers of other tests run in threads: put another module into the one that is tested",
            [],
        ),
        (
            r"stop_button\.is_visible\(\)",
            "an answer may end meanwhile: ChatPage.end_answer",
            [],
        ),
    ],
    ids=["beside", "time", "threads", "stop"],
)
def test_no_test_relies_on(bad: str, instead: str, except_in: list[str]) -> None:
    found = [
        f"{path.relative_to(TESTS)}:{number}: {line.strip()}"
        for path in sorted(TESTS.rglob("*.py"))
        if path.name not in (*except_in, Path(__file__).name)
        for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1)
        if re.search(bad, line)
    ]
    assert not found, "\n".join([instead, *found])


_ASKING = {"get", "head", "options", "post", "put", "patch", "delete", "request", "stream"}


def _impatient(path: Path) -> Iterator[str]:
    """The requests of a file that are given up after httpx2's own five seconds."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        match node:
            case ast.Call(ast.Attribute(ast.Name("httpx2"), name), _, keywords):
                given = {keyword.arg for keyword in keywords}
                asks = name.endswith("Client") or name in _ASKING
                if asks and not given & {"timeout", "transport"}:
                    yield f"{path.relative_to(TESTS)}:{node.lineno}"


def test_every_request_is_waited_for_as_long_as_a_busy_machine_takes() -> None:
    assert [line for path in sorted(TESTS.rglob("*.py")) for line in _impatient(path)] == []


def _endless(path: Path) -> Iterator[str]:
    """The loops of a file that only ask again; `next` ends where nothing more comes."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        match node:
            case ast.While(test, [ast.Pass()]) if "next(" not in ast.unparse(test):
                yield f"{path.relative_to(TESTS)}:{node.lineno}"


def test_what_never_comes_fails_a_test_and_does_not_hang_it() -> None:
    assert [line for path in sorted(TESTS.rglob("*.py")) for line in _endless(path)] == []


@pytest.mark.skipif(sys.platform == "emscripten", reason="no module of the tab is read there")
def test_examples_do_not_depend_on_what_is_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found: list[list[str]] = []

    @given(st.lists(st.text()))
    def look(example: list[str]) -> None:
        found[-1].append(repr(example))

    for number in range(2):
        found.append([])
        look()
        file = tmp_path / f"just_loaded_{number}.py"
        words = [f"otter {number} {place}" for place in range(1_000)]
        file.write_text(f"WORDS = {words}")
        loaded = ModuleType(file.stem)
        loaded.__file__ = str(file)
        monkeypatch.setitem(sys.modules, file.stem, loaded)
    assert found[0] == found[1]
