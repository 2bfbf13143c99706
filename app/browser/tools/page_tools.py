"""The page's own tools: plain functions that a model may call. They run in this tab and reach
nothing outside of it.
"""

import ast
import math
import operator
import random
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

import msgspec

from ...core.tools.function_tool import Tool, ToolError, tool

# An expression longer than this is no question about numbers.
_MOST_CHARACTERS = 500
_MOST_NODES = 200
# Whole numbers longer than this take a tab for a calculation.
_MOST_BITS = 4096
_MOST_DICE = 100
_MOST_SIDES = 1000


@tool(name="current_time")
def current_time() -> dict[str, str]:
    """Tell the date, the time and the day of the week now, here and in UTC."""
    now = datetime.now(UTC)
    return {"here": _written(now.astimezone()), "utc": _written(now)}


@tool(name="calculate")
def calculate(expression: str) -> str:
    """Work out an arithmetic expression exactly, for example `(3 + 4) * 2 ** 10 / sqrt(7)`.

    Knows + - * / // % **, the functions sqrt, abs, round, min, max, floor, ceil, sin, cos, tan,
    log, log10, exp, factorial, gcd, and pi and e.

    Args:
        expression: In the notation of Python.
    """
    if len(expression) > _MOST_CHARACTERS:
        raise ToolError(f"The expression is longer than {_MOST_CHARACTERS} characters.")
    try:
        tree = ast.parse(expression.strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise ToolError("This is not an arithmetic expression in the notation of Python.") from None
    if sum(1 for _ in ast.walk(tree)) > _MOST_NODES:
        raise ToolError("The expression has too many parts.")
    try:
        value = _value(tree.body)
        return repr(value)
    except ZeroDivisionError:
        raise ToolError("Division by zero.") from None
    except (OverflowError, ValueError, TypeError) as error:
        raise ToolError(f"This has no value: {error}.") from None


@tool(name="roll_dice")
def roll_dice(
    count: Annotated[int, msgspec.Meta(ge=1, le=_MOST_DICE)] = 1,
    sides: Annotated[int, msgspec.Meta(ge=2, le=_MOST_SIDES)] = 6,
) -> dict[str, Any]:
    """Roll dice and tell each of them and their sum.

    Args:
        count: How many dice, up to 100.
        sides: How many sides each has, up to 1000.
    """
    rolled = [random.randint(1, sides) for _ in range(count)]
    return {"rolled": rolled, "sum": sum(rolled)}


_Unit = Literal["m", "km", "mi", "nmi", "ft", "in", "cm", "kg", "g", "lb", "oz", "C", "F", "K"]


@tool(name="convert_units")
def convert_units(value: float, from_unit: _Unit, to_unit: _Unit) -> str:
    """Convert a length, a mass or a temperature.

    Args:
        value: How many of the first unit.
        from_unit: The unit it is given in; C, F and K are degrees.
        to_unit: The unit wanted.
    """
    if from_unit in _DEGREES and to_unit in _DEGREES:
        kelvin = _DEGREES[from_unit][0](value)
        return f"{_DEGREES[to_unit][1](kelvin):g} {to_unit}"
    for table in (_METRES, _GRAMS):
        if from_unit in table and to_unit in table:
            return f"{value * table[from_unit] / table[to_unit]:.10g} {to_unit}"
    raise ToolError(f"{from_unit} cannot become {to_unit}: they measure different things.")


# Those that a person need not be asked about: they tell the model nothing but what it could know.
HARMLESS = frozenset({"current_time", "calculate", "convert_units"})

PAGE_TOOLS: dict[str, Tool] = {
    made.name: made for made in (current_time, calculate, convert_units, roll_dice)
}


def _written(moment: datetime) -> str:
    return moment.strftime("%A, %Y-%m-%d %H:%M:%S %z")


_METRES = {
    "m": 1.0,
    "km": 1000.0,
    "mi": 1609.344,
    "nmi": 1852.0,
    "ft": 0.3048,
    "in": 0.0254,
    "cm": 0.01,
}
_GRAMS = {"kg": 1000.0, "g": 1.0, "lb": 453.59237, "oz": 28.349523125}
_DEGREES: dict[str, tuple[Callable[[float], float], Callable[[float], float]]] = {
    "C": (lambda value: value + 273.15, lambda kelvin: kelvin - 273.15),
    "F": (lambda value: (value + 459.67) * 5 / 9, lambda kelvin: kelvin * 9 / 5 - 459.67),
    "K": (lambda value: value, lambda kelvin: kelvin),
}

_OPERATORS: dict[type[ast.AST], Callable[..., Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
}
_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "sqrt": math.sqrt,
    "abs": abs,
    "round": round,
    "min": min,
    "max": max,
    "floor": math.floor,
    "ceil": math.ceil,
    "sin": math.sin,
    "cos": math.cos,
    "tan": math.tan,
    "log": math.log,
    "log10": math.log10,
    "exp": math.exp,
    "gcd": math.gcd,
}
_NAMES = {"pi": math.pi, "e": math.e}


def _value(node: ast.AST) -> int | float:
    """Walk the expression; only named operations are done, and numbers stay within bounds."""
    match node:
        case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
            return number
        case ast.Name(id=name) if name in _NAMES:
            return _NAMES[name]
        case ast.UnaryOp(op=sign, operand=operand) if type(sign) in _OPERATORS:
            return _within(_OPERATORS[type(sign)](_value(operand)))
        case ast.BinOp(left=left, op=ast.Pow(), right=right):
            return _power(_value(left), _value(right))
        case ast.BinOp(left=left, op=sign, right=right) if type(sign) in _OPERATORS:
            return _within(_OPERATORS[type(sign)](_value(left), _value(right)))
        case ast.Call(func=ast.Name(id="factorial"), args=[argument], keywords=[]):
            number = _value(argument)
            if not isinstance(number, int) or not 0 <= number <= 400:
                raise ToolError("factorial takes a whole number from 0 to 400.")
            return math.factorial(number)
        case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]) if name in _FUNCTIONS:
            return _within(_FUNCTIONS[name](*[_value(argument) for argument in arguments]))
    raise ToolError(f"{ast.unparse(node)[:60]} is nothing that can be worked out here.")


def _power(base: int | float, exponent: int | float) -> int | float:
    if isinstance(base, int) and isinstance(exponent, int):
        if exponent > 0 and base.bit_length() * exponent > _MOST_BITS:
            raise ToolError("The result is too large.")
        if abs(exponent) > _MOST_BITS:
            exponent = float(exponent)
    value = base**exponent
    if isinstance(value, complex):
        raise ToolError("The result is not a real number.")
    return _within(value)


def _within(value: Any) -> int | float:
    if isinstance(value, int) and value.bit_length() > _MOST_BITS:
        raise ToolError("The result is too large.")
    if not isinstance(value, int | float):
        raise ToolError("The result is not a number.")
    return value
