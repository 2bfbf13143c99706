"""Structured output: from a type to a schema, from an answer, whole or growing, to a value."""

import enum
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

import msgspec
import pytest

from app.core.errors import UsageError
from app.core.structured.structured import Output
from app.core.tools.checking import Mismatch


class Mood(enum.Enum):
    GOOD = "good"
    BAD = "bad"


@dataclass
class City:
    name: str
    people: Annotated[int, "How many live there"]
    mood: Mood = Mood.GOOD


@dataclass
class Tree:
    word: str
    branches: "list[Tree]" = field(default_factory=list)


@dataclass
class Box:
    name: str
    size: int


def test_an_object_is_asked_for_as_it_is() -> None:
    output = Output(City, description="A city")
    assert output.name == "City"
    assert output.schema["description"] == "A city"
    assert output.schema["required"] == ["name", "people"]


def test_anything_else_is_the_value_of_one() -> None:
    assert Output(list[int], name="numbers").schema == {
        "type": "object",
        "properties": {"value": {"type": "array", "items": {"type": "integer"}}},
        "required": ["value"],
        "additionalProperties": False,
    }
    assert Output(list[int]).parse('{"value": ["1", 2]}') == [1, 2]


def test_a_type_inside_itself() -> None:
    output = Output(Tree)
    assert output.schema["properties"]["value"] == {"$ref": "#/$defs/Tree"}
    assert output.parse('{"value": {"word": "a", "branches": [{"word": "b"}]}}') == Tree(
        "a", [Tree("b")]
    )


def test_a_checked_value() -> None:
    text = '{"name": "Bonn", "people": "330000", "mood": "bad"}'
    assert Output(City).parse(text) == City("Bonn", 330000, Mood.BAD)


@pytest.mark.parametrize(
    "text",
    [
        '```json\n{"name": "Bonn", "people": 1}\n```',
        'Here you are: {"name": "Bonn", "people": 1} Anything else?',
    ],
)
def test_what_stands_around_it_is_passed_over(text: str) -> None:
    assert Output(City).parse(text) == City("Bonn", 1)


@pytest.mark.parametrize(
    ("type", "text", "problem"),
    [
        (City, '{"name": "Bonn"}', 'answer: "people" is missing'),
        (City, '{"name": 1, "people": 1}', "answer.name: expected string, got 1"),
        (City, '{"name": "Bonn", "peo', "the text ends inside a string"),
        (City, "I can't.", "there is no JSON object"),
        (City, "{name: 1}", "'n' where a key or } was expected at character 1"),
        (list[int], "{}", "value: missing"),
        (list[int], '{"value": [1, "x"]}', 'value[1]: expected integer, got "x"'),
        (
            Literal["a", "b"],
            '{"value": "c"}',
            'value: expected one of "a", "b", got "c"',
        ),
    ],
    ids=str,
)
def test_what_does_not_fit(type: Any, text: str, problem: str) -> None:
    with pytest.raises(Mismatch) as caught:
        Output(type).parse(text)
    assert caught.value.problems == [problem]


def test_what_is_certain_while_it_grows() -> None:
    growing = Output(list[City]).growing()
    assert growing.feed("Sure:\n") is msgspec.UNSET
    assert growing.feed('{"val') is msgspec.UNSET
    assert growing.feed('ue": [') == []
    assert growing.feed('{"name": "Bo') == [{"name": "Bo"}]
    assert growing.feed('nn", "people": 33') == [{"name": "Bonn"}]
    assert growing.feed("0}, ") == [{"name": "Bonn", "people": 330}]
    growing.feed('{"name": "Rome", "people": 1}]} Bye {')
    assert growing.result() == [City("Bonn", 330), City("Rome", 1)]


def test_a_type_that_json_does_not_have() -> None:
    with pytest.raises(UsageError, match="no answer can be of type"):
        Output(complex)


def test_the_format_is_one_that_every_provider_takes() -> None:
    output = Output(list[int], name="a list: of numbers " + "x" * 99)
    assert output.format.schema == output.schema
    assert output.format.name == ("a_list__of_numbers_" + "x" * 99)[:64]
    assert Output(int).format.name == "int"


@pytest.mark.parametrize(
    "text",
    [
        '{"name": "a", "size": 1}',
        'In {braces}:\n```json\n{"name": "a", "size": 1}\n```',
        'First {"x": 1}, then {"name": "a", "size": 1}.',
        "{" * 20 + '{"name": "a", "size": 1}',
    ],
)
def test_json_of_the_form_is_found_where_models_put_it(text: str) -> None:
    assert Output(Box).parse(text) == Box("a", 1)


@pytest.mark.parametrize(
    ("type_", "text", "value"),
    [
        (list[int], "[1, 2]", [1, 2]),
        (list[int], '{"value": [1, 2]}', [1, 2]),
        (list[int], "Here: [1, 2]", [1, 2]),
        (list[int], '[note] {"value": [1, 2]}', [1, 2]),
        (list[int], 'First {"x": 1}, then {"value": [1, 2]}', [1, 2]),
        (int, "42", 42),
        (list[Box], '[{"name": "a", "size": 1}]', [Box("a", 1)]),
    ],
)
def test_a_value_counts_without_the_object_around_it(type_: Any, text: str, value: Any) -> None:
    assert Output(type_).parse(text) == value


@pytest.mark.parametrize(
    "text",
    [
        '{"inner": {"name": "a", "size": 1}',
        'In {braces}: {"inner": {"name": "a", "size": 1}, "more": ',
        'In {braces}: {"inner": {"name": "a", "size": 1}, "more": "half {',
        'First {}, then [{"name": 7}, {"of": {"name": "a", "size": 1}',
        '{x} [{"of": {"name": "a", "size": 1}}, oops',
        "no JSON",
        "",
        "[" * 3000,
    ],
)
def test_what_is_inside_of_a_cut_answer_is_not_the_answer(text: str) -> None:
    growing = Output(Box).growing()
    growing.feed(text)
    with pytest.raises(Mismatch) as first:
        growing.result()
    with pytest.raises(Mismatch) as second:  # asking again changes nothing
        growing.result()
    assert first.value.text == second.value.text == text
    assert first.value.problems == second.value.problems


def test_asking_again_for_a_result_gives_the_same() -> None:
    for text in ('{"name": "a", "size": 1}', 'In {braces}: {"name": "a", "size": 1}'):
        growing = Output(Box).growing()
        growing.feed(text)
        assert growing.result() == growing.result() == Box("a", 1)


@pytest.mark.parametrize("before", ["", "\n ", "```json\n", "```\n"])
def test_a_bare_list_grows_as_one_in_its_object(before: str) -> None:
    growing = Output(list[Box]).growing()
    seen = []
    for letter in before + '[{"name": "a", "size": 1}, {"name": "b", "size": 2}]':
        value = growing.feed(letter)
        if value is not msgspec.UNSET:
            seen.append(len(value))
    assert seen == sorted(seen)
    assert set(seen) == {0, 1, 2}
    assert growing.result() == [Box("a", 1), Box("b", 2)]


@pytest.mark.parametrize(
    ("type_", "text"),
    [
        (list[Box], '[{"name": "a", "size": 1}, {"name": "b"'),
        (list[int], "[1, 2"),
        (list[int], "```json\n[1, 2"),
        (list[list[int]], "[[1], [2"),
    ],
)
def test_a_bare_list_that_is_cut_is_no_answer(type_: Any, text: str) -> None:
    with pytest.raises(Mismatch, match="ends"):
        Output(type_).parse(text)


def test_a_bracket_in_the_words_before_it_is_not_the_answer() -> None:
    text = 'See [1] for it: {"value": [2, 3]}'
    growing = Output(list[int]).growing()
    values = [growing.feed(letter) for letter in text]
    assert [1] not in values
    assert growing.result() == [2, 3]


def test_only_so_many_braces_are_tried_and_names_are_as_long_as_all_take() -> None:
    """Each try costs as much as the text is long."""
    output = Output(Box)
    for before, is_read in ((31, True), (32, False)):
        text = "{x} " * before + '{"name": "a", "size": 1}'
        with nullcontext() if is_read else pytest.raises(Mismatch):
            assert output.parse(text) == Box("a", 1)
    assert Output(Box, name="n" * 70).format.name == "n" * 64
