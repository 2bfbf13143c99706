"""JSON in lines, for people."""

import pytest

from app.core.text import pretty_json
from app.core.text.pretty_json import in_lines, pretty


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ('{"a":[1,"ä"]}', '{\n  "a": [\n    1,\n    "ä"\n  ]\n}'),
        (" [1]", "[\n  1\n]"),
        ("[]", "[]"),
        ("{", "{"),
        ("", ""),
        ('"a"', '"a"'),
        ("12", "12"),
        ("words", "words"),
        ("[" * 5000 + "]" * 5000, "[" * 5000 + "]" * 5000),
    ],
)
def test_json_is_laid_out_and_the_rest_stays(text: str, lines: str) -> None:
    assert pretty(text) == lines


def test_a_long_text_stays_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pretty_json, "_PRETTY_CHARACTERS", 7)
    assert pretty('{"a":1}') == '{\n  "a": 1\n}'
    assert pretty('{"a":10}') == '{"a":10}'


def test_a_value_in_lines() -> None:
    assert in_lines({"a": 1}) == '{\n  "a": 1\n}'
