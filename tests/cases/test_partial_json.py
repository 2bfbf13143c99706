"""JSON that grows, as providers cut it and as other parsers are tested.

Another parser's policy for a number or a word that is cut differs from ours: it shows `2` for the
beginning of `2.5`. Cases that end there are held to ours: what is not over is not shown.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.core.structured.partial_json import PartialJson

from . import library, tally


def cases(name: str) -> list[dict[str, Any]]:
    assert library.FOLDER is not None
    text = (library.FOLDER / "partial-json" / f"{name}.shared.json").read_text(encoding="utf-8")
    found: list[dict[str, Any]] = json.loads(text)["cases"]
    return found


def suite() -> Iterator[Path]:
    assert library.FOLDER is not None
    return (library.FOLDER / "JSONTestSuite" / "test_parsing").glob("[yn]_*.json")


@pytest.mark.parametrize(
    "case", cases("real-tool-argument-fragments"), ids=lambda case: str(case["id"])
)
def test_arguments_as_they_were_cut(case: dict[str, Any]) -> None:
    parser = PartialJson()
    for fragment in case["fragments"]:
        before = parser.value
        settled = list(before)[:-1] if isinstance(before, dict) else []
        kept = {key: json.dumps(before[key]) for key in settled}
        after = parser.feed(fragment)
        assert not parser.error
        assert {key: json.dumps(after[key]) for key in settled} == kept
    assert parser.close() == case["final"]
    assert parser.is_complete
    tally.count("partial JSON")


@pytest.mark.parametrize("case", cases("vercel-fix-json"), ids=lambda case: str(case["id"]))
def test_cut_texts(case: dict[str, Any]) -> None:
    parser = PartialJson()
    value = parser.feed(case["input"])
    assert not parser.error
    # What is placed afterwards is a number alone, which only the end makes certain.
    parser.close()
    if "number" in parser.error or "word" in parser.error or parser.value is not value:
        assert value != case["expected_value"]
    else:
        assert value == case["expected_value"]
    tally.count("partial JSON")


@pytest.mark.parametrize(
    "case",
    [case for case in cases("promplate") if "STR" in case["allow"] and "expected" in case],
    ids=lambda case: str(case["id"]),
)
def test_strings_that_are_cut(case: dict[str, Any]) -> None:
    assert PartialJson().feed(case["input"]) == case["expected"]
    tally.count("partial JSON")


@pytest.mark.parametrize("path", list(suite()), ids=lambda path: path.stem)
def test_what_is_json_and_what_is_not(path: Path) -> None:
    # Bytes that are no UTF-8 are no matter of a parser of text.
    text = path.read_bytes().decode("utf-8", "replace")
    parser = PartialJson()
    for character in text:
        parser.feed(character)
    parser.close()
    is_json = path.stem.startswith("y_") or _is_valid(text)
    assert parser.is_complete and not parser.error if is_json else parser.error
    if is_json:
        assert parser.value == json.loads(text)
    tally.count("JSON texts")


def _is_valid(text: str) -> bool:
    try:
        json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return False
    return True


def _refuse(word: str) -> None:
    raise ValueError(word)
