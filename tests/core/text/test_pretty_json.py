"""JSON in lines, for people."""

import pytest

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


def test_a_long_text_stays_as_it_is() -> None:
    longest, longer = (f'{{"a":"{"x" * count}"}}' for count in (99_992, 99_993))
    assert len(longest) == 100_000
    assert pretty(longest).startswith('{\n  "a": "xxx')
    assert pretty(longer) == longer


def test_a_value_in_lines() -> None:
    assert in_lines({"a": 1}) == '{\n  "a": 1\n}'
