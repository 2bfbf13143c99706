"""Reading JSON that is not what it should be: depth, no numbers, halves of characters."""

import json
from collections.abc import Callable

import pytest

from app.core.messages import Message, ToolCall, user
from app.core.nesting import is_too_deep
from app.core.options import Options
from app.protocols import http_error, wire_format
from app.protocols.rendering import as_object
from app.protocols.tolerant import clean, is_same_json, values
from tests.counting import growth
from tests.protocols.wire import decode, say, sse


@pytest.mark.parametrize("depth", [500, 950, 100_000])
@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}")])
def test_what_python_could_not_follow_is_passed_over(depth: int, opening: str, closing: str):
    value = opening * depth + "1" + closing * depth
    assert values(value.encode()) == ([], [value])
    assert http_error("openai-chat", 400, {}, value.encode()).message
    if depth < 1000:  # the others take long at every cut
        _, message = decode(sse(say("a"), f'{{"usage": {value}}}', say("b")))
        assert message.text == "ab"
        assert message.warnings == ["A record is nested too deep and was passed over."]


def test_brackets_in_text_are_not_depth():
    many = '{"a": "' + "{[" * 1000 + '\\"", "b": [' + ", ".join(["{}"] * 1000) + "]}"
    assert not is_too_deep(many.encode())
    assert not is_too_deep(("[" * 100 + "]" * 100 + "\n").encode() * 100)
    assert not is_too_deep(b'{"' + b"{" * 1000)  # a string that never ends


def test_no_numbers_and_halves_of_characters_are_cleaned_away() -> None:
    (value,), _ = values(b'{"a": [NaN, -Infinity, 1.5], "\\ud83d": "\\ude00"}')
    assert clean(value) == {"a": [None, None, 1.5], "\ufffd": "\ufffd"}


@pytest.mark.parametrize(("glued", "pieces"), [(31, 31), (32, 32), (33, 33), (40, 33)])
def test_of_many_broken_records_in_one_only_so_many_are_taken_apart(
    glued: int, pieces: int
) -> None:
    """To look for more would take time that grows with the square of a long record."""
    broken = b'{"a": "bdata: '
    found, bad = values(broken * glued)
    assert found == []
    assert len(bad) == pieces
    assert sum(map(len, bad)) >= (len(broken) - len("data: ")) * glued


def test_texts_of_the_same_json() -> None:
    assert is_same_json('{"a": 1, "b": [2]}', '{"b":[2],"a":1}')
    assert not is_same_json('{"a": 1}', '{"a": 2}')
    assert not is_same_json("{", "{")
    deep = "[" * 100_000 + "]" * 100_000
    assert not is_same_json(deep, deep)


@pytest.mark.parametrize("depth", [100, 1000, 100_000])
def test_arguments_that_nest_deep_are_shown_to_the_model_as_text(depth: int) -> None:
    arguments = '{"a":' + "[" * depth + "]" * depth + "}"
    shown = as_object(arguments)
    assert shown == ({"INVALID_JSON": arguments} if depth > 100 else json.loads(arguments))
    # In the history of every protocol.
    answer = Message("assistant", [ToolCall("c", "f", arguments)], status="complete")
    for name in ("openai-chat", "openai-responses", "anthropic-messages", "gemini", "ollama"):
        body = (
            wire_format(name)
            .render([user("Hi"), answer], model="m", options=Options(), stream=True)
            .body
        )
        assert not is_too_deep(body)
        assert b"[[[" in body


def test_halves_of_characters_in_old_arguments_break_no_request() -> None:
    assert as_object('{"a": "\ud83d') == {"INVALID_JSON": '{"a": "\ufffd'}


@pytest.mark.parametrize("core", ["{}", '{"a":[1]}', "1 ", 'data: {"a":"', '{"a":1}data: {'])
def test_values_glued_together_cost_what_they_are_long(core: str) -> None:
    def reading(count: int) -> Callable[[], object]:
        data = (core * 10 * count).encode()
        return lambda: values(data)

    assert growth(200, reading) <= 2.2
    found, bad = values((core * 100_000).encode())
    assert len(found) + len(bad) <= 5000  # the rest of it is one that is none


def test_a_long_value_is_read_whole_wherever_it_is_cut() -> None:
    for value in (
        "x" * 5000,
        [1] * 4000,
        10**19,
        {"a": ["€" * 3000, {"b": 1.5e10}]},
        '\\"\n' * 900,
    ):
        for before in range(1000, 1030):
            text = json.dumps("y" * before) + json.dumps([value]) + json.dumps(value)
            assert values(text.encode()) == (["y" * before, [value], value], [])


def test_a_number_of_a_thousand_digits_is_read_to_its_end() -> None:
    for digits in ("1" * 1024, "1" * 1030):
        assert values(f"{digits} 2".encode()) == ([int(digits), 2], [])
