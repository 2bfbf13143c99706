"""The habits that keep tests from failing on a busy machine, or in a clone that stands alone."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

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
            r"stop_button\.is_visible\(\)",
            "an answer may end meanwhile: ChatPage.end_answer",
            [],
        ),
    ],
    ids=["beside", "time", "stop"],
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


def _impatient(path: Path) -> Iterator[str]:
    """The requests of a file that are given up after httpx2's own five seconds."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        match node:
            case ast.Call(ast.Attribute(ast.Name("httpx2"), name), _, keywords):
                given = {keyword.arg for keyword in keywords}
                asks = name.endswith("Client") or name in ("get", "post", "request", "stream")
                if asks and not given & {"timeout", "transport"}:
                    yield f"{path.relative_to(TESTS)}:{node.lineno}"


def test_every_request_is_waited_for_as_long_as_a_busy_machine_takes() -> None:
    assert [line for path in sorted(TESTS.rglob("*.py")) for line in _impatient(path)] == []
