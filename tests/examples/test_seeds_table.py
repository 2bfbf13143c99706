"""The table of promised names: each row has an example, and its name stands in it."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# Promised | here | example
_ROW = re.compile(r"^\| (?P<promised>.+?) \| (?P<here>.+?) \| (?P<example>.+?) \|$", re.MULTILINE)
_LINK = re.compile(r"\[[^]]+\]\(\.\./(examples/\w+\.py)\)")


def rows() -> list[re.Match[str]]:
    text = (ROOT / "docs" / "seeds.md").read_text("utf-8")
    lines = [line for line in text.splitlines() if line.startswith("|")]
    matches = [match for line in lines if (match := _ROW.match(line))]
    assert len(matches) == len(lines), "a row has three cells"
    return [row for row in matches if row["promised"] != "Promised" and "---" not in row[0]]


@pytest.mark.parametrize("row", rows(), ids=lambda row: row["promised"])
def test_a_promised_name_stands_in_its_example(row: re.Match[str]):
    linked = _LINK.search(row["example"])
    assert linked, "the last cell links to a file under examples/"
    source = (ROOT / linked[1]).read_text("utf-8")
    names = re.findall(r"`([^`]+)`", row["here"])
    assert names, "the middle cell names its form here in backticks"
    for name in names:
        assert name in source, f"{linked[1]} does not show {name}"


def test_every_example_is_in_the_table():
    linked = {match[1] for row in rows() for match in _LINK.finditer(row["example"])}
    examples = {f"examples/{path.name}" for path in (ROOT / "examples").glob("*.py")}
    assert examples - linked == {"examples/__init__.py", "examples/script.py"}
