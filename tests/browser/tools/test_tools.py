"""The page's own tools, without a page."""

import re
from typing import get_args

import pytest

from app.browser.settings.local_settings import LocalSettings
from app.browser.tools.offered_tools import Tools
from app.browser.tools.page_tools import HARMLESS, PAGE_TOOLS
from app.browser.tools.permissions import ToolPermissions
from app.core.running.calls import Decision
from app.core.tools.function_tool import Tool, run
from tests.browser.settings.entries import SharedEntries


def permissions(**approvals: bool) -> ToolPermissions:
    """Make the permissions of a person with these decisions."""
    made = ToolPermissions(LocalSettings(SharedEntries()))
    made.decide(approvals)
    return made


async def called(name: str, arguments: str) -> tuple[str, bool]:
    result = await run(PAGE_TOOLS[name], arguments)
    return result.content, result.is_error


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("(3 + 4) * 2 ** 10", "7168"),
        ("-7 // 2 + 7 % 4", "-1"),
        ("round(sqrt(2) * pi, 3)", "4.443"),
        ("max(1, 2.5, -3)", "2.5"),
        ("factorial(20)", "2432902008176640000"),
        ("2 ** -2", "0.25"),
        ("1e308 * 10", "inf"),
        ("7 - 2 - 1", "4"),
        ("7 / 2", "3.5"),
        ("-(+3)", "-3"),
        ("abs(-3) + min(2, 1) + floor(1.9) + ceil(1.1)", "7"),
        ("sin(0) + cos(0) + tan(0)", "1.0"),
        ("log(e) + log10(100) + exp(0)", "4.0"),
        ("log(8, 2)", "3.0"),
        ("gcd(12, 18)", "6"),
        ("factorial(0)", "1"),
        ("factorial(400) // factorial(399)", "400"),
        ("2 ** 2048 // 2 ** 2047", "2"),
        ("2 ** 0", "1"),
        ("1 ** -5000", "1.0"),
    ],
)
async def test_the_calculator_works_expressions_out(expression: str, value: str) -> None:
    assert await called("calculate", f'{{"expression": "{expression}"}}') == (value, False)


@pytest.mark.parametrize(
    "expression",
    [
        "__import__('os')",
        "().__class__",
        "open('x')",
        "[1, 2]",
        "'a' * 9",
        "True + 1",
        "x",
        "lambda: 1",
        "9 ** 9 ** 9",
        "2 ** 100000 * 1",
        "factorial(100000)",
        "factorial(401)",
        "factorial(-1)",
        "factorial(2.0)",
        "2 ** 2049",
        "2 ** 2048 * 2 ** 2048",
        "1 / 0",
        "sqrt(-1)",
        "(-8) ** 0.5",
        "10.0 ** 400",
        "1 +",
        "",
        "1" * 501,
        "+".join("1" * 200),
        "(" * 249 + "1" + ")" * 249,
        "round(1, ndigits=2)",
        "min()",
    ],
)
async def test_the_calculator_refuses_all_else_in_words(expression: str) -> None:
    content, is_error = await called("calculate", f'{{"expression": "{expression}"}}')
    assert is_error
    assert content
    assert "Traceback" not in content


@pytest.mark.parametrize(
    ("value", "unit", "into", "said"),
    [
        (2, "km", "m", "2000 m"),
        (1, "mi", "km", "1.609344 km"),
        (1, "ft", "in", "12 in"),
        (1, "in", "cm", "2.54 cm"),
        (1, "nmi", "m", "1852 m"),
        (1, "kg", "g", "1000 g"),
        (1, "lb", "oz", "16 oz"),
        (1, "lb", "g", "453.59237 g"),
        (0, "C", "K", "273.15 K"),
        (0, "K", "C", "-273.15 C"),
        (100, "C", "F", "212 F"),
        (-40, "F", "C", "-40 C"),
        (32, "F", "K", "273.15 K"),
    ],
)
async def test_units(value: float, unit: str, into: str, said: str) -> None:
    arguments = f'{{"value": {value}, "from_unit": "{unit}", "to_unit": "{into}"}}'
    assert await called("convert_units", arguments) == (said, False)


async def test_units_are_converted_within_what_they_measure() -> None:
    assert await called("convert_units", '{"value": 10, "from_unit": "nmi", "to_unit": "km"}') == (
        "18.52 km",
        False,
    )
    assert await called("convert_units", '{"value": 212, "from_unit": "F", "to_unit": "C"}') == (
        "100 C",
        False,
    )
    content, is_error = await called(
        "convert_units", '{"value": 1, "from_unit": "kg", "to_unit": "m"}'
    )
    assert is_error
    assert "different things" in content


async def test_dice_stay_within_their_sides() -> None:
    content, is_error = await called("roll_dice", '{"count": 20, "sides": 4}')
    assert not is_error
    rolled = [int(number) for number in re.findall(r"\d+", content)]
    assert len(rolled) == 21
    assert set(rolled[:-1]) <= {1, 2, 3, 4}
    assert rolled[-1] == sum(rolled[:-1])
    assert (await called("roll_dice", '{"count": 0}'))[1]
    assert (await called("roll_dice", '{"count": 1000}'))[1]


async def test_the_time_is_told_here_and_in_utc() -> None:
    content, is_error = await called("current_time", "{}")
    assert not is_error
    assert re.search(r'"utc":"\w+day, \d{4}-\d\d-\d\d \d\d:\d\d:\d\d \+0000"', content)


def test_only_harmless_tools_run_without_approval() -> None:
    usual = Tools(permissions().may_run)
    asks = {tool.name: tool.needs_approval for tool in usual.chosen(usual.names)}
    assert {name for name, is_asked in asks.items() if not is_asked} == HARMLESS
    decided = Tools(permissions(roll_dice=True, calculate=False).may_run)
    asks = {tool.name: tool.needs_approval for tool in decided.chosen(decided.names)}
    assert not asks["roll_dice"]
    assert asks["calculate"]
    assert usual.chosen(["no such tool"]) == []


def test_a_persons_tools_stand_beside_them_and_ask_first() -> None:
    approvals = permissions()
    own = {"shout": Tool.from_schema("shout", "Say it loud.\nMore.", {}, str.upper)}
    tools = Tools(approvals.may_run, lambda: own)
    assert tools.names == [*tools.page_names, "shout"]
    assert tools.own_names == ["shout"]
    assert tools.description("shout") == "Say it loud."
    assert tools.chosen(["shout"])[0].needs_approval
    approvals.let_run("shout", unasked=True)
    assert not tools.chosen(["shout"])[0].needs_approval


def test_what_was_decided_of_a_tool_goes_with_it_and_comes_back_with_it() -> None:
    approvals = permissions(shout=True, calculate=False)
    gone = approvals.forget(["shout", "never decided"])
    assert gone == {"shout": True}
    assert not approvals.may_run("shout")
    assert not approvals.may_run("calculate")
    approvals.restore(gone)
    assert approvals.may_run("shout")


def test_a_decision_holds_as_far_as_it_says() -> None:
    entries = SharedEntries()
    here = ToolPermissions(LocalSettings(entries))
    for decision, name in zip(get_args(Decision), "acdb", strict=True):
        here.take(decision, name, "one")
    assert here.allowed_in("one") == {"c"}
    assert here.allowed_in("another") == set()
    assert [name for name in "abcd" if here.may_run(name)] == ["d"]
    at_the_next_visit = ToolPermissions(LocalSettings(entries))
    assert at_the_next_visit.allowed_in("one") == set()
    assert at_the_next_visit.may_run("d")
    # Another tool of the same name is asked about again.
    here.forget(["c", "d"])
    assert here.allowed_in("one") == set()
    assert not here.may_run("d")


def test_a_name_of_the_page_stays_the_pages() -> None:
    own = {name: Tool.from_schema(name, "Mine.", {}, str.upper) for name in ("calculate", "shout")}
    tools = Tools(permissions().may_run, lambda: own)
    assert tools.own_names == ["shout"]
    assert tools.chosen(["calculate"])[0].description == PAGE_TOOLS["calculate"].description
