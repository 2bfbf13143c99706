"""The description of a function for a model, and its JSON as a call."""

import enum
import functools
import json
import pathlib
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Annotated, Any, Literal, NewType, TypedDict

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.errors import UsageError
from app.core.options import ToolDefinition
from app.core.tools.checking import Mismatch
from app.core.tools.function_tool import Tool, ToolError, tool


class Unit(enum.Enum):
    KELVIN = "kelvin"
    CELSIUS = "celsius"


class Answer(enum.Enum):
    YES = "yes"
    NUMBER = 42


@dataclass
class Cat:
    name: str
    lives: int = 9


@dataclass
class Dog:
    name: str
    breed: str = "mutt"


@dataclass
class Tree:
    word: str
    branches: "list[Tree]" = field(default_factory=list)


class Contact(TypedDict, total=False):
    """How to reach someone."""

    email: str


City = NewType("City", str)


@tool
def weather(
    city: Annotated[str, "The city's name"],
    days: Annotated[int, msgspec.Meta(ge=1, le=10)] = 3,
    *,
    unit: Unit = Unit.CELSIUS,
) -> str:
    """Tell the weather of a city.

    Args:
        city: Not this one.
        days: How many days ahead.
    """
    return f"{city} {days} {unit}"


def told(annotation: Any, **defaults: Any) -> Any:
    """The schema of one parameter of this type."""

    def function(value: Any) -> None: ...

    function.__annotations__ = {"value": annotation}
    if defaults:
        function.__defaults__ = (defaults["default"],)
    return tool(function).parameters["properties"]["value"]


def read(annotation: Any, written: Any) -> Any:
    """Give a parameter's value where its type is this and a model writes that."""

    def function(value: Any) -> None: ...

    function.__annotations__ = {"value": annotation}
    return tool(function).bind({"value": written}).named["value"]


def refusal(made: Tool, arguments: str) -> list[str]:
    with pytest.raises(Mismatch) as caught:
        made.bind(arguments)
    return caught.value.problems


# What a model is told


def test_a_tool_as_the_model_is_told_of_it() -> None:
    assert weather.definition == ToolDefinition(
        "weather",
        "Tell the weather of a city.",
        {
            "type": "object",
            "properties": {
                "city": {"type": "string", "description": "The city's name"},
                "days": {
                    "type": "integer",
                    "minimum": 1,
                    "maximum": 10,
                    "description": "How many days ahead.",
                    "default": 3,
                },
                "unit": {"type": "string", "enum": ["kelvin", "celsius"], "default": "celsius"},
            },
            "required": ["city"],
            "additionalProperties": False,
        },
    )


def test_a_tool_is_still_the_function() -> None:
    assert weather("Bonn", unit=Unit.KELVIN) == "Bonn 3 Unit.KELVIN"


def test_what_the_decorator_takes() -> None:
    @tool(name="other", description="Other words.", timeout_s=2.5, needs_approval=True)
    def one() -> None:
        """Words."""

    assert (one.name, one.description) == ("other", "Other words.")
    assert (one.timeout_s, one.needs_approval) == (2.5, True)


@pytest.mark.parametrize(
    ("annotation", "schema"),
    [
        (Any, {}),
        (object, {}),
        (City, {"type": "string"}),
        (Literal["b", "a"], {"type": "string", "enum": ["b", "a"]}),
        (Literal["a", 1], {"enum": ["a", 1]}),
        (Answer, {"enum": ["yes", 42]}),
        (tuple[int, str], None),
        (list[Annotated[str, "A name"]], None),
        (Annotated[int, ["for another library"]], {"type": "integer"}),
        (dict[Unit, int], None),
        (
            Annotated[int | None, msgspec.Meta(ge=1, description="Some")],
            {"anyOf": [{"type": "integer", "minimum": 1}, {"type": "null"}], "description": "Some"},
        ),
        (
            date | str | None,
            {"anyOf": [{"type": "string", "format": "date"}, {"type": "string"}, {"type": "null"}]},
        ),
        (pathlib.Path, {"type": "string", "format": "path"}),
        (datetime, {"type": "string", "format": "date-time"}),
        (
            Contact,
            {
                "type": "object",
                "description": "How to reach someone.",
                "properties": {"email": {"type": "string"}},
            },
        ),
    ],
    ids=str,
)
def test_types(annotation: Any, schema: Any) -> None:
    expected = {
        tuple[int, str]: {
            "type": "array",
            "prefixItems": [{"type": "integer"}, {"type": "string"}],
            "minItems": 2,
            "maxItems": 2,
        },
        list[Annotated[str, "A name"]]: {
            "type": "array",
            "items": {"type": "string", "description": "A name"},
        },
        dict[Unit, int]: {
            "type": "object",
            "additionalProperties": {"type": "integer"},
            "propertyNames": {"type": "string", "enum": ["kelvin", "celsius"]},
        },
    }
    assert told(annotation) == (expected[annotation] if schema is None else schema)


def test_a_class_is_put_in_its_place_and_one_inside_itself_is_a_definition() -> None:
    @tool
    def keep(cat: Cat, tree: Tree) -> None: ...

    cat = {"type": "string"}, {"type": "integer", "default": 9}
    assert keep.parameters["properties"] == {
        "cat": {
            "type": "object",
            "properties": dict(zip(("name", "lives"), cat, strict=True)),
            "required": ["name"],
        },
        "tree": {"$ref": "#/$defs/Tree"},
    }
    branches = {"type": "array", "items": {"$ref": "#/$defs/Tree"}, "default": []}
    assert keep.parameters["$defs"]["Tree"]["properties"]["branches"] == branches


def test_a_large_class_that_is_needed_twice_is_a_definition() -> None:
    fields = [(f"a_name_of_some_length_{number}", str) for number in range(20)]
    large = msgspec.defstruct("Large", fields)

    def move(start: Any, end: Any) -> None: ...

    move.__annotations__ = {"start": large, "end": large}
    made = tool(move)
    assert made.parameters["properties"]["start"] == {"$ref": "#/$defs/Large"}
    assert [*made.parameters["$defs"]] == ["Large"]


def test_two_classes_of_one_name() -> None:
    one = msgspec.defstruct("Same", [("a", int), ("next", "Same | None", None)])
    other = msgspec.defstruct("Same", [("b", int), ("next", "Same | None", None)])
    one.__annotations__["next"] = one | None
    other.__annotations__["next"] = other | None

    def both(first: Any, second: Any) -> None: ...

    both.__annotations__ = {"first": one, "second": other}
    made = tool(both)
    assert made.parameters["$defs"].keys() == {"Same", "Same2"}


def test_words_in_annotated_win_over_the_docstring_and_both_over_those_of_the_class() -> None:
    @tool
    def reach(first: Contact, second: Annotated[Contact, "Annotated"], third: Contact) -> None:
        """Reach.

        Args:
            second: Docstring.
            third: Docstring.
        """

    words = [each["description"] for each in reach.parameters["properties"].values()]
    assert words == ["How to reach someone.", "Annotated", "Docstring."]


def test_docstring_styles() -> None:
    def google(a: int, b: int) -> None:
        """Do it.

        Long words.

        Args:
            a (int): The first,
                on two lines.
            b: The second: with a colon.

        Returns:
            Nothing.
        """

    def numpy(a: int, b: int) -> None:
        """Do it.

        Long words.

        Parameters
        ----------
        a : int
            The first,
            on two lines.
        b
            The second: with a colon.

        Returns
        -------
        None
        """

    def rest(a: int, b: int) -> None:
        """Do it.

        Long words.

        :param a: The first,
            on two lines.
        :param b: The second: with a colon.
        """

    for function in (google, numpy, rest):
        made = tool(function)
        assert made.description == "Do it.\n\nLong words."
        words = [each["description"] for each in made.parameters["properties"].values()]
        assert words == ["The first,\non two lines.", "The second: with a colon."]


def test_words_for_two_parameters_at_once() -> None:
    @tool
    def add(a: int, b: int) -> None:
        """Add.

        Parameters
        ----------
        a, b : int
            A number.
        """

    words = [each["description"] for each in add.parameters["properties"].values()]
    assert words == ["A number.", "A number."]


@given(st.text(max_size=200))
def test_any_docstring_is_taken(text: str) -> None:
    def odd(a: int) -> None: ...

    odd.__doc__ = text
    assert tool(odd).name == "odd"


@pytest.mark.parametrize("text", ["Args:", "Do.\n\nArgs:\n  a\n", "Args:\n    a: b", ":param"])
def test_odd_docstrings_are_taken(text: str) -> None:
    def odd(a: int) -> None: ...

    odd.__doc__ = text
    tool(odd)


def test_type_aliases() -> None:
    namespace: dict[str, Any] = {}
    try:
        exec("type Words = list[str]\ntype Nested = int | list[Nested]", namespace)
    except SyntaxError:
        assert sys.version_info < (3, 12)
        return
    assert told(namespace["Words"]) == {"type": "array", "items": {"type": "string"}}
    nested = [{"type": "integer"}, {"type": "array"}]
    assert told(namespace["Nested"]) == {"anyOf": nested}


def test_a_default_that_json_does_not_have_is_not_told() -> None:
    assert told(Any, default=object()) == {}
    assert told(set[str], default={"a"})["default"] == ["a"]


# What is no tool


def _stars(*names: str) -> None: ...


def _pairs(**values: int) -> None: ...


def _function(then: Callable[[], None]) -> None: ...


def _unknown(value: "Nowhere") -> None: ...  # type: ignore[name-defined]  # noqa: F821


def _größe() -> None: ...


def _yields() -> Any:
    yield 1


class _Robot:
    def walk(self, steps: int) -> int:
        return steps

    def __call__(self, steps: int) -> int:
        return steps


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (_stars, r"_stars takes \*names"),
        (_pairs, r"_pairs takes \*\*values"),
        (_function, "because of the type of then: .*Callable"),
        (_unknown, "Nowhere"),
        (_größe, "give one of up to 64"),
        (lambda: None, "give one of up to 64"),
        (_yields, "_yields yields"),
        (_Robot.walk, "walk is a method without its object"),
        (_Robot(), "give one of up to 64"),
    ],
)
def test_what_no_model_can_call(function: Any, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        tool(function)


def test_no_time_to_run() -> None:
    with pytest.raises(UsageError, match="no time"):
        tool(timeout_s=0)(_Robot().walk)


def test_methods_objects_and_partial_functions() -> None:
    robot = _Robot()
    assert tool(robot.walk).bind('{"steps": 2}').named == {"steps": 2}
    assert tool(name="robot")(robot).bind('{"steps": 2}').named == {"steps": 2}

    def fetch(url: str, key: str) -> str:
        """Fetch a page."""
        return url + key

    made = tool(name="fetch")(functools.partial(fetch, key="secret"))
    assert made.description == "Fetch a page."
    assert [*made.parameters["properties"]] == ["url"]
    assert made(**made.bind('{"url": "u"}').named) == "usecret"


# What a model writes


@pytest.mark.parametrize(
    ("annotation", "written", "value"),
    [
        (int, 5, 5),
        (int, "5", 5),
        (int, 5.0, 5),
        (float, 1, 1.0),
        (bool, "true", True),
        (str, "5", "5"),
        (int | str, "5", "5"),
        (str | int, 5, 5),
        (int | None, "null", None),
        (list[int], ["1", 2], [1, 2]),
        (list[int], "[1, 2]", [1, 2]),
        (list[str] | str, "[1, 2]", "[1, 2]"),
        (set[str], ["a", "a"], {"a"}),
        (tuple[int, str], [1, "a"], (1, "a")),
        (dict[str, int], '{"a": 1}', {"a": 1}),
        (dict[int, str], {"1": "a"}, {1: "a"}),
        (Unit, "kelvin", Unit.KELVIN),
        (Answer, 42, Answer.NUMBER),
        (Cat, {"name": "Tom"}, Cat("Tom")),
        (Cat, '{"name": "Tom"}', Cat("Tom")),
        (Contact, {"email": "a"}, {"email": "a"}),
        (Cat | Dog, {"name": "Rex", "breed": "pug"}, Dog("Rex", "pug")),
        (Cat | Dog, {"name": "Tom", "lives": 8}, Cat("Tom", 8)),
        (list[Cat | Dog], [{"name": "Tom", "lives": "8"}], [Cat("Tom", 8)]),
        (list[int] | list[str], ["1", "a"], ["1", "a"]),
        (list[int] | list[str] | None, None, None),
        (date, "2025-01-31", date(2025, 1, 31)),
        (date | str, "2025-01-31", date(2025, 1, 31)),
        (date | str, "tomorrow", "tomorrow"),
        (pathlib.Path | None, "a/b", pathlib.Path("a/b")),
        (Any, {"a": [1]}, {"a": [1]}),
        (bytes, "aGk=", b"hi"),
    ],
    ids=str,
)
def test_converted(annotation: Any, written: Any, value: Any) -> None:
    made = read(annotation, written)
    assert made == value
    assert type(made) is type(value)


def test_how_arguments_reach_the_function() -> None:
    @tool
    def mixed(a: int, b: int = 2, /, c: int = 3, *, d: int = 4) -> None: ...

    assert mixed.bind('{"a": 1}') == mixed.bind({"a": "1"})
    call = mixed.bind('{"a": 1, "c": 5}')
    assert (call.positional, call.named) == ([1, 2], {"c": 5})


@pytest.mark.parametrize("text", ["", "  ", "{}", '"{}"'])
def test_no_arguments(text: str) -> None:
    @tool
    def nothing() -> None: ...

    assert nothing.bind(text).named == {}


def test_null_for_what_may_be_left_out() -> None:
    @tool
    def search(query: str, limit: int = 10, note: str | None = "x") -> None: ...

    named = search.bind('{"query": "a", "limit": null, "note": null}').named
    assert named == {"query": "a", "limit": 10, "note": None}
    assert refusal(search, '{"query": null}') == ["query: expected string, got null"]


def test_all_that_is_wrong_is_told_at_once() -> None:
    assert refusal(weather, '{"town": "Bonn", "days": 11, "unit": "fahrenheit"}') == [
        "town: unknown parameter; the parameters are: city, days, unit",
        "city: missing; expected string",
        "days: expected integer <= 10, got 11",
        'unit: expected one of "kelvin", "celsius", got "fahrenheit"',
    ]


@pytest.mark.parametrize(
    ("annotation", "written", "problem"),
    [
        (int, "many", 'value: expected integer, got "many"'),
        (list[int], [1, "x"], 'value[1]: expected integer, got "x"'),
        (int | None, [], "value: expected integer or null, got []"),
        (Cat, {"lives": 1}, 'value: "name" is missing'),
        (list[Cat], [{"name": 1}], "value[0].name: expected string, got 1"),
        (dict[str, int], {"a": "x"}, "value[...]: expected integer, got str"),
        (tuple[int, int], [1], "value: expected array of length 2, got [1]"),
        (list[Literal["a", "b"]], ["c"], 'value[0]: expected one of "a", "b", got "c"'),
        (Literal["a"], "b", 'value: expected "a", got "b"'),
        (Answer, "no", 'value: expected one of "yes", 42, got "no"'),
        (pathlib.Path, 1, "value: expected string, got 1"),
        (
            date,
            "tomorrow",
            'value: expected string (date); Invalid RFC3339 encoded date, got "tomorrow"',
        ),
        (
            Cat | Dog,
            {},
            "value: none of the possible types fits (Cat: Object missing required field `name`; "
            "Dog: Object missing required field `name`), got {}",
        ),
        (
            Cat | Dog | None,
            {},
            "value: none of the possible types fits (Cat: Object missing required field `name`; "
            "Dog: Object missing required field `name`; null: Expected `null`, got `object`), "
            "got {}",
        ),
        (int, "x" * 200, f'value: expected integer, got "{"x" * 78}…'),
    ],
    ids=str,
)
def test_the_words_for_what_does_not_fit(annotation: Any, written: Any, problem: str) -> None:
    with pytest.raises(Mismatch) as caught:
        read(annotation, written)
    assert caught.value.problems == [problem]
    assert str(caught.value) == f"The arguments do not fit:\n- {problem}"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[1]", "expected a JSON object, got [1]"),
        ("7", "expected a JSON object, got 7"),
        ('{"a": ', "not valid JSON"),
        ('"{"', "not valid JSON"),
        ("\ud800", "not valid JSON"),
    ],
)
def test_what_is_no_object(text: str, words: str) -> None:
    assert words in refusal(weather, text)[0]


@given(st.recursive(st.none() | st.booleans() | st.floats() | st.text(), st.lists, max_leaves=5))
def test_whatever_a_model_writes_is_a_call_or_a_mismatch(value: Any) -> None:
    for text in (json.dumps(value), json.dumps({"city": value, "days": value})):
        try:
            weather.bind(text)
        except Mismatch as mismatch:
            told = str(mismatch)
        else:
            told = ""
        assert "\n- " in told or not told


@pytest.mark.parametrize("depth", [500, 100_000])
@pytest.mark.parametrize("close", ["", "]"])
def test_arguments_too_deep_to_be_meant(depth: int, close: str) -> None:
    problems = refusal(weather, '{"city": ' + "[" * depth + close * depth + "}")
    assert len(problems) == 1
    assert len(problems[0]) < 300


# Definitions written by hand

BY_HAND: dict[str, Any] = {
    "type": "object",
    "properties": {
        "user-id": {"type": "integer"},
        "mode": {"type": ["string", "null"], "enum": ["fast", None]},
        "rest": {},
    },
    "required": ["user-id"],
    "additionalProperties": False,
}


def test_a_schema_written_by_hand_is_told_as_it_is() -> None:
    made = Tool.from_schema("look_up", "Look up.", BY_HAND, lambda **values: values)
    assert made.definition == ToolDefinition("look_up", "Look up.", BY_HAND)
    call = made.bind('{"user-id": 1, "mode": null, "rest": [1]}')
    assert made(**call.named) == {"user-id": 1, "mode": None, "rest": [1]}


def test_what_a_schema_written_by_hand_refuses() -> None:
    made = Tool.from_schema("look_up", "Look up.", BY_HAND)
    assert refusal(made, '{"mode": "slow", "foo": 1}') == [
        "user-id: missing",
        "foo: unknown parameter; the parameters are: user-id, mode, rest",
        'mode: expected one of "fast", null, got "slow"',
    ]
    assert refusal(made, '{"user-id": true}') == ["user-id: expected integer, got true"]


@pytest.mark.parametrize(
    ("kind", "fits", "does_not"),
    [
        ("null", "null", "0"),
        ("boolean", "true", "1"),
        ("integer", "2.0", "2.5"),
        ("number", "2.5", "true"),
        ("string", '""', "1"),
        ("array", "[]", "{}"),
        ("object", "{}", "[]"),
    ],
)
def test_types_of_a_schema_written_by_hand(kind: str, fits: str, does_not: str) -> None:
    made = Tool.from_schema("f", "", {"properties": {"a": {"type": kind}}})
    assert made.bind(f'{{"a": {fits}, "b": 1}}').named["b"] == 1
    assert refusal(made, f'{{"a": {does_not}}}') == [f"a: expected {kind}, got {does_not}"]


def test_a_schema_of_something_else() -> None:
    with pytest.raises(UsageError, match="array"):
        Tool.from_schema("f", "", {"type": "array"})
    with pytest.raises(UsageError, match="properties"):
        Tool.from_schema("f", "", {"properties": ["a"]})
    with pytest.raises(UsageError, match="list of names"):
        Tool.from_schema("f", "", {"required": "a"})
    assert Tool.from_schema("f", "", {}).parameters == {"type": "object", "properties": {}}


def test_a_tool_that_is_answered_elsewhere_cannot_be_called() -> None:
    with pytest.raises(UsageError, match="elsewhere"):
        Tool.from_schema("ask_the_person", "Ask.", {})()


def test_an_error_of_a_tool_is_one_of_ours() -> None:
    assert str(ToolError("No such city.")) == "No such city."
