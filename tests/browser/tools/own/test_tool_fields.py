"""Parameters of a tool as fields and back, without a page."""

from dataclasses import dataclass
from typing import Any, Literal

import pytest

from app.browser.tools.own.tool_fields import WrongField, arguments, fields, signature
from app.core.tools.function_tool import tool


@dataclass
class Place:
    north: float
    east: float


def travel(
    to: str,
    days: int,
    place: Place,
    by: Literal["train", "boat"] = "train",
    is_return: bool = False,
    price: float | None = None,
) -> str:
    """Plan a journey.

    Args:
        to: Where to go.
    """
    return f"{to}{days}{place}{by}{is_return}{price}"


SCHEMA = tool(travel).parameters
FULL = {
    "to": "Lisbon",
    "days": "3",
    "place": '{"north": 38.7, "east": -9.1}',
    "by": '"boat"',
    "is_return": "true",
    "price": "99.5",
}


def test_each_parameter_is_a_field_of_its_kind() -> None:
    known = {field.name: field for field in fields(SCHEMA)}
    kinds = {name: field.kind for name, field in known.items()}
    assert kinds == {
        "to": "text",
        "days": "number",
        "place": "json",
        "by": "choice",
        "is_return": "switch",
        "price": "number",
    }
    assert known["to"].about == "Where to go."
    assert known["to"].required
    assert not known["by"].required
    assert known["by"].choices == ('"train"', '"boat"')
    assert known["by"].default == '"train"'


def test_a_signature_reads_as_python_does() -> None:
    assert signature("travel", SCHEMA) == (
        'travel(to, days, place, by="train", is_return=false, price=null)'
    )
    assert signature("now", {"type": "object"}) == "now()"


def test_what_is_typed_becomes_arguments() -> None:
    assert arguments(fields(SCHEMA), FULL) == {
        "to": "Lisbon",
        "days": 3,
        "place": {"north": 38.7, "east": -9.1},
        "by": "boat",
        "is_return": True,
        "price": 99.5,
    }
    short = arguments(fields(SCHEMA), {"to": "", "days": "3", "place": "{}", "by": " "})
    assert short == {"to": "", "days": 3, "place": {}}


@pytest.mark.parametrize(
    ("name", "typed", "said"),
    [
        ("days", "", "days needs a value."),
        ("days", "three", "days should be a number."),
        ("days", '"3"', "days should be a number."),
        ("days", "true", "days should be a number."),
        ("place", "{", "place should be JSON"),
        ("place", "[" * 5000, "place should be JSON"),
    ],
)
def test_what_cannot_be_meant_is_said_of_its_field(name: str, typed: str, said: str) -> None:
    with pytest.raises(WrongField, match=f"^{said}") as caught:
        arguments(fields(SCHEMA), FULL | {name: typed})
    assert caught.value.name == name


@pytest.mark.parametrize(
    "schema",
    [
        {},
        {"properties": {"x": True}},
        {"properties": {"x": {"type": ["string", "null"]}}},
        {"properties": {"x": {"anyOf": [{"type": "null"}]}}},
    ],
)
def test_any_schema_has_fields(schema: dict[str, Any]) -> None:
    assert [field.kind for field in fields(schema)] in ([], ["json"])
