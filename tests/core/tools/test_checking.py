"""Words for a model on a schema, and on its values."""

from typing import Any

import pytest

from app.core.tools.checking import decoded_object, expectation, shown


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({}, ""),
        ({"type": "integer"}, "integer"),
        ({"type": "string", "format": "date"}, "string (date)"),
        ({"type": "array"}, "array"),
        ({"type": "array", "items": {}}, "array"),
        ({"type": "array", "items": {"type": "integer"}}, "array of integer"),
        ({"type": "object", "items": {"type": "integer"}}, "object"),
        ({"anyOf": [{"type": "integer"}, {}, {"type": "null"}]}, "integer or null"),
        ({"enum": ["a"]}, '"a"'),
        ({"enum": ["a", 1]}, 'one of "a", 1'),
        ({"enum": ["a"], "type": "string"}, '"a"'),
        ({"enum": list(range(30))}, "one of " + ", ".join(map(str, range(30)))),
        ({"enum": list(range(31))}, "one of " + ", ".join(map(str, range(30))) + " and 1 more"),
        ({"enum": list(range(42))}, "one of " + ", ".join(map(str, range(30))) + " and 12 more"),
    ],
)
def test_a_schema_in_a_word_or_two(schema: dict[str, Any], words: str) -> None:
    assert expectation(schema) == words


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"a": [1, "ä"]}, '{"a":[1,"ä"]}'),
        ("x" * 78, '"' + "x" * 78 + '"'),
        ("x" * 79, '"' + "x" * 78 + "…"),
        ("x" * 1000, '"' + "x" * 78 + "…"),
        ({1, 2} - {2}, "[1]"),
        (object, "<class 'object'>"),
    ],
)
def test_a_value_as_it_was_written_shortened(value: Any, text: str) -> None:
    assert shown(value) == text


@pytest.mark.parametrize("text", ["", " ", "null", "[]", '""', "{}"])
def test_arguments_that_say_nothing_are_none(text: str) -> None:
    assert decoded_object(text) == {}


@pytest.mark.parametrize("text", ["[1]", '"a"', "0", "false"])
def test_arguments_that_say_something_else_are_told_back(text: str) -> None:
    with pytest.raises(ValueError, match="JSON"):
        decoded_object(text)
