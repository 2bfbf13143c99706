"""The page's own tools, without a page."""

import re

import pytest

from app.browser.tools import HARMLESS, TOOLS, chosen
from app.core.tools import run


async def called(name: str, arguments: str) -> tuple[str, bool]:
    result = await run(TOOLS[name], arguments)
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


async def test_only_harmless_tools_run_without_approval() -> None:
    usual = {tool.name: tool.needs_approval for tool in chosen(TOOLS, {})}
    assert {name for name, asks in usual.items() if not asks} == HARMLESS
    decided = chosen(TOOLS, {"roll_dice": True, "calculate": False})
    asks = {tool.name: tool.needs_approval for tool in decided}
    assert not asks["roll_dice"]
    assert asks["calculate"]
    assert chosen(["no such tool"], {}) == []
