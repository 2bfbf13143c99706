"""The tests of `--smoke`: there, few, of one case each, and of every room."""

import ast
from pathlib import Path

import pytest

from tests.smoke import SMOKE

TESTS = Path(__file__).parent

# Their tests need a page with a storage of its own, or are tried by those of the rooms below.
WITHOUT = {
    *("browser/consent", "browser/page", "browser/storage", "browser/tools"),
    *("browser/tools/session", "browser/displays"),
}
ELSEWHERE = {"cases", "every_browser", "examples", "mutants", "peers", "pyodide", "tab"}


def test_they_are_few() -> None:
    assert len(set(SMOKE)) == len(SMOKE) <= 45


@pytest.mark.parametrize("name", SMOKE)
def test_each_is_there_and_of_one_case(name: str) -> None:
    file, _, function = name.partition("::")
    tree = ast.parse((TESTS.parent / file).read_text(encoding="utf-8"))
    [found] = [
        node
        for node in tree.body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == function
    ]
    assert not any("parametrize" in ast.unparse(decorator) for decorator in found.decorator_list)


def test_every_room_has_one() -> None:
    rooms = {
        str(path.parent.relative_to(TESTS))
        for path in TESTS.rglob("test_*.py")
        if path.parent != TESTS and path.parent.relative_to(TESTS).parts[0] not in ELSEWHERE
    }
    tried = {str(Path(name.partition("::")[0]).parent.relative_to("tests")) for name in SMOKE}
    assert rooms - tried - WITHOUT - {"core"} == set()
